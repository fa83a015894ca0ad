"""Working on one rectification by Streamlit's own harness: what others did meanwhile, evidence, files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo.access import Actor
from geo.exchange import rectification_pdf
from geo.operations.rectification import finish_task
from geo.store.attachments import case_evidence
from geo.store.engine import Store
from geo.vocabulary import CaseState
from pages import rectify_page
from pages.ui.filters import AS_OF_KEY
from pages.ui.rectify.state import STATE_KEY
from tests import rectifying
from tests.answers_store import COORDINATOR, DEPARTMENT, RESIDENT_OF_A
from tests.pages.conftest import Files, RunPage, html_of

TODAY = date.today()
ABOUT = {"now": datetime.now(UTC)}
CHANGED = "这项整改又有改动"
OpenCase = Callable[..., AppTest]


@pytest.fixture
def open_case(run_page: RunPage, monkeypatch: pytest.MonkeyPatch) -> OpenCase:
    """Open the page with a case, at the tab of its tasks if wanted."""
    rerun = st.rerun  # the harness runs whole pages only
    monkeypatch.setattr(st, "rerun", lambda scope="app": rerun())

    def run(store: Store, actor: Actor, code: str, *, tab: str = "steps") -> AppTest:
        monkeypatch.setattr(rectify_page, "current_actor", lambda: actor)
        page = run_page("rectify_page", store, actor)
        page.session_state[AS_OF_KEY] = TODAY
        page.session_state[STATE_KEY].open(code)
        page.session_state[f"case_tab_{code}"] = tab
        return page.run()

    return run


def listed_today(store: Store) -> str:
    return rectifying.listed(store, listed_on=TODAY, **ABOUT)


def planned_today(store: Store) -> str:
    """A case of today with one task."""
    code = listed_today(store)
    rectifying.put(store, code, starts_on=TODAY, due_on=TODAY, **ABOUT)
    return code


def working_today(store: Store) -> str:
    code = planned_today(store)
    rectifying.step(store, COORDINATOR, code, "plan", on=TODAY, **ABOUT)
    rectifying.step(store, DEPARTMENT, code, "approve", on=TODAY, **ABOUT)
    return code


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def field(page: AppTest, ending: str) -> Any:
    fields = (*page.text_input, *page.text_area, *page.selectbox, *page.toggle)
    return next(each for each in fields if each.key and each.key.endswith(ending))


def press(page: AppTest, label: str) -> AppTest:
    page = button(page, label).click().run()
    assert not page.exception
    return page


def warned(page: AppTest) -> bool:
    return any(CHANGED in each.value for each in page.warning)


def test_a_step_is_not_taken_upon_what_its_user_has_not_seen(place: Store, open_case: OpenCase) -> None:
    code = planned_today(place)
    page = open_case(place, COORDINATOR, code)
    assert not warned(page)
    stale = button(page, "上报方案").key
    field(page, "_note").set_value("方案已定")
    rectifying.put(place, code, title="另加一项", starts_on=TODAY, due_on=TODAY, **ABOUT)
    page = press(page, "上报方案")
    assert warned(page)
    assert rectifying.state_of(place, code) is CaseState.LISTED
    assert stale not in [each.key for each in page.button]  # a second click of a hasty hand does nothing
    assert field(page, "_note").value == "方案已定"
    page = press(page, "上报方案")
    assert rectifying.state_of(place, code) is CaseState.PLANNED
    assert not warned(page)


def test_a_step_that_somebody_else_took_first_is_told_of(place: Store, open_case: OpenCase) -> None:
    code = planned_today(place)
    rectifying.step(place, COORDINATOR, code, "plan", on=TODAY, **ABOUT)
    page = open_case(place, DEPARTMENT, code)
    rectifying.step(place, rectifying.SECOND, code, "approve", on=TODAY, **ABOUT)
    page = press(page, "批准方案")
    assert warned(page)
    assert "<b>整改中</b>" in html_of(page)


def test_a_task_is_not_finished_upon_what_its_user_has_not_seen(place: Store, open_case: OpenCase) -> None:
    code = working_today(place)
    page = open_case(place, RESIDENT_OF_A, code, tab="tasks")
    field(page, "_note").set_value("已走访")
    rectifying.put(place, code, actor=DEPARTMENT, title="另加一项", starts_on=TODAY, due_on=TODAY, **ABOUT)
    page = press(page, "标为完成")
    assert warned(page)
    assert rectifying.tasks_of(place, code)["done_on"].isna().all()
    page = press(page, "标为完成")
    assert rectifying.tasks_of(place, code).loc[1, ["done_on", "note"]].tolist() == [TODAY, "已走访"]


def test_fields_of_a_task_that_somebody_changed_begin_afresh(place: Store, open_case: OpenCase) -> None:
    code = working_today(place)
    page = open_case(place, DEPARTMENT, code, tab="tasks")
    page = next(each for each in page.toggle if each.label == "修改任务").set_value(True).run()
    assert field(page, "_title").value == "走访"
    rectifying.put(place, code, 1, actor=DEPARTMENT, title="普遍走访", starts_on=TODAY, due_on=TODAY, **ABOUT)
    page = press(page, "保存任务")
    assert warned(page)
    assert field(page, "_title").value == "普遍走访"


def test_a_reopened_task_keeps_what_was_said_of_it_when_it_is_changed(
    place: Store, open_case: OpenCase
) -> None:
    code = working_today(place)
    for day in (TODAY, None):
        about = {"done_on": day, "note": "只走了一半"}
        finish_task(place, RESIDENT_OF_A, code, 1, **about, **ABOUT)
    page = open_case(place, DEPARTMENT, code, tab="tasks")
    page = next(each for each in page.toggle if each.label == "修改任务").set_value(True).run()
    field(page, "_title").set_value("再走访")
    press(page, "保存任务")
    assert rectifying.tasks_of(place, code).loc[1, ["title", "note"]].tolist() == ["再走访", "只走了一半"]


def test_evidence_that_was_brought_wrongly_is_taken_away_with_a_reason(
    place: Store, open_case: OpenCase
) -> None:
    code = working_today(place)
    right, wrong = (rectifying.bring(place, code, 1, mark=mark, **ABOUT) for mark in ("right", "wrong"))
    page = open_case(place, RESIDENT_OF_A, code, tab="tasks")
    page = next(each for each in page.toggle if each.label == "删除佐证").set_value(True).run()
    field(page, "_code").set_value(wrong)
    page = press(page, "删除")
    assert page.error
    field(page, "_reason").set_value("传错了村")
    page = press(page, "删除")
    with place.read() as session:
        assert case_evidence(session, [code])["code"].tolist() == [right]


def test_nobody_is_offered_to_take_evidence_away_once_it_is_being_checked(
    place: Store, open_case: OpenCase
) -> None:
    code = working_today(place)
    rectifying.bring(place, code, 1, **ABOUT)
    finish_task(place, RESIDENT_OF_A, code, 1, done_on=TODAY, **ABOUT)
    rectifying.step(place, RESIDENT_OF_A, code, "request", on=TODAY, **ABOUT)
    page = open_case(place, RESIDENT_OF_A, code, tab="tasks")
    assert "删除佐证" not in [each.label for each in page.toggle]


def test_the_ledger_is_made_of_what_holds_when_its_button_is_pressed(
    place: Store, open_case: OpenCase, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards: list[Any] = []
    monkeypatch.setattr(rectification_pdf, "rectification_pdf", lambda board: boards.append(board) or b"")
    code = working_today(place)
    open_case(place, DEPARTMENT, code)
    assert files.table()["任务"].tolist() == ["0/1"]
    finish_task(place, RESIDENT_OF_A, code, 1, done_on=TODAY, **ABOUT)
    assert files.table()["任务"].tolist() == ["1/1"]
    files.press("下载 PDF")
    assert [row.tasks_done for row in boards[0].rows] == [1]


def test_from_an_address_that_names_no_case_there_is_a_way_back(
    place: Store, run_page: RunPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rectify_page, "current_actor", lambda: DEPARTMENT)
    page = run_page("rectify_page", place, DEPARTMENT, case="ZG0000")
    assert "ZG0000" in page.error[0].value
    page = button(page, "返回").click().run()
    assert not page.error
    assert "ZG0000" not in html_of(page)
