"""What a command shows: one JSON document, a table for people, messages, a progress bar."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click

from geo.i18n import _

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def show_document(document: Mapping[str, Any]) -> None:
    """One JSON document on standard output: Chinese as it is, dates in ISO 8601, no NaN."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=_plain)
    click.echo(text)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if hasattr(value, "item"):  # numpy scalars
        return value.item()
    raise TypeError(type(value).__name__)


def show_csv(frame: pd.DataFrame) -> None:
    """A frame as CSV on standard output, with headings; a geometry column is left out.

    No text is one that a spreadsheet takes for a formula.
    """
    from geo.exchange.formats import sheet_text

    columns = [name for name in frame.columns if name != "geometry"]
    safe = frame[columns].astype(object).map(sheet_text)
    click.echo(safe.to_csv(index=False, lineterminator="\n"), nl=False)


def show_geojson(frame: gpd.GeoDataFrame) -> None:
    """A frame as one GeoJSON feature collection on standard output; what has no place has a null geometry."""
    show_document(frame.to_geo_dict(na="null", drop_id=True))


def say(message: str) -> None:
    """A message for the person at the terminal, on standard error."""
    click.echo(message, err=True)


def show_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on standard output, columns aligned by how wide a terminal draws Chinese.

    Empty rows give the sentence that there is nothing.
    """
    texts = [[_cell(value) for value in row] for row in rows]
    if not texts:
        click.echo(_("没有记录。"))
        return
    table = [list(headings), *texts]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    for row in table:
        line = "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    return str(value)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, moved by ``progress(step, done, total)``; elsewhere only its label."""
    with click.progressbar(length=1, file=sys.stderr, show_eta=False) as bar:

        def progress(step: str, done: int, total: int) -> None:
            bar.label, bar.length = step, max(total, 1)
            bar.update(done - bar.pos)
            bar.render_progress()

        yield progress
