"""Calls as pages: what is offered, what is refused, and that forms keep what was typed."""

from typing import Any

import httpx
import pytest

from tests.kit.platform import Running, Someone
from tests.services.project_management.ready import CHEN, LI, ZHAO, call_fields, draft_call, released_call

pytestmark = pytest.mark.anyio
ROOT = "/projects/calls"


async def get(projects: Running, person: Someone | None, path: str, **headers: str) -> httpx.Response:
    async with projects.client(person) as client:
        return await client.get(f"{ROOT}{path}", headers=headers)


async def post(projects: Running, person: Someone, path: str, fields: dict[str, Any]) -> httpx.Response:
    async with projects.client(person) as client:
        return await client.post(f"{ROOT}{path}", data=fields)


def form(**changed: Any) -> dict[str, Any]:
    fields = call_fields()
    typed: dict[str, Any] = {
        name: fields[name]
        for name in ("title", "title_zh", "summary", "field", "stage", "kinds", "regions", "inventor_floor", "label")
    }
    typed |= {
        "budget-amount": "6,000,000",
        "budget-currency": "CNY",
        "ceiling-amount": "3000000",
        "ceiling-currency": "CNY",
        "opens_at": "2026-01-01T08:00",
        "closes_at": "2090-03-31T17:00",
        "reviewers_per_application": "2",
        "criteria-0-name": "Novelty",
        "criteria-0-weight": "60",
        "criteria-1-name": "Feasibility",
        "criteria-1-weight": "40",
        "criteria-2-name": "",
        "criteria-2-weight": "",
    }
    return typed | changed


async def test_an_officer_drafts_edits_and_sends_a_call_to_signoff(projects: Running) -> None:
    assert (await get(projects, LI, "/new")).status_code == 200
    done = await post(projects, LI, "/new", form())
    assert done.status_code == 303, done.text
    path = done.headers["location"].removeprefix(ROOT)
    page = await get(projects, LI, path)
    assert "Light alloys for regional aircraft" in page.text
    assert "支线飞机轻合金" in page.text
    assert f"{ROOT}{path}/signoff-request" in page.text
    edit = await get(projects, LI, f"{path}/edit")
    assert 'value="6000000.00"' in edit.text
    assert 'value="Feasibility"' in edit.text
    saved = await post(projects, LI, f"{path}/edit", form(field="Energy", version="1"))
    assert saved.status_code == 303, saved.text
    sent = await post(projects, LI, f"{path}/signoff-request", {"version": "2"})
    assert sent.status_code == 303, sent.text
    assert "Record the decision" not in (await get(projects, LI, path)).text
    assert "Record the decision" in (await get(projects, CHEN, path)).text
    unsaid = await post(projects, CHEN, f"{path}/signoff", {"version": "3", "decision": "return", "reason": ""})
    assert unsaid.status_code == 422
    assert "Say what has to change" in unsaid.text
    signed = await post(projects, CHEN, f"{path}/signoff", {"version": "3", "decision": "approve"})
    assert signed.status_code == 303
    released = await post(projects, LI, f"{path}/release", {"version": "4"})
    assert released.status_code == 303
    public = await get(projects, None, path)
    assert "Open" in public.text
    assert "li.officer" in public.text
    assert "chen.coordinator" not in public.text
    assert "/applications/new?call=" in (await get(projects, ZHAO, path)).text


async def test_a_refused_form_keeps_what_was_typed_and_says_why_beside_the_field(projects: Running) -> None:
    page = await post(projects, LI, "/new", form(title="<b>New</b>", **{"criteria-1-weight": "50"}))
    assert page.status_code == 422
    assert "&lt;b&gt;New&lt;/b&gt;" in page.text
    assert "The weights of the criteria must add up to 100." in page.text
    page = await post(projects, LI, "/new", form(title="", closes_at="soon"))
    assert page.status_code == 422
    assert "Enter a date and a time" in page.text
    assert not await projects.rows("SELECT 1 FROM calls")


async def test_a_closing_time_that_has_passed_is_said_beside_it(projects: Running) -> None:
    page = await post(projects, LI, "/new", form(opens_at="2025-01-01T08:00", closes_at="2025-03-01T08:00"))
    assert page.status_code == 422
    assert "This time has passed already. Choose a later closing time." in page.text
    async with projects.client(LI) as client:
        body = call_fields(opens_at="2025-01-01T08:00:00Z", closes_at="2025-03-01T08:00:00Z")
        refused = await client.post("/projects/api/v1/calls", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/closes_at"


async def test_the_address_of_a_sent_form_leads_to_the_page_it_stood_on(projects: Running) -> None:
    call = await released_call(projects)
    for below in ("signoff-request", "release", "cancellation"):
        answer = await get(projects, LI, f"/{call.id}/{below}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}/{call.id}")
    async with projects.client(LI) as client:
        assert (await client.get(f"/projects/api/v1/calls/{call.id}/release")).status_code == 405


async def test_a_released_call_offers_no_form_to_edit_it(projects: Running) -> None:
    call = await released_call(projects)
    answer = await get(projects, LI, f"/{call.id}/edit")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}/{call.id}")
    async with projects.client(LI) as client:
        page = await client.get(f"{ROOT}/{call.id}/edit", follow_redirects=True)
    assert "Only the draft of a call can be edited." in page.text


async def test_who_signed_a_call_off_is_not_offered_its_release(projects: Running) -> None:
    call = await draft_call(projects)
    await post(projects, LI, f"/{call.id}/signoff-request", {"version": "1"})
    await post(projects, CHEN, f"/{call.id}/signoff", {"version": "2", "decision": "approve"})
    page = (await get(projects, CHEN, f"/{call.id}")).text
    assert f"{call.id}/release" not in page
    assert "You signed this call off." in page
    page = (await get(projects, LI, f"/{call.id}")).text
    assert f"{call.id}/release" in page
    assert "After the closing time only the indicators and the offices that sign can still be amended" in page
    assert (await post(projects, CHEN, f"/{call.id}/release", {"version": "3"})).status_code == 409


async def test_a_stale_form_shows_both_versions(projects: Running) -> None:
    call = await draft_call(projects)
    first = await post(projects, LI, f"/{call.id}/edit", form(field="Energy", version="1"))
    assert first.status_code == 303, first.text
    stale = await post(projects, LI, f"/{call.id}/edit", form(field="Optics", version="1"))
    assert stale.status_code == 412
    assert "Energy" in stale.text
    assert "Optics" in stale.text


async def test_a_change_that_the_database_would_refuse_is_refused_as_a_form(projects: Running) -> None:
    call = await draft_call(projects)
    page = await post(projects, LI, f"/{call.id}/edit", form(closes_at="2025-01-01T00:00", version="1"))
    assert page.status_code == 422
    assert "The closing time must lie after the opening time." in page.text


async def test_a_second_press_of_release_says_that_it_is_released(projects: Running) -> None:
    call = await released_call(projects)
    page = await post(projects, LI, f"/{call.id}/release", {})
    assert page.status_code == 409
    assert "The call is released" in page.text


async def test_a_call_is_cancelled_with_a_reason_that_is_shown(projects: Running) -> None:
    call = await released_call(projects)
    refused = await post(projects, LI, f"/{call.id}/cancellation", {"reason": ""})
    assert refused.status_code == 422
    assert '<details class="more" open><summary>Cancel this call' in refused.text, "a refusal in a fold is seen"
    done = await post(projects, LI, f"/{call.id}/cancellation", {"reason": "no budget", "version": str(call.version)})
    assert done.status_code == 303
    assert "no budget" in (await get(projects, None, f"/{call.id}")).text


async def test_the_list_tells_visitors_only_what_is_released(projects: Running) -> None:
    empty = await get(projects, None, "")
    assert "No call is released yet" in empty.text
    await draft_call(projects, title="hidden draft")
    await released_call(projects, title="open to all")
    page = await get(projects, None, "")
    assert "open to all" in page.text
    assert "hidden draft" not in page.text
    assert "/projects/calls/new" not in page.text
    mine = await get(projects, LI, "")
    assert "hidden draft" in mine.text
    assert "/projects/calls/new" in mine.text
    rows = await get(projects, LI, "?phase=draft", **{"HX-Request": "true"})
    assert "<html" not in rows.text
    assert "open to all" not in rows.text


async def test_the_pages_speak_chinese(projects: Running) -> None:
    call = await released_call(projects)
    for path in ("", "/new", f"/{call.id}"):
        page = await get(projects, LI, f"{path}?lang=zh")
        assert page.status_code == 200
        assert 'lang="zh-Hans"' in page.text


async def test_share_limits_are_typed_kept_refused_and_shown(projects: Running) -> None:
    def limit(row: int, **typed: str) -> dict[str, str]:
        return {f"portfolio-{row}-{name}": value for name, value in typed.items()}

    first = limit(0, sense="at_most", share="40", of="budget", trait="region", value="")
    second = limit(1, sense="at_least", share="20", of="awards", trait="newcomer", value="")
    blank = limit(2, sense="", share="", of="", trait="", value="")
    done = await post(projects, LI, "/new", form(**first, **second, **blank))
    assert done.status_code == 303, done.text
    path = done.headers["location"].removeprefix(ROOT)
    page = (await get(projects, LI, path)).text
    assert "At most 40 % of the budget may go to any one region." in page
    assert "At least 20 % of the awards shall go to newcomers." in page
    edit = (await get(projects, LI, f"{path}/edit")).text
    assert '<option value="at_least" selected>No less than</option>' in edit
    wrong = limit(1, sense="at_least", share="20", of="awards", trait="newcomer", value="Chengdu")
    refused = await post(projects, LI, f"{path}/edit", form(**first, **wrong, version="1"))
    assert refused.status_code == 422
    assert "A share limit on newcomers names nobody" in refused.text
    assert 'value="Chengdu"' in refused.text
