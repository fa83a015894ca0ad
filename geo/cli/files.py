"""import and export: files of offices in, files for offices out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from geo.cli.context import (
    acting,
    as_of_option,
    chosen_day,
    common,
    json_option,
    now,
    opened_store,
    option,
)
from geo.cli.output import progress_bar, say, show_document, show_table
from geo.cli.texts import TextCommand
from geo.errors import InputError
from geo.i18n import N_, _

LAYER_HELP = N_(
    "图层：townships 乡镇、villages 村、groups 村民小组、areas 片、branches 党支部、cells 网格、units 单位、"
    "cadres 干部、households 户、indicators 村情指标、responsibilities 责任"
)
_SHOWN_FAULTS = 20


@click.command("import", cls=TextCommand, help=N_("导入一份文件；全部正确才写入，一次写完。"))
@click.argument("file", type=click.Path(path_type=Path))
@option("--as", "layer", required=True, metavar="LAYER", help=LAYER_HELP)
@option("--crs", default="auto", metavar="CRS", help=N_("坐标系：auto、EPSG:n、GCJ02 或 BD09"))
@option("--encoding", default="auto", metavar="NAME", help=N_("文字编码：auto、UTF-8、GB18030 等"))
@option("--dry-run", is_flag=True, help=N_("只检查，不写入"))
@option("--skip-faulty", is_flag=True, help=N_("跳过有误的行，写入其余的行"))
@json_option
@common
def import_(
    file: Path, layer: str, crs: str, encoding: str, dry_run: bool, skip_faulty: bool, as_json: bool
) -> None:
    """Read a file into a layer; with faults, or without one good row, nothing is written: exit 2."""
    from geo.operations.load import import_file

    with opened_store() as store, progress_bar() as progress:
        report = import_file(
            store,
            acting(store),
            file,
            layer,
            now=now(),
            crs=crs,
            encoding=encoding,
            dry_run=dry_run,
            skip_faulty=skip_faulty,
            progress=progress,
        )
    document = report.document()
    if as_json:
        show_document(document)
    elif document["faults"]:
        _show_faults(document["faults"])
    for finding in document["findings"]:
        say(f"{finding['message']} {finding['action']}".strip())
    say(report.sentence())
    if document["faults"] and (not skip_faulty or report.frame.empty):
        raise click.exceptions.Exit(InputError.exit_code)


def _show_faults(faults: Sequence[dict[str, Any]]) -> None:
    shown = [[fault["row"], fault["column"], fault["message"]] for fault in faults[:_SHOWN_FAULTS]]
    show_table([_("行"), _("列"), _("问题")], shown)
    if len(faults) > _SHOWN_FAULTS:
        say(_("另有 {count} 处问题，用 --json 查看全部。").format(count=len(faults) - _SHOWN_FAULTS))


@click.command("export", cls=TextCommand, help=N_("导出一个图层；格式由扩展名决定。"))
@click.argument("layer")
@option(
    "--to",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("文件：.zip 或 .shp、.gpkg、.geojson、.csv、.xlsx"),
)
@option("--personal", is_flag=True, help=N_("包括姓名、电话等个人信息；须写明 --reason，会留下记录"))
@option("--reason", default="", help=N_("为什么需要个人信息"))
@option("--chinese", is_flag=True, help=N_("CSV 和 XLSX 用中文列名，截止日期为最后一天"))
@as_of_option
@json_option
@common
def export(
    layer: str,
    file: Path,
    personal: bool,
    reason: str,
    chinese: bool,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Write a layer to a file; personal columns only when asked for, and that is logged."""
    from geo.exchange.write import export_layer

    with opened_store() as store:
        rows = export_layer(
            store,
            acting(store),
            layer,
            file,
            as_of=chosen_day(store, as_of),
            personal=personal,
            reason=reason,
            now=now(),
            chinese=chinese,
        )
    if as_json:
        show_document({"layer": layer, "file": str(file), "rows": rows})
    else:
        say(_("已导出 {rows} 条记录：{file}").format(rows=rows, file=file))


COMMANDS = (import_, export)
