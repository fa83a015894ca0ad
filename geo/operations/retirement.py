"""What ends when a register entry is retired: everything it holds and everything held over it."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_write
from geo.errors import ConfirmationNeeded, RuleError
from geo.frames import LAYERS
from geo.i18n import N_, _
from geo.operations.apply import apply_plan
from geo.operations.plan import RECORD_COLUMNS, Plan
from geo.operations.territory import territories, townships_of
from geo.store.changes import approval_required
from geo.store.register import EntryRow, dependants_of, holdings_from
from geo.vocabulary import ResponsibilityKind, Role, label_of

_STILL_NAMED = {
    "cadres": N_("仍有 {count} 名干部登记在该单位"),
    "units": N_("仍有 {count} 个下级单位"),
    "households": N_("仍有 {count} 户登记在该小组"),
}


def end_holdings(
    session: Session,
    actor: Actor,
    held: EntryRow,
    *,
    on: date,
    now: datetime,
    batch: str,
    reason: str,
    confirmed: bool,
) -> set[str]:
    """End what an entry holds and what is held over it: periods are cut on the day, later ones fall away.

    Returns
    -------
    set of str
        Territory codes of what was held; empty when nothing was.

    Raises
    ------
    ConfirmationNeeded
        There is something to end, or other entries name this one, and it was not confirmed.
    PermissionError_
        Something held lies where the actor may not write.
    """
    holdings = holdings_from(session, held.code, on)
    consequences = retirement_consequences(session, held, holdings, on)
    if consequences and not confirmed:
        raise ConfirmationNeeded(
            _("停用“{code}”有以下后果，须先交接或确认：{consequences}。").format(
                code=held.code, consequences="；".join(consequences)
            ),
            hint=_("请先办理交接；确认停用则责任自当日起一并结束。"),
            consequences=consequences,
        )
    if holdings.empty:
        return set()
    places = territories(session, LAYERS["responsibilities"], holdings)
    for code in sorted(places):
        require_write(actor, code)
    townships = townships_of(session, places)
    _require_free_hand(session, actor, townships)
    plan = _plan(holdings, places, townships, consequences, on=on, reason=reason)
    apply_plan(session, actor, plan, now=now, batch=batch)
    return places


def _require_free_hand(session: Session, actor: Actor, townships: set[str]) -> None:
    """Raise `RuleError` where a coordinator's changes of responsibility wait for the department."""
    if actor.role is Role.COORDINATOR and any(approval_required(session, code) for code in townships):
        raise RuleError(
            _("该乡镇的责任变更须经县委组织部批准，不能随停用直接结束。"),
            hint=_("请先提交交接，批准后再停用。"),
        )


def retirement_consequences(
    session: Session, held: EntryRow, holdings: pd.DataFrame, on: date
) -> tuple[str, ...]:
    """What a retirement brings with it, one sentence each."""
    said = []
    for words, part in (
        (_("{kind} {count} 项责任将无人承担"), holdings[holdings["holder_code"] == held.code]),
        (_("对其承担的{kind}责任 {count} 项将结束"), holdings[holdings["holder_code"] != held.code]),
    ):
        for kind, count in part["kind"].value_counts(sort=False).items():
            said.append(words.format(kind=label_of(ResponsibilityKind(str(kind))), count=count))
    for register, count in dependants_of(session, held.layer, held.code, on).items():
        said.append(_(_STILL_NAMED[register]).format(count=count))
    return tuple(said)


def _plan(
    holdings: pd.DataFrame,
    places: set[str],
    townships: set[str],
    consequences: tuple[str, ...],
    *,
    on: date,
    reason: str,
) -> Plan:
    started = pd.Series([day < on for day in holdings["valid_from"]], index=holdings.index, dtype=bool)
    return Plan(
        action="register.end",
        on=on,
        places=frozenset(places),
        townships=frozenset(townships),
        summary="；".join(consequences),
        reason=reason,
        closed=holdings[["id", *RECORD_COLUMNS]],
        opened=holdings.loc[started, RECORD_COLUMNS].assign(valid_to=on).reset_index(drop=True),
        consequences=consequences,
    )
