"""Colours and patterns on paper: those of the screen.

They are declared a second time because what is exchanged stands below the layers of the map and may not
ask them; a test keeps both the same (`layers.styles`). Colours that let the ground through on the screen are
mixed with white here: printers and old readers of PDF differ in how they draw what is transparent.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.vocabulary import CaseStatus, ResponsibilityKind, VillageLabel

Colour = tuple[int, int, int]

PAPER = "#f7f5ef"
INK = "#22384f"
INK_LIGHT = "#7b8794"
VERMILLION, ORANGE, GREEN, BLUE = "#d55e00", "#e69f00", "#009e73", "#0072b2"


@dataclass(frozen=True)
class PaperLook:
    """How an area is drawn, as `layers.styles.Look`; empty means not at all."""

    fill: str = ""
    opacity: float = 1.0
    pattern: str = ""
    pattern_color: str = ""
    stroke: str = ""
    weight: float = 0.0
    glyph: str = ""


LABELS: dict[str, PaperLook] = {
    VillageLabel.WEAK: PaperLook("#d55e00", 0.9, "hatch", PAPER, glyph="弱"),
    VillageLabel.POOR: PaperLook("#e69f00", 0.55, glyph="贫"),
    VillageLabel.HOLLOW: PaperLook("#a63603", 0.85, "cross", PAPER),
    VillageLabel.ELECTION_PRIORITY: PaperLook("#0072b2", 0.9, "back", PAPER, glyph="换"),
    VillageLabel.OLD_REVOLUTIONARY: PaperLook("#cc79a7", glyph="老"),
    VillageLabel.ETHNIC_MINORITY: PaperLook("#009e73", glyph="民"),
    VillageLabel.HUNDRED_MILLION: PaperLook("#f0e442", glyph="亿"),
}
"""By label of a village."""

CELLS: dict[str, PaperLook] = {
    "owned": PaperLook("#56b4e9", 0.28),
    "unowned": PaperLook("#d55e00", 0.18, "hatch", "#d55e00", "#d55e00", 1.2),
    "contested": PaperLook("#cc79a7", 0.45, "cross", INK, INK, 1.0),
}
"""By state of a cell."""

PAIRED = PaperLook("#0072b2")
UNPAIRED = PaperLook("#ffffff", stroke="#d55e00", weight=1.6)
VILLAGE_LINE = PaperLook(stroke=INK, weight=1.7)
CELL_LINE = PaperLook(stroke=INK_LIGHT, weight=0.9)

LAND = PaperLook("#ffffff")
"""The village itself, where no cell lies."""

TEAM: dict[str, tuple[str, str]] = {
    ResponsibilityKind.TEAM_HEAD: ("组", BLUE),
    ResponsibilityKind.RESIDENT_CADRE: ("驻", GREEN),
    ResponsibilityKind.TOWNSHIP_CADRE: ("镇", ORANGE),
    ResponsibilityKind.GRID_OFFICER: ("网", INK),
}
"""Sign and colour of the members of a team, by kind."""

CASES: dict[str, tuple[str, str]] = {
    CaseStatus.OVERDUE: ("▲", VERMILLION),
    CaseStatus.PRESSING: ("◆", ORANGE),
    CaseStatus.ON_TIME: ("●", GREEN),
    CaseStatus.CLOSED: ("✓", INK_LIGHT),
    CaseStatus.WITHDRAWN: ("—", "#b8c0c8"),
}
"""Shape and colour of a rectification, by its status."""


def colour(code: str, opacity: float = 1.0) -> Colour:
    """A colour as its three parts of 255, mixed with white where it covers only so much.

    >>> colour("#000000", 0.2)
    (204, 204, 204)
    """
    parts = (int(code[at : at + 2], 16) for at in (1, 3, 5))
    red, green, blue = (round(part * opacity + 255 * (1 - opacity)) for part in parts)
    return red, green, blue
