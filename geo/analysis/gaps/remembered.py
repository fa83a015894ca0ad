"""What was worked out about a frame, remembered for as long as the frame lives.

Evidences of different days and states share the frames that are the same, so that what was worked out for one
serves the next. A frame in an evidence is never changed in place.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

import pandas as pd

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """A function of one frame that runs once a frame.

    Parameters
    ----------
    build : callable
        What is to be worked out.
    """

    def __init__(self, build: Callable[[pd.DataFrame], Value]) -> None:
        self._build = build
        self._known: dict[int, tuple[weakref.ref[Any], Value]] = {}
        self._lock = Lock()

    def __call__(self, frame: pd.DataFrame) -> Value:
        """The value for a frame."""
        key = id(frame)
        known = self._known.get(key)
        if known is not None and known[0]() is frame:
            return known[1]
        value = self._build(frame)
        with self._lock:
            self._known[key] = (weakref.ref(frame, lambda gone: self._forget(key, gone)), value)
        return value

    def __len__(self) -> int:
        """How many frames are remembered."""
        return len(self._known)

    def _forget(self, key: int, gone: weakref.ref[Any]) -> None:
        # No lock: this may run at any instant, while the same thread holds it. Another frame may by now live
        # at the same address.
        known = self._known.get(key)
        if known is not None and known[0] is gone:
            self._known.pop(key, None)
