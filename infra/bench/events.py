"""`hechuan bench events`: what the outbox and the bus cost, against raw parts on the same servers with the same bytes.

It starts a PostgreSQL and a NATS of its own, both flushing every commit and message to the disk, in a scratch folder,
so that no real stream is touched. Everything of ours runs in one process on one event loop, as `hechuan run` does;
the baselines run in that process too. Rounds alternate between ours and the baseline, and each ratio is the median
of the rounds' ratios, because machines are noisy.
"""

import asyncio
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from infra.bench.event_parts import Parts, fill, open_parts
from infra.bench.raw import raw_drain
from infra.bench.result import Bar, Result
from infra.embedded.group import Embedded
from shared.bus.runner import BusRunner
from shared.kernel.settings import Settings

DRAIN_BAR = 0.6
DRAIN_REASON = "below this outbox, inbox and projection together cost more than moving the bytes itself"
LIVE_BAR = 0.7
LIVE_REASON = "a command that leaves a fact may cost this much more: else people would be tempted to leave none"
P50_BAR_MS, P99_BAR_MS = 15.0, 80.0
LATENCY_REASON = "a page shown after a click on another service must hold the fact already, on a bad moment too"
FLAT_BAR = 0.75
FLAT_REASON = "a platform in its tenth year must be as quick as in its first"


class Size:
    """How much work a run does."""

    def __init__(self, quick: bool) -> None:
        self.drain = 500 if quick else 100_000
        self.rounds = 1 if quick else 3
        self.live_seconds = 0.3 if quick else 1.5
        self.live_rounds = 1 if quick else 9
        self.paced = 40 if quick else 1_000
        self.history = (100, 600) if quick else (1_000, 1_000_000)


async def run(settings: Settings, quick: bool = False, say: Callable[[str], None] = lambda line: None) -> Result:
    """Figures, baselines, ratios, bars and whether they are met."""
    scratch = settings.state_dir / "bench-events"
    shutil.rmtree(scratch, ignore_errors=True)
    own = Settings(state_dir=scratch, nats_url="", nats_replicas=1)
    own = own.model_copy(update={f"{s}_database_url": "" for s in ("projects", "finance")})
    servers = Embedded(own, {"postgres", "nats"}, durable=True)
    complete = await asyncio.to_thread(servers.start)
    try:
        async with open_parts(complete) as parts:
            return await _measure(parts, Size(quick), say)
    finally:
        await asyncio.to_thread(servers.stop)
        shutil.rmtree(scratch, ignore_errors=True)


async def _measure(parts: Parts, size: Size, say: Callable[[str], None]) -> Result:
    by_history = []
    for history in size.history:
        say(f"bringing outbox, stream and inbox to {history:,} events")
        await _bring_to(parts, history)
        figures = {"history": history} | await _drain(parts, size, say)
        figures |= await _live(parts, size, say)
        figures |= await _latency(parts, size, say)
        by_history.append(figures)
    few, many = by_history
    flat = {
        "drain": many["drain"]["ours"] / few["drain"]["ours"],
        "live": many["live"]["ours"] / few["live"]["ours"],
        "latency_p50": few["latency"]["p50_ms"] / many["latency"]["p50_ms"],
    }
    return _result(few, many, flat)


def _result(few: dict[str, Any], many: dict[str, Any], flat: dict[str, float]) -> Result:
    bars = []
    for one in (few, many):
        at = f"at {one['history']:,} events"
        bars += [
            Bar(f"drain {at}", one["drain"]["ratio"], DRAIN_BAR, DRAIN_REASON),
            Bar(f"live {at}", one["live"]["ratio"], LIVE_BAR, LIVE_REASON),
            Bar(f"latency p50 {at}, ms", one["latency"]["p50_ms"], P50_BAR_MS, LATENCY_REASON, "at most"),
            Bar(f"latency p99 {at}, ms", one["latency"]["p99_ms"], P99_BAR_MS, LATENCY_REASON, "at most"),
        ]
    bars += [Bar(f"flat: {name}", share, FLAT_BAR, FLAT_REASON) for name, share in flat.items()]
    return Result(
        figures={
            "layout": "one process, one event loop (as hechuan run); PostgreSQL fsync on, NATS sync_interval always",
            **{
                f"{what} at {one['history']:,}": {k: v for k, v in one[what].items() if k not in ("baseline", "ratio")}
                for one in (few, many)
                for what in ("drain", "live", "latency")
            },
        },
        baseline={
            f"{what} at {one['history']:,}": one[what]["baseline"] for one in (few, many) for what in ("drain", "live")
        },
        ratio={bar.name: round(bar.value, 3) for bar in bars if "latency p" not in bar.name},
        bars=bars,
    )


async def _bring_to(parts: Parts, history: int) -> None:
    missing = history - await parts.outbox_rows()
    while missing > 0:
        await fill(parts, min(missing, 100_000))
        await _drain_ours(parts)
        missing -= 100_000
    await parts.settle()


async def _drain(parts: Parts, size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    ours, raw, best = [], [], []
    for number in range(size.rounds):
        await fill(parts, size.drain)
        payloads = await parts.payloads(size.drain)
        await parts.settle()

        async def mine() -> None:
            ours.append(size.drain / await _drain_ours(parts))

        async def windowed(payloads: list[bytes] = payloads) -> None:
            raw.append(size.drain / await raw_drain(parts.bus, payloads, atomic=False))

        async def atomic(payloads: list[bytes] = payloads) -> None:
            best.append(size.drain / await raw_drain(parts.bus, payloads, atomic=True))

        await _in_turn(number, mine, windowed, atomic)
        say(f"drain: ours {ours[-1]:,.0f}/s, raw {raw[-1]:,.0f}/s, raw in atomic batches {best[-1]:,.0f}/s")
    mid = statistics.median
    return {
        "drain": {
            "events": size.drain,
            "ours": mid(ours),
            "baseline": mid(raw),
            "ratio": _ratio(ours, raw),
            "raw_in_atomic_batches": mid(best),
        }
    }


def _ratio(ours: list[float], baseline: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, baseline, strict=True))


async def _in_turn(number: int, *parts: Callable[[], Awaitable[None]]) -> None:
    for part in parts if number % 2 == 0 else reversed(parts):
        await part()


async def _drain_ours(parts: Parts) -> float:
    """Seconds from starting the relay to the last event's projection committed."""
    wanted = parts.projected + await parts.unpublished()
    async with _running(parts) as started:
        await parts.until(lambda: parts.projected >= wanted)
        return float(time.perf_counter() - started)


@asynccontextmanager
async def _running(parts: Parts, *, hearing: bool = True) -> Any:
    started = time.perf_counter()
    says = BusRunner("projects", parts.projects, parts.bus, [])
    hears = BusRunner("finance", parts.finance, parts.bus, parts.reactions if hearing else [])
    await says.start()
    await hears.start()
    try:
        yield started
    finally:
        await says.stop()
        await hears.stop()


async def _live(parts: Parts, size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    """Commands a second of eight callers, with the fact and without."""
    with_fact, without, heard = [], [], []
    for number in range(size.live_rounds):

        async def bare() -> None:
            async with _running(parts, hearing=False):
                without.append(await _saturate(parts, size.live_seconds, fact=False))

        async def full() -> None:
            async with _running(parts, hearing=False):
                with_fact.append(await _saturate(parts, size.live_seconds, fact=True))

        async def with_hearer() -> None:
            async with _running(parts):
                heard.append(await _saturate(parts, size.live_seconds, fact=True))

        await _in_turn(number, bare, full, with_hearer)
        await _drain_ours(parts)
    mid = statistics.median
    live = {
        "callers": 8,
        "ours": mid(with_fact),
        "baseline": mid(without),
        "ratio": _ratio(with_fact, without),
        "with_a_hearing_service_in_the_same_process": mid(heard),
    }
    say(f"live: {live['ours']:,.0f}/s with a fact, {live['baseline']:,.0f}/s without, ratio {live['ratio']:.2f}")
    return {"live": live}


async def _saturate(parts: Parts, seconds: float, *, fact: bool) -> float:
    done = 0
    started = time.perf_counter()

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() - started < seconds:
            await parts.command(fact=fact)
            done += 1

    await asyncio.gather(*(caller() for _ in range(8)))
    return done / (time.perf_counter() - started)


async def _latency(parts: Parts, size: Size, say: Callable[[str], None]) -> dict[str, Any]:
    """A hundred commands a second, evenly; from each commit to the commit of its projection. Medians of the rounds."""
    await parts.settle()
    rounds = [await _latency_round(parts, size.paced) for _ in range(size.rounds)]
    p50, p99 = (statistics.median(took[int(len(took) * share)] for took in rounds) for share in (0.5, 0.99))
    say(f"latency: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    return {"latency": {"commands": sum(map(len, rounds)), "p50_ms": p50, "p99_ms": p99}}


async def _latency_round(parts: Parts, number: int) -> list[float]:
    """Milliseconds, sorted."""
    async with _running(parts):
        await parts.command(fact=True)
        await asyncio.sleep(0.5)
        parts.seen.clear()
        committed: dict[Any, float] = {}
        started = time.perf_counter()
        commands = []

        async def one() -> None:
            id = await parts.command(fact=True)
            committed[id] = time.perf_counter()

        for turn in range(number):
            await asyncio.sleep(max(0.0, started + turn / 100 - time.perf_counter()))
            commands.append(asyncio.create_task(one()))
        await asyncio.gather(*commands)
        await parts.until(lambda: committed.keys() <= parts.seen.keys())
    return sorted(max(0.0, parts.seen[id] - at) * 1000 for id, at in committed.items())
