"""Dated, sourced thresholds (domain §4, §5)."""

from geo.rules.loader import DatedValue, Rules, Threshold, default_values, load_rules, with_values

__all__ = ["DatedValue", "Rules", "Threshold", "default_values", "load_rules", "with_values"]
