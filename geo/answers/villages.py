"""The county's villages: their labels, and one row each with everything a page shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pandas as pd

from geo.access import Actor
from geo.analysis.contradictions import CONTRADICTION_COLUMNS
from geo.analysis.suspects import SUSPECT_COLUMNS
from geo.answers.labels import read_book
from geo.answers.scope import readable
from geo.answers.sheet import village_sheet
from geo.errors import InputError
from geo.i18n import _
from geo.store import queries
from geo.store.engine import Store
from geo.vocabulary import VillageLabel

_TOLD_OF_LABELS = (
    "value",
    "threshold",
    "reason",
    "year",
    "source",
    "cause",
    "document_no",
    "decided_by",
)


def villages(
    store: Store,
    actor: Actor,
    *,
    as_of: date,
    label: str | None = None,
    township: str = "",
    suspects_only: bool = False,
    known_at: datetime | None = None,
) -> dict[str, Any]:
    """The document of ``minqing villages``: every village the actor may read, or some of them.

    Parameters
    ----------
    label : str or None
        Only villages with this label; with ``suspects_only`` those suspected of it.
    township : str
        Only villages of this township, or this village.
    suspects_only : bool
        Only villages of which figures suggest a label that nobody has decided on.

    Returns
    -------
    dict
        ``as_of, known_at, villages``; each ``code, name, township_code, labels, suspects, contradictions``.
        Labels: `label_document`. Suspects: ``label, criterion, value, threshold, unit, source, reason,
        year, designated``. Contradictions: ``label, kind, text``.

    Raises
    ------
    InputError
        There is no such label.
    PermissionError_
        The township is out of the actor's sight.
    """
    _require_label(label)
    with store.read() as session:
        book = read_book(session, known_at=known_at, within=readable(actor, township))
    day = book.on(as_of)
    labels = _by_village(day.labels, label_document)
    suspects = _by_village(day.suspects, _suspect_document)
    contradictions = _by_village(day.contradictions, _contradiction_document)
    found = book.villages
    listed = [
        {
            "code": code,
            "name": name,
            "township_code": township_code,
            "labels": labels.get(code, []),
            "suspects": suspects.get(code, []),
            "contradictions": contradictions.get(code, []),
        }
        for code, name, township_code in zip(
            found["code"], found["name"], found["township_code"], strict=True
        )
    ]
    wanted = _is_suspected if suspects_only else _bears
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "villages": [village for village in listed if wanted(village, label)],
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
    """One label as JSON has it.

    Returns
    -------
    dict
        ``label, since, value, threshold, reason``; ``year`` and ``source`` of what was measured, and
        ``cause, document_no, decided_by`` of a designation.
    """
    since = _or_none(row["since"])
    return {
        "label": row["label"],
        "since": since.isoformat() if since else None,
        **{name: _or_none(row[name]) for name in _TOLD_OF_LABELS},
    }


def _suspect_document(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _or_none(row[name]) for name in (*SUSPECT_COLUMNS[1:], "designated")}


def _contradiction_document(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in CONTRADICTION_COLUMNS[1:]}


def _by_village(
    rows: pd.DataFrame, document: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.to_dict("records"):
        found.setdefault(row["village_code"], []).append(document({str(key): row[key] for key in row}))
    return found


def _or_none(value: Any) -> Any:
    return None if pd.isna(value) else value


def _require_label(label: str | None) -> None:
    if label is not None and label not in set(VillageLabel):
        raise InputError(
            _("没有名为“{label}”的标签。").format(label=label),
            hint=_("可用的标签：{labels}。").format(labels="、".join(VillageLabel)),
        )


def _bears(village: dict[str, Any], label: str | None) -> bool:
    return label is None or any(borne["label"] == label for borne in village["labels"])


def _is_suspected(village: dict[str, Any], label: str | None) -> bool:
    return any(
        label in (None, suspect["label"]) for suspect in village["suspects"] if not suspect["designated"]
    )
