"""村庄: all villages in one table, to sort, filter, take away and look up on the map."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import VillageLabel, label_of
from pages.ui import cached
from pages.ui.downloads import offer_table
from pages.ui.empty import show_empty
from pages.ui.figures import strip_html
from pages.ui.filters import Choice, date_filter, label_filter, township_filter
from pages.ui.village_actions import TABLE_KEY, offer_village
from pages.ui.village_table import as_shown, column_formats, filtered, sums
from pages.web.current import current_actor
from pages.web.state import the_store


def render() -> None:
    """Run the page."""
    store, actor = the_store(), current_actor()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        choice, rows = _choose(store, actor)
        table = rows()
        st.space("stretch")
        offer_village(store, actor, table)
        offer_table(lambda: as_shown(rows()), _("村庄"), choice.as_of)
    if table.empty:
        show_empty(_("没有符合条件的村"), _("请放宽筛选条件；若尚无数据，请先在“数据”页导入。"))
        return
    st.html(strip_html(sums(table), note=_("勾选一行，可打开村情，或在地图上查看该村")))
    with st.container(key="table", height=600, border=False):  # look.css fits it to the screen
        st.dataframe(
            as_shown(table),
            key=TABLE_KEY,
            hide_index=True,
            placeholder="",
            height="stretch",
            on_select="rerun",
            selection_mode="single-row",
            column_config=column_formats(),
        )


def _choose(store: Store, actor: Actor) -> tuple[Choice, Callable[[], pd.DataFrame]]:
    township = township_filter(actor, cached.townships(store, actor))
    as_of = date_filter(cached.first_as_of(store))
    labels = label_filter({str(label): label_of(label) for label in VillageLabel})
    text = st.text_input(
        _("筛选"), placeholder=_("村名、代码或驻村干部"), label_visibility="collapsed", width=190
    )

    def rows() -> pd.DataFrame:
        table = cached.village_rows(store, actor, as_of=as_of, township=township)
        return filtered(table, labels=labels, text=text)

    return Choice(township, as_of), rows
