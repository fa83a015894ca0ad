"""From gaps to tasks: who is wanted for what, and what no assignment can close.

A gap that several people close together is worth its score in equal shares; a person may close shares of
several gaps at once. A gap without any score counts one point, so that it is closed where somebody is free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.analysis.gap_plan.owners import want_of_owners
from geo.analysis.gap_plan.wants import Wants
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.villages import NO_TOWNSHIP_CADRE, SIZE
from geo.analysis.staffing import RESIDENT, TOWNSHIP
from geo.i18n import N_, _
from geo.rules import Rules
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, ResponsibilityKind

LEAST_WEIGHT = 1.0
_UNSTAFFED, _TEAM = "village_unstaffed", "team_understaffed"
_DIRECT = ("cell_unowned", "household_unpaired", "chain_broken")
_OF_OWNERS = ("cell_contested", "owner_inactive", "owner_remote", "owner_overloaded")
_INSTEAD = {
    "land_uncovered": N_("调整责任人不能解决：请在“网格管理”为这块地新设网格，或重画相邻网格。"),
    "cell_overlap": N_("调整责任人不能解决：请在“网格管理”重画其中一个网格。"),
    "household_misplaced": N_("调整责任人不能解决：请核对户的点位，或更正所属网格。"),
    "household_unlocated": N_("调整责任人不能解决：请补登户的点位。"),
}
_FIRST = {
    ResponsibilityKind.DEPARTMENT: N_("请先把该村划入一个片，再确定包片单位。"),
    ResponsibilityKind.SUB_OFFICE: N_("请先登记该户所属的村民小组。"),
    ResponsibilityKind.ORG_CADRE: N_("该村没有党支部，请先建立或登记党支部。"),
}


@dataclass(frozen=True)
class Tasks:
    """What closes some gaps.

    Attributes
    ----------
    wanted : DataFrame `geo.analysis.gap_plan.wants.WANTED_COLUMNS`
        One row for each person wanted.
    ended : DataFrame `geo.analysis.gap_plan.wants.ENDED_COLUMNS`
        Claims that end because somebody else keeps the thing.
    closes : DataFrame ``gap, task, claim, share``
        Which row of ``wanted`` (``task``) or ``ended`` (``claim``) closes how many points of which gap; all
        three by position.
    left : DataFrame ``gap, why``
        Gaps that no assignment closes, and what to do instead.
    barred : frozenset of str
        Holders who are not there any more and take nothing.
    """

    wanted: pd.DataFrame
    ended: pd.DataFrame
    closes: pd.DataFrame
    left: pd.DataFrame
    barred: frozenset[str]


def tasks_of(gaps: pd.DataFrame, evidence: Evidence, rules: Rules) -> Tasks:
    """What would close these gaps.

    Parameters
    ----------
    gaps : DataFrame
        As `geo.analysis.gaps.severity.scored` gives them, of the evidence's day.

    Returns
    -------
    Tasks
        Without gaps nothing is wanted.

    Notes
    -----
    - A cell, household, area, group or branch without a holder wants one; a village a resident cadre or as
      many people as its team lacks (a township cadre counts for both).
    - What is held by somebody who is gone or too far away wants somebody else, each thing.
    - Of what is too much for somebody the fewest things are given away; which ones is left to the plan.
    - Of several officers of one cell the one who is there and bears least keeps it.
    """
    wants = Wants()
    rows = list(gaps.assign(at=range(len(gaps)), weight=gap_weights(gaps)).itertuples(index=False))
    by_kind: dict[str, list[Any]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    _want_of_villages(wants, by_kind)
    for kind in _DIRECT:
        _each(by_kind.get(kind, ()), lambda row: _want_directly(wants, row))
    want_of_owners(wants, by_kind, evidence, rules)
    known = {*_DIRECT, *_OF_OWNERS, _UNSTAFFED, _TEAM}
    other = N_("调整责任人不能解决。")
    for row in rows:
        if row.kind not in known:
            wants.left[row.at] = _(_INSTEAD.get(row.kind, other))
    left = pd.DataFrame(sorted(wants.left.items()), columns=["gap", "why"])
    return Tasks(
        wants.wanted(), wants.ended(), wants.closes(), left.astype({"gap": int}), frozenset(wants.barred)
    )


def gap_weights(gaps: pd.DataFrame) -> pd.Series:
    """What each gap is worth in points."""
    return gaps["score"].astype(float).clip(lower=LEAST_WEIGHT)


def _each(rows: Iterable[Any], do: Callable[[Any], None]) -> None:
    for row in rows:
        do(row)


def _want_directly(wants: Wants, row: Any) -> None:
    """The thing itself wants a holder, if it is one that can be held."""
    kind = ResponsibilityKind(row.needs)
    if EntityKind(row.target_kind) in RESPONSIBILITY_RULES[kind].targets:
        wants.fill(row.needs, row.target_code, row.at, row.weight)
    else:
        wants.left[row.at] = _(_FIRST[kind])


def _want_of_villages(wants: Wants, by_kind: dict[str, list[Any]]) -> None:
    """People for villages: whoever comes to a team counts for all that the village lacks."""
    teams = {(row.target_code, row.aspect): row for row in by_kind.get(_TEAM, ())}
    unstaffed = {row.target_code: row for row in by_kind.get(_UNSTAFFED, ())}
    for village in sorted({code for code, _aspect in teams} | set(unstaffed)):
        local, small = teams.get((village, NO_TOWNSHIP_CADRE)), teams.get((village, SIZE))
        bare = unstaffed.get(village)
        missing_local, missing = _missing(local), _missing(small)
        if local is not None:
            _want_people(wants, local, [(TOWNSHIP, number) for number in range(missing_local)])
        if bare is not None:
            _want_people(wants, bare, [(RESIDENT, 0)])
        if small is not None:
            counted = [(TOWNSHIP, number) for number in range(min(missing_local, missing))]
            counted += [(RESIDENT, number) for number in range(missing - len(counted))]
            _want_people(wants, small, counted)


def _want_people(wants: Wants, row: Any, people: list[tuple[ResponsibilityKind, int]]) -> None:
    village = row.target_code
    for kind, number in people:
        wants.fill(str(kind), village, row.at, row.weight / len(people), number=number, place=village)


def _missing(row: Any) -> int:
    return 0 if row is None else int(row.threshold - row.value)
