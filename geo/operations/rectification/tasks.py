"""The tasks of a rectification's plan: from a template, one by one, and whether they are done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from geo.access import Actor, require_own, require_role
from geo.analysis.rectification.plan import planned_tasks
from geo.analysis.rectification.transitions import TASK_ROLES, TaskDeed
from geo.errors import InputError, RuleError, TransitionError
from geo.exchange.check import require_no_national_id
from geo.i18n import _
from geo.operations.rectification.case import (
    Case,
    case_named,
    count_change,
    require_part,
    require_past,
    require_text,
)
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.records import lock_writers
from geo.store.rectification_records import (
    add_task,
    claim,
    next_task_number,
    standing_task,
    supersede_task,
)
from geo.store.rectifications import case_tasks, evidence_counts, register_periods
from geo.store.village_models import RectificationTask
from geo.vocabulary import CaseState, label_of

_LONGEST_TITLE = 120
_KEPT = ("number", "title", "owner_code", "starts_on", "due_on", "done_on", "note")


@dataclass(frozen=True)
class TaskDraft:
    """A task as it is to be; its last day is ``due_on``. Without an owner the plan cannot be submitted."""

    title: str
    owner_code: str | None
    starts_on: date
    due_on: date
    note: str = ""


def plan_from_template(
    store: Store,
    actor: Actor,
    code: str,
    *,
    now: datetime,
    version: int | None = None,
    starts_on: date | None = None,
) -> None:
    """Put the template's tasks for the case's cause into its plan, planned backward from the limit.

    Parameters
    ----------
    starts_on : date or None
        The first day of the work, between the listing (None) and the limit.

    Raises
    ------
    PermissionError_, TransitionError, ConflictError
        As `put_task`.
    RuleError
        There are tasks already.
    InputError
        An unknown case, or a first day out of it.
    """
    with store.write() as session:
        lock_writers(session)
        plan_in(session, actor, code, now=now, version=version, starts_on=starts_on)


def plan_in(
    session: Session,
    actor: Actor,
    code: str,
    *,
    now: datetime,
    version: int | None = None,
    starts_on: date | None = None,
) -> None:
    """As `plan_from_template`, within a transaction that holds the writers' lock."""
    case = _case(session, actor, code, TaskDeed.CHANGE)
    if not case_tasks(session, [code]).empty:
        raise RuleError(_("方案已有任务，不能再套用模板。"), hint=_("请逐项修改，或先删去原有任务。"))
    first = starts_on or case.listed_on
    if not case.listed_on <= first <= case.due_on:
        raise InputError(_("起止日期须在挂牌日与期限之间。"))
    claim(session, code, seen=version, found=case.version)
    planned = planned_tasks(
        case.cause,
        listed_on=first,
        due_on=case.due_on,
        responsible_code=case.responsible_code,
        leader_code=case.leader_code,
    )
    shift = next_task_number(session, code) - 1  # numbers of tasks that were taken out are not used again
    for row in planned.to_dict("records"):
        row["number"] += shift
        add_task(session, now=now, user=actor.user, case_code=code, **row)
    _record(session, actor, case, "plan", now=now, after={"tasks": len(planned)})


def put_task(
    store: Store,
    actor: Actor,
    code: str,
    number: int | None = None,
    *,
    title: str,
    owner_code: str | None,
    starts_on: date,
    due_on: date,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> int:
    """Add a task (``number`` None) or change one that stands; gives its number.

    Raises
    ------
    PermissionError_
        Not for this role, or out of its scope. Once submitted, a plan is the county's to change.
    TransitionError
        The case is being checked, or off the list.
    ConflictError
        Somebody else changed it since ``version`` was seen.
    RuleError
        The task is done, or has evidence for what its title says now.
    InputError
        No such case or task, no title, an unknown owner, days outside listing and limit.
    """
    with store.write() as session:
        lock_writers(session)
        draft = TaskDraft(title, owner_code, starts_on, due_on, note)
        return put_in(session, actor, code, number, draft, now=now, version=version)


def put_in(
    session: Session,
    actor: Actor,
    code: str,
    number: int | None,
    draft: TaskDraft,
    *,
    now: datetime,
    version: int | None = None,
) -> int:
    """As `put_task`, within a transaction that holds the writers' lock."""
    case = _case(session, actor, code, TaskDeed.CHANGE)
    title, note = _title(draft.title), require_text(draft.note, None)[0]
    _require_days(case, draft.starts_on, draft.due_on)
    _require_owner(session, draft)
    standing = None if number is None else _task(session, code, number)
    if standing is not None:
        _require_changeable(session, standing, title)
    claim(session, code, seen=version, found=case.version)
    given = next_task_number(session, code) if number is None else number
    row = {"number": given, "done_on": None, **asdict(draft), "title": title, "note": note}
    _replace(session, actor, case, standing, row, deed="task", now=now)
    return given


def remove_task(
    store: Store,
    actor: Actor,
    code: str,
    number: int,
    *,
    reason: str,
    now: datetime,
    version: int | None = None,
) -> None:
    """Take a task out of the plan, with a reason; its number is never used again (errors as `put_task`).

    The last task of a plan that was submitted stays: without tasks nothing could be shown to be done.
    """
    with store.write() as session:
        lock_writers(session)
        remove_in(session, actor, code, number, reason=reason, now=now, version=version)


def remove_in(
    session: Session,
    actor: Actor,
    code: str,
    number: int,
    *,
    reason: str,
    now: datetime,
    version: int | None = None,
) -> None:
    """As `remove_task`, within a transaction that holds the writers' lock."""
    case = _case(session, actor, code, TaskDeed.CHANGE)
    why = require_text(reason, None)[0]
    if why is None:
        raise InputError(_("请填写变更理由。"))
    standing = _task(session, code, number)
    if case.state is not CaseState.LISTED and len(case_tasks(session, [code])) == 1:
        raise RuleError(_("方案至少要有一项任务。"), hint=_("请先添加新的任务，再删去这一项。"))
    claim(session, code, seen=version, found=case.version)
    before = _columns(standing)
    supersede_task(session, standing, now=now)
    _record(session, actor, case, "remove", now=now, before=before, reason=why)


def finish_task(
    store: Store,
    actor: Actor,
    code: str,
    number: int,
    *,
    done_on: date | None,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> None:
    """Say on which day a task was done, or (None) that it is open again (errors as `put_task`).

    Only while the approved plan is being worked on.
    """
    with store.write() as session:
        lock_writers(session)
        finish_in(session, actor, code, number, done_on=done_on, now=now, note=note, version=version)


def finish_in(
    session: Session,
    actor: Actor,
    code: str,
    number: int,
    *,
    done_on: date | None,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> None:
    """As `finish_task`, within a transaction that holds the writers' lock."""
    case = _case(session, actor, code, TaskDeed.FINISH)
    said = require_text(note, None)[0]
    standing = _task(session, code, number)
    if done_on is not None:
        require_past(done_on, now)
        if done_on < case.listed_on:
            raise InputError(_("完成日期不能早于挂牌日期。"))
    claim(session, code, seen=version, found=case.version)
    row = _columns(standing) | {"done_on": done_on, "note": said or standing.note}
    _replace(session, actor, case, standing, row, deed="finish" if done_on else "reopen", now=now)


def _case(session: Session, actor: Actor, code: str, deed: TaskDeed) -> Case:
    """The case, if the actor may do this to its tasks in the state it is in."""
    by_state = TASK_ROLES[deed]
    anybody = {role for roles in by_state.values() for role in roles}
    require_own(actor)
    require_role(actor, *sorted(anybody))
    case = case_named(session, code)
    require_part(actor, anybody, case.place)
    if case.state not in by_state:
        raise TransitionError(
            _("整改“{code}”现为“{state}”，任务不能再改。").format(code=code, state=label_of(case.state)),
            hint=_("可以更改的状态：{states}。").format(states="、".join(map(label_of, by_state))),
        )
    require_part(actor, by_state[case.state], case.place)
    return case


def _task(session: Session, code: str, number: int) -> RectificationTask:
    found = standing_task(session, code, number)
    if found is None:
        raise InputError(
            _("整改“{code}”没有任务 {number}。").format(code=code, number=number),
            hint=_("它可能已被删去，请刷新。"),
        )
    return found


def _title(title: str) -> str:
    called = title.strip()
    if not called or len(called) > _LONGEST_TITLE:
        raise InputError(_("请填写不超过 {most} 字的任务内容。").format(most=_LONGEST_TITLE))
    require_no_national_id(called)
    return called


def _require_days(case: Case, starts_on: date, due_on: date) -> None:
    if not case.listed_on <= starts_on <= due_on <= case.due_on:
        raise InputError(
            _("起止日期须在挂牌日与期限之间。"),
            hint=_("挂牌 {first}，期限 {last}。").format(
                first=case.listed_on.isoformat(), last=case.due_on.isoformat()
            ),
        )


def _require_owner(session: Session, draft: TaskDraft) -> None:
    """Refuse an owner who is not in the register on any day of the task."""
    if draft.owner_code is None:
        return
    entry = register_periods(session, [draft.owner_code]).get(draft.owner_code)
    name, since, until = entry or (draft.owner_code, None, None)
    if entry is None or (since and since > draft.due_on) or (until and until <= draft.starts_on):
        raise InputError(
            _("{name}在任务起止期间不在干部名册中。").format(name=name), hint=_("请另选在册干部。")
        )


def _require_changeable(session: Session, task: RectificationTask, title: str) -> None:
    if task.done_on is not None:
        raise RuleError(_("任务 {number} 已办结。").format(number=task.number), hint=_("请先恢复为未办结。"))
    if title == task.title:
        return
    counted = evidence_counts(session, [task.case_code])
    if task.number in set(counted["task_number"]):
        raise RuleError(
            _("任务 {number} 已有佐证材料，不能改成别的任务。").format(number=task.number),
            hint=_("请先撤去佐证材料，或另添任务。"),
        )


def _columns(task: RectificationTask) -> dict[str, Any]:
    return {name: getattr(task, name) for name in _KEPT}


def _replace(
    session: Session,
    actor: Actor,
    case: Case,
    standing: RectificationTask | None,
    row: dict[str, Any],
    *,
    deed: str,
    now: datetime,
) -> None:
    """Put a record in place of the one that stands, if there is one."""
    before = None if standing is None else _columns(standing)
    if standing is not None:
        supersede_task(session, standing, now=now)
    add_task(session, now=now, user=actor.user, case_code=case.code, **row)
    _record(session, actor, case, deed, now=now, before=before, after=row)


def _record(
    session: Session,
    actor: Actor,
    case: Case,
    deed: str,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    action = f"rectify.task.{deed}"
    record(session, actor, action, now=now, subject=case.code, before=before, after=after, reason=reason)
    count_change(session, case.place)
