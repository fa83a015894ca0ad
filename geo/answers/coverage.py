"""How much of the county is covered: all of it, one territory, or each township, village, holder or unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.answering import villages_of_holders, villages_of_units
from geo.analysis.coverage import (
    LEADING_KINDS,
    coverage_ledger,
    pairs_hardship_only,
    ratios_of,
    summed_ledger,
    with_ratios,
)
from geo.answers.labels import labelled_villages
from geo.answers.scope import readable
from geo.codes import TOWNSHIP
from geo.crs import STORED_CRS
from geo.operations.rules_now import rules_on
from geo.store import queries
from geo.store.aggregates import household_counts
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind

By = Literal["township", "village", "holder", "unit"]
_KINDS = (str(ResponsibilityKind.GRID_OFFICER), str(ResponsibilityKind.RESIDENT_CADRE))
_LEADING = tuple(str(kind) for kind in LEADING_KINDS)


@dataclass(frozen=True)
class _Moment:
    as_of: date
    known_at: datetime | None


def coverage(
    store: Store, actor: Actor, *, as_of: date, known_at: datetime | None = None, within: str = ""
) -> dict[str, Any]:
    """The document of ``minqing coverage``.

    Parameters
    ----------
    within : str
        Code of a township or village; ``""`` means all the actor may read.

    Returns
    -------
    dict
        ``as_of, known_at, within, ratios``; each ratio ``name, numerator, denominator, ratio, unit``.

    Raises
    ------
    PermissionError_
        ``within`` lies outside the actor's scope.
    """
    moment, territory = _Moment(as_of, known_at), readable(actor, within)
    with store.read() as session:
        _villages, ledger = _read_ledger(session, moment, territory)
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "within": within,
        "ratios": _plain_ratios(ledger),
    }


def coverage_by(
    store: Store, actor: Actor, *, by: By, as_of: date, known_at: datetime | None = None, within: str = ""
) -> dict[str, Any]:
    """The document of ``minqing coverage --by``: that of `coverage`, and the same ratios for each group.

    Returns
    -------
    dict
        Also ``by`` and ``groups``; each group ``code, name, ratios``.
    """
    moment, territory = _Moment(as_of, known_at), readable(actor, within)
    with store.read() as session:
        villages, ledger = _read_ledger(session, moment, territory)
        members, names = _groups(session, by, villages, moment)
    sums = summed_ledger(ledger, members)
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "within": within,
        "ratios": _plain_ratios(ledger),
        "by": by,
        "groups": [
            {"code": code, "name": names.get(code, code), "ratios": _plain_ratios(sums.loc[[code]])}
            for code in sums.index
        ],
    }


def coverage_table(
    store: Store, actor: Actor, *, by: By, as_of: date, known_at: datetime | None = None, within: str = ""
) -> pd.DataFrame:
    """Every ratio of each township, village, holder or unit.

    Parameters
    ----------
    by : str
        ``township`` or ``village``; ``holder``: whoever answers for villages as a leader
        (`geo.analysis.coverage.LEADING_KINDS`), for the villages concerned; ``unit``: units with what their
        own areas and their cadres answer for.
    within : str
        Code of a township or village; ``""`` means all the actor may read. Villages outside count for
        nobody, so a holder's ratios are those of the part of its villages that lies inside.

    Returns
    -------
    DataFrame, sorted by code
        ``code, name``, and for each ratio ``<name>`` (None over nothing), its live twin ``<name>_live`` (None
        while no attendance is kept), ``<name>_n`` and ``<name>_of``. Without villages empty.

    Raises
    ------
    PermissionError_
        ``within`` lies outside the actor's scope.
    """
    moment, territory = _Moment(as_of, known_at), readable(actor, within)
    with store.read() as session:
        villages, ledger = _read_ledger(session, moment, territory)
        members, names = _groups(session, by, villages, moment)
    table = with_ratios(summed_ledger(ledger, members)).rename_axis("code").reset_index()
    table.insert(1, "name", table["code"].map(names).fillna(table["code"]))
    return table


def coverage_areas(
    store: Store, actor: Actor, *, by: By, as_of: date, known_at: datetime | None = None, within: str = ""
) -> gpd.GeoDataFrame:
    """`coverage_table` with the outlines of townships or villages; holders and units have none."""
    table = coverage_table(store, actor, by=by, as_of=as_of, known_at=known_at, within=within)
    layer = {"township": "townships", "village": "villages"}.get(by)
    shapes = pd.Series(dtype=object)
    if layer:
        with store.read() as session:
            frame = queries.layer_frame(session, layer, as_of=as_of, within=readable(actor, within))
        shapes = pd.Series(frame.geometry.to_numpy(), index=frame["code"], dtype=object)
    return gpd.GeoDataFrame(table, geometry=shapes.reindex(table["code"]).to_list(), crs=STORED_CRS)


def _read_ledger(
    session: Session, moment: _Moment, territory: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The villages of a territory, and their ledger."""
    at: dict[str, Any] = {"as_of": moment.as_of, "known_at": moment.known_at}
    villages, _indicators, labels = labelled_villages(session, within=territory, **at)
    cells = queries.layer_frame(session, "cells", within=territory, **at)
    hardship_only = pairs_hardship_only(rules_on(session, **at))
    counts = household_counts(session, within=territory, hardship_only=hardship_only, **at)
    held = queries.responsibilities(session, kinds=_KINDS, **at)
    return villages, coverage_ledger(villages, cells, counts, held, labels)


def _groups(
    session: Session, by: By, villages: pd.DataFrame, moment: _Moment
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Which villages belong to which group, and how the groups are called."""
    code = villages["code"]
    if by == "village":
        return pd.DataFrame({"code": code, "village_code": code}), _names(villages)
    if by == "township":
        towns = queries.layer_frame(session, "townships")
        return pd.DataFrame({"code": code.str[:TOWNSHIP], "village_code": code}), _names(towns)
    at: dict[str, Any] = {"as_of": moment.as_of, "known_at": moment.known_at}
    leading = queries.responsibilities(session, kinds=_LEADING, **at)
    members = villages_of_holders(leading, villages, queries.area_villages(session, **at))
    if by == "unit":
        cadres = queries.layer_frame(session, "cadres", as_of=moment.as_of)
        members = villages_of_units(members, cadres)
    return members, _names(queries.entity_names(session, members["code"].unique()))


def _names(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["code"], frame["name"], strict=True))


def _plain_ratios(ledger: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {key: None if pd.isna(value) else value for key, value in row.items()}
        for row in ratios_of(ledger).to_dict("records")
    ]
