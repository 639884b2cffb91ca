"""Access tokens for tests, signed with a key made for this run, and the key set a service checks them with."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from shared.identity.identity import ACTING_FOR

ISSUER = "https://sign-in.test"
AUDIENCE = "hechuan"


@cache
def signing_key() -> RSAKey:
    """The provider's key of this test run; only its public half is in the key set."""
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


def key_set(*keys: RSAKey | ECKey) -> dict[str, Any]:
    """The public halves, as a provider publishes them."""
    return {"keys": [key.as_dict(private=False) for key in keys or (signing_key(),)]}


def jwks_file(directory: Path) -> Path:
    """Write the key set for `Settings.oidc_jwks_file`."""
    path = directory / "jwks.json"
    path.write_text(json.dumps(key_set()))
    return path


def claims_for(subject: str, **changed: Any) -> dict[str, Any]:
    """What a good access token says; a change to None leaves the claim out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 3600, "scope": "openid profile"}
    return {name: value for name, value in (good | changed).items() if value is not None}


def sign(claims: dict[str, Any], *, key: RSAKey | None = None, header: dict[str, Any] | None = None) -> str:
    """A signed token; `header` adds to or replaces alg, kid and typ."""
    used = key or signing_key()
    full = {"alg": "RS256", "kid": used.kid, "typ": "at+jwt"} | (header or {})
    return jwt.encode(full, claims, used, algorithms=["RS256"])


def token_for(subject: str, **changed: Any) -> str:
    return sign(claims_for(subject, **changed))


def headers_for(subject: str, *, acting_for: UUID | None = None, **changed: Any) -> dict[str, str]:
    """Request headers of a program acting as the subject."""
    headers = {"Authorization": f"Bearer {token_for(subject, **changed)}"}
    if acting_for is not None:
        headers[ACTING_FOR] = str(acting_for)
    return headers
