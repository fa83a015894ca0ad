"""A cache bounded by bytes that builds each value once, however many threads ask for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ByteCache(Generic[Value]):
    """Keeps the values used last until they weigh more than a limit.

    Parameters
    ----------
    limit_bytes : int
        A single value heavier than that is handed out but not kept.
    size_of : callable
        Weight of a value in bytes.
    """

    def __init__(self, limit_bytes: int, size_of: Callable[[Value], int]) -> None:
        self.limit_bytes = limit_bytes
        self.bytes = 0
        self._size_of = size_of
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._building: dict[Hashable, Future[Value]] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def clear(self) -> None:
        """Forget everything that is kept; what is being made goes on."""
        with self._lock:
            self._values.clear()
            self.bytes = 0

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value that was made elsewhere."""
        with self._lock:
            if key not in self._values:
                self._keep(key, value)

    def find(self, key: Hashable) -> Value | None:
        """The value of a key, if it is kept."""
        with self._lock:
            return self._values.get(key)

    def get(self, key: Hashable, build: Callable[[], Value]) -> Value:
        """The value of a key. Of many threads that miss it one builds, the others wait."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            future = self._building.get(key)
            is_mine = future is None
            if future is None:
                future = self._building[key] = Future()
        if is_mine:
            self._build(key, build, future)
        return future.result()

    def _build(self, key: Hashable, build: Callable[[], Value], future: Future[Value]) -> None:
        try:
            value = build()
        except BaseException as fault:  # whoever waits must hear of it, whatever it was
            with self._lock:
                del self._building[key]
            future.set_exception(fault)
            return
        with self._lock:
            del self._building[key]
            self._keep(key, value)
        future.set_result(value)

    def _keep(self, key: Hashable, value: Value) -> None:
        size = self._size_of(value)
        if size > self.limit_bytes:
            return
        if key in self._values:  # kept by `put` while it was being built
            self.bytes -= self._size_of(self._values[key])
        self._values[key] = value
        self.bytes += size
        while self.bytes > self.limit_bytes:
            _key, oldest = self._values.popitem(last=False)
            self.bytes -= self._size_of(oldest)
