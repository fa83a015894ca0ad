"""Statements into frames: rows are fetched raw, and each column is converted as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geoalchemy2 import Geometry
from sqlalchemy import JSON, Boolean, CompoundSelect, Date, DateTime, Float, Integer, Select
from sqlalchemy.orm import Session

from geo.crs import STORED_CRS
from geo.store.gpkg import blob as blobs
from geo.store.types import UtcDateTime

_CHUNK_ROWS = 100_000

TypedSelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]


def read_statement(
    session: Session, statement: TypedSelect, given: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Run a SELECT and give its rows as a frame with a default index.

    Parameters
    ----------
    given : mapping or None
        Values of the statement's parameters by name.

    Returns
    -------
    DataFrame, or GeoDataFrame in EPSG:4490 when ``geom`` is selected (it becomes ``geometry``).
        Text is ``str``, numbers nullable ``Int64``/``Float64``, flags nullable ``boolean``, days
        ``datetime.date`` objects, moments ``datetime64[ms, UTC]``. No rows give an empty frame with all
        columns.
    """
    connection = session.connection()
    columns = list(statement.selected_columns)
    converters = [_converter(column.type, connection.dialect.name) for column in columns]
    names = ["geometry" if column.key == "geom" else str(column.key) for column in columns]
    result = connection.execute(statement, given)
    cursor: Any = result.cursor
    chunks = []
    while True:
        rows = cursor.fetchmany(_CHUNK_ROWS)
        chunks.append(_chunk_frame(names, converters, rows))
        if len(rows) < _CHUNK_ROWS:
            break
    result.close()
    frame = chunks[0] if len(chunks) == 1 else pd.concat(chunks, ignore_index=True)
    if "geometry" in names:
        return gpd.GeoDataFrame(frame, geometry="geometry", crs=STORED_CRS)
    return frame


def _chunk_frame(
    names: list[str], converters: list[Callable[[Sequence[Any]], Any]], rows: list[tuple[Any, ...]]
) -> pd.DataFrame:
    values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(names)
    data = {name: convert(column) for name, convert, column in zip(names, converters, values, strict=True)}
    return pd.DataFrame(data)


def _converter(type_: Any, dialect: str) -> Callable[[Sequence[Any]], Any]:
    for kind, convert, convert_raw in _CONVERTERS:
        if isinstance(type_, kind):
            return convert_raw if dialect == "gpkg" else convert
    return _texts


def _objects(values: Sequence[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _from_wkb(values: Sequence[bytes | None]) -> Any:
    return gpd.GeoSeries(shapely.from_wkb(_objects(values)), crs=STORED_CRS)


def _from_blobs(values: Sequence[bytes | None]) -> Any:
    return gpd.GeoSeries(blobs.decode_many(values), crs=STORED_CRS)


def _flags(values: Sequence[Any]) -> Any:
    return pd.array([None if value is None else bool(value) for value in values], dtype="boolean")


def _from_json(values: Sequence[str | None]) -> np.ndarray:
    return _objects([None if value is None else json.loads(value) for value in values])


def _from_day_text(values: Sequence[str | None]) -> np.ndarray:
    days = {value: None if value is None else date.fromisoformat(value[:10]) for value in set(values)}
    return _objects([days[value] for value in values])


def _from_moment_text(values: Sequence[str | None]) -> Any:
    moments = {value: None if value is None else datetime.fromisoformat(value) for value in set(values)}
    return _from_moments([moments[value] for value in values])


def _from_moments(values: Sequence[datetime | None]) -> Any:
    return pd.to_datetime(
        pd.Series([None if v is None else v.replace(tzinfo=UTC) for v in values], dtype=object), utc=True
    ).astype("datetime64[ms, UTC]")


def _integers(values: Sequence[int | None]) -> Any:
    return pd.array(values, dtype="Int64")


def _numbers(values: Sequence[float | None]) -> Any:
    return pd.array(values, dtype="Float64")


def _texts(values: Sequence[str | None]) -> Any:
    return pd.array(values, dtype="str")


# Column type, conversion of what psycopg gives, conversion of what sqlite3 gives.
_CONVERTERS = (
    (Geometry, _from_wkb, _from_blobs),
    ((UtcDateTime, DateTime), _from_moments, _from_moment_text),
    (Date, _objects, _from_day_text),
    (JSON, _objects, _from_json),
    (Boolean, _flags, _flags),
    (Integer, _integers, _integers),
    (Float, _numbers, _numbers),
)
