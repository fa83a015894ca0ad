"""The strip of key figures above the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from geo.i18n import _
from geo.rules.units import percent

Ratio = Mapping[str, float | int | None]


def figures_html(ratios: Mapping[str, Ratio], *, as_of: str) -> str:
    """HTML of the strip.

    Parameters
    ----------
    ratios : mapping of name to ``numerator``, ``denominator`` and ``ratio``
        As the coverage answer gives them; a ratio over nothing is None and shown as a dash.
    as_of : str
        ISO day.
    """
    owned, paired = ratios["cells_owned"], ratios["households_paired"]
    staffed, land = ratios["priority_villages_staffed"], ratios["land_in_cells"]
    day = escape(_("数据截至"))
    parts = [
        _figure(_("网格有主"), percent(owned["ratio"]), _fraction(owned)),
        _figure(_("户结对"), percent(paired["ratio"]), _fraction(paired)),
        _figure(_("重点村有人"), _fraction(staffed), percent(staffed["ratio"])),
        _figure(_("未覆盖"), _uncovered_km2(land), ""),
        f'<div><span class="name">{day}</span>{escape(as_of)}</div>',
    ]
    return f'<div class="figures">{"".join(parts)}</div>'


def strip_html(numbers: Sequence[tuple[str, str]], *, note: str) -> str:
    """HTML of a strip of plain numbers with a note at its end."""
    parts = [_figure(name, value, "") for name, value in numbers]
    return f'<div class="figures">{"".join(parts)}<div title="{escape(note)}">{escape(note)}</div></div>'


def counts_html(counts: Sequence[tuple[str, str]]) -> str:
    """HTML of a row of plain numbers, each with its name below."""
    boxes = "".join(
        f'<div><span class="value">{escape(value)}</span><span class="name">{escape(name)}</span></div>'
        for name, value in counts
    )
    return f'<div class="counts">{boxes}</div>'


def _figure(name: str, value: str, detail: str) -> str:
    of = f'<span class="of">{escape(detail)}</span>' if detail else ""
    return (
        f'<div><span class="name">{escape(name)}</span><span class="value">{escape(value)}</span>{of}</div>'
    )


def _fraction(ratio: Ratio) -> str:
    return f"{ratio['numerator'] or 0:,.0f} / {ratio['denominator'] or 0:,.0f}"


def _uncovered_km2(land: Ratio) -> str:
    uncovered_m2 = (land["denominator"] or 0) - (land["numerator"] or 0)
    digits = 2 if uncovered_m2 < 1e6 else 1
    return f"{uncovered_m2 / 1e6:,.{digits}f} km²"
