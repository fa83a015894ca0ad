"""The inspection list of the tiny county: what it says, to whom, and what it never says."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest

from geo.answers.gaps import gap_table
from geo.answers.inspection_list import FORMATS, inspection_file, inspection_list
from geo.errors import InputError, PermissionError_
from geo.exchange.inspection import chinese_day
from geo.rules.gap_kinds import gap_kinds
from geo.rules.units import measured, percent
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import COORDINATOR, DAY, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A

MADE = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
ASKED = {"as_of": DAY, "made_at": MADE}


def test_it_says_whose_list_it_is_of_which_day_and_of_what(tiny_store):
    listed = inspection_list(tiny_store, DEPARTMENT, **ASKED)
    assert (listed.county, listed.as_of, listed.made_at) == ("安和县", DAY, MADE)
    assert (listed.made_by, listed.sample) == ("department", False)
    assert listed.filters == "全县；全部缺口种类"
    (part,) = listed.parts
    assert (part.code, part.name) == (TOWNSHIP, "安和镇")
    assert [name for name, _count in part.counts] == [kind.label for kind in gap_kinds().values()]


def test_every_gap_is_on_it_once_and_the_heaviest_of_each_party_first(tiny_store):
    table = gap_table(tiny_store, LEADER, as_of=DAY)
    (part,) = inspection_list(tiny_store, LEADER, **ASKED).parts
    listed = [(row.label, row.code, row.who, row.why) for row in part.rows]
    assert listed == list(
        table[["label", "target_code", "who_name", "why"]].itertuples(index=False, name=None)
    )
    for who, rows in part.by_who():
        own = table[table["who_name"] == who]
        assert [row.code for row in rows] == own["target_code"].to_list()
    assert {row.who for row in part.rows} >= {"县委组织部", "安和镇网格协调员"}


def test_households_are_counted_by_cell_for_everybody_and_never_named(tiny_store):
    lists = [inspection_list(tiny_store, actor, **ASKED) for actor in (DEPARTMENT, COORDINATOR, LEADER)]
    assert len({listed.parts for listed in lists}) == 1
    single = gap_table(tiny_store, DEPARTMENT, as_of=DAY)
    unpaired = single[single["kind"] == "household_unpaired"]
    assert set(unpaired["target_kind"]) == {"household"}
    part = lists[0].parts[0]
    rows = [row for row in part.rows if row.label == gap_kinds()["household_unpaired"].label]
    assert sum(row.value for row in rows) == len(unpaired) == dict(part.counts)["结对空白户"]
    said = str(lists[0])
    for secret in (*unpaired["target_code"], "张三丰", "13812345678"):
        assert f"'{secret}'" not in said
        assert f" {secret} " not in said


def test_ratios_are_those_of_the_township(tiny_store):
    (part,) = inspection_list(tiny_store, DEPARTMENT, **ASKED).parts
    shares = {share.name: share for share in part.shares}
    assert (shares["网格有主"].numerator, shares["网格有主"].denominator) == (2, 3)
    assert shares["网格有主"].ratio == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (("cell_unowned",), "缺口种类：空白网格"),
        (("household_unpaired", "cell_unowned"), "缺口种类：空白网格、结对空白户"),
        (tuple(kind for kind in gap_kinds() if kind != "cell_overlap"), "除网格重叠以外的全部缺口种类"),
        (tuple(gap_kinds()), "全部缺口种类"),
    ],
)
def test_it_can_be_narrowed_to_kinds_and_says_so(tiny_store, kinds, said):
    listed = inspection_list(tiny_store, DEPARTMENT, kinds=kinds, **ASKED)
    assert listed.filters == f"全县；{said}"
    labels = {gap_kinds()[kind].label for kind in kinds}
    assert set(listed.kinds) == labels
    assert {row.label for part in listed.parts for row in part.rows} <= labels
    if kinds == ("cell_unowned",):
        assert [row.village for part in listed.parts for row in part.rows] == ["乙村"]


def test_it_keeps_to_the_actors_territory_and_names_it(tiny_store):
    own = inspection_list(tiny_store, RESIDENT_OF_A, **ASKED)
    assert own.filters == "甲村；全部缺口种类"
    assert {row.village for part in own.parts for row in part.rows} == {"甲村"}
    one = inspection_list(tiny_store, DEPARTMENT, township=B, **ASKED)
    assert one.filters.startswith("乙村；")
    assert {row.village for part in one.parts for row in part.rows} == {"乙村"}
    with pytest.raises(PermissionError_):
        inspection_list(tiny_store, ELSEWHERE, township=A, **ASKED)
    nothing = inspection_list(tiny_store, ELSEWHERE, **ASKED)
    assert (nothing.parts, nothing.filters) == ((), "990101102；全部缺口种类")


def test_what_was_known_then_is_said(tiny_store):
    known = datetime(2026, 1, 4, tzinfo=UTC)
    then = inspection_list(tiny_store, DEPARTMENT, known_at=known, **ASKED)
    assert then.filters.endswith("；按 2026-01-04 00:00（UTC）所知")
    now = inspection_list(tiny_store, DEPARTMENT, **ASKED)
    assert dict(then.parts[0].counts)["空白网格"] == 3 > dict(now.parts[0].counts)["空白网格"]


def test_an_unknown_kind_is_refused(tiny_store):
    with pytest.raises(InputError, match="nonsense"):
        inspection_list(tiny_store, DEPARTMENT, kinds=("nonsense",), **ASKED)


@pytest.mark.parametrize("shape", FORMATS.values())
def test_a_file_is_made_and_the_way_to_it_is_told(tiny_store, shape):
    told: list[tuple[float, str]] = []
    made = inspection_file(
        tiny_store, LEADER, shape, progress=lambda share, text: told.append((share, text)), **ASKED
    )
    shares = [share for share, _text in told]
    assert shares == sorted(shares)
    assert min(shares) >= 0
    assert max(shares) <= 1
    assert all(text for _share, text in told)
    if shape == "pdf":
        assert made.startswith(b"%PDF-")
    else:
        assert openpyxl.load_workbook(BytesIO(made)).sheetnames == ["总览", "安和镇"]


def test_figures_are_written_as_people_write_them():
    figures = [(3.0, "households"), (1234.56, "m2"), (None, "m"), (2, "officers")]
    assert [measured(*figure) for figure in figures] == ["3 户", "1,234.6 平方米", "", "2 名网格员"]
    assert [percent(None), percent(1.0), percent(0.99999), percent(0)] == ["—", "100.0%", "99.9%", "0.0%"]
    assert chinese_day(DAY) == "2026年5月1日"
