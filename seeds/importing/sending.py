"""Batches on their way: sent again after a lost answer under the same key, so nothing is taken in twice."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from uuid import uuid4

import httpx

MAX_ROWS = 500
MAX_BYTES = 4 << 20
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each repetition: a platform that restarts is back within them."""
PASSING = frozenset({409, 429, 500, 502, 503, 504})


class SendingFailed(Exception):
    """The platform took a batch neither at once nor later; the message is its own."""


@dataclass(frozen=True)
class Prepared:
    """A mapped row, ready to be sent."""

    line: int
    raw: str
    body: bytes


@dataclass(frozen=True)
class Fault:
    """Why a row was refused, or which of its fields was left out."""

    line: int
    field: str
    reason: str
    raw: str


@dataclass(frozen=True)
class Answer:
    accepted: int
    unchanged: int
    refused: int
    faults: list[Fault]


@dataclass
class Sender:
    """Sends batches of one source; `renew` signs in again when the session has ended."""

    client: httpx.Client
    path: str
    source: str
    renew: Callable[[], httpx.Client] | None = None
    _stopped: Event = field(default_factory=Event)

    def stop(self) -> None:
        """Let batches under way end, but send none again."""
        self._stopped.set()

    def send(self, batch: list[Prepared]) -> Answer:
        """What became of the batch. Raises SendingFailed."""
        answer = self._answer(batch)
        if answer is None:
            half = len(batch) // 2
            one, two = self.send(batch[:half]), self.send(batch[half:])
            return Answer(
                one.accepted + two.accepted,
                one.unchanged + two.unchanged,
                one.refused + two.refused,
                one.faults + two.faults,
            )
        faults = [
            Fault(batch[found["row"]].line, found["field"], found["reason"], batch[found["row"]].raw)
            for found in answer["errors"]
        ]
        return Answer(answer["accepted"], answer["unchanged"], answer["refused"], faults)

    def _answer(self, batch: list[Prepared]) -> dict[str, Any] | None:
        """The answer's content; None when the batch is too large and can be halved."""
        body = (
            b'{"source":' + json.dumps(self.source).encode() + b',"rows":[' + b",".join(r.body for r in batch) + b"]}"
        )
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        renewed = False
        for pause in (*PAUSES, None):
            try:
                response = self.client.post(self.path, content=body, headers=headers)
            except httpx.TransportError as error:
                words = f"no answer ({type(error).__name__})"
            else:
                if response.status_code == 200:
                    found: dict[str, Any] = response.json()
                    return found
                if response.status_code == 413 and len(batch) > 1:
                    return None
                if response.status_code == 401 and self.renew and not renewed:
                    self.client, renewed = self.renew(), True
                    continue
                words = _words(response)
                if response.status_code not in PASSING:
                    raise SendingFailed(words)
            if pause is not None and self._stopped.wait(pause):
                raise SendingFailed(f"{words}, and not sent again")
        raise SendingFailed(f"gave up after {len(PAUSES) + 1} attempts: {words}")


def _words(response: httpx.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or "title" not in problem:
        return f"the answer was {response.status_code}"
    return f"{response.status_code} {problem['title']}. {problem.get('detail', '')}".strip()
