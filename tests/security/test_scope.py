"""What each role's tiles, places and files hold: the matrix of roles and layers."""

from __future__ import annotations

import gzip
import math

import mapbox_vector_tile
import pytest
import requests

from pages.web.session import COOKIE
from tests.security.county import ACCOUNTS, OWN_VILLAGE, SOUTH, STEP, WEST

Z = 14
EVERYWHERE = {"990101101001", "990101101002", "990101102001", "990101102002"}
OWN = {"990101101001", "990101101002"}
SEES_VILLAGES = {
    "department": EVERYWHERE,
    "coordinator": OWN,
    "leader": EVERYWHERE,
    "resident": {OWN_VILLAGE},
    "auditor": EVERYWHERE,
}
SEES_POINTS = {"department": 16, "coordinator": 8, "leader": 0, "resident": 4, "auditor": 0}
SEES_COUNTS = {"department": 0, "coordinator": 0, "leader": 16, "resident": 0, "auditor": 16}


def tiles_over_the_county() -> list[tuple[int, int]]:
    def column(lon: float) -> int:
        return int((lon + 180) / 360 * 2**Z)

    def row(lat: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**Z)

    columns = range(column(WEST), column(WEST + 4 * STEP) + 1)
    rows = range(row(SOUTH + STEP), row(SOUTH) + 1)
    return [(x, y) for x in columns for y in rows]


def tile(site, cookies, user: str, layer: str, x: int, y: int, **headers: str):
    address, query = f"{site.url}/tiles/{layer}/{Z}/{x}/{y}.pbf", {"as_of": "2026-05-01"}
    return requests.get(address, query, cookies=cookies[user], headers=headers, timeout=60)


def features(site, cookies, user: str, layer: str) -> dict[str, list[dict]]:
    """All features of a layer's tiles over the county whose anchor lies inside the tile, by tile layer."""
    found: dict[str, list[dict]] = {}
    for x, y in tiles_over_the_county():
        answer = tile(site, cookies, user, layer, x, y)
        assert answer.status_code in (200, 204)
        if answer.status_code == 200:
            for name, decoded in mapbox_vector_tile.decode(answer.content).items():
                found.setdefault(name, []).extend(decoded["features"])
    return found


def points_inside(features: list[dict], extent: int = 4096) -> int:
    """How many points; those in a tile's margin are counted by the tile they lie in."""
    coordinates = [
        point
        for feature in features
        for point in (
            [feature["geometry"]["coordinates"]]
            if feature["geometry"]["type"] == "Point"
            else feature["geometry"]["coordinates"]
        )
    ]
    return sum(0 <= x < extent and 0 < y <= extent for x, y in coordinates)


@pytest.mark.parametrize("user", ACCOUNTS)
@pytest.mark.parametrize("layer", ["villages", "cells"])
def test_which_villages_and_cells_a_role_sees(site, cookies, user, layer):
    shapes = features(site, cookies, user, layer)[layer]
    seen = {str(feature["properties"]["code"])[:12] for feature in shapes}
    assert seen == SEES_VILLAGES[user]


@pytest.mark.parametrize("user", ACCOUNTS)
def test_who_sees_single_households(site, cookies, user):
    found = features(site, cookies, user, "households")
    assert points_inside(found.get("households", [])) == SEES_POINTS[user]
    counted = {
        (feature["properties"]["n"], tuple(feature["geometry"]["coordinates"]))
        for feature in found.get("household_counts", [])
        if points_inside([feature])
    }
    assert sum(n for n, _place in counted) == SEES_COUNTS[user]


@pytest.mark.parametrize("user", ACCOUNTS)
def test_no_tile_carries_a_personal_field(site, cookies, user):
    for layer in ("villages", "cells", "households", "households,cells,villages"):
        for x, y in tiles_over_the_county():
            answer = tile(site, cookies, user, layer, x, y)
            for private in ("某户", "hardship", "head_name", "phone"):
                assert private.encode() not in answer.content


@pytest.mark.parametrize(("user", "told"), [("coordinator", False), ("resident", False), ("leader", True)])
def test_of_a_place_out_of_scope_only_the_name_is_told(site, cookies, user, told):
    query = {"lon": WEST + 2.5 * STEP, "lat": SOUTH + 0.5 * STEP, "as_of": "2026-05-01"}
    found = requests.get(f"{site.url}/api/place", query, cookies=cookies[user], timeout=30).json()
    assert found["village_name"] == "南庄"
    assert found["restricted"] is not told
    assert found["households"] == (4 if told else 0)
    assert bool(found["cells"]) is told
    assert bool(found["chain"]) is told


@pytest.mark.parametrize(
    "query", ["", "lon=x&lat=35", "lon=nan&lat=35", "lon=117&lat=91", "lon=117&lat=35&as_of=x"]
)
def test_a_malformed_question_gets_one_sentence(site, cookies, query):
    answer = requests.get(f"{site.url}/api/place?{query}", cookies=cookies["leader"], timeout=30)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("。")


@pytest.mark.parametrize("path", ["nolayer/10/1/1", "villages/10/1024/1", "villages/99/1/1"])
def test_a_tile_that_does_not_exist_gets_one_sentence(site, cookies, path):
    answer = requests.get(f"{site.url}/tiles/{path}.pbf", cookies=cookies["leader"], timeout=30)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("。")


def test_a_known_tile_is_not_sent_again_but_never_to_another_role(site, cookies):
    x, y = next(
        place
        for place in tiles_over_the_county()
        if tile(site, cookies, "department", "households", *place).status_code == 200
    )
    first = tile(site, cookies, "department", "households", x, y)
    etag = first.headers["etag"]
    again = tile(site, cookies, "department", "households", x, y, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    other = tile(site, cookies, "auditor", "households", x, y, **{"If-None-Match": etag})
    assert other.status_code == 200


def test_a_browser_asks_again_for_every_tile(site, cookies):
    x, y = tiles_over_the_county()[0]
    assert tile(site, cookies, "leader", "villages", x, y).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("user", ACCOUNTS)
def test_a_download_holds_ones_own_villages_and_no_names(site, cookies, user):
    villages = requests.get(f"{site.url}/download/villages.csv", cookies=cookies[user], timeout=60)
    if villages.status_code == 200:
        seen = {code for code in EVERYWHERE if code in villages.content.decode("utf-8-sig")}
        assert seen == SEES_VILLAGES[user]
    households = requests.get(f"{site.url}/download/households.csv", cookies=cookies[user], timeout=60)
    assert "某户" not in households.content.decode("utf-8-sig")
    assert COOKIE not in households.headers.get("set-cookie", "")


def test_tiles_come_compressed(site, cookies):
    x, y = tiles_over_the_county()[0]
    answer = requests.get(
        f"{site.url}/tiles/villages/{Z}/{x}/{y}.pbf", cookies=cookies["leader"], stream=True, timeout=30
    )
    with answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.raw.read(decode_content=False))
