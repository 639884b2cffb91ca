"""The duplicate check: rewrites of real records planted among 100,000, against PostgreSQL's full-text search."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import psycopg
from rich.console import Console
from rich.progress import track

from infra.bench.assignment import folder
from infra.bench.duplicate_cases import Case, planted, real, said
from infra.bench.result import Bar, Result, Say
from infra.embedded.group import Embedded
from infra.migrate import migrate
from services.project_management.duplicates.known import BATCH, count_common, know_records
from services.project_management.duplicates.queries import alike
from services.project_management.duplicates.rules import compare
from services.project_management.earlier_projects.actions import import_batch
from services.project_management.earlier_projects.rules import pairs
from services.project_management.earlier_projects.schemas import EarlierProjectBatch
from shared.db.engine import Database
from shared.db.work import Rows
from shared.kernel.actor import Actor, Grant, system_actor
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import Role, SecurityLabel

RECORDS, CASES, FRESH = 100_000, 300, 200
QUICK_RECORDS, QUICK_CASES, QUICK_FRESH = 1_500, 60, 40
FIRST = 5
RECALL_BAR = 0.95
RECALL_REASON = (
    "of the rewrites in the first five: a person reads five findings, and a grant paid twice is not found later"
)
TIME_BAR = 150.0
TIME_REASON = (
    "milliseconds at 100,000 records: the check runs at each submission, and the last hour before closing is full"
)
FALSE_BAR = 0.2
FALSE_REASON = "of records that nobody rewrote: an officer who is called for nothing stops looking"
BASELINE = 40
"""Cases for the baseline, which takes a second each."""


async def run(settings: Settings, quick: bool = False, say: Say = lambda line: None) -> Result:
    """A database of its own, so that nothing of the platform's is touched."""
    data = folder()
    scratch = settings.state_dir / "bench-duplicates"
    shutil.rmtree(scratch, ignore_errors=True)
    servers = Embedded(
        Settings(state_dir=scratch).model_copy(update={"projects_database_url": ""}), {"postgres"}, durable=True
    )
    complete = await asyncio.to_thread(servers.start)
    try:
        await asyncio.to_thread(migrate, complete, "projects")
        return await measure(complete, data, quick, say)
    finally:
        await asyncio.to_thread(servers.stop)
        shutil.rmtree(scratch, ignore_errors=True)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    database = Database("projects", settings.database_url("projects"))
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def measure(settings: Settings, data: Any, quick: bool, say: Say) -> Result:
    records, number, fresh = (QUICK_RECORDS, QUICK_CASES, QUICK_FRESH) if quick else (RECORDS, CASES, FRESH)
    say("reading real records")
    sources = real(data, records + fresh)
    # What is left out of the register is what nobody has rewritten: the last of each list.
    held = [source.rows.pop() for _ in range(fresh // len(sources)) for source in sources]
    cases = planted(sources, number)
    held += [source.rows.pop() for source in sources[:1] for _ in range(sum(len(s.rows) for s in sources) - records)]
    async with opened(settings) as database:
        brought, kept = await fill(database, [(source.name, source.rows) for source in sources], say)
        say(f"checking {len(cases)} rewrites")
        async with database.read(OFFICER) as rows:
            ours = await find_all(rows, cases)
            alarms = [await _looked_at(rows, said(row)) for row in held]
            say("full-text search for comparison")
            theirs = await _baseline(rows, cases[:: max(1, len(cases) // BASELINE)][:BASELINE])
        size = await _size(settings)
    return _result(sources, ours, theirs, alarms, size | {"import s": brought, "keeping texts s": kept})


OFFICER = Actor("bench", grants=(Grant(Role.PROGRAMME_OFFICER, new_id()),), clearance=SecurityLabel.INTERNAL)


async def fill(database: Database, sources: Sequence[tuple[str, list[Any]]], say: Say) -> tuple[float, float]:
    """Bring the records in as an import does, and keep their texts as the clock does; seconds of both."""
    batches = [(name, rows[at : at + BATCH]) for name, rows in sources for at in range(0, len(rows), BATCH)]
    console, began = Console(stderr=True), time.perf_counter()
    for name, rows in track(batches, "  bringing records in", console=console, transient=True):
        async with database.work(OFFICER) as work:
            batch = [row.model_dump(mode="json", exclude_none=True) for row in rows]
            told = await import_batch(work, EarlierProjectBatch(source=name, rows=batch))
            assert told.refused == 0, told.errors[:3]
    brought = time.perf_counter() - began
    say(f"keeping texts (records took {brought:.0f} s)")
    began = time.perf_counter()
    for _ in track(range(len(batches) + 1), "  keeping texts", console=console, transient=True):
        async with database.work(system_actor("projects")) as work:
            if not await know_records(work):
                break
    async with database.work(system_actor("projects")) as work:
        await count_common(work)
    return round(brought, 1), round(time.perf_counter() - began, 1)


async def find_all(rows: Rows, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """For each rewrite whether what it was made of is among the first, and how long the check took."""
    numbers = {
        str(row["id"]): (row["source"], row["number"])
        for row in await rows.rows("SELECT id, source, number FROM earlier_projects")
    }
    found = []
    for case in track(cases, "  checking", console=Console(stderr=True), transient=True):
        began = time.perf_counter()
        inputs = await alike(rows, case.said, self_id=new_id())
        inputs.pop("rows")
        result = compare(inputs).result
        took = 1000 * (time.perf_counter() - began)
        first = [numbers[id] for id in result["listed"][:FIRST]]
        hit = not case.targets.isdisjoint(first)
        found.append({"case": case, "ms": took, "hit": hit, "look": result["look"]})
    return found


async def _looked_at(rows: Rows, one: Any) -> bool:
    inputs = await alike(rows, one, self_id=new_id())
    inputs.pop("rows")
    return bool(compare(inputs).result["look"])


_WORDS = """SELECT source, number FROM earlier_projects, websearch_to_tsquery('english', %(text)s) q
            WHERE words @@ q ORDER BY ts_rank(words, q) DESC LIMIT 5"""
_PAIRS = """SELECT source, number FROM earlier_projects WHERE pairs && %(pairs)s::text[]
            ORDER BY cardinality(ARRAY(SELECT unnest(pairs) INTERSECT SELECT unnest(%(pairs)s::text[]))) DESC LIMIT 5"""


async def _baseline(rows: Rows, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The register's own search: any of the text's words by ts_rank; for Chinese, most pairs of characters."""
    found = []
    for case in track(cases, "  full-text search", console=Console(stderr=True), transient=True):
        text = f"{case.said.title} {case.said.abstract}"
        two = pairs(text)
        began = time.perf_counter()
        if case.language.startswith("zh"):
            first = await rows.rows(_PAIRS, {"pairs": two}) if two else []
        else:
            words = " or ".join(dict.fromkeys(word for word in text.split() if word.isalnum()))
            first = await rows.rows(_WORDS, {"text": words})
        took = 1000 * (time.perf_counter() - began)
        hit = not case.targets.isdisjoint((row["source"], row["number"]) for row in first)
        found.append({"case": case, "ms": took, "hit": hit})
    return found


async def _size(settings: Settings) -> dict[str, Any]:
    async with await psycopg.AsyncConnection.connect(settings.database_url("projects")) as connection:
        found = await connection.execute(
            """SELECT (SELECT count(*) FROM known_texts), pg_indexes_size('known_texts'),
                      pg_table_size('known_texts'), (SELECT count(*) FROM common_passages)"""
        )
        row = await found.fetchone()
    assert row
    return {
        "texts": row[0],
        "index MB": round(row[1] / 1e6),
        "table MB": round(row[2] / 1e6),
        "common passages": row[3],
    }


def _p(rows: Sequence[dict[str, Any]], at: int) -> float:
    return round(float(np.percentile([row["ms"] for row in rows], at)), 1)


def _recall(rows: Sequence[dict[str, Any]]) -> float:
    return round(sum(bool(row["hit"]) for row in rows) / len(rows), 4)


def _result(
    sources: Sequence[Any],
    ours: list[dict[str, Any]],
    theirs: list[dict[str, Any]],
    alarms: list[bool],
    size: dict[str, Any],
) -> Result:
    by_kind = {
        how: _recall([row for row in ours if row["case"].how == how]) for how in {r["case"].how: 0 for r in ours}
    }
    languages = {row["case"].language: 0 for row in ours}
    recall, p95 = _recall(ours), _p(ours, 95)
    false = round(sum(alarms) / len(alarms), 3)
    same = {id(row["case"]) for row in theirs}
    paired = [row for row in ours if id(row["case"]) in same]
    return Result(
        figures={
            "records": {source.name: len(source.rows) for source in sources},
            "real": "all; Chinese abstracts (CSL) are those of papers",
            **size,
            "rewrites": len(ours),
            "recall in the first five": recall,
            "recall by rewrite": by_kind,
            "recall by language": {one: _recall([r for r in ours if r["case"].language == one]) for one in languages},
            "to be looked at, of the rewrites": round(sum(row["look"] for row in ours) / len(ours), 4),
            "to be looked at, of records nobody rewrote": false,
            "ms, median": _p(ours, 50),
            "ms, p95": p95,
            "ms, longest": _p(ours, 100),
            "missed": [
                f"{r['case'].how}, {r['case'].language}: {r['case'].said.title[:60]}" for r in ours if not r["hit"]
            ],
        },
        baseline={
            "full-text search, cases": len(theirs),
            "full-text search, recall": _recall(theirs),
            "full-text search, ms median": _p(theirs, 50),
            "full-text search, ms p95": _p(theirs, 95),
            "the check on the same cases, recall": _recall(paired),
        },
        ratio={
            "recall / full-text search": _recall(paired) / max(0.001, _recall(theirs)),
            "p95 full-text search / check": _p(theirs, 95) / max(0.1, p95),
        },
        bars=[
            Bar("recall in the first five", recall, RECALL_BAR, RECALL_REASON),
            Bar("p95, ms", p95, TIME_BAR, TIME_REASON, "at most"),
            Bar("looked at for nothing", false, FALSE_BAR, FALSE_REASON, "at most"),
        ],
    )
