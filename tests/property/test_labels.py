"""Labels over time: what was known of a day stays, and each year is judged by its own rules."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.access import SYSTEM
from geo.analysis.classify import village_labels
from geo.answers.priority import label_years, priority_table
from geo.answers.villages import villages as labelled
from geo.errors import InputError, RuleError
from geo.operations.designate import designate_village, end_designation
from geo.operations.indicators import correct_indicators
from geo.operations.thresholds import set_threshold, withdraw_threshold
from geo.rules import DatedValue, load_rules, year_rules
from geo.store.engine import Store, create_store, open_store
from geo.store.indicators import standing_figures
from geo.vocabulary import VillageLabel
from tests.analysis_frames import A, B, designations, indicators, villages
from tests.answers_store import fill

STARTED = datetime(2026, 5, 1, 8, tzinfo=UTC)
DAYS = (date(2025, 12, 31), date(2026, 5, 1))
RULES = ("poor_income_own_yuan", "weak_new_members_min", "election_disputes_open_most")
INCOMES = (-1.0, 0.0, 15_000.0, 29_999.0, 30_000.0, 45_000.0, 100_000_000.0)

days = st.dates(date(2023, 1, 1), date(2026, 12, 31))
codes = st.sampled_from((A, B))
figures = st.fixed_dictionaries(
    {},
    optional={
        "income_own_yuan": st.sampled_from(INCOMES[1:]) | st.none(),
        "new_members_3y": st.integers(0, 3) | st.none(),
        "disputes_open": st.integers(0, 3) | st.none(),
        "assessment_rank": st.integers(1, 4) | st.none(),
        "secretary_vacant_since": days | st.none(),
        "organization_complete": st.booleans() | st.none(),
    },
)
decided = st.sampled_from((VillageLabel.WEAK, VillageLabel.ELECTION_PRIORITY))

News = Callable[[Store, datetime], None]


def _figure(village: str, year: int, values: dict[str, Any]) -> News:
    def happen(store: Store, now: datetime) -> None:
        with store.read() as session:
            standing = standing_figures(session, village, year)
            seen = standing.recorded_at if standing else None
        about = {"source": "年报", "reported_on": now.date(), "reason": "核实", "now": now, "seen": seen}
        correct_indicators(store, SYSTEM, village, year, values, **about)

    return happen


def _designated(village: str, label: VillageLabel, start: date, length: int | None) -> News:
    end = None if length is None else start + timedelta(days=length)
    return lambda store, now: designate_village(
        store, SYSTEM, village_code=village, label=label, valid_from=start, valid_to=end, reason="定", now=now
    )


def _ended(village: str, label: VillageLabel, day: date) -> News:
    return lambda store, now: end_designation(
        store, SYSTEM, village_code=village, label=label, valid_to=day, reason="销号", now=now
    )


def _ruled(name: str, value: int, day: date) -> News:
    return lambda store, now: set_threshold(
        store, SYSTEM, name, value, valid_from=day, reason="试行", now=now
    )


def _unruled(name: str, day: date) -> News:
    return lambda store, now: withdraw_threshold(store, SYSTEM, name, valid_from=day, reason="有误", now=now)


first_days = st.sampled_from((date(2023, 12, 31), date(2024, 12, 31), date(2025, 6, 1), date(2025, 12, 31)))
news = st.one_of(
    st.builds(_figure, codes, st.integers(2022, 2026), figures),
    st.builds(_designated, codes, decided, days, st.integers(1, 500) | st.none()),
    st.builds(_ended, codes, decided, days),
    st.builds(_ruled, st.sampled_from(RULES), st.sampled_from((0, 1, 2, 20_000, 40_000)), first_days),
    st.builds(_unruled, st.sampled_from(RULES), first_days),
)


@dataclass
class Clock:
    """Every piece of news comes a minute after the one before."""

    now: datetime = STARTED

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def happen(store: Store, clock: Clock, all_news: list[News]) -> int:
    """Let the news happen, those that a rule refuses left out; how many did."""
    done = 0
    for each in all_news:
        try:
            each(store, clock.tick())
        except (InputError, RuleError):
            continue
        done += 1
    return done


def told(store: Store, known_at: datetime | None) -> list[Any]:
    """What is said of labels, of two days."""
    table = priority_table(store, SYSTEM, as_of=DAYS[-1], known_at=known_at)
    years = label_years(store, SYSTEM, years=(2023, 2024, 2025), known_at=known_at)
    said = [table.drop(columns="geometry").to_csv(), years.to_csv()]
    return [*said, *(labelled(store, SYSTEM, as_of=day, known_at=known_at)["villages"] for day in DAYS)]


@pytest.fixture(scope="module", params=["gpkg", pytest.param("postgis", marks=pytest.mark.postgis)])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Opens a copy of the tiny county as often as wanted."""
    if request.param == "gpkg":
        folder = tmp_path_factory.mktemp("labels")
        fill(create_store(str(folder / "made.gpkg"))).close()

        @contextmanager
        def copied() -> Iterator[Store]:
            path = shutil.copy(folder / "made.gpkg", folder / "copy.gpkg")
            store = open_store(str(path))
            try:
                yield store
            finally:
                store.close()

        return copied
    cluster = request.getfixturevalue("postgres")
    cluster.sql("CREATE DATABASE labels_made")
    fill(create_store(cluster.url("labels_made"))).close()

    @contextmanager
    def cloned() -> Iterator[Store]:
        name = f"labels_{uuid.uuid4().hex[:12]}"
        cluster.sql(f"CREATE DATABASE {name} TEMPLATE labels_made")
        store = open_store(cluster.url(name))
        try:
            yield store
        finally:
            store.close()
        cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")

    return cloned


# Each example takes seconds: what fails is shown as it was drawn.
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(before=st.lists(news, max_size=5), after=st.lists(news, min_size=1, max_size=6))
def test_what_was_known_of_a_day_never_changes(county: Any, before: list[News], after: list[News]) -> None:
    with county() as store:
        clock = Clock()
        happen(store, clock, before)
        known_at = clock.now
        said = told(store, known_at)
        assert said == told(store, None)
        happen(store, clock, after)
        assert told(store, known_at) == said


def test_the_news_would_change_what_is_told_of_today(county: Any) -> None:
    """Else the property above would test nothing."""
    day = date(2025, 12, 31)
    kinds: dict[str, list[News]] = {
        "figure": [_figure(B, 2025, {"income_own_yuan": 45_000})],
        "added": [_figure(A, 2024, {"income_own_yuan": 15_000})],
        "designated": [_designated(B, VillageLabel.WEAK, date(2025, 1, 1), None)],
        "ended": [_ended(A, VillageLabel.WEAK, date(2026, 4, 1))],
        "ruled": [_ruled("poor_income_own_yuan", 20_000, day)],
        "unruled": [_ruled("poor_income_own_yuan", 20_000, day), _unruled("poor_income_own_yuan", day)],
    }
    for kind, all_news in kinds.items():
        with county() as store:
            clock = Clock()
            happen(store, clock, all_news[:-1])
            known_at = clock.now
            said = labelled(store, SYSTEM, as_of=DAYS[-1])["villages"]
            assert happen(store, clock, all_news[-1:]) == 1, kind
            assert labelled(store, SYSTEM, as_of=DAYS[-1])["villages"] != said, kind
            known = labelled(store, SYSTEM, as_of=DAYS[-1], known_at=known_at)
            assert known["villages"] == said, kind


@given(
    figures=st.lists(
        st.tuples(codes, st.integers(1998, 2026), st.sampled_from(INCOMES) | st.none()),
        unique_by=lambda row: row[:2],
    ),
    values=st.dictionaries(days, st.integers(0, 60_000), max_size=4),
    as_of=st.dates(date(1999, 1, 1), date(2027, 12, 31)),
)
@settings(max_examples=60, deadline=None)
def test_each_village_is_judged_by_its_latest_completed_year_and_that_years_rule(
    figures: list[tuple[str, int, float | None]], values: dict[date, int], as_of: date
) -> None:
    set_values = [DatedValue("poor_income_own_yuan", value, day) for day, value in values.items()]
    found = village_labels(
        villages(),
        indicators(*figures),
        designations(),
        lambda year: year_rules(year, set_values),
        as_of=as_of,
    )
    poor = found[found["label"] == "poor"]
    expected = set()
    for village in (A, B):
        over = {year: income for code, year, income in figures if code == village and year < as_of.year}
        if not over or max(over) < 2000:
            continue
        year = max(over)
        begun = [day for day in values if day <= date(year, 12, 31)]
        limit = values[max(begun)] if begun else 30_000
        income = over[year]
        if income is not None and income < limit:
            expected.add((village, year, income, float(limit), date(year + 1, 1, 1)))
    columns = ["village_code", "year", "value", "threshold", "since"]
    assert set(poor[columns].itertuples(index=False, name=None)) == expected


def test_the_rules_of_a_year_are_those_of_its_last_day() -> None:
    assert year_rules(1999) is None
    for year in (2000, 2025):
        assert year_rules(year) == load_rules(date(year, 12, 31))
