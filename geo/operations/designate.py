"""Designating a village as weak or election-priority, and ending that: dated decisions by a named person.

Data never change a designation; only these do (domain §5). An end supersedes the record and repeats it with
the last day and its own reason, so that what was known when stays answerable.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor, require_role
from geo.codes import VILLAGE, require_code, township_of
from geo.errors import InputError, RuleError
from geo.exchange.check import require_no_national_id
from geo.i18n import _
from geo.store.audit import record
from geo.store.designations import standing_designation
from geo.store.engine import Store
from geo.store.models import Designation
from geo.store.records import lock_writers
from geo.store.rows import designated_since, village_exists
from geo.store.versions import bump
from geo.vocabulary import DESIGNATED_LABELS, Role, VillageLabel, WeakCause, label_of


def designate_village(
    store: Store,
    actor: Actor,
    *,
    village_code: str,
    label: VillageLabel,
    valid_from: date,
    reason: str,
    now: datetime,
    cause: WeakCause | None = None,
    document_no: str | None = None,
    valid_to: date | None = None,
) -> None:
    """Record that a village bears a label from a day on (until ``valid_to``, exclusive).

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        No reason, an unknown village, or a period that ends before it begins.
    RuleError
        The label is derived from figures, or the village bears it already in part of the period.
    """
    require_role(actor, Role.DEPARTMENT)
    _require_designatable(label, cause)
    _require_sense(village_code, reason, valid_from, valid_to)
    with store.write() as session:
        lock_writers(session)
        _require_village(session, village_code)
        _require_free(session, village_code, label, valid_from, valid_to)
        session.add(
            Designation(
                village_code=village_code,
                label=str(label),
                cause=str(cause) if cause else None,
                valid_from=valid_from,
                valid_to=valid_to,
                reason=reason.strip(),
                document_no=_number_of(document_no),
                recorded_at=now,
                recorded_by=actor.user,
            )
        )
        after = {
            "label": str(label),
            "cause": str(cause) if cause else None,
            "document_no": _number_of(document_no),
            **_period(valid_from, valid_to),
        }
        record(session, actor, "designate", now=now, subject=village_code, after=after, reason=reason.strip())
        bump(session, "villages", [township_of(village_code)])


def end_designation(
    store: Store,
    actor: Actor,
    *,
    village_code: str,
    label: VillageLabel,
    valid_to: date,
    reason: str,
    now: datetime,
    document_no: str | None = None,
) -> None:
    """End the designation that a village bears on the day before ``valid_to`` (exclusive).

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        No reason, or an unknown village.
    RuleError
        The label is derived from figures, or no such designation is in force until that day or longer.
    """
    require_role(actor, Role.DEPARTMENT)
    _require_designatable(label, None)
    _require_sense(village_code, reason, None, valid_to)
    with store.write() as session:
        lock_writers(session)
        _require_village(session, village_code)
        standing = _standing_until(session, village_code, label, valid_to)
        before = {"label": str(label), **_period(standing.valid_from, standing.valid_to)}
        ended = _ended(standing, valid_to, reason.strip(), _number_of(document_no))
        standing.superseded_at = now
        session.flush()
        session.add(Designation(**ended, recorded_at=now, recorded_by=actor.user))
        after = {
            "label": str(label),
            "end_document_no": ended["end_document_no"],
            **_period(standing.valid_from, valid_to),
        }
        about: dict[str, Any] = {
            "subject": village_code,
            "before": before,
            "after": after,
            "reason": reason.strip(),
        }
        record(session, actor, "designate.end", now=now, **about)
        bump(session, "villages", [township_of(village_code)])


def _ended(standing: Designation, valid_to: date, reason: str, document_no: str | None) -> dict[str, Any]:
    """The same decision with its end."""
    kept = ("village_code", "label", "cause", "valid_from", "reason", "document_no")
    same = {name: getattr(standing, name) for name in kept}
    return {**same, "valid_to": valid_to, "end_reason": reason, "end_document_no": document_no}


def _standing_until(session: Session, village_code: str, label: VillageLabel, valid_to: date) -> Designation:
    """The designation in force on the day before ``valid_to`` that does not end then anyway."""
    day_before = valid_to - timedelta(days=1) if valid_to > date.min else None
    standing = standing_designation(session, village_code, label, day_before) if day_before else None
    if standing is None or standing.valid_to == valid_to:
        raise RuleError(
            _("该村在 {day} 之前没有可以结束的“{label}”认定。").format(
                day=valid_to.isoformat(), label=label_of(label)
            ),
            hint=_("请先查看该村的认定记录。"),
        )
    return standing


def _number_of(document_no: str | None) -> str | None:
    """A document's number without blanks around it; None for none."""
    return (document_no or "").strip() or None


def _require_village(session: Session, village_code: str) -> None:
    if not village_exists(session, village_code):
        raise InputError(_("没有代码为 {code} 的村。").format(code=village_code))


def _period(valid_from: date, valid_to: date | None) -> dict[str, str | None]:
    return {"valid_from": valid_from.isoformat(), "valid_to": valid_to.isoformat() if valid_to else None}


def _require_designatable(label: VillageLabel, cause: WeakCause | None) -> None:
    if label not in DESIGNATED_LABELS:
        raise RuleError(
            _("“{label}”不由人工认定。").format(label=label_of(label)),
            hint=_("可认定的有：{labels}。").format(labels="、".join(map(label_of, DESIGNATED_LABELS))),
        )
    if cause is not None and label is not VillageLabel.WEAK:
        raise RuleError(_("只有软弱涣散村才分成因。"))


def _require_sense(village_code: str, reason: str, valid_from: date | None, valid_to: date | None) -> None:
    require_code(village_code, VILLAGE)
    if not reason.strip():
        raise InputError(_("请填写理由。") if valid_from is None else _("请填写认定理由。"))
    require_no_national_id(reason)
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        raise InputError(_("截止日期早于起始日期。"))


def _require_free(
    session: Session, village_code: str, label: VillageLabel, valid_from: date, valid_to: date | None
) -> None:
    since = designated_since(session, village_code, label, valid_from, valid_to)
    if since is not None:
        raise RuleError(
            _("该村自 {day} 起已认定为“{label}”。").format(day=since.isoformat(), label=label_of(label)),
            hint=_("请先结束原认定。"),
        )
