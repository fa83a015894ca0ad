"""Then and now in pictures, and the village's three sheets (S4): drawings and what they say."""

from __future__ import annotations

from functools import partial

import streamlit as st

from geo.access import Actor
from geo.exchange.village_profile import Picture, VillageProfile
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import AttachmentUse, TextKind, label_of
from pages.ui.files import gallery_html, removal_form, upload_form
from pages.ui.profile.look import empty_html, show_card
from pages.ui.profile.texts import offer_writing, text_html
from pages.web.current import use_browser_language

_THEN_AND_NOW = (AttachmentUse.THEN, AttachmentUse.NOW)
_SHEETS = {
    AttachmentUse.PRESENT_STATE: TextKind.PRESENT_STATE,
    AttachmentUse.CONSTRUCTION_PLAN: TextKind.CONSTRUCTION_PLAN,
    AttachmentUse.PROGRAMME_PLAN: TextKind.PROGRAMME_PLAN,
}


def show_then_and_now(store: Store, actor: Actor, seen: VillageProfile) -> None:
    """The pictures side by side, and a way to bring more."""
    with st.container(key="pictures"):
        found = _for(seen, *_THEN_AND_NOW)
        nothing = empty_html(_("还没有旧貌新颜的图片。"))
        show_card(_("旧貌与新颜"), gallery_html(found) if found else nothing)
        if not actor.can_record(seen.code):
            return
        if st.button(_("上传与删除"), key="profile_files", icon=":material/upload:", type="tertiary"):
            st.dialog(_("图片与图纸"))(partial(_keep_files, store, actor, seen))()


def show_sheets(store: Store, actor: Actor, seen: VillageProfile) -> None:
    """The three sheets beside each other."""
    for column, (use, kind) in zip(st.columns(len(_SHEETS)), _SHEETS.items(), strict=True):
        with column, st.container(key=f"sheet_{use}"):
            found = _for(seen, use)
            drawing = gallery_html(found) if found else empty_html(_("还没有上传图纸。"))
            show_card(label_of(use), drawing + text_html(seen, kind))
            offer_writing(store, actor, seen, kind)


def _for(seen: VillageProfile, *uses: AttachmentUse) -> list[Picture]:
    return [picture for picture in seen.pictures if picture.use in map(str, uses)]


def _keep_files(store: Store, actor: Actor, seen: VillageProfile) -> None:
    use_browser_language()
    upload_form(store, actor, seen.code, key="profile_upload")
    removal_form(store, actor, seen.pictures, key="profile_removal")
