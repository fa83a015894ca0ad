"""Setting a threshold for this county, and taking such a setting back.

A value holds from its day until the next one, so days before it keep what they had. No row is ever changed: a
new value for the same day supersedes the one that stood, and what was known when stays answerable.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor, require_role
from geo.errors import InputError, RuleError
from geo.i18n import _
from geo.operations.ownership import require_reason
from geo.operations.rules_now import rules_on
from geo.rules import default_values
from geo.rules.units import in_unit, require_sensible
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.models import RuleValue
from geo.store.records import lock_writers
from geo.store.rule_values import standing_value
from geo.store.versions import bump
from geo.vocabulary import Role

LAYER = "rules"
"""Under this name a change of thresholds counts as a new version of the data, for the whole county."""


def set_threshold(
    store: Store,
    actor: Actor,
    name: str,
    value: float,
    *,
    valid_from: date,
    reason: str,
    now: datetime,
) -> None:
    """Set a threshold from a day on.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        No reason, an unknown threshold, a value without sense in its unit, a day before the rules begin.
    RuleError
        Exactly this value was set for this day already.
    """
    require_role(actor, Role.DEPARTMENT)
    why = require_reason(reason)
    oldest = default_values(name)[0]
    require_sensible(value, oldest.unit)
    if valid_from < oldest.valid_from:
        raise InputError(_("生效日期不得早于 {day}。").format(day=oldest.valid_from.isoformat()))
    with store.write() as session:
        lock_writers(session)
        standing = standing_value(session, name, valid_from)
        if standing is not None and standing.value == value:
            raise RuleError(
                _("自 {day} 起已设为{value}，没有改动。").format(
                    day=valid_from.isoformat(), value=in_unit(value, oldest.unit)
                )
            )
        before = _stated(session, name, valid_from)
        _supersede(session, standing, now)
        stated = {"valid_from": valid_from, "reason": why, "recorded_at": now, "recorded_by": actor.user}
        session.add(RuleValue(name=name, value=value, **stated))
        session.flush()
        _record(session, actor, "threshold.set", name, before, valid_from, reason=why, now=now)


def withdraw_threshold(
    store: Store, actor: Actor, name: str, *, valid_from: date, reason: str, now: datetime
) -> None:
    """Take back the value that was set from exactly this day on; what held before it holds again.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        No reason, or an unknown threshold.
    RuleError
        No value was set for this day.
    """
    require_role(actor, Role.DEPARTMENT)
    why = require_reason(reason)
    default_values(name)
    with store.write() as session:
        lock_writers(session)
        standing = standing_value(session, name, valid_from)
        if standing is None:
            raise RuleError(
                _("“{name}”没有自 {day} 起的县设值。").format(name=name, day=valid_from.isoformat()),
                hint=_("请用 minqing rules 或“规则”页查看各值的起始日期。"),
            )
        before = _stated(session, name, valid_from)
        _supersede(session, standing, now)
        _record(session, actor, "threshold.withdraw", name, before, valid_from, reason=why, now=now)


def _stated(session: Session, name: str, valid_from: date) -> dict[str, Any]:
    """What is in force on a day, as the audit keeps it."""
    return {"value": rules_on(session, valid_from)[name].value, "valid_from": valid_from}


def _supersede(session: Session, standing: RuleValue | None, now: datetime) -> None:
    # Before another row takes its day: only one may stand for it.
    if standing is not None:
        standing.superseded_at = now
        session.flush()


def _record(
    session: Session,
    actor: Actor,
    action: str,
    name: str,
    before: dict[str, Any],
    valid_from: date,
    *,
    reason: str,
    now: datetime,
) -> None:
    after = _stated(session, name, valid_from)
    record(session, actor, action, now=now, subject=name, before=before, after=after, reason=reason)
    bump(session, LAYER, [""])
