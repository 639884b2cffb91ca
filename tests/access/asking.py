"""Requests straight to the ASGI application: the matrix makes tens of thousands of them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def refused(self) -> bool:
        """Signed out, forbidden, or not to be known of."""
        to_sign_in = self.status == 303 and self.headers.get("location", "").startswith("/sign-in")
        return self.status in (401, 403, 404) or to_sign_in


async def ask(
    app: ASGIApp,
    method: str,
    path: str,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    body: bytes = b"",
) -> Answer:
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "scheme": "http",
        "server": ("test", 80),
        "client": ("127.0.0.1", 1),
        "headers": [*_own(headers, body), *headers],
        "state": {},
    }
    sent = False
    messages: list[Message] = []

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    try:
        await app(scope, receive, send)
    except Exception as error:
        if not messages:
            return Answer(500, {}, repr(error).encode())
    start = messages[0]
    return Answer(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in messages[1:]),
    )


def _own(headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> list[tuple[bytes, bytes]]:
    given = {name for name, _ in headers}
    own = [(b"host", b"test"), (b"content-length", str(len(body)).encode())]
    return [(name, value) for name, value in own if name not in given]
