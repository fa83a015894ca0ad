"""Files that people upload: recognised by content, decoded apart, and kept only as what was encoded anew.

Nothing of what was sent is ever kept or given out: neither its bytes nor its name (decision 0014).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from threading import BoundedSemaphore

from geo.errors import FileFault
from geo.exchange import reencode
from geo.i18n import N_, _
from geo.rules import Rules
from geo.rules.units import in_unit

JPEG, PDF = "image/jpeg", "application/pdf"
TITLE_LENGTH = 120
_TIME_S = 60
_AT_ONCE = BoundedSemaphore(2)  # each may take `reencode.MEMORY_BYTES`
_BYTES_A_MEGABYTE = 1_000_000
_PIXELS_A_MEGAPIXEL = 1_000_000
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_OTHER_FORMAT = N_("请上传 JPEG、PNG、WebP 图片或 PDF；其他格式请先另存为 JPEG 或 PDF。")
_FAULTS = {
    "animated": (N_("动图不能上传。"), N_("请另存为静止的图片后再上传。")),
    "broken": (N_("文件已损坏或不完整，无法读取。"), N_("请重新拍摄、另存或导出后再上传。")),
    "encrypted": (N_("PDF 设有密码，无法读取。"), N_("请取消密码后再上传。")),
    "heavy": (N_("文件解开后过大或过于复杂。"), N_("请降低分辨率，或另存为图片后再上传。")),
}


@dataclass(frozen=True)
class Upload:
    """What is kept of an uploaded file.

    Attributes
    ----------
    media_type : str
        ``image/jpeg`` or ``application/pdf``, whatever was sent.
    content : bytes
    preview : bytes
        A small JPEG of it, or of its first page.
    width, height : int or None
        Of an image, in pixels.
    pages : int or None
        Of a PDF.
    sha256 : str
        Of ``content``, in hexadecimal.
    """

    media_type: str
    content: bytes
    preview: bytes
    width: int | None
    height: int | None
    pages: int | None
    sha256: str


def checked_upload(content: bytes, *, rules: Rules) -> Upload:
    """An uploaded file as it may be kept: a JPEG, or a PDF made of pictures of its pages.

    What it is, its bytes say; a name says nothing. An image is turned upright, made no larger than
    ``upload_side_px``, and loses position, profile and comments; a PDF loses all that is active in it.

    Raises
    ------
    FileFault
        It is empty, too large, neither image nor PDF, animated, damaged, locked, or takes too much to decode.
    """
    media_type = _media_type(content)
    _require_size(content, rules)
    made = _decoded_apart(content, rules)
    return Upload(
        media_type,
        made.content,
        made.preview,
        made.width,
        made.height,
        made.pages,
        hashlib.sha256(made.content).hexdigest(),
    )


def plain_line(text: str, *, most: int = TITLE_LENGTH) -> str:
    """A text as one line that shows what it holds: without control, direction or unassigned characters.

    >>> plain_line("a\\x00b\\u202egpj.exe\\n  c")
    'abgpj.exe c'
    """
    joined = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    visible = "".join(char for char in joined if not unicodedata.category(char).startswith("C"))
    return " ".join(visible.split())[:most].strip()


def title_from(filename: str) -> str:
    """A title from a file's name, whatever path and ending the sender claims.

    >>> title_from("..\\\\..\\\\etc/村口.jpg"), title_from("../"), title_from("")
    ('村口', '', '')
    """
    return plain_line(PurePosixPath(PureWindowsPath(filename).name).stem.strip("."))


def _media_type(content: bytes) -> str:
    if not content:
        raise FileFault(_("文件是空的。"), hint=_("请检查文件后再上传。"))
    if content.startswith(b"%PDF-"):
        return PDF
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if is_webp or content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return JPEG
    raise FileFault(_("文件不是可以上传的图片或 PDF。"), hint=_(_OTHER_FORMAT))


def _require_size(content: bytes, rules: Rules) -> None:
    most = rules["upload_megabytes_max"]
    if len(content) > most.value * _BYTES_A_MEGABYTE:
        raise FileFault(
            _("文件超过 {most}。").format(most=in_unit(most.value, most.unit)),
            hint=_("请降低分辨率，或分成几个文件后再上传。"),
        )


def _decoded_apart(content: bytes, rules: Rules) -> reencode.Encoded:
    limits = reencode.Limits(
        pixels=int(rules["upload_megapixels_max"].value * _PIXELS_A_MEGAPIXEL),
        pages=int(rules["upload_pages_max"].value),
        side_px=int(rules["upload_side_px"].value),
        preview_px=int(rules["upload_preview_px"].value),
    )
    program = [sys.executable, "-I", str(Path(reencode.__file__)), json.dumps(asdict(limits))]
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    try:
        with _AT_ONCE:
            done = subprocess.run(
                program, input=content, capture_output=True, timeout=_TIME_S, env=environment, check=False
            )
    except subprocess.TimeoutExpired as fault:
        raise _refusal("heavy", rules) from fault
    if done.returncode:  # a signal: a limit was met; else the decoder gave the file up
        raise _refusal("heavy" if done.returncode < 0 else "broken", rules)
    return _made(done.stdout, rules)


def _made(output: bytes, rules: Rules) -> reencode.Encoded:
    line, bodies = output.split(b"\n", 1)
    told = json.loads(line)
    if fault := told.get("fault"):
        raise _refusal(fault, rules)
    content, preview = bodies[: told["content"]], bodies[told["content"] :]
    return reencode.Encoded(content, preview, told["width"], told["height"], told["pages"])


def _refusal(fault: str, rules: Rules) -> FileFault:
    if fault == "pixels":
        most = rules["upload_megapixels_max"]
        return FileFault(
            _("图片超过 {most}。").format(most=in_unit(most.value, most.unit)),
            hint=_("请降低分辨率后再上传。"),
        )
    if fault == "pages":
        most = rules["upload_pages_max"]
        return FileFault(
            _("PDF 超过 {most}。").format(most=in_unit(most.value, most.unit)),
            hint=_("请分成几个文件后再上传。"),
        )
    message, hint = _FAULTS[fault]
    return FileFault(_(message), hint=_(hint))
