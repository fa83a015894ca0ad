"""The tables of a county's store: the same declarations for GeoPackage and PostGIS (design §3).

Rules that hold for every table
- integer key ``id``, stable text ``code`` beside it; references are to codes, which outlive geometries;
- one geometry column ``geom`` in EPSG:4490, polygons always as MULTIPOLYGON;
- ``version`` counts the changes of a row, whoever makes them (a trigger sees to QGIS's edits);
- periods are half-open, ``valid_to`` is exclusive; an empty ``valid_from`` means always;
- ``recorded_at``/``superseded_at`` (UTC) say what was known when; such rows are closed, never changed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from geo.crs import STORED_SRID
from geo.store.types import UtcDateTime


class Base(DeclarativeBase):
    """Declarative base of all tables."""

    type_annotation_map = {
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        datetime: UtcDateTime,
    }


class Coded:
    """A thing with a code, a name and an optimistic version."""

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    version: Mapped[int] = mapped_column(server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}


class Recorded:
    """A statement that was made at one time and may have been superseded at another (UTC)."""

    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(60))
    superseded_at: Mapped[datetime | None]


class Batched(Recorded):
    """A bitemporal record of one change: ``batch`` made it, ``closed_by`` is the batch that superseded it."""

    batch: Mapped[str | None] = mapped_column(String(40), index=True)
    closed_by: Mapped[str | None] = mapped_column(String(40), index=True)


class Dated:
    """A thing of a register that may come and go: half-open, an empty end is open."""

    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


def _polygons() -> Any:
    return mapped_column(Geometry("MULTIPOLYGON", srid=STORED_SRID))


def _point() -> Any:
    return mapped_column(Geometry("POINT", srid=STORED_SRID))


class County(Coded, Base):
    __tablename__ = "county"
    name: Mapped[str] = mapped_column(String(80))
    geom = _polygons()


class Township(Coded, Base):
    __tablename__ = "township"
    name: Mapped[str] = mapped_column(String(80))
    geom = _polygons()


class Village(Coded, Base):
    __tablename__ = "village"
    name: Mapped[str] = mapped_column(String(80))
    township_code: Mapped[str] = mapped_column(ForeignKey("township.code"), index=True)
    kind: Mapped[str] = mapped_column(String(20), server_default="village")
    old_revolutionary: Mapped[bool] = mapped_column(server_default=text("false"))
    ethnic_minority: Mapped[bool] = mapped_column(server_default=text("false"))
    geom = _polygons()


class Area(Coded, Dated, Base):
    __tablename__ = "area"
    name: Mapped[str] = mapped_column(String(80))


class AreaMember(Batched, Base):
    """Which villages an area is made of, and when."""

    __tablename__ = "area_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class VillagerGroup(Coded, Dated, Base):
    __tablename__ = "villager_group"
    name: Mapped[str] = mapped_column(String(80))
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"), index=True)


class Branch(Coded, Dated, Base):
    __tablename__ = "branch"
    name: Mapped[str] = mapped_column(String(80))
    village_code: Mapped[str | None] = mapped_column(ForeignKey("village.code"), index=True)


class GridCell(Coded, Base):
    """A cell as it is now, or was when it was retired; `CellRecord` holds what it was before.

    ``valid_from`` is since when it has this shape; ``recorded_at`` when that was recorded (empty: always
    known). A cell whose making was undone has an empty period: its code stays taken.
    """

    __tablename__ = "grid_cell"
    name: Mapped[str | None] = mapped_column(String(80))
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime | None]
    geom = _polygons()


class CellRecord(Batched, Base):
    """Every state of the cells that an operation has touched, the present one (``current``) included.

    Readers take the present state from `GridCell`, where QGIS may have edited it, and the others from here.
    """

    __tablename__ = "cell_record"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("grid_cell.code"), index=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"), index=True)
    name: Mapped[str | None] = mapped_column(String(80))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None] = mapped_column(index=True)
    current: Mapped[bool] = mapped_column(server_default=text("false"))
    geom = _polygons()


class Household(Coded, Dated, Base):
    """A household; ``cell_code`` is its cell now, `HouseholdCell` holds the ones before."""

    __tablename__ = "household"
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    cell_code: Mapped[str | None] = mapped_column(ForeignKey("grid_cell.code"))
    group_code: Mapped[str | None] = mapped_column(ForeignKey("villager_group.code"))
    head_name: Mapped[str | None] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(20))
    people: Mapped[int | None]
    hardship: Mapped[bool] = mapped_column(server_default=text("false"))
    geom = _point()
    # Households are counted by cell and by village without reading them.
    __table_args__ = (
        Index("household_cell_period", "cell_code", "valid_from", "valid_to"),
        Index("household_village_cell", "village_code", "cell_code", "valid_from", "valid_to", "code"),
    )


class HouseholdCell(Batched, Base):
    """In which cell a household was, for those an operation has moved; ``current`` repeats `Household`."""

    __tablename__ = "household_cell"
    id: Mapped[int] = mapped_column(primary_key=True)
    household_code: Mapped[str] = mapped_column(ForeignKey("household.code"), index=True)
    cell_code: Mapped[str | None] = mapped_column(ForeignKey("grid_cell.code"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None] = mapped_column(index=True)
    current: Mapped[bool] = mapped_column(server_default=text("false"))


class Unit(Coded, Dated, Base):
    __tablename__ = "unit"
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20), server_default="other")
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))


class Cadre(Coded, Dated, Base):
    __tablename__ = "cadre"
    name: Mapped[str] = mapped_column(String(40))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"), index=True)
    level: Mapped[str | None] = mapped_column(String(20))
    duty: Mapped[str | None] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(String(20))
    geom = _point()


class Responsibility(Batched, Base):
    """Who answers for what: bitemporal, closed but never changed (domain §3)."""

    __tablename__ = "responsibility"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    holder_code: Mapped[str] = mapped_column(String(40), index=True)
    target_code: Mapped[str] = mapped_column(String(40))
    rank: Mapped[str] = mapped_column(String(20), server_default="primary")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("responsibility_target_kind", "target_code", "kind", "superseded_at", "valid_from", "valid_to"),
    )


class VillageIndicator(Recorded, Base):
    """What a village was in one year; a correction supersedes, so that ``known_at`` stays answerable."""

    __tablename__ = "village_indicator"
    id: Mapped[int] = mapped_column(primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    year: Mapped[int]
    households: Mapped[int | None]
    people: Mapped[int | None]
    party_members: Mapped[int | None]
    new_members_3y: Mapped[int | None]
    reserve_cadres: Mapped[int | None]
    people_away: Mapped[int | None]
    people_farming: Mapped[int | None]
    assessment_rank: Mapped[int | None]
    candidate_list_ready: Mapped[bool | None]
    income_total_yuan: Mapped[float | None]
    income_own_yuan: Mapped[float | None]
    secretary_vacant_since: Mapped[date | None]
    disputes_open: Mapped[int | None]
    petitions: Mapped[int | None]
    satisfaction_ratio: Mapped[float | None]
    organization_complete: Mapped[bool | None]
    source: Mapped[str | None] = mapped_column(String(120))
    reported_on: Mapped[date | None]
    __table_args__ = (
        Index(
            "village_indicator_current",
            "village_code",
            "year",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )


class Designation(Recorded, Base):
    """A dated decision by a named person: weak or election-priority (domain §5).

    An end is another record in place of the first, made by whoever ended it, with its own reason.
    """

    __tablename__ = "designation"
    id: Mapped[int] = mapped_column(primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"), index=True)
    label: Mapped[str] = mapped_column(String(30))
    cause: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    document_no: Mapped[str | None] = mapped_column(String(80))
    end_reason: Mapped[str | None] = mapped_column(Text)
    end_document_no: Mapped[str | None] = mapped_column(String(80))


class Lineage(Batched, Base):
    """Which cells came from which (split, merge, replace): parents and children."""

    __tablename__ = "lineage"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_code: Mapped[str] = mapped_column(String(40), index=True)
    child_code: Mapped[str] = mapped_column(String(40), index=True)
    event: Mapped[str] = mapped_column(String(20))
    happened_on: Mapped[date]


class Change(Base):
    """One thing somebody did to ownership, cells or registers; its ``code`` is the batch of its records.

    ``state``: applied, pending (waits for the department), rejected, or undone. ``request`` is what was
    asked, so that a waiting change can be planned again when it is approved.
    """

    __tablename__ = "change"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    action: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    user: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime]
    townships: Mapped[list[str]]
    summary: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    request: Mapped[dict[str, Any] | None]
    reverses: Mapped[str | None] = mapped_column(String(40), index=True)
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default="1")
    __mapper_args__ = {"version_id_col": version}


class EditLock(Base):
    """Who is working on a thing until when: a notice to others, no hindrance."""

    __tablename__ = "edit_lock"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    user: Mapped[str] = mapped_column(String(60))
    taken_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class RuleValue(Recorded, Base):
    """A threshold the county has set for itself: from ``valid_from`` on it goes before the rule files' value.

    A row is closed when another value is set for the same day, or when it is withdrawn; never changed.
    """

    __tablename__ = "rule_value"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[float]
    valid_from: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index(
            "rule_value_current",
            "name",
            "valid_from",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )


class GapDraft(Base):
    """A plan for closing gaps that somebody keeps to work on; nothing of it is in force."""

    __tablename__ = "gap_draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    user: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime]
    township: Mapped[str] = mapped_column(String(9), server_default="")
    as_of: Mapped[date]
    document: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(server_default="1")
    __mapper_args__ = {"version_id_col": version}


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[list[str]]
    password_hash: Mapped[str] = mapped_column(String(200))
    disabled: Mapped[bool] = mapped_column(server_default=text("false"))
    session_epoch: Mapped[int] = mapped_column(server_default="0")
    must_change: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(server_default="1")
    __mapper_args__ = {"version_id_col": version}


class Audit(Base):
    """Append-only and chained: each row carries the hash of the one before; triggers forbid any change."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user: Mapped[str] = mapped_column(String(60))
    os_user: Mapped[str | None] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(60), index=True)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class DataVersion(Base):
    """How often a layer of a township ("" for none) has been written; tile caches are keyed by it."""

    __tablename__ = "data_version"
    layer: Mapped[str] = mapped_column(String(30), primary_key=True)
    township_code: Mapped[str] = mapped_column(String(9), primary_key=True)
    version: Mapped[int] = mapped_column(server_default="0")


class Setting(Base):
    """Facts about this store: ``sample`` (yes/no), ``sample_until``, ``session_secret`` …"""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
