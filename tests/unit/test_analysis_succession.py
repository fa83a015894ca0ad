from datetime import date

import pandas as pd
import pytest

from geo.analysis.succession import RECORD_COLUMNS, after, corrected, records_seen, succession
from geo.errors import RuleError

JAN, MAR, MAY, JUL, SEP = (date(2026, month, 1) for month in (1, 3, 5, 7, 9))
CELL, TOWN, VILLAGE = "990101101201001", "990101101", "990101101201"


def records(*rows, kind="grid_officer", target=CELL):
    """Standing records from (holder, rank, from, to), numbered from 1."""
    named = [
        (at, kind, holder, target, rank, start, end, "")
        for at, (holder, rank, start, end) in enumerate(rows, 1)
    ]
    return pd.DataFrame(named, columns=["id", *RECORD_COLUMNS], dtype=object)


def want(*rows, kind="grid_officer", target=CELL):
    """Wanted records from (holder, rank, from, to)."""
    named = [(kind, holder, target, rank, start, end) for holder, rank, start, end in rows]
    return pd.DataFrame(named, columns=RECORD_COLUMNS[:-1], dtype=object)


def end(day, holder=None, *, kind="grid_officer", target=CELL):
    return pd.DataFrame(
        [(kind, target, holder, day)], columns=["kind", "target_code", "holder_code", "on"], dtype=object
    )


def spans(frame):
    columns = ["holder_code", "rank", "valid_from", "valid_to"]
    return sorted(zip(*(frame[name] for name in columns), strict=True), key=str)


def line(current, change):
    return spans(after(current, change))


def test_the_first_officer_of_a_cell_opens_one_record():
    change = succession(records(), want(("a", "primary", MAY, None)), reason="到岗")
    assert change.closed.empty
    assert spans(change.opened) == [("a", "primary", MAY, None)]
    assert change.opened["reason"].tolist() == ["到岗"]


def test_a_new_officer_cuts_the_one_before():
    current = records(("a", "primary", JAN, None))
    change = succession(current, want(("b", "primary", MAY, None)))
    assert change.closed["id"].tolist() == [1]
    assert line(current, change) == [("a", "primary", JAN, MAY), ("b", "primary", MAY, None)]


def test_a_record_that_starts_the_same_day_is_replaced_without_an_empty_period():
    current = records(("a", "primary", MAY, None))
    assert line(current, succession(current, want(("b", "primary", MAY, None)))) == [
        ("b", "primary", MAY, None)
    ]


def test_two_officers_that_came_in_at_once_are_both_cut():
    current = records(("a", "primary", JAN, None), ("b", "primary", MAR, None))
    change = succession(current, want(("c", "primary", MAY, None)))
    assert line(current, change) == [
        ("a", "primary", JAN, MAY),
        ("b", "primary", MAR, MAY),
        ("c", "primary", MAY, None),
    ]


def test_confirming_one_of_two_cuts_only_the_other():
    current = records(("a", "primary", JAN, None), ("b", "primary", MAR, None))
    change = succession(current, want(("a", "primary", MAY, None)))
    assert change.closed["id"].tolist() == [2]
    assert line(current, change) == [("a", "primary", JAN, None), ("b", "primary", MAR, MAY)]


def test_what_is_so_already_is_left_alone():
    current = records(("a", "primary", JAN, None))
    change = succession(current, want(("a", "primary", MAY, None)))
    assert (len(change.closed), len(change.opened), change.unchanged) == (0, 0, 1)


def test_what_is_planned_limits_the_new_period_and_is_said():
    current = records(("a", "primary", JAN, JUL), ("b", "primary", JUL, None))
    change = succession(current, want(("c", "primary", MAY, None)))
    assert line(current, change) == [
        ("a", "primary", JAN, MAY),
        ("b", "primary", JUL, None),
        ("c", "primary", MAY, JUL),
    ]
    assert "2026-07-01" in change.notes[0]


def test_an_end_beyond_what_is_planned_is_refused():
    current = records(("b", "primary", JUL, None))
    with pytest.raises(RuleError, match="2026-07-01"):
        succession(current, want(("c", "primary", MAY, SEP)))


def test_an_end_by_rule_gives_way_to_what_is_planned():
    current = records(("b", "primary", JUL, None))
    wanted = want(("c", "primary", MAY, SEP)).assign(is_fixed=False)
    assert ("c", "primary", MAY, JUL) in line(current, succession(current, wanted))


def test_an_assistant_is_added_beside():
    current = records(("a", "primary", JAN, None))
    change = succession(current, want(("b", "assistant", MAY, None)))
    assert change.closed.empty
    assert spans(change.opened) == [("b", "assistant", MAY, None)]


def test_an_assistant_who_becomes_primary_stops_assisting():
    current = records(("a", "primary", JAN, None), ("b", "assistant", JAN, None))
    change = succession(current, want(("b", "primary", MAY, None)))
    assert line(current, change) == [
        ("a", "primary", JAN, MAY),
        ("b", "assistant", JAN, MAY),
        ("b", "primary", MAY, None),
    ]


def test_a_kind_with_any_number_of_holders_adds_beside():
    about = {"kind": "resident_cadre", "target": VILLAGE}
    current = records(("a", "primary", JAN, None), **about)
    change = succession(current, want(("b", "primary", MAY, None), **about))
    assert change.closed.empty
    assert len(change.opened) == 1


def test_a_township_has_at_most_two_deputies_at_once():
    about = {"kind": "town_leader", "target": TOWN}
    current = records(("a", "assistant", JAN, JUL), ("b", "assistant", JAN, None), **about)
    with pytest.raises(RuleError, match="2"):
        succession(current, want(("c", "assistant", MAY, None), **about))
    assert len(succession(current, want(("c", "assistant", JUL, None), **about)).opened) == 1


def test_deputies_one_after_the_other_count_once():
    about = {"kind": "town_leader", "target": TOWN}
    current = records(("a", "assistant", JAN, MAR), ("b", "assistant", MAR, MAY), **about)
    assert len(succession(current, want(("c", "assistant", JAN, None), **about)).opened) == 1


def test_two_officers_wanted_for_one_day_are_refused():
    with pytest.raises(RuleError, match=CELL):
        succession(records(), want(("a", "primary", MAY, None), ("b", "primary", MAY, None)))
    with pytest.raises(RuleError, match=CELL):
        succession(records(), want(("a", "primary", MAY, SEP), ("b", "primary", JUL, None)))


def test_two_officers_wanted_one_after_the_other_are_taken():
    change = succession(records(), want(("b", "primary", JUL, None), ("a", "primary", MAY, None)))
    assert spans(change.opened) == [("a", "primary", MAY, JUL), ("b", "primary", JUL, None)]


def test_an_empty_period_is_refused():
    with pytest.raises(RuleError, match="2026-05-01"):
        succession(records(), want(("a", "primary", MAY, MAY)))


def test_ending_cuts_what_is_in_force_and_withdraws_what_starts_that_day():
    current = records(
        ("a", "primary", JAN, None), ("b", "assistant", MAY, None), ("c", "assistant", JUL, None)
    )
    change = succession(current, ended=end(MAY))
    assert line(current, change) == [("a", "primary", JAN, MAY), ("c", "assistant", JUL, None)]


def test_ending_one_holder_leaves_the_others():
    current = records(("a", "primary", JAN, None), ("b", "assistant", JAN, None))
    change = succession(current, ended=end(MAY, "b"))
    assert change.closed["id"].tolist() == [2]


def test_ending_nothing_is_refused():
    with pytest.raises(RuleError, match=CELL):
        succession(records(("a", "primary", JAN, MAY)), ended=end(MAY))


def test_ending_and_starting_go_in_one_step():
    current = records(("a", "primary", JAN, None), ("b", "assistant", JAN, None))
    change = succession(current, want(("b", "primary", MAY, None)), ended=end(MAY))
    assert line(current, change) == [
        ("a", "primary", JAN, MAY),
        ("b", "assistant", JAN, MAY),
        ("b", "primary", MAY, None),
    ]


def test_a_correction_takes_the_place_of_the_wrong_record():
    current = records(("a", "primary", JAN, None))
    change = corrected(current, 1, {"holder_code": "b", "valid_from": MAR}, reason="录错了人")
    assert line(current, change) == [("b", "primary", MAR, None)]
    assert change.closed["id"].tolist() == [1]


def test_a_withdrawn_record_leaves_nothing():
    current = records(("a", "primary", JAN, MAY), ("b", "primary", MAY, None))
    assert line(current, corrected(current, 2, None)) == [("a", "primary", JAN, MAY)]


def test_a_correction_may_not_make_two_officers_at_once():
    current = records(("a", "primary", JAN, MAY), ("b", "primary", MAY, None))
    with pytest.raises(RuleError, match="2026-05-01"):
        corrected(current, 1, {"valid_to": None})
    with pytest.raises(RuleError, match=CELL):
        corrected(current, 1, {"holder_code": "b", "valid_to": SEP})


def test_a_correction_of_one_of_two_that_came_in_may_not_lengthen_their_overlap():
    current = records(("a", "primary", JAN, JUL), ("b", "primary", MAR, None))
    assert len(corrected(current, 1, {"holder_code": "c"}).opened) == 1
    with pytest.raises(RuleError, match=CELL):
        corrected(current, 1, {"valid_to": SEP})


def test_a_correction_that_changes_nothing_writes_nothing():
    change = corrected(records(("a", "primary", JAN, None)), 1, {"rank": "primary"})
    assert (len(change.closed), len(change.opened), change.unchanged) == (0, 0, 1)


def test_the_state_of_a_line_is_the_ids_that_stand():
    current = records(("a", "primary", JAN, None), ("b", "assistant", JAN, None))
    seen = records_seen(current, [("grid_officer", CELL), ("staff", "h1")])
    assert seen == {f"grid_officer:{CELL}": "1,2", "staff:h1": ""}
