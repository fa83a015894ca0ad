"""Dated, sourced thresholds (domain §4, §5)."""

from geo.rules.loader import DatedValue, Rules, Threshold, load_rules, with_values

__all__ = ["DatedValue", "Rules", "Threshold", "load_rules", "with_values"]
