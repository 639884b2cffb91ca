"""The sign-in provider as we see it: its discovery document, its keys, its token and introspection endpoints."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from shared.kernel.errors import Unavailable
from shared.kernel.marks import N_, S_
from shared.kernel.settings import Settings

METADATA_SECONDS = 600.0
KEYS_SECONDS = 600.0
UNKNOWN_KEY_SECONDS = 60.0
"""Tokens with invented key ids must not make us hammer the provider."""
RETRY_SECONDS = 5.0
"""How long a provider that did not answer is left alone."""

log = logging.getLogger(__name__)
_DOWN = N_("The sign-in provider does not answer. Try again in a minute.")


class Provider:
    """Talks to one OpenID Connect provider; what it said last is kept while it is down."""

    def __init__(
        self,
        settings: Settings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self._monotonic = monotonic
        self._transport = transport
        self._metadata = _Kept(METADATA_SECONDS, self._fetch_metadata, monotonic)
        self._keys = _Kept(KEYS_SECONDS, self._fetch_keys, monotonic)
        self._asked_for_unknown = float("-inf")

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made when the provider is first asked: reading the certificates of the world takes as long as a start."""
        loopback = urlsplit(self.settings.oidc_issuer).hostname in {"127.0.0.1", "localhost", "::1"}
        # A proxy cannot reach our own loopback.
        limit = httpx.Timeout(5.0, connect=3.0)
        return httpx.AsyncClient(timeout=limit, transport=self._transport, trust_env=not loopback)

    async def close(self) -> None:
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def endpoint(self, name: str) -> str | None:
        """An address from the discovery document; None when the provider has no such endpoint.

        Raises Unavailable.
        """
        found = (await self._metadata.get()).get(name)
        return found if isinstance(found, str) and found.startswith(("https://", "http://")) else None

    async def key(self, kid: str | None, algorithm: str) -> Key | None:
        """The public key to check a signature with; None when the provider has none that fits.

        The key set is fetched again for an unknown key id, at most once a minute. Raises Unavailable.
        """
        found = _fitting(await self._keys.get(), kid, algorithm)
        if found is None and self._monotonic() - self._asked_for_unknown >= UNKNOWN_KEY_SECONDS:
            self._asked_for_unknown = self._monotonic()
            found = _fitting(await self._keys.get(fresh=True), kid, algorithm)
        return found

    async def post(self, endpoint: str, form: dict[str, str]) -> httpx.Response:
        """Post a form as our client (RFC 6749 section 2.3.1: id and secret are form-encoded first).

        Raises Unavailable when there is no such endpoint or it does not answer.
        """
        url = await self.endpoint(endpoint)
        if url is None:
            raise Unavailable(S_("The sign-in provider offers no %(endpoint)s.", endpoint=endpoint.replace("_", " ")))
        secret = self.settings.oidc_client_secret.get_secret_value()
        auth = httpx.BasicAuth(quote_plus(self.settings.oidc_client_id), quote_plus(secret))
        try:
            answer = await self._client.post(url, data=form, auth=auth, headers={"Accept": "application/json"})
        except httpx.HTTPError as problem:
            raise Unavailable(_DOWN) from problem
        if answer.status_code >= 500:
            raise Unavailable(_DOWN)
        return answer

    async def _fetch_metadata(self) -> dict[str, Any]:
        issuer = self.settings.oidc_issuer
        document = await self._get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise ValueError(f"the discovery document is of {document.get('issuer')!r}, not of {issuer!r}")
        return document

    async def _fetch_keys(self) -> KeySet:
        pinned = self.settings.oidc_jwks_file
        if pinned is not None:
            document = json.loads(await asyncio.to_thread(pinned.read_text))
        else:
            url = await self.endpoint("jwks_uri")
            if url is None:
                raise ValueError("the discovery document names no jwks_uri")
            document = await self._get_json(url)
        # A symmetric key in a published set would let everybody who reads it sign.
        public = [key for key in document["keys"] if key.get("kty") != "oct"]
        return KeySet.import_key_set({"keys": public})

    async def _get_json(self, url: str) -> dict[str, Any]:
        answer = await self._client.get(url, headers={"Accept": "application/json"})
        answer.raise_for_status()
        document = answer.json()
        if not isinstance(document, dict):
            raise ValueError(f"{url} did not answer with a JSON object")
        return document


class _Kept:
    """One fetched thing: fetched again when old, kept when the provider is down, never fetched twice at once."""

    def __init__(self, seconds: float, fetch: Callable[[], Any], monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._fetch = fetch
        self._monotonic = monotonic
        self._value: Any = None
        self._fetched = float("-inf")
        self._failed = float("-inf")
        self._times = 0
        self._lock = asyncio.Lock()

    async def get(self, *, fresh: bool = False) -> Any:
        if self._value is not None and not fresh and self._monotonic() - self._fetched < self._seconds:
            return self._value
        times = self._times
        async with self._lock:
            if self._times != times:
                return self._value  # somebody fetched it while we waited
            now = self._monotonic()
            due = fresh or self._value is None or now - self._fetched >= self._seconds
            if due and now - self._failed >= RETRY_SECONDS:
                try:
                    self._value = await self._fetch()
                    self._fetched = self._monotonic()
                    self._times += 1
                except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError, JoseError, Unavailable) as problem:
                    self._failed = self._monotonic()
                    log.warning("the sign-in provider could not be read: %r", problem)
            if self._value is None:
                raise Unavailable(_DOWN)
            return self._value


def _fitting(keys: KeySet, kid: str | None, algorithm: str) -> Key | None:
    kinds = {"R": "RSA", "P": "RSA", "E": "EC"}
    fits = [
        key
        for key in keys
        if key.key_type == kinds.get(algorithm[0])
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
    ]
    if kid is not None:
        return next((key for key in fits if key.kid == kid), None)
    # Without a key id a guess among several keys would be a lottery.
    return fits[0] if len(fits) == 1 else None
