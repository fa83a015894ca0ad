"""The page of rules by Streamlit's own harness."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from geo.access import SYSTEM, Actor
from geo.answers.thresholds import threshold_history, threshold_on, threshold_table
from geo.operations.thresholds import set_threshold
from geo.store.engine import Store
from geo.vocabulary import Role
from pages.ui import cached
from pages.ui.rules.state import STATE_KEY
from pages.ui.rules.table import GROUP_KEY, listed, rules_as_shown
from tests.pages.conftest import RunPage, html_of

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LIMIT, RATIO = "officer_cells_max", "cell_balance_ratio"
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


@pytest.fixture
def store(gpkg_store: Store) -> Store:
    return gpkg_store


def opened(run_page: RunPage, store: Store, name: str = LIMIT, **who: Actor) -> AppTest:
    page = run_page("rules_page", store, **who)
    page.session_state[STATE_KEY].open(name)
    return page.run()


def field(page: AppTest, label: str):
    return next(each for each in page.text_input if each.label == label)


def press(page: AppTest, label: str) -> AppTest:
    return next(each for each in page.button if each.label == label).click().run()


def labels(page: AppTest) -> set[str]:
    return {each.label for each in page.button}


def test_every_threshold_is_listed_and_may_be_narrowed_down(run_page: RunPage, store: Store) -> None:
    page = run_page("rules_page", store)
    assert not page.exception
    shown = page.dataframe[0].value
    assert len(shown) == len(threshold_table(store, SYSTEM, as_of=MAY))
    groups = list(dict.fromkeys(shown["用于"]))
    assert groups[:3] == ["覆盖缺口", "责任负担", "村的分类"]
    assert len(groups) == len(set(groups)) > 6
    page.selectbox(key=GROUP_KEY).set_value("责任负担").run()
    assert set(page.dataframe[0].value["用于"]) == {"责任负担"}


def test_nothing_set_is_said(run_page: RunPage, store: Store) -> None:
    page = run_page("rules_page", store)
    page.toggle[0].set_value(True).run()
    assert 'class="empty"' in html_of(page)
    assert not page.dataframe


def test_the_department_sets_a_value_from_tomorrow(run_page: RunPage, store: Store) -> None:
    page = opened(run_page, store)
    page.number_input[0].set_value(5)
    press(page, "设定")
    assert "理由" in page.error[0].value
    assert page.number_input[0].value == 5
    field(page, "理由 *").set_value("<b>会议定</b>")
    press(page, "设定")
    assert not page.error
    today = cached.first_as_of(store)
    tomorrow = today + timedelta(days=1)
    assert threshold_on(store, LIMIT, as_of=today).value == 3
    assert threshold_on(store, LIMIT, as_of=tomorrow).value == 5
    assert f"{tomorrow.isoformat()} 起 5 个网格" in html_of(page)
    assert "&lt;b&gt;会议定" in html_of(page)
    assert "<b>会议定" not in html_of(page)


def test_and_takes_it_back(run_page: RunPage, store: Store) -> None:
    set_threshold(store, SYSTEM, LIMIT, 5, valid_from=MARCH, reason="试行", now=NOW)
    page = opened(run_page, store)
    field(page, "撤回的理由 *").set_value("文件已撤")
    press(page, "撤回")
    assert not page.error
    assert threshold_on(store, LIMIT, as_of=MAY).value == 3
    assert threshold_history(store, SYSTEM, LIMIT)["ended_reason"].tolist() == ["文件已撤", None]
    assert "已失效：文件已撤" in html_of(page)
    assert "撤回" not in labels(page)


def test_a_ratio_is_asked_for_in_percent(run_page: RunPage, store: Store) -> None:
    page = opened(run_page, store, RATIO)
    assert page.number_input[0].value == pytest.approx(20)
    page.number_input[0].set_value(35.0)
    field(page, "理由 *").set_value("县委会议定")
    press(page, "设定")
    assert threshold_table(store, SYSTEM, as_of=MAY).set_index("name").loc[RATIO, "next_value"] == 0.35


@pytest.mark.parametrize(
    "actor",
    [
        *(Actor("somebody", role) for role in Role if role is not Role.DEPARTMENT),
        Actor("department", Role.DEPARTMENT, viewer="second"),
    ],
    ids=lambda actor: str(actor.role),
)
def test_others_see_the_values_and_no_form(run_page: RunPage, store: Store, actor: Actor) -> None:
    page = opened(run_page, store, actor=actor)
    assert not page.exception
    assert "责任过载" in html_of(page)
    assert labels(page) == set()


def test_what_comes_is_in_the_list(store: Store) -> None:
    set_threshold(store, SYSTEM, LIMIT, 5, valid_from=MAY, reason="试行", now=NOW)
    table = listed(threshold_table(store, SYSTEM, as_of=MARCH), "", only_set=True)
    shown = rules_as_shown(table)
    assert shown["现值"].tolist() == ["3 个网格"]
    assert shown["以后"].tolist() == ["2026-05-01 起 5 个网格"]
    assert shown["设定"].tolist() == ["默认"]
