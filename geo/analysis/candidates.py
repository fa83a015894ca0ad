"""Who may take a kind of responsibility at all: by level, by post, and for units by their place in the tree.

No list of posts is kept: a county calls them as it likes, so whoever has a post that today's holders of the
kind have is suitable. What is not known of somebody never excludes, it only ranks behind.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.vocabulary import (
    RESPONSIBILITY_RULES,
    CadreLevel,
    EntityKind,
    ResponsibilityKind,
)

CANDIDATE_COLUMNS = ["kind", "code", "name", "unit_code", "unit_kind", "level", "duty", "fit"]
SURE, UNSURE, UNSUITED = 1.0, 0.5, 0.0
"""Fit of whoever has the level and post of the kind, of whom that is not known, and of anybody else."""

_L = CadreLevel
_ABOVE = (_L.PROVINCE, _L.CITY, _L.COUNTY)
HOLDER_LEVELS: dict[ResponsibilityKind, tuple[CadreLevel, ...]] = {
    ResponsibilityKind.COUNTY_LEADER: (_L.COUNTY,),
    ResponsibilityKind.UNIT_HEAD: (_L.CITY, _L.COUNTY),
    ResponsibilityKind.ORG_CADRE: (_L.COUNTY, _L.TOWNSHIP),
    ResponsibilityKind.STAFF: (*_ABOVE, _L.TOWNSHIP),
    ResponsibilityKind.TEAM_HEAD: (*_ABOVE, _L.TOWNSHIP),
    ResponsibilityKind.RESIDENT_CADRE: (*_ABOVE, _L.TOWNSHIP),
    ResponsibilityKind.TOWNSHIP_CADRE: (_L.TOWNSHIP,),
    ResponsibilityKind.GRID_OFFICER: (_L.TOWNSHIP, _L.VILLAGE),
    ResponsibilityKind.TOWN_LEADER: (*_ABOVE, _L.TOWNSHIP),
    ResponsibilityKind.MENTOR: (_L.TOWNSHIP,),
}
"""Levels of the units that send holders of each kind (S0, S1, S2, S4)."""


def candidates_for(
    kind: ResponsibilityKind,
    cadres: pd.DataFrame,
    units: pd.DataFrame,
    holders: pd.Index,
    *,
    everybody: bool = False,
) -> pd.DataFrame:
    """The cadres or units that suit a kind of responsibility.

    Parameters
    ----------
    cadres, units : frames of these layers
        Those in service on the day.
    holders : Index of str
        Codes of today's holders of the kind: they suit it, and whoever has one of their posts does too.
    everybody : bool
        Whether those who don't suit come too.

    Returns
    -------
    DataFrame
        `CANDIDATE_COLUMNS`, sorted by code. ``fit`` is `SURE`, `UNSURE` or `UNSUITED`. Empty frames give no
        rows.
    """
    if RESPONSIBILITY_RULES[kind].holder is EntityKind.UNIT:
        found = _units(kind, units, holders)
    else:
        found = _cadres(kind, cadres, units, holders)
    if not everybody:
        found = found[found["fit"] > UNSUITED]
    return found.assign(kind=str(kind)).sort_values("code", ignore_index=True)[CANDIDATE_COLUMNS]


def _cadres(
    kind: ResponsibilityKind, cadres: pd.DataFrame, units: pd.DataFrame, holders: pd.Index
) -> pd.DataFrame:
    holds = cadres["code"].isin(holders)
    posts = cadres.loc[holds, "duty"].dropna().unique()
    right_level = cadres["level"].isin([str(level) for level in HOLDER_LEVELS[kind]])
    # Before anybody holds the kind, posts say nothing.
    right_post = cadres["duty"].isin(posts) if len(posts) else cadres["duty"].notna()
    may = (right_level | cadres["level"].isna()) & (right_post | cadres["duty"].isna())
    sure = holds | (right_level & right_post)
    kinds = units.set_index("code")["kind"]
    found = pd.DataFrame(cadres[["code", "name", "unit_code", "level", "duty"]])
    fit = np.select([sure, may], [SURE, UNSURE], UNSUITED)
    return found.assign(unit_kind=found["unit_code"].map(kinds).astype("str"), fit=fit)


def _units(kind: ResponsibilityKind, units: pd.DataFrame, holders: pd.Index) -> pd.DataFrame:
    """Whole units cover areas, their offices cover groups (S4)."""
    whole = units["parent_code"].isna()
    suits = whole if kind is ResponsibilityKind.DEPARTMENT else ~whole
    holds = units["code"].isin(holders)
    found = units[["code", "name", "kind"]].rename(columns={"kind": "unit_kind"})
    fit = np.where(suits | holds, SURE, UNSUITED)
    return found.assign(unit_code=found["code"], level=None, duty=None, fit=fit)
