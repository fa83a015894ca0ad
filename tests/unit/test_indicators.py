"""Correcting a village's figures, and what is told of them."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from geo.access import Actor
from geo.answers.indicators import indicator_corrections, indicator_history, indicator_lines
from geo.errors import AppError, CodeError, ConflictError, InputError, PermissionError_
from geo.frames import LAYERS
from geo.operations.indicators import FIGURES, correct_indicators
from geo.operations.load import load_frame
from geo.store.models import Audit, Township, Village, VillageIndicator
from geo.store.versions import layer_versions
from geo.vocabulary import Role
from tests.analysis_frames import indicators, layer

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TOWNSHIP, OTHER_TOWNSHIP = "990101101", "990101102"
A, B, C = "990101101201", "990101101202", "990101101203"
FAR = "990101102201"
DEPARTMENT = Actor("department", Role.DEPARTMENT)
COORDINATOR = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}))
ELSEWHERE = Actor("elsewhere", Role.COORDINATOR, frozenset({OTHER_TOWNSHIP}))
RESIDENT = Actor("resident", Role.RESIDENT_CADRE, frozenset({A}))


def fill(store):
    with store.write() as session:
        session.add_all(Township(code=code, name=code) for code in (TOWNSHIP, OTHER_TOWNSHIP))
        session.flush()
        session.add_all(Village(code=code, name=code, township_code=code[:9]) for code in (A, B, C, FAR))
    return store


@pytest.fixture
def village_store(store):
    return fill(store)


@pytest.fixture
def file_store(gpkg_store):
    """On one database only: what is refused before anything is written asks none."""
    return fill(gpkg_store)


def correct(store, values, *, actor=COORDINATOR, village=A, year=2025, **changes):
    stated = {
        "source": "2025 年农经年报",
        "reported_on": date(2026, 3, 1),
        "reason": "核对年报",
        "now": NOW,
        "seen": None,
    }
    return correct_indicators(store, actor, village, year, values, **(stated | changes))


def records(store):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(VillageIndicator))


def row_of(store, year=2025, **more):
    history = indicator_history(store, DEPARTMENT, A, **more)
    return history[history["year"] == year].iloc[0]


def test_a_year_is_entered_with_source_and_day(village_store):
    assert correct(village_store, {"income_own_yuan": 41_000, "secretary_vacant_since": date(2025, 9, 1)})
    row = row_of(village_store)
    assert (row["income_own_yuan"], row["secretary_vacant_since"]) == (41_000, date(2025, 9, 1))
    assert (row["source"], row["reported_on"]) == ("2025 年农经年报", date(2026, 3, 1))
    assert (row["recorded_by"], row["recorded_at"].to_pydatetime()) == ("coordinator", NOW)
    assert pd.isna(row["people"])


def test_a_correction_supersedes_and_keeps_what_was_known(village_store):
    correct(village_store, {"income_own_yuan": 21_000, "people": 900})
    later = NOW + timedelta(days=9)
    assert correct(village_store, {"income_own_yuan": 41_000}, now=later, seen=NOW, reason="补报厂房租金")
    assert (row_of(village_store)["income_own_yuan"], row_of(village_store)["people"]) == (41_000, 900)
    assert row_of(village_store, known_at=NOW + timedelta(days=1))["income_own_yuan"] == 21_000
    told = indicator_corrections(village_store, DEPARTMENT, A, 2025)
    assert told["income_own_yuan"].tolist() == [21_000, 41_000]
    assert told["reason"].tolist() == ["核对年报", "补报厂房租金"]
    assert told["superseded_at"].tolist() == [pd.Timestamp(later), pd.NaT]


def test_a_figure_can_be_emptied(village_store):
    correct(village_store, {"petitions": 3, "organization_complete": True})
    correct(village_store, {"petitions": None, "organization_complete": False}, seen=NOW)
    row = row_of(village_store)
    assert pd.isna(row["petitions"])
    assert not row["organization_complete"]


def test_it_is_audited_with_what_changed_and_counts_as_a_new_version(village_store):
    with village_store.read() as session:
        before = layer_versions(session, ["indicators"])
    correct(village_store, {"people": 900})
    correct(village_store, {"people": 901}, seen=NOW, now=NOW + timedelta(hours=1))
    with village_store.read() as session:
        rows = session.execute(
            select(Audit.action, Audit.subject, Audit.before, Audit.after, Audit.reason).order_by(Audit.id)
        ).all()
        after = layer_versions(session, ["indicators"])
    assert rows[0][:3] == ("indicators.correct", A, None)
    assert rows[1][2:] == ({"year": 2025, "people": 900}, {"year": 2025, "people": 901}, "核对年报")
    assert after[("indicators", TOWNSHIP)] > before.get(("indicators", TOWNSHIP), 0)
    assert {township for _layer, township in after} == {TOWNSHIP}


def test_what_stands_already_is_not_recorded_again(village_store):
    correct(village_store, {"people": 900})
    assert not correct(village_store, {"people": 900}, seen=NOW, now=NOW + timedelta(hours=1))
    assert records(village_store) == 1


@pytest.mark.parametrize("seen", [None, NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)])
def test_somebody_elses_record_is_not_overwritten_unseen(village_store, seen):
    correct(village_store, {"people": 900})
    with pytest.raises(ConflictError) as conflict:
        correct(village_store, {"people": 800}, actor=DEPARTMENT, seen=seen)
    assert [other.user for other in conflict.value.others] == ["coordinator"]
    assert row_of(village_store)["people"] == 900


def test_a_record_that_was_never_there_cannot_have_been_seen(village_store):
    with pytest.raises(ConflictError):
        correct(village_store, {"people": 900}, seen=NOW)
    assert records(village_store) == 0


@pytest.mark.parametrize("actor", [ELSEWHERE, RESIDENT, Actor("a", Role.AUDITOR), Actor("l", Role.LEADER)])
def test_only_the_townships_coordinator_and_the_department_correct(file_store, actor):
    with pytest.raises(PermissionError_):
        correct(file_store, {"people": 900}, actor=actor)
    assert records(file_store) == 0
    assert correct(file_store, {"people": 900}, actor=DEPARTMENT)


@pytest.mark.parametrize(
    "values",
    [
        {"satisfaction_ratio": 1.2},
        {"satisfaction_ratio": -0.1},
        {"people": -1},
        {"people": 2.5},
        {"income_own_yuan": -1},
        {"income_own_yuan": 50, "income_total_yuan": 40},
        {"party_members": 3, "new_members_3y": 4},
        {"people": 10, "people_away": 11},
        {"people": 10, "people_farming": 11},
        {"people": 10, "households": 11},
        {"assessment_rank": 0},
        {"secretary_vacant_since": date(2026, 1, 1)},
        {"organization_complete": "maybe"},
        {"people": float("inf")},
        {"income_own_yuan": float("nan"), "people": "many"},
        {"no_such_figure": 1},
        {"village_code": B},
        {"year": 2024},
    ],
)
def test_what_cannot_be_true_is_refused(file_store, values):
    with pytest.raises(InputError):
        correct(file_store, values)
    assert records(file_store) == 0


@pytest.mark.parametrize(
    "stated",
    [
        {"source": "  "},
        {"source": "长" * 121},
        {"source": "11010519491231002X"},
        {"reason": " "},
        {"reported_on": date(2026, 5, 2)},
        {"reported_on": date(2024, 12, 31)},
        {"year": 2027},
        {"year": 1},
        {"village": "990101101299"},
    ],
)
def test_what_is_said_about_the_figures_must_make_sense(file_store, stated):
    with pytest.raises(InputError):
        correct(file_store, {"people": 900}, actor=DEPARTMENT, **stated)
    assert records(file_store) == 0


def test_all_that_is_wrong_is_told_at_once(village_store):
    with pytest.raises(InputError) as refusal:
        correct(village_store, {"people": 10, "people_away": 11, "households": 12, "petitions": 1})
    assert "外出人口 11 大于人口 10" in str(refusal.value)
    assert "户数 12 大于人口 10" in str(refusal.value)


def test_a_code_of_the_wrong_length_is_no_village(village_store):
    with pytest.raises(CodeError):
        correct(village_store, {"people": 1}, village=TOWNSHIP)


_SOMETHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.dates(),
    st.sampled_from(["", "12", "1e400", "五", "=1+1", "0x10", "-0"]),
)


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=st.dictionaries(st.sampled_from(FIGURES), _SOMETHING, max_size=6), year=st.integers(1, 3000))
def test_whatever_is_typed_is_either_sound_or_refused(gpkg_store, values, year):
    with gpkg_store.write() as session:
        if session.get(Village, 1) is None:
            session.add(Township(code=TOWNSHIP, name="安和镇"))
            session.flush()
            session.add(Village(code=A, name="石桥村", township_code=TOWNSHIP))
        session.query(VillageIndicator).delete()
    try:
        correct(gpkg_store, values, year=year, reported_on=date(2026, 5, 1))
    except AppError:
        assert records(gpkg_store) == 0
        return
    row = row_of(gpkg_store, year=year)
    assert year <= NOW.year
    for column in LAYERS["indicators"].columns:
        if column.kind in ("integer", "number") and not pd.isna(row[column.name]):
            assert 0 <= row[column.name] < float("inf")
    assert pd.isna(row["satisfaction_ratio"]) or row["satisfaction_ratio"] <= 1


def imported(store, rows, *, file="2025 村情.xlsx", now=NOW):
    load_frame(store, DEPARTMENT, "indicators", layer("indicators", rows), now=now, source=file)


def test_a_file_that_names_no_source_is_the_source_and_its_day_the_day(village_store):
    imported(
        village_store,
        [
            {"village_code": A, "year": 2025, "people": 900},
            {
                "village_code": A,
                "year": 2024,
                "people": 880,
                "source": "年报",
                "reported_on": date(2025, 2, 1),
            },
        ],
    )
    history = indicator_history(village_store, DEPARTMENT, A)
    assert history["source"].tolist() == ["年报", "2025 村情.xlsx"]
    assert history["reported_on"].tolist() == [date(2025, 2, 1), NOW.date()]


def test_the_same_file_again_changes_nothing_and_a_new_figure_has_its_own_source(village_store):
    old = [{"village_code": A, "year": 2025, "people": 900}, {"village_code": B, "year": 2025, "people": 700}]
    imported(village_store, old)
    imported(village_store, old, file="again.csv", now=NOW + timedelta(days=3))
    assert records(village_store) == 2
    imported(village_store, [old[0], old[1] | {"people": 710}], file="new.csv", now=NOW + timedelta(days=4))
    assert records(village_store) == 3
    assert row_of(village_store)["source"] == "2025 村情.xlsx"
    other = indicator_history(village_store, DEPARTMENT, B).iloc[0]
    assert (other["people"], other["source"], other["reported_on"]) == (710, "new.csv", date(2026, 5, 5))


def test_a_long_file_name_is_cut_to_what_is_kept(village_store):
    imported(village_store, [{"village_code": A, "year": 2025, "people": 1}], file="长" * 200 + ".csv")
    assert row_of(village_store)["source"] == "长" * 120


def lines_of(store, village=A, *, actor=DEPARTMENT, as_of=date(2026, 5, 1), **more):
    return {line.name: line for line in indicator_lines(store, actor, village, as_of=as_of, **more)}


def test_a_line_has_the_villages_value_and_the_townships_median(village_store):
    load_frame(
        village_store,
        DEPARTMENT,
        "indicators",
        indicators((A, 2024, 10), (A, 2025, 40), (B, 2025, 20), (C, 2025, None), (FAR, 2025, 9_000)),
        now=NOW,
        source="年报.csv",
    )
    line = lines_of(village_store)["income_own_yuan"]
    assert line.label == "不含补助的集体收入（元）"
    assert [(figure.year, figure.value, figure.median) for figure in line.years] == [
        (2024, 10, 10),
        (2025, 40, 30),
    ]
    assert (line.source, line.reported_on) == ("年报.csv", NOW.date())
    mine = lines_of(village_store, C)["income_own_yuan"]
    assert [(figure.year, figure.value, figure.median) for figure in mine.years] == [
        (2024, None, 10),
        (2025, None, 30),
    ]
    nothing = lines_of(village_store)["petitions"]
    assert {(figure.value, figure.median) for figure in nothing.years} == {(None, None)}


def test_lines_end_with_the_year_of_the_day_and_know_what_was_known(village_store):
    correct(village_store, {"people": 900}, year=2025)
    correct(village_store, {"people": 910}, year=2026, now=NOW + timedelta(days=1))
    assert [f.year for f in lines_of(village_store, as_of=date(2025, 12, 31))["people"].years] == [2025]
    assert [f.value for f in lines_of(village_store)["people"].years] == [900, 910]
    assert [f.value for f in lines_of(village_store, known_at=NOW)["people"].years] == [900]


def test_a_village_without_figures_has_empty_lines(village_store):
    lines = lines_of(village_store, FAR)
    assert "year" not in lines
    assert all(line.years == () and line.source == "" and line.reported_on is None for line in lines.values())


def test_who_may_not_see_the_village_is_told_nothing(village_store):
    for ask in (
        lambda: indicator_history(village_store, ELSEWHERE, A),
        lambda: indicator_corrections(village_store, ELSEWHERE, A, 2025),
        lambda: indicator_lines(village_store, ELSEWHERE, A, as_of=NOW.date()),
    ):
        with pytest.raises(PermissionError_):
            ask()
