"""What is learnt of people after the assignment: inventions, ORCIDs, addresses. It waits for a named officer, or
counts at once where it leaves no doubt."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.project_management.assignments.queries import conflict_inputs
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
from tests.services.project_management.ready import at
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


async def test_a_search_that_fails_is_made_again_ever_later_and_holds_nobody_else_up(
    projects: Running, monkeypatch: Any
) -> None:
    (whole, _, _), (broken, _, lead) = [await reviewed(projects) for _ in range(2)]
    free: list[Any] = []
    reviews = await projects.rows("SELECT expert_id FROM reviews WHERE call_id = %(id)s", id=broken.call_id)
    asked = {*(str(one["expert_id"]) for one in reviews), str(broken.applications[0])}

    async def fails(work: Any, call_id: Any, *more: Any) -> Any:
        if call_id != broken.call_id:
            return await conflict_inputs(work, call_id, *more)
        query = "SELECT id FROM calls WHERE id = %(id)s FOR UPDATE NOWAIT"
        free.extend(await projects.rows(query, id=whole.call_id))
        raise ValueError("broken")

    async def looked(seconds: int) -> tuple[set[str], set[float]]:
        moment = start + timedelta(seconds=seconds)
        reset = at(projects, moment)
        async with projects.work(SYSTEM) as work:
            await actions.look_at_touched(work)
        reset()
        kept = await projects.rows("SELECT key, touched_at FROM touched_people")
        return {one["key"] for one in kept}, {(one["touched_at"] - moment).total_seconds() for one in kept}

    await projects.rows("DELETE FROM touched_people WHERE key LIKE 'person-%%' RETURNING key")  # by their grants
    start = datetime.now(UTC) - timedelta(minutes=10)  # the time of the database is ahead
    with monkeypatch.context() as patched:
        patched.setattr(actions, "conflict_inputs", fails)
        kept, waits = await looked(0)
        assert kept == {str(lead), *asked}, "of whom all was searched is not searched for again"
        assert (len(free), waits) == (1, {60.0}), "nothing of one call is locked while another is searched"
        assert await looked(5) == (kept, {55.0})
        assert await looked(60) == (kept, {120.0})
        assert len(free) == 2
    assert await looked(180) == (set(), set())
