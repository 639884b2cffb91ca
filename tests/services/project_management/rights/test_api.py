"""An agreement on results from its first words to all signatures, over the routes."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.project_delivery import RightsAgreed, RightsProposed, RightsRefused, RightsSigned
from shared.contracts.projects import ProjectStarted, TaskAssigned, TaskDone
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.checked import checked
from tests.services.project_management.world import ANY, API, World


async def drawn_up(projects: Running) -> tuple[World, str, str]:
    """A task book to sign: world, address of the project, address of its agreement."""
    world = await World(projects).open()
    await world.decided()
    book = {
        "application_id": str(world.applications[0]),
        "starts_on": "2027-01-01",
        "ends_on": "2028-12-31",
        "milestones": [{"title": "All", "due_on": "2027-06-30", "tranche": {"amount": "600000.00"}}],
    }
    async with projects.client(world.officer) as http:
        project = (await http.post(f"{API}/projects", json=book)).json()
    return world, f"{API}/projects/{project['id']}", f"{API}/agreements/{project['agreement']['id']}"


async def test_a_task_book_begins_an_agreement_at_the_floor(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    async with projects.client(world.university) as http:
        body = (await http.get(agreement)).json()
    assert (body["state"], body["number"], body["in_force"], body["inventor_floor"]) == ("draft", 0, None, "1/2")
    assert [one["ownership"] for one in body["terms"]["parties"]] == ["1/2", "1/2"]
    assert body["terms"]["inventor_share"] == "1/2"
    (task,) = [one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "rights.draft"]
    assert task["data"]["organisation_id"] == str(world.institute.organisation_id)


async def test_the_project_starts_only_when_all_parties_have_signed(projects: Running) -> None:
    world, project, agreement = await drawn_up(projects)
    async with projects.client(world.officer) as office, projects.client(world.institute) as lead:
        assert (await office.post(f"{project}/signatures", json={}, headers=ANY)).status_code == 200
        early = await lead.post(f"{project}/signatures", json={}, headers=ANY)
        assert (early.status_code, early.json()["title"]) == (409, "The agreement on the results is not signed by all")
        await lead.put(agreement, json=world.terms(), headers=ANY)
        assert (await lead.post(f"{agreement}/proposal", headers=ANY)).status_code == 200
        half = await lead.post(f"{agreement}/signatures", json={}, headers=ANY)
        assert (half.json()["state"], half.json()["in_force"]) == ("proposed", None)
        assert (await lead.post(f"{project}/signatures", json={}, headers=ANY)).status_code == 409
        async with projects.client(world.university) as partner:
            whole = await partner.post(f"{agreement}/signatures", json={}, headers=ANY)
        assert (whole.json()["state"], whole.json()["in_force"]) == ("agreed", 1)
        assert (await lead.post(f"{project}/signatures", json={}, headers=ANY)).json()["state"] == "running"
        kept = (await lead.get(f"{agreement}/versions/1")).json()
    assert len(await projects.said(ProjectStarted)) == 1
    (proposed,), (agreed,) = await projects.said(RightsProposed), await projects.said(RightsAgreed)
    signed = await projects.said(RightsSigned)
    assert {one["data"]["sha256"] for one in (proposed, agreed, *signed)} == {kept["sha256"]}
    assert [one["data"]["party"]["name"] for one in signed] == ["Institute", "University"]
    assert agreed["data"]["inventor_share"] == "1/2"
    assert [(one["ownership"], one["income"]) for one in agreed["data"]["parties"]] == [("3/5", "1/2"), ("2/5", "1/2")]
    (row,) = await projects.rows("SELECT content, sha256, trace FROM agreement_versions")
    assert sha256(row["content"].encode()).hexdigest() == row["sha256"]
    assert row["trace"]["result"] == "yes"
    open_tasks = await still_open(projects)
    assert "rights.sign" not in open_tasks
    assert "rights.draft" not in open_tasks


async def still_open(projects: Running) -> list[str]:
    done = {one["subject"] for one in await projects.said(TaskDone)}
    return [one["data"]["kind"] for one in await projects.said(TaskAssigned) if one["subject"] not in done]


async def test_terms_below_the_floor_are_refused_with_the_gap(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    async with projects.client(world.institute) as lead:
        written = await lead.put(agreement, json=world.terms(inventor_share="2/5"), headers=ANY)
        assert written.json()["trace"]["result"] == "no"
        refused = await lead.post(f"{agreement}/proposal", headers=ANY)
    body = refused.json()
    assert (refused.status_code, body["title"]) == (409, "The agreement cannot be signed as it stands")
    assert body["detail"] == "The inventors get 2/5 of the income; “Light alloys” asks for at least 1/2."
    assert body["errors"] == [{"pointer": "/inventors.floor", "detail": "Raise the inventors' share by 1/10 or more."}]
    assert await projects.said(RightsProposed) == []


async def test_a_refusal_voids_the_signatures_and_the_next_version_says_what_changed(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    async with projects.client(world.institute) as lead, projects.client(world.university) as partner:
        await lead.put(agreement, json=world.terms(), headers=ANY)
        await lead.post(f"{agreement}/proposal", headers=ANY)
        await lead.post(f"{agreement}/signatures", json={}, headers=ANY)
        again = await lead.put(agreement, json=world.terms(), headers=ANY)
        assert again.status_code == 409, "what lies before the parties is not rewritten"
        refused = await partner.post(f"{agreement}/refusal", json={"reason": "Too little for us."}, headers=ANY)
        assert (refused.json()["state"], refused.json()["state_reason"]) == ("draft", "Too little for us.")
        changed = world.terms(inventor_share="3/5")
        await lead.put(agreement, json=changed, headers=ANY)
        second = (await lead.post(f"{agreement}/proposal", headers=ANY)).json()
        assert [one["subject"] for one in second["signatures"]] == [None, None]
        kept = (await partner.get(f"{agreement}/versions/2")).json()
        assert (await partner.get(f"{agreement}/versions/3")).status_code == 404
        early = await partner.get(f"{agreement}/versions/2/paper")
        assert (early.status_code, kept["paper"]) == (404, None), "only what all have signed has a paper"
        page = (await partner.get(f"{agreement}/versions/1".replace(API, "/projects"))).text
        assert "What the next version changed" in page
        assert "Not signed by all" in page
    assert kept["differences"] == [{"what": "terms.inventor_share", "before": "1/2", "after": "3/5"}]
    assert len(await projects.said(RightsRefused)) == 1
    assert sorted(await still_open(projects))[-2:] == ["rights.sign", "rights.sign"]


async def test_what_was_agreed_stays_in_force_while_it_is_written_again(projects: Running) -> None:
    world, project, agreement = await drawn_up(projects)
    await world.agree_rights(agreement.rsplit("/", 1)[1])
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        opened = await lead.post(f"{agreement}/reopening", json={"reason": "A new inventor."}, headers=ANY)
        assert (opened.json()["state"], opened.json()["in_force"]) == ("draft", 1)
        assert (await office.post(f"{project}/signatures", json={}, headers=ANY)).status_code == 200
        assert (await lead.post(f"{project}/signatures", json={}, headers=ANY)).json()["state"] == "running"
        first = await office.get(f"{agreement}/versions/1/paper")
        assert (await checked(projects, first.content, "agreement", ("First", "Institute")))["newest"]
        await lead.put(agreement, json=world.terms(inventor_share="3/5"), headers=ANY)
        await lead.post(f"{agreement}/proposal", headers=ANY)
        for person in (world.institute, world.university):
            async with projects.client(person) as http:
                await http.post(f"{agreement}/signatures", json={}, headers=ANY)
        (second, old) = (await lead.get(f"{agreement}/versions")).json()["items"]
        told = await checked(projects, (await lead.get(f"{agreement}/versions/1/paper")).content, "agreement")
        assert (told["newest"], told["number"], told["sha256"]) == (False, old["paper"], old["sha256"])
        assert second["paper"] not in (None, old["paper"])
        differing = (await lead.get(f"{agreement}/versions/2/differences")).json()["changes"]
        assert [(one["what"], one["after"]) for one in differing] == [("terms.inventor_share", "3/5")]
        shown = (await lead.get(f"{agreement}/versions/2".replace(API, "/projects"))).text
        assert second["paper"] in shown
        assert "<ins>60</ins>" in shown, "word by word"
    async with projects.client(someone(Role.APPLICANT, Role.REPRESENTATIVE)) as stranger:
        for path in ("versions", "versions/2/paper", "versions/2/differences"):
            assert (await stranger.get(f"{agreement}/{path}")).status_code == 404


async def test_one_person_signs_for_one_party(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    ours, theirs = world.institute.organisation_id, world.university.organisation_id
    both = someone(Role.REPRESENTATIVE, organisation_id=ours)
    both = type(both)(
        both.subject, (*both.grants, *someone(Role.REPRESENTATIVE, organisation_id=theirs).grants), both.clearance
    )
    async with projects.client(world.institute) as lead:
        await lead.put(agreement, json=world.terms(), headers=ANY)
        await lead.post(f"{agreement}/proposal", headers=ANY)
    async with projects.client(both) as http:
        assert (await sign(http, agreement, theirs)).status_code == 200
        second = await sign(http, agreement, ours)
        assert (second.status_code, second.json()["title"]) == (409, "This party has signed already")
    async with projects.client(world.university) as partner:
        assert (await sign(partner, agreement, theirs)).status_code == 409
        assert (await sign(partner, agreement, ours)).status_code == 422
    async with projects.client(world.officer) as office:
        stranger = await office.post(f"{agreement}/signatures", json={}, headers=ANY)
        assert (stranger.status_code, stranger.json()["title"]) == (409, "You sign for none of the parties")


async def sign(http: httpx.AsyncClient, agreement: str, organisation_id: UUID) -> httpx.Response:
    body: dict[str, Any] = {"organisation_id": str(organisation_id)}
    return await http.post(f"{agreement}/signatures", json=body, headers=ANY)


async def test_the_office_signs_where_it_is_made_a_party(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    terms = world.terms(disposal="office")
    office_id = str(world.officer.organisation_id)
    terms["parties"] = [
        {**terms["parties"][0], "ownership": "0/1"},
        {**terms["parties"][1], "ownership": "0/1"},
        {"organisation_id": office_id, "ownership": "1/1", "income": "0/1"},
    ]
    async with projects.client(world.institute) as lead:
        await lead.put(agreement, json=terms, headers=ANY)
        assert (await lead.post(f"{agreement}/proposal", headers=ANY)).status_code == 200
    for person in (world.officer, world.institute, world.university):
        async with projects.client(person) as http:
            answer = await http.post(f"{agreement}/signatures", json={}, headers=ANY)
            assert answer.status_code == 200, answer.text
    assert answer.json()["in_force"] == 1


async def test_others_see_nothing_of_it(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    async with projects.client(someone(Role.APPLICANT, Role.REPRESENTATIVE)) as stranger:
        assert (await stranger.get(agreement)).status_code == 404
        assert (await stranger.get(f"{agreement}/versions/1")).status_code == 404
        assert (await stranger.post(f"{agreement}/proposal", headers=ANY)).status_code == 404
    async with projects.client(world.university) as partner:
        assert (await partner.put(agreement, json=world.terms(), headers=ANY)).status_code == 404, "the lead words it"
