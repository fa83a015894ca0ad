"""A coordinator's day, and two coordinators on one cell, in real browsers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, expect

from geo.access import SYSTEM
from geo.operations.journal import set_approval, submit
from geo.operations.requests import EndRequest
from geo.store.audit import verify
from geo.store.engine import Store, open_store
from geo.store.queries import layer_frame, responsibilities
from geo.vocabulary import ResponsibilityKind
from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import Site, running_site

pytestmark = pytest.mark.browser
TOWNSHIP = "990101101"
TODAY = date.today()
HEAD_PX, ROW_PX, CHECKBOX_PX = 35, 30, 16


@pytest.fixture(scope="module")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of this module's own, with three unowned cells in the coordinator's township."""
    path = tmp_path_factory.mktemp("grid") / "county.gpkg"
    shutil.copy(sample, path)
    store = open_store(str(path))
    _end_until_three_are_free(store)
    store.close()
    with running_site(path) as site:
        yield site


@pytest.fixture
def store(site: Site) -> Iterator[Store]:
    """The store behind the server, opened beside it."""
    opened = open_store(str(site.store))
    yield opened
    opened.close()


def _end_until_three_are_free(store: Store) -> None:
    owned, free = owners(store), free_cells(store)
    ending = sorted(owned)[: 3 - len(free)]
    request = EndRequest(str(ResponsibilityKind.GRID_OFFICER), tuple(ending), TODAY, "调离")
    submit(store, SYSTEM, request, now=datetime.now(UTC), today=TODAY, confirmed=True)
    assert len(free_cells(store)) == 3


def owners(store: Store) -> dict[str, str]:
    """Primary officer of each cell of the township today."""
    with store.read() as session:
        held = responsibilities(session, as_of=TODAY, kinds=["grid_officer"], within=(TOWNSHIP,))
    first = held[held["rank"] != "assistant"]
    return dict(zip(first["target_code"], first["holder_code"], strict=True))


def cells(store: Store) -> list[str]:
    with store.read() as session:
        return layer_frame(session, "cells", as_of=TODAY, within=(TOWNSHIP,))["code"].tolist()


def free_cells(store: Store) -> set[str]:
    return set(cells(store)) - set(owners(store))


def open_desk(visit: NewVisit) -> Visit:
    seen = visit()
    seen.log_in("coordinator")
    seen.page.get_by_role("link", name="网格管理", exact=True).click()
    seen.wait_for_map()
    seen.wait_until_quiet()
    return seen


def side(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-side")


def find(seen: Visit, text: str) -> None:
    """Filter the list by a text."""
    box = seen.page.get_by_label("筛选", exact=True)
    box.fill(text)
    box.press("Enter")
    seen.wait_until_quiet()


def choose_all(seen: Visit, count: int) -> None:
    """Choose everything that the list shows, once it shows so many: a filter may still be at work."""
    chosen = seen.page.locator(".chosen")
    for patience_left in (2, 1, 0):
        seen.page.get_by_role("button", name="全选", exact=True).click()
        expect(chosen).to_contain_text("已选", timeout=PATIENCE_MS)
        seen.wait_until_quiet()
        if f"已选 {count} 个" in chosen.inner_text() or not patience_left:
            break
    expect(chosen).to_contain_text(f"已选 {count} 个")


def choose_task(seen: Visit, task: str) -> None:
    side(seen).get_by_role("radio", name=task, exact=True).click()
    seen.wait_until_quiet()


def pick(seen: Visit, label: str, text: str = "", *, offer: int = 0) -> None:
    """Choose one of the offers of a field, or what is typed."""
    field = side(seen).get_by_label(label, exact=True).last
    field.click()
    if text:
        field.fill(text)
        seen.page.get_by_role("option").first.wait_for(timeout=PATIENCE_MS)
        field.press("Enter")
    else:
        seen.page.get_by_role("option").nth(offer).click()
    seen.wait_until_quiet()


def save(seen: Visit) -> None:
    """Save and wait until the page says so."""
    button = side(seen).get_by_role("button", name="保存", exact=True)
    expect(button).to_be_enabled(timeout=PATIENCE_MS)
    button.click()


def expect_said(seen: Visit, text: str) -> None:
    expect(seen.page.get_by_test_id("stToast").last).to_contain_text(text, timeout=PATIENCE_MS)
    seen.wait_until_quiet()


def test_a_coordinators_day(visit: NewVisit, store: Store, tmp_path: Path) -> None:
    seen = open_desk(visit)
    free = free_cells(store)
    officer = fill_gaps(seen, store, free)
    split_one(seen, store, free, officer)
    before = held_by(store, officer)
    hand_over(seen, store, officer)
    undo(seen)
    assert held_by(store, officer) == before
    assert listed(seen, tmp_path / "list.xlsx") == set(cells(store))
    with store.read() as session:
        assert verify(session).is_whole


def fill_gaps(seen: Visit, store: Store, free: set[str]) -> str:
    """Find the three cells without an owner and give them one; says whom."""
    show_free(seen)
    choose_all(seen, 3)
    pick(seen, "责任人")
    pick(seen, "事由（必填）", "补齐空白")
    expect(side(seen).locator(".numbers")).to_contain_text("3消除空白、多头或过载")
    confirm(seen)
    save(seen)
    expect_said(seen, "已保存")
    show_free(seen)
    (officer,) = {owners(store)[code] for code in free}
    return officer


def split_one(seen: Visit, store: Store, free: set[str], officer: str) -> None:
    """Split the largest of them by a line drawn across it; both parts keep the officer."""
    known, code = set(cells(store)), largest(store, free)
    find(seen, code)
    choose_all(seen, 1)
    choose_task(seen, "分割")
    draw_across(seen, store, code)
    pick(seen, "事由（必填）", "网格调整")
    confirm(seen)
    save(seen)
    expect_said(seen, "划分为")
    assert code not in cells(store)
    children = set(cells(store)) - known
    assert len(children) == 2
    assert {owners(store)[child] for child in children} == {officer}


def hand_over(seen: Visit, store: Store, officer: str) -> None:
    """Hand over everything that the officer holds."""
    seen.page.goto(f"{seen.site.url}/holder?holder={officer}")
    seen.page.get_by_role("tab", name="移交").click()
    seen.page.get_by_role("button", name="提出接手方案").click()
    expect(side(seen).get_by_label("事由（必填）").last).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    pick(seen, "事由（必填）", "人员变动")
    confirm(seen)
    save(seen)
    expect_said(seen, "已保存")
    assert not held_by(store, officer)


def undo(seen: Visit) -> None:
    seen.page.get_by_role("link", name="网格管理", exact=True).click()
    seen.wait_for_map()
    seen.wait_until_quiet()
    seen.page.get_by_role("button", name="撤销上一步").click()
    expect_said(seen, "撤销")


def listed(seen: Visit, path: Path) -> set[str]:
    """Codes in the list that was taken along."""
    find(seen, "")
    seen.page.get_by_role("button", name="下载名单").click()
    downloading = seen.download(seen.page.get_by_role("button", name="Excel", exact=True))
    downloading.save_as(path)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    return {row[rows[0].index("代码")] for row in rows[1:]}


def held_by(store: Store, officer: str) -> set[str]:
    return {cell for cell, holder in owners(store).items() if holder == officer}


def show_free(seen: Visit) -> None:
    """Switch the filter of unowned cells on or off."""
    seen.page.locator(".st-key-filters").get_by_text("空白", exact=True).click()
    seen.wait_until_quiet()


def test_the_second_of_two_is_told_and_loses_nothing(visit: NewVisit, store: Store) -> None:
    first, second = open_desk(visit), open_desk(visit)
    code = sorted(owners(store))[0]
    for number, seen in enumerate((first, second)):
        find(seen, code)
        choose_all(seen, 1)
        pick(seen, "责任人", offer=number + 1)
    pick(first, "事由（必填）", "日常调整")
    pick(second, "事由（必填）", "群众来信要求换人")
    save(first)
    expect_said(first, "已保存")
    held = owners(store)[code]
    save(second)
    told = side(second).get_by_test_id("stAlert").first
    expect(told).to_contain_text("coordinator", timeout=PATIENCE_MS)
    expect(side(second)).to_contain_text("您填写的内容都还在")
    expect(side(second).get_by_label("事由（必填）").last).to_have_value("群众来信要求换人")
    assert owners(store)[code] == held


def test_what_one_saves_appears_on_the_others_map(visit: NewVisit, store: Store) -> None:
    first, second = open_desk(visit), open_desk(visit)
    code = sorted(owners(store))[1]
    find(first, code)
    choose_all(first, 1)
    choose_task(first, "结束")
    pick(first, "事由（必填）", "人员变动")
    confirm(first)
    with second.page.expect_response(lambda response: "/tiles/" in response.url, timeout=PATIENCE_MS) as got:
        save(first)
        expect_said(first, "已保存")
    assert got.value.status == 200
    assert code not in owners(store)


def test_a_change_that_waits_is_approved(visit: NewVisit, store: Store) -> None:
    ask = {"now": datetime.now(UTC), "reason": "试行审批"}
    set_approval(store, SYSTEM, TOWNSHIP, True, **ask)
    code = sorted(owners(store))[2]
    before = owners(store)[code]
    coordinator, department = open_desk(visit), visit()
    find(coordinator, code)
    choose_all(coordinator, 1)
    pick(coordinator, "责任人", offer=1)
    pick(coordinator, "事由（必填）", "人员变动")
    confirm(coordinator)
    save(coordinator)
    expect_said(coordinator, "等待县委组织部审批")
    assert owners(store)[code] == before

    department.log_in("department")
    department.page.get_by_role("link", name="变更", exact=True).click()
    table = department.page.locator(".st-key-table [data-testid=stDataFrame]")
    expect(table).to_be_visible(timeout=PATIENCE_MS)
    department.wait_until_quiet()
    box = table.bounding_box()
    assert box is not None
    department.page.mouse.click(box["x"] + CHECKBOX_PX, box["y"] + HEAD_PX + ROW_PX / 2)
    department.page.get_by_role("button", name="批准", exact=True).click(timeout=PATIENCE_MS)
    expect_said(department, "已保存")
    assert owners(store)[code] != before
    bar = department.page.locator(".st-key-topbar")
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "fixed"  # the page's look is still there
    set_approval(store, SYSTEM, TOWNSHIP, False, **ask)


def confirm(seen: Visit) -> None:
    """Accept the consequences, where there are some."""
    box = side(seen).get_by_text("我已知悉并确认")
    if box.count():
        box.click()
        seen.wait_until_quiet()


def largest(store: Store, codes: set[str]) -> str:
    with store.read() as session:
        frame = layer_frame(session, "cells", as_of=TODAY, within=(TOWNSHIP,))
    chosen = frame[frame["code"].isin(codes)].set_index("code")
    return str(chosen.geometry.to_crs(4548).area.idxmax())


def draw_across(seen: Visit, store: Store, code: str) -> None:
    """Draw a line through the middle of a cell, from beyond its western to beyond its eastern end."""
    with store.read() as session:
        frame = layer_frame(session, "cells", as_of=TODAY, within=(TOWNSHIP,)).set_index("code")
    shape = frame.geometry[code]
    west, south, east, north = shape.bounds
    lat, room = (south + north) / 2, (east - west) / 10
    seen.map.locator(".leaflet-container[data-drawing='split']").wait_for(timeout=PATIENCE_MS)
    box = seen.page.locator(".st-key-map iframe").bounding_box()
    assert box is not None
    for lon in (west - room, east + room):
        x, y = seen.map_frame.evaluate(
            f"Object.values(map.latLngToContainerPoint([{float(lat)!r}, {float(lon)!r}]))"
        )
        seen.page.mouse.click(box["x"] + x, box["y"] + y)
    seen.map.get_by_role("button", name="完成").click()
    expect(side(seen).locator(".review").first).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
