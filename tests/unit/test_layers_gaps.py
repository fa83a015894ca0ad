"""Gaps and chains on the map: the same as in the lists, to each account what it may see, never waited for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Event
from typing import Any

import numpy as np
import pytest

from geo.access import SYSTEM, Actor
from geo.answers.chain import chain_table
from geo.answers.gap_book import gaps_on
from geo.answers.gaps import gap_table
from geo.operations.thresholds import set_threshold
from geo.store.engine import Store
from geo.store.queries import layer_frame
from geo.vocabulary import Role
from layers import gap_watch
from layers.gap_picture import AREA_KINDS, OWNER_KINDS, VILLAGE_FLAGS, gap_picture, nothing
from layers.gap_watch import watch_of
from layers.tiles import TileService
from tests.county import AS_OF, NOW
from tests.unit.test_tiles import LEADER, addresses, everything, places_of, values

LAYERS = ("gap_areas", "gap_places", "gap_villages", "household_gaps", "household_gap_counts")


@pytest.fixture(scope="module")
def service(county_store: Store) -> TileService:
    made = TileService(county_store)
    settled(made, county_store)
    return made


@pytest.fixture(scope="module")
def gaps(county_store: Store) -> Any:
    return gap_table(county_store, SYSTEM, as_of=AS_OF)


def settled(service: TileService, store: Store, *, as_of: date = AS_OF) -> None:
    """Ask for a tile and wait until its gaps are found."""
    service.tile("gaps", 8, *addresses(service, 8)[0], actor=SYSTEM, as_of=as_of)
    watch_of(store).settle()


def codes_with(features: list[dict[str, Any]], flag: str) -> set[str]:
    return {each["properties"]["code"] for each in features if each["properties"].get(flag)}


def test_villages_bear_the_gaps_of_the_list(service, county_store, gaps):
    found = everything(service, "gaps", 12)["gap_villages"]
    areas = gaps_on(county_store, as_of=AS_OF).evidence.areas
    for flag, kind in VILLAGE_FLAGS.items():
        rows = gaps[gaps["kind"] == kind]
        listed = set(rows["village_code"].dropna())
        listed |= set(areas.loc[areas["area_code"].isin(rows["target_code"]), "village_code"])
        assert codes_with(found, flag) == listed, flag
        assert listed


def test_every_area_is_drawn_and_has_its_mark_from_far(service, gaps):
    near, far = everything(service, "gaps", 15), everything(service, "gaps", 9)
    for kind in AREA_KINDS:
        assert kind in values(near["gap_areas"], "kind")
        assert kind in values(far["gap_places"], "kind")
    listed = gaps[gaps["kind"].isin([*AREA_KINDS, *OWNER_KINDS])]
    marks = [each for each in near["gap_places"] if is_inside(each)]
    assert len(marks) == len(listed)
    assert values(marks, "kind") == set(listed["kind"])


def is_inside(feature: dict[str, Any]) -> bool:
    x, y = np.array(feature["geometry"]["coordinates"]).reshape(-1)
    return 0 <= x < 4096 and 0 < y <= 4096


def test_who_may_see_positions_sees_the_households_of_the_list(service, gaps):
    found = everything(service, "gaps", 13)
    assert "household_gap_counts" not in found
    placed = gaps[(gaps["target_kind"] == "household") & gaps.geometry.notna()]
    for kind in ("household_unpaired", "household_misplaced"):
        rows = placed[placed["kind"] == kind]
        drawn = [each for each in found["household_gaps"] if each["properties"]["kind"] == kind]
        assert len(places_of(drawn)) == len({(point.x, point.y) for point in rows.geometry})
    assert all(set(each["properties"]) == {"kind"} for each in found["household_gaps"])


def test_others_and_the_far_view_get_counts(service, gaps):
    concerned = gaps[(gaps["target_kind"] == "household") & (gaps["kind"] != "chain_broken")]
    for z, actor in ((13, LEADER), (11, SYSTEM)):
        found = everything(service, "gaps", z, actor=actor)
        assert "household_gaps" not in found
        counts = [each["properties"] for each in found["household_gap_counts"] if is_inside(each)]
        assert sum(count["n"] for count in counts) == concerned["target_code"].nunique()
        unpaired = concerned[concerned["kind"] == "household_unpaired"]
        assert sum(count["unpaired"] for count in counts) == len(unpaired)


def test_a_coordinator_gets_nothing_of_other_townships(service, gaps, county_frames):
    townships = sorted(county_frames["townships"]["code"])
    for own in townships:
        actor = Actor("coordinator", Role.COORDINATOR, frozenset({own}))
        found = everything(service, "gaps", 13, actor=actor)
        assert {code[:9] for code in values(found.get("gap_villages", []), "code")} <= {own}
        assert {code[:9] for code in values(found["gap_village_names"], "code")} == {own}
        marks = [each for each in found.get("gap_places", []) if is_inside(each)]
        mine = gaps[gaps["kind"].isin([*AREA_KINDS, *OWNER_KINDS]) & gaps["village_code"].str.startswith(own)]
        assert len(marks) == len(mine)
        homes = gaps[gaps["kind"].isin(["household_unpaired", "household_misplaced"])]
        homes = homes[homes["village_code"].str.startswith(own)]
        points = {(point.x, point.y) for point in homes.geometry if point}
        assert len(places_of(found.get("household_gaps", []))) == len(points)
        assert "household_gap_counts" not in found


def test_every_village_has_its_name_beside_the_signs(service, county_frames):
    names = everything(service, "gaps", 15)["gap_village_names"]
    assert values(names, "code") == set(county_frames["villages"]["code"])
    assert codes_with(names, "chain") == codes_with(everything(service, "gaps", 15)["gap_villages"], "chain")


def test_where_pairing_tells_of_hardship_no_point_does(county_store_copy):
    given = {"valid_from": AS_OF, "reason": "只包困难户", "now": NOW}
    set_threshold(county_store_copy, SYSTEM, "pairing_hardship_only", 1, **given)
    picture = gap_picture(gaps_on(county_store_copy, as_of=AS_OF))
    assert set(picture.homes.columns["kind"]) <= {"household_misplaced"}
    assert picture.counts.columns["unpaired"].sum() > 0


def test_an_edit_shows_once_the_gaps_are_found_again(county_store_copy):
    service = TileService(county_store_copy)
    settled(service, county_store_copy)
    z = 13
    before = {at: service.tile("gaps", z, *at, actor=SYSTEM, as_of=AS_OF) for at in addresses(service, z)}
    version = service.version("gaps")
    gap_table(county_store_copy, SYSTEM, as_of=AS_OF)
    given = {"valid_from": AS_OF, "reason": "从严", "now": NOW}
    set_threshold(county_store_copy, SYSTEM, "officer_cells_max", 1, **given)
    first = {at: service.tile("gaps", z, *at, actor=SYSTEM, as_of=AS_OF).body for at in before}
    assert first == {at: tile.body for at, tile in before.items()}, "drawn with what was known"
    between = service.version("gaps")
    watch_of(county_store_copy).settle()
    assert len({version, between, service.version("gaps")}) == 3
    stale = service.stale("gaps", [(z, *at) for at in before], since=between, as_of=AS_OF)
    after = {at: service.tile("gaps", z, *at, actor=SYSTEM, as_of=AS_OF) for at in before}
    changed = {(z, *at) for at in before if after[at].body != before[at].body}
    assert changed
    assert changed <= set(stale)


def test_no_tile_waits_for_gaps_that_take_long(county_store_copy, monkeypatch):
    monkeypatch.setattr(gap_watch, "FIRST_WAIT_S", 0.0)
    found, real = Event(), gap_watch.gaps_on

    def slowly(store: Store, *, as_of: date) -> Any:
        assert found.wait(60)
        return real(store, as_of=as_of)

    monkeypatch.setattr(gap_watch, "gaps_on", slowly)
    service = TileService(county_store_copy)
    empty = everything(service, "gaps", 11)
    assert not {*LAYERS} & empty.keys()
    assert empty["gap_village_names"], "names are there at once"
    version = service.version("gaps")
    found.set()
    watch_of(county_store_copy).settle()
    assert service.version("gaps") != version
    assert everything(service, "gaps", 11)["gap_villages"]


def test_many_tiles_at_once_find_the_gaps_once(county_store_copy, monkeypatch):
    asked: list[date] = []
    real = gap_watch.gaps_on

    def counted(store: Store, *, as_of: date) -> Any:
        asked.append(as_of)
        return real(store, as_of=as_of)

    monkeypatch.setattr(gap_watch, "gaps_on", counted)
    service = TileService(county_store_copy)
    at = (11, *addresses(service, 11)[0])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _n: service.tile("gaps", *at, actor=SYSTEM, as_of=AS_OF), range(12)))
    watch_of(county_store_copy).settle()
    assert asked == [AS_OF]


def test_the_stamp_of_a_picture_is_the_same_in_another_process(county_store_copy, county_store):
    stamps = []
    for store in (county_store, county_store_copy):
        watch = gap_watch.GapWatch()
        watch.want(store, AS_OF, 0)
        watch.settle()
        stamps.append(watch.stamps())
    assert stamps[0] == stamps[1]
    assert stamps[0]


def test_days_that_nobody_looks_at_are_forgotten(tiny_store):
    watch = gap_watch.GapWatch()
    days = [date(2026, month, 1) for month in range(1, gap_watch.DAYS_KEPT + 3)]
    for day in days:
        watch.want(tiny_store, day, 0)
        watch.settle()
    assert len(watch.picture(days[-1]).villages.columns["code"])
    assert not len(watch.picture(days[0]).villages.columns["code"])


def test_a_holder_of_things_in_no_known_township_leaves_the_others_drawn(county_store):
    found = gaps_on(county_store, as_of=AS_OF)
    is_owner = found.gaps["kind"].isin(OWNER_KINDS)
    lost = found.gaps.index[is_owner][0]
    rows = found.gaps.copy()
    rows.loc[lost, ["village_code", "township_code"]] = None
    drawn = gap_picture(replace(found, gaps=rows)).places
    whole = gap_picture(found).places
    assert len(drawn.points) == len(whole.points) - 1
    assert np.isfinite(drawn.points).all()


def test_an_empty_picture_has_nothing_in_any_township():
    assert nothing().digests(["990101101"]) == {}


def test_villages_are_coloured_by_the_first_missing_level(service, county_store):
    table = chain_table(county_store, SYSTEM, as_of=AS_OF).set_index("code")
    found = everything(service, "chain", 12)
    drawn = {each["properties"]["code"]: each["properties"]["first"] for each in found["chains"]}
    assert drawn == table["first_missing"].fillna("whole").to_dict()
    names = {each["properties"]["code"]: each["properties"] for each in found["chain_names"]}
    assert {code: name["complete"] for code, name in names.items()} == (
        table.loc[[*names], "households_whole"].to_dict()
    )


def test_a_resident_cadre_sees_the_chain_of_the_own_village(service, county_store):
    with county_store.read() as session:
        village = layer_frame(session, "villages")["code"].min()
    actor = Actor("resident", Role.RESIDENT_CADRE, frozenset({village}))
    found = everything(service, "chain", 13, actor=actor)
    assert values(found["chains"], "code") == {village}
    assert values(found["chain_names"], "code") == {village}
