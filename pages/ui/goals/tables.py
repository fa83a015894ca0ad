"""The two tables: how far townships are, and how far each village is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import _
from geo.rules.units import percent_points
from pages.ui.empty import show_empty
from pages.ui.filters import TOWNSHIP_KEY
from pages.ui.goals.look import GOALS, VIEW_KEY, VILLAGES, Look
from pages.ui.goals.state import GoalsDesk

_MET, _UNMET, _UNKNOWN, _NOT_THEIRS = "✓", "✗", "—", ""


def township_rows(counts: pd.DataFrame) -> pd.DataFrame:
    """A row a township, the whole first: ``code, name, all`` and a column a goal or item, shares of 0–1.

    Parameters
    ----------
    counts : DataFrame
        As `Look.counts` gives them.
    """
    wide = counts.pivot_table(index="township_code", columns="column", values="ratio", aggfunc="first")
    sums = counts.groupby("township_code")[["done", "villages"]].sum()
    wide.insert(0, "all", sums["done"] / sums["villages"])
    wide.insert(0, "villages", counts.groupby("township_code")["villages"].max())
    wide.insert(
        0, "name", counts.drop_duplicates("township_code").set_index("township_code")["township_name"]
    )
    return wide.sort_index().reset_index(names="code")


def village_rows(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """A row a village: ``code, name, township_name, done`` and a column a goal or item, each in a sign.

    Parameters
    ----------
    rows : DataFrame
        As `Look.rows` gives them.
    """
    told = _goal_signs(rows) if look.what == GOALS else rows["is_done"].map({True: _MET, False: _NOT_THEIRS})
    done = rows["is_met"].fillna(False) if look.what == GOALS else rows["is_done"]
    wide = rows.assign(told=told).pivot(index="code", columns="column", values="told")
    places = rows.drop_duplicates("code").set_index("code")[["name", "township_name"]]
    counted = done.astype(int).groupby(rows["code"]).sum()
    found = places.assign(done=counted).join(wide[list(look.columns())])
    return found.reset_index()


def _goal_signs(rows: pd.DataFrame) -> list[str]:
    """The figure and whether it is enough; — where nothing was measured."""
    return [
        _UNKNOWN if pd.isna(value) else f"{_MET if met else _UNMET} {value:,.0f}"
        for value, met in zip(rows["value"], rows["is_met"], strict=True)
    ]


def show_townships(found: pd.DataFrame, look: Look) -> None:
    """Draw the shares; a chosen township leads to its villages."""
    if found.empty:
        _show_nothing()
        return
    columns = look.columns()
    shares = ["all", *columns]
    shown = found.drop(columns="code").reindex(columns=["name", "villages", *shares])
    shown.loc[found["code"] == "", "name"] = _("合计")
    shown[shares] = shown[shares].astype(float).map(percent_points, na_action="ignore")
    names = {"name": _("乡镇"), "villages": _("村数"), "all": _("全部"), **columns}
    bar = st.column_config.ProgressColumn
    formats: dict[str, Any] = {
        names[name]: bar(format="%.1f%%", min_value=0, max_value=100, width=82, help=names[name])
        for name in shares
    }
    formats[names["name"]] = st.column_config.TextColumn(width=80, pinned=True)
    formats[names["villages"]] = st.column_config.NumberColumn(width=50)
    _show_rows(
        shown.rename(columns=names), found["code"], f"goals_townships_{look.what}", formats, _to_villages
    )


def _to_villages(township: str) -> None:
    """Show the villages of a township; of all of them for the row of all."""
    st.session_state[TOWNSHIP_KEY], st.session_state[VIEW_KEY] = township, VILLAGES


def show_villages(found: pd.DataFrame, look: Look, desk: GoalsDesk) -> None:
    """Draw the villages; a chosen one opens at the side."""
    if found.empty:
        _show_nothing()
        return
    key = f"goals_villages_{look.what}_{look.township}_{desk.backs}"
    _show_rows(villages_as_shown(found, look), found["code"], key, _village_formats(look), desk.open)


def villages_as_shown(found: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The columns people see, under translated headings."""
    return found.drop(columns="code").rename(columns=_village_names(look))


def _village_names(look: Look) -> Mapping[str, str]:
    return {"name": _("村"), "township_name": _("乡镇"), "done": _("已达成"), **look.columns()}


def _village_formats(look: Look) -> dict[str, Any]:
    names, text = _village_names(look), st.column_config.TextColumn
    formats: dict[str, Any] = {name: text(width=82, help=name) for name in look.columns().values()}
    formats[names["name"]] = text(width=84, pinned=True)
    formats[names["township_name"]] = text(width=66)
    formats[names["done"]] = st.column_config.NumberColumn(width=60)
    return formats


def _show_rows(
    shown: pd.DataFrame,
    codes: pd.Series,
    key: str,
    formats: dict[str, Any],
    choose: Callable[[str], None],
) -> None:
    """A table that fills the middle; the code of a chosen row is handed on, "" when it is taken back."""

    def follow() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        choose(str(codes.iloc[rows[0]]) if rows else "")

    with st.container(key="table", border=False):
        st.dataframe(
            shown,
            key=key,
            hide_index=True,
            height="stretch",
            on_select=follow,
            selection_mode="single-row",
            column_config=formats,
            row_height=32,
            placeholder="",
        )


def _show_nothing() -> None:
    show_empty(_("没有适用的村"), _("请换一个乡镇或清单；村请在“数据”页导入。"))
