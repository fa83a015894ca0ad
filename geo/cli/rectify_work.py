"""rectify open, template, task, remove, finish, evidence: what is listed, planned, done and shown."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from geo.cli.changing import DAY
from geo.cli.context import acting, chosen_day, common, json_option, now, opened_store, option
from geo.cli.rectify_show import show_result
from geo.cli.rectify_steps import day_of, document_option, note_option, on_option
from geo.cli.texts import TextCommand
from geo.errors import FileFault
from geo.i18n import N_, _
from geo.vocabulary import AttachmentUse, EntityKind, WeakCause

_KINDS = (EntityKind.VILLAGE, EntityKind.BRANCH)
task_option = option("--task", "number", required=True, type=click.IntRange(min=1), help=N_("任务序号"))


@click.command("open", cls=TextCommand, help=N_("把一个村或党支部挂牌整改。"))
@click.argument("subject")
@option(
    "--kind",
    type=click.Choice([str(kind) for kind in _KINDS]),
    default=str(EntityKind.VILLAGE),
    help=N_("村或党支部；默认村"),
)
@option("--cause", required=True, type=click.Choice([str(cause) for cause in WeakCause]), help=N_("成因"))
@option("--responsible", required=True, metavar="CODE", help=N_("责任人的代码"))
@option("--leader", metavar="CODE", help=N_("挂点领导的代码；默认包村的县级领导"))
@option("--due", "due_on", type=DAY, metavar="YYYY-MM-DD", help=N_("期限；默认按规则"))
@on_option
@note_option
@document_option
@json_option
@common
def open_case(
    subject: str,
    kind: str,
    cause: str,
    responsible: str,
    leader: str | None,
    due_on: datetime | None,
    on: datetime | None,
    note: str,
    document_no: str | None,
    as_json: bool,
) -> None:
    """Put a village or a branch on the list."""
    from geo.operations.rectification import list_case

    with opened_store() as store:
        actor, day = acting(store), chosen_day(store, on)
        code = list_case(
            store,
            actor,
            subject_kind=kind,
            subject_code=subject,
            cause=cause,
            listed_on=day,
            responsible_code=responsible,
            leader_code=leader,
            due_on=day_of(due_on),
            note=note,
            document_no=document_no,
            now=now(),
        )
        show_result(store, actor, code, on=day, as_json=as_json)


@click.command("template", cls=TextCommand, help=N_("按成因的模板排出任务，从期限倒排。"))
@click.argument("code")
@json_option
@common
def template(code: str, as_json: bool) -> None:
    """Plan a case from the template of its cause."""
    from geo.operations.rectification import plan_from_template

    with opened_store() as store:
        actor = acting(store)
        plan_from_template(store, actor, code, now=now())
        show_result(store, actor, code, on=chosen_day(store, None), as_json=as_json)


@click.command("task", cls=TextCommand, help=N_("新增一项任务；写明 --task 则修改那一项。"))
@click.argument("code")
@option("--task", "number", type=click.IntRange(min=1), help=N_("任务序号"))
@option("--title", required=True, help=N_("任务内容"))
@option("--owner", metavar="CODE", help=N_("责任人的代码"))
@option("--from", "starts_on", required=True, type=DAY, metavar="YYYY-MM-DD", help=N_("起始日期"))
@option("--due", "due_on", required=True, type=DAY, metavar="YYYY-MM-DD", help=N_("完成期限"))
@note_option
@json_option
@common
def task(
    code: str,
    number: int | None,
    title: str,
    owner: str | None,
    starts_on: datetime,
    due_on: datetime,
    note: str,
    as_json: bool,
) -> None:
    """Add a task to a plan, or change one."""
    from geo.operations.rectification import put_task

    with opened_store() as store:
        actor = acting(store)
        put_task(
            store,
            actor,
            code,
            number,
            title=title,
            owner_code=owner,
            starts_on=starts_on.date(),
            due_on=due_on.date(),
            note=note,
            now=now(),
        )
        show_result(store, actor, code, on=chosen_day(store, None), as_json=as_json)


@click.command("remove", cls=TextCommand, help=N_("从方案中删去一项任务。"))
@click.argument("code")
@task_option
@option("--reason", required=True, help=N_("理由"))
@json_option
@common
def remove(code: str, number: int, reason: str, as_json: bool) -> None:
    """Take a task out of a plan."""
    from geo.operations.rectification import remove_task

    with opened_store() as store:
        actor = acting(store)
        remove_task(store, actor, code, number, reason=reason, now=now())
        show_result(store, actor, code, on=chosen_day(store, None), as_json=as_json)


@click.command("finish", cls=TextCommand, help=N_("把一项任务记为完成，或以 --reopen 恢复为未完成。"))
@click.argument("code")
@task_option
@on_option
@option("--reopen", is_flag=True, help=N_("恢复为未完成"))
@note_option
@json_option
@common
def finish(code: str, number: int, on: datetime | None, reopen: bool, note: str, as_json: bool) -> None:
    """Say on which day a task was done, or that it is open again."""
    from geo.operations.rectification import finish_task

    with opened_store() as store:
        actor, day = acting(store), chosen_day(store, on)
        done_on = None if reopen else day
        finish_task(store, actor, code, number, done_on=done_on, note=note, now=now())
        show_result(store, actor, code, on=day, as_json=as_json)


@click.command("evidence", cls=TextCommand, help=N_("为一项任务上传佐证材料（照片或 PDF）。"))
@click.argument("code")
@click.argument("file", type=click.Path(path_type=Path))
@task_option
@option("--title", default="", help=N_("名称；默认取文件名"))
@option("--taken-on", type=DAY, metavar="YYYY-MM-DD", help=N_("拍摄或形成日期"))
@json_option
@common
def evidence(
    code: str, file: Path, number: int, title: str, taken_on: datetime | None, as_json: bool
) -> None:
    """Bring a picture or document that shows that a task was done."""
    from geo.operations.attachments import attach

    with opened_store() as store:
        actor = acting(store)
        attach(
            store,
            actor,
            content=_read(file),
            filename=file.name,
            use=AttachmentUse.EVIDENCE,
            case_code=code,
            task_number=number,
            title=title,
            taken_on=day_of(taken_on),
            now=now(),
        )
        show_result(store, actor, code, on=chosen_day(store, taken_on), as_json=as_json)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise FileFault(_("无法读取文件 {file}。").format(file=file)) from fault


COMMANDS = (open_case, template, task, remove, finish, evidence)
