"""The platform under test: its servers, its service processes, and the judgement at the end of a run."""

import asyncio
import signal
import socket
import time
from datetime import timedelta
from pathlib import Path

import psycopg

from infra.embedded.group import Embedded
from infra.host import build
from infra.verify import Verifier
from services.coordination.access.rules import PLATFORM_ORGANISATION
from shared.blobs.upkeep import SweepReport, sweep
from shared.bus.bus import Bus
from shared.identity.access import CACHE_SECONDS
from shared.kernel.settings import SERVICE_NAMES, Settings
from tests.faults.load import Client, Told, client_of
from tests.faults.process import ServiceProcess
from tests.faults.report import Outcome
from tests.faults.truth import books
from tests.kit.streams import drop_streams

ADMINISTRATOR, COORDINATOR = "fault-administrator", "fault-coordinator"
SETTLE_SECONDS = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Town:
    """Servers that outlive the runs, and at most two service processes on them."""

    def __init__(self, settings: Settings, embedded: Embedded | None, directory: Path) -> None:
        self.settings = settings.model_copy(update={"administrators": (ADMINISTRATOR,), "port": free_port()})
        self.embedded, self.directory = embedded, directory
        self.process: ServiceProcess | None = None
        self.scenario = ""
        self.events = 0

    # -- processes ----------------------------------------------------------------------------------------------

    def spawn(
        self, *, fault: str = "", settings: Settings | None = None, pauses: tuple[float, ...] = ()
    ) -> ServiceProcess:
        """A further process; the caller ends it."""
        log = self.directory / f"service-{self.scenario.replace(' ', '-')}.log"
        return ServiceProcess(settings or self.settings, log, fault=fault, pauses=pauses)

    async def serve(
        self, *, fault: str = "", settings: Settings | None = None, pauses: tuple[float, ...] = ()
    ) -> ServiceProcess:
        """The town's process with just these traits, ready: the present one where it fits, else it is killed first."""
        wanted = (fault, settings or self.settings, pauses)
        now = self.process
        if now and now.alive and not fault and (now.fault, now.settings, now.pauses) == wanted:
            return now
        self.end()
        self.process = self.spawn(fault=fault, settings=settings, pauses=pauses)
        ready = await asyncio.to_thread(self.process.wait_ready)
        assert ready or fault, f"the services ended while starting; see {self.process.log}"
        return self.process

    def end(self) -> None:
        if self.process:
            self.process.kill()
            self.process = None

    async def fall(self, process: ServiceProcess, seconds: float = 60.0) -> None:
        """Waits until the process has killed itself at its crash point."""
        deadline = time.monotonic() + seconds
        while process.alive:
            assert time.monotonic() < deadline, f"the crash point {process.fault} was not reached"
            await asyncio.sleep(0.02)
        assert process.exit_code == -signal.SIGKILL, f"it ended with {process.exit_code}; see {process.log}"

    async def strike(self, server: str, pause: float) -> float:
        """kill -9 of a server, and its restart; the time of the blow."""
        assert self.embedded
        await asyncio.to_thread(self.embedded[server].kill)
        blow = time.monotonic()
        await asyncio.sleep(pause)
        await asyncio.to_thread(self.embedded[server].restart)
        return blow

    # -- a scenario ---------------------------------------------------------------------------------------------

    async def begin(self, scenario: str) -> None:
        """Before each run: the first of a scenario starts from empty databases, streams and buckets."""
        if self.scenario == scenario:
            return
        self.end()
        self.scenario, self.events = scenario, 0
        await self.clear()
        await self.serve()
        await self._known(ADMINISTRATOR)
        async with client_of([self.settings.address], ADMINISTRATOR, 0) as administrator:
            grant = {
                "subject": COORDINATOR,
                "role": "coordinator",
                "organisation_id": str(PLATFORM_ORGANISATION),
                "reason": "Runs the faults.",
                "invite": True,
            }
            await administrator.ask("/api/v1/grants", grant, "grant", insist=True)
        await self._known(COORDINATOR)

    async def _known(self, subject: str) -> None:
        """Returns when every service has heard of the subject's role, and no answer is remembered from before."""
        async with books(self.settings) as found:
            for service in SERVICE_NAMES:
                sql = "SELECT 1 FROM access_grants WHERE subject = %(subject)s"
                while not await found.rows(service, sql, subject=subject):
                    await asyncio.sleep(0.05)
        await asyncio.sleep(CACHE_SECONDS)

    async def clear(self) -> None:
        """Empties databases, streams and buckets. No service may run."""
        for service in SERVICE_NAMES:
            async with await psycopg.AsyncConnection.connect(
                self.settings.migration_url(service), autocommit=True
            ) as connection:
                cursor = await connection.execute(
                    """SELECT format('%I', c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                       AND c.relname <> 'alembic_version'"""
                )
                tables = ", ".join(row[0] for row in await cursor.fetchall())
                await connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE".encode())
        bus = Bus(self.settings.nats_url, token=self.settings.nats_token.get_secret_value())
        await bus.open()
        await drop_streams(bus)
        await bus.close()
        for service in SERVICE_NAMES:
            await self.sweep(service)

    async def sweep(self, service: str, *, repair: bool = True) -> SweepReport:
        """The service's orphan sweep with nothing spared for its youth."""
        (built,) = build(self.settings, [service])
        await built.database.open()
        await built.blobs.open()
        try:
            return await sweep(built.documents, timedelta(0), repair=repair)
        finally:
            await built.blobs.close()
            await built.database.close()

    async def probe(self, client: Client, name: str, blow: float) -> float:
        """A fresh command and its way to every hearer; seconds since the blow."""
        told = Told(f"{name} probe")
        await client.chain(told, 2, insist=True)
        async with books(self.settings) as found:
            await found.everywhere(told)
        return time.monotonic() - blow

    async def judge(self, outcome: Outcome, client: Client) -> None:
        """Both judges; the outcome is filled in before either may fail."""
        verdict = await Verifier(self.settings).run(settle=SETTLE_SECONDS)
        outcome.events, self.events = verdict.events - self.events, verdict.events
        outcome.acknowledged, outcome.given_up = client.acknowledged, client.given_up
        for kind in ("missing", "doubled", "orphaned"):
            setattr(outcome, kind, verdict.total(kind))
        wrong = [f"{one.what}: {one.examples}" for one in verdict.compared if one.examples]
        assert not verdict.unsettled, verdict.unsettled
        assert verdict.met, wrong
        assert verdict.parked == 0
        async with books(self.settings) as found:
            await found.check(client.told)
