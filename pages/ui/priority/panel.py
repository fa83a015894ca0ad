"""The side of the page of priority villages: one village explained, or what is missing where."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.priority import label_lines
from geo.exchange.village_profile import LabelLine, SuspectLine
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import UnitKind, VillageLabel, label_of
from pages.ui.going import go_to
from pages.ui.part import speaking
from pages.ui.priority.deciding import offer_decisions
from pages.ui.priority.filters import Look
from pages.ui.priority.state import PriorityDesk
from pages.ui.text import named

_MOST_LISTED = 10


def show_side(store: Store, actor: Actor, desk: PriorityDesk, look: Look, table: pd.DataFrame) -> None:
    """Fill the panel."""
    if desk.village:
        _show_village(store, actor, desk, look, table)
        return
    short = table[table["missing"] != ""]
    title, below = _("应派尽派"), _("{count} 个村还有所缺").format(count=f"{len(short):,}")
    st.html(f'<div class="panel"><h2>{escape(title)}</h2><div class="code">{escape(below)}</div></div>')
    if short.empty:
        whole = escape(_("应派的村都已派到，工作组也齐。"))
        st.html(f'<div class="panel"><p class="ok">{whole}</p></div>')
    with st.container(key="hits_priority"):
        for village in short.head(_MOST_LISTED).itertuples(index=False):
            label = named(village.name, village.missing)
            st.button(
                label,
                key=f"priority_{village.code}",
                on_click=_open,
                args=(desk, village.code),
                width="stretch",
            )
    hint = escape(_("在地图上点一个村，或在名单里选一行，查看它的标签、理由和所缺。"))
    st.html(f'<div class="panel"><p class="hint">{hint}</p></div>')


@speaking
def _open(desk: PriorityDesk, code: str) -> None:
    desk.open(code)


def _show_village(store: Store, actor: Actor, desk: PriorityDesk, look: Look, table: pd.DataFrame) -> None:
    st.button(_("返回"), icon=":material/arrow_back:", on_click=desk.close, key="priority_back")
    lines, suspects = label_lines(store, actor, desk.village, as_of=look.as_of)
    row = table[table["code"] == desk.village]
    st.html(_village_html(desk.village, row, lines, suspects))
    if st.button(_("打开村情"), type="primary", width="stretch", key="priority_profile"):
        go_to("profile", village=desk.village)
    offer_decisions(store, actor, desk, lines)


def _village_html(
    code: str, row: pd.DataFrame, lines: tuple[LabelLine, ...], suspects: tuple[SuspectLine, ...]
) -> str:
    name, below = code, code
    facts = ""
    if len(row):
        village = row.iloc[0]
        name, below = village["name"], f"{village['township_name']} · {code}"
        facts = _facts(village)
    plain = escape(_("没有标签。"))
    labels = "".join(map(_label, lines)) or f'<p class="hint">{plain}</p>'
    return (
        f'<div class="panel"><h2>{escape(name)}</h2><div class="code">{escape(below)}</div>'
        f'<div class="labels">{labels}</div>{_doubts(suspects)}{facts}</div>'
    )


def _label(line: LabelLine) -> str:
    since = _("{day} 起").format(day=line.since.isoformat()) if line.since else ""
    signed = "　".join(part for part in (since, line.document_no, line.decided_by) if part)
    against = "".join(f'<p class="alert">{escape(text)}</p>' for text in line.contradictions)
    return (
        f'<div class="label {escape(line.label)}"><b>{escape(label_of(VillageLabel(line.label)))}</b>'
        f'<span>{escape(line.reason)}</span><div class="code">{escape(signed)}</div>{against}</div>'
    )


def _doubts(suspects: tuple[SuspectLine, ...]) -> str:
    if not suspects:
        return ""
    title = escape(_("疑似（未认定）"))
    items = "".join(
        f"<li>{escape(label_of(VillageLabel(line.label)))}：{escape(line.reason)}</li>" for line in suspects
    )
    return f"<h3>{title}</h3><ul>{items}</ul>"


def _facts(village: pd.Series) -> str:
    wants = _("、").join(label_of(UnitKind(kind)) for kind in str(village["wants"] or "").split(";") if kind)
    rows = [
        (_("驻村干部"), village["resident_names"] or _("无")),
        (
            _("工作组"),
            _("{team} 人，其中镇干部 {local} 人").format(
                team=village["team"], local=village["township_cadres"]
            ),
        ),
        (_("派出单位"), village["units"] or _("无")),
        (_("宜派"), wants),
    ]
    listed = "".join(f"<dt>{escape(term)}</dt><dd>{escape(str(said))}</dd>" for term, said in rows if said)
    lacking = escape(village["missing"]) if village["missing"] else ""
    title, complete = escape(_("帮扶力量")), escape(_("应派的都已派到。"))
    state = f'<p class="alert">{lacking}</p>' if lacking else f'<p class="ok">{complete}</p>'
    return f"<h3>{title}</h3>{state}<dl>{listed}</dl>"
