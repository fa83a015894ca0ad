"""One rectification as it is now, and who may touch it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_role
from geo.codes import township_of
from geo.errors import InputError, PermissionError_
from geo.i18n import _
from geo.store.rectifications import cases
from geo.store.versions import bump
from geo.vocabulary import CaseState, Role, label_of

LAYER = "rectifications"
"""Under this name a change of a rectification counts as a new version of the data."""
_LONGEST_NOTE, _LONGEST_DOCUMENT_NO = 2_000, 80


@dataclass(frozen=True)
class Case:
    """One row of `geo.store.rectifications.cases`."""

    code: str
    subject_kind: str
    subject_code: str
    village_code: str | None
    cause: str
    round: int
    listed_on: date
    version: int
    state: CaseState
    due_on: date
    responsible_code: str
    leader_code: str | None
    closed_on: date | None

    @property
    def place(self) -> str:
        """Where it lies: its village; ``""``, the county's own, for a branch without one."""
        return self.village_code or ""


def case_of(row: dict[str, Any]) -> Case:
    """A case from a row of `cases`."""
    return Case(
        code=row["code"],
        subject_kind=row["subject_kind"],
        subject_code=row["subject_code"],
        village_code=row["village_code"],
        cause=row["cause"],
        round=int(row["round"]),
        listed_on=row["listed_on"],
        version=int(row["version"]),
        state=CaseState(row["state"]),
        due_on=row["due_on"],
        responsible_code=row["responsible_code"],
        leader_code=row["leader_code"],
        closed_on=row["closed_on"],
    )


def found_cases(session: Session, **which: Any) -> list[Case]:
    """Cases as they are now (arguments as for `cases`)."""
    frame = cases(session, as_of=None, **which).astype(object)
    rows = frame.where(frame.notna(), None).to_dict("records")
    return [case_of({str(name): value for name, value in row.items()}) for row in rows]


def case_named(session: Session, code: str) -> Case:
    """The case with this code; `InputError` when there is none."""
    found = found_cases(session, codes=[code])
    if not found:
        raise InputError(
            _("没有编号为“{code}”的整改。").format(code=code), hint=_("请核对编号，或刷新列表。")
        )
    return found[0]


def require_part(actor: Actor, roles: Collection[Role], place: str) -> None:
    """Raise `PermissionError_` unless the actor has one of the roles and the place in its scope."""
    require_own(actor)
    require_role(actor, *sorted(roles))
    if not actor.covers(place):
        raise PermissionError_(
            _("账号“{user}”（{role}）无权办理 {code} 的整改。").format(
                user=actor.user, role=label_of(actor.role), code=place or _("全县")
            ),
            hint=_("如需办理，请联系县委组织部调整权限范围。"),
        )


def require_text(note: str, document_no: str | None) -> tuple[str | None, str | None]:
    """A note and a document's number without blanks around, None where empty; `InputError` if too long."""
    said, number = note.strip(), (document_no or "").strip()
    if len(said) > _LONGEST_NOTE:
        raise InputError(_("说明不得超过 {most} 字。").format(most=_LONGEST_NOTE))
    if len(number) > _LONGEST_DOCUMENT_NO:
        raise InputError(_("文号不得超过 {most} 字。").format(most=_LONGEST_DOCUMENT_NO))
    return said or None, number or None


def require_past(day: date, now: datetime) -> None:
    """Raise `InputError` for a day after today (the day of ``now`` where the program runs)."""
    if day > now.astimezone().date():
        raise InputError(_("日期 {day} 还没有到。").format(day=day.isoformat()))


def count_change(session: Session, place: str) -> None:
    """Say that the rectifications of a village's township, or of none, were changed."""
    bump(session, LAYER, [township_of(place)])
