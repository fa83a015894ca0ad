"""What people do on the map page, in a real browser with the network cut off."""

from __future__ import annotations

import pytest
from mapbox_vector_tile import decode
from playwright.sync_api import expect

from layers.themes import THEMES as LAYER_THEMES
from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import USERS

pytestmark = pytest.mark.browser
THEMES = {theme.title: key for key, theme in reversed(LAYER_THEMES.items())}


def open_map(visit: NewVisit, user: str = "department", **options: object) -> Visit:
    seen = visit(**options)
    seen.log_in(user)
    seen.wait_for_map()
    return seen


def choose_theme(seen: Visit, title: str) -> None:
    seen.page.get_by_role("radio", name=title, exact=True).click()
    seen.wait_for_theme(THEMES[title])


def tile_layers(seen: Visit) -> set[str]:
    """Names of the tile layers in the household tiles that the map asked for."""
    asked = [url for url in seen.requests if "/tiles/" in url and "households" in url]
    assert asked
    answers = [seen.page.request.get(url) for url in asked]
    return {name for answer in answers if answer.status == 200 for name in decode(answer.body())}


@pytest.mark.parametrize("user", USERS)
def test_every_role_sees_villages_on_the_map(visit: NewVisit, user: str) -> None:
    seen = open_map(visit, user)
    assert seen.painted_share() > 0.02
    expect(seen.page.locator(".figures")).to_contain_text("网格有主")


def test_the_map_is_whole_and_large_on_a_small_screen(visit: NewVisit) -> None:
    seen = open_map(visit, width=1366, height=768)
    frame = seen.page.locator(".st-key-map iframe").bounding_box()
    assert frame is not None
    assert frame["y"] + frame["height"] <= 768
    assert frame["width"] * frame["height"] > 0.55 * 1366 * 768


def test_the_map_uses_a_large_screen(visit: NewVisit) -> None:
    seen = open_map(visit, width=1920, height=1080)
    frame = seen.page.locator(".st-key-map iframe").bounding_box()
    assert frame is not None
    assert frame["y"] + frame["height"] > 1040
    height = seen.map_frame.evaluate("map.getSize().y")
    assert height > 880


def test_changing_the_theme_keeps_the_view(visit: NewVisit) -> None:
    seen = open_map(visit)
    seen.map_frame.evaluate(
        "map.setView([map.getCenter().lat + 0.01, map.getCenter().lng], map.getZoom() + 1)"
    )
    seen.wait_for_map()
    before = seen.map_view()
    for title in THEMES:
        choose_theme(seen, title)
        assert seen.map_view() == before


def test_choosing_a_township_goes_there_and_changing_the_theme_stays(visit: NewVisit) -> None:
    seen = open_map(visit)
    before = seen.map_view()
    seen.page.get_by_role("combobox", name="乡镇").click()
    seen.page.get_by_role("option").nth(2).click()
    seen.map_frame.wait_for_function(f"map.getZoom() !== {before[2]}", timeout=PATIENCE_MS)
    seen.wait_for_map()
    there = seen.map_view()
    choose_theme(seen, "缺口")
    assert seen.map_view() == there


def test_a_click_tells_the_village_and_its_owners(visit: NewVisit) -> None:
    seen = open_map(visit)
    before = seen.map_view()
    seen.click_map(0.0, 0.0)
    panel = seen.page.locator(".st-key-side .panel")
    expect(panel.locator(".chain li")).to_have_count(5, timeout=PATIENCE_MS)
    expect(panel.locator(".code").first).to_contain_text("990101")
    expect(panel).to_contain_text("县级领导包村")
    expect(panel).to_contain_text("网格员")
    assert seen.map_view() == before


def test_the_network_is_a_table_too(visit: NewVisit) -> None:
    seen = open_map(visit)
    choose_theme(seen, "责任")
    seen.page.get_by_role("button", name="责任关系表").click()
    dialog = seen.page.get_by_role("dialog")
    expect(dialog.locator("[data-testid=stDataFrame]")).to_be_visible(timeout=PATIENCE_MS)
    download = seen.download(dialog.get_by_role("button", name="下载 CSV"))
    assert download.suggested_filename.endswith(".csv")


def test_a_search_goes_to_the_village(visit: NewVisit) -> None:
    seen = open_map(visit)
    seen.click_map(0.0, 0.0)
    code = seen.page.locator(".st-key-side .panel .code").first
    expect(code).to_contain_text("990101", timeout=PATIENCE_MS)
    village = (code.text_content() or "").rsplit(" ", 1)[-1]
    seen.page.get_by_role("button", name="返回概览").click()
    expect(seen.page.locator(".chain")).to_have_count(0, timeout=PATIENCE_MS)
    before = seen.map_view()
    seen.page.get_by_role("textbox", name="查找").fill(village)
    seen.page.keyboard.press("Enter")
    hits = seen.page.locator(".st-key-hits button")
    expect(hits.first.or_(seen.page.locator(".chain").first)).to_be_visible(timeout=PATIENCE_MS)
    if hits.count():
        hits.first.click()
    expect(code).to_contain_text(village, timeout=PATIENCE_MS)
    seen.map_frame.wait_for_function(f"map.getZoom() !== {before[2]}", timeout=PATIENCE_MS)


def test_positions_of_households_are_for_those_who_may_see_them(visit: NewVisit) -> None:
    for user, layer in (("department", "households"), ("leader", "household_counts")):
        seen = open_map(visit, user)
        seen.page.get_by_role("button", name="图层").click()
        seen.page.get_by_role("button", name="户", exact=True).click()
        seen.page.keyboard.press("Escape")
        seen.page.wait_for_event("requestfinished", lambda request: "households" in request.url)
        seen.map_frame.evaluate("map.setZoom(15)")
        seen.wait_for_map()
        other = {"households": "household_counts", "household_counts": "households"}[layer]
        assert layer in tile_layers(seen)
        if user == "leader":
            assert other not in tile_layers(seen)
