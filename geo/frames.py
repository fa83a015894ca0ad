"""The tables that travel through the program: one contract a layer, checked at the borders.

A layer's frame has a default integer index, the columns declared here (missing optional ones are
added empty), text codes, and — where the layer has a place — one geometry column ``geometry``
in EPSG:4490. Import, export, queries and analyses all speak these frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo import codes
from geo.crs import STORED_CRS, require_stored_crs
from geo.errors import FrameError
from geo.i18n import N_, _
from geo.vocabulary import CadreLevel, EntityKind, Rank, ResponsibilityKind, UnitKind, VillageKind

ColumnKind = Literal["code", "text", "integer", "number", "flag", "date", "year", "codes"]
GeometryKind = Literal["MultiPolygon", "Point"]


@dataclass(frozen=True)
class Column:
    """One column of a layer.

    Attributes
    ----------
    name : str
        Canonical English name.
    kind : str
        ``code`` text of digits or letters; ``flag`` true/false; ``codes`` codes separated by ``;``;
        ``year`` four digits; ``date`` ISO day; the others as they say.
    label : str
        Chinese heading in files and tables.
    required : bool
        Whether a file must bring it.
    digits : int
        Exact number of digits of a code; 0 for codes of the county's own.
    choices : type of StrEnum or None
        The values allowed.
    personal : bool
        Whether domain §9 masks it.
    """

    name: str
    kind: ColumnKind
    label: str
    required: bool = False
    digits: int = 0
    choices: type[StrEnum] | None = None
    personal: bool = False


@dataclass(frozen=True)
class Layer:
    """A kind of table that can be imported, exported and counted.

    Attributes
    ----------
    name : str
        LAYER of the command line.
    entity : EntityKind or None
        What one row is; None for records that have no code of their own.
    key : tuple of str
        Columns that tell one row from another within a file.
    columns : tuple of Column
    geometry : str or None
        ``MultiPolygon`` (polygons are promoted), ``Point``, or None for a plain table.
    geometry_required : bool
    label : str
        Chinese name.
    """

    name: str
    entity: EntityKind | None
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    label: str
    geometry: GeometryKind | None = None
    geometry_required: bool = False

    def column(self, name: str) -> Column:
        """The column of that name; `KeyError` when the layer has none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def column_names(self) -> list[str]:
        """Names of all attribute columns, in order."""
        return [column.name for column in self.columns]

    @property
    def required_names(self) -> list[str]:
        """Names of the columns a file must bring."""
        return [column.name for column in self.columns if column.required]


_VILLAGE_CODE = Column("village_code", "code", N_("村代码"), required=True, digits=codes.VILLAGE)
_NAME = Column("name", "text", N_("名称"), required=True)
_OWN_CODE = Column("code", "code", N_("代码"), required=True)

LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer(
            "townships",
            EntityKind.TOWNSHIP,
            ("code",),
            (Column("code", "code", N_("乡镇代码"), required=True, digits=codes.TOWNSHIP), _NAME),
            N_("乡镇"),
            geometry="MultiPolygon",
        ),
        Layer(
            "villages",
            EntityKind.VILLAGE,
            ("code",),
            (
                Column("code", "code", N_("村代码"), required=True, digits=codes.VILLAGE),
                _NAME,
                Column("township_code", "code", N_("乡镇代码"), digits=codes.TOWNSHIP),
                Column("kind", "text", N_("类型"), choices=VillageKind),
                Column("old_revolutionary", "flag", N_("革命老区村")),
                Column("ethnic_minority", "flag", N_("少数民族村")),
            ),
            N_("村"),
            geometry="MultiPolygon",
        ),
        Layer(
            "cells",
            EntityKind.CELL,
            ("code",),
            (
                Column("code", "code", N_("网格代码"), digits=codes.CELL),
                _VILLAGE_CODE,
                Column("name", "text", N_("名称")),
                Column("valid_from", "date", N_("启用日期")),
                Column("valid_to", "date", N_("停用日期")),
            ),
            N_("网格"),
            geometry="MultiPolygon",
            geometry_required=True,
        ),
        Layer(
            "households",
            EntityKind.HOUSEHOLD,
            ("code",),
            (
                Column("code", "code", N_("户编号"), required=True),
                _VILLAGE_CODE,
                Column("cell_code", "code", N_("网格代码"), digits=codes.CELL),
                Column("group_code", "code", N_("小组代码")),
                Column("head_name", "text", N_("户主"), personal=True),
                Column("phone", "text", N_("电话"), personal=True),
                Column("people", "integer", N_("人口")),
                Column("hardship", "flag", N_("困难户"), personal=True),
            ),
            N_("户"),
            geometry="Point",
        ),
        Layer(
            "cadres",
            EntityKind.CADRE,
            ("code",),
            (
                _OWN_CODE,
                Column("name", "text", N_("姓名"), required=True),
                Column("unit_code", "code", N_("单位代码")),
                Column("level", "text", N_("派出级别"), choices=CadreLevel),
                Column("duty", "text", N_("职务")),
                Column("phone", "text", N_("电话"), personal=True),
            ),
            N_("干部"),
            geometry="Point",
        ),
        Layer(
            "units",
            EntityKind.UNIT,
            ("code",),
            (
                _OWN_CODE,
                _NAME,
                Column("kind", "text", N_("类型"), choices=UnitKind),
                Column("parent_code", "code", N_("上级单位代码")),
            ),
            N_("单位"),
        ),
        Layer(
            "areas",
            EntityKind.AREA,
            ("code",),
            (_OWN_CODE, _NAME, Column("village_codes", "codes", N_("所辖村代码"), required=True)),
            N_("片"),
        ),
        Layer(
            "groups",
            EntityKind.GROUP,
            ("code",),
            (_OWN_CODE, _NAME, _VILLAGE_CODE),
            N_("村民小组"),
        ),
        Layer(
            "branches",
            EntityKind.BRANCH,
            ("code",),
            (_OWN_CODE, _NAME, Column("village_code", "code", N_("村代码"), digits=codes.VILLAGE)),
            N_("党支部"),
        ),
        Layer(
            "responsibilities",
            None,
            ("kind", "holder_code", "target_code", "valid_from"),
            (
                Column("kind", "text", N_("责任类型"), required=True, choices=ResponsibilityKind),
                Column("holder_code", "code", N_("责任人代码"), required=True),
                Column("target_code", "code", N_("对象代码"), required=True),
                Column("valid_from", "date", N_("起始日期"), required=True),
                Column("valid_to", "date", N_("终止日期")),
                Column("rank", "text", N_("主次"), choices=Rank),
                Column("reason", "text", N_("事由")),
            ),
            N_("责任"),
        ),
        Layer(
            "indicators",
            None,
            ("village_code", "year"),
            (
                _VILLAGE_CODE,
                Column("year", "year", N_("年份"), required=True),
                Column("households", "integer", N_("户数")),
                Column("people", "integer", N_("人口")),
                Column("party_members", "integer", N_("党员数")),
                Column("new_members_3y", "integer", N_("近三年新发展党员")),
                Column("reserve_cadres", "integer", N_("后备干部")),
                Column("people_away", "integer", N_("外出人口")),
                Column("people_farming", "integer", N_("务农人口")),
                Column("assessment_rank", "integer", N_("考核名次")),
                Column("candidate_list_ready", "flag", N_("候选名单已备")),
                Column("income_total_yuan", "number", N_("总收入（元）")),
                Column("income_own_yuan", "number", N_("不含补助的集体收入（元）")),
                Column("secretary_vacant_since", "date", N_("书记空缺起始")),
                Column("disputes_open", "integer", N_("未化解纠纷")),
                Column("petitions", "integer", N_("信访件数")),
                Column("satisfaction_ratio", "number", N_("满意率")),
                Column("organization_complete", "flag", N_("组织健全")),
                Column("source", "text", N_("数据来源")),
                Column("reported_on", "date", N_("填报日期")),
            ),
            N_("村情指标"),
        ),
    )
}
"""The eleven layers of design §4. Loading in this order never misses a parent."""

LOAD_ORDER = (
    "townships",
    "villages",
    "groups",
    "areas",
    "branches",
    "cells",
    "units",
    "cadres",
    "households",
    "indicators",
    "responsibilities",
)

_DTYPES = {
    "code": "str",
    "text": "str",
    "codes": "str",
    "integer": "Int64",
    "year": "Int64",
    "number": "Float64",
    "flag": "boolean",
}


def layer_named(name: str) -> Layer:
    """The layer of that name; an unknown name raises `FrameError` and lists the known ones."""
    if name not in LAYERS:
        raise FrameError(
            _("没有名为“{name}”的图层。").format(name=name),
            hint=_("可用的图层：{names}。").format(names="、".join(LAYERS)),
        )
    return LAYERS[name]


def empty_frame(layer: Layer) -> pd.DataFrame:
    """A frame of the layer with no rows: all columns, right types, geometry where it has one."""
    return conform(pd.DataFrame(columns=[column.name for column in layer.columns]), layer)


def conform(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Give a frame the layer's columns, order and types.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame in EPSG:4490
        Must bring the required columns; further columns are dropped.

    Returns
    -------
    DataFrame, or GeoDataFrame with a ``geometry`` column if the layer has a place.
        Dates are ``datetime.date`` objects in an object column; text and codes are ``str`` with NaN
        for missing; numbers are nullable ``Int64`` / ``Float64``, flags nullable ``boolean``.

    Raises
    ------
    FrameError
        A required column is missing, a value does not fit its type, or the CRS is another one.
    """
    require_columns(frame, layer.required_names)
    data = {column.name: _typed(frame, column) for column in layer.columns}
    if layer.geometry is None:
        return pd.DataFrame(data).reset_index(drop=True)
    if isinstance(frame, gpd.GeoDataFrame) and "geometry" in frame.columns:
        geometry = require_stored_crs(frame).geometry
    else:
        geometry = gpd.GeoSeries([None] * len(frame), index=frame.index, crs=STORED_CRS)
    return gpd.GeoDataFrame(data, geometry=geometry, crs=STORED_CRS).reset_index(drop=True)


def _typed(frame: pd.DataFrame, column: Column) -> pd.Series:
    values = (
        frame[column.name]
        if column.name in frame.columns
        else pd.Series([None] * len(frame), index=frame.index)
    )
    if column.kind == "date":
        return values.astype(object).where(values.notna(), None)
    try:
        return values.astype(_DTYPES[column.kind])
    except (TypeError, ValueError) as fault:
        raise FrameError(_("“{column}”列中有不合类型的值。").format(column=column.name)) from fault


def require_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise `FrameError` naming every column of ``names`` that the frame lacks."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise FrameError(_("缺少列：{names}。").format(names="、".join(missing)))


def joined_texts(texts: pd.Series, by: pd.Series, between: str) -> dict[str, str]:
    """The texts about each thing in their order, one after another; by the thing's code.

    Said in plain Python: grouping a frame and joining each group takes ten times as long.
    """
    found: dict[str, list[str]] = {}
    for code, text in zip(by.astype(object), texts.astype(object), strict=True):
        found.setdefault(str(code), []).append(str(text))
    return {code: between.join(parts) for code, parts in found.items()}


def is_among(values: pd.Series, codes: Iterable[str]) -> pd.Series:
    """Which of the values are one of the codes: a flag for each, on the values' index.

    Texts are looked up where they lie: making objects of them takes ten times as long.
    """
    if not _lies_in_arrow(values):
        texts = (
            codes.to_numpy(dtype=object) if isinstance(codes, pd.Series) else np.array([*codes], dtype=object)
        )
        return values.astype(object).isin(texts)
    asked, known = _arrow_texts(values), _arrow_texts(codes)
    if len(asked) * _FEW < len(known):
        known = known.filter(pc.is_in(known, value_set=asked))
    found = pc.is_in(asked, value_set=known)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index, name=values.name)


def places_among(values: pd.Series, codes: pd.Series) -> npt.NDArray[np.intp]:
    """Place of each of the values among codes that are all different; -1 for a value that is none of them."""
    if not _lies_in_arrow(values):
        places: npt.NDArray[np.intp] = pd.Index(codes.astype(object)).get_indexer(values.astype(object))
        return places
    asked, known = _arrow_texts(values), _arrow_texts(codes)
    if len(asked) * _FEW >= len(known):
        return _places(asked, known)
    near = np.flatnonzero(pc.is_in(known, value_set=asked).to_numpy(zero_copy_only=False))
    return np.append(near, -1)[_places(asked, known.take(pa.array(near)))]


_MOST_DIGITS = 18  # of any number that fits in 64 bits
_FEW = 4
"""Where there are so many times fewer values than codes, the values are made a table of, not the codes."""


def _lies_in_arrow(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.StringDtype) and values.dtype.storage == "pyarrow"


def _places(asked: pa.Array, known: pa.Array) -> npt.NDArray[np.intp]:
    if _is_rising_number(known) and _digits(asked) == _digits(known):
        return _places_of_numbers(_numbers(asked), _numbers(known))
    found = pc.index_in(asked, value_set=known).fill_null(-1)
    places: npt.NDArray[np.intp] = found.to_numpy(zero_copy_only=False).astype(np.intp)
    return places


def _digits(texts: pa.Array) -> int:
    """How many digits each of the texts has; 0 where they differ, or have others than digits, or too many."""
    length = pc.min_max(pc.binary_length(texts)).as_py()
    count = int(length["max"] or 0)
    same = length["min"] == count <= _MOST_DIGITS
    return count if same and pc.all(pc.ascii_is_decimal(texts)).as_py() else 0


def _is_rising_number(texts: pa.Array) -> bool:
    return _digits(texts) > 0 and texts.null_count == 0 and bool((np.diff(_numbers(texts)) > 0).all())


def _numbers(texts: pa.Array) -> npt.NDArray[np.int64]:
    numbers: npt.NDArray[np.int64] = pc.cast(texts, pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return numbers


def _places_of_numbers(asked: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Codes that are numbers in rising order, as registers keep them, need no table: a third of the time."""
    at = np.searchsorted(known, asked)
    at[at == len(known)] = 0
    return np.where(known[at] == asked, at, -1)


def _arrow_texts(codes: Iterable[str]) -> pa.Array:
    if isinstance(codes, pd.Series) and isinstance(codes.dtype, pd.StringDtype):
        texts = pa.array(codes.array)
    else:
        texts = pa.array(np.array([*codes], dtype=object), type=pa.large_string(), from_pandas=True)
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
