"""coverage, chain: how much is covered, and where the five levels are missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from geo.cli.context import (
    acting,
    as_of_option,
    chosen_day,
    chosen_instant,
    chosen_territory,
    common,
    format_option,
    json_option,
    known_at_option,
    opened_store,
    option,
    township_option,
)
from geo.cli.output import show_csv, show_document, show_geojson, show_table
from geo.cli.texts import TextCommand
from geo.errors import InputError
from geo.i18n import N_, _
from geo.rules.units import percent
from geo.vocabulary import FIVE_LEVELS, ResponsibilityKind, label_of

if TYPE_CHECKING:
    import pandas as pd

_BY = ("county", "township", "village", "holder", "unit")


@click.command("coverage", cls=TextCommand, help=N_("覆盖率：网格有主、户结对、重点村有人等。"))
@option("--by", type=click.Choice(_BY), default="county", help=N_("按全县、乡镇、村、责任人或单位分列"))
@township_option
@as_of_option
@known_at_option
@format_option
@json_option
@common
def coverage(
    by: Any, township: str, as_of: datetime | None, known_at: str | None, shape: str, as_json: bool
) -> None:
    """Show the coverage ratios of domain §4, of everything or of each of its parts."""
    with opened_store() as store:
        actor = acting(store)
        asked: Any = {
            "as_of": chosen_day(store, as_of),
            "known_at": chosen_instant(known_at),
            "within": chosen_territory(store, township),
        }
        shape = "json" if as_json else shape
        if by == "county":
            _show_whole(store, actor, shape, asked)
        else:
            _show_parts(store, actor, shape, {**asked, "by": by})


def _show_whole(store: Any, actor: Any, shape: str, asked: Mapping[str, Any]) -> None:
    from geo.answers.coverage import coverage as covered

    if shape == "geojson":
        raise InputError(_("全县的覆盖率没有图形。"), hint=_("请用 --by township 或 --by village。"))
    document = covered(store, actor, **asked)
    if shape == "json":
        show_document(document)
        return
    if shape == "csv":
        import pandas as pd

        show_csv(pd.DataFrame(document["ratios"], dtype=object))
        return
    rows = document["ratios"]
    show_table(
        [_("指标"), _("已覆盖"), _("总数"), _("比例")],
        [[row["name"], row["numerator"], row["denominator"], percent(row["ratio"])] for row in rows],
    )


def _show_parts(store: Any, actor: Any, shape: str, asked: Mapping[str, Any]) -> None:
    from geo.answers.coverage import coverage_areas, coverage_by, coverage_table

    if shape == "json":
        show_document(coverage_by(store, actor, **asked))
    elif shape == "geojson":
        show_geojson(coverage_areas(store, actor, **asked))
    elif shape == "csv":
        show_csv(coverage_table(store, actor, **asked))
    else:
        _show_ratio_table(coverage_table(store, actor, **asked))


def _show_ratio_table(table: pd.DataFrame) -> None:
    from geo.analysis.coverage import RATIO_UNITS

    show_table(
        [_("代码"), _("名称"), *RATIO_UNITS],
        [
            [row["code"], row["name"], *(percent(row[name]) for name in RATIO_UNITS)]
            for row in table.to_dict("records")
        ],
    )


@click.command("chain", cls=TextCommand, help=N_("五级责任链：每个村哪一级有人负责、哪一级缺失。"))
@township_option
@as_of_option
@known_at_option
@option("--csv", "as_csv", is_flag=True, help=N_("在标准输出给出 CSV"))
@json_option
@common
def chain(township: str, as_of: datetime | None, known_at: str | None, as_csv: bool, as_json: bool) -> None:
    """Show the five levels of responsibility of every village."""
    from geo.answers.chain import chain_document, chain_table

    with opened_store() as store:
        actor = acting(store)
        asked: Any = {
            "as_of": chosen_day(store, as_of),
            "known_at": chosen_instant(known_at),
            "township": chosen_territory(store, township),
        }
        if as_json:
            show_document(chain_document(store, actor, **asked))
            return
        table = chain_table(store, actor, **asked)
    if as_csv:
        show_csv(table)
    else:
        _show_chains(table)


def _show_chains(table: pd.DataFrame) -> None:
    headings = [label_of(kind) for kind in FIVE_LEVELS]
    show_table(
        [_("代码"), _("村"), *headings, _("首个缺口"), _("五级齐全的户")],
        [
            [
                row["code"],
                row["name"],
                *(_level(row, kind) for kind in FIVE_LEVELS),
                label_of(ResponsibilityKind(row["first_missing"])) if row["first_missing"] else None,
                f"{row['households_whole']}/{row['households']}",
            ]
            for row in table.to_dict("records")
        ],
    )


def _level(row: Mapping[str, Any], kind: ResponsibilityKind) -> str | None:
    if row[kind] == "not_applicable":
        return None
    return f"{row[f'{kind}_covered']}/{row[f'{kind}_of']}"


COMMANDS = (coverage, chain)
