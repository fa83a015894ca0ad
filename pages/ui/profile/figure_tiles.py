"""The indicators of a village as small charts beside each other, and as a table by year; plain HTML."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from geo.exchange.village_paper.figures import UNKNOWN, figure, latest, name_of
from geo.exchange.village_profile import Indicator, YearFigure
from geo.frames import LAYERS, Column
from geo.i18n import _
from pages.ui.profile.look import picture_html

_STYLE_SHEET = Path(__file__).with_name("figures.css")
_WIDTH, _HEIGHT, _EDGE = 210, 44, 4
_OWN, _MEDIAN = "#1f4e79", "#8a94a3"
_STATED = ("source", "reported_on")


def tiles_html(indicators: Sequence[Indicator]) -> str:
    """A tile an indicator that is known in some year; below them the names of those that are not."""
    known = [line for line in indicators if latest(line.years)]
    unknown = [name_of(line) for line in indicators if latest(line.years) is None]
    parts = [f"<style>{_style()}</style>", _legend(), '<div class="tiles">', *map(_tile, known), "</div>"]
    if unknown:
        told = _("未填报：{names}").format(names=_("、").join(unknown))
        parts.append(f'<p class="hint">{escape(told)}</p>')
    return "".join(parts)


def years_html(history: pd.DataFrame) -> str:
    """All figures by year, the latest first, with the source and the day of each year.

    Parameters
    ----------
    history : DataFrame
        `geo.answers.indicators.indicator_history`, oldest first.
    """
    if history.empty:
        return ""
    rows = history.iloc[::-1].to_dict("records")
    head = "".join(f"<th>{row['year']}</th>" for row in rows)
    body = "".join(_row(column, rows) for column in LAYERS["indicators"].columns[2:])
    title, year = escape(_("历年数据、来源和填报日期")), escape(_("年份"))
    return (
        f'<details class="years"><summary>{title}</summary><div><table><thead><tr><th>{year}</th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div></details>"
    )


def in_words(column: Column, value: Any) -> str:
    """A value of the layer ``indicators`` as people read it; — where nothing is on record."""
    if value is None or pd.isna(value):
        return UNKNOWN
    if column.kind == "flag":
        return _("是") if value else _("否")
    return figure(column.name, float(value)) if column.kind in ("integer", "number") else str(value)


def chart_svg(years: Sequence[YearFigure]) -> str:
    """The village's figures as a line with dots, the township's median as a dashed line below it.

    The scale begins at nothing; a year without a figure breaks the line. No years give an empty drawing.
    """
    known = [value for each in years for value in (each.value, each.median) if value is not None]
    low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
    first, span = (years[0].year, years[-1].year - years[0].year) if years else (0, 0)

    def at(year: int, value: float) -> tuple[float, float]:
        along = (year - first) / span if span else 0.5
        up = (value - low) / (high - low) if high > low else 0.0
        return _EDGE + along * (_WIDTH - 2 * _EDGE), _HEIGHT - _EDGE - up * (_HEIGHT - 2 * _EDGE)

    medians = [(each.year, *at(each.year, each.median)) for each in years if each.median is not None]
    own = [(each.year, *at(each.year, each.value)) for each in years if each.value is not None]
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2"/>' for _year, x, y in own)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" fill="none" stroke-linecap="round">'
        f'<path d="{_path(medians)}" stroke="{_MEDIAN}" stroke-width="1.4" stroke-dasharray="4 3.5"/>'
        f'<path d="{_path(own)}" stroke="{_OWN}" stroke-width="1.8"/><g fill="{_OWN}">{dots}</g></svg>'
    )


def _path(points: Sequence[tuple[int, float, float]]) -> str:
    """A line through the points of years that follow each other."""
    steps, before = [], None
    for year, x, y in points:
        steps.append(f"{'L' if year - 1 == before else 'M'}{x:.1f} {y:.1f}")
        before = year
    return "".join(steps)


def _tile(line: Indicator) -> str:
    last = latest(line.years)
    value, year = (last.value, last.year) if last else (None, "")
    median = _("本乡镇中位 {value}").format(value=figure(line.name, last.median if last else None))
    ends = (line.years[0].year, line.years[-1].year)
    told = _told(line)
    return (
        f'<figure class="tile" title="{escape(told)}"><figcaption>{escape(name_of(line))}</figcaption>'
        f"<b>{escape(figure(line.name, value))}</b><i>{escape(str(year))}</i>"
        f"{picture_html(chart_svg(line.years), told, 'spark')}"
        f'<span class="ends"><u>{ends[0]}</u><em>{escape(median)}</em><u>{ends[1]}</u></span></figure>'
    )


def _told(line: Indicator) -> str:
    """The chart in words, a year a line."""
    said = _("{year} 年：{value}，本乡镇中位 {median}")
    return "\n".join(
        said.format(
            year=each.year, value=figure(line.name, each.value), median=figure(line.name, each.median)
        )
        for each in line.years
    )


def _legend() -> str:
    own, median = escape(_("本村")), escape(_("本乡镇中位数"))
    return f'<p class="tiles-key"><span class="own"></span>{own}<span class="median"></span>{median}</p>'


def _row(column: Column, rows: Sequence[dict[str, Any]]) -> str:
    quiet = ' class="stated"' if column.name in _STATED else ""
    cells = "".join(f"<td>{escape(in_words(column, row[column.name]))}</td>" for row in rows)
    return f"<tr{quiet}><th>{escape(_(column.label))}</th>{cells}</tr>"


@cache
def _style() -> str:
    return _STYLE_SHEET.read_text(encoding="utf-8")
