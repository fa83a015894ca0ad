"""Unpack what was uploaded into a private folder, and refuse archives made to do harm.

Members are written under names of our own, so nothing in an archive decides where a file goes.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.errors import FileFault
from geo.i18n import _

MAX_MEMBERS = 5_000
MAX_TOTAL_BYTES = 1_500_000_000
MAX_RATIO = 300
_RATIO_MATTERS_BYTES = 50_000_000
_CHUNK = 1 << 20
_JUNK_FOLDERS = frozenset({"__macosx"})

DATASETS = (".shp", ".gpkg", ".geojson", ".json", ".csv", ".xlsx", ".dbf")
SIDECARS = (".shx", ".dbf", ".prj", ".cpg")


@dataclass(frozen=True)
class Dataset:
    """One readable thing on disk.

    Attributes
    ----------
    name : str
        Its name as the user wrote it, with its folder in a zip, without suffix.
    suffix : str
        In lower case.
    parts : dict of str to Path
        Suffix → file; a shapefile has several.
    """

    name: str
    suffix: str
    parts: dict[str, Path]

    @property
    def path(self) -> Path:
        """The main file."""
        return self.parts[self.suffix]


def member_name(info: zipfile.ZipInfo) -> str:
    """Name of a zip member; without the UTF-8 flag it is tried as UTF-8, then as GB 18030."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _refuse_path(name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0].startswith("/") or ":" in parts[0] or "\0" in name:
        raise FileFault(
            _("压缩包里有越出目录的文件名，已拒绝。"), hint=_("请用本机的压缩工具重新打包后再试。")
        )


def check_archive(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Files of an archive that is safe to unpack; bombs, traversal and links raise `FileFault`."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise FileFault(_("压缩包里的文件超过 {limit} 个，已拒绝。").format(limit=MAX_MEMBERS))
    for info in members:
        _refuse_path(member_name(info))
        if stat.S_ISLNK(info.external_attr >> 16):
            raise FileFault(_("压缩包里有符号链接，已拒绝。"), hint=_("请只打包数据文件本身。"))
        if info.flag_bits & 0x1:
            raise FileFault(_("压缩包有密码，无法读取。"), hint=_("请去掉密码后再试。"))
        if info.file_size > _RATIO_MATTERS_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise _too_big()
    if sum(info.file_size for info in members) > MAX_TOTAL_BYTES:
        raise _too_big()
    return members


def _too_big() -> FileFault:
    return FileFault(
        _("压缩包解开后过大，疑似压缩炸弹，已拒绝。"),
        hint=_("解开后总量不得超过 {limit} MB；请分成几个文件导入。").format(
            limit=MAX_TOTAL_BYTES // 1_000_000
        ),
    )


def open_archive(path: Path) -> zipfile.ZipFile:
    """An opened zip file; anything else raises `FileFault`."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as fault:
        raise FileFault(
            _("“{name}”不是完整的 zip 压缩包。").format(name=path.name), hint=_("请重新打包或重新下载。")
        ) from fault


def _is_junk(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return parts[-1].startswith(".") or bool(_JUNK_FOLDERS & {part.lower() for part in parts})


def unpack(path: Path, folder: Path) -> list[Dataset]:
    """Unpack the data files of a zip into ``folder`` and say which datasets it holds."""
    with open_archive(path) as archive:
        wanted = [info for info in check_archive(archive) if not _is_junk(member_name(info))]
        groups: dict[str, dict[str, Path]] = {}
        names: dict[str, str] = {}
        budget = MAX_TOTAL_BYTES
        for number, info in enumerate(wanted):
            place = PurePosixPath(member_name(info).replace("\\", "/"))
            if place.suffix.lower() not in (*DATASETS, *SIDECARS):
                continue
            target = folder / f"{number}{place.suffix.lower()}"
            budget -= _extract(archive, info, target, budget)
            stem = str(place.with_suffix(""))
            names.setdefault(stem.lower(), stem)
            groups.setdefault(stem.lower(), {})[place.suffix.lower()] = target
    found = [dataset for key, parts in groups.items() for dataset in _datasets(names[key], parts)]
    if not found:
        raise FileFault(
            _("压缩包“{name}”里没有可导入的数据文件。").format(name=path.name), hint=_no_data(wanted)
        )
    return found


def _no_data(members: list[zipfile.ZipInfo]) -> str:
    if any(member_name(info).lower().endswith(".zip") for info in members):
        return _("里面还套着压缩包：请先解开一层，把其中的数据单独打包。")
    return _("压缩包里应有 .shp（连同 .shx、.dbf、.prj）、.gpkg、.geojson、.csv 或 .xlsx 文件。")


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, budget: int) -> int:
    written = 0
    try:
        with archive.open(info) as source, target.open("xb") as sink:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > budget:
                    raise _too_big()
                sink.write(chunk)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
    ) as e:
        raise FileFault(
            _("压缩包里的“{name}”已损坏。").format(name=PurePosixPath(member_name(info)).name),
            hint=_("请重新打包后再试。"),
        ) from e
    return written


def _datasets(name: str, parts: dict[str, Path]) -> list[Dataset]:
    if ".shp" in parts:
        return [Dataset(name, ".shp", parts)]
    return [Dataset(name, suffix, parts) for suffix in DATASETS if suffix in parts]


def loose_dataset(path: Path) -> Dataset:
    """A file with the sidecars that lie beside it, whatever the case of their suffixes."""
    suffix = path.suffix.lower()
    parts = {suffix: path}
    if suffix in (".shp", ".dbf"):
        stem = path.stem.casefold()
        for other in sorted(path.parent.iterdir()):
            if other.suffix.lower() in SIDECARS and other.stem.casefold() == stem:
                parts.setdefault(other.suffix.lower(), other)
    return Dataset(path.stem, suffix, parts)
