"""The parts of the page whose cards stand beside each other."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.exchange.village_profile import VillageProfile
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import TextKind
from pages.ui.profile.head import labels_html
from pages.ui.profile.look import show_card
from pages.ui.profile.people import levels_html, team_html
from pages.ui.profile.place import map_html
from pages.ui.profile.texts import PLANS, show_text
from pages.ui.profile.work import goals_html, items_html

_WIDTHS = [1.25, 1, 0.95]


def show_glance(store: Store, actor: Actor, seen: VillageProfile) -> None:
    """What is read first: where it is, what is wrong, and who answers for it."""
    left, middle, right = st.columns(_WIDTHS)
    with left:
        show_card(_("示意图"), map_html(seen.map))
    with middle:
        show_text(store, actor, seen, TextKind.MAIN_PROBLEM, style="problem")
        show_card(_("标签与理由"), labels_html(seen.labels, seen.suspects))
    with right:
        show_card(_("五级责任"), levels_html(seen.levels))
        show_card(_("驻村工作组"), team_html(seen.team))


def show_plans(store: Store, actor: Actor, seen: VillageProfile) -> None:
    """What is planned (一村一策), and how far it is."""
    left, middle, right = st.columns(_WIDTHS)
    with left:
        for kind in PLANS:
            show_text(store, actor, seen, kind)
    with middle:
        show_card(_("目标（{year} 年）").format(year=seen.goals_year), goals_html(seen.goals))
    with right:
        show_card(_("清单"), items_html(seen.items))
