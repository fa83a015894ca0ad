"""The ledger of rectifications as a PDF: A4 lying on its side, the county first, then every case.

How a case stands is said by a shape, a colour and a word, so that a copy in black and white says it too.
"""

from __future__ import annotations

from collections.abc import Iterator

from fpdf import FPDF

from geo.exchange.inspection import chinese_day
from geo.exchange.paper_fit import Box, put_fitting, put_in, put_strong
from geo.exchange.paper_flow import GREY, LINE, LYING, Column, Item, Mark, Page, Table, paginated, paragraph
from geo.exchange.paper_look import CASES, INK, colour
from geo.exchange.paper_sheet import Sheet, drawn, heading, new_file
from geo.exchange.rectification_board import Board, BoardRow, counted
from geo.i18n import N_, _
from geo.rules.units import percent
from geo.vocabulary import CaseState, CaseStatus, EntityKind, WeakCause, label_of

_SIZE, _BIG = 8.5, 12.0
_TILE, _GAP = 50.0, 8.0
_BAR, _PADDING = 4.0, 3.0
_GROUND = (245, 247, 250)
_TRACK = (226, 232, 240)
_SHOWN = (
    CaseStatus.OVERDUE,
    CaseStatus.PRESSING,
    CaseStatus.ON_TIME,
    CaseStatus.CLOSED,
    CaseStatus.WITHDRAWN,
)
_OPEN = _SHOWN[:3]
_LEVELS = {"county": N_("县级"), "township": N_("乡镇"), "village": N_("村级")}


def rectification_pdf(board: Board) -> bytes:
    """The ledger as a PDF; the same ledger gives the same bytes."""
    about = Sheet(board.title, board.as_of, board.filters, board.made_by, board.made_at, board.sample)
    sheet = new_file(f"{board.title} {board.as_of.isoformat()}", made_at=board.made_at)
    return drawn(sheet, _laid_out(board, about), about)


def _laid_out(board: Board, about: Sheet) -> list[Page]:
    if not board.rows:
        told = _("截至 {day}，所选范围内没有挂牌整改。").format(day=chinese_day(board.as_of))
        return paginated([paragraph(told, _BIG)], heading=heading(about))
    return [
        *paginated([*_overview(board)], heading=heading(about)),
        *paginated([*_cases(board)], heading=heading(about)),
    ]


def _overview(board: Board) -> Iterator[Item]:
    yield _tiles(board)
    yield paragraph(_("各乡镇进度"), _BIG, after=5, keep=True)
    table = Table(_town_columns(), _SIZE)
    yield table.head
    for name, rows in board.by_township():
        yield from _town(table, name or _("县直"), rows)
    yield from _town(table, _("合计"), [*board.rows])


def _town_columns() -> list[Column]:
    statuses = [Column(f"{CASES[status][0]} {label_of(status)}", 9, "right") for status in _SHOWN]
    return [
        Column(_("乡镇"), 20),
        Column(_("挂牌"), 8, "right"),
        Column(_("未销号"), 8, "right"),
        *statuses,
        Column(_("销号率"), 9, "right"),
        Column(_("构成"), 40),
    ]


def _town(table: Table, name: str, rows: list[BoardRow]) -> list[Item]:
    counts = counted(rows)
    still = sum(counts[status] for status in _OPEN)
    numbers = [len(rows), still, *(counts[status] for status in _SHOWN)]
    texts = [name, *(f"{number:,}" for number in numbers), percent(_closing(counts)), ""]
    return table.rows(texts, marks={len(texts) - 1: _stack_mark(counts)})


def _closing(counts: dict[str, int]) -> float | None:
    """The share that was closed of what was not withdrawn."""
    due = sum(counts.values()) - counts[CaseStatus.WITHDRAWN]
    return counts[CaseStatus.CLOSED] / due if due else None


def _stack_mark(counts: dict[str, int]) -> Mark:
    """The statuses as parts of a bar, each with its shape where there is room."""

    def draw(sheet: FPDF, left: float, top: float, width: float, height: float) -> None:
        whole = sum(counts.values())
        x, room = left + _PADDING, width - 2 * _PADDING
        for status, (sign, ink) in CASES.items():
            wide = room * counts[status] / whole
            sheet.set_fill_color(*colour(ink, 0.75))
            sheet.rect(x, top + _PADDING, wide, height - 2 * _PADDING, style="F")
            if wide > 9:
                put_in(sheet, Box(x, top + _PADDING + 1.4, wide, 7), sign, 7.0, align="center")
            x += wide

    return draw


def _tiles(board: Board) -> Item:
    """The county's figures."""
    counts = counted(board.rows)
    tiles = [("", INK, _("未销号"), sum(counts[status] for status in _OPEN))]
    tiles += [(*CASES[status], label_of(status), counts[status]) for status in _SHOWN]
    waiting = [(_(name), board.waiting[level]) for level, name in _LEVELS.items() if level in board.waiting]

    def draw(sheet: FPDF, top: float) -> None:
        boxes = Box(LYING.left, top, LYING.width, _TILE).columns(
            *[1.0] * (len(tiles) + 1), *([1.6] if waiting else []), gap=_GAP
        )
        for box, (sign, ink, name, count) in zip(boxes, tiles, strict=False):
            _tile(sheet, box, name, f"{count:,}", sign=sign, ink=ink)
        _tile(sheet, boxes[len(tiles)], _("销号率"), percent(_closing(counts)))
        if waiting:
            told = " · ".join(f"{name} {count:,}" for name, count in waiting)
            _tile(sheet, boxes[-1], _("待办层级"), told)

    return Item(_TILE + 12, draw)


def _tile(sheet: FPDF, box: Box, name: str, value: str, *, sign: str = "", ink: str = INK) -> None:
    sheet.set_fill_color(*_GROUND)
    sheet.set_draw_color(*LINE)
    sheet.set_line_width(0.5)
    sheet.rect(box.left, box.top, box.width, box.height, style="DF")
    inner = box.inset(6)
    if sign:
        put_in(sheet, inner, sign, 9.0, colour=colour(ink))
    beside = 13.0 if sign else 0.0
    put_fitting(
        sheet, Box(inner.left + beside, inner.top, inner.width - beside, 9), name, 8.5, least=6, colour=GREY
    )
    put_strong(sheet, inner.lower(15), value, 17.0, least=7.0)


def _cases(board: Board) -> Iterator[Item]:
    table = Table(_columns(), _SIZE)
    yield table.head
    for town, rows in board.by_township():
        name = town or _("县直")
        yield table.band(_("{name}（{count} 件）").format(name=name, count=f"{len(rows):,}"))
        again = table.band(_("{name}（续）").format(name=name))
        for row in rows:
            marks = {0: _status_mark(row), 6: _time_mark(row, board), 7: _task_mark(row)}
            yield from table.rows(_texts(row), lead=(again,), marks=marks)


def _columns() -> list[Column]:
    return [
        Column(_("状态"), 18),
        Column(_("对象"), 44),
        Column(_("原因"), 26),
        Column(_("阶段"), 24),
        Column(_("挂牌日期"), 23),
        Column(_("限期"), 23),
        Column(_("时限进度"), 31),
        Column(_("任务"), 26),
        Column(_("责任人"), 22),
        Column(_("联系领导"), 22),
        Column(_("备注"), 30),
    ]


def _texts(row: BoardRow) -> list[str]:
    again = _("（第 {round} 次）").format(round=row.round) if row.round > 1 else ""
    name = f"{row.subject_name or label_of(EntityKind(row.subject_kind))}{again}"
    subject = [name, row.village_name] if row.subject_kind == EntityKind.BRANCH else [name]
    tasks = f"{row.tasks_done}/{row.tasks}"
    if row.tasks_overdue:
        tasks = _("{tasks}，逾期 {count}").format(tasks=tasks, count=row.tasks_overdue)
    return [
        "",
        "\n".join(text for text in (*subject, row.code) if text),
        label_of(WeakCause(row.cause)),
        label_of(CaseState(row.state)),
        row.listed_on.isoformat(),
        row.due_on.isoformat(),
        _days(row),
        tasks,
        row.responsible_name or "—",
        row.leader_name or "—",
        "",
    ]


def _days(row: BoardRow) -> str:
    if row.closed_on is not None:
        return _("销号 {day}").format(day=row.closed_on.isoformat())
    if row.days_left is None:
        return ""
    if row.days_left < 0:
        return _("超期 {days} 天").format(days=f"{-row.days_left:,}")
    return _("剩余 {days} 天").format(days=f"{row.days_left:,}")


def _status_mark(row: BoardRow) -> Mark:
    sign, ink = CASES[row.status]

    def draw(sheet: FPDF, left: float, top: float, width: float, _height: float) -> None:
        inner = Box(left + _PADDING, top + _PADDING, width - 2 * _PADDING, _SIZE)
        put_in(sheet, inner, sign, _SIZE + 1, colour=colour(ink))
        beside = Box(inner.left + 12, inner.top, inner.width - 12, _SIZE)
        put_fitting(sheet, beside, label_of(CaseStatus(row.status)), _SIZE, least=5.5)

    return draw


def _time_mark(row: BoardRow, board: Board) -> Mark:
    """How much of the time has gone, by the day of the data or by when it was closed."""
    if row.status == CaseStatus.WITHDRAWN:
        return _bar(0.0, INK)
    whole = max(1, (row.due_on - row.listed_on).days)
    gone = ((row.closed_on or board.as_of) - row.listed_on).days
    return _bar(min(1.0, max(0.0, gone / whole)), CASES[row.status][1])


def _task_mark(row: BoardRow) -> Mark:
    return _bar(row.tasks_done / row.tasks if row.tasks else 0.0, INK)


def _bar(share: float, ink: str) -> Mark:
    """A bar along the lower edge of a cell."""

    def draw(sheet: FPDF, left: float, top: float, width: float, height: float) -> None:
        x, y, room = left + _PADDING, top + height - _PADDING - _BAR, width - 2 * _PADDING
        sheet.set_fill_color(*_TRACK)
        sheet.rect(x, y, room, _BAR, style="F")
        if share > 0:
            sheet.set_fill_color(*colour(ink))
            sheet.rect(x, y, room * share, _BAR, style="F")

    return draw
