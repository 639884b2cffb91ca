"""The register of risks over both faces: recorded, weighed anew, occurred, and made a change or an explanation."""

import html
from datetime import UTC, datetime
from typing import Any

import pytest

from services.project_management.lapses.actions import watch_milestones
from shared.contracts.project_risks import RiskAssessed, RiskOccurred, RiskRecorded
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.world import ANY, API, World

RISK: dict[str, Any] = {
    "title": "The furnace comes late",
    "effect": "The melt moves.",
    "likelihood": 4,
    "impact": 3,
    "response": "reduce",
    "owner": "Zhao Min",
}


async def test_a_risk_from_its_record_to_what_it_leads_to(projects: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(projects).open()
    project = await world.project()
    register = f"{API}/projects/{project['id']}/risks"
    stranger = someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name="Another")
    async with projects.client(world.university) as partner, projects.client(world.officer) as office:
        made = await partner.post(register, json=RISK)
        assert made.status_code == 201, made.text
        one = f"{API}/risks/{made.json()['id']}"
        assert made.json()["level"] == "high"
        assert (await partner.post(register, json=RISK | {"title": "Slight", "impact": 1})).status_code == 201
        assert (await partner.post(register, json=RISK | {"likelihood": 6})).status_code == 422
        assert (await office.post(register, json=RISK)).status_code in (403, 404)
        weighed = await partner.put(one, json=RISK | {"likelihood": 5, "reason": "No date yet."}, headers=ANY)
        assert [weight["likelihood"] for weight in weighed.json()["past"]] == [4, 5]
        assert (await partner.put(one, json=RISK, headers={"If-Match": '"1"'})).status_code == 412
        assert [item["title"] for item in (await office.get(register)).json()["items"]] == [RISK["title"], "Slight"]
        assert (await office.post(f"{one}/closing", json={"reason": "Gone."}, headers=ANY)).status_code in (403, 404)
    async with projects.client(stranger) as other:
        assert (await other.get(one)).status_code == 404
        assert (await other.get(register)).status_code == 404
    assert len(await projects.said(RiskRecorded)) == 2
    assert [fact["data"]["likelihood"] for fact in await projects.said(RiskAssessed)] == [5]

    monkeypatch.setattr(projects.service.database, "clock", lambda: datetime(2027, 7, 20, 4, tzinfo=UTC))
    async with projects.work(system_actor("projects")) as work:
        await watch_milestones(work)
    monkeypatch.undo()
    page = one.replace(API, "/projects")
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        shown = (await office.get(register.replace(API, "/projects"))).text
        assert "risk-matrix" in shown
        assert "Record a risk" not in shown
        assert RISK["title"] in (await office.get("/projects/projects")).text, "the office's list names the heaviest"
        assert "Register of risks (2 live)" in (await office.get(f"/projects/projects/{project['id']}")).text
        assert "IEC 31010" in (await lead.get(register.replace(API, "/projects"))).text
        lacking = await lead.post(f"{page}/occurrence", data={"version": "2", "reason": ""})
        assert lacking.status_code == 422
        told = await lead.post(f"{page}/occurrence", data={"version": "2", "reason": "It came in July."})
        assert told.status_code == 303, told.text
        detail = html.unescape((await lead.get(page)).text)
        change = detail.split('href="/projects/projects/')
        link = next(part for part in change if "changes/new" in part.split('"')[0]).split('"')[0]
        assert "Risk 1 occurred: The furnace comes late. The melt moves." in html.unescape(
            (await lead.get(f"/projects/projects/{link}")).text
        )
        explained = detail.split('href="/projects/milestones/')[1].split('"')[0]
        assert "Risk 1 occurred" in (await lead.get(f"/projects/milestones/{explained}")).text
        assert "Ask for a change" not in (await office.get(page)).text
        assert (await lead.get(f"{page}/edit")).status_code == 200
        late = await lead.post(f"{page}/edit", data={"version": "3", **{k: str(v) for k, v in RISK.items()}})
        assert late.status_code == 409, "what has occurred is not weighed any more"
        assert "已发生" in (await lead.get(page, params={"lang": "zh"}, follow_redirects=True)).text
    assert len(await projects.said(RiskOccurred)) == 1
