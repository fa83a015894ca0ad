"""Tiles from a real store: what they hold, who sees what, and what an edit costs."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from geo.access import SYSTEM, Actor
from geo.errors import InputError
from geo.store.engine import Store, create_store
from geo.store.queries import layer_frame
from geo.store.versions import bump
from geo.vocabulary import Role
from layers import cells
from layers.mercator import HALF_WORLD_M, Bounds, project, tiles_over
from layers.mvt import EXTENT
from layers.tiles import TileService
from tests.county import AS_OF

LEADER = Actor("leader", Role.LEADER)


@pytest.fixture(scope="module")
def service(county_store: Store) -> TileService:
    return TileService(county_store)


def layers_of(body: bytes) -> dict[str, list[dict[str, Any]]]:
    decoded = mapbox_vector_tile.decode(gzip.decompress(body)) if body else {}
    return {name: layer["features"] for name, layer in decoded.items()}


def everything(
    service: TileService, layer: str, z: int, *, actor: Actor = SYSTEM, as_of: date = AS_OF
) -> dict[str, list[dict[str, Any]]]:
    """Features of all tiles of a zoom over the county, by tile layer."""
    found: dict[str, list[dict[str, Any]]] = {}
    for x, y in addresses(service, z):
        tile = service.tile(layer, z, x, y, actor=actor, as_of=as_of)
        for name, features in layers_of(tile.body).items():
            found.setdefault(name, []).extend({**feature, "tile": (x, y)} for feature in features)
    return found


def addresses(service: TileService, z: int) -> list[tuple[int, int]]:
    west, south, east, north = service.bounds(as_of=AS_OF) or (0.0, 0.0, 0.0, 0.0)
    (left, low), (right, top) = project([[west, south], [east, north]])
    return tiles_over(Bounds(left, low, right, top), z)


def values(features: list[dict[str, Any]], name: str) -> set[Any]:
    return {feature["properties"].get(name) for feature in features}


def places_of(features: list[dict[str, Any]]) -> set[tuple[int, int]]:
    """Where points are, on the grid of the whole zoom (near an edge one comes in two tiles)."""
    found = set()
    for feature in features:
        x, y = feature["tile"]
        for across, up in np.array(feature["geometry"]["coordinates"]).reshape(-1, 2):
            found.add((x * EXTENT + int(across), y * EXTENT + EXTENT - int(up)))
    return found


def grid_places(points: Any, z: int) -> set[tuple[int, int]]:
    """The same for a column of points in degrees."""
    metres = project(np.column_stack([points.x, points.y]))
    from_corner = np.column_stack([metres[:, 0] + HALF_WORLD_M, HALF_WORLD_M - metres[:, 1]])
    grid = np.rint(from_corner / (2 * HALF_WORLD_M) * 2**z * EXTENT)
    return set(map(tuple, grid.astype(int).tolist()))


def located(households: Any, prefix: str = "") -> Any:
    inside = households["village_code"].str.startswith(prefix) & households.geometry.notna()
    return households.geometry[inside]


def resident_of(county_frames: dict[str, Any]) -> tuple[Actor, str]:
    village = county_frames["villages"]["code"].min()
    return Actor("resident", Role.RESIDENT_CADRE, frozenset({village})), village


@pytest.mark.parametrize("z", [7, 8, 9, 11, 13])
def test_every_village_is_on_the_map_at_every_zoom(service, county_frames, z):
    found = everything(service, "townships,villages", z)
    assert values(found["villages"], "code") == set(county_frames["villages"]["code"])
    assert values(found["townships"], "code") == set(county_frames["townships"]["code"])
    assert found["county"]


def test_every_cell_tells_its_state(service, county_store):
    with county_store.read() as session:
        cells = layer_frame(session, "cells", as_of=AS_OF)
    found = everything(service, "cells", 11)["cells"]
    assert values(found, "code") == set(cells["code"])
    assert values(found, "state") <= {"unowned", "owned", "contested"}


def test_names_come_only_where_there_is_room(service):
    far, near = everything(service, "villages", 8), everything(service, "villages", 13)
    assert len(values(near["village_names"], "name")) > len(far.get("village_names", []))
    assert min(values(near["village_names"], "room")) >= 18


def test_lines_lead_to_villages(service, county_frames):
    found = everything(service, "network", 10)["network"]
    assert values(found, "target") <= set(county_frames["villages"]["code"])
    assert {"team_head", "resident_cadre"} <= values(found, "kind")


def test_far_away_households_are_counts_for_everybody(service, county_frames):
    found = everything(service, "households", 11)
    assert "households" not in found
    counts = [feature["properties"] for feature in found["household_counts"]]
    assert all(0 <= count["unpaired"] <= count["n"] for count in counts)
    with_cell = county_frames["households"]["cell_code"].notna().sum()
    assert 0 < sum(count["n"] for count in counts) >= with_cell * 0.9


def test_who_may_see_positions_sees_points_close_up(service, county_frames):
    found = everything(service, "households", 12)
    assert "household_counts" not in found
    assert places_of(found["households"]) == grid_places(located(county_frames["households"]), 12)
    assert values(found["households"], "paired") == {True, False}
    assert all(set(each["properties"]) == {"paired"} for each in found["households"])


def test_a_leader_sees_counts_at_every_zoom(service):
    found = everything(service, "households", 13, actor=LEADER)
    assert set(found) == {"household_counts"}


def test_a_resident_cadre_sees_the_own_village_only(service, county_frames):
    actor, village = resident_of(county_frames)
    found = everything(service, "townships,villages,cells,households,network", 12, actor=actor)
    assert values(found["villages"], "code") == {village}
    assert {code[:12] for code in values(found["cells"], "code")} == {village}
    assert values(found.get("network", []), "target") <= {village}
    own = grid_places(located(county_frames["households"], village), 12)
    assert places_of(found["households"]) == own
    assert "household_counts" not in found
    assert len(values(found["townships"], "code")) == len(county_frames["townships"])


def test_a_coordinator_gets_no_points_of_other_townships(service, county_frames):
    townships = sorted(county_frames["townships"]["code"])
    actor = Actor("coordinator", Role.COORDINATOR, frozenset({townships[0]}))
    found = everything(service, "households", 12, actor=actor)
    assert "household_counts" not in found
    own = grid_places(located(county_frames["households"], townships[0]), 12)
    assert places_of(found["households"]) == own


def test_a_coordinator_gets_no_lines_to_other_townships(county_store, county_frames, monkeypatch):
    service = TileService(county_store)
    west, south, east, north = service.bounds(as_of=AS_OF) or (0.0, 0.0, 0.0, 0.0)
    across = shapely.LineString([(west, south), (east, north)])

    def long_lines(_store: Store, *, as_of: date, township: str) -> Any:
        targets = [code for code in county_frames["villages"]["code"] if code.startswith(township)]
        shapes = gpd.GeoSeries([across] * len(targets), crs=4490)
        return gpd.GeoDataFrame({"kind": "county_leader", "target_code": targets}, geometry=shapes)

    monkeypatch.setattr("layers.network.village_lines", long_lines)
    monkeypatch.setattr("layers.chunks.OUTREACH_M", 0.0)  # some tiles lie in one township alone
    for township in county_frames["townships"]["code"]:
        actor = Actor("coordinator", Role.COORDINATOR, frozenset({township}))
        targets = values(everything(service, "network", 13, actor=actor)["network"], "target")
        assert {target[:9] for target in targets} == {township}


def test_the_etag_tells_versions_dates_and_views_apart(service, county_frames):
    z = 12
    x, y = addresses(service, z)[len(addresses(service, z)) // 2]

    def etag(actor: Actor = SYSTEM, as_of: date = AS_OF, layer: str = "households") -> str:
        return service.tile(layer, z, x, y, actor=actor, as_of=as_of).etag

    assert etag() == etag()
    assert etag() != etag(actor=LEADER)
    assert etag(layer="villages") == etag(layer="villages", actor=LEADER)
    assert etag() != etag(as_of=date(2026, 4, 30))
    assert etag(layer="villages", actor=resident_of(county_frames)[0]) != etag(layer="villages")


def test_an_edit_makes_only_its_township_anew(county_store_copy):
    service = TileService(county_store_copy)
    z = 14
    before = {
        at: service.tile("cells", z, *at, actor=SYSTEM, as_of=AS_OF).etag for at in addresses(service, z)
    }
    version = service.version("cells")
    with county_store_copy.write() as session:
        edited = layer_frame(session, "townships")["code"].max()
        bump(session, "cells", [edited])
    after = {at: service.tile("cells", z, *at, actor=SYSTEM, as_of=AS_OF).etag for at in before}
    changed = {at for at, etag in before.items() if after[at] != etag}
    assert changed
    assert changed != set(before)
    assert service.version("cells") != version
    assert service.version("townships") == TileService(county_store_copy).version("townships")


def test_the_etag_is_the_same_in_another_process(county_store):
    at = (10, *addresses(TileService(county_store), 10)[0])
    first, second = TileService(county_store), TileService(county_store)
    one = first.tile("villages", *at, actor=SYSTEM, as_of=AS_OF)
    assert one == second.tile("villages", *at, actor=SYSTEM, as_of=AS_OF)


def test_many_threads_get_the_same_tile_and_read_the_store_once(county_store, monkeypatch):
    service = TileService(county_store)
    at = (11, *addresses(service, 11)[0])
    loads: list[str] = []
    real = cells.cell_attributes

    def counted(store: Store, *, as_of: date, township: str) -> Any:
        loads.append(township)
        return real(store, as_of=as_of, township=township)

    monkeypatch.setattr(cells, "cell_attributes", counted)
    with ThreadPoolExecutor(8) as pool:
        tiles = list(pool.map(lambda _n: service.tile("cells", *at, actor=SYSTEM, as_of=AS_OF), range(24)))
    assert len(set(tiles)) == 1
    assert len(loads) == len(set(loads))


def test_outside_the_county_there_is_nothing(service):
    tile = service.tile("villages", 12, 0, 0, actor=SYSTEM, as_of=AS_OF)
    assert tile.body == b""


@pytest.mark.parametrize("address", [(-1, 0, 0), (19, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0)])
def test_an_impossible_address_is_refused(service, address):
    with pytest.raises(InputError):
        service.tile("villages", *address, actor=SYSTEM, as_of=AS_OF)


@pytest.mark.parametrize("layer", ["", "people", "villages,people", "villages/../cells"])
def test_an_unknown_layer_is_refused(service, layer):
    with pytest.raises(InputError, match="地图图层"):
        service.tile(layer, 10, 0, 0, actor=SYSTEM, as_of=AS_OF)


def test_an_empty_store_has_empty_tiles(tmp_path):
    store = create_store(str(tmp_path / "empty.gpkg"))
    service = TileService(store)
    assert service.bounds(as_of=AS_OF) is None
    assert service.warm(as_of=AS_OF) == 0
    assert (
        service.tile("townships,villages,cells,households,network", 5, 26, 12, actor=SYSTEM, as_of=AS_OF).body
        == b""
    )
    store.close()


def test_warming_leaves_nothing_to_read_for_the_first_view(county_store, monkeypatch):
    service = TileService(county_store)
    assert service.warm(as_of=AS_OF) > len(addresses(service, 9))

    def unexpected(*_args: Any, **_kwargs: Any) -> Any:
        raise AssertionError("something was made again")

    monkeypatch.setattr("layers.mvt.encode_polygons", unexpected)
    for x, y in addresses(service, 9):
        for layer in ("townships,villages", "cells"):
            service.tile(layer, 9, x, y, actor=LEADER, as_of=AS_OF)
