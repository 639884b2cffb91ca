"""An application that lacks something goes back, is completed or stands, and nobody reads what is not handed in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.project_management.applications import actions as applications
from services.project_management.applications.queries import submitted_to
from services.project_management.applications.rules import ApplicationNotReady, TooLate
from services.project_management.applications.schemas import ApplicationChange
from services.project_management.calls import actions as calls
from services.project_management.calls.rules import STRAGGLERS
from services.project_management.calls.rules import State as CallState
from services.project_management.closings.actions import close_due_calls, settle_cancelled_calls
from services.project_management.completions import actions, rules
from services.project_management.completions.schemas import ReturnCreate
from services.project_management.outages.actions import beat
from shared.contracts.projects import (
    ApplicationReturned,
    ApplicationStands,
    ApplicationSubmitted,
    TaskAssigned,
    TaskDone,
)
from shared.kernel.errors import Invalid, Stale
from shared.kernel.trace import DecisionTrace
from tests.kit.platform import Running
from tests.services.project_management.closings.test_actions import tick
from tests.services.project_management.ready import (
    CHEN,
    LI,
    SUN,
    ZHAO,
    at,
    consent,
    know_everybody,
    pdf,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
API = "/projects/api/v1/applications"


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def returned(projects: Running, application_id: Any, due_in: timedelta = 3 * DAY) -> datetime:
    due_at = projects.service.database.clock() + due_in
    async with projects.work(LI) as work:
        await actions.return_application(work, application_id, ReturnCreate(reason="No budget.", due_at=due_at), None)
    return due_at


async def change(projects: Running, application_id: Any, **fields: Any) -> None:
    async with projects.work(ZHAO) as work:
        await applications.edit_application(work, application_id, ApplicationChange.model_validate(fields), None)


async def state_of(projects: Running, application_id: Any) -> dict[str, Any]:
    (row,) = await projects.rows("SELECT * FROM applications WHERE id = %(id)s", id=application_id)
    return row


async def open_tasks(projects: Running) -> set[str]:
    over = {str(task["subject"]) for task in await projects.said(TaskDone)}
    return {t["data"]["kind"] for t in await projects.said(TaskAssigned) if str(t["subject"]) not in over}


async def test_it_is_completed_after_the_call_closed_and_only_then_counts(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id, partners=(SUN,))
    at(ready, call.closes_at + STRAGGLERS)
    await tick(ready, close_due_calls)
    await returned(ready, mine.id)
    assert "application.complete" in await open_tasks(ready)
    assert "application.check" not in await open_tasks(ready)
    await change(ready, mine.id, abstract="We make an alloy, and here is the budget.")
    with pytest.raises(Invalid):
        await change(ready, mine.id, title="Another title")
    with pytest.raises(Invalid):
        await change(ready, mine.id, partner_ids=[])
    async with ready.client(LI) as li:
        seen = (await li.get(f"{API}/{mine.id}")).json()
        assert (seen["state"], seen["abstract"]) == ("returned", "We make an alloy.")
        assert "here is the budget" not in (await li.get(f"/projects/applications/{mine.id}")).text
    async with ready.client(SUN) as sun:
        assert "here is the budget" in (await sun.get(f"{API}/{mine.id}")).json()["abstract"]
    await consent(ready, mine.id)
    async with ready.work(ZHAO) as work:
        done = await applications.submit_application(work, mine.id, None)
        assert (done.state, done.submitted_version) == ("submitted", 2)
        trace = DecisionTrace.model_validate(done.eligibility)
        assert any("can be completed until" in clause.reason for clause in trace.clauses)
    assert len(await ready.said(ApplicationSubmitted)) == 2
    assert await open_tasks(ready) >= {"application.check"}
    assert "application.complete" not in await open_tasks(ready)
    assert len(await ready.rows("SELECT 1 FROM receipts")) == 2
    async with ready.client(LI) as li:
        found = (await li.get(f"{API}/{mine.id}/versions/2/differences")).json()
        assert {one["field"] for one in found["changes"]} >= {"abstract"}
        page = (await li.get(f"/projects/applications/{mine.id}/versions")).text
        assert "<ins>" in page


async def test_what_is_not_completed_in_time_stands_as_it_was_handed_in(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id, partners=(SUN,))
    due_at = await returned(ready, mine.id)
    await change(ready, mine.id, abstract="Half a sentence", field="Chemistry")
    late = await pdf(ready, ZHAO)
    async with ready.work(ZHAO) as work:
        await applications.attach_document(work, mine.id, late, None)
    at(ready, due_at)
    with pytest.raises(TooLate, match="to be completed by"):
        async with ready.work(ZHAO) as work:
            await applications.submit_application(work, mine.id, None)
    for _ in range(2):
        await tick(ready, actions.end_completions)
    row = await state_of(ready, mine.id)
    assert (row["state"], row["abstract"], row["field"]) == ("submitted", "We make an alloy.", "Materials")
    assert (row["sha256"], row["submitted_version"]) == (mine.sha256, 1)
    (stood,) = await ready.said(ApplicationStands)
    assert stood["data"]["sha256"] == mine.sha256
    assert [
        one["owner_id"] for one in await ready.rows("SELECT owner_id FROM documents WHERE id = %(id)s", id=late)
    ] == [None]
    partners = await ready.rows("SELECT answer FROM application_partners")
    assert [one["answer"] for one in partners] == ["consented"]
    assert not await open_tasks(ready) & {"application.complete", "application.consent"}


async def test_nobody_assigns_experts_meanwhile_and_the_office_may_let_it_stand(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id)
    await returned(ready, mine.id)
    with pytest.raises(ApplicationNotReady, match="with its lead for completion"):
        async with ready.work(LI) as work:
            await submitted_to(work, call.id)
    async with ready.client(LI) as li:
        page = await li.get(f"/projects/applications/{mine.id}")
        assert f"{mine.id}/standing" in page.text
        version = (await state_of(ready, mine.id))["version"]
        done = await li.post(f"/projects/applications/{mine.id}/standing", data={"version": str(version)})
        assert done.status_code == 303
    async with ready.client(LI) as li:
        again = await li.post(f"{API}/{mine.id}/standing", headers={"If-Match": "*"})
        assert again.status_code == 409
    async with ready.work(LI) as work:
        assert [one.id for one in await submitted_to(work, call.id)] == [mine.id]


async def test_only_the_office_returns_with_a_fair_time_and_a_reason(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id)
    now = datetime.now(UTC)
    for person in (CHEN, ZHAO, SUN):
        async with ready.client(person) as client:
            body = {"reason": "No budget.", "due_at": (now + 2 * DAY).isoformat()}
            refused = await client.post(f"{API}/{mine.id}/return", json=body, headers={"If-Match": "*"})
            assert refused.status_code in (403, 404)
    async with ready.client(LI) as li:
        form = f"/projects/applications/{mine.id}/return"
        assert (await li.get(form)).status_code == 200
        for due, said in ((now + timedelta(hours=1), "at least 24 hours"), (now + 40 * DAY, "within 30 days")):
            body = {"reason": "No budget.", "due_at": due.isoformat()}
            refused = await li.post(f"{API}/{mine.id}/return", json=body, headers={"If-Match": "*"})
            assert refused.status_code == 422
            assert said in refused.text
        typed = {"reason": "", "due_at": "2026", "version": "4"}
        assert (await li.post(form, data=typed)).status_code == 422
        wanted = ReturnCreate(reason="x", due_at=now + 2 * DAY)
        with pytest.raises(Stale):
            async with ready.work(LI) as work:
                await actions.return_application(work, mine.id, wanted, 1)
        local = (now + 2 * DAY + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
        version = str((await state_of(ready, mine.id))["version"])
        done = await li.post(form, data={"reason": "No budget.", "due_at": local, "version": version})
        assert done.status_code == 303, done.text
    (fact,) = await ready.said(ApplicationReturned)
    assert fact["data"]["reason"] == "No budget."
    async with ready.client(ZHAO) as zhao:
        page = await zhao.get(f"/projects/applications/{mine.id}")
        assert "No budget." in page.text
        assert "can be completed until" in page.text
        form = (await zhao.get(f"/projects/applications/{mine.id}/edit")).text
        assert "Title, amount and partners stay as they were handed in." in form
        assert 'name="requested-amount"' not in form, "nothing is asked that would be refused"
        typed = {"version": str(int(version) + 1), "title": mine.title, "abstract": "By a meter."}
        saved = await zhao.post(f"/projects/applications/{mine.id}/edit", data=typed)
        assert saved.status_code == 303, saved.text


@pytest.mark.parametrize("state", [state for state in CallState if state not in rules.WHILE])
def test_once_experts_are_assigned_nothing_is_returned(state: CallState) -> None:
    with pytest.raises(rules.TooLateToReturn):
        rules.may_be_returned(state)


async def test_a_cancelled_call_ends_a_returned_application_too(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id, partners=(SUN,))
    await returned(ready, mine.id)
    await change(ready, mine.id, abstract="More")
    async with ready.work(LI) as work:
        await calls.cancel_call(work, call.id, "no money", None)
    for _ in range(2):
        await tick(ready, settle_cancelled_calls)
    assert (await state_of(ready, mine.id))["state"] == "withdrawn"
    assert not await open_tasks(ready) & {"application.complete", "application.consent", "application.check"}


async def test_an_outage_lengthens_the_time_to_complete_by_the_same_rule(ready: Running) -> None:
    call = await released_call(ready, closes_at="2040-01-01T00:00:00Z")
    mine = await submitted_application(ready, call.id)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    at(ready, now)
    await tick(ready, beat)
    due_at = await returned(ready, mine.id, 2 * DAY)
    at(ready, due_at - timedelta(hours=1))
    async with ready.work(LI) as work:
        await work.execute("UPDATE uptimes SET until = %(now)s", {"now": work.now})
    at(ready, due_at + timedelta(hours=2))
    await tick(ready, actions.end_completions)
    assert (await state_of(ready, mine.id))["state"] == "returned"
    await tick(ready, beat)
    await tick(ready, actions.end_completions)
    row = await state_of(ready, mine.id)
    assert (row["state"], row["return_due_at"]) == ("returned", due_at + timedelta(hours=26))
    facts = await ready.said(ApplicationReturned)
    assert datetime.fromisoformat(facts[-1]["data"]["due_at"]) == due_at + timedelta(hours=26)
    assert (len(facts), facts[-1]["data"]["reason"]) == (2, "No budget.")
    assert "application.complete" in await open_tasks(ready)
    async with ready.work(ZHAO) as work:
        assert (await applications.submit_application(work, mine.id, None)).state == "submitted"
    assert "application.complete" not in await open_tasks(ready)
