"""Who answers for the village: the five levels from above, and its work team."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from geo.exchange.village_profile import LevelLine, MemberLine
from geo.i18n import _
from geo.vocabulary import CadreLevel, ResponsibilityKind, label_of
from pages.ui.profile.look import empty_html
from pages.ui.sheets import last_day

_CLASSES = {"held": "", "missing": "missing", "not_applicable": "na"}
_MOST_NAMES = 3


def levels_html(levels: Sequence[LevelLine]) -> str:
    """The five levels as a chain."""
    return f'<ol class="chain">{"".join(map(_level, levels))}</ol>'


def team_html(team: Sequence[MemberLine]) -> str:
    """Each of the team once, with all they are there, the unit that sent them, and until when."""
    people: dict[str, list[MemberLine]] = {}
    for member in team:
        people.setdefault(member.code, []).append(member)
    if not people:
        return empty_html(_("没有工作组成员。可在“网格管理”页指派。"))
    return f'<ul class="team">{"".join(map(_person, people.values()))}</ul>'


def _level(level: LevelLine) -> str:
    kind = label_of(ResponsibilityKind(level.kind))
    return (
        f'<li class="{_CLASSES[level.state]}"><span class="kind">{escape(kind)}</span>'
        f'<span class="who">{escape(_who(level))}</span></li>'
    )


def _who(level: LevelLine) -> str:
    covered = _("{covered} / {total}").format(covered=f"{level.covered:,}", total=f"{level.total:,}")
    if level.state == "not_applicable":
        return _("不适用")
    if level.state == "missing":
        return _("缺（{covered}）").format(covered=covered) if level.covered else _("缺")
    if not level.holders:
        return covered
    names = _("、").join(level.holders[:_MOST_NAMES])
    if len(level.holders) <= _MOST_NAMES:
        return names
    return _("{names} 等 {count}").format(names=names, count=len(level.holders))


def _person(posts: Sequence[MemberLine]) -> str:
    first = posts[0]
    kinds = _("、").join(dict.fromkeys(label_of(ResponsibilityKind(post.kind)) for post in posts))
    level = label_of(CadreLevel(first.level)) if first.level else ""
    below = " · ".join(part for part in (first.unit, level, _term(posts)) if part)
    return f"<li><b>{escape(first.name)}</b><span>{escape(kinds)}</span><small>{escape(below)}</small></li>"


def _term(posts: Sequence[MemberLine]) -> str:
    """From the first day; the last day where one of the posts has one."""
    since = min(post.since for post in posts)
    ends = [post.until for post in posts if post.until is not None]
    if not ends:
        return _("{since} 起").format(since=since.isoformat())
    return _("{since} 至 {until}").format(since=since.isoformat(), until=last_day(min(ends)))
