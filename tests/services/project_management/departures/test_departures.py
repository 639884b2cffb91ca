"""A partner leaves after the submission: what stays, who answers, what follows, and who reads what."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.project_management.applications.actions import edit_application
from services.project_management.applications.eligibility import eligibility
from services.project_management.applications.facts import eligibility_inputs
from services.project_management.applications.schemas import ApplicationChange
from services.project_management.calls.model import Call
from services.project_management.decisions.model import Decision
from services.project_management.departures.actions import follow_departures
from services.project_management.departures.rules import TIME_TO_ANSWER, anew
from services.project_management.late_conflicts.actions import set_aside_conflicted
from services.project_management.outages.model import Outage, Uptime
from shared.contracts.catalog import OrganisationAdmitted, OrganisationSuspended
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, Sector
from tests.kit.platform import Running, Someone, running, someone
from tests.services.project_management.ready import at
from tests.services.project_management.world import ANY, API, World

COLLEGE = someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name="College")
OTHER = someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name="Somebody Else")


@pytest.fixture(scope="module")
async def projects(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings, "projects") as found:
        yield found


@pytest.fixture
async def world(projects: Running) -> World:
    """The institute leads, the university is its partner, the college is admitted and takes no part."""
    await projects.clear()
    world = await World(projects).open(demand=1)
    await admit(projects, COLLEGE)
    await world.apply(world.institute, world.university)
    async with projects.work(system_actor("projects")) as work:
        trace = eligibility(await eligibility_inputs(work, world.applications[0]))
        await work.execute("UPDATE applications SET eligibility = %(trace)s::jsonb", {"trace": trace.model_dump_json()})
    return world


async def admit(projects: Running, who: Someone) -> None:
    name = who.grants[0].organisation_name
    await projects.hear(
        OrganisationAdmitted(
            id=who.organisation_id, version=2, title=name, name=name, kind="university", sector=Sector.CIVIL,
            region="Chongqing", valid_until=datetime.now(UTC) + timedelta(days=400), reason="Evidence complete.",
        )
    )  # fmt: skip


async def ask(world: World, who: Someone, path: str, status: int, **body: Any) -> Any:
    async with world.projects.client(who) as http:
        answer = await http.post(f"{API}{path}", json=body, headers=ANY)
    assert answer.status_code == status, answer.text
    return answer.json()


async def read(world: World, who: Someone, path: str, status: int = 200) -> Any:
    async with world.projects.client(who) as http:
        answer = await http.get(f"{API}{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def leave(world: World, status: int = 201) -> Any:
    application = f"/applications/{world.applications[0]}"
    return await ask(world, world.university, f"{application}/departures", status, reason="Our rig was sold.")


async def replaced(world: World) -> None:
    id = (await leave(world))["id"]
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=str(COLLEGE.organisation_id))
    await ask(world, COLLEGE, f"/departures/{id}/consent", 200, decision="consent")


async def returned(world: World, abstract: str) -> None:
    """It lacked something; the lead has written another abstract since."""
    due_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    here = f"/applications/{world.applications[0]}"
    await ask(world, world.officer, f"{here}/return", 200, reason="No budget.", due_at=due_at)
    await edit(world, abstract)


async def edit(world: World, abstract: str) -> None:
    async with world.projects.work(world.institute) as work:
        await edit_application(work, world.applications[0], ApplicationChange(abstract=abstract), None)


async def answers(world: World) -> dict[str, str]:
    rows = await world.projects.rows("SELECT name, answer FROM application_partners ORDER BY position")
    return {row["name"]: row["answer"] for row in rows}


async def clock(world: World) -> None:
    async with world.projects.work(system_actor("projects")) as work:
        await follow_departures(work)


async def open_tasks(projects: Running, kind: str) -> list[str]:
    over = {str(task["subject"]) for task in await projects.said(TaskDone)}
    told = [t for t in await projects.said(TaskAssigned) if str(t["subject"]) not in over]
    return [t["data"]["kind"] for t in told if t["data"]["kind"] == kind]


async def test_who_leaves_sees_nothing_more_and_what_was_handed_in_stays(world: World) -> None:
    here = f"/applications/{world.applications[0]}"
    before = await read(world, world.institute, here)
    told = await leave(world)
    assert told["name"] == "University"
    assert told["state"] is None, "what becomes of the part is no business of who left"
    after = await read(world, world.institute, here)
    assert after["sha256"] == before["sha256"]
    assert after["submitted_version"] == before["submitted_version"]
    assert [one["left_at"] is not None for one in after["partners"]] == [True]
    await read(world, world.university, here, 404)
    own = (await read(world, world.university, f"{here}/departures"))["items"]
    assert [(one["reason"], one["trace"]) for one in own] == [("Our rig was sold.", None)]
    await read(world, OTHER, f"{here}/departures", 404)
    assert (await leave(world, 404))["status"] == 404, "nobody leaves twice"


async def test_the_lead_is_asked_and_reads_how_it_stands_without_the_partner(world: World) -> None:
    await leave(world)
    assert len(await open_tasks(world.projects, "application.departure")) == 1
    one = (await read(world, world.institute, f"/applications/{world.applications[0]}/departures"))["items"][0]
    trace = DecisionTrace.model_validate(one["trace"])
    assert one["state"] == "open"
    assert trace.repeats(anew)
    assert trace.result == {"eligible": "yes"}
    assert {clause.rule for clause in trace.clauses} == {
        "organisation.admitted", "organisation.standing", "amount.ceiling", "budget.not_more",
    }  # fmt: skip


async def test_another_takes_the_part_and_is_a_partner_from_then_on(world: World) -> None:
    here = f"/applications/{world.applications[0]}"
    id = (await leave(world))["id"]
    asked = await ask(
        world, world.institute, f"/departures/{id}/successor", 200, partner_id=str(COLLEGE.organisation_id)
    )
    assert (asked["state"], asked["successor_name"]) == ("asked", "College")
    seen = (await read(world, COLLEGE, f"{here}/departures"))["items"][0]
    assert (seen["reason"], seen["trace"]) == ("", None), "who is asked reads nothing of others' reasons and standing"
    await ask(world, COLLEGE, f"{here}/consent", 409, decision="consent")
    done = await ask(world, COLLEGE, f"/departures/{id}/consent", 200, decision="consent")
    assert done["state"] == "replaced"
    row = (await world.projects.rows("SELECT content, sha256 FROM application_departures"))[0]
    assert [one["name"] for one in json.loads(row["content"])["partners"]] == ["College"]
    assert done["sha256"] == row["sha256"]
    assert await open_tasks(world.projects, "application.departure") == []
    assert await open_tasks(world.projects, "application.consent") == []
    assert (await read(world, COLLEGE, here))["title"] == "Fatigue of alloys"


async def test_who_took_a_part_is_asked_anew_as_any_partner_and_what_it_said_stands(world: World) -> None:
    here = f"/applications/{world.applications[0]}"
    await replaced(world)
    await returned(world, "The second wording.")
    assert await answers(world) == {"University": "consented", "College": "pending"}
    assert len(await open_tasks(world.projects, "application.consent")) == 1
    await ask(world, COLLEGE, f"{here}/consent", 200, decision="consent")
    await edit(world, "The third wording.")
    await ask(world, world.officer, f"{here}/standing", 200)
    assert await answers(world) == {"University": "consented", "College": "consented"}
    assert "How light alloys tire" in str(await read(world, COLLEGE, f"{here}/consent-changes")), "its first consent"
    assert await open_tasks(world.projects, "application.consent") == []


async def test_what_stands_answers_for_nobody_who_is_still_asked(world: World) -> None:
    id = (await leave(world))["id"]
    back = str(world.university.organisation_id)
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=back)
    await returned(world, "The second wording.")
    await ask(world, world.officer, f"/applications/{world.applications[0]}/standing", 200)
    assert await answers(world) == {"University": "pending"}
    assert len(await open_tasks(world.projects, "application.consent")) == 1


async def test_who_left_or_did_not_join_is_no_partner_of_the_project(world: World) -> None:
    await world.expert("Ma")
    assert (await world.assign()).status_code == 201
    id = (await leave(world))["id"]
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=str(COLLEGE.organisation_id))
    await ask(world, COLLEGE, f"/departures/{id}/consent", 200, decision="refuse", reason="No rig.")
    await ask(world, world.institute, f"/departures/{id}/takeover", 200, how="Ourselves.")
    await world.review(world.experts[0], 9)
    await ask(world, world.officer, f"/calls/{world.call_id}/decision", 201, reason="As ranked.")
    book = {
        "application_id": str(world.applications[0]), "starts_on": "2027-01-01", "ends_on": "2028-12-31",
        "milestones": [{"title": "All", "due_on": "2027-06-30", "tranche": {"amount": "600000.00"}}],
    }  # fmt: skip
    project = await ask(world, world.officer, "/projects", 201, **book)
    assert project["partners"] == []
    assert (await read(world, world.institute, f"/projects/{project['id']}"))["id"] == project["id"]
    for gone in (world.university, COLLEGE):
        await read(world, gone, f"/projects/{project['id']}", 404)


async def test_one_that_does_not_take_the_part_is_gone_and_the_lead_is_asked_again(world: World) -> None:
    here = f"/applications/{world.applications[0]}"
    id = (await leave(world))["id"]
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=str(COLLEGE.organisation_id))
    await ask(world, COLLEGE, f"/departures/{id}/consent", 422, decision="refuse")
    assert await ask(world, COLLEGE, f"/departures/{id}/consent", 200, decision="refuse", reason="No rig.") is None
    await read(world, COLLEGE, here, 404)
    assert len(await open_tasks(world.projects, "application.departure")) == 1
    again = str(world.university.organisation_id)
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=again)
    await ask(world, world.university, f"/departures/{id}/consent", 200, decision="consent")
    assert (await read(world, world.university, here))["title"] == "Fatigue of alloys"


async def test_the_lead_takes_the_part_over_for_as_much_or_less(world: World) -> None:
    id = (await leave(world))["id"]
    more = {"amount": "700000.00", "currency": "CNY"}
    less = {"amount": "450000.00", "currency": "CNY"}
    await ask(world, world.institute, f"/departures/{id}/takeover", 422, how="Ourselves.", requested=more)
    done = await ask(world, world.institute, f"/departures/{id}/takeover", 200, how="Ourselves.", requested=less)
    assert done["state"] == "taken_over"
    assert DecisionTrace.model_validate(done["trace"]).repeats(anew)
    assert "less than" in done["trace"]["clauses"][-1]["reason"]
    await ask(world, world.institute, f"/departures/{id}/takeover", 409, how="Again.")
    gone = await read(world, world.university, f"/applications/{world.applications[0]}/departures")
    assert gone["requested"]["amount"] == "600000.00", "what is asked for since is no business of who left"
    rows = await world.projects.rows("SELECT requested_amount::text AS now, submitted_version FROM applications")
    assert rows == [{"now": "450000.00", "submitted_version": 1}]


async def test_whoever_could_not_apply_takes_no_part(world: World) -> None:
    id = (await leave(world))["id"]
    college = COLLEGE.organisation_id
    await world.projects.hear(
        OrganisationSuspended(id=college, version=3, title="College", name="College", reason="A fraud.")
    )
    refused = await ask(world, world.institute, f"/departures/{id}/successor", 409, partner_id=str(college))
    assert "College is suspended." in refused["detail"]
    for wrong in (world.institute.organisation_id, new_id()):
        await ask(world, world.institute, f"/departures/{id}/successor", 422, partner_id=str(wrong))


async def test_what_nobody_takes_in_time_is_withdrawn_by_the_clock(world: World) -> None:
    await leave(world)
    await clock(world)
    assert (await read(world, world.institute, f"/applications/{world.applications[0]}"))["state"] == "submitted"
    reset = at(world.projects, datetime.now(UTC) + TIME_TO_ANSWER + timedelta(minutes=1))
    try:
        await world.projects.rows("SELECT 1")
        async with world.projects.work(system_actor("projects")) as work:
            await work.execute("INSERT INTO uptimes (id, since, until) VALUES (%(id)s, %(now)s, %(now)s)",
                               {"id": new_id(), "now": work.now})  # fmt: skip
        await clock(world)
    finally:
        reset()
    rows = await world.projects.rows(
        "SELECT a.state, a.state_reason, d.state AS part FROM applications a JOIN application_departures d ON true"
    )
    assert [(row["state"], row["part"]) for row in rows] == [("withdrawn", "lapsed")]
    assert "University" in rows[0]["state_reason"]
    assert await open_tasks(world.projects, "application.departure") == []


async def test_an_outage_gives_who_is_asked_the_new_day(world: World) -> None:
    id = (await leave(world))["id"]
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=str(COLLEGE.organisation_id))
    due_at = (await world.projects.rows("SELECT due_at FROM application_departures"))[0]["due_at"]
    async with world.projects.work(system_actor("projects")) as work:
        work.add(Outage(id=new_id(), created_at=work.now, started_at=due_at - timedelta(hours=3),
                        ended_at=due_at - timedelta(hours=2)))  # fmt: skip
        work.add(Uptime(since=due_at, until=due_at))
    reset = at(world.projects, due_at + timedelta(seconds=1))
    try:
        await clock(world)
    finally:
        reset()
    (row,) = await world.projects.rows(
        "SELECT d.state, d.due_at, p.due_at AS asked FROM application_departures d JOIN application_partners p"
        " ON p.departure_id = d.id"
    )
    assert (row["state"], row["asked"]) == ("asked", row["due_at"])
    assert row["due_at"] > due_at
    tasks = [t["data"] for t in await world.projects.said(TaskAssigned) if t["data"]["kind"] == "application.consent"]
    assert datetime.fromisoformat(tasks[-1]["due_at"]) == row["due_at"]
    assert len(await open_tasks(world.projects, "application.consent")) == 1


async def test_a_departure_ends_with_its_application(world: World) -> None:
    id = (await leave(world))["id"]
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=str(COLLEGE.organisation_id))
    await ask(world, world.institute, f"/applications/{world.applications[0]}/withdrawal", 200, reason="We give up.")
    await clock(world)
    rows = await world.projects.rows("SELECT state FROM application_departures")
    assert rows == [{"state": "ended"}]
    assert await open_tasks(world.projects, "application.departure") == []
    await read(world, COLLEGE, f"/applications/{world.applications[0]}", 404)


async def test_nothing_is_decided_while_a_part_is_open(world: World) -> None:
    await world.expert("Ma")
    assert (await world.assign()).status_code == 201
    id = (await leave(world))["id"]
    await world.review(world.experts[0], 9)
    ranked = (await read(world, world.officer, f"/calls/{world.call_id}/ranking"))["items"][0]["departures"]
    assert [(one["name"], one["state"]) for one in ranked] == [("University", "open")]
    refused = await ask(world, world.officer, f"/calls/{world.call_id}/decision", 409, reason="As ranked.")
    assert "University has left" in refused["detail"]
    await ask(world, world.institute, f"/departures/{id}/takeover", 200, how="Ourselves.")
    await ask(world, world.officer, f"/calls/{world.call_id}/decision", 201, reason="As ranked.")
    said = await read(world, world.university, f"/applications/{world.applications[0]}/departures")
    assert said["items"][0]["state"] is None
    async with world.projects.client(world.university) as http:
        assert (await http.get(f"{API}/awards")).json()["items"] == []


async def test_after_the_decision_the_partner_is_told_where_to_go(world: World) -> None:
    async with world.projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE applications SET state = 'funded'")
    refused = await leave(world, 409)
    assert "change of partners" in refused["detail"]


@pytest.mark.parametrize(("outcome", "after"), [("funded", "returned"), ("declined", "in_notice")])
async def test_a_list_that_grants_it_something_goes_back(world: World, outcome: str, after: str) -> None:
    async with world.projects.work(system_actor("projects")) as work:
        call = await work.get(Call, world.call_id)
        call.state = "deciding"
        items = [{"id": str(world.applications[0]), "outcome": outcome}]
        work.add(
            Decision(
                id=new_id(), call_id=call.id, call_title=call.title, office_id=call.organisation_id, label="public",
                reason="r", decided_by="x", trace={"inputs": {}, "result": {"items": items}}, state="in_notice",
                notice_from=work.now, notice_until=work.now + timedelta(days=5), created_at=work.now,
            )
        )  # fmt: skip
    await leave(world)
    assert await world.projects.rows("SELECT state FROM decisions") == [{"state": after}]


async def test_a_reviewer_of_the_successor_is_set_aside_and_others_read_what_changed(world: World) -> None:
    near = await world.expert("Ma", employer=COLLEGE)
    assert (await world.assign()).status_code == 201
    async with world.projects.client(near) as http:
        review: UUID = (await http.get(f"{API}/reviews")).json()["items"][0]["id"]
    id = (await leave(world))["id"]
    await ask(world, world.institute, f"/departures/{id}/successor", 200, partner_id=str(COLLEGE.organisation_id))
    async with world.projects.work(system_actor("projects")) as work:
        await set_aside_conflicted(work)
    told = await read(world, near, f"/reviews/{review}")
    assert told["state"] == "invited", "who is only asked puts nobody out"
    assert [(one["name"], one["joined"]) for one in told["changes"]] == [("University", False)]
    assert [one["name"] for one in told["organisations"]] == ["Institute"]
    await ask(world, COLLEGE, f"/departures/{id}/consent", 200, decision="consent")
    async with world.projects.work(system_actor("projects")) as work:
        await set_aside_conflicted(work)
    told = await read(world, near, f"/reviews/{review}")
    assert told["state"] == "set_aside"
    assert [(one["name"], one["joined"]) for one in told["changes"]] == [("University", False), ("College", True)]


async def test_an_expert_of_who_left_stays_too_close(world: World) -> None:
    await world.expert("Guo", employer=world.university)
    await leave(world)
    answer = await world.assign()
    assert answer.status_code == 409
    assert "had a part in this application" in answer.text


async def test_the_pages_lead_through_it_in_both_languages(world: World) -> None:
    here = f"/projects/applications/{world.applications[0]}"
    async with world.browser(world.university) as http:
        assert f'href="{here}/departures"' in (await http.get(here)).text
        assert "Leave this application" in (await http.get(f"{here}/departures")).text
        assert (await http.post(f"{here}/departures", data={"reason": ""})).status_code == 422
        assert (await http.post(f"{here}/departures", data={"reason": "Gone."})).status_code == 303
        assert "takes no part since" in (await http.get(f"{here}/departures")).text
    id = (await world.projects.rows("SELECT id FROM application_departures"))[0]["id"]
    async with world.browser(world.institute) as http:
        assert "University has left this application" in (await http.get(here)).text
        page = (await http.get(f"{here}/departures", headers={"Accept-Language": "zh-Hans"})).text
        assert "自行承担该任务" in page
        assert "Take the part over" not in page
        blank = {"how": "", "requested-amount": "", "requested-currency": "CNY"}
        assert (await http.post(f"/projects/departures/{id}/takeover", data=blank)).status_code == 422
        sent = await http.post(f"/projects/departures/{id}/takeover", data=blank | {"how": "Ourselves."})
        assert sent.status_code == 303
    async with world.browser(world.officer) as http:
        assert "Ourselves." in (await http.get(f"/projects/calls/{world.call_id}/ranking")).text
