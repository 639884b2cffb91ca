"""What came to nothing is handed in again without retyping; its history is kept and linked."""

from typing import Any
from uuid import UUID

import pytest

from services.project_management.applications import actions as applications
from services.project_management.applications.rules import OVER, ApplicationNotReady, State
from services.project_management.resubmissions.rules import may_be_repeated
from shared.contracts.projects import ApplicationDrafted, TaskAssigned
from tests.kit.platform import Running
from tests.services.project_management.ready import (
    LI,
    OTHER,
    SUN,
    ZHAO,
    consent,
    draft_application,
    know_everybody,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1/applications"


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def declined(projects: Running) -> Any:
    call = await released_call(projects, title="The first call")
    mine = await submitted_application(projects, call.id, partners=(SUN,))
    async with projects.work(LI) as work:
        await work.execute("UPDATE applications SET state = 'declined' WHERE id = %(id)s", {"id": mine.id})
    return mine


async def test_text_partners_and_documents_go_along_and_the_two_are_linked(ready: Running) -> None:
    earlier = await declined(ready)
    call = await released_call(ready, title="The second call")
    async with ready.client(ZHAO) as zhao:
        assert "Hand in again" in (await zhao.get(f"/projects/applications/{earlier.id}")).text
        form = await zhao.get(f"/projects/applications/{earlier.id}/resubmission")
        assert "The second call" in form.text
        begun = await zhao.post(f"{API}/{earlier.id}/resubmission", json={"call_id": str(call.id)})
        assert begun.status_code == 201, begun.text
        mine = begun.json()
        assert (mine["state"], mine["earlier_id"], mine["call_title"]) == ("draft", str(earlier.id), "The second call")
        assert (mine["title"], mine["abstract"]) == (earlier.title, earlier.abstract)
        assert mine["requested"] == {"amount": "2400000.00", "currency": "CNY"}
        assert [partner["answer"] for partner in mine["partners"]] == ["pending"]
        before = (await zhao.get(f"{API}/{earlier.id}")).json()
        assert [one["sha256"] for one in mine["documents"]] == [one["sha256"] for one in before["documents"]]
        assert {one["id"] for one in mine["documents"]}.isdisjoint(one["id"] for one in before["documents"])
        await zhao.patch(f"{API}/{mine['id']}", json={"abstract": "We make a better alloy."}, headers={"If-Match": "*"})
        found = (await zhao.get(f"{API}/{mine['id']}/earlier")).json()
        assert found["earlier_id"] == str(earlier.id)
        assert {one["field"] for one in found["changes"]} == {"abstract", "call"}
        page = await zhao.get(f"/projects/applications/{mine['id']}/earlier")
        assert "<ins>" in page.text
        assert f"{mine['id']}/earlier" in (await zhao.get(f"/projects/applications/{mine['id']}")).text
        assert (await zhao.get(f"{API}/{earlier.id}/earlier")).status_code == 404
    fact = (await ready.said(ApplicationDrafted))[-1]
    assert {"kind": "application", "id": str(earlier.id)} in fact["data"]["arises_from"]
    asked = [t for t in await ready.said(TaskAssigned) if t["data"]["kind"] == "application.consent"]
    assert len(asked) >= 2
    (kept,) = await ready.rows("SELECT state, sha256 FROM applications WHERE id = %(id)s", id=earlier.id)
    assert (kept["state"], kept["sha256"]) == ("declined", earlier.sha256)


async def test_it_is_handed_in_without_anything_typed(ready: Running) -> None:
    earlier = await declined(ready)
    call = await released_call(ready)
    async with ready.client(ZHAO) as zhao:
        page = await zhao.post(f"/projects/applications/{earlier.id}/resubmission", data={"call_id": str(call.id)})
        assert page.status_code == 303
        mine = UUID(page.headers["location"].rsplit("/", 1)[1])
    await consent(ready, mine)
    async with ready.work(ZHAO) as work:
        done = await applications.submit_application(work, mine, None)
        assert done.state == "submitted"
        assert done.earlier_id == earlier.id


async def test_only_its_lead_and_only_to_a_call_that_takes_applications(ready: Running) -> None:
    earlier = await declined(ready)
    call = await released_call(ready)
    for person in (SUN, OTHER):
        async with ready.client(person) as client:
            answer = await client.post(f"{API}/{earlier.id}/resubmission", json={"call_id": str(call.id)})
            assert answer.status_code == 404
            assert (await client.get(f"/projects/applications/{earlier.id}/resubmission")).status_code == 404
    async with ready.client(ZHAO) as zhao:
        async with ready.work(LI) as work:
            await work.execute("UPDATE calls SET state = 'closed' WHERE id = %(id)s", {"id": call.id})
        closed = await zhao.post(f"{API}/{earlier.id}/resubmission", json={"call_id": str(call.id)})
        assert closed.status_code == 409
        page = await zhao.post(f"/projects/applications/{earlier.id}/resubmission", data={"call_id": str(call.id)})
        assert page.status_code == 409
        draft = await draft_application(ready, (await released_call(ready)).id)
        again = await zhao.post(f"{API}/{draft.id}/resubmission", json={"call_id": str(call.id)})
        assert again.status_code == 409
    assert len(await ready.rows("SELECT 1 FROM applications WHERE earlier_id IS NOT NULL")) == 0


@pytest.mark.parametrize("state", State)
def test_only_what_came_to_nothing_is_handed_in_again(state: State) -> None:
    if state in OVER:
        may_be_repeated(state)
    else:
        with pytest.raises(ApplicationNotReady):
            may_be_repeated(state)
