"""The same county has the same gaps in both databases, on every day and as known at every moment."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo.analysis.gaps.engine import find_gaps
from geo.analysis.gaps.evidence import Evidence
from geo.analysis.gaps.rule import GAP_KEY
from geo.answers.evidence import FIELDS, read_evidence
from geo.crs import STORED_CRS
from geo.store import models
from geo.store.bulk import insert_frame
from geo.store.engine import Store, open_store
from geo.store.village_models import Rectification, RectificationEvent
from seeds.load import load_files
from tests.conftest import PostgresCluster
from tests.county import AS_OF, NOW
from tests.gap_reference import reference_gaps
from tests.small_counties import COUNTY, DAY, RULE_SETS, STARTS, SmallCounty, small_counties
from tests.stores import copied_store

RULES = RULE_SETS["tight"]
LONG_AGO, CORRECTED = datetime(2024, 1, 5, 8, tzinfo=UTC), datetime(2026, 4, 20, 8, tzinfo=UTC)
MOMENTS = (None, datetime(2026, 4, 10, 8, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC))


def fill(store: Store, county: SmallCounty) -> None:
    """Put a small county into an empty store; of three records one was withdrawn in April, one made then."""
    frames, known = county.frames, {"recorded_at": LONG_AGO, "recorded_by": "test"}
    members = county.evidence().areas[["area_code", "village_code"]]
    whole = gpd.GeoDataFrame({"code": [COUNTY], "name": ["安和县"]}, geometry=[None], crs=STORED_CRS)
    areas = frames["areas"][["code", "name"]]
    with store.write() as session:
        for model, frame in (
            (models.County, whole),
            (models.Township, frames["townships"]),
            (models.Village, frames["villages"]),
            (models.VillagerGroup, frames["groups"]),
            (models.Area, areas),
            (models.AreaMember, members.assign(**known)),
            (models.Branch, frames["branches"]),
            (models.GridCell, frames["cells"]),
            (models.Unit, frames["units"]),
            (models.Cadre, frames["cadres"]),
            (models.Household, frames["households"]),
            (models.VillageIndicator, frames["indicators"].assign(**known)),
            (models.Responsibility, _recorded(frames["responsibilities"])),
            (models.Designation, county.designations.assign(**known)),
            (models.Lineage, county.lineage.assign(event="split", **known)),
            *_cases(county.rectifications, known),
        ):
            insert_frame(session, model, frame)


def _cases(cases: pd.DataFrame, known: dict[str, object]) -> list[tuple[type[models.Base], pd.DataFrame]]:
    """Cases and the one step that left each in its state on the day it was listed."""
    rows = cases.rename(columns={"code": "case_code", "listed_on": "happened_on"})
    steps = rows[["case_code", "state", "happened_on", "due_on"]].assign(action="list", role="department")
    listed = cases.drop(columns=["state", "due_on"]).assign(cause="petitions")
    return [(Rectification, listed.assign(**known)), (RectificationEvent, steps.assign(**known))]


def _recorded(records: pd.DataFrame) -> pd.DataFrame:
    later = [at % 3 == 1 for at in range(len(records))]
    withdrawn = [at % 3 == 2 for at in range(len(records))]
    return records.assign(
        recorded_at=pd.Series([CORRECTED if new else LONG_AGO for new in later], dtype=object),
        superseded_at=pd.Series([CORRECTED if gone else None for gone in withdrawn], dtype=object),
        recorded_by="test",
    )


def as_known(county: SmallCounty, moment: datetime | None) -> SmallCounty:
    """The county with what was known at a moment only; registers tell only what is known now."""
    rows = _recorded(county.frames["responsibilities"])
    at = moment or datetime(2026, 5, 2, tzinfo=UTC)
    known = np.array(
        [
            made <= at and (gone is None or at < gone)
            for made, gone in zip(rows["recorded_at"], rows["superseded_at"], strict=True)
        ],
        dtype=bool,
    )
    frames = {**county.frames, "responsibilities": county.frames["responsibilities"][known]}
    if at < LONG_AGO:
        told = {name: frames[name].iloc[:0] for name in ("areas", "indicators")}
        nothing = (county.designations.iloc[:0], county.lineage.iloc[:0], county.rectifications.iloc[:0])
        return SmallCounty({**frames, **told}, *nothing)
    return replace(county, frames=frames)


@contextmanager
def both_stores(template: Path, folder: Path, postgres: PostgresCluster) -> Iterator[list[Store]]:
    """An empty store on each database, gone when the block is left."""
    name = f"gaps_{uuid.uuid4().hex[:12]}"
    with ExitStack() as at_the_end:
        stores = [at_the_end.enter_context(copied_store(template, folder))]
        postgres.sql(f"CREATE DATABASE {name} TEMPLATE template_store")
        at_the_end.callback(postgres.sql, f"DROP DATABASE {name} WITH (FORCE)")
        stores.append(open_store(postgres.url(name)))
        at_the_end.callback(stores[1].close)
        yield stores


def evidences(stores: list[Store], day: date, moment: datetime | None) -> list[Evidence]:
    found = []
    for store in stores:
        with store.read() as session:
            found.append(read_evidence(session, as_of=day, known_at=moment))
    return found


def assert_same(one: Evidence, other: Evidence) -> None:
    """All frames bit for bit, and all that is found in them."""
    for name in FIELDS:
        left, right = getattr(one, name), getattr(other, name)
        same = assert_geodataframe_equal if isinstance(left, gpd.GeoDataFrame) else assert_frame_equal
        same(left, right)
    assert_geodataframe_equal(find_gaps(one, RULES), find_gaps(other, RULES))


@pytest.mark.postgis
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(small_counties(), st.sampled_from((DAY, *STARTS)), st.sampled_from(MOMENTS))
def test_small_counties_have_the_same_gaps_in_both_stores(
    gpkg_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresCluster,
    county: SmallCounty,
    day: date,
    moment: datetime | None,
) -> None:
    with both_stores(gpkg_template, tmp_path_factory.mktemp("gaps"), postgres) as stores:
        for store in stores:
            fill(store, county)
        gpkg, postgis = evidences(stores, day, moment)
        assert_same(gpkg, postgis)
        found = find_gaps(gpkg, RULES)[GAP_KEY].itertuples(index=False, name=None)
        assert set(found) == set(reference_gaps(as_known(county, moment).evidence(day), RULES))


@pytest.mark.postgis
def test_the_sample_has_the_same_gaps_in_both_stores(
    county_store: Store, county_files: Path, postgis_store: Store
) -> None:
    load_files(postgis_store, county_files, now=NOW)
    for day, moment in ((AS_OF, None), (AS_OF.replace(year=2025, month=10), None), (AS_OF, NOW)):
        gpkg, postgis = evidences([county_store, postgis_store], day, moment)
        assert_same(gpkg, postgis)
        assert len(find_gaps(gpkg, RULES)) > 100
