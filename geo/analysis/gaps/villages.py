"""Villages that nobody was sent to, and work teams that are too small (domain §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import gap_frame, gap_rule
from geo.analysis.gaps.since import state_since
from geo.analysis.gaps.where import acting, at_codes, townships_of, village_shapes
from geo.analysis.gaps.wording import named, told
from geo.analysis.periods import is_missing
from geo.analysis.staffing import (
    MUST_STAFF_LABELS,
    RESIDENT,
    RESIDENTS_MIN,
    TEAM_KINDS,
    TOWNSHIP,
    people_serving,
)
from geo.frames import is_among
from geo.i18n import _
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import (
    EntityKind,
    ResponsibilityKind,
    VillageLabel,
    label_of,
)

SIZE, NO_TOWNSHIP_CADRE = "size", "township_cadre"
"""Aspects of an understaffed team."""
_READS = ("labels", "records", "villages")


@dataclass(frozen=True)
class _Short:
    """Villages whose team lacks somebody.

    Attributes
    ----------
    codes : list of str
    counts : list of int
        How many different people serve there.
    since : list of (date or None)
    """

    codes: list[str]
    counts: list[int]
    since: list[date | None]


@gap_rule("village_unstaffed", scope="village", reads=_READS)
def village_unstaffed(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Villages that must have a resident cadre and have none (S1).

    Since when is told as far back as today's labels go: what a village was labelled before is not known here.
    """
    least = RESIDENTS_MIN
    borne = _labels(evidence, MUST_STAFF_LABELS)
    short = _short_of(evidence, borne["since"], (RESIDENT,), least)
    facts = [
        _("{village} 是{labels}，没有驻村干部（应不少于 {least} 名）").format(
            village=village, labels=labels, least=least
        )
        for village, labels in zip(
            _named(evidence, short.codes), borne.loc[short.codes, "label"], strict=True
        )
    ]
    measured = {"threshold": least, "source": gap_kinds()["village_unstaffed"].source, "needs": str(RESIDENT)}
    return _village_gaps("village_unstaffed", evidence, short, facts, measured)


@gap_rule("team_understaffed", scope="village", reads=_READS)
def team_understaffed(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Poor villages with a team that is too small, and villages whose team has nobody of the township.

    Two aspects (S2, S0). Everybody who serves the village counts once: resident cadres, township cadres and
    the head of the team.
    """
    small, local = _small_teams(evidence, rules), _without_township_cadre(evidence, rules)
    return pd.concat([small, local], ignore_index=True)


def _small_teams(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    limit = rules["team_cadres_min"]
    poor = _labels(evidence, (VillageLabel.POOR,))
    short = _short_of(evidence, poor["since"], TEAM_KINDS, limit.value)
    facts = [
        _("{village} 是{label}，工作组只有 {count} 名干部（应不少于 {least:g} 名）").format(
            village=village, label=label_of(VillageLabel.POOR), count=count, least=limit.value
        )
        for village, count in zip(_named(evidence, short.codes), short.counts, strict=True)
    ]
    measured = {"threshold": limit.value, "source": limit.source, "needs": str(RESIDENT), "aspect": SIZE}
    return _village_gaps("team_understaffed", evidence, short, facts, measured)


def _without_township_cadre(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    limit = rules["team_township_cadres_min"]
    always = pd.Series(None, index=evidence.villages["code"], dtype=object)
    short = _short_of(evidence, always, (TOWNSHIP,), limit.value)
    facts = [
        _("{village} 的工作组有 {count} 名镇干部（应不少于 {least:g} 名）").format(
            village=village, count=count, least=limit.value
        )
        for village, count in zip(_named(evidence, short.codes), short.counts, strict=True)
    ]
    measured = {"threshold": limit.value, "source": limit.source, "needs": str(TOWNSHIP)}
    return _village_gaps(
        "team_understaffed", evidence, short, facts, {**measured, "aspect": NO_TOWNSHIP_CADRE}
    )


def _labels(evidence: Evidence, wanted: Sequence[VillageLabel]) -> pd.DataFrame:
    """``since`` of the first of the wanted labels of each village, and all of them as text, by village."""
    borne = evidence.labels[evidence.labels["label"].isin([str(label) for label in wanted])]
    texts = {str(label): label_of(label) for label in wanted}
    by_village = borne.assign(label=borne["label"].map(texts)).groupby("village_code", sort=True)
    joined = by_village["label"].agg(_("、").join).astype(object)
    return pd.DataFrame({"label": joined, "since": by_village["since"].agg(_first_day).astype(object)})


def _first_day(days: pd.Series) -> date | None:
    """The earliest of some days; None when one of them is not known: then it has always been so."""
    return None if any(map(is_missing, days)) else min(days)


def _short_of(
    evidence: Evidence, not_before: pd.Series, kinds: Sequence[ResponsibilityKind], least: float
) -> _Short:
    """Which of the villages (the index) have fewer than ``least`` different people of these kinds."""
    held = pd.concat([evidence.held_of(kind) for kind in kinds])
    counts = people_serving(held, kinds).reindex(not_before.index, fill_value=0)
    short = counts[counts < least].sort_index()
    codes = [str(code) for code in short.index]
    begun = pd.concat([evidence.begun_of(kind) for kind in kinds])
    since = state_since(
        begun, codes, evidence.as_of, lambda count: count < least, not_before=not_before[codes].tolist()
    )
    return _Short(codes, short.tolist(), since)


def _named(evidence: Evidence, codes: Sequence[str]) -> list[str]:
    known = evidence.villages[is_among(evidence.villages["code"], codes).to_numpy()]
    names = at_codes(known.set_index("code")["name"], codes)
    return [named(EntityKind.VILLAGE, *village) for village in zip(codes, names, strict=True)]


def _village_gaps(
    kind: str, evidence: Evidence, short: _Short, facts: list[str], measured: dict[str, Any]
) -> gpd.GeoDataFrame:
    townships = townships_of(evidence, short.codes)
    rows = {
        "kind": kind,
        "target_kind": str(EntityKind.VILLAGE),
        "target_code": short.codes,
        "village_code": short.codes,
        "township_code": townships,
        "value": short.counts,
        "unit": "cadres",
        "since": short.since,
        "why": [told(fact, day) for fact, day in zip(facts, short.since, strict=True)],
        **measured,
        **acting(kind, townships),
    }
    return gap_frame(rows, village_shapes(evidence, short.codes))
