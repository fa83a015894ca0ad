"""Which planner works out which request: the one table of all that may be changed."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session

from geo.access import Actor, require_write
from geo.errors import InputError
from geo.i18n import _
from geo.operations.cells import plan_cells
from geo.operations.handover import plan_handover
from geo.operations.ownership import plan_assign, plan_correct, plan_end, plan_reassign
from geo.operations.plan import Plan
from geo.operations.requests import Request, family_of
from geo.operations.reversal import plan_reverse
from geo.rules import Rules


class Planner(Protocol):
    """Works out what a request would do; reads only."""

    def __call__(self, session: Session, actor: Actor, request: Any, /, *, today: date, rules: Rules) -> Plan:
        """The plan; it checks the right on every place before it says anything of it."""


PLANNERS: dict[str, Planner] = {
    "assign": plan_assign,
    "end": plan_end,
    "correct": plan_correct,
    "handover": plan_handover,
    "reassign": plan_reassign,
    "cell": plan_cells,
    "reverse": plan_reverse,
}
"""By the family of the action (`geo.operations.requests.family_of`)."""


def plan_request(session: Session, actor: Actor, request: Request, *, today: date, rules: Rules) -> Plan:
    """What a request would do, for somebody who may do it.

    Raises
    ------
    PermissionError_
        The actor may not write in one of the places.
    InputError, RuleError
        The request makes no sense, or the rules of the domain forbid it.
    """
    planner = PLANNERS.get(family_of(request.action))
    if planner is None:
        raise InputError(_("不认识的变更类型“{action}”。").format(action=request.action))
    plan = planner(session, actor, request, today=today, rules=rules)
    for code in sorted(plan.places):
        require_write(actor, code)
    return plan
