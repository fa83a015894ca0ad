"""The forms that change cells themselves: split, merge, redraw, create, retire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import streamlit as st
from shapely.geometry import mapping

from geo.access import Actor
from geo.answers.place import what_is_here
from geo.i18n import N_, _
from geo.operations.requests import CellRequest
from geo.store.engine import Store
from layers.edit import Drawing, EditTool, Mode
from pages.ui.desk.proposing import propose_form
from pages.ui.desk.state import Desk

TASKS = {
    "split": N_("分割"),
    "merge": N_("合并"),
    "redraw": N_("改边界"),
    "create": N_("新建"),
    "retire": N_("停用"),
    "propose": N_("方案"),
}
_DRAWN_BY = {"split": Mode.SPLIT, "redraw": Mode.REDRAW, "create": Mode.DRAW}
_WHAT_TO_CHOOSE = {
    "split": N_("请先选中一个网格，再在地图上画一条穿过它的线（单击落点，双击结束）。"),
    "merge": N_("请选中同一个村内相邻的两个或更多网格。"),
    "redraw": N_("请先选中一个网格，再在地图上拖动它的边界；相邻网格会跟着改。"),
    "create": N_("请在地图上圈出新网格的范围；已有网格的地方会自动扣除。"),
    "retire": N_("请选中要停用的网格。"),
}


def cell_tool(desk: Desk, targets: gpd.GeoDataFrame, choosing: Mode) -> EditTool:
    """What the mouse does on the map for this task and choice."""
    mode = _DRAWN_BY.get(desk.task)
    chosen = targets[targets["code"].isin(desk.selected)]
    if mode is None or (mode is not Mode.DRAW and len(chosen) != 1):
        return EditTool(choosing, serial=desk.turn)
    if mode is Mode.DRAW:
        return EditTool(mode, serial=desk.turn)
    cell = chosen.iloc[0]
    beside = targets[(targets["village_code"] == cell["village_code"]) & (targets["code"] != cell["code"])]
    shape = cell["geometry"] if mode is Mode.REDRAW else None
    around = [*beside.geometry.dropna()] + ([] if mode is Mode.REDRAW else [cell["geometry"]])
    return EditTool(mode, serial=desk.turn, shape=shape, snap_to=around)


def cell_form(
    store: Store, actor: Actor, desk: Desk, targets: gpd.GeoDataFrame, *, as_of: date
) -> CellRequest | None:
    """What is to become of the chosen cells; None until there is enough to say it."""
    if desk.task == "propose":
        return propose_form(store, actor, desk, targets, as_of=as_of)
    chosen = targets[targets["code"].isin(desk.selected)]
    st.caption(_(_WHAT_TO_CHOOSE[desk.task]))
    day = st.date_input(_("生效日期"), as_of, max_value=as_of, format="YYYY-MM-DD", key="cell_on")
    drawing = desk.drawn if isinstance(desk.drawn, Drawing) else None
    if drawing is not None:
        st.button(_("重画"), on_click=_draw_again, args=(desk,))
    asked = _Asked(store, actor, chosen, drawing, as_of)
    said = _FORMS[desk.task](asked)
    if said is None or not isinstance(day, date):
        return None
    village, options = said
    return CellRequest(kind=desk.task, village_code=village, on=day, reason="", **options)


@dataclass(frozen=True)
class _Asked:
    store: Store
    actor: Actor
    chosen: gpd.GeoDataFrame
    drawing: Drawing | None
    as_of: date

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.chosen["code"])

    @property
    def village(self) -> str | None:
        """The one village of the chosen cells."""
        villages = self.chosen["village_code"].unique()
        return str(villages[0]) if len(villages) == 1 else None


_Said = tuple[str, dict[str, object]] | None


def _drawn_over_one(asked: _Asked) -> _Said:
    if asked.drawing is None or len(asked.chosen) != 1 or asked.village is None:
        return None
    return asked.village, {"codes": asked.codes, "geometry": mapping(asked.drawing.geometry)}


def _merge(asked: _Asked) -> _Said:
    if len(asked.chosen) > 1 and asked.village is None:
        st.error(_("选中的网格不在同一个村，不能合并。请只保留同一个村的网格。"))
    if len(asked.chosen) < 2 or asked.village is None:
        return None
    return asked.village, {"codes": asked.codes}


def _create(asked: _Asked) -> _Said:
    if asked.drawing is None:
        return None
    inside = asked.drawing.geometry.representative_point()
    place = what_is_here(asked.store, asked.actor, inside.x, inside.y, as_of=asked.as_of)
    if place.village_code is None:
        st.error(_("所圈范围不在任何村内，请在村界以内重画。"))
        return None
    name = st.text_input(_("名称（可不填）"), key="cell_name")
    named: Sequence[str] = (name.strip(),) if name.strip() else ()
    return place.village_code, {"geometry": mapping(asked.drawing.geometry), "names": tuple(named)}


def _retire(asked: _Asked) -> _Said:
    if asked.chosen.empty or asked.village is None:
        return None
    return asked.village, {"codes": asked.codes}


def _draw_again(desk: Desk) -> None:
    desk.drawn = None
    desk.turn += 1


_FORMS: dict[str, Callable[[_Asked], _Said]] = {
    "split": _drawn_over_one,
    "merge": _merge,
    "redraw": _drawn_over_one,
    "create": _create,
    "retire": _retire,
}
