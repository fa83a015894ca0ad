"""Any sequence of changes, submitted and undone, on a real store: what was so and known never changes."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import ConflictError, RuleError
from geo.operations.handover import handover_request, propose_handover
from geo.operations.journal import reverse, submit, undo_last
from geo.operations.requests import CorrectRequest
from geo.store.audit import verify
from geo.store.changes import change_rows
from geo.store.engine import create_store
from geo.store.queries import responsibilities
from tests.analysis_frames import A1, A2, B1
from tests.answers_store import COORDINATOR, fill
from tests.journal import NOW, TODAY, assign, end
from tests.stores import copied_store

CELLS = [A1, A2, B1]
DAYS = [date(2026, 4, 1) + timedelta(days=10 * at) for at in range(8)]
day = st.sampled_from(DAYS)
step = st.tuples(
    st.sampled_from(["assign", "assign", "assign", "end", "withdraw", "handover", "reverse", "undo"]),
    st.lists(st.sampled_from(CELLS), min_size=1, max_size=3, unique=True),
    st.sampled_from(["c1", "c2", "c3", "c4", "c5"]),
    day,
    st.sampled_from(["primary", "primary", "assistant"]),
    st.integers(0, 20),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("ownership") / "tiny.gpkg"
    fill(create_store(str(path))).close()
    return path


def _state(store, *, known_at=None):
    """Who holds which cell on every day, by rank."""
    with store.read() as session:
        found = responsibilities(session, known_at=known_at, kinds=["grid_officer"], targets=CELLS)
    rows = list(
        zip(
            *(found[name] for name in ("target_code", "holder_code", "rank", "valid_from", "valid_to")),
            strict=True,
        )
    )
    return {
        when: sorted(
            (cell, "primary" if rank != "assistant" else rank, holder)
            for cell, holder, rank, start, stop in rows
            if start <= when and (stop is None or when < stop)
        )
        for when in DAYS
    }


def _primaries(state):
    return {
        (when, cell): sum(of == cell and rank == "primary" for of, rank, _holder in held)
        for when, held in state.items()
        for cell in CELLS
    }


def _do(store, what, now):
    """Do one step; the first day it may change, None for any."""
    action, _cells, _holder, on, _rank, pick = what
    if action == "undo":
        undo_last(store, COORDINATOR, now=now)
        return None
    if action == "reverse":
        with store.read() as session:
            codes = change_rows(session, states=["applied"])["code"].tolist()
        if not codes:
            raise RuleError("nothing to reverse")
        code, given = codes[pick % len(codes)], {"on": on, "reason": "恢复", "now": now, "today": TODAY}
        reverse(store, COORDINATOR, code, **given, confirmed=True)
        return on
    submit(store, COORDINATOR, _request(store, what), now=now, today=TODAY, confirmed=True)
    return None if action == "withdraw" else on


def _request(store, what):
    action, cells, holder, on, rank, pick = what
    if action == "assign":
        return assign(cells, holder, since=on, rank=rank)
    if action == "end":
        return end(cells, on=on)
    if action == "withdraw":
        with store.read() as session:
            ids = responsibilities(session, kinds=["grid_officer"], targets=CELLS)["id"].tolist()
        if not ids:
            raise RuleError("nothing to withdraw")
        return CorrectRequest(int(ids[pick % len(ids)]), "录错", withdraw=True)
    proposal = propose_handover(store, COORDINATOR, holder, on=on, as_of=TODAY)
    return handover_request(proposal, holder, on=on, reason="离岗")


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(step, min_size=1, max_size=7))
def test_nothing_that_was_so_or_known_changes(template, tmp_path_factory, steps):
    with copied_store(template, tmp_path_factory.mktemp("run")) as store:
        known = {}
        for number, what in enumerate(steps):
            before, now = _state(store), NOW + timedelta(minutes=number)
            try:
                since = _do(store, what, now)
            except (RuleError, ConflictError):
                assert _state(store) == before
                continue
            then = _state(store)
            known[now] = then
            if since is not None:
                assert all(then[when] == before[when] for when in DAYS if when < since), what
            if what[0] != "undo":
                more = [
                    each
                    for each, count in _primaries(then).items()
                    if count > max(1, _primaries(before)[each])
                ]
                assert more == [], what
        for when, state in known.items():
            assert _state(store, known_at=when) == state
        with store.read() as session:
            assert verify(session).is_whole
