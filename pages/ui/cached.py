"""Reads that pages repeat, remembered until the data change.

Every cache is keyed by the store, its data version, the day, and what the actor may see; each holds a bounded
number of entries. Answers with translated sentences are kept by language too.
"""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.access import SYSTEM, Actor
from geo.answers import names as place_names
from geo.answers.clock import default_as_of
from geo.answers.coverage import coverage
from geo.answers.gap_book import gaps_on
from geo.answers.holders import candidates
from geo.answers.network import network
from geo.answers.targets import target_table
from geo.answers.villages import village_table
from geo.i18n import current_language
from geo.store.engine import Store
from geo.store.facts import get_setting
from geo.store.queries import layer_frame
from geo.store.rows import the_county
from geo.store.versions import data_version
from geo.vocabulary import ResponsibilityKind
from layers.tiles import TileService

Key = tuple[Any, ...]
Bounds = tuple[float, float, float, float]


def county_name(store: Store) -> str:
    """Name of the store's county; empty while it has none."""
    with store.read() as session:
        county = the_county(session)
        return (county.name or "") if county else ""


def is_sample(store: Store) -> bool:
    """Whether the data are made up, which is said on paper."""
    with store.read() as session:
        return get_setting(session, "sample") == "yes"


def first_as_of(store: Store) -> date:
    """The day pages open with."""
    with store.read() as session:
        return default_as_of(session, date.today())


def townships(store: Store, actor: Actor) -> dict[str, str]:
    """Names of the townships the actor may see something of, by code."""
    return _townships(store, actor, key_of(store, actor))


def scope_bounds(store: Store, actor: Actor, tiles: TileService, *, as_of: date) -> Bounds | None:
    """The box of everything the actor may see; None where there is nothing."""
    if actor.reads_all:
        return tiles.bounds(as_of=as_of)
    return _scope_bounds(store, actor, key_of(store, actor))


def village_names(store: Store, actor: Actor) -> dict[str, str]:
    """Township and village by name of every village the actor may read, by code."""
    return _village_names(store, actor, key_of(store, actor))


def key_figures(store: Store, actor: Actor, *, as_of: date, township: str) -> dict[str, Any]:
    """The coverage ratios by name."""
    return _key_figures(store, actor, key_of(store, actor), as_of, township)


def village_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> pd.DataFrame:
    """The table of villages."""
    return _village_rows(store, actor, key_of(store, actor), as_of, township)


def network_rows(store: Store, actor: Actor, *, as_of: date, township: str) -> pd.DataFrame:
    """The responsibility network as a table."""
    return _network_rows(store, actor, key_of(store, actor), as_of, township)


def target_rows(
    store: Store, actor: Actor, kind: ResponsibilityKind, *, as_of: date, township: str
) -> gpd.GeoDataFrame:
    """What a kind of responsibility can cover, and who covers it."""
    key = (*key_of(store, actor), actor.sees_positions)
    return _target_rows(store, actor, key, kind, as_of, township)


def candidate_rows(
    store: Store,
    actor: Actor,
    kind: ResponsibilityKind,
    *,
    as_of: date,
    township: str = "",
    text: str = "",
    near: tuple[float, float] | None = None,
    limit: int,
) -> pd.DataFrame:
    """Who could take a kind of responsibility, the most suitable first."""
    return _candidate_rows(store, actor, key_of(store, actor), kind, as_of, township, text, near, limit)


def warm(store: Store) -> None:
    """Read ahead what the first pages of somebody who sees the whole county need."""
    as_of = first_as_of(store)
    townships(store, SYSTEM)
    key_figures(store, SYSTEM, as_of=as_of, township="")
    village_rows(store, SYSTEM, as_of=as_of, township="")
    gaps_on(store, as_of=as_of)


def key_of(store: Store, actor: Actor) -> Key:
    """What every answer depends on besides its own question: the data, the territory, the language."""
    territory = ("",) if actor.reads_all else tuple(sorted(actor.scopes))
    with store.read() as session:
        version = data_version(session)
    return (store.url, version, territory, current_language())


@st.cache_data(max_entries=32, show_spinner=False)
def _townships(_store: Store, _actor: Actor, key: Key) -> dict[str, str]:
    with _store.read() as session:
        names = layer_frame(session, "townships").set_index("code")["name"]
    return {code: name for code, name in names.items() if _sees_something_of(_actor, code)}


def _sees_something_of(actor: Actor, township: str) -> bool:
    return actor.can_read(township) or any(scope.startswith(township) for scope in actor.scopes)


@st.cache_data(max_entries=32, show_spinner=False)
def _scope_bounds(_store: Store, _actor: Actor, key: Key) -> Bounds | None:
    with _store.read() as session:
        villages = layer_frame(session, "villages", within=sorted(_actor.scopes))
    box = tuple(float(side) for side in villages.total_bounds)
    return None if any(map(isnan, box)) else box


@st.cache_data(max_entries=32, show_spinner=False)
def _village_names(_store: Store, _actor: Actor, key: Key) -> dict[str, str]:
    return place_names.village_names(_store, _actor)


@st.cache_data(max_entries=64, show_spinner=False)
def _key_figures(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> dict[str, Any]:
    answer = coverage(_store, _actor, as_of=as_of, within=township)
    return {ratio["name"]: ratio for ratio in answer["ratios"]}


@st.cache_data(max_entries=16, show_spinner=False)
def _village_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> pd.DataFrame:
    return village_table(_store, _actor, as_of=as_of, township=township)


@st.cache_data(max_entries=8, show_spinner=False)
def _network_rows(_store: Store, _actor: Actor, key: Key, as_of: date, township: str) -> pd.DataFrame:
    _lines, table = network(_store, _actor, as_of=as_of, township=township)
    return table


@st.cache_data(max_entries=16, show_spinner=False)
def _target_rows(
    _store: Store, _actor: Actor, key: Key, kind: ResponsibilityKind, as_of: date, township: str
) -> gpd.GeoDataFrame:
    return target_table(_store, _actor, kind, as_of=as_of, township=township)


@st.cache_data(max_entries=64, show_spinner=False)
def _candidate_rows(
    _store: Store,
    _actor: Actor,
    key: Key,
    kind: ResponsibilityKind,
    as_of: date,
    township: str,
    text: str,
    near: tuple[float, float] | None,
    limit: int,
) -> pd.DataFrame:
    return candidates(_store, _actor, kind, as_of=as_of, township=township, text=text, near=near, limit=limit)
