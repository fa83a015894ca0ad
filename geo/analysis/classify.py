"""Which villages come first, and why: the labels of domain §5 with measured value and threshold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd

from geo.analysis.periods import in_force
from geo.frames import is_among, require_columns
from geo.i18n import N_, _
from geo.rules import RulesOfYear, Threshold
from geo.rules.units import plain_number
from geo.vocabulary import (
    ATTRIBUTE_LABELS,
    DESIGNATED_LABELS,
    PRIORITY_LABELS,
    VillageLabel,
    label_of,
)

LABEL_COLUMNS = [
    "village_code",
    "label",
    "since",
    "value",
    "threshold",
    "reason",
    "year",
    "source",
    "cause",
    "document_no",
    "decided_by",
]
_TYPES = {"village_code": "str", "label": "str", "year": "Int64", "value": "Float64", "threshold": "Float64"}
_OF_DECISIONS = ["cause", "document_no", "decided_by"]

_Test = Callable[[pd.Series, float], pd.Series]
_DERIVED: tuple[tuple[VillageLabel, str, str, _Test, str], ...] = (
    (
        VillageLabel.POOR,
        "income_own_yuan",
        "poor_income_own_yuan",
        lambda income, limit: income < limit,
        N_("{year} 年不含补助的集体收入 {value:,} 元，低于 {threshold:,} 元。"),
    ),
    (
        VillageLabel.HOLLOW,
        "income_own_yuan",
        "hollow_income_own_yuan",
        lambda income, limit: income == limit,
        N_("{year} 年不含补助的集体收入为 {value:,} 元。"),
    ),
    (
        VillageLabel.HUNDRED_MILLION,
        "income_total_yuan",
        "hundred_million_income_total_yuan",
        lambda income, limit: income >= limit,
        N_("{year} 年总收入 {value:,} 元，达到 {threshold:,} 元。"),
    ),
)
FIGURE_OF_LABEL = {str(label): column for label, column, *_rest in _DERIVED}
"""By which figure each derived label is given."""


def village_labels(
    villages: pd.DataFrame,
    indicators: pd.DataFrame,
    designations: pd.DataFrame,
    rules_of_year: RulesOfYear,
    *,
    as_of: date,
) -> pd.DataFrame:
    """Every label a village bears on a day, one row a label.

    Parameters
    ----------
    villages : frame of the layer ``villages``
    indicators : frame of the layer ``indicators``
        Of several years the latest completed one before ``as_of`` counts, for each village its own; one whose
        income of that year is missing gets no derived label.
    designations : DataFrame
        ``village_code, label, valid_from, valid_to, reason``, and if known ``cause, document_no,
        decided_by``; those not in force on ``as_of`` are left out.
    rules_of_year : callable
        The rules by which the figures of a year are judged (`geo.rules.year_rules`); None for a year before
        there were any, whose figures give no label.

    Returns
    -------
    DataFrame
        `LABEL_COLUMNS`. ``since`` is the first of January after the measured year for derived labels, the
        first day of a designation, and None for attributes. ``value, threshold, year`` and ``source`` (of
        the rule) are missing where nothing was measured, ``cause, document_no, decided_by`` where nothing was
        decided. Empty inputs give no rows.

    Notes
    -----
    Sources: S0, S1, S2, S3 (domain §5); thresholds in ``geo/rules/villages.yaml``.
    """
    require_columns(designations, ["village_code", "label", "valid_from", "valid_to", "reason"])
    rows = [
        *derived_labels(latest_completed(indicators, as_of), rules_of_year),
        *_designated(in_force(designations, as_of)),
        *_attributes(villages),
    ]
    labels = pd.DataFrame(rows, columns=LABEL_COLUMNS, dtype=object).astype(_TYPES)
    known = labels[is_among(labels["village_code"], villages["code"])]
    order = {str(label): place for place, label in enumerate(VillageLabel)}
    placed = known.assign(place=known["label"].map(order)).sort_values(
        ["village_code", "place"], kind="stable"
    )
    return placed.drop(columns="place").reset_index(drop=True)


def latest_completed(indicators: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Of each village the row of the latest year that was over before ``as_of``."""
    over = indicators[indicators["year"] < as_of.year].sort_values("year", kind="stable")
    return over.drop_duplicates("village_code", keep="last")


def priority_codes(labels: pd.DataFrame) -> pd.Index:
    """Codes of the villages that must have a resident cadre: weak, poor or election-priority (S1)."""
    priority = labels["label"].isin([str(label) for label in PRIORITY_LABELS])
    return pd.Index(labels.loc[priority, "village_code"].unique())


def derived_labels(figures: pd.DataFrame, rules_of_year: RulesOfYear) -> list[tuple[object, ...]]:
    """What figures alone say, of each row of the layer ``indicators``: rows of `LABEL_COLUMNS`."""
    given = label_tests(figures, rules_of_year)
    rows: list[tuple[object, ...]] = []
    for label, column, rule, _test, text in _DERIVED:
        borne = figures[given[str(label)].fillna(False).astype(bool)]
        for code, year, value in zip(borne["village_code"], borne["year"], borne[column], strict=True):
            rules = rules_of_year(int(year))
            if rules is not None:
                rows.append(_measured_row(code, label, int(year), float(value), rules[rule], text))
    return rows


def label_tests(figures: pd.DataFrame, rules_of_year: RulesOfYear) -> pd.DataFrame:
    """Whether the figures of each row give each derived label, every year judged by its own rules.

    Returns
    -------
    DataFrame
        A ``boolean`` column for each of the derived labels, on the figures' index; missing where the figure
        is not on record, or where there were no rules yet.
    """
    given = pd.DataFrame(pd.NA, index=figures.index, columns=list(FIGURE_OF_LABEL), dtype="boolean")
    for year in figures["year"].unique():
        rules = rules_of_year(int(year))
        if rules is None:
            continue
        of_year = figures["year"] == year
        for label, column, rule, test, _text in _DERIVED:
            given.loc[of_year, str(label)] = test(figures.loc[of_year, column], rules[rule].value)
    return given


def _measured_row(
    code: str, label: VillageLabel, year: int, value: float, limit: Threshold, text: str
) -> tuple[object, ...]:
    reason = _(text).format(year=year, value=plain_number(value), threshold=plain_number(limit.value))
    measured = (date(year + 1, 1, 1), value, limit.value, reason, year, limit.source)
    return code, str(label), *measured, None, None, None


def _designated(designations: pd.DataFrame) -> list[tuple[object, ...]]:
    allowed = designations[designations["label"].isin([str(label) for label in DESIGNATED_LABELS])]
    # Two overlapping records of one label can only come from files; the earlier one says since when.
    first = allowed.sort_values("valid_from", kind="stable").drop_duplicates(["village_code", "label"])
    told = first.reindex(columns=_OF_DECISIONS).astype(object)
    told = told.where(told.notna(), None)
    stated = zip(first["village_code"], first["label"], first["valid_from"], first["reason"], strict=True)
    return [
        (code, label, since, None, None, reason, None, None, *decision)
        for (code, label, since, reason), decision in zip(
            stated, told.itertuples(index=False, name=None), strict=True
        )
    ]


def _attributes(villages: pd.DataFrame) -> list[tuple[object, ...]]:
    nothing = [None] * (len(LABEL_COLUMNS) - LABEL_COLUMNS.index("year"))
    return [
        (code, str(label), None, None, None, _("登记为{label}。").format(label=label_of(label)), *nothing)
        for label in ATTRIBUTE_LABELS
        for code in villages.loc[villages[str(label)].fillna(False).astype(bool), "code"]
    ]
