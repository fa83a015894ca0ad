"""Plans that close gaps on both databases: proposed, put into effect by rows, kept as drafts, compared."""

import json
from datetime import date

import pytest
from shapely import Point

from geo.access import Actor
from geo.answers.gap_book import gaps_on
from geo.answers.gap_plan import compared_plans, plan_draft, plan_drafts, plan_for
from geo.errors import InputError, PermissionError_
from geo.operations.gap_drafts import delete_plan, save_plan
from geo.operations.gap_plan import GapPlan, PlanOptions, changed_rows
from geo.operations.journal import preview, submit, undo_last
from geo.operations.requests import Assignment, AssignRequest
from geo.store.audit import verify
from geo.store.bulk import insert_frame
from geo.store.models import Cadre
from geo.store.queries import responsibilities
from geo.vocabulary import Role
from tests.analysis_frames import A1, A2, B1, TOWNSHIP, A, B, layer
from tests.answers_store import (
    COORDINATOR,
    DEPARTMENT,
    ELSEWHERE,
    HELD,
    LEADER,
    RESIDENT_OF_A,
    fill,
)
from tests.journal import NOW, TODAY, put

AUDITOR = Actor("auditor", Role.AUDITOR)
LOOKING = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}), viewer="department")


@pytest.fixture
def tiny(store):
    """Cell B1 without an officer, A2 with two; c2 holds more branches than it should be able to see to."""
    return fill(store, held=[*HELD, ("township_cadre", "c2", A)])


def plan(store, actor=DEPARTMENT, **options):
    return plan_for(store, actor, as_of=TODAY, options=PlanOptions(**options))


def pairs(found):
    return set(zip(found.rows["kind"], found.rows["target_code"], strict=True))


def held(store, kind, target, day=TODAY):
    with store.read() as session:
        frame = responsibilities(session, as_of=day, kinds=[kind], targets=[target])
    return sorted(frame["holder_code"])


def gaps(store, *kinds):
    found = gaps_on(store, as_of=TODAY).gaps
    return set(found.loc[found["kind"].isin(kinds), "target_code"])


def test_a_plan_closes_what_it_says_it_closes(tiny):
    found = plan(tiny)
    assert {("grid_officer", B1), ("grid_officer", A2), ("staff", "h2"), ("staff", "h4")} <= pairs(found)
    assert found.figures["status"] == "optimal"
    assert found.figures["gap_ratio"] == 0
    before = len(gaps_on(tiny, as_of=TODAY).gaps)
    assert found.figures["gaps"] == before
    assert found.figures["gaps_closed"] + len(found.open) == before
    outcome = put(tiny, found.request(on=TODAY, reason="补齐空白"), actor=DEPARTMENT, confirmed=True)
    assert outcome.state == "applied"
    assert len(gaps_on(tiny, as_of=TODAY).gaps) == before - found.figures["gaps_closed"]
    assert not gaps(tiny, "cell_unowned", "cell_contested", "household_unpaired")
    undo_last(tiny, DEPARTMENT, now=NOW)
    assert len(gaps_on(tiny, as_of=TODAY).gaps) == before


def test_rows_say_who_and_what_and_why(tiny):
    found = plan(tiny, kinds=("cell_unowned", "cell_contested"))
    row = found.rows.set_index("target_code").loc[B1]
    assert (row["action"], row["from_code"], row["gap_kinds"], row["village_name"]) == (
        "give",
        None,
        "cell_unowned",
        "乙村",
    )
    assert row["to_name"] in {"张一", "李二", "王三", "赵四", "钱五"}
    assert row["to_unit"] == "农业局"
    assert row["load_after"] == row["load_before"] + 1
    assert "公里" in row["why"]
    end = found.rows.set_index("target_code").loc[A2]
    assert (end["action"], end["from_code"], end["to_code"]) == ("end", "c5", "c4")
    assert "由赵四继续负责" in end["why"]
    assert found.figures["moves"] == 1


def test_only_the_chosen_rows_are_put_into_effect(tiny):
    found = plan(tiny, kinds=("cell_unowned", "cell_contested"))
    row = found.rows.loc[found.rows["target_code"] == A2, "row"].tolist()
    put(tiny, found.request(on=TODAY, reason="补齐空白", rows=row), actor=COORDINATOR)
    assert held(tiny, "grid_officer", A2) == ["c4"]
    assert held(tiny, "grid_officer", B1) == []


def test_only_who_is_available_takes_something(tiny):
    taker = plan(tiny, kinds=("cell_unowned",)).rows["to_code"].iloc[0]
    without = plan(tiny, kinds=("cell_unowned",), exclude=(taker,))
    assert without.rows["to_code"].tolist() != [taker]
    assert len(without.rows) == 1
    nobody = plan(tiny, kinds=("cell_unowned",), units=("u2",))
    assert nobody.rows.empty
    assert nobody.open["why"].tolist() == ["没有符合条件的人选。"]
    assert nobody.open["target_name"].tolist() == [B1]


def test_people_with_another_post_come_where_posts_do_not_matter(store):
    cadres = [{"code": code, "name": code, "level": "village"} for code in ("officer", "clerk")]
    points = [Point(117.005, 35.505)] * 2
    posted = layer("cadres", [{**cadres[0], "duty": "网格员"}, {**cadres[1], "duty": "文书"}], points)
    full = [("grid_officer", "officer", cell) for cell in (A1, A2, B1)]
    county = fill(store, held=full[:2])
    with county.write() as session:
        insert_frame(session, Cadre, posted)
    asked = {"kinds": ("cell_unowned",), "exclude": ("officer", *(f"c{at}" for at in range(1, 6)))}
    assert plan(county, **asked).rows.empty
    assert plan(county, **asked, any_post=True).rows["to_code"].tolist() == ["clerk"]


def test_who_left_gives_everything_away(store):
    gone = fill(store, held=[*HELD, ("grid_officer", "gone", B1), ("resident_cadre", "gone", B)])
    found = plan(gone, kinds=("owner_inactive",))
    assert pairs(found) == {("grid_officer", B1), ("resident_cadre", B)}
    assert set(found.rows["from_code"]) == {"gone"}
    assert "gone" not in set(found.rows["to_code"])
    put(gone, found.request(on=TODAY, reason="离岗"), actor=DEPARTMENT, confirmed=True)
    assert "gone" not in held(gone, "resident_cadre", B) + held(gone, "grid_officer", B1)
    assert gaps(gone, "owner_inactive") == set()


def test_what_changed_since_is_told_row_by_row(tiny):
    found = plan(tiny, kinds=("cell_unowned", "cell_contested"))
    assert changed_rows(tiny, DEPARTMENT, found) == set()
    put(tiny, AssignRequest((Assignment("grid_officer", "c1", B1, TODAY),), "已补"), actor=DEPARTMENT)
    b1 = found.rows.loc[found.rows["target_code"] == B1, "row"].tolist()
    assert changed_rows(tiny, DEPARTMENT, found) == set(b1)


def test_a_coordinator_plans_for_the_own_township_only(tiny):
    mine = plan(tiny, COORDINATOR)
    assert {"department", "unit_head"}.isdisjoint(set(mine.rows["kind"]))
    preview(tiny, COORDINATOR, mine.request(on=TODAY, reason="补齐空白"), today=TODAY)
    elsewhere = plan(tiny, ELSEWHERE)
    assert elsewhere.rows.empty
    assert elsewhere.figures["gaps"] == 0
    with pytest.raises(PermissionError_):
        plan(tiny, ELSEWHERE, township=TOWNSHIP)


def test_a_leader_proposes_without_single_households_and_does_not_decide(tiny):
    found = plan(tiny, LEADER)
    assert "household" not in set(found.rows["target_kind"]) | set(found.open["target_kind"])
    assert not {"h1", "h2", "h3", "h4"} & set(found.rows["target_code"])
    with pytest.raises(PermissionError_):
        submit(tiny, LEADER, found.request(on=TODAY, reason="补"), now=NOW, today=TODAY, confirmed=True)
    assert save_plan(tiny, LEADER, found, name="检查前", now=NOW)


@pytest.mark.parametrize("actor", [RESIDENT_OF_A, AUDITOR])
def test_who_only_reads_has_no_plans(tiny, actor):
    with pytest.raises(PermissionError_):
        plan(tiny, actor)
    with pytest.raises(PermissionError_):
        plan_drafts(tiny, actor)


def test_unknown_kinds_and_an_empty_choice(tiny):
    with pytest.raises(InputError, match="没有名为"):
        plan(tiny, kinds=("nothing",))
    nothing = plan(tiny, kinds=("cell_overlap",))
    assert (len(nothing.rows), len(nothing.open), nothing.figures["status"]) == (0, 0, "optimal")
    with pytest.raises(InputError):
        put(tiny, nothing.request(on=TODAY, reason="补"), actor=DEPARTMENT)


def test_the_same_question_gives_the_same_plan_and_it_survives_json(tiny):
    one, other = plan(tiny), plan(tiny)
    text = json.dumps(one.document(), ensure_ascii=False, allow_nan=False)
    assert text == json.dumps(other.document(), ensure_ascii=False)
    back = GapPlan.from_document(json.loads(text))
    assert back.document() == one.document()
    assert back.request(on=TODAY, reason="补") == one.request(on=TODAY, reason="补")


def test_drafts_are_kept_opened_compared_and_thrown_away(tiny):
    near, all_of_it = plan(tiny, COORDINATOR, kinds=("cell_unowned",)), plan(tiny, COORDINATOR)
    codes = [
        save_plan(tiny, COORDINATOR, each, name=name, now=NOW)
        for each, name in ((near, "一"), (all_of_it, "二"))
    ]
    listed = plan_drafts(tiny, COORDINATOR)
    assert set(listed["code"]) == set(codes)
    assert set(listed["township"]) == {TOWNSHIP}
    opened = [plan_draft(tiny, DEPARTMENT, code) for code in codes]
    assert opened[0].document() == near.document()
    differences = compared_plans(*opened)
    figures = {row["name"]: (row["first"], row["second"]) for row in differences["figures"]}
    assert figures["gaps"] == (near.figures["gaps"], all_of_it.figures["gaps"])
    assert (B1 in set(differences["rows"]["target_code"])) is (
        opened[0].rows["to_code"].iloc[0]
        not in set(opened[1].rows.loc[opened[1].rows["target_code"] == B1, "to_code"])
    )
    assert differences["rows"]["to_first"].isna().sum() >= 1
    delete_plan(tiny, COORDINATOR, codes[0], now=NOW)
    assert plan_drafts(tiny, COORDINATOR)["code"].tolist() == codes[1:]
    with tiny.read() as session:
        assert verify(session).first_bad is None


def test_drafts_stay_within_the_territory_and_are_the_makers(tiny):
    code = save_plan(tiny, DEPARTMENT, plan(tiny), name="全县", now=NOW)
    assert plan_drafts(tiny, COORDINATOR).empty
    for attempt in (plan_draft, lambda *given: delete_plan(*given, now=NOW)):
        for actor, named in ((COORDINATOR, code), (DEPARTMENT, "nothing")):
            with pytest.raises(InputError, match="没有代码"):
                attempt(tiny, actor, named)
    assert "household" not in set(plan_draft(tiny, LEADER, code).rows["target_kind"])
    with pytest.raises(PermissionError_, match="只能删除本人"):
        delete_plan(tiny, LEADER, code, now=NOW)
    with pytest.raises(PermissionError_):
        save_plan(tiny, LOOKING, plan(tiny), name="看", now=NOW)
    with pytest.raises(PermissionError_):
        save_plan(tiny, ELSEWHERE, plan(tiny, township=TOWNSHIP), name="别处", now=NOW)
    with pytest.raises(InputError):
        save_plan(tiny, DEPARTMENT, plan(tiny), name="  ", now=NOW)


def test_a_plan_is_for_one_day(tiny):
    before = plan_for(
        tiny, DEPARTMENT, as_of=date(2026, 4, 1), options=PlanOptions(kinds=("cell_contested",))
    )
    assert before.as_of == date(2026, 4, 1)
    assert before.rows["target_code"].tolist() == [A2]
    assert A1 not in set(before.rows["target_code"])
