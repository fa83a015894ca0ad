"""The coordinators' work at any size: assigning, splitting, merging, handing over, seen in other sessions.

::

    python -m benchmarks.ownership [--villages 2060] [--households 1200000] [--seed 7] [--store F] [--times N]

``--store`` names a GeoPackage store to work on (a copy is made; the store stays as it is); without it a
sample county is made first. Each figure is printed beside its target, wall time beside processor time (which
other work on the machine changes little), and some beside a peer in the same run:

- *assign*: row-by-row ORM: each old record is looked up and closed and a new one added, in one transaction,
  with no checks, no audit and no versions;
- *split*, *merge*: plain geopandas: the same edit of the layer in memory, then ``to_file`` of the cells,
  without households, officers, history, numbering or checks;
- *hand-over plan*: each cell goes to whoever is nearest of all who hold cells and has room;
  who holds what is read from the store first, suitability, units and fairness are not looked at.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops
from shapely.geometry import mapping
from sqlalchemy import select

from geo.access import SYSTEM
from geo.answers.holders import candidates
from geo.answers.holdings import holdings
from geo.answers.place import what_is_here
from geo.answers.targets import target_table
from geo.codes import TOWNSHIP
from geo.operations.handover import handover_request, propose_handover
from geo.operations.journal import preview, submit
from geo.operations.requests import Assignment, AssignRequest, CellRequest, Request
from geo.store.engine import Store, create_store, open_store
from geo.store.models import Responsibility
from geo.store.queries import layer_frame, responsibilities
from geo.vocabulary import ResponsibilityKind
from layers.mercator import Bounds, project, tiles_over
from layers.tiles import TileService
from seeds.county import make_county
from seeds.load import load_files
from seeds.size import Size
from seeds.write import write_county

DAY = date(2026, 5, 1)
NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
MANY_CELLS, MANY_HOLDINGS, ZOOM = 500, 300, 14
_FAIR_SHARE = 0.2
_ROOM = 3
TARGETS_S = {
    "assign one cell": 0.03,
    "preview of 500 cells": 1.0,
    "assign 500 cells": 2.0,
    "split": 0.3,
    "merge": 0.3,
    "hand-over plan of 300": 3.0,
    "preview of hand-over": 3.0,
    "holdings": 0.3,
    "candidates": 0.3,
    "targets of a township": 0.3,
    "targets of the county": 3.0,
    "what is here, p95": 0.015,
    "seen in another session": 2.0,
}
Took = tuple[float, float]
"""Seconds of wall time and of processor time."""


def main() -> None:
    """Measure and print one table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="minqing-bench-") as folder:
        path = _own_store(options, Path(folder))
        store = open_store(str(path))
        work = Work(store)
        cells = work.cells()
        print(f"{len(cells)} cells, {cells['village_code'].nunique()} villages, seed {options.seed}; seconds")
        own = measure(work, cells, options.times)
        peers = measure_peers(path, cells, options.times, Path(folder))
        store.close()
    print(f"{'what':<26}{'median':>8}{'worst':>8}{'cpu':>8}{'target':>8}{'':>7}{'peer':>8}{'own/peer':>9}")
    for what, taken in own.items():
        print(_line(what, taken, peers.get(what)))


def _line(what: str, taken: list[Took], peer: list[Took] | None) -> str:
    walls, target = [wall for wall, _cpu in taken], TARGETS_S[what]
    median, cpu = statistics.median(walls), statistics.median(cpu for _wall, cpu in taken)
    verdict = "ok" if median <= target else "MISSED"
    line = f"{what:<26}{median:>8.3f}{max(walls):>8.3f}{cpu:>8.3f}{target:>8.3f}{verdict:>7}"
    if peer is None:
        return line
    theirs = statistics.median(wall for wall, _cpu in peer)
    return f"{line}{theirs:>8.3f}{median / theirs:>9.2f}"


class Work:
    """A store on which changes are made one after the other, each a minute later."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW

    def cells(self) -> gpd.GeoDataFrame:
        """Cells of the day."""
        with self.store.read() as session:
            found: Any = layer_frame(session, "cells", as_of=DAY)
        return found

    def officers(self) -> list[str]:
        """Everybody who is grid officer of something."""
        with self.store.read() as session:
            held = responsibilities(session, as_of=DAY, kinds=["grid_officer"])
        return sorted(set(held["holder_code"]))

    def submit(self, request: Request) -> None:
        """Make a change, whatever its consequences."""
        self.now += timedelta(minutes=1)
        done = submit(self.store, SYSTEM, request, now=self.now, today=DAY, confirmed=True)
        if done.state != "applied":
            raise SystemExit(done.summary)

    def preview(self, request: Request) -> None:
        """Look at a change."""
        preview(self.store, SYSTEM, request, today=DAY)


def measure(work: Work, cells: gpd.GeoDataFrame, times: int) -> dict[str, list[Took]]:
    """Seconds of every kind of work, each done several times."""
    officers = work.officers()
    seconds: dict[str, list[Took]] = {what: [] for what in TARGETS_S}
    for at in range(times):
        one = assign_request(cells.iloc[[-1 - at]], officers[at % len(officers)])
        seconds["assign one cell"].append(timed(lambda one=one: work.submit(one)))
    for at in range(max(times // 3, 1)):
        request = assign_request(cells, officers[at % len(officers)])
        seconds["preview of 500 cells"].append(timed(lambda request=request: work.preview(request)))
        seconds["assign 500 cells"].append(timed(lambda request=request: work.submit(request)))
    for row in chosen_cells(cells, times).itertuples():
        split = split_request(row.village_code, row.code, row.geometry)
        seconds["split"].append(timed(lambda split=split: work.submit(split)))
        merge = merge_request(work, row.village_code, cells)
        seconds["merge"].append(timed(lambda merge=merge: work.submit(merge)))
    leaver = officers[-1]  # nobody whom the requests above gave anything
    work.submit(assign_request(work.cells(), leaver, count=MANY_HOLDINGS))
    for _time in range(max(times // 3, 1)):
        plan, took = _with_time(lambda: propose_handover(work.store, SYSTEM, leaver, on=DAY, as_of=DAY))
        seconds["hand-over plan of 300"].append(took)
        given = handover_request(plan, leaver, on=DAY, reason="任期届满")
        seconds["preview of hand-over"].append(timed(lambda given=given: work.preview(given)))
    measure_answers(work, cells, leaver, times, seconds)
    seconds["seen in another session"] = [
        seen_after(work, row) for row in chosen_cells(work.cells(), times).itertuples()
    ]
    return seconds


def measure_answers(
    work: Work, cells: gpd.GeoDataFrame, leaver: str, times: int, seconds: dict[str, list[Took]]
) -> None:
    """Seconds of what is looked at beside it; the leaver holds hundreds of cells."""
    store, officer = work.store, ResponsibilityKind.GRID_OFFICER
    township = str(cells["code"].iloc[0])[:TOWNSHIP]
    for _time in range(max(times // 3, 1)):
        looked: dict[str, Callable[[], Any]] = {
            "holdings": lambda: holdings(store, SYSTEM, leaver, as_of=DAY),
            "candidates": lambda: candidates(store, SYSTEM, officer, as_of=DAY, township=township),
            "targets of a township": lambda: target_table(
                store, SYSTEM, officer, as_of=DAY, township=township
            ),
            "targets of the county": lambda: target_table(store, SYSTEM, officer, as_of=DAY),
        }
        for what, look in looked.items():
            seconds[what].append(timed(look))
    points = [shape.representative_point() for shape in cells.geometry.iloc[:: max(len(cells) // 100, 1)]]
    what_is_here(store, SYSTEM, points[0].x, points[0].y, as_of=DAY)
    each = sorted(timed(lambda at=at: what_is_here(store, SYSTEM, at.x, at.y, as_of=DAY)) for at in points)
    seconds["what is here, p95"] = [each[int(len(each) * 0.95)]]


def assign_request(cells: gpd.GeoDataFrame, officer: str, *, count: int = MANY_CELLS) -> AssignRequest:
    """One officer for many cells."""
    rows = [Assignment("grid_officer", officer, str(code), DAY) for code in cells["code"].head(count)]
    return AssignRequest(tuple(rows), "集中调整")


def chosen_cells(cells: gpd.GeoDataFrame, count: int) -> gpd.GeoDataFrame:
    """Cells that a line cuts in two fair halves, one a village, spread over the county."""
    spread = cells[cells.geometry.map(_is_halved)].drop_duplicates("village_code", keep="last")
    return spread.iloc[:: max(len(spread) // count, 1)].head(count)


def _is_halved(shape: Any) -> bool:
    pieces = shapely.get_parts(shapely.ops.split(shape, cut_of(shape)))
    return len(pieces) == 2 and shapely.area(pieces).min() > _FAIR_SHARE * shape.area


def cut_of(shape: Any) -> shapely.LineString:
    """An upright line through the middle of a shape."""
    _west, south, _east, north = shape.bounds
    middle = shape.representative_point().x
    return shapely.LineString([(middle, south - 0.01), (middle, north + 0.01)])


def split_request(village: str, code: str, shape: Any) -> CellRequest:
    """A cell cut through the middle."""
    return CellRequest("split", village, DAY, "划分", codes=(code,), geometry=mapping(cut_of(shape)))


def merge_request(work: Work, village: str, before: gpd.GeoDataFrame) -> CellRequest:
    """The cells that were split last, joined again."""
    with work.store.read() as session:
        now = layer_frame(session, "cells", as_of=DAY, within=(village,))
    fresh = now.loc[~now["code"].isin(before["code"]), "code"]
    return CellRequest("merge", village, DAY, "合并", codes=tuple(fresh))


def seen_after(work: Work, row: Any) -> Took:
    """Seconds from submitting a split until another session's tile service gives a tile that shows it."""
    other = TileService(work.store)
    point = row.geometry.representative_point()
    x, y = project([[point.x, point.y]])[0]
    [(column, line)] = tiles_over(Bounds(x, y, x, y), ZOOM)

    def tag() -> str:
        return other.tile("cells", ZOOM, column, line, actor=SYSTEM, as_of=DAY).etag

    def until_seen() -> None:
        work.submit(split_request(row.village_code, row.code, row.geometry))
        while tag() == before:
            time.sleep(0.02)

    before = tag()
    return timed(until_seen)


def measure_peers(path: Path, cells: gpd.GeoDataFrame, times: int, folder: Path) -> dict[str, list[Took]]:
    """The same edits by the simplest means."""
    measured = ("assign one cell", "assign 500 cells", "split", "merge", "hand-over plan of 300")
    seconds: dict[str, list[Took]] = {what: [] for what in measured}
    copy = folder / "peer.gpkg"
    shutil.copy(path, copy)
    store = open_store(str(copy))
    for _time in range(max(times // 3, 1)):
        seconds["assign one cell"].append(timed(lambda: assign_by_rows(store, cells.tail(1))))
        seconds["assign 500 cells"].append(timed(lambda: assign_by_rows(store, cells)))
        seconds["hand-over plan of 300"].append(timed(lambda: nearest_first(store, cells)))
    store.close()
    target = folder / "peer-cells.gpkg"
    for row in chosen_cells(cells, times).itertuples():
        halves, took = _with_time(lambda row=row: split_in_memory(cells, row, target))
        seconds["split"].append(took)
        seconds["merge"].append(timed(lambda row=row, halves=halves: merge_in_memory(halves, row, target)))
    return seconds


def assign_by_rows(store: Store, cells: gpd.GeoDataFrame) -> None:
    """Close each cell's record and add another, one row at a time."""
    with store.write() as session:
        for code in cells["code"].head(MANY_CELLS):
            standing = select(Responsibility).where(
                Responsibility.target_code == str(code),
                Responsibility.kind == "grid_officer",
                Responsibility.superseded_at.is_(None),
            )
            for record in session.scalars(standing):
                record.superseded_at = NOW
            fresh = {"kind": "grid_officer", "holder_code": "C000001", "valid_from": DAY}
            session.add(Responsibility(target_code=str(code), recorded_at=NOW, recorded_by="peer", **fresh))
            session.flush()


def nearest_first(store: Store, cells: gpd.GeoDataFrame) -> dict[str, str]:
    """Who is to take each of many cells: the nearest officer with room, by where the cells held lie."""
    with store.read() as session:
        held = responsibilities(session, as_of=DAY, kinds=["grid_officer"])
    shapes = cells.set_index("code").geometry
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes.to_numpy()))
    places = pd.DataFrame(middle, index=shapes.index, columns=["x", "y"])
    given, known = places.head(MANY_HOLDINGS), held[held["target_code"].isin(places.index)]
    bases = places.loc[known["target_code"]].groupby(known["holder_code"].to_numpy()).mean()
    room = dict.fromkeys(bases.index, _ROOM)
    taken: dict[str, str] = {}
    for code, x, y in given.itertuples():
        distance = np.hypot(bases["x"].to_numpy() - x, bases["y"].to_numpy() - y)
        nearest = next(bases.index[at] for at in np.argsort(distance) if room[bases.index[at]])
        room[nearest] -= 1
        taken[code] = nearest
    return taken


def split_in_memory(cells: gpd.GeoDataFrame, row: Any, target: Path) -> gpd.GeoDataFrame:
    """Cut one shape, put the pieces into the layer and write it."""
    pieces = shapely.get_parts(shapely.ops.split(row.geometry, cut_of(row.geometry)))
    fresh = gpd.GeoDataFrame({"village_code": row.village_code}, geometry=pieces, index=range(len(pieces)))
    after = pd.concat([cells[cells["code"] != row.code], fresh.set_crs(cells.crs)], ignore_index=True)
    gpd.GeoDataFrame(after).to_file(target, driver="GPKG", layer="cells")
    return gpd.GeoDataFrame(after)


def merge_in_memory(cells: gpd.GeoDataFrame, row: Any, target: Path) -> None:
    """Join the pieces again and write the layer."""
    pieces = cells["code"].isna()
    joined = gpd.GeoDataFrame({"village_code": [row.village_code]}, geometry=[cells[pieces].union_all()])
    after = pd.concat([cells[~pieces], joined.set_crs(cells.crs)], ignore_index=True)
    gpd.GeoDataFrame(after).to_file(target, driver="GPKG", layer="cells")


def timed(work: Callable[[], Any]) -> Took:
    """Seconds something takes."""
    return _with_time(work)[1]


def _with_time(work: Callable[[], Any]) -> tuple[Any, Took]:
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, (time.perf_counter() - start, time.process_time() - cpu)


def _own_store(options: argparse.Namespace, folder: Path) -> Path:
    path = folder / "county.gpkg"
    if options.store:
        shutil.copy(options.store, path)
        return path
    write_county(make_county(Size.of(options.villages, options.households), options.seed), folder / "files")
    store = create_store(str(path))
    load_files(store, folder / "files", now=NOW)
    store.close()
    return path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--villages", type=int, default=2060)
    parser.add_argument("--households", type=int, default=1_200_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--store", help="work on a copy of this GeoPackage store")
    parser.add_argument("--times", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    main()
