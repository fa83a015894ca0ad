"""Reading files of every kind, and refusing those made to do harm or made badly."""

from __future__ import annotations

import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import FileFault
from geo.exchange import archive
from geo.exchange.encoding import known_encoding
from geo.exchange.read import Source, file_digest, read_source
from tests.exchange_files import villages, write


@pytest.fixture
def read(tmp_path):
    """Reads a file the way the import does."""

    def _read(path: Path, *, wanted=("villages", "村"), encoding="auto") -> Source:
        folder = tmp_path / "private"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return read_source(path, wanted=wanted, encoding=encoding, folder=folder)

    return _read


@pytest.fixture
def shp(tmp_path) -> Path:
    """A GBK shapefile with Chinese names."""
    folder = tmp_path / "村界"
    folder.mkdir()
    frame = villages().rename(columns={"name": "村名", "code": "村代码"})
    return write(frame, folder / "村界.shp", driver="ESRI Shapefile", encoding="GBK")


def zipped(path: Path, *files: Path, rename=lambda name: name) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bag:
        for file in files:
            bag.write(file, rename(file.name))
    return path


def bomb(path: Path, name: str, *, megabytes: int) -> None:
    """A zip of one member of zeros, made of one compressed megabyte over and over."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = press.compress(bytes(1_000_000)) + press.flush(zlib.Z_FULL_FLUSH)
    data = block * megabytes + press.flush()
    sizes = struct.pack("<III", 0, len(data), megabytes * 1_000_000)
    common = struct.pack("<HHHHH", 20, 0x800, 8, 0, 0x21) + sizes + struct.pack("<HH", len(name), 0)
    local = b"PK\x03\x04" + common + name.encode() + data
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + bytes(14) + name.encode()
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)


def refused(read, path: Path, **options) -> FileFault:
    with pytest.raises(FileFault) as fault:
        read(path, **options)
    assert fault.value.message.endswith(("。", "？"))
    return fault.value


# -- shapefiles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cpg", ["GBK", "936", "UTF-8 wrong", None])
def test_a_gbk_table_is_read_with_any_or_no_code_page(read, shp, cpg):
    shp.with_suffix(".cpg").unlink()
    if cpg and "wrong" not in cpg:
        shp.with_suffix(".cpg").write_text(cpg)
    found = read(shp)
    assert found.table["村名"].tolist() == ["北陈", "大汪", "石桥", "柳林"]
    assert found.encoding == "gb18030"


def test_a_utf8_table_without_code_page_or_language_byte_is_detected(read, shp):
    write(gpd.read_file(shp), shp, driver="ESRI Shapefile", encoding="UTF-8")
    shp.with_suffix(".cpg").unlink()
    table = bytearray(shp.with_suffix(".dbf").read_bytes())
    table[29] = 0
    shp.with_suffix(".dbf").write_bytes(table)
    assert read(shp).table["村名"].iloc[0] == "北陈"


def test_suffixes_in_any_case_are_one_shapefile(read, shp):
    for part in list(shp.parent.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    found = read(shp.with_suffix(".SHP"))
    assert len(found.table) == 4
    assert found.crs is not None


def test_a_zip_with_chinese_gbk_member_names_and_junk(read, shp, tmp_path):
    path = zipped(tmp_path / "村界.zip", *shp.parent.iterdir())
    raw = path.read_bytes()
    with zipfile.ZipFile(path, "a") as bag:
        bag.writestr("__MACOSX/._村界.shp", b"x")
        bag.writestr("Thumbs.db", b"x")
        bag.writestr("说明.txt", b"x")
    found = read(path)
    assert len(raw) > 0
    assert found.table["村代码"].iloc[0] == "990101101001"
    assert len(found.geometry) == 4


def test_member_names_without_the_utf8_flag_are_gb18030():
    info = zipfile.ZipInfo("村界.shp".encode("gb18030").decode("cp437"))
    assert archive.member_name(info) == "村界.shp"


def test_a_missing_shx_is_named(read, shp):
    shp.with_suffix(".shx").unlink()
    assert ".shx" in refused(read, shp).message


def test_a_text_file_called_shp(read, tmp_path):
    path = tmp_path / "a.shp"
    path.write_text("这不是图形")
    assert "不是Shapefile" in refused(read, path).message


def test_a_prj_that_is_a_web_page_is_set_aside(read, shp):
    shp.with_suffix(".prj").write_text("<html>404</html>")
    found = read(shp)
    assert found.crs is None
    assert [finding.code for finding in found.findings] == ["bogus_prj"]


@pytest.mark.parametrize(("part", "kept"), [(".dbf", 20), (".dbf", -40), (".shp", -40)])
def test_a_file_cut_short_is_refused(read, shp, part, kept):
    shp.with_suffix(part).write_bytes(shp.with_suffix(part).read_bytes()[:kept])
    assert "不完整" in refused(read, shp).message


# -- archives ------------------------------------------------------------------------------------


def test_several_layers_are_asked_about_unless_one_bears_the_layers_name(read, shp, tmp_path):
    parts = list(shp.parent.iterdir())
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as bag:
        for part in parts:
            bag.write(part, f"甲{part.suffix}")
            bag.write(part, f"乙{part.suffix}")
    assert "甲、乙" in refused(read, path).message
    with zipfile.ZipFile(path, "a") as bag:
        for part in parts:
            bag.write(part, f"data/villages{part.suffix}")
    assert len(read(path).table) == 4


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:\\evil.csv"]
)
def test_path_traversal_is_refused(read, tmp_path, name):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as bag:
        bag.writestr(zipfile.ZipInfo(name), "code,name\n")
    assert "越出目录" in refused(read, path).message
    assert not list(tmp_path.parent.glob("evil.csv"))


def test_a_link_in_an_archive_is_refused(read, tmp_path):
    path = tmp_path / "l.zip"
    info = zipfile.ZipInfo("villages.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as bag:
        bag.writestr(info, "/etc/passwd")
    assert "符号链接" in refused(read, path).message


def test_a_bomb_of_two_gigabytes_is_refused_before_it_is_unpacked(read, tmp_path):
    path = tmp_path / "bomb.zip"
    bomb(path, "villages.csv", megabytes=2_000)
    assert path.stat().st_size < 5_000_000
    assert "过大" in refused(read, path).message
    assert not [file for file in (tmp_path / "private").iterdir() if file.stat().st_size]


def test_a_bomb_that_lies_about_its_size_is_stopped_while_unpacking(read, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1_000_000)
    monkeypatch.setattr(archive, "check_archive", lambda bag: bag.infolist())
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bag:
        bag.writestr("villages.csv", bytes(5_000_000))
    assert "过大" in refused(read, path).message


def test_nested_empty_and_foreign_archives(read, shp, tmp_path):
    inner = zipped(tmp_path / "inner.zip", shp)
    assert "套着压缩包" in refused(read, zipped(tmp_path / "outer.zip", inner)).hint
    assert "没有可导入" in refused(read, zipped(tmp_path / "empty.zip")).message
    (tmp_path / "not.zip").write_bytes(b"PK\x03\x04 nothing more")
    assert "不是完整的 zip" in refused(read, tmp_path / "not.zip").message


def test_a_damaged_member_is_named(read, tmp_path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as bag:
        bag.writestr("villages.csv", "code,name\n1,2\n")
    path.write_bytes(path.read_bytes().replace(b"code", b"cude", 1))
    assert "villages.csv" in refused(read, path).message


# -- GeoPackage and GeoJSON ----------------------------------------------------------------------


def test_a_geopackage_is_read_from_a_copy_and_its_styles_are_no_layer(read, tmp_path):
    path = write(villages(), tmp_path / "v.gpkg", layer="边界")
    styles = pd.DataFrame({"f_table_name": ["边界"]})
    pyogrio.write_dataframe(styles, path, layer="layer_styles", append=True)
    before = file_digest(path)
    assert len(read(path).table) == 4
    assert file_digest(path) == before


def test_layers_of_a_geopackage_are_asked_about(read, tmp_path):
    path = write(villages(), tmp_path / "v.gpkg", layer="甲")
    write(villages(), path, layer="乙", append=True)
    assert "甲、乙" in refused(read, path).message
    write(villages().iloc[:1], path, layer="villages", append=True)
    assert len(read(path).table) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_geojson_in_any_encoding_is_wgs84_when_it_names_no_crs(read, tmp_path, encoding):
    path = write(villages().to_crs(4326), tmp_path / "v.geojson")
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    found = read(path)
    assert found.table["name"].iloc[0] == "北陈"
    assert found.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    "text", ["<OGRVRTDataSource></OGRVRTDataSource>", "[1, 2]", "", "{", '{"type": "FeatureCollection"}']
)
def test_what_is_no_geojson(read, tmp_path, text):
    path = tmp_path / "v.geojson"
    path.write_text(text)
    refused(read, path)


def test_unknown_shapes_are_kept_as_a_wrong_type_and_heights_dropped(read, tmp_path):
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(117, 35, 9)], crs=4326)
    found = read(write(frame, tmp_path / "p.geojson"))
    assert not shapely.has_z(found.geometry).any()


# -- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_any_encoding_and_delimiter(read, tmp_path, encoding, delimiter):
    path = tmp_path / "v.csv"
    text = f"村代码{delimiter}村名\n001{delimiter}北陈\n"
    path.write_bytes(text.encode(encoding))
    assert read(path).table.to_dict("list") == {"村代码": ["001"], "村名": ["北陈"]}


def test_csv_rows_are_numbered_as_in_the_file_and_blank_ones_left_out(read, tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("code,name\n1,a\n,\n3,c\n", encoding="utf-8")
    assert read(path).table.index.tolist() == [1, 3]


@pytest.mark.parametrize("text", ["code,name\n1,a,b,c\n", 'code,name\n"1,a\n'])
def test_a_ragged_csv_is_refused(read, tmp_path, text):
    path = tmp_path / "v.csv"
    path.write_text(text, encoding="utf-8")
    assert "整齐" in refused(read, path).message


def test_bytes_of_no_encoding_are_refused(read, tmp_path):
    path = tmp_path / "v.csv"
    path.write_bytes(b"code,name\n1,\xff\xff\xff\n")
    assert "编码" in refused(read, path).message
    assert "编码" in refused(read, path, encoding="klingon").message


def test_xlsx_finds_the_heading_below_a_title(read, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["安和县村名册"])
    sheet.append(["村代码", "村名", None])
    sheet.append([990101101001, "北陈", None])
    book.create_sheet("空表")
    path = tmp_path / "v.xlsx"
    book.save(path)
    found = read(path).table
    assert found.to_dict("list") == {"村代码": [990101101001], "村名": ["北陈"]}


def test_xlsx_with_two_filled_sheets_is_asked_about(read, tmp_path):
    book = openpyxl.Workbook()
    for name in ("甲", "乙"):
        book.create_sheet(name).append(["村代码", "村名"])
    path = tmp_path / "v.xlsx"
    book.save(path)
    assert "甲、乙" in refused(read, path).message


def test_files_that_are_not_there_empty_or_of_another_kind(read, tmp_path):
    assert "找不到" in refused(read, tmp_path / "no.csv").message
    (tmp_path / "empty.csv").touch()
    assert "是空的" in refused(read, tmp_path / "empty.csv").message
    (tmp_path / "a.docx").write_text("x")
    assert ".docx" in refused(read, tmp_path / "a.docx").message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GBK", "gb18030"),
        ("936", "gb18030"),
        ("Big-5", "big5"),
        ("UTF-8", "utf-8"),
        ("65001", "utf-8"),
        ("1252", "cp1252"),
        ("88591", "iso8859-1"),
        ("<html>", None),
        ("", None),
        ("hex", None),
    ],
)
def test_names_of_encodings(name, expected):
    assert known_encoding(name) == expected
