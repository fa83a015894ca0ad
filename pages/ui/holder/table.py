"""What one holder holds, as a table, as figures and as a file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from geo.answers.holdings import Holdings
from geo.i18n import N_, _
from geo.vocabulary import Rank, ResponsibilityKind, label_of
from pages.ui.downloads import offer_file
from pages.ui.sheets import last_day, xlsx_bytes

_HEADINGS = {
    "kind": N_("责任"),
    "rank": N_("主次"),
    "target_name": N_("对象"),
    "target_code": N_("代码"),
    "households": N_("户数"),
    "distance_km": N_("距离（公里）"),
    "valid_from": N_("起始"),
    "valid_to": N_("截止"),
}


def as_shown(held: Holdings) -> pd.DataFrame:
    """The columns people see."""
    shown = pd.DataFrame(held.table[list(_HEADINGS)])
    shown["kind"] = shown["kind"].map({str(kind): label_of(kind) for kind in ResponsibilityKind})
    shown["rank"] = shown["rank"].map({str(rank): label_of(rank) for rank in Rank})
    shown["valid_to"] = shown["valid_to"].map(last_day)
    return shown.rename(columns={name: _(heading) for name, heading in _HEADINGS.items()})


def column_formats() -> dict[str, Any]:
    """How the columns are written."""
    day = st.column_config.DateColumn(format="YYYY-MM-DD", width=90)
    return {
        _(_HEADINGS["households"]): st.column_config.NumberColumn(format="localized", width=60),
        _(_HEADINGS["distance_km"]): st.column_config.NumberColumn(format="%.1f", width=90),
        _(_HEADINGS["valid_from"]): day,
        _(_HEADINGS["valid_to"]): day,
    }


def figures(held: Holdings) -> tuple[list[tuple[str, str]], str]:
    """Key figures of a holder's load, and what is over its limit."""
    numbers = [(load.name, _of_limit(load.value, load.limit)) for load in held.loads]
    far = held.table["distance_km"].max()
    if pd.notna(far):
        numbers.append((_("最远"), f"{far:.1f} km"))
    over = [load.name for load in held.loads if load.is_over]
    note = _("超过上限：{names}").format(names="、".join(over)) if over else held.detail
    return numbers, note


def _of_limit(value: int, limit: float | None) -> str:
    return f"{value:,}" if limit is None else f"{value:,} / {limit:,.0f}"


def offer_downloads(held: Holdings, *, as_of: date) -> None:
    """The list as a workbook."""
    title = _("责任清单")
    offer_file(
        _("下载清单"),
        lambda: xlsx_bytes(as_shown(held), as_of=as_of, title=title),
        f"{title}-{held.name}-{as_of.isoformat()}.xlsx",
        icon=":material/download:",
    )
