"""Looks at a file's bytes while they stream past, in parts of any size. Pure; raises a refusal."""

import codecs
import re
import zlib
from typing import Protocol
from xml.parsers import expat  # with every document type refused there are no entities to expand

from shared.blobs.kinds import Kind, Shape
from shared.blobs.refusals import ArchiveRefused, FileActive, FileDamaged, FileEncrypted, FileInfected, FileMismatch
from shared.kernel.marks import N_, S_

# The industry's harmless test virus (eicar.org), in two halves so that no scanner takes this source file for one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scan(Protocol):
    def feed(self, part: bytes) -> None: ...
    def finish(self) -> None: ...


class VirusScan:
    """Finds the test virus wherever it lies, also across the edges of parts."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, part: bytes) -> None:
        keep = len(EICAR) - 1
        if EICAR in self._tail + part[:keep] or EICAR in part:
            raise FileInfected(
                N_("A virus was found in the file. Check your computer; do not send this file to anybody.")
            )
        self._tail = (self._tail + part[-keep:])[-keep:]

    def finish(self) -> None:
        pass


class _ObjectStream:
    """One compressed stream being unpacked; `inflate` is None when it has ended."""

    def __init__(self) -> None:
        self.inflate: "zlib._Decompress | None" = zlib.decompressobj()  # noqa: UP037 - a name for type checkers only
        self.tail = b""


class PdfScan:
    """Refuses encryption, scripts and launch actions, also in compressed object streams and under escaped names.

    Names by ISO 32000-2: 7.3.5 (`#xx` escapes), 7.5.7 (object streams), 7.6 (encryption), 12.6.4 (actions).
    """

    OVERLAP = 2048
    UNPACKED_LIMIT = 256 * 2**20
    OPEN_STREAMS = 16
    _space = rb"(?:[\s\0]|%[^\r\n]*[\r\n])*"
    _mark = re.compile(rb"/(?:JavaScript|Launch|Encrypt|ObjStm|[A-Za-z]{0,12}#[0-9A-Fa-f]{2})")
    _script = re.compile(
        rb"/S" + _space + rb"/(?:JavaScript|Launch)\b|/JavaScript" + _space + rb"(?:<<|\[|\d+\s+\d+\s+R)"
    )
    _encrypt = re.compile(rb"/Encrypt" + _space + rb"(?:<<|\d+\s+\d+\s+R)")
    _name = re.compile(rb"/((?:[A-Za-z]|#[0-9A-Fa-f]{2}){2,40})")
    _escape = re.compile(rb"#([0-9A-Fa-f]{2})")
    _stream = re.compile(rb"\bstream\r?\n")
    _hidden = frozenset({b"JavaScript", b"JS", b"Launch", b"Encrypt", b"ObjStm"})

    def __init__(self) -> None:
        self._tail = b""
        self._end = b""
        self._streams: list[_ObjectStream] = []
        self._unpacked = 0

    def feed(self, part: bytes) -> None:
        for stream in self._streams:
            self._unpack(stream, part)
        known = len(self._tail)
        begun = len(self._streams)
        seam = self._tail + part[: self.OVERLAP]  # what lies across the edge of two parts
        self._look(seam, known)
        for stream in self._streams[begun:]:
            self._unpack(stream, part[self.OVERLAP :])
        self._look(part, 0)
        self._tail = (seam if len(part) < self.OVERLAP else part)[-self.OVERLAP :]
        self._end = (self._end + part[-2048:])[-2048:]
        self._streams = [stream for stream in self._streams if stream.inflate]

    def _look(self, window: bytes, known: int | None) -> None:
        for found in self._mark.finditer(window):
            mark = found.group()
            near = window[max(0, found.start() - 256) : found.end() + 256]
            if mark in (b"/JavaScript", b"/Launch"):
                if self._script.search(near):
                    self._refuse_action()
            elif mark == b"/Encrypt":
                if self._encrypt.match(window, found.start()):
                    raise FileEncrypted(
                        N_(
                            "The PDF is locked with a password. "
                            "Save it without password protection and upload it again."
                        )
                    )
            elif mark == b"/ObjStm":
                if known is not None:
                    self._begin_object_stream(window, found.start(), known)
            elif name := self._name.match(window, found.start()):
                plain = self._escape.sub(lambda hit: bytes([int(hit.group(1), 16)]), name.group(1))
                if plain in self._hidden:
                    self._refuse_action()

    def _refuse_action(self) -> None:
        raise FileActive(
            N_("The PDF contains a script or starts a program. Print it to a new PDF and upload that one instead.")
        )

    def _begin_object_stream(self, window: bytes, at: int, known: int) -> None:
        begin = self._stream.search(window, at, at + self.OVERLAP)
        if begin is None or (known and begin.end() <= known):
            return  # it comes with the next part, which repeats the last bytes of this one; or it came before
        description = window[max(0, window.rfind(b"obj", max(0, at - 1024), at)) : begin.start()]
        if re.search(rb"/(?:LZW|ASCIIHex|ASCII85|RunLength|Crypt)", description):
            raise FileDamaged(N_("The PDF is packed in an unusual way that cannot be checked. Print it to a new PDF."))
        # Several at once: what looks like the inside of one stream may hold a real one.
        self._streams.append(_ObjectStream())
        if sum(1 for stream in self._streams if stream.inflate) > self.OPEN_STREAMS:
            raise FileDamaged(N_("The PDF is built in an unusual way that cannot be checked. Print it to a new PDF."))
        self._unpack(self._streams[-1], window[begin.end() :])

    def _unpack(self, stream: "_ObjectStream", packed: bytes) -> None:
        while stream.inflate and packed:
            try:
                text = stream.inflate.decompress(packed, 2**20)
            except zlib.error:  # not compressed, then the plain look sees it
                stream.inflate = None
                return
            self._unpacked += len(text)
            if self._unpacked > self.UNPACKED_LIMIT:
                raise ArchiveRefused(
                    N_("The PDF unpacks to far more than its size. Print it to a new PDF and upload that.")
                )
            text = stream.tail + text
            self._look(text, None)
            stream.tail = text[-512:]
            packed = stream.inflate.unconsumed_tail
            if stream.inflate.eof:
                stream.inflate = None

    def finish(self) -> None:
        if b"%%EOF" not in self._end:
            raise FileDamaged(N_("The PDF breaks off before its end. Export it again and upload the whole file."))


class TextScan:
    """Text in UTF-8, UTF-16 with a mark, or GB 18030, without binary rubbish."""

    _rubbish = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
    SLICE = 2**18

    def __init__(self) -> None:
        self._started = False
        self._wide = False
        self._decoders: list[codecs.IncrementalDecoder] = []

    def feed(self, part: bytes) -> None:
        if not self._started:
            self._started = True
            self._wide = part[:2] in (b"\xff\xfe", b"\xfe\xff")
            names = ("utf-16",) if self._wide else ("utf-8", "gb18030")
            self._decoders = [codecs.getincrementaldecoder(name)() for name in names]
        if not self._wide and self._rubbish.search(part):
            self._refuse()
        for begin in range(0, len(part), self.SLICE):
            self._decode(part[begin : begin + self.SLICE])

    def _decode(self, piece: bytes, final: bool = False) -> None:
        readable = []
        for decoder in self._decoders:
            try:
                decoder.decode(piece, final)
            except UnicodeDecodeError:
                continue
            readable.append(decoder)
        if not readable:
            self._refuse()
        self._decoders = readable

    def _refuse(self) -> None:
        raise FileMismatch(N_("The file is not readable text. Save it as text in UTF-8 and upload it again."))

    def finish(self) -> None:
        self._decode(b"", final=True)


class JsonScan(TextScan):
    """Text that begins as a JSON value does; whoever imports it reads the rest."""

    def feed(self, part: bytes) -> None:
        if not self._started:
            begin = part.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
            if not begin or begin not in b'{["-0123456789tfn':
                raise FileMismatch(N_("The file is not JSON: it should begin with { or [. Export it again."))
        super().feed(part)


class XmlScan:
    """Well-formed, without a document type: entities can be made to swell or to read other files."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise FileActive(
            N_("The XML file has a DOCTYPE, which may define entities. Remove the DOCTYPE line and upload it again.")
        )

    def _parse(self, part: bytes, final: bool) -> None:
        try:
            self._parser.Parse(part, final)
        except (expat.ExpatError, LookupError, ValueError) as fault:
            raise FileDamaged(
                S_("The file is not well-formed XML in UTF-8 (%(fault)s). Correct it and upload it again.", fault=fault)
            ) from fault

    def feed(self, part: bytes) -> None:
        self._parse(part, False)

    def finish(self) -> None:
        self._parse(b"", True)


_SCANS: dict[Shape, type[Scan]] = {
    Shape.PDF: PdfScan,
    Shape.TEXT: TextScan,
    Shape.JSON: JsonScan,
    Shape.XML: XmlScan,
}


def scans_for(kind: Kind) -> list[Scan]:
    """What looks at every byte of this kind."""
    found: list[Scan] = [VirusScan()]
    if scan := _SCANS.get(kind.shape):
        found.append(scan())
    return found
