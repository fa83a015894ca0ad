"""Every row is checked, every fault is told with its row, and a fault anywhere writes nothing."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import FileFault
from geo.exchange.check import has_national_id
from geo.store.queries import counts, layer_frame
from tests.exchange_files import (
    COUNTY,
    TOWNSHIPS,
    VILLAGES,
    bring,
    cells,
    households,
    square,
    townships,
    villages,
    write,
)

BOWTIE = shapely.Polygon([(117.0, 35.5), (117.02, 35.52), (117.02, 35.5), (117.0, 35.52)])
ID_NUMBER = "11010519491231002X"


@pytest.fixture
def store(territory_store):
    return territory_store


def found(report):
    """Row, column and code of every fault."""
    return [(fault.row, fault.column, fault.code) for fault in report.faults]


def codes(report):
    return {finding.code: finding.count for finding in report.findings}


def check(store, tmp_path, layer, frame, **options):
    """Import a frame as CSV or GeoPackage; nothing may have been written if there was a fault."""
    with store.read() as session:
        before = counts(session)
    suffix = "gpkg" if isinstance(frame, gpd.GeoDataFrame) else "csv"
    report = bring(store, write(frame, tmp_path / f"checked.{suffix}"), layer, **options)
    if report.faults and not options.get("skip_faulty"):
        assert not report.written
        with store.read() as session:
            assert counts(session) == before
    return report


def test_all_faults_come_at_once_with_their_rows(store, tmp_path):
    frame = pd.DataFrame(
        {
            "户编号": ["A1", None, "A3", "A3", "A5", "A6", "A 7", "A8"],
            "村代码": [
                VILLAGES[0],
                VILLAGES[0],
                "123",
                VILLAGES[0],
                "990101101999",
                "370831108249",
                VILLAGES[0],
                None,
            ],
            "人口": [1, 2, 3, "多", 5, 6, 7, -8],
            "困难户": ["是", "否", "?", "", "", "", "", ""],
        }
    )
    report = check(store, tmp_path, "households", frame)
    assert found(report) == [
        (2, "code", "missing_value"),
        (3, "code", "duplicate"),
        (3, "hardship", "not_a_flag"),
        (3, "village_code", "bad_code"),
        (4, "code", "duplicate"),
        (4, "people", "not_a_number"),
        (5, "village_code", "unknown_parent"),
        (6, "village_code", "other_county"),
        (7, "code", "bad_code"),
        (8, "people", "out_of_range"),
        (8, "village_code", "missing_value"),
    ]
    assert all(fault.message.endswith("。") for fault in report.faults)
    assert "没有写入" in report.sentence()


def test_faultless_rows_go_in_when_asked(store, tmp_path):
    frame = households()
    frame.loc[1, "village_code"] = "990101101999"
    report = check(store, tmp_path, "households", frame, skip_faulty=True)
    assert report.written
    assert (report.read, report.added) == (4, 3)
    assert found(report) == [(2, "village_code", "unknown_parent")]


def test_a_dry_run_says_what_would_be_and_writes_nothing(store, tmp_path):
    report = check(store, tmp_path, "households", households(), dry_run=True)
    assert (report.added, report.written, report.batch) == (4, False, None)
    with store.read() as session:
        assert counts(session)["households"] == 0


def test_villages_of_another_county_are_refused(store, tmp_path):
    other = villages()
    other["code"] = "370831101001", "370831101002", "370831101003", "370831101004"
    report = check(store, tmp_path, "villages", other)
    assert {fault.code for fault in report.faults} >= {"other_county"}


def test_the_first_file_sets_the_county_and_a_stray_code_in_it_is_a_fault(gpkg_store, tmp_path):
    frame = townships()
    frame.loc[2] = ["370831101", "外县镇", square(4)]
    report = check(gpkg_store, tmp_path, "townships", frame)
    assert found(report) == [(3, "code", "other_county")]
    assert check(gpkg_store, tmp_path, "townships", townships()).written
    with gpkg_store.read() as session:
        assert layer_frame(session, "townships")["code"].str[:6].unique().tolist() == [COUNTY]


def test_villages_need_their_township_first(gpkg_store, tmp_path):
    report = check(gpkg_store, tmp_path, "villages", villages())
    assert {code for _row, _column, code in found(report)} == {"unknown_parent"}
    assert "请先导入乡镇" in report.faults[0].message


def test_a_township_is_taken_by_name_when_the_code_has_another_vintage(store, tmp_path):
    frame = villages().iloc[:1].assign(code="990101199001", name="新村", 乡镇名称="西河镇")
    report = check(store, tmp_path, "villages", frame)
    assert report.written
    assert codes(report)["township_by_name"] == 1
    with store.read() as session:
        stored = layer_frame(session, "villages").set_index("code")
    assert stored.loc["990101199001", "township_code"] == TOWNSHIPS[1]


def test_the_same_name_under_another_code_is_a_second_vintage(store, tmp_path):
    frame = villages().assign(code=[code[:9] + "9" + code[10:] for code in VILLAGES])
    assert codes(check(store, tmp_path, "villages", frame, dry_run=True))["codes_of_two_vintages"] == 4


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "geometry_missing"),
        (shapely.Polygon(), "geometry_missing"),
        (shapely.Point(117.01, 35.51), "geometry_type"),
        (shapely.LineString([(117.0, 35.5), (117.01, 35.51)]), "geometry_type"),
        (shapely.Polygon([(117.0, 35.5)] * 4), "geometry_invalid"),
        (shapely.Polygon([(1, 1), (2, 1), (2, 2)]), "out_of_place"),
        (square(200), "out_of_place"),
        (
            shapely.Polygon([(117.0, 35.5), (117.02, 35.52), (1.57e156, 35.52), (117.02, 35.5)]),
            "out_of_place",
        ),
    ],
)
def test_shapes_that_cannot_be(store, tmp_path, shape, code):
    frame = cells()
    frame.loc[1, "geometry"] = shape
    report = check(store, tmp_path, "cells", frame)
    assert found(report) == [(2, "geometry", code)]


def test_a_whole_file_of_the_wrong_type_or_place_is_refused_in_one_sentence(store, tmp_path):
    frame = villages()
    points = frame.set_geometry(shapely.point_on_surface(frame.geometry))
    with pytest.raises(FileFault, match="图层类型不对"):
        check(store, tmp_path, "villages", points)
    far = frame.set_geometry(frame.geometry.translate(5, 0))
    with pytest.raises(FileFault, match="本县之外"):
        check(store, tmp_path, "villages", far)
    swapped = frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), lambda points: points[:, ::-1]))
    with pytest.raises(FileFault, match="颠倒"):
        check(store, tmp_path, "villages", swapped.set_crs(4490, allow_override=True))


def test_a_self_crossing_polygon_is_mended_and_told(store, tmp_path):
    frame = villages()
    frame.loc[0, "geometry"] = BOWTIE
    report = check(store, tmp_path, "villages", frame)
    assert codes(report)["geometry_repaired"] == 1
    with store.read() as session:
        assert layer_frame(session, "villages").geometry.is_valid.all()


def test_overlap_and_bare_land_are_findings(store, tmp_path):
    frame = villages()
    frame.loc[0, "geometry"] = square(0, size=1.1)
    frame.loc[3, "geometry"] = square(3, size=0.5)
    report = check(store, tmp_path, "villages", frame)
    assert report.written
    assert codes(report)["village_overlap"] == 1
    assert codes(report)["land_uncovered"] == 1


def test_households_in_the_wrong_cell_or_none_are_findings(store, tmp_path):
    frame = households()
    frame["cell_code"] = [f"{VILLAGES[0]}002", None, None, None]
    frame.loc[2, "lat"] = 35.4
    report = check(store, tmp_path, "households", frame)
    assert report.written
    counted = codes(report)
    assert (counted["household_misplaced"], counted["household_without_cell"]) == (1, 1)
    assert counted["household_unlocated"] == 1


def test_a_cell_or_group_that_is_not_there_is_a_fault(store, tmp_path):
    frame = households().assign(cell_code=f"{VILLAGES[0]}099", group_code="990101101001" + "07")
    assert {code for _row, _column, code in found(check(store, tmp_path, "households", frame))} == {
        "unknown_parent"
    }


def test_a_cells_code_begins_with_its_village(store, tmp_path):
    frame = cells().assign(code=[f"{VILLAGES[3]}00{n}" for n in range(1, 5)])
    report = check(store, tmp_path, "cells", frame)
    assert {code for _row, _column, code in found(report)} == {"cell_not_in_village"}


def test_half_a_position_is_a_fault(store, tmp_path):
    frame = households()
    frame.loc[0, "lon"] = None
    assert found(check(store, tmp_path, "households", frame)) == [(1, "lon", "half_position")]


def test_a_code_of_another_kind_of_thing_is_refused(store, tmp_path):
    check(store, tmp_path, "units", pd.DataFrame({"code": ["U1", "U2"], "name": ["组织部", "财政局"]}))
    report = check(store, tmp_path, "cadres", pd.DataFrame({"code": ["U2", "C1"], "name": ["甲", "乙"]}))
    assert found(report) == [(1, "code", "code_taken")]
    assert "单位" in report.faults[0].message


def test_units_may_come_with_their_parents_and_lose_them_together(store, tmp_path):
    frame = pd.DataFrame(
        {
            "code": ["U3", "U2", "U1", "U5"],
            "name": ["三", "二", "一", "五"],
            "kind": ["党群部门", "party", None, "其他单位"],
            "parent_code": ["U2", "U1", None, "U9"],
        }
    )
    report = check(store, tmp_path, "units", frame, skip_faulty=True)
    assert found(report) == [(4, "parent_code", "unknown_parent")]
    assert report.added == 3
    frame["kind"] = ["party", "?", "party", "party"]
    frame["code"] = ["V3", "V2", "V1", "V5"]
    frame["parent_code"] = ["V2", "V1", None, None]
    report = check(store, tmp_path, "units", frame, skip_faulty=True)
    assert found(report) == [(1, "parent_code", "unknown_parent"), (2, "kind", "not_a_choice")]


def test_areas_know_their_villages(store, tmp_path):
    frame = pd.DataFrame({"code": ["P1", "P2"], "name": ["东片", "西片"]})
    frame["village_codes"] = [f"{VILLAGES[0]};{VILLAGES[1]}", f"{VILLAGES[2]}、990101101999"]
    assert found(check(store, tmp_path, "areas", frame)) == [(2, "village_codes", "unknown_parent")]


def test_responsibilities_need_the_right_kind_of_holder_and_target(store, tmp_path):
    check(store, tmp_path, "units", pd.DataFrame({"code": ["U1"], "name": ["组织部"]}))
    check(store, tmp_path, "cadres", pd.DataFrame({"code": ["C1", "C2"], "name": ["甲", "乙"]}))
    frame = pd.DataFrame(
        [
            ["team_head", "C1", VILLAGES[0], "2026-01-01", ""],
            ["team_head", "C2", VILLAGES[0], "2026-02-01", ""],
            ["team_head", "U1", VILLAGES[1], "2026-01-01", ""],
            ["team_head", "C1", TOWNSHIPS[0], "2026-01-01", ""],
            ["team_head", "C9", VILLAGES[2], "2026-01-01", ""],
            ["team_head", "C1", VILLAGES[2], "2026-06-01", "2026-05-31"],
        ],
        columns=["责任类型", "责任人代码", "对象代码", "起始日期", "截止日期"],
    )
    report = check(store, tmp_path, "responsibilities", frame, skip_faulty=True)
    assert found(report) == [
        (3, "holder_code", "wrong_kind"),
        (4, "target_code", "wrong_kind"),
        (5, "holder_code", "unknown_parent"),
        (6, "valid_to", "period_reversed"),
    ]
    assert codes(report) == {"last_day_converted": 1, "two_primaries": 1}


def test_satisfaction_is_a_ratio_and_counts_are_not_negative(store, tmp_path):
    frame = pd.DataFrame(
        {"村代码": VILLAGES[:3], "年份": [2025, "25", 2025], "满意率": [95, 0.9, "96%"], "人口": [1, 2, -3]}
    )
    assert found(check(store, tmp_path, "indicators", frame)) == [
        (1, "satisfaction_ratio", "out_of_range"),
        (2, "year", "not_a_year"),
        (3, "people", "out_of_range"),
    ]


@pytest.mark.parametrize("column", ["head_name", "phone", "code"])
def test_identity_numbers_are_refused_and_not_repeated(store, tmp_path, column):
    frame = households()
    frame[column] = frame[column].astype(object)
    frame.loc[0, column] = ID_NUMBER
    report = check(store, tmp_path, "households", frame)
    assert (1, column, "national_id") in found(report)
    assert all(ID_NUMBER not in fault.message for fault in report.faults if fault.code == "national_id")


def test_only_a_right_check_digit_makes_an_identity_number():
    assert has_national_id(f"身份证{ID_NUMBER}")
    assert not has_national_id("110105194912310021")
    assert not has_national_id("1" + ID_NUMBER)


def test_a_household_code_made_of_its_village_is_no_identity_number(store, tmp_path):
    frame = households().iloc[:1].assign(code=f"{VILLAGES[0]}000001")
    assert check(store, tmp_path, "households", frame).written


def test_too_long_a_text_is_a_fault(store, tmp_path):
    frame = households().assign(head_name="长" * 41)
    assert {code for _row, _column, code in found(check(store, tmp_path, "households", frame))} == {
        "too_long"
    }


def test_columns_nobody_knows_are_left_out_and_told(store, tmp_path):
    report = check(store, tmp_path, "households", households().assign(身份证=ID_NUMBER, 备注="x"))
    assert report.written
    unknown = next(finding for finding in report.findings if finding.code == "unknown_columns")
    assert unknown.count == 2
    assert "身份证、备注" in unknown.message


def test_a_table_without_rows_or_cells_without_shapes_are_refused(store, tmp_path):
    with pytest.raises(FileFault, match="没有数据行"):
        check(store, tmp_path, "households", households().iloc[:0])
    with pytest.raises(FileFault, match="必须有图形"):
        check(store, tmp_path, "cells", pd.DataFrame({"village_code": VILLAGES}))
