"""The indicators on the page of a village: charts, table by year, and the form that corrects them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo.access import SYSTEM
from geo.answers.indicators import indicator_corrections, indicator_history
from geo.exchange.village_profile import Indicator, YearFigure
from geo.frames import LAYERS
from geo.operations.indicators import FIGURES, correct_indicators
from geo.store.engine import Store
from geo.store.queries import layer_frame
from pages.ui.profile.figure_form import corrections_html
from pages.ui.profile.figure_tiles import chart_svg, tiles_html, years_html
from pages.web import state
from tests.pages.conftest import html_of

YEAR = date.today().year - 1
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def years(*figures: tuple[int, float | None, float | None]) -> tuple[YearFigure, ...]:
    return tuple(YearFigure(*figure) for figure in figures)


def points_of(path: str) -> int:
    return len(re.findall(r"[ML]", path))


def test_a_year_without_a_figure_breaks_the_line() -> None:
    svg = chart_svg(years((2022, 1, 4), (2023, None, 4), (2024, 3, 4), (2025, 2, None)))
    median, own = re.findall(r'd="([^"]*)"', svg)
    assert (own.count("M"), points_of(own)) == (2, 3)
    assert (median.count("M"), points_of(median)) == (1, 3)
    assert svg.count("<circle") == 3


def test_the_scale_begins_at_nothing_and_a_larger_figure_stands_higher() -> None:
    svg = chart_svg(years((2024, 0, 100), (2025, 50, 100)))
    low, middle = (float(y) for y in re.findall(r'cy="([\d.]+)"', svg))
    top = float(re.findall(r'd="M[\d.]+ ([\d.]+)', svg)[0])
    assert low > middle > top
    assert middle - top == pytest.approx(low - middle, abs=0.2)


@pytest.mark.parametrize("figures", [(), ((2025, None, None),), ((2025, 0, 0),), ((2025, 7, None),)])
def test_little_or_nothing_is_drawn_without_fault(figures) -> None:
    svg = chart_svg(years(*figures))
    assert svg.count("<circle") == sum(value is not None for _year, value, _median in figures)
    assert "nan" not in svg


def test_tiles_tell_the_latest_figure_and_what_is_not_reported() -> None:
    income = Indicator(
        "income_own_yuan", "不含补助的集体收入（元）", years((2024, 21_000, 1), (2025, None, 25_000))
    )
    nothing = Indicator("petitions", "信访件数", years((2025, None, 3)))
    html = tiles_html((income, nothing))
    assert html.count('class="tile"') == 1
    assert "2.1 万元" in html
    assert "<i>2024</i>" in html
    assert "未填报：信访件数" in html
    assert "2025 年：—，本乡镇中位 2.5 万元" in html


def test_the_table_by_year_is_safe_to_show(county_store: Store) -> None:
    village = first_village(county_store)
    history = indicator_history(county_store, SYSTEM, village).assign(source="<script>x</script>")
    html = years_html(history)
    assert "<script>" not in html
    assert html.index(f"<th>{history['year'].max()}</th>") < html.index(f"<th>{history['year'].min()}</th>")
    assert years_html(history.iloc[:0]) == ""


def first_village(store: Store) -> str:
    with store.read() as session:
        return str(layer_frame(session, "indicators")["village_code"].iloc[0])


def _form() -> None:
    from geo.access import SYSTEM
    from pages.ui.profile.figure_form import correct_figures
    from pages.web.state import the_store

    correct_figures(the_store(), SYSTEM)


@pytest.fixture
def form(county_store_copy: Store, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The form of a village's latest completed year."""
    from pages.ui.profile.figure_form import FigureDesk

    monkeypatch.setattr(state, "_store", lambda: county_store_copy)
    village = first_village(county_store_copy)
    desk = FigureDesk()
    desk.open(indicator_history(county_store_copy, SYSTEM, village), village, 2025)
    page = AppTest.from_function(_form, default_timeout=60)
    page.session_state["figure_desk"] = desk
    return page.run()


def field(page: AppTest, label: str):
    return next(each for each in page.text_input if each.label == label)


def press(page: AppTest, label: str) -> AppTest:
    return next(each for each in page.button if each.label == label).click().run()


def held(store: Store, year: int = 2025) -> pd.Series:
    history = indicator_history(store, SYSTEM, first_village(store))
    return history[history["year"] == year].iloc[0]


def test_saving_untouched_figures_with_another_day_keeps_every_figure(
    form: AppTest, county_store_copy: Store
) -> None:
    before = held(county_store_copy)
    field(form, "理由 *").set_value("核对")
    field(form, "数据来源 *").set_value("年报")
    press(form, "保存")
    assert not form.error
    after = held(county_store_copy)
    kept = [
        name for name in before.index if name not in ("source", "reported_on", "recorded_at", "recorded_by")
    ]
    pd.testing.assert_series_equal(after[kept], before[kept])
    assert (after["source"], after["reported_on"]) == ("年报", date.today())


def test_a_figure_is_corrected_and_told_below(form: AppTest, county_store_copy: Store) -> None:
    field(form, "信访件数").set_value("17")
    field(form, "数据来源 *").set_value("信访局")
    press(form, "保存")
    assert "理由" in form.error[0].value
    assert field(form, "信访件数").value == "17"
    field(form, "理由 *").set_value("<i>补报</i>")
    press(form, "保存")
    assert held(county_store_copy)["petitions"] == 17
    told = corrections_html(
        indicator_corrections(county_store_copy, SYSTEM, first_village(county_store_copy), 2025)
    )
    assert "&lt;i&gt;补报" in told
    assert "→ 17" in told


def test_a_day_and_a_flag_that_were_entered_are_emptied_again(
    form: AppTest, county_store_copy: Store
) -> None:
    columns = LAYERS["indicators"].columns
    names = {str(column.kind): column.name for column in columns if column.name in FIGURES}
    day, flag = names["date"], names["flag"]
    given = {day: date(2025, 3, 2), flag: True}
    correct_to(county_store_copy, given)
    village = first_village(county_store_copy)
    history = indicator_history(county_store_copy, SYSTEM, village)
    form.session_state["figure_desk"].open(history, village, 2025)
    form.run()
    days = next(each for each in form.date_input if each.key.endswith(day))
    flags = next(each for each in form.selectbox if each.key.endswith(flag))
    assert (days.value, flags.value) == (date(2025, 3, 2), True)
    assert not days.proto.default
    assert not flags.proto.HasField("default")  # the browser lets them be emptied only so
    days.set_value(None)
    flags.set_value(None)
    field(form, "理由 *").set_value("填错了")
    press(form, "保存")
    assert not form.error
    assert held(county_store_copy)[[day, flag]].isna().all()


def correct_to(store: Store, figures: dict[str, object]) -> None:
    stated = {"source": "年报", "reported_on": date(2026, 3, 1), "reason": "核对", "now": datetime.now(UTC)}
    seen = held(store)["recorded_at"].to_pydatetime()
    correct_indicators(store, SYSTEM, first_village(store), 2025, figures, seen=seen, **stated)


def test_who_comes_second_chooses_what_stands(form: AppTest, county_store_copy: Store) -> None:
    village, seen = first_village(county_store_copy), held(county_store_copy)["recorded_at"].to_pydatetime()
    stated = {"source": "别人", "reported_on": date(2026, 3, 1), "reason": "先到", "seen": seen}
    correct_indicators(
        county_store_copy, SYSTEM, village, 2025, {"petitions": 1}, now=datetime.now(UTC), **stated
    )
    field(form, "信访件数").set_value("17")
    field(form, "数据来源 *").set_value("信访局")
    field(form, "理由 *").set_value("后到")
    press(form, "保存")
    assert "system" in form.error[0].value
    assert held(county_store_copy)["petitions"] == 1
    press(form, "保留我填的内容，再次保存")
    assert field(form, "信访件数").value == "17"
    press(form, "保存")
    assert held(county_store_copy)["petitions"] == 17


def test_or_takes_what_the_other_saved(form: AppTest, county_store_copy: Store) -> None:
    village, seen = first_village(county_store_copy), held(county_store_copy)["recorded_at"].to_pydatetime()
    stated = {"source": "别人", "reported_on": date(2026, 3, 1), "reason": "先到", "seen": seen}
    correct_indicators(
        county_store_copy, SYSTEM, village, 2025, {"petitions": 1}, now=datetime.now(UTC), **stated
    )
    field(form, "信访件数").set_value("17")
    field(form, "理由 *").set_value("后到")
    press(form, "保存")
    press(form, "载入最新内容")
    assert field(form, "信访件数").value == "1"
    assert held(county_store_copy)["petitions"] == 1


def test_a_year_without_figures_begins_empty(form: AppTest) -> None:
    form.segmented_control[0].set_value(date.today().year).run()
    assert field(form, "信访件数").value == ""
    assert "这一年还没有数据" in html_of(form)
