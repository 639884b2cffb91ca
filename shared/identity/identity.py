"""Who is behind a request: a bearer token, a session cookie, or nobody."""

from uuid import UUID

from starlette.requests import HTTPConnection

from shared.db.engine import Database
from shared.identity.access import AccessReader
from shared.identity.code_flow import CodeFlow
from shared.identity.provider import Provider
from shared.identity.sessions import Sessions
from shared.identity.tokens import BadToken, TokenChecker
from shared.kernel.actor import NOBODY, Actor
from shared.kernel.errors import Forbidden
from shared.kernel.marks import N_, S_
from shared.kernel.settings import Settings

ACTING_FOR = "Hechuan-Acting-For"
"""Programs name the organisation they act for in this header; it must be one they hold a role for."""


class Identity:
    """Turns a request into an `Actor` with what this service's own projection says of the subject."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.provider = Provider(settings)
        self.tokens = TokenChecker(settings, self.provider, clock=database.clock)
        self.sessions = Sessions(settings, clock=database.clock)
        self.code_flow = CodeFlow(settings, self.provider, self.tokens)
        self.access = AccessReader(database)
        self._clock = database.clock

    async def close(self) -> None:
        await self.provider.close()

    async def identify(self, connection: HTTPConnection) -> Actor:
        """The actor of this request; NOBODY without token or valid session.

        A token wins over a cookie. Raises BadToken (401) for a token that does not hold, Forbidden for an organisation
        the program holds no role for, Unavailable when the provider must be asked and is down.
        """
        credentials = connection.headers.getlist("authorization")
        if credentials:
            return await self._from_token(connection, credentials)
        return await self._from_cookie(connection)

    async def _from_token(self, connection: HTTPConnection, credentials: list[str]) -> Actor:
        scheme, _, raw = credentials[0].partition(" ")
        if len(credentials) > 1 or scheme.lower() != "bearer":
            raise BadToken(N_("Send one Authorization header, with a Bearer token."))
        token = await self.tokens.check(raw.strip())
        access = await self.access.of(token.subject)
        if access.voids(token.issued_at):
            raise BadToken(N_("The token was revoked. Sign in again."))
        grants = access.grants(self._clock())
        chosen = connection.headers.get(ACTING_FOR)
        acting_for = None
        if chosen is not None:
            acting_for = next((g.organisation_id for g in grants if str(g.organisation_id) == chosen.lower()), None)
            if acting_for is None:
                raise Forbidden(S_("You hold no role for the organisation that %(header)s names.", header=ACTING_FOR))
        return Actor(
            subject=token.subject,
            name=access.name or token.name or token.subject,
            grants=grants,
            clearance=access.clearance,
            acting_for=acting_for,
            scopes=token.scopes,
        )

    async def _from_cookie(self, connection: HTTPConnection) -> Actor:
        session = self.sessions.of(connection)
        if session is None:
            return NOBODY
        access = await self.access.of(session.subject)
        if session.id in access.revoked_sessions or access.voids(session.issued_at):
            return NOBODY
        self.sessions.renew(connection, session)
        grants = access.grants(self._clock())
        held: set[UUID] = {grant.organisation_id for grant in grants}
        return Actor(
            subject=session.subject,
            name=access.name or session.name or session.subject,
            grants=grants,
            clearance=access.clearance,
            acting_for=session.acting_for if session.acting_for in held else None,
            session_id=session.id,
        )
