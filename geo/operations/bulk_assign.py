"""Assignments from a file: read and checked as an import of responsibilities, but planned, not loaded.

An import keeps records as they are, two primaries at once included; what is read here becomes a request,
whose rules never make such an overlap.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_role
from geo.analysis.periods import is_missing
from geo.exchange.known import Known
from geo.exchange.prepare import prepare
from geo.exchange.read import read_source
from geo.exchange.report import Fault, Finding
from geo.frames import LAYERS
from geo.operations.requests import Assignment
from geo.operations.rules_now import rules_on
from geo.operations.terms import unfit_rows
from geo.store.engine import Store
from geo.store.models import Responsibility
from geo.store.subjects import entries_of
from geo.vocabulary import Rank, Role


@dataclass(frozen=True)
class FileAssignments:
    """What a file asks for.

    Attributes
    ----------
    rows : tuple of Assignment
        The faultless rows.
    read : int
        Data rows in the file.
    faults : tuple of Fault
        By row number of the file.
    findings : tuple of Finding
    """

    rows: tuple[Assignment, ...]
    read: int
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]


def assign_from_file(
    store: Store, actor: Actor, path: Path, *, today: date, encoding: str = "auto"
) -> FileAssignments:
    """Read assignments from a CSV or XLSX file; nothing is written.

    Parameters
    ----------
    path : Path
        With the columns of the layer ``responsibilities``; a row's own ``reason`` is passed over.

    Raises
    ------
    PermissionError_
        The actor changes nothing anywhere.
    FileFault
        The file as a whole cannot be used.
    """
    require_role(actor, Role.DEPARTMENT, Role.COORDINATOR)
    layer = LAYERS["responsibilities"]
    wanted = (layer.name, layer.label, Responsibility.__tablename__)
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        source = read_source(path, wanted=wanted, encoding=encoding, folder=Path(folder))
    with store.read() as session:
        known = Known(session, as_of=today)
        ready = prepare(source, layer, known, crs="auto", rules=rules_on(session, today))
        faulty = {fault.row for fault in ready.faults}
        numbers = [int(row) for row in source.table.index if int(row) not in faulty]
        rows = _assignments(ready.frame)
        unfit = _unfit(session, rows)
    late = [Fault(numbers[at], column, "not_allowed", message) for at, column, message in unfit]
    refused = {at for at, _column, _message in unfit}
    return FileAssignments(
        rows=tuple(row for at, row in enumerate(rows) if at not in refused),
        read=ready.read,
        faults=tuple(sorted([*ready.faults, *late], key=lambda fault: (fault.row, fault.column))),
        findings=tuple(ready.findings),
    )


def _assignments(frame: pd.DataFrame) -> list[Assignment]:
    return [
        Assignment(
            row.kind,
            row.holder_code,
            row.target_code,
            row.valid_from,
            str(Rank.PRIMARY) if is_missing(row.rank) else row.rank,
            None if is_missing(row.valid_to) else row.valid_to,
        )
        for row in frame.itertuples(index=False)
    ]


def _unfit(session: Session, rows: Sequence[Assignment]) -> list[tuple[int, str, str]]:
    """Rows whose holder or target is not there in the period: position, column and why."""
    codes = {code for row in rows for code in (row.holder_code, row.target_code)}
    return [(at, "valid_from", str(fault)) for at, fault in unfit_rows(rows, entries_of(session, codes))]
