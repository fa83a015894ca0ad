"""Made-up pictures of the sample: drawn, small, plainly marked as examples; they show no place and nobody."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from geo.exchange.paper_text import font_path
from seeds.cases import EVIDENCE_FILES, evidence_file

SCENES = 3
"""Pairs of pictures: a village then and now."""
_SIZE, _HORIZON = (560, 360), 150
_MARK, _NOTE = "示例", "示例图片 · 非实景"
_THEN = {"sky": "#cfcabf", "ground": "#a08d70", "road": "#86735a", "wall": "#b5a78f", "roof": "#6f6558"}
_NOW = {"sky": "#bcdcf0", "ground": "#8fb872", "road": "#b9bcc0", "wall": "#f5f2ea", "roof": "#a8503e"}
_PAPERS = ("会议签到表", "走访登记表", "项目验收单", "公示照片", "评议记录")


def scene_file(use: str, number: int) -> str:
    """The picture of a scene, ``then`` or ``now``."""
    return f"{use}_{number % SCENES + 1}.jpg"


def pictures(rng: np.random.Generator) -> dict[str, bytes]:
    """All pictures by the name of their file."""
    drawn = {}
    for number in range(SCENES):
        houses = _houses(rng)
        for use, colours in (("then", _THEN), ("now", _NOW)):
            drawn[scene_file(use, number)] = _jpeg(_scene(houses, colours, trees=use == "now"))
    for number in range(1, EVIDENCE_FILES + 1):
        drawn[evidence_file(number)] = _jpeg(_paper(_PAPERS[number - 1], rng))
    return drawn


def _houses(rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Left edge, foot and width of each house, the farthest first."""
    count = int(rng.integers(4, 7))
    feet = sorted(int(foot) for foot in rng.integers(_HORIZON + 30, _HORIZON + 120, count))
    return [(int(rng.integers(10, _SIZE[0] - 130)), foot, int(rng.integers(70, 120))) for foot in feet]


def _scene(houses: list[tuple[int, int, int]], colours: dict[str, str], *, trees: bool) -> Image.Image:
    image = Image.new("RGB", _SIZE, colours["sky"])
    pen = ImageDraw.Draw(image)
    width, height = _SIZE
    pen.rectangle((0, _HORIZON, width, height), fill=colours["ground"])
    middle = width // 2
    pen.polygon(
        [(middle - 12, _HORIZON), (middle + 12, _HORIZON), (width - 90, height), (90, height)],
        fill=colours["road"],
    )
    for left, foot, wide in houses:
        tall = wide * 3 // 5
        pen.rectangle((left, foot - tall, left + wide, foot), fill=colours["wall"], outline="#5b5247")
        eaves, ridge = foot - tall, foot - tall - wide // 3
        pen.polygon(
            [(left - 8, eaves), (left + wide // 2, ridge), (left + wide + 8, eaves)], fill=colours["roof"]
        )
        pen.rectangle((left + wide // 2 - 8, foot - 30, left + wide // 2 + 8, foot), fill="#5b5247")
        if trees:
            pen.rectangle((left - 22, foot - 26, left - 16, foot), fill="#6b4f35")
            pen.ellipse((left - 40, foot - 68, left + 2, foot - 20), fill="#4f8a45")
    return _marked(image)


def _paper(title: str, rng: np.random.Generator) -> Image.Image:
    """A sheet with a title and lines nobody can read."""
    image = Image.new("RGB", _SIZE, "#efece4")
    pen = ImageDraw.Draw(image)
    pen.rectangle((130, 16, 430, 344), fill="#ffffff", outline="#b8b2a6")
    pen.text((280, 52), title, font=_font(24), fill="#333333", anchor="mm")
    for line in range(11):
        pen.line((160, 92 + 21 * line, int(rng.integers(250, 400)), 92 + 21 * line), fill="#9aa0a6", width=3)
    return _marked(image)


def _marked(image: Image.Image) -> Image.Image:
    """The picture with what it is written across it."""
    width, height = image.size
    veil = Image.new("RGBA", image.size)
    pen = ImageDraw.Draw(veil)
    pen.text((width // 2, height // 2), _MARK, font=_font(120), fill=(255, 255, 255, 120), anchor="mm")
    pen.text((width // 2, height // 2), _MARK, font=_font(116), fill=(40, 40, 40, 90), anchor="mm")
    pen.rectangle((0, height - 30, width, height), fill=(30, 40, 50, 200))
    pen.text((width // 2, height - 15), _NOTE, font=_font(17), fill="white", anchor="mm")
    return Image.alpha_composite(image.convert("RGBA"), veil).convert("RGB")


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path()), size)


def _jpeg(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=80)
    return target.getvalue()
