"""A private PostgreSQL with PostGIS, for tests and measurements; it takes two seconds to start."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg

POSTGRES_BIN = Path("/usr/lib/postgresql")
POSTGIS = "PostgreSQL with PostGIS (apt: postgresql-15-postgis-3)"
POSTGIS_CONTROL = "/usr/share/postgresql/*/extension/postgis.control"
_MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 4 * 2**30


class PostgresCluster:
    """A private PostgreSQL on a Unix socket, run as a user that is not root."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder, self.bin = folder, bin_folder
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        data = str(folder / "data")
        self._run(
            "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        self._run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, user=self.user, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def sql(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


def memory_folder() -> Path | None:
    """A folder that is kept in memory; None where it is missing or small (a disk takes ten times as long)."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES:
        return _MEMORY
    return None


def postgres_bin() -> Path | None:
    """The newest installed server's programs; None where PostgreSQL or PostGIS is missing."""
    if not list(Path("/").glob(POSTGIS_CONTROL.lstrip("/"))):
        return None
    found = sorted(POSTGRES_BIN.glob("*/bin/initdb"))
    return found[-1].parent if found else None
