"""Specimens of what every service has: documents and events set aside."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from shared.kernel.actor import Actor, Grant
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.specimens.ground import OWNER_NAME, Ground, Maker, Thing


async def _content() -> AsyncIterator[bytes]:
    yield b"A note for the specimen.\n"


async def document(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """A clean document of the owner, attached to nothing; all share one object in the store."""
    if "document" not in ground.kept:
        uploader = Actor(
            "specimen-uploader",
            grants=(Grant(Role.APPLICANT, ground.owner, OWNER_NAME),),
            clearance=SecurityLabel.CONFIDENTIAL,
        )
        ground.kept["document"] = await ground.running.service.documents.upload(
            uploader, _content(), filename="note.txt", organisation_id=ground.owner
        )
    first = ground.kept["document"]
    id = await ground.row(
        "documents",
        id=new_id(),
        organisation_id=ground.owner,
        label=label,
        filename=f"{ground.text('document')}.txt",
        media_type=first.media_type,
        size=first.size,
        sha256=first.sha256,
        object_key=first.object_key,
        state="clean",
        uploaded_by="specimen-uploader",
    )
    return Thing(id, frozenset({ground.owner}), label)


async def parked_event(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """An event set aside by a reaction; operators see no content of it, so it carries no label."""
    event_id, subject = new_id(), new_id()
    type_ = "hechuan.catalog.organisation.suspended.v1"
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(event_id),
        "type": type_,
        "source": "/catalog",
        "subject": str(subject),
        "time": datetime.now(UTC).isoformat(),
        "actor": "specimen",
        "correlationid": str(new_id()),
        "causationid": None,
        "aggregateversion": 1,
        "data": {},
    }
    id = await ground.ask(
        """INSERT INTO parked_events (reaction, event_id, type, thing, subject, version, envelope, state, reason)
           VALUES ('specimen', %s, %s, 'catalog.organisation', %s, 1, %s, 'parked', 'A specimen') RETURNING id""",
        event_id,
        type_,
        subject,
        Jsonb(envelope),
    )
    return Thing(id)


async def number(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """The first version of the thing named before."""
    whole = next(reversed(before.values()))
    return Thing(1, whole.owners, whole.label, whole.person)


SHARED: dict[str, Maker] = {"document_id": document, "parked_id": parked_event, "number": number}
