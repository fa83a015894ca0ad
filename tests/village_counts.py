"""What the answers say of a store's villages, in the shape of a sample's manifest (`seeds.expected`)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from geo.access import Actor
from geo.answers.goals import checklist_progress, goal_progress
from geo.answers.label_trends import label_counts
from geo.answers.priority import contradiction_table, priority_table, suspect_table
from geo.answers.rectifications import case_table
from geo.answers.villages import villages
from geo.store.engine import Store
from geo.vocabulary import Role

DEPARTMENT = Actor("department", Role.DEPARTMENT)


def labels_said(store: Store, as_of: date) -> dict[str, Any]:
    """Of each label the villages of ``minqing villages``, and the counts with coverage by label."""
    document = villages(store, DEPARTMENT, as_of=as_of)
    pairs = [(line["label"], row["code"]) for row in document["villages"] for line in row["labels"]]
    counts = label_counts(store, DEPARTMENT, as_of=as_of)
    whole = counts[counts["township_code"] == ""].set_index("label")
    return {
        label: {
            "count": int(row["villages"]),
            "staffed": int(row["staffed"]),
            "codes": sorted(code for borne, code in pairs if borne == label),
        }
        for label, row in whole.iterrows()
    }


def staffed_in_the_table(store: Store, as_of: date) -> dict[str, int]:
    """Of each label how many villages the table of priority villages calls staffed."""
    table = priority_table(store, DEPARTMENT, as_of=as_of)
    pairs = table.assign(label=table["labels"].str.split(";"))[["label", "staffed"]].explode("label")
    found = pairs[pairs["label"] != ""].groupby("label")["staffed"].sum()
    return {str(label): int(count) for label, count in found.items()}


def suspects_said(store: Store, as_of: date) -> dict[str, dict[str, list[str]]]:
    """Villages by suspected label and criterion; criteria that hold nowhere are left out."""
    table = suspect_table(store, DEPARTMENT, as_of=as_of)
    found: dict[str, dict[str, list[str]]] = {}
    for (label, criterion), rows in table.groupby(["label", "criterion"]):
        found.setdefault(label, {})[criterion] = sorted(rows["village_code"])
    return found


def contradictions_said(store: Store, as_of: date) -> dict[str, list[str]]:
    """What of contradictions the manifest lists."""
    table = contradiction_table(store, DEPARTMENT, as_of=as_of)

    def of(label: str, kind: str) -> list[str]:
        return sorted(table.loc[(table["label"] == label) & (table["kind"] == kind), "village_code"])

    return {
        "no_longer_poor": of("poor", "dropped"),
        "corrected": of("poor", "corrected"),
        "weak_without_suspicion": of("weak", "cleared"),
    }


def cases_said(store: Store, as_of: date) -> dict[str, Any]:
    """Rectifications on the day, counted."""
    table = case_table(store, DEPARTMENT, as_of=as_of)
    branches = table[table["subject_kind"] == "branch"]
    return {
        "count": len(table),
        "by_state": _counted(table["state"]),
        "by_status": _counted(table["status"]),
        "by_subject": _counted(table["subject_kind"]),
        "branches_without_village": int(branches["village_code"].isna().sum()),
        "listed_again": sorted(table.loc[table["round"] > 1, "code"]),
        "overdue": sorted(table.loc[table["status"] == "overdue", "code"]),
        "tasks": int(table["tasks"].sum()),
    }


def goals_said(store: Store, year: int) -> dict[str, dict[str, int]]:
    """Of each goal how many villages were measured and have met it."""
    table = goal_progress(store, DEPARTMENT, year=year)
    whole = table[table["township_code"] == ""].set_index("goal")
    return {
        goal: {"measured": int(row["measured"]), "met": int(row["met"])} for goal, row in whole.iterrows()
    }


def checklists_said(store: Store, as_of: date) -> dict[str, int]:
    """Of each item how many villages have done it; items nobody has done are left out."""
    table = checklist_progress(store, DEPARTMENT, as_of=as_of)
    whole = table[(table["township_code"] == "") & (table["done"] > 0)]
    return {f"{row.checklist}.{row.item}": int(row.done) for row in whole.itertuples()}


def _counted(values: pd.Series) -> dict[str, int]:
    return {str(value): int(count) for value, count in values.value_counts().items()}
