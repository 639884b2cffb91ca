"""Reads about assignments, for the programme office alone."""

import asyncio
from collections.abc import Sequence, Set
from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.applications.queries import LABEL, involved
from services.project_management.assignments import matching, rules, suspects, works
from services.project_management.assignments.authors import authors, competing_with
from services.project_management.assignments.conflicts import WAIVABLE, Conflicts
from services.project_management.assignments.model import Assignment
from services.project_management.assignments.namesakes import alike, named_instead
from services.project_management.assignments.schemas import AssignmentCreate, ConflictDecisionCreate
from services.project_management.assignments.sources import found_ties
from services.project_management.calls.model import Call
from services.project_management.calls.rules import CallNotReady
from services.project_management.people.queries import experts
from services.project_management.reviews import rules as review_rules
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import State
from shared.db.work import Rows, Work
from shared.kernel.clock import local_day
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_


def demand(application: str, call: str) -> str:
    """SQL for: how many experts are to review the application, in terms of rows of that name."""
    return f"""coalesce((SELECT d.number FROM reviewer_demands d WHERE d.application_id = {application}.id
                         ORDER BY d.id DESC LIMIT 1), {call}.reviewers_per_application)"""  # noqa: S608


async def demands_of(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """The applications that are to be reviewed by another number of experts than their call names."""
    return await rows.rows(
        """SELECT * FROM (SELECT DISTINCT ON (application_id) id, application_id, number, reason, asked_by, asked_at
                          FROM reviewer_demands WHERE call_id = %(call)s ORDER BY application_id, id DESC) last
           WHERE number IS NOT NULL ORDER BY id""",
        {"call": call_id},
    )


async def is_involved(rows: Rows, call_id: UUID) -> bool:
    """Whether an organisation of the actor, in whatever role, has applied to the call."""
    own = {"call": call_id, "own": list(rows.actor.organisations())}
    return await rows.row(f"SELECT 1 WHERE {involved('%(call)s')}", own) is not None


async def require_uninvolved(rows: Rows, call_id: UUID) -> None:
    """Who belongs to an organisation that applied may neither assign nor rank nor learn who reviews.

    Raises OwnApplication.
    """
    if await is_involved(rows, call_id):
        raise rules.OwnApplication(
            N_("An organisation you act for has applied to this call. Somebody else of the office has to do this.")
        )


async def require_unsettled(rows: Rows, call_id: UUID) -> None:
    """What was reviewed stays as it is while a list that rests on it is approved or shown. Raises CallNotReady."""
    if await rows.row(
        "SELECT 1 FROM decisions WHERE call_id = %(id)s AND state IN ('in_approval', 'in_notice')", {"id": call_id}
    ):
        raise CallNotReady(
            N_("The decision is being approved or shown in public. Reviewers change only after it was returned.")
        )


async def call_for_office(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The call as the office needs it, for who may read the applications to it. Raises NotFound, OwnApplication."""
    call = await rows.row(
        f"""SELECT id, version, title, title_zh, field, state, label, reviewers_per_application, budget_amount,
                  budget_currency, closes_at, criteria, portfolio, award_terms, organisation_id
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
                  affinity, state, CASE WHEN state IN ('declined', 'set_aside') THEN reason ELSE '' END AS reason, named
           FROM reviews WHERE call_id = %(call)s AND state <> 'withdrawn'
           ORDER BY application_id, expert_name, id""",
        {"call": call_id},
    )
    row["decisions"] = await conflict_decisions(rows, call_id)
    row["potential"] = await potential(rows, call_id)
    row["demands"] = await demands_of(rows, call_id)
    return row


async def potential(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """What came up about reviewers after the assignment, declared by people of applications or learnt of anybody, for a
    named officer to confirm or waive: nothing is set aside by the applicants' own word, nor by a register's alone."""
    waiting = await suspects.learnt(rows, call_id)
    if pairs := await suspects.declared_by_applicants(rows, call_id):
        people = await experts(rows, sorted({one["expert_id"] for one in pairs}))
        inputs = await conflict_inputs(rows, call_id, sorted({one["application_id"] for one in pairs}), people)
        found = {tuple(_pair(one).values()): one for one in pairs}
        waiting += [
            {**found[one["application_id"], one["expert_id"]], "kind": one["kind"], "reason": one["reason"]}
            for one in inputs["ties"]
            if one.get("by") == "applicants" and (one["application_id"], one["expert_id"]) in found
        ]
    decided = {(*_pair(one).values(), one["kind"]) for one in await conflict_decisions(rows, call_id)}
    shown = {(*_pair(one).values(), one["kind"]): one for one in waiting}
    return [one for pair, one in shown.items() if pair not in decided]


async def conflict_decisions(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """The last decision about each kind of conflict of each pair, newest first; without those taken back."""
    found = await rows.rows(
        """SELECT DISTINCT ON (application_id, expert_id, kind) id, application_id, expert_id, expert, kind, decision,
                  reason, decided_by, decided_at
           FROM conflict_decisions WHERE call_id = %(call)s ORDER BY application_id, expert_id, kind, id DESC""",
        {"call": call_id},
    )
    return sorted((one for one in found if one["decision"] != "lift"), key=lambda one: str(one["id"]), reverse=True)


async def plan_before(rows: Rows, last: Assignment) -> list[tuple[str, str]]:
    """The pairs of the assignment before this one; none before the first."""
    row = await rows.row(
        """SELECT trace #> '{result,assignments}' AS plan FROM assignments
           WHERE call_id = %(call)s AND number = %(number)s""",
        {"call": last.call_id, "number": last.number - 1},
    )
    return [(one["application_id"], one["expert_id"]) for one in (row["plan"] if row else ())]


async def fields_for_change(rows: Rows, last: Assignment, give: Sequence[dict[str, str]]) -> AssignmentCreate:
    """The limits of the run before, with its experts that are still experts and whoever is given. Experts' own limits
    hold, the run's does not: an officer may ask more of one."""
    wanted = {UUID(one["id"]) for one in last.trace["inputs"]["experts"]}
    still = {one["id"] for one in await experts(rows)} & wanted
    ids = still | {UUID(one["expert_id"]) for one in give}
    mode = last.trace["inputs"].get("mode", "total")
    return AssignmentCreate(expert_ids=sorted(ids), seed=last.seed, cap=50, bound=last.bound, mode=mode)


def require_known(give: Sequence[dict[str, str]], inputs: dict[str, Any]) -> None:
    """Raises Invalid for pairs of something else."""
    competing, people = ({one["id"] for one in inputs[side]} for side in ("applications", "experts"))
    faults = [
        {"pointer": f"/give/{n}", "detail": N_("This application or this expert takes no part in the call.")}
        for n, one in enumerate(give)
        if one["application_id"] not in competing or one["expert_id"] not in people
    ]
    if faults:
        raise Invalid(N_("Some of these people cannot review."), errors=faults)


async def require_decidable(
    work: Work, call: Call, applications: Sequence[Application], fields: ConflictDecisionCreate
) -> tuple[str, str]:
    """The expert's name and the kind of conflict that is decided, where the application and the expert are of the call
    and, to set a conflict aside, there is one that may be. Raises Invalid."""
    application = [one for one in applications if one.id == fields.application_id]
    expert = await experts(work, [fields.expert_id])
    if not application or not expert:
        raise Invalid.field("/expert_id", N_("This application or this expert takes no part in the call."))
    name = str(expert[0]["name"])
    if fields.decision in ("waive", "confirm"):
        # All experts, for two of them who both apply here may not review each other.
        inputs = await conflict_inputs(work, call.id, [one.id for one in applications], await experts(work))
        place = next(i for i, one in enumerate(inputs["applications"]) if one["id"] == str(fields.application_id))
        found = [one for one in Conflicts(inputs).of(place) if one["expert_id"] == str(fields.expert_id)]
        kinds = [one["kind"] for first in found for one in (first, *first.get("further", ()))]
        if not kinds:
            raise Invalid.field("/decision", N_("There is no conflict between the two."))
        kind = fields.kind or kinds[0]
        if kind not in kinds:
            raise Invalid.field("/kind", N_("There is no such conflict between the two, or it is waived already."))
        if fields.decision == "waive" and kind not in WAIVABLE:
            raise Invalid.field("/decision", N_("This conflict is a fact that no reason changes."))
        return name, kind
    if fields.decision == "enter":
        return name, "entered"
    pair = fields.application_id, fields.expert_id
    made = await conflict_decisions(work, call.id)
    kinds = [one["kind"] for one in made if (one["application_id"], one["expert_id"]) == pair]
    return name, fields.kind if fields.kind in kinds else next(iter(kinds), "")


async def assignment_inputs(
    work: Work, call: Call, applications: Sequence[Application], known: Sequence[Review], fields: AssignmentCreate
) -> dict[str, Any]:
    """Everything an assignment depends on, as plain values. Raises Invalid for people who are no experts."""
    chosen = await experts(work, fields.expert_ids or None, reviewing=not fields.expert_ids)
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
    everybody = [one["id"] for one in chosen]
    left = [one.expert_id for one in kept if one.expert_id not in set(everybody)]
    places = {one["id"]: place_of(one) for one in [*chosen, *(await experts(work, left) if left else ())]}
    told = await conflict_inputs(work, call.id, [one.id for one in applications], chosen)
    return {
        **told,
        "call_id": str(call.id),
        "field": call.field,
        "seed": fields.seed,
        "mode": fields.mode,
        "spread": {"organisation": fields.per_organisation or None, "region": fields.per_region or None},
        "widened": _widened(fields, competing, list(places.values())),
        "bound": fields.bound,
        "demand": call.reviewers_per_application,
        # Left out where there are none, as in the traces from before there were any.
        **({"demands": asked} if (asked := await _demands(work, call.id)) else {}),
        "experts": [
            # Who was named and may not review is shown with every conflict, and carries nothing.
            _expert(one, max(0, min(fields.cap, one["review_cap"] - elsewhere.get(one["id"], 0))) * one["reviewing"])
            for one in chosen
        ],
        "affinities": await asyncio.to_thread(matching.affinities, texts, len(chosen)),
        "named": named_instead(known, chosen),
        "bids": await _bids(work, call.id, competing, {one["id"] for one in chosen}),
        "declared": [
            *told["declared"],
            *(
                {
                    "application_id": str(one.application_id),
                    "expert_id": str(one.expert_id),
                    "reason": one.reason,
                    "conflict": one.conflict,
                }
                for one in known
                if one.state == State.DECLINED.value
            ),
        ],
        "kept": sorted(
            ({**_of_review(one), **places.get(one.expert_id, NOWHERE)} for one in kept),
            key=lambda pair: (pair["application_id"], pair["expert_id"]),
        ),
    }


async def _demands(rows: Rows, call_id: UUID) -> dict[str, int]:
    return {str(one["application_id"]): one["number"] for one in await demands_of(rows, call_id)}


async def conflict_inputs(
    rows: Rows, call_id: UUID, application_ids: Sequence[UUID], people: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What conflicts are found from, but for what invited reviewers declared."""
    set_by = await rows.row("SELECT terms FROM calls WHERE id = %(call)s", {"call": call_id})
    policy = rules.ConflictPolicy.stored(set_by["terms"]) if set_by else rules.POLICY
    competing = await competing_with(rows, application_ids)
    decided = await conflict_decisions(rows, call_id)
    return {
        "as_of": local_day(rows.now).isoformat(),
        "applications": competing,
        "experts": [_expert(one, one["review_cap"]) for one in people],
        "alike": alike(competing, await authors(rows, competing), people),
        "policy": policy.as_inputs(),
        "ties": await found_ties(rows, competing, people, policy),
        "waived": [_pair(one) | {"kind": one["kind"]} for one in decided if one["decision"] == "waive"],
        "entered": [_pair(one) | {"reason": one["reason"]} for one in decided if _stands_entered(one)],
        "declared": [
            _pair(one) | {"reason": one["reason"], "conflict": True}
            for one in await rows.rows(
                """SELECT application_id, expert_id, reason FROM bids
                   WHERE call_id = %(call)s AND bid = 'conflict' AND application_id = ANY(%(ids)s)
                   ORDER BY application_id, expert_id""",
                {"call": call_id, "ids": list(application_ids)},
            )
        ],
    }


def _stands_entered(one: dict[str, Any]) -> bool:
    """What an office recorded stands when somebody confirms it too."""
    return one["decision"] == "enter" or (one["decision"], one["kind"]) == ("confirm", "entered")


async def _bids(rows: Rows, call_id: UUID, competing: Set[UUID], people: Set[UUID]) -> list[dict[str, str]]:
    """What these experts bid on these applications; a conflict declared beside is none of it."""
    found = await rows.rows(
        """SELECT application_id, expert_id, bid FROM bids WHERE call_id = %(call)s AND bid <> 'conflict'
           ORDER BY application_id, expert_id""",
        {"call": call_id},
    )
    return [
        _pair(one) | {"bid": one["bid"]}
        for one in found
        if one["application_id"] in competing and one["expert_id"] in people
    ]


async def require_bids_in(rows: Rows, call_id: UUID) -> None:
    """Nobody is assigned while experts are still asked. Raises CallNotReady."""
    if await rows.row(
        "SELECT 1 FROM biddings WHERE call_id = %(id)s AND state = 'open' AND due_at > %(now)s",
        {"id": call_id, "now": rows.now},
    ):
        raise CallNotReady(N_("Experts are still bidding. Close the bidding first, or wait until its time is over."))


def _expert(one: dict[str, Any], cap: int) -> dict[str, Any]:
    return {
        "id": str(one["id"]),
        "name": one["name"],
        "subject": one["subject"],
        "fields": one["fields"],
        "cap": cap,
        "clearance": one["clearance"],
        "employers": one["employers"],
        "acts_for": sorted(one["acts_for"]),
        **place_of(one),
    }


NOWHERE: dict[str, Any] = {"organisation": None, "region": None}


def place_of(one: dict[str, Any]) -> dict[str, Any]:
    """Where an expert counts for the spread: where they work now."""
    place = one["place"] if one["place"] and one["place"]["id"] else None
    return {
        "organisation": {"id": place["id"], "name": place["name"]} if place else None,
        "region": place["region"] or None if place else None,
    }


def _of_review(one: Review) -> dict[str, Any]:
    return {"application_id": str(one.application_id), "expert_id": str(one.expert_id), "expert": one.expert_name}


def _widened(fields: AssignmentCreate, competing: Set[UUID], places: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The exceptions from the spread with the names of the groups. Raises Invalid for one of nothing there."""
    names = {
        "organisation": {
            one["organisation"]["id"]: one["organisation"]["name"] for one in places if one["organisation"]
        },
        "region": {one["region"]: one["region"] for one in places if one["region"]},
    }
    faults = [
        {"pointer": f"/exceptions/{n}", "detail": N_("No expert of this call comes from there.")}
        for n, one in enumerate(fields.exceptions)
        if one.application_id not in competing or one.group not in names[one.of]
    ]
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    return [
        {
            "application_id": str(one.application_id),
            "kind": one.of,
            "group": one.group,
            "name": names[one.of][one.group],
            "more": one.more,
            "reason": fields.exception_reason,
        }
        for one in fields.exceptions
    ]


def _pair(one: dict[str, Any]) -> dict[str, str]:
    return {"application_id": str(one["application_id"]), "expert_id": str(one["expert_id"])}
