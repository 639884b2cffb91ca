"""Reads about applications."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications import rules
from services.project_management.applications.eligibility import eligibility as decided
from services.project_management.applications.eligibility import for_partners
from services.project_management.applications.model import Application, Partner
from services.project_management.calls.model import Call
from services.project_management.calls.queries import like
from services.project_management.forms.checking import counting
from services.project_management.forms.queries import ANSWER, IDENTITY, given, named, progress_of
from services.project_management.organisations.queries import standings
from services.project_management.standing.queries import effects_of
from services.project_management.standing.rules import OVERSEERS
from shared.blobs.rows import documents_of
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Params, Row, Rows, Work
from shared.kernel.actor import Actor
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role

PDF = "application/pdf"
_COLUMNS = """a.id, a.version, a.call_id, a.call_title, a.call_version, a.title, a.abstract, a.field,
    a.requested_amount, a.requested_currency, a.lead_id, a.lead_name, a.label, a.state, a.state_reason, a.submitted_at,
    a.submitted_version, a.sha256, a.checked_by IS NOT NULL AS checked, a.return_due_at, a.earlier_id, a.created_at,
    (SELECT coalesce(c.released_version, 1) FROM calls c WHERE c.id = a.call_id) AS call_newest"""
# Drafts, and drafts given up, belong to their organisations. Officers see what was submitted; who only oversees sees
# it after the call has closed, because even the number of competitors is worth something before.
_VISIBLE = """a.label = ANY(%(labels)s) AND (
        a.lead_id = ANY(%(own)s)
        OR EXISTS (SELECT 1 FROM application_partners p
                   WHERE p.application_id = a.id AND p.organisation_id = ANY(%(own)s) AND p.left_at IS NULL)
        OR (a.submitted_at IS NOT NULL AND (%(officer)s OR (%(overseer)s AND EXISTS (
                SELECT 1 FROM calls c WHERE c.id = a.call_id AND c.closes_at <= %(now)s)))))"""
_CALL = """c.state, c.opens_at, c.closes_at, c.kinds, c.regions, c.sectors, c.running_per_organisation,
    c.running_per_person, c.credit, c.ceiling_amount, c.ceiling_currency"""
LABEL = "CASE WHEN c.label = 'public' THEN 'internal' ELSE c.label END"
"""What the applications to a call `c` are labelled (`rules.label_for`); what is made of them takes this clearance."""
_FILTER = f"""{_VISIBLE}
    AND (%(like)s::text IS NULL OR a.title ILIKE %(like)s OR a.lead_name ILIKE %(like)s)
    AND (%(states)s::text[] IS NULL OR a.state = ANY(%(states)s))
    AND (%(call_id)s::uuid IS NULL OR a.call_id = %(call_id)s)"""


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
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """Applications the actor may see, newest first; `search` finds a part of the title or of the lead's name."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_COLUMNS} FROM applications a
            WHERE {_FILTER}
              AND (%(after)s::timestamptz IS NULL OR (a.created_at, a.id) < (%(after)s, %(after_id)s::uuid))
            ORDER BY a.created_at DESC, a.id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        _params(
            rows,
            like=like(search),
            states=states or None,
            call_id=call_id,
            after=after[0] if after else None,
            after_id=after[1] if after else None,
            limit=limit + 1,
        ),
    )
    page = page_of(found, limit, "created_at", "id")
    return Page([_shaped(row) for row in page.items], page.next_cursor)


async def count_applications(
    rows: Rows, *, search: str = "", states: list[str] | None = None, call_id: UUID | None = None
) -> int:
    """Counts only what the actor may see, so the number says no more than the list."""
    row = await rows.row(
        f"SELECT count(*) AS n FROM applications a WHERE {_FILTER}",  # noqa: S608 -- constants only
        _params(rows, like=like(search), states=states or None, call_id=call_id),
    )
    return int(row["n"]) if row else 0


async def application(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """One application with its partners and documents. Raises NotFound."""
    query = f"SELECT {_COLUMNS} FROM applications a WHERE a.id = %(id)s AND {_VISIBLE}"  # noqa: S608
    row = _shaped(await _one(rows, query, {"id": application_id}))
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


async def office_of(rows: Rows, application_id: UUID) -> UUID | None:
    """The programme office whose call it answers."""
    query = "SELECT c.organisation_id FROM applications a JOIN calls c ON c.id = a.call_id WHERE a.id = %(id)s"
    row = await rows.row(query, {"id": application_id})
    return row["organisation_id"] if row else None


async def may_read(rows: Rows, application_id: UUID, actor: Actor) -> bool:
    """Whether the asker of `rows` may see the application, and so the documents attached to it."""
    query = f"SELECT 1 FROM applications a WHERE a.id = %(id)s AND {_VISIBLE}"  # noqa: S608 -- constants only
    return await rows.row(query, _params(rows, id=application_id)) is not None


async def visible(rows: Rows, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these applications that the actor may see."""
    query = f"SELECT a.id FROM applications a WHERE a.id = ANY(%(ids)s) AND {_VISIBLE}"  # noqa: S608 -- constants only
    return {row["id"] for row in await rows.rows(query, _params(rows, ids=list(ids)))}


async def submitted_version(rows: Rows, application_id: UUID, number: int) -> dict[str, Any]:
    """What was submitted, word for word: content, sha256, submitted_at. Raises NotFound."""
    query = f"""SELECT v.content, v.sha256, v.submitted_at FROM application_versions v
                JOIN applications a ON a.id = v.application_id
                WHERE v.application_id = %(id)s AND v.number = %(number)s AND {_VISIBLE}"""  # noqa: S608
    return await _one(rows, query, {"id": application_id, "number": number})


async def eligibility_inputs(rows: Rows, application_id: UUID, now: datetime | None = None) -> dict[str, Any]:
    """Everything the eligibility rule decides on, in JSON's own types; `now` is when it was asked. Raises NotFound."""
    row = await _one(
        rows,
        f"""SELECT a.lead_id, a.lead_name, a.requested_amount, a.requested_currency, a.drafted_by, a.return_due_at,
                  {_CALL}, c.form,
                  (SELECT count(*) FROM documents d WHERE d.owner_kind = 'application' AND d.owner_id = a.id
                   AND d.state = 'clean' AND d.media_type = %(pdf)s) AS documents
           FROM applications a JOIN calls c ON c.id = a.call_id WHERE a.id = %(id)s""",  # noqa: S608
        {"id": application_id, "pdf": PDF},
    )
    partners = await rows.rows(
        """SELECT organisation_id, name, answer FROM application_partners
           WHERE application_id = %(id)s AND left_at IS NULL ORDER BY position""",
        {"id": application_id},
    )
    return await _rule_inputs(
        rows,
        row,
        organisations=[(row["lead_id"], row["lead_name"]), *((p["organisation_id"], p["name"]) for p in partners)],
        answers=[partner["answer"] for partner in partners],
        requested=(row["requested_amount"], row["requested_currency"]),
        documents=row["documents"],
        subject=row["drafted_by"],
        now=now or rows.now,
        returned_until=row["return_due_at"],
    ) | await _form_inputs(rows, application_id, row["form"])


async def _form_inputs(rows: Rows, application_id: UUID, schema: dict[str, Any] | None) -> dict[str, Any]:
    """How far the call's form is filled in; nothing where it has none, so that older traces repeat."""
    found = await progress_of(rows, application_id, schema)
    if found is None:
        return {}
    return {"form": {"asked": found.asked, "answered": found.answered, "open": len(found.faults)}}


async def rule_inputs(rows: Rows, *, call_id: UUID, **thought: Any) -> dict[str, Any]:
    """What the eligibility rule is given of an application that somebody thinks of; `_rule_inputs` names the rest."""
    call = await rows.row(f"SELECT {_CALL} FROM calls c WHERE c.id = %(id)s", {"id": call_id})  # noqa: S608
    assert call is not None
    return await _rule_inputs(rows, call, **thought)


async def _rule_inputs(
    rows: Rows,
    call: Row,
    *,
    organisations: Sequence[tuple[UUID, str]],
    answers: Sequence[str],
    requested: tuple[Decimal, str] | None,
    documents: int,
    subject: str,
    now: datetime,
    returned_until: datetime | None = None,
) -> dict[str, Any]:
    """`organisations` are the lead and the partners with the names to fall back on; `subject` writes it."""
    known = await standings(rows, [organisation_id for organisation_id, _ in organisations])
    running = await _running(rows, [organisation_id for organisation_id, _ in organisations], subject)
    ledger = await effects_of(rows, [organisation_id for organisation_id, _ in organisations], [subject], now=now)
    told = []
    for n, (organisation_id, name) in enumerate(organisations):
        kept = ledger.organisation(organisation_id).result
        standing = known.get(organisation_id)
        until = standing.admitted_until if standing else None
        told.append(
            {
                "id": str(organisation_id),
                "name": standing.name if standing else name,
                "kind": standing.kind if standing else "",
                "region": standing.region if standing else "",
                "sector": standing.sector if standing else "",
                "credit": standing.credit if standing else "",
                "state": standing.state if standing else "",
                "admitted_until": _utc(until) if until else None,
                "running": running["led"].get(str(organisation_id), 0),
                "standing": _counting(kept) if n == 0 else {"out": kept["out"]},
            }
        )
    return {
        "now": _utc(now),
        "call": {
            "state": call["state"],
            "opens_at": _utc(call["opens_at"]),
            "closes_at": _utc(call["closes_at"]),
            **{name: call[name] for name in ("kinds", "regions", "sectors", "credit")},
            **{name: call[name] for name in ("running_per_organisation", "running_per_person")},
            "ceiling": {"amount": f"{call['ceiling_amount']:.2f}", "currency": call["ceiling_currency"]},
        },
        "requested": {"amount": f"{requested[0]:.2f}", "currency": requested[1]} if requested else None,
        "organisations": told,
        "partners": [{"name": one["name"], "answer": answer} for one, answer in zip(told[1:], answers, strict=True)],
        "documents": documents,
        **({"returned_until": _utc(returned_until)} if returned_until else {}),
        "person": {
            "name": running["name"] or subject,
            "running": running["by_person"],
            "standing": _counting(ledger.leader(subject).result),
        },
    }


def _counting(kept: dict[str, Any]) -> dict[str, Any]:
    """Of what the ledger comes to, what eligibility goes by."""
    return {name: kept[name] for name in ("out", "lead", "pending", "more")}


async def _running(rows: Rows, ids: Sequence[UUID], subject: str) -> Row:
    """How many projects run now that each organisation leads, and that came of the person's applications, who is
    called `name`. The projects are another feature's, above this one."""
    row = await rows.row(
        """SELECT (SELECT coalesce(jsonb_object_agg(lead_id, n), '{}')
                   FROM (SELECT lead_id, count(*) AS n FROM projects
                         WHERE lead_id = ANY(%(ids)s) AND state <> 'completed' GROUP BY lead_id) led) AS led,
                  (SELECT count(*) FROM projects p JOIN applications a ON a.id = p.application_id
                   WHERE a.drafted_by = %(subject)s AND p.state <> 'completed') AS by_person,
                  (SELECT name FROM access_accounts WHERE subject = %(subject)s) AS name""",
        {"ids": list(ids), "subject": subject},
    )
    assert row is not None
    return row


async def eligibility(rows: Rows, application_id: UUID) -> DecisionTrace:
    """The rule on what is known now, or, once submitted, the trace that let the submission through. Raises NotFound.

    Partners are told of the lead's and the writer's standing no more than the outcome (`for_partners`).
    """
    query = f"SELECT a.state, a.eligibility, a.lead_id FROM applications a WHERE a.id = %(id)s AND {_VISIBLE}"  # noqa: S608
    row = await _one(rows, query, {"id": application_id})
    if row["eligibility"] is not None and row["state"] != rules.State.RETURNED.value:
        trace = DecisionTrace.model_validate(row["eligibility"])
    else:
        trace = decided(await eligibility_inputs(rows, application_id))
    actor = rows.actor
    if row["lead_id"] in actor.organisations(Role.APPLICANT, Role.REPRESENTATIVE) or actor.has(*OVERSEERS):
        return trace
    told = for_partners(trace.inputs)
    return trace if told is trace.inputs else decided(told)


async def partners_of(work: Work, application_id: UUID) -> Sequence[Partner]:
    """The partner rows of an application, in the order given, to act on."""
    found = await work.session.execute(
        select(Partner).where(Partner.application_id == application_id).order_by(Partner.position)  # type: ignore[arg-type]
    )
    return found.scalars().all()


async def submission(work: Work, application: Application, partners: Sequence[Partner]) -> dict[str, Any]:
    """What a submission fixes."""
    call = await work.get(Call, application.call_id, lock=False)
    attached = await documents_of(work, ("application", ANSWER, IDENTITY), application.id)
    documents = [one for one in attached if one.owner_kind == "application"]
    answers: dict[str, Any] = {}
    if call.form:
        found = await given(work, application.id, call.form)
        answers = {"answers": counting(found.form, found.answers)}
        telling = named(found.form, answers["answers"])
        documents += [
            one for kind in (ANSWER, IDENTITY) for one in attached if one.owner_kind == kind and str(one.id) in telling
        ]
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


async def _one(rows: Rows, query: str, params: Params) -> Row:
    row = await rows.row(query, _params(rows, **params))
    if row is None:
        raise NotFound(N_("There is no application here that you may see."))
    return row


def _shaped(row: Row) -> dict[str, Any]:
    row["requested"] = {"amount": row.pop("requested_amount"), "currency": row.pop("requested_currency")}
    return row


def _utc(moment: Any) -> str:
    return str(moment.astimezone(UTC).isoformat())
