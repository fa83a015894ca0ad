"""The table of villages as people see it: filtered, summed, under translated headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from geo.i18n import N_, _
from geo.vocabulary import ResponsibilityKind, VillageKind, VillageLabel, label_of

HEADINGS = {
    "code": N_("村代码"),
    "name": N_("村名"),
    "township_name": N_("乡镇"),
    "kind": N_("类型"),
    "labels": N_("标签"),
    "households": N_("户数"),
    "households_paired": N_("已结对户"),
    "people": N_("人口"),
    "party_members": N_("党员"),
    "residents": N_("驻村干部"),
    "resident_names": N_("驻村干部姓名"),
    "cells": N_("网格"),
    "cells_unowned": N_("空白网格"),
    "cells_contested": N_("多头网格"),
    "first_missing": N_("责任链首个缺口"),
    "income_own_yuan": N_("集体收入（元，不含补助）"),
    "income_total_yuan": N_("总收入（元）"),
    "year": N_("指标年份"),
}
"""Columns shown, in order, with their headings (untranslated)."""

SUMMED = ("households", "households_paired", "people", "residents", "cells", "cells_unowned")
_MONEY = ("income_own_yuan", "income_total_yuan")


def filtered(table: pd.DataFrame, *, labels: Sequence[str] = (), text: str = "") -> pd.DataFrame:
    """Rows that bear one of the labels and whose name, code or resident cadre holds the text."""
    kept = pd.Series(True, index=table.index)
    if labels:
        kept &= table[list(labels)].any(axis=1)
    if wanted := text.strip():
        texts = table[["name", "code", "resident_names"]].fillna("").agg("\n".join, axis=1)
        kept &= texts.str.contains(wanted, case=False, regex=False)
    return table[kept].reset_index(drop=True)


def as_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The columns people see, with codes of the vocabulary written out."""
    shown = table[list(HEADINGS)].copy()
    shown["kind"] = shown["kind"].map({str(kind): label_of(kind) for kind in VillageKind})
    shown["labels"] = shown["labels"].map(_labels_in_words)
    kinds = {str(kind): label_of(kind) for kind in ResponsibilityKind}
    shown["first_missing"] = shown["first_missing"].map(kinds).fillna("")
    return shown.rename(columns={name: _(heading) for name, heading in HEADINGS.items()})


def column_formats() -> dict[str, Any]:
    """How columns of the table as shown are written: thousands apart, years not."""
    plain = {_(HEADINGS["year"]): st.column_config.NumberColumn(format="%d")}
    grouped = [name for name in HEADINGS if name in (*SUMMED, "party_members", "cells_contested", *_MONEY)]
    return plain | {_(HEADINGS[name]): st.column_config.NumberColumn(format="localized") for name in grouped}


def sums(table: pd.DataFrame) -> list[tuple[str, str]]:
    """How many villages there are, and the totals of what can be added up."""
    totals = [(_(HEADINGS[name]), f"{int(table[name].fillna(0).sum()):,}") for name in SUMMED]
    return [(_("村"), f"{len(table):,}"), *totals]


def _labels_in_words(labels: str) -> str:
    return "、".join(label_of(VillageLabel(label)) for label in labels.split(";") if label)
