"""Who takes over what somebody leaves: nearest, least loaded, from the right unit (domain §3, §5).

Each kind of responsibility is one assignment problem with its own limits, weighed by `geo.analysis.matching`.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.assignment import NOBODY, Integers, assign
from geo.analysis.matching import CANDIDATE_COLUMNS, HOLDING_COLUMNS, Match, match_of, why_words
from geo.frames import require_columns
from geo.i18n import _
from geo.rules import Rules
from geo.vocabulary import RESPONSIBILITY_RULES, Rank, ResponsibilityKind

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
        separated by ``;`` (`geo.analysis.suitability.wanted_units`); ``geometry`` is a point or missing.
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
    match = match_of(holdings, candidates, beside, rules)
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


def _proposal(match: Match, taken: Integers, covered: np.ndarray) -> pd.DataFrame:
    given = np.bincount(taken[taken >= 0], minlength=len(match.candidates))
    rows = [_row(match, row, int(taker), given, bool(covered[row])) for row, taker in enumerate(taken)]
    return pd.DataFrame(rows, columns=PROPOSAL_COLUMNS).astype({"successor_code": object})


def _row(match: Match, row: int, taker: int, given: Integers, covered: bool) -> list[object]:
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
        why_words(match, row, taker, before, after),
    ]


def _why_nobody(match: Match, row: int, covered: bool) -> str:
    if covered:
        return _("另有主责人，无需接手。")
    if match.candidates.empty:
        return _("没有符合条件的人选。")
    if not match.allowed[row].any():
        return _("本乡镇没有其他符合条件的人选。")
    return _("符合条件的人选都已到上限。")
