"""A program of its own that decodes what somebody sent and encodes it anew; `geo.exchange.uploads` runs it.

Decoders are written in C and read what strangers made, so they run in a process that has little memory and
time, writes no file and knows nothing of the store. It imports nothing of this project. The file comes in on
standard input, limits as the one argument (JSON). Standard output gets one line of JSON: either ``fault``, or
``content`` and ``preview`` (their lengths in bytes), ``width``, ``height`` and ``pages``, and after it the
bytes of both.
"""

from __future__ import annotations

import json
import struct
import sys
import warnings
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from typing import Any

from PIL import Image

if sys.platform != "win32":
    import resource

MEMORY_BYTES = 1 << 30
CPU_S = 40
_IMAGES = ("JPEG", "PNG", "WEBP")
_QUALITY = 85
_MOST_SCALE = 300 / 72
"""A PDF's small page is not drawn any finer than at 300 dots an inch."""
_PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112


class Refused(Exception):
    """The file is not to be kept; the text says why in one word."""


@dataclass(frozen=True)
class Limits:
    """What may come in and how large what goes out may be.

    Attributes
    ----------
    pixels : int
        Of an image that comes in.
    pages : int
        Of a PDF that comes in.
    side_px, preview_px : int
        Longest side of an image or page that goes out, and of its preview.
    """

    pixels: int
    pages: int
    side_px: int
    preview_px: int


@dataclass(frozen=True)
class Encoded:
    """What was made of the file."""

    content: bytes
    preview: bytes
    width: int | None = None
    height: int | None = None
    pages: int | None = None


def reencoded_image(content: bytes, limits: Limits) -> Encoded:
    """A still image as a JPEG that holds its pixels alone: no position, profile, comment or second image."""
    with Image.open(BytesIO(content), formats=_IMAGES) as image:
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:  # cameras add a second view (MPO)
            raise Refused("animated")
        turn = _TURNS.get(_orientation(image))
        small = _fitted(_in_colours(image, limits.side_px), limits.side_px)
    if turn is not None:
        small = small.transpose(turn)
    preview = _jpeg(_fitted(small, limits.preview_px))
    return Encoded(_jpeg(small), preview, width=small.width, height=small.height)


def _orientation(image: Image.Image) -> int:
    """How the camera was held; 1 (upright) where the note on it cannot be read."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error):
        return 1


def _in_colours(image: Image.Image, side_px: int) -> Image.Image:
    """The image in a mode that can be made smaller without loss of its colours."""
    image.draft("RGB", (side_px, side_px))  # a JPEG is decoded no larger than needed
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("RGB")


def _fitted(image: Image.Image, side_px: int) -> Image.Image:
    """A copy that is no larger; on white where it was transparent, and without anything but pixels."""
    image = image.copy()
    image.thumbnail((side_px, side_px))
    clean = Image.new("RGB", image.size, "white")
    clean.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return clean


def _jpeg(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=_QUALITY, optimize=True)
    return target.getvalue()


def reencoded_pdf(content: bytes, limits: Limits) -> Encoded:
    """A PDF as pictures of its pages in a new PDF: no script, link, form or file of the old one is left."""
    import pypdfium2 as pdfium

    try:
        source = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as fault:
        raise Refused("encrypted" if fault.err_code == _PASSWORD_NEEDED else "broken") from fault
    if len(source) > limits.pages:
        raise Refused("pages")
    pages = [_drawn(source[number], limits.side_px) for number in range(len(source))]
    if not pages:
        raise Refused("broken")
    with Image.open(BytesIO(pages[0].jpeg)) as first:
        preview = _jpeg(_fitted(first, limits.preview_px))
    return Encoded(_pdf_of(pages), preview, pages=len(pages))


@dataclass(frozen=True)
class _Page:
    """A picture of a page, its size in pixels, and the page's size in points."""

    jpeg: bytes
    width_px: int
    height_px: int
    width: float
    height: float


def _drawn(page: Any, side_px: int) -> _Page:
    width, height = page.get_size()
    if not (min(width, height) > 0 and isfinite(max(width, height))):
        raise Refused("broken")
    bitmap = page.render(scale=min(side_px / max(width, height), _MOST_SCALE), may_draw_forms=False)
    image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    page.close()
    return _Page(_jpeg(image), image.width, image.height, width, height)


def _pdf_of(pages: list[_Page]) -> bytes:
    """A PDF that holds one picture a page and nothing else: no date or number that would differ each time."""
    kids = " ".join(f"{3 + 3 * number} 0 R" for number in range(len(pages)))
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
    ]
    for page in pages:
        bodies += _page_objects(page, number=len(bodies) + 1)
    target, starts = BytesIO(b"%PDF-1.4\n"), []
    target.seek(0, 2)
    for number, body in enumerate(bodies, start=1):
        starts.append(target.tell())
        target.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    ending = f"<</Size {len(bodies) + 1}/Root 1 0 R>>\nstartxref\n{target.tell()}\n%%EOF\n"
    target.write(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}trailer\n{ending}".encode())
    return target.getvalue()


def _page_objects(page: _Page, *, number: int) -> list[bytes]:
    """A page's three objects, the first of which gets this number: itself, what is drawn, the picture."""
    width, height = f"{page.width:.2f}", f"{page.height:.2f}"
    drawn = f"q {width} 0 0 {height} 0 0 cm /P Do Q".encode()
    resources = f"/MediaBox[0 0 {width} {height}]/Resources<</XObject<</P {number + 2} 0 R>>>>"
    picture = f"/Subtype/Image/Width {page.width_px}/Height {page.height_px}"
    coded = f"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length {len(page.jpeg)}"
    return [
        f"<</Type/Page/Parent 2 0 R{resources}/Contents {number + 1} 0 R>>".encode(),
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<</Type/XObject%b>>\nstream\n%b\nendstream" % ((picture + coded).encode(), page.jpeg),
    ]


def _reencoded(content: bytes, limits: Limits) -> Encoded:
    Image.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        if content.startswith(b"%PDF-"):
            return reencoded_pdf(content, limits)
        return reencoded_image(content, limits)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
        raise Refused("pixels") from fault
    except MemoryError as fault:
        raise Refused("heavy") from fault


def confine() -> None:
    """Take from this process what decoding does not need; Windows knows no such limits."""
    if sys.platform == "win32":
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Read, encode anew, write. A file that no decoder understands ends this with a traceback and a code."""
    confine()
    limits = Limits(**json.loads(sys.argv[1]))
    try:
        made = _reencoded(sys.stdin.buffer.read(), limits)
    except Refused as refusal:
        print(json.dumps({"fault": str(refusal)}))  # noqa: T201 - what this program is asked for
        return
    sizes = {"content": len(made.content), "preview": len(made.preview)}
    told = {**sizes, "width": made.width, "height": made.height, "pages": made.pages}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made.content + made.preview)


if __name__ == "__main__":
    main()
