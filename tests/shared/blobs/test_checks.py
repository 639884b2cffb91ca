"""What is refused, with which reason, and what is not."""

import io
import itertools
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.blobs.archives import Limits, check_archive
from shared.blobs.checks import Inspection
from shared.blobs.kinds import KINDS, Shape, expected_kind
from shared.blobs.names import LONGEST_BYTES, RUNNABLE, safe_name
from shared.blobs.refusals import (
    ArchiveRefused,
    FileActive,
    FileDamaged,
    FileEncrypted,
    FileInfected,
    FileKindRefused,
    FileMismatch,
)
from shared.blobs.scans import EICAR, VirusScan
from shared.kernel.errors import Problem
from tests.shared.blobs import hostile


def inspect(name: str, body: bytes, declared: str = "", part: int = 2**20) -> Inspection:
    """All checks but those of the store, on a file cut into parts."""
    inspection = Inspection(name, declared, limit=2**30)
    inspection.begin()
    for begin in range(0, len(body), part):
        inspection.look(body[begin : begin + part])
    for scan in inspection._scans:
        scan.finish()
    if inspection.kind.shape in (Shape.ARCHIVE, Shape.OFFICE):
        check_archive(inspection.kind, io.BytesIO(body), len(body))
    return inspection


def look_at_all(look: Callable[[bytes], None], body: bytes, edges: list[int]) -> None:
    for begin, end in itertools.pairwise(edges):
        look(body[begin:end])


SCRIPT = b"3 0 obj\n<< /S /JavaScript /JS (app.alert) >>\nendobj"
GOOD = {
    "plan.pdf": hostile.pdf(),
    "packed.pdf": hostile.pdf(hostile.object_stream(b"1 0 << /Type /Page /Contents 4 0 R >>")),
    "speaks of scripts.pdf": hostile.pdf(
        b"4 0 obj (The /JavaScript name and /Launch and /Encrypt are words here) endobj"
    ),
    "photo.png": hostile.PNG,
    "photo.jpg": hostile.JPEG,
    "photo.JPEG": hostile.JPEG,
    "photo.webp": hostile.WEBP,
    "report.docx": hostile.office("docx"),
    "sheet in report.docx": hostile.office("docx", {"word/embeddings/sheet.xlsx": hostile.office("xlsx")}),
    "sheet.xlsx": hostile.office("xlsx"),
    "slides.pptx": hostile.office("pptx"),
    "text.odt": hostile.opendocument("odt"),
    "table.ods": hostile.opendocument("ods"),
    "utf8.csv": "名称,金额\n合川,1\n".encode(),
    "windows.csv": "名称,金额\n合川,1\n".encode("gb18030"),
    "excel.csv": "名称\t金额\n".encode("utf-16"),
    "MZ is no program.txt": b"MZ, the two letters, begin this text.",
    "notes.v1.2.txt": b"plain",
    "values.json": b'\xef\xbb\xbf {"a": 1}',
    "tree.xml": b'<?xml version="1.0" encoding="UTF-8"?><a><b/></a>',
    "all.zip": hostile.zipped({"a/readme.txt": b"hello", "b.docx": hostile.office("docx")}),
    "dense but small.zip": hostile.zipped({"zeros.csv": bytes(10 * 2**20)}),
}


@pytest.mark.parametrize("name", GOOD)
def test_an_honest_file_is_taken(name: str) -> None:
    for part in (2**20, 37):
        assert inspect(name, GOOD[name], part=part).filename == name


def test_every_accepted_kind_has_an_honest_example() -> None:
    assert {kind.name for kind in KINDS} == {expected_kind(name, "").name for name in GOOD}


BAD: dict[str, tuple[str, bytes, type[Problem]]] = {
    "program": ("setup.exe", b"MZ\x90\0", FileKindRefused),
    "program as pdf": ("offer.pdf", b"MZ\x90\0" + bytes(200), FileMismatch),
    "hidden ending": ("offer.pdf.exe", b"MZ", FileKindRefused),
    "program in the middle": ("offer.exe.pdf", hostile.pdf(), FileKindRefused),
    "no ending": ("README", b"text", FileKindRefused),
    "svg": ("logo.svg", b"<svg/>", FileKindRefused),
    "macro ending": ("sheet.xlsm", hostile.office("xlsx"), FileKindRefused),
    "picture as pdf": ("scan.pdf", hostile.PNG, FileMismatch),
    "pdf as picture": ("scan.png", hostile.pdf(), FileMismatch),
    "pdf as text": ("scan.txt", hostile.pdf(), FileMismatch),
    "zip as docx": ("report.docx", hostile.zipped({"a.txt": b"a"}), FileMismatch),
    "xlsx as docx": ("report.docx", hostile.office("xlsx"), FileMismatch),
    "ods as odt": ("text.odt", hostile.opendocument("ods"), FileMismatch),
    "binary as csv": ("table.csv", b"a,b\n\x00\x01\x02", FileMismatch),
    "latin rubbish": ("table.csv", b"a,b\n\xff\xff\xff\x20", FileMismatch),
    "no json": ("a.json", b"<html>", FileMismatch),
    "broken xml": ("a.xml", b"<a><b></a>", FileDamaged),
    "billion laughs": ("a.xml", b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>', FileActive),
    "cut pdf": ("a.pdf", hostile.pdf()[:-10], FileDamaged),
    "locked pdf": ("a.pdf", hostile.pdf(trailer=b"/Encrypt 5 0 R"), FileEncrypted),
    "locked pdf, direct": ("a.pdf", hostile.pdf(trailer=b"/Encrypt<< /Filter /Standard >>"), FileEncrypted),
    "pdf script": ("a.pdf", hostile.pdf(SCRIPT), FileActive),
    "pdf script tree": ("a.pdf", hostile.pdf(b"3 0 obj << /Names << /JavaScript 4 0 R >> >> endobj"), FileActive),
    "pdf launch": ("a.pdf", hostile.pdf(b"3 0 obj << /S/Launch /F (calc.exe) >> endobj"), FileActive),
    "pdf script behind comment": ("a.pdf", hostile.pdf(b"3 0 obj << /S %x\n /JavaScript >> endobj"), FileActive),
    "pdf script escaped": ("a.pdf", hostile.pdf(b"3 0 obj << /S /J#61vaScript >> endobj"), FileActive),
    "pdf script packed": ("a.pdf", hostile.pdf(hostile.object_stream(SCRIPT)), FileActive),
    "pdf script packed twice": (
        "a.pdf",
        hostile.pdf(hostile.object_stream(b"5 0 << /Type /Page >>") + hostile.object_stream(SCRIPT)),
        FileActive,
    ),
    "pdf unusual packing": ("a.pdf", hostile.pdf(hostile.object_stream(SCRIPT, b"/LZWDecode")), FileDamaged),
    "locked office": ("report.docx", hostile.OLE_LOCKED, FileEncrypted),
    "locked odt": (
        "text.odt",
        hostile.opendocument("odt", {"META-INF/manifest.xml": b"<manifest:encryption-data/>"}),
        FileEncrypted,
    ),
    "macros": ("report.docx", hostile.office("docx", {"word/vbaProject.bin": b"vba"}), FileActive),
    "macros by type": ("sheet.xlsx", hostile.office("xlsx", types=b"<x ContentType='a.macroEnabled'/>"), FileActive),
    "old macros": ("sheet.xlsx", hostile.office("xlsx", {"xl/macrosheets/sheet1.xml": b"<x/>"}), FileActive),
    "odt macros": ("text.odt", hostile.opendocument("odt", {"Basic/Standard/Module1.xml": b"<x/>"}), FileActive),
    "macros in a nested document": (
        "all.zip",
        hostile.zipped({"r.docx": hostile.office("docx", {"word/vbaProject.bin": b"vba"})}),
        FileActive,
    ),
    "locked zip": ("all.zip", hostile.locked_zip(), FileEncrypted),
    "bomb": ("all.zip", hostile.bomb(), ArchiveRefused),
    "lying bomb": ("all.zip", hostile.lying_bomb(), FileDamaged),
    "overlapping bomb": ("all.zip", hostile.overlapping_bomb(), ArchiveRefused),
    "crowd": ("all.zip", hostile.crowd(10_001), ArchiveRefused),
    "russian doll": ("all.zip", hostile.russian_doll(4), ArchiveRefused),
    "rar inside": ("all.zip", hostile.zipped({"more.rar": b"Rar!\x1a\x07\0"}), ArchiveRefused),
    "gzip inside": ("all.zip", hostile.zipped({"more.txt": b"\x1f\x8b\x08"}), ArchiveRefused),
    "climbing path": ("all.zip", hostile.zipped({"../../etc/cron.d/x": b"x"}), ArchiveRefused),
    "absolute path": ("all.zip", hostile.zipped({"/etc/passwd": b"x"}), ArchiveRefused),
    "windows path": ("all.zip", hostile.zipped({"..\\x.txt": b"x", "C:\\y.txt": b"y"}), ArchiveRefused),
    "link": ("all.zip", hostile.linked_member(), ArchiveRefused),
    "program inside": ("all.zip", hostile.zipped({"run.exe": b"MZ"}), FileActive),
    "program inside as text": ("all.zip", hostile.zipped({"run.txt": b"\x7fELF"}), FileActive),
    "cut zip": ("all.zip", hostile.zipped({"a.txt": b"hello"})[:-12], FileDamaged),
    "empty zip": ("all.zip", hostile.zipped({}), FileMismatch),
    "virus": ("a.txt", EICAR, FileInfected),
    "virus in pdf": ("a.pdf", hostile.pdf(EICAR), FileInfected),
    "virus in zip": ("all.zip", hostile.infected_member(), FileInfected),
    "virus in docx": ("a.docx", hostile.office("docx", {"word/media/a.bin": EICAR}), FileInfected),
}


@pytest.mark.parametrize("case", BAD)
def test_a_hostile_file_is_refused_with_its_reason(case: str) -> None:
    name, body, refusal = BAD[case]
    for part in (2**20, 4096):
        with pytest.raises(refusal) as told:
            inspect(name, body, part=part)
        assert type(told.value) is refusal
        assert told.value.status in (413, 415, 422)
        assert len(told.value.detail) > 40, "it says what to do"


@pytest.mark.parametrize("part", [1, 3, 61, 500])
@pytest.mark.parametrize(
    "case", ["pdf script", "pdf script escaped", "pdf script packed", "locked pdf", "virus in pdf"]
)
def test_nothing_slips_through_between_parts(case: str, part: int) -> None:
    name, body, refusal = BAD[case]
    inspection = Inspection(name, "", limit=2**30)
    inspection.begin()
    first = 4096  # the head comes in one part, whatever follows
    body = body[:8] + b"\n%" + b" " * (first - 11) + b"\n" + body[8:]
    edges = [0, *range(first, len(body), part), len(body)]
    with pytest.raises(refusal):
        look_at_all(inspection.look, body, edges)


@settings(deadline=None, max_examples=200)
@given(before=st.binary(max_size=200), after=st.binary(max_size=200), cuts=st.lists(st.integers(0, 468), max_size=8))
def test_the_test_virus_is_found_across_any_cuts(before: bytes, after: bytes, cuts: list[int]) -> None:
    body = before + EICAR + after
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    scan = VirusScan()
    with pytest.raises(FileInfected):
        look_at_all(scan.feed, body, edges)


@settings(deadline=None, max_examples=100)
@given(body=st.binary(max_size=600), cut=st.integers(1, 100))
def test_what_is_no_virus_is_not_called_one(body: bytes, cut: int) -> None:
    scan = VirusScan()
    for begin in range(0, len(body), cut):
        scan.feed(body[begin : begin + cut])
    scan.finish()


def test_an_archive_is_unpacked_no_further_than_the_limit_even_if_it_lies() -> None:
    body = hostile.zipped({f"{n}.txt": bytes(100_000) for n in range(10)})
    with pytest.raises(ArchiveRefused):
        check_archive(expected_kind("a.zip", ""), io.BytesIO(body), len(body), Limits(unpacked=500_000))


def test_a_declared_type_that_contradicts_the_name_is_refused() -> None:
    with pytest.raises(FileMismatch):
        inspect("plan.pdf", hostile.pdf(), "text/html")
    for declared in ("application/pdf", "Application/PDF; x=y", "application/octet-stream", ""):
        inspect("plan.pdf", hostile.pdf(), declared)
    inspect("table.csv", b"a,b\n", "application/vnd.ms-excel")


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\li\\计划.pdf", "计划.pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp.exe.pdf"),
        ("a\x00b\r\nc\u200b.txt", "abc.txt"),
        ("  .hidden.txt ", "hidden.txt"),
        ('a"b<c>|d?.pdf', "a_b_c__d_.pdf"),
        ("CON.txt", "_CON.txt"),
        ("", "document"),
        ("..", "document"),
        ("cafe\u0301.pdf", "café.pdf"),
    ],
)
def test_a_file_name_is_made_harmless(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@given(st.text(max_size=400))
def test_a_safe_name_is_short_has_no_path_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= LONGEST_BYTES + 1
    assert not set(safe) & set('/\\\0\r\n"<>')
    assert safe_name(safe) == safe


def test_runnable_endings_and_accepted_kinds_have_nothing_in_common() -> None:
    assert not RUNNABLE & {ending for kind in KINDS for ending in kind.extensions}
    assert zipfile.is_zipfile(io.BytesIO(hostile.locked_zip()))
