"""What part of the county an actor's answers are taken from."""

from __future__ import annotations

from collections.abc import Iterable

from geo.access import Actor, require_read
from geo.errors import InputError
from geo.i18n import _
from geo.store import queries
from geo.store.engine import Store

_FEW = 20_000


def readable(actor: Actor, within: str = "") -> tuple[str, ...]:
    """Code prefixes of the territory an actor may read, narrowed to ``within``.

    Raises
    ------
    PermissionError_
        ``within`` names a territory outside the actor's scope.
    """
    if within:
        if not any(scope.startswith(within) for scope in actor.scopes if scope):
            require_read(actor, within)
        if actor.can_read(within):
            return (within,)
        return tuple(sorted(scope for scope in actor.scopes if scope.startswith(within)))
    return ("",) if actor.reads_all else tuple(sorted(actor.scopes))


def require_territory(store: Store, code: str) -> None:
    """Raise `InputError` unless some township or village has this code or lies in it; ``""`` is everything.

    Where a mistyped code would find nothing, nothing would look like no gap.
    """
    with store.read() as session:
        lying = (queries.layer_frame(session, layer, within=(code,)) for layer in ("townships", "villages"))
        if code and not any(len(frame) for frame in lying):
            raise InputError(_("没有代码为 {code} 的乡镇或村。").format(code=code))


def few_codes(codes: Iterable[str]) -> list[str] | None:
    """The codes when asking for each by index pays; None (all of them) when one scan is cheaper."""
    distinct = sorted(set(codes))
    return distinct if len(distinct) <= _FEW else None
