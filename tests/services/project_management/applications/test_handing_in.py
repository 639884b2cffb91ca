"""A lead is asked to hand in what everybody agreed to, by the clock, and no more once that has changed; what is handed
in is all that is attached."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.project_management.applications import actions, clock
from services.project_management.applications.clock import follow_drafts, remind_to_hand_in
from services.project_management.applications.model import Application
from services.project_management.applications.rules import next_reminder
from services.project_management.applications.schemas import ApplicationChange
from shared.contracts.projects import ApplicationSubmitted, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import (
    INSTITUTE,
    SUN,
    UNIVERSITY,
    ZHAO,
    at,
    consent,
    draft_application,
    know_everybody,
    pdf,
    released_call,
)

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def tick(projects: Running) -> None:
    for step in (follow_drafts, remind_to_hand_in):
        async with projects.work(system_actor("projects")) as work:
            await step(work)


async def asked(projects: Running) -> list[dict[str, Any]]:
    return [one["data"] for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "application.hand_in"]


async def over(projects: Running) -> list[str]:
    told = {one["id"] for one in await asked(projects)}
    return [one["data"]["outcome"] for one in await projects.said(TaskDone) if str(one["subject"]) in told]


async def test_the_lead_is_asked_when_the_last_consent_makes_it_ready(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    draft = await draft_application(projects, call.id, partner_ids=[str(UNIVERSITY)])
    alone = await draft_application(projects, call.id, SUN, title="By one alone")
    for lead, application in ((ZHAO, draft), (SUN, alone)):
        document = await pdf(projects, lead)
        async with projects.work(lead) as work:
            await actions.attach_document(work, application.id, document, None)
    await tick(projects)
    assert await asked(projects) == [], "its partner has not consented, and who works alone knows"
    await consent(projects, draft.id)
    for _ in range(2):
        await tick(projects)
    (task,) = await asked(projects)
    assert (task["role"], task["organisation_id"]) == ("applicant", str(INSTITUTE))
    assert (task["url"], task["label"]) == (f"/projects/applications/{draft.id}", "internal")
    assert datetime.fromisoformat(task["due_at"]) == call.closes_at
    assert not await projects.rows("SELECT 1 FROM applications WHERE touched"), "looked at once"
    # One whose look fails holds up none that come after it.
    seen = []

    async def fails(_: Any, application: Application, *more: Any) -> str:
        seen.append(application.id)
        raise ValueError("broken")

    await projects.rows("UPDATE applications SET touched = true RETURNING id")
    with monkeypatch.context() as patched:
        patched.setattr(clock, "AT_ONCE", 1)
        patched.setattr(clock, "_hindered", fails)
        for _ in range(3):
            await tick(projects)
    assert seen == sorted((draft.id, alone.id))
    # Other words: the partner is asked again, and the lead no more until it has answered.
    async with projects.work(ZHAO) as work:
        await actions.edit_application(work, draft.id, ApplicationChange(abstract="Another way."), None)
    await tick(projects)
    assert await over(projects) == ["not ready any more"]
    await consent(projects, draft.id)
    await tick(projects)
    assert len(await asked(projects)) == 2
    # The call closes later: the day moves with it, and reminders with the day.
    later = call.closes_at + 9 * DAY
    await projects.rows("UPDATE calls SET closes_at = %(later)s RETURNING id", later=later)
    for _ in range(2):
        await tick(projects)
    assert datetime.fromisoformat((await asked(projects))[-1]["due_at"]) == later
    reset = at(projects, later - 2 * DAY)
    for _ in range(2):
        await tick(projects)
    reset()
    assert (await asked(projects))[-1]["title"].startswith("Reminder: hand in the application “Magnesium")
    assert await over(projects) == ["not ready any more", "new date", "reminded"]
    async with projects.work(ZHAO) as work:
        await actions.submit_application(work, draft.id, None)
    await tick(projects)
    assert (len(await asked(projects)), (await over(projects))[-1]) == (4, "submitted")
    for one in (alone, draft):
        async with projects.work(SUN if one is alone else ZHAO) as work:
            await actions.withdraw_application(work, one.id, "no rig", None)
    await tick(projects)
    assert len(await over(projects)) == 4, "what is over is not said again"


async def test_nobody_is_asked_after_the_call_has_closed_or_was_withdrawn(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    drafts = [
        await draft_application(projects, call.id, partner_ids=[str(UNIVERSITY)], title=title)
        for title in ("Late", "Gone")
    ]
    for one in drafts:
        document = await pdf(projects, ZHAO)
        async with projects.work(ZHAO) as work:
            await actions.attach_document(work, one.id, document, None)
        await consent(projects, one.id)
    await tick(projects)
    assert len(await asked(projects)) == 2
    async with projects.work(ZHAO) as work:
        await actions.withdraw_application(work, drafts[1].id, "no rig", None)
    assert await over(projects) == ["withdrawn"]
    await projects.rows("UPDATE calls SET state = 'closed' RETURNING id")
    for _ in range(2):
        await tick(projects)
    assert await over(projects) == ["withdrawn", "call closed"]
    assert len(await asked(projects)) == 2


async def test_what_is_handed_in_is_the_same_whoever_does_and_nobody_hands_in_what_they_cannot_read(
    projects: Running,
) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    application = await draft_application(projects, call.id)
    for label in ("internal", "confidential"):
        document = await pdf(projects, ZHAO)
        async with projects.work(ZHAO) as work:
            await actions.attach_document(work, application.id, document, None)
        await projects.rows("UPDATE documents SET label = %(to)s WHERE id = %(id)s RETURNING 1", to=label, id=document)
    await projects.rows("UPDATE documents SET filename = 'Secret.pdf' WHERE label = 'confidential' RETURNING 1")
    async with projects.client(ZHAO) as zhao:
        answer = await zhao.post(
            f"/projects/api/v1/applications/{application.id}/submission", headers={"If-Match": "*"}
        )
    assert (answer.status_code, answer.json()["code"]) == (403, "above-clearance")
    assert "is confidential" in answer.json()["detail"]
    assert "Ask a colleague" in answer.json()["detail"]
    assert "Secret" not in answer.text
    assert not await projects.said(ApplicationSubmitted)
    cleared = someone(
        Role.APPLICANT, organisation_id=INSTITUTE, subject="zhao.cleared", clearance=SecurityLabel.CONFIDENTIAL
    )
    async with projects.work(cleared) as work:
        await actions.submit_application(work, application.id, None)
    (row,) = await projects.rows("SELECT content FROM application_versions")
    assert [one["filename"] for one in json.loads(row["content"])["documents"]] == ["plan.pdf", "Secret.pdf"]


def test_reminders_are_counted_back_from_the_day_and_none_is_made_up_for() -> None:
    due = datetime.fromisoformat("2030-01-10T00:00:00+00:00")
    assert next_reminder(due, due - 9 * DAY) == due - 3 * DAY
    assert next_reminder(due, due - 3 * DAY) == due - DAY
    assert next_reminder(due, due - DAY) is None
    assert next_reminder(due, due - DAY, (timedelta(0),)) == due
