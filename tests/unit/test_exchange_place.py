"""Which CRS a file is in, and whether the place can be right."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo.errors import FileFault
from geo.exchange.datum import wgs84_to_gcj02
from geo.exchange.place import require_in_china, resolve_crs, to_stored, zone_srid

POINT = shapely.Point(117.3, 35.6)


def shapes(*given) -> np.ndarray:
    return np.array(given, dtype=object)


def projected(srid: int) -> np.ndarray:
    return gpd.GeoSeries([POINT], crs=4490).to_crs(srid).to_numpy()


@pytest.mark.parametrize("srid", [4527, 4548, 3857, 32650, 4490, 4326])
def test_known_crs_come_to_the_same_place(srid):
    crs, findings = resolve_crs("auto", pyproj.CRS(srid), projected(srid))
    assert shapely.distance(to_stored(projected(srid), crs)[0], POINT) < 1e-7
    assert findings == []


@pytest.mark.parametrize(
    ("srid", "datum"),
    [(2363, "Xian 1980"), (2415, "Beijing 1954"), (4610, "Xian 1980"), (4214, "Beijing 1954")],
)
def test_old_datums_are_taken_with_a_warning(srid, datum):
    _crs, findings = resolve_crs("auto", pyproj.CRS(srid), shapes(POINT))
    assert [finding.code for finding in findings] == ["datum_shift_unknown"]
    assert datum in findings[0].message


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (projected(4527), "EPSG:4527"),
        (shapes(POINT), "EPSG:4490"),
        (projected(4548), "EPSG:4534–4554"),
        (shapes(shapely.Point(20_500_000, 3_940_000)), "EPSG:4498"),
        (shapes(None), "EPSG:4534–4554"),
    ],
)
def test_without_a_crs_the_hint_says_how_to_go_on(given, hint):
    with pytest.raises(FileFault) as fault:
        resolve_crs("auto", None, given)
    assert hint in fault.value.hint


def test_zone_numbers():
    assert (zone_srid(25), zone_srid(39), zone_srid(45)) == (4513, 4527, 4533)
    assert (zone_srid(13), zone_srid(23)) == (4491, 4501)
    assert zone_srid(0) is None
    assert zone_srid(24) is None


def test_what_the_user_says_comes_first_and_is_noted():
    crs, findings = resolve_crs("EPSG:4527", pyproj.CRS(4326), projected(4527))
    assert isinstance(crs, pyproj.CRS)
    assert crs.to_epsg() == 4527
    assert [finding.code for finding in findings] == ["crs_overridden"]


def test_shifted_maps_are_shifted_back():
    shifted = shapely.transform(shapes(POINT), wgs84_to_gcj02)
    assert shapely.distance(shifted[0], POINT) > 0.001
    crs, _findings = resolve_crs("gcj-02", None, shifted)
    assert shapely.distance(to_stored(shifted, crs)[0], POINT) < 1e-9


def test_an_unknown_crs_is_refused():
    with pytest.raises(FileFault, match="EPSG:999999"):
        resolve_crs("EPSG:999999", None, shapes(POINT))


def test_swapped_axes_and_other_countries_are_told_apart():
    with pytest.raises(FileFault, match="颠倒"):
        require_in_china(shapes(shapely.Point(35.6, 117.3)))
    with pytest.raises(FileFault, match="不在中国"):
        require_in_china(shapes(shapely.Point(-78, 36)))
    require_in_china(shapes(POINT, shapely.Point(-78, 36)))
    require_in_china(shapes(None, shapely.Point()))
