"""Invented inspection lists, for tests of how they are put on paper and into workbooks."""

from __future__ import annotations

from datetime import UTC, date, datetime

from geo.exchange.inspection import InspectionList, InspectionRow, Share, TownshipPart

DAY = date(2026, 5, 1)
MADE = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
KINDS = ("应派未派", "空白网格", "网格空白区", "结对空白户")
PEOPLE = ("石桥镇网格协调员", "县委组织部", "县农业农村局")
WHY = "网格 {code} 没有主责网格员，原网格员任期已满（2026-02-28），至今未安排接手；涉及 86 户，须优先安排。"


def row(number: int, **given) -> InspectionRow:
    """The gap of this number: kinds, people and figures take turns."""
    code = f"990101101201{number % 1000:03d}"
    known = number % 3 > 0
    fields = {
        "label": KINDS[number % len(KINDS)],
        "target": f"第{number}网格",
        "code": code,
        "village": "柳沟村",
        "value": 1234.5 if number % 2 else None,
        "threshold": 1000.0 if number % 2 else None,
        "unit": "m2" if number % 2 else "",
        "why": WHY.format(code=code),
        "since": date(2026, 3, 1) if known else None,
        "open_days": 61 if known else None,
        "who": PEOPLE[number % len(PEOPLE)],
    }
    return InspectionRow(**fields | given)


def part(
    name: str = "石桥镇", code: str = "990101101", *, rows: int | list[InspectionRow] = 3
) -> TownshipPart:
    """A township with so many gaps, or with these."""
    listed = [row(number) for number in range(1, rows + 1)] if isinstance(rows, int) else rows
    counts = tuple((kind, sum(one.label == kind for one in listed)) for kind in KINDS)
    shares = (Share("网格有主", 54, 55, 54 / 55), Share("重点村有人", 0, 0, None))
    return TownshipPart(code, name, counts, shares, tuple(listed))


def inspection(*parts: TownshipPart, **given) -> InspectionList:
    """A list of these townships."""
    fields = {
        "county": "安和县",
        "as_of": DAY,
        "filters": "全县；全部缺口种类",
        "made_by": "department",
        "made_at": MADE,
        "sample": False,
        "parts": parts,
    }
    return InspectionList(**fields | given)
