"""The facts that the needs of a step are judged by, gathered from the store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from geo.analysis.rectification.needs import Facts
from geo.analysis.rectification.transitions import Need
from geo.operations.rectification.case import Case, case_named
from geo.store.rectifications import (
    accounts_at_work,
    accounts_that,
    case_events,
    case_tasks,
    evidence_counts,
    holders_during,
    register_periods,
    task_records,
)
from geo.vocabulary import CaseAction


@dataclass(frozen=True)
class Given:
    """What is written down with a step.

    Attributes
    ----------
    checker_code : str or None
        For the check: the cadre who looked on the spot.
    due_on : date or None
        For an extension: the new limit.
    responsible_code, leader_code : str or None
        For a reassignment: who answers for it from now on; who is linked to it, if that changes.
    """

    note: str = ""
    document_no: str | None = None
    checker_code: str | None = None
    due_on: date | None = None
    responsible_code: str | None = None
    leader_code: str | None = None


_OF_TASKS = {Need.PLAN, Need.TASKS_DONE, Need.EVIDENCE}


def facts_of(
    session: Session,
    case: Case,
    needs: Collection[Need],
    *,
    on: date,
    user: str,
    given: Given | None = None,
) -> Facts:
    """What decides whether these needs of a case are met on a day for an account, and nothing else."""
    wanted, said = set(needs), given or Given()
    tasks = case_tasks(session, [case.code] if wanted & _OF_TASKS else [])
    people = [case.responsible_code, said.responsible_code, said.checker_code, *tasks["owner_code"].dropna()]
    register = register_periods(session, {code for code in people if code})
    code = case.code
    return Facts(
        on=on,
        user=user,
        listed_on=case.listed_on,
        due_on=case.due_on,
        tasks=tasks,
        evidence=_evidence(session, code) if Need.EVIDENCE in wanted else {},
        workers=accounts_at_work(session, code) if Need.OTHER_ACCOUNT in wanted else frozenset(),
        reviewers=_reviewers(session, code) if Need.SECOND_ACCOUNT in wanted else frozenset(),
        people=_involved(session, case, on) if said.checker_code else frozenset(),
        in_office=frozenset(code for code in register if is_there(register[code], on)),
        names={code: name for code, (name, _since, _until) in register.items()},
        responsible_code=said.responsible_code or case.responsible_code,
        note=said.note,
        document_no=said.document_no or "",
        checker_code=said.checker_code,
        later=said.due_on,
    )


def _evidence(session: Session, code: str) -> dict[int, int]:
    counted = evidence_counts(session, [code])
    return {int(row.task_number): int(row.evidence) for row in counted.itertuples()}


def _reviewers(session: Session, code: str) -> frozenset[str]:
    return accounts_that(session, code, CaseAction.REVIEW)


def is_there(entry: tuple[str, date | None, date | None], on: date) -> bool:
    """Whether somebody is in the register on a day."""
    _name, since, until = entry
    return (since is None or since <= on) and (until is None or on < until)


def people_involved(session: Session, code: str, *, on: date) -> frozenset[str]:
    """Cadres who may not check a case: at any time of it they answered for it, owned a task, led, or served.

    Whoever was responsible before a change of the responsible, owned a task that was taken out or given to
    somebody else, or belonged to the village's team (leader, head, resident and township cadres; of a branch
    its org cadre) on any day of the case, stays one of them.
    """
    return _involved(session, case_named(session, code), on)


def _involved(session: Session, case: Case, on: date) -> frozenset[str]:
    events, records = case_events(session, case.code), task_records(session, case.code)
    named = (events["responsible_code"], events["leader_code"], records["owner_code"])
    targets = {case.subject_code, case.village_code} - {None}
    served = holders_during(session, [str(code) for code in targets], first=case.listed_on, last=on)
    return served.union(*(set(codes.dropna()) for codes in named))
