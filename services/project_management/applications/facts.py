"""What the eligibility rule is given, gathered from the tables, and what each reader is told of what it says."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.applications import rules
from services.project_management.applications.eligibility import eligibility as decided
from services.project_management.applications.queries import VISIBLE, one_of
from services.project_management.applications.telling import kept_from
from services.project_management.costs.queries import lines_of
from services.project_management.costs.rules import asked
from services.project_management.forms.queries import progress_of
from services.project_management.organisations.queries import standings
from services.project_management.standing.queries import Effects, above_clearance, effects_of
from services.project_management.standing.rules import OVERSEERS
from services.project_management.teams.queries import taking_part, team
from shared.db.work import Row, Rows
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role

PDF = "application/pdf"
_CALL = """c.state, c.opens_at, c.closes_at, c.kinds, c.regions, c.sectors, c.running_per_organisation,
    c.running_per_person, c.credit, c.ceiling_amount, c.ceiling_currency"""


async def eligibility_inputs(rows: Rows, application_id: UUID, now: datetime | None = None) -> dict[str, Any]:
    """Everything the eligibility rule decides on, in JSON's own types; `now` is when it was asked. Raises NotFound."""
    row = await one_of(
        rows,
        f"""SELECT a.lead_id, a.lead_name, a.requested_amount, a.requested_currency, a.drafted_by, a.leader,
                  a.return_due_at,
                  {_CALL}, c.form, c.budget_terms,
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
    return (
        await _rule_inputs(
            rows,
            row,
            organisations=[(row["lead_id"], row["lead_name"]), *((p["organisation_id"], p["name"]) for p in partners)],
            answers=[partner["answer"] for partner in partners],
            requested=(row["requested_amount"], row["requested_currency"]),
            documents=row["documents"],
            subject=row["leader"] or row["drafted_by"],
            now=now or rows.now,
            returned_until=row["return_due_at"],
            people=await team(rows, application_id) if row["leader"] else (),
            taking=await taking_part(rows, application_id) if row["leader"] else None,
        )
        | await _form_inputs(rows, application_id, row["form"])
        | await _costs(rows, application_id, row["budget_terms"])
    )


async def _form_inputs(rows: Rows, application_id: UUID, schema: dict[str, Any] | None) -> dict[str, Any]:
    """How far the call's form is filled in; nothing where it has none, so that older traces repeat."""
    found = await progress_of(rows, application_id, schema)
    if found is None:
        return {}
    return {"form": {"asked": found.asked, "answered": found.answered, "open": len(found.faults)}}


async def _costs(rows: Rows, application_id: UUID, terms: dict[str, Any]) -> dict[str, Any]:
    """The budget by lines; nothing where the call asks for none, so that older traces repeat."""
    return {"costs": {"terms": terms, "lines": await lines_of(rows, application_id)}} if asked(terms) else {}


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
    people: Sequence[Row] = (),
    taking: Mapping[UUID, int] | None = None,
) -> dict[str, Any]:
    """`organisations` are the lead and the partners with the names to fall back on; `subject` leads it,
    `people` are named in it, and are `taking` part in so many running projects."""
    known = await standings(rows, [organisation_id for organisation_id, _ in organisations])
    running = await _running(rows, [organisation_id for organisation_id, _ in organisations], subject)
    subjects = [subject, *(one["subject"] for one in people if one["subject"])]
    ledger = await effects_of(rows, [organisation_id for organisation_id, _ in organisations], subjects, now=now)
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
        **({"team": [_named(one, ledger, (taking or {}).get(one["id"], 0)) for one in people]} if people else {}),
    }


def _named(one: Row, ledger: Effects, running: int) -> dict[str, Any]:
    """Somebody of the team. Of a member the inputs hold its exclusion alone, as of a partner."""
    told = {"id": str(one["id"]), "name": one["name"], "role": one["role"], "answer": one["state"]}
    if one["role"] == "leader":
        return told
    out = ledger.leader(one["subject"]).result["out"] if one["subject"] else None
    return told | {"running": running, "standing": {"out": out}}


def _counting(kept: dict[str, Any]) -> dict[str, Any]:
    """Of what the ledger comes to, what eligibility goes by."""
    return {name: kept[name] for name in ("out", "lead", "pending", "more")}


async def _running(rows: Rows, ids: Sequence[UUID], subject: str) -> Row:
    """How many projects run now that each organisation leads, and whose applications the person led, who is
    called `name`. The projects are another feature's, above this one."""
    row = await rows.row(
        """SELECT (SELECT coalesce(jsonb_object_agg(lead_id, n), '{}')
                   FROM (SELECT lead_id, count(*) AS n FROM projects
                         WHERE lead_id = ANY(%(ids)s) AND state NOT IN ('completed', 'terminated')
                         GROUP BY lead_id) led) AS led,
                  (SELECT count(*) FROM projects p JOIN applications a ON a.id = p.application_id
                   WHERE coalesce(a.leader, a.drafted_by) = %(subject)s
                     AND p.state NOT IN ('completed', 'terminated')) AS by_person,
                  (SELECT name FROM access_accounts WHERE subject = %(subject)s) AS name""",
        {"ids": list(ids), "subject": subject},
    )
    assert row is not None
    return row


async def eligibility(rows: Rows, application_id: UUID) -> DecisionTrace:
    """The rule on what is known now, or, once submitted, the trace that let the submission through, as far as the
    actor may be told of it (`for_reader`). Raises NotFound."""
    query = f"""SELECT a.state, a.eligibility, coalesce(a.leader, a.drafted_by) AS leader
                FROM applications a WHERE a.id = %(id)s AND {VISIBLE}"""  # noqa: S608
    row = await one_of(rows, query, {"id": application_id})
    if row["eligibility"] is not None and row["state"] != rules.State.RETURNED.value:
        trace = DecisionTrace.model_validate(row["eligibility"])
    else:
        trace = decided(await eligibility_inputs(rows, application_id))
    return await for_reader(rows, trace, row["leader"])


async def for_reader(rows: Rows, trace: DecisionTrace, subject: str) -> DecisionTrace:
    """The trace as the actor may read it; `subject` leads the application."""
    told = await told_inputs(rows, trace.inputs, subject)
    return trace if told is trace.inputs else decided(told)


async def told_inputs(rows: Rows, inputs: dict[str, Any], subject: str) -> dict[str, Any]:
    """What the actor may be told of the inputs.

    Partners are told of the lead's and the writer's standing no more than the outcome, and whoever has not the
    clearance of an entry in the ledger no more than that either: a rule and a day would tell what the entry says.
    """
    actor, ids = rows.actor, [UUID(one["id"]) for one in inputs["organisations"]]
    above = await above_clearance(rows, ids, subject)
    inside = ids[0] in actor.organisations(Role.APPLICANT, Role.REPRESENTATIVE) or actor.has(*OVERSEERS)
    hidden = {str(id) for id in above} | ({str(ids[0])} if subject in above or not inside else set())
    return kept_from(inputs, hidden)


def _utc(moment: Any) -> str:
    return str(moment.astimezone(UTC).isoformat())
