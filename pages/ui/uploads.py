"""Trying and writing an uploaded file: what is tried is exactly what is written afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath

from streamlit.runtime.uploaded_file_manager import UploadedFile

from geo.access import Actor
from geo.exchange.report import ImportReport
from geo.operations.load import import_file
from geo.store.engine import Store


@dataclass(frozen=True)
class ImportChoice:
    """What the form says about an uploaded file."""

    file_id: str
    layer: str
    crs: str
    encoding: str
    skip_faulty: bool


def run_import(
    store: Store,
    actor: Actor,
    upload: UploadedFile,
    choice: ImportChoice,
    *,
    dry_run: bool,
    progress: Callable[[str, int, int], None],
) -> ImportReport:
    """Check an uploaded file, or write it; nothing of it stays on the disk."""
    with on_disk(upload) as path:
        return import_file(
            store,
            actor,
            path,
            choice.layer,
            now=datetime.now(UTC),
            crs=choice.crs,
            encoding=choice.encoding,
            skip_faulty=choice.skip_faulty,
            dry_run=dry_run,
            progress=progress,
        )


def file_name(given: str) -> str:
    """The bare name of an uploaded file, whatever the browser claims its path to be."""
    return PurePosixPath(PureWindowsPath(given).name).name or "upload"


@contextmanager
def on_disk(upload: UploadedFile) -> Iterator[Path]:
    """An uploaded file as a file with its own name, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        path = Path(folder) / file_name(upload.name)
        path.write_bytes(upload.getbuffer())
        yield path
