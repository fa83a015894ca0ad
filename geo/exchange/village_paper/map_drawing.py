"""The map of a village on paper: its neighbours, its cells by state, its households and its team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from fpdf import FPDF

from geo.exchange.paper_area import draw_area, outline
from geo.exchange.paper_fit import Box, put_in, shortened
from geo.exchange.paper_flow import GREY, LINE
from geo.exchange.paper_look import (
    CELL_LINE,
    CELLS,
    LAND,
    PAIRED,
    PAPER,
    TEAM,
    UNPAIRED,
    VILLAGE_LINE,
    colour,
)
from geo.exchange.paper_text import width_of
from geo.exchange.village_paper.map_view import MapView, view_of
from geo.exchange.village_paper.names import Names, write
from geo.exchange.village_profile import VillageMap
from geo.i18n import _

MARK_RADIUS = 5.0
_WHITE = (255, 255, 255)
_CELL_SIZES, _NEIGHBOUR_SIZES = (7.0, 6.0, 5.0), (7.5, 6.5)
_DOT, _SMALL_DOT, _MANY = 1.5, 0.9, 500
_NAME_ROOM = 70.0


def draw_map(sheet: FPDF, frame: Box, shown: VillageMap) -> MapView | None:
    """Draw the map into its frame; returns how it lies there, None where the village has no place."""
    view = view_of(shown.village, frame)
    sheet.set_fill_color(*colour(PAPER))
    sheet.rect(frame.left, frame.top, frame.width, frame.height, style="F")
    if view is None:
        told = Box(frame.left, frame.top + frame.height / 2 - 6, frame.width, 12)
        put_in(sheet, told, _("没有村界，无法绘图"), 9.0, align="center", colour=GREY)
    else:
        _draw_ground(sheet, view, shown)
    _frame(sheet, frame)
    return view


def _draw_ground(sheet: FPDF, view: MapView, shown: VillageMap) -> None:
    land = shapely.union_all(view.on_page(shown.village))
    around, cells = view.on_page(shown.neighbours), view.on_page(shown.cells)
    for neighbour in around:
        outline(sheet, neighbour, colour(CELL_LINE.stroke), 0.6)
    draw_area(sheet, land, LAND)
    _draw_cells(sheet, cells, shown.cells)
    outline(sheet, land, colour(VILLAGE_LINE.stroke), VILLAGE_LINE.weight)
    if shown.households is not None:
        _draw_households(sheet, view, shown.households)
    names = Names(view.window)
    _draw_team(sheet, view, shown.cadres, names)
    _name_cells(sheet, cells, shown, names)
    outside = [shapely.difference(neighbour, land) for neighbour in around]
    _name_neighbours(sheet, outside, shown.neighbours["name"], names)


def _frame(sheet: FPDF, frame: Box) -> None:
    sheet.set_draw_color(*LINE)
    sheet.set_line_width(0.8)
    sheet.rect(frame.left, frame.top, frame.width, frame.height)


def _draw_cells(sheet: FPDF, shapes: Any, cells: gpd.GeoDataFrame) -> None:
    """Quiet cells first: the outlines of those that need attention stand on top."""
    order = {state: at for at, state in enumerate(CELLS)}
    for at in sorted(range(len(cells)), key=lambda at: order[cells["state"].iloc[at]]):
        look = CELLS[cells["state"].iloc[at]]
        draw_area(sheet, shapes[at], look)
        if not look.stroke:
            outline(sheet, shapes[at], colour(CELL_LINE.stroke), CELL_LINE.weight)


def _draw_households(sheet: FPDF, view: MapView, households: gpd.GeoDataFrame) -> None:
    """A dot each: filled where paired, a ring where not, the rings on top."""
    radius = _DOT if len(households) <= _MANY else _SMALL_DOT
    points, paired = view.on_page(households), households["paired"].to_numpy(dtype=bool)
    inside = ~shapely.is_empty(points) if len(points) else np.array([], dtype=bool)
    sheet.set_fill_color(*colour(PAIRED.fill))
    for x, y in _places(points[paired & inside]):
        sheet.circle(x, y, radius, style="F")
    sheet.set_fill_color(*colour(UNPAIRED.fill))
    sheet.set_draw_color(*colour(UNPAIRED.stroke))
    sheet.set_line_width(radius * 0.6)
    for x, y in _places(points[~paired & inside]):
        sheet.circle(x, y, radius * 1.2, style="DF")


def _places(points: Any) -> list[list[float]]:
    places: list[list[float]] = shapely.get_coordinates(points).tolist()
    return places


def draw_mark(sheet: FPDF, x: float, y: float, kind: str) -> None:
    """The sign of one kind of member of the team, about a point."""
    sign, ink = TEAM[kind]
    sheet.set_fill_color(*_WHITE)
    sheet.set_draw_color(*colour(ink))
    sheet.set_line_width(1.2)
    sheet.circle(x, y, MARK_RADIUS, style="DF")
    size = MARK_RADIUS * 1.3
    put_in(sheet, Box(x - size, y - size * 0.62, 2 * size, size), sign, size, align="center")


def _draw_team(sheet: FPDF, view: MapView, cadres: gpd.GeoDataFrame, names: Names) -> None:
    """Marks of those who lodge at one place stand side by side, with their names once."""
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    points = view.on_page(cadres)
    for at in _known(points, cadres):
        places[round(shapely.get_x(points[at])), round(shapely.get_y(points[at]))].append(at)
    for (x, y), members in places.items():
        kinds = list(dict.fromkeys(cadres["kind"].iloc[at] for at in members))
        for number, kind in enumerate(kinds):
            draw_mark(sheet, x + number * 2.2 * MARK_RADIUS, y, kind)
        marks = Box(x - 6, y - 6, 12 + (len(kinds) - 1) * 2.2 * MARK_RADIUS, 12)
        names.taken.append(shapely.box(marks.left, marks.top, marks.right, marks.bottom))
        _name_team(
            sheet, marks, _("、").join(dict.fromkeys(cadres["name"].iloc[at] for at in members)), names
        )


def _known(points: Any, cadres: gpd.GeoDataFrame) -> Iterable[int]:
    return (
        at
        for at, point in enumerate(points)
        if point is not None and not shapely.is_empty(point) and cadres["kind"].iloc[at] in TEAM
    )


def _name_team(sheet: FPDF, marks: Box, name: str, names: Names) -> None:
    size = 6.5
    line = shortened(name, _NAME_ROOM, size)
    width = width_of(line, size)
    for left in (marks.right + 1, marks.left - width - 1):
        box = Box(left, marks.top + 1.5, width, size * 1.3)
        shape = shapely.box(box.left, box.top, box.right, box.bottom)
        if shapely.covers(names.window, shape) and not any(
            shapely.intersects(one, shape) for one in names.taken
        ):
            names.taken.append(shape)
            write(sheet, box, [line], size)
            return


def _name_cells(sheet: FPDF, shapes: Any, shown: VillageMap, names: Names) -> None:
    """Numbers of the cells, and how many households are in them where no dots show it; large cells first."""
    cells = shown.cells
    for at in sorted(range(len(cells)), key=lambda at: -shapely.area(shapes[at])):
        row = cells.iloc[at]
        number = str(row["code"])[-3:]
        count = (
            [] if shown.households is not None else [_("{count} 户").format(count=f"{row['households']:,}")]
        )
        name = str(row["name"] or "") or number
        wordings = [[name, *count], [number, *count], [number]]
        placed = names.place(shapes[at], wordings, _CELL_SIZES)
        if placed is not None:
            box, lines, size = placed
            write(sheet, box, lines, size)


def _name_neighbours(sheet: FPDF, areas: list[Any], texts: Iterable[str], names: Names) -> None:
    for area, text in sorted(zip(areas, texts, strict=True), key=lambda pair: -shapely.area(pair[0])):
        placed = names.place(area, [[text]], _NEIGHBOUR_SIZES, share=0.6)
        if placed is not None:
            box, lines, size = placed
            write(sheet, box, lines, size, colour=GREY)
