"""Names of territory and of what lies in it, for choosing by name instead of by code."""

from __future__ import annotations

from geo.access import Actor
from geo.answers.scope import readable
from geo.store.engine import Store
from geo.store.queries import layer_frame


def village_names(store: Store, actor: Actor) -> dict[str, str]:
    """Township and village by name (石桥镇 · 柳沟村) of every village the actor may read, by code."""
    with store.read() as session:
        towns = layer_frame(session, "townships").set_index("code")["name"].to_dict()
        villages = layer_frame(session, "villages", within=readable(actor))
    rows = zip(villages["code"], villages["township_code"], villages["name"], strict=True)
    return {code: f"{towns.get(town, town)} · {name}" for code, town, name in rows}


def unit_names(store: Store) -> dict[str, str]:
    """Every unit by name, by code: units are known to all."""
    with store.read() as session:
        units = layer_frame(session, "units")
    return dict(zip(units["code"], units["name"], strict=True))


def group_names(store: Store, actor: Actor, village_code: str) -> dict[str, str]:
    """The villager groups of a village by name, by code.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    with store.read() as session:
        groups = layer_frame(session, "groups", within=readable(actor, village_code))
    return dict(zip(groups["code"], groups["name"], strict=True))
