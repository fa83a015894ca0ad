"""Forms that two people fill in at the same time: each writes only the fields that they changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from geo.errors import ConflictError, OthersChange
from geo.i18n import _


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


class _Recorded(Protocol):
    @property
    def village_code(self) -> Any: ...
    @property
    def recorded_by(self) -> Any: ...
    @property
    def recorded_at(self) -> Any: ...


Entry = TypeVar("Entry", bound=_Dataclass)


def changed_by_both(held: Entry, typed: Entry, begun: Entry) -> list[str]:
    """Fields that were typed otherwise than the form began with, and stand as yet something else.

    Parameters
    ----------
    held, typed, begun : dataclass
        What stands, what was typed, and what the form began with.
    """
    stands, began = vars(held), vars(begun)
    return [
        name
        for name, value in vars(typed).items()
        if value != began[name] and stands[name] not in (began[name], value)
    ]


def merged(held: Entry, typed: Entry, begun: Entry | None, *, name: str, standing: _Recorded | None) -> Entry:
    """What stands with the fields in it that were changed; without ``begun`` all that was typed.

    Parameters
    ----------
    name : str
        What the entry is about, for the message.
    standing : record or None
        Where ``held`` comes from; None: nothing is on record.

    Raises
    ------
    ConflictError
        Somebody else has changed one of these fields to something else.
    """
    if begun is None:
        return typed
    if changed_by_both(held, typed, begun):
        raise _conflict(name, standing)
    changed = {field: value for field, value in vars(typed).items() if value != vars(begun)[field]}
    return replace(held, **changed)


def _conflict(name: str, standing: _Recorded | None) -> ConflictError:
    hint = _("请核对最新内容后再保存；您填写的内容仍在。")
    if standing is None:
        return ConflictError(_("“{name}”刚刚被别人清空。").format(name=name), hint=hint)
    at: datetime = standing.recorded_at
    said = _("“{name}”刚刚由账号“{user}”修改过。").format(name=name, user=standing.recorded_by)
    return ConflictError(
        said, hint=hint, others=[OthersChange(standing.village_code, said, standing.recorded_by, at)]
    )
