"""The map's themes as declarations: which layers, which look for which attribute, which legend."""

from __future__ import annotations

from dataclasses import replace

from geo.i18n import N_
from layers import styles
from layers.theme import Overlay, Rule, Step, Theme

_YES = (True,)

COUNTY = Step("county", "line", (Rule(styles.COUNTY_LINE, label=N_("县界")),), is_border=True)
TOWNSHIPS = Step(
    "township_borders", "line", (Rule(styles.TOWNSHIP_LINE, label=N_("乡镇界")),), is_border=True
)
VILLAGES = Step("villages", "area", (Rule(styles.VILLAGE_LINE),), is_border=True)
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


def _named(*rules: Rule, layer: str = "village_names") -> tuple[Step, ...]:
    """Names on top of everything, with the characters of the given rules beside those of villages."""
    with_glyphs = Step(layer, "name", (*VILLAGE_NAMES.rules, *rules), combine=True, min_zoom=12)
    return with_glyphs, TOWNSHIP_NAMES


GAP_UNSTAFFED = Rule(styles.GAP_UNSTAFFED, {"unstaffed": _YES}, N_("应派未派"))
GAP_OVERDUE = Rule(styles.GAP_OVERDUE, {"overdue": _YES}, N_("整改逾期"))
UNDERSTAFFED = Rule(styles.UNDERSTAFFED, {"understaffed": _YES}, N_("工作组不足"))
CHAIN_BROKEN = Rule(styles.CHAIN_BROKEN, {"chain": _YES}, N_("责任链断"))
GAP_AREAS = (
    Rule(styles.UNCOVERED, {"kind": ("land_uncovered",)}, N_("网格空白区")),
    Rule(styles.OVERLAP, {"kind": ("cell_overlap",)}, N_("网格重叠")),
)
GAP_OWNERS = (
    Rule(styles.INACTIVE, {"kind": ("owner_inactive",)}, N_("有主无人")),
    Rule(styles.OVERLOADED, {"kind": ("owner_overloaded",)}, N_("责任过载")),
    Rule(styles.REMOTE, {"kind": ("owner_remote",)}, N_("责任过远")),
)
HOUSEHOLD_GAPS = (
    Step(
        "household_gap_counts",
        "count",
        (Rule(styles.GAP_COUNT, label=N_("有缺口的户数（粗弧：未结对）")),),
        min_zoom=12,
    ),
    Step(
        "household_gaps",
        "point",
        (
            Rule(styles.UNPAIRED, {"kind": ("household_unpaired",)}, N_("结对空白户")),
            Rule(styles.MISPLACED, {"kind": ("household_misplaced",)}, N_("户落图错误")),
        ),
    ),
)
GAPS = (
    Step("gap_villages", "area", (CHAIN_BROKEN,)),
    Step("gap_villages", "area", (UNDERSTAFFED,)),
    Step("cells", "area", (UNOWNED, CONTESTED)),
    Step("gap_areas", "area", GAP_AREAS),
    *BORDERS,
    Step("gap_villages", "area", (GAP_OVERDUE,)),
    Step("gap_villages", "area", (GAP_UNSTAFFED,)),
    *HOUSEHOLD_GAPS,
    Step("gap_places", "badge", _silent(*GAP_AREAS), max_zoom=14),
    Step("gap_places", "badge", GAP_OWNERS),
    *_named(*_silent(GAP_UNSTAFFED, UNDERSTAFFED, CHAIN_BROKEN, GAP_OVERDUE), layer="gap_village_names"),
)

CHAIN = (
    Rule(styles.NO_LEADER, {"first": ("county_leader",)}, N_("首缺：县级领导包村")),
    Rule(styles.NO_DEPARTMENT, {"first": ("department",)}, N_("首缺：单位包片")),
    Rule(styles.NO_SUB_OFFICE, {"first": ("sub_office",)}, N_("首缺：股所包组")),
    Rule(styles.NO_ORG_CADRE, {"first": ("org_cadre",)}, N_("首缺：组工干部包支部")),
    Rule(styles.NO_STAFF, {"first": ("staff",)}, N_("首缺：干部职工包户")),
    Rule(styles.WHOLE, {"first": ("whole",)}, N_("五级齐全")),
)
"""Villages by the first level of their chain that is missing: the higher the level, the darker."""

CASES = (
    Rule(styles.CASE_OVERDUE, {"status": ("overdue",)}, N_("整改逾期")),
    Rule(styles.CASE_PRESSING, {"status": ("pressing",)}, N_("整改临期")),
    Rule(styles.CASE_ON_TIME, {"status": ("on_time",)}, N_("整改正常")),
    Rule(styles.CASE_CLOSED, {"status": ("closed",)}, N_("近一年销号")),
)
"""Villages by their most urgent rectification."""
CASE_SIGNS = tuple(Step("rectification_signs", "badge", (rule,), max_zoom=11) for rule in _silent(*CASES))
"""One step each: a village has one sign, which stands in its middle."""


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
            ("townships", "villages", "cells", "gaps"),
            GAPS,
        ),
        Theme(
            "chain",
            N_("责任链"),
            ("townships", "villages", "chain"),
            (
                Step("chains", "area", CHAIN),
                *BORDERS,
                Step(
                    "chain_names",
                    "name",
                    VILLAGE_NAMES.rules,
                    min_zoom=12,
                    more=N_("{complete}/{n} 户"),
                ),
                TOWNSHIP_NAMES,
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
        Theme(
            "rectification",
            N_("整改"),
            ("townships", "villages", "rectifications"),
            (
                Step("rectifications", "area", CASES),
                *BORDERS,
                *CASE_SIGNS,
                *_named(*_silent(*CASES), layer="rectification_names"),
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
