"""Rectifications: the board, one case with all that happened, and who has to act next.

A case is seen by whoever may see its village; that of a branch without a village by whoever sees the county.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_read
from geo.analysis.rectification.status import case_status
from geo.analysis.rectification.transitions import OPEN, TRANSITIONS, Level
from geo.answers.rectification_rows import PEOPLE, few_cases, names_of, placed_cases, plain_rows
from geo.answers.scope import readable
from geo.errors import InputError
from geo.exchange.village_profile import CaseLine
from geo.i18n import _
from geo.operations.rectification import possible_steps
from geo.operations.rectification.case import case_named
from geo.operations.rules_now import rules_on
from geo.store.attachments import case_evidence
from geo.store.engine import Store
from geo.store.queries import layer_frame
from geo.store.rectifications import case_events, case_tasks, cases
from geo.vocabulary import CaseState, CaseStatus, label_of

NEXT_DAYS = 30
"""How far ahead the board counts the limits that come."""
NEXT_LEVEL: dict[CaseState, Level] = {
    state: next(step.level for step in TRANSITIONS if state in step.before) for state in OPEN
}
"""Who has to act next on an open case: the level of the first step that the table declares from its state."""

_EVENT_COLUMNS = [
    "action",
    "state",
    "happened_on",
    "recorded_at",
    "recorded_by",
    "role",
    "due_on",
    "responsible_code",
    "leader_code",
    "checker_code",
    "note",
    "document_no",
]
_TASK_COLUMNS = ["number", "title", "owner_code", "starts_on", "due_on", "done_on", "note"]
_LINE_COLUMNS = [
    "code",
    "subject_kind",
    "subject_name",
    "cause",
    "state",
    "status",
    "round",
    "listed_on",
    "due_on",
    "closed_on",
    "days_left",
    "tasks",
    "tasks_done",
]
_BOARD = {
    "overdue": CaseStatus.OVERDUE,
    "pressing": CaseStatus.PRESSING,
    "on_time": CaseStatus.ON_TIME,
    "closed": CaseStatus.CLOSED,
}


def case_table(
    store: Store, actor: Actor, *, as_of: date, township: str = "", known_at: datetime | None = None
) -> gpd.GeoDataFrame:
    """Every case that was listed by a day, as it was then.

    Parameters
    ----------
    township : str
        Only those in this township or village; "" means all that the actor sees.
    known_at : datetime or None
        As far as was recorded by then.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        `geo.answers.rectification_rows.TABLE_COLUMNS` and the village's area; a branch without a village has
        none, and no village or township. Missing values are None, ``days_left`` is Int64 (see
        `case_status`). By status, the overdue first, then by the days that are left, then by code. Empty
        where nothing was listed.

    Raises
    ------
    PermissionError_
        ``township`` lies outside the actor's scope.
    """
    territory = readable(actor, township)
    with store.read() as session:
        listed = cases(session, as_of=as_of, known_at=known_at, within=territory)
        tasks = case_tasks(session, few_cases(listed), known_at=known_at)
        rules = rules_on(session, as_of, known_at=known_at)
        villages = layer_frame(session, "villages", within=territory).set_index("code")
        found = placed_cases(session, case_status(listed, tasks, rules, as_of=as_of), villages)
    rank = {str(status): place for place, status in enumerate(CaseStatus)}
    order = found.assign(urgency=found["status"].map(rank)).sort_values(
        ["urgency", "days_left", "code"], kind="stable"
    )
    return found.loc[order.index].reset_index(drop=True)


def case_lines(
    store: Store, actor: Actor, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> tuple[CaseLine, ...]:
    """The rectifications of a village and of its branches, as a profile shows them; open ones first.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    require_read(actor, village_code)
    table = case_table(store, actor, as_of=as_of, township=village_code, known_at=known_at)
    return tuple(
        CaseLine(
            **{name: row[name] for name in _LINE_COLUMNS},
            responsible=row["responsible_name"] or row["responsible_code"] or "",
            leader=row["leader_name"] or row["leader_code"] or "",
        )
        for row in plain_rows(table)
    )


def case_document(
    store: Store, actor: Actor, code: str, *, as_of: date, known_at: datetime | None = None
) -> dict[str, Any]:
    """Everything about one case as it was on a day.

    Returns
    -------
    dict
        The columns of `case_table` without the geometry; ``as_of, known_at, version, previous_code``;
        ``events``, oldest first; ``tasks``, each with ``evidence``; ``steps``: what the actor can do now,
        each with ``action, label, unmet`` (sentences), none for a day in the past. Days are dates.

    Raises
    ------
    InputError
        There is no such case, or it was not listed by that day.
    PermissionError_
        It is out of the actor's sight.
    """
    with store.read() as session:
        case = case_named(session, code)
        require_read(actor, case.place)
        standing = cases(session, as_of=as_of, known_at=known_at, codes=[code])
        if standing.empty:
            raise InputError(
                _("整改“{code}”在 {day} 尚未挂牌。").format(code=code, day=as_of.isoformat()),
                hint=_("请换一个日期。"),
            )
        tasks = case_tasks(session, [code], known_at=known_at)
        rules = rules_on(session, as_of, known_at=known_at)
        villages = layer_frame(session, "villages", within=(case.place,)).set_index("code")
        found = placed_cases(session, case_status(standing, tasks, rules, as_of=as_of), villages)
        is_present = known_at is None and case.last_on <= as_of
        return {
            "as_of": as_of,
            "known_at": known_at,
            **plain_rows(found.drop(columns="geometry"))[0],
            "version": case.version,
            "previous_code": plain_rows(standing)[0]["previous_code"],
            "events": _events(session, code, as_of, known_at),
            "tasks": _tasks(session, tasks, as_of, known_at),
            "steps": _steps(session, actor, code, as_of) if is_present else [],
        }


def _events(session: Session, code: str, as_of: date, known_at: datetime | None) -> list[dict[str, Any]]:
    events = case_events(session, code, as_of=as_of, known_at=known_at)[_EVENT_COLUMNS]
    people = (*PEOPLE, "checker")
    names = names_of(session, events[[f"{person}_code" for person in people]])
    return [
        row | {f"{person}_name": names.get(row[f"{person}_code"]) for person in people}
        for row in plain_rows(events)
    ]


def _tasks(
    session: Session, tasks: pd.DataFrame, as_of: date, known_at: datetime | None
) -> list[dict[str, Any]]:
    """Tasks with their evidence; what was done or brought later is left out."""
    names = names_of(session, tasks[["owner_code"]])
    brought: dict[int, list[dict[str, Any]]] = {}
    for piece in plain_rows(case_evidence(session, [*tasks["case_code"].unique()])):
        later = known_at is not None and piece["recorded_at"] > known_at
        if not later and (piece["taken_on"] is None or piece["taken_on"] <= as_of):
            brought.setdefault(piece["task_number"], []).append(piece)
    return [
        {
            **row,
            "owner_name": names.get(row["owner_code"]),
            "done_on": row["done_on"] if row["done_on"] and row["done_on"] <= as_of else None,
            "evidence": brought.get(row["number"], []),
        }
        for row in plain_rows(tasks[_TASK_COLUMNS])
    ]


def _steps(session: Session, actor: Actor, code: str, on: date) -> list[dict[str, Any]]:
    return [
        {"action": str(action), "label": label_of(action), "unmet": list(missing)}
        for action, missing in possible_steps(session, actor, code, on=on)
    ]


def board_counts(table: pd.DataFrame) -> pd.DataFrame:
    """The cases of a `case_table` by township, in the order of codes; branches without a village last.

    Returns
    -------
    DataFrame
        ``township_code, name`` ("" for no township), ``open, overdue, pressing, on_time, closed`` and
        ``due_next_30``: open cases whose limit comes within `NEXT_DAYS` days.
    """
    soon = table["days_left"].between(0, NEXT_DAYS).fillna(False).astype(bool)
    flags = {name: table["status"] == str(status) for name, status in _BOARD.items()}
    flags = {"open": flags["overdue"] | flags["pressing"] | flags["on_time"], **flags, "due_next_30": soon}
    town, name = (table[column].fillna("") for column in ("township_code", "township_name"))
    counted = pd.DataFrame(flags).astype(int).groupby([town, name.rename("name")]).sum().reset_index()
    last = counted["township_code"] == ""
    return counted.iloc[last.argsort(kind="stable")].reset_index(drop=True)


def three_levels(table: pd.DataFrame) -> Mapping[str, int]:
    """How many open cases of a `case_table` wait for the county, the townships and the villages."""
    states = table["state"].value_counts()
    waiting = {str(level): 0 for level in Level}
    for state, level in NEXT_LEVEL.items():
        waiting[str(level)] += int(states.get(str(state), 0))
    return waiting
