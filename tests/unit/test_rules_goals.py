"""The files of goals and checklists are whole, and faulty ones are refused."""

from datetime import date

import pytest
import yaml

from geo.errors import InputError
from geo.frames import LAYERS
from geo.rules import load_rules
from geo.rules.checklists import checklists, checklists_for, read_checklists
from geo.rules.goals import AT_MOST, goal_kinds, read_goal_kinds, target_in_words
from geo.rules.sources import SOURCES
from geo.vocabulary import Goal, VillageKind


def test_every_goal_has_a_threshold_and_is_measured_by_a_known_column():
    rules = load_rules(date(2026, 5, 1))
    for kind in goal_kinds().values():
        assert rules[kind.threshold].value >= 0
        assert kind.is_entered or kind.column in LAYERS["indicators"].column_names
    assert [*goal_kinds()] == [*Goal]


def test_the_numbers_of_the_source():
    rules = load_rules(date(2026, 5, 1))
    numbers = {str(goal): rules[kind.threshold].value for goal, kind in goal_kinds().items()}
    said = {"income": 30_000, "reserve_cadres": 3, "new_members": 3, "useful_things": 3}
    assert said.items() <= numbers.items()
    assert {rules[goal_kinds()[Goal(goal)].threshold].source for goal in said} == {"S2"}


def test_a_target_in_words():
    assert target_in_words(Goal.INCOME, 30_000, "yuan/year") == "不少于 30,000 元/年"
    assert goal_kinds()[Goal.PROBLEMS_SETTLED].direction == AT_MOST
    assert target_in_words(Goal.PROBLEMS_SETTLED, 0, "disputes") == "不多于 0 起纠纷"


def test_the_lists_of_the_appendix():
    assert {code: len(found.items) for code, found in checklists().items()} == {
        "village_eight": 8,
        "community_ten": 10,
        "ten_tasks": 10,
    }
    assert {found.source for found in checklists().values()} <= SOURCES.keys()
    assert [found.code for found in checklists_for("community")] == ["community_ten", "ten_tasks"]
    assert [found.code for found in checklists_for(VillageKind.VILLAGE)] == ["village_eight", "ten_tasks"]


def _goals():
    entry = {"about": "数", "threshold": "goal_income_own_yuan", "column": "", "direction": "at_least"}
    return {str(goal): dict(entry) for goal in Goal}


def _list():
    return {"one": {"label": "一", "source": "S4", "kinds": ["village"], "items": {"a": "甲"}}}


@pytest.mark.parametrize(
    "change",
    [
        lambda goals: goals.pop("income"),
        lambda goals: goals.update(more=goals["income"]),
        lambda goals: goals["income"].pop("column"),
        lambda goals: goals["income"].update(direction="about"),
        lambda goals: goals["income"].update(threshold=""),
    ],
)
def test_a_faulty_file_of_goals_is_refused(tmp_path, change):
    path = tmp_path / "goals.yaml"
    path.write_text(yaml.safe_dump(_goals()), encoding="utf-8")
    assert len(read_goal_kinds(path)) == 8
    goals = _goals()
    change(goals)
    path.write_text(yaml.safe_dump(goals), encoding="utf-8")
    with pytest.raises(InputError):
        read_goal_kinds(path)


@pytest.mark.parametrize(
    "change", [{"label": ""}, {"items": {}}, {"kinds": ["town"]}, {"kinds": []}, {"more": 1}]
)
def test_a_faulty_file_of_lists_is_refused(tmp_path, change):
    path = tmp_path / "checklists.yaml"
    path.write_text(yaml.safe_dump(_list()), encoding="utf-8")
    assert [*read_checklists(path)] == ["one"]
    faulty = _list()
    faulty["one"].update(change)
    path.write_text(yaml.safe_dump(faulty), encoding="utf-8")
    with pytest.raises(InputError):
        read_checklists(path)
