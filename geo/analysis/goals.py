"""How far villages are with their goals and checklists (S2, S4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from geo.rules import Rules
from geo.rules.checklists import Checklist
from geo.rules.goals import AT_LEAST, GoalKind, goal_kinds

GOAL_COLUMNS = ["village_code", "goal", "value", "target", "unit", "is_met", "note"]
ITEM_COLUMNS = ["village_code", "checklist", "item", "done_on", "is_done", "note"]


def goal_rows(
    villages: pd.DataFrame, entries: pd.DataFrame, figures: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    """Every goal of every village in one year.

    Parameters
    ----------
    villages : DataFrame with ``code``
    entries : DataFrame
        ``village_code, goal, value, target, note`` as entered for the year.
    figures : frame of the layer ``indicators``
        Of the year, at most a row a village.
    rules : Rules
        Those by which the year is judged.

    Returns
    -------
    DataFrame
        `GOAL_COLUMNS`, by village in the given order, then goal. ``target`` is the village's own where it has
        one; ``value`` and ``is_met`` are missing where nothing was measured.

    Notes
    -----
    Source: S2 (eight goals); numbers in ``geo/rules/goals.yaml``.
    """
    parts = [_goal_part(villages["code"], entries, figures, rules, kind) for kind in goal_kinds().values()]
    return _by_village(parts, GOAL_COLUMNS)


def _goal_part(
    codes: pd.Series, entries: pd.DataFrame, figures: pd.DataFrame, rules: Rules, kind: GoalKind
) -> pd.DataFrame:
    threshold = rules[kind.threshold]
    entered = entries[entries["goal"] == kind.goal].set_index("village_code").reindex(codes)
    measured = (
        entered["value"] if kind.is_entered else figures.set_index("village_code")[kind.column].reindex(codes)
    )
    value = measured.astype("Float64").reset_index(drop=True)
    target = entered["target"].astype("Float64").fillna(threshold.value).reset_index(drop=True)
    return pd.DataFrame(
        {
            "village_code": codes.reset_index(drop=True),
            "goal": str(kind.goal),
            "value": value,
            "target": target,
            "unit": threshold.unit,
            "is_met": value >= target if kind.direction == AT_LEAST else value <= target,
            "note": entered["note"].fillna("").reset_index(drop=True).astype("str"),
        }
    )


def item_rows(
    villages: pd.DataFrame,
    entries: pd.DataFrame,
    lists: Sequence[Checklist],
    *,
    as_of: date | None = None,
) -> pd.DataFrame:
    """Every item of the checklists that a village's kind has.

    Parameters
    ----------
    villages : DataFrame with ``code, kind``
    entries : DataFrame
        ``village_code, checklist, item, done_on, note``.
    as_of : date or None
        What was done later counts as not done; None: everything that is on record counts.

    Returns
    -------
    DataFrame
        `ITEM_COLUMNS`, by village in the given order, then list and item; ``done_on`` is None where it is not
        done.
    """
    known = entries.set_index(["checklist", "item"]).sort_index()
    parts = [
        _item_part(villages.loc[villages["kind"].isin(each.kinds), "code"], known, each.code, item, as_of)
        for each in lists
        for item in each.items
    ]
    return _by_village(parts, ITEM_COLUMNS, order=villages["code"])


def _item_part(
    codes: pd.Series, known: pd.DataFrame, checklist: str, item: str, as_of: date | None
) -> pd.DataFrame:
    here = known.loc[[(checklist, item)]] if (checklist, item) in known.index else known.iloc[:0]
    entered = here.set_index("village_code").reindex(codes)
    done_on = [
        None if pd.isna(day) or (as_of is not None and day > as_of) else day for day in entered["done_on"]
    ]
    return pd.DataFrame(
        {
            "village_code": codes.reset_index(drop=True),
            "checklist": checklist,
            "item": item,
            "done_on": pd.Series(done_on, dtype=object),
            "is_done": pd.Series([day is not None for day in done_on], dtype=bool),
            "note": entered["note"].fillna("").reset_index(drop=True).astype("str"),
        }
    )


def _by_village(
    parts: Sequence[pd.DataFrame], columns: list[str], *, order: pd.Series | None = None
) -> pd.DataFrame:
    """The parts under each other, all rows of a village together."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0].loc[:, columns] if parts else pd.DataFrame(columns=columns)
    rows = pd.concat(filled, ignore_index=True)
    first = parts[0]["village_code"] if order is None else order
    place = rows["village_code"].map({code: at for at, code in enumerate(first)})
    return rows.loc[place.sort_values(kind="stable").index, columns].reset_index(drop=True)


def goals_met(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """How many villages have met each goal.

    Parameters
    ----------
    rows : DataFrame
        As `goal_rows` gives them, with the columns of ``by``.

    Returns
    -------
    DataFrame
        ``*by, goal, met, measured, villages, ratio``. What was not measured stays among the villages: telling
        nothing never raises the ratio, which is of all of them.
    """
    flags = rows.assign(met=rows["is_met"].fillna(False), measured=rows["value"].notna(), villages=1)
    return _counted(flags, [*by, "goal"], ["met", "measured", "villages"], "met")


def items_done(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """How many villages have done each item: ``*by, checklist, item, done, villages, ratio``."""
    flags = rows.assign(done=rows["is_done"], villages=1)
    return _counted(flags, [*by, "checklist", "item"], ["done", "villages"], "done")


def _counted(flags: pd.DataFrame, by: list[str], counts: list[str], part: str) -> pd.DataFrame:
    numbers = flags.assign(**{name: flags[name].astype("int64") for name in counts})
    found = numbers.groupby(by, sort=False)[counts].sum().reset_index()
    return found.assign(ratio=found[part] / found["villages"])
