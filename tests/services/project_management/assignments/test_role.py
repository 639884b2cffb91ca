"""Who may not review is not asked, and who may not any more is not waited for."""

from services.project_management.assignments.schemas import AssignmentCreate
from shared.contracts.catalog import PersonRegistered
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.world import World


def test_a_selection_may_name_more_experts_than_a_list_shows() -> None:
    assert len(AssignmentCreate(expert_ids=[new_id() for _ in range(600)]).expert_ids) == 600


async def test_only_reviewers_are_asked_and_a_revoked_role_is_a_gap_for_the_office(projects: Running) -> None:
    world = await World(projects).open(demand=2)
    await world.apply(world.institute)
    for name in ("Ma", "Guo"):
        await world.expert(name)
    plain, person_id = someone(Role.APPLICANT, organisation_name="Workshop"), new_id()
    await projects.know(plain)
    told = {"id": person_id, "version": 1, "title": "Lu", "name": "Lu", "subject": plain.subject, "expert": True}
    await projects.hear(PersonRegistered.model_validate(told | {"fields": ("Materials",), "review_cap": 5}))
    async with world.browser(world.officer) as http:
        board = (await http.get(f"/projects/calls/{world.call_id}/assignment")).text
    assert "They have no reviewer role and are not asked: Lu." in board
    assert 'name="expert_ids" checked' not in board
    assert "checked" not in board.split("Whom to choose from")[1].split("</fieldset>")[0], "nobody is ticked"
    named = await world.assign(expert_ids=[str(person_id), str(world.people[0])])
    assert (named.status_code, named.json()["code"]) == (409, "no-assignment"), (
        "who is named and may not carries nothing"
    )
    assert (await world.assign()).status_code == 201
    reviews = await projects.rows("SELECT expert_name, state FROM reviews ORDER BY expert_name")
    assert [row["expert_name"] for row in reviews] == ["Guo", "Ma"]
    async with projects.work(system_actor("projects")) as work:
        await work.execute(
            "UPDATE access_grants SET revoked_at = now() WHERE subject = %(who)s AND role = 'reviewer'",
            {"who": world.experts[0].subject},
        )
    await world.tick()
    left = await projects.rows("SELECT expert_name, state, reason FROM reviews ORDER BY expert_name")
    assert [(row["expert_name"], row["state"]) for row in left] == [("Guo", "invited"), ("Ma", "withdrawn")]
    assert left[1]["reason"] == "The expert has no reviewer role any more."
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    tasks = [one["data"] for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    assert [one["kind"] for one in tasks if one["organisation_id"] == str(world.officer.organisation_id)] == [
        "call.assign"
    ]
