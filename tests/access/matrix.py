"""One route against everybody: what its policy says must be what happens, and what is refused must leave no trace.

The expectation comes from the route's policy and the facts of the thing (owners, label, person), from nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from psycopg import sql
from starlette.types import ASGIApp

from infra.host import host
from shared.kernel.errors import Problem
from shared.kernel.policy import Policy, Scope
from shared.kernel.types import SecurityLabel
from tests.access import census
from tests.access.asking import Answer, ask
from tests.access.census import Route
from tests.access.people import Asker, askers
from tests.kit.counting import COUNTS
from tests.kit.platform import Running
from tests.kit.specimens import FLOORS, GOVERNED, SETTLERS, Ground, Thing, grounded, maker_for

BOUNDARY = b"specimen-boundary"
FILE = (
    b'--%b\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b"A note.\n\r\n--%b--\r\n" % (BOUNDARY, BOUNDARY)
)


class MissingSpecimen(AssertionError):
    """Says what to add, and where."""


@dataclass
class Request:
    """What is sent, and about which thing: None for what is about nothing that exists."""

    path: str
    thing: Thing | None
    body: bytes = b""
    content_type: bytes = b"application/json"
    named: Thing | None = None
    """What only the body or the query names: its label counts, but the request is made for the asker's organisation."""
    labelled: bool = False
    """The body chooses a label; one above the asker's clearance may be called a mistake in the form."""


@dataclass
class World:
    """A service with specimens and everybody who may ask."""

    ground: Ground
    app: ASGIApp
    everybody: list[Asker]
    faults: list[str] = field(default_factory=list)

    @property
    def service(self) -> str:
        return self.ground.running.service.name

    def asking(self, policy: Policy, label: SecurityLabel | None, *, first: bool) -> list[Asker]:
        """Everybody cleared for exactly the label (for all labels, when none is in play); of those whom the policy
        admits at all, also everybody cleared for just one less.

        Whom the policy does not admit is asked about the first label only, and for the owner only: no thing is looked
        at to refuse them, so it does not matter whose it is.

        Who holds one role here and another there only matters where the organisation does, whatever the label: they are
        asked about the first one.
        """
        rank = SecurityLabel.CONFIDENTIAL.rank if label is None else label.rank
        asked = []
        for one in self.everybody:
            if one.someone is None:
                asked += [one] if first or admitted(policy, one) else []
                continue
            crossed = len(one.someone.grants) > 1
            own = {grant.organisation_id for grant in one.someone.grants} <= {self.ground.owner}
            if not admitted(policy, one):
                asked += [one] if first and one.clearance.rank == rank and own else []
            elif one.clearance.rank == rank or (label and one.clearance.rank == rank - 1 and self.near(policy, one)):
                asked += [one] if not crossed or (first and policy.scope is Scope.OWN) else []
        return asked

    def near(self, policy: Policy, asker: Asker) -> bool:
        """Whom only the label can keep out: the policy admits them, and they belong to the owner where that counts."""
        own = asker.someone is not None and self.ground.owner in {one.organisation_id for one in asker.someone.grants}
        return admitted(policy, asker) and (own or policy.scope is not Scope.OWN)

    # -- requests -----------------------------------------------------------------------------------------------

    async def specimen(
        self, name: str, label: SecurityLabel, use: str, before: dict[str, Thing], path: str = ""
    ) -> Thing:
        maker = maker_for(self.service, name, path)
        if maker is None:
            raise MissingSpecimen(
                f"{self.service} has a route with “{name}” and no specimen for it: add MAKERS[{name!r}] to "
                f"tests/kit/specimens/{self.service}.py"
            )
        return await maker(self.ground, label, use, before)

    async def request(self, route: Route, label: SecurityLabel, asker: Asker | None = None) -> Request:
        """The route's request for a fresh thing of this label. Bodies and queries name what the asker has."""
        made: dict[str, Thing] = {}
        for name in route.parameters:
            made[name] = await self.specimen(name, label, route.use, made, route.path)
        path = self._prefix + route.path
        for name, thing in made.items():
            path = path.replace(f"{{{name}}}", str(thing.id))
        request = Request(path, next(reversed(made.values())) if made else None)
        asked = {}
        for name, annotation in route.required_queries.items():
            if name.endswith("_id"):
                use = route.path.removesuffix("/new").rsplit("/", 1)[1]
                request.named = await self.specimen(name, label, use, made)
                asked[name] = str(request.named.id)
                if GOVERNED.get((self.service, use)) == name:
                    request.thing = request.named
            else:
                asked[name] = census.query_value(annotation)
        if asked:
            request.path += "?" + "&".join(f"{name}={value}".replace("+", "%2B") for name, value in asked.items())
        if not route.safe:
            await self._fill(request, route, label, asker)
        return request

    async def _fill(self, request: Request, route: Route, label: SecurityLabel, asker: Asker | None) -> None:
        if route.takes_file:
            request.body, request.content_type = FILE, b"multipart/form-data; boundary=" + BOUNDARY
            return
        face = census.json_face(route) if route.page else route
        if route.page:
            request.content_type = b"application/x-www-form-urlencoded"
        if face is None:
            form = census.FORMS.get((self.service, route.path))
            if form is None:
                raise MissingSpecimen(
                    f"no JSON route does what {route} does: both faces must be there, or FORMS in "
                    "tests/access/census.py must say what is typed"
                )
            request.body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
            return
        if face.takes_file:
            request.body, request.content_type = FILE, b"multipart/form-data; boundary=" + BOUNDARY
            return
        if face.model is None:
            return
        if route.page and "document_id" in face.model.model_fields:  # a page takes the file itself
            request.body, request.content_type = FILE, b"multipart/form-data; boundary=" + BOUNDARY
            return
        values = census.example(face.model)
        request.labelled = "label" in values and request.thing is None
        use = route.path.removesuffix("/new").rsplit("/", 1)[1]
        made = await self._with_specimens(values, label, asker, use)
        governing = GOVERNED.get((self.service, use))
        if governing:
            request.thing = made[governing]
        elif made and request.thing is None:
            request.named = next(iter(made.values()))
        request.body = census.form_body(face.model, values) if route.page else orjson.dumps(values)

    async def _with_specimens(
        self, values: dict[str, Any], label: SecurityLabel, asker: Asker | None, use: str
    ) -> dict[str, Thing]:
        """Replace the ids of an example by those of fresh things, in place; returns the things."""
        things: dict[str, Thing] = {}
        for name, value in values.items():
            if name == "organisation_id":
                held = asker.someone.grants if asker and asker.someone else ()
                values[name] = str(held[0].organisation_id if held else self.ground.owner)
            elif name.endswith("_id") and value is not None:
                things[name] = await self.specimen(name, label, use, {})
                values[name] = str(things[name].id)
            elif name.endswith("_ids") and isinstance(value, list):
                governing = GOVERNED.get((self.service, use)) == name
                chosen = label if governing else SecurityLabel.PUBLIC
                made = [await self.specimen(name[:-1], chosen, use, {}) for _ in value]
                values[name] = [str(thing.id) for thing in made]
                if governing:
                    things[name] = made[0]
            elif name == "label":
                values[name] = label.value
            elif isinstance(value, list):
                for entry in value:
                    if isinstance(entry, dict):
                        await self._with_specimens(entry, label, asker, use)
        return things

    @property
    def _prefix(self) -> str:
        return self.ground.running.service.prefix.rstrip("/")

    async def send(self, route: Route, request: Request, asker: Asker) -> Answer:
        headers = asker.headers
        if not route.safe:
            headers = (*headers, (b"content-type", request.content_type), (b"if-match", b"*"))
        COUNTS["requests"] += 1
        return await ask(self.app, route.method, request.path, headers, request.body)

    # -- the check ------------------------------------------------------------------------------------------------

    def expected(self, route: Route, request: Request, label: SecurityLabel | None, asker: Asker) -> bool:
        policy, actor = route.policy, asker.actor
        if not admitted(policy, asker):
            return False
        office = None
        if request.thing is not None:
            owners, person, office = request.thing.owners, request.thing.person, request.thing.office
        else:  # for the asker's own organisation, about the asker
            owners, person = actor.organisations(*(policy.roles or ())), actor.subject
            if label is None:
                return True
        return policy.allows(actor, owners=owners, label=label, person=person, office=office)

    async def check(self, route: Route) -> list[str]:
        """Every difference between policy and answers, in words."""
        self.faults = []
        COUNTS["routes"] += 1
        seen: set[SecurityLabel | None] = set()
        for label in SecurityLabel:
            request = await self.request(route, label)
            actual = _label_of(self.service, request, label)
            if actual in seen:
                continue
            everybody = self.asking(route.policy, actual, first=not seen)
            seen.add(actual)
            denied = [one for one in everybody if not self.expected(route, request, actual, one)]
            before = None if route.safe else await self.fingerprint()
            for asker in denied:
                self._note(route, request, asker, await self.send(route, request, asker), allowed=False)
            if before is not None and before != await self.fingerprint():
                self.faults.append(f"{route}: something changed though all of it was refused (label {actual})")
            for asker in everybody:
                if asker not in denied:
                    fresh = request if route.safe else await self.request(route, label, asker)
                    self._note(route, fresh, asker, await self.send(route, fresh, asker), allowed=True)
        return self.faults

    def _note(self, route: Route, request: Request, asker: Asker, answer: Answer, *, allowed: bool) -> None:
        COUNTS["allowed" if allowed else "denied"] += 1
        if allowed and answer.status < 400:
            COUNTS["done"] += 1
        refused = answer.refused or (request.labelled and not allowed and answer.status == 422)
        broken = answer.status >= 500 and not (answer.status == 503 and route.path in census.ASK_THE_PROVIDER)
        wrong = refused or broken if allowed else not refused
        if wrong:
            label = request.thing.label if request.thing else None
            self.faults.append(
                f"{route} by {asker.words}, label {label}: {'allowed' if allowed else 'refused'} by "
                f"{route.policy.name}, but the answer is {answer.status} {_shown(answer)}"
            )

    async def fingerprint(self) -> str:
        """Of every row of every table."""
        if "tables" not in self.ground.kept:
            found = await self.ground.connection.execute(
                """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                     AND c.relname NOT LIKE 'access_%' ORDER BY 1"""
            )
            parts = [
                # xmin is the transaction that wrote the row: no write leaves it as it was, and no text has to be read.
                sql.SQL("(SELECT concat(count(*), '/', max(xmin::text::bigint), ' ') FROM {})").format(
                    sql.Identifier(row[0])
                )
                for row in await found.fetchall()
            ]
            self.ground.kept["tables"] = sql.SQL("SELECT concat({})").format(sql.SQL(", ").join(parts))
        found = await self.ground.connection.execute(self.ground.kept["tables"])
        row = await found.fetchone()
        assert row
        return str(row[0])


def admitted(policy: Policy, asker: Asker) -> bool:
    """Whether the policy lets the asker come as far as to name a thing."""
    try:
        policy.admits(asker.actor)
    except Problem:
        return False
    return True


def _label_of(service: str, request: Request, chosen: SecurityLabel) -> SecurityLabel | None:
    if request.labelled:
        floor = FLOORS.get((service, request.path.removesuffix("/new").rsplit("/", 1)[1]), chosen)
        return max(chosen, floor, key=lambda label: label.rank)
    decides = request.thing or request.named
    return decides.label if decides else None


def _shown(answer: Answer) -> str:
    if answer.headers.get("content-type", "").startswith("text/html"):
        return "(a page)"
    return answer.body[:200].decode("utf-8", "replace")


@asynccontextmanager
async def world_of(running: Running) -> AsyncIterator[World]:
    await running.clear()
    async with grounded(running, SETTLERS[running.service.name]) as ground:
        everybody = await askers(ground)
        yield World(ground, host([running.service]), everybody)
