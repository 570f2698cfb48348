"""Zip archives from outside: looked at before anything is unpacked.

Runs in the child process only.
"""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from gis_service.intake.faults import FileRefusedError

MEMBERS = 1000
UNPACKED_MB = 4096
RATIO = 200
"""Unpacked bytes per packed byte; spreadsheets of equal rows reach about a hundred."""

SMALL_BYTES = 10_000_000
"""Below this a high ratio harms nobody: a table of blanks packs very well."""

ARCHIVES_INSIDE = frozenset(
    {".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz"}
)


def check(file: Path) -> list[zipfile.ZipInfo]:
    """Return the members of an archive that is safe to unpack.

    Raises
    ------
    FileRefusedError
        For a name that leaves the folder, a link, an archive in the archive, a bomb,
        an encrypted member, or what is no zip at all.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        message = "压缩包已损坏或不是 zip (the archive is broken or is no zip)"
        raise FileRefusedError(message, reason="archive") from error
    if len(members) > MEMBERS:
        what = f"内含 {len(members)} 个文件，超过 {MEMBERS} 个 (too many files)"
        raise BadArchiveError(what)
    for member in members:
        _check_name(member)
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > UNPACKED_MB * 1_000_000:
        what = f"解压后超过 {UNPACKED_MB} MB (too large when unpacked)"
        raise BadArchiveError(what)
    if unpacked > SMALL_BYTES and unpacked > RATIO * max(packed, 1):
        what = "压缩比异常，疑似压缩炸弹 (looks like a zip bomb)"
        raise BadArchiveError(what)
    return members


def unpack(file: Path, folder: Path) -> list[Path]:
    """Unpack a checked archive flat into ``folder`` and return its files.

    The sizes of the directory may lie: what is really unpacked is counted too.
    """
    files = []
    left = UNPACKED_MB * 1_000_000
    members = check(file)
    with zipfile.ZipFile(file) as archive:
        for member in members:
            if member.is_dir():
                continue
            target = folder / PurePosixPath(member.filename).name
            if target.exists():
                what = f"有重名文件 {target.name} (two files of one name)"
                raise BadArchiveError(what)
            try:
                left -= _copy(archive, member, target, left)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
                what = "文件已损坏 (a member is broken)"
                raise BadArchiveError(what) from error
            files.append(target)
    return files


def _copy(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int
) -> int:
    copied = 0
    with archive.open(member) as source, target.open("wb") as sink:
        while piece := source.read(1 << 20):
            copied += len(piece)
            if copied > min(left, member.file_size):
                what = "实际大小与目录不符 (larger than it says)"
                raise BadArchiveError(what)
            sink.write(piece)
    return copied


def _check_name(member: zipfile.ZipInfo) -> None:
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name:
        what = "含有越出目录的文件名 (a name that leaves the folder)"
        raise BadArchiveError(what)
    if stat.S_ISLNK(member.external_attr >> 16):
        what = "含有符号链接 (a symbolic link)"
        raise BadArchiveError(what)
    if member.flag_bits & 0x1:
        what = "已加密，请去掉密码 (encrypted)"
        raise BadArchiveError(what)
    if PurePosixPath(name).suffix.lower() in ARCHIVES_INSIDE:
        what = "压缩包中还有压缩包，请先解开 (an archive in the archive)"
        raise BadArchiveError(what)


class BadArchiveError(FileRefusedError):
    """An archive that is not unpacked."""

    def __init__(self, what: str) -> None:
        super().__init__(f"压缩包{what}", reason="archive")
