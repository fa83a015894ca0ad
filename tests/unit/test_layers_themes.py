"""Themes, looks and legends: complete, consistent, and readable without colour."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

from geo.i18n import set_language
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import FIVE_LEVELS, RESPONSIBILITY_RULES, EntityKind, VillageLabel
from layers import styles
from layers.gap_picture import PLACE_KINDS, POINT_KINDS, VILLAGE_FLAGS
from layers.legend import legend_html
from layers.registry import MAP_LAYERS
from layers.styles import Look
from layers.themes import CHAIN, GAPS, INCOME, NETWORK, OVERLAYS, PRIORITY, THEMES
from layers.villages import INCOME_CLASSES, LABELS, ON_NAMES, ON_SHAPES

TILE_LAYERS = {
    "county": set(),
    "township_borders": set(),
    "township_names": {"code", "name", "room"},
    "villages": set(ON_SHAPES),
    "village_names": {*ON_NAMES, "room"},
    "cells": {"code", "state"},
    "network": {"kind", "target"},
    "households": {"paired"},
    "household_counts": {"n", "unpaired"},
    "gap_areas": {"kind"},
    "gap_places": {"kind"},
    "gap_villages": {"code", *VILLAGE_FLAGS},
    "gap_village_names": {"code", "name", "room", *VILLAGE_FLAGS},
    "household_gaps": {"kind"},
    "household_gap_counts": {"n", "unpaired"},
    "chains": {"code", "first"},
    "chain_names": {"code", "name", "room", "n", "complete", "first"},
    "rectifications": {"code", "status", "state"},
    "rectification_signs": {"status"},
    "rectification_names": {"code", "name", "room", "status"},
}
DRAWN = [*THEMES.values(), *OVERLAYS.values()]


def test_the_themes_of_the_first_page():
    assert list(THEMES) == [
        "village_conditions",
        "responsibility_network",
        "coverage_gaps",
        "chain",
        "priority_villages",
        "rectification",
    ]


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_a_theme_asks_only_for_layers_there_are(theme):
    assert set(theme.layers) <= set(MAP_LAYERS)


@pytest.mark.parametrize("drawn", DRAWN, ids=lambda drawn: drawn.key)
def test_rules_ask_only_for_attributes_that_tiles_carry(drawn):
    for step in drawn.steps:
        for rule in step.rules:
            assert set(rule.when) <= TILE_LAYERS[step.layer]


def test_every_income_class_has_its_look():
    covered = {value for rule in INCOME.rules for value in rule.when.get("income", ("unknown",))}
    assert covered == set(INCOME_CLASSES)


def test_lines_cover_every_kind_over_villages():
    kinds = {str(kind) for kind, rule in RESPONSIBILITY_RULES.items() if EntityKind.VILLAGE in rule.targets}
    assert {value for rule in NETWORK.rules for value in rule.when["kind"]} == kinds


def test_labels_are_those_of_the_vocabulary():
    assert set(LABELS) == {str(label) for label in VillageLabel}


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_incomes_darken_step_by_step():
    shades = [luminance(rule.look.fill) for rule in INCOME.rules[:5]]
    assert shades == sorted(shades)
    assert min(b - a for a, b in pairwise(shades)) > 0.05


def test_every_gap_that_has_a_place_has_its_look():
    shown = {value for step in GAPS for rule in step.rules for value in rule.when.get("kind", ())}
    assert shown == {*PLACE_KINDS, *POINT_KINDS}
    flagged = {flag for step in GAPS for rule in step.rules for flag in rule.when} & {*VILLAGE_FLAGS}
    assert flagged == {*VILLAGE_FLAGS}
    states = {value for step in GAPS for rule in step.rules for value in rule.when.get("state", ())}
    assert states == {"unowned", "contested"}
    elsewhere = {"household_unlocated"}  # such a household has no place
    drawn = {*PLACE_KINDS, *POINT_KINDS, *VILLAGE_FLAGS.values(), "cell_unowned", "cell_contested"}
    assert drawn | elsewhere == set(gap_kinds())


def test_gaps_are_told_apart_without_colour():
    rules = {rule.label: (step, rule.look) for step, rule in THEMES["coverage_gaps"].legend}
    signs = {
        label: (step.kind, look.pattern, look.glyph, look.dash, look.radius, look.weight, luminance_of(look))
        for label, (step, look) in rules.items()
    }
    assert len(set(signs.values())) == len(signs)
    patterns = [look.pattern for step, look in rules.values() if step.kind == "area" and look.pattern]
    assert len(set(patterns)) == len(patterns) >= 5


def luminance_of(look: Look) -> float:
    return round(luminance(look.fill), 1) if look.fill else -1.0


def test_every_level_of_the_chain_has_its_pattern():
    levels = {value for rule in CHAIN for value in rule.when["first"]}
    assert levels == {*map(str, FIVE_LEVELS), "whole"}
    patterns = [rule.look.pattern for rule in CHAIN]
    assert len(set(patterns)) == len(patterns)


@pytest.mark.parametrize("rules", [PRIORITY, NETWORK.rules], ids=["priority", "network"])
def test_kinds_differ_by_more_than_colour(rules):
    signs = [(rule.look.pattern, rule.look.glyph, rule.look.dash, rule.look.weight) for rule in rules]
    assert len(set(signs)) == len(signs)


def test_unowned_and_contested_cells_are_hatched_differently():
    patterns = {styles.UNOWNED.pattern, styles.CONTESTED.pattern, styles.OWNED.pattern}
    assert patterns == {"hatch", "cross", ""}


@pytest.mark.parametrize("key", THEMES)
def test_the_legend_shows_the_colours_of_the_map(key):
    html = legend_html(key)
    for _step, rule in THEMES[key].legend:
        assert rule.label in html
        for colour in (rule.look.fill, rule.look.stroke, rule.look.pattern_color):
            assert colour in html


def test_borders_come_last_and_nothing_twice():
    html = legend_html("priority_villages", overlays=("households",))
    labels = re.findall(r"</svg>([^<]+)</li>", html)
    assert labels[:1] == ["软弱涣散村"]
    assert labels.index("县界") < labels.index("已结对户")
    assert len(labels) == len(set(labels))


def test_the_legend_follows_the_language():
    set_language("en")
    try:
        assert "经济薄弱村" not in legend_html("priority_villages")
    finally:
        set_language("zh")


def test_what_is_not_drawn_is_not_sent():
    assert Look(fill="#ffffff").as_json() == {"fill": "#ffffff", "opacity": 1.0}
    sent = json.dumps([drawn.as_json() for drawn in DRAWN], separators=(",", ":"))
    assert len(sent) < 14_400
