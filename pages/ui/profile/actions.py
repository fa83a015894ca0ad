"""What can be done with a profile: look the village up on the map, take it away on paper."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.exchange.village_profile import VillageProfile
from geo.i18n import _
from geo.store.engine import Store
from pages.ui.going import go_to
from pages.ui.search import go_to_code


def offer_actions(store: Store, actor: Actor, seen: VillageProfile) -> None:
    """The buttons beside the choice of the village."""
    if st.button(_("在地图上看"), icon=":material/map:", key="profile_map"):
        go_to_code(store, actor, seen.code)
        go_to("map")
