"""Cells without a primary officer, and with several."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from geo.analysis.gaps.cells import cell_contested, cell_unowned
from geo.rules import load_rules
from tests.analysis_frames import A1, A2, B1, TOWNSHIP, A, cells
from tests.evidence import AS_OF, lineage_frame, tiny_evidence

RULES = load_rules(AS_OF)
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
OLD, OLDER = f"{A}901", f"{A}900"


def officer(holder, cell, start=JAN, end=None, rank="primary"):
    return "grid_officer", holder, cell, start, end, rank


def unowned(*records, **more):
    return cell_unowned(tiny_evidence(*records, **more), RULES)


def contested(*records, **more):
    return cell_contested(tiny_evidence(*records, **more), RULES)


def test_a_cell_without_officer_says_so():
    gaps = unowned(officer("a", A1), officer("b", A2, JAN, MAR), officer("a", B1))
    gap = gaps.iloc[0]
    assert gaps["target_code"].tolist() == [A2]
    assert (gap["kind"], gap["target_kind"], gap["aspect"]) == ("cell_unowned", "cell", "")
    assert (gap["village_code"], gap["township_code"]) == (A, TOWNSHIP)
    assert (gap["value"], gap["threshold"], gap["unit"], gap["source"]) == (0, 1, "officers", "S4")
    assert (gap["needs"], gap["who_kind"], gap["who_code"]) == ("grid_officer", "coordinator", TOWNSHIP)
    assert gap["since"] == MAR
    assert gap["why"] == f"网格 {A2} 没有主责网格员，涉及 1 户；自 2026-03-01 起。"
    assert gap.geometry.equals(cells().geometry[1])


@pytest.mark.parametrize(
    ("record", "is_gap"),
    [
        pytest.param(officer("a", A1, AS_OF), False, id="begins on the day"),
        pytest.param(officer("a", A1, JAN, AS_OF), True, id="ends on the day"),
        pytest.param(officer("a", A1, AS_OF + timedelta(1)), True, id="begins tomorrow"),
        pytest.param(officer("a", A1, JAN, AS_OF + timedelta(1)), False, id="ends tomorrow"),
        pytest.param(officer("a", A1, AS_OF, AS_OF), True, id="empty period"),
        pytest.param(officer("a", A1, rank="assistant"), True, id="assistants answer for nothing"),
        pytest.param(("grid_officer", "a", A1, JAN), False, id="without rank is primary"),
        pytest.param(("staff", "a", A1, JAN), True, id="another kind"),
        pytest.param(officer("gone", A1), False, id="not in the register: a gap of its own"),
    ],
)
def test_when_a_cell_is_unowned(record, is_gap):
    assert (A1 in set(unowned(record)["target_code"])) is is_gap


def test_never_owned_since_the_cell_got_its_shape():
    begun = cells()
    begun.loc[0, "valid_from"] = MAR
    since = unowned(officer("a", A2), cells=begun).set_index("target_code")["since"]
    assert since.to_dict() == {A1: MAR, B1: None}
    # A cell that was redrawn since keeps the age of its gap.
    assert unowned(officer("a", A1, JAN, date(2026, 2, 1)), cells=begun)["since"].iloc[0] == date(2026, 2, 1)


def began(*lineage, records=(), **days):
    """Since when cells have been unowned, those given with their first day in the register."""
    begun = cells()
    begun["valid_from"] = [days.get(name) for name in ("a1", "a2", "b1")]
    gaps = unowned(*records, cells=begun, lineage=lineage_frame(*lineage)).set_index("target_code")
    return {code: day for code, day in gaps["since"].items() if day is not None}


SPLIT = (OLD, A1, MAR), (OLD, A2, MAR)


@pytest.mark.parametrize(
    ("lineage", "records", "since"),
    [
        pytest.param(SPLIT, [officer("a", OLD, JAN, FEB)], {A1: FEB, A2: FEB}, id="split"),
        pytest.param(SPLIT, [officer("a", OLD, JAN, MAR)], {A1: MAR, A2: MAR}, id="owned until the split"),
        pytest.param(SPLIT, [officer("a", OLD, JAN, APR)], {A1: MAR, A2: MAR}, id="owned beyond the split"),
        pytest.param(
            [*SPLIT, ("", OLD, JAN)], [officer("a", OLD, MAR)], {A1: JAN, A2: JAN}, id="never owned, dated"
        ),
        pytest.param(SPLIT, [], {}, id="never owned, undated"),
        pytest.param(
            SPLIT,
            [officer("a", OLD, JAN, FEB), officer("a", A1, MAR, APR)],
            {A1: APR, A2: FEB},
            id="one part was owned since",
        ),
        pytest.param(
            [(OLD, A1, MAR), (OLDER, A1, MAR)],
            [officer("a", OLD, JAN, date(2026, 2, 9)), officer("a", OLDER, JAN, FEB)],
            {A1: FEB, A2: MAR},
            id="merger: the longest",
        ),
        pytest.param(
            [(OLD, A1, MAR), (OLDER, A1, MAR)],
            [officer("a", OLD, JAN, FEB), officer("a", OLDER, JAN, MAR)],
            {A1: FEB, A2: MAR},
            id="merger of an owned cell and an unowned one",
        ),
        pytest.param(
            [(OLDER, OLD, FEB), *SPLIT],
            [officer("a", OLDER, JAN, date(2026, 1, 9))],
            {A1: date(2026, 1, 9), A2: date(2026, 1, 9)},
            id="split of a split",
        ),
        pytest.param(
            [(OLDER, OLD, FEB), *SPLIT], [officer("a", OLDER, JAN, FEB)], {A1: FEB, A2: FEB}, id="first split"
        ),
        pytest.param(
            [(OLDER, OLD, MAR), *SPLIT],
            [officer("a", OLDER, JAN, FEB)],
            {A1: FEB, A2: FEB},
            id="twice on one day",
        ),
    ],
)
def test_a_gap_is_as_old_as_that_of_the_cells_it_came_from(lineage, records, since):
    assert began(*lineage, records=[*records, officer("b", B1)], a1=MAR, a2=MAR) == since


def test_a_redrawn_cell_without_records_is_as_old_as_its_first_shape():
    assert began(("", A1, FEB), a1=APR, b1=APR) == {A1: FEB, B1: APR}
    assert began(("", A1, None), a1=APR) == {}


def test_a_contest_is_as_old_as_that_of_the_cell_it_came_from():
    both = [officer(holder, code, *days) for holder in "ab" for code, *days in ((OLD, FEB, MAR), (A1, MAR))]
    assert contested(*both, lineage=lineage_frame(*SPLIT))["since"].tolist() == [FEB]
    assert contested(*both)["since"].tolist() == [MAR]


def test_two_primary_officers_at_once():
    gaps = contested(officer("a", A1), officer("b", A1, MAR), officer("c", A1, rank="assistant"))
    gap = gaps.iloc[0]
    assert gaps["target_code"].tolist() == [A1]
    assert (gap["value"], gap["threshold"], gap["source"], gap["since"]) == (2, 1, "local", MAR)
    assert gap["why"] == f"网格 {A1} 同时有 2 名主责网格员（只应有 1 名），涉及 1 户；自 2026-03-01 起。"


def test_handing_over_and_renewing_contest_nothing():
    assert contested(officer("a", A1, JAN, AS_OF), officer("b", A1, AS_OF)).empty
    assert contested(officer("a", A1, JAN, MAR), officer("a", A1, MAR)).empty
    assert contested(officer("a", A1), officer("a", A1, MAR)).empty  # written down twice, one person


def test_a_renewal_does_not_interrupt_a_contest():
    records = officer("a", A1), officer("b", A1, MAR, date(2026, 4, 1)), officer("b", A1, date(2026, 4, 1))
    assert contested(*records)["since"].tolist() == [MAR]


def test_a_named_cell_is_called_by_its_name():
    named = cells()
    named["name"] = "第1网格"
    assert unowned(cells=named)["why"].iloc[0] == f"网格 {A1}（第1网格）没有主责网格员，涉及 1 户。"


def test_nothing_to_look_at():
    for find in (unowned, contested):
        gaps = find(officer("a", A1), cells=None)
        assert gaps.empty
        assert gaps.crs.to_epsg() == 4490
    assert unowned(households=None)["why"].iloc[0].endswith("涉及 0 户。")
