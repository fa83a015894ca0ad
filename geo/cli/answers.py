"""who, villages: the questions, as tables or as the JSON documents of design §4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

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
from geo.vocabulary import ResponsibilityKind, VillageLabel, label_of


@click.command("who", cls=TextCommand, help=N_("谁负责：一个村、网格、户、片、组、支部或人的责任记录。"))
@click.argument("code")
@as_of_option
@known_at_option
@json_option
@common
def who(code: str, as_of: datetime | None, known_at: str | None, as_json: bool) -> None:
    """Show who answers for a thing, or what a holder answers for."""
    from geo.answers.who import who as responsible

    with opened_store() as store:
        document = responsible(
            store, acting(store), code, as_of=chosen_day(store, as_of), known_at=chosen_instant(known_at)
        )
    if as_json:
        show_document(document)
    else:
        _show_who(document)


def _show_who(document: Mapping[str, Any]) -> None:
    show_table(
        [_("责任"), _("责任人"), _("代码"), _("对象"), _("起"), _("止（不含）"), _("记录号")],
        [
            [
                label_of(ResponsibilityKind(row["kind"])),
                row["holder_name"],
                row["holder_code"],
                row["target_code"],
                row["valid_from"],
                row["valid_to"],
                row["record"],
            ]
            for row in (*document["responsibilities"], *document["holds"])
        ],
    )
    if document["first_missing"]:
        kind = label_of(ResponsibilityKind(document["first_missing"]))
        say(_("责任链断在：{kind}").format(kind=kind))
    if document["successors"]:
        codes = "、".join(document["successors"])
        say(_("这一天该网格已停用，土地现属：{codes}").format(codes=codes))


@click.command("villages", cls=TextCommand, help=N_("各村及其标签（经济薄弱、软弱涣散等）。"))
@option("--label", type=click.Choice([str(label) for label in VillageLabel]), help=N_("只看有此标签的村"))
@township_option
@option("--suspects", is_flag=True, help=N_("只看疑似而未认定的村及其理由"))
@as_of_option
@known_at_option
@json_option
@common
def villages(
    label: str | None,
    township: str,
    suspects: bool,
    as_of: datetime | None,
    known_at: str | None,
    as_json: bool,
) -> None:
    """List the villages with their labels, measured values and thresholds."""
    from geo.answers.villages import villages as labelled

    with opened_store() as store:
        document = labelled(
            store,
            acting(store),
            as_of=chosen_day(store, as_of),
            label=VillageLabel(label) if label else None,
            township=chosen_territory(store, township),
            suspects_only=suspects,
            known_at=chosen_instant(known_at),
        )
    if as_json:
        show_document(document)
    elif suspects:
        _show_suspects(document, label)
    else:
        _show_labels(document)


def _show_labels(document: Mapping[str, Any]) -> None:
    show_table(
        [_("代码"), _("名称"), _("标签"), _("与数据的矛盾")],
        [
            [
                row["code"],
                row["name"],
                _("、").join(label_of(VillageLabel(found["label"])) for found in row["labels"]),
                "".join(found["text"] for found in row["contradictions"]),
            ]
            for row in document["villages"]
        ],
    )


def _show_suspects(document: Mapping[str, Any], label: str | None) -> None:
    show_table(
        [_("代码"), _("名称"), _("疑似"), _("理由")],
        [
            [row["code"], row["name"], label_of(VillageLabel(found["label"])), found["reason"]]
            for row in document["villages"]
            for found in row["suspects"]
            if not found["designated"] and label in (None, found["label"])
        ],
    )


COMMANDS = (who, villages)
