"""What is learnt of people after the assignment: inventions, ORCIDs, addresses. It waits for a named officer, or
counts at once where it leaves no doubt."""

from typing import Any

from services.project_management.late_conflicts import actions
from services.project_management.teams.model import Member
from services.project_management.teams.rules import mark_of
from shared.contracts.catalog import PersonRegistered
from shared.contracts.coordination import AddressMark, PersonAddressesChanged
from shared.contracts.ip import InventionDisclosed
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef
from tests.kit.platform import Running
from tests.services.project_management.world import API, World

ORCID, KEY, ADDRESS = "0000-0002-1825-0097", "cd" * 32, "Lin.Xia@example.org"
SYSTEM = system_actor("projects")


async def tick(projects: Running) -> None:
    async with projects.work(SYSTEM) as work:
        await actions.look_at_touched(work)
    async with projects.work(SYSTEM) as work:
        await actions.set_aside_conflicted(work)


async def open_tasks(projects: Running) -> list[str]:
    over = {one["subject"] for one in await projects.said(TaskDone)}
    told = [one["data"]["title"] for one in await projects.said(TaskAssigned) if one["subject"] not in over]
    return [title for title in told if "possible conflicts" in title]


async def reviewed(projects: Running) -> tuple[World, OrgRef, Any]:
    """Zhao applies with two whom only the lead has described; three experts review, all of them free by then."""
    world, lead = await World(projects).open(demand=3), new_id()
    institute = OrgRef(id=str(world.institute.organisation_id), name="Institute")
    await projects.know(world.institute)
    await projects.hear(
        PersonRegistered(
            id=lead, version=1, title="Zhao Min", name="Zhao Min", subject=world.institute.subject,
            organisation=institute, fields=(), expert=False, review_cap=0,
        )
    )  # fmt: skip
    application = await world.apply(world.institute)
    async with projects.work(SYSTEM) as work:
        for n, (orcid, email) in enumerate(((ORCID, ""), ("", ADDRESS)), 1):
            work.add(
                Member(
                    application_id=application, position=n, role="member", name=f"Member {n}", state="named",
                    organisation_id=world.institute.organisation_id, organisation_name="Institute", orcid=orcid,
                    email=email, address_mark=mark_of(email, KEY),
                )
            )  # fmt: skip
    for name in ("Ma", "Guo", "Lin"):
        await world.expert(name)
    assert (await world.assign()).status_code == 201
    return world, institute, lead


async def states(world: World) -> list[str]:
    rows = await world.projects.rows("SELECT expert_id, state FROM reviews")
    return [next(one["state"] for one in rows if one["expert_id"] == id) for id in world.people]


async def test_ties_that_are_learnt_later_wait_for_an_officer_and_what_is_certain_counts(projects: Running) -> None:
    world, institute, lead = await reviewed(projects)
    ma, guo, lin = world.people
    await tick(projects)
    assert await projects.rows("SELECT 1 FROM touched_people") == []
    disclosed = InventionDisclosed(
        id=new_id(),
        version=1,
        title="Alloy",
        organisation=institute,
        inventors=("Zhao", "M. A."),
        inventor_ids=(lead, ma),
    )
    for _time in range(2):  # delivered twice, and looked at twice
        await projects.hear(disclosed)
        await tick(projects)
        waiting = await projects.rows("SELECT expert_id, kind, reason FROM potential_conflicts")
        assert [(one["expert_id"], one["kind"]) for one in waiting] == [(ma, "co_inventor")]
        assert len(await open_tasks(projects)) == 1
    assert await states(world) == ["invited"] * 3, "a register alone sets nothing aside"
    here = f"{API}/calls/{world.call_id}"
    decision = {"application_id": str(world.applications[0]), "expert_id": str(ma), "reason": "One of forty inventors."}
    async with world.browser(world.officer) as http:
        assert [one["kind"] for one in (await http.get(f"{here}/assignment")).json()["potential"]] == ["co_inventor"]
        assert "learnt from registers" in (await http.get(f"/projects/calls/{world.call_id}/assignment")).text
        waived = await http.post(f"{here}/conflicts", json=decision | {"decision": "waive", "kind": "co_inventor"})
        assert waived.status_code == 201, waived.text
        await tick(projects)
        assert await open_tasks(projects) == []

        marks = (AddressMark(mark=mark_of(ADDRESS, KEY), verified=True),)
        known_as = world.experts[2].subject
        await projects.hear(
            PersonAddressesChanged(id=new_id(), version=1, title="Lin", subject=known_as, addresses=marks)
        )
        await tick(projects)
        (found,) = (await http.get(f"{here}/assignment")).json()["potential"]
        assert (found["expert"], found["kind"]) == ("Lin", "maybe_author")
        assert "The same e-mail address, which is not verified for both." in found["reason"]
        confirmed = decision | {"expert_id": str(lin), "decision": "confirm", "kind": "maybe_author"}
        assert (await http.post(f"{here}/conflicts", json=confirmed)).status_code == 201
        await tick(projects)
    assert await states(world) == ["invited", "invited", "set_aside"]

    await projects.hear(
        PersonRegistered(
            id=guo, version=2, title="Guo", name="Guo", subject=world.experts[1].subject, orcid=ORCID,
            fields=("Materials",), expert=True, review_cap=5,
        )
    )  # fmt: skip
    await tick(projects)
    assert await states(world) == ["invited", "set_aside", "set_aside"], "the same ORCID leaves no doubt"


async def test_a_search_that_fails_is_made_again(projects: Running, monkeypatch: Any) -> None:
    world, _institute, lead = await reviewed(projects)
    with monkeypatch.context() as broken:
        broken.setattr(actions, "conflict_inputs", None)
        async with projects.work(SYSTEM) as work:
            await actions.look_at_touched(work)
    kept = await projects.rows("SELECT key FROM touched_people")
    assert {str(lead), *map(str, world.people)} <= {one["key"] for one in kept}
    await tick(projects)
    assert await projects.rows("SELECT key FROM touched_people") == []
