"""Labels that figures suggest, one row a reason: the system names suspects, people decide (domain §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
import pandas as pd

from geo.analysis.classify import latest_completed
from geo.codes import TOWNSHIP
from geo.i18n import N_, _
from geo.rules import Rules, RulesOfYear, Threshold
from geo.vocabulary import VillageLabel

SUSPECT_COLUMNS = [
    "village_code",
    "label",
    "criterion",
    "value",
    "threshold",
    "unit",
    "source",
    "reason",
    "year",
]
_TYPES = {"village_code": "str", "label": "str", "value": "Float64", "threshold": "Float64", "year": "Int64"}
_LAST, _RANKED = "last_of_township", "ranked_in_township"


@dataclass(frozen=True)
class Criterion:
    """One thing about a village that suggests a label.

    Attributes
    ----------
    name : str
    label : VillageLabel
    rule : str
        Name of its threshold (`geo/rules/villages.yaml`).
    measure : callable
        Figures and the day to values on their index; missing where nothing is on record.
    holds : callable
        Whether values and the threshold suggest the label.
    text : str
        The reason (untranslated), with ``year, value, threshold, as_of`` and columns of the figures.
    columns : tuple of str
        Columns of the figures the text names.
    is_of_seat : bool
        Whether it is told by the latest word on the secretary's seat (`_latest_of_seat`), not by a year that
        is over.
    """

    name: str
    label: VillageLabel
    rule: str
    measure: Callable[[pd.DataFrame, date], pd.Series]
    holds: Callable[[pd.Series, float], pd.Series]
    text: str
    columns: tuple[str, ...] = ()
    is_of_seat: bool = False


def months_since(day: date, as_of: date) -> float:
    """Months from a day until another, the last one in part, rounded up to a tenth: past three is over 3."""
    whole = (as_of.year - day.year) * 12 + as_of.month - day.month
    if _months_later(day, whole) > as_of:
        whole -= 1
    begun, end = _months_later(day, whole), _months_later(day, whole + 1)
    return whole + ceil((as_of - begun) / (end - begun) * 10) / 10


def _months_later(day: date, months: int) -> date:
    later: date = (pd.Timestamp(day) + pd.DateOffset(months=months)).date()
    return later


def _vacant_months(figures: pd.DataFrame, as_of: date) -> pd.Series:
    since = figures["secretary_vacant_since"]
    months = [
        None if pd.isna(day) or day > as_of else months_since(day, as_of) for day in since.astype(object)
    ]
    return pd.Series(months, index=figures.index, dtype="Float64")


def _figure(name: str) -> Callable[[pd.DataFrame, date], pd.Series]:
    return lambda figures, _as_of: figures[name].astype("Float64")


def _ranked_if_last(figures: pd.DataFrame, _as_of: date) -> pd.Series:
    """How many villages were ranked, of those that came last; 0 of the others that were."""
    ranked = figures[_RANKED].astype("Float64")
    counted: pd.Series = ranked.where(figures[_LAST] | ranked.isna(), 0)
    return counted


def _is_not(values: pd.Series, on: float) -> pd.Series:
    """Whether a flag is off, where the rule has it count at all."""
    return (values == 0) & (on != 0)


_VACANT = N_(
    "按 {year} 年填报，村书记自 {secretary_vacant_since} 起空缺，至 {as_of} 已 {value:g} 个月"
    "（超过 {threshold:g} 个月）。"
)
CRITERIA = (
    Criterion(
        "no_new_member",
        VillageLabel.WEAK,
        "weak_new_members_min",
        _figure("new_members_3y"),
        lambda values, limit: values < limit,
        N_("{year} 年近三年新发展党员 {value:g} 名，少于 {threshold:g} 名。"),
    ),
    Criterion(
        "organization_incomplete",
        VillageLabel.WEAK,
        "weak_organization_incomplete",
        _figure("organization_complete"),
        _is_not,
        N_("{year} 年组织不健全。"),
    ),
    Criterion(
        "secretary_vacant",
        VillageLabel.WEAK,
        "weak_secretary_vacant_months",
        _vacant_months,
        lambda values, limit: values > limit,
        _VACANT,
        ("secretary_vacant_since",),
        is_of_seat=True,
    ),
    Criterion(
        "satisfaction_low",
        VillageLabel.WEAK,
        "weak_satisfaction_min_ratio",
        _figure("satisfaction_ratio"),
        lambda values, limit: values < limit,
        N_("{year} 年群众满意率 {value:.2%}，低于 {threshold:.0%}。"),
    ),
    Criterion(
        "assessed_last",
        VillageLabel.WEAK,
        "weak_last_of_villages",
        _ranked_if_last,
        lambda values, least: (values >= least) & (values > 0),
        N_("{year} 年考核在本乡镇 {value:g} 个村中名列末位（第 {assessment_rank} 名）。"),
        ("assessment_rank",),
    ),
    Criterion(
        "secretary_vacant",
        VillageLabel.ELECTION_PRIORITY,
        "election_secretary_vacant_months",
        _vacant_months,
        lambda values, limit: values > limit,
        _VACANT,
        ("secretary_vacant_since",),
        is_of_seat=True,
    ),
    Criterion(
        "disputes_open",
        VillageLabel.ELECTION_PRIORITY,
        "election_disputes_open_most",
        _figure("disputes_open"),
        lambda values, limit: values > limit,
        N_("{year} 年有 {value:g} 起纠纷未化解（多于 {threshold:g} 起）。"),
    ),
    Criterion(
        "candidate_list_missing",
        VillageLabel.ELECTION_PRIORITY,
        "election_candidate_list_missing",
        _figure("candidate_list_ready"),
        _is_not,
        N_("{year} 年候选名单未备。"),
    ),
)
"""Why a village is suspected of being weak (S0, PUB) or an election priority (local)."""


def village_suspects(indicators: pd.DataFrame, rules_of_year: RulesOfYear, *, as_of: date) -> pd.DataFrame:
    """Labels that the figures suggest on a day, one row a reason, designated or not.

    Parameters
    ----------
    indicators : frame of the layer ``indicators``
        Of all years and of whole townships: who came last is told among all that were ranked in the year.
        Of each village the latest completed year counts; of the secretary's seat also a year that has begun,
        as soon as that year's figures tell of the organization.
    rules_of_year : callable
        As for `geo.analysis.classify.village_labels`: a year's figures are judged by that year's rules.

    Returns
    -------
    DataFrame
        `SUSPECT_COLUMNS`, by village in the order of `CRITERIA`. ``value`` is 0 where a flag is off. What is
        not on record suggests nothing; empty inputs give no rows.
    """
    placed = with_places(indicators)
    rows: list[tuple[object, ...]] = []
    for latest, is_of_seat in (
        (latest_completed(placed, as_of), False),
        (_latest_of_seat(placed, as_of), True),
    ):
        for year, figures in latest.groupby("year", sort=True):
            rules = rules_of_year(int(year))
            if rules is not None:
                rows.extend(_suspected_in(int(year), figures, rules, as_of, is_of_seat=is_of_seat))
    found = pd.DataFrame(rows, columns=[*SUSPECT_COLUMNS, "place"], dtype=object).astype(_TYPES)
    ordered = found.sort_values(["village_code", "place"], kind="stable", ignore_index=True)
    return ordered[SUSPECT_COLUMNS]


def measured_labels(indicators: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """For which villages anything is on record by which a label could be suspected.

    Parameters
    ----------
    indicators : as for `village_suspects`

    Returns
    -------
    DataFrame ``village_code, label, year``
        One row where at least one of the label's criteria is on record in the latest completed year.
    """
    latest = latest_completed(with_places(indicators), as_of)
    parts = []
    for label in dict.fromkeys(criterion.label for criterion in CRITERIA):
        told = [c.measure(latest, as_of).notna() for c in CRITERIA if c.label is label]
        known = latest.loc[np.logical_or.reduce(told), ["village_code", "year"]]
        parts.append(known.assign(label=str(label)))
    return pd.concat(parts, ignore_index=True)[["village_code", "label", "year"]]


def with_places(indicators: pd.DataFrame) -> pd.DataFrame:
    """Indicators with ``ranked_in_township`` and ``last_of_township``: the year's assessment of its township.

    Last are those with the largest rank, if others have a smaller one.
    """
    rank = indicators["assessment_rank"]
    among = [indicators["village_code"].str[:TOWNSHIP].astype(object), indicators["year"]]
    by_township = rank.groupby(among)
    largest, smallest = by_township.transform("max"), by_township.transform("min")
    last = ((rank == largest) & (largest > smallest)).fillna(False).astype(bool)
    ranked = by_township.transform("count").where(rank.notna())
    return indicators.assign(**{_LAST: last, _RANKED: ranked})


def _latest_of_seat(indicators: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Of each village the row that tells last whether the secretary's seat is taken.

    That is the latest completed year's, or the running year's if it says since when the seat is empty, or
    whether the organization is complete: a year of which only other things are reported does not fill a seat.
    """
    tells = indicators["secretary_vacant_since"].notna() | indicators["organization_complete"].notna()
    told = indicators[(indicators["year"] < as_of.year) | (tells & (indicators["year"] == as_of.year))]
    return told.sort_values("year", kind="stable").drop_duplicates("village_code", keep="last")


def _suspected_in(
    year: int, figures: pd.DataFrame, rules: Rules, as_of: date, *, is_of_seat: bool
) -> Iterator[tuple[object, ...]]:
    for place, criterion in enumerate(CRITERIA):
        if criterion.is_of_seat is not is_of_seat:
            continue
        limit = rules[criterion.rule]
        values = criterion.measure(figures, as_of)
        held = criterion.holds(values, limit.value).fillna(False).astype(bool)
        for code, value, named in zip(
            figures.loc[held, "village_code"],
            values[held],
            figures.loc[held, list(criterion.columns)].to_dict("records"),
            strict=True,
        ):
            reason = _(criterion.text).format(
                year=year, value=float(value), threshold=limit.value, as_of=as_of, **named
            )
            yield (code, *_stated(criterion, float(value), limit), reason, year, place)


def _stated(criterion: Criterion, value: float, limit: Threshold) -> tuple[object, ...]:
    return str(criterion.label), criterion.name, value, limit.value, limit.unit, limit.source
