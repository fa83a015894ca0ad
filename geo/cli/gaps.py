"""gaps, diff: where responsibility has gaps on a day, and what became of them between two days."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
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
from geo.cli.late_progress import late_progress
from geo.cli.output import say, show_document, show_table
from geo.cli.texts import TextCommand
from geo.errors import InputError, RuleError
from geo.i18n import N_, _
from geo.rules.gap_kinds import gap_kinds

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.store.engine import Store

_ANY = "any"
_SHAPES = {".json": "json", ".csv": "csv", ".geojson": "geojson"}
_DAY = click.DateTime(["%Y-%m-%d"])

to_option = option(
    "--to",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("写入文件（.json、.csv 或 .geojson），不写到标准输出"),
)


@click.command("gaps", cls=TextCommand, help=N_("覆盖缺口：哪里没有覆盖、多严重、从何时起、由谁办。"))
@option(
    "--kind", "kinds", type=click.Choice(list(gap_kinds())), multiple=True, help=N_("只列这种缺口，可重复")
)
@option(
    "--fail-on",
    "fail_on",
    type=click.Choice([*gap_kinds(), _ANY]),
    multiple=True,
    help=N_("有这种缺口（any 为任何一种）时退出码为 1，供定时检查，可重复"),
)
@township_option
@as_of_option
@known_at_option
@to_option
@format_option
@json_option
@common
def gaps(
    kinds: tuple[str, ...],
    fail_on: tuple[str, ...],
    township: str,
    as_of: datetime | None,
    known_at: str | None,
    file: Path | None,
    shape: str,
    as_json: bool,
) -> None:
    """List the gaps of a day, the worst first; with ``--fail-on`` exit 1 when there are any of a kind."""
    from geo.answers.gaps import gap_table

    shape = _shape(shape, file, as_json=as_json)
    with opened_store() as store, late_progress() as progress:
        day, known = chosen_day(store, as_of), chosen_instant(known_at)
        within = chosen_territory(store, township)
        table = gap_table(store, acting(store), as_of=day, known_at=known, within=within, progress=progress)
        shown = table[table["kind"].isin(kinds)].reset_index(drop=True) if kinds else table
        told = {"as_of": day, "known_at": known, "within": township}
        _give(store, shown, told, shape, file)
    failing = _failing(table, fail_on)
    if failing:
        say(_("发现须处理的缺口：{found}").format(found=_("、").join(failing)))
        raise click.exceptions.Exit(RuleError.exit_code)


def _shape(shape: str, file: Path | None, *, as_json: bool) -> str:
    """The format asked for; of a file its suffix says it where no option does."""
    if as_json:
        return "json"
    if file is None or shape != "table":
        return shape
    if file.suffix.lower() not in _SHAPES:
        raise InputError(
            _("不能导出为“{suffix}”格式。").format(suffix=file.suffix or _("无后缀的")),
            hint=_("可用格式：{formats}。").format(formats=_("、").join(_SHAPES)),
        )
    return _SHAPES[file.suffix.lower()]


def _failing(table: gpd.GeoDataFrame, fail_on: Collection[str]) -> list[str]:
    """Each kind of those that must not be with its number, as far as there are any."""
    from geo.answers.gap_rows import gaps_in

    counts = gaps_in(table).groupby(table["kind"]).sum()
    listed = [kind for kind in gap_kinds() if kind in counts.index and (_ANY in fail_on or kind in fail_on)]
    return [f"{_(gap_kinds()[kind].label)} {counts[kind]}" for kind in listed]


def _give(
    store: Store, table: gpd.GeoDataFrame, told: Mapping[str, Any], shape: str, file: Path | None
) -> None:
    if file is not None:
        from geo.exchange.write import write_bytes

        write_bytes(store, _text(table, told, shape).encode("utf-8-sig" if shape == "csv" else "utf-8"), file)
        say(_("已导出 {rows} 条记录：{file}").format(rows=len(table), file=file))
    elif shape == "table":
        _show(table)
    else:
        click.echo(_text(table, told, shape), nl=False)


def _text(table: gpd.GeoDataFrame, told: Mapping[str, Any], shape: str) -> str:
    """The gaps in a format for machines."""
    from geo.answers.gaps import gap_documents, gap_features

    if shape == "csv":
        return _csv(table)
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in told.items()}
    document = (
        {**gap_features(table), **plain} if shape == "geojson" else {**plain, "gaps": gap_documents(table)}
    )
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _csv(table: gpd.GeoDataFrame) -> str:
    import pandas as pd

    from geo.answers.gaps import gap_documents
    from geo.exchange.formats import sheet_text

    rows = [{key: sheet_text(value) for key, value in row.items()} for row in gap_documents(table)]
    columns = list(rows[0]) if rows else [name for name in table.columns if name != "geometry"]
    text: str = pd.DataFrame(rows, columns=columns, dtype=object).to_csv(index=False, lineterminator="\r\n")
    return text


def _show(table: gpd.GeoDataFrame) -> None:
    """For people: what, where, since when, who acts, why so high."""
    from geo.answers.gaps import gap_documents

    show_table(
        [_("缺口"), _("对象"), _("名称"), _("村"), _("乡镇"), _("由谁办"), _("自"), _("分"), _("说明")],
        [
            [
                row["label"],
                row["target_code"],
                row["target_name"],
                row["village_name"],
                row["township_name"],
                row["who"],
                row["since"],
                row["score"],
                row["why"],
            ]
            for row in gap_documents(table)
        ],
    )


@click.command("diff", cls=TextCommand, help=N_("两天之间：新增、消除和仍在的缺口，覆盖率的变化。"))
@click.argument("day1", type=_DAY)
@click.argument("day2", type=_DAY)
@township_option
@known_at_option
@to_option
@format_option
@json_option
@common
def diff(
    day1: datetime,
    day2: datetime,
    township: str,
    known_at: str | None,
    file: Path | None,
    shape: str,
    as_json: bool,
) -> None:
    """Show which gaps opened and closed between two days, and how the ratios changed."""
    from geo.answers.gaps import gap_changes, gap_diff

    shape = _shape(shape, file, as_json=as_json)
    with opened_store() as store, late_progress() as progress:
        within = chosen_territory(store, township)
        asked: Any = {"known_at": chosen_instant(known_at), "within": within, "progress": progress}
        days = (day1.date(), day2.date())
        if shape in ("csv", "geojson"):
            changes = gap_changes(store, acting(store), *days, **asked)
            turned = changes[(changes["state"] != "stayed").to_numpy()].reset_index(drop=True)
            told = {"from": days[0], "to": days[1], "known_at": asked["known_at"], "within": township}
            _give(store, turned, told, shape, file)
            return
        document = gap_diff(store, acting(store), *days, **asked)
        if file is not None:
            _write_document(store, document, file)
        elif shape == "json":
            show_document(document)
        else:
            _show_diff(document)


def _write_document(store: Store, document: Mapping[str, Any], file: Path) -> None:
    from geo.exchange.write import write_bytes

    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    write_bytes(store, text.encode(), file)
    rows = len(document["opened"]) + len(document["closed"])
    say(_("已导出 {rows} 条记录：{file}").format(rows=rows, file=file))


def _show_diff(document: Mapping[str, Any]) -> None:
    states = {"opened": _("新增"), "closed": _("消除")}
    show_table(
        [_("变化"), _("缺口"), _("对象"), _("村"), _("乡镇"), _("说明")],
        [
            [
                said,
                row["label"],
                row["target_code"],
                row["village_name"],
                row["township_name"],
                row["why"],
            ]
            for state, said in states.items()
            for row in document[state]
        ],
    )
    click.echo(_("仍在：{count}").format(count=document["stayed"]))
    show_table(
        [_("指标"), document["from"], document["to"], _("变化")],
        [
            [row["name"], *(_percent(row[key]) for key in ("before", "after", "change"))]
            for row in document["ratios"]
        ],
    )


def _percent(ratio: float | None) -> str | None:
    return None if ratio is None else f"{ratio:.1%}"


COMMANDS = (gaps, diff)
