"""Everything about one village on one page (村情): map, people in charge, figures, labels, plans and work."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_read
from geo.analysis.coverage import pairs_hardship_only
from geo.analysis.staffing import TEAM_KINDS
from geo.answers.attachments import pictures
from geo.answers.goals import checklist_lines, goal_lines
from geo.answers.indicators import indicator_lines
from geo.answers.levels import village_levels
from geo.answers.priority import label_lines
from geo.answers.rectifications import case_lines
from geo.answers.village_map import village_map
from geo.answers.village_texts import text_lines
from geo.codes import VILLAGE, township_of
from geo.crs import to_metric
from geo.errors import InputError
from geo.exchange.village_profile import LevelLine, MemberLine, VillageMap, VillageProfile
from geo.i18n import _
from geo.operations.rules_now import rules_on
from geo.store import queries
from geo.store.aggregates import Held, held_over, household_counts, village_parts
from geo.store.engine import Store
from geo.store.facts import get_setting
from geo.store.rows import the_county
from geo.store.subjects import post_of
from geo.vocabulary import EntityKind, ResponsibilityKind

_Parts = Mapping[EntityKind, Sequence[str]]
_TEAM = tuple(map(str, sorted(TEAM_KINDS, key=lambda kind: kind is not ResponsibilityKind.TEAM_HEAD)))
_M2_PER_KM2 = 1e6


def village_profile(
    store: Store, actor: Actor, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> VillageProfile:
    """What is known of a village on a day.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    InputError
        There is no such village.
    """
    require_read(actor, village_code)
    at: dict[str, Any] = {"as_of": as_of, "known_at": known_at}
    with store.read() as session:
        county, village = the_county(session), _village(session, village_code)
        township = township_of(village_code)
        homes = _homes(session, village_code, **at)
        parts = village_parts(session, village_code, **at)
        held = _held_here(session, village_code, parts, **at)
        team = _team_of(held, village_code)
        drawn = village_map(session, actor, village, team, homes, **at)
        here: dict[str, Any] = {
            "township_name": _township_name(session, township),
            "is_sample": get_setting(session, "sample") == "yes",
            "levels": _levels(session, village_code, parts, held, **at),
            "team": tuple(_member(session, one, as_of) for one in team),
        }
    year = as_of.year - 1  # the latest that is complete: what was reached in it can be told
    labels, suspects = label_lines(store, actor, village_code, **at)
    return VillageProfile(
        code=village_code,
        name=str(village["name"].iloc[0]),
        township_code=township,
        county_name=(county.name or "") if county else "",
        kind=str(village["kind"].iloc[0]),
        facts=_facts(village, homes, drawn),
        map=drawn,
        labels=labels,
        suspects=suspects,
        indicators=indicator_lines(store, actor, village_code, **at),
        texts=text_lines(store, actor, village_code, known_at=known_at),
        goals_year=year,
        goals=goal_lines(store, actor, village_code, year=year, known_at=known_at),
        items=checklist_lines(store, actor, village_code, **at),
        cases=case_lines(store, actor, village_code, **at),
        pictures=pictures(store, actor, village_code, **at),
        **here,
        **at,
    )


def _village(session: Session, code: str) -> gpd.GeoDataFrame:
    found = queries.layer_frame(session, "villages", within=(code,))
    if len(found) != 1 or len(code) != VILLAGE:
        raise InputError(_("没有代码为 {code} 的村。").format(code=code))
    return found


def _township_name(session: Session, code: str) -> str:
    names = queries.layer_frame(session, "townships", within=(code,))["name"]
    return str(names.iloc[0]) if len(names) else code


def _homes(session: Session, code: str, *, as_of: date, known_at: datetime | None) -> pd.DataFrame:
    """Households by cell."""
    hardship_only = pairs_hardship_only(rules_on(session, as_of, known_at=known_at))
    return household_counts(
        session, as_of=as_of, known_at=known_at, within=(code,), hardship_only=hardship_only
    )


def _held_here(
    session: Session, code: str, parts: _Parts, *, as_of: date, known_at: datetime | None
) -> list[Held]:
    """Who holds the village, its township and what the village is made of, cells and households left out."""
    targets = {code, township_of(code), *(part for codes in parts.values() for part in codes)}
    return held_over(session, targets, as_of=as_of, known_at=known_at)


def _team_of(held: Collection[Held], code: str) -> list[Held]:
    """The work team, its head first."""
    team = [one for one in held if one.kind in _TEAM and one.target_code == code]
    return sorted(team, key=lambda one: _TEAM.index(one.kind))


def _levels(
    session: Session,
    code: str,
    parts: _Parts,
    held: Collection[Held],
    *,
    as_of: date,
    known_at: datetime | None,
) -> tuple[LevelLine, ...]:
    levels = village_levels(session, code, parts, held, as_of=as_of, known_at=known_at)
    return tuple(
        LevelLine(
            kind=level.kind,
            state=level.state,
            covered=level.covered,
            total=level.total,
            holders=tuple(dict.fromkeys(one.name for one in level.holders)),
        )
        for level in levels
    )


def _member(session: Session, one: Held, as_of: date) -> MemberLine:
    unit, level, _duty = post_of(session, one.holder_code, as_of=as_of) or (None, None, None)
    return MemberLine(
        kind=one.kind,
        code=one.holder_code,
        name=one.holder_name or one.holder_code,
        unit=unit or "",
        level=level or "",
        since=one.valid_from,
        until=one.valid_to,
    )


def _facts(village: gpd.GeoDataFrame, homes: pd.DataFrame, drawn: VillageMap) -> dict[str, float]:
    numbers = homes[["households", "due", "paired"]].sum()
    states = drawn.cells["state"]
    return {
        "households": int(numbers["households"]),
        "households_due": int(numbers["due"]),
        "households_paired": int(numbers["paired"]),
        "cells": len(drawn.cells),
        "cells_unowned": int((states == "unowned").sum()),
        "cells_contested": int((states == "contested").sum()),
        "area_km2": float(to_metric(village).area.sum()) / _M2_PER_KM2,
    }
