"""The whole sign-in through the real provider, over real sockets: in, used, taken away, out."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn

from infra.embedded.canaille import Person
from infra.embedded.group import Embedded
from infra.host import build, host
from seeds.sign_in import SignInRefused, sign_in
from shared.identity.provider import Provider
from shared.identity.tokens import BadToken, TokenChecker
from shared.kernel.settings import Settings

LI = Person("li.wei", "Wei", "Li", "li@example.org", password="correct horse battery", name="李伟")


@dataclass
class Platform:
    """Coordination on a socket of its own, with a sign-in provider."""

    address: str
    settings: Settings


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def platform(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    port = _free_port()
    directory: Path = tmp_path_factory.mktemp("provider")
    directory.parent.chmod(0o755)  # PostgreSQL runs as another user when we are root
    for folder in (directory, *directory.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o011)
    embedded = Embedded(
        Settings(state_dir=directory, port=port), {"postgres", "canaille"}, durable=False, minimum_free=0
    )
    provided = embedded.start()
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None
    try:
        embedded.ensure_people([LI])
        chosen = settings.model_copy(
            update={
                **{name: getattr(provided, name) for name in type(provided).model_fields if name.startswith("oidc_")},
                "program_client_id": provided.program_client_id,
                "program_client_secret": provided.program_client_secret,
                "port": port,
                "administrators": (LI.user_name,),
            }
        )
        app = host(build(chosen, ["coordination"]))
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="on"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.05)
        yield Platform(f"http://127.0.0.1:{port}", chosen)
    finally:
        if server is not None and thread is not None:
            server.should_exit = True
            thread.join(20)
        embedded.stop()


def eventually(check: Any, seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def test_a_person_signs_in_works_and_signs_out(platform: Platform) -> None:
    with sign_in(platform.address, LI.user_name, LI.password) as browser:
        assert browser.get("/api/v1/me").json()["subject"] == "li.wei"
        eventually(lambda: browser.get("/api/v1/me").json()["name"] == "李伟")
        # The fact of the first administrators travels through the event server to the service's own projection.
        eventually(lambda: browser.get("/api/v1/me").json()["clearance"] == "confidential")
        assert [role["role"] for role in browser.get("/api/v1/me").json()["roles"]] == ["administrator"]
        (address,) = browser.get("/api/v1/me/addresses").json()["items"]
        assert (address["address"], address["source"], address["verified"]) == ("li@example.org", "provider", False)
        assert browser.get("/access").status_code == 200
        assert browser.get("/sign-in", params={"next": "/access"}).headers["location"] == "/access"
        stolen = dict(browser.cookies)
        back = browser.get("/sign-out")
        assert (back.status_code, back.headers["location"]) == (303, "/")
        gone = browser.post("/sign-out")
        assert gone.headers["clear-site-data"] == '"cache"', "no refused form is kept for the next person"
        assert gone.status_code == 303
        out = urlsplit(gone.headers["location"])
        assert f"{out.scheme}://{out.netloc}" == platform.settings.oidc_issuer
        assert "id_token_hint" in parse_qs(out.query)
        left = browser.get(gone.headers["location"])
        assert left.headers["location"] == f"{platform.address}/signed-out"
        assert browser.get("/api/v1/me").status_code == 401
        # The provider has forgotten the person too: it asks for the name again.
        again = browser.get(browser.get("/sign-in").headers["location"])
        assert urlsplit(again.headers["location"]).path.endswith("/login")

    def refused() -> bool:
        return httpx.get(f"{platform.address}/api/v1/me", cookies=stolen, trust_env=False).status_code == 401

    eventually(refused)


def test_a_wrong_password_is_said(platform: Platform) -> None:
    with pytest.raises(SignInRefused, match="password"):
        sign_in(platform.address, LI.user_name, "wrong")


def test_a_session_of_before_ends_when_the_person_signs_in_again(platform: Platform) -> None:
    with sign_in(platform.address, LI.user_name, LI.password) as browser:
        first = dict(browser.cookies)["hechuan_session"]
        begun = browser.get("/sign-in")
        assert begun.headers["location"] == "/"  # signed in already
        time.sleep(1.1)  # the embedded provider gives a person one token a second
        with httpx.Client(base_url=platform.address, trust_env=False) as attempt:
            # Begin without a session, come back with the one of before: it must not live on beside the new one.
            attempt.cookies.update(browser.cookies)
            attempt.cookies.delete("hechuan_session")
            to_provider = attempt.get("/sign-in").headers["location"]
            back = attempt.get(to_provider).headers["location"]
            finished = attempt.get(back, headers={"Cookie": f"{_jar(attempt)}; hechuan_session={first}"})
            assert finished.status_code == 303, finished.text
            second = finished.cookies["hechuan_session"]
        assert first != second

        def only_the_new_one() -> bool:
            answers = [
                httpx.get(f"{platform.address}/api/v1/me", cookies={"hechuan_session": c}, trust_env=False).status_code
                for c in (first, second)
            ]
            return answers == [401, 200]

        eventually(only_the_new_one)


def _jar(client: httpx.Client) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


def test_a_code_or_state_of_another_attempt_is_refused(platform: Platform) -> None:
    with httpx.Client(base_url=platform.address, trust_env=False) as mine:
        asked = parse_qs(urlsplit(mine.get("/sign-in").headers["location"]).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["nonce"]
        state = asked["state"][0]
        for query in (
            {"code": "invented", "state": state},
            {"code": "invented", "state": state[::-1]},
            {"state": state},
        ):
            answer = mine.get("/sign-in/callback", params=query)
            assert answer.status_code == 400
            assert "Sign in again" in answer.text
            assert "hechuan_session" not in answer.cookies
    with httpx.Client(base_url=platform.address, trust_env=False) as other:
        assert other.get("/sign-in/callback", params={"code": "x", "state": state}).status_code == 400


def test_a_refusal_of_the_provider_is_said(platform: Platform) -> None:
    with httpx.Client(base_url=platform.address, trust_env=False) as mine:
        state = parse_qs(urlsplit(mine.get("/sign-in").headers["location"]).query)["state"][0]
        answer = mine.get("/sign-in/callback", params={"error": "access_denied", "state": state})
        assert answer.status_code == 403
        assert "The sign-in was refused" in answer.text


def test_another_name_of_this_machine_leads_to_the_one_the_provider_knows(platform: Platform) -> None:
    port = urlsplit(platform.address).port
    answer = httpx.get(f"{platform.address}/sign-in", headers={"Host": f"localhost:{port}"}, trust_env=False)
    assert answer.headers["location"].startswith(f"{platform.address}/sign-in?")


def _token(platform: Platform, **form: str) -> str:
    provided = platform.settings
    answer = httpx.post(
        f"{provided.oidc_issuer}/oauth/token",
        data={"scope": "openid profile email"} | form,
        auth=(provided.program_client_id, provided.program_client_secret.get_secret_value()),
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def test_a_program_acts_as_a_person_with_the_providers_jwt(platform: Platform) -> None:
    time.sleep(1.1)
    token = _token(platform, grant_type="password", username=LI.user_name, password=LI.password)
    assert token.count(".") == 2
    answer = httpx.get(f"{platform.address}/api/v1/me", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    assert answer.json()["subject"] == LI.user_name


def test_an_opaque_token_is_introspected_and_an_invented_one_refused(platform: Platform) -> None:
    token = _token(platform, grant_type="client_credentials")
    assert "." not in token
    with httpx.Client(base_url=platform.address, trust_env=False) as program:
        for raw, status in ((token, 200), ("invented" + token[8:], 401), (token, 200)):
            answer = program.get("/api/v1/me", headers={"Authorization": f"Bearer {raw}"})
            assert answer.status_code == status
        assert program.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()["subject"] == (
            f"client:{platform.settings.program_client_id}"
        )


@pytest.mark.anyio
async def test_a_revoked_opaque_token_counts_for_at_most_a_minute_and_another_audience_never(
    platform: Platform,
) -> None:
    now = [0.0]
    provider = Provider(platform.settings, monotonic=lambda: now[0])
    checker = TokenChecker(platform.settings, provider, monotonic=lambda: now[0])
    token = await asyncio.to_thread(_token, platform, grant_type="client_credentials")
    assert (await checker.check(token)).subject.startswith("client:")
    revoked = await asyncio.to_thread(
        lambda: httpx.post(
            f"{platform.settings.oidc_issuer}/oauth/revoke",
            data={"token": token},
            auth=(platform.settings.program_client_id, platform.settings.program_client_secret.get_secret_value()),
            trust_env=False,
        )
    )
    assert revoked.status_code == 200
    now[0] += 59
    assert await checker.check(token)
    now[0] += 2
    with pytest.raises(BadToken):
        await checker.check(token)
    foreign = TokenChecker(platform.settings.model_copy(update={"oidc_audience": "another"}), provider)
    fresh = await asyncio.to_thread(_token, platform, grant_type="client_credentials")
    with pytest.raises(BadToken):
        await foreign.check(fresh)
    await provider.close()
