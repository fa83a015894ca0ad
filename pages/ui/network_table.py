"""The responsibility network as a table: who holds what over what, by kind, and as a file."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.i18n import N_, _
from geo.store.engine import Store
from geo.vocabulary import Rank, ResponsibilityKind, label_of
from pages.ui import cached
from pages.ui.downloads import offer_file
from pages.ui.empty import show_empty
from pages.ui.filters import Choice
from pages.ui.sheets import csv_bytes, last_day
from pages.web.current import use_browser_language

HEADINGS = {
    "kind": N_("责任类型"),
    "rank": N_("主次"),
    "holder_name": N_("责任人"),
    "holder_code": N_("责任人代码"),
    "target_name": N_("对象"),
    "target_code": N_("对象代码"),
    "valid_from": N_("起始日期"),
    "valid_to": N_("截止日期"),
    "length_m": N_("距离（米）"),
}


def offer_network(store: Store, actor: Actor, choice: Choice) -> None:
    """A button that opens the table."""
    if st.button(_("责任关系表")):
        st.dialog(_("责任关系表"), width="large")(_show_network)(store, actor, choice)


def network_as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The columns people see, in words; a period ends with its last day."""
    shown = table[list(HEADINGS)].copy()
    shown["kind"] = shown["kind"].map({str(kind): label_of(kind) for kind in ResponsibilityKind})
    shown["rank"] = shown["rank"].map({str(rank): label_of(rank) for rank in Rank})
    shown["valid_to"] = shown["valid_to"].map(last_day)
    return shown.rename(columns={name: _(heading) for name, heading in HEADINGS.items()})


def _show_network(store: Store, actor: Actor, choice: Choice) -> None:
    use_browser_language()
    table = cached.network_rows(store, actor, as_of=choice.as_of, township=choice.township)
    kinds = [kind for kind in ResponsibilityKind if str(kind) in set(table["kind"])]
    wanted = st.pills(_("责任类型"), kinds, format_func=label_of, selection_mode="multi")
    if wanted:
        table = table[table["kind"].isin([str(kind) for kind in wanted])]
    if table.empty:
        show_empty(_("没有责任关系"), _("请在“数据”页导入责任数据，或换一个日期。"))
        return
    shown = network_as_shown(table)
    st.dataframe(shown, hide_index=True, height=380, placeholder="")
    title = _("责任关系")
    name = f"{title}-{choice.as_of.isoformat()}.csv"
    offer_file(_("下载 CSV"), lambda: csv_bytes(shown, as_of=choice.as_of), name)
