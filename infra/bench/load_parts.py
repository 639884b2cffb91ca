"""The people of `hechuan bench load`: who they are, how they ask, and what they note of each answer."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httptools
import orjson
import psycopg

from shared.identity.sessions import Sessions
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings

API = "/projects/api/v1"
CONNECTIONS = 256
"""Kept open at most, as by a gateway in front of the service."""
SECTION = "application"
FORM = {
    "type": "object",
    "title": "Aims",
    "properties": {
        "problem": {"type": "string", "title": "The problem"},
        "aim": {"type": "string", "title": "What will be there at the end"},
    },
}
PDF = b"%PDF-1.4\n%bench\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
END = b"trailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(slots=True)
class Person:
    """One person who writes one application."""

    subject: str
    organisation: UUID
    cookie: str
    application: str = ""
    saved: int = 0
    """The version of their answers that their form knows."""
    text: str = ""
    """The last text that the service said it had kept."""
    done: bool = False


class _Answer:
    def __init__(self) -> None:
        self.body = b""
        self.version = 0
        self.complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"x-version":
            self.version = int(value)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


@dataclass(slots=True)
class Line:
    """A connection to one process of the service, open while it is of use."""

    port: int
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.streams is not None and self.streams[0].at_eof():  # kept for too long: the service closed it
            self.close()
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        return self.streams

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


class Door:
    """Asks over kept connections, in turn to each process; as many questions at once as there are connections."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._idle: asyncio.Queue[Line] = asyncio.Queue()
        for n in range(CONNECTIONS):
            self._idle.put_nowait(Line(ports[n % len(ports)]))

    async def ask(
        self, method: str, path: str, cookie: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON, or the version that an answer without content names; status 0 where the connection broke."""
        content = body if isinstance(body, bytes) else orjson.dumps(body) if body is not None else b""
        given = {"Content-Type": "application/json", "If-Match": "*"} | dict(headers or {})
        line = await self._idle.get()
        host = f"127.0.0.1:{line.port}"
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n"
        head += f"Accept: application/json\r\nContent-Length: {len(content)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in given.items()) + "\r\n"
        try:
            status, answer = await self._exchange(await line.opened(), head.encode() + content)
            found = orjson.loads(answer.body) if answer.body[:1] == b"{" else {"version": answer.version}
        except (OSError, httptools.HttpParserError):
            line.close()
            status, found = 0, None
        self._idle.put_nowait(line)
        return status, found

    async def _exchange(
        self, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
    ) -> tuple[int, _Answer]:
        reader, writer = connection
        writer.write(request)
        answer = _Answer()
        parser = httptools.HttpResponseParser(answer)
        while not answer.complete:
            data = await reader.read(1 << 16)
            if not data:
                raise ConnectionError("the service closed the connection")
            parser.feed_data(data)
        return parser.get_status_code(), answer

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()


@dataclass
class Heard:
    """What was answered to one kind of question. Times count from when it was to be asked, so that a service that is
    behind cannot hide it by being asked later."""

    ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @asynccontextmanager
    async def at(self, moment: float) -> AsyncIterator[list[int]]:
        """Waits for the moment; the block puts the status it was answered into the list."""
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        status: list[int] = []
        yield status
        self.ms.append((time.monotonic() - moment) * 1000)
        self.statuses[status[0]] += 1

    def quantile(self, part: float) -> float:
        ordered = sorted(self.ms)
        return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 1)

    @property
    def failed(self) -> int:
        return sum(n for status, n in self.statuses.items() if not 200 <= status < 300)


class Writer:
    """What one person does."""

    def __init__(self, door: Door, call_id: str) -> None:
        self.door, self.call_id = door, call_id

    async def begin(self, person: Person, with_document: bool) -> None:
        """A draft as people have it after an hour, with its PDF where it is about to be handed in."""
        fields = {
            "call_id": self.call_id,
            "title": f"Alloy {person.subject[-6:]} for seat frames",
            "abstract": "We make an alloy. " * 60,
            "requested": {"amount": "240000.00", "currency": "CNY"},
        }
        made = await self._must("POST", f"{API}/applications", person, fields)
        person.application = f"{API}/applications/{made['id']}"
        if with_document:
            document = await self._upload(person)
            await self._must("POST", f"{person.application}/documents", person, {"document_id": document})

    async def _upload(self, person: Person) -> str:
        boundary = uuid4().hex
        content = PDF + person.subject.encode() + END
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="plan.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode() + content + f"\r\n--{boundary}--\r\n".encode()  # fmt: skip
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        made = await self._must("POST", f"{API}/documents", person, body, kind)
        return str(made["id"])

    async def _must(
        self, method: str, path: str, person: Person, body: Any, headers: Mapping[str, str] | None = None
    ) -> Any:
        status, found = await self.door.ask(method, path, person.cookie, body, headers)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path} was answered {status}: {found}")
        return found

    async def save(self, person: Person, text: str) -> int:
        """What the form does by itself while somebody writes: the section as it stands, for the version it knows."""
        fields = {"answers-problem": text, "answers-aim": "", "version": person.saved, "draft": "1"}
        page = f"{person.application.replace(API, '/projects')}/answers/{SECTION}/edit"
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-Autosave": "1"}
        status, found = await self.door.ask("POST", page, person.cookie, urlencode(fields).encode(), kind)
        if status == 204:
            person.text, person.saved = text, found["version"]
        return status

    async def submit(self, person: Person) -> int:
        key = {"Idempotency-Key": uuid4().hex}
        status, _ = await self.door.ask("POST", f"{person.application}/submission", person.cookie, None, key)
        person.done = status == 200
        return status


async def settle_people(settings: Settings, count: int, organisations: int) -> list[Person]:
    """People and organisations as the facts of coordination and the catalogue would leave them with this service."""
    sessions = Sessions(settings)
    places = [new_id() for _ in range(organisations)]
    people = [
        Person(f"bench-load-{n:06}", places[n % organisations], "") for n in range(count)
    ]  # fmt: skip
    for person in people:
        person.cookie = f"{sessions.cookie}={sessions.encode(sessions.start(person.subject))}"
    async with await psycopg.AsyncConnection.connect(settings.migration_url("projects")) as connection:
        cursor = connection.cursor()
        await cursor.executemany(
            """INSERT INTO organisations (id, version, described, name, name_zh, kind, sector, region, credit, state,
                                          admitted_until)
               VALUES (%s, 2, 1, %s, '', 'institute', 'civil', 'Chengdu', '', 'admitted', now() + interval '1 year')""",
            [(id, f"Institute {n}") for n, id in enumerate(places)],
        )
        await know(cursor, [(person.subject, "applicant", person.organisation) for person in people])
    return people


async def know(cursor: psycopg.AsyncCursor[Any], grants: list[tuple[str, str, UUID]]) -> None:
    """Subjects with a role for an organisation."""
    await cursor.executemany(
        """INSERT INTO access_accounts (id, subject, name, clearance, version) VALUES (%s, %s, %s, 'internal', 1)""",
        [(new_id(), subject, subject) for subject, _, _ in grants],
    )
    await cursor.executemany(
        """INSERT INTO access_grants (id, subject, role, organisation_id, organisation_name, starts_at)
           VALUES (%s, %s, %s, %s, 'Bench', '2020-01-01+00')""",
        [(new_id(), subject, role, organisation) for subject, role, organisation in grants],
    )
