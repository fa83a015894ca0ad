"""Handing over: somebody leaves or a term ends, and everything they hold goes to others in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.handover import PROPOSAL_COLUMNS, propose_successors
from geo.errors import AppError, CodeError, InputError, PermissionError_, RuleError
from geo.i18n import _
from geo.operations.holders import (
    OFFICER,
    candidates_frame,
    held_from,
    holdings_frame,
    officer_households,
    places_by_target,
    villages_by_target,
)
from geo.operations.ownership import ENDED_COLUMNS, Wanted, succession_plan
from geo.operations.plan import Plan
from geo.operations.requests import Assignment, HandoverRequest
from geo.operations.rules_now import rules_on
from geo.rules import Rules
from geo.store import queries
from geo.store.engine import Store
from geo.store.subjects import entries_of
from geo.vocabulary import EntityKind, ResponsibilityKind, label_of

_ITEM = ["kind", "target_code", "rank"]
ITEM_COLUMNS = [
    *_ITEM,
    "target_name",
    "valid_from",
    "valid_to",
    "is_yours",
    *[name for name in PROPOSAL_COLUMNS if name not in _ITEM],
    "successor_name",
]
_SHOWN = 5


def propose_handover(store: Store, actor: Actor, holder_code: str, *, on: date, as_of: date) -> pd.DataFrame:
    """Everything a holder holds on a day or later, and who could take it over.

    Parameters
    ----------
    on : date
        First day on which others hold it; loads are those of that day.
    as_of : date
        The day whose villages' problems count.

    Returns
    -------
    DataFrame, one row a record, by kind and target
        `ITEM_COLUMNS`. ``valid_from`` is when the successor starts (the day, or later for what is only
        planned) and ``valid_to`` when it was to end anyway. Rows where ``is_yours`` is false lie where the
        actor may only read: they have no successor and stay as they are. What lies out of the actor's sight
        is left out. Empty when nothing is held.

    Raises
    ------
    CodeError
        Nobody has this code.
    """
    with store.read() as session:
        _require_holder(session, holder_code)
        held = held_from(session, holder_code, on=on)
        held["is_yours"] = _lie_where(session, held, actor.can_write)
        held = held[_lie_where(session, held, actor.can_read)].reset_index(drop=True)
        mine = held[held["is_yours"]]
        found = _proposal(session, holder_code, mine, on=on, as_of=as_of)
        names = entries_of(session, {*held["target_code"], *found["successor_code"].dropna()})
    called = names.drop_duplicates("code").set_index("code")["name"]
    table = held.merge(found, how="left", on=_ITEM).astype({"successor_code": object})
    table["successor_code"] = table["successor_code"].where(table["successor_code"].notna(), None)
    table.loc[~table["is_yours"], "why"] = _("不在您的管理范围内，保持不变。")
    return table.assign(
        target_name=table["target_code"].map(called),
        successor_name=table["successor_code"].map(called).astype(object),
        valid_from=[max(start, on) for start in table["valid_from"]],
    )[ITEM_COLUMNS]


def given_to(proposal: pd.DataFrame, successor_code: str) -> pd.DataFrame:
    """The proposal with one successor for everything that the actor may hand over."""
    chosen = proposal["is_yours"].map({True: successor_code, False: None}).astype(object)
    return proposal.assign(successor_code=chosen, successor_name=None, why="")


def handover_request(proposal: pd.DataFrame, holder_code: str, *, on: date, reason: str) -> HandoverRequest:
    """What is asked for when a proposal, edited or not, is accepted: its rows with a successor."""
    chosen = proposal[proposal["is_yours"] & proposal["successor_code"].notna()]
    items = tuple(
        Assignment(row.kind, row.successor_code, row.target_code, row.valid_from, row.rank, row.valid_to)
        for row in chosen.itertuples(index=False)
    )
    return HandoverRequest(holder_code, on, items, reason)


def plan_handover(
    session: Session, actor: Actor, request: HandoverRequest, *, today: date, rules: Rules
) -> Plan:
    """What it would do to end all that a holder holds and let the successors start.

    What lies where the actor may not write stays as it is; the plan's notes say how much, and what of it the
    actor may see. What is left without a successor must be confirmed.

    Raises
    ------
    PermissionError_
        All that is held lies where the actor may not write.
    CodeError
        Nobody has the holder's code.
    InputError
        An item is none of the holder's, or goes to the holder; no reason.
    RuleError
        The holder holds nothing; or as for `plan_assign`.
    """
    name = _require_holder(session, request.holder_code)
    held = held_from(session, request.holder_code, on=request.on)
    yours = _lie_where(session, held, actor.can_write)
    mine, others = held[yours], held[~yours]
    if mine.empty:
        raise _nothing_to_hand_over(name, request.on, is_others=len(others) > 0)
    _require_items(request, mine)
    ended = mine.assign(on=[max(start, request.on) for start in mine["valid_from"]])[ENDED_COLUMNS]
    wanted = Wanted(request.action, request.reason, rows=request.items, ended=ended.astype(object))
    plan = succession_plan(session, actor, wanted, on=request.on, rules=rules)
    left = _left(request, mine)
    return replace(
        plan,
        summary=_summary(request, name, len(mine) - len(left)),
        consequences=(*plan.consequences, *_left_words(left)),
        notes=(*plan.notes, *_others_words(name, others, _lie_where(session, others, actor.can_read))),
        seen={**plan.seen, f"holder:{request.holder_code}": ",".join(map(str, sorted(held["id"])))},
    )


def _require_holder(session: Session, code: str) -> str:
    """The name of a cadre or unit; `CodeError` when nobody has the code."""
    entries = entries_of(session, [code])
    found = entries[entries["kind"].isin([str(EntityKind.CADRE), str(EntityKind.UNIT)])]
    if found.empty:
        raise CodeError(_("没有代码为“{code}”的干部或单位。").format(code=code), hint=_("请核对代码后再试。"))
    return str(found["name"].iloc[0])


def _lie_where(session: Session, held: pd.DataFrame, may: Callable[[str], bool]) -> pd.Series:
    """Whether the actor may write, or read, everywhere a record's target lies."""
    places = places_by_target(villages_by_target(session, set(held["target_code"])))
    found = {code: all(may(place) for place in each) for code, each in places.items()}
    return held["target_code"].map(found).astype(bool)


def _proposal(
    session: Session, holder_code: str, held: pd.DataFrame, *, on: date, as_of: date
) -> pd.DataFrame:
    """Proposed successors by kind, target and rank."""
    distinct = held.drop_duplicates(_ITEM).reset_index(drop=True)
    if distinct.empty:
        return pd.DataFrame(columns=PROPOSAL_COLUMNS, dtype=object)
    holdings = holdings_frame(session, distinct, on=on, as_of=as_of)
    kinds = set(distinct["kind"])
    candidates = candidates_frame(session, kinds, on=on)
    candidates = candidates[candidates["code"] != holder_code]
    townships = set(holdings["township_code"].dropna())
    bear = officer_households(session, townships, on=on) if OFFICER in kinds else pd.Series(dtype=float)
    candidates["households"] = candidates["code"].map(bear).fillna(0).astype(float)
    beside = queries.responsibilities(
        session, as_of=on, kinds=sorted(kinds), targets=distinct["target_code"].tolist()
    )
    beside = beside[beside["holder_code"] != holder_code]
    return propose_successors(holdings, candidates, rules=rules_on(session, on), beside=beside)


def _nothing_to_hand_over(name: str, on: date, *, is_others: bool) -> AppError:
    if is_others:
        return PermissionError_(
            _("{name}的责任都不在您的管理范围内，不能移交。").format(name=name),
            hint=_("请由县委组织部或相应乡镇办理。"),
        )
    return RuleError(_("{name}在 {day} 及以后没有责任可移交。").format(name=name, day=on.isoformat()))


def _require_items(request: HandoverRequest, mine: pd.DataFrame) -> None:
    """Items name what is handed over, and somebody else."""
    known = set(zip(mine["kind"], mine["target_code"], strict=True))
    for item in request.items:
        if (item.kind, item.target_code) not in known:
            raise InputError(
                _("{target} 不是 {holder} 可移交的责任。").format(
                    target=item.target_code, holder=request.holder_code
                ),
                hint=_("请重新打开移交清单。"),
            )
        if item.holder_code == request.holder_code:
            raise InputError(_("接手人不能是移交人自己。"))


def _left(request: HandoverRequest, mine: pd.DataFrame) -> pd.DataFrame:
    """What is handed over and has no successor."""
    given = {(item.kind, item.target_code, item.rank) for item in request.items}
    asked = zip(mine["kind"], mine["target_code"], mine["rank"], strict=True)
    return mine[np.array([subject not in given for subject in asked], dtype=bool)]


def _summary(request: HandoverRequest, name: str, given: int) -> str:
    holders = len({item.holder_code for item in request.items})
    said = {"name": name, "day": request.on.isoformat(), "given": given, "holders": holders}
    if not given:
        return _("{name}的责任自 {day} 起全部结束，没有接手人。").format(**said)
    return _("{name}自 {day} 起移交 {given} 项责任，由 {holders} 个责任人接手。").format(**said)


def _left_words(left: pd.DataFrame) -> Iterable[str]:
    if len(left):
        words = _("{count} 项责任没有接手人：{targets}。")
        yield words.format(count=len(left), targets=_listed(left))


def _others_words(name: str, others: pd.DataFrame, seen: pd.Series) -> Iterable[str]:
    if others.empty:
        return
    if seen.any():
        words = _("{name}另有 {count} 项责任不在您的管理范围内，保持不变：{targets}。")
        yield words.format(name=name, count=len(others), targets=_listed(others[seen]))
    else:
        words = _("{name}另有 {count} 项责任不在您的管理范围内，保持不变。")
        yield words.format(name=name, count=len(others))


def _listed(held: pd.DataFrame) -> str:
    """Kind and target of a few records."""
    each = [
        f"{label_of(ResponsibilityKind(kind))} {target}"
        for kind, target in zip(held["kind"][:_SHOWN], held["target_code"][:_SHOWN], strict=True)
    ]
    shown = "、".join(each)
    return shown if len(held) <= _SHOWN else _("{some}等").format(some=shown)
