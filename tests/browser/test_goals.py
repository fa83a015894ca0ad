"""The page of goals and checklists in a real browser: from the whole to a village, and filling one in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import Site, running_site
from tests.browser.test_gaps import choose_row

pytestmark = pytest.mark.browser
ROW_PX = 32


@pytest.fixture(scope="module")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of one's own: goals are filled in here."""
    store = tmp_path_factory.mktemp("goals") / "county.gpkg"
    shutil.copy(sample, store)
    with running_site(store) as running:
        yield running


def open_goals(visit: NewVisit, user: str) -> Visit:
    seen = visit()
    seen.log_in(user)
    seen.open_listed("目标清单")
    expect(seen.page.locator(".goals-total")).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    return seen


def side(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-side")


def choose(seen: Visit, row: int, shown: Locator) -> None:
    """Choose a row of the table, after which something is shown."""
    table = seen.page.locator(".st-key-table [data-testid=stDataFrame]")
    choose_row(seen, table, row, lambda ms: expect(shown).to_be_visible(timeout=ms), row_px=ROW_PX)
    seen.wait_until_quiet()


def test_a_leader_goes_from_the_county_to_a_township_and_a_village(visit: NewVisit) -> None:
    seen = open_goals(visit, "leader")
    expect(side(seen)).to_contain_text("不少于 30,000 元/年")
    seen.page.get_by_role("radio", name="村级八项", exact=True).click()
    expect(side(seen)).to_contain_text("已完成的村", timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    villages = seen.page.get_by_role("radio", name="村", exact=True)
    choose(seen, 1, seen.page.locator("[aria-checked=true]", has_text="村").and_(villages))
    choose(seen, 0, side(seen).get_by_role("button", name="返回合计"))
    expect(side(seen)).to_contain_text("村级八项")
    expect(side(seen).locator("summary")).to_have_count(0)
    side(seen).get_by_role("button", name="返回合计").click()
    expect(seen.page.locator(".goals-total")).to_be_visible(timeout=PATIENCE_MS)


def test_a_resident_cadre_fills_in_a_goal_of_the_own_village(visit: NewVisit) -> None:
    seen = open_goals(visit, "resident")
    seen.page.get_by_role("radio", name="村", exact=True).click()
    seen.wait_until_quiet()
    choose(seen, 0, side(seen).get_by_role("button", name="返回合计"))
    side(seen).locator("summary", has_text="填报").click()
    trained = side(seen).get_by_label("培训", exact=False).first
    trained.fill("37")
    side(seen).get_by_role("button", name="保存", exact=True).click()
    expect(seen.page.get_by_test_id("stToast")).to_contain_text("已保存", timeout=PATIENCE_MS)
    expect(side(seen).locator(".goal", has_text="培训")).to_contain_text("37", timeout=PATIENCE_MS)


def test_a_day_and_a_figure_that_were_entered_are_emptied_again(visit: NewVisit) -> None:
    seen = open_goals(visit, "resident")
    seen.page.get_by_role("radio", name="村", exact=True).click()
    seen.wait_until_quiet()
    choose(seen, 0, side(seen).get_by_role("button", name="返回合计"))
    goal = side(seen).locator(".goal", has_text="就业")
    for typed, told in (("12", "12"), ("", "未填报")):
        open_form(seen)
        figure = side(seen).get_by_label("就业", exact=False).first
        figure.fill(typed)
        figure.press("Tab")
        save(seen)
        expect(goal).to_contain_text(told, timeout=PATIENCE_MS)

    seen.page.get_by_role("radio", name="村级八项", exact=True).click()
    item = side(seen).locator(".goal.item").first
    expect(item).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    open_form(seen)
    day = side(seen).get_by_test_id("stDateInput").first
    day.get_by_role("spinbutton").first.press_sequentially("20260302")
    save(seen)
    expect(item).to_contain_text("2026-03-02 起", timeout=PATIENCE_MS)
    open_form(seen)
    expect(day.locator("input").first).to_have_value("2026-03-02")
    day.get_by_role("button", name="Clear").click()
    save(seen)
    expect(item).to_contain_text("未完成", timeout=PATIENCE_MS)


def open_form(seen: Visit) -> None:
    side(seen).locator("summary", has_text="填报").click()
    expect(side(seen).get_by_role("button", name="保存", exact=True)).to_be_visible(timeout=PATIENCE_MS)


def save(seen: Visit) -> None:
    side(seen).get_by_role("button", name="保存", exact=True).click()
    expect(side(seen).get_by_role("button", name="保存", exact=True)).to_be_hidden(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
