"""What the side panel says about a place, as HTML. Every text from the data is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from geo.answers.levels import Holder, Level
from geo.answers.place import CellHere, Place
from geo.i18n import _
from geo.vocabulary import PRIORITY_LABELS, Rank, ResponsibilityKind, VillageLabel, label_of

_MOST_NAMES = 3
_CHAIN_CLASSES = {"held": "", "missing": "missing", "not_applicable": "na"}


def place_html(place: Place) -> str:
    """HTML of the panel for a place."""
    if place.village_code is None:
        return _panel(_heading(_("县域之外"), ""), _hint(_("此处不在已录入的任何村内。")))
    if place.restricted:
        return _panel(_village(place), _hint(_("此村不在您的权限范围内，只显示名称。")))
    return _panel(
        _village(place),
        _labels(place.labels),
        _section(_("此处存在的缺口"), _gaps(place)),
        _section(_("所在网格"), "".join(map(_cell, place.cells)) or _hint(_("此处不属于任何网格。"))),
        _section(_("五级责任链"), f'<ol class="chain">{"".join(map(_level, place.chain))}</ol>'),
        _section(_("驻村工作组"), _team(place.team)),
        _section(_facts_title(place), _facts(place)),
    )


def gap_sentences(place: Place) -> list[str]:
    """What is not covered here, one sentence each, the most pressing first."""
    labels = {label["label"] for label in place.labels}
    residents = [one for one in place.team if one.kind == str(ResponsibilityKind.RESIDENT_CADRE)]
    sentences = []
    if labels & set(map(str, PRIORITY_LABELS)) and not residents:
        sentences.append(_("重点村没有驻村干部，应派未派。"))
    if not place.cells:
        sentences.append(_("此处不在任何网格内，是网格空白区。"))
    for cell in place.cells:
        if cell.state == "unowned":
            sentences.append(_("网格 {name} 没有主责网格员。").format(name=cell.name or cell.code))
        elif cell.state == "contested":
            sentences.append(_("网格 {name} 有多名主责网格员。").format(name=cell.name or cell.code))
    sentences += [_missing_level(level) for level in place.chain if level.state == "missing"]
    return sentences


def _missing_level(level: Level) -> str:
    name = label_of(ResponsibilityKind(level.kind))
    if level.total > 1:
        return _("责任链缺“{level}”：{total} 个中有 {missing} 个无人负责。").format(
            level=name, total=f"{level.total:,}", missing=f"{level.total - level.covered:,}"
        )
    return _("责任链缺“{level}”。").format(level=name)


def _panel(*parts: str) -> str:
    return f'<div class="panel">{"".join(parts)}</div>'


def _section(title: str, body: str) -> str:
    return f"<h3>{escape(title)}</h3>{body}" if body else ""


def _hint(text: str) -> str:
    return f'<p class="hint">{escape(text)}</p>'


def _heading(title: str, below: str) -> str:
    return f'<h2>{escape(title)}</h2><div class="code">{escape(below)}</div>'


def _village(place: Place) -> str:
    below = " · ".join(part for part in (place.township_name, place.village_code) if part)
    return _heading(place.village_name or place.village_code or "", below)


def _labels(labels: Iterable[dict[str, Any]]) -> str:
    rows = [
        f'<div class="label {escape(label["label"])}"><b>{escape(label_of(VillageLabel(label["label"])))}</b>'
        f"<span>{escape(label['reason'] or '')}</span></div>"
        for label in labels
    ]
    return f'<div class="labels">{"".join(rows)}</div>' if rows else ""


def _gaps(place: Place) -> str:
    sentences = gap_sentences(place)
    if not sentences:
        whole = escape(_("未发现缺口。"))
        return f'<p class="ok">{whole}</p>'
    return f"<ul>{''.join(f'<li class=gap>{escape(sentence)}</li>' for sentence in sentences)}</ul>"


def _cell(cell: CellHere) -> str:
    owners = [one.name for one in cell.officers if one.rank != str(Rank.ASSISTANT)]
    assistants = [one.name for one in cell.officers if one.rank == str(Rank.ASSISTANT)]
    rows = [
        (_("网格"), cell.name or cell.code, ""),
        (_("代码"), cell.code, ""),
        (_("网格员"), _names(owners) or _("无"), "" if owners else "alert"),
    ]
    if assistants:
        rows.append((_("协助"), _names(assistants), ""))
    return _list(rows)


def _level(level: Level) -> str:
    who = {
        "held": _holders(level),
        "missing": _("缺"),
        "not_applicable": _("不适用"),
    }[level.state]
    if level.state == "missing" and level.covered:
        who = _("缺（{covered} / {total}）").format(covered=f"{level.covered:,}", total=f"{level.total:,}")
    kind = label_of(ResponsibilityKind(level.kind))
    return (
        f'<li class="{_CHAIN_CLASSES[level.state]}"><span class="kind">{escape(kind)}</span>'
        f'<span class="who">{escape(who)}</span></li>'
    )


def _holders(level: Level) -> str:
    if level.holders:
        return _names(dict.fromkeys(one.name for one in level.holders))
    return _("{covered} / {total} 户").format(covered=f"{level.covered:,}", total=f"{level.total:,}")


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    if len(listed) <= _MOST_NAMES:
        return "、".join(listed)
    return _("{names} 等 {count}").format(names="、".join(listed[:_MOST_NAMES]), count=len(listed))


def _team(team: Iterable[Holder]) -> str:
    by_kind: dict[str, list[str]] = {}
    for one in team:
        by_kind.setdefault(one.kind, []).append(one.name)
    rows = [(label_of(ResponsibilityKind(kind)), _names(names), "") for kind, names in by_kind.items()]
    return _list(rows) if rows else _hint(_("没有工作组成员。"))


def _facts_title(place: Place) -> str:
    year = place.facts.get("year")
    return _("村情（{year} 年指标）").format(year=year) if year else _("村情")


def _facts(place: Place) -> str:
    facts = place.facts
    unowned = _("（空白 {count}）").format(count=place.cells_unowned) if place.cells_unowned else ""
    near = _("周边 {metres} 米内户数").format(metres=f"{place.near_m:.0f}")
    rows = [
        (_("人口"), _number(facts.get("people")), ""),
        _homes(place),
        (_("党员"), _number(facts.get("party_members")), ""),
        (_("外出人口"), _number(facts.get("people_away")), ""),
        (_("集体收入（不含补助）"), _yuan(facts.get("income_own_yuan")), ""),
        (_("网格"), f"{place.cells_total:,}{unowned}", "alert" if unowned else ""),
        (near, f"{place.households_near:,}", ""),
    ]
    return _list(rows)


def _homes(place: Place) -> tuple[str, str, str]:
    """How many households there are and are paired; where not all must be, also how many must."""
    if place.households_due == place.households:
        return _("户数 / 已结对"), f"{place.households:,} / {place.households_paired:,}", ""
    numbers = (place.households, place.households_due, place.households_paired)
    return _("户数 / 应结对 / 已结对"), " / ".join(f"{number:,}" for number in numbers), ""


def _list(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = "".join(
        f'<dt>{escape(name)}</dt><dd class="{style}">{escape(value)}</dd>' for name, value, style in rows
    )
    return f"<dl>{lines}</dl>"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _yuan(value: float | None) -> str:
    if value is None:
        return "—"
    return _("{amount} 元").format(amount=f"{value:,.0f}")
