"""Dated, sourced thresholds (domain §4, §5)."""

from geo.rules.loader import (
    DatedValue,
    Rules,
    RulesOfYear,
    Threshold,
    default_values,
    load_rules,
    with_values,
    year_rules,
)

__all__ = [
    "DatedValue",
    "Rules",
    "RulesOfYear",
    "Threshold",
    "default_values",
    "load_rules",
    "with_values",
    "year_rules",
]
