"""rectify list, rectify show: the board of rectifications, and one case with all that happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from geo.cli.context import (
    acting,
    as_of_option,
    chosen_day,
    chosen_instant,
    chosen_territory,
    common,
    json_option,
    known_at_option,
    opened_store,
    option,
    township_option,
)
from geo.cli.output import say, show_document, show_table
from geo.cli.texts import TextCommand
from geo.i18n import N_, _
from geo.vocabulary import CaseAction, CaseState, CaseStatus, WeakCause, label_of

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.access import Actor
    from geo.store.engine import Store


@click.command("list", cls=TextCommand, help=N_("整改台账：每个挂牌对象的进度、期限和责任人。"))
@township_option
@option(
    "--status",
    "statuses",
    type=click.Choice([str(status) for status in CaseStatus]),
    multiple=True,
    help=N_("只列这种进度，可重复"),
)
@as_of_option
@known_at_option
@json_option
@common
def list_cases(
    township: str, statuses: tuple[str, ...], as_of: datetime | None, known_at: str | None, as_json: bool
) -> None:
    """Every case listed by a day, the overdue first."""
    from geo.answers.rectifications import board_counts, case_table, three_levels

    with opened_store() as store:
        day, known = chosen_day(store, as_of), chosen_instant(known_at)
        within = chosen_territory(store, township)
        table = case_table(store, acting(store), as_of=day, township=within, known_at=known)
    if statuses:
        table = table[table["status"].isin(statuses).to_numpy(bool)].reset_index(drop=True)
    if not as_json:
        _show_cases(table)
        return
    from geo.answers.rectification_rows import plain_rows

    show_document(
        {
            "as_of": day,
            "known_at": known,
            "cases": plain_rows(table.drop(columns="geometry")),
            "townships": plain_rows(board_counts(table)),
            "waiting": dict(three_levels(table)),
        }
    )


def _show_cases(table: gpd.GeoDataFrame) -> None:
    headings = (
        _("进度"),
        _("对象"),
        _("乡镇"),
        _("成因"),
        _("环节"),
        _("期限"),
        _("剩余天数"),
        _("任务"),
        _("责任人"),
        _("编号"),
    )
    from geo.answers.rectification_rows import plain_rows

    show_table(
        headings,
        [
            (
                label_of(CaseStatus(row["status"])),
                row["subject_name"],
                row["township_name"],
                label_of(WeakCause(row["cause"])),
                label_of(CaseState(row["state"])),
                row["due_on"],
                row["days_left"],
                f"{row['tasks_done']}/{row['tasks']}",
                row["responsible_name"] or row["responsible_code"],
                row["code"],
            )
            for row in plain_rows(table)
        ],
    )


@click.command("show", cls=TextCommand, help=N_("一项整改的全部情况：经过、任务、佐证和下一步。"))
@click.argument("code")
@as_of_option
@known_at_option
@json_option
@common
def show(code: str, as_of: datetime | None, known_at: str | None, as_json: bool) -> None:
    """One case with its steps, tasks and evidence, and what can be done next."""
    from geo.answers.rectifications import case_document

    with opened_store() as store:
        day, known = chosen_day(store, as_of), chosen_instant(known_at)
        case = case_document(store, acting(store), code, as_of=day, known_at=known)
    if as_json:
        show_document(case)
    else:
        _show_case(case)


def _show_case(case: Mapping[str, Any]) -> None:
    click.echo(_sentence(case))
    click.echo()
    show_table((_("日期"), _("经过"), _("账号"), _("说明")), map(_event, case["events"]))
    click.echo()
    tasks = (_("序号"), _("任务"), _("责任人"), _("起"), _("止"), _("完成"), _("佐证"))
    show_table(tasks, map(_task, case["tasks"]))
    for step in case["steps"]:
        missing = _("；").join(sentence.rstrip("。") for sentence in step["unmet"]) or _("条件已具备")
        click.echo(_("可办理“{step}”：{missing}。").format(step=step["label"], missing=missing))


def _event(event: Mapping[str, Any]) -> tuple[Any, ...]:
    said = (event["note"], event["document_no"], event["checker_name"])
    note = _("；").join(part for part in said if part)
    return event["happened_on"], label_of(CaseAction(event["action"])), event["recorded_by"], note


def _task(task: Mapping[str, Any]) -> tuple[Any, ...]:
    owner = task["owner_name"] or task["owner_code"]
    days = task["starts_on"], task["due_on"], task["done_on"]
    return task["number"], task["title"], owner, *days, len(task["evidence"])


def _sentence(case: Mapping[str, Any]) -> str:
    return _("{subject}（{code}）：{state}，{status}，期限 {due}。").format(
        subject=case["subject_name"],
        code=case["code"],
        state=label_of(CaseState(case["state"])),
        status=label_of(CaseStatus(case["status"])),
        due=case["due_on"],
    )


def show_result(store: Store, actor: Actor, code: str, *, on: date, as_json: bool) -> None:
    """The case after a command has changed it, with every step it has taken: a document or a sentence."""
    from geo.answers.rectifications import case_document
    from geo.operations.rectification.case import case_named

    with store.read() as session:
        last_on = case_named(session, code).last_on
    case = case_document(store, actor, code, as_of=max(on, last_on))
    if as_json:
        show_document(case)
    else:
        say(_sentence(case))


COMMANDS = (list_cases, show)
