"""Reading PDFs back: what their pages say, where text stands, what colour a place has."""

from __future__ import annotations

import re

import pypdfium2

A4_POINTS = (595.28, 841.89)


def texts(pdf: bytes) -> list[str]:
    """What each page says, without spaces: where lines break does not matter."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in document]


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of every page, in points."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_size() for page in document]


def edges(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """Left, lower, right and upper edge of what is written on each page, in points from the lower left."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage() for page in document]
        rects = [[page.get_rect(at) for at in range(page.count_rects())] for page in pages]
    return [
        (min(r[0] for r in page), min(r[1] for r in page), max(r[2] for r in page), max(r[3] for r in page))
        for page in rects
    ]


def colour_at(pdf: bytes, x: float, y: float, *, page: int = 0, scale: float = 4.0) -> tuple[int, int, int]:
    """Colour of a place, in points from the upper left."""
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[page].render(scale=scale).to_pil().convert("RGB")
    red, green, blue = image.getpixel((round(x * scale), round(y * scale)))
    return red, green, blue
