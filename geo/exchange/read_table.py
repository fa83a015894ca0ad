"""Read CSV and XLSX: every cell as text or as the value the sheet holds, nothing guessed."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
import pandas as pd

from geo.errors import FileFault
from geo.exchange.archive import Dataset, check_archive, open_archive
from geo.exchange.encoding import decode_file
from geo.exchange.read import Source, choose
from geo.i18n import _

_DELIMITERS = ",;\t|"
_XLSX_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_csv(dataset: Dataset, *, encoding: str) -> Source:
    """Read a CSV with one heading line; the delimiter is the commonest of ``, ; tab |`` in it."""
    text = decode_file(dataset.path, encoding).replace("\0", "")
    heading = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                io.StringIO(text),
                sep=delimiter,
                dtype=str,
                keep_default_na=False,
                na_values=[""],
                index_col=False,
            )
    except (ValueError, pd.errors.ParserWarning, csv.Error, OverflowError) as fault:
        raise FileFault(
            _("“{name}”不是整齐的表格：有的行比标题行的列多，或引号不成对。").format(name=dataset.name),
            hint=_("请在表格软件中打开检查，另存为 CSV（UTF-8）后再试。"),
        ) from fault
    table.columns = pd.Index([str(name) for name in table.columns])
    return Source(_numbered(table))


def read_xlsx(dataset: Dataset, *, wanted: Sequence[str]) -> Source:
    """Read the one filled sheet of a workbook; its first row with two filled cells is the heading."""
    with open_archive(dataset.path) as archive:
        check_archive(archive)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheets = _sheets(dataset)
    except _XLSX_ERRORS as fault:
        raise FileFault(
            _("“{name}.xlsx”已损坏，无法读取。").format(name=dataset.name),
            hint=_("请在表格软件中另存一份后再试。"),
        ) from fault
    if not sheets:
        raise FileFault(
            _("“{name}.xlsx”里没有数据。").format(name=dataset.name), hint=_("请检查工作表是否为空。")
        )
    names = list(sheets)
    heading, *rows = sheets[names[choose(names, wanted, what=dataset.name)]]
    columns = [str(cell).strip() if cell is not None else f"_{at}" for at, cell in enumerate(heading, 1)]
    table = pd.DataFrame([row[: len(columns)] for row in rows], columns=columns, dtype=object)
    return Source(_numbered(table.loc[:, ~table.columns.duplicated()]))


def _sheets(dataset: Dataset) -> dict[str, list[Sequence[Any]]]:
    # Opened here: openpyxl leaves a file open that it cannot load.
    with dataset.path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheets = {
            sheet.title: list(_from_heading(sheet.iter_rows(values_only=True))) for sheet in book.worksheets
        }
        book.close()
    return {title: rows for title, rows in sheets.items() if rows}


def _from_heading(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Rows from the heading on, as wide as it; a title line above it and rows of blanks are passed over."""
    width = 0
    for row in rows:
        filled = [at for at, cell in enumerate(row, 1) if cell is not None and cell != ""]
        if not width and len(filled) > 1:
            width = filled[-1]
        if width:
            yield (*row, *([None] * width))[:width]


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The table with data rows numbered from 1, rows of nothing left out but counted."""
    table.index = pd.RangeIndex(1, len(table) + 1)
    return table.dropna(how="all")
