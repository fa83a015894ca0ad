"""The thresholds in force on a day, who set them, and the history of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from geo.access import Actor, require_reader
from geo.i18n import _
from geo.operations.rules_now import rules_on
from geo.rules import Threshold, default_values, load_rules
from geo.store.engine import Store
from geo.store.models import RuleValue
from geo.store.register import audited
from geo.store.rule_values import rule_history, rule_values
from geo.vocabulary import Role

TABLE_COLUMNS = (
    "name",
    "group",
    "about",
    "unit",
    "source",
    "value",
    "valid_from",
    "default",
    "changed_by",
    "changed_at",
    "reason",
    "next_value",
    "next_from",
)
HISTORY_COLUMNS = (
    "valid_from",
    "value",
    "changed_by",
    "changed_at",
    "reason",
    "ended_at",
    "ended_by",
    "ended_reason",
)


def threshold_table(store: Store, actor: Actor, *, as_of: date) -> pd.DataFrame:
    """Every threshold as it is in force on a day; every account may look.

    Returns
    -------
    DataFrame
        `TABLE_COLUMNS`, file by file. ``group`` and ``about`` in this context's language; ``source`` is the
        rule's, ``default`` the files' value on the day; ``changed_by, changed_at`` (UTC) and ``reason`` are
        None for a default, ``next_value, next_from`` unless another value is set for later.

    Raises
    ------
    RuleError
        The day lies before the rules begin.
    """
    require_reader(actor, *Role)
    with store.read() as session:
        defaults, rules = load_rules(as_of), rules_on(session, as_of)
        values = rule_values(session)
        rows = [_row(defaults[name], rules[name], _of(values, name)) for name in rules]
    return pd.DataFrame(rows, columns=list(TABLE_COLUMNS), dtype=object)


def _of(values: Sequence[RuleValue], name: str) -> dict[date, RuleValue]:
    return {value.valid_from: value for value in values if value.name == name}


def _row(default: Threshold, current: Threshold, values: Mapping[date, RuleValue]) -> dict[str, Any]:
    stands = values.get(current.valid_from)
    later = sorted(day for day in values if day > current.valid_from)
    return {
        "name": default.name,
        "group": _(default.group),
        "about": _(default.about),
        "unit": default.unit,
        "source": default.source,
        "value": current.value,
        "valid_from": current.valid_from,
        "default": default.value,
        "changed_by": stands.recorded_by if stands else None,
        "changed_at": stands.recorded_at if stands else None,
        "reason": stands.reason if stands else None,
        "next_value": values[later[0]].value if later else None,
        "next_from": later[0] if later else None,
    }


def threshold_on(store: Store, name: str, *, as_of: date) -> Threshold:
    """One threshold as it is in force on a day."""
    with store.read() as session:
        return rules_on(session, as_of)[name]


def threshold_history(store: Store, actor: Actor, name: str) -> pd.DataFrame:
    """Every value a threshold ever had, by the day it begins, the latest first; every account may look.

    Returns
    -------
    DataFrame
        `HISTORY_COLUMNS`. Defaults have no ``changed_by``; values that stand have no ``ended_at`` (UTC), the
        others were replaced or withdrawn by ``ended_by`` for ``ended_reason``. What is missing is None.

    Raises
    ------
    InputError
        There is no such threshold.
    """
    require_reader(actor, *Role)
    defaults = [{"valid_from": each.valid_from, "value": each.value} for each in default_values(name)]
    with store.read() as session:
        values, deeds = rule_history(session, name), audited(session, name, ("threshold.",))
    values = values.rename(columns={"recorded_by": "changed_by", "recorded_at": "changed_at"})
    ended = deeds.rename(columns={"at": "superseded_at", "user": "ended_by", "reason": "ended_reason"})
    ended = ended[["superseded_at", "ended_by", "ended_reason"]].drop_duplicates("superseded_at")
    found = values.merge(ended, on="superseded_at", how="left").rename(columns={"superseded_at": "ended_at"})
    rows = found.astype(object).where(found.notna(), None).to_dict("records") + defaults
    rows.sort(key=lambda row: row["valid_from"], reverse=True)
    table = pd.DataFrame(rows, columns=list(HISTORY_COLUMNS), dtype=object)
    return table.where(table.notna(), None)
