"""Texts of villages: every wording stays on record, and nobody overwrites what they have not seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from geo.answers.village_texts import text_lines
from geo.errors import ConflictError, InputError, PermissionError_
from geo.operations.village_texts import write_text
from geo.store.models import Audit
from geo.store.versions import layer_versions
from geo.store.village_models import VillageText
from geo.vocabulary import TextKind
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import COORDINATOR, ELSEWHERE, LEADER, RESIDENT_OF_A, fill

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def tiny(store):
    return fill(store)


def write(
    store, body="吃水难", *, kind=TextKind.MAIN_PROBLEM, actor=RESIDENT_OF_A, village=A, now=NOW, **more
):
    write_text(store, actor, village, kind, body, now=now, **more)


def bodies(store, **when):
    return [line.body for line in text_lines(store, LEADER, A, **when)]


def test_a_text_is_written_audited_and_counted(tiny):
    write(tiny)
    (line,) = text_lines(tiny, RESIDENT_OF_A, A)
    assert (line.kind, line.year, line.body) == ("main_problem", 0, "吃水难")
    assert (line.recorded_at, line.recorded_by) == (NOW, "resident")
    with tiny.read() as session:
        told = session.scalars(select(Audit)).one()
        assert layer_versions(session, ["texts"]) == {("texts", TOWNSHIP): 1}
    assert (told.action, told.subject) == ("village.text", A)
    assert told.after == {"kind": "main_problem", "year": 0, "characters": 3}


def test_a_new_wording_takes_the_place_of_the_one_that_was_seen(tiny):
    write(tiny)
    write(tiny, "路窄", now=LATER, seen=NOW)
    assert bodies(tiny) == ["路窄"]
    assert bodies(tiny, known_at=NOW) == ["吃水难"]
    with tiny.read() as session:
        assert len(session.scalars(select(VillageText)).all()) == 2


@pytest.mark.parametrize("seen", [None, NOW - timedelta(days=1)], ids=["nothing", "an older one"])
def test_what_was_not_seen_is_not_overwritten(tiny, seen):
    write(tiny)
    with pytest.raises(ConflictError) as refusal:
        write(tiny, "路窄", actor=COORDINATOR, now=LATER, seen=seen)
    (other,) = refusal.value.others
    assert (other.user, other.at) == ("resident", NOW)
    assert bodies(tiny) == ["吃水难"]


def test_what_was_taken_away_meanwhile_is_a_conflict_too(tiny):
    write(tiny)
    write(tiny, "", now=LATER, seen=NOW)
    assert bodies(tiny) == []
    with pytest.raises(ConflictError):
        write(tiny, "路窄", now=LATER, seen=NOW)
    write(tiny, "路窄", now=LATER)
    assert bodies(tiny) == ["路窄"]


def test_the_same_wording_is_no_change(tiny):
    write(tiny)
    write(tiny, " 吃水难\r\n", now=LATER, seen=NOW)
    with tiny.read() as session:
        assert len(session.scalars(select(VillageText)).all()) == 1


def test_texts_come_by_kind_and_the_latest_year_first(tiny):
    write(tiny, "二〇二五", kind=TextKind.YEARLY_PLAN, year=2025)
    write(tiny, "二〇二六", kind=TextKind.YEARLY_PLAN, year=2026)
    write(tiny, "三年", kind=TextKind.THREE_YEAR_PLAN, year=2026)
    write(tiny, "山林多", kind=TextKind.STRENGTHS)
    assert bodies(tiny) == ["山林多", "三年", "二〇二六", "二〇二五"]


@pytest.mark.parametrize(
    ("kind", "year"),
    [(TextKind.YEARLY_PLAN, 0), (TextKind.YEARLY_PLAN, 26), (TextKind.MAIN_PROBLEM, 2026)],
)
def test_a_year_must_fit_the_kind(tiny, kind, year):
    with pytest.raises(InputError):
        write(tiny, kind=kind, year=year)


def test_lines_stay_and_signs_that_deceive_go(tiny):
    write(tiny, "一、修路\r\n\r\n二、\u202e引水\x00\ufeff\t完\n")
    assert bodies(tiny) == ["一、修路\n\n二、引水 完"]


def test_a_text_has_a_longest_length(tiny):
    write(tiny, "长" * 5000)
    with pytest.raises(InputError, match="5001"):
        write(tiny, "长" * 5001, now=LATER, seen=NOW)


@pytest.mark.parametrize("actor", [LEADER, ELSEWHERE], ids=["leader", "other township"])
def test_only_who_works_there_writes(tiny, actor):
    with pytest.raises(PermissionError_):
        write(tiny, actor=actor)
    with pytest.raises(PermissionError_):
        write(tiny, village=B)
    with pytest.raises(PermissionError_):
        text_lines(tiny, ELSEWHERE, A)


def test_an_unknown_village_has_no_text(tiny):
    with pytest.raises(InputError):
        write(tiny, actor=COORDINATOR, village=f"{TOWNSHIP}999")


def test_a_text_with_an_identity_number_is_refused(tiny):
    with pytest.raises(InputError, match="身份证"):
        write(tiny, "困难户 11010519491231002X")
    assert bodies(tiny) == []
