"""Legal officers join after the award: they read, word and sign the agreement for theirs, and touch no money."""

import importlib
from typing import Any

from services.project_management.rights.actions import hand_on_tasks
from shared.contracts.coordination import RoleRevoked
from shared.contracts.project_delivery import RightsSigned
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.claims.test_api import item
from tests.services.project_management.rights.test_api import drawn_up
from tests.services.project_management.world import ANY, API

DUE: str = importlib.import_module(
    "services.project_management.migrations.versions.0071_consents_dues_and_searches"
).DUE


def lawyer(of: Someone, *more: Someone) -> Someone:
    """A legal officer of one organisation; of `more` what those are for theirs."""
    name = of.grants[0].organisation_name
    found = someone(Role.LEGAL_OFFICER, organisation_id=of.organisation_id, organisation_name=name)
    return type(found)(
        found.subject, (*found.grants, *(one for other in more for one in other.grants)), found.clearance
    )


async def waiting(projects: Running) -> list[tuple[str, str]]:
    """What an agreement waits for: kind of task and role, of those that are not over."""
    over = {one["subject"] for one in await projects.said(TaskDone)}
    said = [one for one in await projects.said(TaskAssigned) if one["subject"] not in over]
    kinds = ("rights.draft", "rights.sign")
    return sorted((one["data"]["kind"], one["data"]["role"]) for one in said if one["data"]["kind"] in kinds)


async def listed(projects: Running, who: Someone, **asked: str) -> list[tuple[list[str], int]]:
    """What each agreement in the list waits for from somebody, and how many parties have signed it."""
    async with projects.client(who) as http:
        found = await http.get(f"{API}/agreements", params=asked)
        assert found.status_code == 200, found.text
        return [(one["waits"], one["signed"]) for one in found.json()["items"]]


async def clock(projects: Running) -> None:
    async with projects.work(system_actor("projects")) as work:
        await hand_on_tasks(work)


async def test_what_waits_goes_to_legal_officers_who_may_read_it_and_back_when_the_last_is_gone(
    projects: Running,
) -> None:
    world, _, agreement = await drawn_up(projects)
    assert await waiting(projects) == [("rights.draft", "applicant")], "nobody minds the law there yet"
    uncleared, lead, colleague = (lawyer(world.institute) for _ in range(3))
    await projects.know(type(uncleared)(uncleared.subject, uncleared.grants, SecurityLabel.PUBLIC))
    await clock(projects)
    assert await waiting(projects) == [("rights.draft", "applicant")], "an internal agreement is not theirs to read"
    partner = lawyer(world.university)
    for person in (lead, colleague, partner):
        await projects.know(person)
    await clock(projects)
    told = len(await projects.said(TaskAssigned))
    await clock(projects)
    assert (await waiting(projects), len(await projects.said(TaskAssigned))) == (
        [("rights.draft", "legal_officer")],
        told,
    )
    assert (await listed(projects, lead), await listed(projects, partner)) == ([(["wording"], 0)], [([], 0)])
    async with projects.client(lead) as ours:
        assert (await ours.put(agreement, json=world.terms(), headers=ANY)).status_code == 200
        assert (await ours.post(f"{agreement}/proposal", headers=ANY)).status_code == 200
    assert await waiting(projects) == [("rights.sign", "legal_officer")] * 2
    assert await listed(projects, lead) == [(["signature"], 0)]
    async with projects.client(colleague) as ours:
        assert (await ours.post(f"{agreement}/signatures", json={}, headers=ANY)).status_code == 200
    assert await listed(projects, lead) == [([], 1)], "its organisation has signed"
    assert await listed(projects, partner) == [(["signature"], 1)]
    assert await listed(projects, partner, waits="wording") == await listed(projects, partner, state="agreed") == []
    assert await listed(projects, uncleared) == await listed(projects, lawyer(someone(Role.REPRESENTATIVE))) == []
    async with world.browser(partner) as theirs:
        shown = await theirs.get("/projects/agreements", params={"waits": "signature"})
        assert "Waits for your signature" in shown.text
        assert "1 of 2" in shown.text
        assert 'aria-current="page"' in shown.text.split('href="/projects/agreements"', 1)[1][:40], "it is in the menu"
        chinese = await theirs.get("/projects/agreements", params={"lang": "zh"}, follow_redirects=True)
        assert "待您签署" in chinese.text
        table = await theirs.get("/projects/agreements", params={"format": "csv"})
        assert "Waits for your signature" in table.text
    assert await waiting(projects) == [("rights.sign", "legal_officer")], "over for all once one has signed"
    held = await projects.rows(
        """SELECT g.id, g.subject, g.organisation_id, a.id AS account FROM access_grants g
           JOIN access_accounts a ON a.subject = g.subject WHERE g.role = 'legal_officer'"""
    )
    kept = await projects.rows("SELECT due FROM agreements")
    assert await projects.rows("UPDATE agreements SET due = '{}' RETURNING due") == [{"due": {}}]
    (again,) = await projects.rows(f"{DUE} RETURNING due")
    assert set(again["due"]) == set(kept[0]["due"]) == {str(world.university.organisation_id)}
    gone = [
        RoleRevoked(
            id=one["account"], version=2, title=one["subject"], subject=one["subject"], grant_id=one["id"],
            role=Role.LEGAL_OFFICER, organisation_id=one["organisation_id"], reason="Left.",
        )
        for one in held if one["organisation_id"] == world.university.organisation_id
    ]  # fmt: skip
    for _ in range(2):
        await projects.hear(*gone, times=2)
        await clock(projects)
    assert await waiting(projects) == [("rights.sign", "representative")]
    assert len(await projects.said(TaskAssigned)) == told + 3, "handed on once"
    asked = [one["data"] for one in await projects.said(TaskAssigned) if one["data"]["kind"].startswith("rights.")]
    days = {(one["kind"], one["organisation_id"], one["due_at"]) for one in asked}
    assert (len(asked), len(days)) == (5, 3), "handed on, a task is due on the day it was"


async def test_who_signed_for_one_party_is_not_asked_for_another(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    both = lawyer(world.institute, lawyer(world.university))
    await projects.know(both)
    async with projects.client(both) as http:
        assert (await http.put(agreement, json=world.terms(), headers=ANY)).status_code == 200
        assert (await http.post(f"{agreement}/proposal", headers=ANY)).status_code == 200
        assert await waiting(projects) == [("rights.sign", "legal_officer")] * 2
        assert (await http.post(f"{agreement}/signatures", json={}, headers=ANY)).status_code == 200
    assert await waiting(projects) == [("rights.sign", "representative")]
    await clock(projects)
    assert await waiting(projects) == [("rights.sign", "representative")]


async def test_legal_officers_word_and_sign_the_agreement_for_theirs_alone(projects: Running) -> None:
    world, project, agreement = await drawn_up(projects)
    lead, partner = lawyer(world.institute), lawyer(world.university)
    office, foreign = lawyer(world.officer), lawyer(someone(Role.REPRESENTATIVE))
    async with projects.client(partner) as theirs, projects.client(lead) as ours:
        assert (await theirs.put(agreement, json=world.terms(), headers=ANY)).status_code == 404, "the lead words it"
        assert (await ours.put(agreement, json=world.terms(), headers=ANY)).status_code == 200
        assert (await ours.post(f"{agreement}/proposal", headers=ANY)).status_code == 200
        for http in (ours, theirs):
            signed = await http.post(f"{agreement}/signatures", json={}, headers=ANY)
            assert signed.status_code == 200, signed.text
        assert signed.json()["in_force"] == 1
        assert (await ours.post(f"{project}/signatures", json={}, headers=ANY)).status_code == 403, "no task books"
        for path in (project, f"{project}/task-books", f"{project}/changes", f"{agreement}/versions/1/paper"):
            assert (await theirs.get(path)).status_code == 200, path
    parties = [one["data"]["party"]["name"] for one in await projects.said(RightsSigned)]
    assert parties == ["Institute", "University"]
    for person, status in ((office, 200), (foreign, 404)):
        async with projects.client(person) as http:
            assert {(await http.get(path)).status_code for path in (project, agreement)} == {status}
            assert (await http.post(f"{agreement}/reopening", json={"reason": "x"}, headers=ANY)).status_code == 404


async def test_legal_officers_see_no_claims_and_touch_no_milestone(projects: Running) -> None:
    world, project, agreement = await drawn_up(projects)
    await world.agree_rights(agreement.rsplit("/", 1)[1])
    for person in (world.officer, world.institute):
        async with projects.client(person) as http:
            assert (await http.post(f"{project}/signatures", json={}, headers=ANY)).status_code == 200
    crossed = lawyer(world.university, someone(Role.APPLICANT, organisation_name="Elsewhere"))
    claim: dict[str, Any] = {"items": [item("10.00")]}
    async with projects.client(lawyer(world.university)) as legal, projects.client(crossed) as both:
        milestone = f"{API}/milestones/{(await legal.get(project)).json()['milestones'][0]['id']}"
        assert (await legal.post(f"{project}/claims", json=claim)).status_code == 403
        for verb in ("evidence", "acceptance", "tranche"):
            assert (await legal.post(f"{milestone}/{verb}", json={}, headers=ANY)).status_code in (403, 422), verb
        for path in (f"{project}/claims", f"{project}/budget", f"{API}/money"):
            assert (await legal.get(path)).status_code == 403, path
        for path in (f"{project}/claims", f"{project}/budget"):
            assert (await both.get(path)).status_code == 404, "what one reads elsewhere opens nothing here"
        assert (await both.get(f"{API}/money")).json()["projects"] == []
        page = (await legal.get(project.replace(API, "/projects"))).text
    assert "Open the agreement" in page
    assert "Budget and claims" not in page
    async with projects.client(world.university) as partner:
        assert "Budget and claims" in (await partner.get(project.replace(API, "/projects"))).text
