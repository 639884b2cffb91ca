"""The description of every event, for programs."""

from functools import lru_cache
from typing import Any

import orjson
from fastapi import Request, Response

from services.coordination.event_health.rules import DESCRIBE
from shared.bus.asyncapi import document
from shared.bus.reactions import Reaction
from shared.web.edge import api_room, service_of

api = api_room("events")


@api.get("/asyncapi.json", allow=DESCRIBE, response_model=dict[str, Any])
async def asyncapi(request: Request) -> Response:
    """The AsyncAPI 3 document: every event with its schema, who says it, and what this service hears."""
    service = service_of(request)
    return Response(_described(service.name, tuple(service.reactions)), media_type="application/json")


@lru_cache(maxsize=1)
def _described(service: str, reactions: tuple[Reaction, ...]) -> bytes:
    """Written once: it stays as it is until the next start, and making it costs more than fifty other answers."""
    return orjson.dumps(document({service: reactions}))
