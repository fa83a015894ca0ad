"""The GeoPackage's geometry format: a header (SRID, envelope) in front of ISO WKB.

Points carry no envelope, empty geometries none and a flag, all others minx, maxx, miny, maxy.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import shapely
from geoalchemy2 import WKBElement, WKTElement
from shapely import Geometry

_MAGIC = b"GP"
_LITTLE_ENDIAN, _ENVELOPE_XY, _EMPTY = 0x01, 0x02, 0x10
_HEADER = struct.Struct("<2sBBi")
_ENVELOPE = struct.Struct("<4d")
_ENVELOPE_SIZES = (0, 32, 48, 48, 64)
_EWKB_SRID = 0x20000000
_TYPE_NAMES = (
    "GEOMETRY",
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
)
_POINT_WKB = b"\x01\x01\x00\x00\x00"
_POINT = np.dtype([("head", "V13"), ("x", "<f8"), ("y", "<f8")])
_EWKT = re.compile(r"\s*SRID\s*=\s*(-?\d+)\s*;(.*)", re.DOTALL | re.IGNORECASE)
_HEX = re.compile(r"[0-9A-Fa-f]{10,}\Z")


def encode(geometry: Geometry, srid: int) -> bytes:
    """One geometry as a blob."""
    wkb: bytes = shapely.to_wkb(geometry, byte_order=1, flavor="iso")
    if geometry.is_empty:
        return _HEADER.pack(_MAGIC, 0, _LITTLE_ENDIAN | _EMPTY, srid) + wkb
    if geometry.geom_type == "Point":
        return _HEADER.pack(_MAGIC, 0, _LITTLE_ENDIAN, srid) + wkb
    minx, miny, maxx, maxy = geometry.bounds
    header = _HEADER.pack(_MAGIC, 0, _LITTLE_ENDIAN | _ENVELOPE_XY, srid)
    return header + _ENVELOPE.pack(minx, maxx, miny, maxy) + wkb


def encode_many(geometries: Iterable[Geometry | None], srid: int) -> list[bytes | None]:
    """`encode` over an array; missing geometries stay None."""
    array = np.asarray(geometries, dtype=object)
    bare = _HEADER.pack(_MAGIC, 0, _LITTLE_ENDIAN, srid)
    boxed = _HEADER.pack(_MAGIC, 0, _LITTLE_ENDIAN | _ENVELOPE_XY, srid)
    wkbs = shapely.to_wkb(array, byte_order=1, flavor="iso")
    if (shapely.get_type_id(array) == 0).all() and not shapely.is_empty(array).any():
        return [bare + wkb for wkb in wkbs]
    kinds = shapely.get_type_id(array)
    empty = shapely.is_empty(array)
    envelopes = np.ascontiguousarray(shapely.bounds(array)[:, [0, 2, 1, 3]], dtype="<f8")
    return [
        None
        if geometry is None
        else encode(geometry, srid)
        if is_empty
        else bare + wkb
        if kind == 0
        else boxed + envelope.tobytes() + wkb
        for geometry, wkb, kind, is_empty, envelope in zip(array, wkbs, kinds, empty, envelopes, strict=True)
    ]


def srid_of(blob: bytes) -> int:
    """SRID from the header."""
    return int(struct.unpack_from("<i" if blob[3] & 1 else ">i", blob, 4)[0])


def wkb_of(blob: bytes) -> bytes:
    """The WKB behind the header."""
    return blob[8 + _ENVELOPE_SIZES[blob[3] >> 1 & 7] :]


def is_empty(blob: bytes) -> bool:
    """Whether the header marks an empty geometry."""
    return bool(blob[3] & _EMPTY)


def type_name(blob: bytes) -> str:
    """Type as in ``gpkg_geometry_columns``, read without decoding: ``MULTIPOLYGON``."""
    start = 8 + _ENVELOPE_SIZES[blob[3] >> 1 & 7]
    number = int.from_bytes(blob[start + 1 : start + 5], "little" if blob[start] else "big")
    return _TYPE_NAMES[number % 1000]


@lru_cache(maxsize=256)
def decode(blob: bytes) -> Geometry:
    """One geometry from a blob; cached because a query's constant comes again for every row."""
    return shapely.set_srid(shapely.from_wkb(wkb_of(blob)), srid_of(blob))


def decode_many(blobs: Sequence[bytes | None]) -> np.ndarray:
    """`decode` over a sequence, without SRIDs; missing geometries stay None."""
    if blobs and all(blob is not None and len(blob) == _POINT.itemsize for blob in blobs):
        points = np.frombuffer(b"".join(blobs), dtype=_POINT)  # type: ignore[arg-type]
        if (points["head"] == points["head"][0]).all() and blobs[0][8:13] == _POINT_WKB:  # type: ignore[index]
            return np.asarray(shapely.points(points["x"], points["y"]))
    wkbs = np.array([None if blob is None else wkb_of(blob) for blob in blobs], dtype=object)
    return np.asarray(shapely.from_wkb(wkbs))


def bound(blob: bytes, which: int) -> float | None:
    """One of minx, maxx, miny, maxy (0–3), from the header where it has it; None for empty geometries."""
    if is_empty(blob):
        return None
    order = "<d" if blob[3] & 1 else ">d"
    if blob[3] >> 1 & 7:
        return float(struct.unpack_from(order, blob, 8 + 8 * which)[0])
    if blob[8:13] == _POINT_WKB:
        return float(struct.unpack_from("<d", blob, 13 + 8 * (which // 2))[0])
    return float(decode(blob).bounds[(0, 2, 1, 3)[which]])


def as_ewkb(blob: bytes) -> bytes:
    """The geometry as PostGIS hands it out: WKB with the SRID inside."""
    wkb = wkb_of(blob)
    kind = int.from_bytes(wkb[1:5], "little")
    if wkb[0] == 1 and kind < len(_TYPE_NAMES):
        return b"\x01" + struct.pack("<Ii", kind | _EWKB_SRID, srid_of(blob)) + wkb[5:]
    return bytes(shapely.to_wkb(decode(blob), include_srid=True, flavor="extended"))


def parse(value: object, srid: int = 0) -> bytes:
    """Anything an application may pass for a geometry as a blob.

    Parameters
    ----------
    value : blob, WKB or EWKB bytes or hex, WKT or EWKT text, GeoAlchemy2 element or shapely geometry
    srid : int
        Used when the value itself brings none.
    """
    if isinstance(value, WKTElement | WKBElement):
        srid, value = (value.srid if value.srid > 0 else srid), value.data
    if isinstance(value, memoryview):
        value = bytes(value)
    if isinstance(value, bytes) and value[:2] == _MAGIC:
        return value
    geometry, srid = _geometry_of(value, srid)
    return encode(geometry, shapely.get_srid(geometry) or srid)


def _geometry_of(value: object, srid: int) -> tuple[Geometry, int]:
    if isinstance(value, Geometry):
        return value, srid
    if isinstance(value, bytes):
        return shapely.from_wkb(value), srid
    if not isinstance(value, str):
        raise TypeError(f"not a geometry: {type(value).__name__}")
    if _HEX.match(value):
        return shapely.from_wkb(bytes.fromhex(value)), srid
    if match := _EWKT.match(value):
        srid, value = int(match[1]), match[2]
    return shapely.from_wkt(value), srid
