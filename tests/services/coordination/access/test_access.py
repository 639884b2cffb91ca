"""Accounts and roles over the API and the pages, with the facts they leave behind."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.coordination.access import actions, rules
from shared.contracts.base import EVENTS
from shared.contracts.catalog import OrganisationAdmitted, OrganisationRegistered, OrganisationSuspended
from shared.contracts.coordination import ClearanceChanged, RoleGranted, RoleRevoked, SessionRevoked
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import Role, Sector, SecurityLabel
from tests.kit.platform import Running, Someone, someone

pytestmark = pytest.mark.anyio
ADMIN = someone(Role.ADMINISTRATOR, organisation_id=rules.PLATFORM_ORGANISATION, subject="admin")
ORG = new_id()


def _base(version: int) -> dict[str, Any]:
    return {"id": ORG, "version": version, "title": "Institute", "owners": (ORG,), "name": "Institute"}


def registered(version: int = 1) -> OrganisationRegistered:
    return OrganisationRegistered(
        **_base(version), kind="institute", sector=Sector.CIVIL, region="Chengdu", name_zh="研究所"
    )


def admitted(version: int = 2) -> OrganisationAdmitted:
    return OrganisationAdmitted(
        **_base(version),
        kind="institute",
        sector=Sector.CIVIL,
        region="Chengdu",
        reason="complete",
        valid_until=datetime(2030, 1, 1, tzinfo=UTC),
    )


def suspended(version: int = 3) -> OrganisationSuspended:
    return OrganisationSuspended(**_base(version), reason="licence")


def grant_of(subject: str = "li", role: Role = Role.APPLICANT, **changed: Any) -> dict[str, Any]:
    asked = {"subject": subject, "role": role.value, "organisation_id": str(ORG), "reason": "joins", "invite": True}
    return asked | changed


async def post(coordination: Running, who: Someone | None, path: str, body: dict[str, Any]) -> Any:
    async with coordination.client(who) as client:
        return await client.post(f"/api/v1{path}", json=body)


async def test_a_name_that_nobody_has_signed_in_with_is_refused_unless_it_is_an_invitation(ready: Running) -> None:
    refused = await post(ready, ADMIN, "/grants", grant_of("zhoa.institute", invite=False))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/subject"
    assert await ready.said() == []
    assert (await post(ready, ADMIN, "/grants", grant_of("zhao.institute"))).status_code == 201
    again = grant_of("zhao.institute", role=Role.REVIEWER, invite=False)
    assert (await post(ready, ADMIN, "/grants", again)).status_code == 201, "who is known needs no invitation"


async def granted(coordination: Running, **changed: Any) -> dict[str, Any]:
    answer = await post(coordination, ADMIN, "/grants", grant_of(**changed))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def ready(coordination: Running) -> Running:
    await coordination.hear(registered(), admitted())
    return coordination


async def versions(coordination: Running) -> list[tuple[str, int]]:
    return [(row["type"].split(".")[3], row["version"]) for row in await coordination.said()]


async def test_granting_to_somebody_unseen_makes_the_account_and_says_both_facts(ready: Running) -> None:
    grant = await granted(ready, name="Li Wei")
    assert (grant["state"], grant["organisation_name"], grant["granted_by"]) == ("held", "Institute", "admin")
    assert await versions(ready) == [("clearance_changed", 1), ("role_granted", 2)]
    fact = RoleGranted.model_validate((await ready.said(RoleGranted))[0]["data"])
    assert (fact.subject, fact.name, fact.role, fact.owners) == ("li", "Li Wei", Role.APPLICANT, (ORG,))
    async with ready.client(ADMIN) as client:
        account = (await client.get(f"/api/v1/accounts/{grant['account_id']}")).json()
    assert (account["name"], account["roles"], account["version"]) == ("Li Wei", ["applicant"], 2)


async def test_the_facts_said_are_what_every_service_needs(ready: Running) -> None:
    grant = await granted(ready)
    for row in await ready.said():
        await ready.hear(EVENTS[row["type"]].model_validate(row["data"]))
    ready.service.identity.access.forget()
    access = await ready.service.identity.access.of("li")
    assert [held.role for held in access.grants(datetime.now(UTC))] == [Role.APPLICANT]
    answer = await post(ready, ADMIN, f"/grants/{grant['id']}/revocation", {"reason": "left"})
    assert answer.json()["state"] == "revoked"
    await ready.hear(RoleRevoked.model_validate((await ready.said(RoleRevoked))[0]["data"]))
    ready.service.identity.access.forget()
    assert (await ready.service.identity.access.of("li")).held == ()


async def test_the_same_role_twice_at_once_is_granted_once(ready: Running) -> None:
    answers = await asyncio.gather(*(post(ready, ADMIN, "/grants", grant_of()) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert [number for _, number in await versions(ready)] == [1, 2]


async def test_a_role_may_follow_itself_and_be_granted_again_after_its_revocation(ready: Running) -> None:
    soon = (datetime.now(UTC) + timedelta(days=10)).isoformat()
    first = await granted(ready, ends_at=soon)
    following = await granted(ready, starts_at=soon)
    assert following["state"] == "coming"
    assert (await post(ready, ADMIN, "/grants", grant_of())).status_code == 409
    await post(ready, ADMIN, f"/grants/{first['id']}/revocation", {"reason": "mistake"})
    assert (await granted(ready, ends_at=soon))["state"] == "held"


async def test_nobody_grants_a_role_to_themself(ready: Running) -> None:
    answer = await post(ready, ADMIN, "/grants", grant_of("admin"))
    assert (answer.status_code, answer.json()["code"]) == (403, "own-rights")
    assert await ready.said() == []


async def test_a_representative_grants_applicants_of_the_own_organisation(ready: Running) -> None:
    representative = someone(Role.REPRESENTATIVE, organisation_id=ORG)
    assert (await post(ready, representative, "/grants", grant_of())).status_code == 201
    assert (await post(ready, representative, "/grants", grant_of(role=Role.REVIEWER))).status_code == 403
    stranger = someone(Role.REPRESENTATIVE)
    assert (await post(ready, stranger, "/grants", grant_of("wu"))).status_code == 403
    for role in (Role.COORDINATOR, Role.AUDITOR, Role.APPLICANT):
        assert (await post(ready, someone(role, organisation_id=ORG), "/grants", grant_of("wu"))).status_code == 403
    assert (await post(ready, None, "/grants", grant_of("wu"))).status_code == 401


async def test_a_representative_sees_only_what_concerns_the_own_organisation(ready: Running) -> None:
    grant = await granted(ready)
    await granted(ready, role=Role.ADMINISTRATOR, organisation_id=str(ORG))
    other = new_id()
    await ready.hear(registered().model_copy(update={"id": other, "name": "Other"}))
    await granted(ready, role=Role.REVIEWER, organisation_id=str(other))
    await granted(ready, subject="wu", organisation_id=str(other))
    account = f"/api/v1/accounts/{grant['account_id']}"
    async with ready.client(someone(Role.REPRESENTATIVE, organisation_id=other)) as client:
        listed = (await client.get("/api/v1/accounts")).json()["items"]
        assert {(item["subject"], tuple(item["roles"])) for item in listed} == {
            ("li", ("reviewer",)),
            ("wu", ("applicant",)),
        }
        assert [g["role"] for g in (await client.get(account)).json()["grants"]] == ["reviewer"]
        assert (await client.get("/api/v1/accounts", params={"role": "administrator"})).json()["items"] == []
    async with ready.client(someone(Role.REPRESENTATIVE)) as client:
        assert (await client.get("/api/v1/accounts")).json()["items"] == []
        assert (await client.get(account)).status_code == 404
    async with ready.client(someone(Role.AUDITOR)) as client:
        assert len((await client.get(account)).json()["grants"]) == 3


async def test_a_role_for_a_suspended_or_unknown_organisation_is_refused(ready: Running) -> None:
    answer = await post(ready, ADMIN, "/grants", grant_of(organisation_id=str(new_id())))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/organisation_id")
    await ready.hear(suspended(), admitted(), registered(), times=2)
    answer = await post(ready, ADMIN, "/grants", grant_of())
    assert answer.status_code == 422
    assert "suspended" in answer.json()["errors"][0]["detail"]
    await ready.hear(admitted(4))
    assert (await post(ready, ADMIN, "/grants", grant_of())).status_code == 201


async def test_the_catalogue_cannot_take_the_platforms_own_organisation_over(coordination: Running) -> None:
    async with coordination.work(system_actor("coordination")) as work:
        await actions.ensure_administrators(work, ())
    await coordination.hear(suspended(9).model_copy(update={"id": rules.PLATFORM_ORGANISATION}))
    (row,) = await coordination.rows("SELECT name, state FROM organisations")
    assert (row["name"], row["state"]) == ("Platform administration", "built_in")


async def test_clearance_needs_another_administrator_a_reason_and_the_version_seen(ready: Running) -> None:
    account = f"/api/v1/accounts/{(await granted(ready))['account_id']}"
    wanted = {"clearance": "controlled", "reason": "checked"}
    async with ready.client(ADMIN) as client:
        assert (await client.put(f"{account}/clearance", json=wanted)).status_code == 428
        assert (await client.put(f"{account}/clearance", json=wanted, headers={"If-Match": '"1"'})).status_code == 412
        seen = (await client.get(account)).headers["etag"]
        changed = await client.put(f"{account}/clearance", json=wanted, headers={"If-Match": seen})
        assert (changed.status_code, changed.json()["clearance"], changed.headers["etag"]) == (200, "controlled", '"3"')
        assert (
            await client.put(f"{account}/clearance", json={"clearance": "public"}, headers={"If-Match": "*"})
        ).status_code == 422
    async with ready.client(someone(Role.REPRESENTATIVE, organisation_id=ORG)) as client:
        assert (await client.put(f"{account}/clearance", json=wanted, headers={"If-Match": "*"})).status_code == 403
    last = (await ready.said(ClearanceChanged))[-1]
    assert (last["version"], last["data"]["clearance"], last["actor"]) == (3, "controlled", "admin")


async def test_nobody_sets_their_own_clearance(ready: Running) -> None:
    async with ready.work(ADMIN) as work:
        account = await actions.sign_in(work, "admin", "Admin")
    async with ready.client(ADMIN) as client:
        answer = await client.put(
            f"/api/v1/accounts/{account.id}/clearance",
            json={"clearance": "confidential", "reason": "me"},
            headers={"If-Match": "*"},
        )
    assert (answer.status_code, answer.json()["code"]) == (403, "own-rights")


async def test_sessions_are_ended_by_an_administrator_or_oneself(ready: Running) -> None:
    account = f"/accounts/{(await granted(ready))['account_id']}/session-revocation"
    assert (await post(ready, someone(Role.AUDITOR), account, {})).status_code == 404
    assert (await post(ready, ADMIN, account, {})).status_code == 204
    assert (await post(ready, someone(subject="li"), account, {})).status_code == 204
    facts = await ready.said(SessionRevoked)
    assert [(fact["version"], fact["data"]["session_id"]) for fact in facts] == [(3, None), (4, None)]


async def test_a_first_sign_in_makes_one_account_even_twice_at_once(coordination: Running) -> None:
    async def enter() -> UUID:
        async with coordination.work(someone(subject="li")) as work:
            return (await actions.sign_in(work, "li", "Li Wei")).id

    assert len(set(await asyncio.gather(*(enter() for _ in range(5))))) == 1
    assert await versions(coordination) == [("clearance_changed", 1)]
    async with coordination.work(someone(subject="li")) as work:
        await actions.sign_in(work, "li", "Li Wei-Ming")
    assert [(f["version"], f["data"]["name"]) for f in await coordination.said()] == [(1, "Li Wei"), (2, "Li Wei-Ming")]


async def test_the_first_administrators_are_made_once(coordination: Running) -> None:
    for _ in range(2):
        async with coordination.work(system_actor("coordination")) as work:
            await actions.ensure_administrators(work, ("root", "second", "root"))
    assert len(await coordination.said(RoleGranted)) == 2
    cleared = [fact["data"]["clearance"] for fact in await coordination.said(ClearanceChanged)]
    assert cleared.count(SecurityLabel.CONFIDENTIAL.value) == 2
    rows = await coordination.rows("SELECT subject, version, clearance FROM accounts ORDER BY subject")
    assert [tuple(row.values()) for row in rows] == [("root", 3, "confidential"), ("second", 3, "confidential")]


async def test_two_administrators_cannot_remove_each_other_at_once(coordination: Running) -> None:
    async with coordination.work(system_actor("coordination")) as work:
        await actions.ensure_administrators(work, ("admin", "second"))
    rows = await coordination.rows("SELECT g.id, a.subject FROM role_grants g JOIN accounts a ON a.id = g.account_id")
    grants = {row["subject"]: row["id"] for row in rows}
    second = someone(Role.ADMINISTRATOR, organisation_id=rules.PLATFORM_ORGANISATION, subject="second")
    answers = await asyncio.gather(
        post(coordination, ADMIN, f"/grants/{grants['second']}/revocation", {"reason": "a"}),
        post(coordination, second, f"/grants/{grants['admin']}/revocation", {"reason": "b"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_me_says_who_i_am(ready: Running) -> None:
    async with ready.client(someone(Role.APPLICANT, organisation_id=ORG, subject="li")) as client:
        me = (await client.get("/api/v1/me")).json()
    assert (me["subject"], me["clearance"], me["acting_for"]) == ("li", "internal", str(ORG))
    async with ready.client() as client:
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_the_list_goes_page_by_page_and_finds_parts_of_names(ready: Running) -> None:
    for number in range(5):
        await granted(ready, subject=f"s{number}", name=f"Name_{number}")
    async with ready.client(ADMIN) as client:
        seen, cursor = [], None
        while True:
            page = (
                await client.get("/api/v1/accounts", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
            ).json()
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [f"Name_{number}" for number in range(5)]
        for search, count in (("e_3", 1), ("_", 5), ("%", 0), ("\\", 0)):
            found = (await client.get("/api/v1/accounts", params={"search": search})).json()["items"]
            assert len(found) == count, search
