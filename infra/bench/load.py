"""`hechuan bench load`: a call on its last evening. Two thousand people write and their drafts save themselves, fifty
hand in every second for a minute, then three hundred press the button at one instant.

It starts a platform of its own in a scratch folder: four servers, a process of the projects service for each core and
one of the other four services, as a small installation runs them behind its gateway. The baseline is the same service
with nobody else about.
"""

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import psycopg

from infra.bench.api import as_environment
from infra.bench.load_parts import API, FORM, Door, Heard, Person, Writer, know, settle_people
from infra.bench.result import Bar, Result, Say
from infra.migrate import migrate_all
from infra.platform import resolve
from infra.verify import Verifier
from shared.identity.sessions import Sessions
from shared.kernel.ids import new_id
from shared.kernel.settings import SERVICE_NAMES, Settings

SAVE_EVERY = 20.0
"""Seconds between two savings of one person's draft: a form saves two seconds after the last key, and people type in
bursts of some ten seconds."""
SAVE_BAR_MS = 300.0
SAVE_REASON = "what the screens promise of every page: a saving must not be felt while writing"
SUBMIT_BAR_MS = 1_000.0
SUBMIT_REASON = "whoever presses the button on the last evening must not wonder whether it worked"
CROWD_REASON = "three hundred at one instant are the worst second of a year; each gets a receipt or a clear answer"
LOST_REASON = "what was said to be kept is kept, with exactly one version, receipt and fact each"
INVENTED = ("organisations", "access_grants", "access_accounts")
"""Projections whose rows this bench wrote itself, without their sources."""


class Size:
    """How much a run does."""

    def __init__(self, quick: bool) -> None:
        self.writers = 20 if quick else 2_000
        self.per_second = 5 if quick else 50
        self.seconds = 2 if quick else 60
        self.crowd = 10 if quick else 300
        self.calm = 10 if quick else 200
        self.organisations = 5 if quick else 200
        self.save_every = 1.0 if quick else SAVE_EVERY


async def run(settings: Settings, quick: bool, say: Say = print) -> Result:
    size = Size(quick)
    scratch = settings.state_dir / "bench-load"
    shutil.rmtree(scratch, ignore_errors=True)
    platform = await resolve(Settings(state_dir=scratch), say)
    try:
        own = platform.settings
        await asyncio.to_thread(migrate_all, own)
        ports = _free_ports(1 + max(2, os.cpu_count() or 1))
        others = [name for name in SERVICE_NAMES if name != "projects"]
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_served(own, others, ports.pop()))
            serving = [await stack.enter_async_context(_served(own, ["projects"], port)) for port in ports]
            return await _measure(own, size, ports, serving, say)
    finally:
        await platform.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in found]


@asynccontextmanager
async def _served(settings: Settings, names: Sequence[str], port: int) -> AsyncIterator[psutil.Process]:
    environment = {**os.environ, **as_environment(settings), "HECHUAN_PORT": str(port), "HECHUAN_HOST": "127.0.0.1"}
    command = [sys.executable, "-c", "from infra.cli import main; main()", "serve", *names]
    with (settings.state_dir / f"serve-{names[0]}.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220, S603 -- ourselves
    try:
        for _ in range(600):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.1)
        else:
            raise RuntimeError(f"{', '.join(names)} did not start; see the log in {settings.state_dir}")
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


def _spent(serving: Sequence[psutil.Process]) -> float:
    """Seconds of processor that the service has used so far."""
    return float(sum(time.user + time.system for time in (process.cpu_times() for process in serving)))


async def _measure(
    settings: Settings, size: Size, ports: Sequence[int], serving: Sequence[psutil.Process], say: Say
) -> Result:
    handing_in = size.per_second * size.seconds
    people = await settle_people(settings, size.writers + handing_in + size.crowd + size.calm, size.organisations)
    writers, rest = people[: size.writers], people[size.writers :]
    steady, rest = rest[:handing_in], rest[handing_in:]
    crowd, calm = rest[: size.crowd], rest[size.crowd :]
    door = Door(ports)
    try:
        writer = Writer(door, await _call(settings, door))
        say(f"{len(people):,} people begin their applications")
        await _each(writers, lambda person: writer.begin(person, False))
        await _each([*steady, *crowd, *calm], lambda person: writer.begin(person, True))
        say(f"baseline: {len(calm)} hand in one after another")
        alone = await _one_by_one(writer, calm)
        say(f"{size.writers:,} write, {size.per_second} a second hand in for {size.seconds} s")
        before = _spent(serving)
        saved, submitted = await _evening(writer, writers, steady, size)
        used = _spent(serving) - before
        say(f"{size.crowd} hand in at one instant")
        at_once = await _at_once(writer, crowd)
        begun = time.monotonic()
        say("comparing what was said with what is kept, here and with the other services")
        lost = await _lost(settings, say, writers, [*steady, *crowd, *calm])
    finally:
        door.close()
    figures: dict[str, Any] = {
        "people writing": size.writers,
        "savings": len(saved.ms),
        "savings: p50, p95, p99 ms": [saved.quantile(part) for part in (0.5, 0.95, 0.99)],
        "handed in": len(submitted.ms),
        "handed in: p50, p95, p99 ms": [submitted.quantile(part) for part in (0.5, 0.95, 0.99)],
        "answers": dict(saved.statuses + submitted.statuses),
        "at one instant": size.crowd,
        "at one instant: p50, p95, slowest ms": [at_once.quantile(part) for part in (0.5, 0.95, 1.0)],
        "at one instant: answers": dict(at_once.statuses),
        "processes of the service": len(serving),
        "processor seconds of the service in the minute": round(used, 1),
        "seconds until every service had heard all": round(time.monotonic() - begun, 1),
        "lost": lost,
    }
    baseline = {"handed in alone: p50, p95 ms": [alone.quantile(part) for part in (0.5, 0.95)]}
    return Result(
        figures=figures,
        baseline=baseline,
        ratio={"handing in, p95 against alone": round(submitted.quantile(0.95) / alone.quantile(0.95), 2)},
        bars=[
            Bar("lost, doubled or not heard", sum(lost.values()), 0, LOST_REASON, "at most"),
            Bar("refused or failed", saved.failed + submitted.failed, 0, LOST_REASON, "at most"),
            Bar("savings: p95 ms", saved.quantile(0.95), SAVE_BAR_MS, SAVE_REASON, "at most"),
            Bar("handed in: p95 ms", submitted.quantile(0.95), SUBMIT_BAR_MS, SUBMIT_REASON, "at most"),
            Bar("at one instant: without answer", at_once.failed - at_once.statuses[503], 0, CROWD_REASON, "at most"),
        ],
    )


async def _each(people: Sequence[Person], does: Any) -> None:
    """Everybody, sixteen at a time."""
    waiting = iter(people)

    async def some() -> None:
        for person in waiting:
            await does(person)

    await asyncio.gather(*(some() for _ in range(16)))


async def _call(settings: Settings, door: Door) -> str:
    """A released call, by the steps of its office."""
    sessions = Sessions(settings)
    office, board = new_id(), new_id()
    async with await psycopg.AsyncConnection.connect(settings.migration_url("projects")) as connection:
        grants = [("bench-officer", "programme_officer", office), ("bench-board", "coordinator", board)]
        await know(connection.cursor(), grants)
    officer, coordinator = (f"{sessions.cookie}={sessions.encode(sessions.start(subject))}" for subject, _, _ in grants)
    now = datetime.now(UTC)
    fields = {
        "title": "Light alloys",
        "summary": "From laboratory to part.",
        "field": "Materials",
        "stage": "research",
        "budget": {"amount": "6000000.00", "currency": "CNY"},
        "ceiling": {"amount": "3000000.00", "currency": "CNY"},
        "opens_at": (now - timedelta(days=1)).isoformat(),
        "closes_at": (now + timedelta(days=1)).isoformat(),
        "reviewers_per_application": 2,
        "criteria": [{"name": "Novelty", "weight": "60"}, {"name": "Feasibility", "weight": "40"}],
        "budget_terms": {"required": False},
        "inventor_floor": "1/2",
        "label": "public",
    }
    status, made = await door.ask("POST", f"{API}/calls", officer, fields)
    if status == 201:
        status, _ = await door.ask("PUT", f"{API}/calls/{made['id']}/form", officer, FORM)
    steps = [
        ("signoff-request", officer, None),
        ("signoff", coordinator, {"decision": "approve", "reason": "agreed"}),
        ("release", officer, None),
    ]
    for step, cookie, body in steps:
        if status >= 300 or not status:
            break
        status, _ = await door.ask("POST", f"{API}/calls/{made['id']}/{step}", cookie, body)
    if status >= 300 or not status:
        raise RuntimeError(f"the call was not released: {status}, {made}")
    return str(made["id"])


async def _one_by_one(writer: Writer, people: Sequence[Person]) -> Heard:
    heard = Heard()
    for person in people:
        async with heard.at(time.monotonic()) as status:
            status.append(await writer.submit(person))
    return heard


async def _evening(
    writer: Writer, writers: Sequence[Person], steady: Sequence[Person], size: Size
) -> tuple[Heard, Heard]:
    """Everybody writes at a pace of their own while others hand in at an even one."""
    saved, submitted = Heard(), Heard()
    chance = random.Random(7)  # noqa: S311 -- the same evening each time
    begun = time.monotonic() + 0.5

    async def writes(person: Person) -> None:
        moment = begun + chance.random() * size.save_every
        n = 0
        while moment < begun + size.seconds:
            async with saved.at(moment) as status:
                n += 1
                status.append(await writer.save(person, f"We make an alloy, draft {n}." + " It is light." * 80))
            moment += size.save_every

    async def hands_in(n: int, person: Person) -> None:
        async with submitted.at(begun + n / size.per_second) as status:
            status.append(await writer.submit(person))

    async with asyncio.TaskGroup() as group:
        for person in writers:
            group.create_task(writes(person))
        for n, person in enumerate(steady):
            group.create_task(hands_in(n, person))
    return saved, submitted


async def _at_once(writer: Writer, people: Sequence[Person]) -> Heard:
    heard = Heard()
    moment = time.monotonic() + 0.5

    async def hands_in(person: Person) -> None:
        async with heard.at(moment) as status:
            status.append(await writer.submit(person))

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(hands_in(person))
    return heard


async def _lost(settings: Settings, say: Say, writers: Sequence[Person], handed_in: Sequence[Person]) -> dict[str, int]:
    """What was answered with yes and is not there, or is there twice; and what the other services did not hear."""
    async with await psycopg.AsyncConnection.connect(settings.migration_url("projects")) as connection:
        rows = await (
            await connection.execute("SELECT application_id::text, answers ->> 'problem' FROM answer_sheets")
        ).fetchall()
        kept: dict[str, str] = dict(rows)
        rows = await (
            await connection.execute(
                """SELECT a.id::text, a.state = 'submitted',
                          (SELECT count(*) FROM application_versions v WHERE v.application_id = a.id),
                          (SELECT count(*) FROM receipts r WHERE r.application_id = a.id),
                          (SELECT count(*) FROM outbox o WHERE o.subject = a.id
                           AND o.type = 'hechuan.projects.application.submitted.v1')
                   FROM applications a"""
            )
        ).fetchall()
    stored = {id: (submitted, versions, receipts, facts) for id, submitted, versions, receipts, facts in rows}
    verdict = await Verifier(settings).run(settle=120)
    compared = [one for one in verdict.compared if not any(name in one.what for name in INVENTED)]
    for one in compared:
        if one.missing + one.doubled + one.orphaned:
            say(f"{one.what}: {one.examples}")
    return {
        "texts": sum(
            bool(person.text) and kept.get(person.application.rpartition("/")[2]) != person.text for person in writers
        ),
        "handed in": sum(
            stored.get(person.application.rpartition("/")[2]) != ((True, 1, 1, 1) if person.done else (False, 0, 0, 0))
            for person in handed_in
        ),
        "facts missing, doubled or orphaned": sum(one.missing + one.doubled + one.orphaned for one in compared),
        "parked or still moving": verdict.parked + bool(verdict.unsettled),
    }
