"""The faults of a county by kind, in the terms of a sample's manifest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from geo.rules import load_rules
from tests.evidence import evidence_from
from tests.gap_reference import reference_gaps

METRIC = 4547


def current(frame: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Rows whose period holds the day."""
    starts = frame["valid_from"].map(lambda day: day <= as_of)
    ends = frame["valid_to"].map(lambda day: not isinstance(day, date) or day > as_of)
    return frame[starts & ends]


def census(
    frames: dict[str, pd.DataFrame],
    designations: pd.DataFrame,
    as_of: date,
    rectifications: pd.DataFrame | None = None,
) -> dict[str, set[str]]:
    """Codes of everything that is a gap, by kind, found the slow way."""
    evidence = evidence_from(frames, designations, as_of, rectifications=rectifications)
    found = reference_gaps(evidence, load_rules(as_of))
    return by_kind((kind, target, aspect, gap.target_kind) for (kind, target, aspect), gap in found.items())


def by_kind(gaps: Iterable[tuple[str, str, str, str]]) -> dict[str, set[str]]:
    """Codes of gaps told as kind, target, aspect, kind of target; chains as ``chain_broken:level:target``."""
    found: dict[str, set[str]] = {}
    for kind, target, aspect, target_kind in gaps:
        key = f"{kind}:{aspect}:{target_kind}" if kind == "chain_broken" else kind
        found.setdefault(key, set()).add(f"{target}+{aspect}" if kind == "cell_overlap" else target)
    return found


def planted_codes(faults: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The manifest in the census' terms."""
    found: dict[str, set[str]] = {}
    for note in faults:
        key = note["kind"]
        if key == "chain_broken":
            key = f"chain_broken:{note['level']}:{note['target']}"
        codes = set(note["codes"])
        if key == "cell_overlap":
            codes = {"+".join(sorted(pair)) for pair in note["pairs"]}
        found.setdefault(key, set()).update(codes)
    return found
