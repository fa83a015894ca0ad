"""Planning who answers for what: assigning, ending, correcting (domain §3).

`succession_plan` is what all of them come to, and handing over too: it checks the right on every place
first, so that no answer tells anything of a place the actor may not write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_write
from geo.analysis.succession import Subject, Succession, corrected, records_seen, succession
from geo.codes import TOWNSHIP, VILLAGE
from geo.errors import CodeError, InputError, RuleError
from geo.i18n import _
from geo.operations.burden import burden_consequences, loads_around
from geo.operations.plan import Plan
from geo.operations.requests import (
    KEEP,
    Assignment,
    AssignRequest,
    CorrectRequest,
    EndRequest,
    ReassignRequest,
)
from geo.operations.terms import wanted_rows
from geo.rules import Rules
from geo.store.subjects import (
    entries_of,
    standing_record,
    standing_records,
    townships_of_places,
    villages_of,
)
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, Rank, ResponsibilityKind, label_of

_DIVISIONS = {EntityKind.TOWNSHIP, EntityKind.VILLAGE, EntityKind.CELL}
COUNTYWIDE = ""
_SHOWN = 3


def plan_assign(session: Session, actor: Actor, request: AssignRequest, *, today: date, rules: Rules) -> Plan:
    """What it would do to let holders hold things from a day on.

    Raises
    ------
    PermissionError_
        Some target lies where the actor may not write.
    InputError
        Nothing is asked, no reason is given, or a code stands for nothing.
    RuleError
        The domain's rules forbid it (`geo.analysis.succession.succession`, `geo.operations.terms`).
    """
    if not request.rows:
        raise InputError(_("没有要办理的责任。"), hint=_("请先选择对象。"))
    return succession_plan(
        session,
        actor,
        Wanted(request.action, request.reason, rows=request.rows),
        on=max(row.valid_from for row in request.rows),
        rules=rules,
    )


def plan_end(session: Session, actor: Actor, request: EndRequest, *, today: date, rules: Rules) -> Plan:
    """What it would do to end responsibilities on a day; errors as for `plan_assign`."""
    if not request.targets:
        raise InputError(_("没有要办理的责任。"), hint=_("请先选择对象。"))
    kind = _kind(request.kind)
    ended = pd.DataFrame(
        [(kind, target, request.holder_code, request.on) for target in dict.fromkeys(request.targets)],
        columns=ENDED_COLUMNS,
        dtype=object,
    )
    return succession_plan(
        session, actor, Wanted(request.action, request.reason, ended=ended), on=request.on, rules=rules
    )


def plan_reassign(
    session: Session, actor: Actor, request: ReassignRequest, *, today: date, rules: Rules
) -> Plan:
    """What it would do to end some of what holders hold and let others start; errors as for `plan_assign`."""
    if not request.rows and not request.ended:
        raise InputError(_("没有要办理的责任。"), hint=_("请至少保留一行。"))
    for each in request.ended:
        _kind(each.kind)
    ended = pd.DataFrame(
        [(each.kind, each.target_code, each.holder_code, each.on) for each in request.ended],
        columns=ENDED_COLUMNS,
        dtype=object,
    )
    days = [row.valid_from for row in request.rows] + [each.on for each in request.ended]
    wanted = Wanted(request.action, request.reason, rows=request.rows, ended=ended)
    return succession_plan(session, actor, wanted, on=max(days), rules=rules)


def plan_correct(
    session: Session, actor: Actor, request: CorrectRequest, *, today: date, rules: Rules
) -> Plan:
    """What it would do to put right, or withdraw, one record that was wrong; errors as for `plan_assign`."""
    wrong = standing_record(session, request.record_id)
    if wrong is None:
        raise RuleError(
            _("没有编号为 {id} 的现行记录。").format(id=request.record_id),
            hint=_("它可能已被更正；请刷新变更记录后再试。"),
        )
    changes = _corrections(request)
    subject = (wrong.kind, wrong.target_code)
    places = require_places(session, actor, [subject])
    reason = require_reason(request.reason)
    if changes is not None:
        right = Assignment(
            wrong.kind,
            changes.get("holder_code", wrong.holder_code),
            wrong.target_code,
            changes.get("valid_from", wrong.valid_from),
            changes.get("rank", wrong.rank),
            changes.get("valid_to", wrong.valid_to),
        )
        wanted_rows([right], _entries(session, [subject], [right]), keeps_ends=True)
    current = standing_records(session, kinds=[wrong.kind], targets=[wrong.target_code])
    change = corrected(current, request.record_id, changes, reason=reason)
    return _plan(
        session,
        Wanted(request.action, reason),
        _Situation(current, [subject], places),
        change,
        on=max(wrong.valid_from, (changes or {}).get("valid_from", wrong.valid_from)),
        rules=rules,
    )


ENDED_COLUMNS = ["kind", "target_code", "holder_code", "on"]


@dataclass(frozen=True)
class Wanted:
    """What is to be so, before the records are looked at.

    Attributes
    ----------
    action, reason : str
    rows : sequence of Assignment
        Who is to hold what.
    ended : DataFrame ``kind, target_code, holder_code, on`` or None
        What is to end (see `geo.analysis.succession.succession`).
    reverses : str or None
        Code of the change that is taken back.
    keeps_ends : bool
        Whether a missing end is meant: no term by rule is put in.
    """

    action: str
    reason: str
    rows: Sequence[Assignment] = ()
    ended: pd.DataFrame | None = None
    reverses: str | None = None
    keeps_ends: bool = False

    @property
    def subjects(self) -> list[Subject]:
        """Every kind and target it is about, each once."""
        asked = [(row.kind, row.target_code) for row in self.rows]
        if self.ended is not None:
            asked += zip(self.ended["kind"], self.ended["target_code"], strict=True)
        return list(dict.fromkeys(asked))


@dataclass(frozen=True)
class _Situation:
    """The records that stand over what a change is about, and where that lies."""

    current: pd.DataFrame
    subjects: Sequence[Subject]
    places: frozenset[str]


def succession_plan(session: Session, actor: Actor, wanted: Wanted, *, on: date, rules: Rules) -> Plan:
    """The plan of ending some responsibilities and starting others in one step.

    Parameters
    ----------
    on : date
        The day on which before and after are compared.

    Raises
    ------
    PermissionError_, InputError, RuleError
        As for `plan_assign`.
    """
    for row in wanted.rows:
        _kind(row.kind)
    places = require_places(session, actor, wanted.subjects)
    reason = require_reason(wanted.reason)
    kinds = {kind for kind, _target in wanted.subjects}
    current = standing_records(session, kinds=kinds, targets={target for _kind, target in wanted.subjects})
    entries = _entries(session, wanted.subjects, wanted.rows, also=current["holder_code"])
    rows = wanted_rows(wanted.rows, entries, keeps_ends=wanted.keeps_ends)
    change = succession(current, rows, ended=wanted.ended, reason=reason)
    situation = _Situation(current, wanted.subjects, places)
    return _plan(session, wanted, situation, change, on=on, rules=rules, entries=entries)


def _plan(
    session: Session,
    wanted: Wanted,
    situation: _Situation,
    change: Succession,
    *,
    on: date,
    rules: Rules,
    entries: pd.DataFrame | None = None,
) -> Plan:
    holders = {*change.closed["holder_code"], *change.opened["holder_code"]}
    names = {} if entries is None else _names(entries)
    if unnamed := holders - set(names):
        names |= _names(entries_of(session, unnamed))
    loads = loads_around(session, change.closed, change.opened, on=on)
    return Plan(
        action=wanted.action,
        on=on,
        places=situation.places,
        townships=townships_of_places(session, situation.places),
        summary=_summary(wanted.action, change, names, on),
        reason=wanted.reason.strip(),
        closed=change.closed,
        opened=change.opened,
        unchanged=change.unchanged,
        notes=change.notes,
        consequences=burden_consequences(situation.current, change, loads, names, on=on, rules=rules),
        seen=records_seen(situation.current, situation.subjects),
        reverses=wanted.reverses,
        loads=loads,
    )


def require_reason(reason: str) -> str:
    """The reason without blanks around it; `InputError` when there is none."""
    if not reason.strip():
        raise InputError(_("请填写变更理由。"))
    return reason.strip()


def require_places(session: Session, actor: Actor, subjects: Iterable[Subject]) -> frozenset[str]:
    """Where the targets lie; `PermissionError_` unless the actor may write in all of it.

    Townships, villages and cells say it by their codes. Households, groups, branches and areas lie in the
    villages they name, whatever their codes look like, a resident cadre where it lives; what lies nowhere
    (the branch of an office) is the county's.
    """
    asked = list(subjects)
    own_codes = {target for kind, target in asked if not set(_targets_of(kind)) <= _DIVISIONS}
    found = villages_of(session, own_codes)
    places: set[str] = set()
    for _of, target in asked:
        if target in own_codes:
            places.update(found.get(target, [COUNTYWIDE]))
        else:
            places.add(target[:VILLAGE] if len(target) >= TOWNSHIP else COUNTYWIDE)
    for code in sorted(places):
        require_write(actor, code)
    return frozenset(places)


def _targets_of(kind: str) -> tuple[EntityKind, ...]:
    return RESPONSIBILITY_RULES[ResponsibilityKind(kind)].targets


def _kind(kind: str) -> str:
    if kind not in set(ResponsibilityKind):
        raise InputError(_("没有名为“{kind}”的责任类型。").format(kind=kind))
    return kind


def _corrections(request: CorrectRequest) -> dict[str, Any] | None:
    """What is to be another; None when the record is to be withdrawn."""
    if request.withdraw:
        return None
    said = {"holder_code": request.holder_code, "valid_from": request.valid_from, "rank": request.rank}
    changes: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if request.valid_to is not KEEP:
        changes["valid_to"] = request.valid_to
    if request.rank is not None and request.rank not in set(Rank):
        raise InputError(_("没有名为“{rank}”的主次。").format(rank=request.rank))
    if not changes:
        raise InputError(_("没有说明要更正什么。"), hint=_("请改动至少一项，或选择撤销该记录。"))
    return changes


def _entries(
    session: Session, subjects: Iterable[Subject], rows: Iterable[Assignment], *, also: Iterable[str] = ()
) -> pd.DataFrame:
    """Holders and targets that there are; `CodeError` for a code that stands for nothing.

    ``also`` are codes to look up in the same go, whether they stand for something or not.
    """
    codes = {target for _kind, target in subjects} | {row.holder_code for row in rows}
    entries = entries_of(session, codes.union(also))
    if missing := sorted(codes - set(entries["code"])):
        raise CodeError(
            _("没有代码为“{code}”的对象。").format(code="、".join(missing[:_SHOWN])),
            hint=_("请核对代码后再试。"),
        )
    return entries


def _names(entries: pd.DataFrame) -> dict[str, str]:
    return dict(zip(entries["code"], entries["name"], strict=True))


def _summary(action: str, change: Succession, names: Mapping[str, str], on: date) -> str:
    """One sentence: what of which kind goes to whom, from when."""
    opened, closed = change.opened, change.closed
    new = opened[np.array([start >= on or action == "correct" for start in opened["valid_from"]], dtype=bool)]
    rows = new if len(new) else opened if action == "assign" else closed
    if rows.empty:
        return _("内容与现有记录相同，没有变更。")
    kinds = "、".join(label_of(ResponsibilityKind(kind)) for kind in dict.fromkeys(rows["kind"]))
    said = {
        "kinds": kinds,
        "targets": _listed(rows["target_code"]),
        "count": rows["target_code"].nunique(),
        "holders": _listed([names.get(code, code) for code in rows["holder_code"]]),
        "day": on.isoformat(),
    }
    if action == "correct":
        words = (
            _("更正{kinds}记录：{targets}，{holders}。")
            if len(new)
            else _("撤销{kinds}记录：{targets}，{holders}。")
        )
    elif len(new):
        words = _("{kinds}：自 {day} 起由{holders}负责 {count} 个对象（{targets}）。")
    else:
        words = _("{kinds}：自 {day} 起结束{holders}对 {count} 个对象的责任（{targets}）。")
    return words.format(**said)


def _listed(values: Collection[str] | pd.Series) -> str:
    distinct = list(dict.fromkeys(values))
    shown = "、".join(distinct[:_SHOWN])
    return shown if len(distinct) <= _SHOWN else _("{some}等").format(some=shown)
