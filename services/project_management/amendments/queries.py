"""Reads about the versions of a released call."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.project_management.amendments.model import columns
from services.project_management.amendments.rules import SEE, State, knowing, may_answer
from services.project_management.applications.queries import application
from services.project_management.approvals.rules import steps
from services.project_management.calls.model import Call
from services.project_management.calls.queries import call, released_version
from services.project_management.calls.rules import chain_of
from services.project_management.calls.terms import CallTerms
from services.project_management.differences import Difference, differences
from services.project_management.forms.queries import read
from services.project_management.forms.questions import Form, property_of
from shared.db.work import Rows

Outline = Callable[[Form, dict[str, Any]], dict[str, Any]]
NEWS_AFTER_CLOSING = """(
    (c.state = 'closed' AND a.state = 'submitted')
    OR (c.state IN ('closed', 'deciding') AND a.state IN ('submitted', 'reviewed') AND EXISTS (
            SELECT FROM call_versions v
            WHERE v.call_id = c.id AND v.number > a.call_version AND v.released_at >= c.closes_at)))"""
"""When the lead of an application `a` still reads what changed in its call `c`: what was amended in time, until experts
review; what was amended later, until its award is decided."""


def as_stored(form: Form, content: dict[str, Any]) -> dict[str, Any]:
    """A form question by question, as programs compare it; the rest as it stands."""
    return {
        f"form.{one.key}": json.dumps(property_of(one), sort_keys=True, ensure_ascii=False) for one in form.questions
    }


async def versions(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """The released versions of a call that the actor may see, newest first. Raises NotFound."""
    await call(rows, call_id)
    return await rows.rows(
        """SELECT number, sha256, released_at, note FROM call_versions
           WHERE call_id = %(id)s ORDER BY number DESC""",
        {"id": call_id},
    )


async def changes(rows: Rows, call_id: UUID, since: int, until: int, outline: Outline = as_stored) -> list[Difference]:
    """What differs between two released versions of a call, in its form question by question. Raises NotFound."""
    before, after = [json.loads((await released_version(rows, call_id, n))["content"]) for n in (since, until)]
    return content_differences(before, after, outline)


def content_differences(before: dict[str, Any], after: dict[str, Any], outline: Outline) -> list[Difference]:
    return differences(
        *(
            {**one, **_terms(one), "terms": "", "award_terms": "", **outline(read(one.get("form")), one), "form": ""}
            for one in (before, after)
        )
    )


def _terms(content: dict[str, Any]) -> dict[str, Any]:
    """Each of a version's days and rules for itself; what is usual stands in no version's text."""
    own = CallTerms.of(content.get("terms", {})).stored()
    awarding = {f"award_terms.{name}": value for name, value in content.get("award_terms", {}).items()}
    return awarding | {
        f"terms.{name}": ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in own.items()
    }


async def news_for(rows: Rows, application_id: UUID, outline: Outline = as_stored) -> dict[str, Any]:
    """What changed in an application's call since its lead last read it: call_id, call_title, since, until, changes,
    and the notes of the newer versions. Raises NotFound."""
    mine = await application(rows, application_id)
    known = await versions(rows, mine["call_id"])
    since, until = mine["call_version"], max((one["number"] for one in known), default=1)
    return {
        "call_id": mine["call_id"],
        "call_title": mine["call_title"],
        "since": since,
        "until": until,
        "notes": [one["note"] for one in reversed(known) if one["number"] > since and one["note"]],
        "changes": await changes(rows, mine["call_id"], since, until, outline) if until > since else [],
    }


async def latest(rows: Rows, call_id: UUID, outline: Outline = as_stored) -> dict[str, Any] | None:
    """The amendment that waits, or the last one, with what it would change and who signs it; None where there is none.

    Raises NotFound for a call out of sight, or whose amendments are.
    """
    shown = await call(rows, call_id)
    row = await rows.row(
        """SELECT id, version, state, reason, answer, proposal, requested_by, call_version, created_at, chain,
                  signatures
           FROM call_amendments WHERE call_id = %(id)s ORDER BY id DESC LIMIT 1""",
        {"id": call_id},
    )
    chain = row["chain"] if row else chain_of(shown["offices"])
    SEE.require(rows.actor, owners=knowing(shown["organisation_id"], chain, rows.actor), thing="call")
    if row is None:
        return None
    row["signoffs"] = steps(chain, row["signatures"])
    for one in row["signoffs"]:
        one["next"] = one["next"] and row["state"] == State.REQUESTED.value
    proposal = row.pop("proposal")
    row["columns"] = tuple(proposal)
    stands = await rows.row("SELECT * FROM calls WHERE id = %(id)s", {"id": call_id})
    assert stands is not None
    present, after = Call(**stands), Call(**stands | columns(proposal))
    row["changes"] = content_differences(present.content(), after.content(), outline)
    return row


async def begun(rows: Rows, call_id: UUID) -> bool:
    """Whether somebody writes or has handed in an application to the call."""
    row = await rows.row(
        "SELECT 1 FROM applications WHERE call_id = %(id)s AND state <> 'withdrawn' LIMIT 1", {"id": call_id}
    )
    return row is not None


async def waits_beside(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """For the page of a call, for those who may know of it: of the amendment that waits which office signs next, and
    whether the reader is to sign; or nothing."""
    found = await rows.rows(
        """SELECT a.requested_by, a.chain, a.signatures, c.organisation_id
           FROM call_amendments a JOIN calls c ON c.id = a.call_id
           WHERE a.call_id = %(id)s AND a.state = 'requested'""",
        {"id": call_id},
    )
    return [
        {
            "office": one["chain"][len(one["signatures"])]["office"],
            "mine": may_answer("approve", one["chain"], one["signatures"], rows.actor, one["requested_by"]),
        }
        for one in found
        if SEE.allows(rows.actor, owners=knowing(one["organisation_id"], one["chain"], rows.actor))
    ]
