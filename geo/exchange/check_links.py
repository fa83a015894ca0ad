"""Check what rows refer to: townships, villages, cells, groups, units, holders and targets."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import chain

import pandas as pd

from geo.codes import TOWNSHIP, VILLAGE
from geo.exchange.columns import TOWNSHIP_NAME
from geo.exchange.known import Known
from geo.exchange.report import FaultList, Finding
from geo.frames import Layer, is_among
from geo.i18n import N_, _
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, ResponsibilityKind, label_of

_PARENTS: dict[str, dict[str, str]] = {
    "cells": {"village_code": "villages"},
    "households": {"village_code": "villages", "group_code": "groups", "cell_code": "cells"},
    "groups": {"village_code": "villages"},
    "branches": {"village_code": "villages"},
    "indicators": {"village_code": "villages"},
    "cadres": {"unit_code": "units"},
    "villages": {"township_code": "townships"},
}
"""Layer → its column → the layer that must hold the code."""

_UNKNOWN = {
    "townships": N_("库中没有乡镇“{value}”，请先导入乡镇。"),
    "villages": N_("库中没有村“{value}”，请先导入村，或检查代码。"),
    "groups": N_("库中没有村民小组“{value}”，请先导入村民小组，或检查代码。"),
    "cells": N_("库中没有网格“{value}”，请先导入网格，或检查代码。"),
    "units": N_("库中没有单位“{value}”，请先导入单位，或检查代码。"),
}


def fill_townships(rows: pd.DataFrame, known: Known) -> list[Finding]:
    """Give villages their township where the file does not: by code, else by the township's name.

    Changes ``rows["township_code"]`` and says what was taken from the name.
    """
    given = (
        rows["township_code"]
        if "township_code" in rows.columns
        else pd.Series(None, rows.index, dtype=object)
    )
    by_code = rows["code"].str[:TOWNSHIP].where(rows["code"].notna(), None)
    towns = known.frame("townships")
    by_name = pd.Series(None, rows.index, dtype=object)
    if TOWNSHIP_NAME in rows.columns:
        codes = towns.drop_duplicates("name", keep=False).set_index("name")["code"].astype(object)
        by_name = rows[TOWNSHIP_NAME].map(codes)
    unknown = ~is_among(by_code, towns["code"]) & by_name.notna() & given.isna()
    rows["township_code"] = given.where(given.notna(), by_code.where(~unknown, by_name))
    if not unknown.any():
        return []
    message = _("{count} 个村的代码前 9 位不是库中的乡镇，已按文件中的乡镇名称归属。")
    count = int(unknown.sum())
    action = _("请核对这些村的代码是否为旧版区划代码。")
    return [Finding("township_by_name", count, message.format(count=count), action, 0.8)]


_OWN_CODES = {
    "cadres": EntityKind.CADRE,
    "units": EntityKind.UNIT,
    "areas": EntityKind.AREA,
    "branches": EntityKind.BRANCH,
    "households": EntityKind.HOUSEHOLD,
}
"""Layers whose codes have no fixed form, so that nothing else keeps them apart."""


def check_links(rows: pd.DataFrame, layer: Layer, known: Known, faults: FaultList) -> None:
    """Add a fault for every code that refers to nothing, to the wrong kind of thing, or is another's."""
    for column, parent in _PARENTS.get(layer.name, {}).items():
        if column in rows.columns:
            _check_parent(rows, column, known.codes(parent), _UNKNOWN[parent], faults)
    extra: dict[str, Callable[[pd.DataFrame, Known, FaultList], None]] = {
        "cells": _check_cells,
        "units": _check_units,
        "areas": _check_areas,
        "responsibilities": _check_responsibilities,
    }
    if layer.name in extra:
        extra[layer.name](rows, known, faults)
    if layer.name in _OWN_CODES:
        _check_taken(rows["code"].dropna(), _OWN_CODES[layer.name], known, faults)


def _check_taken(codes: pd.Series, own: EntityKind, known: Known, faults: FaultList) -> None:
    """A code is one thing's identity: a cadre cannot have a unit's."""
    for kind, held in known.by_kind().items():
        if kind is not own:
            message = _("代码“{value}”已是{kind}的代码，请检查代码和所选的图层。")
            faults.add(codes[is_among(codes, held)], "code", "code_taken", message, kind=label_of(kind))


def _check_parent(
    rows: pd.DataFrame, column: str, codes: Collection[str], message: str, faults: FaultList
) -> None:
    values = rows[column].dropna()
    values = values[~values.index.isin(list(faults.rows_of(column)))]
    faults.add(values[~is_among(values, codes)], column, "unknown_parent", _(message))


def _check_cells(rows: pd.DataFrame, _known: Known, faults: FaultList) -> None:
    if "code" not in rows.columns:
        return
    both = rows[["code", "village_code"]].dropna()
    elsewhere = both[both["code"].str[:VILLAGE] != both["village_code"]] if len(both) else both
    message = _("网格代码“{value}”的前 12 位应与村代码相同。")
    faults.add(elsewhere["code"], "code", "cell_not_in_village", message)


def _check_units(rows: pd.DataFrame, known: Known, faults: FaultList) -> None:
    """A unit's parent is in the store or a faultless row of the file; a lost parent loses its children."""
    if "parent_code" not in rows.columns:
        return
    before = -1
    while before != len(faults):
        before = len(faults)
        good = set(rows.loc[~rows.index.isin(list(faults.rows)), "code"].dropna())
        rest = rows[~rows.index.isin(list(faults.rows_of("parent_code")))]
        _check_parent(rest, "parent_code", known.codes("units") | good, _UNKNOWN["units"], faults)


def _check_areas(rows: pd.DataFrame, known: Known, faults: FaultList) -> None:
    each = rows["village_codes"].dropna().str.split(";").explode()
    each = each[each.notna() & (each != "")]
    faults.add(
        each[~is_among(each, known.codes("villages"))],
        "village_codes",
        "unknown_parent",
        _(_UNKNOWN["villages"]),
    )


def _check_responsibilities(rows: pd.DataFrame, known: Known, faults: FaultList) -> None:
    whole = rows[["kind", "holder_code", "target_code"]].dropna()
    there = known.by_kind()
    for kind, part in whole.groupby("kind"):
        rule = RESPONSIBILITY_RULES[ResponsibilityKind(str(kind))]
        _check_kind(part["holder_code"], "holder_code", (rule.holder,), there, faults)
        _check_kind(part["target_code"], "target_code", rule.targets, there, faults)


def _check_kind(
    codes: pd.Series,
    column: str,
    allowed: tuple[EntityKind, ...],
    there: dict[EntityKind, pd.Series],
    faults: FaultList,
) -> None:
    right = [there[entity] for entity in allowed]
    wrong = codes[~is_among(codes, chain.from_iterable(right))]
    if wrong.empty:
        return
    labels = "、".join(label_of(entity) for entity in allowed)
    is_known = is_among(wrong, chain.from_iterable(there.values()))
    missing = _("库中没有“{value}”（应为{labels}），请先导入，或检查代码。")
    faults.add(wrong[~is_known], column, "unknown_parent", missing, labels=labels)
    other = _("“{value}”不是{labels}，与责任类型不符。")
    faults.add(wrong[is_known], column, "wrong_kind", other, labels=labels)
