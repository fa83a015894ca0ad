"""What stands beside the filters of the page of gaps: which kinds, the plan, and the lists to take away."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import streamlit as st

from geo.access import Actor
from geo.answers.inspection_list import Format, inspection_file
from geo.i18n import N_, _
from geo.operations.gap_plan import PLANNERS
from geo.rules.gap_kinds import gap_kinds
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.downloads import offer_file
from pages.ui.going import go_to

_SHAPES: dict[Format, str] = {"pdf": "PDF", "xlsx": "Excel"}
_VIEWS = {"map": N_("地图"), "league": N_("乡镇排行"), "levels": N_("五级责任"), "changes": N_("变化")}


@dataclass(frozen=True)
class Look:
    """What the page shows: which view, and of which gaps.

    Attributes
    ----------
    view : str
        map, league, levels or changes.
    township : str
        Township code, or "" for everything the actor may see.
    as_of : date
    kinds : tuple of str
        Kinds of gap to keep; empty keeps all.
    """

    view: str
    township: str
    as_of: date
    kinds: tuple[str, ...] = ()

    @property
    def compared_with(self) -> date:
        """The same day of the month before, or its last day."""
        day = self.as_of
        year, month = (day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1)
        return date(year, month, min(day.day, monthrange(year, month)[1]))


def view_filter() -> str:
    """Which view stands in the middle."""
    chosen = st.segmented_control(
        _("视图"),
        list(_VIEWS),
        format_func=lambda name: _(_VIEWS[name]),
        default="map",
        key="gap_view",
        label_visibility="collapsed",
        required=True,
    )
    return chosen or "map"


def kind_filter(key: str, words: str) -> tuple[str, ...]:
    """The kinds of gap chosen under a key of the session; none means all. ``words`` say what they are for."""
    kinds = gap_kinds()
    chosen = st.session_state.get(key) or []
    title = _("缺口种类") if not chosen else _("缺口种类（{count}）").format(count=len(chosen))
    with st.popover(title):
        picked = st.pills(
            words,
            list(kinds),
            format_func=lambda code: _(kinds[code].label),
            selection_mode="multi",
            key=key,
        )
        st.caption("　".join(_(kinds[code].about) for code in picked))
    return tuple(picked)


def offer_actions(store: Store, actor: Actor, look: Look) -> None:
    """The plan that closes gaps, for those who may ask for one, and the list for an inspection as a file."""
    if actor.role in PLANNERS and st.button(_("补缺方案"), icon=":material/route:", key="gap_plan"):
        go_to("plan")
    with st.popover(_("督查清单"), icon=":material/print:"):
        st.caption(_("按乡镇分页，含数据日期、筛选条件、页码和签字栏；户按网格合计。"))
        for shape, title in _SHAPES.items():
            offer_file(
                title,
                partial(_inspection, store, actor, look, shape),
                f"{_file_name(store, actor, look)}.{shape}",
                width="stretch",
            )


def _inspection(store: Store, actor: Actor, look: Look, shape: Format) -> bytes:
    return inspection_file(
        store,
        actor,
        shape,
        as_of=look.as_of,
        made_at=datetime.now().astimezone(),
        township=look.township,
        kinds=look.kinds,
    )


def _file_name(store: Store, actor: Actor, look: Look) -> str:
    place = cached.townships(store, actor).get(look.township, "")
    return "-".join(part for part in (_("督查清单"), place, look.as_of.isoformat()) if part)
