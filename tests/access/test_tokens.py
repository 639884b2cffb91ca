"""One route of each service against every forged, spoiled or misplaced token: 401, said in the platform's words."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator

import pytest
from joserfc.jwk import RSAKey

from infra.host import host
from shared.kernel.settings import SERVICE_NAMES, Settings
from tests.access.asking import Answer, ask
from tests.access.census import applications
from tests.kit.platform import Running, running, someone
from tests.kit.tokens import claims_for, sign, signing_key, token_for

Headers = tuple[tuple[bytes, bytes], ...]


@pytest.fixture(scope="module")
async def asked(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Running]:
    async with running(settings, request.param) as service:
        yield service


def bearer(token: str) -> Headers:
    return ((b"authorization", f"Bearer {token}".encode()),)


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def tampered(token: str) -> str:
    head, _, signature = token.split(".")
    return ".".join((head, part(claims_for("somebody-else")), signature))


def signed_with_the_public_key(subject: str) -> str:
    """HS256 with the published key as the secret: what a checker takes that lets the token choose the method."""
    content = f"{part({'alg': 'HS256', 'kid': signing_key().kid, 'typ': 'at+jwt'})}.{part(claims_for(subject))}"
    signature = hmac.digest(signing_key().as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def mutations(subject: str) -> dict[str, Headers]:
    now = int(time.time())
    good = token_for(subject)
    stranger = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    return {
        "alg none": bearer(f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(claims_for(subject))}."),
        "alg none with a signature": bearer(
            f"{part({'alg': 'None', 'kid': signing_key().kid})}.{part(claims_for(subject))}.{good.split('.')[2]}"
        ),
        "HS256 with the public key": bearer(signed_with_the_public_key(subject)),
        "wrong issuer": bearer(token_for(subject, iss="https://elsewhere.test")),
        "no issuer": bearer(token_for(subject, iss=None)),
        "wrong audience": bearer(token_for(subject, aud="another-platform")),
        "no audience": bearer(token_for(subject, aud=None)),
        "expired": bearer(token_for(subject, iat=now - 7200, exp=now - 3600)),
        "never expiring": bearer(token_for(subject, exp=None)),
        "not yet valid": bearer(token_for(subject, nbf=now + 3600)),
        "another key": bearer(sign(claims_for(subject), key=stranger)),
        "another key under the known name": bearer(
            sign(claims_for(subject), key=stranger, header={"kid": signing_key().kid})
        ),
        "tampered content": bearer(tampered(good)),
        "cut off": bearer(good[:-8]),
        "no subject": bearer(token_for(subject, sub=None)),
        "empty": ((b"authorization", b"Bearer "),),
        "only the word": ((b"authorization", b"Bearer"),),
        "another scheme": ((b"authorization", b"Basic " + base64.b64encode(b"admin:admin")),),
        "two headers": bearer(good) * 2,
        "a good one and a bad one": (*bearer(good), (b"authorization", b"Bearer x")),
    }


async def asks(service: Running, headers: Headers) -> Answer:
    path = service.service.prefix.rstrip("/") + "/api/v1/documents/01920000-0000-7000-8000-000000000000"
    return await ask(host([service.service]), "GET", path, headers)


def test_all_five_services_are_asked() -> None:
    assert set(applications()) == set(SERVICE_NAMES)


@pytest.mark.parametrize("asked", SERVICE_NAMES, indirect=True)
async def test_a_spoiled_token_opens_nothing(asked: Running) -> None:
    person = someone()
    await asked.know(person)
    assert (await asks(asked, bearer(token_for(person.subject)))).status == 404, "the good token must get past 401"
    wrong = []
    for words, headers in mutations(person.subject).items():
        answer = await asks(asked, headers)
        problem = answer.headers.get("content-type") == "application/problem+json"
        challenge = answer.headers.get("www-authenticate", "").startswith("Bearer")
        if answer.status != 401 or not problem or not challenge:
            wrong.append(f"{words}: {answer.status} {answer.headers}")
    assert wrong == []
