"""The end of a call for its applications: nothing is left waiting, and nobody who works on one holds the clock up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from services.project_management.applications import actions as applications
from services.project_management.applications import facts
from services.project_management.applications.model import Application
from services.project_management.assignments.actions import assign_reviews
from services.project_management.assignments.schemas import AssignmentCreate
from services.project_management.calls import actions as calls
from services.project_management.calls.rules import STRAGGLERS
from services.project_management.closings.actions import (
    close_due_calls,
    follow_closed_calls,
    settle_cancelled_calls,
    take_back_requests,
)
from shared.contracts.catalog import PersonRegistered
from shared.contracts.projects import ApplicationWithdrawn, CallClosed, TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import (
    LI,
    OTHER,
    SUN,
    UNIVERSITY,
    ZHAO,
    at,
    draft_application,
    know_everybody,
    pdf,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def tick(projects: Running, timed: Callable[[Work], Awaitable[None]]) -> None:
    """As the clock runs it: alone, in a unit of work of its own."""
    async with projects.work(system_actor("projects")) as work:
        await timed(work)


async def state_of(projects: Running, table: str, id: UUID) -> str:
    (row,) = await projects.rows(f"SELECT state FROM {table} WHERE id = %(id)s", id=id)
    return str(row["state"])


async def outcomes(projects: Running) -> list[str]:
    return [task["data"]["outcome"] for task in await projects.said(TaskDone)]


async def test_requests_that_nobody_can_answer_any_more_are_taken_back_once(ready: Running) -> None:
    call = await released_call(ready)
    await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    at(ready, call.closes_at + STRAGGLERS)
    for _ in range(2):
        await tick(ready, close_due_calls)
        await tick(ready, take_back_requests)
    assert (await outcomes(ready)).count("call closed") == 1


async def test_a_closed_call_is_a_task_of_its_office_until_its_reviewers_are_assigned(ready: Running) -> None:
    call = await released_call(ready)
    await submitted_application(ready, call.id)
    await released_call(ready)  # to which nobody applies: nothing is to be done about it
    at(ready, call.closes_at + STRAGGLERS)
    for _ in range(2):
        await tick(ready, close_due_calls)
        await tick(ready, follow_closed_calls)
    (task,) = [one for one in await ready.said(TaskAssigned) if one["data"]["kind"] == "call.assign"]
    assert task["data"]["role"] == "programme_officer"
    assert task["data"]["organisation_id"] == str(LI.organisation_id)
    assert task["data"]["url"] == f"/projects/calls/{call.id}/assignment"
    for name in ("Ma", "Guo"):
        person = someone(Role.REVIEWER)
        await ready.know(person)
        known = {"subject": person.subject, "fields": ("Materials",), "expert": True, "review_cap": 5}
        await ready.hear(PersonRegistered(id=new_id(), version=1, title=name, name=name, **known))
    async with ready.work(LI) as work:
        await assign_reviews(work, call.id, AssignmentCreate())
    (done,) = [one for one in await ready.said(TaskDone) if one["subject"] == task["subject"]]
    assert done["data"]["outcome"] == "assigned"


async def test_nobody_is_to_assign_reviewers_when_the_last_application_was_withdrawn(ready: Running) -> None:
    call = await released_call(ready)
    application = await submitted_application(ready, call.id)
    at(ready, call.closes_at + STRAGGLERS)
    await tick(ready, close_due_calls)
    await tick(ready, follow_closed_calls)
    async with ready.work(ZHAO) as work:
        await applications.withdraw_application(work, application.id, "Too late.", None)
    for _ in range(2):
        await tick(ready, follow_closed_calls)
    (task,) = [one for one in await ready.said(TaskAssigned) if one["data"]["kind"] == "call.assign"]
    (done,) = [one for one in await ready.said(TaskDone) if one["subject"] == task["subject"]]
    assert done["data"]["outcome"] == "all withdrawn"


async def test_somebody_working_on_an_application_holds_no_closing_up(ready: Running) -> None:
    call = await released_call(ready)
    one = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    await draft_application(ready, call.id, OTHER, partner_ids=[str(UNIVERSITY)])
    at(ready, call.closes_at + STRAGGLERS)
    async with ready.work(ZHAO) as work:
        await work.get(Application, one.id)
        async with asyncio.timeout(2.5):  # less than anybody waits for a lock
            await tick(ready, close_due_calls)
            await tick(ready, take_back_requests)
        assert await state_of(ready, "calls", call.id) == "closed"
        assert (await outcomes(ready)).count("call closed") == 1
    await tick(ready, take_back_requests)
    assert (await outcomes(ready)).count("call closed") == 2


async def test_who_submits_while_the_call_is_closed_neither_waits_for_ever_nor_is_left_out(
    ready: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await released_call(ready)
    await submitted_application(ready, call.id)
    other = await draft_application(ready, call.id, SUN)
    document_id = await pdf(ready, SUN)
    async with ready.work(SUN) as work:
        await applications.attach_document(work, other.id, document_id, None)
    inside, go_on, inputs_of = asyncio.Event(), asyncio.Event(), facts.eligibility_inputs

    async def slowly(rows: Any, application_id: UUID, now: Any) -> dict[str, Any]:
        found = await inputs_of(rows, application_id, now)
        inside.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(facts, "eligibility_inputs", slowly)

    async def submit() -> None:
        async with ready.work(SUN) as work:
            await applications.submit_application(work, other.id, None)

    async with asyncio.TaskGroup() as both:
        both.create_task(submit())
        await inside.wait()
        at(ready, call.closes_at + STRAGGLERS)
        both.create_task(tick(ready, close_due_calls))
        await asyncio.sleep(0.3)
        go_on.set()
    (closed,) = await ready.said(CallClosed)
    assert closed["data"]["applications"] == 2


async def test_an_application_that_cannot_be_settled_undoes_no_other(
    ready: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await released_call(ready)
    broken = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    sound = await draft_application(ready, call.id, OTHER, partner_ids=[str(UNIVERSITY)])
    at(ready, call.closes_at + STRAGGLERS)
    await tick(ready, close_due_calls)
    done = Application.consent_done

    def breaking(self: Application, *given: Any) -> TaskDone | None:
        if self.id == broken.id:
            raise RuntimeError("this one is broken")
        return done(self, *given)

    monkeypatch.setattr(Application, "consent_done", breaking)
    await tick(ready, take_back_requests)
    (told,) = [one["data"] for one in await ready.said(TaskDone) if one["data"]["outcome"] == "call closed"]
    assert told["arises_from"] == [{"kind": "application", "id": str(sound.id)}]


async def test_a_cancelled_call_ends_its_applications_and_what_was_to_be_done_about_them(ready: Running) -> None:
    call = await released_call(ready)
    submitted = await submitted_application(ready, call.id, partners=(SUN,))
    draft = await draft_application(ready, call.id, OTHER, partner_ids=[str(UNIVERSITY)])
    async with ready.work(LI) as work:
        await calls.cancel_call(work, call.id, "The budget was withdrawn.", None)
    for timed in (settle_cancelled_calls, take_back_requests) * 2:
        await tick(ready, timed)
    (fact,) = await ready.said(ApplicationWithdrawn)
    assert fact["subject"] == submitted.id
    assert fact["actor"] == "system:projects"
    assert fact["data"]["reason"] == "The call was cancelled: The budget was withdrawn."
    assert set(fact["data"]["owners"]) == {str(ZHAO.organisation_id), str(SUN.organisation_id)}
    assert await state_of(ready, "applications", submitted.id) == "withdrawn"
    assert await state_of(ready, "applications", draft.id) == "draft"
    given = {one["subject"] for one in await ready.said(TaskAssigned)}
    assert given == {one["subject"] for one in await ready.said(TaskDone)}, "no task is left open"
    assert {"call cancelled", "call closed"} <= set(await outcomes(ready))
    async with ready.client(ZHAO) as client:
        page = await client.get(f"/projects/applications/{submitted.id}")
        assert "The call was cancelled: The budget was withdrawn." in page.text
        chinese = await client.get(f"/projects/applications/{submitted.id}", headers={"Accept-Language": "zh-CN"})
        assert "申报通知已取消：The budget was withdrawn." in chinese.text
