"""Taking the steps that the table of transitions declares, and saying which ones are open to whom."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_role
from geo.analysis.rectification.needs import ASKED, Facts, unmet
from geo.analysis.rectification.transitions import TRANSITIONS, Need, Transition, roles_of, transition
from geo.errors import InputError, RuleError, TransitionError
from geo.i18n import _
from geo.operations.rectification.case import (
    Case,
    case_named,
    count_change,
    require_part,
    require_past,
    require_text,
)
from geo.operations.rectification.facts import Given, facts_of, is_there
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.records import lock_writers
from geo.store.rectification_records import add_event, claim
from geo.store.rectifications import register_periods
from geo.vocabulary import CaseAction, label_of


def take_step(
    store: Store,
    actor: Actor,
    code: str,
    action: CaseAction | str,
    *,
    on: date,
    now: datetime,
    version: int | None = None,
    note: str = "",
    document_no: str | None = None,
    checker_code: str | None = None,
    due_on: date | None = None,
    responsible_code: str | None = None,
    leader_code: str | None = None,
) -> None:
    """Take one step of a rectification, as `geo.analysis.rectification.transitions` declares it.

    Parameters
    ----------
    on : date
        The day it is taken, not before the last step's and not after today.
    version : int or None
        The case's version that the actor has looked at; None: whatever it is now.
    checker_code : str or None
        For the check: the cadre who looked on the spot.
    due_on : date or None
        For an extension: the new limit.
    responsible_code, leader_code : str or None
        For a reassignment: who answers for it from now on; who is linked to it, if that changes.

    Raises
    ------
    PermissionError_
        Not for this role, or out of the actor's scope.
    TransitionError
        There is no such step from the state the case is in.
    RuleError
        Something that must be there is missing; the hint says what.
    ConflictError
        Somebody else changed it since it was seen.
    InputError
        An unknown case, a day out of order, something that does not belong to the step.
    """
    given = Given(note, document_no, checker_code, due_on, responsible_code, leader_code)
    with store.write() as session:
        lock_writers(session)
        step_in(session, actor, code, action, given, on=on, now=now, version=version)


def step_in(
    session: Session,
    actor: Actor,
    code: str,
    action: CaseAction | str,
    given: Given,
    *,
    on: date,
    now: datetime,
    version: int | None = None,
) -> None:
    """As `take_step`, within a transaction that holds the writers' lock."""
    wanted = _action(action)
    require_own(actor)
    require_role(actor, *sorted(roles_of(wanted)))
    case = case_named(session, code)
    require_part(actor, roles_of(wanted), case.place)
    step = _step(case, wanted)
    require_part(actor, step.roles, case.place)
    note, document_no = require_text(given.note, given.document_no)
    said = replace(given, note=note or "", document_no=document_no)
    _require_fitting(step, said)
    _require_order(case, on, now)
    claim(session, code, seen=version, found=case.version)
    _require_met(step, facts_of(session, case, step.needs, on=on, user=actor.user, given=said))
    _require_leader(session, said.leader_code, on)
    _write(session, actor, case, step, said, on=on, now=now)


def possible_steps(
    session: Session, actor: Actor, code: str, *, on: date
) -> list[tuple[CaseAction, tuple[str, ...]]]:
    """The steps an actor could take now, each with what is still missing for it, in the order of the table.

    What is written down with a step (a note, a document's number, the checker, the new limit) is not counted
    as missing. Empty for who may take none, and for a case that is off the list.
    """
    case = case_named(session, code)
    if actor.viewer or not actor.covers(case.place):
        return []
    steps = [step for step in TRANSITIONS if case.state in step.before and actor.role in step.roles]
    if not steps:
        return []
    needs = {need for step in steps for need in step.needs}
    facts = facts_of(session, case, needs, on=on, user=actor.user)
    return [(step.action, _missing(step, facts)) for step in steps]


def _missing(step: Transition, facts: Facts) -> tuple[str, ...]:
    asked = ASKED | ({Need.RESPONSIBLE} if step.action is CaseAction.REASSIGN else set())
    return tuple(sentence for need, sentence in unmet(step, facts) if need not in asked)


def _action(action: CaseAction | str) -> CaseAction:
    if str(action) not in set(CaseAction) - {CaseAction.LIST}:
        raise InputError(_("没有“{action}”这一步。").format(action=action))
    return CaseAction(action)


def _step(case: Case, action: CaseAction) -> Transition:
    step = transition(action, case.state)
    if step is None:
        before = {state for each in TRANSITIONS if each.action == action for state in each.before}
        raise TransitionError(
            _("整改“{code}”现为“{state}”，不能办理“{action}”。").format(
                code=case.code, state=label_of(case.state), action=label_of(action)
            ),
            hint=_("“{action}”只能在以下状态办理：{states}。").format(
                action=label_of(action), states="、".join(label_of(state) for state in sorted(before))
            ),
        )
    return step


def _require_fitting(step: Transition, given: Given) -> None:
    """Refuse what a step does not ask for: it would be written down and then count."""
    people = given.responsible_code or given.leader_code
    out_of_place = (
        given.checker_code and Need.CHECKER not in step.needs,
        given.due_on and Need.LATER not in step.needs,
        people and step.action is not CaseAction.REASSIGN,
    )
    if any(out_of_place):
        raise InputError(
            _("“{action}”不能同时更改核查人、期限或责任人。").format(action=label_of(step.action))
        )
    if step.action is CaseAction.REASSIGN and not people:
        raise InputError(_("请指定新的责任人或挂点领导。"))


def _require_order(case: Case, on: date, now: datetime) -> None:
    require_past(on, now)
    if on < case.last_on:
        raise InputError(
            _("办理日期不能早于上一步的 {day}。").format(day=case.last_on.isoformat()),
            hint=_("请核对日期。"),
        )


def _require_met(step: Transition, facts: Facts) -> None:
    missing = unmet(step, facts)
    if missing:
        raise RuleError(
            _("还不能办理“{action}”：{missing}").format(
                action=label_of(step.action), missing="".join(sentence for _need, sentence in missing)
            ),
            hint=_("请补齐后再办理。"),
        )


def _require_leader(session: Session, leader_code: str | None, on: date) -> None:
    if leader_code is None:
        return
    entry = register_periods(session, [leader_code]).get(leader_code)
    if entry is None or not is_there(entry, on):
        name = entry[0] if entry else leader_code
        raise RuleError(_("{name}在 {day} 不在干部名册中。").format(name=name, day=on.isoformat()))


def _write(
    session: Session, actor: Actor, case: Case, step: Transition, given: Given, *, on: date, now: datetime
) -> None:
    state = step.after or case.state
    said = {name: value or None for name, value in asdict(given).items()}
    add_event(
        session,
        case_code=case.code,
        action=str(step.action),
        state=str(state),
        happened_on=on,
        recorded_at=now,
        recorded_by=actor.user,
        role=str(actor.role),
        **said,
    )
    note = said.pop("note")
    after = {"state": str(state), "on": on, **{name: value for name, value in said.items() if value}}
    before = {"state": str(case.state)}
    name = f"rectify.{step.action}"
    record(session, actor, name, now=now, subject=case.code, before=before, after=after, reason=note)
    count_change(session, case.place)
