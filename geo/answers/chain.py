"""The five levels of responsibility of every village (domain §3): a matrix of village and level."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.chain import chain_matrix, chain_states, first_missing, households_whole, village_slots
from geo.analysis.coverage import pairs_hardship_only
from geo.answers.scope import few_codes, readable
from geo.frames import LAYERS, empty_frame, is_among
from geo.operations.rules_now import rules_on
from geo.store import queries
from geo.store.aggregates import group_counts
from geo.store.engine import Store
from geo.vocabulary import FIVE_LEVELS, ResponsibilityKind

Parts = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""Areas with their villages, groups, and branches of a territory."""
LEVEL_COLUMNS = [
    column for kind in map(str, FIVE_LEVELS) for column in (kind, f"{kind}_covered", f"{kind}_of")
]
TABLE_COLUMNS = [
    "code",
    "name",
    "township_code",
    "township_name",
    *LEVEL_COLUMNS,
    "first_missing",
    "households",
    "households_whole",
]

_ABOVE_STAFF = [str(kind) for kind in FIVE_LEVELS if kind is not ResponsibilityKind.STAFF]


def chain_table(
    store: Store, actor: Actor, *, as_of: date, known_at: datetime | None = None, township: str = ""
) -> pd.DataFrame:
    """Each village the actor may read, with the state of its five levels on a day.

    Parameters
    ----------
    township : str
        Code of a township or village; ``""`` means all the actor may read.

    Returns
    -------
    DataFrame, sorted by code
        `TABLE_COLUMNS`: for each level ``held``, ``missing`` or ``not_applicable``, and how many of its
        things are held (``<level>_covered`` of ``<level>_of``); ``first_missing``, the highest missing level
        or None; all households, and how many of them have a complete chain of their own.

    Raises
    ------
    PermissionError_
        ``township`` lies outside the actor's scope.
    """
    within = readable(actor, township)
    with store.read() as session:
        villages = queries.layer_frame(session, "villages", as_of=as_of, within=within)
        townships = queries.layer_frame(session, "townships").set_index("code")["name"]
        table = villages_chains(session, villages, as_of=as_of, known_at=known_at, within=within)
    named = villages[["code", "name", "township_code"]].assign(
        township_name=villages["township_code"].map(townships)
    )
    return named.join(table, on="code")[TABLE_COLUMNS]


def chain_document(
    store: Store, actor: Actor, *, as_of: date, known_at: datetime | None = None, township: str = ""
) -> dict[str, Any]:
    """The document of ``minqing chain``: `chain_table` with the levels of each village as a list.

    Returns
    -------
    dict
        ``as_of, known_at, villages``; each with ``levels``, each level ``kind, state, covered, of``.
    """
    table = chain_table(store, actor, as_of=as_of, known_at=known_at, township=township)
    plain = [name for name in TABLE_COLUMNS if name not in LEVEL_COLUMNS]
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "villages": [
            {**{name: row[name] for name in plain}, "levels": _levels(row)}
            for row in table.astype(object).to_dict("records")
        ],
    }


def _levels(row: Mapping[Any, Any]) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "state": row[kind], "covered": row[f"{kind}_covered"], "of": row[f"{kind}_of"]}
        for kind in map(str, FIVE_LEVELS)
    ]


def villages_chains(
    session: Session,
    villages: pd.DataFrame,
    *,
    as_of: date,
    known_at: datetime | None = None,
    within: Collection[str] = ("",),
) -> pd.DataFrame:
    """The columns of `chain_table` from the levels on, on the codes of the villages of a territory."""
    parts = village_parts(session, villages, as_of=as_of, known_at=known_at, within=within)
    hardship_only = pairs_hardship_only(rules_on(session, as_of, known_at=known_at))
    homes = group_counts(session, as_of=as_of, known_at=known_at, within=within, hardship_only=hardship_only)
    held = _held(session, villages, parts, as_of=as_of, known_at=known_at)
    states = village_states(villages, homes, parts, held)
    counted = homes.groupby("village_code")["households"].sum()
    return chain_matrix(states).assign(
        first_missing=first_missing(states),
        households=lambda matrix: counted.reindex(matrix.index, fill_value=0),
        households_whole=households_whole(states, homes, held),
    )


def village_parts(
    session: Session,
    villages: pd.DataFrame,
    *,
    as_of: date,
    known_at: datetime | None = None,
    within: Collection[str] = ("",),
) -> Parts:
    """What the villages of a territory are made of, as far as chains go."""
    areas = queries.area_villages(session, as_of=as_of, known_at=known_at)
    return (
        areas[is_among(areas["village_code"], villages["code"])],
        queries.layer_frame(session, "groups", as_of=as_of, within=within),
        queries.layer_frame(session, "branches", as_of=as_of, within=within),
    )


def village_states(
    villages: pd.DataFrame, counts: pd.DataFrame, parts: Parts, held: pd.DataFrame
) -> pd.DataFrame:
    """`chain_states` of villages, whose pairing comes from counts instead of single households.

    Parameters
    ----------
    counts : DataFrame ``village_code, due, paired``
        Several rows a village are added up.
    held : frame in force
        Responsibilities over the villages, their townships and parts.
    """
    areas, groups, branches = parts
    nobody = empty_frame(LAYERS["households"])
    slots = village_slots(villages, areas, groups, branches, nobody)
    homes = counts.groupby("village_code", as_index=False)[["paired", "due"]].sum()
    staff = homes.set_axis(["subject_code", "covered", "total"], axis=1).assign(
        kind=str(ResponsibilityKind.STAFF)
    )
    return chain_states(villages["code"], slots, held, counted=staff)


def _held(
    session: Session, villages: pd.DataFrame, parts: Parts, *, as_of: date, known_at: datetime | None
) -> pd.DataFrame:
    """Responsibilities of the levels above single households over villages and their parts."""
    areas, groups, branches = parts
    lists = (
        villages["code"],
        villages["township_code"],
        areas["area_code"],
        groups["code"],
        branches["code"],
    )
    targets: set[str] = set().union(*lists)
    return queries.responsibilities(
        session, as_of=as_of, known_at=known_at, kinds=_ABOVE_STAFF, targets=few_codes(targets)
    )
