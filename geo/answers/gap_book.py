"""The gaps of the days that are looked at, kept in the process and brought up to date as data changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock
from weakref import WeakKeyDictionary

import geopandas as gpd
from sqlalchemy.orm import Session

from geo.analysis.gaps.engine import find_gaps, updated_gaps
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.severity import scored
from geo.answers.evidence import read_evidence
from geo.answers.refresh import LAYERS_READ, Reading, Versions, brought_forward
from geo.i18n import _, current_language
from geo.operations.rules_now import rules_on
from geo.rules import Rules
from geo.store.engine import Store
from geo.store.versions import layer_versions

Progress = Callable[[float, str], None]
"""Told how much is done (0–1) and what is being done."""
_Key = tuple[date, datetime | None, str]

_STATES_KEPT = 6
_KNOWLEDGES_KEPT = 2
"""Different ``known_at`` share no frames; a city's take a gigabyte each."""


@dataclass(frozen=True)
class ScoredGaps:
    """All gaps of a day, the worst first, and what they were found in.

    Attributes
    ----------
    gaps : GeoDataFrame
        As `geo.analysis.gaps.severity.scored` gives them: of the whole county, for nobody's eyes yet.
    evidence : Evidence
    rules : Rules
    """

    gaps: gpd.GeoDataFrame
    evidence: Evidence
    rules: Rules


@dataclass(frozen=True)
class State:
    """A day in the book.

    Attributes
    ----------
    reading : Reading
        The evidence, and the state of the data it was read from.
    found : GeoDataFrame
        What `find_gaps` gives of it.
    answer : ScoredGaps
    """

    reading: Reading
    found: gpd.GeoDataFrame
    answer: ScoredGaps


def gaps_on(
    store: Store, *, as_of: date, known_at: datetime | None = None, progress: Progress | None = None
) -> ScoredGaps:
    """Every gap of the county on a day, in this context's language.

    Never older than the last write that was over when it was asked for. Of several who ask at the same time
    one works and the others wait.

    Parameters
    ----------
    known_at : datetime or None
        As far as was known at that moment; None: as is known now.
    progress : callable or None
        Gets the share that is done (0–1) and what is being done, in words.
    """
    return state_on(store, as_of=as_of, known_at=known_at, progress=progress).answer


def state_on(
    store: Store, *, as_of: date, known_at: datetime | None = None, progress: Progress | None = None
) -> State:
    """`gaps_on` with what is needed to go on from there to other days."""
    return _book_of(store).on(store, as_of, known_at, progress or _nobody)


def _nobody(_done: float, _text: str) -> None:
    """Nobody wants to know how far it is."""


class _Book:
    def __init__(self) -> None:
        self._states: OrderedDict[_Key, State] = OrderedDict()
        self._working = Lock()
        self._lock = Lock()

    def on(self, store: Store, as_of: date, known_at: datetime | None, progress: Progress) -> State:
        """A day, from the book if they are still good."""
        key = (as_of, known_at, current_language())
        with store.read() as session:
            kept = self._kept(key, _versions(session), rules_on(session, as_of, known_at=known_at))
        return kept or self._made(store, key, progress)

    def _made(self, store: Store, key: _Key, progress: Progress) -> State:
        as_of, known_at, _language = key
        with self._working:
            progress(0.0, _("读取数据…"))
            with store.read() as session:
                versions, rules = _versions(session), rules_on(session, as_of, known_at=known_at)
                if kept := self._kept(key, versions, rules):
                    return kept
                base = self._nearest(key)
                reading = _read(session, base, versions, as_of=as_of, known_at=known_at)
            progress(0.6, _("检查规则…"))
            found = _found(self._comparable(key, rules), reading.evidence, rules)
            progress(0.9, _("排列先后…"))
            ranked = scored(found, reading.evidence, rules)
            # What the rules worked out on the way weighs as much as the evidence itself: it is not kept.
            bare = replace(reading, evidence=replace(reading.evidence))
            answer = ScoredGaps(ranked, bare.evidence, rules)
            state = State(bare, found, answer)
            self._keep(key, state)
        progress(1.0, _("完成"))
        return state

    def _kept(self, key: _Key, versions: Versions, rules: Rules) -> State | None:
        with self._lock:
            state = self._states.get(key)
            if state is None or state.reading.versions != versions or not _same(state.answer.rules, rules):
                return None
            self._states.move_to_end(key)
            return state

    def _nearest(self, key: _Key) -> State | None:
        """The state that shares most with the one wanted: its own former one, else the one used last."""
        with self._lock:
            alike = [state for (_day, known, _said), state in self._states.items() if known == key[1]]
            return self._states.get(key) or (alike[-1] if alike else None)

    def _comparable(self, key: _Key, rules: Rules) -> State | None:
        """A state whose gaps were found by the same rules and are told in the same language."""
        with self._lock:
            own = [self._states[key]] if key in self._states else []
            others = [state for other, state in self._states.items() if other[1:] == key[1:]]
        good = [state for state in (*others, *own) if _same(state.answer.rules, rules)]
        return good[-1] if good else None

    def _keep(self, key: _Key, state: State) -> None:
        with self._lock:
            self._states[key] = state
            self._states.move_to_end(key)
            while (
                len(self._states) > _STATES_KEPT
                or len({known for _d, known, _l in self._states}) > _KNOWLEDGES_KEPT
            ):
                self._states.popitem(last=False)


_books: WeakKeyDictionary[Store, _Book] = WeakKeyDictionary()
_books_lock = Lock()


def _book_of(store: Store) -> _Book:
    with _books_lock:
        return _books.setdefault(store, _Book())


def _versions(session: Session) -> Versions:
    return layer_versions(session, LAYERS_READ)


def _same(one: Rules, other: Rules) -> bool:
    return one.thresholds == other.thresholds


def _read(
    session: Session, base: State | None, versions: Versions, *, as_of: date, known_at: datetime | None
) -> Reading:
    if base is None:
        return Reading(read_evidence(session, as_of=as_of, known_at=known_at), known_at, versions)
    return brought_forward(session, base.reading, versions, as_of=as_of)


def _found(base: State | None, evidence: Evidence, rules: Rules) -> gpd.GeoDataFrame:
    if base is None:
        return find_gaps(evidence, rules)
    return updated_gaps(base.found, base.reading.evidence, evidence, rules)
