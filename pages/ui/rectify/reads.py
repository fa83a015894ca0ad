"""What the board reads, remembered until the data change."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers import rectifications
from geo.store.engine import Store
from geo.vocabulary import CaseStatus
from pages.ui.cached import Key, key_of

OPEN = (CaseStatus.OVERDUE, CaseStatus.PRESSING, CaseStatus.ON_TIME)


def case_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> gpd.GeoDataFrame:
    """One row a case that was listed by the day."""
    return _case_rows(store, actor, key_of(store, actor), as_of, township)


def case_facts(store: Store, actor: Actor, code: str, *, as_of: date) -> dict[str, Any]:
    """Everything about one case, and what this very account may do next."""
    who = actor.user, str(actor.role), actor.viewer
    return _case_facts(store, actor, (*key_of(store, actor), *who), code, as_of)


def is_open(table: pd.DataFrame) -> pd.Series:
    """Which cases are neither closed nor withdrawn."""
    return table["status"].isin([str(status) for status in OPEN])


@st.cache_data(max_entries=16, show_spinner=False)
def _case_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> gpd.GeoDataFrame:
    return rectifications.case_table(_store, _actor, as_of=as_of, township=township)


@st.cache_data(max_entries=32, show_spinner=False)
def _case_facts(_store: Store, _actor: Actor, key: Key, code: str, as_of: date) -> dict[str, Any]:
    return rectifications.case_document(_store, _actor, code, as_of=as_of)
