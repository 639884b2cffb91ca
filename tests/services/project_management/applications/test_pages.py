"""Applications as pages: what is offered, what is refused, and why, clause by clause."""

from typing import Any

import httpx
import pytest

from services.project_management.applications import eligibility, rules
from services.project_management.applications.words import told
from shared.web.i18n import speaking
from tests.kit.platform import Running, Someone
from tests.services.project_management.applications.test_api import PDF
from tests.services.project_management.applications.test_rules import inputs, organisation
from tests.services.project_management.ready import (
    LI,
    OTHER,
    SUN,
    UNIVERSITY,
    ZHAO,
    draft_application,
    know_everybody,
    released_call,
    submitted_application,
)

ROOT = "/projects/applications"


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def get(projects: Running, person: Someone | None, path: str) -> httpx.Response:
    async with projects.client(person) as client:
        return await client.get(f"{ROOT}{path}")


async def post(
    projects: Running, person: Someone, path: str, fields: dict[str, Any], files: Any = None
) -> httpx.Response:
    async with projects.client(person) as client:
        return await client.post(f"{ROOT}{path}", data=fields, files=files)


def form(call_id: Any, **changed: Any) -> dict[str, Any]:
    return {
        "call_id": str(call_id),
        "title": "Magnesium for seat frames",
        "abstract": "We make an alloy.",
        "requested-amount": "2,400,000",
        "requested-currency": "CNY",
        "partner_ids": [str(UNIVERSITY)],
    } | changed


@pytest.mark.anyio
async def test_a_submitted_application_offers_no_form_to_edit_it_and_says_why(ready: Running) -> None:
    call = await released_call(ready)
    application = await submitted_application(ready, call.id, partners=(SUN,))
    async with ready.client(ZHAO) as client:
        assert (await client.get(f"{ROOT}/{application.id}/edit")).status_code == 303
        page = await client.get(f"{ROOT}/{application.id}/edit", follow_redirects=True)
        chinese = await client.get(
            f"{ROOT}/{application.id}/edit", headers={"Accept-Language": "zh-CN"}, follow_redirects=True
        )
    assert page.url.path == f"{ROOT}/{application.id}"
    assert "It was submitted as it stands, and is edited no more." in page.text
    assert "已按现状提交" in chinese.text
    assert (await get(ready, SUN, f"/{application.id}/edit")).status_code == 303, "partners neither"
    assert (await get(ready, LI, f"/{application.id}/edit")).status_code == 403


@pytest.mark.anyio
async def test_a_lead_and_a_partner_bring_an_application_to_submission(ready: Running) -> None:
    call = await released_call(ready)
    blank = await get(ready, ZHAO, f"/new?call={call.id}")
    assert f'value="{call.id}" selected' in blank.text
    assert "Jialing University" in blank.text
    done = await post(ready, ZHAO, "/new", form(call.id))
    assert done.status_code == 303, done.text
    path = done.headers["location"].removeprefix(ROOT)
    page = await get(ready, ZHAO, path)
    assert "Jialing University has not answered yet." in page.text
    assert "Attach the project description as a PDF." in page.text
    assert f"{path}/submission" not in page.text
    partner = await get(ready, SUN, path)
    assert f"{path}/consent" in partner.text
    assert f"{path}/withdrawal" not in partner.text
    unsaid = await post(ready, SUN, f"{path}/consent", {"decision": "refuse", "version": "1"})
    assert unsaid.status_code == 422
    assert "Say why" in unsaid.text
    files = {"file": ("plan.pdf", PDF, "application/pdf")}
    fields = {"version": "1", "organisation_id": str(ZHAO.organisation_id), "label": "internal"}
    attached = await post(ready, ZHAO, f"{path}/documents", fields, files)
    assert attached.status_code == 303, attached.text
    assert (await post(ready, SUN, f"{path}/consent", {"decision": "consent", "version": "2"})).status_code == 303
    page = await get(ready, ZHAO, path)
    assert "plan.pdf" in page.text
    assert f"{path}/submission" in page.text
    assert "You can submit now, with the button on top." in page.text
    assert (await post(ready, ZHAO, f"{path}/submission", {"version": "3"})).status_code == 303
    officer = await get(ready, LI, path)
    assert f"{path}/check" in officer.text
    assert (await post(ready, LI, f"{path}/check", {"note": "fine", "version": "4"})).status_code == 303
    assert f"{path}/check" not in (await get(ready, LI, path)).text


@pytest.mark.anyio
async def test_a_refused_form_keeps_what_was_typed(ready: Running) -> None:
    call = await released_call(ready)
    page = await post(ready, ZHAO, "/new", form(call.id, title="<i>x</i>", **{"requested-amount": "0"}))
    assert page.status_code == 422
    assert "&lt;i&gt;x&lt;/i&gt;" in page.text
    assert "Ask for more than nothing." in page.text
    page = await post(ready, ZHAO, "/new", form("not-a-call"))
    assert page.status_code == 422
    gone = await post(ready, ZHAO, "/new", form(UNIVERSITY))
    assert gone.status_code == 404
    assert "Magnesium for seat frames" in gone.text


@pytest.mark.anyio
async def test_a_stale_form_shows_both_versions_and_a_fresh_one_is_saved(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    path = f"/{application.id}/edit"
    assert 'value="2400000.00"' in (await get(ready, ZHAO, path)).text
    fields = form(call.id, title="First", version="1")
    assert (await post(ready, ZHAO, path, fields)).status_code == 303
    stale = await post(ready, ZHAO, path, {**fields, "title": "Second"})
    assert stale.status_code == 412
    assert "First" in stale.text
    assert "Second" in stale.text


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("files", "said"),
    [
        (None, "Choose a file."),
        ({"file": ("plan.pdf", b"", "application/pdf")}, "no content"),
        ({"file": ("plan.txt", b"just words", "text/plain")}, "PDF"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_on_the_page(ready: Running, files: Any, said: str) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    fields = {"version": "1", "label": "internal"}
    if files is None:
        files = {"other": ("", b"")}
    page = await post(ready, ZHAO, f"/{application.id}/documents", fields, files)
    assert page.status_code in (415, 422), page.text
    assert said in page.text
    assert not await ready.rows("SELECT 1 FROM documents WHERE owner_id IS NOT NULL")


@pytest.mark.anyio
async def test_a_second_press_of_submit_says_that_it_is_submitted(ready: Running) -> None:
    call = await released_call(ready)
    application = await submitted_application(ready, call.id)
    page = await post(ready, ZHAO, f"/{application.id}/submission", {})
    assert page.status_code == 409
    assert "The application is submitted" in page.text


@pytest.mark.anyio
async def test_lists_show_each_person_their_own(ready: Running) -> None:
    call = await released_call(ready)
    await draft_application(ready, call.id)
    assert "Magnesium for seat frames" in (await get(ready, ZHAO, "")).text
    for person in (OTHER, LI):
        page = await get(ready, person, "")
        assert "Magnesium for seat frames" not in page.text
        assert "No application yet" in page.text


CASES = [
    inputs(),
    inputs(now="2026-01-01T00:00:00+00:00", documents=0),
    inputs(call={"state": "closed"}, requested={"amount": "1.00", "currency": "EUR"}),
    inputs(requested={"amount": "9000000.00", "currency": "CNY"}),
    inputs(organisations=[organisation("L", state=s, kind=k, region=r) for s, k, r in (("", "", ""),)]),
    inputs(organisations=[organisation("L", state="registered", kind="company", region="Mianyang")]),
    inputs(organisations=[organisation("L", state="suspended"), organisation("P", admitted_until=None)]),
    inputs(partners=[{"name": "P", "answer": answer} for answer in rules.Answer]),
]


@pytest.mark.parametrize("given", CASES)
def test_each_clause_is_told_in_both_languages(given: dict[str, Any]) -> None:
    traced = eligibility.eligibility(given).clauses
    english = [finding.clause(told) for finding in eligibility.findings(given)]
    assert [(one.rule, one.outcome, bool(one.remedy)) for one in english] == [
        (one.rule, one.outcome, bool(one.remedy)) for one in traced
    ]
    with speaking("zh"):
        chinese = [finding.clause(told) for finding in eligibility.findings(given)]
    for said, shown in zip(english, chinese, strict=True):
        assert shown.reason != said.reason, said.reason
        assert (shown.remedy != said.remedy) == bool(said.remedy), said.remedy
