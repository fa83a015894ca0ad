"""What is known of one village (村情), ready to be shown and printed: `geo.answers.profile` fills it.

Nobody's household is named in it. Lists are in the order in which they are shown; an empty one says that
nothing is on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd

from geo.i18n import _
from geo.vocabulary import TextKind, label_of


@dataclass(frozen=True)
class YearFigure:
    """One indicator in one year: the village's value and the median of its township; None where unknown."""

    year: int
    value: float | None
    median: float | None


@dataclass(frozen=True)
class Indicator:
    """An indicator over the years.

    Attributes
    ----------
    name : str
        Column of the layer ``indicators``.
    label : str
        Its Chinese heading (untranslated).
    years : tuple of YearFigure
        Oldest first; flags and dates are not indicators of this kind.
    source, reported_on
        Of the latest year.
    """

    name: str
    label: str
    years: tuple[YearFigure, ...]
    source: str = ""
    reported_on: date | None = None


@dataclass(frozen=True)
class LabelLine:
    """A label the village bears (`VillageLabel`), why, and what speaks against it."""

    label: str
    since: date | None
    value: float | None
    threshold: float | None
    reason: str
    document_no: str = ""
    decided_by: str = ""
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True)
class SuspectLine:
    """A label that figures suggest and nobody has decided on, with the reason."""

    label: str
    reason: str


@dataclass(frozen=True)
class LevelLine:
    """One of the five levels: ``state`` held, missing or not_applicable; ``covered`` of ``total``."""

    kind: str
    state: str
    covered: int
    total: int
    holders: tuple[str, ...]


@dataclass(frozen=True)
class MemberLine:
    """Somebody of the work team (`ResponsibilityKind`), with the unit that sent them."""

    kind: str
    code: str
    name: str
    unit: str
    level: str
    since: date
    until: date | None
    """The day after the last one; None: without end."""


PLAN_YEARS = {TextKind.YEARLY_PLAN: 1, TextKind.THREE_YEAR_PLAN: 3}
"""Kinds of which there is a text a year, and how many years it is about."""


def kind_and_year(kind: TextKind, year: int) -> str:
    """A kind with the year or years its text is about: ``年度计划（2026 年）``; year 0: the kind alone."""
    if not year:
        return label_of(kind)
    if kind is TextKind.THREE_YEAR_PLAN:
        last = year + PLAN_YEARS[kind] - 1
        return _("{kind}（{first}—{last} 年）").format(kind=label_of(kind), first=year, last=last)
    return _("{kind}（{year} 年）").format(kind=label_of(kind), year=year)


@dataclass(frozen=True)
class TextLine:
    """A text of the village (`TextKind`); ``year`` is 0 where it has none."""

    kind: str
    year: int
    body: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True)
class Picture:
    """A picture or document on record (`AttachmentUse`); its bytes are asked for by ``code``."""

    code: str
    use: str
    title: str
    taken_on: date | None
    media_type: str
    width: int | None
    height: int | None
    size_bytes: int


@dataclass(frozen=True)
class GoalLine:
    """One of the eight goals in a year: ``is_met`` None where nothing was measured."""

    goal: str
    value: float | None
    target: float
    unit: str
    is_met: bool | None
    note: str = ""


@dataclass(frozen=True)
class ItemLine:
    """An item of a checklist; ``label`` in Chinese (untranslated)."""

    checklist: str
    item: str
    label: str
    done_on: date | None
    note: str = ""


@dataclass(frozen=True)
class CaseLine:
    """A rectification of the village or of one of its branches; states and actions by code."""

    code: str
    subject_kind: str
    subject_name: str
    cause: str
    state: str
    status: str
    round: int
    listed_on: date
    due_on: date
    closed_on: date | None
    days_left: int | None
    tasks: int
    tasks_done: int
    responsible: str
    leader: str


@dataclass(frozen=True)
class VillageMap:
    """What a small map of the village shows, all in EPSG:4490.

    Attributes
    ----------
    village : GeoDataFrame ``code, name, geometry``
        One row.
    neighbours : GeoDataFrame ``code, name, geometry``
        Villages that touch its box.
    cells : GeoDataFrame ``code, name, state, households, geometry``
        ``state`` unowned, owned or contested; ``households`` counted.
    cadres : GeoDataFrame ``code, name, kind, geometry``
        The team's lodgings or desks that lie in the village.
    households : GeoDataFrame ``paired, geometry`` or None
        Without any name or code; None for those who may not see positions.
    """

    village: gpd.GeoDataFrame
    neighbours: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    cadres: gpd.GeoDataFrame
    households: gpd.GeoDataFrame | None


@dataclass(frozen=True)
class VillageProfile:
    """Everything about one village on a day.

    Attributes
    ----------
    kind : str
        ``village`` or ``community``.
    as_of : date
    facts : dict
        ``households, households_due, households_paired, cells, cells_unowned, cells_contested, area_km2``.
    goals_year : int
        The year the goals are about.
    main_problem : str
        Shortcut to the text; "" where none is on record.
    """

    code: str
    name: str
    township_code: str
    township_name: str
    county_name: str
    kind: str
    as_of: date
    known_at: datetime | None
    is_sample: bool
    facts: dict[str, float]
    map: VillageMap
    levels: tuple[LevelLine, ...]
    team: tuple[MemberLine, ...]
    indicators: tuple[Indicator, ...]
    labels: tuple[LabelLine, ...]
    suspects: tuple[SuspectLine, ...]
    texts: tuple[TextLine, ...]
    goals_year: int
    goals: tuple[GoalLine, ...]
    items: tuple[ItemLine, ...]
    cases: tuple[CaseLine, ...]
    pictures: tuple[Picture, ...]

    @property
    def main_problem(self) -> str:
        """The main problem as it is written down; "" where none is."""
        text = self.text_of("main_problem")
        return text.body if text else ""

    def text_of(self, kind: str) -> TextLine | None:
        """The text of a kind: of the latest year that has begun by ``as_of``, else of the first to come."""
        lines = [text for text in self.texts if text.kind == kind]
        begun = [text for text in lines if text.year <= self.as_of.year]
        if begun:
            return max(begun, key=lambda text: text.year)
        return min(lines, key=lambda text: text.year, default=None)
