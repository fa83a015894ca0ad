"""Undoing a change: what it recorded is closed, what it closed is recorded again.

Nothing is erased: the undone records stay, superseded by the one who undoes. A record that is put back
belongs again to the change that once made it, so that changes can be undone one after the other, backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import update
from sqlalchemy.orm import Session

from geo.codes import TOWNSHIP, township_of
from geo.crs import STORED_CRS
from geo.errors import ConflictError
from geo.i18n import _
from geo.store.aggregates import places_of
from geo.store.bulk import insert_frame, update_frame
from geo.store.models import GridCell, Household, HouseholdCell, Responsibility
from geo.store.records import SUBJECTS, close_records, records_of
from geo.store.timelines import CELLS, MEMBERSHIPS, Timeline
from geo.store.undo_checks import (
    Part,
    part_of,
    require_free_ground,
    require_living_targets,
    require_no_gone_cell,
    require_no_rival,
    require_one_state_a_day,
    require_unedited,
)


@dataclass(frozen=True)
class Undone:
    """What `undo_batch` did.

    Attributes
    ----------
    closed, restored : dict of int
        Number of records by table; tables without any are left out.
    townships : frozenset of str
        Where; ``""`` for what lies in none.
    """

    closed: dict[str, int]
    restored: dict[str, int]
    townships: frozenset[str]


def undo_batch(session: Session, batch: str, *, now: datetime, user: str, by: str) -> Undone:
    """Take a change back, in all tables of records and in the rows that repeat them.

    Parameters
    ----------
    by : str
        The batch of the undoing itself.

    Raises
    ------
    ConflictError
        There is nothing to undo, it was undone already, or a later change or edit stands on it. The
        transaction must be given up then.
    """
    parts = [part_of(session, model, batch) for model in SUBJECTS]
    if all(part.is_empty for part in parts):
        raise ConflictError(_("这项变更没有可以撤销的记录。"))
    require_unedited(session, parts)
    require_free_ground(session, parts, batch)
    for part in parts:
        close_records(session, part.model, part.made["id"].tolist(), now=now, batch=by)
    require_no_rival(session, parts, batch)
    for part in parts:
        _restore(session, part, now=now, user=user)
    gone = _put_back_cells(session, parts, now=now)
    _put_back_households(session, parts)
    require_no_gone_cell(session, gone)
    require_living_targets(session, parts)
    return Undone(
        closed={part.model.__tablename__: len(part.made) for part in parts if len(part.made)},
        restored={part.model.__tablename__: len(part.closed) for part in parts if len(part.closed)},
        townships=frozenset(_townships(session, parts)),
    )


def _restore(session: Session, part: Part, *, now: datetime, user: str) -> None:
    own = part.closed.drop(columns=["id", "superseded_at", "closed_by"])
    stated = own.assign(recorded_at=now, recorded_by=user)
    insert_frame(session, part.model, stated.assign(current=False) if "current" in own.columns else stated)


def _put_back_cells(session: Session, parts: Sequence[Part], *, now: datetime) -> list[str]:
    """Let the cells' rows say again what their records say; the codes of those whose making is undone."""
    codes, latest = _latest(session, CELLS, parts)
    if not codes:
        return []
    states = latest[["code", "village_code", "name", "valid_from", "valid_to", "recorded_at", "geometry"]]
    update_frame(session, GridCell, gpd.GeoDataFrame(states, geometry="geometry", crs=STORED_CRS))
    gone = sorted(set(codes) - set(latest["code"]))
    if gone:
        ended = update(GridCell).where(GridCell.code.in_(gone))
        session.execute(ended.values(valid_to=GridCell.valid_from, recorded_at=now))
    return gone


def _put_back_households(session: Session, parts: Sequence[Part]) -> None:
    codes, latest = _latest(session, MEMBERSHIPS, parts)
    if codes:
        states = latest[["household_code", "cell_code"]].rename(columns={"household_code": "code"})
        update_frame(session, Household, states)


def _latest(session: Session, timeline: Timeline, parts: Sequence[Part]) -> tuple[list[str], pd.DataFrame]:
    """The things of a timeline that were touched and the last record in force of each, marked as current."""
    codes = sorted(next(part.subjects for part in parts if part.model is timeline.records))
    if not codes:
        return [], pd.DataFrame()
    standing = records_of(session, timeline.records, targets=codes, in_force=True)
    require_one_state_a_day(timeline, standing)
    since = [day.isoformat() if not pd.isna(day) else "" for day in standing["valid_from"]]
    latest = standing.assign(since=since).sort_values("since").drop_duplicates(timeline.subject, keep="last")
    for ids, is_current in ((set(standing["id"]) - set(latest["id"]), False), (set(latest["id"]), True)):
        _mark(session, timeline.records, ids, is_current)
    return codes, latest


def _mark(session: Session, records: Any, ids: set[int], is_current: bool) -> None:
    frame = pd.DataFrame({"id": sorted(ids)}, dtype="Int64")
    update_frame(session, records, frame.assign(current=is_current), key="id")


def _townships(session: Session, parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        for name in ("village_code", "parent_code"):
            if name in part.made.columns:
                yield from (township_of(code) for code in {*part.made[name], *part.closed[name]})
    held = next(part.subjects for part in parts if part.model is Responsibility)
    moved = next(part.subjects for part in parts if part.model is HouseholdCell)
    places = places_of(session, held | moved)
    for code in held | moved:
        if code in places:
            yield from map(township_of, places[code])
        else:
            yield township_of(code) if code.isdigit() and len(code) >= TOWNSHIP else ""
