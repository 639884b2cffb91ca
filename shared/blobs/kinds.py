"""The kinds of file that are accepted, and how each is recognised by its first bytes."""

from dataclasses import dataclass
from enum import StrEnum

import puremagic

from shared.blobs.names import extension
from shared.blobs.refusals import FileEncrypted, FileKindRefused, FileMismatch

HEAD_BYTES = 4096
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_ANY = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class Shape(StrEnum):
    """What must be looked at in a file of this kind."""

    PDF = "pdf"
    IMAGE = "image"
    TEXT = "text"
    JSON = "json"
    XML = "xml"
    ARCHIVE = "archive"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    media_type: str
    shape: Shape
    extensions: tuple[str, ...]
    also_declared: frozenset[str] = frozenset()
    """What browsers say for it besides the registered type."""


KINDS = (
    Kind("PDF document", "application/pdf", Shape.PDF, ("pdf",), frozenset({"application/x-pdf"})),
    Kind("PNG picture", "image/png", Shape.IMAGE, ("png",), frozenset({"image/x-png"})),
    Kind("JPEG picture", "image/jpeg", Shape.IMAGE, ("jpg", "jpeg"), frozenset({"image/jpg", "image/pjpeg"})),
    Kind("WebP picture", "image/webp", Shape.IMAGE, ("webp",)),
    Kind("Word document", _OOXML + "wordprocessingml.document", Shape.OFFICE, ("docx",)),
    Kind("Excel workbook", _OOXML + "spreadsheetml.sheet", Shape.OFFICE, ("xlsx",)),
    Kind("PowerPoint presentation", _OOXML + "presentationml.presentation", Shape.OFFICE, ("pptx",)),
    Kind("OpenDocument text", _ODF + "text", Shape.OFFICE, ("odt",)),
    Kind("OpenDocument table", _ODF + "spreadsheet", Shape.OFFICE, ("ods",)),
    # Windows with Excel installed declares every CSV file to be an Excel one.
    Kind("CSV table", "text/csv", Shape.TEXT, ("csv",), frozenset({"text/plain", "application/vnd.ms-excel"})),
    Kind("plain text", "text/plain", Shape.TEXT, ("txt",)),
    Kind("JSON file", "application/json", Shape.JSON, ("json",), frozenset({"text/json", "text/plain"})),
    Kind("XML file", "application/xml", Shape.XML, ("xml",), frozenset({"text/xml"})),
    Kind(
        "ZIP archive",
        "application/zip",
        Shape.ARCHIVE,
        ("zip",),
        frozenset({"application/x-zip-compressed", "application/x-zip", "multipart/x-zip"}),
    ),
)
_BY_EXTENSION = {ending: kind for kind in KINDS for ending in kind.extensions}
ACCEPTED = tuple(_BY_EXTENSION)
_LISTED = ", ".join(ACCEPTED)


def expected_kind(filename: str, declared: str) -> Kind:
    """The kind that the name promises, if the declared media type agrees.

    Raises FileKindRefused, FileMismatch.
    """
    ending = extension(filename)
    kind = _BY_EXTENSION.get(ending)
    if kind is None:
        what = f"“.{ending}” files are not accepted" if ending else "The file name has no extension"
        raise FileKindRefused(f"{what}. Accepted are: {_LISTED}.", accepted=list(ACCEPTED))
    said = declared.partition(";")[0].strip().lower()
    if said not in _ANY and said != kind.media_type and said not in kind.also_declared:
        raise FileMismatch(
            f"The name ends in “.{ending}”, but the file was sent as “{said[:60]}”. Give it the ending that fits."
        )
    return kind


def check_head(kind: Kind, head: bytes) -> None:
    """The first bytes must be those of the kind.

    Raises FileMismatch, FileEncrypted, FileKindRefused.
    """
    if kind.shape is Shape.OFFICE and head.startswith(OLE):
        # Office writes a document locked with a password as an OLE file around the encrypted package.
        raise FileEncrypted(
            "The document is locked with a password, or it is in an old Office format. "
            "Open it, remove the password, save it in the current format and upload it again."
        )
    if not _fits(kind, head):
        raise FileMismatch(
            f"The name says {kind.name}, but the content is {_looks_like(head)}. "
            "Export the file again from the program that made it."
        )


def _fits(kind: Kind, head: bytes) -> bool:
    match kind.media_type:
        case "application/pdf":
            return head.startswith(b"%PDF-")
        case "image/png":
            return head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR"
        case "image/jpeg":
            return head.startswith(b"\xff\xd8\xff")
        case "image/webp":
            return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    if kind.shape in (Shape.OFFICE, Shape.ARCHIVE):
        return head.startswith(ZIP)
    return known_binary(head) is None


_BINARY = (
    (b"%PDF-", "a PDF document"),
    (ZIP, "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"\xca\xfe\xba\xbe", "a Java or macOS program"),
    (OLE, "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"#!", "a script"),
)
ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
PROGRAMS = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")


def known_binary(head: bytes) -> str | None:
    """What a file that should be text really is, when its first bytes betray it."""
    if head.startswith(b"MZ") and b"PE\0\0" not in head and b"\0" not in head[:64]:
        return None  # a text may begin with these two letters
    return next((name for magic, name in _BINARY if head.startswith(magic)), None)


def _looks_like(head: bytes) -> str:
    if name := known_binary(head):
        return name
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return "something else"
    return f"something else (it looks like “{found[0].name or found[0].extension}”)" if found else "something else"
