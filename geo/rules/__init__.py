"""Dated, sourced thresholds (domain §4, §5)."""

from geo.rules.loader import Rules, Threshold, load_rules

__all__ = ["Rules", "Threshold", "load_rules"]
