"""The key figures of the gaps, each with its change since a month before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape

import streamlit as st
from geopandas import GeoDataFrame

from geo.access import Actor
from geo.analysis.coverage import RATIO_LABELS
from geo.answers.gap_rows import gaps_in
from geo.i18n import _
from geo.rules.units import percent, percent_points
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.figures import Ratio
from pages.ui.gaps.filters import Look

RATIOS = {name: label for name, label in RATIO_LABELS.items() if name != "land_in_cells"}
"""Ratios shown above the page and in the league, with their headings (untranslated)."""


def show_strip(store: Store, actor: Actor, look: Look, gaps: GeoDataFrame, before: GeoDataFrame) -> None:
    """Draw the strip of the gaps of both days."""
    ratios, ratios_before = (
        cached.key_figures(store, actor, as_of=day, township=look.township)
        for day in (look.as_of, look.compared_with)
    )
    counts = {"gaps": int(gaps_in(gaps).sum()), "gaps_before": int(gaps_in(before).sum())}
    st.html(strip_html(ratios, ratios_before, **counts, compared_with=look.compared_with))


def strip_html(
    ratios: Mapping[str, Ratio],
    before: Mapping[str, Ratio],
    *,
    gaps: int,
    gaps_before: int,
    compared_with: date,
) -> str:
    """HTML of the strip.

    Parameters
    ----------
    ratios, before : mapping of name to ``numerator, denominator, ratio``
        Of the day and of the one it is compared with.
    gaps, gaps_before : int
        Number of gaps on both days.
    """
    more = gaps - gaps_before
    boxes = [_box(_("缺口"), f"{gaps:,}", _change(more, f"{abs(more):,}", good=more < 0))]
    boxes += [_box(_(name), *_ratio(ratios[key], before[key])) for key, name in RATIOS.items()]
    note = escape(_("变化：与 {day} 相比").format(day=compared_with.isoformat()))
    return f'<div class="figures">{"".join(boxes)}<div>{note}</div></div>'


def _ratio(now: Ratio, before: Ratio) -> tuple[str, str]:
    """A ratio, and by how much the figure that is shown differs from the one shown a month before."""
    share, share_before = now["ratio"], before["ratio"]
    if share is None or share_before is None:
        return percent(share), ""
    points = round(percent_points(share) - percent_points(share_before), 1)
    return percent(share), _change(points, f"{abs(points):.1f}", good=points > 0)


def _change(by: float, amount: str, *, good: bool) -> str:
    """An arrow and an amount; better and worse differ by more than colour: the arrow and the word."""
    if not by:
        same = _("持平")
        return f'<span class="of">{escape(same)}</span>'
    style, arrow = ("better" if good else "worse"), ("▲" if by > 0 else "▼")
    return f'<span class="of {style}">{arrow}{escape(amount)}</span>'


def _box(name: str, value: str, change: str) -> str:
    title, amount = escape(name), escape(value)
    return f'<div><span class="name">{title}</span><span class="value">{amount}</span>{change}</div>'
