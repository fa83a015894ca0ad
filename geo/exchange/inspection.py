"""What stands on an inspection list (督查清单): the gaps of each township, for whoever goes there and checks.

No household is named on it: gaps of households are counted by cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from geo.i18n import _


@dataclass(frozen=True)
class InspectionRow:
    """One gap to be checked.

    Attributes
    ----------
    label : str
        The kind of gap by its name.
    target, code : str
        What it is about: name and code; the name is "" where a thing has none.
    village : str
        Name of the village, "" where it lies in no single one.
    value, threshold : float or None
        What was measured and the limit; None where nothing is measured.
    unit : str
        Code of the unit of both, see `geo.rules.units`.
    why : str
        One sentence.
    since : date or None
        First day of the gap; None when nobody knows.
    open_days : int or None
    who : str
        Who should act.
    """

    label: str
    target: str
    code: str
    village: str
    value: float | None
    threshold: float | None
    unit: str
    why: str
    since: date | None
    open_days: int | None
    who: str


@dataclass(frozen=True)
class Share:
    """A coverage ratio of a township; ``ratio`` is None over nothing."""

    name: str
    numerator: float
    denominator: float
    ratio: float | None


@dataclass(frozen=True)
class TownshipPart:
    """The gaps of one township, the heaviest first for each who must act.

    Attributes
    ----------
    code, name : str
        ``code`` is "" for what lies in no township.
    counts : tuple of (str, int)
        How many gaps of each kind of the list there are, by name, in the order of the kinds.
    shares : tuple of Share
    rows : tuple of InspectionRow
        Rows of one who must act stand together.
    """

    code: str
    name: str
    counts: tuple[tuple[str, int], ...]
    shares: tuple[Share, ...]
    rows: tuple[InspectionRow, ...]

    @property
    def total(self) -> int:
        """How many gaps there are: a row of several households counts each."""
        return sum(count for _name, count in self.counts)

    def by_who(self) -> Iterator[tuple[str, list[InspectionRow]]]:
        """Who must act and the rows, one after the other."""
        groups: dict[str, list[InspectionRow]] = {}
        for row in self.rows:
            groups.setdefault(row.who, []).append(row)
        yield from groups.items()


@dataclass(frozen=True)
class InspectionList:
    """A whole list.

    Attributes
    ----------
    county : str
        Its name.
    as_of : date
        The day of the data.
    filters : str
        What the list is narrowed to, in words.
    made_by, made_at
        Account and time as it should be printed.
    sample : bool
        Whether the data are made up.
    parts : tuple of TownshipPart
        Every township looked at, those without a gap too.
    """

    county: str
    as_of: date
    filters: str
    made_by: str
    made_at: datetime
    sample: bool
    parts: tuple[TownshipPart, ...]

    @property
    def kinds(self) -> list[str]:
        """Names of the kinds of gap on the list, in order."""
        return list(dict.fromkeys(name for part in self.parts for name, _count in part.counts))

    @property
    def with_gaps(self) -> list[TownshipPart]:
        """The townships that have something to be checked."""
        return [part for part in self.parts if part.rows]


def title(county: str) -> str:
    """What the list of a county is called."""
    return _("{county}覆盖缺口督查清单").format(county=county)


def chinese_day(day: date) -> str:
    """A day as on official paper: 2026年5月1日."""
    return _("{year}年{month}月{day}日").format(year=day.year, month=day.month, day=day.day)
