"""`hechuan verify`: is every fact where it belongs, once? Compares and changes nothing."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from infra.host import build
from infra.platform import attach
from infra.projections import projections
from shared.blobs.upkeep import sweep
from shared.bus.bus import Bus
from shared.bus.reactions import stream_name
from shared.bus.stored import message_ids
from shared.kernel.settings import SERVICE_NAMES, Settings
from shared.service import Service

SETTLE_SECONDS = 30.0
EXAMPLES = 3


@dataclass
class Compared:
    """One comparison: how many were looked at, and what did not agree."""

    what: str
    of: int = 0
    missing: int = 0
    doubled: int = 0
    orphaned: int = 0
    examples: list[str] = field(default_factory=list)

    def differ(self, missing: Sequence[Any] = (), doubled: Sequence[Any] = (), orphaned: Sequence[Any] = ()) -> None:
        for kind, found in (("missing", missing), ("doubled", doubled), ("orphaned", orphaned)):
            setattr(self, kind, getattr(self, kind) + len(found))
            self.examples += [f"{kind} {one}" for one in list(found)[:EXAMPLES]]


@dataclass
class Verdict:
    compared: list[Compared]
    events: int
    parked: int
    seconds: float
    unsettled: str = ""

    def total(self, kind: str) -> int:
        return sum(getattr(one, kind) for one in self.compared)

    @property
    def met(self) -> bool:
        """What is still on its way was not compared, so it is no success."""
        return not self.unsettled and not any(self.total(kind) for kind in ("missing", "doubled", "orphaned"))

    def as_json(self) -> dict[str, Any]:
        return {
            "figures": {
                "events": self.events,
                "parked": self.parked,
                "seconds": round(self.seconds, 2),
                **{kind: self.total(kind) for kind in ("missing", "doubled", "orphaned")},
            },
            "baseline": {"missing": 0, "doubled": 0, "orphaned": 0},
            "ratio": None,
            "bar": "0 missing, 0 doubled, 0 orphaned: the outbox is the record, so nothing may differ from it",
            "met": self.met,
            "unsettled": self.unsettled,
            "compared": [asdict(one) for one in self.compared],
        }


class Verifier:
    """Reads all five databases side by side, as no service may: it is the operator's tool, not a part of one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services: list[Service] = build(settings, SERVICE_NAMES)
        self.connections: dict[str, psycopg.AsyncConnection[dict[str, Any]]] = {}

    async def run(self, settle: float = SETTLE_SECONDS) -> Verdict:
        begun = time.monotonic()
        bus = self.services[0].bus
        try:
            for service in self.services:
                self.connections[service.name] = await psycopg.AsyncConnection.connect(
                    service.database.url, autocommit=True, row_factory=dict_row
                )
            await bus.open()
            deadline = begun + settle
            while True:
                events = await self._said()
                unsettled = await self._settle(bus, deadline)
                if events != await self._said() and time.monotonic() < deadline:
                    continue
                compared = [await self._published(bus, service) for service in self.services]
                for service in self.services:
                    compared += await self._heard(service)
                    compared += await self._projected(service)
                    compared.append(await self._documents(service))
                # What was said while we looked is on its way, not lost: the clock says things at any time.
                if events == await self._said() or time.monotonic() > deadline:
                    break
            return Verdict(
                compared,
                events=events,
                parked=sum([await self._count(s.name, _PARKED) for s in self.services]),
                seconds=time.monotonic() - begun,
                unsettled=unsettled,
            )
        finally:
            for connection in self.connections.values():
                await connection.close()
            await bus.close()
            for service in self.services:
                await service.blobs.close()
                await service.database.close()

    async def _rows(self, service: str, sql: str, params: Any = None) -> list[dict[str, Any]]:
        cursor = await self.connections[service].execute(sql.encode(), params)
        return await cursor.fetchall()

    async def _count(self, service: str, sql: str, params: Any = None) -> int:
        return int((await self._rows(service, sql, params))[0]["n"])

    async def _said(self) -> int:
        return sum([await self._count(s.name, "SELECT count(*) AS n FROM outbox") for s in self.services])

    async def _settle(self, bus: Bus, deadline: float) -> str:
        """Facts on their way are no fault: wait until nothing moves. Returns what still moved at the end."""
        while True:
            waiting = {
                s.name: await self._count(s.name, "SELECT count(*) AS n FROM outbox WHERE published_at IS NULL")
                for s in self.services
            }
            moving = [f"{n} unpublished in {name}" for name, n in waiting.items() if n]
            for producer in SERVICE_NAMES:
                for consumer in await bus.jetstream.consumers_info(stream_name(producer)):
                    if not consumer.config.durable_name:
                        continue  # somebody reads the stream, such as another `verify`; it is not a hearer
                    pending = (consumer.num_pending or 0) + (consumer.num_ack_pending or 0)
                    if pending:
                        moving.append(f"{pending} unheard by {consumer.name}")
            for service in self.services:
                retrying = await self._count(service.name, _RETRYING)
                if retrying:
                    moving.append(f"{retrying} being retried in {service.name}")
            if not moving or time.monotonic() > deadline:
                return "; ".join(moving[:5])
            await asyncio.sleep(0.2)

    async def _published(self, bus: Bus, service: Service) -> Compared:
        """Outbox against stream. What the stream no longer keeps by its limits is no fault."""
        found = Compared(f"{service.name}: outbox ↔ stream")
        stream, oldest = await message_ids(bus, service.name)
        times = Counter(stream)
        rows = await self._rows(
            service.name,
            "SELECT event_id::text AS id, published_at IS NOT NULL AS published, recorded_at FROM outbox",
        )
        known = {row["id"] for row in rows}
        since = oldest - timedelta(minutes=10) if oldest else None
        kept = [row["id"] for row in rows if row["published"] and since and row["recorded_at"] >= since]
        found.of = len(known)
        found.differ(
            missing=[id for id in kept if id not in times],
            doubled=[id for id, n in times.items() if n > 1],
            orphaned=[id for id in times if id not in known],
        )
        return found

    async def _heard(self, service: Service) -> list[Compared]:
        """Every fact a reaction listens for is in its inbox once, or parked with a reason."""
        results = []
        for reaction in service.reactions:
            found = Compared(f"{service.name} hears {reaction.name}")
            expected: set[str] = set()
            for producer, subjects in reaction.subjects().items():
                patterns = [s.removesuffix("*").removesuffix(">") + "%" for s in subjects]
                rows = await self._rows(
                    producer,
                    "SELECT event_id::text AS id FROM outbox WHERE published_at IS NOT NULL AND type LIKE ANY(%s)",
                    (patterns,),
                )
                expected |= {row["id"] for row in rows}
            inbox = {
                row["id"]
                for row in await self._rows(
                    service.name, "SELECT event_id::text AS id FROM inbox WHERE reaction = %s", (reaction.name,)
                )
            }
            aside = {
                row["id"]
                for row in await self._rows(
                    service.name,
                    "SELECT event_id::text AS id FROM parked_events WHERE reaction = %s AND state <> 'done'",
                    (reaction.name,),
                )
            }
            found.of = len(expected)
            found.differ(
                missing=sorted(expected - inbox - aside),
                doubled=sorted(inbox & aside - await self._dropped(service.name, reaction.name)),
                orphaned=sorted(inbox - expected),
            )
            results.append(found)
        return results

    async def _dropped(self, service: str, reaction: str) -> set[str]:
        rows = await self._rows(
            service,
            "SELECT event_id::text AS id FROM parked_events WHERE reaction = %s AND state = 'dropped'",
            (reaction,),
        )
        return {row["id"] for row in rows}

    async def _projected(self, service: Service) -> list[Compared]:
        results = []
        for projection in projections(service.name):
            found = Compared(f"{service.name}.{projection.name} ↔ {projection.of}")
            own = [tuple(row.values()) for row in await self._rows(service.name, projection.own)]
            source = [tuple(row.values()) for row in await self._rows(projection.of, projection.source)]
            keys = Counter(str(row[0]) for row in own)
            theirs = {str(row[0]): row for row in source}
            mine = {str(row[0]): row for row in own}
            found.of = len(theirs)
            found.differ(
                missing=[
                    f"{key}: {mine.get(key)} instead of {row}" for key, row in theirs.items() if mine.get(key) != row
                ],
                doubled=[key for key, n in keys.items() if n > 1],
                orphaned=[key for key in mine if key not in theirs],
            )
            results.append(found)
        return results

    async def _documents(self, service: Service) -> Compared:
        found = Compared(f"{service.name}: documents ↔ store")
        look = await sweep(service.documents, repair=False)
        found.of = await self._count(service.name, "SELECT count(*) AS n FROM documents WHERE state = 'clean'")
        found.differ(missing=look.missing, orphaned=[*look.quarantined, *look.unused])
        return found


_PARKED = "SELECT count(*) AS n FROM parked_events WHERE state IN ('parked', 'behind')"
_RETRYING = "SELECT count(*) AS n FROM parked_events WHERE state = 'retrying'"


def report(settings: Settings, as_json: bool) -> int:
    """Print the verdict; 0 when nothing is missing, doubled or orphaned."""
    verdict = asyncio.run(Verifier(attach(settings)).run())
    if as_json:
        print(json.dumps(verdict.as_json(), default=str))  # noqa: T201 -- the command's output
        return 0 if verdict.met else 1
    console = Console(highlight=False)
    table = Table(title="Verify")
    for head in ("compared", "of", "missing", "doubled", "orphaned"):
        table.add_column(head, justify="left" if head == "compared" else "right")
    for one in verdict.compared:
        table.add_row(one.what, str(one.of), str(one.missing), str(one.doubled), str(one.orphaned))
    console.print(table)
    for one in verdict.compared:
        for example in one.examples:
            console.print(f"  {one.what}: {example}", markup=False)
    if verdict.unsettled:
        console.print(f"Still moving after {SETTLE_SECONDS:.0f} s: {verdict.unsettled}", markup=False)
    console.print(
        f"{verdict.events} events, {verdict.parked} parked; {verdict.total('missing')} missing, "
        f"{verdict.total('doubled')} doubled, {verdict.total('orphaned')} orphaned ({verdict.seconds:.1f} s)"
    )
    return 0 if verdict.met else 1
