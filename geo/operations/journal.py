"""Submitting changes: shown before, written at once or kept for approval, undone and reversed afterwards.

Every writer takes the writers' lock first and plans inside the same transaction, so that what is written is
what holds at that moment; what the user saw is compared with it, and nothing is overwritten silently.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_role, require_write
from geo.codes import TOWNSHIP, require_code
from geo.errors import (
    ConfirmationNeeded,
    ConflictError,
    InputError,
    PermissionError_,
    RuleError,
    TransitionError,
)
from geo.i18n import _
from geo.operations.account_rules import actor_of
from geo.operations.apply import apply_plan
from geo.operations.ownership import require_reason
from geo.operations.plan import Plan
from geo.operations.planners import plan_request
from geo.operations.preview import Preview, preview_of
from geo.operations.requests import Request, ReverseRequest, parse_request
from geo.operations.reversal import require_revocable, require_writable
from geo.operations.rules_now import rules_on
from geo.store.audit import record
from geo.store.changes import (
    APPLIED,
    PENDING,
    REJECTED,
    UNDO,
    UNDONE,
    approval_required,
    change_named,
    last_change_of,
    last_touches,
    require_approval,
)
from geo.store.engine import Store
from geo.store.models import Change, Responsibility
from geo.store.records import lock_writers, new_batch
from geo.store.rows import account_named
from geo.store.subjects import villages_of
from geo.store.undo import undo_batch
from geo.store.versions import bump
from geo.vocabulary import Role

UNCHANGED = "unchanged"
_MANY = 20


@dataclass(frozen=True)
class Outcome:
    """What became of a change.

    Attributes
    ----------
    code : str
        By which it can be undone, reversed or decided on; empty when there was nothing to change.
    state : str
        ``applied``, ``pending``, ``rejected``, ``undone`` or ``unchanged``.
    summary : str
    closed, opened : int
        How many records of responsibility it superseded and made.
    """

    code: str
    state: str
    summary: str
    closed: int = 0
    opened: int = 0


def preview(store: Store, actor: Actor, request: Request, *, today: date) -> Preview:
    """What a request would do; nothing is written.

    Raises
    ------
    PermissionError_, InputError, RuleError
        As for `submit`: whoever may not do it may not see what it would do.
    """
    with store.read() as session:
        rules = rules_on(session, today)
        plan = plan_request(session, actor, request, today=today, rules=rules)
        return preview_of(session, plan, today=today, rules=rules)


def submit(
    store: Store,
    actor: Actor,
    request: Request,
    *,
    now: datetime,
    today: date,
    seen: Mapping[str, str] | None = None,
    confirmed: bool = False,
) -> Outcome:
    """Make a change in one transaction, or keep it for approval where a township asks for that.

    Parameters
    ----------
    seen : mapping or None
        What the preview rested on; None: whatever is stored now.
    confirmed : bool
        The consequences are accepted.

    Raises
    ------
    PermissionError_
        The actor may not write in one of the places.
    InputError, RuleError
        The request makes no sense, or the rules of the domain forbid it.
    ConflictError
        Somebody else changed what was seen; ``others`` says who, what and when.
    ConfirmationNeeded
        It has consequences and they were not confirmed.
    """
    with store.write() as session:
        lock_writers(session)
        rules = rules_on(session, today)
        plan = plan_request(session, actor, request, today=today, rules=rules)
        _require_seen(session, actor, plan, seen)
        _require_possible(plan, confirmed=confirmed)
        if plan.is_empty:
            return Outcome("", UNCHANGED, plan.summary)
        change = _change_row(actor, request, plan, now=now)
        if _needs_approval(session, actor, plan.townships):
            return _keep(session, actor, change, plan, now=now)
        session.add(change)
        apply_plan(session, actor, plan, now=now, batch=change.code)
        return _applied(change.code, plan)


def reverse(
    store: Store,
    actor: Actor,
    code: str,
    *,
    on: date,
    reason: str,
    now: datetime,
    today: date,
    confirmed: bool = False,
) -> Outcome:
    """Let it be from a day on as it was before a change: a new dated change (errors as for `submit`)."""
    request = ReverseRequest(change_code=code, on=on, reason=reason)
    return submit(store, actor, request, now=now, today=today, confirmed=confirmed)


def undo_last(store: Store, actor: Actor, *, now: datetime) -> Outcome:
    """Undo the actor's own last change that stands; once more undoes the one before.

    Raises
    ------
    TransitionError
        There is none.
    ConflictError
        Somebody has built on it since; ``others`` says who and when.
    """
    require_own(actor)
    with store.write() as session:
        lock_writers(session)
        change = last_change_of(session, actor.user)
        if change is None:
            raise TransitionError(_("没有可以撤销的本人变更。"))
        return _undo(session, actor, change, now=now, reason=_("撤销本人上一项变更"))


def undo(store: Store, actor: Actor, code: str, *, now: datetime, reason: str) -> Outcome:
    """Undo one change: one's own, or for the department anybody's (errors as for `undo_last`)."""
    with store.write() as session:
        lock_writers(session)
        change = _named(session, code)
        if change.user != actor.user:
            require_role(actor, Role.DEPARTMENT)
        return _undo(session, actor, change, now=now, reason=require_reason(reason))


def approve(
    store: Store, actor: Actor, code: str, *, now: datetime, today: date, reason: str = ""
) -> Outcome:
    """Carry out a waiting change in its maker's name; only the department may.

    Raises
    ------
    PermissionError_
        The actor is not the department or made it, or its maker may no longer write there.
    TransitionError
        It does not wait.
    ConflictError
        What it rests on was changed since it was submitted; ``others`` says who, what and when.
    """
    require_role(actor, Role.DEPARTMENT)
    with store.write() as session:
        lock_writers(session)
        rules = rules_on(session, today)
        change = _waiting(session, code)
        asked = dict(change.request or {})
        _require_entitled(session, actor, change)
        plan = plan_request(session, actor, parse_request(asked), today=today, rules=rules)
        _require_seen(session, actor, plan, asked["seen"])
        _require_possible(plan, confirmed=True)
        _decide(change, actor, APPLIED, now=now, reason=reason)
        after = {"state": APPLIED, "for": change.user}
        record(session, actor, "change.approve", now=now, subject=code, after=after, reason=reason or None)
        apply_plan(session, actor, plan, now=now, batch=code, user=change.user)
        return _applied(code, plan)


def reject(store: Store, actor: Actor, code: str, *, now: datetime, reason: str) -> Outcome:
    """Turn a waiting change down, with a reason; only the department may."""
    require_role(actor, Role.DEPARTMENT)
    require_reason(reason)
    with store.write() as session:
        lock_writers(session)
        change = _waiting(session, code)
        _decide(change, actor, REJECTED, now=now, reason=reason)
        after = {"state": REJECTED, "for": change.user}
        record(session, actor, "change.reject", now=now, subject=code, after=after, reason=reason.strip())
        return Outcome(code, REJECTED, change.summary)


def set_approval(
    store: Store, actor: Actor, township_code: str, required: bool, *, now: datetime, reason: str
) -> None:
    """Say whether coordinators' changes in a township wait for the department; only the department may."""
    require_role(actor, Role.DEPARTMENT)
    require_code(township_code, TOWNSHIP)
    require_reason(reason)
    with store.write() as session:
        before = approval_required(session, township_code)
        require_approval(session, township_code, required)
        record(
            session,
            actor,
            "approval.set",
            now=now,
            subject=township_code,
            before={"required": before},
            after={"required": required},
            reason=reason.strip(),
        )


def _needs_approval(session: Session, actor: Actor, townships: Collection[str]) -> bool:
    if actor.role is not Role.COORDINATOR:
        return False
    return any(approval_required(session, code) for code in townships)


def _change_row(actor: Actor, request: Request, plan: Plan, *, now: datetime) -> Change:
    asked = request.document() | {"seen": dict(plan.seen), "places": sorted(plan.places)}
    return Change(
        code=new_batch(plan.action, now=now),
        action=plan.action,
        state=APPLIED,
        user=actor.user,
        at=now,
        townships=sorted(plan.townships),
        summary=plan.summary,
        reason=plan.reason,
        request=asked,
        reverses=plan.reverses,
    )


def _keep(session: Session, actor: Actor, change: Change, plan: Plan, *, now: datetime) -> Outcome:
    """Keep a change for approval: the right and the rules were checked, nothing is written but the wish."""
    change.state = PENDING
    session.add(change)
    after = {"action": plan.action, "summary": plan.summary, "state": PENDING}
    record(session, actor, "change.submit", now=now, subject=change.code, after=after, reason=plan.reason)
    return Outcome(change.code, PENDING, plan.summary)


def _applied(code: str, plan: Plan) -> Outcome:
    return Outcome(code, APPLIED, plan.summary, closed=len(plan.closed), opened=len(plan.opened))


def _require_seen(session: Session, actor: Actor, plan: Plan, seen: Mapping[str, str] | None) -> None:
    """Refuse when something the user looked at is no longer so.

    Nothing is told of what lies out of the actor's sight: what was seen is only what they say.
    """
    if seen is None:
        return
    differing = [key for key in {*seen, *plan.seen} if seen.get(key) != plan.seen.get(key)]
    if not differing:
        return
    known = {key.partition(":")[2] for key in plan.seen}
    codes = _in_sight(session, actor, {key.partition(":")[2] for key in differing}, known)
    others = last_touches(session, codes[:_MANY], is_open=actor.can_read)
    message = _("您查看之后情况已有变化。")
    if others:
        message = _("{code} 等 {count} 个对象在您查看之后已被{user}改过。").format(
            code=others[0].code, count=len(codes), user=others[0].user or _("他人")
        )
    raise ConflictError(message, hint=_("请核对最新内容后再决定是否仍要提交。"), others=others)


def _in_sight(session: Session, actor: Actor, codes: Collection[str], known: Collection[str]) -> list[str]:
    """Codes that the plan itself is about, or that lie where the actor may read."""
    villages = villages_of(session, set(codes) - set(known))
    return [
        code
        for code in sorted(codes)
        if code in known or all(actor.can_read(place) for place in villages.get(code, [code]))
    ]


def _require_entitled(session: Session, actor: Actor, change: Change) -> None:
    """Refuse a change whose maker is the approver, or has lost the account or the right since."""
    if change.user == actor.user:
        raise PermissionError_(_("本人提交的变更须由他人批准。"))
    maker = account_named(session, change.user)
    if maker is None:  # accounts are closed, never removed: it was no account that made it
        return
    if maker.disabled:
        raise PermissionError_(
            _("提交人“{user}”的账号已停用，这项变更不能批准。").format(user=change.user),
            hint=_("请退回，由现任人员重新提交。"),
        )
    for place in (change.request or {})["places"]:
        require_write(actor_of(maker), place)


def _require_possible(plan: Plan, *, confirmed: bool) -> None:
    if plan.faults:
        raise RuleError(plan.faults[0].message, hint=_("请按提示修改图形后再提交。"))
    if plan.consequences and not confirmed:
        raise ConfirmationNeeded(
            _("这项变更有需要确认的后果：{said}").format(
                said="；".join(each.rstrip("。") for each in plan.consequences)
            ),
            hint=_("确认无误后请再次提交。"),
            consequences=plan.consequences,
        )


def _named(session: Session, code: str) -> Change:
    change = change_named(session, code)
    if change is None:
        raise InputError(_("没有编号为“{code}”的变更。").format(code=code))
    return change


def _waiting(session: Session, code: str) -> Change:
    change = _named(session, code)
    if change.state != PENDING:
        raise TransitionError(_("变更“{code}”不在待审批状态。").format(code=code), hint=_("请刷新后再看。"))
    return change


def _decide(change: Change, actor: Actor, state: str, *, now: datetime, reason: str) -> None:
    change.state, change.decided_by, change.decided_at = state, actor.user, now
    change.decision = reason.strip() or None


def _undo(session: Session, actor: Actor, change: Change, *, now: datetime, reason: str) -> Outcome:
    require_writable(actor, change)
    require_revocable(change)
    if _needs_approval(session, actor, change.townships):
        raise RuleError(
            _("该乡镇的变更须经县委组织部批准，不能自行撤销。"),
            hint=_("请提交一项恢复原状的变更，等待批准。"),
        )
    by = new_batch(UNDO, now=now)
    undone = undo_batch(session, change.code, now=now, user=actor.user, by=by)
    summary = _("撤销：{what}").format(what=change.summary)
    _decide(change, actor, UNDONE, now=now, reason=reason)
    session.add(
        Change(
            code=by,
            action=UNDO,
            state=APPLIED,
            user=actor.user,
            at=now,
            townships=sorted(undone.townships),
            summary=summary,
            reason=reason,
            reverses=change.code,
        )
    )
    for layer in ("responsibilities", "cells", "households"):
        bump(session, layer, undone.townships)
    counts = {"closed": undone.closed, "restored": undone.restored}
    record(
        session, actor, UNDO, now=now, subject=by, before={"change": change.code}, after=counts, reason=reason
    )
    table = Responsibility.__tablename__
    numbers = {"closed": undone.closed.get(table, 0), "opened": undone.restored.get(table, 0)}
    return Outcome(change.code, UNDONE, summary, **numbers)
