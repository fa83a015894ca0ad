"""A plan's rows to choose from, and the gaps that stay open."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.operations.gap_plan import GapPlan
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import ResponsibilityKind, label_of
from pages.ui.downloads import offer_file
from pages.ui.empty import show_empty
from pages.ui.plan.state import PlanDesk
from pages.ui.sheets import xlsx_bytes

_HEIGHT_PX = 540
_CHOSEN = N_("采用")
_HEADINGS = {
    "gap": N_("缺口"),
    "village_name": N_("村"),
    "target_name": N_("对象"),
    "from_name": N_("现责任人"),
    "to_name": N_("由谁负责"),
    "to_unit": N_("单位"),
    "distance_before_km": N_("原距离"),
    "distance_km": N_("距离（公里）"),
    "load_after": N_("接手后"),
    "limit": N_("上限"),
    "weight": N_("分值"),
    "duty": N_("责任"),
    "why": N_("说明"),
}
_OPEN = {
    "gap": N_("缺口"),
    "village_name": N_("村"),
    "target_name": N_("对象"),
    "weight": N_("分值"),
    "why": N_("为什么补不上、怎么办"),
}


def choose_rows(desk: PlanDesk) -> None:
    """The rows with a box each; what is not ticked is left out when the plan is put into effect."""
    assert desk.plan is not None
    if desk.plan.rows.empty:
        show_empty(_("没有可以补上的缺口"), _("请看“仍未补上”，或放宽限制后重新计算。"))
        return
    if desk.changed:
        st.caption(_("有 {count} 行的对象在方案编制后已有变动，不再列入。").format(count=len(desk.changed)))
    rows = desk.plan.rows[~desk.plan.rows["row"].isin(desk.changed)].reset_index(drop=True)
    shown = as_shown(rows)
    shown.insert(0, _(_CHOSEN), rows["row"].isin(desk.ticked))
    answered = st.data_editor(
        shown,
        key=f"plan_rows_{desk.visit}",
        hide_index=True,
        height=_HEIGHT_PX,
        disabled=[name for name in shown.columns if name != _(_CHOSEN)],
        column_config=_formats(),
        placeholder="",
    )
    desk.choose(rows.loc[answered[_(_CHOSEN)].to_numpy(dtype=bool), "row"].tolist())


def as_shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns people see."""
    labels = {code: _(kind.label) for code, kind in gap_kinds().items()}
    gaps = [_("、").join(labels[kind] for kind in kinds.split(";")) for kinds in rows["gap_kinds"]]
    duties = [label_of(ResponsibilityKind(kind)) for kind in rows["kind"]]
    shown = rows.assign(gap=gaps, duty=duties)[list(_HEADINGS)]
    numbers = ["distance_before_km", "distance_km", "load_after", "limit", "weight"]
    shown = shown.astype(dict.fromkeys(numbers, float))
    return shown.rename(columns={name: _(heading) for name, heading in _HEADINGS.items()})


def show_open(desk: PlanDesk) -> None:
    """What stays open, and why."""
    plan = desk.plan
    assert plan is not None
    if plan.open.empty:
        show_empty(_("全部补上"), _("按此方案，所选缺口没有剩余。"))
        return
    st.dataframe(
        open_as_shown(plan),
        hide_index=True,
        height=_HEIGHT_PX,
        column_config={_(_OPEN["weight"]): st.column_config.NumberColumn(format="%.1f", width=60)},
        placeholder="",
    )


def open_as_shown(plan: GapPlan) -> pd.DataFrame:
    """The open gaps with the columns people see."""
    labels = {code: _(kind.label) for code, kind in gap_kinds().items()}
    shown = plan.open.assign(gap=plan.open["kind"].map(labels))[list(_OPEN)]
    return shown.astype({"weight": float}).rename(columns={name: _(text) for name, text in _OPEN.items()})


def offer_downloads(desk: PlanDesk) -> None:
    """The rows as a workbook."""
    plan = desk.plan
    if plan is None:
        return
    title, as_of = _("补缺方案"), plan.as_of
    offer_file(
        _("下载"),
        lambda: xlsx_bytes(as_shown(plan.rows), as_of=as_of, title=title),
        f"{title}-{as_of.isoformat()}.xlsx",
        icon=":material/download:",
    )


def _formats() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        _(_CHOSEN): st.column_config.CheckboxColumn(width=66),
        _(_HEADINGS["distance_before_km"]): number(format="%.1f", width=60),
        _(_HEADINGS["distance_km"]): number(format="%.1f", width=86),
        _(_HEADINGS["load_after"]): number(format="%d", width=60),
        _(_HEADINGS["limit"]): number(format="%d", width=50),
        _(_HEADINGS["weight"]): number(format="%.1f", width=60),
    }
