"""How gaps are put into words: the pieces that the sentences of several rules share."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from geo.i18n import _
from geo.vocabulary import EntityKind, label_of


def named(kind: EntityKind, code: str, name: Any) -> str:
    """A thing by kind, code and name: ``网格 990101101201003（第3网格）``; without a name only the code."""
    thing = _("{kind} {code}").format(kind=label_of(kind), code=code)
    return thing if pd.isna(name) else _("{thing}（{name}）").format(thing=thing, name=name)


def told(fact: str, since: date | None) -> str:
    """The fact as a sentence, with the day since which it is so, if that is known."""
    fact = fact.replace("） ", "）")  # no gap after a wide bracket
    if since is None:
        return _("{fact}。").format(fact=fact)
    return _("{fact}；自 {day} 起。").format(fact=fact, day=since.isoformat())
