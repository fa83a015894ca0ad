"""A small page that draws with every tool: what a real page does with `layers.edit`, and nothing else."""

from __future__ import annotations

import json
from datetime import date

import streamlit as st
from shapely.geometry import LineString, mapping
from streamlit_folium import st_folium

from geo.answers.theme import cell_attributes, village_attributes
from layers.edit import EditTool, Mode, cells_in, drawing_of
from layers.folium_map import WATCHED, base_map, theme_group
from layers.marks import Mark
from pages.ui.cached import first_as_of
from pages.ui.mapview import filling
from pages.web.current import current_actor, use_browser_language
from pages.web.state import the_store, the_tiles

KEY = "editing_map"


def run() -> None:
    use_browser_language()
    current_actor()
    st.set_page_config(layout="wide")
    st.html(
        "<style>.block-container { padding: 8px; } iframe { height: 86vh !important; }"
        ".st-key-said { display: none; }</style>"
    )
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    as_of = first_as_of(the_store())
    with st.container(horizontal=True):
        for mode in Mode:
            st.button(mode, on_click=_choose, args=(mode,))
        with_marks = st.toggle("marks")
    _map(as_of, with_marks=with_marks)


def _choose(mode: Mode) -> None:
    st.session_state["mode"] = mode
    st.session_state["serial"] = st.session_state.get("serial", 0) + 1


def _map(as_of: date, *, with_marks: bool) -> None:
    cells = cell_attributes(the_store(), as_of=as_of)
    villages = village_attributes(the_store(), as_of=as_of)
    village = villages.loc[villages["code"] == cells["village_code"].mode()[0]].iloc[0]
    own = cells[cells["village_code"] == village["code"]]
    tool = EditTool(
        st.session_state.get("mode", Mode.NONE),
        st.session_state.get("serial", 0),
        shape=own.geometry.iloc[0],
        snap_to=list(own.geometry.iloc[1:]),
        fixed=[village.geometry],
    )
    returned = st.session_state.get(KEY)
    drawing = drawing_of(returned, tool)
    chosen = cells_in(cells, drawing.geometry) if drawing and tool.mode in (Mode.BOX, Mode.LASSO) else []
    group = theme_group(
        "cell_management",
        as_of=as_of,
        version=the_tiles().version(WATCHED),
        selected=chosen,
        tool=tool,
        marks=_marks(own) if with_marks else (),
    )
    home = tuple(village.geometry.buffer(0.002).bounds)
    st_folium(
        filling(base_map(home, extent=the_tiles().bounds(as_of=as_of), editing=True)),
        key=KEY,
        height=500,
        use_container_width=True,
        returned_objects=["last_clicked", "last_active_drawing"],
        feature_group_to_add=group,
    )
    said = {
        "runs": st.session_state["runs"],
        "serial": tool.serial,
        "clicked": (returned or {}).get("last_clicked"),
        "drawing": mapping(drawing.geometry) if drawing else None,
        "chosen": chosen,
        "shape": mapping(own.geometry.iloc[0]),
        "neighbours": [mapping(shape) for shape in own.geometry.iloc[1:]],
        "village": mapping(village.geometry),
    }
    with st.container(key="said"):
        st.text(json.dumps(said))


def _marks(own) -> list[Mark]:
    first, second = own.geometry.iloc[0], own.geometry.iloc[1]
    base = own.geometry.union_all().centroid
    fault = first.centroid.buffer(0.0012)
    return [
        Mark("neighbour", own.geometry.iloc[2]),
        Mark("preview", second, "新 004 · 31 户"),
        Mark("fault", fault, "重叠 320 m²"),
        Mark("line", LineString([base, second.centroid])),
        Mark("base", base, "镇政府"),
    ]


run()
