"""What can be done with a profile: look the village up on the map, take it away on paper."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import streamlit as st

from geo.access import Actor
from geo.answers.attachments import attachment_content
from geo.exchange.village_profile import VillageProfile
from geo.exchange.village_profile_pdf import village_profile_pdf
from geo.i18n import _
from geo.store.engine import Store
from pages.ui.downloads import offer_file
from pages.ui.going import go_to
from pages.ui.profile.reads import profile_of
from pages.ui.search import go_to_code


def offer_actions(store: Store, actor: Actor, seen: VillageProfile) -> None:
    """The buttons beside the choice of the village."""
    if st.button(_("在地图上看"), icon=":material/map:", key="profile_map"):
        go_to_code(store, actor, seen.code)
        go_to("map")
    name = "-".join((_("村情"), seen.township_name, seen.name, seen.as_of.isoformat())) + ".pdf"
    offer_file(
        _("打印"),
        partial(_paper, store, actor, seen.code, as_of=seen.as_of),
        name,
        icon=":material/print:",
        key="profile_paper",
    )


def _paper(store: Store, actor: Actor, code: str, *, as_of: date) -> bytes:
    """Read again, as others may have changed what stands on the page since it was drawn."""
    return village_profile_pdf(
        profile_of(store, actor, code, as_of=as_of),
        made_by=actor.maker,
        made_at=datetime.now().astimezone(),
        content_of=lambda picture: attachment_content(store, actor, picture, preview=True)[1],
    )
