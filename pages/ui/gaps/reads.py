"""What the page of gaps reads, remembered until the data change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.chain import chain_table
from geo.answers.coverage import coverage_table
from geo.answers.gap_book import Progress, gaps_on
from geo.answers.gap_days import gap_changes, gap_series
from geo.answers.gaps import gap_table
from geo.store.engine import Store
from pages.ui.cached import Key, key_of
from pages.ui.gaps.filters import Look

_SERIES = "gap_series"


def gaps_of_both_days(store: Store, actor: Actor, look: Look) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The gaps of the day and of the day it is compared with, of the kinds chosen."""
    now, before = (
        gap_rows(store, actor, as_of=day, township=look.township) for day in (look.as_of, look.compared_with)
    )
    if look.kinds:
        return now[now["kind"].isin(look.kinds)], before[before["kind"].isin(look.kinds)]
    return now, before


def gap_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> gpd.GeoDataFrame:
    """The gaps an actor may see, the heaviest first; a bar shows how far the first look has come."""
    with _bar() as progress:
        gaps_on(store, as_of=as_of, progress=progress)
    return _gap_rows(store, actor, _key(store, actor), as_of, township)


def league_rows(store: Store, actor: Actor, *, as_of: date) -> pd.DataFrame:
    """Coverage ratios by township."""
    return _league_rows(store, actor, _key(store, actor), as_of)


def chain_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> pd.DataFrame:
    """The five levels of every village."""
    return _chain_rows(store, actor, _key(store, actor), as_of, township)


def changed_rows(store: Store, actor: Actor, look: Look) -> pd.DataFrame:
    """The gaps of the day and of the one it is compared with: opened, closed or stayed."""
    found = _changed_rows(store, actor, _key(store, actor), look.compared_with, look.as_of, look.township)
    return found[found["kind"].isin(look.kinds)] if look.kinds else found


def series_rows(
    store: Store, actor: Actor, *, start: date, end: date, township: str, step_days: int
) -> pd.DataFrame:
    """How many gaps there were day by day; the last answer is remembered."""
    question = (*_key(store, actor), start, end, township, step_days)
    asked, found = st.session_state.get(_SERIES, (None, None))
    if asked != question:
        with _bar() as progress:
            found = gap_series(
                store, actor, start=start, end=end, within=township, step_days=step_days, progress=progress
            )
        st.session_state[_SERIES] = (question, found)
    return found


def _key(store: Store, actor: Actor) -> Key:
    return (*key_of(store, actor), actor.sees_positions)


@contextmanager
def _bar() -> Iterator[Progress]:
    """A bar that appears with the first word of progress and goes away at the end."""
    place = st.empty()
    yield place.progress
    place.empty()


@st.cache_data(max_entries=24, show_spinner=False)
def _gap_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> gpd.GeoDataFrame:
    return gap_table(_store, _actor, as_of=as_of, within=township, by_cell=True)


@st.cache_data(max_entries=8, show_spinner=False)
def _league_rows(_store: Store, _actor: Actor, key: Key, as_of: date) -> pd.DataFrame:
    return coverage_table(_store, _actor, by="township", as_of=as_of)


@st.cache_data(max_entries=16, show_spinner=False)
def _chain_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> pd.DataFrame:
    return chain_table(_store, _actor, as_of=as_of, township=township)


@st.cache_data(max_entries=16, show_spinner=False)
def _changed_rows(
    _store: Store, _actor: Actor, key: Key, since: date, until: date, township: str
) -> pd.DataFrame:
    return gap_changes(_store, _actor, since, until, within=township)
