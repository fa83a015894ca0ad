"""The files of a made-up county: complete, plain, and the same bytes every time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
from click.testing import CliRunner

from geo.frames import LAYERS
from seeds.__main__ import main
from seeds.county import County
from seeds.write import BOOK, CASES, CORRECTIONS, DESIGNATIONS, FILES, PICTURES, write_county


def test_every_layer_has_its_file(county_files: Path) -> None:
    assert {FILES[name] for name in LAYERS} <= {path.name for path in county_files.iterdir()}


def test_same_county_same_bytes(small_county: County, county_files: Path, tmp_path: Path) -> None:
    write_county(small_county, tmp_path)
    again, before = (
        {path.name: path.read_bytes() for path in files_in(folder)} for folder in (tmp_path, county_files)
    )
    assert again == before


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_pictures_are_small_and_say_that_they_are_examples(small_county: County, county_files: Path) -> None:
    made = {path.name: path.stat().st_size for path in (county_files / PICTURES).iterdir()}
    assert set(made) == set(small_county.pictures)
    assert max(made.values()) < 30_000
    assert small_county.book.pictures["title"].str.contains("示例").all()
    assert small_county.cases.evidence["title"].str.contains("示例").all()


def test_every_table_has_its_file(county_files: Path) -> None:
    tables = {DESIGNATIONS, CORRECTIONS, *CASES.values(), *BOOK.values()}
    assert all(len(pd.read_csv(county_files / name, dtype=str)) for name in tables)


def test_shapefiles_are_whole_and_in_utf8(county_files: Path) -> None:
    for name, layer in LAYERS.items():
        if layer.geometry:
            with zipfile.ZipFile(county_files / f"{name}.zip") as archive:
                parts = {part: archive.read(f"{name}.{part}") for part in ("shp", "shx", "dbf", "prj", "cpg")}
            assert all(parts.values())
            assert parts["cpg"].strip() == b"UTF-8"


def test_one_layer_comes_in_metres(county_files: Path) -> None:
    assert gpd.read_file(county_files / "villages.zip").crs.is_geographic
    assert gpd.read_file(county_files / "cadres.zip").crs.is_projected


def test_river_and_roads_come_along(county_files: Path) -> None:
    roads = gpd.read_file(county_files / "roads.zip")
    assert set(roads["class"]) == {"县道", "村道"}
    assert len(gpd.read_file(county_files / "river.zip")) == 1


def test_command_makes_another_size(tmp_path: Path) -> None:
    arguments = ["--villages", "20", "--households", "500", "--seed", "4", "--to", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert len(gpd.read_file(tmp_path / "villages.zip")) == 20
    assert len(gpd.read_file(tmp_path / "households.zip")) == 500


def test_command_refuses_a_county_too_small(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--villages", "3", "--to", str(tmp_path)])
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []
