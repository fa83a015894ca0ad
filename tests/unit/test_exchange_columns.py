"""The table of column names: complete, short enough, and forgiving of how people write."""

from __future__ import annotations

import pytest

from geo.errors import FileFault
from geo.exchange.columns import LAST_DAY, LAT, LON, SHORT_NAMES, map_columns, names_of, normal_name
from geo.frames import LAYERS


def test_every_column_has_a_dbf_name_that_fits_and_is_its_own():
    for layer in LAYERS.values():
        short = [SHORT_NAMES.get(name, name) for name in layer.column_names]
        assert all(len(name) <= 10 for name in short), layer.name
        assert len({name.lower() for name in short}) == len(short), layer.name


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_canonical_short_and_chinese_headings_all_come_home(layer):
    canonical = layer.column_names
    short = [SHORT_NAMES.get(name, name) for name in canonical]
    chinese = [layer.column(name).label for name in canonical if name != "valid_to"]
    assert list(map_columns(canonical, layer).found) == canonical
    assert dict(zip(canonical, short, strict=True)) == map_columns(short, layer).found
    found = map_columns(chinese, layer)
    assert list(found.found) == [name for name in canonical if name != "valid_to"]
    assert found.unknown == []


@pytest.mark.parametrize(
    ("layer", "names", "expected"),
    [
        (
            "villages",
            ["村名", "村代码", "乡镇名称"],
            {"name": "村名", "code": "村代码", "township_name": "乡镇名称"},
        ),
        ("villages", ["XZQDM", "XZQMC"], {"code": "XZQDM", "name": "XZQMC"}),
        ("villages", ["name", "adcode"], {"name": "name", "code": "adcode"}),
        ("villages", ["code12", "village", "town_code9"], {"code": "code12", "name": "village"}),
        (
            "villages",
            ["CODE", " Name ", "OLD_REV"],
            {"code": "CODE", "name": " Name ", "old_revolutionary": "OLD_REV"},
        ),
        ("households", ["户编号", "村代码", "经度", "纬度"], {LON: "经度", LAT: "纬度"}),
        (
            "responsibilities",
            ["责任类型", "责任人代码", "对象代码", "起始日期", "截止日期"],
            {LAST_DAY: "截止日期"},
        ),
        ("cells", ["村代码", "停用日期"], {"village_code": "村代码", "valid_to": "停用日期"}),
    ],
)
def test_variants(layer, names, expected):
    found = map_columns(names, LAYERS[layer]).found
    assert expected.items() <= found.items()


def test_one_column_of_the_file_serves_once_and_the_rest_is_unknown():
    found = map_columns(["name", "XZQMC", "adcode", "source_adcode", "备注"], LAYERS["townships"])
    assert found.found == {"code": "adcode", "name": "name"}
    assert found.unknown == ["XZQMC", "source_adcode", "备注"]


def test_a_missing_required_column_says_what_was_found_and_expected():
    with pytest.raises(FileFault) as fault:
        map_columns(["序号", "村名"], LAYERS["villages"])
    assert "村代码(code)" in fault.value.message
    assert "序号、村名" in fault.value.hint
    assert "adcode" in names_of(LAYERS["villages"], "code")


def test_a_file_of_hundreds_of_columns_is_not_listed_whole():
    with pytest.raises(FileFault) as fault:
        map_columns([f"f{n}" for n in range(300)], LAYERS["villages"])
    assert "…" in fault.value.hint
    assert "f299" not in fault.value.hint


def test_names_are_compared_without_case_width_blanks_and_marks():
    assert normal_name("\ufeff Vill_Code ") == normal_name("ＶＩＬＬ－ＣＯＤＥ") == "villcode"


def test_no_name_is_offered_twice():
    for layer in LAYERS.values():
        for column in layer.column_names:
            names = names_of(layer, column)
            assert len(set(names)) == len(names), (layer.name, column)
