"""designate: a village is declared weak or an election priority."""

from __future__ import annotations

from datetime import datetime

import click

from geo.cli.context import acting, common, json_option, now, opened_store, option
from geo.cli.output import say, show_document
from geo.cli.texts import TextCommand
from geo.i18n import N_, _
from geo.vocabulary import VillageLabel, WeakCause, label_of

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("designate", cls=TextCommand, help=N_("认定一个村为软弱涣散村或换届重难点村。"))
@click.argument("code")
@option(
    "--label",
    required=True,
    type=click.Choice([str(label) for label in VillageLabel]),
    help=N_("标签"),
)
@option("--from", "valid_from", required=True, type=_DAY, metavar="YYYY-MM-DD", help=N_("自哪一天起"))
@option("--to-date", "valid_to", type=_DAY, metavar="YYYY-MM-DD", help=N_("到哪一天（不含）"))
@option("--reason", required=True, help=N_("理由"))
@option("--document", "document_no", help=N_("文件号"))
@option("--cause", type=click.Choice([str(cause) for cause in WeakCause]), help=N_("软弱涣散的成因"))
@json_option
@common
def designate(
    code: str,
    label: str,
    valid_from: datetime,
    valid_to: datetime | None,
    reason: str,
    document_no: str | None,
    cause: str | None,
    as_json: bool,
) -> None:
    """Record a dated decision about a village."""
    from geo.operations.designate import designate_village

    with opened_store() as store:
        designate_village(
            store,
            acting(store),
            village_code=code,
            label=VillageLabel(label),
            valid_from=valid_from.date(),
            valid_to=valid_to.date() if valid_to else None,
            reason=reason,
            document_no=document_no,
            cause=WeakCause(cause) if cause else None,
            now=now(),
        )
    if as_json:
        show_document({"code": code, "label": label, "valid_from": valid_from.date()})
    else:
        say(_("已认定 {code} 为“{label}”。").format(code=code, label=label_of(VillageLabel(label))))


COMMANDS = (designate,)
