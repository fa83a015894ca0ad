"""The panel beside the map: search hits, the place asked about, or an overview of the theme."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.answers.place import Place
from geo.i18n import _
from geo.store.engine import Store
from geo.vocabulary import VillageLabel, label_of
from pages.ui import cached
from pages.ui.filters import Choice, scope_name
from pages.ui.going import go_to
from pages.ui.mapview import map_state
from pages.ui.panels import place_html
from pages.ui.search import go_to_code, show_hits
from pages.ui.text import named

MOST_LISTED = 8


def show_side(store: Store, actor: Actor, choice: Choice, place: Place | None) -> None:
    """Fill the panel."""
    has_hits = show_hits()
    if place is not None:
        st.html(place_html(place))
        if place.village_code and not place.restricted:
            _offer_profile(place.village_code)
        st.button(_("返回概览"), on_click=map_state().forget_point, width="stretch")
        return
    if has_hits:
        return
    villages = cached.village_rows(store, actor, as_of=choice.as_of, township=choice.township)
    st.html(overview_html(villages, title=_title(store, actor, choice)))
    pressing = pressing_villages(villages, choice.theme)
    if not pressing.empty:
        heading = escape(_("先看这些村"))
        st.html(f'<div class="panel"><h3>{heading}</h3></div>')
        with st.container(key="hits_pressing"):
            for village in pressing.itertuples(index=False):
                label = named(village.name, village.why)
                where = (store, actor, village.code)
                st.button(label, key=f"go_{village.code}", on_click=go_to_code, args=where, width="stretch")


def _offer_profile(village_code: str) -> None:
    if st.button(_("打开村情"), icon=":material/article:", type="primary", width="stretch"):
        go_to("profile", village=village_code)


def overview_html(villages: pd.DataFrame, *, title: str) -> str:
    """Counts of a territory's villages by label and by gap."""
    labels = [(label_of(label), int(villages[str(label)].sum())) for label in VillageLabel]
    unstaffed = villages["priority"] & ~villages["staffed"]
    gaps = [
        (_("空白网格"), int(villages["cells_unowned"].sum())),
        (_("多头网格"), int(villages["cells_contested"].sum())),
        (_("重点村无驻村干部"), int(unstaffed.sum())),
        (_("责任链不完整的村"), int(villages["first_missing"].notna().sum())),
        (_("未结对户"), int((villages["households_due"] - villages["households_paired"]).sum())),
    ]
    size = _("{villages} 个村 · {cells} 个网格 · {households} 户").format(
        villages=f"{len(villages):,}",
        cells=f"{villages['cells'].sum():,}",
        households=f"{villages['households'].sum():,}",
    )
    hint, of_labels, of_gaps = _("点击地图，查看该处的责任人、村情和缺口。"), _("村的标签"), _("缺口")
    return (
        f'<div class="panel"><h2>{escape(title)}</h2><div class="code">{escape(size)}</div>'
        f'<p class="hint">{escape(hint)}</p>'
        f"<h3>{escape(of_labels)}</h3>{_counts(labels)}<h3>{escape(of_gaps)}</h3>{_counts(gaps)}</div>"
    )


def pressing_villages(villages: pd.DataFrame, theme: str) -> pd.DataFrame:
    """The villages a leader would look at first under a theme: ``code, name, why``, at most `MOST_LISTED`."""
    if theme == "coverage_gaps":
        chosen = villages[villages["cells_unowned"] > 0].nlargest(MOST_LISTED, "cells_unowned")
        why = chosen["cells_unowned"].map(lambda count: _("空白网格 {count} 个").format(count=count))
    elif theme in ("responsibility_network", "chain"):
        chosen = villages[villages["first_missing"].notna()].head(MOST_LISTED)
        why = chosen["township_name"]
    else:
        chosen = villages[villages["priority"] & ~villages["staffed"]].head(MOST_LISTED)
        why = chosen["labels"].map(lambda labels: label_of(VillageLabel(labels.split(";")[0])))
    return pd.DataFrame({"code": chosen["code"], "name": chosen["name"], "why": why.fillna("")})


def _title(store: Store, actor: Actor, choice: Choice) -> str:
    names = cached.townships(store, actor)
    if not choice.township and actor.reads_all:
        return cached.county_name(store) or _("全县")
    return names.get(choice.township) or scope_name(actor, names)


def _counts(rows: list[tuple[str, int]]) -> str:
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{count:,}</dd>" for name, count in rows)
    return f"<dl>{lines}</dl>"
