"""Refusals as RFC 9457 problems. A rule raises one; the edge turns it into JSON or a page."""

from typing import Any, ClassVar

from shared.kernel.marks import N_


class Problem(Exception):
    """Something the caller can understand and act on.

    `status` is the HTTP status, `title` names the kind of problem, `detail` says what happened here and what to do.
    `errors` lists the faulty fields as {"pointer": "/field", "detail": "…"}; `extra` adds members of its own.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = N_("The request cannot be carried out")
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, errors: list[dict[str, str]] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.extra = extra

    @property
    def code(self) -> str:
        return "".join("-" + c.lower() if c.isupper() else c for c in type(self).__name__).lstrip("-")


class Unauthenticated(Problem):
    status = 401
    title = N_("Sign in first")

    @property
    def challenge(self) -> str:
        """The WWW-Authenticate header of the answer (RFC 6750 section 3)."""
        return "Bearer"


class Forbidden(Problem):
    status = 403
    title = N_("Your roles do not allow this")


class NotFound(Problem):
    """Also said for what the actor may not know of."""

    status = 404
    title = N_("Not found")


class Conflict(Problem):
    status = 409
    title = N_("The present state does not allow this")


class Stale(Problem):
    """Somebody saved first; `extra["current"]` holds what is stored now."""

    status = 412
    title = N_("Somebody else has changed this meanwhile")


class TooLarge(Problem):
    status = 413
    title = N_("Too large")


class UnsupportedFile(Problem):
    status = 415
    title = N_("This kind of file is not accepted")


class Invalid(Problem):
    status = 422
    title = N_("Some entries need correcting")

    @classmethod
    def field(cls, pointer: str, detail: str) -> "Invalid":
        """One faulty field, named by its JSON pointer."""
        return cls(N_("Correct the marked entry and send it again."), errors=[{"pointer": pointer, "detail": detail}])


class PreconditionRequired(Problem):
    status = 428
    title = N_("Say which version you are changing")


class Unavailable(Problem):
    status = 503
    title = N_("A part of the platform does not answer")
    retryable = True
