"""Every error a user can meet, as one tree.

::

    AppError                 something the user can read and act on
    ├── InputError           what came in is wrong: a file, a code, an option      exit 2
    │   ├── FileFault        a file cannot be read or holds the wrong thing
    │   ├── FrameError       a table breaks its contract (columns, CRS, index)
    │   └── CodeError        a division, cell or account code is malformed
    ├── RuleError            a rule of the domain forbids it                        exit 1
    │   ├── TransitionError  the thing is not in a state that allows it
    │   ├── ConflictError    somebody else changed it first
    │   └── ConfirmationNeeded   it has consequences that somebody must accept
    ├── PermissionError_     this account may not do or see it                      exit 1
    └── StoreError           the store cannot be opened, read or written            exit 3
        └── StoreMissing     there is no store yet at that address

A message says what happened; ``hint`` says what to do next. Both are shown as they are,
so neither ever holds a driver's text or a path outside the user's own input.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OthersChange:
    """What somebody else did to a thing meanwhile.

    Attributes
    ----------
    code : str
        The thing.
    what : str
        One sentence; empty when nothing is known but that it changed (QGIS).
    user : str
    at : datetime or None
    """

    code: str
    what: str = ""
    user: str = ""
    at: datetime | None = None


class AppError(Exception):
    """Base of all errors that are shown to a user.

    Parameters
    ----------
    message : str
        One sentence that says what happened, already translated.
    hint : str
        One sentence that says what to do next; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(AppError):
    """What came in is wrong."""

    exit_code = 2


class FileFault(InputError):
    """A file cannot be read or holds something else than was asked for."""


class FrameError(InputError):
    """A table breaks its contract: columns, index, geometry type or CRS."""


class CodeError(InputError):
    """A division, cell or account code is malformed or unknown."""


class RuleError(AppError):
    """A rule of the domain forbids the change."""


class TransitionError(RuleError):
    """The thing is not in a state that allows the step."""


class ConflictError(RuleError):
    """Somebody else changed the thing since it was read.

    Parameters
    ----------
    others : iterable of OthersChange
        What was changed, by whom and when, as far as it is known.
    """

    def __init__(self, message: str, *, hint: str = "", others: Iterable[OthersChange] = ()) -> None:
        super().__init__(message, hint=hint)
        self.others = tuple(others)


class ConfirmationNeeded(RuleError):
    """The change has consequences that must be confirmed first.

    Parameters
    ----------
    consequences : iterable of str
        One sentence each.
    """

    def __init__(self, message: str, *, hint: str = "", consequences: Iterable[str] = ()) -> None:
        super().__init__(message, hint=hint)
        self.consequences = tuple(consequences)


class PermissionError_(AppError):
    """The account may not do or see this."""


class StoreError(AppError):
    """The store cannot be opened, read or written."""

    exit_code = 3


class StoreMissing(StoreError):
    """There is no store yet at the given address."""
