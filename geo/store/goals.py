"""What villages have entered for their goals and checklists: what stands, by village; records by key."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.store.conditions import EVERYWHERE, in_territory, known
from geo.store.models import Village, VillageIndicator
from geo.store.reading import read_statement
from geo.store.village_models import ChecklistEntry, VillageGoal


def goal_entries(
    session: Session,
    year: int,
    *,
    within: Collection[str] = EVERYWHERE,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """What is entered for a year's goals.

    Returns
    -------
    DataFrame
        ``village_code, goal, value, target, note``, by village and goal.
    """
    entry = VillageGoal
    statement = select(entry.village_code, entry.goal, entry.value, entry.target, entry.note).where(
        entry.year == year, in_territory(entry.village_code, within), known(entry, known_at)
    )
    return read_statement(session, statement.order_by(entry.village_code, entry.goal))


def checklist_entries(
    session: Session, *, within: Collection[str] = EVERYWHERE, known_at: datetime | None = None
) -> pd.DataFrame:
    """What is entered for checklists: ``village_code, checklist, item, done_on, note``, by these."""
    entry = ChecklistEntry
    key = (entry.village_code, entry.checklist, entry.item)
    statement = select(*key, entry.done_on, entry.note).where(
        in_territory(entry.village_code, within), known(entry, known_at)
    )
    return read_statement(session, statement.order_by(*key))


def years_on_record(session: Session) -> list[int]:
    """Years for which some village has figures or entered goals, in order."""
    records = (VillageGoal, VillageIndicator)
    found = {
        year
        for record in records
        for year in session.scalars(select(record.year).where(known(record, None)).distinct())
    }
    return sorted(found)


def standing_goal(session: Session, village_code: str, year: int, goal: str) -> VillageGoal | None:
    """The entry that stands for a village's goal in a year; None: nothing is entered."""
    entry = VillageGoal
    statement = select(entry).where(
        entry.village_code == village_code, entry.year == year, entry.goal == goal, known(entry, None)
    )
    return session.scalar(statement)


def standing_item(session: Session, village_code: str, checklist: str, item: str) -> ChecklistEntry | None:
    """The entry that stands for an item of a village's checklist; None: nothing is entered."""
    entry = ChecklistEntry
    statement = select(entry).where(
        entry.village_code == village_code,
        entry.checklist == checklist,
        entry.item == item,
        known(entry, None),
    )
    return session.scalar(statement)


def replace_entry(
    session: Session,
    standing: VillageGoal | ChecklistEntry | None,
    stated: VillageGoal | ChecklistEntry | None,
    *,
    now: datetime,
) -> None:
    """Let an entry stand in place of another, which stays known; None for one of them: there is none."""
    if standing is not None:
        standing.superseded_at = now
        session.flush()  # before another takes its place: only one may stand
    if stated is not None:
        session.add(stated)
    session.flush()


def kind_of_village(session: Session, code: str) -> str | None:
    """Whether a village is a village or a community; None: there is none of this code."""
    return session.scalar(select(Village.kind).where(Village.code == code))
