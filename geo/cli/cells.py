"""cell: split, merge, redraw, create, retire and propose grid cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.cli.changing import (
    date_option,
    dry_run_option,
    reason_option,
    show_changes,
    submitted,
    yes_option,
)
from geo.cli.context import acting, chosen_day, common, json_option, opened_store, option
from geo.cli.output import progress_bar, show_table
from geo.cli.texts import TextCommand, TextGroup
from geo.codes import CELL, require_code, village_of
from geo.errors import InputError
from geo.i18n import N_, _

if TYPE_CHECKING:
    from geo.access import Actor
    from geo.operations.preview import Preview
    from geo.operations.propose import Proposal, VillageProposal
    from geo.store.engine import Store

_Command = TypeVar("_Command", bound=Callable[..., Any])
_SHAPE_HELP = N_("范围：WKT、GeoJSON 或文件")

_name_option = option("--name", "names", multiple=True, help=N_("新网格的名称，按顺序可给多个"))
_owner_option = option(
    "--owner",
    "owners",
    multiple=True,
    metavar="CADRE",
    help=N_("新网格的主责网格员，按顺序可给多个；默认随地承接"),
)


@click.group("cell", cls=TextGroup, help=N_("网格的划分、合并、重画、新设、停用和方案。"))
@common
def cell() -> None:
    """Change the cells of a village."""


def _changing(command: _Command) -> _Command:
    """Give a command the options that every change of cells has."""
    for each in (date_option, reason_option, yes_option, dry_run_option, json_option):
        command = each(command)
    return common(command)


@cell.command("split", cls=TextCommand, help=N_("用一条线，或按户数均衡地，把一个网格分成几个。"))
@click.argument("code")
@option("--line", help=N_("分割线：WKT、GeoJSON 或文件"))
@option("--into", type=click.IntRange(2, 20), help=N_("按户数均衡地分成几个"))
@_name_option
@_owner_option
@_changing
def split(
    code: str, line: str | None, into: int | None, names: Sequence[str], owners: Sequence[str], **how: Any
) -> None:
    """Split one cell."""
    if (line is None) == (into is None):
        raise InputError(_("请给出 --line 或 --into 之一。"))

    def parts(store: Store, actor: Actor, on: date) -> dict[str, Any]:
        if into is None:
            return {"geometry": _drawn(line or "")}
        from geo.operations.propose import propose_parts

        return {"parts": tuple(propose_parts(store, actor, code, into=into, as_of=on))}

    _change("split", _village(code), parts, codes=(code,), names=names, owners=owners, **how)


@cell.command("merge", cls=TextCommand, help=N_("把相邻的几个网格合为一个。"))
@click.argument("codes", nargs=-1, required=True)
@_name_option
@_owner_option
@_changing
def merge(codes: Sequence[str], names: Sequence[str], owners: Sequence[str], **how: Any) -> None:
    """Merge neighbouring cells."""
    _change("merge", _village(codes[0]), codes=tuple(codes), names=names, owners=owners, **how)


@cell.command("redraw", cls=TextCommand, help=N_("重画一个网格的边界，邻格随之调整。"))
@click.argument("code")
@option("--shape", required=True, help=_SHAPE_HELP)
@_changing
def redraw(code: str, shape: str, **how: Any) -> None:
    """Give a cell another shape."""
    _change("redraw", _village(code), _geometry(shape), codes=(code,), **how)


@cell.command("create", cls=TextCommand, help=N_("在村内没有网格的土地上新设一个网格。"))
@click.argument("village")
@option("--shape", required=True, help=_SHAPE_HELP)
@_name_option
@_owner_option
@_changing
def create(village: str, shape: str, names: Sequence[str], owners: Sequence[str], **how: Any) -> None:
    """Create a cell on bare land."""
    _change("create", village, _geometry(shape), names=names, owners=owners, **how)


@cell.command("retire", cls=TextCommand, help=N_("停用网格，其土地不再属于任何网格。"))
@click.argument("codes", nargs=-1, required=True)
@_changing
def retire(codes: Sequence[str], **how: Any) -> None:
    """Retire cells without successors."""
    _change("retire", _village(codes[0]), codes=tuple(codes), **how)


def _village(code: str) -> str:
    return village_of(require_code(code, CELL))


_Found = Callable[["Store", "Actor", date], dict[str, Any]]


def _geometry(text: str) -> _Found:
    return lambda _store, _actor, _on: {"geometry": _drawn(text)}


def _drawn(text: str) -> dict[str, Any]:
    from geo.exchange.drawn import drawn

    return drawn(text)


def _change(
    kind: Any,
    village: str,
    found: _Found | None = None,
    *,
    codes: tuple[str, ...] = (),
    names: Sequence[str] = (),
    owners: Sequence[str] = (),
    day: datetime | None,
    reason: str,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make the request, show what it does, and do it unless something speaks against it."""
    from geo.operations.requests import CellRequest

    with opened_store() as store:
        actor, on = acting(store), chosen_day(store, day)
        more = found(store, actor, on) if found else {}
        request = CellRequest(
            kind,
            village,
            on,
            reason,
            codes=codes,
            names=tuple(names),
            owners={str(at): owner for at, owner in enumerate(owners)} or None,
            **more,
        )
        document = submitted(store, actor, request, _document, yes=yes, dry_run=dry_run)
    show_changes([document], as_json=as_json, whole=document)


def _document(shown: Preview) -> dict[str, Any]:
    from shapely.geometry import mapping

    plan = shown.plan
    cells = plan.cells
    return {
        "created": [] if cells is None or cells.created is None else cells.created["code"].tolist(),
        "retired": [] if cells is None else list(cells.retired),
        "changed": [] if cells is None or cells.reshaped is None else cells.reshaped["code"].tolist(),
        "moved_households": 0 if plan.moves is None else len(plan.moves),
        "faults": [
            {
                "code": str(fault.code),
                "message": fault.message,
                "cells": list(fault.cells),
                "area_m2": fault.area_m2,
                "geometry": None if fault.geometry is None else mapping(fault.geometry),
            }
            for fault in plan.faults
        ],
    }


@cell.command("propose", cls=TextCommand, help=N_("为一个村或一个乡镇提出户数均衡的网格方案。"))
@click.argument("code")
@option("--target", type=click.FloatRange(min=1), help=N_("每个网格的目标户数；默认按规则"))
@option("--count", type=click.IntRange(min=1), help=N_("分成几个网格（只用于一个村）"))
@option("--lines", type=click.Path(path_type=Path), metavar="FILE", help=N_("边界宜沿的道路、河流"))
@option("--to", "file", type=click.Path(path_type=Path), metavar="FILE", help=N_("把方案的网格写入文件"))
@option("--apply", "is_applied", is_flag=True, help=N_("采用方案：每村一项变更"))
@date_option
@option("--reason", default="", help=N_("理由（采用方案时必填）"))
@yes_option
@dry_run_option
@json_option
@common
def propose(
    code: str,
    target: float | None,
    count: int | None,
    lines: Path | None,
    file: Path | None,
    is_applied: bool,
    day: datetime | None,
    reason: str,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Propose cells, beside today's; with ``--apply`` put them into effect."""
    from geo.operations.propose import propose as proposed

    if is_applied and not reason.strip():
        raise InputError(_("采用方案须写明 --reason。"))
    changes: dict[str, dict[str, Any]] = {}
    with opened_store() as store, progress_bar() as progress:
        actor, on = acting(store), chosen_day(store, day)
        proposal = proposed(
            store, actor, code, as_of=on, target=target, count=count, lines_path=lines, progress=progress
        )
        if file is not None:
            _write(store, proposal, file)
        if is_applied:
            for request in proposal.requests(on=on, reason=reason):
                changes[request.village_code] = submitted(
                    store, actor, request, _document, yes=yes, dry_run=dry_run
                )
    whole = {
        "as_of": on,
        "villages": [_proposed(one, changes.get(one.village_code)) for one in proposal.villages],
    }
    if not as_json:
        _show_figures(proposal)
    show_changes(list(changes.values()), as_json=as_json, whole=whole)


def _write(store: Store, proposal: Proposal, file: Path) -> None:
    import pandas as pd

    from geo.exchange.write import write_frame

    cells = pd.concat([one.cells.assign(village_code=one.village_code) for one in proposal.villages])
    write_frame(store, cells[["village_code", "geometry"]], "cells", file)


def _proposed(one: VillageProposal, change: dict[str, Any] | None) -> dict[str, Any]:
    from dataclasses import asdict

    from shapely.geometry import mapping

    return {
        "village_code": one.village_code,
        "village_name": one.village_name,
        "cells": [
            {**row, "geometry": mapping(shape)}
            for row, shape in zip(
                one.cells.drop(columns="geometry").to_dict("records"), one.cells.geometry, strict=True
            )
        ],
        "today": asdict(one.today),
        "proposed": asdict(one.proposed),
        "change": change,
    }


def _show_figures(proposal: Proposal) -> None:
    rows = []
    for one in proposal.villages:
        for when, quality in ((_("现状"), one.today), (_("方案"), one.proposed)):
            rows.append(
                [
                    one.village_name,
                    when,
                    quality.cells,
                    f"{quality.within_20:.0%}",
                    f"{quality.worst_ratio:.0%}",
                    f"{quality.contiguous:.0%}",
                    f"{quality.compactness:.2f}",
                    round(quality.uncovered_m2),
                    round(quality.overlap_m2),
                ]
            )
    show_table(
        [
            _("村"),
            "",
            _("网格"),
            _("户数均衡"),
            _("最大偏差"),
            _("连片"),
            _("紧凑"),
            _("空白（平方米）"),
            _("重叠（平方米）"),
        ],
        rows,
    )


COMMANDS = (cell,)
