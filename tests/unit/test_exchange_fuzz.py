"""Whatever bytes come: a report or an error in words, never anything else, and the store as it was."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import AppError
from geo.store.queries import counts
from tests.exchange_files import bring, households, villages, write

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
FUZZ = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "insert", "double"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=5,
)


def mutated(raw: bytes, edits) -> bytes:
    for how, where, piece in edits:
        at = int(where * len(raw))
        match how:
            case "set":
                raw = raw[:at] + piece + raw[at + len(piece) :]
            case "cut":
                raw = raw[:at]
            case "insert":
                raw = raw[:at] + piece + raw[at:]
            case "double":
                raw = raw[:at] + raw[max(0, at - 64) :]
    return raw


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Bytes of one sound file of each kind."""
    folder = tmp_path_factory.mktemp("sound")
    write(villages(), folder / "v.shp", driver="ESRI Shapefile", encoding="GBK")
    files = {suffix: (folder / f"v{suffix}").read_bytes() for suffix in PARTS}
    with zipfile.ZipFile(folder / "v.zip", "w", zipfile.ZIP_DEFLATED) as bag:
        for suffix in PARTS:
            bag.write(folder / f"v{suffix}", f"村界{suffix}")
    for name in ("v.gpkg", "v.geojson"):
        write(villages(), folder / name)
    write(households(), folder / "h.csv")
    write(households(), folder / "h.xlsx")
    loose = ("v.zip", "v.gpkg", "v.geojson", "h.csv", "h.xlsx")
    return files | {name: (folder / name).read_bytes() for name in loose}


def survives(store, path: Path, layer: str) -> None:
    with store.read() as session:
        before = counts(session)
    try:
        report = bring(store, path, layer, dry_run=True)
    except AppError as refusal:
        assert refusal.message
    else:
        assert report.sentence()
    with store.read() as session:
        assert counts(session) == before


@FUZZ
@given(edits=EDITS, part=st.sampled_from(PARTS))
def test_a_shapefile_with_a_damaged_part(territory_store, samples, edits, part):
    with tempfile.TemporaryDirectory() as folder:
        for suffix in PARTS:
            raw = mutated(samples[suffix], edits) if suffix == part else samples[suffix]
            (Path(folder) / f"v{suffix}").write_bytes(raw)
        survives(territory_store, Path(folder) / "v.shp", "villages")


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("v.zip", "villages"),
        ("v.gpkg", "villages"),
        ("v.geojson", "villages"),
        ("h.csv", "households"),
        ("h.xlsx", "households"),
    ],
)
def test_damaged_files(territory_store, samples, name, layer):
    @FUZZ
    @given(edits=EDITS)
    def damaged(edits):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(mutated(samples[name], edits))
            survives(territory_store, path, layer)

    damaged()


@FUZZ
@given(text=st.text(max_size=200))
def test_any_text_as_a_csv(territory_store, text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.csv"
        path.write_text("code,village_code,people\n" + text, encoding="utf-8", errors="replace")
        survives(territory_store, path, "households")
