"""Writing a plan: the records of one batch, the versions of what it touches, one audit row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.periods import is_missing
from geo.operations.plan import RECORD_COLUMNS, CellChange, Plan, has_rows
from geo.store.audit import record
from geo.store.cell_records import (
    create_cells,
    move_households,
    record_lineage,
    reshape_cells,
    retire_cells,
)
from geo.store.models import Responsibility
from geo.store.records import add_records, close_records
from geo.store.versions import bump


def apply_plan(
    session: Session, actor: Actor, plan: Plan, *, now: datetime, batch: str, user: str | None = None
) -> None:
    """Write a plan as records of one batch, count the versions of what it touches and audit it.

    The caller has taken the writers' lock (`geo.store.records.lock_writers`) before making the plan.

    Parameters
    ----------
    actor : Actor
        Who does it, for the audit.
    user : str or None
        In whose name the records are kept, where that is somebody else (a change that was approved).
    """
    stated: dict[str, Any] = {"now": now, "user": user or actor.user, "batch": batch}
    if not plan.closed.empty:
        close_records(session, Responsibility, plan.closed["id"].tolist(), now=now, batch=batch)
    if plan.cells is not None:
        _apply_cells(session, plan.cells, stated)
    if plan.moves is not None and not plan.moves.empty:
        move_households(session, plan.moves, on=plan.on, **stated)
    if not plan.opened.empty:
        add_records(session, Responsibility, plan.opened[RECORD_COLUMNS], **stated)
    for layer in _layers(plan):
        bump(session, layer, plan.townships)
    record(
        session,
        actor,
        plan.action,
        now=now,
        subject=batch,
        before=_before(plan),
        after=_after(plan, stated["user"]),
        reason=plan.reason,
    )


def _apply_cells(session: Session, change: CellChange, stated: Mapping[str, Any]) -> None:
    """New cells first: what is moved into them must find them."""
    if has_rows(change.created):
        create_cells(session, change.created, on=change.on, **stated)
    if has_rows(change.reshaped):
        reshape_cells(session, change.reshaped, on=change.on, **stated)
    if change.retired:
        retire_cells(session, list(change.retired), on=change.on, **stated)
    if has_rows(change.lineage):
        record_lineage(session, change.lineage, event=change.event, on=change.on, **stated)


def _layers(plan: Plan) -> list[str]:
    touched = {
        "responsibilities": len(plan.closed) or len(plan.opened),
        "cells": plan.cells is not None,
        "households": has_rows(plan.moves),
    }
    return [layer for layer, is_touched in touched.items() if is_touched]


def _before(plan: Plan) -> dict[str, Any]:
    said: dict[str, Any] = {"records": _references(plan.closed)}
    if plan.cells is not None:
        said["cells"] = sorted({*plan.cells.retired, *_codes(plan.cells.reshaped)})
    return said


def _after(plan: Plan, user: str) -> dict[str, Any]:
    said: dict[str, Any] = {"records": _references(plan.opened), "summary": plan.summary, "for": user}
    if plan.cells is not None:
        said["cells"] = sorted({*_codes(plan.cells.created), *_codes(plan.cells.reshaped)})
    if plan.moves is not None:
        said["households_moved"] = len(plan.moves)
    return said


def _codes(frame: pd.DataFrame | None) -> list[str]:
    return [] if frame is None else frame["code"].tolist()


def _references(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Records as codes and days: nothing personal goes into the audit (domain §9)."""
    shown = [name for name in ("id", *RECORD_COLUMNS) if name in frame.columns and name != "reason"]
    rows = zip(*(frame[name].tolist() for name in shown), strict=True)
    return [
        {name: None if is_missing(value) else value for name, value in zip(shown, row, strict=True)}
        for row in rows
    ]
