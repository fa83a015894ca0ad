"""Holders who are not there any more, who carry too much, or who are too far away (domain §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.holdings import holder_columns
from geo.analysis.gaps.reach import NEAR_KINDS, distances_m
from geo.analysis.gaps.rule import gap_frame, gap_rule
from geo.analysis.gaps.since import state_since
from geo.analysis.gaps.where import UNIT, at_codes, places_of
from geo.analysis.gaps.wording import named, told
from geo.analysis.periods import is_missing
from geo.analysis.workload import LOAD_COLUMNS, holder_loads, limits, load_thresholds
from geo.i18n import N_, _
from geo.rules import Rules, Threshold
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, Rank, ResponsibilityKind, label_of

_OFFICER, _STAFF = ResponsibilityKind.GRID_OFFICER, ResponsibilityKind.STAFF
_RESIDENT = ResponsibilityKind.RESIDENT_CADRE
_PLACES = ("areas", "branches", "cadres", "cells", "groups", "households", "records", "townships", "villages")
_LOADS = {
    "cells": N_("{holder} 主责 {value} 个网格（上限 {limit} 个）"),
    "households": N_("{holder} 主责的网格内有 {value} 户（上限 {limit} 户）"),
    "paired": N_("{holder} 结对 {value} 户（上限 {limit} 户）"),
}
_KM = 1000


@gap_rule("owner_overloaded", scope="holder", reads=_PLACES)
def owner_overloaded(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Holders who answer first for more cells, households in cells or paired households than they should.

    One aspect a limit; `geo.analysis.workload` says what counts. Since when is told by the holder's own
    records, with as many households in each cell as there are today.
    """
    most = limits(rules)
    rows = _candidates(evidence, most["paired"])
    homes = {str(cell): int(count) for cell, count in evidence.households_by_cell.items()}
    loads = holder_loads(rows, homes, rows["holder_code"].unique())
    found = [
        _too_much(evidence, rules, aspect, loads.loc[loads[aspect] > most[aspect], aspect], homes)
        for aspect in LOAD_COLUMNS
    ]
    return _gaps("owner_overloaded", evidence, pd.concat(found))


def _candidates(evidence: Evidence, most_paired: int) -> pd.DataFrame:
    """What officers hold, and staff with more records than the limit: nobody else can carry too much."""
    staff = evidence.held_of(_STAFF)
    counts = staff["holder_code"].value_counts()
    busy = staff["holder_code"].isin(counts.index[counts > most_paired])
    return pd.concat([evidence.held_of(_OFFICER), staff[busy.to_numpy()]])


def _too_much(
    evidence: Evidence, rules: Rules, aspect: str, loads: pd.Series, homes: dict[str, int]
) -> pd.DataFrame:
    codes, values = [str(code) for code in loads.index], [int(load) for load in loads]
    limit = load_thresholds(rules)[aspect]
    begun = _of_holders(evidence.begun_of(_STAFF if aspect == "paired" else _OFFICER), codes)
    since = state_since(
        begun[(begun["rank"] != str(Rank.ASSISTANT)).to_numpy()],
        codes,
        evidence.as_of,
        lambda count: count > limit.value,
        subject="holder_code",
        counted="target_code",
        weights=homes if aspect == "households" else None,
    )
    facts = [
        _(_LOADS[aspect]).format(holder=holder, value=value, limit=int(limit.value))
        for holder, value in zip(_named(evidence, codes), values, strict=True)
    ]
    return _found(codes, facts, since, limit, value=values, aspect=aspect)


@gap_rule("owner_remote", scope="holder", reads=_PLACES)
def owner_remote(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Cadres whose own point is farther than the limit from something that they hold and must be near to.

    Which kinds these are is said in `geo.analysis.gaps.reach`. Since they have held something so far away,
    by today's places: when somebody moved house is not known.
    """
    limit = rules["holder_remote_km"]
    beyond_m = limit.value * _KM
    far = pd.concat([_far(evidence, kind, evidence.held_of(kind), beyond_m) for kind in NEAR_KINDS])
    farthest = far.sort_values(["holder_code", "distance_m"]).drop_duplicates("holder_code", keep="last")
    codes = farthest["holder_code"].tolist()
    begun = [
        _far(evidence, kind, _of_holders(evidence.begun_of(kind), codes), beyond_m) for kind in NEAR_KINDS
    ]
    since = state_since(
        pd.concat(begun),
        codes,
        evidence.as_of,
        lambda count: count > 0,
        subject="holder_code",
        counted="target_code",
    )
    values = (farthest["distance_m"] / _KM).round(1).tolist()
    counts = far.drop_duplicates(["holder_code", "target_code"])["holder_code"].value_counts()
    fact = _("{holder} 离所负责的{thing}最远 {value} 公里（上限 {limit:g} 公里），超过上限的有 {count} 处")
    told_of = zip(
        _named(evidence, codes),
        farthest["thing"],
        values,
        counts[codes],
        strict=True,
    )
    facts = [
        fact.format(holder=holder, thing=thing, value=value, limit=limit.value, count=count)
        for holder, thing, value, count in told_of
    ]
    return _gaps("owner_remote", evidence, _found(codes, facts, since, limit, value=values))


def _far(
    evidence: Evidence, kind: ResponsibilityKind, records: pd.DataFrame, beyond_m: float
) -> pd.DataFrame:
    """The records whose target is farther than that, with ``distance_m`` and ``thing``, what it is."""
    distance = distances_m(evidence, kind, records, beyond_m=beyond_m)
    far = distance > beyond_m
    return records[far].assign(distance_m=distance[far], thing=label_of(NEAR_KINDS[kind]))


@gap_rule("owner_inactive", scope="holder", reads=(*_PLACES, "units"))
def owner_inactive(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Holders who are not there any more and still hold something (local).

    Aspect ``left``: a cadre or unit that is not in the register on the day; nobody knows since when. Aspect
    ``term``: a resident cadre whose last term is over, for what it took on before that. Leave is not kept:
    who is away for a while is not told from who is there.
    """
    left, over = _left(evidence), _over(evidence)
    parts = [
        _inactive(evidence, left, "left", N_("{holder} 已不在名册中，名下仍有 {count} 项责任（{kinds}）")),
        _inactive(evidence, over, "term", N_("{holder} 驻村任期已满，名下仍有 {count} 项责任（{kinds}）")),
    ]
    return _with_units(_gaps("owner_inactive", evidence, pd.concat(parts)), evidence)


def _left(evidence: Evidence) -> pd.DataFrame:
    """What holders hold who are not in the register, with the day since when: not known."""
    registers = {EntityKind.CADRE: evidence.cadres, EntityKind.UNIT: evidence.units}
    parts = [evidence.held.iloc[:0]]
    for kind, rule in RESPONSIBILITY_RULES.items():
        held = evidence.held_of(kind)
        gone = places_of(registers[rule.holder], held["holder_code"]) < 0
        parts.append(held[gone])
    return pd.concat(parts).assign(since=None)


def _over(evidence: Evidence) -> pd.DataFrame:
    """What former resident cadres took on before the end of their last term, with that day."""
    begun, held = evidence.begun_of(_RESIDENT), evidence.held
    days = zip(begun["valid_from"], begun["valid_to"], strict=True)
    terms = [not is_missing(end) and (is_missing(start) or start < end) for start, end in days]
    goes_on = begun["holder_code"].isin(evidence.held_of(_RESIDENT)["holder_code"]).to_numpy()
    former = begun[np.array(terms, dtype=bool) & ~goes_on]
    former = former[places_of(evidence.cadres, former["holder_code"]) >= 0]
    ended = {code: max(days) for code, days in former.groupby("holder_code")["valid_to"]}
    theirs = _of_holders(held, sorted(ended))
    theirs = theirs.assign(since=theirs["holder_code"].map(ended).astype(object))
    before = [
        is_missing(start) or start < end
        for start, end in zip(theirs["valid_from"], theirs["since"], strict=True)
    ]
    return theirs[np.array(before, dtype=bool)]


def _inactive(evidence: Evidence, held: pd.DataFrame, aspect: str, fact: str) -> pd.DataFrame:
    things = held.drop_duplicates(["holder_code", "kind", "target_code"]).sort_values("holder_code")
    by_holder = things.groupby("holder_code")
    first = by_holder[["kind", "since"]].first()
    codes = [str(code) for code in first.index]
    entities = [RESPONSIBILITY_RULES[ResponsibilityKind(kind)].holder for kind in first["kind"]]
    counts, kinds = by_holder.size().tolist(), by_holder["kind"].agg(_labels).tolist()
    since = [None if is_missing(day) else day for day in first["since"]]
    facts = [
        _(fact).format(holder=holder, count=count, kinds=labels)
        for holder, count, labels in zip(_named(evidence, codes, entities), counts, kinds, strict=True)
    ]
    return _found(codes, facts, since, None, value=counts, aspect=aspect).assign(
        target_kind=[str(entity) for entity in entities]
    )


def _with_units(gaps: gpd.GeoDataFrame, evidence: Evidence) -> gpd.GeoDataFrame:
    """The holder's own unit acts, where it is known."""
    own = evidence.cadres[evidence.cadres["unit_code"].isin(evidence.units["code"]).to_numpy()]
    units = at_codes(own.set_index("code")["unit_code"], gaps["target_code"].tolist())
    known = np.array([unit is not None for unit in units], dtype=bool)
    gaps.loc[known, "who_kind"] = UNIT
    gaps.loc[known, "who_code"] = units[known]
    return gaps


def _labels(kinds: pd.Series) -> str:
    """The labels of some kinds of responsibility, each once, in the order of the vocabulary."""
    borne = set(kinds)
    return _("、").join(label_of(kind) for kind in ResponsibilityKind if str(kind) in borne)


def _of_holders(records: pd.DataFrame, holders: Sequence[str]) -> pd.DataFrame:
    return records[records["holder_code"].isin(holders).to_numpy()]


def _named(evidence: Evidence, codes: Sequence[str], entities: Sequence[EntityKind] = ()) -> list[str]:
    """Holders (cadres unless said) by name; of those who are not in the register only the code is known."""
    kinds = entities or [EntityKind.CADRE] * len(codes)
    cadres = evidence.cadres[evidence.cadres["code"].isin(codes).to_numpy()]
    names = at_codes(cadres.set_index("code")["name"], codes)
    return [named(*holder) for holder in zip(kinds, codes, names, strict=True)]


def _found(
    codes: Sequence[str],
    facts: Sequence[str],
    since: Sequence[date | None],
    limit: Threshold | None,
    *,
    value: Sequence[float],
    aspect: str = "",
) -> pd.DataFrame:
    """What was found of cadres: columns of gaps, one row each. Without a limit nothing may be held at all."""
    columns = {
        "target_code": codes,
        "target_kind": str(EntityKind.CADRE),
        "aspect": aspect,
        "value": value,
        "threshold": limit.value if limit else 0,
        "unit": limit.unit if limit else "responsibilities",
        "source": limit.source if limit else gap_kinds()["owner_inactive"].source,
        "since": since,
        "why": [told(fact, day) for fact, day in zip(facts, since, strict=True)],
    }
    return pd.DataFrame(columns).astype(object)


def _gaps(kind: str, evidence: Evidence, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """What was found, with where it is and who acts."""
    if found.empty:  # as a rule, where only a few holders are looked at again
        return gap_frame()
    codes = found["target_code"].tolist()
    places, geometry = holder_columns(evidence, kind, codes, _of_holders(evidence.held, codes))
    measured = {str(name): column.tolist() for name, column in found.items()}
    return gap_frame({"kind": kind, **measured, **places}, geometry)
