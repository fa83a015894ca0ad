"""A plan on the map: from each taker a line to what it takes."""

from __future__ import annotations

import shapely
import streamlit as st
from streamlit_folium import st_folium

from layers.folium_map import WATCHED, base_map, theme_group
from layers.marks import Mark
from layers.tiles import TileService
from pages.ui.mapview import filling
from pages.ui.plan.state import PlanDesk
from pages.ui.view import Focus, focus_on

MOST_LINES, MOST_BASES = 300, 40
_MAP_KEY, _FOCUS_KEY = "plan_map", "plan_focus"
_THEME = "coverage_gaps"
_ROOM_DEG = 0.01


def draw_plan_map(tiles: TileService, desk: PlanDesk) -> None:
    """Draw the chosen rows; the map looks at all of the plan whenever there is another one."""
    assert desk.plan is not None
    as_of, marks = desk.plan.as_of, marks_of(desk)
    extent = tiles.bounds(as_of=as_of)
    focus = _focus(desk, marks)
    with st.container(key="map"):
        st_folium(
            filling(base_map(extent, extent=extent)),
            key=_MAP_KEY,
            height=600,
            use_container_width=True,
            returned_objects=[],
            feature_group_to_add=theme_group(
                _THEME,
                as_of=as_of,
                township=desk.plan.options.township[:9],
                version=tiles.version(WATCHED),
                marks=marks,
                legend_open=False,
            ),
            center=focus.center if focus else None,
            zoom=focus.exact_zoom if focus else None,
        )


def marks_of(desk: PlanDesk) -> list[Mark]:
    """A line for each chosen row, the weightiest first, and the place of each taker."""
    assert desk.plan is not None
    lines = desk.plan.lines()
    lines = lines[lines["row"].isin(desk.chosen).to_numpy(dtype=bool) & lines.geometry.notna().to_numpy()]
    worst = lines.sort_values("weight", ascending=False, kind="stable").head(MOST_LINES)
    marks = [Mark("line", line) for line in worst.geometry if shapely.length(line) > 0]
    bases = {
        code: shapely.get_point(line, 0) for code, line in zip(worst["to_code"], worst.geometry, strict=True)
    }
    if len(bases) > MOST_BASES:  # houses would hide the lines
        return marks
    return [*marks, *(Mark("base", point) for point in bases.values())]


def _focus(desk: PlanDesk, marks: list[Mark]) -> Focus | None:
    """The order to look at this plan; the same order as before while the plan stays."""
    known = st.session_state.get(_FOCUS_KEY)
    if known is not None and known[0] == desk.turn:
        return known[1]
    if not marks:
        return None
    west, south, east, north = map(float, shapely.total_bounds([mark.geometry for mark in marks]))
    box = (west - _ROOM_DEG, south - _ROOM_DEG, east + _ROOM_DEG, north + _ROOM_DEG)
    focus = focus_on(box, turn=desk.turn, width_px=540)
    st.session_state[_FOCUS_KEY] = (desk.turn, focus)
    return focus
