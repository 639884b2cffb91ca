"""A multipart form read as it arrives: text fields are kept, file parts are handed over as streams.

The framework's own form reader spools every file to disk before the handler runs; here bytes go on as they come.
"""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from shared.blobs.refusals import UploadBroken
from shared.kernel.marks import N_, S_

MAX_FIELDS = 5_000
MAX_FIELD_BYTES = 1_000_000
MAX_FILES = 20


@dataclass(slots=True)
class Part:
    """One field: a text, or a file with its name and declared type."""

    name: str
    filename: str | None
    declared: str
    text: bytearray


Step = Part | bytes | None
"""A part begins, a piece of its content, its end."""


class MultipartForm:
    """Iterate over `parts()`; for a part with a filename, iterate over `content()` before asking for the next.

    Raises UploadBroken when the request is not a whole form, the framework's ClientDisconnect when the
    sender goes away.
    """

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise UploadBroken(N_("Send the file as a form (multipart/form-data) with a field named “file”."))
        self._stream = request.stream()
        self._steps: deque[Step] = deque()
        self._ended = False
        self._header = (bytearray(), bytearray())
        self._headers: dict[str, str] = {}
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._headers.clear,
                    "on_part_data": lambda data, start, end: self._steps.append(data[start:end]),
                    "on_part_end": lambda: self._steps.append(None),
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_end": self._end,
                },
            )
        except FormParserError as fault:
            raise UploadBroken(N_("The form cannot be read: its boundary is not valid.")) from fault

    def _header_end(self) -> None:
        name, value = self._header
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        name.clear()
        value.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        name, filename = options.get(b"name"), options.get(b"filename")
        if name is None:
            raise UploadBroken(N_("The form has a field without a name. Send it again."))
        declared = self._headers.get("content-type", "")
        self._steps.append(Part(_plain(name), None if filename is None else _plain(filename), declared, bytearray()))

    def _end(self) -> None:
        self._ended = True

    async def _next(self) -> Step:
        """The next step; the request must have one more. Raises UploadBroken."""
        while not self._steps:
            try:
                chunk = await anext(self._stream)
            except StopAsyncIteration:
                raise UploadBroken(N_("The upload broke off before its end. Send it again.")) from None
            self._feed(chunk)
        return self._steps.popleft()

    def _feed(self, chunk: bytes) -> None:
        if not chunk:
            return
        try:
            self._parser.write(chunk)
        except FormParserError as fault:
            raise UploadBroken(N_("The form cannot be read. Send it again.")) from fault

    async def parts(self) -> AsyncIterator[Part]:
        """Parts in the order sent. Text is complete when a text part is given."""
        fields = files = 0
        while not (self._ended and not self._steps):
            try:
                step = await self._next()
            except UploadBroken:
                if self._ended:  # what follows the closing boundary is not ours
                    return
                raise
            if not isinstance(step, Part):
                continue  # the rest of a file that nobody wanted
            if step.filename is not None:
                files += 1
            else:
                fields += 1
                async for piece in self.content():
                    step.text += piece
                    if len(step.text) > MAX_FIELD_BYTES:
                        raise UploadBroken(S_("The text in “%(name)s” is too long. Shorten it.", name=step.name[:80]))
            if fields > MAX_FIELDS or files > MAX_FILES:
                raise UploadBroken(N_("The form has too many fields or files. Send fewer at a time."))
            yield step

    async def content(self) -> AsyncIterator[bytes]:
        """The present part's bytes, as they arrive."""
        while (step := await self._next()) is not None:
            assert isinstance(step, bytes)
            yield step


def _plain(name: bytes) -> str:
    """Browsers send names in UTF-8, with quotes and line breaks escaped (WHATWG HTML, multipart/form-data)."""
    text = name.decode("utf-8", "replace")
    for code, character in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(code, character)
    return text
