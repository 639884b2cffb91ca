"""Reads about partners that left: for the application's organisations and the offices, each as far as it concerns."""

from typing import Any
from uuid import UUID

from services.project_management.applications.facts import told_inputs
from services.project_management.applications.queries import visible
from services.project_management.departures import rules
from services.project_management.standing.rules import OVERSEERS
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role

_SELECT = """
SELECT d.id, d.version, d.application_id, d.organisation_id, d.name, d.reason, d.created_at AS left_at, d.state,
       d.due_at, d.successor_id, d.successor_name, d.how, d.sha256, d.trace, d.submitted_amount
FROM application_departures d
"""
_MEMBERS = (Role.APPLICANT, Role.REPRESENTATIVE)


async def departures(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """An application with the partners that left it. Raises NotFound.

    Who left reads its own statement alone, also when it sees nothing else of the application any more; who is asked to
    take a part reads of that one, without the reason and the standing of others.
    """
    row = await rows.row(
        """SELECT a.id AS application_id, a.version, a.title, a.call_id, a.call_title, a.state, a.label, a.lead_id,
                  a.lead_name, a.requested_amount, a.requested_currency, a.submitted_version,
                  coalesce(a.leader, a.drafted_by) AS leader
           FROM applications a WHERE a.id = %(id)s AND a.label = ANY(%(labels)s)""",
        {"id": application_id, "labels": rows.actor.clearance.readable_labels()},
    )
    own = rows.actor.organisations(*_MEMBERS)
    parts = await rows.rows(
        """SELECT organisation_id, name, answer, left_at, departure_id FROM application_partners
           WHERE application_id = %(id)s ORDER BY position""",
        {"id": application_id},
    )
    sees = bool(row) and bool(await visible(rows, [application_id]))
    found = await rows.rows(_SELECT + "WHERE d.application_id = %(id)s ORDER BY d.id", {"id": application_id})
    left = [one for one in found if one["organisation_id"] in own]
    if row is None or not (sees or left):
        raise NotFound(N_("There is no application here that you may see."))
    amount = row.pop("requested_amount")
    if not sees:  # what is asked for since is between the others and the office
        amount = left[-1]["submitted_amount"]
    row["requested"] = {"amount": amount, "currency": row.pop("requested_currency")}
    row["sees"], row["partners"] = sees, parts
    writer = row.pop("leader")
    oversees = rows.actor.has(Role.PROGRAMME_OFFICER, *OVERSEERS) and sees
    inside = {row["lead_id"], *(one["organisation_id"] for one in parts if _takes_part(one))}
    if not (oversees or own & inside):
        asked = [one for one in found if sees and one["successor_id"] in own]
        shown = [_for_the_asked(one) for one in asked] + [_for_the_gone(one) for one in left if one not in asked]
        return {**row, "items": shown}
    return {**row, "items": [{**one, "trace": await _told(rows, one["trace"], writer)} for one in found]}


async def departure(rows: Rows, departure_id: UUID) -> dict[str, Any]:
    """One of them, as far as the asker may read it. Raises NotFound."""
    row = await rows.row("SELECT application_id FROM application_departures WHERE id = %(id)s", {"id": departure_id})
    if row:
        for one in (await departures(rows, row["application_id"]))["items"]:
            if one["id"] == departure_id:
                return dict(one)
    raise NotFound(S_("There is no %(thing)s here that you may see.", thing="departure"))


async def of_call(rows: Rows, call_id: UUID) -> list[Row]:
    """The departures from applications that compete in a call, for who may read its ranking."""
    return await rows.rows(
        """SELECT d.application_id, d.name, d.created_at AS left_at, d.state, d.due_at, d.successor_name, d.how
           FROM application_departures d JOIN applications a ON a.id = d.application_id
           WHERE d.call_id = %(call)s AND a.state NOT IN ('draft', 'withdrawn') ORDER BY d.id""",
        {"call": call_id},
    )


async def beside_application(rows: Rows, application_id: UUID) -> list[Row]:
    """For the page of an application: partners that left, with the open ones first."""
    return await rows.rows(
        """SELECT name, state, due_at, successor_name FROM application_departures WHERE application_id = %(id)s
           ORDER BY state NOT IN ('open', 'asked'), id""",
        {"id": application_id},
    )


async def require_settled(rows: Rows, call_id: UUID) -> None:
    """Nothing is decided of an application while it is open who does the part of a partner. Raises DepartureOpen."""
    row = await rows.row(
        """SELECT a.title, d.name, d.due_at FROM application_departures d JOIN applications a ON a.id = d.application_id
           WHERE d.call_id = %(call)s AND d.state IN ('open', 'asked') AND a.state NOT IN ('draft', 'withdrawn')
           ORDER BY d.due_at LIMIT 1""",
        {"call": call_id},
    )
    if row:
        raise rules.DepartureOpen(
            S_(
                "%(name)s has left “%(title)s”. Wait until its lead has answered, or until %(due)s (UTC): then the "
                "application is withdrawn.",
                name=row["name"],
                title=row["title"],
                due=f"{row['due_at']:%Y-%m-%d %H:%M}",
            )
        )


def _takes_part(one: Row) -> bool:
    return one["left_at"] is None and (one["departure_id"] is None or one["answer"] == "consented")


def _for_the_asked(one: Row) -> Row:
    return {**one, "reason": "", "trace": None}


def _for_the_gone(one: Row) -> Row:
    blank = {"state": None, "due_at": None, "successor_id": None, "successor_name": "", "how": ""}
    return {**one, **blank, "sha256": None, "trace": None}


async def _told(rows: Rows, trace: dict[str, Any] | None, writer: str) -> dict[str, Any] | None:
    """Of the standing of others each reads what eligibility tells them of it."""
    if trace is None:
        return None
    inputs = trace["inputs"]
    told = rules.anew({**inputs, "eligibility": await told_inputs(rows, inputs["eligibility"], writer)})
    return DecisionTrace.model_dump(told, mode="json")
