"""The page of plans: computing, leaving rows out, drafts, putting into effect; and its state by itself."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from shapely import Point

from geo.access import Actor
from geo.operations.gap_plan import GapPlan, PlanOptions
from geo.operations.gap_plan_result import OPEN_COLUMNS, optimality
from geo.operations.gap_plan_rows import ROW_COLUMNS
from geo.operations.journal import submit
from geo.operations.requests import Assignment, AssignRequest
from geo.store.queries import responsibilities
from geo.vocabulary import Role
from pages.ui.filters import AS_OF_KEY
from pages.ui.plan.figures import figure_texts
from pages.ui.plan.map import marks_of
from pages.ui.plan.rows import as_shown, open_as_shown
from pages.ui.plan.state import PlanDesk
from tests.analysis_frames import A2, B1, TOWNSHIP
from tests.answers_store import DAY, DEPARTMENT, LEADER, fill
from tests.pages.conftest import html_of

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
KINDS = ["cell_unowned", "cell_contested"]
COORDINATOR = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}))


def _row(name, **values):
    usual = {
        "row": name,
        "action": "give",
        "kind": "grid_officer",
        "gap_kinds": "cell_unowned",
        "weight": 10.0,
    }
    usual |= {"target_code": name, "target_name": name, "to_code": "c1", "to_name": "张一", "why": "近"}
    return {column: (usual | values).get(column) for column in ROW_COLUMNS}


def _plan(*rows, left=()):
    frame = pd.DataFrame(list(rows), columns=ROW_COLUMNS, dtype=object)
    return GapPlan(
        DAY, PlanOptions(), frame, pd.DataFrame(list(left), columns=OPEN_COLUMNS, dtype=object), {}
    )


def _desk(*rows, **given):
    desk = PlanDesk()
    desk.open(_plan(*rows), **given)
    return desk


def test_everything_is_chosen_but_what_has_changed():
    desk = _desk(_row("r1"), _row("r2"), changed={"r2"})
    assert desk.chosen == {"r1"}
    desk.choose({"r1", "r2"})
    assert desk.chosen == {"r1"}


def test_another_choice_is_reviewed_afresh_and_the_same_one_is_not():
    desk = _desk(_row("r1"), _row("r2"))
    before = list(desk.review.selected)
    desk.choose({"r1", "r2"})
    assert desk.review.selected == before
    desk.choose({"r1"})
    assert desk.review.selected != before


def test_the_table_starts_with_what_was_chosen_when_it_is_entered_again():
    desk = _desk(_row("r1"), _row("r2"))
    desk.look_at("rows")
    desk.choose({"r1"})
    visit, ticked = desk.visit, desk.ticked
    desk.look_at("rows")
    assert (desk.visit, desk.ticked) == (visit, ticked)
    desk.look_at("adopt")
    desk.look_at("rows")
    assert desk.ticked == {"r1"}
    assert desk.visit > visit


def test_a_plan_in_effect_is_put_away():
    desk = _desk(_row("r1"))
    assert not desk.close_when_saved()
    desk.review.finish()
    assert desk.close_when_saved()
    assert desk.plan is None
    assert not desk.close_when_saved()


def test_the_map_has_lines_of_the_chosen_rows_only():
    placed = {"base_lon": 117.0, "base_lat": 35.0, "lon": 117.1, "lat": 35.1}
    desk = _desk(_row("r1", **placed), _row("r2", **placed), _row("r3"))
    desk.choose({"r1", "r3"})
    marks = marks_of(desk)
    assert [mark.kind for mark in marks] == ["line", "base"]
    assert marks[1].geometry == Point(117, 35)


def test_figures_say_before_and_after():
    figures = {"gaps": 10, "gaps_closed": 7, "weight": 100.0, "weight_closed": 80.0, "moves": 2}
    figures |= {"overloaded_before": 1, "overloaded_after": 0, "distance_new_km": {"mean": 1.0, "max": 4.25}}
    figures |= {
        "distance_before_km": {"mean": 12.0, "max": 14.0},
        "distance_after_km": {"mean": 2.0, "max": 3.0},
    }
    texts = dict(figure_texts(figures))
    assert texts["缺口"] == "10 → 3"
    assert texts["缺口分值"] == "100 → 20"
    assert texts["调动后平均距离"] == "12.0 → 2.0 公里"
    nothing = dict.fromkeys(("distance_before_km", "distance_after_km", "distance_new_km"))
    assert dict(figure_texts(figures | nothing))["新指派最远"] == "—"


@pytest.mark.parametrize(
    ("status", "ratio", "cost_ratio", "says"),
    [
        ("optimal", 0.0, 0.0, "已证明最优"),
        ("feasible", 0.034, None, "最多差 3.4%"),
        ("feasible", 0.0, 0.021, "最多可再省 2.1%"),
        ("feasible", 0.0, None, "未能证明最少"),
    ],
)
def test_how_good_the_plan_is_in_plain_words(status, ratio, cost_ratio, says):
    assert says in optimality({"status": status, "gap_ratio": ratio, "cost_ratio": cost_ratio})


def test_tables_show_names_and_labels():
    shown = as_shown(_plan(_row("r1", limit=3, load_after=2)).rows)
    assert shown[["缺口", "责任", "由谁负责", "上限"]].to_numpy().tolist() == [
        ["空白网格", "网格员", "张一", 3.0]
    ]
    left = {"kind": "cell_overlap", "target_name": "第2网格", "weight": 30.0, "why": "请重画"}
    opened = open_as_shown(_plan(left=[{name: left.get(name) for name in OPEN_COLUMNS}]))
    assert opened["缺口"].tolist() == ["网格重叠"]


@pytest.fixture
def tiny(gpkg_store):
    """Cell B1 without an officer and A2 with two."""
    return fill(gpkg_store)


@pytest.fixture
def page(run_page, tiny):
    """The page of a coordinator, with its plan computed."""
    shown = run_page("plan_page", tiny, COORDINATOR)
    shown.session_state[AS_OF_KEY] = DAY
    shown.session_state["plan_kinds"] = KINDS
    return _click(shown.run(), "计算方案")


def _click(shown, label):
    next(button for button in shown.button if button.label == label).click()
    shown.run()
    assert not shown.exception, shown.exception
    return shown


def _view(shown, name):
    shown.session_state["plan_view"] = name
    shown.run()
    assert not shown.exception, shown.exception
    return shown


def _officers(store, cell):
    with store.read() as session:
        held = responsibilities(session, as_of=date(2030, 1, 1), kinds=["grid_officer"], targets=[cell])
    return sorted(held["holder_code"])


def test_before_anything_is_computed_the_page_says_what_to_do(run_page, tiny):
    assert "还没有方案" in html_of(run_page("plan_page", tiny))


def test_who_has_no_plans_is_told(run_page, tiny):
    assert "不能编制" in html_of(run_page("plan_page", tiny, Actor("auditor", Role.AUDITOR)))


def test_an_empty_store_has_an_empty_plan(run_page, gpkg_store):
    assert "没有可以补上的缺口" in html_of(_click(run_page("plan_page", gpkg_store), "计算方案"))


def test_the_plan_is_computed_and_shown(page):
    assert "2 → 0" in html_of(page)
    assert "已证明最优" in html_of(page)
    assert set(page.session_state["plan_desk"].plan.rows["target_code"]) == {A2, B1}
    assert "全部补上" in html_of(_view(page, "open"))


def test_the_plan_is_put_into_effect_with_a_reason(page, tiny):
    _view(page, "adopt")
    assert next(button for button in page.button if button.label == "保存").disabled
    page.session_state["reason"] = "补齐空白"
    _click(page.run(), "保存")
    page.run()  # the harness cannot rerun a part by itself
    assert page.session_state["plan_desk"].plan is None
    assert len(_officers(tiny, B1)) == len(_officers(tiny, A2)) == 1


def test_a_leader_plans_but_does_not_adopt(run_page, tiny):
    shown = run_page("plan_page", tiny, LEADER)
    shown.session_state["plan_kinds"] = KINDS
    _view(_click(shown.run(), "计算方案"), "adopt")
    assert not [button for button in shown.button if button.label == "保存"]
    assert any("不能采用" in caption.value for caption in shown.caption)


def test_drafts_are_kept_opened_and_compared(page, tiny):
    turn = page.session_state["plan_desk"].turn
    page.session_state[f"plan_name_{turn}"] = "五一前"
    page.run()
    page.button(key="plan_save").click().run()
    assert not page.exception
    done = AssignRequest((Assignment("grid_officer", "c1", B1, DAY),), "已补")
    submit(tiny, DEPARTMENT, done, now=NOW, today=DAY)
    _click(page, "打开")
    desk = page.session_state["plan_desk"]
    assert desk.name == "五一前"
    assert len(desk.changed) == 1
    _click(page, "与当前方案比较")
    assert any("逐项相同" in caption.value for caption in _view(page, "compare").caption)
    _click(page, "删除")
    assert not [button for button in page.button if button.label == "打开"]
