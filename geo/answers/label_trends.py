"""How labels spread over townships and change over the years, and whether their villages are staffed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from geo.access import Actor
from geo.analysis.classify import label_tests, latest_completed
from geo.analysis.periods import in_force
from geo.answers.labels import LabelBook, read_book
from geo.answers.scope import readable
from geo.frames import is_among
from geo.store import queries
from geo.store.designations import first_decisions
from geo.store.engine import Store
from geo.store.sending import residents
from geo.vocabulary import DESIGNATED_LABELS, VillageLabel

WHOLE = ""
"""Township code of the row for all townships together."""
_LABELS = [str(label) for label in VillageLabel]
_TOLD = ["value", "reason", "staffed"]


def label_years(
    store: Store,
    actor: Actor,
    *,
    years: Sequence[int],
    as_of: date | None = None,
    township: str = "",
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """How many villages bore each label at the end of each year, and how many of them were staffed.

    Parameters
    ----------
    as_of : date or None
        Years that were not over then count as of this day. None: every year counts by its last day.

    Returns
    -------
    DataFrame ``year, label, villages, staffed``
        One row for each year and label, in the order given and that of `VillageLabel`. Both counts are
        missing (Int64) where nobody could tell: no figure that gives the label was on record for a completed
        year, or nobody in the county had decided on the label yet.
    """
    book, living = _read(store, actor, township, known_at)
    with store.read() as session:
        decided = first_decisions(session, known_at=known_at)
    parts = []
    for year in years:
        last = date(year, 12, 31)
        day = last if as_of is None else min(last, as_of)
        counts = _counted(_staffed(book, living, day), "label").reindex(_LABELS, fill_value=0).astype("Int64")
        counts.loc[_untold(book, decided, day)] = pd.NA
        parts.append(counts.reset_index().assign(year=year))
    if not parts:
        return pd.DataFrame(columns=["year", "label", "villages", "staffed"])
    return pd.concat(parts, ignore_index=True)[["year", "label", "villages", "staffed"]]


def _untold(book: LabelBook, decided: Mapping[str, date], day: date) -> list[str]:
    """Labels of which nothing is on record on a day, so that their number is not known."""
    figures = book.indicators[is_among(book.indicators["village_code"], book.villages["code"])]
    judged = label_tests(latest_completed(figures, day), book.rules_of_year).notna().any()
    never = [str(label) for label in DESIGNATED_LABELS if decided.get(str(label), date.max) > day]
    return [*judged.index[~judged], *never]


def label_counts(store: Store, actor: Actor, *, as_of: date, township: str = "") -> pd.DataFrame:
    """How many villages bear each label on a day, and how many of them are staffed, by township.

    Returns
    -------
    DataFrame ``township_code, township_name, label, villages, staffed, ratio``
        One row for each township with a village and each label, and one a label for all (township code and
        name ""). ``ratio`` (0–1) is missing over nothing.
    """
    book, living = _read(store, actor, township, None)
    with store.read() as session:
        names = queries.layer_frame(session, "townships").set_index("code")["name"]
    borne = _staffed(book, living, as_of)
    at = borne["village_code"].map(book.villages.set_index("code")["township_code"])
    townships = sorted(book.villages["township_code"].unique())
    rows = pd.MultiIndex.from_product([[WHOLE, *townships], _LABELS], names=["township_code", "label"])
    both = pd.concat([borne.assign(township_code=WHOLE), borne.assign(township_code=at)])
    counts = _counted(both, ["township_code", "label"]).reindex(rows, fill_value=0).reset_index()
    counts.insert(1, "township_name", counts["township_code"].map(names).astype(object).fillna(""))
    return counts.assign(ratio=(counts["staffed"] / counts["villages"]).where(counts["villages"] > 0))


def label_difference(
    store: Store, actor: Actor, *, first: date, second: date, township: str = ""
) -> pd.DataFrame:
    """Which villages gained, lost or kept a label between two days.

    Returns
    -------
    DataFrame
        ``code, name, township_code, township_name, label, change`` (gained, lost, kept), and of either day
        ``value_before, value_after, reason_before, reason_after, staffed_before, staffed_after``: value and
        reason are missing where the label was not borne. By village, in the order of `VillageLabel`.
    """
    book, living = _read(store, actor, township, None)
    with store.read() as session:
        names = queries.layer_frame(session, "townships").set_index("code")["name"]
    keys = ["village_code", "label"]
    before, after = (_staffed(book, living, day)[[*keys, *_TOLD]] for day in (first, second))
    both = before.merge(after, on=keys, how="outer", suffixes=("_before", "_after"))
    was, now = (both[f"reason_{side}"].notna() for side in ("before", "after"))
    both["change"] = np.select([was & now, was], ["kept", "lost"], "gained")
    for side, day in (("before", first), ("after", second)):
        both[f"staffed_{side}"] = is_among(both["village_code"], _staffed_codes(living, day))
    villages = book.villages.set_index("code")
    both["name"] = both["village_code"].map(villages["name"])
    both["township_code"] = both["village_code"].map(villages["township_code"])
    both["township_name"] = both["township_code"].map(names)
    both["place"] = both["label"].map({label: place for place, label in enumerate(_LABELS)})
    ordered = both.sort_values(["village_code", "place"], ignore_index=True)
    told = [f"{name}_{side}" for name in _TOLD for side in ("before", "after")]
    columns = ["village_code", "name", "township_code", "township_name", "label", "change", *told]
    return ordered[columns].rename(columns={"village_code": "code"})


def _read(
    store: Store, actor: Actor, township: str, known_at: datetime | None
) -> tuple[LabelBook, pd.DataFrame]:
    """What labels are made of, and the resident cadres of every period."""
    territory = readable(actor, township)
    with store.read() as session:
        book = read_book(session, known_at=known_at, within=territory)
        return book, residents(session, as_of=None, known_at=known_at, within=territory)


def _staffed(book: LabelBook, living: pd.DataFrame, day: date) -> pd.DataFrame:
    """The labels of a day, and whether a resident cadre served the village then."""
    labels = book.on(day).labels
    return labels.assign(staffed=is_among(labels["village_code"], _staffed_codes(living, day)))


def _staffed_codes(living: pd.DataFrame, day: date) -> pd.Series:
    return in_force(living, day)["village_code"]


def _counted(borne: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
    counts = borne.groupby(by).agg(villages=("village_code", "nunique"), staffed=("staffed", "sum"))
    return counts.astype(int)
