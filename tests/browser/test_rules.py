"""The page of rules in a real browser: the bar's menu leads there, a value is set and taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import Site, running_site

pytestmark = pytest.mark.browser
CHECKBOX_PX, HEAD_PX, ROW_PX = 15, 34, 33


@pytest.fixture(scope="module")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of one's own: thresholds are set here."""
    store = tmp_path_factory.mktemp("rules") / "county.gpkg"
    shutil.copy(sample, store)
    with running_site(store) as running:
        yield running


def open_rules(visit: NewVisit, user: str) -> Visit:
    seen = visit()
    seen.log_in(user)
    seen.open_more()
    seen.page.get_by_role("link", name="规则", exact=True).click()
    table = seen.page.locator(".st-key-table [data-testid=stDataFrame]")
    expect(table).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    box = table.bounding_box()
    assert box is not None
    seen.page.mouse.click(box["x"] + CHECKBOX_PX, box["y"] + HEAD_PX + ROW_PX * 1.5)
    expect(seen.page.locator(".st-key-side h2")).to_be_visible(timeout=PATIENCE_MS)
    return seen


def test_a_value_is_set_from_tomorrow_and_taken_back(visit: NewVisit) -> None:
    seen = open_rules(visit, "department")
    side = seen.page.locator(".st-key-side")
    side.get_by_role("button", name="设定", exact=True).click()
    expect(side.get_by_test_id("stAlert")).to_contain_text("理由", timeout=PATIENCE_MS)
    side.get_by_test_id("stNumberInputField").fill("12")
    side.get_by_label("理由 *", exact=True).fill("县委会议定")
    side.get_by_role("button", name="设定", exact=True).click()
    expect(side.locator("dl")).to_contain_text("起 12", timeout=PATIENCE_MS)
    side.get_by_label("撤回的理由 *").fill("文件已撤")
    side.get_by_role("button", name="撤回", exact=True).click()
    withdrawn = side.locator("ul", has=seen.page.locator("s"))
    expect(withdrawn.locator("s")).to_contain_text("县委会议定", timeout=PATIENCE_MS)
    expect(withdrawn).to_contain_text("已失效：文件已撤")


def test_others_look_and_the_bar_stays_on_one_line(visit: NewVisit) -> None:
    seen = open_rules(visit, "auditor")
    expect(seen.page.locator(".st-key-side form")).to_have_count(0)
    expect(seen.page.get_by_role("button", name="设定", exact=True)).to_have_count(0)
    bar = seen.page.locator(".st-key-topbar")
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
    heights = bar.locator("[data-testid=stPageLink-NavLink]").evaluate_all(
        "links => links.map(link => link.getBoundingClientRect().height)"
    )
    assert set(heights) == {48}
