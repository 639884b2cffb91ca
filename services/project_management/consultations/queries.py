"""Reads about consultations: whom to ask, what was answered, what priority follows."""

from datetime import date
from typing import Any
from uuid import UUID

from services.project_management.consultations import rules
from services.project_management.people.queries import experts
from services.project_management.requirements.queries import VISIBLE, one, organisations_of, requirement
from services.project_management.requirements.rules import HIDDEN, READING, State, require_uninvolved
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_


async def for_office(rows: Rows, requirement_id: UUID) -> dict[str, Any]:
    """The requirement, for overseers who have no part in it: who is asked and what is said is not for the others.

    Raises NotFound, OwnRequirement.
    """
    row = await requirement(rows, requirement_id)
    if State(row["state"]) in HIDDEN:
        raise NotFound(N_("There is no requirement here that you may see."))
    require_uninvolved(rows.actor, {one["id"] for one in await organisations_of(rows, requirement_id)})
    return row


async def candidates(rows: Rows, requirement_id: UUID, ids: list[UUID] | None = None) -> list[dict[str, Any]]:
    """Experts who can sign in, those of the requirement's field first, each with why they may not be asked.

    Raises NotFound.
    """
    query = f"SELECT r.field, r.label, r.author FROM requirements r WHERE r.id = %(id)s AND {VISIBLE}"  # noqa: S608
    asking = await one(rows, query, {"id": requirement_id})
    asked = await invited(rows, requirement_id)
    about = {
        "organisations": {str(one["id"]): one["name"] for one in await organisations_of(rows, requirement_id)},
        "author": asking["author"],
        "label": asking["label"],
        "as_of": date.fromisoformat(rows.now.date().isoformat()),
        "recused": {str(one["expert_id"]): one["reason"] for one in asked if one["state"] == "recused"},
    }
    known = {one["expert_id"]: one["state"] for one in asked}
    found = [
        {
            "id": expert["id"],
            "name": expert["name"],
            "name_zh": expert["name_zh"],
            "subject": expert["subject"],
            "fields": expert["fields"],
            "knows": rules.knows(asking["field"], expert["fields"]),
            "barred": rules.barred(expert, about),
            "opinion": known.get(expert["id"]),
        }
        for expert in await experts(rows, ids, reviewing=True)
    ]
    return sorted(found, key=lambda expert: not expert["knows"])


async def invited(rows: Rows, requirement_id: UUID) -> list[Row]:
    """Whoever was asked, by name, with how they answered. For the programme office alone."""
    return await rows.rows(
        """SELECT id, expert_id, expert_name, state, importance, feasibility, comment, reason, due_at, answered_at
           FROM requirement_opinions WHERE requirement_id = %(id)s ORDER BY expert_name, id""",
        {"id": requirement_id},
    )


async def priority_inputs(rows: Rows, requirement_id: UUID, chosen: dict[str, str] | None = None) -> dict[str, Any]:
    """What the rule decides on. The ratings stand in order of size: nothing in them leads to a name."""
    urgency = await rows.row("SELECT urgency FROM requirements WHERE id = %(id)s", {"id": requirement_id})
    assert urgency
    ratings = await rows.rows(
        """SELECT importance, feasibility FROM requirement_opinions
           WHERE requirement_id = %(id)s AND state = 'given' ORDER BY importance, feasibility""",
        {"id": requirement_id},
    )
    return {
        "urgency": urgency["urgency"],
        "ratings": ratings,
        "organisations": len(await organisations_of(rows, requirement_id)),
        "chosen": chosen,
    }


async def own_opinion(rows: Rows, requirement_id: UUID) -> dict[str, Any]:
    """The actor's own invitation with what it is about. Raises NotFound for everybody who was not asked."""
    row = await rows.row(
        """SELECT o.requirement_id, o.requirement_title, o.version, o.state, o.importance, o.feasibility, o.comment,
                  o.due_at, r.title, r.title_zh, r.problem, r.indicators, r.field, r.stage, r.urgency, r.label,
                  r.organisation_name, r.state AS requirement_state
           FROM requirement_opinions o JOIN requirements r ON r.id = o.requirement_id
           WHERE o.requirement_id = %(id)s AND o.expert_subject = %(me)s AND o.state = ANY(%(reading)s)
             AND r.label = ANY(%(labels)s)""",
        {
            "id": requirement_id,
            "me": rows.actor.subject,
            "reading": [state.value for state in READING],
            "labels": rows.actor.clearance.readable_labels(),
        },
    )
    if row is None:
        raise NotFound(N_("There is no requirement here that you may see."))
    return row
