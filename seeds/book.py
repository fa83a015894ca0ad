"""What the villages' books hold: texts (一村一策), goals, checklists, then-and-now pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geo.rules.checklists import checklists_for
from geo.vocabulary import Goal
from seeds.cases import AS_OF
from seeds.pictures import scene_file
from seeds.size import Size
from seeds.years import LAST_YEAR

ENTERED_GOALS = {
    Goal.USEFUL_THINGS: (1, 7),
    Goal.PEOPLE_TRAINED: (5, 46),
    Goal.PEOPLE_PLACED: (2, 25),
    Goal.RULES_SET_UP: (1, 6),
}
"""Goals whose figures are entered, each between two numbers."""
_WHOLE_BOOKS, _COMMUNITIES, _WITH_PICTURES, _OWN_TARGETS = 12, 4, 8, 5
_OWN_TARGET_YUAN = 50_000
_FIRST_DAY = date(2025, 9, 15)
_STRENGTHS = (
    "有连片水田和山塘，适宜发展优质稻和水产。",
    "靠近县道，交通便利，外出能人多，返乡意愿较强。",
    "山林面积大，已有油茶和林下种植基础。",
    "毗邻集镇，闲置校舍和厂房可以盘活。",
)
_PROBLEMS = {
    "leadership_split": "两委班子意见不一，议事决策慢，群众对班子信任不足。",
    "economy_behind": "集体经济收入低，没有稳定项目，办事缺少经费。",
    "petitions": "土地和山林权属纠纷多年未决，信访件较多。",
    "organization_incomplete": "班子缺员，党员老化，多年没有发展新党员。",
}
_PLANS = {
    "leadership_split": (
        "调整班子分工，落实“四议两公开”，每季度开一次组织生活会。",
        "配齐班子，群众满意率升到八成以上。",
    ),
    "economy_behind": (
        "与农业公司合作种植五十亩，盘活闲置校舍出租。",
        "集体收入达到三万元以上，并有两个稳定项目。",
    ),
    "petitions": ("县级领导包案，逐件化解，建立矛盾台账并每月公示。", "积案基本化解，建立村级调解室。"),
    "organization_incomplete": (
        "公开推选补齐班子，培养三名入党积极分子。",
        "组织健全，每年发展一名以上党员。",
    ),
}
_SHEETS = {
    "present_state": "图中标出道路、塘渠、公共房屋和住户分布，供入户走访使用。",
    "construction_plan": "规划硬化村道、改造旧房、修建小广场，分年实施。",
    "programme_plan": "安排产业、培训、结对帮扶等项目，明确责任人和时限。",
}


@dataclass(frozen=True)
class Book:
    """Tables of what is written about villages; days are dates, empty cells None.

    Attributes
    ----------
    texts : DataFrame ``village_code, kind, year, body``
    goals : DataFrame ``village_code, year, goal, value, target, note``
    checklists : DataFrame ``village_code, checklist, item, done_on``
    pictures : DataFrame ``village_code, use, file, title, taken_on``
    """

    texts: pd.DataFrame
    goals: pd.DataFrame
    checklists: pd.DataFrame
    pictures: pd.DataFrame


def make_book(
    villages: pd.DataFrame, designations: pd.DataFrame, size: Size, rng: np.random.Generator
) -> Book:
    """The main problem of every weak village; whole books of some of them; the lists of a few communities."""
    weak = designations[(designations["label"] == "weak") & designations["valid_to"].isna()]
    causes = dict(zip(weak["village_code"], weak["cause"], strict=True))
    weak_codes = sorted(causes)
    kinds = dict(zip(villages["code"], villages["kind"], strict=True))
    communities = sorted(code for code, kind in kinds.items() if kind == "community")
    whole = sorted(rng.permutation(weak_codes)[: max(2, size.share(_WHOLE_BOOKS))])
    listed = [*whole, *communities[: size.share(_COMMUNITIES)]]
    pictured = sorted(rng.permutation(whole)[: size.share(_WITH_PICTURES)])
    texts = [_text(code, "main_problem", _PROBLEMS[causes[code]]) for code in weak_codes]
    texts += [row for code in whole for row in _texts(code, causes[code], rng)]
    texts += [_text(code, kind, body) for code in pictured for kind, body in _SHEETS.items()]
    own_targets = set(rng.permutation(whole)[: size.share(_OWN_TARGETS)])
    return Book(
        _frame(texts),
        _frame([row for code in whole for row in _goals(code, code in own_targets, rng)]),
        _frame([row for code in listed for row in _items(code, kinds[code], rng)]),
        _frame([row for number, code in enumerate(pictured) for row in _pictures(code, number)]),
    )


def _texts(code: str, cause: str, rng: np.random.Generator) -> list[dict[str, Any]]:
    this_year, three_years = _PLANS[cause]
    return [
        _text(code, "strengths", str(rng.choice(_STRENGTHS))),
        _text(code, "three_year_plan", three_years, LAST_YEAR),
        _text(code, "yearly_plan", this_year, AS_OF.year),
    ]


def _text(code: str, kind: str, body: str, year: int = 0) -> dict[str, Any]:
    return {"village_code": code, "kind": kind, "year": year, "body": body}


def _goals(code: str, has_own_target: bool, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The year that is over, whole; of the present one what has been reached by spring."""
    rows = []
    for goal, (least, most) in ENTERED_GOALS.items():
        value = int(rng.integers(least, most))
        rows.append(_goal(code, LAST_YEAR, goal, value))
        if goal is Goal.USEFUL_THINGS:
            rows.append(_goal(code, AS_OF.year, goal, value // 3))
    if has_own_target:
        rows.append(_goal(code, LAST_YEAR, Goal.INCOME, None, _OWN_TARGET_YUAN))
    return rows


def _goal(code: str, year: int, goal: Goal, value: int | None, target: int | None = None) -> dict[str, Any]:
    row = {"village_code": code, "year": year, "goal": str(goal), "value": value, "target": target}
    return {**row, "note": "村民代表会议自定目标" if target else ""}


def _items(code: str, kind: str, rng: np.random.Generator) -> list[dict[str, Any]]:
    """What has been done of the village's checklists: about half of each."""
    rows = []
    for found in checklists_for(kind):
        for item in found.items:
            days = int(rng.integers(0, (AS_OF - _FIRST_DAY).days))
            if rng.random() < 0.5:
                done_on = _FIRST_DAY + timedelta(days=days)
                rows.append({"village_code": code, "checklist": found.code, "item": item, "done_on": done_on})
    return rows


def _pictures(code: str, number: int) -> list[dict[str, Any]]:
    days = {"then": date(2015, 5, 1), "now": date(2026, 4, 10)}
    titles = {"then": "村口旧貌（示例）", "now": "村口新颜（示例）"}
    return [
        {
            "village_code": code,
            "use": use,
            "file": scene_file(use, number),
            "title": titles[use],
            "taken_on": day + timedelta(days=number),
        }
        for use, day in days.items()
    ]


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, dtype=object)
    return frame.where(frame.notna(), None)
