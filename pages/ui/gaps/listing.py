"""The panel beside the map: who must act, their gaps, and the one that is explained."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.gap_rows import gaps_in
from geo.i18n import N_, _
from pages.ui.empty import show_empty
from pages.ui.gaps.counts import by_who
from pages.ui.gaps.explain import explain
from pages.ui.gaps.state import ALL, GapDesk, key_of

_GROUP_HEADINGS = {
    "who_name": N_("谁来办"),
    "gaps": N_("缺口"),
    "priority": N_("重点村缺口"),
    "days": N_("最久（天）"),
}
_LIST_HEADINGS = {
    "label": N_("缺口"),
    "target": N_("对象"),
    "village_name": N_("村"),
    "open_days": N_("天数"),
    "score": N_("分"),
}
_ROW_PX = 30


def show_gaps(actor: Actor, desk: GapDesk, gaps: pd.DataFrame) -> None:
    """Fill the panel with the step somebody has reached."""
    if gaps.empty:
        show_empty(_("没有缺口"), _("所选范围和日期内，所有规则都未发现缺口。"))
        return
    chosen = chosen_gap(gaps, desk)
    if chosen is not None:
        explain(actor, desk, chosen)
    elif desk.who:
        _show_list(desk, _listed(gaps, desk))
    else:
        _show_groups(desk, gaps)


def chosen_gap(gaps: pd.DataFrame, desk: GapDesk) -> pd.Series | None:
    """The gap to be explained, if it is still there."""
    if desk.gap is None:
        return None
    kind, target, aspect = desk.gap
    same = gaps[(gaps["kind"] == kind) & (gaps["target_code"] == target) & (gaps["aspect"] == aspect)]
    return same.iloc[0] if len(same) else None


def _listed(gaps: pd.DataFrame, desk: GapDesk) -> pd.DataFrame:
    if desk.village:
        gaps = gaps[gaps["village_code"] == desk.village]
    elif desk.who != ALL:
        gaps = gaps[gaps["who_name"] == desk.who]
    return gaps.reset_index(drop=True)


def _show_groups(desk: GapDesk, gaps: pd.DataFrame) -> None:
    groups = by_who(gaps)
    _heading(
        _("谁来办"),
        _("{count} 条缺口，分给 {who} 个责任方；选一行看清单").format(
            count=f"{int(gaps_in(gaps).sum()):,}", who=len(groups)
        ),
    )
    st.button(_("全部缺口，按轻重排列"), on_click=desk.list_of, args=(ALL,), width="stretch", key="all_gaps")
    shown = groups[list(_GROUP_HEADINGS)].rename(columns={k: _(v) for k, v in _GROUP_HEADINGS.items()})
    row = _table(
        shown,
        f"gap_groups_{desk.turn}_{hash(tuple(groups['who_name']))}",
        {
            _(_GROUP_HEADINGS["gaps"]): st.column_config.NumberColumn(format="localized"),
            _(_GROUP_HEADINGS["priority"]): st.column_config.NumberColumn(format="localized"),
        },
    )
    if row is not None:
        desk.list_of(str(groups["who_name"].iloc[row]))
        st.rerun(scope="fragment")


def _show_list(desk: GapDesk, gaps: pd.DataFrame) -> None:
    st.button(_("返回"), icon=":material/arrow_back:", on_click=desk.back, key="gaps_back")
    if gaps.empty:
        show_empty(_("这里没有缺口"), _("请返回，或换一个村、责任方或缺口种类。"))
        return
    name = gaps["village_name"].iloc[0] if desk.village else desk.who
    title = _("全部缺口") if name == ALL else str(name)
    _heading(title, _("{count} 条，最重的在前；选一行看原因").format(count=f"{int(gaps_in(gaps).sum()):,}"))
    shown = gaps.assign(target=gaps["target_name"].where(gaps_in(gaps) == 1, _several(gaps)))
    shown = shown[list(_LIST_HEADINGS)].rename(columns={k: _(v) for k, v in _LIST_HEADINGS.items()})
    row = _table(
        shown,
        f"gap_list_{desk.turn}_{hash(tuple(map(key_of, gaps.iloc)))}",
        {
            _(_LIST_HEADINGS["open_days"]): st.column_config.NumberColumn(width=46),
            _(_LIST_HEADINGS["score"]): st.column_config.NumberColumn(format="%.0f", width=40),
        },
    )
    if row is not None:
        desk.gap = key_of(gaps.iloc[row])
        st.rerun(scope="fragment")


def _several(gaps: pd.DataFrame) -> pd.Series:
    """Households listed together, by their number and cell."""
    text = _("{name} 的 {count} 户")
    return pd.Series(
        [
            text.format(name=name, count=count)
            for name, count in zip(gaps["target_name"], gaps_in(gaps), strict=True)
        ],
        index=gaps.index,
        dtype=object,
    )


def _heading(title: str, below: str) -> None:
    st.html(f'<div class="panel"><h2>{escape(title)}</h2><div class="code">{escape(below)}</div></div>')


def _table(shown: pd.DataFrame, key: str, formats: dict[str, Any]) -> int | None:
    """A list of which one row can be chosen; the row, or None."""
    with st.container(key="gap_rows", border=False):
        event: Any = st.dataframe(
            shown,
            key=key,
            hide_index=True,
            height="stretch",
            on_select="rerun",
            selection_mode="single-row",
            column_config=formats,
            row_height=_ROW_PX,
            placeholder="",
        )
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows else None
