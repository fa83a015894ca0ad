"""What a change of ownership asks about holders and targets: what they are, since when, where, in what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Date, String, bindparam, literal, null, select, union_all
from sqlalchemy.orm import Session

from geo.codes import TOWNSHIP
from geo.crs import STORED_CRS
from geo.store.conditions import known, valid_on
from geo.store.lookup import CODED, name_of
from geo.store.models import (
    AreaMember,
    Branch,
    Cadre,
    CellRecord,
    Dated,
    GridCell,
    Household,
    Responsibility,
    Township,
    Unit,
    Village,
    VillagerGroup,
)
from geo.store.reading import read_statement
from geo.vocabulary import EntityKind, ResponsibilityKind

_CHUNK_CODES = 2_000
_PLACED = (Cadre, Household, GridCell, Village, Township)


def entries_of(session: Session, codes: Collection[str]) -> pd.DataFrame:
    """What has each of these codes, since when and until when (exclusive); unknown codes are absent.

    Returns
    -------
    DataFrame ``code, kind, name, valid_from, valid_to``
        A cell begins with its first shape, not with its present one. A household is called by its code,
        because its head's name is personal.
    """
    parts = [read_statement(session, _ENTRIES, {"codes": part}) for part in _parts(codes) or [[]]]
    found = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    begun = _first_shapes(session, found.loc[found["kind"] == str(EntityKind.CELL), "code"])
    return found.assign(
        valid_from=[
            begun.get(code, since) for code, since in zip(found["code"], found["valid_from"], strict=True)
        ]
    )


def _period(model: Any) -> tuple[Any, Any]:
    if issubclass(model, Dated) or model is GridCell:
        return model.valid_from.label("valid_from"), model.valid_to.label("valid_to")
    return null().cast(Date).label("valid_from"), null().cast(Date).label("valid_to")


# Built once: every change asks these, and building them takes longer than answering them.
_ENTRIES = union_all(
    *(
        select(
            model.code,
            literal(kind.value, String).label("kind"),
            name_of(kind).label("name"),
            *_period(model),
        ).where(model.code.in_(bindparam("codes", expanding=True)))
        for kind, model in CODED.items()
        if kind is not EntityKind.COUNTY
    )
)
_STANDING = (
    select(
        Responsibility.id,
        Responsibility.kind,
        Responsibility.holder_code,
        Responsibility.target_code,
        Responsibility.rank,
        Responsibility.valid_from,
        Responsibility.valid_to,
        Responsibility.reason,
    )
    .where(
        Responsibility.kind.in_(bindparam("kinds", expanding=True)),
        Responsibility.target_code.in_(bindparam("targets", expanding=True)),
        known(Responsibility, None),
    )
    .order_by(Responsibility.id)
)
_HELD_ON = (
    select(
        Responsibility.id,
        Responsibility.kind,
        Responsibility.holder_code,
        Responsibility.target_code,
        Responsibility.rank,
    )
    .where(
        Responsibility.kind.in_(bindparam("kinds", expanding=True)),
        Responsibility.holder_code.in_(bindparam("holders", expanding=True)),
        known(Responsibility, None),
        valid_on(Responsibility, bindparam("on", type_=Date)),
    )
    .order_by(Responsibility.id)
)


def _first_shapes(session: Session, codes: Collection[str]) -> dict[str, Any]:
    """First day of the cells that have records; None for always."""
    since: dict[str, Any] = {}
    for part in _parts(codes):
        statement = select(CellRecord.code, CellRecord.valid_from, CellRecord.valid_to)
        for code, start, end in session.execute(
            statement.where(CellRecord.code.in_(part), CellRecord.superseded_at.is_(None))
        ):
            if end is None or start is None or start < end:
                since[code] = _earlier(since[code], start) if code in since else start
    return since


def _earlier(one: Any, other: Any) -> Any:
    return None if one is None or other is None else min(one, other)


def standing_records(session: Session, *, kinds: Collection[str], targets: Collection[str]) -> pd.DataFrame:
    """Responsibility records that nothing has superseded, of any period.

    Returns
    -------
    DataFrame ``id, kind, holder_code, target_code, rank, valid_from, valid_to, reason``
    """
    parts = [
        read_statement(session, _STANDING, {"kinds": list(kinds), "targets": part})
        for part in _parts(targets) or [[]]
    ]
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def records_in_force(
    session: Session, *, kinds: Collection[str], holders: Collection[str], on: date
) -> dict[int, tuple[str, str, str, str]]:
    """What holders hold on a day as far as is known now: kind, holder, target and rank by record id."""
    found = {}
    for part in _parts(holders):
        given = {"kinds": list(kinds), "holders": part, "on": on}
        for id_, kind, holder, target, rank in session.execute(_HELD_ON, given):
            found[id_] = kind, holder, target, rank
    return found


def cells_of_households(session: Session, codes: Collection[str]) -> dict[str, str]:
    """The present cell of each household that is in one."""
    found: dict[str, str] = {}
    for part in _parts(codes):
        statement = select(Household.code, Household.cell_code).where(Household.code.in_(part))
        found.update((code, cell) for code, cell in session.execute(statement) if cell is not None)
    return found


def standing_record(session: Session, record_id: int) -> Responsibility | None:
    """One record that nothing has superseded."""
    found = session.get(Responsibility, record_id)
    return found if found is not None and found.superseded_at is None else None


def post_of(session: Session, code: str, *, as_of: date) -> tuple[str | None, str | None, str | None] | None:
    """Name of the unit, level and duty of a cadre who is there on a day; None of anybody else."""
    statement = select(Unit.name, Cadre.level, Cadre.duty).join_from(
        Cadre, Unit, Unit.code == Cadre.unit_code, isouter=True
    )
    return session.execute(statement.where(Cadre.code == code, valid_on(Cadre, as_of))).one_or_none()


def villages_of(session: Session, codes: Collection[str]) -> dict[str, list[str]]:
    """In which villages these households, groups, branches, areas and resident cadres are; others left out.

    A cadre is where it lives or is to live as a resident cadre.
    """
    found: dict[str, list[str]] = {}
    for part in _parts(codes):
        for code, village_code in session.execute(_villages(part)):
            found.setdefault(code, []).append(village_code)
    return {code: sorted(villages) for code, villages in found.items()}


def _villages(codes: Collection[str]) -> Any:
    resident, record = str(ResponsibilityKind.RESIDENT_CADRE), Responsibility
    return union_all(
        select(Household.code, Household.village_code).where(Household.code.in_(codes)),
        select(VillagerGroup.code, VillagerGroup.village_code).where(VillagerGroup.code.in_(codes)),
        select(Branch.code, Branch.village_code).where(
            Branch.code.in_(codes), Branch.village_code.is_not(None)
        ),
        select(AreaMember.area_code, AreaMember.village_code).where(
            AreaMember.area_code.in_(codes), known(AreaMember, None), AreaMember.valid_to.is_(None)
        ),
        select(record.holder_code, record.target_code).where(
            record.holder_code.in_(codes), record.kind == resident, known(record, None)
        ),
    )


def townships_of_places(session: Session, places: Collection[str]) -> frozenset[str]:
    """Townships of township and village codes; ``""`` for what lies in none."""
    said: dict[str, str] = {}
    for part in _parts(places):
        rows = session.execute(select(Village.code, Village.township_code).where(Village.code.in_(part)))
        said.update((code, township) for code, township in rows)
    return frozenset(said.get(code, code[:TOWNSHIP]) for code in places)


def positions_of(session: Session, codes: Collection[str]) -> gpd.GeoSeries:
    """A point for each cadre, household, cell, village and township among the codes that has a place.

    Returns
    -------
    GeoSeries of points in EPSG:4490 on the codes
    """
    parts = [
        read_statement(session, select(model.code, model.geom).where(model.code.in_(part)))
        for model in _PLACED
        for part in _parts(codes)
    ]
    frames = [part[part.geometry.notna()] for part in parts if len(part)]
    if not frames:
        return gpd.GeoSeries([], crs=STORED_CRS, dtype="geometry")
    found = pd.concat(frames, ignore_index=True)
    points = shapely.point_on_surface(found.geometry.to_numpy())
    return gpd.GeoSeries(points, index=found["code"].to_numpy(dtype=object), crs=STORED_CRS)


def _parts(codes: Collection[str]) -> list[list[str]]:
    """Lists short enough for one statement."""
    wanted = sorted(set(codes))
    return [wanted[at : at + _CHUNK_CODES] for at in range(0, len(wanted), _CHUNK_CODES)]
