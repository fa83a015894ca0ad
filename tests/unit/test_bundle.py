"""The archive for closed networks: made once, installed and used with the network off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NO_NETWORK = ["unshare", "--map-root-user", "--net"]
"""A namespace without any interface, not even loopback."""

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def archive() -> Path:
    run("make", "bundle", cwd=ROOT)
    (made,) = (ROOT / "build").glob("minqing-*.tar.gz")
    return made


@pytest.fixture(scope="module")
def place(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("closed-network")
    run("tar", "-xzf", archive, cwd=folder)
    (place,) = folder.iterdir()
    return place


@pytest.fixture(scope="module")
def offline() -> list[str]:
    if shutil.which("unshare") and subprocess.run([*NO_NETWORK, "true"], check=False).returncode == 0:
        return NO_NETWORK
    return []


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """This machine's environment without its settings, every proxy at a port where nobody listens."""
    dead = "http://127.0.0.1:9"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MINQING_"))}
    return kept | {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "http_proxy": dead,
        "https_proxy": dead,
        "PIP_INDEX_URL": dead,
    }


def test_the_bundle_installs_and_works_with_the_network_off(place, offline, environment):
    run(*offline, "./install.sh", cwd=place, env=environment)
    minqing = place / ".venv/bin/minqing"
    run(
        *offline,
        minqing,
        "init",
        "--sample",
        "--villages",
        "24",
        "--households",
        "400",
        cwd=place,
        env=environment,
    )
    status = json.loads(run(*offline, minqing, "status", "--json", cwd=place, env=environment))
    assert status["counts"]["villages"] == 24
    assert Path(status["store"].removeprefix("gpkg+shapely:///")) == place / "var/county.gpkg"
    # Everything the server imports is packed, not only what the command line needs.
    run(*offline, place / ".venv/bin/python", "-c", "import app", cwd=place, env=environment)
    assert (place / "assets/node_modules/leaflet/dist/leaflet.js").stat().st_size > 100_000


def test_the_bundle_holds_nothing_that_is_only_for_developers(archive):
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert not {name for name in names if name.startswith(("tests/", "benchmarks/", "var/", ".venv/"))}
    assert not {name for name in names if "pytest" in name or "playwright" in name or "__pycache__" in name}
    assert {"install.sh", "requirements.lock", "app.py", "README.md"} <= names
    assert len([name for name in names if name.startswith("wheels/")]) >= 50
