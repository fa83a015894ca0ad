"""What comes back from drawing, what is chosen by it, and what the map is given to draw with."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from streamlit_folium import _get_feature_group_string, _get_map_string, generate_js_hash

from geo.i18n import set_language
from layers import offline
from layers.cell_names import COLUMNS
from layers.edit import MOST_VERTICES, EditTool, Mode, cells_in, drawing_of
from layers.edit_words import editing_words
from layers.folium_map import base_map, theme_group
from layers.legend import legend_html
from layers.marks import Mark
from layers.registry import MAP_LAYERS
from layers.styles import MARKS
from layers.themes import CELL_MANAGEMENT, EVERY_THEME, THEMES
from pages.web.assets import PACKAGES
from tests.unit.test_layers_folium_map import AS_OF, ASSETS, BOUNDS
from tests.unit.test_layers_themes import TILE_LAYERS

RING = [[113.1, 33.1], [113.2, 33.1], [113.2, 33.2], [113.1, 33.1]]
LINE = {"type": "LineString", "coordinates": [[113.1, 33.1], [113.2, 33.15]]}
AREA = {"type": "Polygon", "coordinates": [RING]}
SPLIT = EditTool(Mode.SPLIT, 7)
LASSO = EditTool(Mode.LASSO, 7)
REDRAW = EditTool(Mode.REDRAW, 7, shape=Polygon(RING))


def returned(geometry: Any, *, mode: Any = "split", serial: Any = 7) -> dict[str, Any]:
    properties = {"mode": mode, "serial": serial, "turn": 1}
    return {"last_active_drawing": {"type": "Feature", "properties": properties, "geometry": geometry}}


def sent(**given: Any) -> dict[str, Any]:
    """What the browser is told."""
    group = theme_group("cell_management", as_of=AS_OF, **given)
    text = _get_feature_group_string(group, base_map(BOUNDS, editing=True))
    found = re.search(r"Minqing\.show\(map_div, (\{.*\})\);", text)
    assert found
    return json.loads(found[1])


# ---- what comes back


def test_a_line_comes_back_as_it_was_drawn():
    drawing = drawing_of(returned(LINE), SPLIT)
    assert drawing is not None
    assert (drawing.mode, drawing.serial) == (Mode.SPLIT, 7)
    assert mapping(drawing.geometry)["coordinates"] == ((113.1, 33.1), (113.2, 33.15))


def test_a_shape_keeps_parts_and_holes():
    hole = [[113.15, 33.11], [113.16, 33.11], [113.16, 33.12], [113.15, 33.11]]
    far = [[113.5, 33.1], [113.6, 33.1], [113.6, 33.2], [113.5, 33.1]]
    parts = {"type": "MultiPolygon", "coordinates": [[RING, hole], [far]]}
    drawing = drawing_of(returned(parts, mode="redraw"), REDRAW)
    assert drawing is not None
    assert drawing.geometry == MultiPolygon([(RING, [hole]), (far, [])])


@pytest.mark.parametrize(
    ("given", "tool"),
    [
        (None, SPLIT),
        ({}, SPLIT),
        ({"last_active_drawing": None}, SPLIT),
        ({"last_active_drawing": {"type": "Feature", "geometry": LINE, "properties": {}}}, SPLIT),
        ({"last_active_drawing": {"type": "Point", "coordinates": [113.1, 33.1]}}, SPLIT),
        (returned(LINE, serial=6), SPLIT),
        (returned(LINE, mode="draw"), SPLIT),
        (returned(AREA), SPLIT),
        (returned(LINE, mode="lasso"), LASSO),
        (returned(None), SPLIT),
        (returned(LINE, mode="none"), EditTool(Mode.NONE, 7)),
        (returned(LINE, mode="click"), EditTool(Mode.CLICK, 7)),
    ],
)
def test_what_this_tool_did_not_draw_is_nothing(given: Any, tool: EditTool) -> None:
    assert drawing_of(given, tool) is None


@pytest.mark.parametrize(
    "coordinates",
    [
        None,
        "113.1,33.1",
        [],
        [[113.1, 33.1]],
        [[113.1, 33.1], [113.1, 33.1]],
        [[113.1, 33.1], [113.2, math.nan]],
        [[113.1, 33.1], [113.2, math.inf]],
        [[113.1, 33.1], [113.2, None]],
        [[113.1, 33.1], [113.2]],
        [[113.1, 33.1], [33.1, 113.1]],
        [[113.1, 33.1], [10**400, 33.1]],
        [[[113.1, 33.1], [113.2, 33.1]]],
        {"x": 1},
    ],
)
def test_absurd_lines_are_nothing(coordinates: Any) -> None:
    assert drawing_of(returned({"type": "LineString", "coordinates": coordinates}), SPLIT) is None


@pytest.mark.parametrize(
    "rings",
    [[], [[]], [RING[:2]], [[RING[0]] * 4], [RING, None], [[[113.1, 33.1], [113.2, 33.1], [113.3, 33.1]]]],
)
def test_absurd_areas_are_nothing(rings: Any) -> None:
    assert drawing_of(returned({"type": "Polygon", "coordinates": rings}, mode="lasso"), LASSO) is None


@pytest.mark.parametrize(("corners", "is_taken"), [(MOST_VERTICES, True), (MOST_VERTICES + 1, False)])
def test_there_is_a_limit_of_corners(corners: int, is_taken: bool) -> None:
    coordinates = [[113.0 + n * 1e-5, 33.1] for n in range(corners)]
    found = drawing_of(returned({"type": "LineString", "coordinates": coordinates}), SPLIT)
    assert (found is not None) is is_taken


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


@given(coordinates=JSON, kind=st.sampled_from(["Polygon", "MultiPolygon", "Point", 3]))
def test_nothing_that_is_sent_can_break_the_page(coordinates: Any, kind: Any) -> None:
    found = drawing_of(returned({"type": kind, "coordinates": coordinates}, mode="redraw"), REDRAW)
    assert found is None or shapely.make_valid(found.geometry).area > 0


@given(st.lists(st.tuples(st.floats(73, 136), st.floats(3, 54)), min_size=2, max_size=9, unique=True))
def test_coordinates_are_not_rounded_on_their_way(corners: list[tuple[float, float]]) -> None:
    text = json.dumps(returned({"type": "LineString", "coordinates": corners}))
    drawing = drawing_of(json.loads(text), SPLIT)
    assert drawing is not None
    assert list(drawing.geometry.coords) == corners


# ---- what is chosen


def cells(*shapes: Any) -> gpd.GeoDataFrame:
    codes = [f"99010110100100{n}" for n in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=list(shapes), crs="EPSG:4490")


def test_a_cell_is_chosen_by_half_of_its_land():
    inside, half, less, outside = box(0, 0, 1, 1), box(1, 0, 3, 1), box(1, 1, 3.1, 2), box(5, 5, 6, 6)
    frame = cells(inside, half, less, outside, None)
    assert cells_in(frame, box(-1, -1, 2, 3)) == ["990101101001000", "990101101001001"]


def test_a_lasso_that_crosses_itself_still_chooses():
    knot = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert cells_in(cells(box(0.1, 0.9, 0.3, 1.1), box(0.9, 1.6, 1.1, 1.8)), knot) == ["990101101001000"]


def test_a_cell_with_a_faulty_border_can_be_chosen():
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert cells_in(cells(bow_tie), box(-1, -1, 2, 2)) == ["990101101001000"]


def test_of_no_cells_none_is_chosen():
    assert cells_in(cells(), box(0, 0, 1, 1)) == []


# ---- what the map is given


def test_a_map_for_looking_loads_nothing_for_drawing():
    root = base_map(BOUNDS).get_root()
    root.render()
    text = root.header.render() + root.script.render()
    assert "geoman" not in text
    assert "edit.js" not in text
    assert "startEditing" not in text


def test_a_map_for_drawing_loads_it_from_here():
    root = base_map(BOUNDS, editing=True).get_root()
    root.render()
    links = set(re.findall(r'(?:src|href)="([^"]+)"', root.header.render() + root.script.render()))
    extra = links - set(offline.map_links())
    assert extra == {
        offline.GEOMAN_JS,
        offline.GEOMAN_CSS,
        offline.own_file("edit.js"),
        offline.own_file("edit.css"),
    }
    for link in (offline.GEOMAN_JS, offline.GEOMAN_CSS):
        path = link.removeprefix("/assets/")
        assert path.split("/")[0] in PACKAGES
        assert (ASSETS / path).is_file()
    declared = json.loads((ASSETS.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert re.fullmatch(r"[\d.]+", declared["@geoman-io/leaflet-geoman-free"])


def test_a_map_for_drawing_is_not_made_anew_by_the_next_run():
    keys = set()
    for _run in range(2):
        drawn = base_map(BOUNDS, editing=True)
        drawn.get_root().render()
        keys.add(generate_js_hash(_get_map_string(drawn), "map"))
    assert len(keys) == 1


def test_the_shape_goes_to_the_browser_unrounded():
    shape = Polygon([(113.1234567890123, 33.1), (113.2, 33.1987654321098), (113.15, 33.3)])
    tool = sent(tool=EditTool(Mode.REDRAW, 3, shape=shape))["tool"]
    assert shapely.geometry.shape(tool["shape"]) == shape
    assert tool["isSound"] is True


def test_corners_on_a_fixed_border_are_named():
    shape, village = box(113.1, 33.1, 113.2, 33.2), box(113.1, 33.0, 113.4, 33.4)
    tool = EditTool(Mode.REDRAW, 1, shape=shape, fixed=[village], snap_to=[village, Polygon()]).as_json()
    assert sorted(tool["fixed"]) == [[113.1, 33.1], [113.1, 33.2]]
    assert len(tool["snapTo"]) == 1
    assert EditTool(Mode.REDRAW, 1, shape=shape).as_json()["fixed"] == []


def test_several_choices_are_emphasised_and_one_asked_for_is_not_a_choice():
    many = [f"9901011010010{n:02}" for n in range(99, 0, -1)]
    assert sent(selected=many)["selected"] == sorted(many)
    assert sent(selected=many)["isChoice"] is True
    assert sent(selected="990101101001")["selected"] == ["990101101001"]
    assert sent(selected="990101101001")["isChoice"] is False


def test_without_a_tool_or_marks_nothing_of_them_is_sent():
    assert not {"tool", "marks"} & sent().keys()


def test_marks_carry_their_words_and_where_they_stand():
    shape = Polygon([(0, 0), (9, 0), (9, 1), (1, 1), (1, 9), (0, 9)])
    marks = [Mark("fault", shape, "重叠 <b>"), Mark("line", shape.exterior), Mark("preview", Polygon())]
    fault, line = sent(marks=marks)["marks"]
    lat, lon = fault["at"]
    assert shape.contains(shapely.Point(lon, lat))
    assert fault["text"] == "重叠 <b>"
    assert line["kind"] == "line"


def test_every_kind_of_mark_has_its_look_and_none_rests_on_colour():
    signs = {(look.pattern, look.dash, look.radius, bool(look.fill)) for look in MARKS.values()}
    assert len(signs) == len(MARKS) == 6


def test_words_follow_the_language():
    chinese = editing_words()
    set_language("en")
    try:
        assert editing_words()["language"] == "en"
    finally:
        set_language("zh")
    assert chinese["language"] == "zh"
    assert set(chinese["hints"]) == {str(mode) for mode in Mode} - {"none"}


# ---- the theme


def test_the_theme_for_managing_cells_is_there_but_not_offered():
    assert CELL_MANAGEMENT.key not in THEMES
    assert EVERY_THEME[CELL_MANAGEMENT.key] is CELL_MANAGEMENT
    assert sent()["declared"]["layers"] == list(CELL_MANAGEMENT.layers)
    legend = legend_html("cell_management")
    assert all(rule.label in legend for _step, rule in CELL_MANAGEMENT.legend)


def test_it_asks_only_for_what_tiles_carry():
    carried = {**TILE_LAYERS, "cell_names": {*COLUMNS, "room"}}
    assert set(CELL_MANAGEMENT.layers) <= set(MAP_LAYERS)
    for step in CELL_MANAGEMENT.steps:
        asked = {name for rule in step.rules for name in rule.when} | set(re.findall(r"\{(\w+)\}", step.more))
        assert asked <= carried[step.layer]


def test_its_cells_lie_below_the_borders_of_villages():
    layers = [step.layer for step in CELL_MANAGEMENT.steps]
    assert max(n for n, name in enumerate(layers) if name == "cells") < layers.index("villages")
