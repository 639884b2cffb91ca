"""Errors at the edge: RFC 9457 problem+json for programs, a page for people."""

from contextlib import suppress
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from psycopg import errors as pg
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale, Unauthenticated, Unavailable
from shared.kernel.marks import N_
from shared.web.field_errors import sentence

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One faulty entry: where (JSON pointer, RFC 6901) and what to do about it."""

    pointer: str
    detail: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str | None = None
    errors: list[FieldProblem] = []


_WORDS = {
    400: N_("The request cannot be read"),
    401: N_("Sign in first"),
    403: N_("Your roles do not allow this"),
    404: N_("Not found, or not for you to see"),
    409: N_("The present state does not allow this"),
    412: N_("Somebody else changed it meanwhile"),
    413: N_("Too large"),
    415: N_("This kind of content is not accepted"),
    422: N_("Some entries need correcting"),
    428: N_("If-Match is missing"),
    503: N_("A part of the platform does not answer; try again"),
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": words,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    for status, words in _WORDS.items()
}


def problem_json(request: Request, problem: Problem) -> Response:
    body = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "trace_id": getattr(request.state, "trace", None),
        "errors": problem.errors,
        **problem.extra,
    }
    headers = {"WWW-Authenticate": problem.challenge} if isinstance(problem, Unauthenticated) else {}
    if problem.retryable:
        headers["Retry-After"] = "2"
    return Response(orjson.dumps(body, default=str), problem.status, headers, MEDIA_TYPE)


async def answer(request: Request, problem: Problem) -> Response:
    """The refusal in the form the asker reads: JSON under `/api/`, a page elsewhere."""
    if "/api/" in request.url.path:
        return problem_json(request, problem)
    if getattr(request.state, "actor", None) is None:  # no route was reached; the page still greets who is signed in
        with suppress(Problem):
            request.state.actor = await request.app.state.service.identity.identify(request)
    page: Response = request.app.state.service.pages.problem(request, problem)
    return page


def from_validation(error: RequestValidationError, *, for_people: bool = False) -> Problem:
    """What Pydantic refused: in its own words for programs, as sentences that say what to do for people."""
    if for_people and any(fault["loc"][:1] == ("path",) for fault in error.errors()):
        return NotFound(N_("There is nothing at this address, or nothing that you may see."))
    faults = []
    for fault in error.errors():
        where = [str(part).replace("~", "~0").replace("/", "~1") for part in fault["loc"]]
        if where and where[0] in ("body", "query", "path", "header"):
            where = where[1:] or [where[0]]
        detail = str(sentence(fault)) if for_people else str(fault["msg"]).removeprefix("Value error, ")
        faults.append({"pointer": "/" + "/".join(where), "detail": detail})
    return Invalid(N_("Correct the entries named in errors and send it again."), errors=faults)


def from_database(error: DBAPIError | Exception) -> Problem | None:
    """What the database refused, as a problem; None when it is our own mistake."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, StaleDataError):
        return Stale(N_("It was changed after you opened it. Read it again, then repeat your change."))
    if isinstance(cause, pg.UniqueViolation | pg.ExclusionViolation):
        return Conflict(N_("Something with these values is there already."))
    if isinstance(cause, pg.ForeignKeyViolation):
        return Conflict(N_("It refers to something that is not there."))
    if isinstance(cause, pg.DataError | pg.ProgramLimitExceeded):
        return Invalid(N_("One of the values cannot be stored: too large, or with characters that text must not have."))
    if isinstance(error, NoConnectionFree) or isinstance(
        cause, pg.LockNotAvailable | pg.QueryCanceled | pg.OperationalError
    ):
        return Unavailable(N_("The database did not answer in time. Nothing was changed; try again."))
    return None


class _Http(Problem):
    """A refusal made by the framework itself, such as a method that a path does not have."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status  # type: ignore[misc]
        self.title = _WORDS.get(status, detail)  # type: ignore[misc]

    @property
    def code(self) -> str:
        return f"http-{self.status}"


def _page_above(request: Request) -> str:
    """The nearest page above an address that only takes forms: who reloads it, or comes back to it, looks for that."""
    routes, path = request.app.router.routes, request.scope["path"]
    root = request.scope.get("root_path", "")
    while len(path) > len(root) + 1:
        path = path.rpartition("/")[0]
        if any(route.matches({**request.scope, "path": path or "/"})[0] is Match.FULL for route in routes):
            return path or "/"
    return "/"


def install(app: FastAPI) -> None:
    """Every failure leaves as a problem with a trace id; an unexpected one is logged and says nothing of its cause."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        return await answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return await answer(request, from_validation(error, for_people="/api/" not in request.url.path))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405 and request.method == "GET" and "/api/" not in request.url.path:
            return RedirectResponse(_page_above(request), 303)
        response = await answer(request, _Http(error.status_code, str(error.detail)))
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    @app.exception_handler(Exception)
    async def on_anything(request: Request, error: Exception) -> Response:
        known = from_database(error)
        if known is not None:
            return await answer(request, known)
        log.exception("request_failed", path=request.url.path, trace=getattr(request.state, "trace", None))
        return await answer(
            request, _Http(500, N_("Something went wrong on our side. Nothing was changed. It has been logged."))
        )

    for kind in (DBAPIError, IntegrityError, NoConnectionFree, pg.Error, StaleDataError):
        app.add_exception_handler(kind, on_anything)
