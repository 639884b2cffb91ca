"""More time for a review, for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.late_reviews import actions
from services.project_management.late_reviews.rules import EXTEND
from services.project_management.late_reviews.schemas import ExtensionCreate
from services.project_management.reviews.queries import review
from services.project_management.reviews.schemas import ReviewRead
from shared.web.edge import IfMatchDep, WorkDep, api_room, etag

api = api_room("late_reviews")


@api.post("/reviews/{review_id}/extension", allow=EXTEND, response_model=ReviewRead)
async def extend_review(
    work: WorkDep, review_id: UUID, fields: ExtensionCreate, version: IfMatchDep, response: Response
) -> Any:
    """Give one reviewer more time; the reviewer is told by the task."""
    await actions.extend_review(work, review_id, fields, version)
    row = await review(work, review_id)
    response.headers["ETag"] = etag(row["version"])
    return row
