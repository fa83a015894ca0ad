"""Where people live: households of each village, its hamlets along roads and river, every house's place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from seeds.ground import Ground
from seeds.partition import Patches
from seeds.terrain import Floats, Ints

_HAMLETS, _HAMLETS_URBAN = 3, 7
_HAMLET_SHARES = (0.62, 0.25, 0.13)
_PLOT_ALONG_M, _PLOT_ACROSS_M, _JITTER_M = 17.0, 26.0, 3.0
_HOUSES_PER_PATCH = 40  # a town's streets hold no more
_ROUNDS = 6
_DRY_M = 55.0  # nobody builds nearer to the river's middle
_TO_THE_WAY, _NEAR_WAY_M = 0.75, 400.0
_SPARE = 2.4  # places tried for every house that is needed


@dataclass(frozen=True)
class Houses:
    """One row a household.

    Attributes
    ----------
    village, hamlet : (n,) arrays of int
    points : (n, 2) array
        Longitude and latitude.
    """

    village: Ints
    hamlet: Ints
    points: Floats


def households_per_village(
    patches: Floats, is_community: np.ndarray, township: Ints, total: int, rng: np.random.Generator
) -> Ints:
    """Households of each village, by its patches; they add up to the total, communities hold far more."""
    weight = np.sqrt(patches) * rng.lognormal(0, 0.36, len(patches))
    weight *= np.where(is_community, np.where(township == 0, 5.0, 2.4), 1.0)
    least, most = 8, _HOUSES_PER_PATCH * np.maximum(patches, total / _HOUSES_PER_PATCH / len(patches) * 2)
    for _round in range(_ROUNDS):
        share = weight / weight.sum() * (total - least * len(weight))
        weight = np.where(share > most, weight * most / np.maximum(share, most), weight)
    whole = np.floor(share).astype(int)
    rest = total - least * len(weight) - whole.sum()
    whole[np.argsort(whole - share, kind="stable")[:rest]] += 1
    return whole + least


def place_houses(ground: Ground, counts: Ints, outlines: np.ndarray, rng: np.random.Generator) -> Houses:
    """Place every household in a hamlet of its village (``outlines``), in rows along the street."""
    hamlets = _hamlets(ground, counts, rng)
    tries = np.ceil(hamlets["houses"] * _SPARE).astype(int).to_numpy() + 3
    rows = np.repeat(np.arange(len(hamlets)), tries)
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(tries) - tries, tries)
    local = _plots(rank, hamlets["stretch"].to_numpy()[rows], rng)
    centre = hamlets[["x", "y"]].to_numpy()[rows]
    metric = centre + _turned(local, hamlets["direction"].to_numpy()[rows])
    points = ground.plane.degrees(metric)
    village = hamlets["village"].to_numpy()[rows]
    fits = (region_at(points, outlines) == village) & (ground.terrain.river_distance_m(metric) > _DRY_M)
    found = pd.DataFrame({"hamlet": rows[fits], "village": village[fits]})
    found[["lon", "lat"]] = points[fits]
    found["rank"] = found.groupby("hamlet").cumcount()
    found = found[found["rank"] < hamlets["houses"].to_numpy()[found["hamlet"]]]
    return _filled(found, hamlets, counts, ground, outlines, rng)


def _hamlets(ground: Ground, counts: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Centres of hamlets: patches near road and river come first; a few in each village."""
    terrain, division, is_community = ground.terrain, ground.division, ground.is_community
    inner = _inner_patches(ground.patches, division.village)
    sites, village = ground.patches.sites[inner], division.village[inner]
    way, direction = terrain.nearest_way(sites)
    pull = (
        1.4 * np.exp(-terrain.road_distance_m(sites) / 300)
        + 0.9 * np.exp(-terrain.river_distance_m(sites) / 450)
        + 1.4 * np.exp(-np.hypot(*(sites - way).T) / 150)
        + 1.0 * np.exp(-np.hypot(*(sites - division.centres[village]).T) / 500)
    )
    sites = sites + _TO_THE_WAY * (way - sites) * (np.hypot(*(sites - way).T) < _NEAR_WAY_M)[:, None]
    frame = pd.DataFrame({"village": village, "x": sites[:, 0], "y": sites[:, 1]})
    frame["direction"] = direction
    frame["score"] = pull + rng.gumbel(0, 0.35, len(frame))
    frame = frame.sort_values(["village", "score"], ascending=[True, False], kind="stable")
    frame["place"] = frame.groupby("village").cumcount()
    wanted = np.where(is_community, _HAMLETS_URBAN, np.clip(counts // 45, 1, _HAMLETS))
    frame = frame[frame["place"] < wanted[frame["village"]]].reset_index(drop=True)
    frame["houses"] = _hamlet_sizes(frame, counts, is_community)
    frame["direction"] += rng.normal(0, 0.06, len(frame))
    frame["stretch"] = rng.uniform(1.5, 4.5, len(frame))
    return frame[frame["houses"] > 0].reset_index(drop=True)


def _inner_patches(patches: Patches, village: Ints) -> Ints:
    """Patches of the county that touch no other village, or all of a village's where there are none such."""
    a, b = patches.ridges.T
    differs = village[a] != village[b]
    at_edge = np.zeros(len(village), bool)
    at_edge[patches.ridges[differs].ravel()] = True
    inside = village >= 0
    has_inner = np.isin(village, np.unique(village[inside & ~at_edge]))
    return np.flatnonzero(inside & (~at_edge | ~has_inner))


def _hamlet_sizes(hamlets: pd.DataFrame, counts: Ints, is_community: np.ndarray) -> Ints:
    share = np.where(
        is_community[hamlets["village"]], 1.0, np.array(_HAMLET_SHARES)[hamlets["place"].clip(upper=2)]
    )
    total = pd.Series(share).groupby(hamlets["village"]).transform("sum")
    houses = np.floor(share / total * counts[hamlets["village"]]).astype(int)
    missing = counts - np.bincount(hamlets["village"], houses, minlength=len(counts)).astype(int)
    return houses.to_numpy() + np.where(hamlets["place"] == 0, missing[hamlets["village"]], 0)


def _plots(rank: Ints, stretch: Floats, rng: np.random.Generator) -> Floats:
    """Place of the rank-th house around a hamlet's middle: a lattice's plots, nearest first, edges ragged."""
    most = int(rank.max()) + 1
    reach = int(np.ceil(np.sqrt(most))) + 4
    u, v = np.meshgrid(np.arange(-4 * reach, 4 * reach + 1), np.arange(-reach, reach + 1))
    lattice = np.column_stack([u.ravel() * _PLOT_ALONG_M, v.ravel() * _PLOT_ACROSS_M])
    points = np.empty((len(rank), 2))
    kinds = np.digitize(stretch, (2.2, 3.0, 3.7))
    for kind, ratio in enumerate((1.7, 2.5, 3.3, 4.2)):
        ragged = rng.uniform(0.75, 1.35, len(lattice))
        order = (np.hypot(lattice[:, 0] / ratio, lattice[:, 1]) * ragged).argsort(kind="stable")[:most]
        points[kinds == kind] = lattice[order][rank[kinds == kind]]
    return points + rng.normal(0, _JITTER_M, points.shape)


def _turned(points: Floats, angle: Floats) -> Floats:
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y = points.T
    return np.column_stack([x * cosine - y * sine, x * sine + y * cosine])


def region_at(points: Floats, regions: np.ndarray) -> Ints:
    """Number of the region each point lies in; -1 outside of all."""
    tree = shapely.STRtree(shapely.points(points))
    region, point = tree.query(regions, predicate="contains")
    at = np.full(len(points), -1)
    at[point] = region
    return at


def _filled(
    found: pd.DataFrame,
    hamlets: pd.DataFrame,
    counts: Ints,
    ground: Ground,
    outlines: np.ndarray,
    rng: np.random.Generator,
) -> Houses:
    """Households for whom no plot was left stand near the middle of some patch of their village."""
    patches, division, plane = ground.patches, ground.division, ground.plane
    have = np.bincount(found["village"], minlength=len(counts))
    homeless = np.repeat(np.arange(len(counts)), counts - have)
    order = np.argsort(division.village, kind="stable")
    first = np.searchsorted(division.village[order], np.arange(len(counts)))
    size = np.bincount(division.village[division.village >= 0], minlength=len(counts))
    patch = order[first[homeless] + (rng.random(len(homeless)) * size[homeless]).astype(int)]
    places = plane.degrees(patches.sites[patch] + rng.normal(0, 9, (len(patch), 2)))
    astray = region_at(places, outlines) != homeless
    places[astray] = plane.degrees(patches.sites[patch[astray]])
    hamlet = np.searchsorted(hamlets["village"].to_numpy(), homeless)
    extra = pd.DataFrame({"hamlet": hamlet, "village": homeless})
    extra[["lon", "lat"]] = places
    houses = pd.concat([found, extra]).sort_values(["village", "hamlet"], kind="stable")
    return Houses(
        houses["village"].to_numpy(), houses["hamlet"].to_numpy(), houses[["lon", "lat"]].to_numpy()
    )
