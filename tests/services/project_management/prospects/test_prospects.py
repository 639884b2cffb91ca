"""An organisation asks whether it could apply, before it writes anything, and is told clause by clause."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.project_management.applications.model import Application
from services.project_management.delivery.model import Project
from tests.kit.platform import Running
from tests.services.project_management.ready import (
    INSTITUTE,
    LI,
    OFFICE,
    OTHER,
    SUN,
    UNIVERSITY,
    ZHAO,
    draft_call,
    know_everybody,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1"


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def running_project(projects: Running, application_id: Any) -> None:
    """A project that came of the application, as delivery would keep it."""
    async with projects.work(LI) as work:
        application = await work.get(Application, application_id)
        work.add(
            Project(
                call_id=application.call_id,
                application_id=application.id,
                title=application.title,
                office_id=OFFICE,
                lead_id=application.lead_id,
                lead_name=application.lead_name,
                partners=[],
                field="Materials",
                stage="research",
                region="Chengdu",
                sector="civil",
                label="internal",
                amount_amount=Decimal("1.00"),
                amount_currency="CNY",
                starts_on=date(2026, 1, 1),
                ends_on=date(2027, 1, 1),
            )
        )


async def test_an_institute_sees_before_writing_what_stands_in_its_way(ready: Running) -> None:
    call = await released_call(ready, sectors=["civil"], credit="fair", running_per_organisation=1)
    path = f"{API}/calls/{call.id}/eligibility"
    async with ready.client(ZHAO) as zhao:
        plain = (await zhao.get(path)).json()
        assert plain["may_submit"] is False
        assert plain["smallest_change"] == []
        assert plain["next_question"]["rule"] == "amount.ceiling"
        outcomes = {clause["rule"]: clause["outcome"] for clause in plain["trace"]["clauses"]}
        assert outcomes["organisation.sector"] == "yes"
        assert outcomes["organisation.credit"] == "unknown"
        greedy = (await zhao.get(path, params={"requested": "3000000.01", "partner_id": str(UNIVERSITY)})).json()
        assert greedy["smallest_change"] == ["Ask for at most 3000000.00 CNY."]
        page = await zhao.get(f"/projects/calls/{call.id}/eligibility?requested=9,000,000&partner_ids={UNIVERSITY}")
        assert "The smallest change that would help" in page.text
        assert "So far: no." in page.text
        assert "So far: cannot tell yet." in (await zhao.get(f"/projects/calls/{call.id}/eligibility")).text
        assert "Jialing University has not answered yet." in page.text
        assert "Write an amount" in (await zhao.get(f"/projects/calls/{call.id}/eligibility?requested=much")).text
        assert f"/projects/calls/{call.id}/eligibility" in (await zhao.get(f"/projects/calls/{call.id}")).text
        assert (await zhao.get(path, params={"partner_id": str(call.id)})).status_code == 422
    async with ready.client() as stranger:
        page = await stranger.get(f"/projects/calls/{call.id}")
        assert "Sign in to apply" in page.text
        assert f"/sign-in?next=/projects/calls/{call.id}/eligibility" in page.text.replace("%2F", "/")
    assert await ready.rows("SELECT 1 FROM applications") == []


async def test_who_leads_as_many_projects_as_allowed_is_told_before_and_while_drafting(ready: Running) -> None:
    earlier = await submitted_application(ready, (await released_call(ready)).id)
    await running_project(ready, earlier.id)
    call = await released_call(ready, running_per_organisation=1, running_per_person=1)
    async with ready.client(ZHAO) as zhao:
        found = (await zhao.get(f"{API}/calls/{call.id}/eligibility")).json()
        assert found["trace"]["result"] == "no"
        assert len(found["smallest_change"]) == 2
        fields = {"call_id": str(call.id), "title": "T", "requested": {"amount": "5.00", "currency": "CNY"}}
        mine = (await zhao.post(f"{API}/applications", json=fields)).json()
        draft = (await zhao.get(f"{API}/applications/{mine['id']}/eligibility")).json()
        assert draft["smallest_change"] == found["smallest_change"]
        assert "Wait until Institute of Light Alloys" in (await zhao.get(f"/projects/applications/{mine['id']}")).text
    async with ready.client(SUN) as sun:
        assert (await sun.get(f"{API}/calls/{call.id}/eligibility")).json()["smallest_change"] == []


async def test_a_call_that_one_may_not_see_is_not_spoken_of(ready: Running) -> None:
    draft = await draft_call(ready)
    secret = await released_call(ready, label="internal")
    async with ready.client(ZHAO) as zhao:
        assert (await zhao.get(f"{API}/calls/{draft.id}/eligibility")).status_code == 404
        assert (await zhao.get(f"{API}/calls/{secret.id}/eligibility")).status_code == 200
    async with ready.client(LI) as li:
        assert (await li.get(f"{API}/calls/{secret.id}/eligibility")).status_code == 403
    async with ready.client() as visitor:
        assert (await visitor.get(f"{API}/calls/{secret.id}/eligibility")).status_code == 401
    assert OTHER.organisation_id != INSTITUTE


async def test_an_officer_sets_conditions_on_the_page_and_takes_them_off_again(ready: Running) -> None:
    call = await draft_call(ready, sectors=["civil"], credit="good", running_per_person=3)
    async with ready.client(LI) as li:
        page = await li.get(f"/projects/calls/{call.id}")
        assert "fewer than 3" in page.text
        path = f"{API}/calls/{call.id}"
        freed = await li.patch(
            path, json={"sectors": [], "credit": "", "running_per_person": 0}, headers={"If-Match": "*"}
        )
        assert freed.status_code == 200, freed.text
        assert (freed.json()["sectors"], freed.json()["credit"], freed.json()["running_per_person"]) == ([], "", 0)
        assert (await li.patch(path, json={"credit": "poor"}, headers={"If-Match": "*"})).status_code == 422
        assert 'name="running_per_organisation"' in (await li.get(f"{path.replace('/api/v1', '')}/edit")).text
