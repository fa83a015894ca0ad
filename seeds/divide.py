"""From patches to villages, townships and cells: which patch belongs to which."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from seeds.partition import Patches, grow
from seeds.terrain import MARGIN, Floats, Ints, Terrain

COMMUNITY_SHARE = 0.05
_OUTSIDE = -1
_APART = 0.52  # least distance of two village centres, in village diameters
_LATE = 0.5  # longest delay of a village's growth, in village diameters: makes sizes differ
_RIVER_COST_TOWNSHIP = 2.2
_HEEDLESS = 0.8  # up to this share of its villages the county may enclose strangers: they come in later
_MIN_CELL_PATCHES = 2
_LAND = 0.12  # how much empty land counts beside houses when cells are drawn
_MOST_HOUSES = 330  # an officer may have 400; borders shift a little once drawn
_ROUNDS = 8


@dataclass(frozen=True)
class Division:
    """Which village each patch belongs to (-1: outside the county), and which township each village.

    Attributes
    ----------
    village : (patches,) array of int
    township : (villages,) array of int
        The township of the county town is 0.
    centres : (villages, 2) array
        Where each village started to grow.
    """

    village: Ints
    township: Ints
    centres: Floats


def divide_land(patches: Patches, terrain: Terrain, villages: int, rng: np.random.Generator) -> Division:
    """Grow villages all over the land, keep the innermost as the county, and group them around the seats."""
    centres = _village_centres(patches, terrain, villages, rng)
    diameter = _diameter(terrain, patches.sites[centres], villages)
    label = grow(patches.graph(), centres, rng.uniform(0, _LATE, len(centres)) * diameter)
    alive = np.unique(label[label >= 0])  # one that starts late may find its place taken
    label = np.where(label >= 0, np.searchsorted(alive, label), _OUTSIDE)
    centres = centres[alive]
    sites = patches.sites[centres]
    links = region_graph(patches, label, len(centres))
    ratio = terrain.inside_ratio(sites)
    ratio[np.unique(label[patches.is_open & (label >= 0)])] = np.inf  # the rim has no shape of its own
    kept = _county(links, ratio, villages)
    number = np.full(len(centres) + 1, _OUTSIDE)  # the last place is for patches that no village reached
    number[kept] = np.arange(villages)
    township = _townships(patches, label, sites, kept, terrain)
    return Division(number[label], township, sites[kept])


def communities(division: Division, terrain: Terrain) -> np.ndarray:
    """Which villages are urban communities: those around the county town, and one at every other seat."""
    count = max(2, round(COMMUNITY_SHARE * len(division.centres)))
    at_seats = cKDTree(division.centres).query(terrain.seats[1:])[1]
    is_community = np.isin(np.arange(len(division.centres)), at_seats)
    distance = np.hypot(*(division.centres - terrain.seats[0]).T)
    distance[(division.township != 0) | is_community] = np.inf
    nearest = distance.argsort(kind="stable")[: max(1, count - int(is_community.sum()))]
    is_community[nearest[np.isfinite(distance[nearest])]] = True
    return is_community


def divide_villages(patches: Patches, village: Ints, houses: Ints, cells: int) -> Ints:
    """Cells of every village: for each patch the number of its cell (-1 outside).

    Parameters
    ----------
    houses : (patches,) array of int
        Households that stand on each patch; cells share them, none with too many for one officer.
    cells : int
        How many there should be in all; crowded villages may get a few more.
    """
    a, b = patches.ridges.T
    graph = patches.graph((village[a] == village[b]) & (village[a] >= 0))
    order = np.argsort(village, kind="stable")
    order = order[village[order] >= 0]
    members = np.split(order, np.flatnonzero(np.diff(village[order])) + 1)
    counts = cells_per_village(np.bincount(village[order], houses[order]), cells)
    starts = [_spread(patches.sites, some, houses, int(n)) for some, n in zip(members, counts, strict=True)]
    seeds = np.concatenate(starts)
    for _round in range(_ROUNDS):
        label = grow(graph, seeds, np.zeros(len(seeds)))
        load = np.bincount(label[label >= 0], houses[label >= 0], minlength=len(seeds))
        crowded = np.flatnonzero(load > _MOST_HOUSES)
        if not len(crowded):
            break
        halves = [
            _other_half(patches.sites, np.flatnonzero(label == cell), houses, seeds[cell]) for cell in crowded
        ]
        seeds = np.union1d(seeds, halves)
    return label


def _other_half(sites: Floats, members: Ints, houses: Ints, seed: int) -> int:
    """The patch of a crowded cell from where it is best split: many houses, far from where the cell began."""
    return int(members[(houses[members] * np.hypot(*(sites[members] - sites[seed]).T)).argmax()])


def _spread(sites: Floats, members: Ints, houses: Ints, count: int) -> Ints:
    """So many of the members, spread over land and houses alike (k-means, each centre moved to a patch)."""
    count = min(count, max(1, len(members) // _MIN_CELL_PATCHES))
    points, weight = sites[members], houses[members] + _LAND * houses[members].mean() + 0.01
    lived_in = np.flatnonzero(houses[members])
    few = lived_in if len(lived_in) >= count else np.arange(len(members))
    centres = points[few][_far_apart(points[few], count)]
    for _turn in range(5):
        nearest = np.hypot(*(points[:, None] - centres).transpose(2, 0, 1)).argmin(axis=1)
        mass = np.bincount(nearest, weight, minlength=count)
        sums = np.column_stack([np.bincount(nearest, weight * axis, minlength=count) for axis in points.T])
        centres = np.where(mass[:, None] > 0, sums / mass.clip(min=1e-9)[:, None], centres)
    chosen = np.hypot(*(points[:, None] - centres).transpose(2, 0, 1)).argmin(axis=0)
    return members[np.unique(chosen)]


def _far_apart(points: Floats, count: int) -> Ints:
    """So many of the points, each as far as can be from those before, the first nearest the middle."""
    chosen = [int(np.hypot(*(points - points.mean(axis=0)).T).argmin())]
    gap = np.full(len(points), np.inf)
    while len(chosen) < count:
        gap = np.minimum(gap, np.hypot(*(points - points[chosen[-1]]).T))
        chosen.append(int(gap.argmax()))
    return np.array(chosen)


def region_graph(patches: Patches, label: Ints, count: int) -> csr_matrix:
    """Which regions touch, with the number of patch borders they share."""
    a, b = label[patches.ridges].T
    touch = (a != b) & (a >= 0) & (b >= 0)
    links = coo_matrix((np.ones(touch.sum()), (a[touch], b[touch])), shape=(count, count)).tocsr()
    return links + links.T


def _diameter(terrain: Terrain, points: Floats, villages: int) -> Floats:
    """Usual distance of two village centres at each place."""
    density = terrain.density(points)
    mean_area = np.pi * terrain.radius_m**2 / villages
    return np.sqrt(mean_area * np.median(density) / density)


def _village_centres(patches: Patches, terrain: Terrain, villages: int, rng: np.random.Generator) -> Ints:
    """Patches to grow villages from: at random, but not too close; as many as the margin needs besides."""
    half = terrain.radius_m * MARGIN
    wanted = round(villages * (2 * half) ** 2 / (np.pi * terrain.radius_m**2))
    order = rng.permutation(len(patches.sites))
    apart = _APART * _diameter(terrain, patches.sites, villages)
    tree = cKDTree(patches.sites)
    free = np.ones(len(order), bool)
    chosen = []
    for patch in order:
        if free[patch]:
            chosen.append(patch)
            free[tree.query_ball_point(patches.sites[patch], apart[patch])] = False
        if len(chosen) == wanted:
            break
    return np.array(chosen)


def _county(links: csr_matrix, ratio: Floats, villages: int) -> Ints:
    """So many villages around the middle, grown outwards: they hang together and enclose no stranger."""
    inside = np.zeros(len(ratio), bool)
    edge = [(float(ratio.min()), int(ratio.argmin()))]
    while (count := int(inside.sum())) < villages:
        village = heappop(edge)[1]
        added = np.zeros(len(ratio), bool)
        added[village] = not inside[village]
        if count >= _HEEDLESS * villages:
            added |= _small_parts(links, ~(inside | added))
        if count + added.sum() > villages:
            continue
        inside |= added
        for grown in np.flatnonzero(added):
            near = links.indices[links.indptr[grown] : links.indptr[grown + 1]]
            for neighbour in near[~inside[near]]:
                heappush(edge, (float(ratio[neighbour]), int(neighbour)))
    return np.flatnonzero(inside)


def _small_parts(links: csr_matrix, members: np.ndarray) -> np.ndarray:
    """Members that are cut off from the largest connected part of them."""
    where = np.flatnonzero(members)
    part = connected_components(links[where][:, where], directed=False)[1]
    cut_off = np.zeros(len(members), bool)
    cut_off[where[part != np.bincount(part).argmax()]] = True
    return cut_off


def _townships(patches: Patches, label: Ints, sites: Floats, kept: Ints, terrain: Terrain) -> Ints:
    """Township of each village kept: the seat that is nearest over land, with the river as a hindrance."""
    near_seat = cKDTree(sites[kept]).query(terrain.seats)[1]
    links = region_graph(patches, label, len(sites))[kept][:, kept].tocoo()
    a, b = sites[kept][links.row], sites[kept][links.col]
    north = terrain.north_of_river(sites[kept])
    cost = np.hypot(*(a - b).T) * np.where(north[links.row] != north[links.col], _RIVER_COST_TOWNSHIP, 1.0)
    graph = coo_matrix((cost, (links.row, links.col)), shape=links.shape).tocsr()
    source = dijkstra(graph, indices=near_seat, min_only=True, return_predecessors=True)[2]
    return np.array([np.flatnonzero(near_seat == seat)[0] for seat in source])


def cells_per_village(households: Ints, cells: int) -> Ints:
    """How many cells each village is given: more where more households live, at least one, so many in all."""
    weight = households.astype(float) ** 0.75
    share = pd.Series(weight / weight.sum() * cells).clip(lower=1)
    whole = np.floor(share).astype(int)
    rest = max(0, cells - int(whole.sum()))
    top = (share - whole).sort_values(ascending=False, kind="stable").index[:rest]
    whole[top] += 1
    return whole.to_numpy()
