"""Setting thresholds for a county, taking them back, and looking at them: over both stores."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from geo.access import SYSTEM, Actor
from geo.answers.thresholds import threshold_history, threshold_on, threshold_table
from geo.errors import InputError, PermissionError_, RuleError
from geo.operations.rules_now import rules_on
from geo.operations.thresholds import set_threshold, withdraw_threshold
from geo.store.audit import verify
from geo.store.models import Audit
from geo.store.versions import data_version, layer_versions
from geo.vocabulary import Role

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
LIMIT = "officer_cells_max"
APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
LEADER = Actor("leader", Role.LEADER)


def _set(store, value=5, *, name=LIMIT, actor=SYSTEM, day=JUNE, reason="县委会议定", now=NOW):
    set_threshold(store, actor, name, value, valid_from=day, reason=reason, now=now)


def _withdraw(store, *, name=LIMIT, actor=SYSTEM, day=JUNE, reason="文件已撤", now=LATER):
    withdraw_threshold(store, actor, name, valid_from=day, reason=reason, now=now)


def _value(store, day, *, known_at=None):
    with store.read() as session:
        return rules_on(session, day, known_at=known_at)[LIMIT].value


def _row(store, day, name=LIMIT):
    table = threshold_table(store, LEADER, as_of=day)
    return table[table["name"] == name].iloc[0]


def test_a_value_takes_effect_on_its_day_and_past_days_keep_theirs(store):
    _set(store)
    assert [_value(store, day) for day in (MAY, date(2026, 5, 31), JUNE, date(2027, 1, 1))] == [3, 3, 5, 5]
    assert threshold_on(store, LIMIT, as_of=JUNE).source == "local"


def test_a_second_value_for_the_day_supersedes_and_what_was_known_stays_known(store):
    _set(store)
    _set(store, 6, now=LATER)
    assert _value(store, JUNE) == 6
    assert _value(store, JUNE, known_at=NOW) == 5
    assert _value(store, JUNE, known_at=NOW - timedelta(seconds=1)) == 3


def test_taking_a_value_back_lets_the_one_before_hold_again(store):
    _set(store, 4, day=MAY)
    _set(store)
    _withdraw(store)
    assert [_value(store, day) for day in (APRIL, MAY, JUNE)] == [3, 4, 4]
    assert _value(store, JUNE, known_at=NOW) == 5
    with pytest.raises(RuleError, match="2026-06-01"):
        _withdraw(store)
    _set(store, 5, now=LATER + timedelta(hours=1))
    assert _value(store, JUNE) == 5


def test_it_is_audited_and_caches_become_old(store):
    with store.read() as session:
        before = data_version(session)
    _set(store)
    _withdraw(store)
    with store.read() as session:
        rows = session.scalars(select(Audit).where(Audit.subject == LIMIT).order_by(Audit.id)).all()
        said = [(row.action, row.before["value"], row.after["value"], row.reason) for row in rows]
        assert said == [
            ("threshold.set", 3, 5, "县委会议定"),
            ("threshold.withdraw", 5, 3, "文件已撤"),
        ]
        assert verify(session).is_whole
        assert layer_versions(session, ["rules"]) == {("rules", ""): 2}
        assert data_version(session) == before + 2


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
def test_only_the_department_sets_and_takes_back(store, role):
    _set(store)
    with pytest.raises(PermissionError_):
        _set(store, 9, actor=Actor("somebody", role))
    with pytest.raises(PermissionError_):
        _withdraw(store, actor=Actor("somebody", role))
    with pytest.raises(PermissionError_):
        _set(store, 9, actor=Actor("department", Role.DEPARTMENT, viewer="second"))
    assert _value(store, JUNE) == 5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": " "}, "理由"),
        ({"name": "no_such_rule"}, "no_such_rule"),
        ({"value": -1}, "不小于 0"),
        ({"value": float("nan")}, "不小于 0"),
        ({"value": 2.5}, "整数"),
        ({"name": "pairing_hardship_only", "value": 2}, "不得大于 1"),
        ({"name": "cell_balance_ratio", "value": 20}, "不得大于 1"),
        ({"day": date(1999, 12, 31)}, "2000-01-01"),
    ],
)
def test_what_makes_no_sense_is_refused(gpkg_store, changed, said):
    with pytest.raises(InputError, match=said):
        _set(gpkg_store, **changed)
    assert _value(gpkg_store, JUNE) == 3


def test_the_same_value_twice_changes_nothing(gpkg_store):
    _set(gpkg_store)
    with pytest.raises(RuleError, match="没有改动"):
        _set(gpkg_store, now=LATER)
    with gpkg_store.read() as session:
        assert layer_versions(session, ["rules"]) == {("rules", ""): 1}


def test_taking_back_needs_a_reason_and_a_rule(gpkg_store):
    _set(gpkg_store)
    with pytest.raises(InputError, match="理由"):
        _withdraw(gpkg_store, reason="")
    with pytest.raises(InputError, match="no_such_rule"):
        _withdraw(gpkg_store, name="no_such_rule")
    assert _value(gpkg_store, JUNE) == 5


def test_the_table_says_what_holds_who_set_it_and_what_comes(store):
    _set(store)
    row = _row(store, MAY)
    assert (row["value"], row["default"], row["changed_by"], row["valid_from"]) == (
        3,
        3,
        None,
        date(2000, 1, 1),
    )
    assert (row["next_value"], row["next_from"]) == (5, JUNE)
    assert (row["group"], row["source"], row["unit"]) == ("责任负担", "local", "cells")
    row = _row(store, JUNE)
    assert (row["value"], row["default"], row["changed_by"], row["valid_from"]) == (5, 3, "system", JUNE)
    assert (row["changed_at"], row["reason"], row["next_value"]) == (NOW, "县委会议定", None)
    assert _row(store, JUNE, "staff_households_max")["changed_by"] is None


def test_the_history_of_one_threshold(store):
    _set(store, 4, day=MAY)
    _set(store)
    _set(store, 6, now=LATER, reason="改为六个")
    _withdraw(store, day=MAY, now=LATER + timedelta(hours=1))
    history = threshold_history(store, LEADER, LIMIT)
    assert history[["valid_from", "value", "changed_by"]].to_numpy().tolist() == [
        [JUNE, 6, "system"],
        [JUNE, 5, "system"],
        [MAY, 4, "system"],
        [date(2000, 1, 1), 3, None],
    ]
    assert history["ended_reason"].tolist() == [None, "改为六个", "文件已撤", None]
    assert history["ended_by"].tolist() == [None, "system", "system", None]
    assert history["changed_at"].iloc[1].to_pydatetime() == NOW
    with pytest.raises(InputError, match="no_such_rule"):
        threshold_history(store, LEADER, "no_such_rule")


def test_a_rule_nobody_touched_has_its_default_only(gpkg_store):
    history = threshold_history(gpkg_store, LEADER, LIMIT)
    assert history["value"].tolist() == [3]
    assert history["changed_at"].tolist() == [None]
