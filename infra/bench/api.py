"""List and detail of organisations through the service, against a bare Starlette route that returns the same rows.

Both sides are processes of their own with the same server (uvicorn, uvloop), the same database and the same client.
The bare side has neither sign-in nor policy nor problem details; that is what the ratio prices.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httptools
import psycopg

from infra.bench.api_sides import COOKIE_SUBJECT, session_cookie
from infra.bench.result import Bar, Result, Say
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings

BAR = 0.4
REASON = "session, policy, parsing and problem handling around one query, which is most of a bare request"
ROWS = 1000
ROUNDS = 15
CLIENTS = 8
SECONDS = 1.0


class Client:
    """One kept connection that repeats one request as fast as it is answered; parsing by httptools, as the server."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self.port = port
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nAccept: application/json\r\n\r\n"
        ).encode()
        self.answered = 0
        self.body = b""

    async def run(self, until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            while time.monotonic() < until:
                self._begin()
                writer.write(self.request)
                while not self._complete:
                    data = await reader.read(1 << 16)
                    if not data:
                        raise ConnectionError("the server closed the connection")
                    self._parser.feed_data(data)
                if self._status != 200:
                    raise RuntimeError(f"the server answered {self._status}: {self.body[:200]!r}")
                self.answered += 1
        finally:
            writer.close()

    def _begin(self) -> None:
        self._complete = False
        self._status = 0
        self.body = b""
        self._parser = httptools.HttpResponseParser(self)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self._complete = True
        self._status = self._parser.get_status_code()


async def _rate(port: int, path: str, cookie: str, seconds: float) -> tuple[float, bytes]:
    """Requests answered a second by several clients at once, and the last body."""
    clients = [Client(port, path, cookie) for _ in range(CLIENTS)]
    begun = time.monotonic()
    await asyncio.gather(*(client.run(begun + seconds) for client in clients))
    return sum(client.answered for client in clients) / (time.monotonic() - begun), clients[0].body


@asynccontextmanager
async def _side(name: str, settings: Settings, port: int) -> AsyncIterator[int]:
    environment = {**os.environ, **as_environment(settings), "HECHUAN_PORT": str(port), "HECHUAN_HOST": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, "-m", "infra.bench.api_sides", name], env=environment)  # noqa: ASYNC220, S603 -- ourselves
    try:
        for _ in range(300):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as the environment a process of its own reads them from."""
    found = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if hasattr(value, "get_secret_value"):
            value = value.get_secret_value()
        if isinstance(value, str | int) and str(value):
            found[f"HECHUAN_{name.upper()}"] = str(value)
    found["HECHUAN_STATE_DIR"] = str(settings.state_dir)
    return found


async def _prepare(settings: Settings) -> UUID:
    """Rows to read, and somebody who may read them. Returns one organisation's id."""
    one = new_id()
    async with await psycopg.AsyncConnection.connect(settings.migration_url("catalog"), autocommit=True) as connection:
        cursor = await connection.execute("SELECT count(*), min(id::text) FROM organisations WHERE source = 'bench'")
        row = await cursor.fetchone()
        if row and row[0] >= ROWS:
            return UUID(row[1])
        await connection.execute(
            """INSERT INTO organisations (id, version, created_at, name, name_zh, kind, sector, region, state,
                                          state_reason, registered_by, source, source_number)
               SELECT CASE n WHEN 1 THEN %(one)s::uuid ELSE gen_random_uuid() END, 1, now(), 'Bench organisation ' || n,
                      '测试机构' || n, 'company', 'civil', 'Chengdu', 'registered', '', 'bench', 'bench', n::text
               FROM generate_series(1, %(n)s) AS n""",
            {"one": one, "n": ROWS},
        )
        await connection.execute("ANALYZE organisations")
    return one


async def _forget(settings: Settings) -> None:
    async with await psycopg.AsyncConnection.connect(settings.migration_url("catalog"), autocommit=True) as connection:
        await connection.execute("DELETE FROM organisations WHERE source = 'bench'")
        await connection.execute("DELETE FROM access_accounts WHERE subject = %s", (COOKIE_SUBJECT,))


async def run(settings: Settings, quick: bool, say: Say = print) -> Result:
    """Alternating rounds; the ratio is the median of the rounds' ratios."""
    rounds, seconds = (1, 0.5) if quick else (ROUNDS, SECONDS)
    one = await _prepare(settings)
    cookie = session_cookie(settings)
    base = 20000 + os.getpid() % 20000
    paths = {"list": "/catalog/api/v1/organisations?limit=50", "detail": f"/catalog/api/v1/organisations/{one}"}
    figures: dict[str, float] = {}
    baseline: dict[str, float] = {}
    ratio: dict[str, float] = {}
    try:
        async with _side("service", settings, base) as ours, _side("bare", settings, base + 1) as bare:
            for what, path in paths.items():
                for port in (ours, bare):
                    await _rate(port, path, cookie, seconds / 3)
                pairs = []
                for _ in range(rounds):
                    mine, body = await _rate(ours, path, cookie, seconds)
                    theirs, bare_body = await _rate(bare, path, cookie, seconds)
                    pairs.append((mine, theirs))
                    say(f"{what}: ours {mine:,.0f}/s, bare {theirs:,.0f}/s, ratio {mine / theirs:.2f}")
                    if abs(len(body) - len(bare_body)) > 100:
                        raise RuntimeError("the two sides do not return the same rows")
                figures[f"{what} per second"] = round(statistics.median(mine for mine, _ in pairs), 1)
                baseline[f"{what} per second"] = round(statistics.median(theirs for _, theirs in pairs), 1)
                ratio[what] = round(statistics.median(mine / theirs for mine, theirs in pairs), 3)
    finally:
        await _forget(settings)
    return Result(
        figures={**figures, "rounds": rounds, "clients": CLIENTS, "rows in a list": 50},
        baseline=dict(baseline),
        ratio=ratio,
        bars=[Bar(what, value, BAR, REASON) for what, value in ratio.items()],
    )
