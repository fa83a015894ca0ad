"""What is still missing before a step of a rectification may be taken: pure, from the facts of the case."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from geo.analysis.rectification.status import is_done
from geo.analysis.rectification.transitions import Need, Transition
from geo.i18n import _

ASKED = frozenset({Need.NOTE, Need.CHECKER, Need.LATER, Need.DOCUMENT})
"""Needs that whoever takes the step meets with what they write down then."""


@dataclass(frozen=True)
class Facts:
    """Everything that the needs of a step are judged by.

    Attributes
    ----------
    on : date
        The day of the step.
    user : str
        The account that takes it.
    listed_on, due_on : date
        The present limit in ``due_on``.
    tasks : DataFrame ``number, title, owner_code, starts_on, due_on, done_on``
        Those that stand.
    evidence : mapping
        Standing pieces of evidence by the number of the task.
    workers : frozenset of str
        Accounts that asked for the closing, finished a task, or brought or took away evidence, ever in this
        case.
    reviewers : frozenset of str
        Accounts that made the township's review, ever in this case.
    people : frozenset of str
        Cadres who at any time of this case answered for it, owned a task of it, led it, or served its village
        or branch: none of them checks it.
    in_office : frozenset of str
        Of the cadres that matter, those who are in the register on the day.
    names : mapping
        How cadres are called, by code.
    responsible_code : str or None
        Who answers for it, or is to.
    note, document_no, checker_code, later
        What comes with the step; ``later`` is the new limit.
    """

    on: date
    user: str
    listed_on: date
    due_on: date
    tasks: pd.DataFrame
    evidence: Mapping[int, int]
    workers: frozenset[str]
    reviewers: frozenset[str]
    people: frozenset[str]
    in_office: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)
    responsible_code: str | None = None
    note: str = ""
    document_no: str = ""
    checker_code: str | None = None
    later: date | None = None

    def called(self, code: str) -> str:
        """The name of a cadre; the code of who has none."""
        return self.names.get(code, code)


def unmet(step: Transition, facts: Facts) -> tuple[tuple[Need, str], ...]:
    """The needs of a step that are not met, each with a sentence that says what is missing."""
    said = ((need, _RULES[need](facts)) for need in step.needs)
    return tuple((need, sentence) for need, sentence in said if sentence)


def _note(facts: Facts) -> str:
    return "" if facts.note.strip() else _("请写明情况说明。")


def _document(facts: Facts) -> str:
    return "" if facts.document_no.strip() else _("请填写文号。")


def _responsible(facts: Facts) -> str:
    code = facts.responsible_code
    if not code:
        return _("请指定责任人。")
    return _out_of_office(facts, code)


def _out_of_office(facts: Facts, code: str) -> str:
    if code in facts.in_office:
        return ""
    return _("{name}在 {day} 不在干部名册中。").format(name=facts.called(code), day=facts.on.isoformat())


def _plan(facts: Facts) -> str:
    if facts.tasks.empty:
        return _("方案还没有任务。")
    for task in facts.tasks.to_dict("records"):
        fault = _task_fault(facts, task)
        if fault:
            return _("任务 {number}：{fault}").format(number=task["number"], fault=fault)
    return ""


def _task_fault(facts: Facts, task: Mapping[Hashable, Any]) -> str:
    if pd.isna(task["owner_code"]):
        return _("没有责任人。")
    if not facts.listed_on <= task["starts_on"] <= task["due_on"] <= facts.due_on:
        return _("起止日期须在挂牌日与期限之间。")
    return _out_of_office(facts, task["owner_code"])


def _tasks_done(facts: Facts) -> str:
    if facts.tasks.empty:
        return _("方案还没有任务。")
    left = facts.tasks.loc[~is_done(facts.tasks, facts.on), "number"]
    return "" if left.empty else _("任务 {numbers} 尚未完成。").format(numbers=_listed(left))


def _evidence(facts: Facts) -> str:
    if facts.tasks.empty:
        return _("方案还没有任务。")
    lacking = [number for number in facts.tasks["number"] if not facts.evidence.get(int(number))]
    return _("任务 {numbers} 没有佐证材料。").format(numbers=_listed(lacking)) if lacking else ""


def _other_account(facts: Facts) -> str:
    if facts.user not in facts.workers:
        return ""
    return _("账号“{user}”在本次整改中申请过销号、办结过任务或提交过佐证，须由其他账号办理。").format(
        user=facts.user
    )


def _second_account(facts: Facts) -> str:
    if facts.user not in facts.reviewers:
        return ""
    return _("账号“{user}”在本次整改中做过乡镇初审，核查须由其他账号办理。").format(user=facts.user)


def _checker(facts: Facts) -> str:
    code = facts.checker_code
    if not code:
        return _("请填写实地核查人。")
    if code in facts.people:
        return _("{name}在本次整改中负过责、承担过任务或在该村工作，不能核查。").format(
            name=facts.called(code)
        )
    return _out_of_office(facts, code)


def _later(facts: Facts) -> str:
    if facts.later is None:
        return _("请填写新的期限。")
    if facts.later <= facts.due_on or facts.later < facts.on:
        return _("新的期限须晚于现期限 {day}，且不早于办理日期。").format(day=facts.due_on.isoformat())
    return ""


def _listed(numbers: Iterable[int]) -> str:
    return "、".join(str(int(number)) for number in numbers)


_RULES: dict[Need, Callable[[Facts], str]] = {
    Need.NOTE: _note,
    Need.RESPONSIBLE: _responsible,
    Need.PLAN: _plan,
    Need.TASKS_DONE: _tasks_done,
    Need.EVIDENCE: _evidence,
    Need.OTHER_ACCOUNT: _other_account,
    Need.SECOND_ACCOUNT: _second_account,
    Need.CHECKER: _checker,
    Need.LATER: _later,
    Need.DOCUMENT: _document,
}
