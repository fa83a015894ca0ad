"""The folium map: nothing from outside, a view that stays, small changes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import folium
import pytest
from folium.plugins import MiniMap
from streamlit_folium import _get_feature_group_string, _get_map_string, generate_js_hash

from layers import offline
from layers.folium_map import base_map, theme_group
from layers.themes import THEMES

AS_OF = date(2026, 5, 1)
BOUNDS = (112.98, 32.82, 113.44, 33.19)
ASSETS = Path(__file__).parents[2] / "assets" / "node_modules"


def script(drawn: folium.Map) -> str:
    drawn.get_root().render()
    return _get_map_string(drawn)


def change(theme: str, **choices: str) -> str:
    return _get_feature_group_string(theme_group(theme, as_of=AS_OF, **choices), base_map(BOUNDS))


def test_a_map_loads_only_from_here():
    root = base_map(BOUNDS).get_root()
    root.render()
    links = re.findall(r'(?:src|href)="([^"]+)"', root.header.render() + root.script.render())
    assert set(links) == set(offline.map_links())
    assert not re.search(r"https?://(?!www\.w3\.org)", root.render())


def test_every_library_that_is_linked_is_declared():
    declared = (ASSETS.parent / "package.json").read_text(encoding="utf-8")
    for link in offline.map_links():
        package = link.removeprefix("/assets/").split("/")[0]
        assert package == "map" or f'"{package}"' in declared


def test_our_own_files_exist_and_carry_their_content_in_the_address():
    address, version = offline.own_file("map.js").split("?v=")
    assert address == "/assets/map/map.js"
    assert (offline.OWN_FILES / "map.js").is_file()
    assert len(version) == 12


def test_a_foreign_link_is_an_error_not_a_blank_map():
    drawn = base_map(BOUNDS)
    MiniMap().add_to(drawn)
    with pytest.raises(offline.CdnLink, match="https://"):
        drawn.get_root().render()


def test_the_same_map_has_the_same_key_however_often_it_is_made():
    assert generate_js_hash(script(base_map(BOUNDS)), "map") == generate_js_hash(
        script(base_map(BOUNDS)), "map"
    )


def test_what_stands_around_the_map():
    text = script(base_map(BOUNDS)).encode().decode("unicode_escape")
    assert "示意图，不作划界依据" in text
    assert '"maxZoom": 18' in text
    assert '"attributionControl": false' in text


def test_a_store_without_territory_still_has_a_map():
    assert "Minqing.start(" in script(base_map(None))


@pytest.mark.parametrize("theme", THEMES)
def test_a_change_of_theme_is_a_few_kilobytes(theme):
    sent = change(theme, township="990101101", selected="990101101201", overlays=("households", "cells"))
    assert f'"theme": "{theme}"' in sent
    assert len(sent.encode()) < 10_000


def test_a_change_speaks_of_the_map_it_is_given_to():
    sent = change("coverage_gaps")
    assert "Minqing.show(map_div, " in sent
    assert '"asOf": "2026-05-01"' in sent


def test_an_unknown_theme_is_refused():
    with pytest.raises(KeyError):
        theme_group("weather", as_of=AS_OF)


def test_nothing_in_a_change_can_end_the_script():
    assert "</script" not in change("coverage_gaps", selected="</script><script>alert(1)")
