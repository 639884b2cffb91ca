"""Reads about panel meetings: for the members, each without what it is recused from, and for the offices."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.applications.queries import involved
from services.project_management.assignments.conflicts import Conflicts
from services.project_management.assignments.queries import conflict_inputs
from services.project_management.panels import rules
from services.project_management.people.queries import experts
from services.project_management.reviews.queries import OVERSEERS
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import S_

Recusals = dict[tuple[UUID, UUID], str]
"""(application, person) → why the person does not judge it."""


async def panel(rows: Rows, panel_id: UUID) -> dict[str, Any]:
    """One meeting as the asker may read it. Raises NotFound, also to who has a part in its call."""
    row = await rows.row(
        f"""SELECT p.id, p.version, p.call_id, p.call_title, p.office_id, p.office_name, p.label, p.state,
                   p.state_reason, p.meets_at, p.place, p.content, p.sha256, p.closed_at
            FROM panels p WHERE p.id = %(id)s AND p.label = ANY(%(labels)s) AND NOT {involved("p.call_id")}
              AND (%(office)s OR EXISTS (SELECT FROM panel_members m
                                         WHERE m.panel_id = p.id AND m.subject = %(subject)s))""",  # noqa: S608 -- constants only
        _asking(rows) | {"id": panel_id},
    )
    if row is None:
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="panel"))
    members = await rows.rows(
        """SELECT person_id, name, subject, chair, declared, recused, confirmed_at FROM panel_members
           WHERE panel_id = %(id)s ORDER BY NOT chair, name, person_id""",
        {"id": panel_id},
    )
    items = await rows.rows(
        """SELECT application_id, number, title, rank, mean, proposed, requested_amount, requested_currency,
                  recommendation, note, conditions, reason, in_favour, against, abstained
           FROM panel_items WHERE panel_id = %(id)s ORDER BY number""",
        {"id": panel_id},
    )
    recused = await recusals(rows, row["call_id"], [one["application_id"] for one in items], members)
    me = next((one for one in members if one["subject"] == rows.actor.subject), None)
    comments = await _comments(rows, [one["application_id"] for one in items])
    shown = [_item(one, members, recused, me, comments) for one in items]
    return {
        **row,
        "members": members,
        "items": sorted(shown, key=lambda one: one["recused"]),
        "me": me,
        "recusals": recused,
    }


async def recusals(rows: Rows, call_id: UUID, application_ids: Sequence[UUID], members: Sequence[Row]) -> Recusals:
    """Who of the members may not judge what, as the meeting keeps it: what is learnt later changes no closed minutes.
    Only a meeting from before it was kept is searched for."""
    if any(one["recused"] is None for one in members):
        return await found_recusals(rows, call_id, application_ids, members)
    return {(UUID(id), one["person_id"]): reason for one in members for id, reason in one["recused"].items()}


async def found_recusals(
    rows: Rows, call_id: UUID, application_ids: Sequence[UUID], members: Sequence[Row]
) -> Recusals:
    """The same, worked out now by the rules for reviewers, from what members declared as such and what they declare."""
    people = await experts(rows, [one["person_id"] for one in members])
    inputs = await conflict_inputs(rows, call_id, application_ids, people)
    inputs["declared"] += await rows.rows(
        """SELECT application_id::text, expert_id::text, reason, conflict FROM reviews
           WHERE call_id = %(call)s AND state = 'declined' AND conflict""",
        {"call": call_id},
    )
    known = Conflicts(inputs)
    found = {
        (UUID(one["application_id"]), UUID(one["expert_id"])): one["reason"]
        for i in range(len(inputs["applications"]))
        for one in known.of(i)
    }
    # Who is no expert any more is known too little to judge.
    present = {one["id"] for one in people}
    for member in members:
        for id in application_ids:
            if member["person_id"] not in present:
                found.setdefault((id, member["person_id"]), "")
            elif str(id) in member["declared"]:
                found[id, member["person_id"]] = member["declared"][str(id)]
    return found


async def panels(rows: Rows) -> list[dict[str, Any]]:
    """The meetings that the asker sits in, or, for the offices, all; the next and newest first."""
    return await rows.rows(
        f"""SELECT p.id, p.call_id, p.call_title, p.state, p.meets_at, p.place, p.closed_at,
                   (SELECT m.chair FROM panel_members m WHERE m.panel_id = p.id AND m.subject = %(subject)s) AS chair
            FROM panels p WHERE p.label = ANY(%(labels)s) AND NOT {involved("p.call_id")}
              AND (%(office)s OR EXISTS (SELECT FROM panel_members m
                                         WHERE m.panel_id = p.id AND m.subject = %(subject)s))
            ORDER BY p.meets_at DESC, p.id LIMIT 200""",  # noqa: S608 -- constants only
        _asking(rows),
    )


async def of_call(rows: Rows, call_id: UUID) -> Row | None:
    """The newest meeting of a call that was not called off."""
    return await rows.row(
        """SELECT id, state FROM panels WHERE call_id = %(call)s AND state <> 'cancelled'
           ORDER BY created_at DESC LIMIT 1""",
        {"call": call_id},
    )


async def undecided(rows: Rows, call_id: UUID) -> bool:
    """Whether a panel may still change what is decided in a call."""
    return bool(
        await rows.row(
            """SELECT 1 FROM calls c WHERE c.id = %(call)s AND c.state = 'deciding' AND NOT EXISTS (
                 SELECT FROM decisions d WHERE d.call_id = c.id AND d.state IN ('in_approval', 'in_notice'))""",
            {"call": call_id},
        )
    )


def _asking(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "own": list(rows.actor.organisations()),
        "office": rows.actor.has(*OVERSEERS),
        "subject": rows.actor.subject,
    }


def _item(
    one: Row, members: Sequence[Row], recused: Recusals, me: Row | None, comments: dict[UUID, list[Row]]
) -> dict[str, Any]:
    id = one["application_id"]
    out = [member for member in members if (id, member["person_id"]) in recused]
    if me is not None and me in out:
        blank = dict.fromkeys(("number", "rank", "mean", "proposed", "requested", "recommendation", "eligible"))
        words = dict.fromkeys(("note", "conditions", "reason"), "")
        votes = dict.fromkeys(("in_favour", "against", "abstained"), 0)
        return {"application_id": id, "title": one["title"], "recused": True, "recusals": [], "comments": []} | (
            blank | words | votes
        )
    return {
        **one,
        "requested": {"amount": one["requested_amount"], "currency": one["requested_currency"]},
        "recused": False,
        "eligible": len(members) - len(out),
        "recusals": [
            {"name": member["name"], "reason": "" if me else recused[id, member["person_id"]]} for member in out
        ],
        "comments": comments.get(id, []),
    }


async def _comments(rows: Rows, ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """What reviewers say, without their names; sorted by a hash, for ids would be in the order of reviewers."""
    found: dict[UUID, list[Row]] = {}
    for one in await rows.rows(
        """SELECT application_id, total::text AS score, to_panel, to_applicant FROM reviews
           WHERE application_id = ANY(%(ids)s) AND state = 'completed' ORDER BY md5(id::text)""",
        {"ids": list(ids)},
    ):
        found.setdefault(one["application_id"], []).append(one)
    return found


async def candidates(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """Experts who may be asked, those who reviewed in the call first; none who holds any role for whoever applied, for
    nobody of theirs is shown the meeting."""
    reviewed = {
        row["expert_id"]
        for row in await rows.rows(
            "SELECT DISTINCT expert_id FROM reviews WHERE call_id = %(call)s AND state = 'completed'", {"call": call_id}
        )
    }
    theirs = {
        row["subject"]
        for row in await rows.rows(
            """SELECT DISTINCT subject FROM access_grants WHERE organisation_id = ANY(%(applied)s)
               AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > %(now)s)""",
            {"applied": list(await applicants(rows, call_id)), "now": rows.now},
        )
    }
    found = [
        {**one, "reviewed": one["id"] in reviewed}
        for one in await experts(rows, reviewing=True)
        if one["subject"] not in theirs
    ]
    return sorted(found, key=lambda one: not one["reviewed"])


async def applicants(rows: Rows, call_id: UUID) -> set[UUID]:
    """The organisations that have applied to a call, or did until they left."""
    found = await rows.rows(
        """SELECT lead_id AS id FROM applications WHERE call_id = %(call)s AND submitted_at IS NOT NULL
           UNION SELECT p.organisation_id FROM application_partners p JOIN applications a ON a.id = p.application_id
           WHERE a.call_id = %(call)s AND a.submitted_at IS NOT NULL""",
        {"call": call_id},
    )
    return {row["id"] for row in found}


def records(found: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether the asker writes down what the panel says of an item: the chair, or, where the chair is recused, any
    member who is not."""
    me = found["me"]
    if me is None or item["recused"] or found["state"] != rules.State.IN_SESSION.value:
        return False
    chair = next(one for one in found["members"] if one["chair"])
    return bool(me["chair"]) or (item["application_id"], chair["person_id"]) in found["recusals"]
