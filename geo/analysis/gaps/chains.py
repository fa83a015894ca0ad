"""Where one of the five levels above a village or a household is missing (domain §3, §4).

One row for each thing that nobody holds, so that no break hides behind another. Which levels there are and
what they must hold is said in `geo.analysis.chain`; households without staff are gaps of their own kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import gap_frame, gap_rule
from geo.analysis.gaps.since import state_since
from geo.analysis.gaps.where import (
    COORDINATOR,
    DEPARTMENT,
    acting,
    at_codes,
    places_of,
    townships_of,
    village_points,
    village_shapes,
)
from geo.analysis.gaps.wording import named, told
from geo.frames import is_among
from geo.i18n import N_, _
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import EntityKind, ResponsibilityKind

_KIND = "chain_broken"
_LEADER, _UNIT = ResponsibilityKind.COUNTY_LEADER, ResponsibilityKind.DEPARTMENT
_OFFICE, _ORG = ResponsibilityKind.SUB_OFFICE, ResponsibilityKind.ORG_CADRE
_WHO = {_LEADER: DEPARTMENT, _UNIT: DEPARTMENT, _OFFICE: COORDINATOR, _ORG: DEPARTMENT}
_THING_COLUMNS = ["code", "name", "village_code", "place"]


@dataclass(frozen=True)
class _Break:
    """Things of one kind at which one level is missing.

    Attributes
    ----------
    level : ResponsibilityKind
    target : EntityKind
    things : DataFrame
        ``code, name, village_code`` and ``place``, the village to show it in.
    fact : str
        Untranslated, with ``{thing}``.
    lacking : str
        What there is none of: ``holders``, or the thing that should be held.
    """

    level: ResponsibilityKind
    target: EntityKind
    things: pd.DataFrame
    fact: str
    lacking: str = "holders"


@gap_rule(_KIND, scope="village", reads=("areas", "branches", "groups", "households", "records", "villages"))
def chain_broken(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Whatever the county leader, the department, the sub-office or the org cadre should hold and nobody
    holds (S4).

    ``aspect`` and ``needs`` are the level. Where the thing itself is missing (a village in no area or without
    a branch, a household in no group) nobody can hold it, and nobody knows since when.
    """
    breaks = (
        _without_leader(evidence),
        _areas_without_unit(evidence),
        _in_no_area(evidence),
        _groups_without_office(evidence),
        _in_no_group(evidence),
        _branches_without_cadre(evidence),
        _without_branch(evidence),
    )
    return pd.concat([_gaps(evidence, some) for some in breaks], ignore_index=True)


def _without_leader(evidence: Evidence) -> _Break:
    """Villages that no county leader covers, neither themselves nor their township."""
    led = set(evidence.held_of(_LEADER)["target_code"])
    codes = evidence.villages["code"].tolist()
    towns = townships_of(evidence, codes)
    covered = [code in led or town in led for code, town in zip(codes, towns, strict=True)]
    fact = N_("{thing} 没有县级领导包联，所在乡镇也没有")
    return _Break(_LEADER, EntityKind.VILLAGE, _villages(evidence, np.array(covered, dtype=bool)), fact)


def _areas_without_unit(evidence: Evidence) -> _Break:
    """Areas that no unit covers, shown in their first village; they lie in it if it is the only one."""
    first = evidence.areas.drop_duplicates("area_code")
    lone = ~is_among(
        first["area_code"], evidence.areas.loc[evidence.areas.duplicated("area_code"), "area_code"]
    )
    areas = pd.DataFrame(
        {
            "code": first["area_code"],
            "name": first["area_name"],
            "village_code": first["village_code"].astype(object).where(lone, None),
            "place": first["village_code"],
        }
    )
    return _Break(_UNIT, EntityKind.AREA, _not_held(evidence, areas, _UNIT), N_("{thing} 没有包片单位"))


def _in_no_area(evidence: Evidence) -> _Break:
    covered = is_among(evidence.villages["code"], evidence.areas["village_code"]).to_numpy()
    fact = N_("{thing} 不在任何片内，没有包片单位")
    return _Break(_UNIT, EntityKind.VILLAGE, _villages(evidence, covered), fact, "areas")


def _groups_without_office(evidence: Evidence) -> _Break:
    groups = _not_held(evidence, _placed(evidence.groups), _OFFICE)
    return _Break(_OFFICE, EntityKind.GROUP, groups, N_("{thing} 没有包组股所"))


def _in_no_group(evidence: Evidence) -> _Break:
    """Households without a group, or with one that is no more, in villages that have groups."""
    lone = np.flatnonzero(places_of(evidence.groups, evidence.households["group_code"]) < 0)
    grouped = is_among(evidence.households["village_code"].iloc[lone], evidence.groups["village_code"])
    rows = evidence.households.iloc[lone[grouped.to_numpy()]]
    # A household goes by its code here: its head's name is personal.
    things = _placed(pd.DataFrame({"code": rows["code"], "name": None, "village_code": rows["village_code"]}))
    fact = N_("{thing} 不属于任何村民小组，没有包组股所")
    return _Break(_OFFICE, EntityKind.HOUSEHOLD, things, fact, "groups")


def _branches_without_cadre(evidence: Evidence) -> _Break:
    rural = _placed(evidence.branches.dropna(subset=["village_code"]))
    return _Break(_ORG, EntityKind.BRANCH, _not_held(evidence, rural, _ORG), N_("{thing} 没有组工干部联系"))


def _without_branch(evidence: Evidence) -> _Break:
    covered = is_among(evidence.villages["code"], evidence.branches["village_code"]).to_numpy()
    fact = N_("{thing} 没有党支部，组工干部无从联系")
    return _Break(_ORG, EntityKind.VILLAGE, _villages(evidence, covered), fact, "branches")


def _villages(evidence: Evidence, covered: npt.NDArray[np.bool_]) -> pd.DataFrame:
    alone = evidence.villages[~covered]
    return _placed(
        pd.DataFrame({"code": alone["code"], "name": alone["name"], "village_code": alone["code"]})
    )


def _placed(things: pd.DataFrame) -> pd.DataFrame:
    return things.assign(place=things["village_code"])[_THING_COLUMNS]


def _not_held(evidence: Evidence, things: pd.DataFrame, level: ResponsibilityKind) -> pd.DataFrame:
    return things[~is_among(things["code"], evidence.held_of(level)["target_code"]).to_numpy()]


def _gaps(evidence: Evidence, found: _Break) -> gpd.GeoDataFrame:
    if found.things.empty:  # as a rule, where only a few villages are looked at again
        return gap_frame()
    codes = found.things["code"].tolist()
    places = found.things["place"].tolist()
    townships = townships_of(evidence, places)
    since = _since(evidence, found, codes)
    things = [named(found.target, *thing) for thing in zip(codes, found.things["name"], strict=True)]
    rows = {
        "kind": _KIND,
        "target_kind": str(found.target),
        "target_code": codes,
        "aspect": str(found.level),
        "village_code": found.things["village_code"],
        "township_code": townships,
        "value": 0,
        "threshold": 1,
        "unit": found.lacking,
        "source": gap_kinds()[_KIND].source,
        "needs": str(found.level),
        "since": since,
        "why": [
            told(_(found.fact).format(thing=thing), day) for thing, day in zip(things, since, strict=True)
        ],
        **acting(_KIND, townships, who=_WHO[found.level]),
    }
    return gap_frame(rows, _geometry(evidence, found.target, codes, places))


def _geometry(
    evidence: Evidence, target: EntityKind, codes: list[str], places: list[str]
) -> npt.NDArray[np.object_]:
    if target is EntityKind.VILLAGE:
        return village_shapes(evidence, places)
    if target is EntityKind.HOUSEHOLD:
        own = evidence.households[is_among(evidence.households["code"], codes).to_numpy()]
        return at_codes(own.set_index("code").geometry, codes)
    return village_points(evidence, places)


def _since(evidence: Evidence, found: _Break, codes: list[str]) -> list[date | None]:
    if found.lacking != "holders":
        return [None] * len(codes)
    begun = evidence.begun_of(found.level)
    if found.level is _LEADER:
        begun = _with_leaders_of_townships(evidence, begun, codes)
    return state_since(begun, codes, evidence.as_of, lambda count: count == 0)


def _with_leaders_of_townships(evidence: Evidence, begun: pd.DataFrame, villages: list[str]) -> pd.DataFrame:
    """The records, and those of townships once more for each of the villages in them."""
    town_of = pd.DataFrame({"town": townships_of(evidence, villages), "village": villages})
    shared = begun.merge(town_of.astype("str"), left_on="target_code", right_on="town")
    return pd.concat([begun, shared.assign(target_code=shared["village"])[begun.columns]])
