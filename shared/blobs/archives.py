"""Looks into ZIP archives, and into Office documents, which are archives. Blocking; reads through a seekable file."""

import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from shared.blobs.kinds import ARCHIVES, PROGRAMS, ZIP, Kind, Shape, known_binary
from shared.blobs.names import RUNNABLE, extension
from shared.blobs.refusals import (
    ArchiveRefused,
    FileActive,
    FileDamaged,
    FileEncrypted,
    FileMismatch,
)
from shared.blobs.scans import VirusScan
from shared.kernel.marks import N_, S_

PIECE = 2**18


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may unpack to. Real documents stay far below; bombs need at least one of these."""

    entries: int = 10_000
    unpacked: int = 2**30
    ratio: int = 100
    ratio_from: int = 16 * 2**20
    """Small files may be as dense as they like: a sheet of zeros packs a thousand times."""
    depth: int = 3


LIMITS = Limits()


@dataclass(slots=True)
class _Spent:
    """What the archive and everything inside it has used up together."""

    entries: int = 0
    unpacked: int = 0


def check_archive(kind: Kind, file: IO[bytes], size: int, limits: Limits = LIMITS) -> None:
    """Refuse bombs, tricks, locked and active content anywhere inside.

    Raises ArchiveRefused, FileActive, FileDamaged, FileEncrypted, FileInfected, FileMismatch.
    """
    try:
        _check(kind, file, size, limits, _Spent(), 1)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, UnicodeDecodeError, ValueError) as fault:
        raise FileDamaged(N_("The archive is damaged and cannot be opened. Create it again and upload it.")) from fault
    except NotImplementedError as fault:
        raise ArchiveRefused(
            N_("The archive uses an unusual packing method. Create it again as an ordinary ZIP.")
        ) from fault


def _check(kind: Kind | None, file: IO[bytes], size: int, limits: Limits, spent: _Spent, depth: int) -> None:
    _count_before_reading(file, size, limits)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        _check_listing(members, size, limits, spent)
        names = {member.filename for member in members}
        if kind and kind.shape is Shape.OFFICE:
            _check_office(kind, archive, names)
        _refuse_macros(names)
        for member in members:
            if not member.is_dir():
                _check_member(archive, member, limits, spent, depth)


def _count_before_reading(file: IO[bytes], size: int, limits: Limits) -> None:
    """The directory's own size, from the end record, before the library builds an object for each entry of it."""
    file.seek(max(0, size - 66_000))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        raise FileDamaged(N_("The archive breaks off before its end. Create it again and upload the whole file."))
    entries, directory = struct.unpack_from("<HI", end, at + 10)
    zip64 = end.rfind(b"PK\x06\x06", 0, at)
    if zip64 >= 0 and len(end) >= zip64 + 48:
        entries, directory = struct.unpack_from("<QQ", end, zip64 + 32)
    if entries > limits.entries or directory > limits.entries * 400:
        raise _too_many(limits)


def _too_many(limits: Limits) -> ArchiveRefused:
    return ArchiveRefused(
        S_("The archive holds more than %(most)s files. Split it and upload the parts.", most=f"{limits.entries:,}")
    )


def _too_much() -> ArchiveRefused:
    return ArchiveRefused(N_("The archive unpacks to far more than its size. Upload the documents one by one instead."))


def _check_listing(members: list[zipfile.ZipInfo], size: int, limits: Limits, spent: _Spent) -> None:
    spent.entries += len(members)
    if spent.entries > limits.entries:
        raise _too_many(limits)
    total = sum(member.file_size for member in members)
    if spent.unpacked + total > limits.unpacked or (total > limits.ratio_from and total > size * limits.ratio):
        raise _too_much()
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.header_offset < end:  # entries that share their bytes: the densest bombs are made so
            raise _too_much()
        end = member.header_offset + 30 + member.compress_size
    for member in members:
        _check_name(member)
        if member.flag_bits & 0x1:
            raise FileEncrypted(
                N_("The archive is locked with a password. Create it again without one and upload that.")
            )


def _check_name(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename.replace("\\", "/")
    steps = name.split("/")
    if name.startswith("/") or ".." in steps or (len(name) > 1 and name[1] == ":") or "\0" in name or len(name) > 512:
        raise ArchiveRefused(N_("The archive holds a file that would unpack outside its folder. Create it again."))
    if (member.external_attr >> 16) & 0o170000 == 0o120000:
        raise ArchiveRefused(
            N_("The archive holds a link instead of a file. Create it again with the files themselves.")
        )
    if extension(name) in RUNNABLE - {"html", "xhtml", "svg"} or (member.is_dir() and member.file_size):
        raise FileActive(
            S_("The archive holds “%(name)s”, which is a program. Remove it and upload the rest.", name=steps[-1][:80])
        )


def _check_office(kind: Kind, archive: zipfile.ZipFile, names: set[str]) -> None:
    if kind.extensions[0] in ("odt", "ods"):
        if (
            "mimetype" not in names
            or archive.read("mimetype")[:200].decode("ascii", "replace").strip() != kind.media_type
        ):
            raise FileMismatch(
                S_("The content is not an %(kind)s. Save it again from the program that made it.", kind=kind.name)
            )
        if "META-INF/manifest.xml" in names and b"encryption-data" in _small(archive, "META-INF/manifest.xml"):
            raise FileEncrypted(N_("The document is locked with a password. Save it without one and upload it again."))
        return
    if "[Content_Types].xml" not in names:
        raise FileMismatch(
            S_("The content is not a %(kind)s. Save it again from the program that made it.", kind=kind.name)
        )
    types = _small(archive, "[Content_Types].xml")
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise _macros()
    if f"{kind.media_type}.main+xml".encode() not in types:
        raise FileMismatch(
            S_("The content is not a %(kind)s, though its name says so. Give it the ending that fits.", kind=kind.name)
        )


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        found = member.read(4 * 2**20 + 1)
    if len(found) > 4 * 2**20:
        raise _too_much()
    return found


def _macros() -> FileActive:
    return FileActive(N_("The document contains macros. Save it without macros and upload it again."))


def _refuse_macros(names: set[str]) -> None:
    for name in names:
        low = name.lower()
        if low.endswith("vbaproject.bin") or "/macrosheets/" in low or low.startswith(("basic/", "scripts/")):
            raise _macros()


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits, spent: _Spent, depth: int) -> None:
    virus = VirusScan()
    with archive.open(member) as packed:
        head = packed.read(PIECE)
        _check_content(member, head)
        nested = head.startswith(ZIP)
        if nested and depth >= limits.depth:
            raise ArchiveRefused(N_("The archive holds archives within archives. Upload the documents themselves."))
        with tempfile.TemporaryFile() as spool:
            piece = head
            while piece:
                spent.unpacked += len(piece)
                if spent.unpacked > limits.unpacked:
                    raise _too_much()
                virus.feed(piece)
                if nested:
                    spool.write(piece)
                piece = packed.read(PIECE)
            if nested:
                _check(None, spool, spool.tell(), limits, spent, depth + 1)


def _check_content(member: zipfile.ZipInfo, head: bytes) -> None:
    if head.startswith(ARCHIVES):
        raise ArchiveRefused(
            S_(
                "“%(name)s” in the archive is %(kind)s that cannot be looked into. Unpack it first.",
                name=member.filename[-80:],
                kind=known_binary(head),
            )
        )
    if head.startswith(PROGRAMS) or (head.startswith(b"MZ") and known_binary(head)):
        raise FileActive(
            S_("“%(name)s” in the archive is a program. Remove it and upload the rest.", name=member.filename[-80:])
        )
