"""Designating a village as weak or election-priority: a dated decision by a named person (domain §5)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from geo.access import Actor, require_role
from geo.codes import VILLAGE, require_code, township_of
from geo.errors import InputError, RuleError
from geo.i18n import _
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.models import Designation
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
        if not village_exists(session, village_code):
            raise InputError(_("没有代码为 {code} 的村。").format(code=village_code))
        _require_free(session, village_code, label, valid_from, valid_to)
        session.add(
            Designation(
                village_code=village_code,
                label=str(label),
                cause=str(cause) if cause else None,
                valid_from=valid_from,
                valid_to=valid_to,
                reason=reason.strip(),
                document_no=document_no,
                recorded_at=now,
                recorded_by=actor.user,
            )
        )
        after = {"label": str(label), "cause": str(cause) if cause else None, **_period(valid_from, valid_to)}
        record(session, actor, "designate", now=now, subject=village_code, after=after, reason=reason.strip())
        bump(session, "villages", [township_of(village_code)])


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


def _require_sense(village_code: str, reason: str, valid_from: date, valid_to: date | None) -> None:
    require_code(village_code, VILLAGE)
    if not reason.strip():
        raise InputError(_("请填写认定理由。"))
    if valid_to is not None and valid_to <= valid_from:
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
