"""What part of the county an actor's answers are taken from."""

from __future__ import annotations

from collections.abc import Iterable

from geo.access import Actor, require_read

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


def few_codes(codes: Iterable[str]) -> list[str] | None:
    """The codes when asking for each by index pays; None (all of them) when one scan is cheaper."""
    distinct = sorted(set(codes))
    return distinct if len(distinct) <= _FEW else None
