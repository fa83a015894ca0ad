"""rectify plan, approve, request …: each step that the table of transitions declares is a command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click

from geo.cli.changing import DAY
from geo.cli.context import acting, chosen_day, common, json_option, now, opened_store, option
from geo.cli.rectify_show import show_result
from geo.cli.texts import TextCommand
from geo.i18n import N_
from geo.vocabulary import CaseAction

_A = CaseAction
HELPS: dict[CaseAction, str] = {
    _A.PLAN: N_("上报整改方案（乡镇）。"),
    _A.APPROVE: N_("批准整改方案（县）。"),
    _A.REQUEST: N_("申请销号：任务全部完成、每项都有佐证后。"),
    _A.REVIEW: N_("乡镇初审：由没有经办过这项整改的账号办理。"),
    _A.CHECK: N_("县级核查通过：须写明实地核查人，且与责任人、任务责任人无关。"),
    _A.CLOSE: N_("销号。"),
    _A.RETURN: N_("退回整改，并写明原因。"),
    _A.EXTEND: N_("延期：须有文件号和新的期限。"),
    _A.REASSIGN: N_("调整责任人或挂点领导。"),
    _A.WITHDRAW: N_("撤牌：须有文件号。"),
}
"""Every step but the listing, which is `rectify open`."""

_checker = option("--checker", "checker_code", required=True, metavar="CODE", help=N_("实地核查人的代码"))
_later = option("--due", "due_on", required=True, type=DAY, metavar="YYYY-MM-DD", help=N_("新的期限"))
_responsible = option("--responsible", "responsible_code", metavar="CODE", help=N_("新的责任人的代码"))
_leader = option("--leader", "leader_code", metavar="CODE", help=N_("新的挂点领导的代码"))
_MORE: dict[CaseAction, tuple[Callable[..., Any], ...]] = {
    _A.CHECK: (_checker,),
    _A.EXTEND: (_later,),
    _A.REASSIGN: (_responsible, _leader),
}
"""Options that only this step has."""

on_option = option(
    "--on", "on", type=DAY, metavar="YYYY-MM-DD", help=N_("哪一天；默认今天（示例县为其数据的日期）")
)
note_option = option("--note", default="", help=N_("说明"))
document_option = option("--document", "document_no", help=N_("文件号"))


def _command(action: CaseAction, help_text: str) -> click.Command:
    def step(
        code: str, on: datetime | None, note: str, document_no: str | None, as_json: bool, **given: Any
    ) -> None:
        _take(action, code, on, as_json=as_json, note=note, document_no=document_no, **given)

    options = (on_option, note_option, document_option, *_MORE.get(action, ()), json_option, common)
    for decorate in reversed((click.argument("code"), *options)):
        step = decorate(step)
    return click.command(str(action), cls=TextCommand, help=help_text)(step)


def _take(action: CaseAction, code: str, on: datetime | None, *, as_json: bool, **given: Any) -> None:
    from geo.operations.rectification import take_step

    if given.get("due_on") is not None:
        given["due_on"] = given["due_on"].date()
    with opened_store() as store:
        actor, day = acting(store), chosen_day(store, on)
        take_step(store, actor, code, action, on=day, now=now(), **given)
        show_result(store, actor, code, on=day, as_json=as_json)


def day_of(moment: datetime | None) -> date | None:
    """The day of an option, if it was given."""
    return moment.date() if moment else None


COMMANDS = tuple(_command(action, help_text) for action, help_text in HELPS.items())
