"""Villages that come first: who bears which label and why, whether all are staffed, and what is in doubt.

How labels spread and change over time is in `geo.answers.label_trends`, and offered here too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.access import Actor, require_read
from geo.analysis.staffing import TEAM_KINDS
from geo.answers.label_trends import label_counts, label_difference, label_years
from geo.answers.labels import LabelBook, read_book
from geo.answers.priority_rows import Serving, priority_rows
from geo.answers.scope import readable
from geo.answers.theme import held_over
from geo.codes import VILLAGE, require_code
from geo.errors import InputError
from geo.exchange.village_profile import LabelLine, SuspectLine
from geo.i18n import _
from geo.operations.rules_now import rules_on
from geo.store import queries
from geo.store.designations import designation_records
from geo.store.engine import Store
from geo.store.rows import village_exists
from geo.store.sending import residents

__all__ = [
    "contradiction_table",
    "designation_history",
    "label_counts",
    "label_difference",
    "label_lines",
    "label_years",
    "priority_table",
    "suspect_table",
]


def priority_table(
    store: Store, actor: Actor, *, as_of: date, township: str = "", known_at: datetime | None = None
) -> gpd.GeoDataFrame:
    """One row for each village that bears a label or is suspected of one.

    Returns
    -------
    GeoDataFrame in EPSG:4490, sorted by code
        Columns of `geo.answers.priority_rows.priority_rows`. Empty for an empty territory.

    Raises
    ------
    PermissionError_
        The township is out of the actor's sight.
    """
    territory = readable(actor, township)
    with store.read() as session:
        book = read_book(session, known_at=known_at, within=territory)
        serving = Serving(
            residents(session, as_of=as_of, known_at=known_at, within=territory),
            held_over(session, book.villages, as_of, TEAM_KINDS, known_at=known_at),
            rules_on(session, as_of, known_at=known_at),
        )
        townships = _township_names(queries.layer_frame(session, "townships"))
    return priority_rows(book, serving, townships, as_of=as_of)


def label_lines(
    store: Store, actor: Actor, village_code: str, *, as_of: date, known_at: datetime | None = None
) -> tuple[tuple[LabelLine, ...], tuple[SuspectLine, ...]]:
    """The labels of a village with what speaks against them, and those it is only suspected of.

    Raises
    ------
    PermissionError_
        The village is out of the actor's sight.
    InputError
        There is no such village.
    """
    day = _village_book(store, actor, village_code, known_at).on(as_of)
    against = day.contradictions
    labels = tuple(
        LabelLine(
            label=row["label"],
            since=row["since"],
            value=_number(row["value"]),
            threshold=_number(row["threshold"]),
            reason=row["reason"],
            document_no=row["document_no"] or "",
            decided_by=row["decided_by"] or "",
            contradictions=tuple(against.loc[against["label"] == row["label"], "text"]),
        )
        for row in day.labels.to_dict("records")
    )
    lines = tuple(
        SuspectLine(label, reason)
        for label, reason in zip(day.undecided["label"], day.undecided["reason"], strict=True)
    )
    return labels, lines


def suspect_table(store: Store, actor: Actor, *, as_of: date, township: str = "") -> pd.DataFrame:
    """Labels that figures suggest, one row a reason.

    Returns
    -------
    DataFrame
        ``village_code, village_name, township_code, township_name``, the other columns of
        `geo.analysis.suspects.SUSPECT_COLUMNS`, and ``designated``: whether somebody has decided so already.
    """
    return _with_names(store, actor, township, lambda book: book.on(as_of).suspects)


def contradiction_table(store: Store, actor: Actor, *, as_of: date, township: str = "") -> pd.DataFrame:
    """What speaks against labels, one row a reason.

    Returns
    -------
    DataFrame
        ``village_code, village_name, township_code, township_name, label, kind, text``; kinds as of
        `geo.analysis.contradictions.label_contradictions`.
    """
    return _with_names(store, actor, township, lambda book: book.on(as_of).contradictions)


def designation_history(store: Store, actor: Actor, village_code: str) -> pd.DataFrame:
    """Every decision ever recorded of a village, ended and superseded ones too, the latest first.

    Returns
    -------
    DataFrame
        ``label, cause, valid_from, valid_to`` (exclusive), ``reason, document_no, end_reason,
        end_document_no, decided_by`` (who designated), ``recorded_by, recorded_at, superseded_at``.

    Raises
    ------
    PermissionError_
        The village is out of the actor's sight.
    """
    require_read(actor, village_code)
    with store.read() as session:
        records = designation_records(session, village_code)
    return records.drop(columns="village_code").iloc[::-1].reset_index(drop=True)


def _village_book(store: Store, actor: Actor, village_code: str, known_at: datetime | None) -> LabelBook:
    require_code(village_code, VILLAGE)
    require_read(actor, village_code)
    with store.read() as session:
        if not village_exists(session, village_code):
            raise InputError(_("没有代码为 {code} 的村。").format(code=village_code))
        return read_book(session, known_at=known_at, within=(village_code,))


def _with_names(
    store: Store, actor: Actor, township: str, asked: Callable[[LabelBook], pd.DataFrame]
) -> pd.DataFrame:
    """The rows of a question about villages, with the names of villages and townships in front."""
    territory = readable(actor, township)
    with store.read() as session:
        book = read_book(session, within=territory)
        townships = _township_names(queries.layer_frame(session, "townships"))
    rows = asked(book)
    villages = book.villages.set_index("code")
    township_codes = rows["village_code"].map(villages["township_code"])
    rows.insert(1, "village_name", rows["village_code"].map(villages["name"]))
    rows.insert(2, "township_code", township_codes)
    rows.insert(3, "township_name", township_codes.map(townships))
    return rows


def _township_names(townships: pd.DataFrame) -> pd.Series:
    return townships.set_index("code")["name"]


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
