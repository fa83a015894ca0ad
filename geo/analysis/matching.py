"""How well each candidate suits each thing, in kilometres: what handing over and closing gaps weigh alike.

The weights of ``geo/rules/handover.yaml`` are in kilometres, so that everything is weighed against the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.analysis.assignment import Floats, Room
from geo.analysis.candidates import SURE
from geo.crs import STORED_CRS, to_metric
from geo.i18n import _
from geo.rules import Rules
from geo.vocabulary import Rank, ResponsibilityKind, UnitKind, label_of

HOLDING_COLUMNS = ["kind", "target_code", "rank", "township_code", "wants", "households", "geometry"]
CANDIDATE_COLUMNS = ["kind", "code", "unit_kind", "township_code", "fit", "load", "households", "geometry"]
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
HOME_KINDS = frozenset({str(ResponsibilityKind.GRID_OFFICER)})
"""Kinds whose holders come from the township they serve."""
GOOD, NEUTRAL, POOR = 1.0, 0.5, 0.0


@dataclass(frozen=True)
class Match:
    """One kind's holdings (rows) against its candidates (columns).

    Attributes
    ----------
    holdings, candidates : GeoDataFrame
    distance_km : array (n, m)
        NaN where one of the two has no place.
    suits : array (n, m)
        `GOOD`, `NEUTRAL` or `POOR`: how the unit suits the village.
    assists : bool array (n, m)
        Whether the candidate is an assistant who would move up.
    allowed : bool array (n, m)
        By township, and nobody twice for one thing.
    costs : array (n, m)
        Kilometres of the candidate's first thing; infinity where it is not allowed.
    room : Room of the candidates
    limit : float or None
        The most things of the kind; None where there is no limit.
    """

    holdings: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    distance_km: Floats
    suits: Floats
    assists: np.ndarray
    allowed: np.ndarray
    costs: Floats
    room: Room
    limit: float | None


def match_of(
    holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, beside: pd.DataFrame, rules: Rules
) -> Match:
    """Weigh holdings of one kind (at least one) against candidates for it.

    Parameters
    ----------
    holdings, candidates : GeoDataFrame in EPSG:4490
        `HOLDING_COLUMNS` and `CANDIDATE_COLUMNS`.
    beside : DataFrame ``kind, target_code, holder_code, rank``
        Who else holds the same things.
    """
    kind = holdings["kind"].iloc[0]
    distance_km = distances_km(holdings, candidates)
    suits = _suits(kind, holdings, candidates)
    present, assists = _presence(holdings, candidates, beside)
    allowed = _at_home(kind, holdings, candidates) & (~present | assists)
    room, limit = room_of(kind, candidates, len(holdings), rules)
    load = candidates["load"].to_numpy(float)
    costs = (
        np.nan_to_num(distance_km, nan=rules["handover_unplaced_km"].value)
        + (suits == POOR) * rules["handover_unfit_km"].value
        + (candidates["fit"].to_numpy(float) < SURE) * rules["handover_unknown_level_km"].value
        - assists * rules["handover_assistant_km"].value
        + room.steps * (load + 1)
    )
    costs = np.where(allowed, costs, np.inf)
    return Match(holdings, candidates, distance_km, suits, assists, allowed, costs, room, limit)


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
    suits = np.full((len(holdings), len(candidates)), NEUTRAL)
    if kind not in SENT_KINDS:
        return suits
    units = candidates["unit_kind"].to_numpy(object)
    for row, wants in enumerate(holdings["wants"].fillna("")):
        if wants:
            suits[row] = np.where(np.isin(units.astype(str), wants.split(";")), GOOD, POOR)
    return suits


def _presence(
    holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, beside: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Where a candidate holds the same thing already (or is it), and where as assistant of what is left."""
    present = np.zeros((len(holdings), len(candidates)), dtype=bool)
    assists = present.copy()
    # Plain texts: pandas looks Arrow ones up one by one.
    place = pd.Index(candidates["code"].astype(object))
    around = beside.assign(at=place.get_indexer(beside["holder_code"].astype(object)))
    here = holdings[["target_code", "rank"]].reset_index(drop=True).rename_axis("row").reset_index()
    pairs = here.merge(around[around["at"] >= 0], on="target_code", suffixes=("", "_now"))
    present[pairs["row"], pairs["at"]] = True
    itself = place.get_indexer(holdings["target_code"].astype(object))
    present[np.flatnonzero(itself >= 0), itself[itself >= 0]] = True
    up = pairs[(pairs["rank_now"] == str(Rank.ASSISTANT)) & (pairs["rank"] == str(Rank.PRIMARY))]
    assists[up["row"], up["at"]] = True
    return present, assists


def _at_home(kind: str, holdings: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> np.ndarray:
    """Whether a candidate may serve a holding's township; where one is not known, it may."""
    if kind not in HOME_KINDS:
        return np.ones((len(holdings), len(candidates)), dtype=bool)
    there, here = (frame["township_code"].fillna("").to_numpy(str) for frame in (holdings, candidates))
    same: np.ndarray = (there[:, None] == here[None, :]) | (there[:, None] == "") | (here[None, :] == "")
    return same


def room_of(kind: str, candidates: pd.DataFrame, number: int, rules: Rules) -> tuple[Room, float | None]:
    """What candidates for a kind can still take, and the most things of it; None where there is no limit.

    Parameters
    ----------
    number : int
        How many things there are: without a limit somebody could take all of them.
    """
    limit = rules[COUNT_LIMITS[kind]].value if kind in COUNT_LIMITS else None
    load = candidates["load"].to_numpy(float)
    most = load + number if limit is None else np.full(len(load), limit)
    # Without a limit, full is what a holder bears on average.
    full = max(float(load[load > 0].mean()) if (load > 0).any() else 1.0, 1.0) if limit is None else limit
    weight = np.full(len(load), np.inf)
    if kind in HOUSEHOLD_LIMITS:
        weight = rules[HOUSEHOLD_LIMITS[kind]].value - candidates["households"].fillna(0).to_numpy(float)
    steps = np.full(len(load), rules["handover_load_km"].value / full)
    return Room((most - load).astype(np.intp), steps, weight), limit


def why_words(match: Match, row: int, taker: int, before: int, after: int) -> str:
    """Why this candidate for this thing, in a few words."""
    distance = match.distance_km[row, taker]
    said = [_("距离不明") if np.isnan(distance) else _("距 {km:.1f} 公里").format(km=distance)]
    if match.limit is None:
        said.append(_("负责 {before}→{after} 个").format(before=before, after=after))
    else:
        text = _("负责 {before}→{after} 个，上限 {limit:.0f}")
        said.append(text.format(before=before, after=after, limit=match.limit))
    if match.assists[row, taker]:
        said.append(_("现为协助人"))
    if match.suits[row, taker] != NEUTRAL:
        wants = [label_of(UnitKind(kind)) for kind in match.holdings["wants"].iloc[row].split(";")]
        text = (
            _("对口单位（{kinds}）")
            if match.suits[row, taker] == GOOD
            else _("非对口单位（该村宜派{kinds}）")
        )
        said.append(text.format(kinds="、".join(wants)))
    return "；".join(said)
