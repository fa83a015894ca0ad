"""Invented village profiles, plain and extreme, for tests of how they are put on paper."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import shapely
from PIL import Image, ImageDraw

from geo.exchange.village_profile import (
    CaseLine,
    GoalLine,
    Indicator,
    ItemLine,
    LabelLine,
    LevelLine,
    MemberLine,
    Picture,
    SuspectLine,
    TextLine,
    VillageMap,
    VillageProfile,
    YearFigure,
)
from geo.rules.checklists import checklists
from geo.vocabulary import (
    FIVE_LEVELS,
    AttachmentUse,
    CaseState,
    CaseStatus,
    Goal,
    ResponsibilityKind,
    TextKind,
    VillageLabel,
    WeakCause,
)
from tests.shapes import VILLAGE_CODE, at_m, cell_code, tiled_village

DAY = date(2026, 5, 1)
MADE = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
STATES = ("owned", "owned", "unowned", "owned", "contested")
LONG_NAME = "巴音郭楞蒙古族自治乡阿克苏库勒第二十三生产大队"
SENTENCE = "村集体无经营性收入，党员平均年龄六十一岁，近三年未发展党员；与邻村（柳沟村）山林边界争议未决。"

FIGURES = {
    "households": ("户数", (412, 418, None, 421)),
    "people": ("人口", (1650, 1642, None, 1629)),
    "party_members": ("党员数", (46, 46, 45, 47)),
    "new_members_3y": ("近三年新发展党员", (0, 0, 0, 1)),
    "reserve_cadres": ("后备干部", (1, 1, 2, 2)),
    "people_away": ("外出人口", (498, 520, None, 535)),
    "people_farming": ("务农人口", (611, 604, None, 590)),
    "assessment_rank": ("考核名次", (17, 18, 16, 18)),
    "income_total_yuan": ("总收入（元）", (86_000, 88_500, None, 91_000)),
    "income_own_yuan": ("不含补助的集体收入（元）", (12_000, 18_000, None, 21_000)),
    "disputes_open": ("未化解纠纷", (3, 4, 4, 2)),
    "petitions": ("信访件数", (6, 5, 7, 2)),
    "satisfaction_ratio": ("满意率", (0.61, 0.58, 0.55, 0.72)),
}


def village_map(
    *, land: str = "concave", cells: int = 6, factor: float = 1.0, dots: int | None = 120, seed: int = 5
) -> VillageMap:
    """A drawn village of the catalogue with its cells, eight neighbours, two lodgings and households.

    ``factor`` makes all of it so much larger; ``dots`` None leaves households as counts.
    """
    rng = np.random.default_rng(seed)
    area, parts = tiled_village(land, cells, rng)
    frame = _scaled(
        _frame(
            {
                "code": [cell_code(number) for number in range(1, len(parts) + 1)],
                "name": [f"第{number}网格" for number in range(1, len(parts) + 1)],
                "state": [STATES[number % len(STATES)] for number in range(len(parts))],
                "households": rng.integers(0, 90, len(parts)),
            },
            parts,
        ),
        factor,
    )
    village = _scaled(_frame({"code": [VILLAGE_CODE], "name": ["柳沟村"]}, [area]), factor)
    return VillageMap(
        village,
        _scaled(_neighbours(area), factor),
        frame,
        _scaled(_cadres(area), factor),
        None if dots is None else _scaled(_households(area, dots, rng), factor),
    )


def _frame(columns, shapes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[*shapes], crs="EPSG:4490")


def _scaled(frame: gpd.GeoDataFrame, factor: float) -> gpd.GeoDataFrame:
    middle = at_m(shapely.Point(500, 500))
    scaled = [
        shapely.transform(shape, lambda c: (c - [middle.x, middle.y]) * factor + [middle.x, middle.y])
        for shape in frame.geometry
    ]
    return frame.set_geometry(gpd.GeoSeries(scaled, crs="EPSG:4490", index=frame.index))


def _neighbours(area) -> gpd.GeoDataFrame:
    names = ("上河村", "马家庄村", "石桥村", "南坪社区", "瓦窑村", "北沟村", "大王庄村", "青山村", "小店村")
    boxes = [
        at_m(shapely.box(x, y, x + 1500, y + 1400)) for x in (-2200, -700, 800) for y in (-1900, -500, 900)
    ]
    shapes = [shapely.difference(box, shapely.convex_hull(area)) for box in boxes]
    rows = [(name, shape) for name, shape in zip(names, shapes, strict=True) if not shape.is_empty]
    codes = [f"9901011012{number:02d}" for number in range(10, 10 + len(rows))]
    return _frame({"code": codes, "name": [name for name, _shape in rows]}, [shape for _name, shape in rows])


def _cadres(area) -> gpd.GeoDataFrame:
    place = shapely.point_on_surface(area)
    apart = shapely.Point(place.x + 0.002, place.y - 0.001)
    kinds = ["resident_cadre", "team_head", "township_cadre"]
    columns = {"code": ["C1", "C2", "C3"], "name": ["刘建国", "王芳", "陈志强"], "kind": kinds}
    return _frame(columns, [place, place, apart])


def _households(area, count: int, rng) -> gpd.GeoDataFrame:
    west, south, east, north = area.bounds
    points = shapely.points(rng.uniform((west, south), (east, north), (count * 4, 2)))
    inside = points[shapely.contains(area, points)][:count]
    return _frame({"paired": rng.random(len(inside)) > 0.2}, inside)


EMPTY_MAP = VillageMap(
    _frame({"code": [VILLAGE_CODE], "name": ["柳沟村"]}, [None]),
    _frame({"code": [], "name": []}, []),
    _frame({"code": [], "name": [], "state": [], "households": []}, []),
    _frame({"code": [], "name": [], "kind": []}, []),
    None,
)


def indicators(years: int = 4) -> tuple[Indicator, ...]:
    """All figures, ending with 2025; more than four years repeat what is drawn above."""
    return tuple(_indicator(name, label, values, years) for name, (label, values) in FIGURES.items())


def _indicator(name: str, label: str, values, years: int) -> Indicator:
    told = [values[at % len(values)] for at in range(-years, 0)]
    figures = tuple(
        YearFigure(2026 - years + at, value, None if value is None else value * 1.2 + (at % 3) * 0.01)
        for at, value in enumerate(told)
    )
    return Indicator(name, label, figures, "乡镇年报", date(2026, 1, 15))


LABELS = (
    LabelLine(
        VillageLabel.WEAK,
        date(2025, 7, 1),
        None,
        None,
        "支部班子长期不团结，三年未发展党员",
        "安组发〔2025〕12号",
        "department",
        ("2025 年新发展党员 1 名，满意率 72%，原疑似条件已不成立",),
    ),
    LabelLine(
        VillageLabel.POOR, date(2026, 1, 1), 21_000, 30_000, "2025 年集体收入 21,000 元，低于 30,000 元"
    ),
    LabelLine(VillageLabel.OLD_REVOLUTIONARY, None, None, None, "革命老区村"),
)
SUSPECTS = (SuspectLine(VillageLabel.ELECTION_PRIORITY, "村党组织书记空缺已 4 个月，候选名单未备"),)

LEVELS = tuple(
    LevelLine(kind, state, covered, total, holders)
    for kind, (state, covered, total, holders) in zip(
        FIVE_LEVELS,
        (
            ("held", 1, 1, ("李卫东（县人大）",)),
            ("held", 1, 1, ("县农业农村局",)),
            ("missing", 3, 5, ("县农技推广站", "县水利管理站", "石桥镇财政所")),
            ("not_applicable", 0, 0, ()),
            ("missing", 296, 421, ()),
        ),
        strict=True,
    )
)

_MEMBERS = (
    ("team_head", "C2", "王芳", "县司法局", "county"),
    ("resident_cadre", "C1", "刘建国", "省水利厅", "province"),
    ("township_cadre", "C3", "陈志强", "石桥镇人民政府", "township"),
)
TEAM = tuple(
    MemberLine(*member, since=date(2025, 7, 1), until=date(2026, 7, 1) if member[0] != "team_head" else None)
    for member in _MEMBERS
)

TEXTS = tuple(
    TextLine(kind, year, body, MADE, "coordinator")
    for kind, year, body in (
        (TextKind.MAIN_PROBLEM, 0, SENTENCE),
        (TextKind.STRENGTHS, 0, "紧邻省道，有水库灌溉；山楂种植已有八百亩，妇女编织手艺远近知名。"),
        (
            TextKind.THREE_YEAR_PLAN,
            2024,
            "一年打基础，配齐班子、清理集体合同；两年见效益，建成山楂初加工车间；三年上台阶，集体年收入稳定在五万元以上，无集体上访。",
        ),
        (TextKind.YEARLY_PLAN, 2026, "1. 七月前补选支部书记。2. 收回荒山承包款 3.2 万元。3. 发展党员两名。"),
        (TextKind.YEARLY_PLAN, 2025, "调查摸底。"),
        (TextKind.CONSTRUCTION_PLAN, 0, "村内主干道硬化 2.1 公里，新建文化广场一处。"),
    )
)

_GOALS = (
    (Goal.INCOME, 21_000, 30_000, "yuan/year", False),
    (Goal.RESERVE_CADRES, 2, 3, "cadres", False),
    (Goal.NEW_MEMBERS, 3, 3, "members", True),
    (Goal.USEFUL_THINGS, 5, 3, "things", True),
    (Goal.PROBLEMS_SETTLED, 2, 0, "disputes", False),
    (Goal.PEOPLE_TRAINED, 60, 50, "people", True),
    (Goal.PEOPLE_PLACED, 12, 20, "people", False),
    (Goal.RULES_SET_UP, None, 1, "systems", None),
)
GOALS = tuple(GoalLine(*goal) for goal in _GOALS)

ITEMS = tuple(
    ItemLine(code, item, label, date(2026, 3, at + 1) if at % 3 else None)
    for code in ("village_eight", "ten_tasks")
    for at, (item, label) in enumerate(checklists()[code].items.items())
)


def case(number: int = 1, **given) -> CaseLine:
    """The case of this number: statuses take turns."""
    status = [*CaseStatus][number % len(CaseStatus)]
    closed = {CaseStatus.CLOSED: CaseState.CLOSED, CaseStatus.WITHDRAWN: CaseState.WITHDRAWN}.get(status)
    fields = {
        "code": f"Z{number:04d}",
        "subject_kind": "village" if number % 2 else "branch",
        "subject_name": "柳沟村" if number % 2 else f"柳沟村第{number}党支部",
        "cause": [*WeakCause][number % len(WeakCause)],
        "state": closed or CaseState.WORKING,
        "status": status,
        "round": 1 + number % 2,
        "listed_on": date(2026, 2, 1),
        "due_on": date(2026, 5, 12),
        "closed_on": date(2026, 4, 20) if closed else None,
        "days_left": None if closed else 11 - number * 7,
        "tasks": 6,
        "tasks_done": number % 7,
        "responsible": "王芳",
        "leader": "李卫东",
    }
    return CaseLine(**fields | given)


def picture(number: int, **given) -> Picture:
    """The picture of this number: then and now take turns, two and two of the same place."""
    fields = {
        "code": f"P{number:03d}",
        "use": AttachmentUse.NOW if number % 2 else AttachmentUse.THEN,
        "title": ("村口", "文化广场", "进村主路", "小学")[number // 2 % 4],
        "taken_on": date(2026, 4, 2) if number % 2 else date(2019, 3, 1 + number % 28),
        "media_type": "image/jpeg",
        "width": 800,
        "height": 600,
        "size_bytes": 60_000,
    }
    return Picture(**fields | given)


def content_of(code: str) -> bytes:
    """A drawn picture: sky, hill and a house whose place goes with the code."""
    number = sum(map(ord, code))
    image = Image.new("RGB", (800, 600 if number % 5 else 1100), (190 - number % 60, 215, 235))
    pen = ImageDraw.Draw(image)
    pen.ellipse((-200, 330, 1000, 1300), fill=(120, 150 - number % 50, 90))
    left = 150 + number * 37 % 400
    pen.rectangle((left, 320, left + 170, 440), fill=(205, 190, 165))
    pen.polygon([(left - 20, 320), (left + 85, 240), (left + 190, 320)], fill=(150, 70, 55))
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=85)
    return stored.getvalue()


def profile(**given) -> VillageProfile:
    """A village about which everything is known; ``given`` replaces parts."""
    fields = {
        "code": VILLAGE_CODE,
        "name": "柳沟村",
        "township_code": VILLAGE_CODE[:9],
        "township_name": "石桥镇",
        "county_name": "安和县",
        "kind": "village",
        "as_of": DAY,
        "known_at": None,
        "is_sample": True,
        "facts": {
            "households": 421,
            "households_due": 421,
            "households_paired": 296,
            "cells": 6,
            "cells_unowned": 1,
            "cells_contested": 1,
            "area_km2": 0.9823,
        },
        "map": village_map(),
        "levels": LEVELS,
        "team": TEAM,
        "indicators": indicators(),
        "labels": LABELS,
        "suspects": SUSPECTS,
        "texts": TEXTS,
        "goals_year": 2026,
        "goals": GOALS,
        "items": ITEMS,
        "cases": (case(0), case(3)),
        "pictures": tuple(picture(number) for number in range(4)),
    }
    return VillageProfile(**fields | given)


def bare(**given) -> VillageProfile:
    """A village of which only the name is known."""
    parts = "levels team indicators labels suspects texts goals items cases pictures"
    nothing = dict.fromkeys(parts.split(), ())
    return profile(facts={}, map=EMPTY_MAP, is_sample=False, **nothing | given)


def crowded() -> VillageProfile:
    """A village with too much of everything, and long names."""
    labels = tuple(
        LabelLine(
            label, DAY, 21_000, 30_000, SENTENCE * 3, "安组发〔2025〕12号" * 3, "department", (SENTENCE,) * 3
        )
        for label in (*VillageLabel, VillageLabel.WEAK)
    )
    return profile(
        name=LONG_NAME,
        township_name=LONG_NAME,
        county_name=LONG_NAME,
        known_at=MADE,
        map=village_map(cells=30, dots=2000),
        labels=labels,
        suspects=tuple(SuspectLine(label, SENTENCE) for label in VillageLabel),
        levels=tuple(replace(level, holders=(LONG_NAME,) * 9) for level in LEVELS),
        team=tuple(
            MemberLine(kind, f"C{at}", LONG_NAME, LONG_NAME, "county", DAY, None)
            for at in range(5)
            for kind in ResponsibilityKind
        ),
        indicators=indicators(25),
        texts=tuple(TextLine(kind, 2026, (SENTENCE * 200)[:5000], MADE, "department") for kind in TextKind),
        goals=tuple(replace(goal, value=123_456_789.5, note=SENTENCE) for goal in GOALS),
        items=tuple(replace(item, label=item.label * 6, note=SENTENCE) for item in ITEMS),
        cases=tuple(case(number, subject_name=LONG_NAME, responsible=LONG_NAME) for number in range(12)),
        pictures=tuple(picture(number, title=LONG_NAME) for number in range(20)),
    )
