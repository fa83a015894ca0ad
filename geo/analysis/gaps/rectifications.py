"""Rectifications that are past their limit (domain §4, §6)."""

from __future__ import annotations

from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import gap_frame, gap_rule
from geo.analysis.gaps.where import acting, at_codes, townships_of, village_shapes
from geo.analysis.gaps.wording import named, told
from geo.analysis.periods import is_missing
from geo.analysis.rectification.transitions import OPEN
from geo.frames import is_among
from geo.i18n import _
from geo.rules import Rules
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import EntityKind

_KIND = "rectification_overdue"
_OPEN = [str(state) for state in OPEN]


@gap_rule(_KIND, scope="county", reads=("rectifications", "villages", "branches"))
def rectification_overdue(evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    """Villages and branches on the list that have not been struck off by their day (S3, S4).

    One row a case; the aspect is its code. A branch that belongs to no village lies nowhere: the department
    acts on it.
    """
    late = _late(evidence)
    villages = [None if is_missing(code) else str(code) for code in late["village_code"]]
    townships = townships_of(evidence, villages)
    since = [day + timedelta(days=1) for day in late["due_on"]]
    days = [(evidence.as_of - day).days for day in late["due_on"]]
    said = zip(_subjects(evidence, late), late["code"], late["due_on"], days, since, strict=True)
    fact = _("{subject} 的整改（{code}）应于 {due} 前销号，已逾期 {days} 天")
    rows = {
        "kind": _KIND,
        "target_kind": late["subject_kind"],
        "target_code": late["subject_code"],
        "aspect": late["code"],
        "village_code": villages,
        "township_code": townships,
        "value": days,
        "threshold": 0,
        "unit": "days",
        "source": gap_kinds()[_KIND].source,
        "since": since,
        "why": [
            told(fact.format(subject=subject, code=code, due=due.isoformat(), days=late_by), first)
            for subject, code, due, late_by, first in said
        ],
        **acting(_KIND, townships),
    }
    return gap_frame(rows, village_shapes(evidence, villages))


def _late(evidence: Evidence) -> pd.DataFrame:
    """The cases that are open and past their day."""
    cases = evidence.rectifications
    past = np.array([day < evidence.as_of for day in cases["due_on"]], dtype=bool)
    return cases[past & is_among(cases["state"], _OPEN).to_numpy()]


def _subjects(evidence: Evidence, cases: pd.DataFrame) -> list[str]:
    """What each case is about, by kind, code and name."""
    frames = (evidence.villages, evidence.branches)
    names = pd.concat([frame.set_index(frame["code"].astype(object))["name"] for frame in frames])
    called = at_codes(names[~names.index.duplicated()], cases["subject_code"].tolist())
    subjects = zip(cases["subject_kind"], cases["subject_code"], called, strict=True)
    return [named(EntityKind(kind), code, name) for kind, code, name in subjects]
