"""The map beside the list: what is chosen on it, drawn on it, and shown before it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import streamlit as st
from streamlit_folium import st_folium

from geo.i18n import N_, _
from geo.vocabulary import ResponsibilityKind
from layers.edit import Drawing, EditTool, Mode, cells_in, drawing_of
from layers.folium_map import WATCHED, base_map, theme_group
from layers.marks import Mark
from layers.tiles import TileService
from pages.ui.desk.state import Desk
from pages.ui.mapview import filling
from pages.ui.view import Bounds, MapState, Point, new_click

MAP_KEY, _STATE_KEY, _CLICK_KEY = "desk_map", "desk_map_state", "desk_click"
_LOOKED_KEY = "desk_looked"
_HEIGHT_PX = 600
_NEAR_DEG = 0.0001  # ten metres: how far beside a household a click may be
_OVERLAYS = {
    ResponsibilityKind.STAFF: ("households",),
    ResponsibilityKind.MENTOR: ("network",),
}
"""What is laid over the cells where a responsibility is about something else."""
CHOOSING = {Mode.CLICK: N_("点选"), Mode.BOX: N_("框选"), Mode.LASSO: N_("圈选")}


def desk_map_state() -> MapState:
    """Where this session's desk looks on the map."""
    return st.session_state.setdefault(_STATE_KEY, MapState())


def look_at(targets: gpd.GeoDataFrame, *, turn: int) -> None:
    """Bring targets into view, once for each ``turn`` of the desk."""
    if st.session_state.get(_LOOKED_KEY) == turn or targets.empty:
        return
    st.session_state[_LOOKED_KEY] = turn
    west, south, east, north = (float(side) for side in targets.total_bounds)
    desk_map_state().show((west, south, east, north))


def choosing_mode() -> Mode:
    """How targets are chosen on the map."""
    chosen = st.segmented_control(
        _("在地图上选择"),
        list(CHOOSING),
        format_func=lambda mode: _(CHOOSING[mode]),
        default=Mode.CLICK,
        key="choosing",
        label_visibility="collapsed",
        required=True,
    )
    return Mode(chosen or Mode.CLICK)


def take_map(desk: Desk, targets: gpd.GeoDataFrame, tool: EditTool) -> None:
    """Use what came back from the map: a click or an outline chooses, anything else is a drawing."""
    returned: Mapping[str, Any] | None = st.session_state.get(MAP_KEY)
    if tool.mode is Mode.CLICK:
        _take_click(desk, targets, returned)
        return
    drawing = drawing_of(returned, tool)
    if tool.mode not in CHOOSING:
        desk.drawn = drawing  # None again when it was taken back in the map
    elif drawing is not None:
        desk.add(chosen_in(targets, drawing))
        desk.turn += 1


def chosen_in(targets: gpd.GeoDataFrame, drawing: Drawing) -> list[str]:
    """Targets in a drawn outline: land by its larger part, points by where they lie."""
    placed = targets[targets.geometry.notna()]
    is_land = shapely.get_dimensions(placed.geometry.to_numpy()) == 2
    land, points = placed[is_land], placed[~is_land]
    inside = shapely.intersects(points.geometry.to_numpy(), shapely.make_valid(drawing.geometry))
    return [*cells_in(land, drawing.geometry), *points["code"][inside]]


def _take_click(desk: Desk, targets: gpd.GeoDataFrame, returned: Mapping[str, Any] | None) -> None:
    point = new_click(returned, st.session_state.get(_CLICK_KEY))
    if point is None:
        return
    st.session_state[_CLICK_KEY] = point
    if code := target_at(targets, point):
        desk.toggle(code)


def target_at(targets: gpd.GeoDataFrame, point: Point) -> str | None:
    """The target at a point: the smallest of several, or a household within a few steps."""
    where = shapely.Point(point.lon, point.lat)
    shapes = targets.geometry.to_numpy()
    is_land = shapely.get_dimensions(shapes) == 2
    hit = np.flatnonzero(is_land & shapely.intersects(shapes, where))
    if hit.size:
        return str(targets["code"].iloc[hit[shapely.area(shapes[hit]).argmin()]])
    near = np.flatnonzero(~is_land & shapely.dwithin(shapes, where, _NEAR_DEG))
    if not near.size:
        return None
    return str(targets["code"].iloc[near[shapely.distance(shapes[near], where).argmin()]])


def draw_desk_map(
    tiles: TileService,
    desk: Desk,
    *,
    tool: EditTool,
    marks: Sequence[Mark],
    township: str,
    as_of: date,
    home: Bounds | None,
) -> None:
    """Draw the map."""
    focus = desk_map_state().focus
    group = theme_group(
        "cell_management",
        as_of=as_of,
        township=township,
        version=tiles.version(WATCHED),
        selected=desk.selected,
        overlays=_OVERLAYS.get(desk.kind, ()),
        tool=tool,
        marks=marks,
    )
    with st.container(key="map"):
        st_folium(
            filling(base_map(home, extent=tiles.bounds(as_of=as_of), editing=True)),
            key=MAP_KEY,
            height=_HEIGHT_PX,
            use_container_width=True,
            returned_objects=["last_clicked", "last_active_drawing"],
            feature_group_to_add=group,
            center=focus.center if focus else None,
            zoom=focus.exact_zoom if focus else None,
        )
