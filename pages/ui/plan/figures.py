"""A plan's figures before and after, and how good it is proved to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from geo.i18n import _
from geo.operations.gap_plan import GapPlan
from geo.operations.gap_plan_result import optimality
from pages.ui.figures import strip_html


def show_figures(plan: GapPlan) -> None:
    """The strip above rows and map."""
    st.html(strip_html(figure_texts(plan.figures), note=optimality(plan.figures)))
    if beyond := plan.figures.get("gaps_beyond"):
        with st.container(key="plan_note"):
            st.caption(_("另有 {count} 个较轻的缺口没有列入本次方案。").format(count=f"{beyond:,}"))


def figure_texts(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values of the figures, those of before and after side by side."""
    left = figures["gaps"] - figures["gaps_closed"]
    rest = figures["weight"] - figures["weight_closed"]
    return [
        (_("缺口"), _before_after(f"{figures['gaps']:,}", f"{left:,}")),
        (_("缺口分值"), _before_after(f"{figures['weight']:,.0f}", f"{rest:,.0f}")),
        (_("责任过载"), _before_after(str(figures["overloaded_before"]), str(figures["overloaded_after"]))),
        (_("调动后平均距离"), _moved(figures)),
        (_("新指派最远"), _farthest(figures["distance_new_km"])),
        (_("调动"), f"{figures['moves']:,}"),
    ]


def _moved(figures: Mapping[str, Any]) -> str:
    """How far what is moved was from its holder on average, and will be."""
    before, after = (figures[name] for name in ("distance_before_km", "distance_after_km"))
    if before is None or after is None:
        return "—"
    return _("{distances} 公里").format(
        distances=_before_after(f"{before['mean']:.1f}", f"{after['mean']:.1f}")
    )


def _farthest(distances: Mapping[str, float] | None) -> str:
    return "—" if distances is None else _("{km:.1f} 公里").format(km=distances["max"])


def _before_after(before: str, after: str) -> str:
    return f"{before} → {after}"
