"""What a plan is asked for: kinds of gap, limits, and the button that computes it."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from geo.access import Actor
from geo.answers.gap_plan import plan_for
from geo.answers.names import unit_names
from geo.i18n import _
from geo.operations.gap_plan import TIME_LIMIT_S, PlanOptions
from geo.store.engine import Store
from pages.ui.gaps.filters import kind_filter
from pages.ui.plan.state import PlanDesk

_LONGEST_S = 60.0


def kinds_filter() -> tuple[str, ...]:
    """Kinds of gap to close; none chosen means all."""
    return kind_filter("plan_kinds", _("只补这些种类（不选为全部）"))


def limits_filter(store: Store, desk: PlanDesk) -> dict[str, Any]:
    """The limits, and who is available, as `PlanOptions` takes them."""
    with st.popover(_("限制")):
        max_km = st.number_input(
            _("接手人最远（公里，不填按规则）"), min_value=0.1, value=None, step=1.0, key="plan_max_km"
        )
        strict = st.checkbox(_("只用对口单位的人（不选则优先）"), key="plan_strict")
        any_post = st.checkbox(_("级别相符即可，职务不限"), key="plan_any_post")
        units, people = unit_names(store), _people(desk)
        sending = st.multiselect(
            _("只从这些单位派人（不选为全部）"), list(units), format_func=units.__getitem__, key="plan_units"
        )
        absent = st.multiselect(
            _("不安排这些人（从当前方案里选）"),
            list(people),
            format_func=people.__getitem__,
            key="plan_exclude",
        )
        seconds = st.number_input(
            _("最多搜索（秒）"), min_value=1.0, max_value=_LONGEST_S, value=TIME_LIMIT_S, key="plan_seconds"
        )
        st.caption(_("每人的网格、户数上限和乡镇界限按规则，始终遵守。"))
    return {
        "max_km": max_km,
        "strict_units": strict,
        "any_post": any_post,
        "units": tuple(sending),
        "exclude": tuple(absent),
        "time_limit_s": seconds,
    }


def _people(desk: PlanDesk) -> dict[str, str]:
    """Who takes something in this plan, and who has been left out of it, by code."""
    for code in () if desk.plan is None else desk.plan.options.exclude:
        desk.people.setdefault(code, code)
    if desk.plan is not None:
        desk.people.update(zip(desk.plan.rows["to_code"], desk.plan.rows["to_name"], strict=True))
    return desk.people


def compute(store: Store, actor: Actor, desk: PlanDesk, *, as_of: date, **asked: Any) -> None:
    """The button; computing shows how far it is."""
    asks = st.button(_("计算方案"), type="primary", icon=":material/route:", key="plan_compute")
    bar = st.empty()  # always there: a menu that is open closes when what stands before it comes and goes
    if not asks:
        return

    def tell(share: float, text: str) -> None:
        bar.progress(share, text=text)

    plan = plan_for(
        store,
        actor,
        as_of=as_of,
        options=PlanOptions(**asked),
        progress=tell,
    )
    bar.empty()
    desk.open(plan)
