"""How far holders are from what they hold."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import Point

from geo.analysis.gaps.reach import NEAR_KINDS, distances_m
from geo.crs import gauss_kruger_srid
from geo.vocabulary import EntityKind, ResponsibilityKind
from tests.analysis_frames import A1, A, layer
from tests.evidence import tiny_evidence

JAN = date(2026, 1, 1)
KINDS = sorted(NEAR_KINDS)


def evidence_with(points, *records):
    """Cadres ``c0``, ``c1`` … at these points."""
    rows = [{"code": f"c{number}", "name": "某"} for number in range(len(points))]
    return tiny_evidence(*records, cadres=layer("cadres", rows, points))


def distances(evidence, kind, beyond_m):
    return distances_m(evidence, kind, evidence.held_of(kind), beyond_m=beyond_m)


TARGETS = {
    EntityKind.CELL: A1,
    EntityKind.HOUSEHOLD: "h1",
    EntityKind.VILLAGE: A,
    EntityKind.BRANCH: "br-a",
}


def plain_distance(evidence, entity, point):
    """As anybody would measure it: both projected, then shapely."""
    frame = evidence.villages if entity is EntityKind.BRANCH else getattr(evidence, f"{entity}s")
    code = A if entity is EntityKind.BRANCH else TARGETS[entity]
    target = frame.loc[frame["code"] == code, "geometry"].iloc[0]
    both = gpd.GeoSeries([point, target], crs="EPSG:4490").to_crs(gauss_kruger_srid(117.015))
    return shapely.distance(*both)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_passed_over_is_never_too_far(kind):
    rng = np.random.default_rng(5)
    off = rng.normal(size=(300, 2)) * np.geomspace(0.001, 3, 300)[:, None]
    points = [Point(117 + east, 35.5 + north) for east, north in off]
    entity = NEAR_KINDS[kind]
    records = [(str(kind), f"c{number}", TARGETS[entity], JAN) for number in range(len(points))]
    evidence = evidence_with(points, *records)
    exact = np.array([plain_distance(evidence, entity, point) for point in points])
    for beyond_m in (0, 10_000, 100_000):
        found = distances(evidence, kind, beyond_m)
        far = exact > beyond_m
        assert far.any()
        np.testing.assert_allclose(found[far], exact[far], rtol=1e-6)
        assert not (found[~far] > beyond_m).any()


def test_near_ones_are_not_even_measured():
    records = ("staff", "c0", "h1", JAN), ("staff", "c1", "h1", JAN)
    evidence = evidence_with([Point(117.01, 35.505), Point(117.3, 35.505)], *records)
    found = distances(evidence, ResponsibilityKind.STAFF, 10_000)
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(26_700, rel=0.01)


def test_unknown_places_are_no_distance():
    far = Point(118, 36)
    records = (
        ("staff", "c0", "h4", JAN),  # a household without a point
        ("staff", "c1", "h1", JAN),  # a cadre without one
        ("staff", "nobody", "h1", JAN),
        ("staff", "c0", "no such household", JAN),
        ("org_cadre", "c0", "br-o", JAN),  # the branch of an office
    )
    evidence = evidence_with([far, None], *records)
    assert np.isnan(distances(evidence, ResponsibilityKind.STAFF, 0)).all()
    assert np.isnan(distances(evidence, ResponsibilityKind.ORG_CADRE, 0)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_no_records(kind):
    assert len(distances(tiny_evidence(), kind, 0)) == 0


def test_inside_is_no_distance():
    evidence = evidence_with([Point(117.005, 35.505)], ("grid_officer", "c0", A1, JAN))
    assert not (distances(evidence, ResponsibilityKind.GRID_OFFICER, 0) > 0).any()
