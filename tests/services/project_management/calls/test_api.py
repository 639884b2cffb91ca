"""Calls over HTTP, as a program uses them."""

import hashlib
from typing import Any

import httpx
import pytest

from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.ready import CHEN, LI, ZHAO, call_fields, draft_call, released_call

pytestmark = pytest.mark.anyio
ROOT = "/projects/api/v1/calls"
LIMIT = {"trait": "region", "value": "Chengdu", "sense": "at_most", "share": "40", "of": "budget"}


async def send(
    projects: Running,
    person: Someone | None,
    method: str,
    path: str,
    json: Any = None,
    version: int | str | None = None,
) -> httpx.Response:
    headers = {} if version is None else {"If-Match": version if isinstance(version, str) else f'"{version}"'}
    async with projects.client(person) as client:
        return await client.request(method, f"{ROOT}{path}", json=json, headers=headers)


async def test_regions_of_a_call_are_kept_under_one_name(projects: Running) -> None:
    body = call_fields(regions=["成都", "chongqing", "Chengdu"], portfolio=[LIMIT | {"value": "成都"}])
    async with projects.client(LI) as client:
        made = await client.post(ROOT, json=body)
    assert made.status_code == 201, made.text
    assert made.json()["regions"] == ["Chengdu", "Chongqing"]
    assert made.json()["portfolio"][0]["value"] == "Chengdu"


async def test_a_call_goes_from_draft_to_release_by_two_people(projects: Running) -> None:
    drafted = await send(projects, LI, "POST", "", call_fields())
    assert drafted.status_code == 201, drafted.text
    body = drafted.json()
    assert drafted.headers["location"] == f"{ROOT}/{body['id']}"
    assert drafted.headers["etag"] == '"1"'
    assert [(one["name"], one["weight"], one["scale"]) for one in body["criteria"]] == [
        ("Novelty", "60", "10"),
        ("Feasibility", "40", "10"),
    ]
    assert body["inventor_floor"] == "1/2"
    path = f"/{body['id']}"
    edited = await send(projects, LI, "PATCH", path, {"field": "Energy"}, 1)
    assert (edited.status_code, edited.json()["field"]) == (200, "Energy")
    assert (await send(projects, LI, "POST", f"{path}/signoff-request", version=2)).json()["state"] == "in_signoff"
    own = await send(projects, LI, "POST", f"{path}/signoff", {"decision": "approve", "reason": ""}, 3)
    assert (own.status_code, "You drafted this call" in own.text) == (409, True)
    internal = "The rival ministry objects; go on."
    signed = await send(projects, CHEN, "POST", f"{path}/signoff", {"decision": "approve", "reason": internal}, 3)
    assert (signed.json()["state"], signed.json()["state_reason"]) == ("signed_off", internal)
    released = await send(projects, LI, "POST", f"{path}/release", version=4)
    assert (released.json()["state"], released.json()["phase"]) == ("released", "open")
    shown = await send(projects, None, "GET", path)
    assert shown.json()["sha256"] == released.json()["sha256"]
    assert internal not in shown.text
    assert internal not in (await send(projects, None, "GET", "")).text
    text = await send(projects, None, "GET", f"{path}/versions/1")
    assert hashlib.sha256(text.content).hexdigest() == shown.json()["sha256"]
    assert (await send(projects, None, "GET", f"{path}/versions/2")).status_code == 404


async def test_a_change_names_the_version_it_was_based_on(projects: Running) -> None:
    call = await draft_call(projects)
    without = await send(projects, LI, "PATCH", f"/{call.id}", {"field": "Energy"})
    assert without.status_code == 428
    await send(projects, LI, "PATCH", f"/{call.id}", {"field": "Energy"}, 1)
    stale = await send(projects, LI, "PATCH", f"/{call.id}", {"field": "Optics"}, 1)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"budget": {"amount": 6000000.5, "currency": "CNY"}}, "/budget/amount"),
        ({"ceiling": {"amount": "9000000.00", "currency": "CNY"}}, "/ceiling"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, "/closes_at"),
        ({"closes_at": "9999-12-31T23:59:59Z"}, "/closes_at"),
        ({"closes_at": "2026-01-01T00:00:00"}, "/closes_at"),
        ({"criteria": [{"name": "Novelty", "weight": "99"}]}, "/criteria"),
        ({"criteria": []}, "/criteria"),
        ({"portfolio": [LIMIT | {"share": "0"}]}, "/portfolio/0/share"),
        ({"portfolio": [LIMIT | {"sense": "about"}]}, "/portfolio/0/sense"),
        ({"portfolio": [LIMIT, LIMIT]}, "/portfolio"),
        ({"kinds": ["circus"]}, "/kinds/0"),
        ({"reviewers_per_application": 0}, "/reviewers_per_application"),
        ({"inventor_floor": "3/2"}, "/inventor_floor"),
        ({"label": "confidential"}, "/label"),
    ],
)
async def test_a_fault_is_answered_at_its_field(projects: Running, changed: dict[str, Any], pointer: str) -> None:
    answer = await send(projects, LI, "POST", "", call_fields(**changed))
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not await projects.rows("SELECT 1 FROM calls")


async def test_who_may_not_see_a_call_cannot_tell_it_from_none(projects: Running) -> None:
    draft = await draft_call(projects)
    controlled = someone(Role.PROGRAMME_OFFICER, organisation_id=LI.organisation_id, clearance=SecurityLabel.CONTROLLED)
    secret = await send(projects, controlled, "POST", "", call_fields(label="controlled"))
    assert secret.status_code == 201
    for person in (None, ZHAO):
        for call_id in (draft.id, new_id()):
            assert (await send(projects, person, "GET", f"/{call_id}")).status_code == 404
    assert (await send(projects, LI, "GET", f"/{secret.json()['id']}")).status_code == 404
    assert (await send(projects, CHEN, "GET", f"/{draft.id}")).status_code == 200
    assert (await send(projects, ZHAO, "POST", "", call_fields())).status_code == 403
    assert (await send(projects, None, "POST", "", call_fields())).status_code == 401


async def test_the_list_is_narrowed_by_phase_and_search(projects: Running) -> None:
    await released_call(projects, title="Light alloys")
    await draft_call(projects, title="Optics", title_zh="光学")
    listed = await send(projects, LI, "GET", "?phase=open")
    assert [one["title"] for one in listed.json()["items"]] == ["Light alloys"]
    listed = await send(projects, LI, "GET", "?search=光学")
    assert [one["title"] for one in listed.json()["items"]] == ["Optics"]
    assert (await send(projects, LI, "GET", "?phase=nonsense")).status_code == 422
    assert (await send(projects, LI, "GET", "?cursor=nonsense")).status_code == 422
    cursor = "WyJhIiwiYiJd"  # ["a","b"]: well-formed, but no place in this list
    assert (await send(projects, LI, "GET", f"?cursor={cursor}")).status_code == 422


async def test_share_limits_are_released_with_the_call(projects: Running) -> None:
    newcomers = {"trait": "newcomer", "sense": "at_least", "share": "12.50", "of": "awards"}
    call = await released_call(projects, portfolio=[LIMIT, newcomers])
    body = (await send(projects, None, "GET", f"/{call.id}")).json()
    assert body["portfolio"] == [LIMIT, newcomers | {"value": "", "share": "12.5"}]
    released = await send(projects, None, "GET", f"/{call.id}/versions/1")
    assert released.json()["portfolio"] == body["portfolio"]
