"""The second page of a village's profile: figures over the years, plans, goals, rectification, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from fpdf import FPDF

from geo.exchange.paper_fit import Box, Panel, put_fitting, put_in, put_strong, stack
from geo.exchange.paper_flow import GREY, LINE, UPRIGHT, Column
from geo.exchange.paper_look import CASES, GREEN, INK_LIGHT, VERMILLION, colour
from geo.exchange.paper_sheet import put_day
from geo.exchange.village_paper.charts import charts_panel
from geo.exchange.village_paper.figures import UNKNOWN
from geo.exchange.village_paper.lists import Listed, Row, list_panel, sign_mark
from geo.exchange.village_paper.pictures import ContentOf, pictures_panel
from geo.exchange.village_paper.texts import sheet_texts_panel, texts_panel
from geo.exchange.village_profile import CaseLine, GoalLine, ItemLine, VillageProfile
from geo.i18n import N_, _
from geo.rules.checklists import checklists
from geo.rules.goals import target_in_words
from geo.rules.units import in_unit
from geo.vocabulary import CaseStatus, EntityKind, Goal, WeakCause, label_of

_HEAD = 32.0
_ITEM, _ITEM_SIZE, _LIST_HEAD = 10.5, 7.0, 12.0
_RESULTS = {
    True: ("✓", GREEN, N_("达成")),
    False: ("▲", VERMILLION, N_("未达成")),
    None: ("—", INK_LIGHT, N_("未测")),
}


def draw_second(sheet: FPDF, box: Box, profile: VillageProfile, *, content_of: ContentOf) -> None:
    """Fill the page."""
    _draw_head(sheet, box.upper(_HEAD), profile)
    goals, lists = box.columns(0.5, 0.5, gap=10)
    notes = sheet_texts_panel(profile, box.width)
    rows = [
        [(1.0, charts_panel(profile.indicators))],
        [(1.0, texts_panel(profile, box.width))],
        *([[(1.0, notes)]] if notes else []),
        [(0.5, _goals_panel(profile, goals.width)), (0.5, _items_panel(profile.items, lists.width))],
        [(1.0, _cases_panel(profile.cases, box.width))],
        [(1.0, pictures_panel(profile.pictures, content_of))],
    ]
    stack(sheet, box.lower(_HEAD), rows)


def _draw_head(sheet: FPDF, box: Box, profile: VillageProfile) -> None:
    room = Box(box.left, box.top, box.width - 150, 14)
    put_strong(sheet, room, f"{profile.township_name} {profile.name}", 13.0, least=7.5)
    put_day(sheet, box.top, profile.as_of, is_sample=profile.is_sample, span=UPRIGHT)
    sheet.set_draw_color(*LINE)
    sheet.set_line_width(0.8)
    sheet.line(box.left, box.bottom - 7, box.right, box.bottom - 7)


def _goals_panel(profile: VillageProfile, width: float) -> Panel:
    columns = [
        Column(_("目标"), 22),
        Column(_("现值"), 25, "right"),
        Column(_("标准"), 32),
        Column(_("结果"), 21),
    ]
    rows = [_goal_row(goal) for goal in profile.goals]
    met = sum(bool(goal.is_met) for goal in profile.goals)
    aside = _("达成 {met}/{all} 项").format(met=met, all=len(rows)) if rows else ""
    title = _("{year} 年八项目标").format(year=profile.goals_year)
    return list_panel(title, Listed(columns, rows, _("没有目标")), width, rows=8, aside=aside)


def _goal_row(goal: GoalLine) -> Row:
    value = UNKNOWN if goal.value is None else in_unit(goal.value, goal.unit)
    target = target_in_words(Goal(goal.goal), goal.target, goal.unit)
    sign, ink, word = _RESULTS[goal.is_met]
    return Row([label_of(Goal(goal.goal)), value, target, ""], {3: sign_mark(sign, ink, _(word))})


def _items_panel(items: Sequence[ItemLine], width: float) -> Panel:
    """Each list with its items in two columns, ticked where they are done."""
    lists = [(code, [*group]) for code, group in groupby(items, key=lambda item: item.checklist)]
    title = _("清单")
    if not lists:
        return Panel(
            title, 14, 14, 14, lambda sheet, box: put_in(sheet, box, _("没有清单"), 8.0, colour=GREY)
        )
    height = sum(_LIST_HEAD + -(-len(group) // 2) * _ITEM for _code, group in lists)

    def draw(sheet: FPDF, box: Box) -> None:
        top, squeeze = box.top, min(1.0, box.height / height)
        for code, group in lists:
            _draw_list(sheet, Box(box.left, top, box.width, 0), code, group, squeeze)
            top += (_LIST_HEAD + -(-len(group) // 2) * _ITEM) * squeeze

    return Panel(title, height * 0.85, height, height, draw)


def _draw_list(sheet: FPDF, box: Box, code: str, group: Sequence[ItemLine], squeeze: float) -> None:
    done = sum(item.done_on is not None for item in group)
    told = _("{name}：完成 {done}/{all} 项").format(
        name=_(checklists()[code].label), done=done, all=len(group)
    )
    put_in(sheet, box, told, 7.6)
    columns = box.lower(_LIST_HEAD * squeeze).columns(1.0, 1.0, gap=6)
    rows = -(-len(group) // 2)
    for at, item in enumerate(group):
        part = columns[at // rows].lower(at % rows * _ITEM * squeeze)
        sign, ink = ("✓", GREEN) if item.done_on is not None else ("□", INK_LIGHT)
        put_in(sheet, part, sign, _ITEM_SIZE, colour=colour(ink))
        beside = Box(part.left + 10, part.top, part.width - 10, _ITEM)
        put_fitting(sheet, beside, _(item.label), _ITEM_SIZE, least=5.2)


def _cases_panel(cases: Sequence[CaseLine], width: float) -> Panel:
    columns = [
        Column(_("对象"), 21),
        Column(_("原因"), 13),
        Column(_("状态"), 11),
        Column(_("进度"), 12),
        Column(_("挂牌"), 11),
        Column(_("限期／销号"), 14),
        Column(_("任务"), 7, "right"),
        Column(_("责任人"), 10),
        Column(_("联系领导"), 10),
    ]
    is_open = [case for case in cases if case.status not in {CaseStatus.CLOSED, CaseStatus.WITHDRAWN}]
    aside = _("共 {all} 件，未销号 {open} 件").format(all=len(cases), open=len(is_open)) if cases else ""
    rows = [_case_row(case) for case in cases]
    return list_panel(_("挂牌整改"), Listed(columns, rows, _("没有挂牌整改")), width, rows=3, aside=aside)


def _case_row(case: CaseLine) -> Row:
    sign, ink = CASES[case.status]
    again = _("（第 {round} 次）").format(round=case.round) if case.round > 1 else ""
    kind = label_of(EntityKind(case.subject_kind))
    subject = case.subject_name or kind
    return Row(
        [
            f"{subject}{again}",
            label_of(WeakCause(case.cause)),
            "",
            _progress(case),
            case.listed_on.isoformat(),
            (case.closed_on or case.due_on).isoformat(),
            f"{case.tasks_done}/{case.tasks}",
            case.responsible or UNKNOWN,
            case.leader or UNKNOWN,
        ],
        {2: sign_mark(sign, ink, label_of(CaseStatus(case.status)))},
    )


def _progress(case: CaseLine) -> str:
    """Days left or over, or how it ended."""
    if case.days_left is None:
        return UNKNOWN
    if case.days_left < 0:
        return _("超 {days} 天").format(days=-case.days_left)
    return _("剩 {days} 天").format(days=case.days_left)
