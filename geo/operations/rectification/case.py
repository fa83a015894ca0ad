"""One rectification as it is now, and who may touch it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_role
from geo.codes import township_of
from geo.errors import InputError, PermissionError_
from geo.exchange.check import require_no_national_id
from geo.i18n import _
from geo.operations.rules_now import day_of
from geo.store.rectifications import case_rows
from geo.store.versions import bump
from geo.vocabulary import CaseState, Role, label_of

LAYER = "rectifications"
"""Under this name a change of a rectification counts as a new version of the data."""
_LONGEST_NOTE, _LONGEST_DOCUMENT_NO = 2_000, 80


@dataclass(frozen=True)
class Case:
    """A case as it is now; ``last_on`` is the day of its last step."""

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
    last_on: date

    @property
    def place(self) -> str:
        """Where it lies: its village; ``""``, the county's own, for a branch without one."""
        return self.village_code or ""


def found_cases(session: Session, *, code: str | None = None, subject_code: str | None = None) -> list[Case]:
    """Cases as they are now, by round (arguments as for `case_rows`)."""
    wanted = {field.name for field in fields(Case)}
    rows = case_rows(session, code=code, subject_code=subject_code)
    return [Case(**{name: row[name] for name in wanted} | {"state": CaseState(row["state"])}) for row in rows]


def case_named(session: Session, code: str) -> Case:
    """The case with this code; `InputError` when there is none."""
    found = found_cases(session, code=code)
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
    """A note and a document's number without blanks around, None where empty; `InputError` if unfit."""
    said, number = note.strip(), (document_no or "").strip()
    if len(said) > _LONGEST_NOTE:
        raise InputError(_("说明不得超过 {most} 字。").format(most=_LONGEST_NOTE))
    require_no_national_id(said, number)
    if len(number) > _LONGEST_DOCUMENT_NO:
        raise InputError(_("文号不得超过 {most} 字。").format(most=_LONGEST_DOCUMENT_NO))
    return said or None, number or None


def require_past(day: date, now: datetime) -> None:
    """Raise `InputError` for a day after today (the day of ``now`` where the program runs)."""
    if day > day_of(now):
        raise InputError(_("日期 {day} 还没有到。").format(day=day.isoformat()))


def count_change(session: Session, place: str) -> None:
    """Say that the rectifications of a village's township, or of none, were changed."""
    bump(session, LAYER, [township_of(place)])
