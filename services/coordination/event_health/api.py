"""The description of every event, for programs."""

from typing import Any

from fastapi import Request, Response

from services.coordination.event_health.rules import DESCRIBE
from shared.bus.asyncapi import document
from shared.web.edge import Json, api_room, service_of

api = api_room("events")


@api.get("/asyncapi.json", allow=DESCRIBE, response_model=dict[str, Any])
async def asyncapi(request: Request) -> Response:
    """The AsyncAPI 3 document: every event with its schema, who says it, and what this service hears."""
    service = service_of(request)
    return Json(document({service.name: service.reactions}))
