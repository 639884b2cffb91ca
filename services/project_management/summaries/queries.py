"""Reads about summaries of reviews, for the offices that have no part in the call."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.assignments.queries import call_for_office
from services.project_management.awards.queries import ranking
from services.project_management.receipts.queries import paper
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_


async def reviewed(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """The application with the call it competes in. Raises NotFound, OwnApplication."""
    found = await rows.row(
        """SELECT id, call_id, title, lead_name AS lead FROM applications
           WHERE id = %(id)s AND label = ANY(%(labels)s) AND state NOT IN ('draft', 'withdrawn')""",
        {"id": application_id, "labels": rows.actor.clearance.readable_labels()},
    )
    if found is None:
        raise NotFound(N_("There is no such application."))
    return {**found, "call": await call_for_office(rows, found["call_id"])}


async def summaries(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """Every summary that was issued, the newest first. Raises NotFound, OwnApplication."""
    about = await reviewed(rows, application_id)
    items = await rows.rows(
        """SELECT version, number, sha256, issued_at FROM issued_papers
           WHERE kind = 'summary' AND about_id = %(id)s ORDER BY version DESC""",
        {"id": application_id},
    )
    row = await rows.row(
        "SELECT count(*) AS n FROM reviews WHERE application_id = %(id)s AND state = 'completed'",
        {"id": application_id},
    )
    return {"application": about, "items": items, "reviews": row["n"] if row else 0}


async def summary(rows: Rows, application_id: UUID, version: int | None = None) -> dict[str, Any]:
    """One that was issued, or the newest: number, sha256, issued_at, content. Raises NotFound, OwnApplication."""
    await reviewed(rows, application_id)
    found = await paper(rows, "summary", application_id, version)
    if found is None or found["content"] is None:
        raise NotFound(N_("No summary of its reviews was issued."))
    return {**found, "content": json.loads(found["content"])}


async def content_of(rows: Rows, about: dict[str, Any]) -> dict[str, Any]:
    """What a summary says now: the reviews that were handed in, in an order that tells nothing, and where its means
    stand. Experts are not named. Nothing in it tells when it was asked for: the same reviews have the same text."""
    ranked = await ranking(rows, about["call_id"], "calibrated")
    item = next((one for one in ranked["items"] if one["application_id"] == str(about["id"])), None)
    if item is None:
        raise NotFound(N_("There is no such application."))
    reviews = await rows.rows(
        """SELECT scores, total::text AS total, to_applicant, to_panel FROM reviews
           WHERE application_id = %(id)s AND state = 'completed' ORDER BY md5(id::text)""",
        {"id": about["id"]},
    )
    criteria = []
    for one in about["call"]["criteria"]:
        scores = [str(review["scores"].get(one["name"], "")) for review in reviews]
        given = [Decimal(score) for score in scores if score]
        mean = f"{sum(given) / len(given):.2f}" if given else ""
        name = " / ".join(part for part in (one["name"], one.get("scale")) if part)
        criteria.append({"criterion": name, "weight": str(one["weight"]), "mean": mean, "scores": scores})
    return {
        "application_id": str(about["id"]),
        "call": about["call"]["title"],
        "title": item["title"],
        "lead": item["lead"],
        "raw": _estimate(item["raw"]),
        "calibrated": _estimate(item["calibrated"]),
        "criteria": criteria,
        "reviews": [{name: one[name] for name in ("total", "to_applicant", "to_panel")} for one in reviews],
    }


def _estimate(one: dict[str, Any] | None) -> dict[str, str] | None:
    return one and {name: "" if one[name] is None else str(one[name]) for name in ("mean", "low", "high")}
