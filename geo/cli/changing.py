"""What all commands share that change ownership or cells: their options, submitting, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from geo.cli.context import now, option
from geo.cli.output import say, show_document
from geo.errors import RuleError
from geo.i18n import N_, _

if TYPE_CHECKING:
    from geo.access import Actor
    from geo.operations.preview import Preview
    from geo.operations.requests import Request
    from geo.store.engine import Store

DAY = click.DateTime(["%Y-%m-%d"])
_SHOWN_GAPS = 10
REFUSED, PREVIEWED, UNCONFIRMED = "refused", "previewed", "unconfirmed"

date_option = option(
    "--date", "day", type=DAY, metavar="YYYY-MM-DD", help=N_("自哪一天起；默认今天（示例县为其数据的日期）")
)
reason_option = option("--reason", required=True, help=N_("理由"))
yes_option = option("--yes", is_flag=True, help=N_("已知后果，照办"))
dry_run_option = option("--dry-run", is_flag=True, help=N_("只看会怎样，不写入"))


def submitted(
    store: Store,
    actor: Actor,
    request: Request,
    described: Callable[[Preview], dict[str, Any]],
    *,
    yes: bool,
    dry_run: bool,
) -> dict[str, Any]:
    """What became of a request: previewed, refused, waiting for a yes, or submitted.

    Parameters
    ----------
    described : function
        What the document says of the preview; ``change``, ``state`` and ``summary`` are added here.
    """
    from geo.operations.journal import preview, submit

    moment = now()
    today = moment.astimezone().date()
    shown = preview(store, actor, request, today=today)
    document = {"change": None, "state": "", "summary": shown.plan.summary} | described(shown)
    document |= {"consequences": list(shown.consequences), "notes": list(shown.plan.notes)}
    if shown.faults:
        return document | {"state": REFUSED}
    if dry_run:
        return document | {"state": PREVIEWED}
    if shown.consequences and not yes:
        return document | {"state": UNCONFIRMED}
    done = submit(store, actor, request, now=moment, today=today, seen=shown.seen, confirmed=yes)
    return document | {"change": done.code or None, "state": done.state, "summary": done.summary}


def ownership_document(shown: Preview) -> dict[str, Any]:
    """What a preview says of responsibilities, in figures and lines."""
    plan = shown.plan
    return {
        "closed": len(plan.closed),
        "opened": len(plan.opened),
        "unchanged": plan.unchanged,
        "moves": shown.moves,
        "gaps_closed": list(shown.gaps_closed),
        "gaps_opened": list(shown.gaps_opened),
    }


def show_changes(documents: Sequence[Mapping[str, Any]], *, as_json: bool, whole: Mapping[str, Any]) -> None:
    """Show what became of each change; exit 1 where one was refused or waits for a yes."""
    if as_json:
        show_document(whole)
    for document in documents:
        for sentence in _sentences(document):
            say(sentence)
    if any(document["state"] in (REFUSED, UNCONFIRMED) for document in documents):
        raise click.exceptions.Exit(RuleError.exit_code)


def _sentences(document: Mapping[str, Any]) -> Iterator[str]:
    yield document["summary"]
    yield from document.get("gaps_closed", ()) and [_gaps(_("消除：{gaps}"), document["gaps_closed"])]
    yield from document.get("gaps_opened", ()) and [_gaps(_("产生：{gaps}"), document["gaps_opened"])]
    yield from (fault["message"] for fault in document.get("faults", ()))
    yield from document.get("consequences", ())
    yield from document.get("notes", ())
    match document["state"]:
        case "unconfirmed":
            yield _("没有写入。如确认上述后果，请加 --yes 再试。")
        case "previewed":
            yield _("只是预览，没有写入。")
        case "pending":
            yield _("已提交，待县委组织部批准：{change}").format(change=document["change"])
        case "applied":
            yield _("已生效，变更编号 {change}").format(change=document["change"])


def _gaps(words: str, gaps: Sequence[str]) -> str:
    shown = "、".join(gaps[:_SHOWN_GAPS])
    return words.format(gaps=shown if len(gaps) <= _SHOWN_GAPS else _("{some}等").format(some=shown))
