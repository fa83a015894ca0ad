"""Whatever is done to cells and officers: nobody is doubled, no land is lost, the past stays as it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping

from geo.access import Actor
from geo.analysis.inheritance import contested_targets
from geo.analysis.topology import tiling
from geo.errors import InputError, RuleError
from geo.exchange.numbering import cells_at
from geo.operations.journal import reverse, submit, undo_last
from geo.operations.requests import Assignment, AssignRequest, CellRequest, EndRequest
from geo.store.audit import verify
from geo.store.bulk import insert_frame, update_frame
from geo.store.cell_reads import cell_officers, village_ground
from geo.store.engine import create_store
from geo.store.models import Cadre, Household, Responsibility
from geo.store.queries import layer_frame, responsibilities
from geo.vocabulary import Role
from tests.store import small_county
from tests.store.small_county import SIDE, SOUTH, TODAY, TOWNSHIP, VILLAGES, WEST
from tests.stores import copied_store

pytestmark = pytest.mark.slow

VILLAGE = VILLAGES[0]
OFFICERS = ["C1", "C2", "C3"]
ACTOR = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}))
START = datetime(2026, 5, 2, 8, tzinfo=UTC)
ALWAYS = date(2026, 1, 1)
_LEAVES_LAND_BARE = ("retire", "undo", "reverse")

KINDS = (
    *("split", "split", "merge", "merge", "redraw", "retire", "create", "replace"),
    *("assign", "assistant", "planned", "end", "undo", "undo", "reverse", "reverse"),
)

steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 30), st.integers(0, 30), st.integers(0, 3)),
    min_size=3,
    max_size=7,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The small county with its households in their cells and an officer for three cells of four."""
    path = tmp_path_factory.mktemp("cells") / "template.gpkg"
    store = small_county.load(create_store(str(path)))
    homes, cells = small_county.households(), small_county.cells()
    homes = homes.assign(cell_code=cells_at(homes, cells))
    held = pd.DataFrame(
        {
            "kind": "grid_officer",
            "holder_code": OFFICERS,
            "target_code": [f"{VILLAGE}{number:03d}" for number in (1, 2, 3)],
            "valid_from": ALWAYS,
            "recorded_at": small_county.NOW,
            "recorded_by": "import",
        }
    )
    with store.write() as session:
        update_frame(session, Household, homes[["code", "cell_code"]])
        insert_frame(session, Cadre, pd.DataFrame({"code": ["C3"], "name": ["赵三"]}))
        insert_frame(session, Responsibility, held)
    store.close()
    return path


@dataclass
class Run:
    """A store of its own, the clock, and what was seen at each moment."""

    store: object
    now: datetime = START
    changes: list[tuple[str, date]] = field(default_factory=list)
    seen: list[tuple[date, datetime, dict]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.date()

    def state(self, day, known_at=None):
        """Shapes of cells, cells of households and officers on a day."""
        with self.store.read() as session:
            within = {"within": (VILLAGE,), "as_of": day, "known_at": known_at}
            cells = layer_frame(session, "cells", **within)
            homes = layer_frame(session, "households", **within)
            held = responsibilities(session, kinds=["grid_officer"], **within)
        shapes = cells.geometry.normalize().to_wkb()
        return {
            "cells": dict(zip(cells["code"], shapes, strict=True)),
            "homes": dict(zip(homes["code"], homes["cell_code"].fillna(""), strict=True)),
            "held": sorted(zip(held["target_code"], held["holder_code"], held["rank"], strict=True)),
        }

    def ground(self):
        with self.store.read() as session:
            return village_ground(session, VILLAGE, as_of=self.today)

    def contested(self):
        with self.store.read() as session:
            codes = [*layer_frame(session, "cells", within=(VILLAGE,))["code"]]
            return contested_targets(cell_officers(session, codes), on=date.min)


def request_of(run, kind, one, other, days_ago):
    """The request a drawn step stands for; None where there is nothing to do it to."""
    on, ground = run.today - timedelta(days=days_ago), run.ground()
    if kind == "create":
        given = {"geometry": mapping(ground.shape), "owners": {"0": OFFICERS[one % 3]}}
        return CellRequest(kind, VILLAGE, on, "测试", **given)
    if ground.cells.empty:
        return None
    code = ground.cell_codes[one % len(ground.cells)]
    if kind in ("assign", "assistant", "planned", "end"):
        return _ownership(kind, code, OFFICERS[other % 3], on)
    shape = ground.cells.geometry.iloc[one % len(ground.cells)]
    return CellRequest(kind, VILLAGE, on, "测试", **_drawn(kind, code, shape, ground.cell_codes, other))


def _ownership(kind, code, holder, on):
    if kind == "end":
        return EndRequest("grid_officer", (code,), on, "测试")
    rank = "assistant" if kind == "assistant" else "primary"
    start = on + timedelta(days=10) if kind == "planned" else on
    return AssignRequest((Assignment("grid_officer", holder, code, start, rank),), "测试")


def _drawn(kind, code, shape, codes, other):
    """What a request about a cell brings."""
    if kind == "split":
        return {"codes": (code,), "geometry": mapping(_cut(shape, other))}
    if kind == "merge":
        near = [near for near in codes if near != code]
        pair = (code, near[other % len(near)]) if near else (code,)
        return {"codes": pair, "owners": {"0": OFFICERS[0]} if other % 3 else None}
    if kind == "redraw":
        away = (other % 5 - 2) * SIDE / 20, (other % 7 - 3) * SIDE / 20
        return {"codes": (code,), "geometry": mapping(shapely.affinity.translate(shape, *away))}
    if kind == "replace":
        at, north = WEST + SIDE * (1 + other % 9) / 10, SOUTH + SIDE
        halves = [shapely.box(WEST, SOUTH, at, north), shapely.box(at, SOUTH, WEST + SIDE, north)]
        return {"parts": tuple(mapping(half) for half in halves)}
    return {"codes": (code,)}


def _cut(shape, other):
    """A line right through a shape, upright, level or slanting."""
    west, south, east, north = shape.bounds
    share, away = 0.2 + other % 7 / 10, SIDE / 8
    x, y = west + (east - west) * share, south + (north - south) * share
    ends = [
        ((x, south - away), (x, north + away)),
        ((west - away, y), (east + away, y)),
        ((x, south - away), (x + (east - west) / 3, north + away)),
    ]
    return shapely.LineString(ends[other % 3])


def carry_out(run, kind, one, other, days_ago):
    """Do a step; give the first day it touches, or None when it was refused or there was nothing to do."""
    try:
        if kind == "undo":
            done = undo_last(run.store, ACTOR, now=run.now)
            return next(day for code, day in run.changes if code == done.code)
        if kind == "reverse":
            code, day = run.changes[one % len(run.changes)] if run.changes else (None, None)
            on = max(day, run.today - timedelta(days=days_ago)) if code else run.today
            given = {"on": on, "reason": "恢复", "now": run.now, "today": run.today, "confirmed": True}
            done = reverse(run.store, ACTOR, code or "", **given)
        else:
            request = request_of(run, kind, one, other, days_ago)
            if request is None:
                return None
            on = request.rows[0].valid_from if isinstance(request, AssignRequest) else request.on
            done = submit(run.store, ACTOR, request, now=run.now, today=run.today, confirmed=True)
    except (RuleError, InputError):
        return None
    if not done.code:
        return None
    run.changes.append((done.code, on))
    return on


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a failure is short enough as it is; shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=steps)
def test_cells_and_officers_stay_true(template, tmp_path_factory, drawn):
    with copied_store(template, tmp_path_factory.mktemp("run")) as store:
        run = Run(store)
        everybody = set(run.state(TODAY)["homes"])
        for step in drawn:
            _check_step(run, step, everybody)
            run.now += timedelta(hours=9)
        for day, moment, state in run.seen:
            assert run.state(day, moment) == state, "what was known at a moment has changed"
        with store.read() as session:
            assert verify(session).is_whole


def _check_step(run, step, everybody):
    kind = step[0]
    before, ground = run.state(run.today), run.ground()
    land = tiling(ground.cells, village=ground.shape)
    days = [run.today - timedelta(days=each) for each in (40, 3, 1)]
    past = {day: run.state(day) for day in days}
    on = carry_out(run, *step)
    event(f"{kind}: {'refused' if on is None else 'done'}")
    after, ground = run.state(run.today), run.ground()
    if on is None:
        assert after == before, "a step that was refused changed something"
    for day in days:
        if on is None or day < on:
            assert run.state(day) == past[day], "a day before the change has changed"
    now = tiling(ground.cells, village=ground.shape)
    assert now.is_coverage
    assert now.overlap_m2 <= land.overlap_m2 + 1
    assert now.uncovered_m2 <= land.uncovered_m2 + 1 or kind in _LEAVES_LAND_BARE
    assert run.contested() == []
    assert set(after["homes"]) == everybody
    assert set(after["homes"].values()) <= {"", *after["cells"]}
    assert {target for target, _holder, _rank in after["held"]} <= set(after["cells"])
    run.seen.append((run.today, run.now, after))
