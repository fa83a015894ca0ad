"""A home of its own for every test, and stores and files to work on."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.run import run


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch, tmp_path):
    """Each test has a home of its own and none of the machine's settings."""
    for name in ("MINQING_STORE", "MINQING_USER", "MINQING_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MINQING_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Path:
    """A small sample county, read by many tests and never written."""
    file = tmp_path_factory.mktemp("sample") / "county.gpkg"
    run("init", "--sample", "--villages", 24, "--households", 400, "--store", file)
    return file


@pytest.fixture
def county(sample, tmp_path, monkeypatch) -> Path:
    """A copy of the sample county, which the commands of a test work on."""
    file = tmp_path / "county.gpkg"
    shutil.copy(sample, file)
    monkeypatch.setenv("MINQING_STORE", str(file))
    return file


@pytest.fixture
def empty() -> Path:
    run("init", "--password", "a-good-password", "--county", "990101")
    return Path(os.environ["MINQING_HOME"]) / "var/county.gpkg"


@pytest.fixture
def townships(tmp_path) -> Path:
    """One township of county 990101, as a GeoJSON file."""
    ring = [[117.0, 35.0], [117.1, 35.0], [117.1, 35.1], [117.0, 35.1], [117.0, 35.0]]
    feature = {
        "type": "Feature",
        "properties": {"code": "990101101", "name": "石桥镇"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file = tmp_path / "townships.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False))
    return file


@pytest.fixture
def village(empty, townships, tmp_path) -> str:
    run("import", townships, "--as", "townships")
    one = json.loads(townships.read_text())
    one["features"][0]["properties"] = {"code": "990101101001", "name": "石桥村"}
    file = tmp_path / "villages.geojson"
    file.write_text(json.dumps(one, ensure_ascii=False))
    run("import", file, "--as", "villages")
    return "990101101001"
