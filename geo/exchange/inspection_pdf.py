"""The inspection list as a PDF for printing: A4 lying on its side, each township on pages of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from geo.exchange.inspection import (
    InspectionList,
    InspectionRow,
    TownshipPart,
    chinese_day,
    title,
)
from geo.exchange.paper_flow import Column, Item, Page, Table, paginated, paragraph
from geo.exchange.paper_sheet import Sheet, drawn, heading, new_file, signatures
from geo.i18n import _
from geo.rules.units import measured, percent

_BODY, _SMALL, _BIG, _TITLE = 8.5, 7.5, 12.0, 15.0
Progress = Callable[[float, str], None]


def write_pdf(inspection: InspectionList, *, progress: Progress | None = None) -> bytes:
    """The list as a PDF.

    The same list gives the same bytes. Characters that the font lacks are printed as 〓.

    Parameters
    ----------
    progress : callable, optional
        Called with a share of the work (0–1) and what is being done.
    """
    pages = _laid_out(inspection, progress or _unseen)
    sheet = new_file(f"{title(inspection.county)} {inspection.as_of.isoformat()}", made_at=inspection.made_at)
    return drawn(sheet, pages, _about(inspection))


def _unseen(_share: float, _text: str) -> None:
    """Tell nobody how far the work is."""


def _about(inspection: InspectionList) -> Sheet:
    return Sheet(
        title(inspection.county),
        inspection.as_of,
        inspection.filters,
        inspection.made_by,
        inspection.made_at,
        inspection.sample,
    )


def _laid_out(inspection: InspectionList, progress: Progress) -> list[Page]:
    """Every page; the overview comes first unless there is but one township."""
    if len(inspection.parts) == 1:
        pages, shown = [], [*inspection.parts]
    else:
        pages = paginated(_overview(inspection), heading=heading(_about(inspection)))
        shown = inspection.with_gaps
    for done, part in enumerate(shown):
        progress(done / len(shown), _("排版…"))
        pages += paginated([*_township(part, inspection)], heading=heading(_about(inspection), part.name))
    return pages


def _overview(inspection: InspectionList) -> list[Item]:
    """One row a township: gaps of each kind, and its ratios."""
    parts = inspection.parts
    total = sum(part.total for part in parts)
    items = [paragraph(_("各乡镇总览"), _TITLE, after=6, keep=True)]
    if not total:
        return [*items, *_nothing(inspection)]
    told = _("共 {count} 条缺口，涉及 {towns} 个乡镇。各乡镇的清单附后，无缺口的乡镇不另附页。")
    items.append(
        paragraph(told.format(count=f"{total:,}", towns=len(inspection.with_gaps)), _BODY, after=6, keep=True)
    )
    shares = list(dict.fromkeys(share.name for part in parts for share in part.shares))
    table = Table(_overview_columns(inspection.kinds, shares), _SMALL)
    items.append(table.head)
    for part in parts:
        items += table.rows(_overview_row(part, inspection.kinds, shares))
    sums = [f"{sum(dict(part.counts).get(kind, 0) for part in parts):,}" for kind in inspection.kinds]
    return [*items, *table.rows([_("合计"), f"{total:,}", *sums, *("" for _name in shares)])]


def _overview_columns(kinds: list[str], shares: list[str]) -> list[Column]:
    return [
        Column(_("乡镇"), 2.2),
        Column(_("缺口"), 1.1, "right"),
        *(Column(kind, 1, "right") for kind in kinds),
        *(Column(share, 1.25, "right") for share in shares),
    ]


def _overview_row(part: TownshipPart, kinds: list[str], shares: list[str]) -> list[str]:
    counts, ratios = dict(part.counts), {share.name: percent(share.ratio) for share in part.shares}
    return [
        part.name,
        f"{part.total:,}",
        *(f"{counts.get(kind, 0):,}" for kind in kinds),
        *(ratios.get(share, "—") for share in shares),
    ]


def _township(part: TownshipPart, inspection: InspectionList) -> Iterator[Item]:
    yield paragraph(part.name, _TITLE, after=4, keep=True)
    if not part.rows:
        yield from _nothing(inspection)
    else:
        yield from _summary(part)
        yield from _rows(part)
    yield signatures((_("督查人（签字）："), _("乡镇负责人（签字）："), _("日期：")))


def _nothing(inspection: InspectionList) -> list[Item]:
    text = _("截至 {day}，所选范围内没有缺口。").format(day=chinese_day(inspection.as_of))
    return [paragraph(text, _BIG, after=6)]


def _summary(part: TownshipPart) -> Iterator[Item]:
    counts = _("、").join(f"{name} {count:,}" for name, count in part.counts if count)
    told = _("缺口 {total} 条：{counts}。")
    if part.total != len(part.rows):
        told = _("缺口 {total} 条，列为 {rows} 行（同一网格的户合为一行）：{counts}。")
    text = told.format(total=f"{part.total:,}", rows=f"{len(part.rows):,}", counts=counts)
    yield paragraph(text, _BODY, after=3, keep=True)
    if part.shares:
        ratios = _("；").join(f"{share.name} {percent(share.ratio)}" for share in part.shares)
        yield paragraph(_("覆盖率：{ratios}。").format(ratios=ratios), _BODY, after=6, keep=True)


def _rows(part: TownshipPart) -> Iterator[Item]:
    table = Table(_columns(), _BODY)
    yield table.head
    number = 0
    for who, rows in part.by_who():
        yield table.band(_("责任方：{who}（{count} 行）").format(who=who, count=f"{len(rows):,}"))
        again = table.band(_("责任方：{who}（续）").format(who=who))
        for row in rows:
            number += 1
            yield from table.rows(_texts(row, number), lead=(again,))


def _columns() -> list[Column]:
    return [
        Column(_("序号"), 9, "right"),
        Column(_("缺口"), 20),
        Column(_("对象"), 37),
        Column(_("村"), 20),
        Column(_("现状／标准"), 27.5),
        Column(_("为什么"), 63.5),
        Column(_("自何日起"), 23),
        Column(_("整改期限"), 20),
        Column(_("核查结果"), 20),
        Column(_("备注"), 33),
    ]


def _texts(row: InspectionRow, number: int) -> list[str]:
    found = "\n".join(f"□ {result}" for result in (_("已整改"), _("未整改")))
    target = "\n".join(dict.fromkeys(text for text in (row.target, row.code) if text))
    return [str(number), row.label, target, row.village, _figures(row), row.why, _since(row), "", found, ""]


def _figures(row: InspectionRow) -> str:
    if row.threshold is None:
        return measured(row.value, row.unit)
    limit = _("标准 {limit}").format(limit=measured(row.threshold, row.unit))
    return f"{measured(row.value, row.unit)}\n{limit}"


def _since(row: InspectionRow) -> str:
    if row.since is None:
        return _("不详")
    days = "" if row.open_days is None else _("已 {days} 天").format(days=f"{row.open_days:,}")
    return f"{row.since.isoformat()}\n{days}"
