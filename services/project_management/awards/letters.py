"""What a decision letter tells an applicant."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.awards.model import Award
from services.project_management.decisions.rules import APPEALABLE, end_of
from shared.db.work import Rows


async def letter_contents(
    rows: Rows, terms: dict[str, Any], call: str, office: str, decided: Sequence[tuple[Application, Award]]
) -> dict[UUID, dict[str, Any]]:
    """What the letter about each award says: the scores that the call lets applicants know, and no reviewer's name."""
    ids = {"ids": [application.id for application, _ in decided]}
    means = await rows.rows(
        """SELECT application_id, round(avg(total), 2)::text AS mean FROM reviews
           WHERE application_id = ANY(%(ids)s) AND state = 'completed' GROUP BY application_id""",
        ids,
    )
    by_criterion = await rows.rows(
        """SELECT r.application_id, one.key AS criterion,
                  round(avg(one.value::numeric), 2) || coalesce(' / ' || max(kind ->> 'scale'), '') AS mean
           FROM reviews r JOIN calls c ON c.id = r.call_id CROSS JOIN LATERAL jsonb_each_text(r.scores) one
           LEFT JOIN LATERAL jsonb_array_elements(c.criteria) kind ON kind ->> 'name' = one.key
           WHERE r.application_id = ANY(%(ids)s) AND r.state = 'completed'
           GROUP BY r.application_id, one.key ORDER BY one.key""",
        ids,
    )
    mean = {row["application_id"]: row["mean"] for row in means}
    criteria: dict[UUID, list[dict[str, str]]] = {}
    for row in by_criterion:
        criteria.setdefault(row.pop("application_id"), []).append(row)
    comments = await comments_on(rows, ids["ids"])
    conditions = await conditions_on(rows, ids["ids"])
    until = end_of(rows.now, terms["appeal_days"]) if terms["appeal_days"] else None
    told = terms["letter_scores"]
    return {
        award.id: {
            "call": call,
            "office": office,
            "application_id": str(application.id),
            "application": application.title,
            "lead": application.lead_name,
            "outcome": award.outcome,
            "amount": f"{award.amount_amount:.2f}",
            "currency": award.amount_currency,
            "reason": award.reason,
            "conditions": conditions.get(application.id, "") if award.outcome == "funded" else "",
            "mean": mean.get(application.id) if told != "none" else None,
            "criteria": criteria.get(application.id, []) if told == "criteria" else [],
            "comments": comments.get(application.id, []),
            "issued_at": rows.now.isoformat(),
            "appeal_until": until.isoformat() if until and award.outcome in APPEALABLE else None,
        }
        for application, award in decided
    }


async def conditions_on(rows: Rows, applications: Sequence[UUID]) -> dict[UUID, str]:
    """On which conditions the panel, by its newest closed minutes, recommended to fund an application."""
    found = await rows.rows(
        """SELECT i.application_id, i.conditions FROM panel_items i JOIN panels p ON p.id = i.panel_id
           WHERE i.application_id = ANY(%(ids)s) AND p.state = 'closed' AND i.recommendation = 'conditions'
             AND NOT EXISTS (SELECT FROM panels later WHERE later.call_id = p.call_id AND later.state = 'closed'
                                                        AND later.created_at > p.created_at)""",
        {"ids": list(applications)},
    )
    return {row["application_id"]: row["conditions"] for row in found}


async def comments_on(rows: Rows, applications: Sequence[UUID]) -> dict[UUID, list[str]]:
    """What the reviewers say to each applicant. Sorted by a hash: the order of review ids would be the same in every
    letter of one reviewer."""
    found = await rows.rows(
        """SELECT application_id, to_applicant FROM reviews
           WHERE application_id = ANY(%(ids)s) AND state = 'completed' ORDER BY md5(id::text)""",
        {"ids": list(applications)},
    )
    said: dict[UUID, list[str]] = {}
    for one in found:
        said.setdefault(one["application_id"], []).append(one["to_applicant"])
    return said
