"""Everything about one village: what is read, and who may read how much of it."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree

import pytest

from geo.answers.profile import village_profile
from geo.errors import InputError, PermissionError_
from layers.village_svg import village_legend, village_svg
from tests.analysis_frames import A, B
from tests.answers_store import COORDINATOR, DAY, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A, tiny_store

__all__ = ["tiny_store"]


def test_a_village_is_told_with_its_levels_team_and_numbers(tiny_store):
    seen = village_profile(tiny_store, DEPARTMENT, A, as_of=DAY)
    assert (seen.code, seen.township_name, seen.county_name) == (A, "安和镇", "安和县")
    assert [level.kind for level in seen.levels] == [
        "county_leader",
        "department",
        "sub_office",
        "org_cadre",
        "staff",
    ]
    assert [(member.kind, member.code) for member in seen.team] == [
        ("team_head", "c1"),
        ("resident_cadre", "c3"),
    ]
    assert seen.facts["cells"] == len(seen.map.cells)
    assert seen.facts["cells_contested"] == 1
    assert seen.facts["households_paired"] <= seen.facts["households_due"] <= seen.facts["households"]
    assert seen.facts["area_km2"] > 0
    assert not seen.is_sample


def test_the_map_shows_cells_in_their_state_and_the_neighbours(tiny_store):
    drawn = village_profile(tiny_store, DEPARTMENT, A, as_of=DAY).map
    assert dict(zip(drawn.cells["state"], drawn.cells["code"], strict=True)).keys() >= {"owned", "contested"}
    assert B in set(drawn.neighbours["code"])
    assert A not in set(drawn.neighbours["code"])


@pytest.mark.parametrize(
    ("actor", "sees"), [(DEPARTMENT, True), (COORDINATOR, True), (RESIDENT_OF_A, True), (LEADER, False)]
)
def test_single_households_are_for_those_who_may_see_them(tiny_store, actor, sees):
    households = village_profile(tiny_store, actor, A, as_of=DAY).map.households
    assert (households is not None) is sees
    if sees:
        assert list(households.columns) == ["paired", "geometry"]


def test_nobody_reads_a_village_out_of_scope(tiny_store):
    for actor, code in ((ELSEWHERE, A), (RESIDENT_OF_A, B)):
        with pytest.raises(PermissionError_):
            village_profile(tiny_store, actor, code, as_of=DAY)


@pytest.mark.parametrize("code", ["990101999999", "990101101", ""])
def test_what_is_no_village_is_said(tiny_store, code):
    with pytest.raises(InputError):
        village_profile(tiny_store, DEPARTMENT, code, as_of=DAY)


def test_the_picture_is_sound_xml_and_escapes_names(tiny_store):
    drawn = village_profile(tiny_store, DEPARTMENT, A, as_of=DAY).map
    renamed = dataclasses.replace(drawn, neighbours=drawn.neighbours.assign(name="<b>&"))
    picture = ElementTree.fromstring(village_svg(renamed))
    assert picture.tag.endswith("svg")
    words = [element.text for element in picture.iter() if element.tag.endswith("text")]
    assert "N" in words
    assert any(word.endswith(" km") or word.endswith(" m") for word in words)
    circles = [element for element in picture.iter() if element.tag.endswith("circle")]
    assert len(circles) == len(drawn.households) + len(drawn.cadres)


def test_the_legend_explains_what_is_drawn_only(tiny_store):
    drawn = village_profile(tiny_store, LEADER, A, as_of=DAY).map
    words = [label for _swatch, label in village_legend(drawn)]
    assert any("多头" in word for word in words)
    assert not any("结对户" in word for word in words)
    assert not any("空白" in word for word in words)


def test_a_village_without_an_outline_has_no_picture(tiny_store):
    drawn = village_profile(tiny_store, DEPARTMENT, A, as_of=DAY).map
    assert village_svg(dataclasses.replace(drawn, village=drawn.village.set_geometry([None]))) == ""
