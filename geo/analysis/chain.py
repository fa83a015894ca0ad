"""The five levels of responsibility above a village or a household, and where they break (domain §3, §4).

A chain is told in *slots*: one row for each thing that some level must hold for a subject.

- county leader: the village itself or its township; one holder of either is enough
- department: the areas the village lies in; one is enough; a village in no area lacks the level
- sub-office: a household's own group, or all groups of a village; not applicable where there are no groups
- org cadre: all branches of the village; a village without a branch lacks the level
- staff: the household, or all households of a village; not applicable to a village without households
"""

from __future__ import annotations

from enum import StrEnum

import pandas as pd

from geo.frames import is_among
from geo.vocabulary import FIVE_LEVELS, ResponsibilityKind

SLOT_COLUMNS = ["subject_code", "kind", "target_code"]
STATE_COLUMNS = ["subject_code", "kind", "state", "covered", "total"]

_ONE_IS_ENOUGH = (ResponsibilityKind.COUNTY_LEADER, ResponsibilityKind.DEPARTMENT)
_FROM_THE_VILLAGE = (*_ONE_IS_ENOUGH, ResponsibilityKind.ORG_CADRE)
_MAY_NOT_EXIST = (ResponsibilityKind.SUB_OFFICE, ResponsibilityKind.STAFF)


class LevelState(StrEnum):
    """Whether one level of a chain is there."""

    HELD = "held"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


def level_state(kind: ResponsibilityKind, *, covered: int, total: int) -> LevelState:
    """State of one level, of whose ``total`` things ``covered`` are held."""
    if total == 0 and kind in _MAY_NOT_EXIST:
        return LevelState.NOT_APPLICABLE
    needed = 1 if kind in _ONE_IS_ENOUGH else max(total, 1)
    return LevelState.HELD if covered >= needed else LevelState.MISSING


def village_slots(
    villages: pd.DataFrame,
    area_villages: pd.DataFrame,
    groups: pd.DataFrame,
    branches: pd.DataFrame,
    households: pd.DataFrame,
) -> pd.DataFrame:
    """What each level must hold for every village.

    Parameters
    ----------
    villages, groups, branches, households : frames of these layers
    area_villages : DataFrame ``area_code, village_code``

    Returns
    -------
    DataFrame ``subject_code, kind, target_code``
    """
    kinds = ResponsibilityKind
    parts = [
        _slots(villages["code"], kinds.COUNTY_LEADER, villages["code"]),
        _slots(villages["code"], kinds.COUNTY_LEADER, villages["township_code"]),
        _slots(area_villages["village_code"], kinds.DEPARTMENT, area_villages["area_code"]),
        _slots(groups["village_code"], kinds.SUB_OFFICE, groups["code"]),
        _slots(branches["village_code"], kinds.ORG_CADRE, branches["code"]),
        _slots(households["village_code"], kinds.STAFF, households["code"]),
    ]
    slots = pd.concat(parts, ignore_index=True)
    return slots[is_among(slots["subject_code"], villages["code"])].reset_index(drop=True)


def household_slots(
    households: pd.DataFrame,
    villages: pd.DataFrame,
    area_villages: pd.DataFrame,
    groups: pd.DataFrame,
    branches: pd.DataFrame,
) -> pd.DataFrame:
    """What each level must hold for every household; frames as for `village_slots`.

    A household without a group in a village that has groups lacks that level (a slot with no target).
    """
    above = village_slots(villages, area_villages, groups, branches, households.iloc[:0])
    inherited = above[above["kind"] != str(ResponsibilityKind.SUB_OFFICE)]
    own = households[["code", "village_code"]].rename(columns={"code": "household_code"})
    joined = own.merge(inherited, left_on="village_code", right_on="subject_code")
    grouped = households[is_among(households["village_code"], groups["village_code"])]
    parts = [
        _slots(joined["household_code"], joined["kind"], joined["target_code"]),
        _slots(grouped["code"], ResponsibilityKind.SUB_OFFICE, grouped["group_code"]),
        _slots(households["code"], ResponsibilityKind.STAFF, households["code"]),
    ]
    return pd.concat(parts, ignore_index=True)


def chain_states(
    subjects: pd.Series,
    slots: pd.DataFrame,
    responsibilities: pd.DataFrame,
    *,
    counted: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """State of the five levels for every subject.

    Parameters
    ----------
    subjects : Series of codes
    slots : frame of `village_slots` or `household_slots`
    responsibilities : frame in force
    counted : DataFrame ``subject_code, kind, covered, total`` or None
        Levels that were counted elsewhere and have no slots here.

    Returns
    -------
    DataFrame
        ``subject_code, kind, state, covered, total``: five rows a subject, from above.
    """
    held = pd.MultiIndex.from_frame(responsibilities[["kind", "target_code"]])
    covered = pd.MultiIndex.from_frame(slots[["kind", "target_code"]]).isin(held)
    judged = slots.assign(covered=covered).groupby(["subject_code", "kind"])["covered"]
    counts = judged.agg(covered="sum", total="size")
    if counted is not None:
        counts = pd.concat([counts, counted.set_index(["subject_code", "kind"])[["covered", "total"]]])
    wanted = pd.MultiIndex.from_product(
        [subjects.to_numpy(), [str(kind) for kind in FIVE_LEVELS]], names=["subject_code", "kind"]
    )
    states = counts.reindex(wanted, fill_value=0).reset_index()
    return states.assign(state=_states(states))[STATE_COLUMNS]


def chain_matrix(states: pd.DataFrame) -> pd.DataFrame:
    """The states of `chain_states` as one row a subject, in the subjects' order.

    Returns
    -------
    DataFrame
        On the subjects' codes, for each level a column with its state, and ``<level>_covered`` and
        ``<level>_of``: how many of its things are held. Where one holder is enough they are 0 or 1 of 1.
    """
    columns: dict[str, pd.Series] = {}
    for kind in FIVE_LEVELS:
        level = states[states["kind"] == str(kind)].set_index("subject_code")
        one_is_enough = kind in _ONE_IS_ENOUGH
        columns[str(kind)] = level["state"].astype(object)
        columns[f"{kind}_covered"] = level["covered"].clip(upper=1) if one_is_enough else level["covered"]
        columns[f"{kind}_of"] = level["total"] * 0 + 1 if one_is_enough else level["total"]
    return pd.DataFrame(columns)


def households_whole(states: pd.DataFrame, homes: pd.DataFrame, responsibilities: pd.DataFrame) -> pd.Series:
    """How many households of each village have all five levels, counted without looking at each of them.

    Parameters
    ----------
    states : frame of `chain_states` for villages
    homes : DataFrame ``village_code, group_code, households, due, paired``
        Households by village and group; those that need not be paired lack no staff.
    responsibilities : frame in force

    Returns
    -------
    Series of int named ``households_whole`` on the subjects' codes
        What `household_slots` and `chain_states` say of the households one by one.
    """
    held = states["state"] == str(LevelState.HELD)
    from_above = states["kind"].isin([str(kind) for kind in _FROM_THE_VILLAGE])
    is_led = (held | ~from_above).groupby(states["subject_code"]).all()
    has_groups = states.loc[
        (states["kind"] == str(ResponsibilityKind.SUB_OFFICE)) & (states["total"] > 0), "subject_code"
    ]
    offices = responsibilities[responsibilities["kind"] == str(ResponsibilityKind.SUB_OFFICE)]
    is_grouped = is_among(homes["group_code"], offices["target_code"])
    counts = is_grouped | ~is_among(homes["village_code"], has_groups)
    whole = (homes["households"] - homes["due"] + homes["paired"]).where(counts, 0)
    by_village = whole.groupby(homes["village_code"].to_numpy(dtype=object)).sum()
    subjects = pd.Index(states["subject_code"].unique())
    found = by_village.reindex(subjects, fill_value=0).where(is_led.reindex(subjects), 0)
    return found.astype(int).rename("households_whole")


def first_missing(states: pd.DataFrame) -> pd.Series:
    """The highest missing level of each subject, on the subjects' codes; None where the chain is whole."""
    missing = states[states["state"] == str(LevelState.MISSING)].drop_duplicates("subject_code")
    found = missing.set_index("subject_code")["kind"].astype(object)
    whole = found.reindex(states["subject_code"].unique())
    return whole.where(whole.notna(), None).rename("first_missing")


def _slots(subject: pd.Series, kind: ResponsibilityKind | pd.Series, target: pd.Series) -> pd.DataFrame:
    named = str(kind) if isinstance(kind, ResponsibilityKind) else kind.to_numpy()
    return pd.DataFrame(
        {"subject_code": subject.to_numpy(), "kind": named, "target_code": target.to_numpy()},
        columns=SLOT_COLUMNS,
    )


def _states(levels: pd.DataFrame) -> pd.Series:
    """`level_state` for whole columns: each distinct kind and count is judged once."""
    keys = levels[["kind", "covered", "total"]]
    distinct = keys.drop_duplicates()
    judged = [
        str(level_state(ResponsibilityKind(kind), covered=int(covered), total=int(total)))
        for kind, covered, total in distinct.itertuples(index=False, name=None)
    ]
    return keys.merge(distinct.assign(state=judged), how="left")["state"]
