"""The accounts page by Streamlit's own harness."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from geo.access import SYSTEM, Actor
from geo.operations.accounts import actor_named, authenticate, create_account
from geo.store.engine import Store
from geo.vocabulary import Role
from pages.ui.accounts.state import STATE_KEY
from tests.pages.conftest import RunPage, html_of

NOW = datetime(2026, 4, 1, tzinfo=UTC)
PASSWORD = "a long enough password"


@pytest.fixture
def store(county_store_copy: Store) -> Store:
    return county_store_copy


def open_account(page: AppTest, user: str | None, *, is_new: bool = False) -> AppTest:
    page.session_state[STATE_KEY].open(user, is_new=is_new)
    return page.run()


def field(page: AppTest, label: str):
    return next(each for each in page.text_input if each.label == label)


def press(page: AppTest, label: str) -> AppTest:
    return next(each for each in page.button if each.label == label).click().run()


def test_an_account_is_made_with_a_password_shown_once(run_page: RunPage, store: Store) -> None:
    page = open_account(run_page("accounts_page", store), None, is_new=True)
    field(page, "用户名 *").set_value("zhao.min")
    page.multiselect[0].set_value(["990101101"])
    press(page, "新建")
    assert not page.error
    password = page.code[0].value
    actor = authenticate(store, "zhao.min", password)
    assert (actor.role, actor.scopes, actor.must_change) == (
        Role.COORDINATOR,
        frozenset({"990101101"}),
        True,
    )
    open_account(page, "zhao.min")
    assert not page.code


def test_a_refusal_keeps_what_was_typed(run_page: RunPage, store: Store) -> None:
    page = open_account(run_page("accounts_page", store), None, is_new=True)
    field(page, "用户名 *").set_value("赵敏")
    press(page, "新建")
    assert "用户名" in page.error[0].value
    assert field(page, "用户名 *").value == "赵敏"


def test_scope_and_state_change_for_a_reason(run_page: RunPage, store: Store) -> None:
    page = open_account(run_page("accounts_page", store), "coordinator")
    page.multiselect[0].set_value(["990101100"])
    press(page, "保存身份和范围")
    assert "理由" in page.error[0].value
    field(page, "事由 *").set_value("调岗")
    press(page, "保存身份和范围")
    assert actor_named(store, "coordinator").scopes == {"990101100"}
    assert "石桥镇" not in page.dataframe[0].value["权限范围"].tolist()[1]
    field(page, "停用、启用或重置的事由 *").set_value("调离")
    press(page, "停用")
    assert page.dataframe[0].value["状态"].tolist()[1] == "已停用"
    field(page, "停用、启用或重置的事由 *").set_value("返岗")
    press(page, "启用")
    assert actor_named(store, "coordinator").user == "coordinator"


def test_a_password_is_reset(run_page: RunPage, store: Store) -> None:
    page = open_account(run_page("accounts_page", store), "leader")
    field(page, "停用、启用或重置的事由 *").set_value("遗忘")
    press(page, "重置密码")
    assert authenticate(store, "leader", page.code[0].value).must_change


def test_the_last_of_the_department_is_kept(run_page: RunPage, store: Store) -> None:
    page = open_account(run_page("accounts_page", store), "department")
    field(page, "停用、启用或重置的事由 *").set_value("调离")
    press(page, "停用")
    assert "最后" in page.error[0].value
    assert "/view-as" not in html_of(page)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
def test_nobody_else_sees_any_account(run_page: RunPage, store: Store, role: Role) -> None:
    page = run_page("accounts_page", store, Actor("somebody", role))
    assert not page.exception
    assert not page.dataframe
    assert 'class="empty"' in html_of(page)


def test_who_looks_as_another_of_the_department_is_offered_nothing(run_page: RunPage, store: Store) -> None:
    create_account(
        store, SYSTEM, user="second", role=Role.DEPARTMENT, scopes=[""], password=PASSWORD, now=NOW
    )
    looking = Actor("second", Role.DEPARTMENT, viewer="department")
    page = open_account(run_page("accounts_page", store, looking), "leader")
    assert not page.exception
    assert not page.button
    assert "/view-as" not in html_of(page)
