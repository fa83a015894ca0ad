"""Give a layer out as a file: what the actor may see, in the format its suffix names.

A file is made under another name beside its place and moved there when it is whole. The store itself is read
through the store's own queries: GDAL never opens it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.access import Actor
from geo.errors import FileFault, InputError, PermissionError_
from geo.exchange.formats import WRITERS, Writer
from geo.frames import Layer, conform, layer_named
from geo.i18n import _
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.queries import layer_frame


def export_layer(
    store: Store,
    actor: Actor,
    layer_name: str,
    path: Path | str,
    *,
    as_of: date,
    personal: bool = False,
    reason: str = "",
    now: datetime | None = None,
    chinese: bool = False,
) -> int:
    """Write a layer to a file.

    Parameters
    ----------
    path : Path or str
        ``.zip`` (shapefile), ``.shp``, ``.gpkg``, ``.geojson``, ``.csv`` or ``.xlsx``; replaced if it exists.
    as_of : date
        Cells and responsibilities as they were valid on that day.
    personal : bool
        With names, phones and hardship (else empty): needs ``reason`` and ``now``, and is logged.
    chinese : bool
        Chinese headings in CSV and XLSX, with 截止日期 (the last day) for ``valid_to`` (the day after).

    Returns
    -------
    int
        Rows written. Roles that may not see single households get one row a cell, with counts.

    Raises
    ------
    FileFault
        The suffix is no known format, the place cannot be written, or the layer does not fit the format.
    PermissionError_
        Personal fields were asked for by somebody who may not have them.
    """
    layer, path = layer_named(layer_name), Path(path)
    writer = _writer_for(path)
    refuse_place(store, path)
    frame = _visible(store, actor, layer, as_of=as_of)
    if personal:
        _require_unmask(actor, layer, frame, reason=reason, now=now)
    else:
        frame = _masked(frame, layer)
    with _beside(path) as folder:
        parts = writer(frame, Path(folder), layer, path.stem, chinese=chinese)
        if personal and now is not None:
            with store.write() as session:
                after = {"file": path.name, "rows": len(frame)}
                record(
                    session, actor, "export.personal", now=now, subject=layer.name, after=after, reason=reason
                )
        _move(parts, path)
    return len(frame)


def write_frame(store: Store, frame: pd.DataFrame, layer_name: str, path: Path) -> None:
    """Write a frame that is not the store's, but shaped like one of its layers, to a file.

    Raises
    ------
    FileFault
        As for `export_layer`.
    """
    layer, writer = layer_named(layer_name), _writer_for(path)
    refuse_place(store, path)
    with _beside(path) as folder:
        _move(writer(conform(frame, layer), Path(folder), layer, path.stem, chinese=False), path)


def write_bytes(store: Store, content: bytes, path: Path) -> None:
    """Put a finished file in its place, or nothing.

    Raises
    ------
    FileFault
        The place cannot be written.
    """
    refuse_place(store, path)
    with _beside(path) as folder:
        made = Path(folder) / path.name
        made.write_bytes(content)
        _move([made], path)


def _writer_for(path: Path) -> Writer:
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise FileFault(
            _("不能导出为“{suffix}”格式。").format(suffix=path.suffix or _("无后缀的")),
            hint=_("可用格式：{formats}。").format(formats="、".join(WRITERS)),
        )
    return writer


def refuse_place(store: Store, path: Path) -> None:
    """Raise `FileFault` for a path in no folder, and for the store's own file."""
    if not path.parent.is_dir():
        raise FileFault(_("目录不存在，无法写入“{name}”。").format(name=path.name), hint=_("请先建立目录。"))
    if store.path is not None and path.resolve() == store.path.resolve():
        raise FileFault(_("这正是系统自己的数据库文件，不能覆盖。"), hint=_("请换一个文件名。"))


def _beside(path: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent)
    except OSError as fault:
        raise _no_place(path) from fault


def _move(parts: Sequence[Path], path: Path) -> None:
    try:
        for part in parts:
            part.replace(path.with_suffix(part.suffix if len(parts) > 1 else path.suffix))
    except OSError as fault:
        raise _no_place(path) from fault


def _no_place(path: Path) -> FileFault:
    return FileFault(
        _("无法写入“{name}”。").format(name=path.name), hint=_("请检查磁盘空间和目录的写入权限。")
    )


def _visible(store: Store, actor: Actor, layer: Layer, *, as_of: date) -> pd.DataFrame:
    """The rows inside the actor's scope; households only as counts for those who may not see them singly."""
    within = ("",) if actor.reads_all else tuple(sorted(actor.scopes))
    with store.read() as session:
        frame = layer_frame(session, layer.name, as_of=as_of, within=within)
        if layer.name == "households" and not actor.sees_positions:
            return _household_counts(frame, layer_frame(session, "cells", as_of=as_of, within=within))
    columns = [*layer.column_names, *(["geometry"] if layer.geometry else [])]
    return frame[columns]


def _household_counts(households: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """How many households and people each cell has, with the cell's shape."""
    groups = pd.DataFrame(households).groupby(["village_code", "cell_code"], dropna=False, as_index=False)
    counts = groups.agg(households=("code", "size"), people=("people", "sum"))
    shapes = cells.set_index("code").geometry.reindex(counts["cell_code"].astype(object))
    return gpd.GeoDataFrame(counts, geometry=shapes.to_numpy(), crs=households.crs)


def _masked(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Personal columns emptied: blank on the way back in too, where a blank keeps what is stored."""
    nothing = np.zeros(len(frame), dtype=bool)
    hidden = [c.name for c in layer.columns if c.personal and c.name in frame.columns]
    return frame.assign(**{name: frame[name].where(nothing) for name in hidden})


def _require_unmask(
    actor: Actor, layer: Layer, frame: pd.DataFrame, *, reason: str, now: datetime | None
) -> None:
    codes = set(frame["village_code"]) if "village_code" in frame.columns else {""}
    if not actor.sees_positions or not all(actor.can_unmask(code) for code in codes):
        raise PermissionError_(
            _("账号“{user}”无权导出“{layer}”的个人信息。").format(user=actor.user, layer=_(layer.label)),
            hint=_("请导出不含个人信息的文件，或联系县委组织部。"),
        )
    if not reason.strip() or now is None:
        raise InputError(_("导出个人信息须写明理由。"), hint=_("理由会记入审计记录。"))
