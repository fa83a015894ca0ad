"""The key figures of the villages that come first."""

from __future__ import annotations

from html import escape

import pandas as pd

from geo.i18n import _
from geo.rules.units import percent
from geo.vocabulary import VillageLabel, label_of

COUNTED = (
    VillageLabel.WEAK,
    VillageLabel.POOR,
    VillageLabel.HOLLOW,
    VillageLabel.ELECTION_PRIORITY,
    VillageLabel.OLD_REVOLUTIONARY,
    VillageLabel.ETHNIC_MINORITY,
)


def strip_html(table: pd.DataFrame) -> str:
    """HTML of the strip: villages by label, how many that must be staffed are, and what is in doubt."""
    due = table[table["must_staff"].astype(bool)]
    staffed = int(due["staffed"].sum())
    boxes = [_box(label_of(label), f"{int(table[str(label)].sum()):,}") for label in COUNTED]
    ratio = percent(staffed / len(due)) if len(due) else percent(None)
    boxes.append(_box(_("应派尽派"), ratio, f"{staffed:,} / {len(due):,}"))
    doubts = _("疑似 {suspects} 村，矛盾 {contradictions} 村").format(
        suspects=f"{int((table['suspects'] != '').sum()):,}",
        contradictions=f"{int((table['contradictions'] != '').sum()):,}",
    )
    return f'<div class="figures">{"".join(boxes)}<div>{escape(doubts)}</div></div>'


def _box(name: str, value: str, of: str = "") -> str:
    return (
        f'<div><span class="name">{escape(name)}</span><span class="value">{escape(value)}</span>'
        f'<span class="of">{escape(of)}</span></div>'
    )
