"""What the clock does while reviews are written. It looks only at what `review_marks` names, which triggers write when
something that matters here changes: with many calls under review most of them are at rest."""

from datetime import timedelta
from typing import Any

from services.project_management.assignments import queries
from services.project_management.assignments.actions import announce_reviews, last_assignment
from services.project_management.people.queries import IS_REVIEWER
from services.project_management.reviews import rules as review_rules
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import State
from shared.db.work import Rows, Work
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

MARKS_AT_ONCE = 500
REVIEWS_AT_ONCE = 200
JUST_ENDED = timedelta(hours=1)
"""Roles whose time ended so long ago are looked at again; what ended before, while nothing ran or the clock stood
still, is marked at the start and each hour."""
_PROGRESS = f"""
SELECT c.id, c.label, bool_and(p.completed >= p.demand AND p.waiting = 0) AS all_in,
       bool_or(p.completed + p.waiting < p.demand) AS gap,
       bool_or(p.state = 'submitted') OR NOT EXISTS (SELECT FROM decisions d WHERE d.call_id = c.id)
       AND NOT EXISTS (SELECT FROM assignments s WHERE s.call_id = c.id AND s.decision_task_id IS NOT NULL) AS unsaid
FROM calls c JOIN LATERAL (
    SELECT a.state, {queries.demand("a", "c")} AS demand,
           count(r.id) FILTER (WHERE r.state = 'completed') AS completed,
           count(r.id) FILTER (WHERE r.state IN ('invited', 'accepted', 'scored')) AS waiting
    FROM applications a LEFT JOIN reviews r ON r.application_id = a.id AND r.state <> 'withdrawn'
    WHERE a.call_id = c.id AND a.state IN ('submitted', 'reviewed')
    GROUP BY a.id) p ON true
WHERE c.id = ANY(%(calls)s::uuid[]) AND c.state = 'deciding' GROUP BY c.id
"""  # noqa: S608 -- constants only
_POINTLESS = f"""
SELECT r.id, a.state = 'withdrawn' AS gone FROM reviews r JOIN applications a ON a.id = r.application_id
WHERE (r.application_id = ANY(%(gone)s::uuid[]) OR r.expert_subject = ANY(%(subjects)s))
  AND r.state = ANY(%(open)s) AND r.state <> 'withdrawn'
  AND (a.state = 'withdrawn' OR NOT {IS_REVIEWER.format(subject="r.expert_subject")})
ORDER BY r.id LIMIT %(most)s
"""  # noqa: S608 -- constants only


async def follow_reviews(work: Work) -> None:
    """By the clock, in the platform's own name: announce finished reviews, and tell the office what it has to do.

    `ReviewCompleted` is said for all applications of a call together, and not in the request of the last reviewer:
    otherwise its actor, its correlation and its moment would tell an applicant who reviewed, and when.
    """
    marks = await _marks(work, "call")
    if not marks:
        return
    settled = {one["key"] for one in marks}
    for row in await work.rows(_PROGRESS, {"calls": sorted(settled)}):
        settled.discard(str(row["id"]))
        async with work.apart(call=row["id"]):
            if row["all_in"] and row["unsaid"]:
                await announce_reviews(work, row["id"])
            elif row["gap"]:
                last = await last_assignment(work, row["id"])
                if last and (task := last.gap_opened(SecurityLabel(row["label"]))):
                    work.emit(task)
            await work.flush()
            settled.add(str(row["id"]))
    await _take_off(work, [one for one in marks if one["key"] in settled])


async def withdraw_pointless_reviews(work: Work) -> None:
    """By the clock: nobody reviews what was withdrawn, and nobody is waited for who may not review any more. What
    such a reviewer leaves open is a gap, of which the office is told.
    Apart from `follow_reviews`, and past what somebody is working on: it locks reviews, which come last everywhere
    else, after their call and its applications.
    """
    marks = await _marks(work, "withdrawn", "reviewer")
    ended = await work.rows(
        """SELECT DISTINCT subject FROM access_grants
           WHERE role = 'reviewer' AND ends_at > %(since)s AND ends_at <= %(now)s""",
        {"since": work.now - JUST_ENDED, "now": work.now},
    )
    if not marks and not ended:
        return
    found = await work.rows(
        _POINTLESS,
        {
            "gone": [one["key"] for one in marks if one["kind"] == "withdrawn"],
            "subjects": [one["key"] for one in marks if one["kind"] == "reviewer"] + [one["subject"] for one in ended],
            "open": [one.value for one in review_rules.OPEN],
            "now": work.now,
            "most": REVIEWS_AT_ONCE,
        },
    )
    left = len(found)
    for row in found:
        async with work.apart(review=row["id"]):
            review = await work.session.get(
                Review, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if review is not None and State(review.state) in review_rules.OPEN:
                gone, lost = N_("The application was withdrawn."), N_("The expert has no reviewer role any more.")
                work.emit(review.withdraw(gone if row["gone"] else lost))
                await work.flush()
                left -= 1
    if not left and len(found) < REVIEWS_AT_ONCE:
        await _take_off(work, marks)


async def mark_who_may_not_review(work: Work) -> None:
    """Before the first request and each hour: whose role ended while the clock did not look. Only then all open reviews
    are looked at."""
    await work.execute(
        f"""INSERT INTO review_marks (kind, key, xact)
            SELECT DISTINCT 'reviewer', r.expert_subject, 0 FROM reviews r
            WHERE r.state = ANY(%(open)s) AND NOT {IS_REVIEWER.format(subject="r.expert_subject")}
            ON CONFLICT DO NOTHING""",  # noqa: S608 -- constants only
        {"open": [one.value for one in review_rules.OPEN], "now": work.now},
    )


async def _marks(rows: Rows, *kinds: str) -> list[dict[str, Any]]:
    return await rows.rows(
        "SELECT kind, key, xact FROM review_marks WHERE kind = ANY(%(kinds)s) ORDER BY kind, key LIMIT %(most)s",
        {"kinds": list(kinds), "most": MARKS_AT_ONCE},
    )


async def _take_off(work: Work, marks: list[dict[str, Any]]) -> None:
    """These marks and no others: what was written meanwhile was not looked at."""
    await work.execute(
        """DELETE FROM review_marks WHERE (kind, key, xact) IN
           (SELECT * FROM unnest(%(kinds)s::text[], %(keys)s::text[], %(xacts)s::bigint[]))""",
        {name + "s": [one[name] for one in marks] for name in ("kind", "key", "xact")},
    )
