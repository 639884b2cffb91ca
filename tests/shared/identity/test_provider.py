"""Keys are fetched over HTTP, kept while the provider is down, and asked for again at most once a minute."""

import asyncio
import functools
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from shared.identity.provider import Provider
from shared.identity.tokens import BadToken, TokenChecker
from shared.kernel.errors import Unavailable
from shared.kernel.settings import Settings
from tests.kit import tokens

pytestmark = pytest.mark.anyio
FIRST, SECOND = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(2))


class _Files(http.server.SimpleHTTPRequestHandler):
    asked: list[str]

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        super().do_GET()


@dataclass
class Published:
    """A provider's published documents on a real web server."""

    folder: Path
    port: int = 0
    now: float = 1000.0
    server: http.server.ThreadingHTTPServer | None = field(default=None)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        assert self.server is not None
        found: list[str] = self.server.asked  # type: ignore[attr-defined]
        return found

    def up(self) -> None:
        handler = functools.partial(_Files, directory=str(self.folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.server.asked = []  # type: ignore[attr-defined]
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def publish(self, *keys: RSAKey, issuer: str = "") -> None:
        known = self.folder / ".well-known"
        known.mkdir(exist_ok=True)
        document = {"issuer": issuer or self.issuer, "jwks_uri": f"{self.issuer}/jwks.json"}
        (known / "openid-configuration").write_text(json.dumps(document))
        (self.folder / "jwks.json").write_text(json.dumps(tokens.key_set(*keys)))

    def checker(self) -> TokenChecker:
        settings = Settings(oidc_issuer=self.issuer, session_secret=SecretStr("x" * 40))
        return TokenChecker(settings, Provider(settings, monotonic=lambda: self.now))

    def token(self, key: RSAKey) -> str:
        return tokens.sign(tokens.claims_for("li", iss=self.issuer), key=key)


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Published]:
    found = Published(tmp_path)
    found.up()
    found.publish(FIRST)
    yield found
    found.down()


async def test_keys_are_fetched_once_for_many_tokens(published: Published) -> None:
    checker = published.checker()
    await asyncio.gather(*(checker.check(published.token(FIRST)) for _ in range(20)))
    assert published.asked == ["/.well-known/openid-configuration", "/jwks.json"]


async def test_a_new_key_is_found_and_invented_ones_do_not_make_us_ask_again(published: Published) -> None:
    checker = published.checker()
    await checker.check(published.token(FIRST))
    published.publish(FIRST, SECOND)
    assert (await checker.check(published.token(SECOND))).subject == "li"
    before = len(published.asked)
    for _ in range(5):
        with pytest.raises(BadToken):
            await checker.check(published.token(RSAKey.generate_key(2048, auto_kid=True)))
    assert len(published.asked) == before
    published.now += 61
    with pytest.raises(BadToken):
        await checker.check(published.token(RSAKey.generate_key(2048, auto_kid=True)))
    assert len(published.asked) == before + 1


async def test_a_withdrawn_key_stops_counting_when_the_set_is_old(published: Published) -> None:
    checker = published.checker()
    await checker.check(published.token(FIRST))
    published.publish(SECOND)
    published.now += 601
    with pytest.raises(BadToken):
        await checker.check(published.token(FIRST))
    assert (await checker.check(published.token(SECOND))).subject == "li"


async def test_the_old_keys_serve_while_the_provider_is_down(published: Published) -> None:
    checker = published.checker()
    await checker.check(published.token(FIRST))
    published.down()
    published.now += 3600
    assert (await checker.check(published.token(FIRST))).subject == "li"
    with pytest.raises(BadToken):
        await checker.check(published.token(SECOND))


async def test_without_any_keys_the_answer_is_unavailable_and_heals(published: Published) -> None:
    checker = published.checker()
    published.down()
    with pytest.raises(Unavailable):
        await checker.check(published.token(FIRST))
    published.up()
    with pytest.raises(Unavailable):
        await checker.check(published.token(FIRST))  # left alone for a moment
    published.now += 6
    assert (await checker.check(published.token(FIRST))).subject == "li"


async def test_a_discovery_document_of_another_issuer_is_not_believed(published: Published) -> None:
    published.publish(FIRST, issuer="https://evil.test")
    with pytest.raises(Unavailable):
        await published.checker().check(published.token(FIRST))
