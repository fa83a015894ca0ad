"""How urgency looks: a shape and a colour each, the same on the board, in the chart and in lists."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from geo.i18n import _
from geo.vocabulary import CaseStatus, label_of
from layers import styles


@dataclass(frozen=True)
class Sign:
    """A shape, its colour, and the tint of the field it stands on."""

    shape: str
    colour: str
    tint: str


SIGNS = {
    CaseStatus.OVERDUE: Sign("▲", styles.VERMILLION, "#f9e3d6"),
    CaseStatus.PRESSING: Sign("◆", "#a86f00", "#fbf0d3"),
    CaseStatus.ON_TIME: Sign("●", styles.GREEN, "#dcefe8"),
    CaseStatus.CLOSED: Sign("✓", styles.INK_LIGHT, "#ecebe6"),
    CaseStatus.WITHDRAWN: Sign("—", styles.INK_LIGHT, "#f4f3ee"),
}


def sign_html(status: str) -> str:
    """A status by its shape and word."""
    sign = SIGNS[CaseStatus(status)]
    word = escape(label_of(CaseStatus(status)))
    return f'<span style="color:{sign.colour}">{sign.shape}</span> {word}'


def days_words(status: str, days_left: float | None) -> str:
    """How many days are left, or how many it is late; "" when it is over."""
    if days_left is None or CaseStatus(status) in (CaseStatus.CLOSED, CaseStatus.WITHDRAWN):
        return ""
    days = int(days_left)
    return _("超{days}天").format(days=-days) if days < 0 else _("余{days}天").format(days=days)
