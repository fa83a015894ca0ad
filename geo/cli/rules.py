"""rules: the thresholds in force, their history, and setting them for this county."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from geo.cli.context import acting, as_of_option, chosen_day, common, json_option, now, opened_store, option
from geo.cli.output import say, show_document, show_table
from geo.cli.texts import TextCommand, TextGroup
from geo.i18n import N_, _
from geo.rules.units import in_unit

_from_option = option(
    "--from",
    "valid_from",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help=N_("自哪一天起"),
)
_reason_option = option("--reason", required=True, help=N_("理由"))


@click.group(
    "rules",
    cls=TextGroup,
    invoke_without_command=True,
    help=N_("规则的阈值：查看，或为本县设定。"),
)
@as_of_option
@json_option
@common
@click.pass_context
def rules(ctx: click.Context, as_of: datetime | None, as_json: bool) -> None:
    """List the thresholds in force on a day."""
    from geo.answers.thresholds import threshold_table

    if ctx.invoked_subcommand is not None:
        return
    with opened_store() as store:
        day = chosen_day(store, as_of)
        rows: list[dict[str, Any]] = threshold_table(store, acting(store), as_of=day).to_dict("records")
    if as_json:
        show_document({"as_of": day, "rules": rows})
    else:
        _show_rules(rows)


def _show_rules(rows: Sequence[dict[str, Any]]) -> None:
    show_table(
        [_("规则"), _("现值"), _("起"), _("依据"), _("设定人"), _("用于"), _("内容")],
        [
            [
                row["name"],
                in_unit(row["value"], row["unit"]),
                row["valid_from"],
                row["source"],
                row["changed_by"],
                row["group"],
                row["about"],
            ]
            for row in rows
        ],
    )


@rules.command("history", cls=TextCommand, help=N_("一条规则有过的全部值，最近的在前。"))
@click.argument("name")
@json_option
@common
def rules_history(name: str, as_json: bool) -> None:
    """List every value a threshold ever had."""
    from geo.answers.thresholds import threshold_history
    from geo.rules import default_values

    with opened_store() as store:
        found = threshold_history(store, acting(store), name)
    rows: list[dict[str, Any]] = found.to_dict("records")
    if as_json:
        show_document({"name": name, "values": rows})
        return
    unit = default_values(name)[0].unit
    show_table(
        [_("起"), _("值"), _("设定人"), _("理由"), _("失效原因")],
        [
            [
                row["valid_from"],
                in_unit(row["value"], unit),
                row["changed_by"] or _("默认"),
                row["reason"],
                row["ended_reason"],
            ]
            for row in rows
        ],
    )


@rules.command("set", cls=TextCommand, help=N_("为本县设定一条规则的阈值，自某日起生效。"))
@click.argument("name")
@click.argument("value", type=float)
@_from_option
@_reason_option
@json_option
@common
def rules_set(name: str, value: float, valid_from: datetime, reason: str, as_json: bool) -> None:
    """Set a threshold from a day on."""
    from geo.operations.thresholds import set_threshold
    from geo.rules import default_values

    day = valid_from.date()
    with opened_store() as store:
        set_threshold(store, acting(store), name, value, valid_from=day, reason=reason, now=now())
    if as_json:
        show_document({"name": name, "value": value, "valid_from": day})
        return
    shown = in_unit(value, default_values(name)[0].unit)
    say(_("自 {day} 起，{name} 为{value}；此前的日子不变。").format(day=day, name=name, value=shown))


@rules.command("withdraw", cls=TextCommand, help=N_("撤回为本县设定的阈值，恢复在它之前的值。"))
@click.argument("name")
@_from_option
@_reason_option
@json_option
@common
def rules_withdraw(name: str, valid_from: datetime, reason: str, as_json: bool) -> None:
    """Take back the value that was set from exactly this day on."""
    from geo.answers.thresholds import threshold_on
    from geo.operations.thresholds import withdraw_threshold

    day = valid_from.date()
    with opened_store() as store:
        withdraw_threshold(store, acting(store), name, valid_from=day, reason=reason, now=now())
        holds = threshold_on(store, name, as_of=day)
    if as_json:
        show_document({"name": name, "value": holds.value, "valid_from": day})
        return
    shown = in_unit(holds.value, holds.unit)
    say(_("已撤回；自 {day} 起，{name} 恢复为{value}。").format(day=day, name=name, value=shown))


COMMANDS = (rules,)
