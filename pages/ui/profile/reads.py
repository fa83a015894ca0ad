"""The profile as the page reads it, remembered until the data change."""

from __future__ import annotations

from datetime import date

import streamlit as st

from geo.access import Actor
from geo.answers.profile import village_profile
from geo.exchange.village_profile import VillageProfile
from geo.store.engine import Store
from pages.ui.cached import Key, key_of


def profile_of(store: Store, actor: Actor, code: str, *, as_of: date) -> VillageProfile:
    """What is known of a village on a day."""
    sees_homes = actor.sees_positions and actor.covers(code)
    return _profile_of(store, actor, (*key_of(store, actor), sees_homes), code, as_of)


@st.cache_data(max_entries=16, show_spinner=False)
def _profile_of(_store: Store, _actor: Actor, key: Key, code: str, as_of: date) -> VillageProfile:
    return village_profile(_store, _actor, code, as_of=as_of)
