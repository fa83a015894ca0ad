"""The first page of a village's profile: who and where it is, its map, its labels, and who answers for it."""

from __future__ import annotations

from datetime import datetime

from fpdf import FPDF

from geo.exchange.paper_fit import Box, Panel, put_fitting, put_in, put_strong, stack
from geo.exchange.paper_flow import GREY, UPRIGHT, Column
from geo.exchange.paper_look import GREEN, INK_LIGHT, LABELS, VERMILLION
from geo.exchange.paper_sheet import put_day
from geo.exchange.paper_text import printable, width_of
from geo.exchange.village_paper.figures import UNKNOWN, day, last_day, latest_of, plain, yuan
from geo.exchange.village_paper.lists import Listed, Row, draw_look, list_panel, look_mark, sign_mark
from geo.exchange.village_paper.map_drawing import draw_map
from geo.exchange.village_paper.map_margin import MapNotes, draw_margin
from geo.exchange.village_profile import LabelLine, LevelLine, MemberLine, VillageProfile
from geo.i18n import N_, _
from geo.rules.units import percent
from geo.vocabulary import (
    ATTRIBUTE_LABELS,
    DERIVED_LABELS,
    CadreLevel,
    ResponsibilityKind,
    VillageKind,
    VillageLabel,
    label_of,
)

_HEAD, _TILES = 58.0, 40.0
_MAP_LEAST, _MAP_MOST = 260.0, 480.0
_TITLE, _LEAST_TITLE = 20.0, 11.0
_ASIDE = 150.0
_RULE = (203, 210, 219)
_GROUND = (245, 247, 250)
_STATES = {
    "held": ("●", GREEN, N_("已落实")),
    "missing": ("▲", VERMILLION, N_("有缺口")),
    "not_applicable": ("—", INK_LIGHT, N_("不适用")),
}


def draw_first(sheet: FPDF, box: Box, profile: VillageProfile, *, made_by: str) -> None:
    """Fill the page."""
    _draw_head(sheet, box.upper(_HEAD), profile)
    _draw_tiles(sheet, Box(box.left, box.top + _HEAD, box.width, _TILES), profile)
    levels, team = box.columns(0.5, 0.5, gap=10)
    rows = [
        [(1.0, _map_panel(profile, made_by))],
        [(1.0, _labels_panel(profile, box.width))],
        [(0.5, _levels_panel(profile.levels, levels.width)), (0.5, _team_panel(profile.team, team.width))],
    ]
    stack(sheet, box.lower(_HEAD + _TILES + 8), rows)


def _draw_head(sheet: FPDF, box: Box, profile: VillageProfile) -> None:
    room = Box(box.left, box.top, box.width - _ASIDE, _TITLE)
    put_strong(sheet, room, profile.name, _TITLE, least=_LEAST_TITLE)
    kind = label_of(VillageKind(profile.kind))
    where = " · ".join(
        part for part in (profile.county_name, profile.township_name, kind, profile.code) if part
    )
    put_fitting(sheet, Box(box.left, box.top + 27, room.width, 9), where, 9.0, least=6.5, colour=GREY)
    put_day(sheet, box.top + 2, profile.as_of, is_sample=profile.is_sample, span=UPRIGHT)
    if profile.known_at is not None:
        put_in(
            sheet,
            Box(box.right - _ASIDE, box.top + 28, _ASIDE, 8),
            _known(profile.known_at),
            7.0,
            align="right",
            colour=GREY,
        )
    _draw_chips(sheet, Box(box.left, box.top + 41, box.width, 11), profile)


def _known(known_at: datetime) -> str:
    return _("按 {time} 时的记录").format(time=f"{known_at:%Y-%m-%d %H:%M}")


def _draw_chips(sheet: FPDF, box: Box, profile: VillageProfile) -> None:
    """The labels it bears, each once; what does not fit is in the table below the map."""
    labels = list(dict.fromkeys(line.label for line in profile.labels))
    if not labels:
        put_in(sheet, box, _("没有重点村标签"), 8.5, colour=GREY)
        return
    left, size = box.left, 8.5
    for at, label in enumerate(labels):
        word = label_of(VillageLabel(label))
        wide = width_of(printable(word), size) + size * 1.7 + 5
        if left + wide > box.right:
            put_in(sheet, Box(left, box.top, box.right - left, size), f"+{len(labels) - at}", size)
            return
        draw_look(sheet, Box(left, box.top, wide, size), LABELS[label], word, size=size)
        left += wide + 10


def _draw_tiles(sheet: FPDF, box: Box, profile: VillageProfile) -> None:
    tiles = _tiles(profile)
    for part, (value, name, note) in zip(box.columns(*[1.0] * len(tiles), gap=5), tiles, strict=True):
        sheet.set_fill_color(*_GROUND)
        sheet.set_draw_color(*_RULE)
        sheet.set_line_width(0.5)
        sheet.rect(part.left, part.top, part.width, part.height, style="DF")
        inner = part.inset(4)
        put_fitting(sheet, inner, name, 7.0, least=5.2, colour=GREY)
        put_strong(sheet, inner.lower(9.5), value, 11.5, least=6.5)
        put_fitting(sheet, inner.lower(24.5), note, 6.6, least=5.0, colour=GREY)


def _tiles(profile: VillageProfile) -> list[tuple[str, str, str]]:
    """Value, name and note of the key figures; years are those of the latest figure."""
    facts = profile.facts

    def told(name: str) -> str:
        return plain(facts[name]) if name in facts else UNKNOWN

    def yearly(name: str) -> tuple[str, str]:
        year = latest_of(profile.indicators, name)
        if year is None or year.value is None:
            return UNKNOWN, _("未填报")
        shown = yuan(year.value) if name.endswith("_yuan") else plain(year.value)
        return shown, _("{year} 年").format(year=year.year)

    def named(name: str, indicator: str) -> tuple[str, str, str]:
        value, note = yearly(indicator)
        return value, name, note

    due, paired = facts.get("households_due", 0), facts.get("households_paired", 0)
    people = {member.code for member in profile.team}
    residents = {member.code for member in profile.team if member.kind == ResponsibilityKind.RESIDENT_CADRE}
    return [
        (told("households"), _("在册户数"), day(profile.as_of)),
        named(_("人口"), "people"),
        named(_("党员"), "party_members"),
        named(_("集体收入"), "income_own_yuan"),
        (told("area_km2"), _("面积"), _("平方公里")),
        (told("cells"), _("网格"), _cell_note(facts)),
        (percent(paired / due if due else None), _("结对"), f"{plain(paired)}/{plain(due)}" if due else ""),
        (str(len(people)), _("工作组人数"), _("驻村 {count} 人").format(count=len(residents))),
    ]


def _cell_note(facts: dict[str, float]) -> str:
    if "cells" not in facts:
        return ""
    told = _("空白 {unowned}，多头 {contested}")
    return told.format(
        unowned=plain(facts.get("cells_unowned", 0)), contested=plain(facts.get("cells_contested", 0))
    )


def _map_panel(profile: VillageProfile, made_by: str) -> Panel:
    def draw(sheet: FPDF, box: Box) -> None:
        frame, margin = box.columns(0.76, 0.24, gap=9)
        view = draw_map(sheet, frame, profile.map)
        notes = MapNotes(profile.as_of, made_by, profile.is_sample)
        draw_margin(sheet, margin, view, profile.map, notes)

    return Panel(_("村域网格图"), _MAP_LEAST, _MAP_LEAST, _MAP_MOST, draw)


def _labels_panel(profile: VillageProfile, width: float) -> Panel:
    columns = [
        Column(_("标签"), 18),
        Column(_("依据"), 42),
        Column(_("数值／标准"), 15),
        Column(_("自"), 11),
        Column(_("文号／认定人"), 17),
    ]
    rows = [_label_row(line) for line in profile.labels]
    for suspect in profile.suspects:
        look = LABELS[suspect.label]
        word = _("疑似{label}").format(label=label_of(VillageLabel(suspect.label)))
        rows.append(Row(["", suspect.reason, UNKNOWN, UNKNOWN, _("未认定")], {0: look_mark(look, word)}))
    listed = Listed(columns, rows, _("没有标签，也没有疑似情形"))
    return list_panel(_("重点村标签与依据"), listed, width)


def _label_row(line: LabelLine) -> Row:
    against = [_("▲ 与数据不符：{text}").format(text=text) for text in line.contradictions]
    decided = "\n".join(text for text in (line.document_no, line.decided_by) if text)
    look = look_mark(LABELS[line.label], label_of(VillageLabel(line.label)))
    reason = "\n".join([line.reason, *against])
    return Row(["", reason, _held_against(line), day(line.since), decided or _origin(line.label)], {0: look})


def _held_against(line: LabelLine) -> str:
    if line.value is None or line.threshold is None:
        return UNKNOWN
    return f"{yuan(line.value)}／{yuan(line.threshold)}"


def _origin(label: str) -> str:
    """Where a label comes from that nobody decided on."""
    if label in DERIVED_LABELS:
        return _("按指标计算")
    return _("村的属性") if label in ATTRIBUTE_LABELS else UNKNOWN


def _levels_panel(levels: tuple[LevelLine, ...], width: float) -> Panel:
    columns = [
        Column(_("层级"), 25),
        Column(_("状态"), 18),
        Column(_("覆盖"), 15, "right"),
        Column(_("责任方"), 42),
    ]
    rows = [_level_row(level) for level in levels]
    return list_panel(_("五级责任"), Listed(columns, rows, _("没有责任记录")), width, rows=5)


def _level_row(level: LevelLine) -> Row:
    sign, ink, word = _STATES[level.state]
    covered = f"{level.covered:,}/{level.total:,}" if level.total else UNKNOWN
    name = label_of(ResponsibilityKind(level.kind))
    return Row(
        [name, "", covered, _("、").join(level.holders) or UNKNOWN], {1: sign_mark(sign, ink, _(word))}
    )


def _team_panel(team: tuple[MemberLine, ...], width: float) -> Panel:
    columns = [
        Column(_("职责"), 20),
        Column(_("姓名"), 16),
        Column(_("派出单位"), 36),
        Column(_("起止"), 25),
    ]
    rows = [_member_row(member) for member in team]
    return list_panel(_("驻村工作组"), Listed(columns, rows, _("没有派驻人员")), width, rows=5)


def _member_row(member: MemberLine) -> Row:
    kind = label_of(ResponsibilityKind(member.kind))
    level = label_of(CadreLevel(member.level)) if member.level else ""
    unit = _("{unit}（{level}）").format(unit=member.unit, level=level) if member.unit and level else ""
    until = last_day(member.until)
    end = _("至 {day}").format(day=until) if until else _("至今")
    period = f"{member.since.isoformat()}\n{end}"
    return Row([kind, member.name, unit or member.unit or level or UNKNOWN, period])
