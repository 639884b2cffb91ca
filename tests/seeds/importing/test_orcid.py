"""ORCID records: single, in an archive, broken among sound ones, and made to harm."""

import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from seeds.importing.cleaning import Cells, Unusable
from seeds.importing.files import FileUnreadable
from seeds.importing.profiles import Beside, choose
from seeds.importing.records import LONGEST, Broken, Record
from seeds.importing.sources import source_of

SPACES = " ".join(
    f'xmlns:{name}="http://www.orcid.org/ns/{name}"'
    for name in ("record", "common", "person", "personal-details", "other-name", "keyword", "employment", "error")
)


def job(employer: str, end: str = "") -> str:
    ended = f"<common:end-date><common:year>{end}</common:year></common:end-date>" if end else ""
    return (
        f"<employment:employment-summary>{ended}<common:organization><common:name>{employer}</common:name>"
        "</common:organization></employment:employment-summary>"
    )


def record(
    orcid: str = "0000-0002-1825-0097",
    given: str = "Lihua",
    family: str = "Ma",
    *,
    credit: str = "",
    others: tuple[str, ...] = (),
    keywords: tuple[str, ...] = (),
    jobs: str = "",
) -> bytes:
    name = f"<personal-details:given-names>{given}</personal-details:given-names>" if given else ""
    name += f"<personal-details:family-name>{family}</personal-details:family-name>" if family else ""
    name += f"<personal-details:credit-name>{credit}</personal-details:credit-name>" if credit else ""
    other = "".join(f"<other-name:content>{one}</other-name:content>" for one in others)
    words = "".join(f"<keyword:content>{one}</keyword:content>" for one in keywords)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<record:record {SPACES}><common:orcid-identifier>'
        f"<common:path>{orcid}</common:path></common:orcid-identifier><person:person><person:name>{name}</person:name>"
        f"{other}{words}</person:person>{jobs}</record:record>"
    ).encode()


LOCKED = (
    f"<error:error {SPACES}><error:user-message>The ORCID record is locked.</error:user-message></error:error>".encode()
)
BOMB = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "' + b"b" * 9 + b'"><!ENTITY c "&a;&a;">]><r>&c;</r>'


def archive(*contents: bytes) -> bytes:
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("../../not-a-record.txt"), io.BytesIO(b""))
        for number, content in enumerate(contents):
            member = tarfile.TarInfo(f"summaries/{number}.xml")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return into.getvalue()


def read(path: Path, content: bytes) -> list[Record | Broken]:
    path.write_bytes(content)
    with source_of(path) as source:
        found = list(source.rows)
        assert source.position() <= source.size
    return found


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_an_archive_is_read_record_by_record(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    rows = read(tmp_path / "some", pack(archive(record(), LOCKED, b"<torn", record("0000-0001-5109-3700"), BOMB)))
    assert [type(row) for row in rows] == [Record, Broken, Broken, Record, Broken]
    assert [row.line for row in rows] == [1, 2, 3, 4, 5]
    reasons = [row.reason for row in rows if isinstance(row, Broken)]
    assert reasons[0] == "is ORCID's own refusal, no record: The ORCID record is locked."
    assert reasons[1].startswith("is no complete XML")
    assert reasons[2] == "declares a document type, which ORCID's records never do"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<other/>", "no ORCID record (its root is other)"),
        (record(given="\u00fc").decode().encode("utf-16"), "not in UTF-8"),
        (b"<r>" + b"a" * LONGEST, "is longer than 8 MiB"),
    ],
)
def test_a_single_file_that_is_no_record_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    start = content if content.startswith(b"<") else b"<" + content
    (row,) = read(tmp_path / "one.xml", start)
    assert isinstance(row, Broken)
    assert reason in row.reason


def test_an_archive_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "cut.tar"
    path.write_bytes(archive(record(), record("0000-0001-5109-3700", given="x" * 5000))[:4096])
    with source_of(path) as source:
        assert isinstance(next(source.rows), Record)
        with pytest.raises(FileUnreadable, match="breaks off at record 2"):
            list(source.rows)


def test_an_archive_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no XML records"):
        read(tmp_path / "empty.tar", archive())


def mapped(tmp_path: Path, content: bytes) -> tuple[dict[str, object], list[tuple[str, str]]]:
    (row,) = read(tmp_path / "one.xml", content)
    assert isinstance(row, Record)
    profile = choose("people", row.cells)
    assert (profile.name, profile.source) == ("orcid-records", "ORCID")
    cells = Cells(row.cells)
    return profile.row(cells, Beside(tmp_path, "one")), cells.left_out


def test_a_record_becomes_a_person_without_an_affiliation(tmp_path: Path) -> None:
    found, left_out = mapped(
        tmp_path,
        record(
            others=("L. Ma", "马 丽华"),
            keywords=("light alloys, fatigue", "疲劳；断裂"),
            jobs=job("Chongqing University") + job("Old Works", "2012"),
        ),
    )
    assert found == {
        "number": "0000-0002-1825-0097",
        "name": "Lihua Ma",
        "name_zh": "马丽华",
        "orcid": "0000-0002-1825-0097",
        "fields": ["light alloys", "fatigue", "疲劳", "断裂"],
    }
    ((field, reason),) = left_out
    assert field == "organisation"
    assert "'Chongqing University' is the person's own word" in reason


def test_who_keeps_the_name_to_themselves_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="is not public"):
        mapped(tmp_path, record(given="", family=""))
    found, _ = mapped(tmp_path, record(given="", family="", credit="赵林"))
    assert (found["name"], found["name_zh"]) == ("赵林", "赵林")
