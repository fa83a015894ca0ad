"""Checks of a loaded sample against its manifest, for a small county and for the whole sample alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from geo.answers.gaps import gaps
from geo.store.engine import Store
from tests.village_counts import (
    DEPARTMENT,
    cases_said,
    checklists_said,
    contradictions_said,
    goals_said,
    labels_said,
    staffed_in_the_table,
    suspects_said,
)


def require_expected(store: Store, manifest: dict[str, Any]) -> None:
    """Everything that the manifest expects of the answers is what they say."""
    expected = manifest["expected"]
    day = date.fromisoformat(expected["as_of"])
    labels = labels_said(store, day)
    assert labels == expected["labels"]
    assert (
        round(100 * labels["poor"]["count"] / expected["villages_with_income"], 2) == expected["poor_percent"]
    )
    borne = {label: found["staffed"] for label, found in expected["labels"].items() if found["count"]}
    assert staffed_in_the_table(store, day) == borne
    suspects = expected["suspects"]
    held = {label: {name: codes for name, codes in some.items() if codes} for label, some in suspects.items()}
    assert suspects_said(store, day) == {label: some for label, some in held.items() if some}
    said = contradictions_said(store, day)
    assert said == {kind: expected["contradictions"][kind] for kind in said}
    cases = cases_said(store, day)
    assert cases == {name: expected["rectifications"][name] for name in cases}
    assert goals_said(store, day.year - 1) == expected["goals"]
    assert checklists_said(store, day) == expected["checklists"]


def require_overdue(store: Store, manifest: dict[str, Any]) -> None:
    """The gap rule finds exactly the cases that were planted past their day."""
    day = date.fromisoformat(manifest["as_of"])
    found = gaps(store, DEPARTMENT, as_of=day, kinds=["rectification_overdue"])
    pairs = {(gap["target_code"], gap["target_kind"]) for gap in found["gaps"]}
    planted = [note for note in manifest["faults"] if note["kind"] == "rectification_overdue"]
    kind_of = {True: "branch", False: "village"}
    assert pairs == {(code, kind_of[code.startswith("B")]) for note in planted for code in note["codes"]}
