"""Which villages come first, and why: the labels of domain §5 with measured value and threshold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd

from geo.analysis.periods import in_force
from geo.frames import require_columns
from geo.i18n import N_, _
from geo.rules import Rules, Threshold
from geo.vocabulary import (
    ATTRIBUTE_LABELS,
    DESIGNATED_LABELS,
    PRIORITY_LABELS,
    VillageLabel,
    label_of,
)

LABEL_COLUMNS = ["village_code", "label", "since", "value", "threshold", "reason"]

_Test = Callable[[pd.Series, float], pd.Series]
_DERIVED: tuple[tuple[VillageLabel, str, str, _Test, str], ...] = (
    (
        VillageLabel.POOR,
        "income_own_yuan",
        "poor_income_own_yuan",
        lambda income, limit: income < limit,
        N_("{year} 年不含补助的集体收入 {value:,.0f} 元，低于 {threshold:,.0f} 元。"),
    ),
    (
        VillageLabel.HOLLOW,
        "income_own_yuan",
        "hollow_income_own_yuan",
        lambda income, limit: income == limit,
        N_("{year} 年不含补助的集体收入为 {value:,.0f} 元。"),
    ),
    (
        VillageLabel.HUNDRED_MILLION,
        "income_total_yuan",
        "hundred_million_income_total_yuan",
        lambda income, limit: income >= limit,
        N_("{year} 年总收入 {value:,.0f} 元，达到 {threshold:,.0f} 元。"),
    ),
)


def village_labels(
    villages: pd.DataFrame, indicators: pd.DataFrame, designations: pd.DataFrame, rules: Rules, *, as_of: date
) -> pd.DataFrame:
    """Every label a village bears on a day, one row a label.

    Parameters
    ----------
    villages : frame of the layer ``villages``
    indicators : frame of the layer ``indicators``
        Of several years the latest completed one before ``as_of`` counts; a village whose income of that
        year is missing gets no derived label.
    designations : DataFrame
        ``village_code, label, valid_from, valid_to, reason``; those not in force on ``as_of`` are left out.

    Returns
    -------
    DataFrame
        ``village_code, label, since, value, threshold, reason``. ``since`` is the first of January after the
        measured year for derived labels, the first day of a designation, and None for attributes.
        ``value`` and ``threshold`` are None where nothing was measured. Empty inputs give no rows.

    Notes
    -----
    Sources: S0, S1, S2, S3 (domain §5); thresholds in ``geo/rules/villages.yaml``.
    """
    require_columns(designations, ["village_code", "label", "valid_from", "valid_to", "reason"])
    rows = [
        *_derived(latest_completed(indicators, as_of), rules),
        *_designated(in_force(designations, as_of)),
        *_attributes(villages),
    ]
    labels = pd.DataFrame(rows, columns=LABEL_COLUMNS).astype({"village_code": "str", "label": "str"})
    known = labels[labels["village_code"].isin(villages["code"])]
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


def _derived(indicators: pd.DataFrame, rules: Rules) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for label, column, rule, test, text in _DERIVED:
        borne = indicators[test(indicators[column], rules[rule].value).fillna(False).astype(bool)]
        rows.extend(
            _measured_row(code, label, int(year), float(value), rules[rule], text)
            for code, year, value in zip(borne["village_code"], borne["year"], borne[column], strict=True)
        )
    return rows


def _measured_row(
    code: str, label: VillageLabel, year: int, value: float, limit: Threshold, text: str
) -> tuple[object, ...]:
    reason = _(text).format(year=year, value=value, threshold=limit.value)
    return code, str(label), date(year + 1, 1, 1), value, limit.value, reason


def _designated(designations: pd.DataFrame) -> list[tuple[object, ...]]:
    allowed = designations[designations["label"].isin([str(label) for label in DESIGNATED_LABELS])]
    # Two overlapping records of one label can only come from files; the earlier one says since when.
    first = allowed.sort_values("valid_from", kind="stable").drop_duplicates(["village_code", "label"])
    return [
        (row.village_code, row.label, row.valid_from, None, None, row.reason)
        for row in first.itertuples(index=False)
    ]


def _attributes(villages: pd.DataFrame) -> list[tuple[object, ...]]:
    return [
        (code, str(label), None, None, None, _("登记为{label}。").format(label=label_of(label)))
        for label in ATTRIBUTE_LABELS
        for code in villages.loc[villages[str(label)].fillna(False).astype(bool), "code"]
    ]
