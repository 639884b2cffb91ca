"""What the clock does about a conflict of interest that comes to light after the assignment.

Two records of people turn out to be one, or an expert goes to work for an applicant: the review is set aside and named,
the office finds another reviewer, and a decision that rests on it and is not final goes back. What is weaker, work and
inventions together, reviews of each other, records that may be one person, waits for a named officer.
"""

from itertools import groupby
from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.assignments import suspects
from services.project_management.assignments.actions import last_assignment, look_for_gaps_anew
from services.project_management.assignments.conflicts import Conflicts
from services.project_management.assignments.queries import conflict_decisions, conflict_inputs, potential
from services.project_management.calls.model import Call
from services.project_management.calls.rules import State as CallState
from services.project_management.decisions.model import Decision
from services.project_management.decisions.rules import State as DecisionState
from services.project_management.people.queries import experts
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import ANSWERED, OPEN, State
from shared.db.work import Work
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel

AT_ONCE = 50
"""Reviews, or people of whom something was learnt, that are looked at closely in one round."""
MOST_DOUBLINGS = 10
"""A search that fails is made again after a minute, then after two, and in the end about every 17 hours."""
WAITING = frozenset({"maybe_author", "co_applicant", "co_inventor", "reciprocal"})
"""Kinds that registers and names tell of: they set nothing aside before a named officer confirms them."""


async def set_aside_conflicted(work: Work) -> None:
    """By the clock: each review whose pair the assignment would refuse today is set aside, where something was learnt,
    declared, granted or decided that may tie them; and the office is asked no more where nothing waits."""
    await look_at_touched(work)
    for call_id in await suspects.calls_asked(work):
        async with work.apart(call=call_id):
            await _ask(work, call_id)
        await work.commit()


async def look_at_touched(work: Work) -> None:
    """By the clock: of whom something was learnt, the ties to running reviews are searched for, call by call, and for
    nobody else's.

    Who is concerned by a call whose search failed is looked at again, each time after twice as long.
    """
    found = await suspects.touched(work, AT_ONCE)
    if not found:
        return
    pairs = await suspects.near(work, [row["key"] for row in found])
    calls = {id: list(some) for id, some in groupby(pairs, key=lambda one: one["call_id"])}
    failed = set(calls)
    for call_id, some in calls.items():
        async with work.apart(call=call_id):
            for review_id in await _weigh(work, call_id, some):
                await _look(work, call_id, review_id)
            await _ask(work, call_id)
            await work.flush()
            failed.discard(call_id)
        await work.commit()
    again = []
    for row in found if failed else ():
        if failed & {one["call_id"] for one in await suspects.near(work, [row["key"]])}:
            again.append(row["key"])
    # Not of whom something was learnt meanwhile: that was not looked at. Nor is waited for whoever is learning it.
    over = """key IN (SELECT key FROM touched_people
                     WHERE (key, touched_at) IN (SELECT * FROM unnest(%(keys)s::text[], %(at)s::timestamptz[]))
                     FOR UPDATE SKIP LOCKED)"""
    values = {"keys": [row["key"] for row in found], "at": [row["touched_at"] for row in found]}
    await work.execute(
        f"""UPDATE touched_people SET failed = failed + 1,
                   touched_at = %(now)s + make_interval(mins => 1 << least(failed, %(most)s))
            WHERE key = ANY(%(again)s) AND {over}""",  # noqa: S608 -- constants only
        values | {"now": work.now, "again": again, "most": MOST_DOUBLINGS},
    )
    await work.execute(
        f"DELETE FROM touched_people WHERE NOT key = ANY(%(again)s) AND {over}",  # noqa: S608 -- constants only
        values | {"again": again},
    )


async def _weigh(work: Work, call_id: UUID, pairs: list[dict[str, Any]]) -> list[UUID]:
    """Keep what waits for an officer, in place of what was found of these pairs before; the reviews to look at closely,
    for what is between the pair waits for nobody."""
    reviews = {(str(one["application_id"]), str(one["expert_id"])): one["id"] for one in pairs}
    people = await experts(work, sorted({one["expert_id"] for one in pairs}))
    inputs = await conflict_inputs(work, call_id, sorted({one["application_id"] for one in pairs}), people)
    said = {
        (one["application_id"], one["expert_id"], one["kind"])
        for one in inputs["ties"]
        if one.get("by") == "applicants"
    }
    known = Conflicts(inputs)
    found = {
        (one["application_id"], one["expert_id"], why["kind"]): why["reason"]
        for i in range(len(inputs["applications"]))
        for one in known.of(i)
        for why in (one, *one.get("further", ()))
        if (one["application_id"], one["expert_id"]) in reviews
    }
    confirmed = {
        (str(one["application_id"]), str(one["expert_id"]), one["kind"])
        for one in await conflict_decisions(work, call_id)
        if one["decision"] == "confirm"
    }
    waits = {key: why for key, why in found.items() if (key[2] in WAITING or key in said) and key not in confirmed}
    sides = {"applications": [one[0] for one in reviews], "experts": [one[1] for one in reviews]}
    await work.execute(
        """DELETE FROM potential_conflicts WHERE (application_id, expert_id) IN
           (SELECT * FROM unnest(%(applications)s::uuid[], %(experts)s::uuid[]))""",
        sides,
    )
    await work.execute(
        """INSERT INTO potential_conflicts (call_id, application_id, expert_id, kind, reason, found_at)
           SELECT %(call)s, f.*, %(now)s
           FROM unnest(%(applications)s::uuid[], %(experts)s::uuid[], %(kinds)s::text[], %(reasons)s::text[]) f
           ON CONFLICT DO NOTHING""",
        {
            "call": call_id,
            "now": work.now,
            "applications": [key[0] for key in waits],
            "experts": [key[1] for key in waits],
            "kinds": [key[2] for key in waits],
            "reasons": list(waits.values()),
        },
    )
    return sorted({reviews[key[:2]] for key in found.keys() - waits.keys()})


async def _look(work: Work, call_id: UUID, review_id: UUID) -> None:
    seen = await work.get(Review, review_id, lock=False)
    if await _conflict(work, call_id, seen.application_id, seen.expert_id) is None:
        return
    call = await work.get(Call, call_id)
    await work.get(Application, seen.application_id)
    review = await work.get(Review, review_id)
    if call.state != CallState.DECIDING.value or State(review.state) not in (*OPEN, *ANSWERED):
        return
    why = await _conflict(work, call_id, review.application_id, review.expert_id)
    if why is None:
        return
    said = S_("A conflict of interest came to light after the assignment: %(reason)s", reason=why["reason"])
    done = review.set_aside(said, why["kind"])
    if done:
        work.emit(done)
    await look_for_gaps_anew(work, call)  # what the office was told to decide waits for another reviewer
    await _reopen(work, call)


async def _conflict(work: Work, call_id: UUID, application_id: UUID, expert_id: UUID) -> dict[str, Any] | None:
    """What the assignment would say of the pair today; None where it would say nothing, or a person waived it. What the
    applicants' side declared is its own word about its reviewers, and what registers and names tell may be a mistake:
    that counts once a named officer confirmed it."""
    people = await experts(work, [expert_id])
    inputs: dict[str, Any] = await conflict_inputs(work, call_id, [application_id], people)
    confirmed = {
        one["kind"]
        for one in await conflict_decisions(work, call_id)
        if (one["application_id"], one["expert_id"], one["decision"]) == (application_id, expert_id, "confirm")
    }
    inputs["ties"] = [one for one in inputs["ties"] if one.get("by") == "expert" or one["kind"] in confirmed]
    inputs["alike"] = [one for one in inputs["alike"] if one["strength"] == "certain" or "maybe_author" in confirmed]
    return next(iter(Conflicts(inputs).of(0)), None)


async def _ask(work: Work, call_id: UUID) -> None:
    """One task for all that waits to be confirmed or waived in a call."""
    waits = bool(await potential(work, call_id))
    call = await work.get(Call, call_id)
    last, label = await last_assignment(work, call_id), SecurityLabel(call.label)
    if last is None:
        return
    told = (
        last.conflict_opened(label) if waits and call.state == CallState.DECIDING.value else last.conflict_closed(label)
    )
    if told:
        work.emit(told)


async def _reopen(work: Work, call: Call) -> None:
    """A decision that counted the review and is not final yet is made again."""
    row = await work.row("SELECT id FROM decisions WHERE call_id = %(call)s", {"call": call.id})
    if row is None:
        return
    decision = await work.get(Decision, row["id"])
    reason = N_("A review that the list rests on was set aside for a conflict of interest.")
    if decision.state == DecisionState.IN_APPROVAL.value:
        facts = decision.send_back("", reason)
    elif decision.state == DecisionState.IN_NOTICE.value:
        facts = decision.reopen(reason)
    else:
        return
    for fact in facts:
        work.emit(fact)
