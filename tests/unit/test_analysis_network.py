import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from geo.analysis.network import (
    LINE_COLUMNS,
    holder_places,
    member_places,
    responsibility_lines,
    target_places,
)
from geo.errors import FrameError
from tests.analysis_frames import A1, A, B, cells, held, layer, villages


def _cadres():
    rows = [
        {"code": "c1", "name": "张一", "unit_code": "u1"},
        {"code": "c2", "name": "李二", "unit_code": "u1"},
        {"code": "c3", "name": "王三", "unit_code": "u1"},
        {"code": "c4", "name": "赵四", "unit_code": "u1"},
        {"code": "c5", "name": "钱五"},
        {"code": "c6", "name": "孙六", "unit_code": "u3"},
    ]
    points = [Point(117.0, 35.5), Point(117.01, 35.5), Point(117.05, 35.6), None, None, None]
    return layer("cadres", rows, points)


def _units():
    rows = [
        {"code": "u1", "name": "县委办"},
        {"code": "u2", "name": "秘书科", "parent_code": "u1"},
        {"code": "u3", "name": "秘书组", "parent_code": "u2"},
        {"code": "u4", "name": "无处科"},
        {"code": "u5", "name": "甲", "parent_code": "u6"},
        {"code": "u6", "name": "乙", "parent_code": "u5"},
    ]
    return layer("units", rows)


def _holders():
    return holder_places(_cadres(), _units())


def _at(code):
    point = _holders().set_index("code").geometry[code]
    return point.x, point.y


def test_a_cadre_is_at_its_own_point():
    assert _at("c3") == (117.05, 35.6)


def test_a_unit_is_at_the_median_of_its_cadres():
    assert _at("u1") == (117.01, 35.5)


def test_a_cadre_without_point_is_at_its_unit_and_a_unit_without_cadres_at_the_one_above():
    assert _at("c4") == _at("u1")
    assert _at("u3") == _at("u2") == _at("u1")
    assert _at("c6") == _at("u1")


def test_holders_without_any_place_are_left_out():
    assert {"c5", "u4", "u5", "u6"}.isdisjoint(_holders()["code"])


def test_lines_lead_from_holder_to_target():
    targets = target_places(villages(), cells())
    lines = responsibility_lines(
        held(("resident_cadre", "c1", A), ("grid_officer", "c2", A1)), _holders(), targets
    )
    assert lines["kind"].tolist() == ["grid_officer", "resident_cadre"]
    line = lines.iloc[1]
    assert line.geometry.coords[0] == (117.0, 35.5)
    assert villages().geometry[0].contains(Point(line.geometry.coords[1]))
    assert (line["holder_name"], line["target_name"]) == ("张一", "甲村")
    assert line["length_m"] == pytest.approx(1063, abs=5)
    assert lines.crs.to_epsg() == 4490


def test_a_cell_without_name_is_called_by_its_code():
    assert target_places(cells()).set_index("code")["name"][A1] == A1


def test_unknown_ends_draw_no_line():
    lines = responsibility_lines(
        held(("resident_cadre", "c5", A), ("resident_cadre", "c1", "nowhere")),
        _holders(),
        target_places(villages()),
    )
    assert lines.empty


def test_a_responsibility_recorded_twice_is_one_line():
    twice = held(("resident_cadre", "c1", B), ("resident_cadre", "c1", B))
    assert len(responsibility_lines(twice, _holders(), target_places(villages()))) == 1


def test_empty_inputs_keep_the_columns():
    lines = responsibility_lines(
        held(), holder_places(layer("cadres", []), layer("units", [])), target_places()
    )
    assert lines.empty
    assert list(lines.columns) == [*LINE_COLUMNS, "geometry"]
    assert isinstance(lines, gpd.GeoDataFrame)


def test_an_area_is_in_the_middle_of_its_villages():
    members = pd.DataFrame(
        {"code": ["ar1", "ar1", "ar2"], "name": ["一片", "一片", "二片"], "village_code": [A, B, "?"]}
    )
    places = member_places(members, villages())
    assert places["code"].tolist() == ["ar1"]
    assert places.geometry[0].x == pytest.approx(117.0175)
    assert member_places(members.iloc[:0], villages()).empty


def test_another_crs_is_refused():
    with pytest.raises(FrameError, match="CGCS2000"):
        target_places(villages().to_crs(4326))
