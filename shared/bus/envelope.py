"""One fact on the wire: a CloudEvents 1.0 JSON object with four extension attributes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson


class BadEnvelope(ValueError):
    """What arrived is no event of ours."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A fact and who, when and why. `subject` and `version` are the aggregate's."""

    id: UUID
    type: str
    source: str
    subject: UUID
    version: int
    time: datetime
    actor: str
    correlation_id: UUID
    causation_id: UUID | None
    data: dict[str, Any]

    @property
    def thing(self) -> str:
        """Whose versions these are: service and noun, as in `projects.milestone`."""
        _, service, noun, _ = self.type.split(".", 3)
        return f"{service}.{noun}"


def encode(
    id: str,
    type: str,
    service: str,
    subject: str,
    version: int,
    time: datetime,
    actor: str,
    correlation_id: str,
    causation_id: str | None,
    data: bytes | str | dict[str, Any],
) -> bytes:
    """The wire form. `data` that is text already is spliced in without being parsed."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": id,
            "type": type,
            "source": f"/{service}",
            "subject": subject,
            "time": time,
            "datacontenttype": "application/json",
            "actor": actor,
            "correlationid": correlation_id,
            "causationid": causation_id,
            "aggregateversion": version,
            "data": data if isinstance(data, dict) else orjson.Fragment(data),
        }
    )


def decode(wire: bytes | str | dict[str, Any]) -> Envelope:
    """The fact in a message. Raises BadEnvelope."""
    try:
        fields = wire if isinstance(wire, dict) else orjson.loads(wire)
        causation = fields.get("causationid")
        kind = fields["type"]
        if fields["specversion"] != "1.0" or kind.count(".") != 4 or not isinstance(fields["data"], dict):
            raise BadEnvelope("not a CloudEvents 1.0 object of this platform")
        return Envelope(
            id=UUID(fields["id"]),
            type=kind,
            source=fields["source"],
            subject=UUID(fields["subject"]),
            version=int(fields["aggregateversion"]),
            time=datetime.fromisoformat(fields["time"]),
            actor=fields["actor"],
            correlation_id=UUID(fields["correlationid"]),
            causation_id=UUID(causation) if causation else None,
            data=fields["data"],
        )
    except BadEnvelope:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadEnvelope(f"{type(problem).__name__} while reading the envelope") from problem


def to_wire(envelope: Envelope) -> bytes:
    """The wire form of an envelope in hand."""
    return encode(
        str(envelope.id),
        envelope.type,
        envelope.source.lstrip("/"),
        str(envelope.subject),
        envelope.version,
        envelope.time,
        envelope.actor,
        str(envelope.correlation_id),
        str(envelope.causation_id) if envelope.causation_id else None,
        envelope.data,
    )
