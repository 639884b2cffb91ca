"""Routes of documents, the same in every service: in as a stream, described, and out as a stream after the check."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import structlog
from fastapi import Request, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from shared.blobs.refusals import NoSuchDocument, UploadBroken
from shared.blobs.rows import Document, belongs, find_document
from shared.blobs.store import BlobReader
from shared.db.work import Read
from shared.kernel.actor import Actor
from shared.kernel.errors import Problem
from shared.kernel.marks import N_
from shared.kernel.policy import Policy, Scope, signed_in
from shared.kernel.types import SecurityLabel
from shared.web.edge import ActorDep, ReadDep, Room, api_room
from shared.web.uploads import desk_of, receive_upload

log = structlog.get_logger(__name__)
MayRead = Callable[[Read, UUID, Actor], Awaitable[bool]]
"""Whether the actor may read what is attached to the thing with this id; asked after the label check."""
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
UPLOAD = signed_in("documents.upload")
READ = Policy("documents.read", scope=Scope.OWN)
"""The organisation's own people; `readers` opens what is attached to a thing to those who may read the thing."""
_UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "label": {"type": "string", "enum": list(SecurityLabel), "default": "internal"},
                        "organisation_id": {"type": "string", "format": "uuid"},
                    },
                }
            }
        },
    }
}


class DocumentRead(BaseModel):
    """A document without its content."""

    id: UUID
    filename: str
    media_type: str
    size: int | None
    sha256: str | None
    state: str
    reason: str
    label: SecurityLabel
    organisation_id: UUID
    owner_kind: str | None
    owner_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, document: Document) -> "DocumentRead":
        return cls.model_validate(document, from_attributes=True)


class NoFile(UploadBroken):
    title = N_("No file was sent")


def document_routes(
    readers: Mapping[str, MayRead] | None = None, *, upload: Policy = UPLOAD, read: Policy = READ
) -> Room:
    """The room every service mounts below `/api/v1`. `readers` decides, by owner kind, for readers of other
    organisations; a kind that has none is read by its own organisation only."""
    room = api_room("documents")
    may_read = dict(readers or {})

    async def readable(rows: Read, document_id: UUID, actor: Actor) -> Document:
        document = await find_document(rows, document_id)
        if document is None or document.state == "deleted" or not document.label.readable_with(actor.clearance):
            raise NoSuchDocument.here()
        if belongs(actor, document):
            return document
        ask = may_read.get(document.owner_kind or "")
        if document.state == "clean" and ask and document.owner_id and await ask(rows, document.owner_id, actor):
            return document
        raise NoSuchDocument.here()

    @room.post(
        "/documents", allow=upload, status_code=201, response_model=DocumentRead, openapi_extra=dict(_UPLOAD_BODY)
    )
    async def upload_document(request: Request, response: Response, actor: ActorDep) -> DocumentRead:
        """Upload one file; it is checked while it arrives and can be attached when this answers."""
        received = await receive_upload(request, actor)
        problem: Problem | None = received.problem
        if problem:
            raise problem
        document = received.document()
        if document is None:
            raise NoFile(
                N_("Send the file in a form field named “file”."),
                errors=[{"pointer": "/file", "detail": N_("Choose a file.")}],
            )
        response.headers["Location"] = f"{request.url.path}/{document.id}"
        return DocumentRead.of(document)

    @room.get("/documents/{document_id}", allow=read, response_model=DocumentRead)
    async def document_details(document_id: UUID, rows: ReadDep, actor: ActorDep) -> DocumentRead:
        """What is known of a document; a refused one says why."""
        return DocumentRead.of(await readable(rows, document_id, actor))

    @room.get(
        "/documents/{document_id}/content",
        allow=read,
        response_class=StreamingResponse,
        responses={
            200: {"content": {"*/*": {}}, "description": "The file, in its own media type"},
            206: {"content": {"*/*": {}}, "description": "The part asked for with Range"},
            304: {"description": "Not changed since the ETag in If-None-Match"},
            416: {"description": "The part asked for is outside the file"},
        },
    )
    async def document_content(document_id: UUID, request: Request, rows: ReadDep, actor: ActorDep) -> Response:
        """The file itself, as an attachment."""
        document = await readable(rows, document_id, actor)
        return await content_response(request, document, actor)

    return room


async def content_response(request: Request, document: Document, actor: Actor) -> Response:
    """Stream a document to somebody who may read it; who and what is logged, without names.

    Raises NoSuchDocument when it is not clean.
    """
    if document.state != "clean" or document.size is None:
        raise NoSuchDocument.here()
    tag = f'"{document.sha256}"'
    headers = {
        "Content-Disposition": disposition(document.filename),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    begin, end = 0, document.size
    asked = request.headers.get("range")
    partial = bool(asked) and request.headers.get("if-range", tag) == tag
    if asked and partial:
        found = byte_range(asked, document.size)
        if found is None:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{document.size}"})
        begin, end = found
        partial = (begin, end) != (0, document.size)
    if partial:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{document.size}"
    headers["Content-Length"] = str(end - begin)
    reader = await desk_of(request).open(document, offset=begin, length=end - begin)
    log.info("document_read", document_id=str(document.id), actor=actor.subject, bytes=end - begin)
    return StreamingResponse(_pump(reader), 206 if partial else 200, headers, document.media_type)


async def _pump(reader: BlobReader) -> AsyncIterator[bytes]:
    try:
        async for chunk in reader:
            yield chunk
    finally:
        await reader.close()


def byte_range(asked: str, size: int) -> tuple[int, int] | None:
    """Begin and end of one range (RFC 9110, 14.1.2); the whole for what is not understood; None when outside."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None:
        return 0, size
    first, last, suffix = match.groups()
    if suffix is not None:
        return (max(0, size - int(suffix)), size) if int(suffix) else None
    begin, end = int(first), min(size, int(last) + 1) if last else size
    if last and int(last) < int(first):
        return 0, size
    return (begin, end) if begin < size else None


def disposition(filename: str) -> str:
    """An attachment under its own name (RFC 6266), with an ASCII one for old readers (RFC 5987 for the other)."""
    ascii_name = re.sub(r'[^\x20-\x7e]|["\\%]', "_", filename)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}"
