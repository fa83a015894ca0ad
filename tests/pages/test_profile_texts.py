"""The dialog that writes a village's texts: which year, what counts as seen, and what is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from geo.access import SYSTEM
from geo.answers.village_texts import text_lines
from geo.exchange.village_profile import TextLine
from geo.operations.village_texts import write_text
from geo.store.engine import Store
from geo.vocabulary import TextKind
from pages.ui.profile.text_form import TextDesk
from pages.web import state
from tests.pages.conftest import RunPage, html_of
from tests.pages.test_pages import NOW, VILLAGE, one_village
from tests.profiles import profile

__all__ = ["one_village"]
YEARLY, THREE_YEARS = TextKind.YEARLY_PLAN, TextKind.THREE_YEAR_PLAN


def write(store: Store, body: str, kind: TextKind = YEARLY, *, year: int, **more: datetime) -> None:
    write_text(store, SYSTEM, VILLAGE, kind, body, year=year, **({"now": NOW} | more))


def bodies(store: Store, kind: TextKind = YEARLY) -> dict[int, str]:
    return {line.year: line.body for line in text_lines(store, SYSTEM, VILLAGE) if line.kind == kind}


def _form() -> None:
    from geo.access import SYSTEM
    from pages.ui.profile.text_form import write_down
    from pages.web.state import the_store

    write_down(the_store(), SYSTEM)


def open_form(page: AppTest, store: Store, kind: TextKind = YEARLY, *, this_year: int = 2026) -> AppTest:
    """Press the button of a text on the page of a village."""
    lines = text_lines(store, SYSTEM, VILLAGE)
    page.session_state["text_desk"].open(lines, VILLAGE, kind, this_year=this_year)
    return page.run()


@pytest.fixture
def form(one_village: Store, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(state, "_store", lambda: one_village)
    page = AppTest.from_function(_form, default_timeout=60)
    page.session_state["text_desk"] = TextDesk()
    return page


def save(page: AppTest) -> AppTest:
    return next(each for each in page.button if each.label == "保存").click().run()


def test_next_years_plan_takes_no_other_years_place(form: AppTest, one_village: Store) -> None:
    write(one_village, "修路", year=2026)
    open_form(form, one_village, this_year=2027)
    assert form.text_area[0].value == ""
    form.text_area[0].set_value("引水")
    save(form)
    assert bodies(one_village) == {2027: "引水", 2026: "修路"}


def test_the_year_is_chosen_and_what_was_typed_of_another_is_kept(form: AppTest, one_village: Store) -> None:
    write(one_village, "修路", year=2026)
    write(one_village, "摸底", year=2024)
    open_form(form, one_village)
    assert form.segmented_control[0].options == ["2027", "2026", "2024"]
    assert form.text_area[0].value == "修路"
    form.text_area[0].set_value("修两条路")
    form.segmented_control[0].set_value(2027).run()
    assert form.text_area[0].value == ""
    form.segmented_control[0].set_value(2026).run()
    assert form.text_area[0].value == "修两条路"
    form.segmented_control[0].set_value(2024).run()
    form.text_area[0].set_value("摸底完成")
    save(form)
    assert bodies(one_village) == {2026: "修路", 2024: "摸底完成"}


@pytest.mark.parametrize(
    ("on_record", "kind", "first"),
    [
        ((), YEARLY, 2026),
        ((2025,), YEARLY, 2026),
        ((2026, 2027), YEARLY, 2026),
        ((2023,), THREE_YEARS, 2026),
        ((2024,), THREE_YEARS, 2024),
        ((2024, 2025), THREE_YEARS, 2025),
        ((2024, 2027), THREE_YEARS, 2024),
        ((0,), THREE_YEARS, 2026),
        ((0,), TextKind.STRENGTHS, 0),
    ],
)
def test_the_year_first_is_that_of_the_plan_that_holds(on_record, kind, first) -> None:
    desk = TextDesk()
    lines = [TextLine(str(kind), year, "", NOW, "") for year in on_record]
    desk.open([*lines, TextLine("main_problem", 0, "", NOW, "")], VILLAGE, kind, this_year=2026)
    assert desk.year == first
    assert set(desk.years()) == (set() if kind is TextKind.STRENGTHS else {*on_record, 2026, 2027})


def test_a_dialog_opened_again_shows_what_stands_now(form: AppTest, one_village: Store) -> None:
    write(one_village, "水渠失修", TextKind.MAIN_PROBLEM, year=0)
    open_form(form, one_village, TextKind.MAIN_PROBLEM)
    form.text_area[0].set_value("没有保存的话").run()
    later = {"now": NOW + timedelta(hours=1), "seen": NOW}
    write(one_village, "水渠已修，路窄", TextKind.MAIN_PROBLEM, year=0, **later)
    open_form(form, one_village, TextKind.MAIN_PROBLEM)
    assert not form.segmented_control
    assert form.text_area[0].value == "水渠已修，路窄"


def test_what_a_colleague_wrote_meanwhile_is_shown_and_then_counts_as_seen(
    form: AppTest, one_village: Store
) -> None:
    write(one_village, "修路", year=2026)
    open_form(form, one_village)
    form.text_area[0].set_value("引水")
    write(one_village, "修路<两条>", year=2026, now=datetime(2026, 5, 1, 9, tzinfo=UTC), seen=NOW)
    save(form)
    assert form.warning
    assert "修路&lt;两条&gt;" in html_of(form)
    assert bodies(one_village) == {2026: "修路<两条>"}
    assert form.text_area[0].value == "引水"
    save(form)
    assert bodies(one_village) == {2026: "引水"}


def test_a_text_is_emptied_and_so_taken_away(form: AppTest, one_village: Store) -> None:
    write(one_village, "修路", year=2026)
    open_form(form, one_village)
    form.text_area[0].set_value("")
    save(form)
    assert bodies(one_village) == {}


def test_the_card_shows_the_plan_of_the_days_year(run_page: RunPage, one_village: Store) -> None:
    page = run_page("profile_page", one_village, village=VILLAGE)
    year = page.date_input[0].value.year
    write(one_village, "今年修路", year=year)
    write(one_village, "明年引水", year=year + 1)
    html = html_of(run_page("profile_page", one_village, village=VILLAGE))
    assert "今年修路" in html
    assert "明年引水" not in html


@pytest.mark.parametrize(
    ("years", "told"), [((2025, 2026, 2027), 2026), ((2025, 2027), 2025), ((2027, 2028), 2027), ((), None)]
)
def test_the_plan_told_is_the_latest_that_has_begun(years: tuple[int, ...], told: int | None) -> None:
    lines = tuple(TextLine(str(YEARLY), year, "", NOW, "") for year in years)
    found = profile(texts=lines).text_of(YEARLY)
    assert (found.year if found else None) == told
