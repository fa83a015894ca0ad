"""Colours and patterns of every map: on the screen, in legends and on paper.

Colours for kinds of things are Okabe and Ito's, colours for amounts ColorBrewer's Oranges; colour-blind
readers can tell both apart. No meaning rests on colour alone: a pattern, a dash or a character goes with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

PAPER = "#f7f5ef"
INK = "#22384f"
INK_LIGHT = "#7b8794"
ACCENT = "#9b2d20"

BLACK, ORANGE, SKY, GREEN = "#000000", "#e69f00", "#56b4e9", "#009e73"
YELLOW, BLUE, VERMILLION, PURPLE = "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
"""Okabe and Ito's set."""

ORANGES = ("#feedde", "#fdd0a2", "#fdae6b", "#fd8d3c", "#a63603")
"""ColorBrewer Oranges (of six, without the fifth), light to dark: the darker, the poorer."""

Pattern = Literal["", "hatch", "cross", "dots", "back", "level"]


@dataclass(frozen=True)
class Look:
    """How one thing is drawn. Empty text and zero mean: not at all.

    Attributes
    ----------
    fill : colour of an area or a disc
    opacity : how much of the fill (of a line: of the stroke) covers
    pattern, pattern_color : ``hatch`` rising lines, ``back`` falling lines, ``cross`` both, ``level`` lines
        from left to right, ``dots``
    stroke, weight, dash : colour, width in pixels and dash lengths of an outline or a line
    radius : of a disc, in pixels
    glyph : one character written with the village's name, for readers who do not go by colour
    glyph_px : its height in pixels where it is not that of letters: shapes are drawn small in their squares
    """

    fill: str = ""
    opacity: float = 1.0
    pattern: Pattern = ""
    pattern_color: str = ""
    stroke: str = ""
    weight: float = 0.0
    dash: tuple[int, ...] = ()
    radius: float = 0.0
    glyph: str = ""
    glyph_px: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The look without what is not drawn, for the browser."""
        return {name: value for name, value in asdict(self).items() if value not in ("", 0.0, ())}


COUNTY_LINE = Look(stroke=INK, weight=2.6)
TOWNSHIP_LINE = Look(stroke=INK, weight=1.3, dash=(9, 3, 2, 3))
VILLAGE_LINE = Look(stroke=INK_LIGHT, weight=0.5)
CELL_LINE = Look(stroke=INK_LIGHT, weight=0.35)
SELECTED_LINE = Look(stroke=ACCENT, weight=3.5)
CHOSEN = Look(fill=ACCENT, opacity=0.14, pattern="dots", pattern_color=ACCENT)
"""Inside of what is selected, where several are: an outline alone does not tell which side is in."""

TOWNSHIP_NAME = Look(fill=INK, weight=14)
VILLAGE_NAME = Look(fill=INK, weight=12)
CELL_NAME = Look(fill=INK, weight=11)
"""Of a name, the weight is the height of its letters in pixels."""

HOLLOW = Look(fill=ORANGES[4], opacity=0.85, pattern="cross", pattern_color=PAPER)
POOR = Look(fill=ORANGES[3], opacity=0.85)
LOW = Look(fill=ORANGES[2], opacity=0.85)
MIDDLE = Look(fill=ORANGES[1], opacity=0.85)
HIGH = Look(fill=ORANGES[0], opacity=0.85)
UNKNOWN = Look(fill=PAPER, pattern="dots", pattern_color=INK_LIGHT)

WEAK = Look(fill=VERMILLION, opacity=0.9, pattern="hatch", pattern_color=PAPER, glyph="弱")
POOR_LABEL = Look(fill=ORANGE, opacity=0.55, glyph="贫")
ELECTION = Look(fill=BLUE, opacity=0.9, pattern="back", pattern_color=PAPER, glyph="换")
OLD_REVOLUTIONARY = Look(glyph="老", fill=PURPLE)
ETHNIC_MINORITY = Look(glyph="民", fill=GREEN)
HUNDRED_MILLION = Look(glyph="亿", fill=YELLOW)

CELL_BORDER = Look(stroke=INK_LIGHT, weight=0.9)
MANAGED_VILLAGE_LINE = Look(stroke=INK, weight=1.7)
OWNED = Look(fill=SKY, opacity=0.28)
UNOWNED = Look(
    fill=VERMILLION, opacity=0.18, pattern="hatch", pattern_color=VERMILLION, stroke=VERMILLION, weight=1.2
)
CONTESTED = Look(fill=PURPLE, opacity=0.45, pattern="cross", pattern_color=INK, stroke=INK, weight=1.0)
UNCOVERED = Look(
    fill="#ffffff", opacity=0.85, pattern="back", pattern_color=BLACK, stroke=BLACK, weight=2.2, glyph="空"
)
OVERLAP = Look(fill=INK, opacity=0.8, stroke=BLACK, weight=1.2, glyph="叠")
GAP_UNSTAFFED = Look(stroke=BLACK, weight=2.4, dash=(6, 4), glyph="缺")
GAP_OVERDUE = Look(stroke=VERMILLION, weight=4.2, opacity=0.9, glyph="逾")
UNDERSTAFFED = Look(pattern="dots", pattern_color=BLUE, fill=BLUE, opacity=0.1, glyph="组")
CHAIN_BROKEN = Look(pattern="level", pattern_color=INK_LIGHT, fill=INK_LIGHT, opacity=0.08, glyph="链")
INACTIVE = Look(stroke=VERMILLION, glyph="离")
OVERLOADED = Look(stroke=PURPLE, glyph="载")
REMOTE = Look(stroke=BLUE, glyph="远")
MISPLACED = Look(fill=BLACK, radius=3.2)
GAP_COUNT = Look(fill="#ffffff", opacity=0.9, stroke=INK, weight=1.6, radius=8.0)

NO_LEADER = Look(fill=VERMILLION, opacity=0.75, pattern="cross", pattern_color=BLACK)
NO_DEPARTMENT = Look(fill=ORANGE, opacity=0.7, pattern="hatch", pattern_color=BLACK)
NO_SUB_OFFICE = Look(fill=YELLOW, opacity=0.6, pattern="back", pattern_color=INK)
NO_ORG_CADRE = Look(fill=SKY, opacity=0.55, pattern="level", pattern_color=INK)
NO_STAFF = Look(fill=SKY, opacity=0.18, pattern="dots", pattern_color=INK)
WHOLE = Look(fill="#ffffff", opacity=0.9)

CASE_OVERDUE = Look(
    fill=VERMILLION, opacity=0.85, pattern="hatch", pattern_color=PAPER, glyph="▲", glyph_px=16
)
CASE_PRESSING = Look(fill=ORANGE, opacity=0.6, pattern="back", pattern_color=INK, glyph="◆", glyph_px=16)
CASE_ON_TIME = Look(fill=GREEN, opacity=0.45, pattern="dots", pattern_color=INK, glyph="●", glyph_px=16)
CASE_CLOSED = Look(fill=INK_LIGHT, opacity=0.18, pattern="level", pattern_color=INK_LIGHT, glyph="✓")
"""Rectifications by urgency: a shape goes with each colour (挂图作战)."""

UNSTAFFED = Look(stroke=BLACK, weight=2.0, dash=(5, 3), glyph="缺")

PAIRED = Look(fill=BLUE, radius=2.2)
UNPAIRED = Look(fill="#ffffff", stroke=VERMILLION, weight=1.6, radius=3.2)
COUNT = Look(fill="#ffffff", opacity=0.9, stroke=INK_LIGHT, weight=1.0, radius=8.0)

COUNTY_LEADER = Look(stroke=ACCENT, weight=1.1, opacity=0.6)
TEAM_HEAD = Look(stroke=BLUE, weight=1.2, opacity=0.8, dash=(8, 3))
RESIDENT = Look(stroke=GREEN, weight=1.2, opacity=0.9)
TOWNSHIP_CADRE = Look(stroke=ORANGE, weight=1.2, opacity=0.9, dash=(2, 3))

MARKS: dict[str, Look] = {
    "fault": Look(fill=ACCENT, pattern="hatch", pattern_color=ACCENT, stroke=ACCENT, weight=2.5),
    "preview": Look(fill=ACCENT, opacity=0.08, stroke=ACCENT, weight=2.5, dash=(8, 5)),
    "base": Look(fill="#ffffff", stroke=INK, weight=2.0, radius=9.0),
    "line": Look(stroke=INK, weight=1.2, opacity=0.75),
    "gap": Look(stroke=ACCENT, weight=3.5, radius=13.0),
    "neighbour": Look(stroke=INK, weight=1.4, dash=(1, 4)),
}
"""What is drawn over the tiles, by the kind of `layers.marks.Mark`."""
