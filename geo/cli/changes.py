"""The changes that were made: list them, take them back, decide on those that wait."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from geo.cli.changing import (
    DAY,
    dry_run_option,
    ownership_document,
    reason_option,
    show_changes,
    submitted,
    yes_option,
)
from geo.cli.context import acting, chosen_day, common, json_option, now, opened_store, option
from geo.cli.output import say, show_document, show_table
from geo.cli.texts import TextCommand
from geo.i18n import N_, _

if TYPE_CHECKING:
    from geo.operations.journal import Outcome

_STATES = {
    "applied": N_("已生效"),
    "pending": N_("待批准"),
    "rejected": N_("已退回"),
    "undone": N_("已撤销"),
}


@click.command("changes", cls=TextCommand, help=N_("变更清单，最近的在前。"))
@option("--township", default="", metavar="CODE", help=N_("只看涉及这一乡镇的"))
@option("--mine", is_flag=True, help=N_("只看本人的"))
@option("--state", type=click.Choice(list(_STATES)), help=N_("只看处于这一状态的"))
@option("--limit", type=click.IntRange(1, 100_000), default=100, help=N_("最多列出几项；默认 100"))
@json_option
@common
def changes(township: str, mine: bool, state: str | None, limit: int, as_json: bool) -> None:
    """List changes, the latest first."""
    from geo.answers.changes import change_list

    with opened_store() as store:
        found = change_list(store, acting(store), township=township, mine=mine, state=state, limit=limit)
    rows: list[dict[str, Any]] = found.to_dict("records")
    if as_json:
        show_document({"changes": rows})
        return
    show_table(
        [_("编号"), _("时间"), _("账号"), _("状态"), _("内容"), _("理由")],
        [
            [
                row["code"],
                f"{row['at'].to_pydatetime().astimezone():%Y-%m-%d %H:%M}",
                row["user"],
                _(_STATES[row["state"]]),
                row["summary"],
                row["reason"],
            ]
            for row in rows
        ],
    )


@click.command("undo", cls=TextCommand, help=N_("撤销本人最近一项变更，或指定的一项；再执行一次撤销更早的。"))
@click.argument("code", required=False)
@option("--reason", default="", help=N_("理由（指定编号时必填）"))
@json_option
@common
def undo(code: str | None, reason: str, as_json: bool) -> None:
    """Undo one's own last change, or a named one."""
    from geo.operations import journal

    with opened_store() as store:
        if code is None:
            done = journal.undo_last(store, acting(store), now=now())
        else:
            done = journal.undo(store, acting(store), code, now=now(), reason=reason)
    _show(done, as_json=as_json)


@click.command("reverse", cls=TextCommand, help=N_("自某日起恢复到一项变更之前：另记一项新的变更。"))
@click.argument("code")
@option("--date", "day", type=DAY, metavar="YYYY-MM-DD", help=N_("自哪一天起；默认今天"))
@reason_option
@yes_option
@dry_run_option
@json_option
@common
def reverse(code: str, day: datetime | None, reason: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Let it be from a day on as it was before a change."""
    from geo.operations.requests import ReverseRequest

    with opened_store() as store:
        request = ReverseRequest(code, chosen_day(store, day), reason)
        document = submitted(store, acting(store), request, ownership_document, yes=yes, dry_run=dry_run)
    show_changes([document], as_json=as_json, whole=document)


@click.command("approve", cls=TextCommand, help=N_("批准一项待批准的变更（县委组织部）。"))
@click.argument("code")
@option("--reason", default="", help=N_("意见"))
@json_option
@common
def approve(code: str, reason: str, as_json: bool) -> None:
    """Carry out a waiting change."""
    from geo.operations import journal

    with opened_store() as store:
        moment = now()
        today = moment.astimezone().date()
        done = journal.approve(store, acting(store), code, now=moment, today=today, reason=reason)
    _show(done, as_json=as_json)


@click.command("reject", cls=TextCommand, help=N_("退回一项待批准的变更（县委组织部）。"))
@click.argument("code")
@reason_option
@json_option
@common
def reject(code: str, reason: str, as_json: bool) -> None:
    """Turn a waiting change down."""
    from geo.operations import journal

    with opened_store() as store:
        done = journal.reject(store, acting(store), code, now=now(), reason=reason)
    _show(done, as_json=as_json)


@click.command("approval", cls=TextCommand, help=N_("一个乡镇的变更是否须经批准（县委组织部）。"))
@click.argument("township")
@click.argument("switch", type=click.Choice(["on", "off"]), metavar="on|off")
@reason_option
@json_option
@common
def approval(township: str, switch: str, reason: str, as_json: bool) -> None:
    """Say whether coordinators' changes in a township wait for the department."""
    from geo.operations.journal import set_approval

    with opened_store() as store:
        set_approval(store, acting(store), township, switch == "on", now=now(), reason=reason)
    if as_json:
        show_document({"township_code": township, "required": switch == "on"})
    else:
        words = _("{township} 的变更须经批准。") if switch == "on" else _("{township} 的变更不须批准。")
        say(words.format(township=township))


def _show(done: Outcome, *, as_json: bool) -> None:
    """What became of a change that was decided on or taken back."""
    if as_json:
        show_document(
            {
                "change": done.code,
                "state": done.state,
                "summary": done.summary,
                "closed": done.closed,
                "opened": done.opened,
                "unchanged": 0,
                "gaps_closed": [],
                "gaps_opened": [],
                "consequences": [],
            }
        )
        return
    say(done.summary)
    say(_("变更 {change}：{state}").format(change=done.code, state=_(_STATES[done.state])))


COMMANDS = (changes, undo, reverse, approve, reject, approval)
