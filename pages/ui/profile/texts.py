"""What is written about a village: shown in cards, with a button that opens the dialog to change it."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.answers.village_texts import text_lines
from geo.exchange.village_profile import VillageProfile, kind_and_year
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import TextKind, label_of
from pages.ui.profile.look import show_card
from pages.ui.profile.text_form import body_html, text_desk, write_down

PLANS = (TextKind.STRENGTHS, TextKind.THREE_YEAR_PLAN, TextKind.YEARLY_PLAN)


def show_text(store: Store, actor: Actor, seen: VillageProfile, kind: TextKind, *, style: str = "") -> None:
    """A card with the text of a kind, and a button that changes it."""
    line = seen.text_of(kind)
    with st.container(key=f"text_{kind}"):
        show_card(kind_and_year(kind, line.year if line else 0), body_html(line), style=style)
        offer_writing(store, actor, seen, kind)


def offer_writing(store: Store, actor: Actor, seen: VillageProfile, kind: TextKind) -> None:
    """A button that opens the dialog, for those who may write."""
    if not actor.can_record(seen.code):
        return
    if st.button(_("修改"), key=f"write_{kind}", icon=":material/edit:", type="tertiary"):
        text_desk().open(text_lines(store, actor, seen.code), seen.code, kind, this_year=seen.as_of.year)
        st.dialog(label_of(kind), width="medium")(write_down)(store, actor)


def text_html(seen: VillageProfile, kind: TextKind) -> str:
    """The text of a kind with who wrote it and when."""
    return body_html(seen.text_of(kind))
