"""People, places and new entries in the small county's registers, for tests."""

from datetime import UTC, date, datetime

from shapely import Point

from geo.access import Actor
from geo.store.queries import layer_frame, responsibilities
from geo.vocabulary import Role

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TODAY = date(2026, 5, 1)
OWN, OTHER = "990101101", "990101100"
DEPARTMENT = Actor("department", Role.DEPARTMENT)
COORDINATOR = Actor("coordinator", Role.COORDINATOR, frozenset({OWN}))
WHEN = {"now": NOW, "today": TODAY, "reason": "新到岗"}
FIX = {"now": NOW, "reason": "核实更正"}
LEAVE = {"on": TODAY, "now": NOW, "today": TODAY, "reason": "离任"}


def frame_of(store, layer):
    with store.read() as session:
        return layer_frame(session, layer)


def a_village(store, township=OWN):
    villages = frame_of(store, "villages")
    return villages[villages["code"].str.startswith(f"{township}2")].iloc[1]


def a_place(store, township=OWN) -> Point:
    return a_village(store, township).geometry.representative_point()


def a_household(store, township=OWN):
    households = frame_of(store, "households")
    return households[households["village_code"] == a_village(store, township)["code"]].iloc[0]


def an_officer(store, township=OWN):
    with store.read() as session:
        held = responsibilities(session, as_of=TODAY, kinds=["grid_officer"], within=[township])
    counts = held[held["rank"] == "primary"]["holder_code"].value_counts()
    return counts.index[0]


def held_by(store, holder, *, as_of):
    with store.read() as session:
        found = responsibilities(session, as_of=as_of, holders=[holder])
    return sorted(found["target_code"])


def new_values(store, layer):
    """A new entry of each register that lies in the coordinator's township."""
    village, point = a_village(store)["code"], a_place(store)
    return {
        "cadres": {"name": "李新", "level": "village", "duty": "网格员", "lon": point.x, "lat": point.y},
        "units": {"name": "新设局", "kind": "party"},
        "households": {"village_code": village, "head_name": "张三", "lon": point.x, "lat": point.y},
        "areas": {"name": "新片", "village_codes": village},
        "groups": {"name": "新组", "village_code": village},
        "branches": {"name": "新支部", "village_code": village},
    }[layer]
