"""The edge: where a request gets its actor, its policy and its unit of work, and where the commit happens.

Only `EdgeRoute` commits, after the endpoint has made its answer and before a byte of it leaves. A unit of work that
the database refused for a passing reason (deadlock, connection lost before the commit) is run again as a whole.
"""

import functools
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import structlog
from anyio import CancelScope
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from psycopg import Error as PsycopgError
from psycopg import OperationalError as PsycopgOperationalError
from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError

from shared.db.work import Read, Work
from shared.kernel.actor import Actor
from shared.kernel.errors import Conflict, Invalid, PreconditionRequired, Unavailable
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.web.problems import PROBLEM_RESPONSES

if TYPE_CHECKING:
    from shared.service import Service

log = structlog.get_logger(__name__)
TRIES = 3
KEY_FIELD = "_key"
_PASSING = (pg.SerializationFailure, pg.DeadlockDetected, pg.IdleInTransactionSessionTimeout)


class Replayed(Exception):
    """The same idempotency key was answered before; `response` is that answer."""

    def __init__(self, response: Response) -> None:
        self.response = response


def service_of(request: Request) -> "Service":
    service: Service = request.app.state.service
    return service


class Given:
    """Marks a parameter that `EdgeRoute` fills from the request itself.

    FastAPI's own dependencies do the same at a tenth of what a small answer costs altogether.
    """

    def __init__(self, make: Callable[[Request], Any]) -> None:
        self.make = make


def current_actor(request: Request) -> Actor:
    """Who is asking; `EdgeRoute` has found out before anything else ran."""
    actor: Actor = request.state.actor
    return actor


ActorDep = Annotated[Actor, Given(current_actor)]


async def open_work(request: Request) -> Work:
    """The request's unit of work. `EdgeRoute` commits it, or closes it, which rolls back."""
    work = service_of(request).database.begin(request.state.actor)
    request.state.work = work
    await _claim_key(request, work)
    return work


def open_read(request: Request) -> Read:
    """Reading only, outside any transaction."""
    return service_of(request).database.reader(request.state.actor)


WorkDep = Annotated[Work, Given(open_work)]
ReadDep = Annotated[Read, Given(open_read)]


async def if_match(value: Annotated[str | None, Header(alias="If-Match")] = None) -> int | None:
    """The version the client saw, from `If-Match: "7"`; `*` accepts any.

    Raises PreconditionRequired when absent, Invalid when it is not one of our entity tags.
    """
    if value is None:
        raise PreconditionRequired(N_('Send If-Match with the ETag you last read, for example If-Match: "3".'))
    if value.strip() == "*":
        return None
    digits = value.strip().removeprefix("W/").strip('"')
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise Invalid(N_("If-Match must hold the ETag exactly as the last answer gave it."))
    return int(digits)


IfMatchDep = Annotated[int | None, Depends(if_match)]


def etag(version: int) -> str:
    return f'"{version}"'


class Guard:
    """Carries a route's policy to `EdgeRoute`, in the place of a dependency."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    async def __call__(self) -> None:
        raise AssertionError("a guarded route is an EdgeRoute")


def _filled(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint without its `Given` parameters, for FastAPI to call."""
    signature = inspect.signature(endpoint, eval_str=True)
    given: dict[str, Callable[[Request], Any]] = {}
    asked = ""
    for name, parameter in signature.parameters.items():
        if parameter.annotation is Request:
            asked = name
        for mark in getattr(parameter.annotation, "__metadata__", ()):
            if isinstance(mark, Given):
                given[name] = mark.make
    if not given:
        return endpoint
    rest = [p.replace(kind=p.KEYWORD_ONLY) for name, p in signature.parameters.items() if name not in given]
    if not asked:
        rest.append(inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request))

    @functools.wraps(endpoint)
    async def filled(**values: Any) -> Any:
        request = values[asked] if asked else values.pop("request")
        for name, make in given.items():
            made = make(request)
            values[name] = await made if inspect.isawaitable(made) else made
        return await endpoint(**values)

    filled.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
    return filled


class EdgeRoute(APIRoute):
    """Admits by policy, runs the endpoint in its unit of work, commits, keeps the answer for a repeated key.

    The policy is taken out of FastAPI's dependencies and asked first: before the body is read, and at a fraction of
    the cost of a dependency.
    """

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, dependencies: Sequence[Any] | None = None, **options: Any
    ) -> None:
        guards = [d.dependency for d in dependencies or () if isinstance(d.dependency, Guard)]
        self.policies = tuple(guard.policy for guard in guards)
        others = [d for d in dependencies or () if not isinstance(d.dependency, Guard)]
        super().__init__(path, _filled(endpoint), dependencies=others, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            actor = await service_of(request).identity.identify(request)
            request.state.actor = actor
            for policy in self.policies:
                policy.admits(actor)
            try:
                return await self._tried(request, inner)
            finally:
                await _leave(request)

        return handler

    async def _tried(self, request: Request, inner: Callable[[Request], Awaitable[Response]]) -> Response:
        for attempt in range(1, TRIES + 1):
            try:
                return await _settle(request, await inner(request))
            except Replayed as earlier:
                return earlier.response
            except (DBAPIError, PsycopgError) as error:
                await _leave(request)
                if not _passing(error):
                    raise
                if attempt == TRIES:
                    raise Unavailable(N_("The database is busy. Nothing was changed; try again.")) from error
                log.warning("unit_of_work_repeated", path=self.path, attempt=attempt, cause=type(error).__name__)
        raise AssertionError("unreachable")


async def _settle(request: Request, response: Response) -> Response:
    work: Work | None = getattr(request.state, "work", None)
    if work is None:
        return response
    if response.status_code >= 400:  # a refused form: nothing of it is kept, its key included
        await _leave(request)
        return response
    await work.flush()
    if getattr(request.state, "key", None):
        await _keep_answer(request, work, response)
    try:
        await work.commit()
    except (DBAPIError, PsycopgError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, _PASSING):
            raise
        if isinstance(cause, PsycopgOperationalError):
            # Lost during the commit, by us, the server or a pooler between: nobody knows whether it happened. Only the
            # same key makes a repeat safe.
            raise Unavailable(
                N_(
                    "The connection broke while saving. "
                    "Look whether it was saved; repeat with the same Idempotency-Key."
                )
            ) from error
        raise
    return response


async def _leave(request: Request) -> None:
    work: Work | None = getattr(request.state, "work", None)
    if work is not None:
        request.state.work = None
        try:
            with CancelScope(shield=True):
                await work.close()
        except (DBAPIError, PsycopgError):  # the connection is gone, and what was begun on it with it
            log.warning("unit_of_work_not_closed", path=request.url.path)


def _passing(error: DBAPIError | PsycopgError) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, _PASSING):
        return True
    return isinstance(cause, PsycopgOperationalError) and (
        cause.sqlstate is None or cause.sqlstate.startswith(("08", "57P"))
    )


# -- idempotency keys, stored in the business transaction --------------------------------------------------------


async def _claim_key(request: Request, work: Work) -> None:
    if request.method not in ("POST", "PATCH", "PUT"):
        return
    key = request.headers.get("Idempotency-Key") or await _form_key(request)
    if not key:
        return
    if len(key) > 200 or not key.isascii() or not key.isprintable():
        raise Invalid(N_("An Idempotency-Key is up to 200 printable ASCII characters, for example a UUID."))
    content_type = request.headers.get("content-type", "")
    body = b"" if content_type.startswith("multipart/") else await request.body()
    asked = f"{request.method} {request.url.path}?{request.url.query} for {work.actor.acting_for}\n"
    fingerprint = hashlib.sha256(asked.encode() + body).hexdigest()
    subject = work.actor.subject
    try:
        claimed = await work.execute(
            """INSERT INTO idempotency_keys (subject, key, fingerprint) VALUES (%(subject)s, %(key)s, %(print)s)
               ON CONFLICT DO NOTHING""",
            {"subject": subject, "key": key, "print": fingerprint},
        )
    except pg.LockNotAvailable:
        raise Conflict(N_("The same request is still being carried out. Wait for its answer.")) from None
    if claimed:
        request.state.key = key
        return
    stored = await work.row(
        "SELECT * FROM idempotency_keys WHERE subject = %(subject)s AND key = %(key)s",
        {"subject": subject, "key": key},
    )
    if stored is None:
        raise Conflict(N_("The same request was just given up. Send it again."))
    if stored["fingerprint"] != fingerprint and "Idempotency-Key" not in request.headers:
        raise Conflict(N_("This form was sent already, and what it asked for is done. Open it anew to change more."))
    if stored["fingerprint"] != fingerprint:
        raise Invalid(N_("This Idempotency-Key was used for a different request. Use a fresh key."))
    headers = {**(stored["headers"] or {}), "Idempotent-Replayed": "true"}
    raise Replayed(Response(bytes(stored["body"] or b""), status_code=stored["status"], headers=headers))


async def _form_key(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return ""
    await request.body()
    value = (await request.form()).get(KEY_FIELD)
    return value if isinstance(value, str) else ""


async def _keep_answer(request: Request, work: Work, response: Response) -> None:
    kept = {k: v for k, v in response.headers.items() if k in ("content-type", "location", "etag", "set-cookie")}
    await work.execute(
        """UPDATE idempotency_keys SET status = %(status)s, headers = %(headers)s, body = %(body)s
           WHERE subject = %(subject)s AND key = %(key)s""",
        {
            "status": response.status_code,
            "headers": orjson.dumps(kept).decode(),
            "body": bytes(response.body),
            "subject": work.actor.subject,
            "key": request.state.key,
        },
    )


# -- rooms: a feature's routes ------------------------------------------------------------------------------------

Endpoint = Callable[..., Awaitable[Any]]


class Room:
    """A feature's routes. Each names the policy it stands under; one that names none cannot be written."""

    def __init__(self, name: str, *, page: bool) -> None:
        self.name = name
        self.page = page
        self._routes: list[tuple[str, Endpoint, dict[str, Any]]] = []

    def _add(self, method: str, path: str, allow: Policy, options: dict[str, Any]) -> Callable[[Endpoint], Endpoint]:
        def add(endpoint: Endpoint) -> Endpoint:
            if self.page:
                options.setdefault("include_in_schema", False)
                options.setdefault("response_model", None)
            else:
                options.setdefault("tags", [self.name])
                options["responses"] = {**PROBLEM_RESPONSES, **options.get("responses", {})}
                options.setdefault("openapi_extra", {})["x-policy"] = describe(allow)
            options["methods"] = [method]
            options["dependencies"] = [Depends(Guard(allow)), *options.get("dependencies", [])]
            self._routes.append((path, endpoint, options))
            return endpoint

        return add

    def add_to(self, app: FastAPI) -> None:
        """The routes one by one: an included router is searched twice for each request."""
        prefix = "" if self.page else "/api/v1"
        for path, endpoint, options in self._routes:
            app.router.add_api_route(prefix + path, endpoint, route_class_override=EdgeRoute, **options)

    def get(self, path: str, *, allow: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add("GET", path, allow, options)

    def post(self, path: str, *, allow: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add("POST", path, allow, options)

    def put(self, path: str, *, allow: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add("PUT", path, allow, options)

    def patch(self, path: str, *, allow: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add("PATCH", path, allow, options)

    def delete(self, path: str, *, allow: Policy, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add("DELETE", path, allow, options)


def api_room(name: str) -> Room:
    """JSON routes for machines, under `/api/v1`."""
    return Room(name, page=False)


def page_room(name: str) -> Room:
    """HTML routes for people."""
    return Room(name, page=True)


def describe(policy: Policy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "roles": sorted(policy.roles) if policy.roles is not None else None,
        "public": policy.public,
        "scope": policy.scope.value,
        "supervisors": sorted(policy.supervisors),
        "officers": sorted(policy.officers),
        "person_too": policy.person_too,
        "impartial": policy.impartial,
    }


class Json(JSONResponse):
    """JSON by orjson: rows go out as they come from the database."""

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content, default=str)
