"""The last minute: who comes in time is in, who comes a second late is told by whose clock, and nothing is lost."""

import asyncio
import os
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from services.project_management.applications import actions, rules
from services.project_management.calls.rules import STRAGGLERS
from services.project_management.closings.actions import close_due_calls
from shared.contracts.projects import CallClosed
from shared.db.work import Work
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.closings.test_actions import tick
from tests.services.project_management.ready import (
    ZHAO,
    admitted,
    at,
    draft_application,
    know_everybody,
    pdf,
    released_call,
)

pytestmark = pytest.mark.anyio
CROWD = int(os.environ.get("HECHUAN_CROWD", "24"))
SECONDS = float(os.environ.get("HECHUAN_CROWD_SECONDS", "0"))
"""How many submit, within which time; 300 within a minute for the full size."""


async def complete(projects: Running, call_id: Any, lead: Someone = ZHAO) -> Any:
    application = await draft_application(projects, call_id, lead)
    document_id = await pdf(projects, lead)
    async with projects.work(lead) as work:
        await actions.attach_document(work, application.id, document_id, None)
    return application


async def test_one_second_late_is_refused_with_both_times_and_the_draft_stays(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects, closes_at="2030-03-31T09:00:00Z")
    mine = await complete(projects, call.id)
    at(projects, call.closes_at + timedelta(seconds=1))
    async with projects.client(ZHAO) as zhao:
        path = f"/projects/api/v1/applications/{mine.id}"
        late = await zhao.post(f"{path}/submission", headers={"If-Match": "*"})
        assert late.status_code == 409
        assert late.json()["title"] == "The call has closed"
        assert "closed at 2030-03-31 17:00:00.000 (UTC+8)" in late.json()["detail"]
        assert "came at 2030-03-31 17:00:01.000 (UTC+8)" in late.json()["detail"]
        page = await zhao.post(f"/projects/applications/{mine.id}/submission", data={"version": "2"})
        assert page.status_code == 409
        assert "2030-03-31 17:00:01.000" in page.text
        kept = (await zhao.get(path)).json()
        assert (kept["state"], kept["abstract"]) == ("draft", "We make an alloy.")
        chinese = await zhao.post(
            f"/projects/applications/{mine.id}/submission", data={"version": "2"}, headers={"Accept-Language": "zh-CN"}
        )
        assert "草稿" in chinese.text


async def test_who_came_in_time_is_in_though_the_database_took_longer(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    mine = await complete(projects, call.id)
    at(projects, call.closes_at - timedelta(milliseconds=1))
    async with projects.work(ZHAO) as work:
        at(projects, call.closes_at + timedelta(seconds=1))
        await tick(projects, close_due_calls)
        done = await actions.submit_application(work, mine.id, None)
        assert done.submitted_at == call.closes_at - timedelta(milliseconds=1)
    at(projects, call.closes_at + STRAGGLERS)
    await tick(projects, close_due_calls)
    (closed,) = await projects.said(CallClosed)
    assert closed["data"]["applications"] == 1


async def test_everybody_in_the_last_minute_gets_a_receipt_or_a_clear_answer(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [
        someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name=f"Institute {n}", subject=f"lead-{n}")
        for n in range(CROWD)
    ]
    await projects.hear(*[admitted(lead.organisation_id, lead.grants[0].organisation_name) for lead in leads])
    call = await released_call(projects)
    drafts = [await complete(projects, call.id, lead) for lead in leads]
    begin, begun = projects.service.database.begin, count(1)

    def counted(*args: Any, **kwargs: Any) -> Work:
        """The call closes when half of them have come."""
        work = begin(*args, **kwargs)
        if next(begun) == CROWD // 2:
            at(projects, call.closes_at)
        return work

    async def submit(n: int, client: httpx.AsyncClient) -> httpx.Response:
        await asyncio.sleep(n * SECONDS / CROWD)
        headers = {"If-Match": "*", "Idempotency-Key": f"last-minute-{n}"}
        return await client.post(f"/projects/api/v1/applications/{drafts[n].id}/submission", headers=headers)

    clients = [projects.client(lead) for lead in leads]
    opened = [await client.__aenter__() for client in clients]
    at(projects, call.closes_at - timedelta(seconds=1))
    monkeypatch.setattr(projects.service.database, "begin", counted)
    answers = await asyncio.gather(*[submit(n, client) for n, client in enumerate(opened)])
    for client in clients:
        await client.__aexit__(None, None, None)
    taken = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in refused} <= {409}, [answer.text for answer in refused]
    assert all("By the clock of this platform" in answer.json()["detail"] for answer in refused)
    assert len(taken) == CROWD // 2
    submitted = await projects.rows("SELECT count(*) AS n FROM applications WHERE state = 'submitted'")
    assert submitted[0]["n"] == len(taken)
    assert all(answer.json()["sha256"] for answer in taken)


def test_the_closing_moment_itself_is_too_late() -> None:
    from tests.services.project_management.outages.test_rules import CLOSES

    rules.in_time(CLOSES, CLOSES - timedelta(microseconds=1))
    with pytest.raises(rules.TooLate):
        rules.in_time(CLOSES, CLOSES)
