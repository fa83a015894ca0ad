"""Attacks by uploaded files: what is kept is encoded anew, what is served is a picture or a document."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from datetime import date
from io import BytesIO

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image
from PIL.ExifTags import IFD

from geo.errors import FileFault
from geo.exchange import reencode
from geo.exchange.uploads import Upload, checked_upload, plain_line, title_from
from geo.rules import load_rules
from tests import uploaded

RULES = load_rules(date(2026, 5, 1))
RED = (200, 80, 80)
"""A red has at least so much red and at most so much of the others, JPEG's losses included."""
ACTIVE = (b"/JS", b"/JavaScript", b"/OpenAction", b"/AA", b"/Launch", b"/URI", b"/Annots", b"/AcroForm")
ACTIVE += (b"/EmbeddedFile", b"/Filespec", b"/SubmitForm", b"evil", b"/XFA", b"/RichMedia")
MEGABYTE = 1 << 20
MOST_GROWTH_MB = 150
"""What the server may grow by while it passes the largest file on: the file itself and the answer."""


def kept(content: bytes) -> Upload:
    return checked_upload(content, rules=RULES)


def refused(content: bytes) -> str:
    with pytest.raises(FileFault) as fault:
        kept(content)
    assert fault.value.hint
    return fault.value.message


def is_red(pixel: tuple[int, ...]) -> bool:
    return pixel[0] > RED[0] and max(pixel[1:3]) < RED[1]


def opened(content: bytes) -> Image.Image:
    """The kept image, which must be a plain JPEG."""
    image = Image.open(BytesIO(content))
    assert image.format == "JPEG"
    image.load()
    return image


def first_page(content: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(content)
    image = document[0].render(scale=1).to_pil().convert("RGB")
    document.close()
    return image


# --- what is no image and no PDF ---------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
FOREIGN = {
    "SVG": SVG,
    "SVG with a declaration": b'<?xml version="1.0"?>' + SVG,
    "HTML": b"<!doctype html>" + uploaded.SCRIPT,
    "HTML after a line": b"\n\n%PDF" + uploaded.SCRIPT,
    "ZIP": b"PK\x03\x04" + bytes(100),
    "program": b"MZ\x90\x00" + bytes(100),
    "GIF": uploaded.encoded(uploaded.picture().convert("P"), "GIF"),
    "GIF bomb": uploaded.gif_promising(65_000, 65_000),
    "GIF with HTML": b"GIF89a/*" + uploaded.SCRIPT + b"*/",
    "BMP": uploaded.encoded(uploaded.picture(), "BMP"),
    "TIFF": uploaded.encoded(uploaded.picture(), "TIFF"),
    "icon": uploaded.encoded(uploaded.picture(64, 64), "ICO"),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run",
    "zeros": bytes(1000),
    "one byte": b"\xff",
    "text that begins like a PDF": b" %PDF-1.7",
    "RIFF that is no WebP": b"RIFF\x00\x00\x00\x00WAVEfmt ",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_neither_image_nor_pdf_is_refused(kind: str) -> None:
    assert "不是可以上传的图片或 PDF" in refused(FOREIGN[kind])


def test_nothing_is_refused() -> None:
    assert refused(b"") == "文件是空的。"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_of_image_becomes_a_jpeg(kind: str) -> None:
    made = kept(uploaded.encoded(uploaded.picture(), kind))
    image = opened(made.content)
    assert (made.media_type, image.size, (made.width, made.height)) == ("image/jpeg", (640, 480), (640, 480))
    assert is_red(image.getpixel((40, 40)))
    assert not is_red(image.getpixel((600, 440)))
    assert opened(made.preview).size == (480, 360)


# --- what hides in an image --------------------------------------------------------------------------


def test_position_camera_profile_and_comment_are_gone() -> None:
    sent = uploaded.photo()
    before = Image.open(BytesIO(sent))
    assert before.getexif().get_ifd(IFD.GPSInfo)
    assert {"icc_profile", "comment", "exif"} <= before.info.keys()
    made = kept(sent)
    for body in (made.content, made.preview):
        after = opened(body)
        assert dict(after.getexif()) == {}
        assert dict(after.getexif().get_ifd(IFD.GPSInfo)) == {}
        assert after.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        for hidden in (b"Exif", b"ICC_PROFILE", uploaded.COMMENT, uploaded.CAMERA.encode()):
            assert hidden in sent
            assert hidden not in body


def test_a_photo_stands_upright_though_its_note_on_that_is_gone() -> None:
    """Orientation 6: what the camera saw above lies at the right of the file's picture."""
    made = kept(uploaded.photo(orientation=6))
    assert (made.width, made.height) == (480, 640)
    assert is_red(opened(made.content).getpixel((440, 40)))


def test_a_note_on_the_camera_that_nobody_can_read_is_no_reason_to_refuse() -> None:
    sent = uploaded.encoded(uploaded.picture(), exif=b"Exif\0\0broken" + bytes(range(100)))
    assert kept(sent).width == 640


POLYGLOTS = {
    "JPEG and HTML": uploaded.photo() + uploaded.SCRIPT,
    "JPEG and ZIP": uploaded.photo() + b"PK\x03\x04evil.exe" + bytes(60) + b"PK\x05\x06",
    "JPEG and PDF": uploaded.photo() + uploaded.active_pdf(),
    "PNG and HTML": uploaded.encoded(uploaded.picture(), "PNG") + uploaded.SCRIPT,
    "PNG with a text": uploaded.png(64, 64, extra=uploaded.png_chunk(b"tEXt", b"a\0" + uploaded.SCRIPT)),
    "JPEG with HTML in its comment": uploaded.encoded(uploaded.picture(), comment=uploaded.SCRIPT),
    "WebP with HTML": uploaded.encoded(uploaded.picture(), "WEBP", xmp=uploaded.SCRIPT),
}


@pytest.mark.parametrize("kind", POLYGLOTS)
def test_what_hangs_on_an_image_does_not_stay(kind: str) -> None:
    sent = POLYGLOTS[kind]
    hidden = [each for each in (uploaded.SCRIPT, b"evil", b"/JavaScript") if each in sent]
    assert hidden
    made = kept(sent)
    assert not [each for each in hidden if each in made.content + made.preview]
    opened(made.content)
    assert made.content.endswith(b"\xff\xd9")


def test_transparent_images_lie_on_white_and_every_mode_can_be_kept() -> None:
    clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    assert opened(kept(uploaded.encoded(clear, "PNG")).content).getpixel((25, 25)) == (255, 255, 255)
    for mode in ("1", "L", "LA", "P", "I;16", "RGBA"):
        image = uploaded.picture().convert("L") if mode == "I;16" else uploaded.picture()
        assert kept(uploaded.encoded(image.convert(mode), "PNG")).width == 640
    assert kept(uploaded.encoded(uploaded.picture().convert("CMYK"))).width == 640


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_are_refused(kind: str) -> None:
    assert refused(uploaded.animation(kind)) == "动图不能上传。"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_half_an_image_is_refused(kind: str) -> None:
    whole = uploaded.encoded(uploaded.picture(), kind)
    assert "不完整" in refused(whole[: len(whole) // 2])


def test_the_same_file_is_kept_the_same_each_time() -> None:
    for sent in (uploaded.photo(), uploaded.pdf(pages=2)):
        assert kept(sent) == kept(sent)


# --- size --------------------------------------------------------------------------------------------


def test_large_photos_are_made_smaller() -> None:
    made = kept(uploaded.photo(4000, 3000))
    assert (made.width, made.height) == (2000, 1500)


def test_a_file_over_the_limit_is_refused_unread() -> None:
    assert refused(b"\xff\xd8\xff" + bytes(20_000_000)) == "文件超过 20 MB。"


@pytest.mark.parametrize(
    "content",
    [
        uploaded.png(50_000, 50_000, is_whole=False),
        uploaded.png(8_000, 8_000, is_whole=False),
        uploaded.png(60_000, 900, is_whole=False),
    ],
    ids=["2,500 megapixels", "64 megapixels", "a line"],
)
def test_an_image_of_too_many_pixels_is_refused(content: bytes) -> None:
    assert refused(content) == "图片超过 50 百万像素。"


MEASURING = """
import resource, subprocess, sys
with open(sys.argv[1], "rb") as sent:
    subprocess.run([sys.executable, "-I", *sys.argv[2:]], stdin=sent, capture_output=True)
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(spent.ru_maxrss // 1024, spent.ru_utime + spent.ru_stime)
"""
"""A process between: what it starts begins small, while a child of a large process counts as large."""


def spent(content: bytes, file) -> tuple[int, float]:
    """Memory (MB) and processor time (s) that decoding takes in its own process, whatever comes of it."""
    file.write_bytes(content)
    limits = {"pixels": 50_000_000, "pages": 20, "side_px": 2000, "preview_px": 480}
    program = [sys.executable, "-c", MEASURING, str(file), reencode.__file__, json.dumps(limits)]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout.split()
    return int(told[0]), float(told[1])


IMAGE_BODY = uploaded.swollen(900 * MEGABYTE, times=2)
TWICE = "/Filter[/FlateDecode/FlateDecode]"
BOMBS = {
    "a PNG of 49 megapixels": lambda: uploaded.png(7_000, 7_000),
    "a PNG whose text unfolds": lambda: uploaded.png(
        9, 9, extra=uploaded.png_chunk(b"zTXt", b"a\0\0" + uploaded.swollen(500 * MEGABYTE))
    ),
    "a PNG whose profile unfolds": lambda: uploaded.png(
        9, 9, extra=uploaded.png_chunk(b"iCCP", b"a\0\0" + uploaded.swollen(500 * MEGABYTE))
    ),
    "a PDF whose page unfolds twice": lambda: uploaded.pdf(
        drawn=uploaded.swollen(1200 * MEGABYTE, times=2), coding=TWICE
    ),
    "a PDF with an image of 900 megapixels": lambda: uploaded.pdf(
        drawn=b"q 595 0 0 842 0 0 cm /I Do Q",
        page="/Resources<</XObject<</I 4 0 R>>>>",
        more=(
            b"<</Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 8/ColorSpace/DeviceGray"
            b"/Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n%b\nendstream"
            % (len(IMAGE_BODY), IMAGE_BODY),
        ),
    ),
    "a PDF that draws itself again and again": lambda: uploaded.pdf(
        drawn=b"/F Do " * 10,
        page="/Resources<</XObject<</F 4 0 R>>>>",
        more=tuple(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</F %d 0 R>>>>/Length %d>>"
            b"\nstream\n%b\nendstream" % (4 + (level + 1) % 12, 60, b"/F Do " * 10)
            for level in range(12)
        ),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_goes_off_where_it_does_no_harm(bomb: str, tmp_path) -> None:
    content = BOMBS[bomb]()
    assert len(content) < 2 * MEGABYTE
    memory_mb, time_s = spent(content, tmp_path / "bomb")
    assert memory_mb * MEGABYTE < reencode.MEMORY_BYTES
    assert time_s < reencode.CPU_S + 5


@pytest.mark.slow
def test_the_server_itself_hardly_grows() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept(uploaded.png(7_000, 7_000))
    assert "过大或过于复杂" in refused(BOMBS["a PDF whose page unfolds twice"]())
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < MOST_GROWTH_MB * 1024


def test_the_decoder_knows_nothing_of_the_store(monkeypatch) -> None:
    monkeypatch.setenv("MINQING_STORE", "postgresql+psycopg://user:secret@db/county")
    asked = {}

    def run(program, *, env, **how):
        asked.update(env)
        return subprocess.CompletedProcess(program, 0, b'{"fault": "broken"}\n')

    monkeypatch.setattr(subprocess, "run", run)
    refused(uploaded.photo())
    assert asked
    assert asked.keys() <= {"PATH", "LD_LIBRARY_PATH", "SYSTEMROOT"}


# --- PDF ---------------------------------------------------------------------------------------------


def test_nothing_active_is_left_of_a_pdf_but_what_it_looks_like() -> None:
    sent = uploaded.active_pdf()
    assert all(mark in sent for mark in ACTIVE[:12])
    made = kept(sent)
    assert (made.media_type, made.pages, made.width) == ("application/pdf", 1, None)
    assert [mark for mark in ACTIVE if mark in made.content] == []
    page = first_page(made.content)
    assert page.size == (595, 842)
    assert is_red(page.getpixel((100, 100)))
    assert page.getpixel((500, 700)) == (255, 255, 255)
    assert opened(made.preview).size == (339, 480)


def test_a_pdf_with_a_password_is_refused() -> None:
    locked = FPDF()
    locked.add_page()
    locked.set_encryption(owner_password="owner", user_password="user")
    assert refused(bytes(locked.output())) == "PDF 设有密码，无法读取。"


@pytest.mark.parametrize("pages", [21, 10_000])
def test_a_pdf_of_too_many_pages_is_refused(pages: int) -> None:
    assert refused(uploaded.pdf(pages=pages)) == "PDF 超过 20 页。"


def test_twenty_pages_are_kept_in_order() -> None:
    made = kept(uploaded.pdf(pages=20))
    assert made.pages == len(pypdfium2.PdfDocument(made.content)) == 20


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n" + random.Random(1).randbytes(5_000),
        b"%PDF-1.7\n" + uploaded.SCRIPT,
        uploaded.pdf(pages=0),
        uploaded.pdf()[:40],
    ],
    ids=["noise", "HTML", "no page", "cut off"],
)
def test_a_broken_pdf_is_refused(content: bytes) -> None:
    assert "损坏" in refused(content)


@pytest.mark.parametrize("box", ["0 0 1000000000 1", "0 0 0 0", "0 0 99999 99999", "5 5 -5 -5"])
def test_pages_of_absurd_size_do_no_harm(box: str) -> None:
    try:
        made = kept(uploaded.pdf(box=box))
    except FileFault:
        return
    document = pypdfium2.PdfDocument(made.content)
    picture = next(iter(document[0].get_objects()))
    assert max(picture.get_px_size()) <= 2001


@pytest.mark.parametrize("kind", ["photo", "PNG", "PDF"])
def test_damaged_files_are_kept_anew_or_refused_and_nothing_else(kind: str) -> None:
    whole = {
        "photo": uploaded.photo(),
        "PNG": uploaded.encoded(uploaded.picture(), "PNG"),
        "PDF": uploaded.active_pdf(),
    }[kind]
    chance = random.Random(kind)
    for _again in range(6):
        damaged = bytearray(whole)
        for _byte in range(12):
            damaged[chance.randrange(8, len(damaged))] = chance.randrange(256)
        try:
            made = kept(bytes(damaged))
        except FileFault:
            continue
        assert made.content.startswith((b"\xff\xd8\xff", b"%PDF-1.4"))
        assert [mark for mark in (*ACTIVE, uploaded.COMMENT) if mark in made.content] == []


# --- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd.jpg", "passwd"),
        (r"C:\Windows\..\村口.png", "村口"),
        ("村口\u202egpj.exe", "村口gpj"),
        ("a\x00.jpg\x1b[31m", "a"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>"),
        ("..", ""),
        (".", ""),
        ("/", ""),
        ("\ud800.jpg", ""),
        ("x" * 999 + ".jpg", "x" * 120),
        ("con.jpg", "con"),
    ],
)
def test_a_name_lends_a_title_and_nothing_else(name: str, title: str) -> None:
    assert title_from(name) == title


def test_a_line_is_one_line_of_signs_that_show() -> None:
    others = (0x7F, 0x85, 0xA0, 0x200B, 0x200E, 0x2028, 0x202E, 0x2066, 0xFEFF, 0xE000, 0xFFFE)
    for code in (*range(0x20), *others):
        assert plain_line(f"a{chr(code)}b") in ("ab", "a b"), hex(code)
