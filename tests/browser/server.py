"""A real server over a small sample county, for browser tests, screenshots and benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MINQING = Path(sys.executable).with_name("minqing")
START_S = 90.0
USERS = ("department", "coordinator", "leader", "resident", "auditor")


@dataclass(frozen=True)
class Site:
    """A running server: its address and the store it serves."""

    url: str
    store: Path
    process: subprocess.Popen[bytes]


def make_sample(store: Path, *, villages: int = 60, households: int = 3000, seed: int = 1) -> None:
    """Make a store with a sample county of that size, as a newcomer would: by the command line."""
    sizes = ["--villages", str(villages), "--households", str(households), "--seed", str(seed)]
    command = [str(MINQING), "init", "--sample", *sizes]
    subprocess.run(command, cwd=ROOT, env=_environment(store), check=True, capture_output=True)


@contextmanager
def running_site(
    store: Path, *, app: str = "app:app", health: str = "/healthz", command: Sequence[str] = ()
) -> Iterator[Site]:
    """Serve a store on a free port (``MINQING_PORT`` for ``command``) until the block is left."""
    port = _free_port()
    uvicorn = [sys.executable, "-m", "uvicorn", app, "--no-proxy-headers"]
    command = command or [*uvicorn, "--port", str(port), "--log-level", "warning"]
    environment = {**_environment(store), "MINQING_PORT": str(port)}
    log = store.with_suffix(".log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url + health, process, store.with_suffix(".log"))
        yield Site(url, store, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def password_of(user: str) -> str:
    """Password of a sample account."""
    return f"{user}-minqing-2026"


def _environment(store: Path) -> dict[str, str]:
    return {**os.environ, "MINQING_STORE": str(store)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at its start:\n{log.read_text(errors='replace')}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)  # polling a port, the only way to learn that another process listens
    raise RuntimeError("the server did not become healthy in time")
