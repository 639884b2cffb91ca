"""Our own session after sign-in: a signed cookie, idle and absolute limits, re-issued while it is used.

The cookie says who signed in and when; whether that still counts is asked of the service's own projection
(`shared.identity.access`), so that a request never waits for another service.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.clock import Clock, system_clock
from shared.kernel.settings import Settings

RENEW_AFTER = timedelta(minutes=3)
"""A cookie younger than this is not written again: most answers set none."""
CLOCK_SKEW = timedelta(minutes=2)
MIN_SECRET = 32
_OUTGOING = "session_cookie"

REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person in one browser."""

    id: str
    subject: str
    name: str
    issued_at: datetime
    last_seen: datetime
    acting_for: UUID | None = None


class Sessions:
    """Makes, reads and renews session cookies. All processes of a platform share one secret."""

    def __init__(self, settings: Settings, *, clock: Clock = system_clock) -> None:
        secret = settings.session_secret.get_secret_value()
        if len(secret) < MIN_SECRET:
            raise ValueError(f"HECHUAN_SESSION_SECRET must have at least {MIN_SECRET} characters")
        self._signer = URLSafeSerializer(secret, salt="hechuan-session-1", signer_kwargs=signer_options())
        self._clock = clock
        # A signature that held holds for ever; only the limits below are asked again at each use.
        self._verified: dict[str, Session] = {}
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._absolute = timedelta(hours=settings.session_absolute_hours)
        self.secure = settings.address.startswith("https://")
        self.cookie = "__Host-hechuan_session" if self.secure else "hechuan_session"

    def start(self, subject: str, name: str = "", acting_for: UUID | None = None) -> Session:
        """A fresh session: its id is new at every sign-in, so that a planted cookie is worth nothing."""
        now = self._clock()
        return Session(secrets.token_urlsafe(24), subject, name[:80], now, now, acting_for)

    def acting(self, session: Session, organisation_id: UUID) -> Session:
        """The same session with another organisation chosen; whether a role is held for it is checked at each use."""
        return replace(session, acting_for=organisation_id, last_seen=self._clock())

    def encode(self, session: Session) -> str:
        return self._signer.dumps(
            [
                session.id,
                session.subject,
                session.name,
                int(session.issued_at.timestamp() * 1000),  # down: a revocation in the same instant counts
                int(session.last_seen.timestamp() * 1000),
                str(session.acting_for) if session.acting_for else None,
            ]
        )

    def decode(self, cookie: str) -> Session | None:
        """The session in a cookie; None when it is tampered with, too old, too long unused, or not ours at all."""
        session = self._verified.get(cookie)
        if session is None:
            try:
                session = _read(self._signer.loads(cookie))
            except (BadData, ValueError, TypeError, OverflowError, OSError):
                return None
            if len(self._verified) >= REMEMBERED:
                self._verified.clear()
            self._verified[cookie] = session
        now = self._clock()
        if session.issued_at > now + CLOCK_SKEW or session.last_seen > now + CLOCK_SKEW:
            return None
        if now - session.last_seen >= self._idle or now - session.issued_at >= self._absolute:
            return None
        return session

    def of(self, connection: HTTPConnection) -> Session | None:
        cookie = connection.cookies.get(self.cookie)
        return self.decode(cookie) if cookie else None

    def renewed(self, session: Session) -> Session | None:
        """The session with `last_seen` brought to now; None while that is not worth a new cookie."""
        now = self._clock()
        if now - session.last_seen < min(RENEW_AFTER, self._idle / 4):
            return None
        return replace(session, last_seen=now)

    def keep(self, connection: HTTPConnection, session: Session) -> None:
        """Let the answer to this request set the session's cookie."""
        connection.scope.setdefault("state", {})[_OUTGOING] = (
            f"{self.cookie}={self.encode(session)}; Path=/; HttpOnly; SameSite=Lax{self._secure()}"
        )

    def drop(self, connection: HTTPConnection) -> None:
        """Let the answer to this request remove the session's cookie."""
        connection.scope.setdefault("state", {})[_OUTGOING] = (
            f"{self.cookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{self._secure()}"
        )

    def renew(self, connection: HTTPConnection, session: Session) -> None:
        """Slide the idle limit, unless the request has set or removed the cookie itself."""
        renewed = self.renewed(session)
        if renewed is not None and _OUTGOING not in connection.scope.setdefault("state", {}):
            self.keep(connection, renewed)

    def _secure(self) -> str:
        return "; Secure" if self.secure else ""


class SessionCookies:
    """Writes the cookie that `Sessions.keep`, `drop` or `renew` left for the answer.

    Endpoints do not set it themselves: a stored answer to an idempotency key must never hold somebody's session.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _OUTGOING in state:
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", state.pop(_OUTGOING))
                # The browser's own cache may keep the answer to a refused form; the guard in front says why.
                refused = scope["method"] == "POST" and message["status"] >= 400
                headers["Cache-Control"] = "private, no-cache" if refused else "no-store"
            await send(message)

        await self.app(scope, receive, with_cookie)


def signer_options() -> dict[str, Any]:
    """itsdangerous signs with SHA-1 unless told otherwise."""
    return {"digest_method": sha256, "key_derivation": "hmac"}


def _read(content: Any) -> Session:
    id, subject, name, issued_at, last_seen, acting_for = content
    if not (isinstance(id, str) and isinstance(subject, str) and subject and isinstance(name, str)):
        raise ValueError("not a session")
    return Session(
        id,
        subject,
        name,
        datetime.fromtimestamp(issued_at / 1000, UTC),
        datetime.fromtimestamp(last_seen / 1000, UTC),
        UUID(acting_for) if acting_for else None,
    )
