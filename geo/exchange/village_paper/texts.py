"""What is written about a village, side by side: problem and strengths, plans, notes to its three sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fpdf import FPDF

from geo.exchange.paper_fit import LEADING, Box, Panel, cut, put_in, put_lines, put_strong, shared
from geo.exchange.paper_flow import GREY
from geo.exchange.paper_text import wrapped
from geo.exchange.village_profile import VillageProfile, kind_and_year
from geo.i18n import _
from geo.vocabulary import TextKind, label_of

_SIZE, _NAME = 8.0, 8.0
_HEAD, _GAP = 12.0, 5.0
_LEAST_LINES = 2
_MOST_LINES = 40
_BESIDE = 12.0
_COLUMNS = (
    (TextKind.MAIN_PROBLEM, TextKind.STRENGTHS),
    (TextKind.THREE_YEAR_PLAN, TextKind.YEARLY_PLAN),
)
_SHEETS = (TextKind.PRESENT_STATE, TextKind.CONSTRUCTION_PLAN, TextKind.PROGRAMME_PLAN)


@dataclass(frozen=True)
class _Note:
    name: str
    body: str


def texts_panel(profile: VillageProfile, width: float) -> Panel:
    """The four texts that every village should have; plans are those of the day's year."""
    columns = [[_note(profile, kind) for kind in kinds] for kinds in _COLUMNS]
    return _panel(_("村情与一村一策"), columns, width)


def sheet_texts_panel(profile: VillageProfile, width: float) -> Panel | None:
    """Notes to the three sheets, those that there are; None without any."""
    notes = [note for note in (_note(profile, kind) for kind in _SHEETS) if note.body]
    return _panel(_("三张图说明"), [[note] for note in notes], width) if notes else None


def _note(profile: VillageProfile, kind: TextKind) -> _Note:
    written = profile.text_of(kind)
    if written is None:
        return _Note(label_of(kind), "")
    return _Note(kind_and_year(kind, written.year), written.body)


def _panel(title: str, columns: list[list[_Note]], width: float) -> Panel:
    part = (width - _BESIDE * (len(columns) - 1)) / len(columns)
    least = max(_height(column, part, _LEAST_LINES) for column in columns)
    whole = max(_height(column, part, _MOST_LINES) for column in columns)

    def draw(sheet: FPDF, box: Box) -> None:
        for area, column in zip(box.columns(*[1.0] * len(columns), gap=_BESIDE), columns, strict=True):
            _draw_column(sheet, area, column)

    return Panel(title, least, whole, whole, draw)


def _lines_height(note: _Note, width: float, most: int) -> float:
    return _HEAD + max(1, len(wrapped(note.body, width, _SIZE, most=most))) * _SIZE * LEADING


def _height(column: Sequence[_Note], width: float, most: int) -> float:
    return sum(_lines_height(note, width, most) for note in column) + _GAP * (len(column) - 1)


def _draw_column(sheet: FPDF, box: Box, column: Sequence[_Note]) -> None:
    room = box.height - _GAP * (len(column) - 1)
    least = [_lines_height(note, box.width, _LEAST_LINES) for note in column]
    whole = [_lines_height(note, box.width, _MOST_LINES) for note in column]
    top = box.top
    for note, height in zip(column, shared(room, least, whole), strict=True):
        _draw_note(sheet, Box(box.left, top, box.width, height), note)
        top += height + _GAP


def _draw_note(sheet: FPDF, box: Box, note: _Note) -> None:
    put_strong(sheet, box, note.name, _NAME)
    body = box.lower(_HEAD)
    if not note.body:
        put_in(sheet, body, _("未填写"), _SIZE, colour=GREY)
        return
    most = int((body.height + 0.5) / (_SIZE * LEADING))
    put_lines(sheet, body, cut(note.body, body.width, _SIZE, most), _SIZE)
