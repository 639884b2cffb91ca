"""Guards in front of every page, as plain ASGI: who may post, what a browser may run, one trace number a request."""

import re
import secrets
from collections.abc import Callable, Sequence
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.error_words import CROSS_SITE

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")

trace_id: ContextVar[str] = ContextVar("trace_id", default="")
"""The number people are told when something goes wrong, and that the logs carry."""


class RequestTrace:
    """Gives each request a trace number: the caller's (W3C Trace Context) or a new one; answers carry it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = TRACEPARENT.match(Headers(scope=scope).get("traceparent", ""))
        number = given.group(1) if given else secrets.token_hex(16)
        scope.setdefault("state", {}).update(trace=number, trace_id=number)
        token = trace_id.set(number)

        async def traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Trace-Id"] = number
            await send(message)

        try:
            await self.app(scope, receive, traced)
        finally:
            trace_id.reset(token)


def cross_site(scope: Scope) -> Response:
    return JSONResponse(
        {
            "type": "about:blank",
            "title": "This came from another site",
            "status": 403,
            "detail": CROSS_SITE,
        },
        status_code=403,
        media_type="application/problem+json",
    )


class SameOrigin:
    """Refuses unsafe requests that another site could have caused with a visitor's cookie (CSRF).

    Accepted: `Sec-Fetch-Site` same-origin or none; without that header an `Origin` that is this site's. A bearer token
    is no cookie, so it is let through; so is a program that sends neither cookie nor origin: it has nothing to steal.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: Sequence[str] = (),
        refused: Callable[[Scope], Response] = cross_site,
    ) -> None:
        self.app = app
        self.origins = frozenset(origin.rstrip("/") for origin in origins)
        self.refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.admits(scope):
            await self.refused(scope)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def admits(self, scope: Scope) -> bool:
        """Whether the request may have come from the visitor's own doing."""
        if scope["method"] in SAFE_METHODS:
            return True
        headers = Headers(scope=scope)
        if headers.get("authorization", "").lower().startswith("bearer ") and "cookie" not in headers:
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is not None:
            return origin in self.origins or origin.partition("://")[2] == headers.get("host")
        return "cookie" not in headers


class SecurityHeaders:
    """Tells browsers to run nothing but our own files, to frame nothing, to guess nothing.

    `form_targets` are other origins a form's answer may lead to, such as the sign-in provider at sign-out.
    """

    def __init__(self, app: ASGIApp, form_targets: Sequence[str] = ()) -> None:
        self.app = app
        targets = " ".join(["'self'", *form_targets])
        headers = {
            "Content-Security-Policy": (
                "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
                f"base-uri 'none'; frame-ancestors 'none'; form-action {targets}"
            ),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _value in message.setdefault("headers", [])}
                message["headers"] = [*message["headers"], *(pair for pair in self.headers if pair[0] not in own)]
                headers = MutableHeaders(scope=message)
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
                if headers.get("content-type", "").startswith("text/html"):
                    # Pages differ by person; a shared computer must not show them after sign-out. The answer to a
                    # refused form is kept, or the way back to it would end at an error page of the browser;
                    # sign-out has the browser forget it (`Clear-Site-Data`).
                    refused = scope["method"] == "POST" and message["status"] >= 400
                    headers.setdefault("Cache-Control", "private, no-cache" if refused else "no-store")
            await send(message)

        await self.app(scope, receive, guarded)
