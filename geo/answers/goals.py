"""How far villages are with the eight goals and the checklists: one village, all of them, by township."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_read, require_reader
from geo.analysis.goals import goal_rows, goals_met, item_rows, items_done
from geo.answers.scope import readable
from geo.codes import VILLAGE, require_code
from geo.errors import InputError
from geo.exchange.village_profile import GoalLine, ItemLine
from geo.i18n import _
from geo.operations.goals import GoalEntry
from geo.operations.rules_now import rules_on
from geo.rules.checklists import checklists
from geo.store.engine import Store
from geo.store.goals import checklist_entries, goal_entries, years_on_record
from geo.store.queries import layer_frame
from geo.vocabulary import Goal, Role

PLACE_COLUMNS = ["code", "name", "township_code", "township_name"]
_TOWN = ["township_code", "township_name"]


def goal_years(store: Store, actor: Actor) -> list[int]:
    """Years for which some village has figures or entered goals, in order; every account may ask."""
    require_reader(actor, *Role)
    with store.read() as session:
        return years_on_record(session)


def goal_lines(
    store: Store, actor: Actor, village_code: str, *, year: int, known_at: datetime | None = None
) -> tuple[GoalLine, ...]:
    """A village's eight goals in a year, in the order of lists.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    InputError
        There is no such village.
    """
    require_read(actor, require_code(village_code, VILLAGE))
    with store.read() as session:
        rows = _goals(session, _village(session, village_code), (village_code,), year, known_at)
    return tuple(
        GoalLine(
            row.goal,
            None if pd.isna(row.value) else float(row.value),
            float(row.target),
            row.unit,
            None if pd.isna(row.is_met) else bool(row.is_met),
            row.note,
        )
        for row in rows.itertuples(index=False)
    )


def entered_goals(store: Store, actor: Actor, village_code: str, *, year: int) -> dict[Goal, GoalEntry]:
    """What is entered for each of a village's goals in a year; goals without an entry have an empty one.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    require_read(actor, require_code(village_code, VILLAGE))
    with store.read() as session:
        entries = goal_entries(session, year, within=(village_code,))
    plain = entries.astype(object).where(entries.notna(), None).set_index("goal")
    found = {goal: GoalEntry() for goal in Goal}
    for row in plain.itertuples():
        found[Goal(row.Index)] = GoalEntry(row.value, row.target, row.note or "")
    return found


def goal_table(
    store: Store, actor: Actor, *, year: int, township: str = "", known_at: datetime | None = None
) -> pd.DataFrame:
    """Every goal of every village the actor may see.

    Returns
    -------
    DataFrame
        `PLACE_COLUMNS` and ``goal, value, target, unit, is_met, note``; by code of the village, then goal.
        ``value`` and ``is_met`` are missing where nothing was measured.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    within = readable(actor, township)
    with store.read() as session:
        villages = layer_frame(session, "villages", within=within)
        return _placed(session, villages, _goals(session, villages, within, year, known_at))


def goal_progress(
    store: Store, actor: Actor, *, year: int, township: str = "", known_at: datetime | None = None
) -> pd.DataFrame:
    """How many villages have met each goal, over all that the actor may see and by township.

    Returns
    -------
    DataFrame
        ``township_code, township_name, goal, met, measured, villages, ratio``; the whole first, with an empty
        ``township_code``. ``ratio`` is of all villages, measured or not.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    rows = goal_table(store, actor, year=year, township=township, known_at=known_at)
    return _with_whole(rows, goals_met)


def checklist_lines(
    store: Store,
    actor: Actor,
    village_code: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[ItemLine, ...]:
    """The items of the checklists that a village's kind has, in their order.

    Parameters
    ----------
    as_of : date or None
        What was done later counts as not done; None: everything that is on record counts.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    InputError
        There is no such village.
    """
    require_read(actor, require_code(village_code, VILLAGE))
    with store.read() as session:
        entries = checklist_entries(session, within=(village_code,), known_at=known_at)
        rows = item_rows(_village(session, village_code), entries, [*checklists().values()], as_of=as_of)
    return tuple(
        ItemLine(
            row.checklist,
            row.item,
            checklists()[row.checklist].items[row.item],
            row.done_on or None,
            row.note,
        )
        for row in rows.itertuples(index=False)
    )


def checklist_table(
    store: Store, actor: Actor, *, as_of: date, township: str = "", known_at: datetime | None = None
) -> pd.DataFrame:
    """Every item of the checklists of every village the actor may see, as done by a day.

    Returns
    -------
    DataFrame
        `PLACE_COLUMNS` and ``checklist, item, label, done_on, is_done, note``; by code of the village, then
        list and item. ``label`` in this context's language.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    within = readable(actor, township)
    with store.read() as session:
        villages = layer_frame(session, "villages", within=within)
        entries = checklist_entries(session, within=within, known_at=known_at)
        rows = _placed(session, villages, item_rows(villages, entries, [*checklists().values()], as_of=as_of))
    rows.insert(rows.columns.get_loc("done_on"), "label", _item_labels(rows))
    return rows


def checklist_progress(
    store: Store, actor: Actor, *, as_of: date, township: str = "", known_at: datetime | None = None
) -> pd.DataFrame:
    """How many villages have done each item by a day, over all that the actor may see and by township.

    Returns
    -------
    DataFrame
        ``township_code, township_name, checklist, item, label, done, villages, ratio``; the whole first, with
        an empty ``township_code``. Only villages whose kind has the list are counted.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    rows = checklist_table(store, actor, as_of=as_of, township=township, known_at=known_at)
    counts = _with_whole(rows, items_done)
    counts.insert(counts.columns.get_loc("done"), "label", _item_labels(counts))
    return counts


def _goals(
    session: Session, villages: pd.DataFrame, within: Sequence[str], year: int, known_at: datetime | None
) -> pd.DataFrame:
    figures = layer_frame(session, "indicators", within=within, known_at=known_at)
    entries = goal_entries(session, year, within=within, known_at=known_at)
    rules = rules_on(session, date(year, 12, 31), known_at=known_at)
    return goal_rows(villages, entries, figures[figures["year"] == year], rules)


def _village(session: Session, code: str) -> pd.DataFrame:
    village = layer_frame(session, "villages", within=(code,))
    if village.empty:
        raise InputError(_("没有代码为 {code} 的村。").format(code=code))
    return village


def _placed(session: Session, villages: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the names of their village and township in front."""
    towns = layer_frame(session, "townships").set_index("code")["name"]
    places = villages[["code", "name", "township_code"]].assign(
        township_name=villages["township_code"].map(towns).fillna(villages["township_code"])
    )
    placed = rows.merge(places, left_on="village_code", right_on="code", how="left")
    return placed[[*PLACE_COLUMNS, *(name for name in rows.columns if name != "village_code")]]


def _with_whole(
    rows: pd.DataFrame, count: Callable[[pd.DataFrame, Sequence[str]], pd.DataFrame]
) -> pd.DataFrame:
    whole = rows.assign(township_code="", township_name="")
    return pd.concat([count(whole, _TOWN), count(rows, _TOWN)], ignore_index=True)


def _item_labels(rows: pd.DataFrame) -> list[str]:
    return [
        _(checklists()[checklist].items[item])
        for checklist, item in zip(rows["checklist"], rows["item"], strict=True)
    ]
