"""Somebody signed in, acting over the public API as any other client would."""

import time
from typing import Any
from uuid import uuid4

import httpx

PATIENCE = 20.0
NOT_YET = frozenset({401, 403, 404, 409, 422, 503})
"""What a service answers while a fact it needs is still on its way."""


class Refused(Exception):
    """The platform refused a step; the words are its own."""

    def __init__(self, who: str, method: str, path: str, response: httpx.Response) -> None:
        self.status = response.status_code
        try:
            problem = response.json()
        except ValueError:
            problem = {"detail": response.text[:300]}
        self.problem: dict[str, Any] = problem
        faults = "; ".join(f"{e['pointer']}: {e['detail']}" for e in problem.get("errors", []))
        super().__init__(f"{who}: {method} {path} → {self.status} {problem.get('detail', '')} {faults}".strip())


class Visitor:
    """One person's session. Unsafe requests carry an idempotency key, so a repeat after a lost answer is harmless."""

    def __init__(self, subject: str, client: httpx.Client) -> None:
        self.subject = subject
        self.client = client
        self.client.headers["Origin"] = str(client.base_url).rstrip("/")

    def get(self, path: str, **params: Any) -> Any:
        return self._send("GET", path, params=params)

    def post(self, path: str, body: dict[str, Any] | None = None, *, version: int | None = None) -> Any:
        return self._send("POST", path, json=body or {}, headers=self._headers(version))

    def put(self, path: str, body: dict[str, Any], *, version: int | None = None) -> Any:
        return self._send("PUT", path, json=body, headers=self._headers(version))

    def until(self, attempt: Any, *, seconds: float = PATIENCE) -> Any:
        """Repeat `attempt` while it is refused in a way that passes by itself."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return attempt()
            except Refused as refusal:
                if refusal.status not in NOT_YET or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def acting_for(self, organisation_id: str) -> None:
        """Choose the organisation to act for, as in the top bar; waits until the role has arrived."""

        def choose() -> None:
            self.client.post("/acting-for", data={"organisation": organisation_id, "next": "/me"})
            if self.get("/api/v1/me")["acting_for"] != organisation_id:
                raise TimeoutError("the role has not arrived")

        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return choose()
            except TimeoutError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def upload(self, path: str, filename: str, content: bytes, media_type: str, **fields: str) -> Any:
        return self._send("POST", path, files={"file": (filename, content, media_type)}, data=fields)

    @staticmethod
    def _headers(version: int | None) -> dict[str, str]:
        headers = {"Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return headers

    def _send(self, method: str, path: str, **options: Any) -> Any:
        response = self.client.request(method, path, **options)
        if response.status_code >= 300:
            raise Refused(self.subject, method, path, response)
        return response.json() if response.content else None
