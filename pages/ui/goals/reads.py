"""Goals and checklists as the page reads them, remembered until the data change."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.goals import checklist_progress, checklist_table, goal_progress, goal_table, goal_years
from geo.store.engine import Store
from pages.ui.cached import Key, key_of


def years(store: Store, actor: Actor) -> list[int]:
    """Years with figures or goals on record."""
    return _years(store, actor, key_of(store, actor))


def goals_of(store: Store, actor: Actor, *, year: int, township: str) -> pd.DataFrame:
    """Every goal of every village."""
    return _goals_of(store, actor, key_of(store, actor), year, township)


def goal_counts(store: Store, actor: Actor, *, year: int) -> pd.DataFrame:
    """How many villages have met each goal, in all and by township."""
    return _goal_counts(store, actor, key_of(store, actor), year)


def items_of(store: Store, actor: Actor, *, as_of: date, township: str) -> pd.DataFrame:
    """Every item of every village's checklists."""
    return _items_of(store, actor, key_of(store, actor), as_of, township)


def item_counts(store: Store, actor: Actor, *, as_of: date) -> pd.DataFrame:
    """How many villages have done each item, in all and by township."""
    return _item_counts(store, actor, key_of(store, actor), as_of)


@st.cache_data(max_entries=8, show_spinner=False)
def _years(_store: Store, _actor: Actor, key: Key) -> list[int]:
    return goal_years(_store, _actor)


@st.cache_data(max_entries=16, show_spinner=False)
def _goals_of(_store: Store, _actor: Actor, key: Key, year: int, township: str) -> pd.DataFrame:
    return goal_table(_store, _actor, year=year, township=township)


@st.cache_data(max_entries=16, show_spinner=False)
def _goal_counts(_store: Store, _actor: Actor, key: Key, year: int) -> pd.DataFrame:
    return goal_progress(_store, _actor, year=year)


@st.cache_data(max_entries=16, show_spinner=False)
def _items_of(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> pd.DataFrame:
    return checklist_table(_store, _actor, as_of=as_of, township=township)


@st.cache_data(max_entries=16, show_spinner=False)
def _item_counts(_store: Store, _actor: Actor, key: Key, as_of: date) -> pd.DataFrame:
    return checklist_progress(_store, _actor, as_of=as_of)
