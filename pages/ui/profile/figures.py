"""The indicators of a village on its page: charts against the township's median, years, correcting."""

from __future__ import annotations

from geo.access import Actor
from geo.answers.indicators import indicator_history
from geo.exchange.village_profile import VillageProfile
from geo.i18n import _
from geo.store.engine import Store
from pages.ui.profile.figure_form import offer_correcting
from pages.ui.profile.figure_tiles import tiles_html, years_html
from pages.ui.profile.look import empty_html, show_card


def show_figures(store: Store, actor: Actor, profile: VillageProfile, *, editable: bool) -> None:
    """Show the card of indicators; with ``editable`` and the right to it also the way to correct them."""
    history = indicator_history(store, actor, profile.code, known_at=profile.known_at)
    history = history[history["year"] <= profile.as_of.year]
    if history.empty:
        show_card(_("历年指标"), empty_html(_("还没有填报过指标。")))
    else:
        show_card(_("历年指标"), tiles_html(profile.indicators) + years_html(history))
    if editable and actor.can_write(profile.code):
        offer_correcting(store, actor, profile.code)
