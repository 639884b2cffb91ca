"""The AsyncAPI 3 document of the platform, made from the contracts and the reactions."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.bus.reactions import Reaction, stream_name
from shared.contracts import EVENTS

_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": [
        "specversion",
        "id",
        "type",
        "source",
        "subject",
        "time",
        "actor",
        "correlationid",
        "aggregateversion",
        "data",
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "type": {"type": "string"},
        "source": {"type": "string", "format": "uri-reference"},
        "subject": {"type": "string", "format": "uuid", "description": "The aggregate's id."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "actor": {"type": "string"},
        "correlationid": {"type": "string", "format": "uuid"},
        "causationid": {"type": ["string", "null"], "format": "uuid"},
        "aggregateversion": {"type": "integer", "minimum": 1},
    },
}


def document(heard: Mapping[str, Iterable[Reaction]] | None = None, version: str = "1.0.0") -> dict[str, Any]:
    """One channel and message an event; who says it and, given reactions by service, who hears it."""
    channels: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for type_, event in sorted(EVENTS.items()):
        schema = event.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[event.__name__] = schema
        payload = {**_ENVELOPE, "properties": {**_ENVELOPE["properties"], "type": {"const": type_}}}
        payload["properties"]["data"] = {"$ref": f"#/components/schemas/{event.__name__}"}
        messages[type_] = {
            "name": type_,
            "title": event.__name__,
            "summary": (event.__doc__ or "").strip().partition("\n")[0],
            "contentType": "application/cloudevents+json",
            "payload": payload,
        }
        channels[type_] = {
            "address": type_,
            "description": f"Stream {stream_name(event.service())}",
            "messages": {type_: {"$ref": f"#/components/messages/{type_}"}},
        }
        operations[f"{event.service()} says {type_}"] = _operation("send", type_)
    for service, reactions in sorted((heard or {}).items()):
        for reaction in reactions:
            types = sorted(reaction.types) if reaction.kind != "everything" else sorted(EVENTS)
            for type_ in types:
                operations[f"{service} {reaction.name} hears {type_}"] = _operation("receive", type_)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Hechuan events", "version": version},
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _operation(action: str, type_: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{type_}"},
        "messages": [{"$ref": f"#/channels/{type_}/messages/{type_}"}],
    }
