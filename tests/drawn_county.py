"""The evidence of the gap rules with villages, cells and households drawn in metres."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import shapely
from shapely import box

from geo.analysis.faces import areal
from geo.analysis.gaps.evidence import Evidence
from geo.frames import LAYERS, empty_frame
from geo.rules import Rules, load_rules
from tests.analysis_frames import TOWNSHIP, layer
from tests.evidence import lineage_frame
from tests.shapes import at_m

DAY = date(2026, 5, 1)
RULES = load_rules(DAY)
A, B = f"{TOWNSHIP}201", f"{TOWNSHIP}202"
SRID = 4548


def with_limits(**limits: float) -> Rules:
    """The rules with other values."""
    changed = {name: replace(RULES[name], value=value) for name, value in limits.items()}
    return Rules(DAY, {**RULES.thresholds, **changed})


def county(villages, cells, households=(), records=()) -> Evidence:
    """An evidence of shapes in metres.

    Villages are {code: shape}, cells {code: (shape, start)}, households (code, cell) or (code, cell, x, y);
    one whose code ends in ``!`` is in hardship. Records are (household, start, end) of a pairing.
    """
    empty = {name: empty_frame(LAYERS[name]) for name in LAYERS}
    towns = [{"code": TOWNSHIP, "name": "石桥镇"}]
    villages = (
        layer("villages", *_rows(villages, name="村", township_code=TOWNSHIP))
        if villages
        else empty["villages"]
    )
    shapes = {code: shape for code, (shape, _start) in cells.items()}
    rows, geometry = _rows(shapes)
    for row in rows:
        row |= {"village_code": row["code"][:12], "valid_from": cells[row["code"]][1]}
    homes = [
        {"code": code, "village_code": (cell or A)[:12], "cell_code": cell, "hardship": code.endswith("!")}
        for code, cell, *_at in households
    ]
    points = [at_m(shapely.Point(at)) if at else None for _code, _cell, *at in households]
    held = [
        {"kind": "staff", "holder_code": "c1", "target_code": home, "valid_from": start, "valid_to": end}
        for home, start, end in records
    ]
    return Evidence(
        as_of=DAY,
        townships=layer("townships", towns, [at_m(box(0, 0, 5000, 5000))]),
        villages=villages,
        cells=layer("cells", rows, geometry) if rows else empty["cells"],
        households=layer("households", homes, points) if homes else empty["households"],
        records=(layer("responsibilities", held) if held else empty["responsibilities"]).assign(id=0),
        lineage=lineage_frame(),
        areas=pd.DataFrame(columns=["area_code", "area_name", "village_code"], dtype="str"),
        labels=pd.DataFrame(columns=["village_code", "label", "since", "value", "threshold", "reason"]),
        **{name: empty[name] for name in ("groups", "branches", "cadres", "units")},
    )


def _rows(shapes, **more):
    rows = [{"code": code, **more} for code in shapes]
    return rows, [None if shape is None else areal(at_m(shape)) for shape in shapes.values()]
