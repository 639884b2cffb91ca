"""Every doubt about a bearer token is a refusal."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr

from shared.identity.provider import Provider
from shared.identity.tokens import BadToken, TokenChecker
from shared.kernel.errors import Unavailable
from shared.kernel.settings import Settings
from tests.kit import tokens

pytestmark = pytest.mark.anyio
EC = ECKey.generate_key("P-256", auto_kid=True)
STRANGER = RSAKey.generate_key(2048, auto_kid=True)


def now() -> int:
    """Asked at each use: the whole suite may run for longer than the times here lie ahead."""
    return int(time.time())


def checker(tmp_path: Path, *, keys: dict[str, Any] | None = None, **changed: Any) -> TokenChecker:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(keys or tokens.key_set(tokens.signing_key(), EC)))
    given = {"oidc_issuer": tokens.ISSUER, "oidc_jwks_file": path, "session_secret": SecretStr("x" * 40)} | changed
    found = Settings.model_validate(given)
    return TokenChecker(found, Provider(found))


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public_pem() -> bytes:
    return tokens.signing_key().as_pem(private=False)


def hs256_with_public_key() -> str:
    signed = f"{b64({'alg': 'HS256', 'kid': tokens.signing_key().kid})}.{b64(tokens.claims_for('root'))}"
    return f"{signed}.{b64(hmac.digest(public_pem(), signed.encode(), 'sha256'))}"


def swapped_payload() -> str:
    header, _, signature = tokens.token_for("li").split(".")
    return ".".join((header, b64(tokens.claims_for("root")), signature))


def unsigned(alg: Any) -> str:
    return f"{b64({'alg': alg, 'kid': tokens.signing_key().kid})}.{b64(tokens.claims_for('li'))}."


def header_jwk() -> str:
    public = STRANGER.as_dict(private=False)
    return tokens.sign(tokens.claims_for("li"), key=STRANGER, header={"jwk": public, "kid": STRANGER.kid})


REFUSED: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "alg none": lambda: unsigned("none"),
    "alg None in capitals": lambda: unsigned("NONE"),
    "alg missing": lambda: f"{b64({'kid': 'x'})}.{b64(tokens.claims_for('li'))}.",
    "alg a list": lambda: unsigned(["RS256"]),
    "HS256 with the public key": hs256_with_public_key,
    "wrong issuer": lambda: tokens.token_for("li", iss="https://evil.test"),
    "issuer with another path": lambda: tokens.token_for("li", iss=tokens.ISSUER + "/"),
    "no issuer": lambda: tokens.token_for("li", iss=None),
    "issuer a list": lambda: tokens.token_for("li", iss=[tokens.ISSUER]),
    "wrong audience": lambda: tokens.token_for("li", aud="another"),
    "no audience": lambda: tokens.token_for("li", aud=None),
    "empty audience": lambda: tokens.token_for("li", aud=[]),
    "audience a part of ours": lambda: tokens.token_for("li", aud="hech"),
    "expired": lambda: tokens.token_for("li", exp=now() - 60),
    "no expiry": lambda: tokens.token_for("li", exp=None),
    "expiry a text": lambda: tokens.token_for("li", exp="2999-01-01"),
    "expiry not finite": lambda: tokens.sign(tokens.claims_for("li", exp=float("inf"))),
    "expiry beyond all calendars": lambda: tokens.token_for("li", exp=10**30),
    "not yet valid": lambda: tokens.token_for("li", nbf=now() + 600),
    "issued in the future": lambda: tokens.token_for("li", iat=now() + 600),
    "no subject": lambda: tokens.token_for("li", sub=None),
    "blank subject": lambda: tokens.token_for("  "),
    "subject a number": lambda: tokens.token_for("li", sub=7),
    "subject of the platform": lambda: tokens.token_for("system:finance"),
    "subject of a client": lambda: tokens.token_for("client:robot"),
    "swapped key, same id": lambda: tokens.sign(
        tokens.claims_for("li"), key=STRANGER, header={"kid": tokens.signing_key().kid}
    ),
    "unknown key": lambda: tokens.sign(tokens.claims_for("li"), key=STRANGER),
    "key in the header": header_jwk,
    "key address in the header": lambda: tokens.sign(
        tokens.claims_for("li"), key=STRANGER, header={"jku": "https://evil.test/jwks"}
    ),
    "key id of another kind of key": lambda: tokens.sign(tokens.claims_for("li"), header={"kid": EC.kid}),
    "key id a path": lambda: tokens.sign(tokens.claims_for("li"), header={"kid": "../../etc/passwd"}),
    "key id missing among several": lambda: tokens.sign(tokens.claims_for("li"), key=STRANGER, header={"kid": ""}),
    "unknown critical header": lambda: (
        f"{b64({'alg': 'RS256', 'kid': tokens.signing_key().kid, 'crit': ['b64x'], 'b64x': 1})}."
        + ".".join(tokens.token_for("li").split(".")[1:])
    ),
    "swapped payload": swapped_payload,
    "cut short": lambda: tokens.token_for("li")[:-5],
    "no signature": lambda: tokens.token_for("li").rsplit(".", 1)[0] + ".",
    "a line break inside": lambda: tokens.token_for("li").replace(".", ".\n", 1),
    "padding": lambda: tokens.token_for("li") + "==",
    "too long": lambda: tokens.token_for("li", note="x" * 9000),
    "not ASCII": lambda: tokens.token_for("li")[:-1] + "é",
    "an ID token": lambda: tokens.sign(tokens.claims_for("li", nonce="n"), header={"typ": "JWT"}),
    "an ID token by its hash": lambda: tokens.sign(tokens.claims_for("li", at_hash="h"), header={"typ": "JWT"}),
    "an ID token by its typ claim": lambda: tokens.sign(tokens.claims_for("li", typ="ID"), header={"typ": "JWT"}),
    "a logout token": lambda: tokens.sign(tokens.claims_for("li"), header={"typ": "logout+jwt"}),
    "payload a list": lambda: jwt_of(b"[1]"),
    "payload not JSON": lambda: jwt_of(b"{"),
    "deep nesting": lambda: f"{b64(b'[' * 3000)}.e30.e30",
}


def jwt_of(payload: bytes) -> str:
    key = tokens.signing_key()
    return jws.serialize_compact({"alg": "RS256", "kid": key.kid}, payload, key, algorithms=["RS256"])


@pytest.mark.parametrize("name", REFUSED)
async def test_a_mutated_token_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadToken) as refusal:
        await checker(tmp_path).check(REFUSED[name]())
    assert refusal.value.status == 401
    assert refusal.value.challenge.startswith('Bearer error="invalid_token"')
    assert "\n" not in refusal.value.challenge


async def test_a_good_token_is_accepted(tmp_path: Path) -> None:
    token = await checker(tmp_path).check(tokens.token_for("li", name="Li Wei", nbf=now() - 5, aud=["x", "hechuan"]))
    assert (token.subject, token.name, token.scopes) == ("li", "Li Wei", frozenset({"openid", "profile"}))
    assert token.issued_at is not None
    assert token.expires_at > datetime.now(UTC)


async def test_a_plain_jwt_of_a_provider_without_at_jwt_is_accepted(tmp_path: Path) -> None:
    raw = tokens.sign(tokens.claims_for("li", scope=None, exp=time.time() + 60.5), header={"typ": "JWT"})
    assert (await checker(tmp_path).check(raw)).subject == "li"


async def test_a_key_without_id_is_used_when_it_is_the_only_one(tmp_path: Path) -> None:
    only = checker(tmp_path, keys=tokens.key_set())
    header = {"alg": "RS256"}
    raw = jwt.encode(header, tokens.claims_for("li"), tokens.signing_key(), algorithms=["RS256"])
    assert (await only.check(raw)).subject == "li"


async def test_an_elliptic_curve_key_is_accepted(tmp_path: Path) -> None:
    raw = jwt.encode({"alg": "ES256", "kid": EC.kid}, tokens.claims_for("li"), EC, algorithms=["ES256"])
    assert (await checker(tmp_path).check(raw)).subject == "li"


async def test_a_symmetric_key_in_the_published_set_is_not_used(tmp_path: Path) -> None:
    secret = OctKey.generate_key(256, auto_kid=True)
    keys = {"keys": [*tokens.key_set()["keys"], secret.as_dict(private=True)]}
    raw = jwt.encode({"alg": "HS256", "kid": secret.kid}, tokens.claims_for("root"), secret, algorithms=["HS256"])
    with pytest.raises(BadToken):
        await checker(tmp_path, keys=keys).check(raw)


@pytest.mark.parametrize("algorithms", [("HS256",), ("RS256", "none"), ()])
def test_settings_that_allow_a_weak_algorithm_are_refused(algorithms: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="OIDC_ALGORITHMS"):
        checker(tmp_path, oidc_algorithms=algorithms)


async def test_the_subject_may_stand_in_a_nested_claim(tmp_path: Path) -> None:
    nested = checker(tmp_path, oidc_subject_claim="person.number")
    assert (await nested.check(tokens.token_for("x", person={"number": "li"}))).subject == "li"
    with pytest.raises(BadToken):
        await nested.check(tokens.token_for("x", person="li"))


async def test_a_missing_key_file_means_unavailable_and_not_forbidden(tmp_path: Path) -> None:
    found = Settings(oidc_issuer=tokens.ISSUER, oidc_jwks_file=tmp_path / "none", session_secret=SecretStr("x" * 40))
    with pytest.raises(Unavailable):
        await TokenChecker(found, Provider(found)).check(tokens.token_for("li"))


@settings(max_examples=150, deadline=None)
@given(position=st.integers(min_value=0, max_value=10_000), letter=st.sampled_from("Ab0-_.x"))
def test_a_token_with_any_letter_changed_is_refused(
    position: int, letter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = tokens.token_for("li")
    at = position % len(raw)
    if raw[at] == letter:
        return
    changed = raw[:at] + letter + raw[at + 1 :]
    # With another number of dots it is no JWT, and there is no provider here to ask about it.
    wanted: tuple[type[Exception], ...] = (BadToken,) if changed.count(".") == 2 else (BadToken, Unavailable)
    folder = tmp_path_factory.getbasetemp()
    with pytest.raises(wanted):
        asyncio.run(checker(folder).check(changed))
