"""Finance officers join after the award: a partner's claims for it, the office's judges claims and pays."""

from typing import Any

from shared.contracts.projects import TaskAssigned
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.claims.test_api import item, spending
from tests.services.project_management.delivery.test_api import document
from tests.services.project_management.world import ANY, API, World


def money_person(of: Someone) -> Someone:
    name = of.grants[0].organisation_name
    return someone(Role.FINANCE_OFFICER, organisation_id=of.organisation_id, organisation_name=name)


async def tasks(projects: Running, kind: str) -> list[tuple[str, str]]:
    """Role and organisation that tasks of this kind were given to."""
    said = [one["data"] for one in await projects.said(TaskAssigned)]
    return [(one["role"], one["organisation_id"]) for one in said if one["kind"] == kind]


async def test_a_partner_s_finance_officer_claims_and_the_office_s_approves(projects: Running) -> None:
    world, project = await spending(projects)
    theirs, ours = money_person(world.university), money_person(world.officer)
    foreign = someone(Role.FINANCE_OFFICER, organisation_name="Elsewhere")
    await projects.know(ours)
    body: dict[str, Any] = {"items": [item("60000.00")]}
    async with projects.client(theirs) as partner, projects.client(ours) as office, projects.client(foreign) as other:
        made = await partner.post(f"{project}/claims", json=body)
        assert made.status_code == 201, made.text
        claim = f"{API}/claims/{made.json()['id']}"
        assert made.json()["organisation_name"] == "University"
        assert (await partner.post(f"{claim}/approval", json={}, headers=ANY)).status_code in (403, 404)
        seen = await office.get(f"{API}/projects", params={"limit": 10})
        assert [one["id"] for one in seen.json()["items"]] == [project.rpartition("/")[2]]
        assert (await other.get(f"{API}/projects")).json()["items"] == []
        assert {(await other.get(path)).status_code for path in (claim, project)} == {404}
        approved = await office.post(f"{claim}/approval", json={"note": "As budgeted."}, headers=ANY)
    assert approved.json()["state"] == "approved"
    assert await tasks(projects, "claim.judge") == [("finance_officer", str(world.officer.organisation_id))]


async def test_without_a_finance_officer_the_programme_officer_has_the_task(projects: Running) -> None:
    world, project = await spending(projects)
    async with projects.client(world.institute) as lead:
        assert (await lead.post(f"{project}/claims", json={"items": [item("10.00")]})).status_code == 201
    assert await tasks(projects, "claim.judge") == [("programme_officer", str(world.officer.organisation_id))]


async def test_who_pays_does_not_accept_the_milestone(projects: Running) -> None:
    world = await World(projects).open()
    first = (await world.project())["milestones"][0]
    ours = money_person(world.officer)
    await projects.know(ours)
    here = f"{API}/milestones/{first['id']}"
    async with projects.client(world.institute) as lead:
        shown = {"document_id": await document(projects, world.institute)}
        assert (await lead.post(f"{here}/evidence", json=shown, headers=ANY)).status_code == 200
    async with projects.client(ours) as money, projects.client(world.officer) as office:
        assert (await money.post(f"{here}/acceptance", json={}, headers=ANY)).status_code == 403
        assert (await office.post(f"{here}/acceptance", json={}, headers=ANY)).status_code == 200
        assert await tasks(projects, "milestone.release") == [("finance_officer", str(world.officer.organisation_id))]
        paid = await money.post(f"{here}/tranche", headers=ANY)
    assert (paid.status_code, paid.json()["released_at"] is not None) == (200, True)
    async with world.browser(ours) as browser:
        page = await browser.get(f"/projects/milestones/{first['id']}")
    assert page.status_code == 200
