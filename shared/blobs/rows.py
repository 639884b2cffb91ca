"""Rows of documents, for the actions and queries of features. No store here: a row can be attached without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.blobs.ports import Rows, Work
from shared.blobs.refusals import DocumentNotClean, DocumentTaken, NoSuchDocument
from shared.kernel.actor import Actor
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel


@dataclass(frozen=True, slots=True)
class Document:
    """One file of one organisation. Only a `clean` one has content that can be read."""

    id: UUID
    organisation_id: UUID
    label: SecurityLabel
    owner_kind: str | None
    owner_id: UUID | None
    filename: str
    media_type: str
    size: int | None
    sha256: str | None
    state: str
    reason: str
    uploaded_by: str
    created_at: datetime
    checked_at: datetime | None
    object_key: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Document":
        return cls(**{name: row[name] for name in _NAMES} | {"label": SecurityLabel(row["label"])})


_NAMES = tuple(field.name for field in fields(Document))
COLUMNS = ", ".join(_NAMES)
LABELS = [label.value for label in SecurityLabel]
_SELECT = f"SELECT {COLUMNS} FROM documents WHERE "  # noqa: S608 - our own column names


async def find_document(rows: Rows, document_id: UUID) -> Document | None:
    """The row whatever its state; who may see it is for the caller to decide."""
    row = await rows.row(_SELECT + "id = %(id)s", {"id": document_id})
    return Document.of(row) if row else None


async def documents_of(rows: Rows, kind: str | Sequence[str], owner_id: UUID, every: bool = False) -> list[Document]:
    """The clean documents of a thing that the reader's clearance allows (`every` one, to keep), oldest first."""
    kinds = [kind] if isinstance(kind, str) else list(kind)
    found = await rows.rows(
        _SELECT + "owner_kind = ANY(%(kinds)s) AND owner_id = %(owner)s AND state = 'clean'"
        " AND label = ANY(%(labels)s) ORDER BY created_at, id",
        {"kinds": kinds, "owner": owner_id, "labels": LABELS if every else rows.actor.clearance.readable_labels()},
    )
    return [Document.of(row) for row in found]


def belongs(actor: Actor, document: Document) -> bool:
    """Whether the actor's clearance and organisations are enough, without asking what it is attached to."""
    return bool(
        actor.subject
        and document.label.readable_with(actor.clearance)
        and document.organisation_id in actor.organisations()
    )


async def attach(work: Work, document_id: UUID, owner_kind: str, owner_id: UUID) -> Document:
    """Make the document part of a thing. Attaching it there again changes nothing.

    Raises NoSuchDocument (also for one the actor may not know of), DocumentNotClean, DocumentTaken.
    """
    document = await _locked(work, document_id)
    if document.state != "clean":
        told = document.reason or N_("It is still being checked.")
        raise DocumentNotClean(
            S_(
                "“%(name)s” cannot be used: %(why)s Upload a good copy and attach that.",
                name=document.filename,
                why=told,
            )
        )
    if document.owner_id is not None and (document.owner_kind, document.owner_id) != (owner_kind, owner_id):
        raise DocumentTaken(
            S_(
                "“%(name)s” is already attached elsewhere. Upload it again to use it here too.",
                name=document.filename,
            )
        )
    row = await work.row(
        f"UPDATE documents SET owner_kind = %(kind)s, owner_id = %(owner)s WHERE id = %(id)s RETURNING {COLUMNS}",  # noqa: S608
        {"kind": owner_kind, "owner": owner_id, "id": document_id},
    )
    assert row
    return Document.of(row)


async def delete(work: Work, document_id: UUID) -> None:
    """Withdraw the document. Its object goes with the next sweep, unless another clean row has the same content.

    Raises NoSuchDocument.
    """
    document = await _locked(work, document_id)
    await work.execute(
        "UPDATE documents SET state = 'deleted', reason = %(reason)s WHERE id = %(id)s AND state <> 'deleted'",
        {"id": document.id, "reason": "It was deleted by its owner."},
    )


async def _locked(work: Work, document_id: UUID) -> Document:
    row = await work.row(_SELECT + "id = %(id)s AND state <> 'deleted' FOR UPDATE", {"id": document_id})
    if row is None or not belongs(work.actor, document := Document.of(row)):
        raise NoSuchDocument.here()
    return document
