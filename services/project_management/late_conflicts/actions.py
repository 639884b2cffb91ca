"""What the clock does about a conflict of interest that comes to light after the assignment.

Two records of people turn out to be one, or an expert goes to work for an applicant: the review is set aside and named,
the office finds another reviewer, and a decision that rests on it and is not final goes back.
"""

from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.assignments.actions import look_for_gaps_anew
from services.project_management.assignments.conflicts import Conflicts
from services.project_management.assignments.queries import conflict_inputs
from services.project_management.calls.model import Call
from services.project_management.calls.rules import State as CallState
from services.project_management.decisions.model import Decision
from services.project_management.decisions.rules import State as DecisionState
from services.project_management.people.queries import experts
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import ANSWERED, OPEN, State
from shared.db.work import Work
from shared.kernel.marks import N_, S_

AT_ONCE = 50
"""Reviews that are looked at closely in one unit of work."""
_SUSPECT = """
SELECT r.id, r.call_id FROM reviews r JOIN calls c ON c.id = r.call_id JOIN applications a ON a.id = r.application_id
JOIN people p ON p.id = r.expert_id
CROSS JOIN LATERAL (
    SELECT ARRAY(SELECT a.lead_id UNION SELECT q.organisation_id FROM application_partners q
                 WHERE q.application_id = a.id
                   AND (q.departure_id IS NULL OR q.answer = 'consented'
                        OR EXISTS (SELECT FROM application_departures d WHERE d.application_id = a.id
                                   AND d.organisation_id = q.organisation_id))) AS organisations,
           ARRAY(SELECT a.drafted_by UNION SELECT v.submitted_by FROM application_versions v
                 WHERE v.application_id = a.id
                 UNION SELECT coalesce(m.subject, m.person_id::text) FROM application_members m
                 WHERE m.application_id = a.id AND m.state <> 'left') AS subjects,
           ARRAY(SELECT m.orcid FROM application_members m
                 WHERE m.application_id = a.id AND m.state <> 'left' AND m.orcid <> '') AS orcids) has
WHERE c.state = 'deciding' AND r.state = ANY(%(live)s)
  AND (p.subject = ANY(has.subjects) OR p.id::text = ANY(has.subjects) OR r.expert_subject = ANY(has.subjects)
       OR EXISTS (SELECT FROM declared_relations d LEFT JOIN people o ON o.orcid = d.orcid
                  WHERE d.withdrawn_at IS NULL AND d.declared_at > r.created_at
                    AND (d.subject = r.expert_subject
                         AND (d.organisation_id = ANY(has.organisations) OR d.orcid = ANY(has.orcids)
                              OR o.subject = ANY(has.subjects) OR o.id::text = ANY(has.subjects))
                         OR d.subject = ANY(has.subjects)
                         AND (o.id = p.id OR EXISTS (SELECT FROM affiliations w WHERE w.person_id = p.id
                                                     AND w.organisation_id = d.organisation_id))))
       OR EXISTS (SELECT FROM affiliations f WHERE f.person_id = p.id AND f.organisation_id = ANY(has.organisations))
       OR EXISTS (SELECT FROM access_grants g WHERE g.subject = p.subject AND g.revoked_at IS NULL
                    AND (g.ends_at IS NULL OR g.ends_at > %(now)s) AND g.role IN ('applicant', 'representative')
                    AND g.organisation_id = ANY(has.organisations)))
ORDER BY r.call_id, r.id LIMIT %(most)s
"""
"""Cheap to find; the rule of the assignment, which knows what was waived, then decides on each."""


async def set_aside_conflicted(work: Work) -> None:
    """By the clock: each review whose pair the assignment would refuse today is set aside."""
    live = sorted({one.value for one in (*OPEN, *ANSWERED)})
    found = await work.rows(_SUSPECT, {"live": live, "now": work.now, "most": AT_ONCE})
    for row in found:
        async with work.apart(review=row["id"]):
            await _look(work, row["call_id"], row["id"])


async def _look(work: Work, call_id: UUID, review_id: UUID) -> None:
    call = await work.get(Call, call_id)
    seen = await work.get(Review, review_id, lock=False)
    application = await work.get(Application, seen.application_id)
    review = await work.get(Review, review_id)
    if call.state != CallState.DECIDING.value or State(review.state) not in (*OPEN, *ANSWERED):
        return
    why = await _conflict(work, call, application, review)
    if why is None:
        return
    done = review.set_aside(S_("A conflict of interest came to light after the assignment: %(reason)s", reason=why))
    if done:
        work.emit(done)
    await look_for_gaps_anew(work, call)  # what the office was told to decide waits for another reviewer
    await _reopen(work, call)


async def _conflict(work: Work, call: Call, application: Application, review: Review) -> str | None:
    """What the assignment would say of the pair today; None where it would say nothing, or a person waived it."""
    people = await experts(work, [review.expert_id])
    inputs: dict[str, Any] = await conflict_inputs(work, call.id, [application.id], people)
    found = Conflicts(inputs).of(0)
    return found[0]["reason"] if found else None


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
