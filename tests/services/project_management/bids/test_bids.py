"""Experts' bids before an assignment: who is asked, what they see, what it does."""

from datetime import timedelta
from typing import Any

import httpx

from services.project_management.applications.model import Partner
from services.project_management.assignments.rules import assign
from services.project_management.bids.actions import end_biddings, remind_bidders
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.clock import system_clock as utc_now
from shared.kernel.ids import new_id
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import SecurityLabel
from tests.kit.platform import Running, Someone
from tests.services.project_management.ready import at
from tests.services.project_management.world import ANY, API, World


async def asked(projects: Running, **changed: Any) -> World:
    """Two applications, three experts of whom Tan works for an applicant."""
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.apply(world.university, title="Other alloys")
    await world.expert("Ma")
    await world.expert("Guo")
    await world.expert("Tan", employer=world.institute)
    if changed:
        async with projects.work(system_actor("projects")) as work:
            for name, value in changed.items():
                await work.execute(f"UPDATE calls SET {name} = %(value)s", {"value": value})
    return world


def due(days: float = 3) -> str:
    return (utc_now() + timedelta(days=days)).isoformat()


async def opened(world: World, days: float = 3, **fields: Any) -> httpx.Response:
    async with world.projects.client(world.officer) as http:
        return await http.post(f"{API}/calls/{world.call_id}/bidding", json={"due_at": due(days), **fields})


async def sheet(world: World, person: Someone) -> dict[str, Any]:
    async with world.projects.client(person) as http:
        (mine,) = (await http.get(f"{API}/biddings")).json()["items"]
        return dict((await http.get(f"{API}/biddings/{mine['id']}")).json())


async def bid(world: World, person: Someone, *bids: tuple[int, str], reason: str = "") -> httpx.Response:
    here = f"{API}/biddings/{(await sheet(world, person))['id']}"
    body = [{"application_id": str(world.applications[n]), "bid": word, "reason": reason} for n, word in bids]
    async with world.projects.client(person) as http:
        return await http.put(f"{here}/bids", json={"bids": body})


async def by_the_clock(projects: Running) -> None:
    for timed in (end_biddings, remind_bidders):
        async with projects.work(system_actor("projects")) as work:
            await timed(work)


async def test_who_takes_part_is_not_asked_and_the_others_by_a_task_to_them_alone(projects: Running) -> None:
    world = await asked(projects)
    ma, guo, tan = world.experts
    told = (await opened(world)).json()
    assert ([one["expert"] for one in told["asked"]], told["left_out"]) == (["Guo", "Ma"], 1)
    tasks = [one["data"] for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "review.bid"]
    assert {one["subject"] for one in tasks} == {ma.subject, guo.subject}
    assert all((one["label"], one["owners"]) == (SecurityLabel.CONFIDENTIAL, []) for one in tasks)
    assert not any(str(one) in str(tasks) for one in world.applications)
    async with projects.client(tan) as http:
        assert (await http.get(f"{API}/biddings")).json()["items"] == []
    here = f"{API}/biddings/{(await sheet(world, ma))['id']}"
    for stranger in (guo, tan, world.institute):
        async with projects.client(stranger) as http:
            assert (await http.get(here)).status_code in (403, 404)
    async with projects.client(world.institute) as http:
        assert (await http.get(f"{API}/calls/{world.call_id}/bidding")).status_code == 403
    assert (await opened(world)).status_code == 409


async def test_bids_count_in_the_assignment_and_its_trace_repeats(projects: Running) -> None:
    world = await asked(projects)
    ma, guo, _tan = world.experts
    await opened(world)
    assert (await bid(world, ma, (0, "cannot_judge"), (1, "eager"))).status_code == 200
    assert (await bid(world, guo, (0, "eager"), (1, "rather_not"))).json()["bids"] == 2
    assert "still bidding" in (await world.assign()).text
    async with projects.client(world.officer) as http:
        closed = await http.post(f"{API}/calls/{world.call_id}/bidding/closure", headers=ANY)
        assert closed.json()["state"] == "closed"
    assert (await bid(world, ma, (0, "eager"))).status_code == 409
    body = (await world.assign()).json()
    plan = {(one["application_id"], one["expert"]) for one in body["assignments"]}
    assert plan == {(str(world.applications[0]), "Guo"), (str(world.applications[1]), "Ma")}
    trace = DecisionTrace.model_validate(body["trace"])
    assert trace.clauses[0].reason.startswith("4 bids are counted: 2 eager")
    assert trace.repeats(assign)
    async with world.browser(world.officer) as http:
        shown = (await http.get(f"/projects/calls/{world.call_id}/assignment")).text
    assert "Eager" in shown
    assert "Cannot judge it" in shown
    assert (await opened(world)).status_code == 409


async def test_a_declared_conflict_is_a_conflict_until_it_is_taken_back(projects: Running) -> None:
    world = await asked(projects)
    ma, _guo, _tan = world.experts
    await opened(world)
    assert (await bid(world, ma, (0, "conflict"))).status_code == 422
    kept = (await bid(world, ma, (0, "conflict"), reason="I advise the lead.")).json()["items"]
    (told,) = [one for one in kept if one["bid"] == "conflict"]
    assert (told["reason"], told["abstract"]) == ("I advise the lead.", "")
    assert all(one["abstract"] for one in kept if one is not told)
    async with projects.client(world.officer) as http:
        await http.post(f"{API}/calls/{world.call_id}/bidding/closure", headers=ANY)
    body = (await world.assign()).json()
    reasons = [one["reason"] for one in body["conflicts"] if one["expert"] == "Ma"]
    assert reasons == ["Declared a conflict: I advise the lead."]
    assert not any(one["expert"] == "Ma" and one["application_id"] == str(world.applications[0])
                   for one in body["assignments"])  # fmt: skip


async def test_a_double_blind_call_hides_who_applies_and_known_conflicts_hide_the_application(
    projects: Running,
) -> None:
    world = await asked(projects, blindness="double")
    ma, guo, _tan = world.experts
    await opened(world)
    items = (await sheet(world, ma))["items"]
    assert len(items) == 2
    assert all(one["organisations"] == [] and one["abstract"] for one in items)
    async with world.browser(ma) as http:
        page = (await http.get(f"/projects/biddings/{(await sheet(world, ma))['id']}")).text
    assert "double-blind" in page
    assert "Institute" not in page
    async with projects.client(world.officer) as http:
        pair = {"application_id": str(world.applications[1]), "expert_id": str(world.people[1])}
        told = pair | {"decision": "enter", "reason": "Married."}
        assert (await http.post(f"{API}/calls/{world.call_id}/conflicts", json=told)).status_code == 201
    assert [one["application_id"] for one in (await sheet(world, guo))["items"]] == [str(world.applications[0])]
    refused = await bid(world, guo, (1, "eager"))
    assert refused.status_code == 422
    assert "Married" not in refused.text


async def test_a_label_above_the_expert_is_not_there_and_who_is_cleared_for_none_is_not_asked(
    projects: Running,
) -> None:
    world = await asked(projects)
    async with projects.work(system_actor("projects")) as work:
        await work.execute(
            "UPDATE applications SET label = 'confidential' WHERE id = %(id)s", {"id": world.applications[1]}
        )
        await work.execute(
            "UPDATE access_accounts SET clearance = 'public' WHERE subject = %(guo)s", {"guo": world.experts[1].subject}
        )
    ma = world.experts[0]
    told = (await opened(world)).json()
    assert ([one["expert"] for one in told["asked"]], told["left_out"]) == (["Ma"], 2)
    assert world.experts[1].subject not in {one["data"]["subject"] for one in await projects.said(TaskAssigned)}
    assert len((await sheet(world, ma))["items"]) == 1
    assert (await bid(world, ma, (1, "eager"))).status_code == 422


async def test_who_left_an_application_or_is_only_asked_for_a_part_is_not_named_to_bidders(projects: Running) -> None:
    world = await asked(projects)
    async with projects.work(system_actor("projects")) as work:
        for name, left_at, departure in (("Here", None, None), ("Gone", work.now, None), ("Asked", None, new_id())):
            work.add(
                Partner(
                    application_id=world.applications[0], organisation_id=new_id(), name=name, left_at=left_at,
                    departure_id=departure,
                )
            )  # fmt: skip
    await opened(world)
    (one,) = [x for x in (await sheet(world, world.experts[0]))["items"] if x["title"] == "Fatigue of alloys"]
    assert [organisation["name"] for organisation in one["organisations"]] == ["Institute", "Here"]


async def test_the_clock_reminds_once_and_closes_and_who_has_finished_is_left_in_peace(projects: Running) -> None:
    world = await asked(projects)
    ma, guo, _tan = world.experts
    await opened(world, days=4)
    async with projects.client(ma) as http:
        done = await http.post(f"{API}/biddings/{(await sheet(world, ma))['id']}/completion")
        assert done.json()["finished_at"]
    reset = at(projects, utc_now() + timedelta(days=2, hours=1))
    await by_the_clock(projects)
    await by_the_clock(projects)
    reset()
    said = [one["data"] for one in await projects.said(TaskAssigned) if "Reminder" in one["data"]["title"]]
    assert [one["subject"] for one in said] == [guo.subject]
    reset = at(projects, utc_now() + timedelta(days=5))
    await by_the_clock(projects)
    reset()
    assert (await projects.rows("SELECT state FROM biddings"))[0]["state"] == "closed"
    assert [one["data"]["outcome"] for one in await projects.said(TaskDone)] == ["finished", "reminded", "closed"]
    again = await opened(world)
    assert again.status_code == 201
    assert again.json()["state"] == "open"


async def test_the_office_and_the_expert_do_all_of_it_on_pages_in_both_languages(projects: Running) -> None:
    world = await asked(projects)
    ma = world.experts[0]
    here = f"/projects/calls/{world.call_id}/bidding"
    async with world.browser(world.officer) as http:
        assert "Ask for bids" in (await http.get(here)).text
        late = (utc_now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
        refused = await http.post(here, data={"due_at": late})
        assert refused.status_code == 422
        assert "24 hours to 30 days" in refused.text
        soon = (utc_now() + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
        assert (await http.post(here, data={"due_at": soon, "expert_ids": str(world.people[0])})).status_code == 303
        later = (utc_now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
        assert (await http.post(f"{here}/due-time", data={"due_at": later, "version": "1"})).status_code == 303
    mine = f"/projects/biddings/{(await sheet(world, ma))['id']}"
    async with world.browser(ma) as http:
        assert "Light alloys" in (await http.get("/projects/biddings")).text
        page = (await http.get(mine, headers={"Accept-Language": "zh-CN"})).text
        assert "您愿意评审该申报吗" in page
        row = {"bids-0-application_id": str(world.applications[0]), "bids-0-bid": "conflict", "bids-0-reason": ""}
        assert (await http.post(f"{mine}/bids", data=row | {"draft": "1"})).status_code == 422
        row |= {"bids-0-bid": "eager", "bids-0-reason": "not asked"}
        assert (await http.post(f"{mine}/bids", data=row | {"draft": "1"})).status_code == 303
        assert 'value="eager" checked' in (await http.get(mine)).text
        assert (await http.get(mine, params={"q": "Other"})).text.count("Would you review it") == 1
        assert (await http.post(f"{mine}/bids", data=row)).status_code == 303
    async with world.browser(world.officer) as http:
        assert (await http.post(f"{here}/closure", data={"version": "2"})).status_code == 303
        assert "Finished" in (await http.get(here)).text
    async with world.browser(ma) as http:
        after = (await http.get(mine)).text
    assert "What you said" in after
    assert "How light alloys tire" not in after


async def test_who_comes_to_take_part_sees_nothing_any_more(projects: Running) -> None:
    world = await asked(projects)
    ma = world.experts[0]
    await opened(world)
    mine = (await sheet(world, ma))["id"]

    async def joined(work: Work) -> None:
        await work.execute(
            "UPDATE applications SET drafted_by = %(me)s WHERE id = %(id)s",
            {"me": ma.subject, "id": world.applications[1]},
        )

    async with projects.work(system_actor("projects")) as work:
        await joined(work)
    async with projects.client(ma) as http:
        assert (await http.get(f"{API}/biddings/{mine}")).status_code == 404
        body = {"bids": [{"application_id": str(world.applications[0]), "bid": "eager"}]}
        assert (await http.put(f"{API}/biddings/{mine}/bids", json=body)).status_code == 404
