"""Who takes over what somebody leaves: nearest, least loaded, from the right unit (domain §3, §5).

Each kind of responsibility is one assignment problem with its own limits; the weights of
``geo/rules/handover.yaml`` are in kilometres, so that everything is weighed against the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.analysis.assignment import NOBODY, Floats, Integers, Room, assign
from geo.analysis.candidates import SURE
from geo.crs import STORED_CRS, to_metric
from geo.frames import require_columns
from geo.i18n import _
from geo.rules import Rules
from geo.vocabulary import RESPONSIBILITY_RULES, Rank, ResponsibilityKind, UnitKind, label_of

HOLDING_COLUMNS = ["kind", "target_code", "rank", "township_code", "wants", "households", "geometry"]
CANDIDATE_COLUMNS = ["kind", "code", "unit_kind", "township_code", "fit", "load", "households", "geometry"]
PROPOSAL_COLUMNS = [
    "kind",
    "target_code",
    "rank",
    "successor_code",
    "distance_km",
    "load_before",
    "load_after",
    "limit",
    "fit",
    "cost",
    "why",
]
COUNT_LIMITS = {
    str(ResponsibilityKind.STAFF): "staff_households_max",
    str(ResponsibilityKind.GRID_OFFICER): "officer_cells_max",
    str(ResponsibilityKind.RESIDENT_CADRE): "resident_villages_max",
}
HOUSEHOLD_LIMITS = {str(ResponsibilityKind.GRID_OFFICER): "officer_households_max"}
SENT_KINDS = frozenset(
    str(kind)
    for kind in (
        ResponsibilityKind.DEPARTMENT,
        ResponsibilityKind.SUB_OFFICE,
        ResponsibilityKind.UNIT_HEAD,
        ResponsibilityKind.TEAM_HEAD,
        ResponsibilityKind.RESIDENT_CADRE,
    )
)
"""Kinds whose holders are sent by a unit, so that the unit should suit the village's problem (PUB)."""
_HOME_KINDS = frozenset({str(ResponsibilityKind.GRID_OFFICER)})
"""Kinds whose holders come from the township they serve."""
_GOOD, _NEUTRAL, _POOR = 1.0, 0.5, 0.0


@dataclass(frozen=True)
class _Match:
    """One kind's holdings (rows) against its candidates (columns)."""

    holdings: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    distance_km: Floats
    suits: Floats
    assists: np.ndarray
    allowed: np.ndarray
    costs: Floats
    room: Room
    limit: float | None


def propose_successors(
    holdings: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    rules: Rules,
    beside: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A successor for each thing that is left, so that few are left over and the whole costs least.

    Parameters
    ----------
    holdings : GeoDataFrame in EPSG:4490
        `HOLDING_COLUMNS`: what is left. ``wants`` are the kinds of unit that the village's problem asks for,
        separated by ``;`` (`geo.analysis.candidates.wanted_units`); ``geometry`` is a point or missing.
    candidates : GeoDataFrame in EPSG:4490
        `CANDIDATE_COLUMNS`: one row a kind and person or unit, with the things and households that each
        bears already.
    beside : DataFrame ``kind, target_code, holder_code, rank`` or None
        Who else holds the same things on that day.

    Returns
    -------
    DataFrame sorted by kind, target and rank
        `PROPOSAL_COLUMNS`; ``successor_code`` is None where nobody can, and ``why`` says so. ``load_before``
        and ``load_after`` count things of the kind, ``load_after`` with everything proposed here; ``limit``
        is the most, missing where there is none. ``fit`` is 1 for the right unit, 0 for another one, 0.5
        where any unit will do. ``cost`` is in kilometres. Empty holdings give no rows.

    Notes
    -----
    Sources: S4 and domain §4 for limits, PUB for units; method and alternatives in
    docs/decisions/0007-handing-over.md.
    """
    require_columns(holdings, HOLDING_COLUMNS)
    require_columns(candidates, CANDIDATE_COLUMNS)
    ordered = holdings.sort_values(["kind", "target_code", "rank"], ignore_index=True)
    around = _no_one() if beside is None else beside
    parts = []
    for kind, part in ordered.groupby("kind"):
        mine = candidates[candidates["kind"] == kind].sort_values("code", ignore_index=True)
        theirs = around[around["kind"] == kind]
        parts.append(_of_kind(part.reset_index(drop=True), mine, theirs, rules))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=PROPOSAL_COLUMNS)
    return found.astype({"load_before": "Int64", "load_after": "Int64", "limit": "Int64"})


def _no_one() -> pd.DataFrame:
    return pd.DataFrame(columns=["kind", "target_code", "holder_code", "rank"], dtype=object)


def _of_kind(
    holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, beside: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    covered = _is_covered(holdings, beside)
    match = _match(holdings, candidates, beside, rules)
    taken = np.full(len(holdings), NOBODY)
    weights = holdings["households"].fillna(0).to_numpy(float)
    taken[~covered] = assign(match.costs[~covered], weights[~covered], match.room)
    return _proposal(match, taken, covered)


def _is_covered(holdings: gpd.GeoDataFrame, beside: pd.DataFrame) -> np.ndarray:
    """Whether somebody else answers for a thing already, and nobody more may (an imported contest)."""
    if holdings.empty or RESPONSIBILITY_RULES[ResponsibilityKind(holdings["kind"].iloc[0])].at_most is None:
        return np.zeros(len(holdings), dtype=bool)
    answered = beside.loc[beside["rank"] == str(Rank.PRIMARY), "target_code"]
    is_primary = holdings["rank"] == str(Rank.PRIMARY)
    covered: np.ndarray = (is_primary & holdings["target_code"].isin(answered)).to_numpy(bool)
    return covered


def _match(
    holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, beside: pd.DataFrame, rules: Rules
) -> _Match:
    kind = holdings["kind"].iloc[0]
    limit = rules[COUNT_LIMITS[kind]].value if kind in COUNT_LIMITS else None
    distance_km = distances_km(holdings, candidates)
    suits = _suits(kind, holdings, candidates)
    present, assists = _presence(holdings, candidates, beside)
    allowed = _at_home(kind, holdings, candidates) & (~present | assists)
    room = _room(kind, holdings, candidates, limit, rules)
    load = candidates["load"].to_numpy(float)
    costs = (
        np.nan_to_num(distance_km, nan=rules["handover_unplaced_km"].value)
        + (suits == _POOR) * rules["handover_unfit_km"].value
        + (candidates["fit"].to_numpy(float) < SURE) * rules["handover_unknown_level_km"].value
        - assists * rules["handover_assistant_km"].value
        + room.steps * (load + 1)
    )
    costs = np.where(allowed, costs, np.inf)
    return _Match(holdings, candidates, distance_km, suits, assists, allowed, costs, room, limit)


def distances_km(holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> Floats:
    """Kilometres in the Gauss–Krüger zone from each holding (rows) to each candidate; NaN where unplaced."""
    points = np.concatenate([holdings.geometry.to_numpy(), candidates.geometry.to_numpy()])
    metric = to_metric(gpd.GeoDataFrame(geometry=points, crs=STORED_CRS)).geometry.to_numpy()
    x, y = shapely.get_x(metric), shapely.get_y(metric)
    n = len(holdings)
    apart: Floats = np.hypot(x[:n, None] - x[None, n:], y[:n, None] - y[None, n:]) / 1000
    return apart


def _suits(kind: str, holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> Floats:
    """How well each candidate's unit suits each holding's village."""
    suits = np.full((len(holdings), len(candidates)), _NEUTRAL)
    if kind not in SENT_KINDS:
        return suits
    units = candidates["unit_kind"].to_numpy(object)
    for row, wants in enumerate(holdings["wants"].fillna("")):
        if wants:
            suits[row] = np.where(np.isin(units.astype(str), wants.split(";")), _GOOD, _POOR)
    return suits


def _presence(
    holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, beside: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Where a candidate holds the same thing already (or is it), and where as assistant of what is left."""
    present = np.zeros((len(holdings), len(candidates)), dtype=bool)
    assists = present.copy()
    place = pd.Index(candidates["code"])
    for row, (target, rank) in enumerate(zip(holdings["target_code"], holdings["rank"], strict=True)):
        here = beside[beside["target_code"] == target]
        at = place.get_indexer(here["holder_code"])
        present[row, at[at >= 0]] = True
        present[row, place == target] = True
        helpers = at[(at >= 0) & (here["rank"] == str(Rank.ASSISTANT)).to_numpy(bool)]
        assists[row, helpers] = rank == str(Rank.PRIMARY)
    return present, assists


def _at_home(kind: str, holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> np.ndarray:
    """Whether a candidate may serve a holding's township; where one is not known, it may."""
    if kind not in _HOME_KINDS:
        return np.ones((len(holdings), len(candidates)), dtype=bool)
    there, here = (frame["township_code"].fillna("").to_numpy(str) for frame in (holdings, candidates))
    same: np.ndarray = (there[:, None] == here[None, :]) | (there[:, None] == "") | (here[None, :] == "")
    return same


def _room(
    kind: str, holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, limit: float | None, rules: Rules
) -> Room:
    load = candidates["load"].to_numpy(float)
    most = load + len(holdings) if limit is None else np.full(len(load), limit)
    # Without a limit, full is what a holder bears on average.
    full = max(float(load[load > 0].mean()) if (load > 0).any() else 1.0, 1.0) if limit is None else limit
    weight = np.full(len(load), np.inf)
    if kind in HOUSEHOLD_LIMITS:
        weight = rules[HOUSEHOLD_LIMITS[kind]].value - candidates["households"].fillna(0).to_numpy(float)
    steps = np.full(len(load), rules["handover_load_km"].value / full)
    return Room((most - load).astype(np.intp), steps, weight)


def _proposal(match: _Match, taken: Integers, covered: np.ndarray) -> pd.DataFrame:
    given = np.bincount(taken[taken >= 0], minlength=len(match.candidates))
    rows = [_row(match, row, int(taker), given, bool(covered[row])) for row, taker in enumerate(taken)]
    return pd.DataFrame(rows, columns=PROPOSAL_COLUMNS).astype({"successor_code": object})


def _row(match: _Match, row: int, taker: int, given: Integers, covered: bool) -> list[object]:
    holding = match.holdings.iloc[row]
    limit = None if match.limit is None else int(match.limit)
    about = [holding["kind"], holding["target_code"], holding["rank"]]
    if taker == NOBODY:
        return [*about, None, None, None, None, limit, None, None, _why_nobody(match, row, covered)]
    before = int(match.candidates["load"].iloc[taker])
    after = before + int(given[taker])
    distance = float(match.distance_km[row, taker])
    return [
        *about,
        match.candidates["code"].iloc[taker],
        None if np.isnan(distance) else round(distance, 3),
        before,
        after,
        limit,
        float(match.suits[row, taker]),
        round(float(match.costs[row, taker]), 3),
        _why(match, row, taker, before, after),
    ]


def _why(match: _Match, row: int, taker: int, before: int, after: int) -> str:
    distance = match.distance_km[row, taker]
    said = [_("距离不明") if np.isnan(distance) else _("距 {km:.1f} 公里").format(km=distance)]
    if match.limit is None:
        said.append(_("负责 {before}→{after} 个").format(before=before, after=after))
    else:
        text = _("负责 {before}→{after} 个，上限 {limit:.0f}")
        said.append(text.format(before=before, after=after, limit=match.limit))
    if match.assists[row, taker]:
        said.append(_("现为协助人"))
    if match.suits[row, taker] != _NEUTRAL:
        wants = [label_of(UnitKind(kind)) for kind in match.holdings["wants"].iloc[row].split(";")]
        text = (
            _("对口单位（{kinds}）")
            if match.suits[row, taker] == _GOOD
            else _("非对口单位（该村宜派{kinds}）")
        )
        said.append(text.format(kinds="、".join(wants)))
    return "；".join(said)


def _why_nobody(match: _Match, row: int, covered: bool) -> str:
    if covered:
        return _("另有主责人，无需接手。")
    if match.candidates.empty:
        return _("没有符合条件的人选。")
    if not match.allowed[row].any():
        return _("本乡镇没有其他符合条件的人选。")
    return _("符合条件的人选都已到上限。")
