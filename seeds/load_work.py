"""Load what was done in the sample's villages, by the operations that people use, in few transactions."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import SYSTEM, Actor
from geo.answers.indicators import indicator_history
from geo.exchange.uploads import Upload, checked_upload
from geo.operations.attachments import attach_in
from geo.operations.goals import GoalEntry, ItemEntry, set_goal_in, tick_item_in
from geo.operations.indicators import correct_indicators
from geo.operations.rectification import Given, Listing, finish_in, list_in, plan_in, step_in
from geo.operations.village_texts import write_text_in
from geo.rules import load_rules
from geo.store.engine import Store
from geo.store.records import lock_writers
from geo.vocabulary import AttachmentUse, Goal, TextKind
from seeds.cases import DEPARTMENT, OFFICE, WORK_TEAM
from seeds.write import BOOK, CASES, CORRECTIONS, PICTURES

Row = dict[str, Any]


def load_corrections(store: Store, folder: Path, *, now: datetime) -> None:
    """Put right the figures that were found wrong after they had been reported."""
    for row in _rows(folder / CORRECTIONS):
        code, year = row["village_code"], int(row["year"])
        known = indicator_history(store, SYSTEM, code)
        correct_indicators(
            store,
            SYSTEM,
            code,
            year,
            {row["column"]: float(row["value"])},
            source=row["source"],
            reported_on=_day(row["reported_on"]),
            reason=row["reason"],
            now=now,
            seen=known.loc[known["year"] == year, "recorded_at"].iloc[0],
        )


def load_work(store: Store, folder: Path, actors: Mapping[str, Actor], *, now: datetime) -> None:
    """Load rectifications, texts, goals, checklists and pictures.

    Parameters
    ----------
    actors : mapping
        The sample's accounts by name: each step is taken by the one that the files name.
    now : datetime
        When all of it is recorded: not before the last day on which something happened.
    """
    uploads = _uploads(folder / PICTURES, now.date())
    with store.write() as session:
        lock_writers(session)
        _load_cases(session, folder, actors, uploads, now)
    with store.write() as session:
        lock_writers(session)
        _load_book(session, folder, actors, uploads, now)


def _uploads(folder: Path, today: date) -> dict[str, Upload]:
    """The pictures, checked and encoded anew as everybody's are."""
    files = sorted(folder.iterdir())
    rules = load_rules(today)
    with ThreadPoolExecutor() as pool:
        made = pool.map(lambda file: checked_upload(file.read_bytes(), rules=rules), files)
        return {file.name: upload for file, upload in zip(files, made, strict=True)}


def _load_cases(
    session: Session, folder: Path, actors: Mapping[str, Actor], uploads: dict[str, Upload], now: datetime
) -> None:
    """Every case from its listing to its last step; work on tasks comes between approval and request."""
    steps, tasks, evidence = (
        _by_case(folder / CASES[name], "case") for name in ("steps", "tasks", "evidence")
    )
    for row in _rows(folder / CASES["cases"]):
        listing = Listing(
            row["subject_kind"],
            row["subject_code"],
            row["cause"],
            listed_on=_day(row["listed_on"]),
            responsible_code=row["responsible_code"],
            note=row["note"],
            leader_code=row["leader_code"],
            document_no=row["document_no"],
        )
        code = list_in(session, actors[DEPARTMENT], listing, now=now)
        for step in steps.get(row["code"], []):
            if step["action"] == "plan":
                plan_in(session, actors[step["user"]], code, now=now)
            _take(session, actors[step["user"]], code, step, now)
            if step["action"] == "approve":
                _work(session, code, tasks[row["code"]], actors, now)
                _prove(session, code, evidence.get(row["code"], []), actors, uploads, now)


def _take(session: Session, actor: Actor, code: str, step: Row, now: datetime) -> None:
    given = Given(
        step["note"],
        step["document_no"],
        step["checker_code"],
        _day(step["due_on"]) if step["due_on"] else None,
        step["responsible_code"],
    )
    step_in(session, actor, code, step["action"], given, on=_day(step["on"]), now=now)


def _work(session: Session, code: str, tasks: list[Row], actors: Mapping[str, Actor], now: datetime) -> None:
    for task in tasks:
        if task["done_on"]:
            actor, number = actors[task["user"]], int(task["number"])
            finish_in(session, actor, code, number, done_on=_day(task["done_on"]), now=now)


def _prove(
    session: Session,
    code: str,
    pieces: list[Row],
    actors: Mapping[str, Actor],
    uploads: dict[str, Upload],
    now: datetime,
) -> None:
    for piece in pieces:
        attach_in(
            session,
            actors[piece["user"]],
            uploads[piece["file"]],
            use=AttachmentUse.EVIDENCE,
            case_code=code,
            task_number=int(piece["number"]),
            title=piece["title"],
            taken_on=_day(piece["taken_on"]),
            now=now,
        )


def _load_book(
    session: Session, folder: Path, actors: Mapping[str, Actor], uploads: dict[str, Upload], now: datetime
) -> None:
    team, office = actors[WORK_TEAM], actors[OFFICE]
    for row in _rows(folder / BOOK["texts"]):
        kind, year = TextKind(row["kind"]), int(row["year"])
        write_text_in(session, team, row["village_code"], kind, row["body"], year=year, now=now)
    for row in _rows(folder / BOOK["goals"]):
        value, target = (float(row[name]) if row[name] else None for name in ("value", "target"))
        entry = GoalEntry(value, target, row["note"] or "")
        set_goal_in(session, team, row["village_code"], int(row["year"]), Goal(row["goal"]), entry, now=now)
    for row in _rows(folder / BOOK["checklists"]):
        place, done_on = (row["village_code"], row["checklist"], row["item"]), _day(row["done_on"])
        tick_item_in(session, office, *place, ItemEntry(done_on), now=now)
    for row in _rows(folder / BOOK["pictures"]):
        attach_in(
            session,
            team,
            uploads[row["file"]],
            use=AttachmentUse(row["use"]),
            village_code=row["village_code"],
            title=row["title"],
            taken_on=_day(row["taken_on"]),
            now=now,
        )


def _rows(path: Path) -> list[Row]:
    """The rows of a table as texts; None where there is nothing."""
    table = pd.read_csv(path, dtype=str).astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in table.where(table.notna(), None).to_dict("records")
    ]


def _by_case(path: Path, name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in _rows(path):
        found.setdefault(row[name], []).append(row)
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text)
