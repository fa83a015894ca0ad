"""A process that submits edits of cells' officers, and says which ones were acknowledged."""

from __future__ import annotations

import itertools
import random
from datetime import date, timedelta
from multiprocessing.connection import Connection

from geo.access import Actor
from geo.operations.journal import submit
from geo.operations.requests import Assignment, AssignRequest
from geo.store.engine import open_store
from geo.vocabulary import ResponsibilityKind, Role
from tests.store import small_county
from tests.store.writers import READY

OFFICERS = ["C1", "C2"]
FIRST_DAY = date(2026, 1, 1)
DAYS = 120
KIND = str(ResponsibilityKind.GRID_OFFICER)


def edit(url: str, writer: int, edits: int | None, done: Connection) -> None:
    """Submit edit after edit (None: without end) on cells that all writers share.

    Acknowledged ones are sent as change code, cell, officer and first day after their transaction has ended.
    """
    store = open_store(url)
    actor = Actor(f"writer-{writer}", Role.COORDINATOR, frozenset({small_county.TOWNSHIP}))
    chance = random.Random(writer)
    cells = small_county.cells()["code"].tolist()
    done.send(READY)
    for _number in itertools.count() if edits is None else range(edits):
        cell, officer = chance.choice(cells), chance.choice(OFFICERS)
        day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        request = AssignRequest((Assignment(KIND, officer, cell, day),), actor.user)
        outcome = submit(
            store, actor, request, now=small_county.NOW, today=small_county.TODAY, confirmed=True
        )
        done.send((outcome.code, cell, officer, day))
    done.close()
    store.close()
