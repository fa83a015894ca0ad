"""The small county goes in through the real import, with its accounts and settings."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.frames import LAYERS
from geo.operations.accounts import authenticate
from geo.store.engine import Store
from geo.store.queries import counts, county_code, get_setting, layer_frame
from tests.county import AS_OF


def test_every_row_arrives(county_store: Store, county_frames: dict[str, pd.DataFrame]) -> None:
    with county_store.read() as session:
        assert counts(session) == {name: len(county_frames[name]) for name in LAYERS}
        assert county_code(session) == "990101"


@pytest.mark.parametrize("name", ["townships", "villages", "cells"])
def test_ground_arrives_unmoved(
    name: str, county_store: Store, county_frames: dict[str, pd.DataFrame]
) -> None:
    with county_store.read() as session:
        stored = layer_frame(session, name, as_of=AS_OF).set_index("code").geometry
    made = county_frames[name].set_index("code").geometry.loc[stored.index]
    assert len(stored)
    assert stored.geom_equals(made).all()


def test_sample_is_marked_with_its_last_good_day(county_store: Store) -> None:
    with county_store.read() as session:
        assert get_setting(session, "sample") == "yes"
        assert get_setting(session, "sample_until") == "2027-02-28"


@pytest.mark.parametrize("user", ["department", "coordinator", "leader", "resident", "auditor"])
def test_sample_accounts_sign_in(user: str, county_store: Store) -> None:
    assert authenticate(county_store, user, f"{user}-minqing-2026").user == user


def test_resident_lives_in_the_coordinators_township(county_store: Store) -> None:
    resident = authenticate(county_store, "resident", "resident-minqing-2026")
    (village,) = resident.scopes
    assert len(village) == 12
    assert authenticate(county_store, "coordinator", "coordinator-minqing-2026").covers(village)
