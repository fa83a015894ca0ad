"""Taking a change back by a new dated one: from a day on it is again as it was before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_write
from geo.analysis.periods import in_force, is_missing
from geo.errors import InputError, RuleError, TransitionError
from geo.i18n import _
from geo.operations.cell_reversal import plan_cell_reversal
from geo.operations.ownership import ENDED_COLUMNS, Wanted, require_places, require_reason, succession_plan
from geo.operations.plan import Plan
from geo.operations.requests import Assignment, ReverseRequest
from geo.rules import Rules
from geo.store.changes import APPLIED, REGISTER, UNDO, change_named
from geo.store.models import CellRecord, Change, Lineage, Responsibility
from geo.store.records import records_of
from geo.store.subjects import standing_records
from geo.vocabulary import RESPONSIBILITY_RULES, Rank, ResponsibilityKind

_ACTION = "reverse"


def plan_reverse(
    session: Session, actor: Actor, request: ReverseRequest, *, today: date, rules: Rules
) -> Plan:
    """What it takes to have everything from a day on as it was before a change.

    Raises
    ------
    InputError
        There is no such change, or no reason is given.
    TransitionError
        It is not in force: it waits, was turned down or undone.
    RuleError
        Somebody else has changed the same things since, or who held them before cannot hold them again.
    """
    change = _standing(session, actor, request.change_code)
    if kind := _cell_event(session, change):
        return plan_cell_reversal(
            session,
            actor,
            change.code,
            kind=kind,
            on=request.on,
            reason=require_reason(request.reason),
            today=today,
            rules=rules,
        )
    plan = _plan_holders(session, actor, request, rules=rules)
    summary = _("自 {day} 起恢复原状：{what}").format(day=request.on.isoformat(), what=change.summary)
    return replace(plan, summary=summary)


def _standing(session: Session, actor: Actor, code: str) -> Change:
    change = change_named(session, code)
    if change is None:
        raise InputError(_("没有编号为“{code}”的变更。").format(code=code))
    require_writable(actor, change)
    require_revocable(change)
    return change


def require_writable(actor: Actor, change: Change) -> None:
    """Raise `PermissionError_` unless the actor may write everywhere a change did."""
    require_own(actor)
    for place in (change.request or {}).get("places", change.townships):
        require_write(actor, place)


def require_revocable(change: Change) -> None:
    """Raise `TransitionError` unless a change is in force and of a kind that can be taken back."""
    if change.action == UNDO:
        raise TransitionError(
            _("变更“{code}”本身是一项撤销，不能再撤销或恢复。").format(code=change.code),
            hint=_("需要时请按原来的内容重新办理。"),
        )
    if change.state != APPLIED:
        raise TransitionError(_("变更“{code}”没有生效或已经撤销。").format(code=change.code))
    if change.action.startswith(REGISTER):
        raise TransitionError(
            _("名册的变更不能撤销。"), hint=_("请在“名册”页再次更正；误停用的条目可以恢复。")
        )


def _cell_event(session: Session, change: Change) -> str | None:
    """What a change did to cells; None when it did nothing to any."""
    family, _dot, kind = change.action.partition(".")
    if family == "cell":
        return kind
    if records_of(session, CellRecord, batch=change.code).empty:
        return None
    lineage = records_of(session, Lineage, batch=change.code)
    return "redraw" if lineage.empty else str(lineage["event"].iloc[0])


def _plan_holders(session: Session, actor: Actor, request: ReverseRequest, *, rules: Rules) -> Plan:
    """End what the change let start, let start again what it ended."""
    code, on = request.change_code, request.on
    made = records_of(session, Responsibility, batch=code)
    lost = records_of(session, Responsibility, closed_by=code)
    lost = lost[lost["batch"].fillna("") != code]
    subjects = {*_subjects(made), *_subjects(lost)}
    require_places(session, actor, subjects)
    current = standing_records(
        session, kinds={kind for kind, _of in subjects}, targets={target for _of, target in subjects}
    )
    former = lost[np.array([is_missing(end) or end > on for end in lost["valid_to"]], dtype=bool)]
    _require_untouched(current, made, former, on=on)
    rows = [
        Assignment(
            row.kind,
            row.holder_code,
            row.target_code,
            max(row.valid_from, on),
            row.rank,
            None if is_missing(row.valid_to) else row.valid_to,
        )
        for row in former.itertuples(index=False)
    ]
    wanted = Wanted(_ACTION, request.reason, rows, _ended(current, made, former, on), code, keeps_ends=True)
    return succession_plan(session, actor, wanted, on=on, rules=rules)


def _subjects(records: pd.DataFrame) -> Iterable[tuple[str, str]]:
    return zip(records["kind"], records["target_code"], strict=True)


def _holders(records: pd.DataFrame) -> set[tuple[str, str, str, str]]:
    columns = (records[name] for name in ("kind", "target_code", "holder_code", "rank"))
    return {(kind, target, holder, rank) for kind, target, holder, rank in zip(*columns, strict=True)}


def _ended(current: pd.DataFrame, made: pd.DataFrame, former: pd.DataFrame, on: date) -> pd.DataFrame:
    """What the change let start and still stands: ended on the day, or withdrawn if it starts later."""
    again = {each[:3] for each in _holders(in_force(former, on))}
    own = made[made["id"].isin(current["id"])]
    started = [(*each[:3], on) for each in sorted(_holders(in_force(made, on))) if each[:3] not in again]
    planned = [
        (row.kind, row.target_code, row.holder_code, row.valid_from)
        for row in own.itertuples(index=False)
        if row.valid_from > on
    ]
    return pd.DataFrame([*started, *planned], columns=ENDED_COLUMNS, dtype=object)


def _require_untouched(current: pd.DataFrame, made: pd.DataFrame, former: pd.DataFrame, *, on: date) -> None:
    """Refuse when somebody else holds now what the change gave to others, or what would be given back."""
    there, given = _holders(in_force(current, on)), _holders(in_force(made, on))
    gone = given - there
    back = {each[:2] for each in _holders(in_force(former, on)) if _excludes_others(each)}
    newcomers = {each for each in there - given if _excludes_others(each) and each[:2] in back}
    if changed := sorted(gone | newcomers):
        raise RuleError(
            _("{target} 在那项变更之后又有别的变动，不能直接恢复原状。").format(target=changed[0][1]),
            hint=_("请先恢复后来的变更，或直接重新指定责任人。"),
        )


def _excludes_others(held: tuple[Any, ...]) -> bool:
    kind, _target, _holder, rank = held
    return rank == str(Rank.PRIMARY) and RESPONSIBILITY_RULES[ResponsibilityKind(kind)].at_most == 1
