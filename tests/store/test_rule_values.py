"""A county's own thresholds in the store: which stand, which stood, one a day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from geo.errors import StoreError
from geo.store.engine import Store
from geo.store.models import RuleValue
from geo.store.rule_values import rule_history, rule_values, standing_value

EARLY, LATE = datetime(2026, 5, 1, 8, tzinfo=UTC), datetime(2026, 5, 2, 8, tzinfo=UTC)
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def _value(value: float, day: date, *, at: datetime = EARLY, until: datetime | None = None) -> RuleValue:
    stated = {"recorded_at": at, "recorded_by": "department", "superseded_at": until, "reason": "试行"}
    return RuleValue(name="officer_cells_max", value=value, valid_from=day, **stated)


@pytest.fixture
def valued(store: Store) -> Store:
    """For May 4 was set first, then 5; for June 6."""
    with store.write() as session:
        session.add_all([_value(4, MAY, until=LATE), _value(5, MAY, at=LATE), _value(6, JUNE, at=LATE)])
    return store


def test_the_values_that_stand(valued: Store) -> None:
    with valued.read() as session:
        assert [(row.value, row.valid_from) for row in rule_values(session)] == [(5, MAY), (6, JUNE)]
        standing = standing_value(session, "officer_cells_max", MAY)
        assert standing is not None
        assert standing.value == 5
        assert standing_value(session, "officer_cells_max", date(2026, 5, 2)) is None
        assert standing_value(session, "other", MAY) is None


def test_what_stood_at_a_moment(valued: Store) -> None:
    with valued.read() as session:
        assert [row.value for row in rule_values(session, known_at=EARLY)] == [4]
        assert [row.value for row in rule_values(session, known_at=LATE)] == [5, 6]
        assert rule_values(session, known_at=datetime(2026, 4, 1, tzinfo=UTC)) == []


def test_the_history_has_all_of_them(valued: Store) -> None:
    with valued.read() as session:
        found = rule_history(session, "officer_cells_max")
        assert rule_history(session, "other").empty
    assert found["value"].tolist() == [6, 5, 4]
    assert found["superseded_at"].notna().tolist() == [False, False, True]


def test_only_one_value_stands_for_a_day(valued: Store) -> None:
    with pytest.raises(StoreError), valued.write() as session:
        session.add(_value(9, MAY, at=LATE))
