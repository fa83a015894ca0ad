import geopandas as gpd
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from geo.crs import STORED_CRS, gauss_kruger_srid, require_stored_crs, to_metric
from geo.errors import FrameError


@given(st.floats(73.6, 136.4))
def test_the_zone_is_the_nearest_central_meridian(lon):
    crs = pyproj.CRS.from_epsg(gauss_kruger_srid(lon))
    meridian = next(
        p.value for p in crs.coordinate_operation.params if p.name == "Longitude of natural origin"
    )
    assert abs(meridian - lon) <= 1.5 + 1e-9
    assert crs.geodetic_crs.to_epsg() == 4490


@pytest.mark.parametrize("lon", [0, 35.6, 73.4, 137, -117])
def test_a_longitude_outside_china_is_refused(lon):
    with pytest.raises(FrameError):
        gauss_kruger_srid(lon)


def test_areas_are_metric():
    frame = gpd.GeoDataFrame(geometry=[box(117.0, 35.0, 117.01, 35.01)], crs=STORED_CRS)
    expected = abs(pyproj.Geod(ellps="GRS80").geometry_area_perimeter(frame.geometry.iloc[0])[0])
    assert to_metric(frame).area.iloc[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("geometry", [[], [None], [Point()]])
def test_nothing_in_nothing_out(geometry):
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(geometry, crs=STORED_CRS))
    assert len(to_metric(frame)) == len(geometry)


def test_another_crs_raises():
    with pytest.raises(FrameError):
        require_stored_crs(gpd.GeoDataFrame(geometry=[Point(117, 35)], crs="EPSG:4326"))
