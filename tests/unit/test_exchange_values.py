"""Cells into values: what is restored, what is refused."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.exchange.columns import LAST_DAY
from geo.exchange.report import FaultList
from geo.exchange.values import converted
from geo.frames import Column
from geo.vocabulary import Rank, ResponsibilityKind

CODE = Column("code", "code", "代码", digits=12)
FLAG, DATE = Column("hardship", "flag", "困难户"), Column("valid_to", "date", "终止日期")
INTEGER, NUMBER, YEAR = (Column(kind, kind, kind) for kind in ("integer", "number", "year"))
KIND = Column("kind", "text", "责任类型", choices=ResponsibilityKind)
RANK = Column("rank", "text", "主次", choices=Rank)


def convert(value, column, *, given_as=""):
    """One cell's value and the code of its fault."""
    faults = FaultList()
    values = converted(
        pd.Series([value], index=[7], dtype=object), column, faults, given_as=given_as or column.name
    )
    found = faults.sorted()
    assert all(fault.row == 7 and fault.column == column.name for fault in found)
    return None if pd.isna(values.iloc[0]) else values.iloc[0], found[0].code if found else None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("370831108249", "370831108249"),
        (370831108249, "370831108249"),
        (370831108249.0, "370831108249"),
        (np.int64(370831108249), "370831108249"),
        ("370831108249.0", "370831108249"),
        ("3.70831108249E+11", "370831108249"),
        (" ３７０８３１１０８２４９\u3000", "370831108249"),
        ("\u200b370831108249\ufeff", "370831108249"),
        ("'370831108249", "'370831108249"),
        ("", None),
        ("-", None),
        (np.nan, None),
        (None, None),
    ],
)
def test_codes_are_restored_exactly(cell, expected):
    assert convert(cell, CODE) == (expected, None)


@pytest.mark.parametrize("cell", ["3.70831E+11", "3.7E11", "1e3", "3.7083110824900E+11"])
def test_a_code_whose_digits_are_lost_is_refused(cell):
    assert convert(cell, CODE) == (None, "digits_lost")


@given(st.integers(min_value=10**11, max_value=10**12 - 1))
def test_any_village_code_survives_a_spreadsheet_that_made_it_a_number(code):
    assert convert(float(code), CODE) == (str(code), None)
    assert convert(f"{code:.11E}", CODE) == (str(code), None)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-05-01", date(2026, 5, 1)),
        ("2026/5/1", date(2026, 5, 1)),
        ("2026年5月1日", date(2026, 5, 1)),
        ("2026.5.1", date(2026, 5, 1)),
        ("20260501", date(2026, 5, 1)),
        (20260501, date(2026, 5, 1)),
        ("2026-05-01 00:00:00", date(2026, 5, 1)),
        (datetime(2026, 5, 1), date(2026, 5, 1)),
        (date(2026, 5, 1), date(2026, 5, 1)),
        (pd.Timestamp("2026-05-01"), date(2026, 5, 1)),
        (pd.NaT, None),
    ],
)
def test_days(cell, expected):
    assert convert(cell, DATE) == (expected, None)


@pytest.mark.parametrize("cell", ["2026-13-01", "2026-02-30", "五月一日", "2026-05-01 09:30:00", "20261"])
def test_what_is_no_day(cell):
    assert convert(cell, DATE) == (None, "not_a_date")


def test_a_last_day_becomes_the_day_after():
    assert convert("2026-06-30", DATE, given_as=LAST_DAY) == (date(2026, 7, 1), None)
    assert convert("2026-12-31", DATE, given_as=LAST_DAY) == (date(2027, 1, 1), None)
    assert convert("9999-12-31", DATE, given_as=LAST_DAY) == (None, "not_a_date")


@pytest.mark.parametrize(
    ("cell", "column", "expected"),
    [
        ("是", FLAG, True),
        ("否", FLAG, False),
        (True, FLAG, True),
        (0, FLAG, False),
        (1.0, FLAG, True),
        ("1,234", INTEGER, 1234),
        ("１２", INTEGER, 12),
        ("12.0", INTEGER, 12),
        ("85.5%", NUMBER, 0.855),
        ("-3.5", NUMBER, -3.5),
        ("2025年", YEAR, 2025),
        ("网格员", KIND, "grid_officer"),
        ("GRID_OFFICER", KIND, "grid_officer"),
        ("协助", RANK, "assistant"),
    ],
)
def test_flags_numbers_and_choices(cell, column, expected):
    value, fault = convert(cell, column)
    assert fault is None
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("cell", "column", "code"),
    [
        ("大概", FLAG, "not_a_flag"),
        ("2", FLAG, "not_a_flag"),
        ("3.5", INTEGER, "not_an_integer"),
        ("三", INTEGER, "not_a_number"),
        ("inf", NUMBER, "not_a_number"),
        ("1_000", NUMBER, "not_a_number"),
        ("99", YEAR, "not_a_year"),
        ("村长", KIND, "not_a_choice"),
    ],
)
def test_what_does_not_fit(cell, column, code):
    assert convert(cell, column) == (None, code)


def test_every_row_of_a_wrong_value_is_named_with_its_number():
    faults = FaultList()
    cells = pd.Series(["是", "?", "否", "?"], index=[1, 2, 5, 9], dtype=object)
    values = converted(cells, FLAG, faults, given_as="hardship")
    assert values.tolist() == [True, None, False, None]
    assert [(fault.row, fault.code) for fault in faults.sorted()] == [(2, "not_a_flag"), (9, "not_a_flag")]
    assert "?" in faults.sorted()[0].message
