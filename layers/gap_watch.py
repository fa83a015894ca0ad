"""Keeps the map's pictures of gaps up to date in the background: no tile works them out or waits long.

Whoever wants a tile with gaps says so; while the gaps of that day are not at hand, or older than the data,
they are found in a thread of their own, and the tile is drawn with what there is. When they are ready the
stamps of the townships in which something is different change; open maps notice it as they notice an edit,
and fetch those tiles again.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from threading import Lock
from weakref import WeakKeyDictionary

from geo.answers.gap_book import gaps_on
from geo.codes import TOWNSHIP
from geo.store.engine import Store
from geo.store.queries import layer_frame
from geo.store.versions import data_version
from layers.gap_picture import GapPicture, gap_picture, nothing

PICTURE = "gap_picture"
"""Stands among the names of store layers that a map layer watches."""
FIRST_WAIT_S = 2.0
"""How long the first tile of a day waits for the gaps before it is drawn without them."""
DAYS_KEPT = 6

_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gaps")
_LOG = logging.getLogger("minqing.gaps")


@dataclass(frozen=True)
class _Day:
    """The picture of a day, the data version it was drawn from, and its digest in each township."""

    number: int
    picture: GapPicture
    digests: dict[str, bytes]


class GapWatch:
    """The pictures of one store."""

    def __init__(self) -> None:
        self.changes = 0
        self._days: OrderedDict[date, _Day] = OrderedDict()
        self._jobs: dict[date, Future[None]] = {}
        self._lock = Lock()

    def want(self, store: Store, as_of: date, number: int) -> None:
        """Say that a picture of a day is wanted, of data as new as this; waits only for the first one."""
        with self._lock:
            known = self._days.get(as_of)
            if known is not None and known.number >= number:
                self._days.move_to_end(as_of)
                return
            job = self._jobs.get(as_of)
            if job is None or job.done():
                job = _POOL.submit(copy_context().run, self._draw, store, as_of)
                job.add_done_callback(_tell_failure)
                self._jobs[as_of] = job
        if known is None:
            wait([job], timeout=FIRST_WAIT_S)

    def settle(self) -> None:
        """Wait until nothing is being drawn any more."""
        wait([*self._jobs.values()])

    def picture(self, as_of: date) -> GapPicture:
        """The newest picture of a day that there is; an empty one while there is none."""
        with self._lock:
            known = self._days.get(as_of)
        return known.picture if known else nothing()

    def stamps(self) -> dict[tuple[str, str], int]:
        """For each township a number that tells what is drawn in it, the same in every process."""
        with self._lock:
            days = sorted(self._days.items())
        townships = {code for _day, known in days for code in known.digests}
        said = {
            code: repr([(day, known.digests.get(code)) for day, known in days if code in known.digests])
            for code in townships
        }
        return {(PICTURE, code): _number(text) for code, text in said.items()}

    def _draw(self, store: Store, as_of: date) -> None:
        with store.read() as session:
            number = data_version(session)
        picture = gap_picture(gaps_on(store, as_of=as_of))
        with store.read() as session:
            townships = sorted({code[:TOWNSHIP] for code in layer_frame(session, "villages")["code"]})
        day = _Day(number, picture, picture.digests(townships))
        with self._lock:
            self._days[as_of] = day
            self._days.move_to_end(as_of)
            while len(self._days) > DAYS_KEPT:
                gone, _day = self._days.popitem(last=False)
                self._jobs.pop(gone, None)
            self.changes += 1


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest())


def _tell_failure(job: Future[None]) -> None:
    if not job.cancelled() and (fault := job.exception()):
        _LOG.error("the gaps of the map could not be found", exc_info=fault)


_watches: WeakKeyDictionary[Store, GapWatch] = WeakKeyDictionary()
_watches_lock = Lock()


def watch_of(store: Store) -> GapWatch:
    """The watch of a store, one a process."""
    with _watches_lock:
        return _watches.setdefault(store, GapWatch())
