"""Dated decisions on villages: which stood when, who made them, and all that became of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from geo.store.conditions import EVERYWHERE, in_territory, known, valid_on
from geo.store.models import Designation
from geo.store.reading import read_statement
from geo.vocabulary import VillageLabel

_STATED = (
    Designation.village_code,
    Designation.label,
    Designation.cause,
    Designation.valid_from,
    Designation.valid_to,
    Designation.reason,
    Designation.document_no,
    Designation.end_reason,
    Designation.end_document_no,
    Designation.recorded_by,
    Designation.recorded_at,
)
_First = aliased(Designation)
_FIRST_IDS = (
    select(func.min(Designation.id).label("id"))
    .group_by(Designation.village_code, Designation.label, Designation.valid_from)
    .subquery()
)
"""The first record of each decision: an end is another record of the same label from the same day."""


def designations(
    session: Session,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    within: Collection[str] = EVERYWHERE,
) -> pd.DataFrame:
    """Decisions in force on a day (None: in any period), as they stand or stood at ``known_at``.

    Returns
    -------
    DataFrame
        ``village_code, label, cause, valid_from, valid_to, reason, document_no, end_reason, end_document_no,
        recorded_by, recorded_at``, and ``decided_by`` (account that designated, whoever may have ended it).
    """
    statement = _with_decider(select(*_STATED, _First.recorded_by.label("decided_by"))).where(
        valid_on(Designation, as_of),
        known(Designation, known_at),
        in_territory(Designation.village_code, within),
    )
    return read_statement(session, statement.order_by(Designation.id))


def designation_records(session: Session, village_code: str) -> pd.DataFrame:
    """Every record of a village, superseded ones too, in the order in which they were made.

    Returns
    -------
    DataFrame
        Columns of `designations` and ``superseded_at``.
    """
    columns = (*_STATED, _First.recorded_by.label("decided_by"), Designation.superseded_at)
    statement = _with_decider(select(*columns)).where(Designation.village_code == village_code)
    return read_statement(session, statement.order_by(Designation.id))


def first_decisions(session: Session, *, known_at: datetime | None = None) -> dict[str, date]:
    """By label the first day on which any decision was in force; labels nobody decided on are absent."""
    statement = select(Designation.label, func.min(Designation.valid_from))
    told = session.execute(statement.where(known(Designation, known_at)).group_by(Designation.label))
    return {label: first for label, first in told}  # noqa: C416 - rows are no pairs to mypy


def standing_designation(
    session: Session, village_code: str, label: VillageLabel, day: date
) -> Designation | None:
    """The decision that stands and holds on a day; of several, which only files can bring, the earliest."""
    statement = select(Designation).where(
        Designation.village_code == village_code,
        Designation.label == str(label),
        valid_on(Designation, day),
        known(Designation, None),
    )
    return session.scalars(statement.order_by(Designation.valid_from, Designation.id)).first()


def _with_decider(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Join to each record the first one of its decision."""
    same = and_(
        _First.village_code == Designation.village_code,
        _First.label == Designation.label,
        _First.valid_from == Designation.valid_from,
        _First.id.in_(select(_FIRST_IDS.c.id)),
    )
    return statement.join(_First, same)
