"""Export: every format comes back as it went, and nobody gets what is not theirs to see."""

from __future__ import annotations

import sqlite3
import zipfile
from datetime import date

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from sqlalchemy import select

from geo.access import SYSTEM, Actor
from geo.errors import FileFault, InputError, PermissionError_
from geo.exchange.formats import WRITERS, sheet_text
from geo.exchange.write import export_layer
from geo.operations.load import load_frame
from geo.store.models import Audit
from geo.vocabulary import Role
from tests.exchange_files import NOW, TODAY, TOWNSHIPS, VILLAGES, bring, households, write

COORDINATOR = Actor("zhang", Role.COORDINATOR, frozenset({TOWNSHIPS[0]}))
LEADER = Actor("wang", Role.LEADER)
RESIDENT = Actor("li", Role.RESIDENT_CADRE, frozenset({VILLAGES[0]}))
AUDITOR = Actor("chen", Role.AUDITOR)
END = date(2026, 7, 1)


@pytest.fixture
def store(territory_store, tmp_path):
    bring(territory_store, write(households(), tmp_path / "h.csv"), "households")
    load_frame(
        territory_store,
        SYSTEM,
        "cadres",
        pd.DataFrame({"code": ["C1"], "name": ["=HYPERLINK(1)"], "phone": ["139"]}),
        now=NOW,
        source="t",
    )
    duty = {"kind": ["grid_officer"], "holder_code": ["C1"], "target_code": [f"{VILLAGES[0]}001"]}
    period = {"valid_from": [date(2026, 1, 1)], "valid_to": [END], "reason": ["+加强"]}
    load_frame(territory_store, SYSTEM, "responsibilities", pd.DataFrame(duty | period), now=NOW, source="t")
    return territory_store


def export(store, layer, path, *, actor=SYSTEM, **options):
    return export_layer(store, actor, layer, path, as_of=TODAY, **options)


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize(
    "layer", ["townships", "villages", "cells", "households", "cadres", "responsibilities"]
)
def test_what_goes_out_comes_back_unchanged(store, tmp_path, layer, suffix):
    path = tmp_path / f"out{suffix}"
    rows = export(store, layer, path)
    assert rows > 0
    if suffix == ".shp" and layer == "responsibilities":
        path = path.with_suffix(".dbf")
    if layer == "cells" and suffix in (".csv", ".xlsx"):
        with pytest.raises(FileFault, match="必须有图形"):
            bring(store, path, layer)
        return
    report = bring(store, path, layer)
    assert (report.faults, report.unchanged, report.added, report.changed) == ([], rows, 0, 0)


def test_a_shapefile_has_short_names_utf8_and_a_crs(store, tmp_path):
    export(store, "villages", tmp_path / "v.zip")
    with zipfile.ZipFile(tmp_path / "v.zip") as bag:
        assert sorted(bag.namelist()) == [f"villages.{part}" for part in ("cpg", "dbf", "prj", "shp", "shx")]
        assert bag.read("villages.cpg") == b"UTF-8"
        assert b"2000" in bag.read("villages.prj")
    found = pyogrio.read_dataframe(tmp_path / "v.zip")
    assert list(found.columns) == ["code", "name", "town_code", "kind", "old_rev", "minority", "geometry"]


def test_a_geopackage_holds_one_layer_in_4490(store, tmp_path):
    export(store, "households", tmp_path / "h.gpkg")
    assert pyogrio.list_layers(tmp_path / "h.gpkg")[:, 0].tolist() == ["households"]
    assert gpd.read_file(tmp_path / "h.gpkg").crs.to_epsg() == 4490


def test_formulas_are_guarded_in_sheets(store, tmp_path):
    for suffix in ("csv", "xlsx"):
        export(store, "cadres", tmp_path / f"c.{suffix}")
    sheet = pd.read_csv(tmp_path / "c.csv", dtype=str)
    assert sheet["name"].tolist() == ["'=HYPERLINK(1)"]
    assert pd.read_excel(tmp_path / "c.xlsx", dtype=str)["name"].tolist() == ["'=HYPERLINK(1)"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@x", "\t=1"])
def test_sheet_text_guards_every_start(text):
    assert sheet_text(text) == f"'{text}"


def test_sheet_text_leaves_numbers_and_plain_text():
    assert sheet_text(-1) == -1
    assert sheet_text("一=1") == "一=1"


def test_chinese_files_show_the_last_day_and_come_back(store, tmp_path):
    path = tmp_path / "r.csv"
    export(store, "responsibilities", path, chinese=True)
    sheet = pd.read_csv(path, dtype=str)
    assert sheet["截止日期"].tolist() == ["2026-06-30"]
    assert "终止日期" not in sheet.columns
    assert bring(store, path, "responsibilities").unchanged == 1
    export(store, "responsibilities", path)
    assert pd.read_csv(path, dtype=str)["valid_to"].tolist() == ["2026-07-01"]


def test_personal_columns_are_empty_unless_asked_for_with_a_reason(store, tmp_path):
    path = tmp_path / "h.csv"
    export(store, "households", path)
    assert pd.read_csv(path)[["head_name", "phone", "hardship"]].isna().all().all()
    with pytest.raises(InputError, match="理由"):
        export(store, "households", path, personal=True, now=NOW)
    export(store, "households", path, personal=True, now=NOW, reason="核对困难户")
    assert pd.read_csv(path)["head_name"].tolist() == ["张三", "李四", "王五", "赵六"]
    with store.read() as session:
        row = session.scalars(select(Audit).order_by(Audit.id.desc())).first()
        assert (row.action, row.subject, row.reason) == ("export.personal", "households", "核对困难户")
        assert row.after == {"file": "h.csv", "rows": 4}


@pytest.mark.parametrize("actor", [LEADER, AUDITOR])
def test_who_may_not_see_households_gets_counts_by_cell(store, tmp_path, actor):
    assert export(store, "households", tmp_path / "h.csv", actor=actor) == 4
    sheet = pd.read_csv(tmp_path / "h.csv")
    assert list(sheet.columns) == ["village_code", "cell_code", "households", "people"]
    assert sheet["households"].sum() == 4
    export(store, "households", tmp_path / "h.geojson", actor=actor)
    assert set(gpd.read_file(tmp_path / "h.geojson").geom_type.dropna()) == {"MultiPolygon"}
    with pytest.raises(PermissionError_):
        export(store, "households", tmp_path / "p.csv", actor=actor, personal=True, now=NOW, reason="x")
    assert not (tmp_path / "p.csv").exists()


def test_everybody_gets_only_the_own_scope(store, tmp_path):
    assert export(store, "households", tmp_path / "h.csv", actor=COORDINATOR) == 3
    assert export(store, "households", tmp_path / "h.csv", actor=RESIDENT) == 2
    assert export(store, "villages", tmp_path / "v.csv", actor=COORDINATOR) == 2
    options = {"personal": True, "now": NOW, "reason": "走访"}
    assert export(store, "households", tmp_path / "h.csv", actor=RESIDENT, **options) == 2
    with pytest.raises(PermissionError_):
        export(store, "cadres", tmp_path / "c.csv", actor=LEADER, **options)


def test_a_failed_export_leaves_the_old_file_and_nothing_else(store, tmp_path, monkeypatch):
    path = tmp_path / "out" / "v.gpkg"
    path.parent.mkdir()
    path.write_text("old")

    def fail(*_args, **_options):
        raise RuntimeError("disk full")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    with pytest.raises(FileFault, match="无法写入"):
        export(store, "villages", path)
    assert path.read_text() == "old"
    assert [file.name for file in path.parent.iterdir()] == ["v.gpkg"]


def test_places_that_cannot_be_written(store, tmp_path):
    with pytest.raises(FileFault, match="不能导出"):
        export(store, "villages", tmp_path / "v.pdf")
    with pytest.raises(FileFault, match="目录不存在"):
        export(store, "villages", tmp_path / "nowhere" / "v.csv")
    with pytest.raises(FileFault, match="自己的数据库"):
        export(store, "villages", store.path)
    with sqlite3.connect(store.path) as held:
        assert held.execute("SELECT count(*) FROM village").fetchone() == (4,)
    held.close()


def test_text_too_long_for_a_shapefile_is_said(store, tmp_path):
    codes = ";".join(VILLAGES)
    frame = pd.DataFrame({"code": ["P1"], "name": ["片"], "village_codes": [codes]})
    load_frame(store, SYSTEM, "areas", frame, now=NOW, source="t")
    assert export(store, "areas", tmp_path / "a.zip") == 1
    more = pd.DataFrame({"code": ["P2"], "name": ["名" * 80], "village_codes": [codes]})
    load_frame(store, SYSTEM, "areas", more, now=NOW, source="t")
    assert export(store, "areas", tmp_path / "a.zip") == 2
    duty = {"kind": ["grid_officer"], "holder_code": ["C1"], "target_code": [f"{VILLAGES[0]}002"]}
    long = pd.DataFrame(duty | {"valid_from": [TODAY], "reason": ["长" * 100]})
    load_frame(store, SYSTEM, "responsibilities", long, now=NOW, source="t")
    with pytest.raises(FileFault, match="放不下"):
        export(store, "responsibilities", tmp_path / "r.zip")
