"""How the server starts, and how it says that it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from pages.web.bundle import prefetched_urls
from pages.web.shell import shell_html
from pages.web.throttle import BOTH
from tests.browser.server import MINQING, running_site
from tests.security.county import make_county

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", [["app.py"], ["-m", "uvicorn", "app:app", "--port", "0"]])
def test_without_a_store_it_ends_with_one_sentence(tmp_path, command):
    environment = {**os.environ, "MINQING_STORE": str(tmp_path / "none.gpkg")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "minqing init" in done.stderr
    assert not (tmp_path / "none.gpkg").exists()


def test_a_setting_that_makes_no_sense_is_said(tmp_path):
    environment = {**os.environ, "MINQING_SECRET": "short"}
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == "MINQING_SECRET 至少需要 32 个字符。"


@pytest.mark.parametrize("command", [[sys.executable, "app.py"], [str(MINQING), "serve"]])
def test_a_guesser_gets_no_new_tries_by_naming_new_addresses(tmp_path, command):
    make_county(tmp_path / "county.gpkg")
    guess = {"user": "leader", "password": "wrong password"}
    with running_site(tmp_path / "county.gpkg", command=command) as site:
        answers = [
            requests.post(
                f"{site.url}/login", data=guess, headers={"X-Forwarded-For": f"192.0.2.{number}"}, timeout=30
            )
            for number in range(BOTH.free + 1)
        ]
    assert answers[-1].status_code == 429


def test_the_shell_is_ours_and_loads_from_here_only():
    page = shell_html("zh")
    assert "<title>民情地图</title>" in page
    assert "Streamlit</title>" not in page
    assert '<html lang="zh-CN">' in page
    assert 'src="/static/js/index.' in page
    assert "window.WebSocket = class" in page
    for foreign in ("http://", "https://", '"./', "SourceSans", "openapi"):
        assert foreign not in page


def test_the_login_page_fetches_the_first_scripts_ahead():
    urls = prefetched_urls()
    assert any(url.startswith("/static/js/index.") for url in urls)
    assert "/assets/leaflet/dist/leaflet.js" in urls
    assert all(url.startswith(("/static/", "/assets/")) for url in urls)
