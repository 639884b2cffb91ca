"""ORCID public records (XML, schema 3.0): one file, or the yearly archive of all of them (tar, compressed or not)."""

import io
import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from seeds.importing.files import FileUnreadable
from seeds.importing.records import LONGEST, Broken, Record

_ORCID = "http://www.orcid.org/ns/"
_NAMES = {
    short: _ORCID + name
    for short, name in (
        ("common", "common"),
        ("detail", "personal-details"),
        ("employment", "employment"),
        ("error", "error"),
        ("keyword", "keyword"),
        ("other", "other-name"),
        ("person", "person"),
    )
}
_RECORD = "{http://www.orcid.org/ns/record}record"
_SHOWN = 400


def orcid_records(file: io.BufferedIOBase) -> Iterator[Record | Broken]:
    """Every record of the file, numbered from 1; reads one at a time, and a broken one does not end it.

    Raises FileUnreadable where an archive breaks off, and for a single file that is too long for a record.
    """
    start = file.read(1024)
    file.seek(0)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        yield _record(1, "", file.read(LONGEST + 1))
        return
    number = 0
    try:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() and member.name.endswith(".xml") else None
                if content is None:
                    continue
                number += 1
                yield _record(number, member.name, content.read(LONGEST + 1))
    except tarfile.TarError as damage:
        raise FileUnreadable(f"The archive breaks off at record {number}: {damage}") from None
    if not number:
        raise FileUnreadable("The archive holds no XML records.")


def holds_orcid(start: bytes) -> bool:
    """Whether a (decompressed) file that begins so is an archive or XML."""
    return start[257:262] == b"ustar" or start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _record(number: int, name: str, content: bytes) -> Record | Broken:
    shown = name or content[:_SHOWN].decode("utf-8", "replace")
    if len(content) > LONGEST:
        return Broken(number, f"is longer than {LONGEST >> 20} MiB: no public record is", shown)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Broken(number, "is not in UTF-8, as ORCID's records are", shown)
    if "<!DOCTYPE" in text:  # nor do they declare entities: one that does is made to fill the memory
        return Broken(number, "declares a document type, which ORCID's records never do", shown)
    try:
        root = ET.parse(io.StringIO(text)).getroot()  # noqa: S314 -- no document type, so no entities
    except ET.ParseError as fault:
        return Broken(number, f"is no complete XML: {fault}", shown)
    if root.tag.startswith(f"{{{_NAMES['error']}}}"):
        words = _text(root, "error:user-message") or _text(root, "error:developer-message")
        return Broken(number, f"is ORCID's own refusal, no record: {words}", shown)
    if root.tag != _RECORD:
        return Broken(number, f"is XML, but no ORCID record (its root is {root.tag.rpartition('}')[2]})", shown)
    return Record(number, _cells(root), shown)


def _cells(root: ET.Element) -> dict[str, object]:
    name = root.find(".//person:name", _NAMES)
    given, family, credit = (
        _text(name, f"detail:{part}") if name is not None else ""
        for part in ("given-names", "family-name", "credit-name")
    )
    employers = [
        _text(one, "common:organization/common:name")
        for one in root.iterfind(".//employment:employment-summary", _NAMES)
        if one.find("common:end-date", _NAMES) is None
    ]
    return {
        "orcid_identifier": _text(root, "common:orcid-identifier/common:path"),
        "given_names": given,
        "family_name": family,
        "credit_name": credit,
        "other_names": [found.text or "" for found in root.iterfind(".//other:content", _NAMES)],
        "keywords": [found.text or "" for found in root.iterfind(".//keyword:content", _NAMES)],
        "employers": list(dict.fromkeys(one for one in employers if one)),
    }


def _text(element: ET.Element, path: str) -> str:
    return (element.findtext(path, "", _NAMES) or "").strip()
