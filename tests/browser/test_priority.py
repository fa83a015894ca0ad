"""The page of priority villages in a real browser: views, years, and a decision that is made and ended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
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
    """A server of one's own: decisions are made here."""
    store = tmp_path_factory.mktemp("priority") / "county.gpkg"
    shutil.copy(sample, store)
    with running_site(store) as running:
        yield running


def open_priority(visit: NewVisit, user: str) -> Visit:
    seen = visit()
    seen.log_in(user)
    seen.page.get_by_role("link", name="重点村", exact=True).click()
    expect(seen.page.locator(".figures")).to_contain_text("应派尽派", timeout=PATIENCE_MS)
    seen.wait_for_map()
    seen.wait_until_quiet()
    return seen


def side(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-side")


def villages_with(seen: Visit, label: str) -> int:
    return int(seen.page.locator(".figures > div", has_text=label).locator(".value").inner_text())


def view(seen: Visit, called: str) -> None:
    seen.page.get_by_role("radio", name=called, exact=True).click()
    seen.wait_until_quiet()


def test_the_department_decides_with_a_reason_and_ends_it_again(visit: NewVisit) -> None:
    seen = open_priority(visit, "department")
    view(seen, "疑似与矛盾")
    table = seen.page.locator(".st-key-priority_doubts [data-testid=stDataFrame]")
    shown = side(seen).get_by_role("button", name="打开村情")
    choose_row(seen, table, 0, lambda ms: expect(shown).to_be_visible(timeout=ms), row_px=ROW_PX)
    seen.wait_until_quiet()
    expect(side(seen)).to_contain_text("疑似（未认定）")
    side(seen).locator("summary", has_text="认定…").click()
    label = side(seen).locator("[data-testid=stExpander] [data-testid=stSelectbox] input").first.input_value()
    before = villages_with(seen, label)
    side(seen).get_by_role("button", name="认定", exact=True).click()
    expect(side(seen).get_by_test_id("stAlert")).to_contain_text("理由", timeout=PATIENCE_MS)
    side(seen).get_by_label("理由 *").first.fill("三年未发展党员")
    side(seen).get_by_role("button", name="认定", exact=True).click()
    expect(side(seen).locator(".label", has_text=label)).to_contain_text(
        "三年未发展党员", timeout=PATIENCE_MS
    )
    seen.wait_until_quiet()
    assert villages_with(seen, label) == before + 1
    side(seen).locator("summary", has_text=f"结束认定：{label}").click()
    side(seen).get_by_label("理由 *").last.fill("认定有误")
    side(seen).get_by_role("button", name="结束认定", exact=True).click()
    expect(seen.page.get_by_test_id("stToast")).to_contain_text("记录保留", timeout=PATIENCE_MS)


def test_a_leader_looks_at_another_year_and_compares_two(visit: NewVisit) -> None:
    seen = open_priority(visit, "leader")
    expect(side(seen).locator("summary")).to_have_count(0)
    view(seen, "历年")
    expect(seen.page.locator(".st-key-priority_chart [data-testid=stVegaLiteChart]")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(seen.page.locator(".st-key-priority_changes [data-testid=stDataFrame]")).to_be_visible()
    slider = seen.page.locator(".st-key-filters").get_by_role("slider")
    slider.focus()
    slider.press("ArrowLeft")
    day = seen.page.locator(".st-key-filters [data-testid=stDateInput]")
    expect(day).to_contain_text(str(date.today().year - 1), timeout=PATIENCE_MS)
    expect(day).to_contain_text("12")
    view(seen, "乡镇")
    expect(seen.page.locator(".st-key-table [data-testid=stDataFrame]")).to_be_visible(timeout=PATIENCE_MS)
