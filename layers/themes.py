"""The map's themes as declarations: which layers, which look for which attribute, which line of the legend.

The browser draws these declarations as they are (`layers/browser/map.js` holds no colour and no rule of
its own), and the legend is made from the same objects: the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from geo.i18n import N_, _
from layers import styles
from layers.mercator import MAX_ZOOM
from layers.styles import Look

StepKind = Literal["area", "line", "point", "count", "name"]


@dataclass(frozen=True)
class Rule:
    """A look, for the features whose attributes have one of the given values.

    Attributes
    ----------
    look : Look
    when : mapping of attribute to values
        All must hold; empty means every feature.
    label : str
        Line of the legend (untranslated); empty when it needs none.
    """

    look: Look
    when: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    label: str = ""

    def as_json(self) -> dict[str, Any]:
        """The rule for the browser."""
        conditions = {name: list(values) for name, values in self.when.items()}
        return {"when": conditions, "look": self.look.as_json()}


@dataclass(frozen=True)
class Step:
    """One pass over the features of a tile layer.

    Attributes
    ----------
    layer : str
        Tile layer.
    kind : str
        How features are drawn: area, line, point, count (a disc with a number) or name.
    rules : tuple of Rule
        The first that holds decides, unless ``combine``.
    combine : bool
        Whether all that hold are drawn together: colours as stripes, characters in a row.
    min_zoom, max_zoom : int
        Map zooms between which it is drawn.
    more : str
        For names: a second line (untranslated), with attributes in braces; written where there is room.
    """

    layer: str
    kind: StepKind
    rules: tuple[Rule, ...]
    combine: bool = False
    min_zoom: int = 0
    max_zoom: int = MAX_ZOOM
    more: str = ""

    def as_json(self) -> dict[str, Any]:
        """The step for the browser."""
        second_line = {"more": _(self.more)} if self.more else {}
        return {
            **second_line,
            "layer": self.layer,
            "kind": self.kind,
            "combine": self.combine,
            "minZoom": self.min_zoom,
            "maxZoom": self.max_zoom,
            "rules": [rule.as_json() for rule in self.rules],
        }


def _explained(steps: tuple[Step, ...]) -> tuple[tuple[Step, Rule], ...]:
    return tuple((step, rule) for step in steps for rule in step.rules if rule.label)


@dataclass(frozen=True)
class Theme:
    """One question that the map answers.

    Attributes
    ----------
    key, title : str
        Name in code and on the screen (untranslated).
    layers : tuple of str
        Map layers whose tiles it needs.
    steps : tuple of Step
        What is drawn, from below upwards.
    """

    key: str
    title: str
    layers: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def legend(self) -> tuple[tuple[Step, Rule], ...]:
        """The rules that the legend explains: what the theme is about first, borders last."""
        explained = _explained(self.steps)
        return tuple(sorted(explained, key=lambda entry: entry[0] in BORDERS))

    def as_json(self) -> dict[str, Any]:
        """The theme for the browser."""
        return {"layers": list(self.layers), "steps": [step.as_json() for step in self.steps]}


@dataclass(frozen=True)
class Overlay:
    """A map layer that a user may lay over a theme: its name, its title (untranslated) and its steps."""

    key: str
    title: str
    steps: tuple[Step, ...]

    @property
    def legend(self) -> tuple[tuple[Step, Rule], ...]:
        """The rules that the legend explains."""
        return _explained(self.steps)

    def as_json(self) -> dict[str, Any]:
        """The overlay for the browser."""
        return {"layers": [self.key], "steps": [step.as_json() for step in self.steps]}


_YES = (True,)

COUNTY = Step("county", "line", (Rule(styles.COUNTY_LINE, label=N_("县界")),))
TOWNSHIPS = Step("township_borders", "line", (Rule(styles.TOWNSHIP_LINE, label=N_("乡镇界")),))
VILLAGES = Step("villages", "area", (Rule(styles.VILLAGE_LINE),))
CELLS = Step("cells", "area", (Rule(styles.CELL_LINE),), min_zoom=12)
TOWNSHIP_NAMES = Step("township_names", "name", (Rule(styles.TOWNSHIP_NAME),), max_zoom=11)
VILLAGE_NAMES = Step("village_names", "name", (Rule(styles.VILLAGE_NAME),), min_zoom=12)
BORDERS = (VILLAGES, TOWNSHIPS, COUNTY)

INCOME = Step(
    "villages",
    "area",
    (
        Rule(styles.HOLLOW, {"income": ("hollow",)}, N_("空壳村")),
        Rule(styles.POOR, {"income": ("poor",)}, N_("经济薄弱村")),
        Rule(styles.LOW, {"income": ("low",)}, N_("收入不足 10 万元")),
        Rule(styles.MIDDLE, {"income": ("middle",)}, N_("10 万至 50 万元")),
        Rule(styles.HIGH, {"income": ("high",)}, N_("50 万元及以上")),
        Rule(styles.UNKNOWN, label=N_("无上年数据")),
    ),
)

PRIORITY = (
    Rule(styles.WEAK, {"weak": _YES}, N_("软弱涣散村")),
    Rule(styles.POOR_LABEL, {"poor": _YES}, N_("经济薄弱村")),
    Rule(styles.ELECTION, {"election_priority": _YES}, N_("换届重难点村")),
)
UNSTAFFED = Rule(styles.UNSTAFFED, {"unstaffed": _YES}, N_("重点村无驻村干部"))
OTHER_LABELS = (
    Rule(styles.OLD_REVOLUTIONARY, {"old_revolutionary": _YES}, N_("革命老区村")),
    Rule(styles.ETHNIC_MINORITY, {"ethnic_minority": _YES}, N_("少数民族村")),
    Rule(styles.HUNDRED_MILLION, {"hundred_million": _YES}, N_("亿元村")),
)

UNOWNED = Rule(styles.UNOWNED, {"state": ("unowned",)}, N_("空白网格（无主责网格员）"))
CONTESTED = Rule(styles.CONTESTED, {"state": ("contested",)}, N_("多头网格（两名以上主责）"))
OWNED = Rule(styles.OWNED, {"state": ("owned",)}, N_("有主网格"))

NETWORK = Step(
    "network",
    "line",
    (
        Rule(styles.COUNTY_LEADER, {"kind": ("county_leader",)}, N_("县级领导包村")),
        Rule(styles.TEAM_HEAD, {"kind": ("team_head",)}, N_("工作组组长")),
        Rule(styles.RESIDENT, {"kind": ("resident_cadre",)}, N_("驻村")),
        Rule(styles.TOWNSHIP_CADRE, {"kind": ("township_cadre",)}, N_("镇干部")),
    ),
)

HOUSEHOLDS = (
    Step(
        "household_counts",
        "count",
        (Rule(styles.COUNT, label=N_("户数（红弧为未结对的份额）")),),
        min_zoom=11,
    ),
    Step(
        "households",
        "point",
        (
            Rule(styles.PAIRED, {"paired": _YES}, N_("已结对户")),
            Rule(styles.UNPAIRED, {"paired": (False,)}, N_("未结对户")),
        ),
    ),
)


def _silent(*rules: Rule) -> tuple[Rule, ...]:
    """The same rules without a line in the legend, which another step already gives."""
    return tuple(replace(rule, label="") for rule in rules)


def _named(*rules: Rule) -> tuple[Step, ...]:
    """Names on top of everything, with the characters of the given rules beside those of villages."""
    with_glyphs = Step("village_names", "name", (*VILLAGE_NAMES.rules, *rules), combine=True, min_zoom=12)
    return with_glyphs, TOWNSHIP_NAMES


THEMES: dict[str, Theme] = {
    theme.key: theme
    for theme in (
        Theme(
            "village_conditions",
            N_("村情"),
            ("townships", "villages"),
            (INCOME, *BORDERS, *_named(*_silent(*PRIORITY, *OTHER_LABELS))),
        ),
        Theme(
            "responsibility_network",
            N_("责任"),
            ("townships", "villages", "cells", "network"),
            (Step("cells", "area", (UNOWNED, CONTESTED, OWNED)), *BORDERS, NETWORK, *_named()),
        ),
        Theme(
            "coverage_gaps",
            N_("缺口"),
            ("townships", "villages", "cells"),
            (
                Step("cells", "area", (UNOWNED, CONTESTED)),
                *BORDERS,
                Step("villages", "area", (UNSTAFFED,)),
                *_named(*_silent(UNSTAFFED)),
            ),
        ),
        Theme(
            "priority_villages",
            N_("重点村"),
            ("townships", "villages"),
            (
                Step("villages", "area", PRIORITY, combine=True),
                *BORDERS,
                Step("villages", "area", (UNSTAFFED,)),
                *_named(*_silent(*PRIORITY, UNSTAFFED)),
            ),
        ),
    )
}

_MANAGED_VILLAGES = Step("villages", "area", (Rule(styles.MANAGED_VILLAGE_LINE, label=N_("村界")),))
CELL_MANAGEMENT = Theme(
    "cell_management",
    N_("网格管理"),
    ("townships", "villages", "cells", "cell_names"),
    (
        Step("cells", "area", (UNOWNED, CONTESTED, OWNED)),
        Step("cells", "area", (Rule(styles.CELL_BORDER),), min_zoom=12),
        _MANAGED_VILLAGES,
        *BORDERS[1:],
        Step("cell_names", "name", (Rule(styles.CELL_NAME),), min_zoom=14, more=N_("{n} 户")),
        replace(VILLAGE_NAMES, max_zoom=13),
        TOWNSHIP_NAMES,
    ),
)

EVERY_THEME: dict[str, Theme] = {**THEMES, CELL_MANAGEMENT.key: CELL_MANAGEMENT}
"""The map page's themes and those that other pages choose by themselves."""

OVERLAYS: dict[str, Overlay] = {
    overlay.key: overlay
    for overlay in (
        Overlay("cells", N_("网格"), (CELLS,)),
        Overlay("households", N_("户"), HOUSEHOLDS),
        Overlay("network", N_("责任连线"), (NETWORK,)),
    )
}
"""Layers that can be laid over any theme, by the name of their map layer."""
