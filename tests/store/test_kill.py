"""Fifty times a writer is killed at a random moment: nothing acknowledged is lost, nothing is half there."""

from __future__ import annotations

import multiprocessing
import random
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import func, select, text

from geo.store.backup import backup_store, verify_store
from geo.store.engine import Store
from geo.store.models import Audit, Household
from geo.store.versions import layer_versions
from tests.store import gdal, small_county
from tests.store.killed_writer import READY, SIZES, write_until_killed

KILLS = 50
MOST_BATCHES = 3
LONGEST_REST_S = 0.06


def _acknowledged(done: Connection) -> list[str]:
    """Everything that was still said, up to the end of the line."""
    names: list[str] = []
    try:
        while True:
            names.append(done.recv())
    except EOFError:
        return names


def _kill_one(url: str, run: int, *, batches: int, rest_s: float) -> list[str]:
    """Let a writer do some batches, kill it a little later, and give back what it acknowledged."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.killed_writer"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=write_until_killed, args=(url, run, there))
    process.start()
    there.close()
    assert here.recv() == READY
    names = [here.recv() for _batch in range(batches)]
    process.join(timeout=rest_s)
    process.kill()
    process.join()
    names += _acknowledged(here)
    here.close()
    process.close()
    return names


def test_fifty_kills_lose_nothing(gpkg_store: Store, tmp_path: Path) -> None:
    small_county.load(gpkg_store)
    moments = random.Random(20260501)
    acknowledged: set[str] = set()
    for run in range(KILLS):
        batches, rest_s = moments.randint(1, MOST_BATCHES), moments.uniform(0, LONGEST_REST_S)
        acknowledged |= set(_kill_one(str(gpkg_store.path), run, batches=batches, rest_s=rest_s))

    with gpkg_store.read() as session:
        recorded = set(session.scalars(select(Audit.subject)))
        batch = func.substr(Household.code, 1, func.length(Household.code) - 8).label("batch")
        rows = session.execute(
            select(batch, func.count()).where(Household.code.not_like("H%")).group_by(batch)
        )
        stored = dict(rows.all())
        loaded = session.scalar(select(func.count()).where(Household.code.like("H%")))
        versions = layer_versions(session, ["households"])
        indexed = session.scalar(text("SELECT rtreecheck('rtree_household_geom')"))
    assert len(acknowledged) >= KILLS
    assert acknowledged <= recorded
    assert stored == {name: int(name.rsplit("-", 1)[1]) for name in recorded if name}
    # Triggers count single rows too, but not those of a large write, which sets them aside.
    singles = loaded + sum(rows for rows in stored.values() if rows == SIZES[0])
    assert versions == {("households", small_county.TOWNSHIP): len(recorded) + singles}
    assert indexed == "ok"
    assert verify_store(gpkg_store).is_sound
    backup_store(gpkg_store, tmp_path / "copy.gpkg")
    assert gdal.faults_of(tmp_path / "copy.gpkg") == []
