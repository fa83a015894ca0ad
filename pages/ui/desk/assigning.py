"""The forms that give the chosen targets an owner, or end what somebody holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.operations.requests import Assignment, AssignRequest, EndRequest
from geo.store.engine import Store
from geo.vocabulary import RESPONSIBILITY_RULES, Rank, ResponsibilityKind, label_of
from pages.ui import cached
from pages.ui.desk.state import Desk

MOST_OFFERED = 50


def assign_form(
    store: Store, actor: Actor, desk: Desk, chosen: pd.DataFrame, *, as_of: date
) -> AssignRequest | None:
    """Who takes the chosen targets over, from when to when; None until somebody is named."""
    holder = holder_choice(store, actor, desk.kind, chosen, as_of=as_of)
    first, last, rank = st.columns(3)
    with first:
        start = st.date_input(_("从"), as_of, format="YYYY-MM-DD", key="assign_from")
    with last:
        end = st.date_input(_("至（含，可不填）"), None, format="YYYY-MM-DD", key="assign_to")
    with rank:
        part = rank_choice(desk.kind)
    if holder is None or not isinstance(start, date):
        return None
    until = end + timedelta(days=1) if isinstance(end, date) else None
    rows = tuple(
        Assignment(
            kind=desk.kind,
            holder_code=holder,
            target_code=code,
            rank=part,
            valid_from=start,
            valid_to=until,
        )
        for code in desk.selected
    )
    return AssignRequest(rows=rows, reason="")


def holder_choice(
    store: Store, actor: Actor, kind: ResponsibilityKind, chosen: pd.DataFrame, *, as_of: date
) -> str | None:
    """The cadre or unit that is named: looked up by a word, offered in the order of fit."""
    look, pick = st.columns([1, 1.7])
    with look:
        text = st.text_input(_("查找责任人"), placeholder=_("姓名、单位或代码"), key="holder_text")
    offered = cached.candidate_rows(
        store,
        actor,
        kind,
        as_of=as_of,
        township=_one_township(chosen),
        text=text,
        near=_middle(chosen),
        limit=MOST_OFFERED,
    )
    labels = {row.code: _offer(row) for row in offered.itertuples(index=False)}
    with pick:
        return st.selectbox(
            _("责任人"),
            list(labels),
            index=None,
            format_func=lambda code: labels.get(code, code),
            placeholder=_("请选择（按远近和负担排列）") if labels else _("没有找到，请换个词"),
            key="holder_code",
        )


def rank_choice(kind: ResponsibilityKind, default: Rank = Rank.PRIMARY) -> Rank:
    """Whether the holder answers first or assists; there is a choice only where one answers alone."""
    if RESPONSIBILITY_RULES[kind].at_most is None:
        return default
    chosen = st.segmented_control(
        _("主次"), list(Rank), format_func=label_of, default=default, key=f"rank_{default}", required=True
    )
    return Rank(chosen or default)


def end_form(desk: Desk, chosen: pd.DataFrame, *, as_of: date) -> EndRequest | None:
    """On which last day the chosen targets lose their owner; None when nobody holds any of them."""
    held = chosen[chosen["holders"].astype(bool) | chosen["assistants"].astype(bool)]
    if held.empty:
        st.info(_("选中的对象目前无人负责，不需要结束。"))
        return None
    last = st.date_input(_("最后一天"), as_of - timedelta(days=1), format="YYYY-MM-DD", key="end_last")
    st.caption(_("从次日起这些对象将没有责任人；如有接替者，请用“指派”，原责任自动结束。"))
    if not isinstance(last, date):
        return None
    return EndRequest(
        kind=desk.kind, targets=tuple(held["code"]), on=last + timedelta(days=1), reason="", holder_code=None
    )


def _offer(row: Any) -> str:
    """Name, unit, load and distance of a candidate in one line."""
    parts = [row.name, row.unit_name]
    if row.cells:
        parts.append(_("{count} 格").format(count=row.cells))
    if row.households:
        parts.append(_("{count} 户").format(count=row.households))
    if pd.notna(row.distance_km):
        parts.append(f"{row.distance_km:.1f} km")
    return " · ".join(str(part) for part in parts if part and pd.notna(part))


def _one_township(chosen: pd.DataFrame) -> str:
    townships = chosen["township_code"].dropna().unique()
    return str(townships[0]) if len(townships) == 1 else ""


def _middle(chosen: pd.DataFrame) -> tuple[float, float] | None:
    """A point amidst the chosen targets, as longitude and latitude."""
    places = chosen.geometry.dropna()
    if places.empty:
        return None
    west, south, east, north = places.total_bounds
    return (float(west + east) / 2, float(south + north) / 2)
