"""What is worth knowing about rows that are otherwise right: overlap, uncovered land, misplaced households …

These are findings, not refusals: records are imported as they are, and the gaps show them (domain §4).
"""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import to_metric
from geo.exchange.known import Known
from geo.exchange.report import Finding
from geo.frames import Layer, is_among
from geo.i18n import _
from geo.rules.loader import Rules
from geo.vocabulary import RESPONSIBILITY_RULES, Rank, ResponsibilityKind, label_of

_COVERED_BY = {"villages": ("townships", "township_code"), "cells": ("villages", "village_code")}
_M2_PER_KM2 = 1_000_000


def frame_findings(frame: pd.DataFrame, layer: Layer, known: Known, rules: Rules) -> list[Finding]:
    """Everything worth knowing about a conformed frame that is about to be loaded."""
    found: list[Finding | None] = []
    if layer.geometry:
        found.append(_without_shape(frame, layer, known))
    if layer.geometry == "MultiPolygon" and frame.geometry.notna().any():
        found += [_overlaps(frame, layer, rules), _uncovered(frame, layer, known, rules)]
    special: dict[str, Callable[[pd.DataFrame, Known, Rules], list[Finding | None]]] = {
        "villages": _village_findings,
        "households": _household_findings,
        "responsibilities": _responsibility_findings,
    }
    if layer.name in special:
        found += special[layer.name](frame, known, rules)
    return [finding for finding in found if finding is not None]


def _without_shape(frame: gpd.GeoDataFrame, layer: Layer, known: Known) -> Finding | None:
    """Rows that have no place, neither in the file nor in the store."""
    bare = frame.loc[frame.geometry.isna() | frame.geometry.is_empty, "code"]
    if bare.empty or layer.name == "cadres":
        return None
    stored = known.frame(layer.name)
    count = int((~is_among(bare, stored.loc[stored.geometry.notna(), "code"])).sum())
    if not count:
        return None
    code = "household_unlocated" if layer.name == "households" else "shape_missing"
    message = _("{count} 行没有位置，地图上看不到。").format(count=count)
    return Finding(code, count, message, _("请补充图形或经纬度后再导入一次。"))


def _overlaps(frame: gpd.GeoDataFrame, layer: Layer, rules: Rules) -> Finding | None:
    """Pairs whose interiors meet; how much land that is; slivers counted too, but named apart."""
    shapes = _current(frame, layer).geometry.dropna()
    shapes = shapes[~shapes.is_empty]
    first, second = shapely.STRtree(shapes.to_numpy()).query(shapes.to_numpy(), predicate="intersects")
    ordered = first < second
    metric = to_metric(gpd.GeoDataFrame(geometry=shapes)).geometry.to_numpy()
    first, second = first[ordered], second[ordered]
    touching = shapely.touches(metric[first], metric[second])
    first, second = first[~touching], second[~touching]
    shared = shapely.intersection(metric[first], metric[second])
    area = shapely.area(shared)
    pairs = int((area > 0).sum())
    if not pairs:
        return None
    wide = shapely.area(shapely.buffer(shared, -rules["import_tolerance_m"].value / 2)) > 0
    large = int((wide & (area >= rules["import_overlap_m2"].value)).sum())
    message = _(
        "{pairs} 对{label}互相重叠，共 {km2:.3f} 平方公里；其中 {large} 对不少于 {least:.0f} 平方米。"
    ).format(
        pairs=pairs,
        label=_(layer.label),
        km2=area.sum() / _M2_PER_KM2,
        large=large,
        least=rules["import_overlap_m2"].value,
    )
    return Finding(f"{layer.entity}_overlap", pairs, message, _("数据已照原样导入；请在制图软件中修正边界。"))


def _current(frame: gpd.GeoDataFrame, layer: Layer) -> gpd.GeoDataFrame:
    return frame[frame["valid_to"].isna()] if layer.name == "cells" else frame


def _uncovered(frame: gpd.GeoDataFrame, layer: Layer, known: Known, rules: Rules) -> Finding | None:
    if layer.name not in _COVERED_BY:
        return None
    above, column = _COVERED_BY[layer.name]
    parents = known.frame(above)
    current = _current(frame, layer)
    parents = parents[is_among(parents["code"], current[column].dropna()) & parents.geometry.notna()]
    if parents.empty:
        return None
    tolerance = rules["import_tolerance_m"].value
    parts = to_metric(gpd.GeoDataFrame(current[[column]], geometry=current.geometry)).dropna()
    whole = to_metric(parents.set_index("code")[["geometry"]])
    if layer.name == "cells":
        each = parts.geometry.groupby(parts[column]).agg(lambda shapes: shapely.union_all(shapes.to_numpy()))
        cover = each.reindex(whole.index).to_numpy()
    else:  # a township's land may be another township's village: not bare
        cover = np.full(len(whole), shapely.union_all(parts.geometry.to_numpy()))
    bare = shapely.difference(whole.geometry.to_numpy(), shapely.buffer(cover, tolerance))
    area = np.nan_to_num(shapely.area(bare))
    large = area >= rules["import_uncovered_m2"].value
    if not large.any():
        return None
    message = _("{count} 个上级区域有未被覆盖的土地，共 {km2:.3f} 平方公里。").format(
        count=int(large.sum()), km2=area[large].sum() / _M2_PER_KM2
    )
    return Finding("land_uncovered", int(large.sum()), message, _("数据已照原样导入；请核对是否漏绘。"))


def _village_findings(frame: pd.DataFrame, known: Known, _rules: Rules) -> list[Finding | None]:
    return [_outside_township(frame, known), _two_vintages(frame, known)]


def _outside_township(frame: gpd.GeoDataFrame, known: Known) -> Finding | None:
    towns = known.frame("townships").set_index("code").geometry
    placed = frame[frame.geometry.notna() & frame["township_code"].isin(towns.index)]
    centres = shapely.point_on_surface(placed.geometry.to_numpy())
    outside = ~shapely.intersects(towns.reindex(placed["township_code"]).to_numpy(), centres)
    outside &= towns.reindex(placed["township_code"]).notna().to_numpy()
    count = int(outside.sum())
    if not count:
        return None
    message = _("{count} 个村的中心不在所属乡镇的范围内。").format(count=count)
    action = _("请核对两个图层的坐标系是否一致，或村的归属是否有误。")
    return Finding("village_misplaced", count, message, action, 0.8)


def _two_vintages(frame: pd.DataFrame, known: Known) -> Finding | None:
    stored = known.frame("villages")
    fresh = frame[~is_among(frame["code"], stored["code"])]
    gone = stored[~is_among(stored["code"], frame["code"])]
    both = fresh.merge(gone, on=["township_code", "name"], suffixes=("", "_stored"))
    if both.empty:
        return None
    message = _("{count} 个村的名称已在库中但代码不同（例如 {name}），可能是两个年度的区划代码。").format(
        count=len(both), name=both["name"].iloc[0]
    )
    return Finding(
        "codes_of_two_vintages", len(both), message, _("请统一代码年度，以免同一个村出现两次。"), 0.7
    )


def _household_findings(frame: pd.DataFrame, known: Known, rules: Rules) -> list[Finding | None]:
    """Households that lie outside the cell the file names."""
    recorded = frame[frame["cell_code"].notna() & frame.geometry.notna()]
    shapes = known.frame("cells").set_index("code").geometry
    shapely.prepare(shapes.to_numpy())
    cells = shapes.reindex(recorded["cell_code"]).to_numpy()
    apart = ~shapely.intersects(cells, recorded.geometry.to_numpy()) & ~shapely.is_missing(cells)
    if not apart.any():
        return []
    points = to_metric(gpd.GeoDataFrame(geometry=recorded.geometry[apart])).geometry
    polygons = gpd.GeoSeries(cells[apart], crs=frame.crs).to_crs(points.crs)
    distance = shapely.distance(points.to_numpy(), polygons.to_numpy())
    count = int((distance > rules["import_tolerance_m"].value).sum())
    if not count:
        return []
    message = _("{count} 户的位置不在所登记的网格内。").format(count=count)
    return [Finding("household_misplaced", count, message, _("请核对网格或坐标。"))]


def _responsibility_findings(frame: pd.DataFrame, known: Known, _rules: Rules) -> list[Finding | None]:
    """Targets with more primary holders on one day than their kind allows."""
    single = {str(kind) for kind, rule in RESPONSIBILITY_RULES.items() if rule.at_most == 1}
    primary = frame[
        (frame["rank"].fillna(str(Rank.PRIMARY)) == str(Rank.PRIMARY)) & frame["kind"].isin(single)
    ]
    now = primary[
        (primary["valid_from"] <= known.as_of)
        & primary["valid_to"].map(lambda day: pd.isna(day) or day > known.as_of).astype(bool)
    ]
    held = now.groupby(["kind", "target_code"])["holder_code"].nunique()
    count = int((held > 1).sum())
    if not count:
        return []
    kinds = "、".join(sorted({label_of(ResponsibilityKind(kind)) for kind, _target in held[held > 1].index}))
    message = _("{count} 个对象同时有两个以上主责人（{kinds}）。").format(count=count, kinds=kinds)
    return [Finding("two_primaries", count, message, _("数据已照原样导入；请核实后结束多余的责任。"))]
