"""Who answers for what: assign, end, correct, withdraw, hand over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.cli.changing import (
    DAY,
    date_option,
    dry_run_option,
    ownership_document,
    reason_option,
    show_changes,
    submitted,
    yes_option,
)
from geo.cli.context import acting, chosen_day, common, json_option, opened_store, option
from geo.cli.output import say, show_document, show_table
from geo.cli.texts import TextCommand
from geo.errors import FileFault, InputError
from geo.i18n import N_, _
from geo.vocabulary import Rank, ResponsibilityKind, label_of

if TYPE_CHECKING:
    import pandas as pd

    from geo.access import Actor
    from geo.operations.requests import Assignment, Request
    from geo.store.engine import Store

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Build = Callable[["Store", "Actor"], "Request"]
_KIND = click.Choice([str(kind) for kind in ResponsibilityKind])
_RANK = click.Choice([str(rank) for rank in Rank])
_RECORD = click.IntRange(1, 2**63 - 1)  # what a database takes as a whole number
_SHOWN_FAULTS = 20
_FIRST_DAY_OFF = N_("到哪一天（不含）：不再负责的第一天")


def _stating(command: _Command) -> _Command:
    """Give a command the options of a change that says itself what becomes of its targets.

    To assign or to end is to want what follows from it: the consequences are told and need no second yes.
    """
    for each in (reason_option, dry_run_option, json_option):
        command = each(command)
    return common(command)


def _changing(command: _Command) -> _Command:
    """Give a command the options of a change whose consequences are to be confirmed."""
    return _stating(yes_option(command))


@click.command("assign", cls=TextCommand, help=N_("指定责任人；原责任人的任期自动截止。"))
@click.argument("codes", nargs=-1)
@option("--kind", type=_KIND, help=N_("责任类型"))
@option("--to", "holder", metavar="HOLDER", help=N_("责任人或单位的代码"))
@option("--from", "valid_from", type=DAY, metavar="YYYY-MM-DD", help=N_("自哪一天起；默认今天"))
@option("--to-date", "valid_to", type=DAY, metavar="YYYY-MM-DD", help=_FIRST_DAY_OFF)
@option("--rank", type=_RANK, default=str(Rank.PRIMARY), help=N_("主责 primary 或协助 assistant"))
@option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("责任清单（CSV、XLSX 等），列名同导入责任；可代替对象代码及 --kind、--to"),
)
@_stating
def assign(
    codes: Sequence[str],
    kind: str | None,
    holder: str | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
    rank: str,
    file: Path | None,
    **how: Any,
) -> None:
    """Let a holder hold targets from a day on."""
    from geo.operations.requests import Assignment, AssignRequest

    if codes and not (kind and holder):
        raise InputError(_("请用 --kind 和 --to 说明责任类型和责任人。"))
    if not codes and file is None:
        raise InputError(_("没有要办理的责任。"), hint=_("请给出对象代码，或用 --file 给出责任清单。"))

    def request(store: Store, actor: Actor) -> Request:
        start = chosen_day(store, valid_from)
        rows = _file_rows(store, actor, file) if file else []
        if kind and holder:
            rows += [Assignment(kind, holder, code, start, rank, _day(valid_to)) for code in codes]
        return AssignRequest(tuple(rows), how["reason"])

    _change(request, **how)


def _file_rows(store: Store, actor: Actor, file: Path) -> list[Assignment]:
    """What a file asks for; faulty rows are listed and refuse the whole."""
    from geo.operations.bulk_assign import assign_from_file

    found = assign_from_file(store, actor, file, today=chosen_day(store, None))
    for finding in found.findings:
        say(f"{finding.message} {finding.action}".strip())
    for fault in found.faults[:_SHOWN_FAULTS]:
        say(_("第 {row} 行：{message}").format(row=fault.row, message=fault.message))
    if found.faults:
        raise FileFault(
            _("“{name}”有 {count} 处问题，没有写入。").format(name=file.name, count=len(found.faults)),
            hint=_("请改正后再试。"),
        )
    return list(found.rows)


@click.command("end", cls=TextCommand, help=N_("结束责任；之后没有人负责。"))
@click.argument("codes", nargs=-1, required=True)
@option("--kind", required=True, type=_KIND, help=N_("责任类型"))
@option("--holder", metavar="HOLDER", help=N_("只结束这一责任人的；默认该对象的全部"))
@option("--to-date", "valid_to", required=True, type=DAY, metavar="YYYY-MM-DD", help=_FIRST_DAY_OFF)
@_stating
def end(codes: Sequence[str], kind: str, holder: str | None, valid_to: datetime, **how: Any) -> None:
    """End what is in force on a day."""
    from geo.operations.requests import EndRequest

    request = EndRequest(kind, tuple(codes), valid_to.date(), how["reason"], holder_code=holder)
    _change(lambda _store, _actor: request, **how)


@click.command("correct", cls=TextCommand, help=N_("更正一条记错的责任记录；原记录留作历史。"))
@click.argument("record_id", type=_RECORD, metavar="ID")
@option("--holder", metavar="HOLDER", help=N_("正确的责任人代码"))
@option("--rank", type=_RANK, help=N_("正确的主次"))
@option("--from", "valid_from", type=DAY, metavar="YYYY-MM-DD", help=N_("正确的起始日期"))
@option("--to-date", "valid_to", type=DAY, metavar="YYYY-MM-DD", help=_FIRST_DAY_OFF)
@option("--open-ended", is_flag=True, help=N_("没有截止日期"))
@_changing
def correct(
    record_id: int,
    holder: str | None,
    rank: str | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
    open_ended: bool,
    **how: Any,
) -> None:
    """Put another statement in the place of a wrong record."""
    from geo.operations.requests import KEEP, CorrectRequest

    if open_ended and valid_to:
        raise InputError(_("--to-date 与 --open-ended 只能给出一个。"))
    request = CorrectRequest(
        record_id,
        how["reason"],
        holder_code=holder,
        rank=rank,
        valid_from=_day(valid_from),
        valid_to=None if open_ended else _day(valid_to) or KEEP,
    )
    _change(lambda _store, _actor: request, **how)


@click.command("withdraw", cls=TextCommand, help=N_("撤去一条本不该有的责任记录；原记录留作历史。"))
@click.argument("record_id", type=_RECORD, metavar="ID")
@_changing
def withdraw(record_id: int, **how: Any) -> None:
    """Say that a record was wrong altogether."""
    from geo.operations.requests import CorrectRequest

    request = CorrectRequest(record_id, how["reason"], withdraw=True)
    _change(lambda _store, _actor: request, **how)


@click.command(
    "handover", cls=TextCommand, help=N_("移交一个人或单位的全部责任：交给一人，或按方案分给多人。")
)
@click.argument("holder")
@option("--to", "successor", metavar="HOLDER", help=N_("全部交给此人或单位"))
@option("--plan", "is_planned", is_flag=True, help=N_("按距离、负担和单位对口推荐接手人"))
@option("--apply", "is_applied", is_flag=True, help=N_("采用推荐的方案；不加则只列出"))
@date_option
@option("--reason", default="", help=N_("理由（--apply 时必填；--to 默认写明由谁移交给谁）"))
@yes_option
@dry_run_option
@json_option
@common
def handover(
    holder: str,
    successor: str | None,
    is_planned: bool,
    is_applied: bool,
    day: datetime | None,
    reason: str,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """List what somebody holds with proposed successors, or hand it over."""
    from geo.operations.handover import given_to, handover_request, propose_handover

    if (successor is None) != is_planned:
        raise InputError(_("请给出 --to 或 --plan 之一。"))
    with opened_store() as store:
        actor, on = acting(store), chosen_day(store, day)
        proposal = propose_handover(store, actor, holder, on=on, as_of=on)
        if successor is not None:
            proposal = given_to(proposal, successor)
        document: dict[str, Any] = {"holder_code": holder, "on": on, "items": _items(proposal)}
        if is_planned and not is_applied:
            _show_proposal(document, as_json=as_json)
            return
        reason = reason or _reason_of(holder, successor)
        request = handover_request(proposal, holder, on=on, reason=reason)
        is_wanted = yes or successor is not None  # nothing is left without anybody
        document |= submitted(store, actor, request, ownership_document, yes=is_wanted, dry_run=dry_run)
    show_changes([document], as_json=as_json, whole=document)


def _reason_of(holder: str, successor: str | None) -> str:
    """What is written down where nothing was said; a plan is not adopted without a reason."""
    if successor is None:
        return ""
    return _("{holder} 的责任移交给 {successor}。").format(holder=holder, successor=successor)


def _items(proposal: pd.DataFrame) -> list[dict[str, Any]]:
    plain = proposal.astype(object)
    found: list[dict[str, Any]] = plain.where(plain.notna(), None).to_dict("records")
    return found


def _show_proposal(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_document(document | {"change": None, "state": "proposed"})
        return
    show_table(
        [_("责任"), _("对象"), _("名称"), _("起"), _("接手人"), _("姓名"), _("说明")],
        [
            [
                label_of(ResponsibilityKind(item["kind"])),
                item["target_code"],
                item["target_name"],
                item["valid_from"],
                item["successor_code"],
                item["successor_name"],
                item["why"],
            ]
            for item in document["items"]
        ],
    )
    say(_("只是推荐，没有写入。采用请加 --apply 和 --reason。"))


def _change(build: _Build, *, reason: str, dry_run: bool, as_json: bool, yes: bool = True) -> None:
    """Make the request, show what it does, and do it unless something speaks against it."""
    with opened_store() as store:
        actor = acting(store)
        request = build(store, actor)
        document = submitted(store, actor, request, ownership_document, yes=yes, dry_run=dry_run)
    show_changes([document], as_json=as_json, whole=document)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


COMMANDS = (assign, end, correct, withdraw, handover)
