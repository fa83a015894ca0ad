"""All gap rules at city size, beside one spatial join and beside the same questions in PostGIS.

::

    python -m benchmarks.gaps [--villages 2060] [--households 1200000] [--seed 7] [--store F] [--times N]

``--store`` names a GeoPackage store to read (a copy is made); without it a sample county is made first. One
run, side by side, frames loaded:

- all rules from scratch, against one plain ``geopandas.sjoin`` of households to cells (to reach: three times)
  and against the same questions as SQL with indexes on PostGIS (to reach: faster);
- the gaps brought up to date after one ownership change (to reach: one second), checked against a full run;
- growth: a hundredth, a tenth and all of the villages with everything in them (to reach: slope 1.05).

Wall time stands beside processor time, which other work on the machine changes less. The database's own
processor time cannot be seen from here.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.testing import assert_geodataframe_equal

from benchmarks.gap_peer import QUERIES, asked, loaded
from geo.analysis.gaps.engine import find_gaps, updated_gaps
from geo.analysis.gaps.evidence import Evidence, within_villages
from geo.analysis.gaps.rule import GAP_RULES
from geo.answers.evidence import read_evidence
from geo.frames import is_among
from geo.rules import Rules, load_rules
from geo.store.engine import create_store, open_store
from geo.store.upgrade import upgrade_store
from seeds.county import make_county
from seeds.load import load_files
from seeds.size import Size
from seeds.write import write_county

DAY = date(2026, 5, 1)
NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
MOST_JOINS, MOST_UPDATE_S, MOST_SLOPE = 3.0, 1.0, 1.05
SHARES = (0.01, 0.1, 1.0)
Took = tuple[float, float]
"""Seconds of wall time and of processor time."""


def main() -> None:
    """Measure and print."""
    options = _options()
    rules = load_rules(DAY)
    with _city(options) as evidence:
        print(
            f"{len(evidence.villages)} villages, {len(evidence.cells)} cells, {len(evidence.households)} "
            f"households, {len(evidence.records)} records, seed {options.seed}; seconds: wall (processor)"
        )
        join = _median(lambda: gpd.sjoin(evidence.households, evidence.cells), options.times)
        within = _median(lambda: _joined_within(evidence), options.times)
        whole = _median(lambda: find_gaps(fresh(evidence), rules), options.times)
        _print("sjoin of households to cells", join)
        _print("  within, two columns of cells", within, "the quickest way to call it, for comparison")
        _print("all rules from scratch", whole, f"{whole[1] / join[1]:.2f} × sjoin, at most {MOST_JOINS:g}")
        _by_kind(evidence, rules)
        _updated(evidence, rules, options.times)
        _growth(evidence, rules, options.times)
        _peer(evidence, rules, whole)


def _joined_within(evidence: Evidence) -> gpd.GeoDataFrame:
    return gpd.sjoin(evidence.households, evidence.cells[["code", "geometry"]], predicate="within")


def fresh(evidence: Evidence) -> Evidence:
    """The same evidence in frames of its own, about which nothing has been worked out yet."""
    frames = (field.name for field in fields(evidence) if field.name != "as_of")
    return replace(evidence, **{name: getattr(evidence, name).copy(deep=False) for name in frames})


def _by_kind(evidence: Evidence, rules: Rules) -> None:
    """Each rule's own share; what several look at counts for the first of them."""
    own = fresh(evidence)
    for kind, rule in GAP_RULES.items():
        found, took = _timed(lambda rule=rule: rule.find(own, rules))
        _print(f"  {kind}", took, f"{len(found)} gaps")


def _updated(evidence: Evidence, rules: Rules, times: int) -> None:
    """One cell's officer gives it to another: bring the gaps up to date."""
    before = fresh(evidence)
    gaps = find_gaps(before, rules)
    took = []
    for at in range(times):
        after = handed_over(before, at)
        found, seconds = _timed(lambda after=after: updated_gaps(gaps, before, after, rules))
        took.append(seconds)
        assert_geodataframe_equal(found, find_gaps(fresh(after), rules))
    _print("after one ownership change", _middle(took), f"equal to a full run; at most {MOST_UPDATE_S:g} s")


def handed_over(evidence: Evidence, at: int) -> Evidence:
    """The evidence with one officer's record ended on the day and another's begun; the frame is a new one."""
    records = evidence.records
    officers = np.flatnonzero(((records["kind"] == "grid_officer") & records["valid_to"].isna()).to_numpy())
    given, taker = officers[at * len(officers) // 97], officers[-1 - at]
    ended = records["valid_to"].to_numpy(dtype=object, copy=True)
    ended[given] = evidence.as_of
    begun = records.iloc[[given]].assign(
        id=records["id"].max() + 1, holder_code=records["holder_code"].iloc[taker], valid_from=evidence.as_of
    )
    return replace(evidence, records=pd.concat([records.assign(valid_to=ended), begun], ignore_index=True))


def _growth(evidence: Evidence, rules: Rules, times: int) -> None:
    sizes, seconds = [], []
    for share in SHARES:
        part = part_of(evidence, share)
        took = _median(lambda part=part: find_gaps(fresh(part), rules), times)
        sizes.append(len(part.households))
        seconds.append(took[1])
        _print(f"all rules, {len(part.households)} households", took)
    slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"{'slope (log–log, processor time)':<36}{slope:>9.2f}   at most {MOST_SLOPE}")


def part_of(evidence: Evidence, share: float) -> Evidence:
    """The first villages with all that lies in them, and the records, areas and cadres that go with it."""
    count = max(1, round(share * len(evidence.villages)))
    part = within_villages(evidence, evidence.villages["code"].head(count))
    areas = evidence.areas[is_among(evidence.areas["village_code"], part.villages["code"]).to_numpy()]
    targets = [part.townships["code"], areas["area_code"]]
    targets += [
        getattr(part, name)["code"] for name in ("villages", "cells", "households", "groups", "branches")
    ]
    covered = is_among(evidence.records["target_code"], pd.concat(targets))
    records = evidence.records[covered.to_numpy()].reset_index(drop=True)
    holders = is_among(evidence.cadres["code"], records["holder_code"].unique())
    return replace(part, areas=areas, records=records, cadres=evidence.cadres[holders.to_numpy()])


def _peer(evidence: Evidence, rules: Rules, own: Took) -> None:
    counts = find_gaps(evidence, rules)["kind"].value_counts()
    with loaded(evidence) as connection:
        for kind in QUERIES:
            asked(connection, kind, evidence, rules)  # once, so that everything is in memory
        total = 0.0
        for kind in QUERIES:
            found, (wall, _cpu) = _timed(lambda kind=kind: asked(connection, kind, evidence, rules))
            total += wall
            same = "" if found == counts.get(kind, 0) else f"  ours: {counts.get(kind, 0)}"
            print(f"  {'SQL ' + kind:<34}{wall:>9.2f}   {found} gaps{same}")
    print(f"{'PostGIS, all questions':<36}{total:>9.2f}   all rules: {own[0] / total:.2f} of it (wall)")


def _median(work: Callable[[], Any], times: int) -> Took:
    return _middle([_timed(work)[1] for _time in range(times)])


def _middle(took: list[Took]) -> Took:
    walls, cpus = zip(*took, strict=True)
    return statistics.median(walls), statistics.median(cpus)


def _timed(work: Callable[[], Any]) -> tuple[Any, Took]:
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, (time.perf_counter() - start, time.process_time() - cpu)


def _print(what: str, took: Took, more: str = "") -> None:
    wall, cpu = took
    print(f"{what:<36}{wall:>9.2f} ({cpu:.2f})   {more}", flush=True)


@contextmanager
def _city(options: argparse.Namespace) -> Iterator[Evidence]:
    with tempfile.TemporaryDirectory(prefix="minqing-bench-") as folder:
        path = Path(folder) / "county.gpkg"
        if options.store:
            shutil.copy(options.store, path)
            upgrade_store(str(path), now=NOW)
        else:
            files = Path(folder) / "files"
            write_county(make_county(Size.of(options.villages, options.households), options.seed), files)
            store = create_store(str(path))
            load_files(store, files, now=NOW)
            store.close()
        store = open_store(str(path))
        with store.read() as session:
            evidence, took = _timed(lambda: read_evidence(session, as_of=DAY))
        store.close()
        _print("reading the frames (not counted)", took)
        yield evidence


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--villages", type=int, default=2060)
    parser.add_argument("--households", type=int, default=1_200_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--store", help="read a copy of this GeoPackage store")
    parser.add_argument("--times", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
