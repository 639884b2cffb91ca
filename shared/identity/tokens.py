"""Bearer tokens: JWTs against the provider's keys, opaque ones by introspection. Every doubt is a refusal."""

import base64
import binascii
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from shared.identity.provider import Provider
from shared.kernel.clock import Clock, system_clock
from shared.kernel.errors import Unauthenticated
from shared.kernel.marks import N_
from shared.kernel.settings import Settings

LEEWAY_SECONDS = 10
MAX_LENGTH = 8_192
INTROSPECTION_SECONDS = 60.0
REFUSED_SECONDS = 10.0
CACHED_TOKENS = 10_000
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
ID_TOKEN_MARKS = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events"})
RESERVED = ("system:", "client:")
"""Beginnings of subjects that only the platform itself gives."""


class BadToken(Unauthenticated):
    """The bearer token cannot be accepted; `challenge` is the WWW-Authenticate header that RFC 6750 asks for."""

    title = N_("The access token is not accepted")

    @property
    def challenge(self) -> str:
        return f'Bearer error="invalid_token", error_description="{self.detail}"'


@dataclass(frozen=True, slots=True)
class Token:
    """What an accepted token says."""

    subject: str
    issued_at: datetime | None
    expires_at: datetime
    name: str = ""
    scopes: frozenset[str] = frozenset()


class TokenChecker:
    """Accepts or refuses bearer tokens, by settings alone: nothing a token says about itself is believed first."""

    def __init__(
        self,
        settings: Settings,
        provider: Provider,
        *,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        weak = set(settings.oidc_algorithms) - ASYMMETRIC
        if weak or not settings.oidc_algorithms:
            raise ValueError(f"HECHUAN_OIDC_ALGORITHMS may name asymmetric signatures only, not {sorted(weak)}")
        self._settings = settings
        self._provider = provider
        self._clock = clock
        self._monotonic = monotonic
        # RFC 7515 section 4: unknown header members are ignored; `crit` is still obeyed.
        self._registry = JWSRegistry(algorithms=list(settings.oidc_algorithms), strict_check_header=False)
        self._introspected: OrderedDict[str, tuple[float, Token | None]] = OrderedDict()

    async def check(self, raw: str) -> Token:
        """Accept an access token. Raises BadToken, or Unavailable when the provider must be asked and is down."""
        if not raw or len(raw) > MAX_LENGTH or not raw.isascii():
            raise BadToken(N_("This is not an access token."))
        if raw.count(".") == 2:
            header, claims = await self._verified(raw, self._settings.oidc_audience)
            _refuse_other_tokens(header, claims)
            return self._token(claims)
        token = await self._introspect(raw)
        if token is None or token.expires_at <= self._clock():
            raise BadToken(N_("The token is unknown, expired or revoked."))
        return token

    async def check_id_token(self, raw: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token answering our own sign-in (OpenID Connect Core 3.1.3.7). Raises BadToken."""
        client = self._settings.oidc_client_id
        _, claims = await self._verified(raw, client)
        if claims.get("nonce") != nonce or claims.get("azp", client) != client:
            raise BadToken(N_("The sign-in answer belongs to another sign-in."))
        self.subject_of(claims)
        return claims

    def subject_of(self, claims: dict[str, Any]) -> str:
        """The platform's name of the person or program: the configured claim, a dotted path where it is nested.

        A client without a subject of its own is called `client:<id>`. Raises BadToken.
        """
        path = self._settings.oidc_subject_claim
        found: Any = claims.get(path)
        if found is None:
            found = claims
            for step in path.split("."):
                found = found.get(step) if isinstance(found, dict) else None
        if found is None and isinstance(claims.get("client_id"), str) and claims["client_id"]:
            return f"client:{claims['client_id']}"
        if not isinstance(found, str) or not found.strip() or len(found) > 255 or not found.isprintable():
            raise BadToken(N_("The token names no subject."))
        if found.startswith(RESERVED):
            raise BadToken(N_("The token names a reserved subject."))
        return found

    async def _verified(self, raw: str, audience: str) -> tuple[dict[str, Any], dict[str, Any]]:
        header = _header(raw)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in self._settings.oidc_algorithms or not isinstance(kid, str | None):
            raise BadToken(N_("The token is not signed in an accepted way."))
        key = await self._provider.key(kid, algorithm)
        if key is None:
            raise BadToken(N_("The token is signed with an unknown key."))
        claims_check = JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._settings.oidc_issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": False},
        )
        try:
            claims = jwt.decode(raw, key, registry=self._registry).claims
            claims_check.validate(claims)
        except (JoseError, ValueError, TypeError, OverflowError, RecursionError) as problem:
            raise BadToken(N_("The token is tampered with, expired, or meant for somebody else.")) from problem
        return header, claims

    def _token(self, claims: dict[str, Any]) -> Token:
        scope = claims.get("scope", claims.get("scp", ""))
        scopes = scope if isinstance(scope, list) else str(scope).split()
        name = claims.get("name") or claims.get("preferred_username") or ""
        return Token(
            subject=self.subject_of(claims),
            name=str(name)[:200],
            issued_at=_moment(claims["iat"]) if claims.get("iat") is not None else None,
            expires_at=_moment(claims["exp"]),
            scopes=frozenset(str(word) for word in scopes),
        )

    async def _introspect(self, raw: str) -> Token | None:
        key = hashlib.sha256(raw.encode()).hexdigest()
        kept = self._introspected.get(key)
        now = self._monotonic()
        if kept is not None and kept[0] > now:
            return kept[1]
        answer = await self._provider.post("introspection_endpoint", {"token": raw, "token_type_hint": "access_token"})
        try:
            token = self._introspected_token(answer.json()) if answer.status_code == 200 else None
        except ValueError:
            token = None
        self._introspected[key] = (now + (INTROSPECTION_SECONDS if token else REFUSED_SECONDS), token)
        self._introspected.move_to_end(key)
        if len(self._introspected) > CACHED_TOKENS:
            self._introspected.popitem(last=False)
        return token

    def _introspected_token(self, claims: Any) -> Token | None:
        """RFC 7662 section 2.2, read as strictly as a JWT: an answer that does not name us is not for us."""
        if not isinstance(claims, dict) or claims.get("active") is not True:
            return None
        if str(claims.get("token_type", "Bearer")).lower() not in ("bearer", "access_token"):
            return None
        check = JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"value": self._settings.oidc_issuer},
            aud={"essential": True, "value": self._settings.oidc_audience},
            exp={"essential": True},
        )
        try:
            check.validate(claims)
            return self._token({"name": claims.get("username"), **claims})
        except (JoseError, BadToken):
            return None


def _header(raw: str) -> dict[str, Any]:
    """The header, after making sure that each part is base64url in its one canonical spelling (RFC 7515 section 2)."""
    try:
        decoded = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in raw.split(".")]
        spelt = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in decoded)
        header = json.loads(decoded[0]) if spelt == raw else None
    except (ValueError, binascii.Error, RecursionError) as problem:
        raise BadToken(N_("This is not an access token.")) from problem
    if not isinstance(header, dict):
        raise BadToken(N_("This is not an access token."))
    return header


def _refuse_other_tokens(header: dict[str, Any], claims: dict[str, Any]) -> None:
    """An ID, refresh or logout token is no access token (RFC 9068 section 4; RFC 8725 section 3.11)."""
    kind = str(header.get("typ", "JWT")).lower().removeprefix("application/")
    use = str(claims.get("typ", "Bearer")).lower()  # Keycloak names the kind of token in a claim
    if kind not in ("jwt", "at+jwt") or use != "bearer" or ID_TOKEN_MARKS & claims.keys():
        raise BadToken(N_("This is another kind of token, not an access token."))


def _moment(seconds: int | float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as problem:
        raise BadToken(N_("The token names an impossible time.")) from problem
