"""A process that writes batches until it is killed, and says which ones are done."""

from __future__ import annotations

import itertools
from multiprocessing.connection import Connection

from geo.access import SYSTEM
from geo.store.audit import record
from geo.store.bulk import insert_frame
from geo.store.engine import open_store
from geo.store.models import Household
from geo.store.versions import bump
from tests.store import small_county

READY = ""
SIZES = (3, 700)
"""A small write, and one large enough to set triggers and indexes aside."""


def write_until_killed(url: str, run: int, done: Connection) -> None:
    """Write batch after batch; each is acknowledged by its name after its transaction has ended."""
    frames = {size: small_county.households(size) for size in SIZES}
    store = open_store(url)
    done.send(READY)
    for number in itertools.count():
        size = SIZES[number % len(SIZES)]
        name = f"{run:02d}-{number:03d}-{size}"
        frame = frames[size]
        with store.write() as session:
            insert_frame(session, Household, frame.assign(code=f"{name}-" + frame["code"]))
            record(session, SYSTEM, "import", now=small_county.NOW, subject=name, after={"rows": size})
            bump(session, "households", [small_county.TOWNSHIP])
        done.send(name)
