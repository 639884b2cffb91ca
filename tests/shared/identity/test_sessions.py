"""The session cookie: signed, limited in time, renewed while used, and never stored by an endpoint."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.identity.code_flow import local_path
from shared.identity.sessions import SessionCookies, Sessions, signer_options
from shared.kernel.settings import Settings

SECRET = "s" * 40
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sessions(clock: Clock, **changed: object) -> Sessions:
    return Sessions(Settings.model_validate({"session_secret": SecretStr(SECRET)} | changed), clock=clock)


def test_a_session_comes_back_as_it_was_kept(clock: Clock) -> None:
    made = sessions(clock)
    session = made.start("li", "李伟", uuid4())
    assert made.decode(made.encode(session)) == session


def test_every_sign_in_has_an_id_of_its_own(clock: Clock) -> None:
    made = sessions(clock)
    assert len({made.start("li").id for _ in range(100)}) == 100


@given(position=st.integers(min_value=0, max_value=5_000), letter=st.sampled_from("AbZ09-_.="))
def test_a_cookie_with_any_letter_changed_is_nobody(position: int, letter: str) -> None:
    made = sessions(Clock())
    cookie = made.encode(made.start("li", "Li"))
    at = position % len(cookie)
    changed = cookie[:at] + letter + cookie[at + 1 :]
    found = made.decode(changed)
    # The last letter of a base64 text has unused bits; another spelling of the same bytes may be the same session.
    assert changed == cookie or found is None or (at == len(cookie) - 1 and found.subject == "li")


@pytest.mark.parametrize("cookie", ["", ".", "a.b", "null", "x" * 5000, "é", "W10.abc"])
def test_rubbish_is_nobody(cookie: str, clock: Clock) -> None:
    assert sessions(clock).decode(cookie) is None


@pytest.mark.parametrize(
    "content", [[], None, {}, ["id", "", "", 0, 0, None], [1, 2, 3, 4, 5, 6], ["i", "s", "n", 10**18, 0, None]]
)
def test_well_signed_rubbish_is_nobody_too(content: object, clock: Clock) -> None:
    signer = URLSafeSerializer(SECRET, salt="hechuan-session-1", signer_kwargs=signer_options())
    assert sessions(clock).decode(signer.dumps(content)) is None


def test_a_cookie_signed_for_another_purpose_or_platform_is_nobody(clock: Clock) -> None:
    made = sessions(clock)
    stamp = int(START.timestamp() * 1000)
    content = ["id", "root", "", stamp, stamp, None]
    for secret, salt in ((SECRET, "hechuan-sign-in-1"), ("t" * 40, "hechuan-session-1")):
        assert (
            made.decode(str(URLSafeSerializer(secret, salt=salt, signer_kwargs=signer_options()).dumps(content)))
            is None
        )
    good = URLSafeSerializer(SECRET, salt="hechuan-session-1", signer_kwargs=signer_options()).dumps(content)
    assert made.decode(str(good)) is not None


def test_a_session_left_idle_ends(clock: Clock) -> None:
    made = sessions(clock, session_idle_minutes=60)
    cookie = made.encode(made.start("li"))
    clock.now = START + timedelta(minutes=59, seconds=59)
    assert made.decode(cookie) is not None
    clock.now = START + timedelta(minutes=60)
    assert made.decode(cookie) is None


def test_a_session_in_use_lives_until_the_absolute_limit_and_no_longer(clock: Clock) -> None:
    made = sessions(clock, session_idle_minutes=60, session_absolute_hours=12)
    session = made.start("li")
    while clock.now < START + timedelta(hours=12):
        found = made.decode(made.encode(session))
        assert found is not None
        session = made.renewed(found) or found
        clock.now += timedelta(minutes=10)
    assert made.decode(made.encode(session)) is None


def test_a_cookie_from_the_future_is_nobody(clock: Clock) -> None:
    made = sessions(clock)
    clock.now = START + timedelta(hours=1)
    cookie = made.encode(made.start("li"))
    clock.now = START
    assert made.decode(cookie) is None


def test_a_cookie_is_renewed_only_after_some_minutes(clock: Clock) -> None:
    made = sessions(clock)
    session = made.start("li")
    clock.now += timedelta(minutes=2)
    assert made.renewed(session) is None
    clock.now += timedelta(minutes=2)
    renewed = made.renewed(session)
    assert renewed is not None
    assert (renewed.id, renewed.issued_at, renewed.last_seen) == (session.id, START, clock.now)


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_weak_secret_stops_the_start(secret: str, clock: Clock) -> None:
    with pytest.raises(ValueError, match="SESSION_SECRET"):
        sessions(clock, session_secret=SecretStr(secret))


@pytest.mark.anyio
@pytest.mark.parametrize("https", [True, False])
async def test_the_cookie_is_closed_to_scripts_and_other_sites(https: bool, clock: Clock) -> None:
    made = sessions(clock, public_url="https://hechuan.test" if https else "http://127.0.0.1:8000")

    async def enter(request: Request) -> PlainTextResponse:
        made.keep(request, made.start("li", "Li", UUID(int=7)))
        return PlainTextResponse("in")

    async def look(request: Request) -> PlainTextResponse:
        session = made.of(request)
        if session:
            made.renew(request, session)
        return PlainTextResponse(session.subject if session else "nobody")

    async def leave(request: Request) -> PlainTextResponse:
        made.drop(request)
        return PlainTextResponse("out")

    app = SessionCookies(Starlette(routes=[Route("/in", enter), Route("/look", look), Route("/out", leave)]))
    base = "https://hechuan.test" if https else "http://127.0.0.1:8000"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as client:
        entered = await client.get("/in")
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith("__Host-hechuan_session=" if https else "hechuan_session=")
        assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
        assert ("Secure" in cookie.split("; ")) is https
        assert "Domain" not in cookie
        assert entered.headers["cache-control"] == "no-store"
        seen = await client.get("/look")
        assert (seen.text, "set-cookie" in seen.headers) == ("li", False)
        clock.now += timedelta(minutes=5)
        assert "set-cookie" in (await client.get("/look")).headers
        await client.get("/out")
        assert (await client.get("/look")).text == "nobody"


@pytest.mark.parametrize("good", ["/", "/access?role=auditor", "/projects/calls/7#top", "/我"])
def test_a_local_address_is_kept(good: str) -> None:
    assert local_path(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "evil",
        "/a\r\nSet-Cookie: x=1",
        "/\t/evil.test",
        "///evil.test",
        "/sign-in?next=/",
        "/sign-out",
        "/" + "a" * 3000,
    ],
)
def test_another_address_leads_home(bad: str | None) -> None:
    assert local_path(bad) == "/"
