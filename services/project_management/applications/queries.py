"""Reads about applications."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications import rules
from services.project_management.applications.model import Application, Partner
from services.project_management.calls.model import Call
from services.project_management.calls.queries import like
from services.project_management.costs.queries import kept, lines_of
from services.project_management.costs.rules import asked
from services.project_management.forms.checking import counting
from services.project_management.forms.queries import ANSWER, IDENTITY, given, named
from services.project_management.teams.model import Member
from services.project_management.teams.queries import team
from shared.blobs.rows import documents_of
from shared.db.keyset import Orders, Page
from shared.db.work import Params, Row, Rows, Work
from shared.kernel.actor import Actor
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.types import Role, SecurityLabel

_COLUMNS = """a.id, a.version, a.call_id, a.call_title, a.call_version, a.title, a.abstract, a.field,
    a.requested_amount, a.requested_currency, a.lead_id, a.lead_name, a.label, a.state, a.state_reason, a.submitted_at,
    a.submitted_version, a.sha256, a.checked_by IS NOT NULL AS checked, a.return_due_at, a.earlier_id, a.created_at,
    (SELECT coalesce(c.released_version, 1) FROM calls c WHERE c.id = a.call_id) AS call_newest,
    (SELECT c.title_zh FROM calls c WHERE c.id = a.call_id) AS call_title_zh"""
# Drafts, and drafts given up, belong to their organisations. Officers see what was submitted; who only oversees sees
# it after the call has closed, because even the number of competitors is worth something before.
VISIBLE = """a.label = ANY(%(labels)s) AND (
        a.lead_id = ANY(%(own)s)
        OR EXISTS (SELECT 1 FROM application_partners p
                   WHERE p.application_id = a.id AND p.organisation_id = ANY(%(own)s) AND p.left_at IS NULL)
        OR (a.submitted_at IS NOT NULL AND (%(officer)s OR (%(overseer)s AND EXISTS (
                SELECT 1 FROM calls c WHERE c.id = a.call_id AND c.closes_at <= %(now)s)))))"""
_PARTIES = """(SELECT c.organisation_id FROM calls c WHERE c.id = a.call_id) AS office_id,
    ARRAY(SELECT p.organisation_id FROM application_partners p WHERE p.application_id = a.id) AS partner_ids"""
LABEL = "CASE WHEN c.label = 'public' THEN 'internal' ELSE c.label END"
"""What the applications to a call `c` are labelled (`rules.label_for`); what is made of them takes this clearance."""
_FILTER = f"""{VISIBLE}
    AND (%(like)s::text IS NULL OR a.title ILIKE %(like)s OR a.lead_name ILIKE %(like)s)
    AND (%(states)s::text[] IS NULL OR a.state = ANY(%(states)s))
    AND (%(call_id)s::uuid IS NULL OR a.call_id = %(call_id)s)
    AND (%(checked)s::boolean IS NULL OR (a.state = 'submitted' AND (a.checked_by IS NOT NULL) = %(checked)s))"""
_TEXTS = {one: (f"a.{one}", "text") for one in ("title", "lead_name", "call_title")}
_AMOUNT, _TIME = ("a.requested_amount", "numeric"), ("a.created_at", "timestamptz")
ORDERS = Orders({**_TEXTS, "created_at": _TIME, "requested": _AMOUNT}, "-created_at", "a.id")


def _params(rows: Rows, **more: Any) -> dict[str, Any]:
    actor = rows.actor
    return {
        "now": rows.now,
        "labels": actor.clearance.readable_labels(),
        "own": list(actor.organisations(Role.APPLICANT, Role.REPRESENTATIVE)),
        "officer": actor.has(Role.PROGRAMME_OFFICER),
        "overseer": actor.has(Role.COORDINATOR, Role.AUDITOR),
        **more,
    }


async def applications(
    rows: Rows,
    *,
    search: str = "",
    states: list[str] | None = None,
    call_id: UUID | None = None,
    checked: bool | None = None,
    sort: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """Applications the actor may see, newest first; `search` finds a part of the title or of the lead's name."""
    order = ORDERS.asked(sort, cursor)
    query = f"SELECT {_COLUMNS}, {_PARTIES}, {order.column} FROM applications a WHERE {_FILTER} {order.tail}"  # noqa: S608
    asked = {"like": like(search), "states": states or None, "call_id": call_id, "checked": checked}
    page = order.page(await rows.rows(query, _params(rows, **asked, **order.params, limit=limit + 1)), limit)
    return Page([_shaped(row) for row in page.items], page.next_cursor)


async def count_applications(
    rows: Rows,
    *,
    search: str = "",
    states: list[str] | None = None,
    call_id: UUID | None = None,
    checked: bool | None = None,
) -> int:
    """Counts only what the actor may see, so the number says no more than the list."""
    row = await rows.row(
        f"SELECT count(*) AS n FROM applications a WHERE {_FILTER}",  # noqa: S608 -- constants only
        _params(rows, like=like(search), states=states or None, call_id=call_id, checked=checked),
    )
    return int(row["n"]) if row else 0


async def application(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """One application with its partners and documents. Raises NotFound."""
    query = f"SELECT {_COLUMNS} FROM applications a WHERE a.id = %(id)s AND {VISIBLE}"  # noqa: S608
    row = _shaped(await one_of(rows, query, {"id": application_id}))
    row["partners"] = await rows.rows(
        """SELECT organisation_id AS id, name, answer, reason, answered_at, left_at, departure_id
           FROM application_partners WHERE application_id = %(id)s ORDER BY position""",
        {"id": application_id},
    )
    row["documents"] = [
        {"id": document.id, "filename": document.filename, "size": document.size, "sha256": document.sha256}
        for document in await documents_of(rows, "application", application_id)
    ]
    if row["state"] == rules.State.RETURNED.value:
        await _as_handed_in(rows, row)
    return row


async def _as_handed_in(rows: Rows, row: Row) -> None:
    """What its organisations write to complete it is theirs alone until they hand it in."""
    owners = {row["lead_id"], *(partner["id"] for partner in row["partners"] if partner["left_at"] is None)}
    if rows.actor.organisations(Role.APPLICANT, Role.REPRESENTATIVE) & owners:
        return
    kept = await rows.row(
        "SELECT content FROM application_versions WHERE application_id = %(id)s ORDER BY number DESC LIMIT 1",
        {"id": row["id"]},
    )
    content = json.loads(kept["content"]) if kept else {}
    row["abstract"], row["field"] = content.get("abstract", ""), content.get("field", "")
    handed_in = {document["id"] for document in content.get("documents", [])}
    row["documents"] = [document for document in row["documents"] if str(document["id"]) in handed_in]


def writers(application: dict[str, Any]) -> set[UUID]:
    """Whose applicants write the draft: the lead, and the partners that take part."""
    inside = [one["id"] for one in application["partners"] if not one["left_at"] and not one["departure_id"]]
    return {application["lead_id"], *inside}


def own(rows: Rows, application: dict[str, Any]) -> UUID:
    """For which organisation somebody who writes attaches a document."""
    ours = rows.actor.organisations(Role.APPLICANT) & writers(application)
    return application["lead_id"] if application["lead_id"] in ours or not ours else min(ours)


async def removable(rows: Rows, application_id: UUID) -> set[UUID]:
    """What documents the actor may take out: the lead's people any, a partner's its own, none that was handed in."""
    found = await rows.rows(
        """SELECT d.id FROM documents d JOIN applications a ON a.id = d.owner_id
           WHERE d.owner_kind = 'application' AND d.owner_id = %(id)s
             AND (a.lead_id = ANY(%(applies)s) OR d.organisation_id = ANY(%(applies)s))
             AND NOT EXISTS (SELECT FROM application_versions v,
                                    jsonb_array_elements(v.content::jsonb -> 'documents') kept
                             WHERE v.application_id = a.id AND kept ->> 'id' = d.id::text)""",
        {"id": application_id, "applies": list(rows.actor.organisations(Role.APPLICANT))},
    )
    return {row["id"] for row in found}


async def office_of(rows: Rows, application_id: UUID) -> UUID | None:
    """The programme office whose call it answers."""
    query = "SELECT c.organisation_id FROM applications a JOIN calls c ON c.id = a.call_id WHERE a.id = %(id)s"
    row = await rows.row(query, {"id": application_id})
    return row["organisation_id"] if row else None


async def may_read(rows: Rows, application_id: UUID, actor: Actor) -> bool:
    """Whether the asker of `rows` may see the application, and so the documents attached to it."""
    query = f"SELECT 1 FROM applications a WHERE a.id = %(id)s AND {VISIBLE}"  # noqa: S608 -- constants only
    return await rows.row(query, _params(rows, id=application_id)) is not None


async def visible(rows: Rows, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these applications that the actor may see."""
    query = f"SELECT a.id FROM applications a WHERE a.id = ANY(%(ids)s) AND {VISIBLE}"  # noqa: S608 -- constants only
    return {row["id"] for row in await rows.rows(query, _params(rows, ids=list(ids)))}


async def submitted_version(rows: Rows, application_id: UUID, number: int) -> dict[str, Any]:
    """What was submitted, word for word: content, sha256, submitted_at. Raises NotFound."""
    query = f"""SELECT v.content, v.sha256, v.submitted_at FROM application_versions v
                JOIN applications a ON a.id = v.application_id
                WHERE v.application_id = %(id)s AND v.number = %(number)s AND {VISIBLE}"""  # noqa: S608
    return await one_of(rows, query, {"id": application_id, "number": number})


async def partners_of(work: Work, application_id: UUID) -> Sequence[Partner]:
    """The partner rows of an application, in the order given, to act on."""
    return (await partners_of_all(work, [application_id])).get(application_id, [])


async def partners_of_all(work: Work, application_ids: Sequence[UUID]) -> dict[UUID, list[Partner]]:
    """The same for many applications by one statement; who applies alone is left out."""
    found = await work.session.execute(
        select(Partner)
        .where(Partner.application_id.in_(application_ids))  # type: ignore[attr-defined]
        .order_by(Partner.position)  # type: ignore[arg-type]
    )
    by_application: dict[UUID, list[Partner]] = {}
    for partner in found.scalars():
        by_application.setdefault(partner.application_id, []).append(partner)
    return by_application


def taking_part(partners: Sequence[Partner]) -> list[Partner]:
    """Those that take part: who left does not, nor who was only asked to take the part of one that did."""
    return [one for one in partners if one.left_at is None and one.departure_id is None]


async def above_clearance(rows: Rows, application_id: UUID) -> SecurityLabel | None:
    """The highest label of what is attached, where the actor may not read it."""
    kinds = ("application", ANSWER, IDENTITY)
    labels = [one.label for one in await documents_of(rows, kinds, application_id, every=True)]
    highest = max(labels, key=lambda label: label.rank, default=SecurityLabel.PUBLIC)
    return None if highest.readable_with(rows.actor.clearance) else highest


async def submission(rows: Rows, application: Application, partners: Sequence[Partner]) -> dict[str, Any]:
    """What a submission fixes, and a partner consents to: the same whoever asks, so with the documents above the
    actor's clearance. It is cut by the reader's when it is read."""
    kept_call = await rows.row("SELECT * FROM calls WHERE id = %(id)s", {"id": application.call_id})
    assert kept_call is not None
    call = Call(**kept_call)
    attached = await documents_of(rows, ("application", ANSWER, IDENTITY), application.id, every=True)
    documents = [one for one in attached if one.owner_kind == "application"]
    people = [Member(**one) for one in await team(rows, application.id)] if application.leader else []
    answers: dict[str, Any] = {}
    if call.form:
        found = await given(rows, application.id, call.form)
        answers = {"answers": counting(found.form, found.answers)}
        telling = named(found.form, answers["answers"])
        documents += [
            one for kind in (ANSWER, IDENTITY) for one in attached if one.owner_kind == kind and str(one.id) in telling
        ]
    if asked(call.budget_terms):
        inside = [application.lead.model_dump(), *(one.ref.model_dump() for one in partners if one.left_at is None)]
        answers["budget"] = kept(await lines_of(rows, application.id), inside)
    return {
        "id": str(application.id),
        "call": {"id": str(call.id), "version": call.released_version, "sha256": call.sha256},
        "title": application.title,
        "abstract": application.abstract,
        "field": application.field or call.field,
        "requested": {"amount": f"{application.requested_amount:.2f}", "currency": application.requested_currency},
        "lead": application.lead.model_dump(),
        "partners": [
            {**partner.ref.model_dump(), "answer": partner.answer, "answered_by": partner.answered_by}
            for partner in partners
            if partner.left_at is None
        ],
        "documents": [
            {"id": str(document.id), "filename": document.filename, "sha256": document.sha256} for document in documents
        ],
        **({"team": [one.said() for one in people]} if people else {}),
        **answers,
    }


async def submitted_to(work: Work, call_id: UUID) -> Sequence[Application]:
    """The applications that compete in a call, locked, by id: everything submitted and not withdrawn.

    Raises ApplicationNotReady while one of them is with its lead for completion.
    """
    found = await work.session.execute(
        select(Application)
        .where(Application.call_id == call_id, Application.state.not_in(("draft", "withdrawn")))  # type: ignore[arg-type, attr-defined]
        .order_by(Application.id)  # type: ignore[arg-type]
        .with_for_update()
    )
    competing = found.scalars().all()
    for one in competing:
        if one.state == rules.State.RETURNED.value:
            raise rules.ApplicationNotReady(
                S_(
                    "“%(title)s” is with its lead for completion. Wait until it is due, or let it stand as it was "
                    "handed in.",
                    title=one.title,
                )
            )
    return competing


def involved(call: str) -> str:
    """SQL for: one of the organisations `own` has applied to the call; it stays so for who took the application back.

    Who has a part in a call learns nothing of its reviews and decides nothing in it.
    """
    return f"""EXISTS (
        SELECT FROM applications mine LEFT JOIN application_partners also ON also.application_id = mine.id
        WHERE mine.call_id = {call} AND mine.submitted_at IS NOT NULL
          AND (mine.lead_id = ANY(%(own)s) OR also.organisation_id = ANY(%(own)s)))"""


async def one_of(rows: Rows, query: str, params: Params) -> Row:
    """One application that the actor may see. Raises NotFound."""
    row = await rows.row(query, _params(rows, **params))
    if row is None:
        raise NotFound(N_("There is no application here that you may see."))
    return row


def _shaped(row: Row) -> dict[str, Any]:
    row["requested"] = {"amount": row.pop("requested_amount"), "currency": row.pop("requested_currency")}
    return row
