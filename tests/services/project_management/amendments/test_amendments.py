"""The office amends a released call: signed by another, told to who has begun, and nothing relied on is taken away."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.project_management.amendments import actions, rules
from services.project_management.amendments.schemas import AmendmentCreate, JudgementCreate
from services.project_management.calls import rules as calls
from services.project_management.closings.actions import close_due_calls, take_back_notices
from services.project_management.forms import actions as forms
from shared.contracts.projects import CallAmended, TaskAssigned, TaskDone
from tests.kit.platform import Running
from tests.services.project_management.answers.test_answers import ASKED, asking_call
from tests.services.project_management.closings.test_actions import tick
from tests.services.project_management.forms.asking import ask, form
from tests.services.project_management.ready import (
    AUDITOR,
    CHEN,
    LI,
    SUN,
    ZHAO,
    at,
    draft_application,
    know_everybody,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1"
ANY = {"If-Match": "*"}
DAY = timedelta(days=1)


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def amended(projects: Running, call_id: UUID, **fields: Any) -> None:
    async with projects.work(LI) as work:
        body = AmendmentCreate.model_validate({"reason": "It was asked for.", **fields})
        await actions.request_amendment(work, call_id, body, None)
    async with projects.work(CHEN) as work:
        await actions.judge_amendment(work, call_id, JudgementCreate(decision="approve", answer="agreed"), None)


async def open_tasks(projects: Running, kind: str) -> list[dict[str, Any]]:
    over = {str(task["subject"]) for task in await projects.said(TaskDone)}
    found = [task for task in await projects.said(TaskAssigned) if task["data"]["kind"] == kind]
    return [task["data"] for task in found if str(task["subject"]) not in over]


async def test_it_is_asked_for_signed_and_told_with_what_differs(ready: Running) -> None:
    call = await released_call(ready)
    mine = await draft_application(ready, call.id, partner_ids=[str(SUN.organisation_id)])
    later = call.closes_at + DAY
    body = {"summary": "From laboratory to flying part.", "closes_at": later.isoformat(), "reason": "More time."}
    async with ready.client(LI) as li, ready.client(CHEN) as chen, ready.client(ZHAO) as zhao:
        assert (await li.get(f"{API}/calls/{call.id}/amendment")).status_code == 404
        asked = await li.post(f"{API}/calls/{call.id}/amendment", json=body, headers=ANY)
        assert (asked.status_code, asked.json()["state"]) == (201, "requested"), asked.text
        assert {one["field"] for one in asked.json()["changes"]} == {"summary", "closes_at"}
        (task,) = await open_tasks(ready, "call.amendment")
        assert (task["role"], task["label"]) == ("coordinator", "internal")
        assert (await li.post(f"{API}/calls/{call.id}/amendment", json=body, headers=ANY)).status_code == 409
        # Nobody outside the offices knows of it before it is signed.
        assert (await zhao.get(f"{API}/calls/{call.id}/amendment")).status_code == 403
        assert (await zhao.get(f"{API}/calls/{call.id}")).json()["summary"] == "From laboratory to part."
        signed, judged = {"decision": "approve", "answer": "agreed"}, f"{API}/calls/{call.id}/amendment/judgement"
        assert (await zhao.post(judged, json=signed, headers=ANY)).status_code == 403
        own = await li.post(judged, json=signed, headers=ANY)
        assert (own.status_code, "You asked for this amendment" in own.text) == (409, True)
        assert (await chen.post(judged, json={"decision": "approve"}, headers=ANY)).status_code == 422
        done = await chen.post(judged, json=signed, headers=ANY)
        assert (done.json()["state"], done.json()["call_version"]) == ("approved", 2)
        assert await open_tasks(ready, "call.amendment") == []
        now = (await zhao.get(f"{API}/calls/{call.id}")).json()
        assert (now["released_version"], now["summary"]) == (2, "From laboratory to flying part.")
        (fact,) = await ready.said(CallAmended)
        assert (fact["data"]["label"], fact["data"]["changed"]) == ("public", ["summary", "closes_at"])
        versions = (await zhao.get(f"/projects/calls/{call.id}/versions")).text
        assert "More time." in versions
        # Who began is told what changed, and who is to consent is asked anew with the new day.
        await tick(ready, actions.tell_of_changes)
        (news,) = await open_tasks(ready, "application.call_changes")
        assert news["url"] == f"/projects/applications/{mine.id}/call-changes"
        assert "<ins>" in (await zhao.get(news["url"])).text
        for _ in range(2):
            await tick(ready, actions.follow_closings)
        (consent,) = await open_tasks(ready, "application.consent")
        assert datetime.fromisoformat(consent["due_at"]) == later


async def test_what_somebody_relied_on_is_not_taken_away_and_the_reason_is_said(ready: Running) -> None:
    call = await released_call(ready)
    sooner = (call.closes_at - timedelta(hours=1)).isoformat()
    async with ready.client(LI) as li:

        async def refused(**fields: Any) -> str:
            answer = await li.post(f"{API}/calls/{call.id}/amendment", json={"reason": "so", **fields}, headers=ANY)
            assert answer.status_code == 422, answer.text
            return answer.text

        assert "Nothing differs" in await refused(title=call.title)
        assert "weights" in await refused(criteria=[{"name": "Novelty", "weight": "60"}])
        assert "already" in await refused(closes_at="2020-01-01T00:00:00Z")
        await draft_application(ready, call.id)
        assert "Somebody has begun an application in the time" in await refused(closes_at=sooner)
        lower = {"amount": "1.00", "currency": "CNY"}
        assert "It can only be raised" in await refused(ceiling=lower)
        stale = await li.post(f"{API}/calls/{call.id}/amendment", json={"reason": "so", "title": "T"},
                              headers={"If-Match": '"1"'})  # fmt: skip
        assert stale.status_code == 412


async def test_after_the_closing_nothing_is_amended_or_signed_and_the_reason_is_said(ready: Running) -> None:
    call = await released_call(ready)
    page, api = f"/projects/calls/{call.id}/amendment", f"{API}/calls/{call.id}/amendment"
    body = {"summary": "Another text.", "reason": "so"}
    criteria = [{"name": "Novelty", "weight": "50"}, {"name": "Feasibility", "weight": "50"}]
    await submitted_application(ready, call.id)
    await amended(ready, call.id, criteria=criteria)
    async with ready.client(LI) as li, ready.client(CHEN) as chen:
        li.headers["Origin"] = chen.headers["Origin"] = "http://test"
        assert (await li.post(api, json=body, headers=ANY)).status_code == 201
        assert 'value="approve"' in (await chen.get(page)).text
        at(ready, call.closes_at)
        for timer_has_run in (False, True):
            if timer_has_run:
                at(ready, call.closes_at + timedelta(minutes=1))
                await tick(ready, close_due_calls)
            late = await chen.post(f"{api}/judgement", json={"decision": "approve", "answer": "agreed"}, headers=ANY)
            assert (late.status_code, "The call has closed" in late.text) == (409, True)
            shown = (await chen.get(page)).text
            assert "its time is over" in shown
            assert 'value="approve"' not in shown
        assert (
            await chen.post(f"{page}/judgement", data={"decision": "approve", "answer": "agreed", "version": "1"})
        ).status_code == 409
        declined = await chen.post(f"{api}/judgement", json={"decision": "decline", "answer": "Late."}, headers=ANY)
        assert declined.json()["state"] == "declined"
        refused = await li.post(api, json=body, headers=ANY)
        assert (refused.status_code, "belongs in a new call" in refused.text) == (409, True)
        asked = (await li.get(page)).text
        assert ('name="summary"' in asked, 'name="indicators-0-name"' in asked) == (False, True)
    # What was signed in time is told after the close, while nobody reviews yet.
    await tick(ready, actions.tell_of_changes)
    await tick(ready, take_back_notices)
    assert len(await open_tasks(ready, "application.call_changes")) == 1
    async with ready.work(LI) as work:
        await work.execute("UPDATE calls SET state = 'deciding'")
    await tick(ready, take_back_notices)
    assert await open_tasks(ready, "application.call_changes") == []


async def test_a_closing_time_that_was_shown_and_not_touched_keeps_its_seconds(ready: Running) -> None:
    exact = datetime.fromisoformat("2090-03-31T09:00:26+00:00")
    call = await released_call(ready, closes_at=exact.isoformat())
    await draft_application(ready, call.id)
    root = f"/projects/calls/{call.id}/amendment"
    typed = {"title": call.title, "summary": call.summary, "reason": "More money.", "closes_at": "2090-03-31T17:00:26",
             "budget-amount": "7000000", "budget-currency": "CNY", "ceiling-amount": str(call.ceiling_amount),
             "ceiling-currency": "CNY"}  # fmt: skip
    async with ready.client(LI) as li:
        li.headers["Origin"] = "http://test"
        assert 'value="2090-03-31T17:00:26"' in (await li.get(root)).text
        assert (await li.post(root, data=typed)).status_code == 303
        changes = (await li.get(f"{API}/calls/{call.id}/amendment")).json()["changes"]
    assert [one["field"] for one in changes] == ["budget"]


async def test_a_changed_form_waits_for_the_amendment_and_answers_are_kept(ready: Running) -> None:
    call = await asking_call(ready)
    mine = await draft_application(ready, call.id)
    longer = form(
        plan=[one.model_dump(mode="json") for one in ASKED.sections[0].questions[:1]],
        people=[ask("site", required=True), *(one.model_dump(mode="json") for one in ASKED.sections[1].questions)],
        use=[one.model_dump(mode="json") for one in ASKED.sections[0].questions[1:]],
    )
    async with ready.client(ZHAO) as zhao, ready.client(LI) as li:
        answers = {"aim": "A lighter frame", "area": "glass", "months": "24"}
        body: dict[str, Any] = {"answers": answers}
        await zhao.put(f"{API}/applications/{mine.id}/answers/plan", json=body, headers=ANY)
        async with ready.work(LI) as work:
            assert await forms.change_form(work, call.id, lambda _before: longer, 0) == 1
        assert "Go on to the amendment" in (await li.get(f"/projects/calls/{call.id}/form/draft")).text
        assert (await zhao.get(f"{API}/applications/{mine.id}/answers")).json()["asked"] == 6
        await amended(ready, call.id, form=True)
        after = (await zhao.get(f"{API}/applications/{mine.id}/answers")).json()
        assert after["answers"] == answers, "also those of questions that moved to another section"
        assert {one["question"] for one in after["faults"]} >= {"site", "team"}
        changes = (await zhao.get(f"{API}/applications/{mine.id}/call-changes")).json()["changes"]
        assert [one["field"] for one in changes] == ["form.site"]
        assert "Site (site)" in (await zhao.get(f"/projects/applications/{mine.id}/call-changes")).text
    assert await ready.rows("SELECT 1 FROM form_drafts") == []


async def test_it_is_declined_withdrawn_and_asked_for_again_on_pages(ready: Running) -> None:
    call = await released_call(ready)
    root = f"/projects/calls/{call.id}/amendment"
    typed = {"title": "A better title", "summary": "", "reason": "Clearer.", "closes_at": "2090-03-31T17:00",
             "budget-amount": "6000000", "budget-currency": "CNY", "ceiling-amount": "3000000",
             "ceiling-currency": "CNY"}  # fmt: skip
    async with ready.client(LI) as li, ready.client(CHEN) as chen, ready.client(AUDITOR) as auditor:
        for client in (li, chen):
            client.headers["Origin"] = "http://test"
        assert "Ask for the signature" in (await li.get(root)).text
        assert (await li.post(root, data={**typed, "reason": ""})).status_code == 422
        assert (await li.post(root, data=typed)).status_code == 303
        assert "better" in (await chen.get(root)).text
        for client, told in ((chen, "waits for your signature"), (li, "the signature of: Coordination office")):
            seen = (await client.get(f"/projects/calls/{call.id}")).text
            assert told in seen
            assert root in seen
        async with ready.client(ZHAO) as zhao:
            assert root not in (await zhao.get(f"/projects/calls/{call.id}")).text
        silent = await chen.post(f"{root}/judgement", data={"decision": "decline", "version": "1"})
        assert (silent.status_code, "answer-error" in silent.text) == (422, True)
        done = await chen.post(f"{root}/judgement", data={"decision": "decline", "answer": "Too long.", "version": "1"})
        assert done.status_code == 303
        assert "Too long." in (await li.get(root)).text
        late = await chen.post(f"{root}/judgement", data={"decision": "approve", "answer": "agreed", "version": "2"})
        assert late.status_code == 409
        assert (await li.post(root, data=typed)).status_code == 303
        assert "Withdraw the amendment" in (await li.get(root)).text
        assert "Record the decision" not in (await auditor.get(root)).text
        assert (await li.post(f"{root}/withdrawal", data={"reason": "", "version": "1"})).status_code == 422
        assert (await li.post(f"{root}/withdrawal", data={"reason": "Not now.", "version": "1"})).status_code == 303
        assert (await li.post(f"{root}/withdrawal", data={"reason": "Not now.", "version": "1"})).status_code == 409
        assert f"{call.id}/amendment" in (await li.get(f"/projects/calls/{call.id}")).text
    rows = await ready.rows("SELECT state FROM call_amendments ORDER BY id")
    assert [row["state"] for row in rows] == ["declined", "withdrawn"]


NOW = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("changed", "values", "field"),
    [
        (("summary",), {}, None),
        ((), {}, "reason"),
        (("closes_at",), {"closes": (NOW, NOW - DAY)}, None),
        (("closes_at",), {"closes": (NOW, NOW - DAY), "begun": True}, "closes_at"),
        (("closes_at",), {"closes": (NOW, NOW + DAY), "begun": True}, None),
        (("ceiling_amount",), {"ceilings": (Decimal(2), Decimal(1)), "begun": True}, "ceiling"),
        (("ceiling_amount",), {"ceilings": (Decimal(1), Decimal(2)), "begun": True}, None),
        (("criteria",), {"begun": True}, None),
    ],
)
def test_what_may_be_amended_when(changed: tuple[str, ...], values: dict[str, Any], field: str | None) -> None:
    given: dict[str, Any] = {"closes": (NOW, NOW), "ceilings": (Decimal(1), Decimal(1)), "begun": False}
    found = rules.faults(changed, **(given | values))
    assert [one for one, _ in found] == ([field] if field else [])


@pytest.mark.parametrize("state", calls.State)
def test_only_between_release_and_closing_and_what_rules_later_steps_until_they_begin(state: calls.State) -> None:
    assert rules.is_amendable(state, NOW, NOW - DAY) is (state is calls.State.RELEASED)
    with pytest.raises(calls.CallNotReady):
        rules.amendable(state, NOW, NOW)
    after = state in (calls.State.RELEASED, calls.State.CLOSED, calls.State.DECIDING)
    assert rules.is_amendable(state, NOW, NOW, ["indicators", "award_terms"]) is after
    assert not rules.is_amendable(state, NOW, NOW, ["indicators", "summary"])
    assert not rules.is_amendable(state, NOW, NOW, ["indicators"], list_made=True)
