"""What a county's answers must say on the reference day, counted here from its tables alone.

Nothing of `geo.analysis` is used: thresholds are written out anew from the sources, so that a slip there and
one here would have to agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from seeds.bench import REFERENCE_DAY
from seeds.book import ENTERED_GOALS, Book
from seeds.cases import AS_OF, Cases
from seeds.years import LAST_YEAR, corrected

_POOR_YUAN, _HUNDRED_MILLION_YUAN, _CONTENT_RATIO, _VACANT_MONTHS = 30_000, 100_000_000, 0.6, 3
_DISPUTES_MOST = 2
_PRESSING_DAYS = 15
_GOALS = {"useful_things": 3, "people_trained": 20, "people_placed": 10, "rules_set_up": 3}
_GOAL_COLUMNS = {"reserve_cadres": ("reserve_cadres", 3), "new_members": ("new_members_3y", 3)}
_ENDED = ("closed", "withdrawn")


def expectations(
    frames: dict[str, pd.DataFrame],
    designations: pd.DataFrame,
    corrections: pd.DataFrame,
    cases: Cases,
    book: Book,
) -> dict[str, Any]:
    """The manifest's ``expected``: labels with coverage, suspects, contradictions, work."""
    figures = corrected(frames["indicators"], corrections)
    last = figures[figures["year"] == LAST_YEAR].set_index("village_code")
    labels = _labels(frames["villages"], last, designations)
    income = last["income_own_yuan"]
    known = int(income.notna().sum())
    return {
        "as_of": REFERENCE_DAY,
        "villages_with_income": known,
        "poor_percent": round(100 * len(labels["poor"]) / known, 2),
        "labels": _with_coverage(labels, frames["responsibilities"]),
        "suspects": _suspects(last),
        "contradictions": _contradictions(figures, last, designations, corrections),
        "rectifications": _case_counts(cases),
        "goals": _goal_counts(last, book),
        "checklists": _counted(book.checklists, ["checklist", "item"]),
        "texts": _counted(book.texts, ["kind"]),
        "pictures": _counted(book.pictures, ["use"]),
    }


def _labels(villages: pd.DataFrame, last: pd.DataFrame, designations: pd.DataFrame) -> dict[str, list[str]]:
    own, total = last["income_own_yuan"].astype(float), last["income_total_yuan"].astype(float)
    runs = (designations["valid_from"] <= REFERENCE_DAY) & (
        designations["valid_to"].isna() | (designations["valid_to"] > REFERENCE_DAY)
    )
    decided = designations[runs]
    return {
        "poor": _codes(last.index[own < _POOR_YUAN]),
        "hollow": _codes(last.index[own == 0]),
        "weak": _codes(decided.loc[decided["label"] == "weak", "village_code"]),
        "election_priority": _codes(decided.loc[decided["label"] == "election_priority", "village_code"]),
        "old_revolutionary": _codes(villages.loc[_is_true(villages["old_revolutionary"]), "code"]),
        "ethnic_minority": _codes(villages.loc[_is_true(villages["ethnic_minority"]), "code"]),
        "hundred_million": _codes(last.index[total >= _HUNDRED_MILLION_YUAN]),
    }


def _with_coverage(labels: dict[str, list[str]], held: pd.DataFrame) -> dict[str, Any]:
    """Each label's villages, and how many of them have a resident cadre on the day."""
    runs = [
        kind == "resident_cadre" and start <= AS_OF and (not isinstance(stop, date) or stop > AS_OF)
        for kind, start, stop in zip(held["kind"], held["valid_from"], held["valid_to"], strict=True)
    ]
    staffed = set(held.loc[runs, "target_code"])
    return {
        label: {"count": len(codes), "staffed": len(staffed.intersection(codes)), "codes": codes}
        for label, codes in labels.items()
    }


def _suspects(last: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """Villages that a label could be suspected of, by label and criterion."""
    vacant = [isinstance(day, date) for day in last["secretary_vacant_since"]]
    months = _VACANT_MONTHS
    limit = date(
        AS_OF.year + (AS_OF.month - 1 - months) // 12, (AS_OF.month - 1 - months) % 12 + 1, AS_OF.day
    )
    long_vacant = [isinstance(day, date) and day < limit for day in last["secretary_vacant_since"]]
    rank = last["assessment_rank"]
    towns = last.index.str[:9]
    is_last = (rank == rank.groupby(towns).transform("max")) & (rank.groupby(towns).transform("size") > 1)
    found = {
        "weak": {
            "no_new_member": last["new_members_3y"] == 0,
            "organization_incomplete": ~_is_true(last["organization_complete"]),
            "secretary_vacant": pd.Series(long_vacant, index=last.index),
            "satisfaction_low": last["satisfaction_ratio"] < _CONTENT_RATIO,
            "assessed_last": is_last,
        },
        "election_priority": {
            "secretary_vacant": pd.Series(vacant, index=last.index),
            "disputes_open": last["disputes_open"] > _DISPUTES_MOST,
            "candidate_list_missing": ~_is_true(last["candidate_list_ready"]),
        },
    }
    return {
        label: {name: _codes(last.index[_is_true(held)]) for name, held in criteria.items()}
        for label, criteria in found.items()
    }


def _contradictions(
    figures: pd.DataFrame, last: pd.DataFrame, designations: pd.DataFrame, corrections: pd.DataFrame
) -> dict[str, list[str]]:
    """Poor in one of two years, a label that a correction took away, a designation nothing speaks for."""
    before = (
        figures[figures["year"] == LAST_YEAR - 1].set_index("village_code")["income_own_yuan"].astype(float)
    )
    now = last["income_own_yuan"].astype(float)
    before, known = before.reindex(now.index), now.notna()
    weak = designations.loc[
        (designations["label"] == "weak") & designations["valid_to"].isna(), "village_code"
    ]
    suspected = {code for codes in _suspects(last)["weak"].values() for code in codes}
    return {
        "no_longer_poor": _codes(now.index[(before < _POOR_YUAN) & (now >= _POOR_YUAN) & known]),
        "newly_poor": _codes(now.index[(before >= _POOR_YUAN) & (now < _POOR_YUAN)]),
        "corrected": _codes(corrections["village_code"]),
        "weak_without_suspicion": _codes(set(weak) - suspected),
    }


def _case_counts(cases: Cases) -> dict[str, Any]:
    """Cases on the day by state, status, subject and round; overdue ones by name."""
    found = cases.on(AS_OF)
    late = {
        task.case
        for task in cases.tasks.itertuples()
        if task.due_on < AS_OF and (task.done_on is None or task.done_on > AS_OF)
    }
    status = [
        _status(state, (due - AS_OF).days, code in late)
        for code, state, due in zip(found["code"], found["state"], found["due_on"], strict=True)
    ]
    found = found.assign(status=status)
    return {
        "count": len(found),
        "by_state": _counted(found, ["state"]),
        "by_status": _counted(found, ["status"]),
        "by_subject": _counted(found, ["subject_kind"]),
        "branches_without_village": int(
            ((found["subject_kind"] == "branch") & found["village_code"].isna()).sum()
        ),
        "listed_again": _codes(found.loc[found["round"] > 1, "code"]),
        "overdue": _codes(found.loc[found["status"] == "overdue", "code"]),
        "tasks": len(cases.tasks),
        "evidence": len(cases.evidence),
    }


def _status(state: str, days_left: int, has_late_task: bool) -> str:
    if state in _ENDED:
        return state
    if days_left < 0:
        return "overdue"
    return "pressing" if days_left <= _PRESSING_DAYS or has_late_task else "on_time"


def _goal_counts(last: pd.DataFrame, book: Book) -> dict[str, dict[str, int]]:
    """Of each goal of the last year how many villages have a figure, and how many have reached it."""
    entered = book.goals[book.goals["year"] == LAST_YEAR]
    own = entered[entered["goal"] == "income"].set_index("village_code")["target"]
    income = last["income_own_yuan"].astype(float)
    targets = own.reindex(income.index).astype(float).fillna(_POOR_YUAN)
    counts = {"income": _met(income.notna(), income >= targets)}
    for goal, (column, least) in _GOAL_COLUMNS.items():
        counts[goal] = _met(last[column].notna(), last[column] >= least)
    counts["problems_settled"] = _met(last["disputes_open"].notna(), last["disputes_open"] == 0)
    for goal in ENTERED_GOALS:
        values = entered.loc[entered["goal"] == goal, "value"].astype(float)
        counts[str(goal)] = _met(values.notna(), values >= _GOALS[str(goal)])
    return counts


def _met(measured: pd.Series, met: pd.Series) -> dict[str, int]:
    return {"measured": int(measured.sum()), "met": int(_is_true(met).sum())}


def _is_true(flags: pd.Series) -> pd.Series:
    return flags.fillna(value=False).astype(bool)


def _codes(codes: Iterable[object]) -> list[str]:
    return sorted(str(code) for code in codes)


def _counted(frame: pd.DataFrame, columns: list[str]) -> dict[str, int]:
    sizes = frame.groupby(columns).size()
    return {".".join([key] if isinstance(key, str) else key): int(size) for key, size in sizes.items()}
