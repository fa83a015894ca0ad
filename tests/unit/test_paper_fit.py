"""Fitting things into the room there is; colours and patterns on paper."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import STORED_CRS
from geo.exchange import paper_look
from geo.exchange.paper_area import draw_area
from geo.exchange.paper_fit import Box, cut, shared, shortened
from geo.exchange.paper_look import CASES, CELLS, LABELS, PAIRED, TEAM, UNPAIRED, PaperLook, colour
from geo.exchange.paper_sheet import new_file
from geo.exchange.paper_text import width_of
from geo.exchange.village_paper.charts import _runs
from geo.exchange.village_paper.figures import figure, last_day, name_of, yuan
from geo.exchange.village_paper.map_view import bar_length_m, round_scale, view_of
from geo.exchange.village_profile import Indicator
from geo.vocabulary import CaseStatus, VillageLabel
from layers import styles
from tests.papers import colour_at
from tests.profiles import DAY, MADE
from tests.shapes import at_m

HEIGHTS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 300)), min_size=1, max_size=6)
TEXTS = st.text("村民小组有主无人，。、（）《》 0123456789abc", max_size=80)


@given(HEIGHTS, st.floats(10, 900))
def test_room_is_shared_between_what_is_needed_and_what_is_wanted(pairs, room):
    least = [need for need, _more in pairs]
    wanted = [need + more for need, more in pairs]
    heights = shared(room, least, wanted)
    assert sum(heights) <= room + 1e-3 or sum(heights) <= sum(least) + 1e-3
    if sum(least) <= room:
        assert all(a - 1e-6 <= h <= b + 1e-3 for a, h, b in zip(least, heights, wanted, strict=True))
        assert sum(heights) == pytest.approx(min(room, sum(wanted)), abs=1e-2)
    else:
        assert sum(heights) == pytest.approx(room)


@given(TEXTS, st.integers(3, 20))
def test_a_shortened_line_fits_and_says_that_it_is_cut(text, signs):
    line = shortened(text, signs * 9, 9)
    assert width_of(line, 9) <= signs * 9 + 1e-6
    assert line.endswith("…") or line == " ".join(text.split())


@given(TEXTS, st.integers(4, 40), st.integers(1, 4))
def test_a_text_is_cut_to_its_lines(text, signs, most):
    lines = cut(text * 4, signs * 9, 9, most)
    assert len(lines) <= most
    assert all(width_of(line, 9) <= signs * 9 + 1e-6 for line in lines)


def test_a_cut_text_says_where_the_rest_is_if_there_is_room_to_say_it():
    assert cut("村情" * 100, 300, 9, 2)[-1].endswith("…（全文见系统）")
    assert cut("村情" * 100, 60, 9, 2)[-1].endswith("村…") or cut("村情" * 100, 60, 9, 2)[-1].endswith("情…")
    assert cut("村情", 300, 9, 2) == ["村情"]
    assert cut("村情", 300, 9, 0) == []


def _same(look: PaperLook, other: styles.Look) -> bool:
    return all(
        getattr(look, name) == getattr(other, name)
        for name in ("fill", "opacity", "pattern", "pattern_color", "glyph")
    )


def test_labels_and_cells_look_as_on_the_screen():
    screen = {
        VillageLabel.WEAK: styles.WEAK,
        VillageLabel.POOR: styles.POOR_LABEL,
        VillageLabel.HOLLOW: styles.HOLLOW,
        VillageLabel.ELECTION_PRIORITY: styles.ELECTION,
        VillageLabel.OLD_REVOLUTIONARY: styles.OLD_REVOLUTIONARY,
        VillageLabel.ETHNIC_MINORITY: styles.ETHNIC_MINORITY,
        VillageLabel.HUNDRED_MILLION: styles.HUNDRED_MILLION,
    }
    assert set(LABELS) == set(VillageLabel)
    assert [label for label, look in screen.items() if not _same(LABELS[label], look)] == []
    cells = {"owned": styles.OWNED, "unowned": styles.UNOWNED, "contested": styles.CONTESTED}
    for state, look in cells.items():
        assert _same(CELLS[state], look)
        assert (CELLS[state].stroke, CELLS[state].weight) == (look.stroke, look.weight)


def test_households_borders_people_and_cases_look_as_on_the_screen():
    assert (PAIRED.fill, UNPAIRED.fill, UNPAIRED.stroke) == (
        styles.PAIRED.fill,
        styles.UNPAIRED.fill,
        styles.UNPAIRED.stroke,
    )
    assert paper_look.VILLAGE_LINE.stroke == styles.MANAGED_VILLAGE_LINE.stroke
    assert (paper_look.CELL_LINE.stroke, paper_look.CELL_LINE.weight) == (
        styles.CELL_BORDER.stroke,
        styles.CELL_BORDER.weight,
    )
    assert TEAM["team_head"][1] == styles.TEAM_HEAD.stroke
    assert TEAM["resident_cadre"][1] == styles.RESIDENT.stroke
    assert TEAM["township_cadre"][1] == styles.TOWNSHIP_CADRE.stroke
    cases = {
        CaseStatus.OVERDUE: styles.CASE_OVERDUE,
        CaseStatus.PRESSING: styles.CASE_PRESSING,
        CaseStatus.ON_TIME: styles.CASE_ON_TIME,
        CaseStatus.CLOSED: styles.CASE_CLOSED,
    }
    assert {status: CASES[status] for status in cases} == {
        status: (look.glyph, look.fill) for status, look in cases.items()
    }


def _drawn(shape, look: PaperLook) -> bytes:
    sheet: FPDF = new_file("x", made_at=MADE, orientation="portrait")
    sheet.add_page()
    draw_area(sheet, shape, look)
    return bytes(sheet.output())


def test_holes_stay_free_and_parts_are_filled():
    whole = shapely.Polygon(
        shapely.box(100, 100, 200, 200).exterior, [shapely.box(130, 130, 170, 170).exterior]
    )
    pdf = _drawn(shapely.MultiPolygon([whole, shapely.box(300, 300, 340, 340)]), PaperLook("#0072b2", 0.5))
    ink = colour("#0072b2", 0.5)
    assert colour_at(pdf, 115, 115) == colour_at(pdf, 320, 320) == ink
    assert colour_at(pdf, 150, 150) == colour_at(pdf, 250, 250) == (255, 255, 255)


@pytest.mark.parametrize("pattern", ["hatch", "back", "cross", "level", "dots"])
def test_patterns_mark_the_inside_only(pattern):
    hole = shapely.box(140, 140, 160, 160)
    shape = shapely.difference(shapely.box(100, 100, 200, 200), hole)
    pdf = _drawn(shape, PaperLook("", pattern=pattern, pattern_color="#000000"))
    inside = [colour_at(pdf, 105 + at / 4, 121.5) for at in range(40)]
    assert any(ink != (255, 255, 255) for ink in inside)
    assert all(colour_at(pdf, 146 + at, 150) == (255, 255, 255) for at in range(0, 9, 4))


def test_nothing_is_drawn_of_what_is_empty_or_missing():
    blank = _drawn(None, CELLS["unowned"])
    assert _drawn(shapely.Polygon(), CELLS["unowned"]) == blank


def _village(shape) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": ["1"], "name": ["村"]}, geometry=[shape], crs=STORED_CRS)


@pytest.mark.parametrize("side_m", [3, 80, 1000, 40_000])
def test_a_village_of_any_size_fits_its_frame_at_a_round_scale(side_m):
    frame = Box(40, 100, 400, 300)
    village = _village(at_m(shapely.box(0, 0, side_m, side_m * 0.8)))
    view = view_of(village, frame)
    (shape,) = view.on_page(village)
    left, top, right, bottom = shape.bounds
    assert left >= 40 and right <= 440 and top >= 100 and bottom <= 400
    assert round_scale(view.scale) == view.scale
    on_paper_m = (right - left) / view.points_per_m
    assert on_paper_m == pytest.approx(side_m, rel=0.01, abs=0.2)
    assert bar_length_m(view, 90) * view.points_per_m <= 90
    assert view.meridian == 117


def test_north_is_above():
    frame = Box(0, 0, 400, 300)
    village = _village(at_m(shapely.box(0, 0, 1000, 1000)))
    view = view_of(village, frame)
    south, north = view.on_page(
        gpd.GeoDataFrame(
            geometry=[at_m(shapely.Point(500, 100)), at_m(shapely.Point(500, 900))], crs=STORED_CRS
        )
    )
    assert north.y < south.y


def test_a_village_without_a_place_has_no_view():
    frame = Box(0, 0, 400, 300)
    assert view_of(_village(None), frame) is None
    assert view_of(_village(shapely.Polygon()), frame) is None
    assert view_of(_village(None)[:0], frame) is None


def test_a_year_without_a_value_breaks_the_line():
    years = [(2019, 1.0), (2020, 2.0), (2021, None), (2022, 3.0), (2024, 4.0)]
    assert _runs(years) == [[(2019, 1.0), (2020, 2.0)], [(2022, 3.0)], [(2024, 4.0)]]
    assert _runs([]) == _runs([(2020, None)]) == []


def test_figures_are_written_as_people_do():
    assert [yuan(value) for value in (0, 950, 21_000, 125_000_000)] == [
        "0 元",
        "950 元",
        "2.1 万元",
        "1.25 亿元",
    ]
    assert figure("satisfaction_ratio", 0.725) == "72.5%"
    assert figure("people", 1629.0) == "1,629"
    assert figure("people", None) == "—"
    assert name_of(Indicator("income_total_yuan", "总收入（元）", ())) == "总收入"
    assert name_of(Indicator("people", "人口", ())) == "人口"
    assert last_day(DAY) == "2026-04-30" and last_day(None) == ""
