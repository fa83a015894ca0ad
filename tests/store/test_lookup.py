"""What is at a place, what has a code, what is called so: the same on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, box
from sqlalchemy import select, update

from geo.crs import STORED_CRS
from geo.errors import CodeError
from geo.store.bulk import insert_frame
from geo.store.cell_records import reshape_cells
from geo.store.engine import Store
from geo.store.lookup import count_households_near
from geo.store.models import Branch, Cadre, County, GridCell, Household, Unit, Village
from geo.store.queries import entity_names, entity_of, place_at, search
from geo.store.undo import undo_batch
from geo.vocabulary import EntityKind
from tests.store import small_county
from tests.store.small_county import SIDE, SOUTH, TODAY, TOWNSHIP, VILLAGES, WEST
from tests.store.test_cell_records import HALF, LATER, shapes, split, stated

NOWHERE: dict[str, Any] = {"county_code": None, "township_code": None, "village_code": None, "cell_codes": []}


@pytest.fixture
def county(store: Store) -> Store:
    return small_county.load(store)


def _place(store: Store, lon: float, lat: float, as_of: date = TODAY) -> dict[str, Any]:
    with store.read() as session:
        return place_at(session, lon, lat, as_of=as_of)


def test_a_place_has_its_village_and_cell(county: Store) -> None:
    assert _place(county, WEST + SIDE * 1.75, SOUTH + SIDE * 1.25) == {
        "county_code": "990101",
        "township_code": TOWNSHIP,
        "village_code": VILLAGES[3],
        "cell_codes": [VILLAGES[3] + "002"],
    }


def test_nothing_is_outside(county: Store) -> None:
    assert _place(county, 10.0, 10.0) == NOWHERE


def test_nothing_is_in_an_empty_store(store: Store) -> None:
    assert _place(store, WEST + 0.01, SOUTH + 0.01) == NOWHERE


def test_a_township_without_villages_is_still_found(county: Store) -> None:
    west = gpd.GeoDataFrame(
        {"code": ["990101102"], "name": ["西镇"]},
        geometry=[MultiPolygon([box(116, 35, 116.5, 35.5)])],
        crs=STORED_CRS,
    )
    with county.write() as session:
        insert_frame(session, small_county.Township, west)
        insert_frame(
            session,
            County,
            west.assign(code=["990101"], geometry=[MultiPolygon([box(115, 34, 118, 36)])]),
        )
    found = _place(county, 116.2, 35.2)
    assert (found["township_code"], found["village_code"], found["cell_codes"]) == ("990101102", None, [])
    assert _place(county, 115.5, 34.5) == {**NOWHERE, "county_code": "990101"}


def test_on_a_border_the_lower_code_wins_and_all_cells_are_named(county: Store) -> None:
    found = _place(county, WEST + SIDE, SOUTH + SIDE / 4)
    assert found["village_code"] == VILLAGES[0]
    assert found["cell_codes"] == [VILLAGES[0] + "002", VILLAGES[1] + "001"]


def test_a_bounding_box_alone_does_not_make_a_place(county: Store) -> None:
    corner = MultiPolygon([box(116, 34, 116.1, 34.1), box(116.9, 34.8, 117, 34.9)])
    far = gpd.GeoDataFrame(
        {"code": ["990101101009"], "name": ["两块村"], "township_code": [TOWNSHIP]},
        geometry=[corner],
        crs=STORED_CRS,
    )
    with county.write() as session:
        insert_frame(session, Village, far)
    assert _place(county, 116.5, 34.5) == NOWHERE
    assert _place(county, 116.95, 34.85)["village_code"] == "990101101009"


def test_a_retired_cell_is_there_on_its_days_only(county: Store) -> None:
    code = VILLAGES[0] + "001"
    with county.write() as session:
        session.scalars(select(GridCell).where(GridCell.code == code)).one().valid_to = date(2026, 4, 1)
    inside = WEST + SIDE / 4, SOUTH + SIDE / 4
    assert _place(county, *inside, as_of=date(2026, 3, 31))["cell_codes"] == [code]
    assert _place(county, *inside, as_of=date(2026, 4, 1))["cell_codes"] == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(WEST - SIDE, WEST + 3 * SIDE), st.floats(SOUTH - SIDE, SOUTH + 3 * SIDE))
def test_any_place_agrees_with_shapely(county: Store, lon: float, lat: float) -> None:
    point = Point(lon, lat)
    villages, cells = small_county.villages(), small_county.cells()
    expected = villages["code"][villages.geometry.intersects(point)].min()
    found = _place(county, lon, lat)
    assert found["village_code"] == (expected if isinstance(expected, str) else None)
    assert found["cell_codes"] == sorted(cells["code"][cells.geometry.intersects(point)])


def _household(code: str, lon: float, lat: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": [code], "village_code": [VILLAGES[0]]}, geometry=[Point(lon, lat)], crs=STORED_CRS
    )


def test_households_within_reach_are_counted(county: Store) -> None:
    lon, lat = 110.0, 30.0
    metre = 1 / 110_852.4  # of latitude at 30°N on GRS80
    with county.write() as session:
        for code, north_m in (("A", 90), ("B", 10), ("C", 101), ("D", -50)):
            insert_frame(session, Household, _household(code, lon, lat + north_m * metre))
        gone = session.scalars(select(Household).where(Household.code == "B")).one()
        gone.valid_to = small_county.TODAY
    with county.read() as session:
        for day, reach_m, expected in ((0, 100, 2), (-1, 100, 3), (0, 49, 0), (-1, 102, 4)):
            as_of = small_county.TODAY + timedelta(days=day)
            assert count_households_near(session, lon, lat, within_m=reach_m, as_of=as_of) == expected


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (TOWNSHIP, EntityKind.TOWNSHIP),
        (VILLAGES[0], EntityKind.VILLAGE),
        (VILLAGES[0] + "001", EntityKind.CELL),
        ("H000001", EntityKind.HOUSEHOLD),
        ("U1", EntityKind.UNIT),
        ("C1", EntityKind.CADRE),
        ("B1", EntityKind.BRANCH),
    ],
)
def test_a_code_tells_what_has_it(county: Store, code: str, kind: EntityKind) -> None:
    with county.write() as session:
        session.add(Branch(code="B1", name="支部"))
    with county.read() as session:
        assert entity_of(session, code) is kind
        assert entity_names(session, [code])["kind"].tolist() == [kind]


@pytest.mark.parametrize("code", ["", "H00000", "990101101001' OR 1=1"])
def test_an_unknown_code_is_said(county: Store, code: str) -> None:
    with county.read() as session:
        with pytest.raises(CodeError):
            entity_of(session, code)
        assert entity_names(session, [code]).empty


@pytest.mark.parametrize("chunk", [1, 500], ids=["in parts", "at once"])
def test_names_come_for_many_codes_and_never_a_households_head(
    county: Store, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.store.lookup._CHUNK_CODES", chunk)
    wanted = [VILLAGES[1], "C1", "H000001", VILLAGES[0] + "001", "unknown", "C1"]
    with county.read() as session:
        names = entity_names(session, wanted).set_index("code")["name"].to_dict()
        assert entity_names(session, []).empty
    assert names == {
        VILLAGES[1]: "河东村",
        "C1": "王石桥",
        "H000001": "H000001",
        VILLAGES[0] + "001": VILLAGES[0] + "001",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "石桥",
            [("township", "石桥镇", ""), ("village", "石桥村", "石桥镇"), ("cadre", "王石桥", "县委办")],
        ),
        ("水利", [("unit", "水利局", "")]),
        (VILLAGES[2] + "00", [(("cell"), VILLAGES[2] + f"00{n}", "河西村") for n in (1, 2, 3, 4)]),
        ("H00003", [("household", f"H00003{n}", "山后村") for n in range(10)]),
        ("某某", []),
        ("%", []),
        ("   ", []),
    ],
)
def test_a_search_finds_by_name_and_code(county: Store, text: str, expected: list[tuple[str, ...]]) -> None:
    with county.read() as session:
        found = search(session, text, as_of=TODAY)
    rows = zip(found["kind"], found["name"], found["detail"].fillna(""), strict=True)
    assert list(rows) == expected


def test_a_search_is_bounded_and_confined(county: Store) -> None:
    with county.read() as session:
        assert len(search(session, "9901", as_of=TODAY, limit=3)) == 3
        assert search(session, "村", as_of=TODAY, within=(VILLAGES[1],))["code"].tolist() == [VILLAGES[1]]
        assert search(session, "H0", as_of=TODAY, within=(VILLAGES[3],))["code"].tolist()[0] == "H000020"


def test_a_search_says_where_a_thing_lies(county: Store) -> None:
    with county.read() as session:
        found = search(session, "石桥村", as_of=TODAY)
        unplaced = search(session, "H000009", as_of=TODAY)
    assert (found["lon"][0], found["lat"][0]) == pytest.approx((WEST + SIDE / 2, SOUTH + SIDE / 2))
    assert unplaced["lon"].isna().all()


def test_what_is_gone_is_found_by_its_code_in_full_only(county: Store) -> None:
    old, (first, second) = VILLAGES[0] + "001", (VILLAGES[0] + "005", VILLAGES[0] + "006")
    gone, day = TODAY + timedelta(days=3), TODAY + timedelta(days=1)
    with county.write() as session:
        split(session, "b1", on=day)
        reshape_cells(session, shapes([first], (HALF, HALF)), on=gone, **stated("b2"))
        for model, code in ((Cadre, "C1"), (Unit, "U2"), (Household, "H000001")):
            session.execute(update(model).where(model.code == code).values(valid_to=gone))

    def found(text: str, as_of: date) -> list[str]:
        with county.read() as session:
            return search(session, text, as_of=as_of)["code"].tolist()

    begun = VILLAGES[0] + "00"
    assert found(begun, TODAY) == [begun + str(number) for number in (1, 2, 3, 4)]
    for as_of in (day, gone):
        assert found(begun, as_of) == [begun + str(number) for number in (2, 3, 4, 5, 6)]
    assert found(old, gone) == [old]
    for name, code, begins in (("王石桥", "C1", "C"), ("水利局", "U2", "U"), ("H00000", "H000001", "H00000")):
        assert code in found(name, day) and code in found(begins, day)
        assert code not in found(name, gone) and code not in found(begins, gone)
        assert found(code, gone) == [code]
    with county.write() as session:
        undo_batch(session, "b2", now=LATER, user="x", by="u2")
        undo_batch(session, "b1", now=LATER, user="x", by="u1")
    assert found(begun, gone) == [begun + str(number) for number in (1, 2, 3, 4)]
    assert found(second, gone) == [second]
