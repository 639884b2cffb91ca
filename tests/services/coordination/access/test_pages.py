"""The same over pages: forms keep what was typed, offer only what the rules allow, and lead on."""

from typing import Any

import httpx
import pytest

from services.coordination.access import rules
from shared.contracts.coordination import RoleGranted, RoleRevoked, SessionRevoked
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.coordination.access.test_access import ADMIN, ORG, granted, registered, suspended

pytestmark = pytest.mark.anyio


async def get(coordination: Running, who: Someone | None, path: str) -> httpx.Response:
    async with coordination.client(who) as client:
        return await client.get(path)


async def send(coordination: Running, who: Someone, path: str, **fields: Any) -> httpx.Response:
    async with coordination.client(who) as client:
        return await client.post(path, data=fields)


@pytest.fixture
async def ready(coordination: Running) -> Running:
    await coordination.hear(registered())
    return coordination


async def test_an_administrator_grants_sees_and_takes_back(ready: Running) -> None:
    form = await get(ready, ADMIN, "/access/grants/new")
    assert form.status_code == 200
    assert "Institute 研究所" in form.text
    fields = {"subject": "li", "name": "Li Wei", "role": "reviewer", "organisation_id": str(ORG), "reason": "expert"}
    unknown = await send(ready, ADMIN, "/access/grants/new", **fields)
    assert unknown.status_code == 422
    assert "Nobody has signed in under this name yet." in unknown.text
    fields |= {"invite": "true"}
    done = await send(ready, ADMIN, "/access/grants/new", **fields)
    assert done.status_code == 303, done.text
    page = await get(ready, ADMIN, done.headers["location"])
    assert "Li Wei" in page.text
    assert "Reviewer" in page.text
    listed = await get(ready, ADMIN, "/access?role=reviewer&q=Li")
    assert done.headers["location"] in listed.text
    (fact,) = await ready.said(RoleGranted)
    revocation = f"/access/grants/{fact['data']['grant_id']}/revocation"
    assert revocation in page.text
    assert (await get(ready, ADMIN, revocation)).status_code == 200
    unsaid = await send(ready, ADMIN, revocation, reason="")
    assert unsaid.status_code == 422
    back = await send(ready, ADMIN, revocation, reason="left")
    assert back.headers["location"] == done.headers["location"]
    assert len(await ready.said(RoleRevoked)) == 1
    assert (await get(ready, ADMIN, revocation)).status_code == 404


async def test_a_refused_form_keeps_what_was_typed_and_says_why(ready: Running) -> None:
    await ready.hear(suspended(2))
    fields = {"subject": "li", "name": "<b>Li</b>", "role": "reviewer", "organisation_id": str(ORG), "reason": "expert"}
    fields |= {"invite": "true"}
    answer = await send(ready, ADMIN, "/access/grants/new", **fields)
    assert answer.status_code == 422
    assert "This organisation is suspended" in answer.text
    assert "&lt;b&gt;Li&lt;/b&gt;" in answer.text
    assert "<b>Li</b>" not in answer.text
    empty = await send(ready, ADMIN, "/access/grants/new", subject="li")
    assert empty.status_code == 422
    assert await ready.said() == []


async def test_a_representative_is_offered_only_what_may_be_granted(ready: Running) -> None:
    page = await get(ready, someone(Role.REPRESENTATIVE, organisation_id=ORG), "/access/grants/new")
    assert 'value="applicant"' in page.text
    assert 'value="administrator"' not in page.text
    assert rules.PLATFORM_NAME not in page.text
    other = await get(ready, someone(Role.REPRESENTATIVE), "/access/grants/new")
    assert "Institute 研究所" not in other.text


async def test_a_stale_clearance_shows_both_versions(ready: Running) -> None:
    account = (await granted(ready))["account_id"]
    page = await get(ready, ADMIN, f"/access/{account}/clearance")
    assert page.status_code == 200
    done = await send(ready, ADMIN, f"/access/{account}/clearance", clearance="internal", reason="ok", version="2")
    assert done.status_code == 303, done.text
    stale = await send(ready, ADMIN, f"/access/{account}/clearance", clearance="controlled", reason="more", version="2")
    assert stale.status_code == 412
    assert "controlled" in stale.text.lower()


async def test_a_person_sees_own_roles_and_signs_out_everywhere(ready: Running) -> None:
    grant = await granted(ready)
    li = someone(Role.APPLICANT, organisation_id=ORG, subject="li")
    page = await get(ready, li, "/me")
    assert page.status_code == 200
    assert f"/access/grants/{grant['id']}/revocation" in page.text
    out = await send(ready, li, f"/access/{grant['account_id']}/session-revocation")
    assert out.headers["location"] == "/signed-out"
    assert len(await ready.said(SessionRevoked)) == 1
    fresh = await get(ready, someone(Role.APPLICANT, subject="new"), "/me")
    assert fresh.status_code == 200
    own = await send(ready, li, f"/access/grants/{grant['id']}/revocation", reason="enough")
    assert own.headers["location"] == "/me"


async def test_others_roles_are_nobodys_business(ready: Running) -> None:
    grant = await granted(ready)
    applicant = someone(Role.APPLICANT, organisation_id=ORG)
    assert (await get(ready, applicant, f"/access/{grant['account_id']}")).status_code == 403
    for path in (f"/access/grants/{grant['id']}/revocation", f"/access/grants/{new_id()}/revocation"):
        assert (await get(ready, applicant, path)).status_code == 404
        assert (await send(ready, applicant, path, reason="x")).status_code == 404
    assert await ready.said(RoleRevoked) == []


async def test_the_organisation_to_act_for_is_chosen_among_the_held_ones(ready: Running) -> None:
    two = new_id()
    li = someone(Role.APPLICANT, organisation_id=ORG, subject="li")
    await ready.know(li)
    await ready.know(someone(Role.REVIEWER, organisation_id=two, subject="li"))
    sessions = ready.service.identity.sessions
    async with ready.client() as client:
        client.cookies.set(sessions.cookie, sessions.encode(sessions.start("li")))
        client.headers["Origin"] = "http://test"
        for wanted, after in ((two, two), (new_id(), two), (ORG, ORG)):
            answer = await client.post("/acting-for", data={"organisation": str(wanted), "next": "https://evil.test"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert (await client.get("/api/v1/me")).json()["acting_for"] == str(after)
        client.headers["Origin"] = "https://evil.test"
        assert (await client.post("/acting-for", data={"organisation": str(two)})).status_code == 403


async def test_signing_out_voids_the_session_and_says_so(ready: Running) -> None:
    sessions = ready.service.identity.sessions
    session = sessions.start("li", "Li")
    async with ready.client() as client:
        client.cookies.set(sessions.cookie, sessions.encode(session))
        client.headers["Origin"] = "http://test"
        answer = await client.post("/sign-out")
        assert answer.status_code == 303
        assert f"{sessions.cookie}=;" in answer.headers["set-cookie"]
    (fact,) = await ready.said(SessionRevoked)
    assert fact["data"]["session_id"] == session.id
    assert (await get(ready, None, "/signed-out")).status_code == 200


async def test_an_answer_nobody_asked_for_gets_a_clear_page(ready: Running) -> None:
    for query in ("", "?code=x&state=y", "?error=access_denied&state=y", "?state=%00"):
        answer = await get(ready, None, f"/sign-in/callback{query}")
        assert answer.status_code == 400
        assert "Sign in again" in answer.text
        assert "set-cookie" not in answer.headers or "session=" not in answer.headers["set-cookie"]
    down = await get(ready, None, "/sign-in?next=/access")
    assert down.status_code == 503
    assert "/sign-in?next=%2Faccess" in down.text
