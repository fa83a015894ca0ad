"""The ledger of cases to take away: as a table, and on paper."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.rectifications import three_levels
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.downloads import offer_file, offer_table
from pages.ui.filters import scope_name
from pages.ui.rectify.filters import Look
from pages.ui.rectify.listing import as_shown
from pages.ui.rectify.reads import case_rows


def offer_files(store: Store, actor: Actor, look: Look) -> None:
    """A menu of files: tables of the cases shown, and paper with the cases of every status.

    Each is read when its button is pressed, as others may have changed cases since the page was drawn.
    """
    title = _("整改台账")
    with st.popover(_("下载"), icon=":material/download:"):
        offer_file(
            _("下载 PDF"),
            partial(_ledger, store, actor, look.of_every_status),
            f"{title}-{look.as_of.isoformat()}.pdf",
            help=_("不分进度，含已销号的。"),
        )
        offer_table(lambda: as_shown(_cases(store, actor, look)), title, look.as_of)


def _cases(store: Store, actor: Actor, look: Look) -> pd.DataFrame:
    return look.kept(case_rows(store, actor, as_of=look.as_of, township=look.township))


def _ledger(store: Store, actor: Actor, look: Look) -> bytes:
    # What draws paper takes a third of a second to load, which only who wants a file should wait for.
    from geo.exchange.rectification_board import Board, board_rows
    from geo.exchange.rectification_pdf import rectification_pdf

    cases, townships = _cases(store, actor, look), cached.townships(store, actor)
    board = Board(
        county=cached.county_name(store),
        as_of=look.as_of,
        filters=look.words(townships.get(look.township) or scope_name(actor, townships)),
        made_by=actor.maker,
        made_at=datetime.now().astimezone(),
        sample=cached.is_sample(store),
        rows=board_rows(cases),
        waiting=three_levels(cases),
    )
    return rectification_pdf(board)
