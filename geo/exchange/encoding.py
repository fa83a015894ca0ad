"""In which encoding text was written: DBF tables, JSON and CSV from Chinese offices.

GDAL takes a DBF without ``.cpg`` for Latin-1 and gives mojibake without an error, so it is told.
"""

from __future__ import annotations

import codecs
import struct
from pathlib import Path

from geo.errors import FileFault
from geo.i18n import _

_LDID = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5", 0x7B: "cp932", 0x13: "cp932"}
_CPG = {
    "950": "big5",
    "big-5": "big5",
    "936": "gb18030",
    "54936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "65001": "utf-8",
}
_SAMPLE_BYTES = 1 << 22
_SAMPLE_RECORDS = 2_000


def known_encoding(name: str) -> str | None:
    """Python's name of an encoding as people write it, or None if there is no such encoding."""
    text = name.strip('\x00\ufeff \r\n\t"').lower().removeprefix("ansi ").removeprefix("oem ")
    if text.startswith("8859"):
        text = "iso-8859-" + (text.removeprefix("8859").strip("_-") or "1")
    text = _CPG.get(text, f"cp{text}" if text.isdigit() else text)
    try:
        found = codecs.lookup(text)
    except (LookupError, ValueError):
        return None
    return found.name if getattr(found, "_is_text_encoding", True) else None


def detect_text(raw: bytes) -> str:
    """``utf-8`` if the bytes are valid UTF-8, else ``gb18030``, else ``FileFault``."""
    for encoding in ("utf-8", "gb18030"):
        if _decodes(raw, encoding):
            return encoding
    raise FileFault(
        _("文字编码无法识别，既不是 UTF-8 也不是 GBK/GB18030。"), hint=_("请用 --encoding 指明编码后再试。")
    )


def _decodes(raw: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(raw)
    except UnicodeDecodeError:
        return False
    return True


def require_encoding(name: str) -> str:
    """Python's name of the encoding a user asked for; an unknown one raises `FileFault`."""
    found = known_encoding(name)
    if found is None:
        raise FileFault(
            _("没有名为“{name}”的编码。").format(name=name),
            hint=_("可用 auto、UTF-8、GBK、GB18030、Big5 等。"),
        )
    return found


def decode_file(path: Path, encoding: str) -> str:
    """Text of a whole file; ``auto`` looks at its byte-order mark, then tries UTF-8 and GB 18030."""
    raw = path.read_bytes()
    if encoding == "auto":
        for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16")):
            if raw.startswith(mark):
                encoding = name
                break
        else:
            encoding = detect_text(raw)
    try:
        return raw.decode(require_encoding(encoding)).removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        raise FileFault(
            _("文件不是 {encoding} 编码。").format(encoding=encoding),
            hint=_("请用 --encoding 指明编码，或在表格软件中另存为 UTF-8。"),
        ) from fault


def dbf_encoding(dbf: Path, cpg: Path | None, encoding: str) -> str:
    """Encoding of a DBF table: as asked, else by ``.cpg``, else by its language byte, else by its text."""
    if encoding != "auto":
        return require_encoding(encoding)
    if cpg is not None:
        declared = known_encoding(cpg.read_bytes()[:64].decode("ascii", "replace"))
        if declared is not None:
            return "gb18030" if declared in ("gbk", "gb2312") else declared
    with dbf.open("rb") as source:
        header = source.read(32)
        if len(header) == 32 and header[29] in _LDID:
            return _LDID[header[29]]
        source.seek(0)
        return detect_text(_dbf_text(source.read(_SAMPLE_BYTES)))


def _dbf_text(raw: bytes) -> bytes:
    """Field names and field values of the first records, without characters cut at a field's end."""
    if len(raw) < 33:
        raise FileFault(_("属性表（.dbf）是空的或已损坏。"), hint=_("请重新导出该图层。"))
    header, width = struct.unpack_from("<HH", raw, 8)
    fields = [raw[at : at + 32] for at in range(32, min(header, len(raw)) - 32, 32)]
    words = [field[:11].split(b"\0")[0] for field in fields]
    for start in range(header, min(len(raw), header + _SAMPLE_RECORDS * width) - width + 1, max(width, 1)):
        at = start + 1
        for field in fields:
            words.append(raw[at : at + field[16]].rstrip(b" \0"))
            at += field[16]
    return b"\n".join(_trim(word) for word in words)


def _trim(word: bytes) -> bytes:
    """A field's bytes without the beginning of a UTF-8 character that its width cut off."""
    try:
        word.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.reason == "unexpected end of data":
            return word[: fault.start]
    return word
