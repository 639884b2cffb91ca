"""From the task book to the completed project, over the routes."""

from typing import Any
from uuid import UUID

from services.project_management.delivery.actions import complete_project
from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import Grade, gate
from shared.contracts.project_delivery import TrancheApproved
from shared.contracts.projects import (
    MilestoneAccepted,
    ProjectCompleted,
    ProjectStarted,
    TaskAssigned,
    TaskBookDrafted,
    TaskBookSigned,
    TaskDone,
)
from shared.kernel.actor import Grant
from shared.kernel.ids import new_id
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.ready import pdf
from tests.services.project_management.world import ANY, API, World


async def document(projects: Running, person: Someone, state: str = "clean") -> str:
    """A document of the person's organisation; a refused one is known but has no content."""
    document_id = await pdf(projects, person)
    async with projects.work(person) as work:
        await work.execute(
            "UPDATE documents SET state = %(state)s WHERE id = %(id)s", {"id": document_id, "state": state}
        )
    return str(document_id)


def book(world: World, **changed: Any) -> dict[str, Any]:
    milestone = {"title": "All", "due_on": "2027-06-30", "tranche": {"amount": "600000.00"}}
    return {
        "application_id": str(world.applications[0]),
        "starts_on": "2027-01-01",
        "ends_on": "2028-12-31",
        "milestones": [milestone],
    } | changed


async def test_two_signatures_start_the_project(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    assert project["state"] == "running"
    assert [one["side"] for one in project["signatures"]] == ["office", "lead"]
    (drafted,) = await projects.said(TaskBookDrafted)
    signed = await projects.said(TaskBookSigned)
    assert {one["data"]["sha256"] for one in [drafted, *signed]} == {project["sha256"]}
    (started,) = await projects.said(ProjectStarted)
    data = started["data"]
    assert (data["region"], data["sector"], data["field"], data["stage"]) == (
        "Chengdu",
        "defence",
        "Materials",
        "research",
    )
    assert [one["name"] for one in data["partners"]] == ["University"]
    assert data["arises_from"] == [{"kind": "application", "id": str(world.applications[0])}]
    assert set(data["owners"]) == {str(world.institute.organisation_id), str(world.university.organisation_id)}
    assert [started["version"], *(one["version"] for one in [drafted, *signed])] == [4, 1, 2, 3]


async def test_only_a_funded_application_becomes_a_project_and_only_once(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with projects.client(world.officer) as http:
        declined = await http.post(f"{API}/projects", json=book(world, application_id=str(world.applications[1])))
        assert declined.json()["code"] == "not-funded"
        assert (await http.post(f"{API}/projects", json=book(world))).status_code == 201
        assert (await http.post(f"{API}/projects", json=book(world))).json()["code"] == "project-exists"
        wrong = await http.post(f"{API}/projects", json=book(world, application_id=str(world.call_id)))
        assert wrong.status_code == 404


async def test_tranches_that_do_not_add_up_are_refused_at_their_place(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    short = [{"title": "All", "due_on": "2030-01-01", "tranche": {"amount": "1.00"}}]
    async with projects.client(world.officer) as http:
        answer = await http.post(f"{API}/projects", json=book(world, milestones=short))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/milestones/0/due_on", "/milestones"]


async def test_nobody_signs_twice_or_for_both_sides(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with projects.client(world.officer) as http:
        project = (await http.post(f"{API}/projects", json=book(world))).json()
        here = f"{API}/projects/{project['id']}/signatures"
        await world.agree_rights(project["agreement"]["id"])
        assert (await http.post(here, json={"side": "office"}, headers=ANY)).status_code == 200
        assert (await http.post(here, json={"side": "office"}, headers=ANY)).json()["code"] == "signed-already"
        changed = Grant(Role.REPRESENTATIVE, world.institute.organisation_id, "Institute")
        await projects.know(Someone(world.officer.subject, (changed,)))  # now acts for the lead as well
        assert (await http.post(here, json={"side": "lead"}, headers=ANY)).json()["code"] == "signed-already"
    async with projects.client(world.university) as http:
        assert (await http.post(here, json={}, headers=ANY)).status_code == 404


async def test_another_office_and_whoever_acts_for_a_side_neither_drafts_nor_signs_nor_judges_nor_grades(
    projects: Running,
) -> None:
    world = await World(projects).open()
    await world.decided()
    here_lead, office = world.institute.organisation_id, world.officer.organisation_id
    held = Grant(Role.PROGRAMME_OFFICER, office, "Office")
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    of_the_lead = someone(Role.PROGRAMME_OFFICER, organisation_id=here_lead)
    both = [
        Someone(f"both-{n}", (held, Grant(Role.REVIEWER, organisation_id, "Side")))
        for n, organisation_id in enumerate((here_lead, world.university.organisation_id))
    ]
    refused = (elsewhere, of_the_lead, *both)
    for person in refused:
        async with projects.client(person) as http:
            assert (await http.post(f"{API}/projects", json=book(world))).status_code == 404
            page = f"/projects/projects/new?application_id={world.applications[0]}"
            assert (await http.get(page)).status_code == 404
    async with projects.client(world.officer) as http:
        project = (await http.post(f"{API}/projects", json=book(world))).json()
    await world.agree_rights(project["agreement"]["id"])
    here, milestone = f"{API}/projects/{project['id']}", f"{API}/milestones/{project['milestones'][0]['id']}"
    for person in refused:
        async with projects.client(person) as http:
            assert (await http.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 404
    for person in (world.officer, world.institute):
        async with projects.client(person) as http:
            assert (await http.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 200
    async with projects.client(world.institute) as lead:
        shown = {"document_id": await document(projects, world.institute)}
        assert (await lead.post(f"{milestone}/evidence", json=shown, headers=ANY)).status_code == 200
    for person in refused:
        async with projects.client(person) as http:
            assert (await http.post(f"{milestone}/acceptance", json={}, headers=ANY)).status_code == 404
            assert (await http.post(f"{milestone}/return", json={"reason": "x"}, headers=ANY)).status_code == 404
            page = (await http.get(milestone.replace("/api/v1", ""))).text
            assert "Accept the milestone" not in page
    grade = {"grade": "good", "reason": "All indicators reached."}
    async with projects.client(world.officer) as http:
        assert (await http.post(f"{milestone}/acceptance", json={}, headers=ANY)).status_code == 200
        for person in refused:
            async with projects.client(person) as other:
                assert (await other.post(f"{here}/completion", json=grade, headers=ANY)).status_code == 404
        waits = await http.post(f"{here}/completion", json=grade, headers=ANY)
        assert (waits.status_code, waits.json()["code"]) == (409, "evaluation-outstanding")


async def test_a_milestone_is_shown_returned_shown_again_and_accepted(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    here = f"{API}/milestones/{project['milestones'][0]['id']}"
    evidence = {"document_id": await document(projects, world.institute), "note": "Report."}
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        assert (await office.post(f"{here}/acceptance", json={}, headers=ANY)).status_code == 409
        assert (await lead.post(f"{here}/evidence", json=evidence, headers=ANY)).status_code == 200
        returned = await office.post(f"{here}/return", json={"reason": "Raw data missing."}, headers=ANY)
        assert returned.json()["answer"] == "Raw data missing."
        again = {"document_id": await document(projects, world.institute)}
        assert (await lead.post(f"{here}/evidence", json=again, headers=ANY)).status_code == 200
        assert (await lead.post(f"{here}/acceptance", json={}, headers=ANY)).status_code == 403
        accepted = await office.post(f"{here}/acceptance", json={"note": "Shown."}, headers=ANY)
        assert accepted.json()["state"] == "accepted"
        before = (await lead.get(f"{API}/projects/{project['id']}")).json()
        assert before["paid"]["amount"] == "0"
        assert (await lead.post(f"{here}/tranche", headers=ANY)).status_code == 403
        assert (await office.post(f"{here}/tranche", headers=ANY)).status_code == 200
        twice = await office.post(f"{here}/tranche", headers=ANY)
        assert (twice.status_code, twice.json()["code"]) == (409, "milestone-not-ready")
        body = (await lead.get(f"{API}/projects/{project['id']}")).json()
    assert len(await projects.said(TrancheApproved)) == 1
    assert (body["paid"]["amount"], body["remaining"]["amount"]) == ("200000.00", "400000.00")
    (fact,) = await projects.said(MilestoneAccepted)
    assert fact["data"]["tranche"] == "200000.00"
    assert fact["data"]["evidence_sha256"] == accepted.json()["evidence"][-1]["sha256"]
    assert fact["data"]["arises_from"] == [{"kind": "project", "id": project["id"]}]
    kinds = [one["data"]["kind"] for one in await projects.said(TaskAssigned)]
    assert (kinds.count("milestone.evidence"), kinds.count("milestone.judge")) == (3, 2)


async def test_only_an_own_clean_document_is_evidence(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    here = f"{API}/milestones/{project['milestones'][0]['id']}/evidence"
    async with projects.client(world.institute) as http:
        for refused, status in (
            (await document(projects, world.university), 404),
            (await document(projects, world.institute, "refused"), 409),
            (str(new_id()), 404),
        ):
            assert (await http.post(here, json={"document_id": refused}, headers=ANY)).status_code == status
    assert (await projects.rows("SELECT DISTINCT state FROM milestones"))[0]["state"] == "pending"


async def test_after_the_last_milestone_the_office_has_to_complete_the_project(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    here = f"{API}/projects/{project['id']}/completion"
    grade = {"grade": "good", "reason": "All indicators reached."}
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        assert "project.complete" not in [one["data"]["kind"] for one in await projects.said(TaskAssigned)]
        for one in project["milestones"]:
            path = f"{API}/milestones/{one['id']}"
            shown = {"document_id": await document(projects, world.institute)}
            await lead.post(f"{path}/evidence", json=shown, headers=ANY)
            assert (await office.post(f"{path}/acceptance", json={}, headers=ANY)).status_code == 200
            assert (await office.post(f"{path}/tranche", headers=ANY)).status_code == 200
        assert (await lead.post(here, json=grade, headers=ANY)).status_code == 403
        unjudged = await office.post(here, json=grade, headers=ANY)
    assert (unjudged.status_code, unjudged.json()["code"]) == (409, "evaluation-outstanding")
    assert await projects.said(ProjectCompleted) == []
    done = {one["subject"] for one in await projects.said(TaskDone)}
    (waiting,) = [one for one in await projects.said(TaskAssigned) if one["subject"] not in done]
    assert waiting["data"]["kind"] == "project.complete"


async def test_what_was_accepted_is_paid_after_the_project_is_completed_as_well(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        paths = [f"{API}/milestones/{one['id']}" for one in project["milestones"]]
        for path in paths:
            shown = {"document_id": await document(projects, world.institute)}
            assert (await lead.post(f"{path}/evidence", json=shown, headers=ANY)).status_code == 200
            assert (await office.post(f"{path}/acceptance", json={}, headers=ANY)).status_code == 200
        async with projects.work(world.officer) as work:
            done = await work.get(Project, UUID(project["id"]))
            await complete_project(work, done, Grade.GOOD, "All reached.")
        page = await office.get(paths[0].replace("/api/v1", ""))
        assert "Release the tranche" in page.text
        for path in paths:
            assert (await office.post(f"{path}/tranche", headers=ANY)).status_code == 200
        again = await lead.post(f"{paths[0]}/evidence", json=shown, headers=ANY)
        assert (again.status_code, again.json()["code"]) == (409, "project-not-ready")
        assert (await lead.get(f"{API}/projects/{project['id']}")).json()["remaining"]["amount"] == "0.00"
    done_ids = {one["subject"] for one in await projects.said(TaskDone)}
    waiting = [one["data"]["kind"] for one in await projects.said(TaskAssigned) if one["subject"] not in done_ids]
    assert "milestone.release" not in waiting


async def test_a_foreign_organisation_sees_no_project(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    stranger = someone(Role.APPLICANT, Role.REPRESENTATIVE)
    async with projects.client(stranger) as http:
        assert (await http.get(f"{API}/projects")).json()["items"] == []
        assert (await http.get(f"{API}/projects/{project['id']}")).status_code == 404
        assert (await http.get(f"{API}/milestones/{project['milestones'][0]['id']}")).status_code == 404
        assert (await http.post(f"{API}/projects", json=book(world))).status_code == 404
    async with projects.client(world.university) as http:
        assert (await http.get(f"{API}/projects/{project['id']}")).status_code == 200
    assert UUID(project["id"])


async def test_milestones_are_accepted_in_order_and_an_agreed_test_needs_its_findings(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    first, second = (f"{API}/milestones/{one['id']}" for one in project["milestones"])
    async with projects.work(world.officer) as work:
        await work.execute("UPDATE milestones SET test = 'Ten ingots without a crack.' WHERE number = 1")
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        for path in (first, second):
            shown = {"document_id": await document(projects, world.institute)}
            assert (await lead.post(f"{path}/evidence", json=shown, headers=ANY)).status_code == 200
        early = await office.post(f"{second}/acceptance", json={}, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "out-of-order")
        silent = await office.post(f"{first}/acceptance", json={"note": "Fine."}, headers=ANY)
        assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (422, "/findings")
        found = {"findings": "Ten of ten."}
        assert (await office.post(f"{first}/acceptance", json=found, headers=ANY)).status_code == 200
        assert (await office.post(f"{second}/acceptance", json={}, headers=ANY)).status_code == 200
        shut = await office.post(f"{second}/tranche", headers=ANY)
        assert (shut.status_code, shut.json()["detail"]) == (409, "An earlier tranche is not released yet.")
        assert (await office.post(f"{first}/tranche", headers=ANY)).status_code == 200
        opened = await office.post(f"{second}/tranche", headers=ANY)
    assert opened.json()["gate"]["result"] == "yes"
    (row,) = await projects.rows("SELECT gate FROM milestones WHERE number = 1")
    assert DecisionTrace.model_validate(row["gate"]).repeats(gate)
