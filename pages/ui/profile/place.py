"""The small map of the village with its legend."""

from __future__ import annotations

from html import escape

from geo.exchange.village_profile import VillageMap
from geo.i18n import _
from layers.village_svg import village_legend, village_svg
from pages.ui.profile.look import empty_html, picture_html


def map_html(drawn: VillageMap) -> str:
    """HTML of the map; where there is no outline it says so."""
    drawing = village_svg(drawn)
    if not drawing:
        return empty_html(_("此村还没有边界，请在“数据”页导入。"))
    words = _("{name}示意图").format(name=drawn.village["name"].iloc[0])
    note = escape(_("示意图，不作划界依据"))
    key = "".join(
        f"<li>{picture_html(swatch, '', 'swatch')}{escape(_(label))}</li>"
        for swatch, label in village_legend(drawn)
    )
    return (
        f"{picture_html(drawing, words, 'village-map')}"
        f'<div class="map-key"><ul>{key}</ul><span>{note}</span></div>'
    )
