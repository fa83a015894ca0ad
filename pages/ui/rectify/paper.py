"""The ledger of cases to take away: as a table, and on paper."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from pages.ui.rectify.filters import Look
from pages.ui.rectify.listing import as_shown
from pages.ui.village_actions import offer_downloads


def offer_files(store: Store, actor: Actor, look: Look, cases: pd.DataFrame) -> None:
    """A menu of files with what is shown."""
    with st.popover(_("下载"), icon=":material/download:"):
        offer_downloads(as_shown(cases), _("整改台账"), look.as_of)
