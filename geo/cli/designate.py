"""designate: a village is declared weak or an election priority, or that is ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import click

from geo.cli.context import acting, common, json_option, now, opened_store, option
from geo.cli.output import say, show_document
from geo.cli.texts import TextCommand
from geo.i18n import N_, _
from geo.vocabulary import VillageLabel, WeakCause, label_of

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    "designate", cls=TextCommand, help=N_("认定一个村为软弱涣散村或换届重难点村，或用 --end 结束认定。")
)
@click.argument("code")
@option(
    "--label",
    required=True,
    type=click.Choice([str(label) for label in VillageLabel]),
    help=N_("标签"),
)
@option("--from", "valid_from", type=_DAY, metavar="YYYY-MM-DD", help=N_("自哪一天起"))
@option("--to-date", "valid_to", type=_DAY, metavar="YYYY-MM-DD", help=N_("到哪一天（不含）"))
@option("--end", "ended_on", type=_DAY, metavar="YYYY-MM-DD", help=N_("结束现有认定：自哪一天起不再是"))
@option("--reason", required=True, help=N_("理由"))
@option("--document", "document_no", help=N_("文件号"))
@option("--cause", type=click.Choice([str(cause) for cause in WeakCause]), help=N_("软弱涣散的成因"))
@json_option
@common
def designate(
    code: str,
    label: str,
    valid_from: datetime | None,
    valid_to: datetime | None,
    ended_on: datetime | None,
    reason: str,
    document_no: str | None,
    cause: str | None,
    as_json: bool,
) -> None:
    """Record a dated decision about a village."""
    decided = Decision(code, VillageLabel(label), reason, document_no)
    if ended_on is not None:
        if valid_from or valid_to or cause:
            raise click.UsageError(_("--end 不能与 --from、--to-date、--cause 同用。"))
        _end(decided, ended_on.date(), as_json=as_json)
    elif valid_from is None:
        raise click.UsageError(_("请用 --from 给出起始日期，或用 --end 结束现有认定。"))
    else:
        last = valid_to.date() if valid_to else None
        _designate(decided, valid_from.date(), last, WeakCause(cause) if cause else None, as_json=as_json)


@dataclass(frozen=True)
class Decision:
    """What beginning and ending a designation have in common."""

    code: str
    label: VillageLabel
    reason: str
    document_no: str | None

    def named(self) -> dict[str, Any]:
        """As the operations want it."""
        return {
            "village_code": self.code,
            "label": self.label,
            "reason": self.reason,
            "document_no": self.document_no,
            "now": now(),
        }


def _designate(
    decided: Decision, valid_from: date, valid_to: date | None, cause: WeakCause | None, *, as_json: bool
) -> None:
    from geo.operations.designate import designate_village

    period: dict[str, Any] = {"valid_from": valid_from, "valid_to": valid_to}
    with opened_store() as store:
        designate_village(store, acting(store), **decided.named(), **period, cause=cause)
    if as_json:
        show_document({"code": decided.code, "label": decided.label, **period})
    else:
        say(_("已认定 {code} 为“{label}”。").format(code=decided.code, label=label_of(decided.label)))


def _end(decided: Decision, ended_on: date, *, as_json: bool) -> None:
    from geo.operations.designate import end_designation

    with opened_store() as store:
        end_designation(store, acting(store), **decided.named(), valid_to=ended_on)
    if as_json:
        show_document({"code": decided.code, "label": decided.label, "valid_to": ended_on})
    else:
        said = _("已结束 {code} 的“{label}”认定，自 {day} 起不再是。")
        say(said.format(code=decided.code, label=label_of(decided.label), day=ended_on.isoformat()))


COMMANDS = (designate,)
