"""Bring a file into the store: the only way data comes in by the thousand.

`import_file` reads, checks and writes; `load_frame` is the writer, also for frames that were made elsewhere.
One transaction writes rows, versions and the audit; a file with a fault writes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.access import Actor, require_role, require_write
from geo.codes import COUNTY
from geo.crs import STORED_CRS
from geo.errors import FileFault, InputError, RuleError
from geo.exchange.known import Known
from geo.exchange.prepare import Prepared, prepare
from geo.exchange.read import Source, file_digest, read_source, require_file
from geo.exchange.report import ImportReport
from geo.frames import Layer, conform, layer_named
from geo.i18n import _
from geo.operations.changes import Changes, compare
from geo.operations.indicators import sourced
from geo.operations.rules_now import day_of, rules_on
from geo.operations.territory import territories, townships_of
from geo.store.audit import record
from geo.store.bulk import insert_frame, update_frame
from geo.store.changes import approval_required
from geo.store.engine import Store
from geo.store.merging import current_indicators, replace_area_villages
from geo.store.models import Area, County
from geo.store.queries import MODELS, county_code, layer_frame
from geo.store.records import new_batch
from geo.store.versions import bump
from geo.vocabulary import Role

Progress = Callable[[str, int, int], None]
_RECORDS = ("responsibilities", "indicators")
_APPROVED = ("responsibilities", "cells")
_STEPS = 4


@dataclass(frozen=True)
class LoadResult:
    """What a load did to a layer, and the batch its audit row names."""

    added: int
    changed: int
    unchanged: int
    missing: int
    batch: str


def import_file(
    store: Store,
    actor: Actor,
    path: Path | str,
    layer_name: str,
    *,
    now: datetime,
    crs: str = "auto",
    encoding: str = "auto",
    dry_run: bool = False,
    skip_faulty: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read a file, check every row of it, and load it if all is right.

    Parameters
    ----------
    path : Path or str
        Shapefile (loose or zipped), GeoPackage, GeoJSON, CSV or XLSX.
    layer_name : str
        A name of `geo.frames.LAYERS`.
    now : datetime
        When it is recorded; its day decides what is current.
    crs : str
        ``auto`` (as the file says), ``EPSG:n``, ``GCJ02`` or ``BD09``.
    encoding : str
        ``auto`` or the encoding of the file's text.
    dry_run : bool
        Say what would be done and write nothing.
    skip_faulty : bool
        Load the faultless rows in spite of the faults of others.
    progress : callable, optional
        Told the step, how many are done and how many there are.

    Returns
    -------
    ImportReport
        ``written`` is False after faults or on a dry run.

    Raises
    ------
    InputError
        The file as a whole cannot be used; the store is as it was.
    PermissionError_
        The actor may not write some of the rows.
    RuleError
        A township's changes of that kind wait for approval, and the actor is a coordinator.
    """
    require_role(actor, Role.DEPARTMENT, Role.COORDINATOR)
    layer, path = layer_named(layer_name), Path(path)
    tell = progress or (lambda _step, _done, _total: None)
    _refuse_own_store(store, path)
    tell(_("读取文件"), 0, _STEPS)
    source, digest = _source(path, layer, encoding)
    tell(_("核对数据"), 1, _STEPS)
    with store.read() as session:
        today = day_of(now)
        known = Known(session, as_of=today)
        ready = prepare(source, layer, known, crs=crs, rules=rules_on(session, today))
        report = _report(layer, ready)
        if dry_run or (ready.faults and not skip_faulty) or ready.frame.empty:
            return _counted(report, session, actor, layer, ready.frame)
    tell(_("写入数据"), 2, _STEPS)
    done = load_frame(
        store,
        actor,
        layer.name,
        ready.frame,
        now=now,
        source=path.name,
        sha256=digest,
        county_name=ready.county_name,
    )
    tell(_("完成"), _STEPS, _STEPS)
    return replace(
        report,
        added=done.added,
        changed=done.changed,
        unchanged=done.unchanged,
        missing=done.missing,
        written=True,
        batch=done.batch,
    )


def _source(path: Path, layer: Layer, encoding: str) -> tuple[Source, str]:
    """What the file holds, and its digest; whatever had to be unpacked is gone again."""
    wanted = (layer.name, layer.label, MODELS[layer.name].__tablename__)
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        source = read_source(path, wanted=wanted, encoding=encoding, folder=Path(folder))
        return source, file_digest(path)


def _refuse_own_store(store: Store, path: Path) -> None:
    require_file(path)
    if store.path is not None and store.path.exists() and path.samefile(store.path):
        raise FileFault(_("这正是系统自己的数据库文件，不能导入。"), hint=_("请先用“导出”得到一个副本。"))


def _report(layer: Layer, ready: Prepared) -> ImportReport:
    return ImportReport(
        layer=layer.name, read=ready.read, faults=ready.faults, findings=ready.findings, frame=ready.frame
    )


def _counted(
    report: ImportReport, session: Session, actor: Actor, layer: Layer, frame: pd.DataFrame
) -> ImportReport:
    """What would be added and changed, were it written; only for those who may write it.

    Even a count tells whether a guess about somebody's data is right.
    """
    changes = compare(_stored(session, layer), frame, layer)
    _require_territory(session, actor, layer, frame, changes)
    return replace(
        report,
        added=len(changes.added),
        changed=len(changes.changed),
        unchanged=changes.unchanged,
        missing=changes.missing,
    )


def load_frame(
    store: Store,
    actor: Actor,
    layer_name: str,
    frame: pd.DataFrame,
    *,
    now: datetime,
    source: str,
    sha256: str = "",
    county_name: str = "",
) -> LoadResult:
    """Write a checked frame: new keys are added, known ones changed, absent ones left alone.

    A blank says nothing and keeps what is stored. Responsibilities and indicators are never overwritten:
    a change closes the old record and adds a new one. New indicators without a source get the file's name,
    those without a day of report the day of the import.

    Parameters
    ----------
    frame : DataFrame
        As the layer's contract says (it is conformed again).
    source, sha256 : str
        Where it came from, for the audit.
    county_name : str
        Name of the county, should this be the store's first territory.

    Raises
    ------
    PermissionError_
        Some row lies outside what the actor may write; nothing is written.
    """
    layer = layer_named(layer_name)
    frame = conform(frame, layer)
    batch = new_batch(layer.name, now=now, mark=sha256[:8] or "direct")
    with store.write() as session:
        changes = compare(_stored(session, layer), frame, layer)
        places = _require_territory(session, actor, layer, frame, changes)
        if layer.name == "indicators":
            changes = sourced(changes, frame, file=source, day=day_of(now))
        _require_county(session, layer, frame, county_name)
        if len(changes.added) or len(changes.changed):
            townships = townships_of(session, places)
            _require_free_hand(session, actor, layer, townships)
            _write(session, actor, layer, changes, now=now, batch=batch)
            bump(session, layer.name, townships)
        result = LoadResult(
            len(changes.added), len(changes.changed), changes.unchanged, changes.missing, batch
        )
        after = {"file": source, "sha256": sha256, **vars(result)}
        record(session, actor, "import", now=now, subject=layer.name, after=after)
    return result


def _require_territory(
    session: Session, actor: Actor, layer: Layer, frame: pd.DataFrame, changes: Changes
) -> set[str]:
    """Where the rows lie, and lay before; `PermissionError_` unless the actor may write all of it.

    A row that names a thing of another territory would take it from there, with all that is stored of it.
    """
    places = territories(session, layer, frame) | territories(session, layer, changes.replaced)
    for code in sorted(places):
        require_write(actor, code)
    return places


def _require_free_hand(session: Session, actor: Actor, layer: Layer, townships: set[str]) -> None:
    """Raise `RuleError` where a coordinator's changes wait for the department: a file cannot wait."""
    if layer.name not in _APPROVED or actor.role is not Role.COORDINATOR:
        return
    if any(approval_required(session, code) for code in townships):
        raise RuleError(
            _("该乡镇的变更须经县委组织部批准，不能用导入办理。"),
            hint=_("责任请在“网格管理”页从文件指定；网格请在地图上变更。"),
        )


def _stored(session: Session, layer: Layer) -> pd.DataFrame:
    return current_indicators(session) if layer.name == "indicators" else layer_frame(session, layer.name)


def _require_county(session: Session, layer: Layer, frame: pd.DataFrame, name: str) -> None:
    """Set the county by the first territory; refuse another one's, even if it came in meanwhile."""
    if layer.name not in ("townships", "villages") or frame.empty:
        return
    codes = set(frame["code"].str[:COUNTY])
    held = county_code(session)
    if len(codes | ({held} if held else set())) > 1:
        raise InputError(_("数据属于不止一个县：{codes}。").format(codes="、".join(sorted(codes))))
    if held is None:
        code = codes.pop()
        session.add(County(code=code, name=name or code))
        session.flush()


def _write(
    session: Session, actor: Actor, layer: Layer, changes: Changes, *, now: datetime, batch: str
) -> None:
    if layer.name in _RECORDS:
        _write_records(session, actor, layer, changes, now=now, batch=batch)
    elif layer.name == "areas":
        _write_areas(session, actor, changes, now=now, batch=batch)
    else:
        insert_frame(session, MODELS[layer.name], _with_shapes(changes.added))
        update_frame(session, MODELS[layer.name], _with_shapes(changes.changed))
    if layer.name == "townships":
        _outline_county(session)


def _with_shapes(frame: pd.DataFrame) -> pd.DataFrame:
    """Empty shapes are stored as none."""
    if "geometry" not in frame.columns:
        return frame
    shapes = frame.geometry.where(~frame.geometry.is_empty, None)
    return frame.set_geometry(shapes)


def _write_records(
    session: Session, actor: Actor, layer: Layer, changes: Changes, *, now: datetime, batch: str
) -> None:
    model = MODELS[layer.name]
    closed = pd.DataFrame({"id": changes.replaced["id"]}) if len(changes.changed) else pd.DataFrame()
    if len(closed):
        update_frame(session, model, closed.assign(superseded_at=_moments(now, len(closed))), key="id")
    stated = pd.concat([part for part in (changes.added, changes.changed) if len(part)], ignore_index=True)
    stated = stated.assign(recorded_at=_moments(now, len(stated)), recorded_by=actor.user)
    if layer.name == "responsibilities":
        stated = stated.assign(batch=batch)
    insert_frame(session, model, stated)


def _moments(now: datetime, count: int) -> pd.Series:
    return pd.Series([now] * count, dtype=object)


def _write_areas(session: Session, actor: Actor, changes: Changes, *, now: datetime, batch: str) -> None:
    insert_frame(session, Area, changes.added[["code", "name"]])
    update_frame(session, Area, changes.changed[["code", "name"]])
    areas = pd.concat([changes.added, changes.changed], ignore_index=True)
    pairs = areas.assign(village_code=areas["village_codes"].str.split(";")).explode("village_code")
    pairs = pairs.rename(columns={"code": "area_code"})[["area_code", "village_code"]]
    pairs = pairs[pairs["village_code"].astype(bool)].reset_index(drop=True)
    replace_area_villages(session, pairs, areas=areas["code"].tolist(), now=now, user=actor.user, batch=batch)


def _outline_county(session: Session) -> None:
    """The county's shape is what its townships make together."""
    towns = layer_frame(session, "townships").geometry.dropna()
    code = county_code(session)
    if code is None or towns.empty:
        return
    whole = shapely.union_all(towns.to_numpy())
    shape = whole if whole.geom_type == "MultiPolygon" else shapely.multipolygons([whole])
    update_frame(session, County, gpd.GeoDataFrame({"code": [code]}, geometry=[shape], crs=STORED_CRS))


__all__ = ["ImportReport", "LoadResult", "import_file", "load_frame"]
