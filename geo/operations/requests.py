"""What somebody asks to be changed: plain frozen values that go through JSON and come back the same.

A request says what is wanted, not how the records change: `geo.operations.planners.plan_request` works
that out.
Waiting requests are stored as their documents, so the meaning of a field never changes once it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from types import EllipsisType
from typing import Any, ClassVar, Literal, Self

from geo.errors import InputError
from geo.i18n import _
from geo.vocabulary import Rank, ResponsibilityKind

CellAction = Literal["split", "merge", "redraw", "create", "retire", "replace"]
KEEP = ...
"""Said of a field that a correction leaves as it is, where None has a meaning of its own."""


@dataclass(frozen=True)
class Assignment:
    """Somebody is to hold something from a day on.

    Attributes
    ----------
    kind : str
        A `ResponsibilityKind`.
    holder_code, target_code : str
    valid_from : date
        First day.
    rank : str
        A `Rank`.
    valid_to : date or None
        First day on which it is no longer so; None: open, or as long as the kind lasts by rule.
    """

    kind: str
    holder_code: str
    target_code: str
    valid_from: date
    rank: str = str(Rank.PRIMARY)
    valid_to: date | None = None


@dataclass(frozen=True)
class Ending:
    """What somebody holds is to end.

    Attributes
    ----------
    kind, target_code, holder_code : str
    on : date
        First day on which it is no longer so.
    """

    kind: str
    target_code: str
    holder_code: str
    on: date


class _Document:
    """Turns a request into plain values and back."""

    def document(self) -> dict[str, Any]:
        """The request as JSON takes it: ``action`` and its fields, days in ISO 8601."""
        assert is_dataclass(self)
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: _plain(value) for name, value in said.items() if value is not KEEP}
        return {"action": self.action, **plain}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The request a document stands for; fields it does not know are passed over.

        Raises
        ------
        InputError
            A field is missing or its value cannot be read.
        """
        try:
            read = {
                field.name: _READERS.get(field.name, _same)(document[field.name])
                for field in fields(cls)  # type: ignore[arg-type]
                if field.name in document
            }
            return cls(**read)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise InputError(_("变更请求不完整或无法识别。"), hint=_("请重新填写后再提交。")) from fault


@dataclass(frozen=True)
class AssignRequest(_Document):
    """Let the holders hold these things from these days on; whoever held them before ends by itself."""

    rows: tuple[Assignment, ...]
    reason: str
    action: ClassVar[str] = "assign"


@dataclass(frozen=True)
class EndRequest(_Document):
    """End what is in force over the targets on a day, which is the first on which nobody answers any more.

    ``holder_code`` picks one holder where there are several.
    """

    kind: str
    targets: tuple[str, ...]
    on: date
    reason: str
    holder_code: str | None = None
    action: ClassVar[str] = "end"


@dataclass(frozen=True)
class CorrectRequest(_Document):
    """Put right one record that was wrong; fields that are None (``valid_to``: `KEEP`) stay as they are.

    ``withdraw``: the record was wrong altogether and nothing takes its place.
    """

    record_id: int
    reason: str
    holder_code: str | None = None
    rank: str | None = None
    valid_from: date | None = None
    valid_to: date | EllipsisType | None = KEEP
    withdraw: bool = False
    action: ClassVar[str] = "correct"


@dataclass(frozen=True)
class HandoverRequest(_Document):
    """Everything a holder holds ends on a day; the items start then."""

    holder_code: str
    on: date
    items: tuple[Assignment, ...]
    reason: str
    action: ClassVar[str] = "handover"


@dataclass(frozen=True)
class ReassignRequest(_Document):
    """In one step, some of what holders hold ends and others start: a plan that closes gaps."""

    rows: tuple[Assignment, ...]
    ended: tuple[Ending, ...]
    reason: str
    action: ClassVar[str] = "reassign"


@dataclass(frozen=True)
class CellRequest(_Document):
    """Change the cells of one village.

    Attributes
    ----------
    kind : str
        ``split``, ``merge``, ``redraw``, ``create``, ``retire`` or ``replace``.
    village_code : str
    on : date
        From which day on.
    reason : str
    codes : tuple of str
        The cells concerned, as they are now.
    geometry : dict or None
        GeoJSON geometry in EPSG:4490: the line that cuts, or the one new shape.
    parts : tuple of dict
        GeoJSON geometries of the cells as they are to be, where there are several.
    names : tuple of str
        What the cells to be are called, by position; empty for no name.
    owners : mapping of str to str, or None
        Primary officers of the cells to be, by position (``"0"``, ``"1"`` …); None: they follow the lineage.
    """

    kind: CellAction
    village_code: str
    on: date
    reason: str
    codes: tuple[str, ...] = ()
    geometry: dict[str, Any] | None = None
    parts: tuple[dict[str, Any], ...] = ()
    names: tuple[str, ...] = ()
    owners: Mapping[str, str] | None = None

    @property
    def action(self) -> str:
        """``cell.split`` and so on."""
        return f"cell.{self.kind}"


@dataclass(frozen=True)
class ReverseRequest(_Document):
    """From a day on, let it be again as it was before a change."""

    change_code: str
    on: date
    reason: str
    action: ClassVar[str] = "reverse"


Request = (
    AssignRequest
    | EndRequest
    | CorrectRequest
    | HandoverRequest
    | ReassignRequest
    | CellRequest
    | ReverseRequest
)

_REQUESTS: dict[str, type[Request]] = {
    "assign": AssignRequest,
    "end": EndRequest,
    "correct": CorrectRequest,
    "handover": HandoverRequest,
    "reassign": ReassignRequest,
    "cell": CellRequest,
    "reverse": ReverseRequest,
}


def family_of(action: str) -> str:
    """What an action belongs to: ``cell`` for ``cell.split``, else the action itself."""
    return action.partition(".")[0]


def parse_request(document: Mapping[str, Any]) -> Request:
    """The request that a document (`document`) stands for.

    Raises
    ------
    InputError
        An unknown action, or a field that is missing or cannot be read.
    """
    kind = _REQUESTS.get(family_of(str(document.get("action", ""))))
    if kind is None:
        raise InputError(_("不认识的变更类型“{action}”。").format(action=document.get("action", "")))
    return kind.from_document(document)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Assignment | Ending):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {type(value).__name__}")
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _texts(values: list[str]) -> tuple[str, ...]:
    return tuple(_text(value) for value in _listed(values))


def _listed(values: Any) -> list[Any]:
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"not a list: {type(values).__name__}")
    return list(values)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"not a number: {type(value).__name__}")
    return value


def _geojson(value: Any) -> dict[str, Any] | None:
    return None if value is None else dict(_mapping(value))


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"not a mapping: {type(value).__name__}")
    return value


def _owners(value: Any) -> dict[str, str] | None:
    return None if value is None else {_text(at): _text(code) for at, code in _mapping(value).items()}


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _assignments(rows: list[Mapping[str, Any]]) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(
            kind=str(ResponsibilityKind(row["kind"])),
            holder_code=_text(row["holder_code"]),
            target_code=_text(row["target_code"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            rank=str(Rank(row.get("rank", Rank.PRIMARY))),
            valid_to=_day(row.get("valid_to")),
        )
        for row in _listed(rows)
    )


def _endings(rows: list[Mapping[str, Any]]) -> tuple[Ending, ...]:
    return tuple(
        Ending(
            kind=str(ResponsibilityKind(row["kind"])),
            target_code=_text(row["target_code"]),
            holder_code=_text(row["holder_code"]),
            on=date.fromisoformat(row["on"]),
        )
        for row in _listed(rows)
    )


_READERS: dict[str, Any] = {
    "ended": _endings,
    "rows": _assignments,
    "items": _assignments,
    "on": date.fromisoformat,
    "valid_from": _day,
    "valid_to": _day,
    "targets": _texts,
    "codes": _texts,
    "names": _texts,
    "parts": lambda parts: tuple(dict(_mapping(part)) for part in _listed(parts)),
    "geometry": _geojson,
    "owners": _owners,
    "record_id": _whole,
    "reason": _text,
    "village_code": _text,
    "change_code": _text,
    "kind": _text,
    "holder_code": _optional_text,
    "rank": _optional_text,
}
