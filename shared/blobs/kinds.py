"""The kinds of file that are accepted, and how each is recognised by its first bytes."""

from dataclasses import dataclass
from enum import StrEnum

import puremagic

from shared.blobs.names import extension
from shared.blobs.refusals import FileEncrypted, FileKindRefused, FileMismatch
from shared.kernel.marks import N_, S_

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
    Kind(N_("PDF document"), "application/pdf", Shape.PDF, ("pdf",), frozenset({"application/x-pdf"})),
    Kind(N_("PNG picture"), "image/png", Shape.IMAGE, ("png",), frozenset({"image/x-png"})),
    Kind(N_("JPEG picture"), "image/jpeg", Shape.IMAGE, ("jpg", "jpeg"), frozenset({"image/jpg", "image/pjpeg"})),
    Kind(N_("WebP picture"), "image/webp", Shape.IMAGE, ("webp",)),
    Kind(N_("Word document"), _OOXML + "wordprocessingml.document", Shape.OFFICE, ("docx",)),
    Kind(N_("Excel workbook"), _OOXML + "spreadsheetml.sheet", Shape.OFFICE, ("xlsx",)),
    Kind(N_("PowerPoint presentation"), _OOXML + "presentationml.presentation", Shape.OFFICE, ("pptx",)),
    Kind(N_("OpenDocument text"), _ODF + "text", Shape.OFFICE, ("odt",)),
    Kind(N_("OpenDocument table"), _ODF + "spreadsheet", Shape.OFFICE, ("ods",)),
    # Windows with Excel installed declares every CSV file to be an Excel one.
    Kind(N_("CSV table"), "text/csv", Shape.TEXT, ("csv",), frozenset({"text/plain", "application/vnd.ms-excel"})),
    Kind(N_("plain text"), "text/plain", Shape.TEXT, ("txt",)),
    Kind(N_("JSON file"), "application/json", Shape.JSON, ("json",), frozenset({"text/json", "text/plain"})),
    Kind(N_("XML file"), "application/xml", Shape.XML, ("xml",), frozenset({"text/xml"})),
    Kind(
        N_("ZIP archive"),
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
        told = (
            S_("“%(ending)s” files are not accepted. Accepted are: %(kinds)s.", ending=f".{ending}", kinds=_LISTED)
            if ending
            else S_("The file name has no extension. Accepted are: %(kinds)s.", kinds=_LISTED)
        )
        raise FileKindRefused(told, accepted=list(ACCEPTED))
    said = declared.partition(";")[0].strip().lower()
    if said not in _ANY and said != kind.media_type and said not in kind.also_declared:
        raise FileMismatch(
            S_(
                "The name ends in “%(ending)s”, but the file was sent as “%(type)s”. Give it the ending that fits.",
                ending=f".{ending}",
                type=said[:60],
            )
        )
    return kind


def check_head(kind: Kind, head: bytes) -> None:
    """The first bytes must be those of the kind.

    Raises FileMismatch, FileEncrypted, FileKindRefused.
    """
    if kind.shape is Shape.OFFICE and head.startswith(OLE):
        # Office writes a document locked with a password as an OLE file around the encrypted package.
        raise FileEncrypted(
            N_(
                "The document is locked with a password, or it is in an old Office format. "
                "Open it, remove the password, save it in the current format and upload it again."
            )
        )
    if not _fits(kind, head):
        raise FileMismatch(
            S_(
                "The name says %(kind)s, but the content is %(found)s. "
                "Export the file again from the program that made it.",
                kind=kind.name,
                found=_looks_like(head),
            )
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
    (b"%PDF-", N_("a PDF document")),
    (ZIP, N_("a ZIP archive")),
    (b"PK\x05\x06", N_("an empty ZIP archive")),
    (b"MZ", N_("a Windows program")),
    (b"\x7fELF", N_("a Linux program")),
    (b"\xcf\xfa\xed\xfe", N_("a macOS program")),
    (b"\xca\xfe\xba\xbe", N_("a Java or macOS program")),
    (OLE, N_("an old Office document")),
    (b"{\\rtf", N_("an RTF document")),
    (b"\x89PNG", N_("a PNG picture")),
    (b"\xff\xd8\xff", N_("a JPEG picture")),
    (b"GIF8", N_("a GIF picture")),
    (b"Rar!", N_("a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", N_("a 7-Zip archive")),
    (b"\x1f\x8b", N_("a gzip archive")),
    (b"BZh", N_("a bzip2 archive")),
    (b"\xfd7zXZ\x00", N_("an xz archive")),
    (b"\x28\xb5\x2f\xfd", N_("a Zstandard archive")),
    (b"#!", N_("a script")),
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
        found = []
    if not found:
        return N_("something else")
    return S_("something else (it looks like “%(name)s”)", name=found[0].name or found[0].extension)
