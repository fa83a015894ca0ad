"""A village gets on the list and off it again, by five people in real browsers; the board and its pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from geo.access import Actor
from geo.operations.attachments import attach
from geo.operations.rectification import (
    finish_task,
    list_case,
    people_involved,
    plan_from_template,
    put_task,
)
from geo.store.engine import open_store
from geo.store.queries import layer_frame
from geo.store.rectifications import case_tasks, cases
from geo.vocabulary import AttachmentUse, Role
from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import Site, running_site

pytestmark = pytest.mark.browser
TOWNSHIP = "990101101"
COORDINATOR = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}))


@pytest.fixture(scope="module")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of one's own: a village is listed here."""
    store = tmp_path_factory.mktemp("rectify") / "county.gpkg"
    shutil.copy(sample, store)
    with running_site(store) as running:
        yield running


def open_board(visit: NewVisit, user: str, case: str = "") -> Visit:
    seen = visit()
    seen.log_in(user, f"/rectify?case={case}" if case else "/")
    if not case:
        seen.page.get_by_role("link", name="整改", exact=True).click()
    expect(seen.page.locator(".figures")).to_contain_text("销号率", timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    return seen


def side(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-side")


def name(seen: Visit, label: str, text: str) -> None:
    """Look something up by its code in a field and let it be chosen."""
    field = side(seen).get_by_label(label).first
    field.fill(text)
    field.press("Enter")
    expect(side(seen).locator(f"[data-testid=stSelectbox] input[value*='{text}']").last).to_be_attached(
        timeout=PATIENCE_MS
    )
    seen.wait_until_quiet()


def step(seen: Visit, action: str, *, note: str) -> None:
    """Take one step with a sentence."""
    seen.wait_until_quiet()
    pill = side(seen).get_by_role("radio", name=action, exact=True)
    if pill.get_attribute("aria-checked") != "true":
        pill.click()
        seen.wait_until_quiet()
    side(seen).locator("textarea").first.fill(note)
    side(seen).get_by_role("button", name=action, exact=True).last.click()


def expect_state(seen: Visit, state: str) -> None:
    # While it is drawn again the way stands there twice, as it was and as it is.
    expect(side(seen).locator(".case-way b")).to_have_text([state], timeout=PATIENCE_MS)
    seen.wait_until_quiet()


def free_village(site: Site) -> tuple[str, str, str]:
    """A village of the coordinator's that was never listed, its name, and a cadre to answer for it."""
    with open_store(str(site.store)).read() as session:
        listed = set(cases(session, as_of=None)["village_code"].dropna())
        villages = layer_frame(session, "villages", within=(TOWNSHIP,))
        cadres = layer_frame(session, "cadres")
    free = villages[~villages["code"].isin(listed)].iloc[0]
    return free["code"], free["name"], cadres["code"].iloc[0]


def do_all_tasks(site: Site, code: str) -> None:
    """What the village does on the spot: every task with its evidence."""
    store, now = open_store(str(site.store)), datetime.now(UTC)
    picture = BytesIO()
    Image.new("RGB", (64, 48), "#7a8").save(picture, "JPEG")
    with store.read() as session:
        numbers = case_tasks(session, [code])["number"].tolist()
    for number in numbers:
        about = {"use": AttachmentUse.EVIDENCE, "case_code": code, "task_number": number, "now": now}
        attach(store, COORDINATOR, content=picture.getvalue(), filename="会议.jpg", **about)
        finish_task(store, COORDINATOR, code, number, done_on=date.today(), note="已办结", now=now)


def a_checker(site: Site, code: str) -> str:
    """A cadre who has nothing to do with the case."""
    with open_store(str(site.store)).read() as session:
        cadres = layer_frame(session, "cadres")["code"]
        involved = people_involved(session, code, on=date.today())
    return str(cadres[~cadres.isin(involved)].iloc[-1])


def test_a_village_gets_on_the_list_and_off_it_by_different_people(visit: NewVisit, site: Site) -> None:
    village, called, responsible = free_village(site)
    department = open_board(visit, "department")
    department.page.get_by_role("button", name="挂牌", exact=True).click()
    name(department, "村 *", village)
    name(department, "责任人 *", responsible)
    side(department).get_by_label("理由 *").fill("两委不和")
    side(department).get_by_role("button", name="挂牌", exact=True).click()
    expect(side(department).get_by_role("heading", name=called)).to_be_visible(timeout=PATIENCE_MS)
    expect_state(department, "已挂牌")
    code = side(department).locator(".panel .code").first.inner_text().rsplit(" ", 1)[-1]

    coordinator = open_board(visit, "coordinator", code)
    side(coordinator).get_by_role("radio", name="任务与佐证", exact=True).click()
    side(coordinator).get_by_role("button", name="按成因套用方案模板").click()
    expect(side(coordinator).locator("[data-testid=stExpander]")).not_to_have_count(1, timeout=PATIENCE_MS)
    coordinator.wait_until_quiet()
    side(coordinator).get_by_role("radio", name="办理", exact=True).click()
    step(coordinator, "上报方案", note="方案已定")
    expect_state(coordinator, "方案待审")

    department = open_board(visit, "department", code)
    step(department, "批准方案", note="同意")
    expect_state(department, "整改中")

    coordinator = open_board(visit, "coordinator", code)
    expect(side(coordinator)).to_contain_text("还不能“申请销号”", timeout=PATIENCE_MS)
    do_all_tasks(site, code)
    coordinator = open_board(visit, "coordinator", code)
    step(coordinator, "申请销号", note="任务已全部完成")
    expect_state(coordinator, "已申请销号")

    office = open_board(visit, "office", code)
    step(office, "乡镇初审", note="情况属实")
    expect_state(office, "乡镇已初审")

    leader = open_board(visit, "leader", code)
    name(leader, "现场核查人 *", a_checker(site, code))
    step(leader, "核查通过", note="现场看过，班子运转正常")
    expect_state(leader, "核查通过")

    department = open_board(visit, "department", code)
    step(department, "销号", note="同意销号")
    expect_state(department, "已销号")
    side(department).get_by_role("radio", name="经过", exact=True).click()
    expect(side(department).locator("ol.chain li")).to_have_count(7, timeout=PATIENCE_MS)


def test_a_field_of_the_board_opens_its_case_and_others_may_only_look(visit: NewVisit) -> None:
    seen = open_board(visit, "auditor")
    expect(seen.page.get_by_role("button", name="挂牌", exact=True)).to_have_count(0)
    board = seen.page.locator(".st-key-table [data-testid=stVegaLiteChart]")
    expect(board).to_be_visible(timeout=PATIENCE_MS)
    box = board.bounding_box()
    assert box is not None
    seen.page.mouse.click(box["x"] + box["width"] * 0.17, box["y"] + 22)
    expect(side(seen).locator(".case-way")).to_be_visible(timeout=PATIENCE_MS)
    expect(side(seen)).to_contain_text("现在不由您办理")
    for view, place in (("甘特图", "stVegaLiteChart"), ("台账", "stDataFrame")):
        seen.page.get_by_role("radio", name=view, exact=True).click()
        expect(seen.page.locator(f".st-key-table [data-testid={place}]")).to_be_visible(timeout=PATIENCE_MS)
        seen.wait_until_quiet()
    seen.page.get_by_role("radio", name="地图", exact=True).click()
    seen.wait_for_theme("rectification")


def open_code(seen: Visit) -> str:
    """Code of the case that is open."""
    expect(side(seen).locator(".case-way")).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    return side(seen).locator(".panel .code").first.inner_text().rsplit(" ", 1)[-1]


def test_a_case_is_opened_by_its_address_on_each_visit_and_only_once(visit: NewVisit, site: Site) -> None:
    with open_store(str(site.store)).read() as session:
        in_villages = cases(session, as_of=None).dropna(subset="village_code").set_index("code")
    named = in_villages.index[0]
    seen = visit()
    seen.log_in("department", f"/profile%3Fvillage={in_villages.loc[named, 'village_code']}")
    opener = seen.page.locator(f".st-key-open_{named} button")
    opener.click(timeout=PATIENCE_MS)
    assert open_code(seen) == named
    side(seen).get_by_role("button", name="返回", exact=True).click()
    expect(side(seen).locator(".case-way")).to_have_count(0, timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    others = ", ".join(f".st-key-case_{code} button" for code in in_villages.index[1:])
    side(seen).locator(others).first.click()
    assert open_code(seen) != named
    side(seen).get_by_role("button", name="打开村情", exact=True).click()
    choice = seen.page.get_by_role("combobox", name="村", exact=True)
    choice.fill(in_villages.loc[named, "village_code"], timeout=PATIENCE_MS)
    choice.press("Enter")
    opener.click(timeout=PATIENCE_MS)
    assert open_code(seen) == named


def test_somebody_elses_change_is_told_of_and_the_typing_stays(visit: NewVisit, site: Site) -> None:
    store, today = open_store(str(site.store)), date.today()
    village, _called, responsible = free_village(site)
    about = {"subject_kind": "village", "subject_code": village, "cause": "petitions", "note": "信访多"}
    department = Actor("department", Role.DEPARTMENT)
    code = list_case(
        store, department, responsible_code=responsible, listed_on=today, now=datetime.now(UTC), **about
    )
    plan_from_template(store, COORDINATOR, code, now=datetime.now(UTC))
    seen = open_board(visit, "coordinator", code)
    note = side(seen).locator("textarea").first
    note.fill("方案已定")
    task = {"title": "另加一项", "owner_code": responsible, "starts_on": today, "due_on": today}
    put_task(store, department, code, now=datetime.now(UTC), **task)
    send = side(seen).get_by_role("button", name="上报方案", exact=True).last
    send.dblclick()
    expect(side(seen).get_by_role("alert")).to_contain_text("又有改动", timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    expect(note).to_have_value("方案已定")
    expect_state(seen, "已挂牌")
    send.click()
    expect_state(seen, "方案待审")
