"""Click logic and map orders, without a browser."""

from __future__ import annotations

import pytest

from pages.ui.view import Focus, MapState, Point, focus_on, new_click, zoom_for

BOX, HERE, THERE = (117.0, 35.0, 117.8, 35.5), Point(117.1, 35.1), Point(117.2, 35.2)


def clicked(point):
    return {"last_clicked": {"lat": point.lat, "lng": point.lon}}


@pytest.mark.parametrize("returned", [None, {}, {"last_clicked": None}])
def test_nothing_clicked(returned):
    assert new_click(returned, None) is None


def test_a_click_counts_once():
    returned = {"last_clicked": {"lat": 35.5, "lng": 117.2}}
    first = new_click(returned, None)
    assert first == Point(lon=117.2, lat=35.5)
    assert new_click(returned, first) is None


def test_the_next_click_counts_again():
    seen = Point(lon=117.2, lat=35.5)
    assert new_click({"last_clicked": {"lat": 35.6, "lng": 117.2}}, seen) == Point(lon=117.2, lat=35.6)


def test_a_box_fits_at_the_chosen_zoom_and_not_one_closer():
    bounds = (117.0, 35.0, 117.8, 35.5)
    zoom = zoom_for(bounds, width_px=960, height_px=560)
    degrees_per_px = 360 / 256 / 2**zoom
    assert (bounds[2] - bounds[0]) / degrees_per_px <= 960
    assert (bounds[2] - bounds[0]) / (degrees_per_px / 2) > 960 or (bounds[3] - bounds[1]) / (
        degrees_per_px / 2 * 0.815
    ) > 560


def test_a_single_point_is_not_zoomed_in_without_end():
    assert zoom_for((117.0, 35.0, 117.0, 35.0), width_px=960, height_px=560) == 16


def test_the_same_place_can_be_asked_for_twice():
    bounds = (117.0, 35.0, 117.8, 35.5)
    first, second = focus_on(bounds, turn=1), focus_on(bounds, turn=2)
    assert first.center != second.center
    assert first.center == pytest.approx(second.center, abs=1e-6)


def test_an_order_names_latitude_first():
    assert Focus(lon=117.0, lat=35.0, zoom=12).center == (35.0, 117.0)


def test_a_click_asks_about_the_place_and_does_not_move_the_map():
    state = MapState()
    state.choose_township("", BOX)
    before = state.focus
    assert state.take_click(clicked(HERE))
    assert state.point == HERE
    assert state.focus == before


def test_an_old_click_does_not_undo_a_search():
    state = MapState()
    state.take_click(clicked(HERE))
    state.go_to(THERE)
    assert not state.take_click(clicked(HERE))
    assert state.point == THERE


def test_only_a_new_choice_of_township_moves_the_map():
    state = MapState()
    state.choose_township("", BOX)
    assert state.focus is None
    state.choose_township("990101101", (117.0, 35.0, 117.1, 35.1))
    near = state.focus
    assert near is not None
    state.choose_township("990101101", BOX)
    assert state.focus == near
    state.choose_township("", BOX)
    assert state.focus.zoom < near.zoom


def test_a_township_chosen_on_another_page_is_shown_when_the_map_opens():
    state = MapState()
    state.choose_township("990101101", BOX)
    assert state.focus is not None


def test_a_search_before_the_first_view_is_not_overruled_by_the_whole_county():
    state = MapState()
    state.go_to(THERE)
    state.choose_township("", BOX)
    assert (state.focus.lon, state.focus.lat) == (THERE.lon, THERE.lat)
