"""Eight writers at once on the same cells: every acknowledged edit is there, none twice, nothing overlaps.

Each makes two hundred edits, which takes a minute; ``MINQING_WRITER_EDITS`` asks for fewer or more.
"""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from geo.analysis.periods import is_missing
from geo.operations.journal import APPLIED
from geo.store.audit import verify
from geo.store.backup import verify_store
from geo.store.engine import Store
from geo.store.models import Audit, Change, Responsibility
from geo.store.queries import responsibilities
from geo.store.records import records_of
from tests.store import small_county
from tests.store.editing_writer import edit
from tests.store.writers import ended, killed, received, start, url_of

WRITERS, EDITS = 8, int(os.environ.get("MINQING_WRITER_EDITS", "200"))
KILLS = 20

Edit = tuple[str, str, str, date]


def _require_all_there(store: Store, said: list[Edit], *, unacknowledged: int) -> None:
    """What was acknowledged is stored once, and no more than what may have been on its way."""
    made = [one for one in said if one[0]]
    with store.read() as session:
        changes = session.execute(select(Change.code, Change.state)).all()
        audited = Counter(session.scalars(select(Audit.subject).where(Audit.action == "assign")))
        audit = verify(session)
        records = records_of(session, Responsibility)
        standing = responsibilities(session)
    codes = {code for code, _state in changes}
    assert {state for _code, state in changes} == {str(APPLIED)}
    assert len({code for code, *_rest in made}) == len(made)
    assert {code for code, *_rest in made} <= codes
    assert len(codes) <= len(made) + unacknowledged
    assert audited == Counter(codes)
    assert audit.is_whole
    stated = Counter(
        zip(
            records["batch"],
            records["target_code"],
            records["holder_code"],
            records["valid_from"],
            strict=True,
        )
    )
    assert [stated[one] for one in made] == [1] * len(made)
    _require_one_at_a_time(standing)


def _require_one_at_a_time(standing) -> None:
    """No cell has two first officers on one day, nor a gap where somebody followed somebody."""
    for _cell, held in standing.groupby("target_code"):
        periods = sorted(zip(held["valid_from"], held["valid_to"], strict=True))
        for (_since, end), (begin, _until) in itertools.pairwise(periods):
            assert not is_missing(end)
            assert end == begin
        assert is_missing(periods[-1][1])


@pytest.mark.slow
def test_eight_writers_at_once(store: Store) -> None:
    small_county.load(store)
    started = [start(edit, url_of(store), writer, EDITS) for writer in range(WRITERS)]
    said = received([line for _process, line in started])
    ended(started)
    assert len(said) == WRITERS * EDITS
    assert sum(bool(code) for code, *_rest in said) > WRITERS * EDITS / 2
    _require_all_there(store, said, unacknowledged=0)


@pytest.mark.slow
def test_writers_that_are_killed_leave_nothing_half_done(gpkg_store: Store) -> None:
    small_county.load(gpkg_store)
    moments = random.Random(20260501)
    said: list[Edit] = []
    for run in range(KILLS):
        said += killed(start(edit, url_of(gpkg_store), run, None), moments)
    _require_all_there(gpkg_store, said, unacknowledged=KILLS)
    with gpkg_store.read() as session:
        assert session.scalar(select(func.count()).select_from(Change)) > KILLS / 2
    assert verify_store(gpkg_store).is_sound
