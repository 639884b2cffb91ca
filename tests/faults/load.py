"""The client: asks for commands, repeats them under the same key, and writes down what was acknowledged."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.kit.tokens import headers_for

WORKERS = 4
PAUSE_SECONDS = (0.02, 0.1)
BROKEN = (httpx.TransportError, OSError)
"""A connection reset in the instant it was made shows itself as a bare OSError."""
GIVE_UP_SHARE = 0.2
"""Of the commands whose fate became unknown; the others are repeated until they are answered."""
PATIENCE_SECONDS = 120.0
ANSWER_SECONDS = 6.0


@dataclass
class Told:
    """What the client knows of one organisation: the newest version acknowledged, and the newest asked for."""

    name: str
    id: str = ""
    asked: int = 0
    acknowledged: int = 0


class Refused(AssertionError):
    """An answer that is neither an acknowledgement nor an invitation to try again."""


class GaveUp(Exception):
    """The client stopped asking; nobody told it what became of the command."""


@dataclass
class Client:
    """Commands to any of some addresses that serve the same platform."""

    addresses: Sequence[str]
    subject: str
    random: random.Random
    told: list[Told] = field(default_factory=list)
    acknowledged: int = 0
    given_up: int = 0
    http: httpx.AsyncClient = field(init=False)
    _at: int = 0

    def __post_init__(self) -> None:
        # No kept connections: a stopped process would hold them for ever.
        limits = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.AsyncClient(
            timeout=ANSWER_SECONDS, trust_env=False, limits=limits, headers=headers_for(self.subject)
        )

    async def ask(self, path: str, body: dict[str, Any], key: str, *, insist: bool, version: int = 0) -> dict[str, Any]:
        """The 2xx answer's body.

        Raises GaveUp (never when insisting) and Refused.
        """
        headers = {"Idempotency-Key": key} | ({"If-Match": f'"{version}"'} if version else {})
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        pause, patient = 0.1, insist or self.random.random() >= GIVE_UP_SHARE
        while True:
            address = self.addresses[self._at % len(self.addresses)]
            try:
                answer = await self.http.post(address + path, json=body, headers=headers)
            except BROKEN as problem:
                why: object = problem
                self._at += 1
            else:
                if answer.is_success:
                    self.acknowledged += 1
                    return dict(answer.json())
                # 409: the first try is still being carried out, or was given up just now; it says "again".
                again = answer.status_code == 503 or (answer.status_code == 409 and "same request" in answer.text)
                if not again:
                    raise Refused(f"{key} at {path} answered {answer.status_code}: {answer.text[:500]}")
                why = answer.text[:300]
            if not patient:
                self.given_up += 1
                raise GaveUp(str(why))
            assert asyncio.get_running_loop().time() < deadline, f"{path} was asked for two minutes; last: {why!r}"
            await asyncio.sleep(pause * self.random.uniform(0.7, 1.3))
            pause = min(pause * 1.5, 0.5)

    async def chain(self, told: Told, length: int, *, insist: bool = False) -> None:
        """Registers the organisation and takes it through `length` versions in all, or gives up on the way."""
        self.told.append(told)
        root = "/catalog/api/v1/organisations"
        for version in range(1, length + 1):
            told.asked = version
            path, body = f"{root}/{told.id}/suspension", {"reason": "Licence ended."}
            if version == 1:
                path, body = root, {"name": told.name, "kind": "institute", "region": "Chengdu"}
            elif version % 2 == 0:
                until = datetime.now(UTC) + timedelta(days=365)
                path = f"{root}/{told.id}/admission"
                body = {"valid_until": until.isoformat(), "reason": "Evidence complete."}
            try:
                answer = await self.ask(path, body, f"{told.name}:{version}", insist=insist, version=version - 1)
            except GaveUp:
                return
            assert answer["version"] == version, f"{told.name} stands at {answer['version']} instead of {version}"
            told.id, told.acknowledged = answer["id"], version
            await asyncio.sleep(self.random.uniform(*PAUSE_SECONDS))


@asynccontextmanager
async def client_of(addresses: Sequence[str], subject: str, seed: int) -> AsyncIterator[Client]:
    client = Client(addresses, subject, random.Random(seed))
    try:
        yield client
    finally:
        await client.http.aclose()


@asynccontextmanager
async def loading(client: Client, name: str, workers: int = WORKERS) -> AsyncIterator[None]:
    """Load for as long as the block lasts. A refused command breaks the block off and is raised in a group."""
    over = asyncio.Event()

    async def work(worker: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            await client.chain(Told(f"{name} {worker}.{number}"), client.random.randint(1, 5))

    async with asyncio.TaskGroup() as tasks:
        for worker in range(workers):
            tasks.create_task(work(worker))
        try:
            yield
        finally:
            over.set()
