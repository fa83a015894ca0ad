"""Villages with the labels they bear on a day, and what figures say of them, read from the store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import pandas as pd
from sqlalchemy.orm import Session

from geo.analysis.classify import village_labels
from geo.analysis.contradictions import label_contradictions
from geo.analysis.periods import in_force
from geo.analysis.suspects import village_suspects
from geo.codes import TOWNSHIP
from geo.frames import is_among, joined_texts
from geo.operations.rules_now import rules_of_years
from geo.rules import RulesOfYear
from geo.store import queries
from geo.store.first_figures import first_figures
from geo.vocabulary import VillageLabel

_KEYS = ["village_code", "label"]


@dataclass(frozen=True)
class LabelBook:
    """All that labels of any day are made of, read once for a territory as it was known at a moment.

    Attributes
    ----------
    villages : frame of the layer ``villages``
    indicators : frame of the layer ``indicators``
        Of all years, and of whole townships: who came last is told among all villages.
    first_recorded : frame of the layer ``indicators``
        Corrected figures as they were recorded first.
    designations : frame of `geo.store.designations.designations`
        Of all periods.
    rules_of_year : callable
    """

    villages: pd.DataFrame
    indicators: pd.DataFrame
    first_recorded: pd.DataFrame
    designations: pd.DataFrame
    rules_of_year: RulesOfYear

    def on(self, as_of: date) -> LabelDay:
        """What is said of the villages on a day."""
        return LabelDay(self, as_of)


@dataclass(frozen=True)
class LabelDay:
    """Labels, suspects and contradictions of one day, each found when it is asked for."""

    book: LabelBook
    as_of: date

    @cached_property
    def labels(self) -> pd.DataFrame:
        """`geo.analysis.classify.village_labels`."""
        book = self.book
        return village_labels(
            book.villages, book.indicators, book.designations, book.rules_of_year, as_of=self.as_of
        )

    @cached_property
    def suspects(self) -> pd.DataFrame:
        """`geo.analysis.suspects.village_suspects`, and whether somebody has ``designated`` it."""
        found = village_suspects(self.book.indicators, self.book.rules_of_year, as_of=self.as_of)
        here = found[is_among(found["village_code"], self.book.villages["code"])]
        decided = in_force(self.book.designations, self.as_of)[_KEYS].drop_duplicates()
        marked = here.merge(decided.assign(designated=True), on=_KEYS, how="left")
        return marked.assign(designated=marked["designated"].notna())

    @property
    def undecided(self) -> pd.DataFrame:
        """The suspects that nobody has designated."""
        return self.suspects[~self.suspects["designated"]]

    @cached_property
    def contradictions(self) -> pd.DataFrame:
        """`geo.analysis.contradictions.label_contradictions`."""
        figures = self.book.indicators
        return label_contradictions(
            self.labels,
            figures[is_among(figures["village_code"], self.book.villages["code"])],
            self.book.first_recorded,
            self.suspects,
            self.book.rules_of_year,
            as_of=self.as_of,
        )


def read_book(
    session: Session, *, known_at: datetime | None = None, within: Collection[str] = ("",)
) -> LabelBook:
    """Read what labels are made of; registers tell only what is known now."""
    townships = sorted({code[:TOWNSHIP] for code in within})
    return LabelBook(
        villages=queries.layer_frame(session, "villages", within=within),
        indicators=queries.layer_frame(session, "indicators", known_at=known_at, within=townships),
        first_recorded=first_figures(session, known_at=known_at, within=within),
        designations=queries.designations(session, known_at=known_at, within=within),
        rules_of_year=rules_of_years(session, known_at=known_at),
    )


def labels_of(
    session: Session,
    villages: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    as_of: date,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Labels of the given villages (`geo.analysis.classify.village_labels`), designations from the store."""
    designations = queries.designations(session, as_of=as_of, known_at=known_at)
    rules_of_year = rules_of_years(session, known_at=known_at)
    return village_labels(villages, indicators, designations, rules_of_year, as_of=as_of)


def labelled_villages(
    session: Session, *, as_of: date, known_at: datetime | None = None, within: Collection[str] = ("",)
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The villages of a territory, their figures of the latest completed year, and their labels."""
    villages = queries.layer_frame(session, "villages", within=within)
    indicators = queries.indicators(session, as_of=as_of, known_at=known_at)
    labels = labels_of(session, villages, indicators, as_of=as_of, known_at=known_at)
    return villages, indicators[indicators["village_code"].isin(villages["code"])], labels


def label_flags(code: pd.Series, labels: pd.DataFrame) -> dict[str, pd.Series]:
    """For each label, which of the village codes bear it."""
    bearers = labels.groupby("label")["village_code"].agg(set).to_dict()
    return {str(label): is_among(code, bearers.get(str(label), set())) for label in VillageLabel}


def joined_labels(code: pd.Series, labels: pd.DataFrame) -> pd.Series:
    """The labels of each of the village codes, separated by ``;``; "" for none."""
    once = labels.drop_duplicates(_KEYS)
    joined = joined_texts(once["label"], once["village_code"], ";")
    return code.map(joined).astype(object).fillna("").astype("str")
