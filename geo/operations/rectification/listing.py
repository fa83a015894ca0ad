"""Putting a village or branch on the list (挂牌), for the first time or again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_role
from geo.analysis.rectification.transitions import OPEN, roles_of
from geo.errors import InputError, RuleError
from geo.i18n import _
from geo.operations.rectification.case import (
    Case,
    count_change,
    found_cases,
    require_part,
    require_past,
    require_text,
)
from geo.operations.rectification.facts import is_there
from geo.operations.rules_now import rules_on
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.records import lock_writers
from geo.store.rectification_records import (
    add_case,
    add_event,
    county_leader_of,
    next_case_code,
    subject_village,
)
from geo.store.rectifications import register_periods
from geo.vocabulary import CaseAction, CaseState, EntityKind, WeakCause, label_of

SUBJECT_KINDS = (EntityKind.VILLAGE, EntityKind.BRANCH)


@dataclass(frozen=True)
class Listing:
    """What is written down when something is put on the list; see `list_case`."""

    subject_kind: EntityKind | str
    subject_code: str
    cause: WeakCause | str
    listed_on: date
    responsible_code: str
    note: str
    leader_code: str | None = None
    document_no: str | None = None
    due_on: date | None = None


def list_case(
    store: Store,
    actor: Actor,
    *,
    subject_kind: EntityKind | str,
    subject_code: str,
    cause: WeakCause | str,
    listed_on: date,
    responsible_code: str,
    now: datetime,
    note: str,
    leader_code: str | None = None,
    document_no: str | None = None,
    due_on: date | None = None,
) -> str:
    """Put a village or a branch on the list; gives the code of the case.

    Parameters
    ----------
    responsible_code : str
        The cadre who answers for it, in the register on that day.
    leader_code : str or None
        The leader linked to it; None: the county leader of its village on that day, if there is one.
    due_on : date or None
        The limit, not later than the rule's ``rectification_days`` after the listing; None: that day.

    Raises
    ------
    PermissionError_
        The actor is not the department, or the subject is out of its scope.
    InputError
        An unknown subject, cause or cadre, no note, a day that has not come, a limit that is no limit.
    RuleError
        It is on the list already, or was on it until a later day.
    """
    listing = Listing(
        subject_kind,
        subject_code,
        cause,
        listed_on,
        responsible_code,
        note,
        leader_code=leader_code,
        document_no=document_no,
        due_on=due_on,
    )
    with store.write() as session:
        lock_writers(session)
        return list_in(session, actor, listing, now=now)


def list_in(session: Session, actor: Actor, listing: Listing, *, now: datetime) -> str:
    """As `list_case`, within a transaction that holds the writers' lock."""
    require_own(actor)
    require_role(actor, *sorted(roles_of(CaseAction.LIST)))
    kind, cause, day = _kind(listing.subject_kind), _cause(listing.cause), listing.listed_on
    village_code = _village(session, kind, listing.subject_code, day)
    require_part(actor, roles_of(CaseAction.LIST), village_code or "")
    note, document_no = require_text(listing.note, listing.document_no)
    if note is None:
        raise InputError(_("请写明挂牌理由。"))
    require_past(day, now)
    last = _require_free(session, listing.subject_code, day)
    _require_in_register(session, day, listing.responsible_code, listing.leader_code)
    case = {
        "subject_kind": str(kind),
        "subject_code": listing.subject_code,
        "village_code": village_code,
        "cause": str(cause),
        "round": last.round + 1 if last else 1,
        "previous_code": last.code if last else None,
        "listed_on": day,
    }
    event = {
        "due_on": _limit(session, day, listing.due_on),
        "responsible_code": listing.responsible_code,
        "leader_code": listing.leader_code or _default_leader(session, village_code, day),
        "note": note,
        "document_no": document_no,
    }
    return _write(session, actor, case, event, now=now)


def _write(
    session: Session, actor: Actor, case: dict[str, Any], event: dict[str, Any], *, now: datetime
) -> str:
    code, day = next_case_code(session, case["listed_on"]), case["listed_on"]
    made = {"recorded_at": now, "recorded_by": actor.user}
    add_case(session, code=code, **case, **made)
    action, state = str(CaseAction.LIST), str(CaseState.LISTED)
    by = {"action": action, "state": state, "happened_on": day, "role": str(actor.role)}
    add_event(session, case_code=code, **by, **event, **made)
    after = {**case, **{name: value for name, value in event.items() if name != "note"}}
    record(session, actor, "rectify.list", now=now, subject=code, after=after, reason=event["note"])
    count_change(session, case["village_code"] or "")
    return code


def _default_leader(session: Session, village_code: str | None, on: date) -> str | None:
    """The county leader of a village who is in the register on a day."""
    leader = county_leader_of(session, village_code, on=on) if village_code else None
    entry = register_periods(session, [leader]).get(leader) if leader else None
    return leader if entry is not None and is_there(entry, on) else None


def _kind(kind: EntityKind | str) -> EntityKind:
    if str(kind) not in SUBJECT_KINDS:
        raise InputError(_("可挂牌的只有：{kinds}。").format(kinds="、".join(map(label_of, SUBJECT_KINDS))))
    return EntityKind(kind)


def _cause(cause: WeakCause | str) -> WeakCause:
    if str(cause) not in list(WeakCause):
        causes = "、".join(map(label_of, WeakCause))
        raise InputError(_("成因须为以下之一：{causes}。").format(causes=causes))
    return WeakCause(cause)


def _village(session: Session, kind: EntityKind, code: str, on: date) -> str | None:
    found = subject_village(session, kind, code, on=on)
    if found is None:
        raise InputError(
            _("{day} 没有代码为“{code}”的{kind}。").format(day=on.isoformat(), code=code, kind=label_of(kind))
        )
    return found[0]


def _require_free(session: Session, subject_code: str, listed_on: date) -> Case | None:
    """The last case of the subject, which must have ended by then; None of a subject that never had one."""
    earlier = found_cases(session, subject_code=subject_code)
    if not earlier:
        return None
    last = earlier[-1]
    if last.state in OPEN:
        raise RuleError(
            _("“{subject}”已在整改中（编号 {code}），不能重复挂牌。").format(
                subject=subject_code, code=last.code
            ),
            hint=_("请在原整改中办理。"),
        )
    if last.closed_on is not None and listed_on < last.closed_on:
        raise RuleError(
            _("上一轮整改（编号 {code}）到 {day} 才结束，挂牌日期不能更早。").format(
                code=last.code, day=last.closed_on.isoformat()
            )
        )
    return last


def _limit(session: Session, listed_on: date, due_on: date | None) -> date:
    days = int(rules_on(session, listed_on)["rectification_days"].value)
    latest = listed_on + timedelta(days=days)
    limit = due_on or latest
    if not listed_on < limit <= latest:
        raise InputError(
            _("整改期限须晚于挂牌日期，且不晚于 {day}（{days} 天）。").format(
                day=latest.isoformat(), days=days
            ),
            hint=_("确需更长时间的，请在整改中凭文号办理延期。"),
        )
    return limit


def _require_in_register(session: Session, on: date, *codes: str | None) -> None:
    """Refuse cadres who are not in the register on a day; None is nobody."""
    wanted = [code for code in codes if code is not None]
    register = register_periods(session, wanted)
    for code in wanted:
        if code not in register or not is_there(register[code], on):
            name = register[code][0] if code in register else code
            raise InputError(
                _("{name}在 {day} 不在干部名册中。").format(name=name or _("责任人"), day=on.isoformat()),
                hint=_("请另选在册干部，或先在名册中登记。"),
            )
