"""GCJ-02 and BD-09 there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import FileFault
from geo.exchange.datum import bd09_to_wgs84, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_gcj02

CHINA = st.tuples(st.floats(74, 134), st.floats(18, 53))


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_pairs(wgs84, gcj02):
    assert wgs84_to_gcj02(np.array([wgs84]))[0] == pytest.approx(gcj02, abs=1e-7)
    assert gcj02_to_wgs84(np.array([gcj02]))[0] == pytest.approx(wgs84, abs=1e-7)


@given(st.lists(CHINA, min_size=1, max_size=20))
def test_the_inverse_is_closer_than_a_billionth_of_a_degree(points):
    wgs84 = np.array(points)
    assert np.abs(gcj02_to_wgs84(wgs84_to_gcj02(wgs84)) - wgs84).max() < 1e-9
    assert np.abs(bd09_to_wgs84(gcj02_to_bd09(wgs84_to_gcj02(wgs84))) - wgs84).max() < 1e-9


def test_no_points_give_no_points():
    assert gcj02_to_wgs84(np.empty((0, 2))).shape == (0, 2)


def test_metres_are_refused():
    with pytest.raises(FileFault):
        gcj02_to_wgs84(np.array([[39_500_000.0, 3_940_000.0]]))
