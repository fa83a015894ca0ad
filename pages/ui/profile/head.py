"""The top of the page: what the village is called, the labels it bears and why, and its key figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from geo.exchange.village_paper.figures import latest_of
from geo.exchange.village_profile import LabelLine, SuspectLine, VillageProfile
from geo.i18n import _
from geo.vocabulary import VillageKind, VillageLabel, label_of
from pages.ui.figures import strip_html
from pages.ui.profile.look import empty_html


def head_html(seen: VillageProfile) -> str:
    """Name, township, kind and code, the labels as chips with their reasons, and a sign for samples."""
    below = (seen.township_name, label_of(VillageKind(seen.kind)), seen.code)
    chips = "".join(map(_chip, seen.labels))
    sample = escape(_("示例数据，并非真实情况"))
    sign = f'<span class="sample">{sample}</span>' if seen.is_sample else ""
    return (
        f'<header class="profile-head"><h1>{escape(seen.name)}</h1>'
        f'<span class="below">{escape(" · ".join(below))}</span>{chips}{sign}</header>'
    )


def facts_html(seen: VillageProfile) -> str:
    """The strip of key figures."""
    facts = {name: f"{value:,.0f}" for name, value in seen.facts.items()}
    pairs = f"{facts['households_paired']} / {facts['households_due']}"
    numbers = [
        (_("户数"), facts["households"]),
        (_("已结对 / 应结对"), pairs),
        (_("网格"), facts["cells"]),
        (_("空白网格"), facts["cells_unowned"]),
        (_("多头网格"), facts["cells_contested"]),
        (_("面积"), f"{seen.facts['area_km2']:,.2f} km²"),
        *_people(seen),
    ]
    return strip_html(numbers, note=_("数据截至 {day}").format(day=seen.as_of.isoformat()))


def labels_html(labels: Sequence[LabelLine], suspects: Sequence[SuspectLine]) -> str:
    """Each label with its reason and what speaks against it; then what is only suspected."""
    rows = "".join(map(_label, labels)) + "".join(map(_suspect, suspects))
    return f'<div class="labels">{rows}</div>' if rows else empty_html(_("不带任何标签，也没有疑似情形。"))


def _people(seen: VillageProfile) -> list[tuple[str, str]]:
    """Inhabitants and party members of the latest year on record."""
    names = {"people": _("人口"), "party_members": _("党员")}
    known = {name: latest_of(seen.indicators, key) for key, name in names.items()}
    return [(name, f"{figure.value:,.0f}") for name, figure in known.items() if figure is not None]


def _chip(line: LabelLine) -> str:
    name = label_of(VillageLabel(line.label))
    doubt = " ?" if line.contradictions else ""
    return (
        f'<span class="chip {escape(line.label)}" title="{escape(line.reason)}">{escape(name)}{doubt}</span>'
    )


def _label(line: LabelLine) -> str:
    decided = _("{user} 认定").format(user=line.decided_by) if line.decided_by else ""
    since = _("{since} 起").format(since=line.since.isoformat()) if line.since else ""
    below = " · ".join(part for part in (since, decided, line.document_no) if part)
    doubts = "".join(f'<em class="doubt">{escape(text)}</em>' for text in line.contradictions)
    name = label_of(VillageLabel(line.label))
    return (
        f'<div class="label {escape(line.label)}"><b>{escape(name)}</b><span>{escape(line.reason)}</span>'
        f"<small>{escape(below)}</small>{doubts}</div>"
    )


def _suspect(line: SuspectLine) -> str:
    name = _("疑似{label}").format(label=label_of(VillageLabel(line.label)))
    return f'<div class="label suspect"><b>{escape(name)}</b><span>{escape(line.reason)}</span></div>'
