"""Files on their way in while something breaks, and what must have become of each."""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from services.coordination.access.rules import PLATFORM_ORGANISATION
from tests.faults.load import BROKEN, Client, Refused
from tests.faults.town import Town
from tests.faults.truth import books

SERVICE, PATH = "projects", "/projects/api/v1/documents"
WORKERS = 3
LARGE_BYTES = 9 * 2**20
"""More than one part, so that the store can die between two."""
LARGE_SHARE = 0.15
ANSWER_SECONDS = 40.0
PATIENCE_SECONDS = 120.0


@dataclass
class Uploads:
    """Every try has a file name of its own: an upload has no key, so a repeated one is another document."""

    name: str
    random: random.Random
    tried: list[str] = field(default_factory=list)
    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    """File name → document id and SHA-256, as the client was told and as it sent."""

    def _content(self) -> bytes:
        size = LARGE_BYTES if self.random.random() < LARGE_SHARE else self.random.randint(1_000, 300_000)
        line = f"{self.name} {self.random.random()}\n".encode()
        return line * (size // len(line) + 1)

    async def send(self, client: Client) -> bool:
        """One try; False when its fate is unknown or the service asked to come again. Raises Refused."""
        content = self._content()
        filename = f"{self.name} {len(self.tried)}.txt"
        self.tried.append(filename)
        form: dict[str, Any] = {"label": "public", "organisation_id": str(PLATFORM_ORGANISATION)}
        try:
            answer = await client.http.post(
                client.addresses[0] + PATH,
                data=form,
                files={"file": (filename, content, "text/plain")},
                timeout=ANSWER_SECONDS,
            )
        except BROKEN:
            return False
        if answer.status_code == 503:
            return False
        if not answer.is_success:
            raise Refused(f"an upload was answered {answer.status_code}: {answer.text[:500]}")
        self.accepted[filename] = answer.json()["id"], hashlib.sha256(content).hexdigest()
        return True

    async def insist(self, client: Client) -> None:
        """Tries until one is accepted."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.send(client):
                await asyncio.sleep(0.2)

    async def judge(self, town: Town, client: Client) -> None:
        """After the load: the sweep clears what broke off; nothing is left over and nothing accepted is gone."""
        await town.sweep(SERVICE)
        left = await town.sweep(SERVICE, repair=False)
        assert not left.orphans, left
        assert not left.missing, left
        async with books(town.settings) as found:
            rows = await found.rows(
                SERVICE,
                "SELECT id::text, filename, state, sha256 FROM documents WHERE filename = ANY(%(names)s)",
                names=self.tried,
            )
        clean = Counter(row["filename"] for row in rows if row["state"] == "clean")
        assert set(clean.values()) <= {1}, "a file was taken in twice"
        assert not [row for row in rows if row["state"] == "pending"], "an upload is still open"
        kept = {row["filename"]: (row["id"], row["sha256"]) for row in rows if row["state"] == "clean"}
        for filename, told in self.accepted.items():
            assert kept.get(filename) == told, f"{filename} was accepted and stands as {kept.get(filename)}"
        for filename, (id, sha256) in self.accepted.items():
            answer = await client.http.get(f"{client.addresses[0]}{PATH}/{id}/content", timeout=ANSWER_SECONDS)
            assert answer.status_code == 200, f"{filename}: {answer.status_code} {answer.text[:200]}"
            assert hashlib.sha256(answer.content).hexdigest() == sha256, f"{filename} is not what was sent"


@asynccontextmanager
async def uploading(uploads: Uploads, client: Client) -> AsyncIterator[None]:
    """Uploads for as long as the block lasts; those under way at its end are finished."""
    over = asyncio.Event()

    async def work() -> None:
        while not over.is_set():
            if not await uploads.send(client):
                await asyncio.sleep(uploads.random.uniform(0.1, 0.3))

    async with asyncio.TaskGroup() as workers:
        for _ in range(WORKERS):
            workers.create_task(work())
        try:
            yield
        finally:
            over.set()
