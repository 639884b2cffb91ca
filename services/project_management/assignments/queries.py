"""Reads about assignments, for the programme office alone."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.applications.queries import LABEL, involved, partners_of
from services.project_management.assignments import matching, rules, works
from services.project_management.assignments.schemas import AssignmentCreate
from services.project_management.calls.model import Call
from services.project_management.people.queries import experts
from services.project_management.reviews import rules as review_rules
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import State
from shared.db.work import Rows, Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_


async def require_uninvolved(rows: Rows, call_id: UUID) -> None:
    """Who belongs to an organisation that applied may neither assign nor rank nor learn who reviews.

    Raises OwnApplication.
    """
    own = await rows.row(
        f"SELECT 1 WHERE {involved('%(call)s')}",
        {"call": call_id, "own": list(rows.actor.organisations())},
    )
    if own:
        raise rules.OwnApplication(
            N_("An organisation you act for has applied to this call. Somebody else of the office has to do this.")
        )


async def call_for_office(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The call as the office needs it, for who may read the applications to it. Raises NotFound, OwnApplication."""
    call = await rows.row(
        f"""SELECT id, version, title, field, state, label, reviewers_per_application, budget_amount, budget_currency,
                  closes_at, criteria, portfolio, organisation_id
           FROM calls c WHERE id = %(id)s AND {LABEL} = ANY(%(labels)s)""",  # noqa: S608 -- constants only
        {"id": call_id, "labels": rows.actor.clearance.readable_labels()},
    )
    if call is None:
        raise NotFound(N_("There is no such call."))
    await require_uninvolved(rows, call_id)
    return call


async def assignment(rows: Rows, call_id: UUID) -> dict[str, Any] | None:
    """The last assignment of a call with its live reviews; None before the first.

    Raises NotFound, OwnApplication.
    """
    await call_for_office(rows, call_id)
    row = await rows.row(
        """SELECT id, version, call_id, number, seed, cap, bound, made_by, created_at, trace
           FROM assignments WHERE call_id = %(call)s ORDER BY number DESC LIMIT 1""",
        {"call": call_id},
    )
    if row is None:
        return None
    row["conflicts"] = row["trace"]["result"]["conflicts"]
    row["assignments"] = await rows.rows(
        """SELECT id, version, application_id, application_title AS application, expert_id, expert_name AS expert,
                  affinity, state
           FROM reviews WHERE call_id = %(call)s AND state <> 'withdrawn'
           ORDER BY application_id, expert_name, id""",
        {"call": call_id},
    )
    return row


async def assignment_inputs(
    work: Work, call: Call, applications: Sequence[Application], known: Sequence[Review], fields: AssignmentCreate
) -> dict[str, Any]:
    """Everything an assignment depends on, as plain values. Raises Invalid for people who are no experts."""
    chosen = await experts(work, fields.expert_ids or None)
    strangers = set(fields.expert_ids) - {one["id"] for one in chosen}
    if strangers:
        raise Invalid(
            N_("Some of these people cannot review."),
            errors=[
                {
                    "pointer": f"/expert_ids/{n}",
                    "detail": N_("This is no expert who can sign in. Look in the catalogue."),
                }
                for n, expert_id in enumerate(fields.expert_ids)
                if expert_id in strangers
            ],
        )
    competing = {application.id for application in applications}
    kept = [one for one in known if State(one.state) in review_rules.ANSWERED and one.application_id in competing]
    elsewhere = {
        row["expert_id"]: row["n"]
        for row in await work.rows(
            """SELECT expert_id, count(*) AS n FROM reviews
               WHERE call_id <> %(call)s AND state IN ('invited', 'accepted', 'scored') GROUP BY expert_id""",
            {"call": call.id},
        )
    }
    texts = await works.texts(work, call.id, call.field, applications, chosen)
    return {
        "call_id": str(call.id),
        "field": call.field,
        "as_of": work.now.date().isoformat(),
        "seed": fields.seed,
        "mode": fields.mode,
        "bound": fields.bound,
        "demand": call.reviewers_per_application,
        "applications": [await _application(work, one) for one in applications],
        "experts": [
            {
                "id": str(one["id"]),
                "name": one["name"],
                "subject": one["subject"],
                "fields": one["fields"],
                "cap": max(0, min(fields.cap, one["review_cap"] - elsewhere.get(one["id"], 0))),
                "clearance": one["clearance"],
                "employers": one["employers"],
                "acts_for": sorted(one["acts_for"]),
            }
            for one in chosen
        ],
        "affinities": await asyncio.to_thread(matching.affinities, texts, len(chosen)),
        "named": [],
        "declared": [
            {
                "application_id": str(one.application_id),
                "expert_id": str(one.expert_id),
                "reason": one.reason,
                "conflict": one.conflict,
            }
            for one in known
            if one.state == State.DECLINED.value
        ],
        "kept": sorted(
            (
                {"application_id": str(one.application_id), "expert_id": str(one.expert_id), "expert": one.expert_name}
                for one in kept
            ),
            key=lambda pair: (pair["application_id"], pair["expert_id"]),
        ),
    }


async def _application(work: Work, application: Application) -> dict[str, Any]:
    """What conflicts are found from. Of the text only the affinities stay, which it is not told from."""
    partners = await partners_of(work, application.id)
    written = await work.rows(
        "SELECT DISTINCT submitted_by FROM application_versions WHERE application_id = %(id)s", {"id": application.id}
    )
    return {
        "id": str(application.id),
        "title": application.title,
        "label": application.label,
        "organisations": [
            {"id": str(application.lead_id), "name": application.lead_name, "role": "lead"},
            *({"id": str(one.organisation_id), "name": one.name, "role": "partner"} for one in partners),
        ],
        "subjects": sorted({application.drafted_by, *(row["submitted_by"] for row in written)}),
    }
