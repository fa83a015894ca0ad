"""The register page by Streamlit's own harness: forms, errors that lose nothing, conflicts, masked fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from geo.access import Actor
from geo.answers.register import MASK, register_table
from geo.operations.registry import correct_entry
from geo.store.engine import Store
from geo.store.register import entry_row
from geo.vocabulary import Role
from pages.ui.register.state import REGISTER_KEY, STATE_KEY
from tests.county import AS_OF
from tests.pages.conftest import DEPARTMENT, RunPage, html_of

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)


def open_entry(page: AppTest, layer: str, code: str | None, *, is_new: bool = False) -> AppTest:
    page.session_state[REGISTER_KEY] = layer
    page.run()
    page.session_state[STATE_KEY].open(code, is_new=is_new)
    return page.run()


def field(page: AppTest, label: str):
    return next(each for each in page.text_input if each.label == label)


def press(page: AppTest, label: str) -> AppTest:
    return next(each for each in page.button if each.label == label).click().run()


def officer(store: Store) -> str:
    table = register_table(store, DEPARTMENT, "cadres", as_of=AS_OF)
    return str(table[table["duty"] == "网格员"]["code"].iloc[0])


def duty(store: Store, code: str) -> str:
    with store.read() as session:
        row = entry_row(session, "cadres", code)
    assert row is not None
    return str(row.values["duty"])


@pytest.mark.parametrize("layer", ["cadres", "units", "households", "areas", "groups", "branches"])
def test_an_empty_register_says_what_to_do(run_page: RunPage, gpkg_store: Store, layer: str) -> None:
    page = run_page("register_page", gpkg_store)
    page.session_state[REGISTER_KEY] = layer
    page.run()
    assert not page.exception
    assert not page.error
    assert 'class="empty"' in html_of(page)


@pytest.mark.parametrize("layer", ["cadres", "units", "households", "areas", "groups", "branches"])
def test_every_register_opens_an_entry_and_a_new_one(
    run_page: RunPage, county_store: Store, layer: str
) -> None:
    page = run_page("register_page", county_store)
    code = register_table(county_store, DEPARTMENT, layer, as_of=AS_OF)["code"].iloc[0]
    open_entry(page, layer, code)
    assert not page.exception
    assert not page.error
    assert code in html_of(page)
    open_entry(page, layer, None, is_new=True)
    assert not page.exception
    assert not page.error
    assert "新增" in html_of(page)


def test_personal_fields_are_masked_in_table_and_form(run_page: RunPage, county_store: Store) -> None:
    page = run_page("register_page", county_store)
    open_entry(page, "households", "9901011000010001")
    shown = page.dataframe[0].value
    assert set(shown["户主"]) == {MASK}
    assert field(page, "户主").value == ""
    assert MASK in field(page, "户主").placeholder


def test_personal_fields_are_shown_for_a_reason(run_page: RunPage, county_store_copy: Store) -> None:
    page = run_page("register_page", county_store_copy)
    open_entry(page, "households", "9901011000010001")
    press(page, "查看")
    assert "请填写事由" in page.error[0].value
    field(page, "查看个人信息的事由").set_value("入户走访")
    press(page, "查看")
    with county_store_copy.read() as session:
        row = entry_row(session, "households", "9901011000010001")
    assert row is not None
    assert field(page, "户主").value == row.values["head_name"]


def test_a_correction_is_saved(run_page: RunPage, county_store_copy: Store) -> None:
    code = officer(county_store_copy)
    page = open_entry(run_page("register_page", county_store_copy), "cadres", code)
    field(page, "职务").set_value("网格站长")
    field(page, "事由 *").set_value("任命")
    press(page, "保存更正")
    assert "已保存" in page.success[0].value
    assert duty(county_store_copy, code) == "网格站长"


def test_a_refusal_loses_no_typing(run_page: RunPage, county_store_copy: Store) -> None:
    code = officer(county_store_copy)
    page = open_entry(run_page("register_page", county_store_copy), "cadres", code)
    field(page, "职务").set_value("网格站长")
    field(page, "经度").set_value("很东")
    press(page, "保存更正")
    assert "请填写事由" in page.error[0].value
    field(page, "事由 *").set_value("任命")
    press(page, "保存更正")
    assert "不是数字" in page.error[0].value
    assert (field(page, "职务").value, field(page, "经度").value) == ("网格站长", "很东")


def test_the_second_of_two_keeps_what_was_typed_and_chooses(
    run_page: RunPage, county_store_copy: Store
) -> None:
    code = officer(county_store_copy)
    page = open_entry(run_page("register_page", county_store_copy), "cadres", code)
    correct_entry(
        county_store_copy, DEPARTMENT, "cadres", code, {"duty": "甲"}, version=1, now=NOW, reason="先改"
    )
    field(page, "职务").set_value("乙")
    field(page, "事由 *").set_value("后改")
    press(page, "保存更正")
    assert "department" in page.error[0].value
    assert "先改" in page.error[0].value
    assert duty(county_store_copy, code) == "甲"
    press(page, "保留我填的内容，再次保存")
    assert field(page, "职务").value == "乙"
    press(page, "保存更正")
    assert duty(county_store_copy, code) == "乙"


def test_the_latest_can_be_taken_instead(run_page: RunPage, county_store_copy: Store) -> None:
    code = officer(county_store_copy)
    page = open_entry(run_page("register_page", county_store_copy), "cadres", code)
    correct_entry(
        county_store_copy, DEPARTMENT, "cadres", code, {"duty": "甲"}, version=1, now=NOW, reason="先改"
    )
    field(page, "职务").set_value("乙")
    field(page, "事由 *").set_value("后改")
    press(page, "保存更正")
    press(page, "载入最新内容")
    assert field(page, "职务").value == "甲"


def test_a_new_entry_is_opened_after_saving(run_page: RunPage, county_store_copy: Store) -> None:
    page = open_entry(run_page("register_page", county_store_copy), "units", None, is_new=True)
    field(page, "名称 *").set_value("新设局")
    field(page, "事由 *").set_value("机构改革")
    press(page, "保存")
    assert "已保存" in page.success[0].value
    assert "新设局" in html_of(page)


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.RESIDENT_CADRE])
def test_readers_see_values_and_no_form(run_page: RunPage, county_store: Store, role: Role) -> None:
    page = run_page("register_page", county_store, Actor("somebody", role))
    open_entry(page, "cadres", officer(county_store))
    assert not page.exception
    labels = {each.label for each in page.button}
    assert not labels & {"保存更正", "停用…", "新增干部"}
    assert "此账号不能修改这一条" in page.caption[-1].value


def test_who_looks_as_the_coordinator_is_offered_nothing(run_page: RunPage, county_store: Store) -> None:
    looking = Actor("coordinator", Role.COORDINATOR, frozenset({"990101101"}), viewer="department")
    page = open_entry(run_page("register_page", county_store, looking), "cadres", officer(county_store))
    labels = {each.label for each in page.button}
    assert not labels & {"保存更正", "停用…", "新增干部", "查看"}
