"""Pictures of a village on paper: then and now beside each other, then its three sheets."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from fpdf import FPDF
from PIL import Image

from geo.exchange.paper_fit import Box, Panel, put_in
from geo.exchange.paper_flow import GREY
from geo.exchange.village_paper.figures import day
from geo.exchange.village_profile import Picture
from geo.i18n import _
from geo.vocabulary import AttachmentUse, label_of

ContentOf = Callable[[str], bytes]

_MOST, _WIDEST = 6, 4
_LEAST, _WANTED, _TALLEST = 66.0, 104.0, 150.0
_CAPTION, _SIZE = 19.0, 6.8
_PIXELS_PER_POINT = 3.2  # 230 dots an inch: what a good office printer shows of a photograph
_QUALITY = 82
_GROUND = (241, 243, 246)
_SHEETS = (AttachmentUse.PRESENT_STATE, AttachmentUse.CONSTRUCTION_PLAN, AttachmentUse.PROGRAMME_PLAN)


def pictures_panel(pictures: Sequence[Picture], content_of: ContentOf) -> Panel:
    """As many as there is room for; the others are counted."""
    chosen = chosen_pictures(pictures)
    title = _("今昔对比与三张图")
    if not chosen:
        return Panel(title, 14, 14, 14, _nothing)
    left = sum(one.use != AttachmentUse.EVIDENCE for one in pictures) - len(chosen)
    aside = _("另有 {count} 张，见系统").format(count=left) if left else ""

    def draw(sheet: FPDF, box: Box) -> None:
        shares = [1.0] * max(len(chosen), _WIDEST)
        for slot, picture in zip(box.columns(*shares, gap=6), chosen, strict=False):
            _draw_picture(sheet, slot, picture, content_of)

    return Panel(title, _LEAST, _WANTED, _TALLEST, draw, aside)


def _nothing(sheet: FPDF, box: Box) -> None:
    put_in(sheet, box, _("没有上传照片"), 8.0, colour=GREY)


def chosen_pictures(pictures: Sequence[Picture]) -> list[Picture]:
    """Up to six: pairs of then and now (of one title where there are such), the sheets, then single ones."""
    then, now = (
        [one for one in pictures if one.use == use] for use in (AttachmentUse.THEN, AttachmentUse.NOW)
    )
    sheets = [one for use in _SHEETS for one in pictures if one.use == use][: len(_SHEETS)]
    pairs = _pairs(then, now)
    room = _MOST - len(sheets)
    shown = [one for pair in pairs for one in pair][: room - room % 2]
    single = [one for one in (*now, *then) if one not in shown and one not in sum(pairs, ())]
    return [*shown, *sheets, *single][:_MOST]


def _pairs(then: Sequence[Picture], now: Sequence[Picture]) -> list[tuple[Picture, ...]]:
    pairs: list[tuple[Picture, ...]] = []
    late = [*now]
    others = []
    for old in then:
        new = next((one for one in late if one.title and one.title == old.title), None)
        if new is None:
            others.append(old)
        else:
            late.remove(new)
            pairs.append((old, new))
    return [*pairs, *zip(others, late, strict=False)]


def _draw_picture(sheet: FPDF, box: Box, picture: Picture, content_of: ContentOf) -> None:
    area = box.upper(box.height - _CAPTION)
    sheet.set_fill_color(*_GROUND)
    sheet.rect(area.left, area.top, area.width, area.height, style="F")
    stored = _printed(content_of(picture.code), area)
    if stored is None:
        middle = Box(area.left, area.top + area.height / 2 - 4, area.width, 9)
        put_in(sheet, middle, _("无法显示"), _SIZE, align="center", colour=GREY)
    else:
        sheet.image(stored, area.left, area.top, area.width, area.height, keep_aspect_ratio=True)
    caption = box.lower(box.height - _CAPTION + 2)
    use = label_of(AttachmentUse(picture.use))
    told = f"{use} {day(picture.taken_on)}" if picture.taken_on else use
    put_in(sheet, caption, told, _SIZE)
    put_in(sheet, caption.lower(8.6), picture.title, _SIZE, colour=GREY)


def _printed(content: bytes, area: Box) -> io.BytesIO | None:
    """The picture in the size of its place, as JPEG; None for what is no picture."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            most = (int(area.width * _PIXELS_PER_POINT), int(area.height * _PIXELS_PER_POINT))
            image.draft("RGB", most)
            plain = image.convert("RGB")
    except (OSError, Image.DecompressionBombError):
        return None
    plain.thumbnail(most)
    stored = io.BytesIO()
    plain.save(stored, "JPEG", quality=_QUALITY)
    stored.seek(0)
    return stored
