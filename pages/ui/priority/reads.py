"""What the page of priority villages reads, remembered until the data change."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers import priority
from geo.store.engine import Store
from pages.ui.cached import Key, key_of


def priority_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> gpd.GeoDataFrame:
    """One row a village with a label or a suspicion."""
    return _priority_rows(store, actor, key_of(store, actor), as_of, township)


def count_rows(store: Store, actor: Actor, *, as_of: date) -> pd.DataFrame:
    """How many villages bear each label and have their people, by township."""
    return _count_rows(store, actor, key_of(store, actor), as_of)


def year_rows(
    store: Store, actor: Actor, *, years: tuple[int, ...], today: date, township: str
) -> pd.DataFrame:
    """How many villages bore each label year by year: on its last day, this year today."""
    return _year_rows(store, actor, key_of(store, actor), years, today, township)


def difference_rows(store: Store, actor: Actor, *, first: date, second: date, township: str) -> pd.DataFrame:
    """Labels gained and lost between two days."""
    return _difference_rows(store, actor, key_of(store, actor), first, second, township)


def suspect_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> pd.DataFrame:
    """Labels that figures suggest, one row a reason."""
    return _suspect_rows(store, actor, key_of(store, actor), as_of, township)


def contradiction_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> pd.DataFrame:
    """What speaks against labels that are borne."""
    return _contradiction_rows(store, actor, key_of(store, actor), as_of, township)


@st.cache_data(max_entries=16, show_spinner=False)
def _priority_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> gpd.GeoDataFrame:
    return priority.priority_table(_store, _actor, as_of=as_of, township=township)


@st.cache_data(max_entries=8, show_spinner=False)
def _count_rows(_store: Store, _actor: Actor, key: Key, as_of: date) -> pd.DataFrame:
    return priority.label_counts(_store, _actor, as_of=as_of)


@st.cache_data(max_entries=8, show_spinner=False)
def _year_rows(
    _store: Store, _actor: Actor, key: Key, years: tuple[int, ...], today: date, township: str
) -> pd.DataFrame:
    return priority.label_years(_store, _actor, years=years, as_of=today, township=township)


@st.cache_data(max_entries=8, show_spinner=False)
def _difference_rows(
    _store: Store, _actor: Actor, key: Key, first: date, second: date, township: str
) -> pd.DataFrame:
    return priority.label_difference(_store, _actor, first=first, second=second, township=township)


@st.cache_data(max_entries=8, show_spinner=False)
def _suspect_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> pd.DataFrame:
    return priority.suspect_table(_store, _actor, as_of=as_of, township=township)


@st.cache_data(max_entries=8, show_spinner=False)
def _contradiction_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> pd.DataFrame:
    return priority.contradiction_table(_store, _actor, as_of=as_of, township=township)
