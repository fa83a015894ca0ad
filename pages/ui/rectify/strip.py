"""The key figures of the board."""

from __future__ import annotations

from html import escape

import pandas as pd

from geo.answers.rectifications import three_levels
from geo.i18n import _
from geo.rules.units import percent
from geo.vocabulary import CaseStatus, label_of
from pages.ui.rectify.signs import SIGNS

_LEVELS = ("county", "township", "village")


def strip_html(table: pd.DataFrame) -> str:
    """HTML of the strip: cases by urgency, how many of all listed are struck off, and whose turn it is."""
    counts = table["status"].value_counts()
    boxes = [_box(status, int(counts.get(str(status), 0))) for status in list(SIGNS)[:4]]
    listed = len(table) - int(counts.get(str(CaseStatus.WITHDRAWN), 0))
    closed = int(counts.get(str(CaseStatus.CLOSED), 0))
    name, share = escape(_("销号率")), percent(closed / listed if listed else None)
    boxes.append(
        f'<div><span class="name">{name}</span><span class="value">{share}</span>'
        f'<span class="of">{closed:,} / {listed:,}</span></div>'
    )
    waits = three_levels(table)
    turn = _("待办：县 {county}，乡镇 {township}，村 {village}").format(
        **{level: f"{int(waits.get(level, 0)):,}" for level in _LEVELS}
    )
    return f'<div class="figures">{"".join(boxes)}<div>{escape(turn)}</div></div>'


def _box(status: CaseStatus, count: int) -> str:
    sign = SIGNS[status]
    return (
        f'<div><span class="name"><span style="color:{sign.colour}">{sign.shape}</span> '
        f'{escape(label_of(status))}</span><span class="value">{count:,}</span></div>'
    )
