"""The county's villages: their labels, and one row each with everything a page shows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd

from geo.access import Actor
from geo.answers.labels import labelled_villages
from geo.answers.scope import readable
from geo.answers.sheet import village_sheet
from geo.errors import InputError
from geo.i18n import _
from geo.store import queries
from geo.store.engine import Store
from geo.vocabulary import VillageLabel


def villages(
    store: Store, actor: Actor, *, as_of: date, label: str | None = None, known_at: datetime | None = None
) -> dict[str, Any]:
    """The document of ``minqing villages``: every village the actor may read, or those with one label.

    Returns
    -------
    dict
        ``as_of, known_at, villages``; each ``code, name, township_code, labels``, each label
        ``label, since, value, threshold, reason``.

    Raises
    ------
    InputError
        There is no such label.
    """
    if label is not None and label not in set(VillageLabel):
        raise InputError(
            _("没有名为“{label}”的标签。").format(label=label),
            hint=_("可用的标签：{labels}。").format(labels="、".join(VillageLabel)),
        )
    with store.read() as session:
        found, _indicators, labels = labelled_villages(
            session, as_of=as_of, known_at=known_at, within=readable(actor)
        )
    borne: dict[str, list[dict[str, Any]]] = {}
    for row in labels.to_dict("records"):
        borne.setdefault(row["village_code"], []).append(label_document(row))
    listed = [
        {"code": code, "name": name, "township_code": township, "labels": borne.get(code, [])}
        for code, name, township in zip(found["code"], found["name"], found["township_code"], strict=True)
    ]
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "villages": [village for village in listed if label is None or _bears(village, label)],
    }


def village_table(store: Store, actor: Actor, *, as_of: date, township: str = "") -> pd.DataFrame:
    """One row a village the actor may read.

    Returns
    -------
    DataFrame
        Columns of `geo.answers.sheet.village_sheet` without geometry, and ``township_name``; sorted by code.
    """
    territory = readable(actor, township)
    with store.read() as session:
        sheet = village_sheet(session, as_of=as_of, within=territory)
        townships = queries.layer_frame(session, "townships").set_index("code")["name"]
    table = pd.DataFrame(sheet.drop(columns="geometry"))
    table.insert(3, "township_name", table["township_code"].map(townships))
    return table


def label_document(row: dict[str, Any]) -> dict[str, Any]:
    """One label as JSON has it."""
    since, value, threshold = (
        None if pd.isna(row[key]) else row[key] for key in ("since", "value", "threshold")
    )
    return {
        "label": row["label"],
        "since": since.isoformat() if since else None,
        "value": value,
        "threshold": threshold,
        "reason": row["reason"],
    }


def _bears(village: dict[str, Any], label: str) -> bool:
    return any(borne["label"] == label for borne in village["labels"])
