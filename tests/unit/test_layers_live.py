"""Versions that open maps ask for: cheap, never older than what was said before; and numbers of cells."""

from __future__ import annotations

from typing import Any

import pytest

from geo.access import SYSTEM
from geo.errors import InputError
from geo.store.engine import Store
from geo.store.queries import layer_frame
from geo.store.versions import bump
from layers import chunks
from layers.folium_map import WATCHED
from layers.tiles import TileService
from tests.county import AS_OF
from tests.unit.test_tiles import addresses, everything, values


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(chunks, "monotonic", clock)
    return clock


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every look into the store."""
    found: list[int] = []
    real = chunks.data_version

    def counted(session: Any) -> int:
        found.append(real(session))
        return found[-1]

    monkeypatch.setattr(chunks, "data_version", counted)
    return found


def edit(store: Store) -> None:
    with store.write() as session:
        bump(session, "cells", [layer_frame(session, "townships")["code"].max()])


def test_many_questions_cost_one_look(county_store: Store, clock: Clock, looks: list[int]) -> None:
    service = TileService(county_store)
    said = set()
    for _question in range(100):
        said.add(service.version(WATCHED, within_s=0.25))
        clock.now += 0.002
    assert len(said) == 1
    assert len(looks) == 1
    clock.now += 0.25
    service.version(WATCHED, within_s=0.25)
    assert len(looks) == 2


def test_an_edit_is_seen_when_the_answer_is_old(county_store_copy: Store, clock: Clock) -> None:
    service = TileService(county_store_copy)
    before = service.version("cells", within_s=0.25)
    edit(county_store_copy)
    assert service.version("cells", within_s=0.25) == before
    clock.now += 0.26
    assert service.version("cells", within_s=0.25) != before
    assert service.version("townships", within_s=0.25) == TileService(county_store_copy).version("townships")


def test_an_answer_is_never_older_than_what_a_page_was_told(county_store_copy: Store, clock: Clock) -> None:
    service = TileService(county_store_copy)
    before = service.version("cells", within_s=0.25)
    edit(county_store_copy)
    now = service.version("cells")
    assert now != before
    assert service.version("cells", within_s=0.25) == now


def all_tiles(service: TileService) -> list[tuple[int, int, int]]:
    return [(14, *at) for at in addresses(service, 14)]


def test_an_edit_makes_only_the_tiles_of_its_township_stale(county_store_copy: Store) -> None:
    service = TileService(county_store_copy)
    tiles = all_tiles(service)
    before = service.version(WATCHED)
    etags = {at: service.tile("villages,cells", *at, actor=SYSTEM, as_of=AS_OF).etag for at in tiles}
    assert service.stale("villages,cells", tiles, since=before, as_of=AS_OF) == []
    edit(county_store_copy)
    found = service.stale("villages,cells", tiles, since=before, as_of=AS_OF)
    after = {at: service.tile("villages,cells", *at, actor=SYSTEM, as_of=AS_OF).etag for at in tiles}
    assert 0 < len(found) < len(tiles)
    assert {at for at in tiles if etags[at] != after[at]} == set(found)
    assert service.stale("townships", tiles, since=before, as_of=AS_OF) == []


def test_after_what_nobody_said_everything_may_be_stale(county_store: Store) -> None:
    service = TileService(county_store)
    tiles = all_tiles(service)
    assert service.stale("cells", tiles, since="unheard of", as_of=AS_OF) == tiles


def test_when_villages_change_everything_may_be_stale(county_store_copy: Store) -> None:
    service = TileService(county_store_copy)
    before = service.version(WATCHED)
    with county_store_copy.write() as session:
        bump(session, "villages", [layer_frame(session, "townships")["code"].min()])
    tiles = all_tiles(service)
    assert service.stale("cells", tiles, since=before, as_of=AS_OF) == tiles


def test_impossible_tiles_are_refused(county_store: Store) -> None:
    service = TileService(county_store)
    with pytest.raises(InputError):
        service.stale("cells", [(3, 8, 0)], since=service.version(WATCHED), as_of=AS_OF)


def test_numbers_of_cells_come_where_there_is_room(county_store: Store) -> None:
    service = TileService(county_store)
    near, far = (everything(service, "cell_names", z)["cell_names"] for z in (14, 12))
    assert len(far) < len(near)
    with county_store.read() as session:
        codes = set(layer_frame(session, "cells", as_of=AS_OF)["code"])
    assert values(near, "code") <= codes
    assert all(feature["properties"]["name"] == feature["properties"]["code"][12:] for feature in near)
    assert all(feature["properties"]["n"] >= 0 for feature in near)
    assert min(values(near, "room")) >= 18


def test_maps_for_looking_get_no_numbers(county_store: Store) -> None:
    found = everything(TileService(county_store), "villages,cells", 14, actor=SYSTEM)
    assert "cell_names" not in found
