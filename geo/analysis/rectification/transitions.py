"""The steps of a rectification as one declared table: from where to where, who may, and what must be there.

Three levels take part (S4: county, township and village linked): the village works and asks, the township
submits the plan and looks first, the county approves, checks on the spot and strikes off.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geo.vocabulary import CaseAction, CaseState, Role

_A, _S = CaseAction, CaseState


class Level(StrEnum):
    """Who takes a step: the county, the township or the village."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class Need(StrEnum):
    """What must be there before a step may be taken."""

    NOTE = "note"
    """A sentence saying why or what was found."""
    RESPONSIBLE = "responsible"
    """The cadre who answers for it, in office on the day."""
    PLAN = "plan"
    """At least one task, each with an owner and days between the listing and the limit."""
    TASKS_DONE = "tasks_done"
    """There are tasks, and none is open."""
    EVIDENCE = "evidence"
    """There are tasks, and each has at least one piece of evidence."""
    OTHER_ACCOUNT = "other_account"
    """An account that did not ask for the closing, finish a task or bring evidence in this case."""
    SECOND_ACCOUNT = "second_account"
    """An account that did not make the township's review either: nobody looks for two levels."""
    CHECKER = "checker"
    """A cadre who looked on the spot and never in this case answered for it, owned a task or led its work."""
    LATER = "later"
    """A new limit after the present one."""
    DOCUMENT = "document"
    """The number of the document that decides it."""


@dataclass(frozen=True)
class Transition:
    """One step.

    Attributes
    ----------
    before : tuple of CaseState
        States in which it may be taken; empty: there is no case yet.
    after : CaseState or None
        The state it leads to; None: the state stays.
    """

    action: CaseAction
    before: tuple[CaseState, ...]
    after: CaseState | None
    level: Level
    roles: tuple[Role, ...]
    needs: tuple[Need, ...] = ()


_VILLAGE = (Role.RESIDENT_CADRE, Role.COORDINATOR, Role.DEPARTMENT)
_TOWNSHIP = (Role.COORDINATOR, Role.DEPARTMENT)
_COUNTY = (Role.DEPARTMENT,)
_CHECKERS = (Role.LEADER, Role.DEPARTMENT)
_N, _L = Need, Level

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_A.LIST, (), _S.LISTED, _L.COUNTY, _COUNTY, (_N.NOTE, _N.RESPONSIBLE)),
    Transition(_A.PLAN, (_S.LISTED,), _S.PLANNED, _L.TOWNSHIP, _TOWNSHIP, (_N.PLAN,)),
    Transition(_A.APPROVE, (_S.PLANNED,), _S.WORKING, _L.COUNTY, _COUNTY, (_N.PLAN, _N.RESPONSIBLE)),
    Transition(
        _A.REQUEST, (_S.WORKING,), _S.REQUESTED, _L.VILLAGE, _VILLAGE, (_N.NOTE, _N.TASKS_DONE, _N.EVIDENCE)
    ),
    Transition(
        _A.REVIEW,
        (_S.REQUESTED,),
        _S.REVIEWED,
        _L.TOWNSHIP,
        _TOWNSHIP,
        (_N.NOTE, _N.TASKS_DONE, _N.EVIDENCE, _N.OTHER_ACCOUNT),
    ),
    Transition(
        _A.CHECK,
        (_S.REVIEWED,),
        _S.CHECKED,
        _L.COUNTY,
        _CHECKERS,
        (_N.NOTE, _N.TASKS_DONE, _N.EVIDENCE, _N.OTHER_ACCOUNT, _N.SECOND_ACCOUNT, _N.CHECKER),
    ),
    Transition(
        _A.CLOSE,
        (_S.CHECKED,),
        _S.CLOSED,
        _L.COUNTY,
        _COUNTY,
        (_N.NOTE, _N.TASKS_DONE, _N.EVIDENCE, _N.OTHER_ACCOUNT),
    ),
    Transition(_A.RETURN, (_S.PLANNED,), _S.LISTED, _L.COUNTY, _COUNTY, (_N.NOTE,)),
    Transition(_A.RETURN, (_S.REQUESTED,), _S.WORKING, _L.TOWNSHIP, _TOWNSHIP, (_N.NOTE,)),
    Transition(_A.RETURN, (_S.REVIEWED, _S.CHECKED), _S.WORKING, _L.COUNTY, _CHECKERS, (_N.NOTE,)),
    Transition(
        _A.EXTEND,
        (_S.LISTED, _S.PLANNED, _S.WORKING),
        None,
        _L.COUNTY,
        _COUNTY,
        (_N.NOTE, _N.LATER, _N.DOCUMENT),
    ),
    Transition(
        _A.REASSIGN, (_S.LISTED, _S.PLANNED, _S.WORKING), None, _L.COUNTY, _COUNTY, (_N.NOTE, _N.RESPONSIBLE)
    ),
    Transition(
        _A.WITHDRAW,
        (_S.LISTED, _S.PLANNED, _S.WORKING),
        _S.WITHDRAWN,
        _L.COUNTY,
        _COUNTY,
        (_N.NOTE, _N.DOCUMENT),
    ),
)

EDITABLE = (_S.LISTED, _S.PLANNED, _S.WORKING)
"""States in which evidence may be brought and taken away; what is being checked stays as it is."""
OPEN = tuple(state for state in CaseState if state not in (_S.CLOSED, _S.WITHDRAWN))


class TaskDeed(StrEnum):
    """What may be done to the tasks of a plan."""

    CHANGE = "change"
    """Add one, change its title, owner or days, take one out."""
    FINISH = "finish"
    """Say that one is done, or that it is open again."""


TASK_ROLES: dict[TaskDeed, dict[CaseState, tuple[Role, ...]]] = {
    TaskDeed.CHANGE: {_S.LISTED: _VILLAGE, _S.PLANNED: _COUNTY, _S.WORKING: _COUNTY},
    TaskDeed.FINISH: {_S.WORKING: _VILLAGE},
}
"""Who may do it in which state: a plan once submitted is the county's to change, the work the village's."""


def transition(action: CaseAction, state: CaseState | None) -> Transition | None:
    """The step ``action`` from a state (None: there is no case yet); None where there is no such step."""
    for step in TRANSITIONS:
        if step.action == action and (state in step.before if state is not None else not step.before):
            return step
    return None


def roles_of(action: CaseAction) -> frozenset[Role]:
    """Every role that may take a step in some state."""
    return frozenset(role for step in TRANSITIONS if step.action == action for role in step.roles)
