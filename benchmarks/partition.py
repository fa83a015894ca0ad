"""Cells proposed for real villages with invented households, beside spopt and k-means + Voronoi.

::

    python -m benchmarks.partition [--villages N] [--seed 7] [--roads]

All three get the same villages, households and number of cells, in one run:

- *ours*: `geo.analysis.partition.propose_cells`; with ``--roads`` also along invented roads;
- *spopt*: `spopt.region.Skater` on the households' Voronoi atoms, each region 80 % of the even share or more.
  Of spopt's contiguous regionalisations it fits best: RegionKMeansHeuristic took 20 s for one village,
  MaxPHeuristic more than two minutes, WardSpatial knows no size;
- *k-means*: `scipy.cluster.vq.kmeans2` on the households, Voronoi polygons of the centres cut at the border.

Times are processor seconds. Without spopt (``pip install -r requirements-bench.in``) its column is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from datetime import date

import geopandas as gpd
import numpy as np
import shapely
from scipy.cluster.vq import kmeans2

from benchmarks.invented_households import REAL, Place, places
from geo.analysis.partition import PartitionQuality, cell_count, partition_quality, propose_cells
from geo.crs import STORED_CRS, to_metric
from geo.rules import load_rules

AS_OF = date(2026, 5, 1)
FLOOR = 0.8
OURS, SPOPT, KMEANS, ROADS = "ours", "spopt", "k-means", "ours, roads"
Proposal = Callable[[Place, int], gpd.GeoSeries | None]
Row = tuple[int, PartitionQuality, bool, float]


@dataclass(frozen=True)
class Figures:
    """One program's figures: means over cells, sums over villages, the worst village."""

    villages: int
    cells: int
    cells_missing: int
    within_20: float
    worst_mean: float
    worst: float
    contiguous: float
    compactness: float
    uncovered_m2: float
    overlap_m2: float
    border_on_roads: float
    invalid_coverages: int
    seconds: float
    slowest_s: float


def main() -> None:
    """Measure and print one table."""
    options = _options()
    print(REAL if REAL.exists() else f"{REAL} is not here: the sample county's villages instead")
    proposals = programs(roads=options.roads)
    measured: dict[str, list[Row]] = {name: [] for name in proposals}
    for place in places(options.seed, options.villages):
        for name, propose in proposals.items():
            measured[name] += measure(place, propose)
    print_table({name: summary(rows) for name, rows in measured.items()})


def programs(*, roads: bool) -> dict[str, Proposal]:
    """What is compared, by name."""
    found: dict[str, Proposal] = {OURS: propose_ours}
    if roads:
        found[ROADS] = propose_along_roads
    if importlib.util.find_spec("spopt") is None:
        print("spopt is not installed and left out: pip install -r requirements-bench.in")
    else:
        found[SPOPT] = propose_with_spopt
    return {**found, KMEANS: propose_with_kmeans}


def measure(place: Place, propose: Proposal) -> list[Row]:
    """The cells asked for, their quality, whether they are a valid coverage, the seconds; none if refused."""
    count = cell_count(shapely.get_coordinates(place.households.to_numpy()), _target())
    start = time.process_time()
    cells = propose(place, count)
    taken = time.process_time() - start
    if cells is None:
        return []
    share = len(place.households) / count
    quality = partition_quality(cells, place.village, place.households, target=share, lines=place.roads)
    return [(count, quality, bool(shapely.coverage_is_valid(cells.to_numpy())), taken)]


def propose_ours(place: Place, count: int) -> gpd.GeoSeries:
    """Our cells."""
    return propose_cells(place.village, place.households, rules=load_rules(AS_OF), count=count)


def propose_along_roads(place: Place, count: int) -> gpd.GeoSeries:
    """Our cells, given the roads."""
    rules = load_rules(AS_OF)
    return propose_cells(place.village, place.households, rules=rules, count=count, lines=place.roads)


def propose_with_spopt(place: Place, count: int) -> gpd.GeoSeries | None:
    """spopt's Skater: regions of Voronoi atoms, each with at least 80 % of the even share of atoms.

    It refuses villages whose atoms are not all connected, such as those of several parts: None.
    """
    from libpysal.weights import Rook
    from spopt.region import Skater

    atoms = _atoms(place)
    floor = int(FLOOR * len(place.households) / count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        neighbours = Rook.from_dataframe(atoms, use_index=False)
        model = Skater(atoms, neighbours, ["x", "y"], n_clusters=count, floor=floor, islands="ignore")
        if len(set(neighbours.component_labels)) > 1:
            return None
        model.solve()
    regions = atoms.dissolve(np.asarray(model.labels_)).geometry
    return gpd.GeoSeries(regions.to_numpy(), crs=atoms.crs).to_crs(STORED_CRS)


def _atoms(place: Place) -> gpd.GeoDataFrame:
    """The households' Voronoi polygons within the village; what a bay cuts off one is an atom of its own."""
    homes = shapely.multipoints(place.households.to_numpy())
    polygons = shapely.get_parts(shapely.voronoi_polygons(homes, extend_to=place.village))
    within = shapely.get_parts(shapely.intersection(polygons, place.village))
    frame = gpd.GeoDataFrame(geometry=within[shapely.get_dimensions(within) == 2], crs=STORED_CRS)
    metric = to_metric(frame)
    return metric.assign(x=metric.centroid.x, y=metric.centroid.y)


def propose_with_kmeans(place: Place, count: int) -> gpd.GeoSeries:
    """k-means of the households (seeded), and the Voronoi polygons of the centres within the village."""
    ground = to_metric(gpd.GeoDataFrame(geometry=[place.village, *place.households], crs=STORED_CRS))
    village = ground.geometry.iloc[0]
    homes = shapely.get_coordinates(ground.geometry.to_numpy()[1:])
    centres, _labels = kmeans2(homes, count, minit="++", rng=np.random.default_rng(1))
    polygons = shapely.voronoi_polygons(shapely.multipoints(centres), extend_to=village)
    cells = shapely.intersection(shapely.get_parts(polygons), village)
    return gpd.GeoSeries(cells, crs=ground.crs).to_crs(STORED_CRS)


def summary(rows: list[Row]) -> Figures:
    """One program's figures over all villages; a cell that is missing is counted as not balanced."""
    counts = np.array([count for count, *_rest in rows])
    table = {
        item.name: np.array([getattr(quality, item.name) for _count, quality, _valid, _taken in rows])
        for item in fields(PartitionQuality)
    }
    cells, taken = table["cells"], np.array([seconds for *_rest, seconds in rows])
    return Figures(
        villages=len(rows),
        cells=int(cells.sum()),
        cells_missing=int(np.abs(counts - cells).sum()),
        within_20=float((table["within_20"] * cells).sum() / np.maximum(cells, counts).sum()),
        worst_mean=float(table["worst_ratio"].mean()),
        worst=float(table["worst_ratio"].max()),
        contiguous=float((table["contiguous"] * cells).sum() / cells.sum()),
        compactness=float((table["compactness"] * cells).sum() / cells.sum()),
        uncovered_m2=float(table["uncovered_m2"].sum()),
        overlap_m2=float(table["overlap_m2"].sum()),
        border_on_roads=float(table["border_on_lines"].mean()),
        invalid_coverages=sum(not valid for *_rest, valid, _taken in rows),
        seconds=float(taken.sum()),
        slowest_s=float(taken.max()),
    )


def print_table(figures: dict[str, Figures]) -> None:
    """A column a program; then each as a ratio to ours."""
    print(f"{'':20}" + "".join(f"{name:>14}" for name in figures) + "   ratio to ours")
    values = np.array([astuple(one) for one in figures.values()], dtype=float)
    for item, row in zip(fields(Figures), values.T, strict=True):
        ratios = "".join(f"{value / row[0]:>9.2f}" if row[0] > 1e-6 else f"{'–':>9}" for value in row[1:])
        print(f"{item.name:20}" + "".join(f"{value:>14.6g}" for value in row) + ratios)


def _target() -> float:
    return load_rules(AS_OF)["cell_households_target"].value


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Proposed cells beside two peers'.")
    parser.add_argument("--villages", type=int, help="how many, spread over the county; all by default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--roads", action="store_true", help="also propose along invented roads")
    return parser.parse_args()


if __name__ == "__main__":
    main()
