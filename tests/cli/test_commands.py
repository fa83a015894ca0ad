"""Help, languages, unforeseen faults, speed of starting, and serving."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import click
import pytest

from geo.cli import main
from geo.vocabulary import VillageLabel
from tests.cli.run import run

ROOT = Path(__file__).parents[2]
MINQING = Path(sys.executable).with_name("minqing")


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        below = (*path, name)
        found += every_command(command, below) if isinstance(command, click.Group) else [below]
    return found


@pytest.mark.parametrize("words", every_command(main), ids=" ".join)
def test_every_command_has_help_in_both_languages(words):
    chinese = run(*words, "--help").stdout
    english = run("--lang", "en", *words, "--help").stdout
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert "--store" in chinese


def test_the_language_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("MINQING_LANG", "en")
    assert "There is no store yet." in run("status", code=3).stderr


def test_an_unforeseen_fault_is_a_sentence_and_a_log_entry(sample, monkeypatch, tmp_path):
    from geo.answers import status

    def broken(_store):
        raise RuntimeError("secret detail of the driver")

    monkeypatch.setattr(status, "status", broken)
    result = run("status", "--store", sample, code=3)
    assert "secret detail" not in result.output
    incident = re.search(r"事件编号 ([0-9a-f]{8})", result.stderr)[1]
    log = (tmp_path / "home/var/minqing.log").read_text()
    assert incident in log
    assert "secret detail of the driver" in log


@pytest.mark.parametrize(
    ("words", "without"),
    [
        (["--help"], {"pandas", "geopandas", "shapely", "sqlalchemy", "streamlit", "folium"}),
        (["status", "--json"], {"pandas", "geopandas", "alembic", "streamlit", "folium"}),
    ],
    ids=["help", "status"],
)
def test_quick_commands_load_no_heavy_libraries(words, without, sample):
    code = (
        "import sys, geo.cli\n"
        f"geo.cli.main(['--store', {str(sample)!r}, *{words!r}], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "click" in loaded
    assert loaded.isdisjoint(without)


def test_the_labels_on_offer_are_those_of_the_vocabulary():
    (option,) = [option for option in main.commands["villages"].params if option.name == "label"]
    assert list(option.type.choices) == [str(label) for label in VillageLabel]


def test_serve_says_when_the_port_is_taken(sample):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "端口" in run("serve", "--store", sample, "--port", port, code=2).stderr


def test_serve_answers_and_stops_when_told(sample):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [MINQING, "serve", "--store", sample, "--port", str(port)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert f"http://127.0.0.1:{port}" in server.stderr.readline()
        # The socket listens before the application is loaded, so the first request simply waits for it.
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.status == 200
        began = time.monotonic()
        server.terminate()
        server.wait(timeout=15)
        assert time.monotonic() - began < 10
    finally:
        server.kill()
        server.communicate()
