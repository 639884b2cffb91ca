"""Files that somebody should not send, and files that somebody should be able to, made when a test asks for them."""

import io
import struct
import zipfile
import zlib

from shared.blobs.scans import EICAR

_OOXML = "application/vnd.openxmlformats-officedocument."
_MAIN = {
    "docx": _OOXML + "wordprocessingml.document.main+xml",
    "xlsx": _OOXML + "spreadsheetml.sheet.main+xml",
    "pptx": _OOXML + "presentationml.presentation.main+xml",
}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(40) + b"\xff\xd9"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40)
OLE_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")


def pdf(inside: bytes = b"", trailer: bytes = b"") -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        + inside
        + b"\ntrailer\n<< /Root 1 0 R "
        + trailer
        + b" >>\nstartxref\n9\n%%EOF\n"
    )


def object_stream(inside: bytes, filter_name: bytes = b"/FlateDecode") -> bytes:
    packed = zlib.compress(inside)
    head = b"7 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter %s /Length %d >>\nstream\n" % (filter_name, len(packed))
    return head + packed + b"\nendstream\nendobj\n"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return target.getvalue()


def office(kind: str, extra: dict[str, bytes] | None = None, types: bytes = b"") -> bytes:
    content = f'<Types><Override PartName="/main.xml" ContentType="{_MAIN[kind]}"/>'.encode() + types + b"</Types>"
    return zipped({"[Content_Types].xml": content, "main.xml": b"<main/>", **(extra or {})})


def opendocument(kind: str, extra: dict[str, bytes] | None = None) -> bytes:
    name = {"odt": "text", "ods": "spreadsheet"}[kind]
    mimetype = f"application/vnd.oasis.opendocument.{name}".encode()
    return zipped({"mimetype": mimetype, "content.xml": b"<office/>", **(extra or {})})


def locked_zip() -> bytes:
    """A member with the encryption flag in both headers, as an archiver with a password leaves it."""
    body = bytearray(zipped({"secret.txt": b"what nobody can check"}, zipfile.ZIP_STORED))
    local, central = body.index(b"PK\x03\x04"), body.index(b"PK\x01\x02")
    body[local + 6] |= 1
    body[central + 8] |= 1
    return bytes(body)


def bomb(megabytes_of_zeros: int = 64) -> bytes:
    target = io.BytesIO()
    piece = bytes(2**20)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.txt", "w") as member:
        for _ in range(megabytes_of_zeros):
            member.write(piece)
    return target.getvalue()


def lying_bomb() -> bytes:
    """Declares a small size in its directory, unpacks to much more."""
    body = bytearray(zipped({"zeros.txt": bytes(40 * 2**20)}))
    central = body.index(b"PK\x01\x02")
    struct.pack_into("<I", body, central + 24, 1000)
    return bytes(body)


def overlapping_bomb() -> bytes:
    """Two directory entries for one and the same packed member."""
    body = zipped({"a.txt": b"x" * 1000})
    central, end = body.index(b"PK\x01\x02"), body.index(b"PK\x05\x06")
    entry = body[central:end]
    tail = bytearray(body[end:])
    struct.pack_into("<HHI", tail, 8, 2, 2, 2 * len(entry))
    return body[:central] + entry + entry + bytes(tail)


def crowd(entries: int) -> bytes:
    return zipped({f"{n}.txt": b"" for n in range(entries)}, zipfile.ZIP_STORED)


def russian_doll(depth: int) -> bytes:
    body = zipped({"core.txt": b"the middle"})
    for level in range(depth):
        body = zipped({f"{level}.zip": body})
    return body


def infected_member() -> bytes:
    return zipped({"folder/readme.txt": b"x" * 300_000 + EICAR + b"y"})


def linked_member() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("innocent.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return target.getvalue()
