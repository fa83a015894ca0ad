"""Every page over an empty store, a store with one village, and a small county."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import pytest
from shapely import MultiPolygon, box
from streamlit.testing.v1 import AppTest

from geo.access import SYSTEM, Actor
from geo.operations.county import init_county
from geo.operations.load import load_frame
from geo.store.engine import Store
from geo.vocabulary import Role
from pages.ui.mapview import STATE_KEY
from pages.ui.view import Point
from tests.pages.conftest import RunPage, html_of

NOW = datetime(2026, 4, 1, tzinfo=UTC)
TOWNSHIP, VILLAGE = "990101101", "990101101201"


@pytest.fixture
def one_village(gpkg_store: Store) -> Store:
    """A store with one township and one village, whose name tries to be markup."""
    shape = [MultiPolygon([box(117.0, 35.0, 117.1, 35.1)])]
    init_county(gpkg_store, SYSTEM, code="990101", name="安和县", now=NOW)
    township = gpd.GeoDataFrame({"code": [TOWNSHIP], "name": ["石桥镇"]}, geometry=shape, crs="EPSG:4490")
    village = gpd.GeoDataFrame(
        {"code": [VILLAGE], "name": ["<b>石桥</b>村"], "township_code": [TOWNSHIP]},
        geometry=shape,
        crs="EPSG:4490",
    )
    load_frame(gpkg_store, SYSTEM, "townships", township, now=NOW, source="test")
    load_frame(gpkg_store, SYSTEM, "villages", village, now=NOW, source="test")
    return gpkg_store


def ask_at(page: AppTest, lon: float, lat: float) -> AppTest:
    page.session_state[STATE_KEY].point = Point(lon, lat)
    return page.run()


@pytest.mark.parametrize("page", ["map_page", "villages_page", "data_page"])
def test_an_empty_store_says_what_to_do(run_page: RunPage, gpkg_store: Store, page: str) -> None:
    shown = run_page(page, gpkg_store)
    assert not shown.exception
    assert not shown.error
    assert 'class="empty"' in html_of(shown)


def test_the_map_page_with_one_village(run_page: RunPage, one_village: Store) -> None:
    shown = run_page("map_page", one_village)
    assert not shown.exception
    assert not shown.error
    assert "1 个村" in html_of(shown)
    # No cells and no households: ratios over nothing are dashes, not full marks.
    assert html_of(shown).count("—") == 3


def test_a_place_is_told_with_its_chain_and_its_name_is_no_markup(
    run_page: RunPage, one_village: Store
) -> None:
    shown = ask_at(run_page("map_page", one_village), 117.05, 35.05)
    html = html_of(shown)
    assert VILLAGE in html
    assert "&lt;b&gt;石桥&lt;/b&gt;村" in html
    assert "<b>石桥" not in html
    assert "此处不在任何网格内" in html
    assert html.count('class="missing"') == 3


def test_a_place_outside_the_county(run_page: RunPage, one_village: Store) -> None:
    assert "县域之外" in html_of(ask_at(run_page("map_page", one_village), 118.0, 36.0))


def test_the_village_page_with_one_village(run_page: RunPage, one_village: Store) -> None:
    shown = run_page("villages_page", one_village)
    assert not shown.exception
    assert len(shown.dataframe[0].value) == 1


def test_the_village_page_with_many_villages(run_page: RunPage, county_store: Store) -> None:
    shown = run_page("villages_page", county_store)
    assert not shown.exception
    assert len(shown.dataframe[0].value) == 24


def test_a_coordinator_sees_the_own_township_only(run_page: RunPage, county_store: Store) -> None:
    coordinator = Actor("coordinator", Role.COORDINATOR, frozenset({"990101101"}))
    shown = run_page("villages_page", county_store, coordinator)
    codes = shown.dataframe[0].value["村代码"]
    assert 0 < len(codes) < 24
    assert codes.str.startswith("990101101").all()


def test_figures_count_the_planted_gaps(run_page: RunPage, county_store: Store, planted) -> None:
    unowned = sum(fault["count"] for fault in planted if fault["kind"] == "cell_unowned")
    assert unowned > 0
    shown = run_page("map_page", county_store)
    shown.date_input(key="as_of").set_value(date(2026, 5, 1)).run()
    assert f"<dt>空白网格</dt><dd>{unowned}</dd>" in html_of(shown)


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.RESIDENT_CADRE])
def test_others_than_writers_may_not_import(run_page: RunPage, county_store: Store, role: Role) -> None:
    scopes = frozenset({"990101101"}) if role is Role.RESIDENT_CADRE else frozenset({""})
    shown = run_page("data_page", county_store, Actor("somebody", role, scopes))
    assert not shown.exception
    shown.get("button_group")[0].set_value("import").run()
    assert "不能导入" in html_of(shown)
