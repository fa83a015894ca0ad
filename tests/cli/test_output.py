"""What commands print: documents, tables, dates."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import click
import numpy as np
import pandas as pd
import pytest

from geo.cli.context import chosen_instant
from geo.cli.output import show_csv, show_document, show_table


def test_a_document_is_json_with_iso_dates_and_plain_numbers(capsys):
    show_document(
        {
            "as_of": date(2026, 5, 1),
            "at": datetime(2026, 5, 1, 8, tzinfo=UTC),
            "n": np.int64(3),
            "name": "石桥村",
            "none": None,
        }
    )
    said = capsys.readouterr().out
    assert json.loads(said) == {
        "as_of": "2026-05-01",
        "at": "2026-05-01T08:00:00+00:00",
        "n": 3,
        "name": "石桥村",
        "none": None,
    }
    assert "石桥村" in said


def test_a_document_never_holds_nan():
    with pytest.raises(ValueError, match="not JSON compliant"):
        show_document({"ratio": float("nan")})


def test_a_document_refuses_what_has_no_plain_form():
    with pytest.raises(TypeError, match="object"):
        show_document({"thing": object()})


def test_no_text_is_a_formula_for_a_spreadsheet(capsys):
    names = ["石桥村", "=HYPERLINK(1)", "+1", "-1", "@x", None]
    show_csv(pd.DataFrame({"name": names, "n": [1, -2, 3, 4, 5, 6], "ratio": [0.5, -0.5, 1, 1, 1, 1]}))
    said = capsys.readouterr().out.splitlines()
    assert said == ["name,n,ratio", "石桥村,1,0.5", "'=HYPERLINK(1),-2,-0.5"] + [
        f"{text},{n},1.0" for text, n in (("'+1", 3), ("'-1", 4), ("'@x", 5), ("", 6))
    ]


def test_a_table_is_aligned_as_a_terminal_draws_it(capsys):
    show_table(["代码", "名称", "数"], [["12", "石桥村", None], ["1", "A", 7]])
    assert capsys.readouterr().out.splitlines() == [
        "代码  名称    数",
        "12    石桥村  —",
        "1     A       7",
    ]


def test_a_table_of_nothing_says_so(capsys):
    show_table(["代码"], [])
    assert capsys.readouterr().out == "没有记录。\n"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        (None, None),
        ("2026-05-01", datetime(2026, 5, 1, 23, 59, 59, 999999, tzinfo=UTC)),
        ("20260501", datetime(2026, 5, 1, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-05-01T08:00:00", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01T08:00:00+08:00", datetime(2026, 5, 1, 0, tzinfo=UTC)),
        ("2026-05-01T08:00:00Z", datetime(2026, 5, 1, 8, tzinfo=UTC)),
    ],
)
def test_known_at_is_an_instant_in_utc(text, instant):
    assert chosen_instant(text) == instant


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "0001-01-01T00:00:00+14:00"])
def test_a_known_at_that_is_no_time_is_refused(text):
    with pytest.raises(click.BadParameter):
        chosen_instant(text)
