"""What is chosen on the desk, on the list and on the map, without a browser."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point as Spot
from shapely.geometry import box

from layers.edit import Drawing, Mode
from pages.ui.desk.desk_map import chosen_in, target_at
from pages.ui.desk.state import MOST_SELECTED, NO_LIST, Desk
from pages.ui.desk.target_list import filtered, ordered
from pages.ui.view import Point


def targets():
    shapes = [box(117, 35, 117.1, 35.1), box(117.1, 35, 117.2, 35.1), Spot(117.15, 35.05), None]
    rows = {
        "code": ["left", "right", "home", "nowhere"],
        "name": ["一网格", "二网格", "home", "三网格"],
        "village_name": ["甲村", "甲村", "乙村", None],
        "holders": ["张三", "", "李四、王五", ""],
        "assistants": ["", "", "张三", ""],
        "state": ["owned", "unowned", "contested", "unowned"],
    }
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4490")


def test_a_choice_made_on_the_map_redraws_the_list_and_one_made_in_the_list_does_not():
    desk = Desk()
    assert desk.choose(["a", "b"])
    assert desk.turn == 1
    assert desk.choose(["a"], from_list=True)
    assert desk.turn == 1
    assert not desk.choose(["a"])
    assert desk.turn == 1


def test_a_click_chooses_and_chooses_off():
    desk = Desk()
    desk.toggle("a")
    desk.toggle("b")
    desk.toggle("a")
    assert desk.selected == ["b"]


def test_no_more_is_chosen_than_can_be_worked_on():
    desk = Desk()
    desk.choose(map(str, range(MOST_SELECTED + 5)))
    assert len(desk.selected) == MOST_SELECTED


def test_what_was_seen_first_stays_seen_until_the_choice_changes():
    desk = Desk(selected=["a"])
    assert desk.has_seen({"a": "1"}) == {"a": "1"}
    assert desk.has_seen({"a": "2", "b": "1"}) == {"a": "1", "b": "1"}
    desk.choose(["b"])
    assert desk.has_seen({"a": "2"}) == {"a": "2"}


def test_what_is_gone_is_not_chosen_any_more():
    desk = Desk(selected=["a", "b"])
    desk.keep_only(["b", "c"])
    assert desk.selected == ["b"]


def test_after_saving_nothing_is_chosen():
    desk = Desk(selected=["a"], seen={"a": "1"}, others=("…",))
    desk.finish()
    assert (desk.selected, desk.seen, desk.others) == ([], {}, ())


@pytest.mark.parametrize(
    ("states", "text", "codes"),
    [
        ((), "", ["left", "right", "home", "nowhere"]),
        (("unowned",), "", ["right", "nowhere"]),
        ((), "张三", ["left", "home"]),
        ((), " 甲村 ", ["left", "right"]),
        (("owned", "contested"), "李四", ["home"]),
        ((), "(.*", []),
    ],
)
def test_the_list_is_filtered(states, text, codes):
    assert filtered(targets(), states=states, text=text)["code"].tolist() == codes


def test_marked_rows_are_those_of_the_list_as_it_was_drawn():
    desk = Desk(selected=["elsewhere", "b"], listed=("a", "b", "c"))
    desk.mark([1, 2])
    assert desk.selected == ["elsewhere", "b", "c"]
    desk.mark([0, 9])
    assert desk.selected == ["elsewhere", "a"]
    desk.mark([])
    assert desk.selected == ["elsewhere"]


def test_what_is_chosen_elsewhere_outdates_the_marks_in_the_list():
    desk = Desk(selected=["a"], listed=("a", "b"), list_key="drawn")
    desk.choose([])
    desk.mark([0])
    assert desk.selected == []
    assert desk.list_key == NO_LIST


def test_what_was_chosen_on_the_map_stands_first_in_the_list():
    desk = Desk()
    desk.choose(["home", "right"])
    assert ordered(targets(), desk.first)["code"].tolist() == ["right", "home", "left", "nowhere"]
    desk.choose(["left"], from_list=True)
    assert ordered(targets(), desk.first)["code"].tolist() == ["right", "home", "left", "nowhere"]


def test_an_outline_chooses_land_by_its_larger_part_and_points_by_where_they_lie():
    drawing = Drawing(Mode.LASSO, 1, box(117.04, 34, 117.16, 36))
    assert chosen_in(targets(), drawing) == ["left", "right", "home"]
    assert chosen_in(targets(), Drawing(Mode.BOX, 1, box(117.06, 34, 117.1, 36))) == []


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(117.05, 35.05, "left"), (117.12, 35.02, "right"), (118, 36, None)],
)
def test_a_click_finds_what_is_there(lon, lat, code):
    assert target_at(targets(), Point(lon, lat)) == code


def test_a_click_beside_a_household_finds_it_where_no_land_is_asked_for():
    homes = targets().loc[[2, 3]].reset_index(drop=True)
    assert target_at(homes, Point(117.15005, 35.05)) == "home"
    assert target_at(homes, Point(117.152, 35.05)) is None


def test_nothing_is_found_in_an_empty_list():
    nobody = targets().iloc[:0]
    assert target_at(nobody, Point(117.05, 35.05)) is None
    assert chosen_in(nobody, Drawing(Mode.LASSO, 1, box(117, 35, 118, 36))) == []
    assert isinstance(filtered(nobody, states=("owned",), text="x"), pd.DataFrame)
