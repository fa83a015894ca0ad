"""What stands on the ledger of rectifications (挂牌整改台账): the cases of a county or township on a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

import pandas as pd

from geo.i18n import _
from geo.vocabulary import CaseStatus


@dataclass(frozen=True)
class BoardRow:
    """One case, as a row of `geo.answers.rectifications.case_table` has it."""

    code: str
    subject_kind: str
    subject_name: str | None
    village_name: str | None
    township_code: str | None
    township_name: str | None
    cause: str
    round: int
    state: str
    status: str
    listed_on: date
    due_on: date
    closed_on: date | None
    days_left: int | None
    tasks: int
    tasks_done: int
    tasks_overdue: int
    responsible_name: str | None
    leader_name: str | None


@dataclass(frozen=True)
class Board:
    """A whole ledger.

    Attributes
    ----------
    county : str
        Its name.
    as_of : date
        The day of the data.
    filters : str
        What the ledger is narrowed to, in words.
    made_by, made_at
        Account and time as it should be printed.
    sample : bool
        Whether the data are made up.
    rows : tuple of BoardRow
        The most urgent first.
    waiting : mapping of level to count
        How many open cases wait for the county, townships and villages; empty: not said.
    """

    county: str
    as_of: date
    filters: str
    made_by: str
    made_at: datetime
    sample: bool
    rows: tuple[BoardRow, ...]
    waiting: Mapping[str, int]

    @property
    def title(self) -> str:
        """What the ledger of a county is called."""
        return _("{county}挂牌整改台账").format(county=self.county)

    def by_township(self) -> Iterator[tuple[str, list[BoardRow]]]:
        """Name of a township and its cases, by code; those that lie in no township last, under ""."""
        groups: dict[str, list[BoardRow]] = {}
        for row in self.rows:
            groups.setdefault(row.township_code or "", []).append(row)
        for code in sorted(groups, key=lambda code: (code == "", code)):
            yield groups[code][0].township_name or code, groups[code]


def board_rows(table: pd.DataFrame) -> tuple[BoardRow, ...]:
    """The rows of a table of cases, missing values as None; further columns do not matter."""
    names = [one.name for one in fields(BoardRow)]
    plain = pd.DataFrame(table)[names].astype(object)
    return tuple(BoardRow(**row) for row in plain.where(plain.notna(), None).to_dict("records"))


def counted(rows: list[BoardRow] | tuple[BoardRow, ...]) -> dict[str, int]:
    """How many cases there are of each status, by status, in the order of urgency; 0 where there is none."""
    return {status: sum(row.status == status for row in rows) for status in CaseStatus}
