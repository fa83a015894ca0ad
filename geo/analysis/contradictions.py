"""Where figures speak against the labels that villages bear.

A derived label follows its year's figures and a designation its decision; neither changes silently, and what
speaks against one is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pandas as pd

from geo.analysis.classify import FIGURE_OF_LABEL, label_tests, latest_completed
from geo.analysis.periods import is_missing
from geo.analysis.suspects import measured_labels
from geo.i18n import N_, _
from geo.rules import RulesOfYear
from geo.rules.units import plain_number
from geo.vocabulary import DESIGNATED_LABELS, VillageLabel, label_of

CONTRADICTION_COLUMNS = ["village_code", "label", "kind", "text"]
LATER, DROPPED, CORRECTED, CLEARED, UNREPORTED = "later", "dropped", "corrected", "cleared", "unreported"

_TEXTS = {
    LATER: N_("{year} 年为{label}（{value:,} 元），{year_now} 年 {value_now:,} 元，已不符合。"),
    DROPPED: N_("{year} 年为{label}（{value:,} 元），{year_now} 年 {value_now:,} 元，不再列入。"),
    CORRECTED: N_("{year} 年原填 {value:,} 元，为{label}；更正为 {value_now:,} 元，不再列入。"),
}
_UNREPORTED = N_("{year} 年为{label}（{value:,} 元），{year_now} 年未填收入，无法判断。")
_CORRECTED_INTO = N_("{year} 年原填 {value:,} 元，不是{label}；更正为 {value_now:,} 元后列入。")
_CLEARED = N_("已认定为{label}，但按 {year} 年数据，各项疑似条件均已不成立，请核实是否仍需认定。")


def label_contradictions(
    labels: pd.DataFrame,
    indicators: pd.DataFrame,
    first_recorded: pd.DataFrame,
    suspects: pd.DataFrame,
    rules_of_year: RulesOfYear,
    *,
    as_of: date,
) -> pd.DataFrame:
    """What speaks against the labels of a day, one row a reason.

    Parameters
    ----------
    labels : frame of `geo.analysis.classify.village_labels` of the day
    indicators : frame of the layer ``indicators``
        Figures of all years as they stand, also of years that are not over.
    first_recorded : frame of the layer ``indicators``
        Figures that were corrected, as they were recorded first.
    suspects : frame of `geo.analysis.suspects.village_suspects` of the day
    rules_of_year : callable
        As for `village_labels`.

    Returns
    -------
    DataFrame ``village_code, label, kind, text``
        By village. Kinds: ``later``: a figure of a year not over would not give the label; ``dropped``: the
        year before gave it, the latest completed one does not; ``unreported``: the year before gave it, and
        of the latest completed one the figure is missing; ``corrected``: the latest completed year's
        figure gave it before it was corrected and doesn't now, or the other way round; ``cleared``: somebody
        designated the village, and of the reasons to suspect it none is left.
    """
    latest = latest_completed(indicators, as_of)
    before = indicators.loc[indicators.index.difference(latest.index)]
    previous = latest_completed(before, as_of)
    newer = indicators[indicators["year"] >= as_of.year].sort_values("year", kind="stable")
    newest = newer.drop_duplicates("village_code", keep="last")
    corrected = _same_year(first_recorded, latest)
    changes = _Changes(rules_of_year)
    rows = [
        *changes.lost(latest, newest, LATER, _TEXTS[LATER]),
        *changes.lost(previous, latest, DROPPED, _TEXTS[DROPPED]),
        *changes.untold(previous, latest, UNREPORTED, _UNREPORTED),
        *changes.lost(corrected, latest, CORRECTED, _TEXTS[CORRECTED]),
        *changes.gained(corrected, latest, CORRECTED, _CORRECTED_INTO),
        *_cleared(labels, suspects, measured_labels(indicators, as_of=as_of)),
    ]
    found = pd.DataFrame(rows, columns=CONTRADICTION_COLUMNS, dtype="str")
    return found.sort_values("village_code", kind="stable", ignore_index=True)


class _Changes:
    """Compares two sets of figures, at most one row a village in each."""

    def __init__(self, rules_of_year: RulesOfYear) -> None:
        self._rules = rules_of_year

    def lost(
        self, before: pd.DataFrame, after: pd.DataFrame, kind: str, text: str
    ) -> Iterator[tuple[str, str, str, str]]:
        """Labels that figures gave and later ones don't."""
        return self._changed(before, after, kind, text, lambda was, now: was & ~now)

    def untold(
        self, before: pd.DataFrame, after: pd.DataFrame, kind: str, text: str
    ) -> Iterator[tuple[str, str, str, str]]:
        """Labels that figures gave and later ones, which are missing, neither give nor deny."""
        return self._changed(before, after, kind, text, lambda was, now: was & now.isna())

    def gained(
        self, before: pd.DataFrame, after: pd.DataFrame, kind: str, text: str
    ) -> Iterator[tuple[str, str, str, str]]:
        """Labels that figures did not give and later ones do."""
        return self._changed(before, after, kind, text, lambda was, now: ~was & now)

    def _changed(
        self,
        before: pd.DataFrame,
        after: pd.DataFrame,
        kind: str,
        text: str,
        which: Callable[[pd.Series, pd.Series], pd.Series],
    ) -> Iterator[tuple[str, str, str, str]]:
        was, now = _side_by_side(before, after)
        given_was, given_now = label_tests(was, self._rules), label_tests(now, self._rules)
        for label, column in FIGURE_OF_LABEL.items():
            # Missing where one of the figures is: that tells nothing.
            hit = which(given_was[label], given_now[label]).fillna(False).astype(bool)
            told = zip(
                was.loc[hit, "village_code"],
                was.loc[hit, "year"],
                was.loc[hit, column],
                now.loc[hit, "year"],
                now.loc[hit, column],
                strict=True,
            )
            for code, year, value, year_now, value_now in told:
                figures = {
                    "year": year,
                    "value": plain_number(value),
                    "year_now": year_now,
                    "value_now": "" if is_missing(value_now) else plain_number(value_now),
                }
                yield code, label, kind, _(text).format(label=label_of(VillageLabel(label)), **figures)


def _side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the villages that are in both, in the same order."""
    columns = ["village_code", "year", *dict.fromkeys(FIGURE_OF_LABEL.values())]
    pairs = before[columns].merge(after[columns], on="village_code", suffixes=("", "_now"))
    now = pairs[["village_code", *(f"{name}_now" for name in columns[1:])]].set_axis(columns, axis=1)
    return pairs[columns], now


def _same_year(first_recorded: pd.DataFrame, latest: pd.DataFrame) -> pd.DataFrame:
    """Of the first records those that are about a village's latest completed year."""
    return first_recorded.merge(latest[["village_code", "year"]], on=["village_code", "year"])


def _cleared(
    labels: pd.DataFrame, suspects: pd.DataFrame, measured: pd.DataFrame
) -> Iterator[tuple[str, str, str, str]]:
    keys = ["village_code", "label"]
    decided = labels.loc[labels["label"].isin([str(label) for label in DESIGNATED_LABELS]), keys]
    known = decided.merge(measured, on=keys)
    suspected = set(suspects[keys].itertuples(index=False, name=None))
    for code, label, year in known[[*keys, "year"]].itertuples(index=False, name=None):
        if (code, label) not in suspected:
            text = _(_CLEARED).format(label=label_of(VillageLabel(label)), year=year)
            yield code, label, CLEARED, text
