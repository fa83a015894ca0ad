"""Loading: what is added, changed and kept, who may, and what is left behind to be seen."""

from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import select

from geo.access import SYSTEM, Actor
from geo.errors import FileFault, PermissionError_
from geo.operations.load import import_file, load_frame
from geo.store.audit import verify
from geo.store.models import Audit, County
from geo.store.queries import counts, layer_frame, responsibilities
from geo.store.versions import layer_versions
from geo.vocabulary import Role
from tests.exchange_files import (
    COUNTY,
    NOW,
    TODAY,
    TOWNSHIPS,
    VILLAGES,
    bring,
    cells,
    households,
    load_territory,
    square,
    villages,
    write,
)

COORDINATOR = Actor("zhang", Role.COORDINATOR, frozenset({TOWNSHIPS[0]}))


@pytest.fixture
def store(territory_store):
    return territory_store


def stored(store, layer, **asked):
    with store.read() as session:
        return layer_frame(session, layer, **asked)


def load(store, layer, frame, *, actor=SYSTEM, now=NOW):
    return load_frame(store, actor, layer, frame, now=now, source="test")


def audited(store):
    with store.read() as session:
        assert verify(session).is_whole
        columns = Audit.action, Audit.subject, Audit.user, Audit.after
        return session.execute(select(*columns).order_by(Audit.id)).all()


def counted(result):
    return result.added, result.changed, result.unchanged, result.missing


def test_the_first_territory_sets_the_county_and_draws_it(store):
    with store.read() as session:
        county = session.scalars(select(County)).one()
        assert (county.code, county.name) == (COUNTY, COUNTY)
        assert county.geom is not None


def test_cells_get_codes_in_reading_order_and_keep_them(store, tmp_path):
    first = stored(store, "cells")
    assert first["code"].tolist() == [
        f"{VILLAGES[0]}001",
        f"{VILLAGES[0]}002",
        f"{VILLAGES[1]}001",
        f"{VILLAGES[1]}002",
    ]
    report = bring(store, write(cells().iloc[::-1], tmp_path / "again.gpkg"), "cells")
    assert (report.added, report.unchanged) == (0, 4)
    more = gpd.GeoDataFrame({"village_code": [VILLAGES[0]]}, geometry=[square(0, size=0.3)], crs=4490)
    assert bring(store, write(more, tmp_path / "more.gpkg"), "cells").added == 1
    assert f"{VILLAGES[0]}003" in set(stored(store, "cells")["code"])


def test_households_get_the_cell_they_stand_in(store, tmp_path):
    bring(store, write(households(), tmp_path / "h.csv"), "households")
    frame = stored(store, "households").set_index("code")
    assert frame["cell_code"].dropna().to_dict() == {
        "H1": f"{VILLAGES[0]}001",
        "H2": f"{VILLAGES[0]}002",
        "H3": f"{VILLAGES[1]}001",
    }
    assert frame["hardship"].tolist() == [True, False, False, False]


def test_a_second_import_changes_only_what_differs_and_a_blank_keeps_what_is_there(store, tmp_path):
    bring(store, write(households(), tmp_path / "h.csv"), "households")
    frame = households().iloc[:3].drop(columns=["lon", "lat", "phone"])
    frame.loc[0, "people"] = 9
    frame.loc[1, "head_name"] = None
    report = bring(store, write(frame, tmp_path / "h.csv"), "households")
    assert (report.added, report.changed, report.unchanged, report.missing) == (0, 1, 2, 1)
    after = stored(store, "households").set_index("code")
    assert after.loc["H1", "people"] == 9
    assert after.loc["H1", "phone"] == "13800000001"
    assert after.loc["H2", "head_name"] == "李四"
    assert after.geometry.notna().sum() == 3


def test_the_same_file_again_changes_nothing(store, tmp_path):
    path = write(households(), tmp_path / "h.xlsx")
    bring(store, path, "households")
    with store.read() as session:
        before = layer_versions(session, ["households"])
    assert bring(store, path, "households").unchanged == 4
    with store.read() as session:
        assert layer_versions(session, ["households"]) == before


def test_a_moved_border_is_a_change(store, tmp_path):
    frame = villages()
    frame.loc[0, "geometry"] = square(0, size=0.9)
    report = bring(store, write(frame, tmp_path / "v.geojson"), "villages")
    assert (report.changed, report.unchanged) == (1, 3)


def responsibility(holder, target, start, end=None, **more):
    return {
        "kind": "grid_officer",
        "holder_code": holder,
        "target_code": target,
        "valid_from": start,
        "valid_to": end,
    } | more


@pytest.fixture
def cadres(store):
    load(store, "cadres", pd.DataFrame({"code": ["C1", "C2"], "name": ["甲", "乙"]}))
    return store


def test_responsibilities_are_superseded_never_overwritten(cadres):
    store, cell, start = cadres, f"{VILLAGES[0]}001", date(2026, 1, 1)
    frame = pd.DataFrame(
        [responsibility("C1", cell, start), responsibility("C2", cell, start, rank="assistant")]
    )
    assert counted(load(store, "responsibilities", frame)) == (2, 0, 0, 0)
    later = NOW + timedelta(days=1)
    ended = pd.DataFrame([responsibility("C1", cell, start, date(2026, 4, 1), reason="调离")])
    assert counted(load(store, "responsibilities", ended, now=later)) == (0, 1, 0, 1)
    with store.read() as session:
        now_known = responsibilities(session)
        known_before = responsibilities(session, known_at=NOW)
        assert counts(session)["responsibilities"] == 2
    assert now_known.set_index("holder_code")["valid_to"].to_dict() == {"C1": date(2026, 4, 1), "C2": None}
    assert known_before["valid_to"].isna().all()
    assert now_known.set_index("holder_code").loc["C1", "reason"] == "调离"


def test_a_stale_file_does_not_reopen_what_has_ended(cadres):
    store, cell, start = cadres, f"{VILLAGES[0]}001", date(2026, 1, 1)
    load(store, "responsibilities", pd.DataFrame([responsibility("C1", cell, start, date(2026, 4, 1))]))
    again = pd.DataFrame([responsibility("C1", cell, start)])
    assert counted(load(store, "responsibilities", again)) == (0, 0, 1, 0)


def test_indicators_are_corrected_by_superseding(store):
    frame = pd.DataFrame(
        {"village_code": VILLAGES[:2], "year": [2025, 2025], "income_own_yuan": [10.0, 20.0]}
    )
    load(store, "indicators", frame)
    frame["income_own_yuan"] = [10.0, 25.0]
    assert counted(load(store, "indicators", frame, now=NOW + timedelta(days=1))) == (0, 1, 1, 0)
    assert stored(store, "indicators")["income_own_yuan"].tolist() == [10.0, 25.0]
    assert stored(store, "indicators", known_at=NOW)["income_own_yuan"].tolist() == [10.0, 20.0]


def test_areas_are_made_of_exactly_the_villages_of_the_file(store):
    frame = pd.DataFrame({"code": ["P1"], "name": ["东片"], "village_codes": [";".join(VILLAGES[:3])]})
    assert counted(load(store, "areas", frame)) == (1, 0, 0, 0)
    frame["village_codes"] = ";".join(VILLAGES[1:2])
    assert counted(load(store, "areas", frame)) == (0, 1, 0, 0)
    assert stored(store, "areas")["village_codes"].tolist() == [VILLAGES[1]]


def test_a_coordinator_writes_only_in_the_own_township(store, tmp_path):
    path = write(households(), tmp_path / "h.csv")
    with pytest.raises(PermissionError_):
        import_file(store, COORDINATOR, path, "households", now=NOW)
    with store.read() as session:
        assert counts(session)["households"] == 0
    own = write(households().iloc[:3], tmp_path / "own.csv")
    assert import_file(store, COORDINATOR, own, "households", now=NOW).added == 3
    with pytest.raises(PermissionError_):
        load(store, "units", pd.DataFrame({"code": ["U1"], "name": ["组织部"]}), actor=COORDINATOR)


@pytest.mark.parametrize("dry_run", [True, False])
def test_nobody_takes_a_thing_from_another_territory(store, tmp_path, dry_run):
    bring(store, write(households(), tmp_path / "h.csv"), "households")
    theirs = pd.DataFrame({"code": ["H4"], "village_code": [VILLAGES[0]]})
    with pytest.raises(PermissionError_):
        path = write(theirs, tmp_path / "taken.csv")
        import_file(store, COORDINATOR, path, "households", now=NOW, dry_run=dry_run)
    assert stored(store, "households").set_index("code").loc["H4", "village_code"] == VILLAGES[2]


def test_a_trial_tells_nothing_about_other_territories(store, tmp_path):
    path = write(households(), tmp_path / "h.csv")
    bring(store, path, "households")
    with pytest.raises(PermissionError_):
        import_file(store, COORDINATOR, path, "households", now=NOW, dry_run=True)


def test_a_thing_that_moves_changes_both_townships(store, tmp_path):
    bring(store, write(households(), tmp_path / "h.csv"), "households")
    with store.read() as session:
        before = layer_versions(session, ["households"])
    moved = pd.DataFrame({"code": ["H4"], "village_code": [VILLAGES[0]]})
    bring(store, write(moved, tmp_path / "moved.csv"), "households")
    with store.read() as session:
        after = layer_versions(session, ["households"])
    assert all(after["households", town] > before["households", town] for town in TOWNSHIPS)


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.RESIDENT_CADRE])
def test_other_roles_write_nothing(store, role):
    with pytest.raises(PermissionError_):
        load(store, "villages", villages(), actor=Actor("li", role))


def test_a_coordinator_gives_responsibility_for_own_households_only(cadres, tmp_path):
    bring(cadres, write(households(), tmp_path / "h.csv"), "households")
    staff = {"kind": ["staff"], "holder_code": ["C1"], "valid_from": [TODAY]}
    load(cadres, "responsibilities", pd.DataFrame(staff | {"target_code": ["H1"]}), actor=COORDINATOR)
    with pytest.raises(PermissionError_):
        load(cadres, "responsibilities", pd.DataFrame(staff | {"target_code": ["H4"]}), actor=COORDINATOR)


def test_the_audit_names_file_hash_and_counts_but_no_person(store, tmp_path):
    report = bring(store, write(households(), tmp_path / "户.csv"), "households")
    row = audited(store)[-1]
    assert (row.action, row.subject, row.user) == ("import", "households", "system")
    assert row.after["file"] == "户.csv"
    assert len(row.after["sha256"]) == 64
    assert (row.after["added"], row.after["batch"]) == (4, report.batch)
    assert "张三" not in str(row.after)


def test_versions_of_the_townships_touched_go_up_and_no_others(store):
    with store.read() as session:
        before = layer_versions(session, ["villages"])
    frame = villages().iloc[:1].assign(name="新陈")
    load(store, "villages", frame.set_geometry([shapely.multipolygons([shape]) for shape in frame.geometry]))
    with store.read() as session:
        after = layer_versions(session, ["villages"])
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {("villages", TOWNSHIPS[0])}


def test_the_stores_own_file_is_refused(store):
    with pytest.raises(FileFault, match="自己的数据库"):
        bring(store, store.path, "villages")


def test_progress_is_told_step_by_step(store, tmp_path):
    steps = []
    bring(
        store,
        write(households(), tmp_path / "h.csv"),
        "households",
        progress=lambda *step: steps.append(step),
    )
    assert [done for _step, done, _total in steps] == [0, 1, 2, 4]
    assert {total for _step, _done, total in steps} == {4}


def test_the_report_is_the_document_of_the_command_line(store, tmp_path):
    document = bring(store, write(households(), tmp_path / "h.csv"), "households").document()
    assert list(document) == [
        "layer", "read", "added", "changed", "unchanged", "missing", "written", "batch", "faults", "findings",
    ]  # fmt: skip
    assert document["findings"][0].keys() == {"code", "count", "message", "action", "confidence"}


@pytest.mark.postgis
def test_postgis_takes_the_same_files(postgis_store, tmp_path):
    load_territory(postgis_store, tmp_path)
    path = write(households(), tmp_path / "h.csv")
    assert bring(postgis_store, path, "households").added == 4
    changed = write(households().assign(people=[3, 4, 5, 6]), tmp_path / "h.csv")
    assert bring(postgis_store, changed, "households").changed == 2
    load(postgis_store, "cadres", pd.DataFrame({"code": ["C1"], "name": ["甲"]}))
    duty = responsibility("C1", f"{VILLAGES[0]}001", TODAY)
    load(postgis_store, "responsibilities", pd.DataFrame([duty]))
    later = NOW + timedelta(days=1)
    ended = pd.DataFrame([duty | {"valid_to": date(2026, 6, 1)}])
    assert counted(load(postgis_store, "responsibilities", ended, now=later)) == (0, 1, 0, 0)
    assert [row.action for row in audited(postgis_store)] == ["import"] * 8
