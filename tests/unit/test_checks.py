"""Style, types, import rules and dead code: the same commands as ``make check``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
CHECKS = ("ruff check .", "ruff format --check .", "mypy", "lint-imports", "vulture")


@pytest.mark.parametrize("check", CHECKS)
def test_check(check):
    tool, *arguments = check.split()
    done = subprocess.run(
        [TOOLS / tool, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_check_runs_the_same_checks():
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert recipe
    assert re.findall(r"\$\(BIN\)/(.*)", recipe[1]) == list(CHECKS)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_every_pin_has_a_hash_and_no_address(lock):
    text = (ROOT / lock).read_text()
    pins = re.findall(r"^[a-z0-9.-]+==", text, flags=re.MULTILINE)
    assert pins
    assert len(re.findall(r"^[a-z0-9.-]+==.*\\\n    --hash=sha256:", text, flags=re.MULTILINE)) == len(pins)
    assert "://" not in text


def test_every_browser_library_has_a_hash_and_no_address():
    text = (ROOT / "assets/package-lock.json").read_text()
    libraries = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert "node_modules/leaflet" in libraries
    assert all(entry["integrity"].startswith("sha512-") for entry in libraries.values())
    assert "://" not in text


def test_what_runs_is_pinned_as_what_is_tested():
    pins = [
        set(re.findall(r"^[a-z0-9-]+==\S+.*?(?= \\)", (ROOT / lock).read_text(), flags=re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    ]
    assert len(pins[0]) > 40
    assert pins[0] < pins[1]
