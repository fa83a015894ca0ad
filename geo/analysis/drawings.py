"""What coordinators draw and propose: is it something that can be worked with?

Each check gives the faults it finds; none means that the geometry may be used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.analysis.faces import united
from geo.analysis.reshaping import CellFault, Fault, Ground, cell_fault, flaw_of
from geo.i18n import _

_FARTHEST_DEG = (180.0, 90.0)


def unknown(ground: Ground, codes: Sequence[str]) -> list[CellFault]:
    """A fault when none of the codes, or not all of them, are cells of the village."""
    missing = [code for code in codes if code not in ground.cells]
    if codes and not missing:
        return []
    text = (
        _("本村没有代码为 {codes} 的有效网格；请重新选择。") if codes else _("没有选择网格；请先选择网格。")
    )
    return [cell_fault(ground, Fault.UNKNOWN_CELL, text.format(codes="、".join(missing)), None, missing)]


def too_few(ground: Ground, codes: Sequence[str]) -> list[CellFault]:
    """A fault when there is only one cell to merge."""
    if len(codes) > 1:
        return []
    text = _("合并至少要选 2 个网格，现只选了 {count} 个。").format(count=len(codes))
    return [cell_fault(ground, Fault.NOT_ADJACENT, text, ground.cells[codes[0]], codes)]


def _is_drawn(shape: Any, types: Sequence[str]) -> bool:
    return (
        shape is not None
        and shape.geom_type in types
        and not shape.is_empty
        and bool((np.abs(shapely.get_coordinates(shape)) <= _FARTHEST_DEG).all())  # nor is it NaN
    )


def bad_line(ground: Ground, line: Any) -> list[CellFault]:
    """A fault when a line is no line, or ties a knot."""
    if not _is_drawn(line, ("LineString",)) or line.length == 0:
        text = _("没有画出可用的分割线；请重新画一条线。")
        return [cell_fault(ground, Fault.INVALID, text)]
    if not line.is_simple:
        text = _("分割线与自身相交；请重新画一条不打结的线。")
        return [cell_fault(ground, Fault.INVALID, text, line)]
    return []


def bad_shape(ground: Ground, shape: Any) -> list[CellFault]:
    """A fault when a drawn shape is no area, crosses itself, or lies wholly outside the village."""
    land = shapely.union(ground.village, united([*ground.cells.values()]))
    if (faults := _bad_area(ground, shape)) or shapely.relate_pattern(land, shape, "2********"):
        return faults
    text = _("所画范围全在村界之外（{area:.0f} 平方米）；请在本村范围内重画。")
    return [cell_fault(ground, Fault.OUTSIDE, text.format(area=ground.area_m2(shape)), shape)]


def bad_parts(ground: Ground, parts: Sequence[Any]) -> list[CellFault]:
    """The faults of a proposal's parts, each on its own."""
    if len(parts) == 0:
        return [cell_fault(ground, Fault.INVALID, _("方案里没有网格；请重新生成方案。"))]
    return [fault for part in parts for fault in _bad_area(ground, part)]


def _bad_area(ground: Ground, shape: Any) -> list[CellFault]:
    if not _is_drawn(shape, ("Polygon", "MultiPolygon")):
        text = _("没有画出可用的范围；请重新画一个闭合的范围。")
        return [cell_fault(ground, Fault.INVALID, text)]
    if not shape.is_valid:
        text = _("所画范围的边界自相交；请在标出的位置改画。")
        return [cell_fault(ground, Fault.INVALID, text, flaw_of(shape))]
    return []


def same_area(ground: Ground, one: Any, other: Any) -> bool:
    """Whether two shapes have the same area, but for what counts as nothing."""
    return abs(ground.area_m2(one) - ground.area_m2(other)) <= ground.limit("cell_growth_m2")
