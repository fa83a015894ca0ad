"""A leader before an inspection: the worst township, a gap, why it is one, and the list to print."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit

pytestmark = pytest.mark.browser
HEAD_PX, ROW_PX, LEAGUE_ROW_PX, CHECKBOX_PX = 35, 30, 34, 16


def open_gaps(visit: NewVisit, user: str) -> Visit:
    seen = visit()
    seen.log_in(user)
    seen.page.get_by_role("link", name="覆盖缺口", exact=True).click()
    expect(seen.page.locator(".figures")).to_contain_text("缺口", timeout=PATIENCE_MS)
    seen.wait_for_map()
    seen.wait_until_quiet()
    return seen


def choose_row(
    seen: Visit, table: Locator, row: int, done: Callable[[float], None], *, row_px: int = ROW_PX
) -> None:
    """Choose a row of a list by its box, counted from the top.

    ``done`` is given milliseconds and complains unless the choice has its effect in that time. A click on a
    list that is just being drawn again is lost, so it is made again.
    """
    table = table.last  # while a list is drawn again the old one may still stand before it
    for patience_left in (2, 1, 0):
        table.wait_for(timeout=PATIENCE_MS)
        seen.wait_until_quiet()
        box = table.bounding_box()
        if box is None and patience_left:
            continue  # it has just been taken away, to be drawn again
        assert box is not None
        seen.page.mouse.click(box["x"] + CHECKBOX_PX, box["y"] + HEAD_PX + (row + 0.5) * row_px)
        try:
            done(PATIENCE_MS / 3)
        except AssertionError:
            if not patience_left:
                raise
        else:
            return


def narrowed(seen: Visit) -> Callable[[float], None]:
    """Complains unless the filter names one township."""
    return lambda ms: expect(township_of(seen)).not_to_have_value("全部乡镇", timeout=ms)


def widened(seen: Visit) -> Callable[[float], None]:
    """Complains unless the filter names all townships."""
    return lambda ms: expect(township_of(seen)).to_have_value("全部乡镇", timeout=ms)


def township_of(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-filters [data-testid=stSelectbox] input").first


def list_all(seen: Visit) -> Locator:
    """Open the list of all gaps; the list."""
    side(seen).get_by_role("button", name="全部缺口，按轻重排列").click()
    expect(side(seen).get_by_role("heading", name="全部缺口").last).to_be_visible(timeout=PATIENCE_MS)
    return side(seen).locator("[data-testid=stDataFrame]")


def side(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-side")


def gap_count(seen: Visit) -> int:
    text = seen.page.locator(".figures .value").first.inner_text()
    return int(text.replace(",", ""))


def test_a_leader_finds_the_worst_township_reads_why_and_prints_the_list(
    visit: NewVisit, tmp_path: Path
) -> None:
    seen = open_gaps(visit, "leader")
    whole = gap_count(seen)
    seen.page.get_by_role("radio", name="乡镇排行", exact=True).click()
    league = seen.page.locator(".st-key-table [data-testid=stDataFrame]")
    choose_row(seen, league, 0, narrowed(seen), row_px=LEAGUE_ROW_PX)
    seen.wait_until_quiet()
    assert 0 < gap_count(seen) < whole
    name = township_of(seen).input_value()

    why = side(seen).locator(".why").last
    choose_row(seen, list_all(seen), 0, lambda ms: expect(why).to_be_visible(timeout=ms))
    expect(why).to_contain_text(re.compile("[。]$"), timeout=PATIENCE_MS)
    expect(side(seen).locator(".panel")).to_contain_text("谁来办")
    expect(side(seen).locator(".panel")).to_contain_text("为什么排在这里")
    expect(side(seen).locator(".panel .code")).to_contain_text(name)

    seen.wait_until_quiet()
    seen.page.get_by_role("button", name="督查清单").click()
    download = seen.download(seen.page.get_by_role("button", name="PDF", exact=True))
    target = tmp_path / "list.pdf"
    download.save_as(target)
    assert target.read_bytes().startswith(b"%PDF-")
    assert name in download.suggested_filename


def test_a_township_chosen_in_the_league_can_be_left_again(visit: NewVisit) -> None:
    seen = open_gaps(visit, "leader")
    whole = gap_count(seen)
    seen.page.get_by_role("radio", name="乡镇排行", exact=True).click()
    league = seen.page.locator(".st-key-table [data-testid=stDataFrame]").last
    choose_row(seen, league, 1, narrowed(seen), row_px=LEAGUE_ROW_PX)
    seen.wait_until_quiet()
    assert gap_count(seen) < whole

    township_of(seen).click()
    seen.page.get_by_role("option", name="全部乡镇").click()
    expect(seen.page.locator(".figures .value").first).to_have_text(f"{whole:,}", timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    widened(seen)(PATIENCE_MS)

    choose_row(seen, league, 1, narrowed(seen), row_px=LEAGUE_ROW_PX)
    choose_row(seen, league, 1, widened(seen), row_px=LEAGUE_ROW_PX)


def test_the_league_of_one_township_answers_without_a_choice(visit: NewVisit) -> None:
    seen = open_gaps(visit, "coordinator")
    count = gap_count(seen)
    seen.page.get_by_role("radio", name="乡镇排行", exact=True).click()
    league = seen.page.locator(".st-key-table [data-testid=stDataFrame]")
    choose_row(seen, league, 0, lambda _ms: seen.wait_until_quiet(), row_px=LEAGUE_ROW_PX)
    assert gap_count(seen) == count


def test_every_view_answers_and_draws_nothing_from_elsewhere(visit: NewVisit) -> None:
    seen = open_gaps(visit, "leader")
    seen.page.get_by_role("radio", name="五级责任", exact=True).click()
    expect(seen.page.get_by_text("个村五级齐全")).to_be_visible(timeout=PATIENCE_MS)
    seen.page.get_by_role("radio", name="变化", exact=True).click()
    expect(seen.page.get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=PATIENCE_MS)
    expect(seen.page.get_by_role("heading", name=re.compile("新增"))).to_be_visible(timeout=PATIENCE_MS)


def test_a_click_on_the_map_lists_the_gaps_of_that_village(visit: NewVisit) -> None:
    seen = open_gaps(visit, "leader")
    seen.click_map(0.05, 0.02)
    expect(side(seen).get_by_role("button", name="返回", exact=True)).to_be_visible(timeout=PATIENCE_MS)


def test_a_coordinator_goes_from_a_gap_to_the_desk(visit: NewVisit) -> None:
    seen = open_gaps(visit, "coordinator")
    seen.page.get_by_role("button", name="缺口种类").click()
    seen.page.get_by_role("button", name="空白网格", exact=True).click()
    seen.page.keyboard.press("Escape")
    seen.wait_until_quiet()
    act = side(seen).get_by_role("button", name="去办理")
    choose_row(seen, list_all(seen), 0, lambda ms: expect(act).to_be_visible(timeout=ms))
    act.click()
    expect(seen.page.locator(".chosen")).to_contain_text("已选 1 个", timeout=PATIENCE_MS)
