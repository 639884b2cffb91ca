"""A task book begins with the budget that was funded, and each organisation spends its own lines."""

import json
from typing import Any

from services.project_management.budgets.rules import overrun
from shared.kernel.trace import DecisionTrace
from tests.kit.platform import Running
from tests.services.project_management.claims.test_api import claim, item
from tests.services.project_management.delivery.test_api import book
from tests.services.project_management.world import ANY, API, World


def kept(world: World) -> str:
    """The snapshot of an application with a budget: the university asks for a third."""
    who = {
        name: {"id": str(getattr(world, name).organisation_id), "name": name.title()}
        for name in ("institute", "university")
    }
    lines = [("institute", "equipment", "1", "300000.00"), ("institute", "staff", "2", "100000.00"),
             ("university", "staff", "1", "150000.00"), ("university", "staff", "3", "50000.00")]  # fmt: skip
    budget = [
        {"organisation": who[name], "category": category, "year": year, "requested": amount, "own": "0.00"}
        for name, category, year, amount in lines
    ]
    return json.dumps({"budget": budget})


async def funded(projects: Running) -> World:
    world = await World(projects).open()
    await world.decided()
    await projects.rows(
        "UPDATE application_versions SET content = %(content)s WHERE application_id = %(id)s RETURNING 1",
        content=kept(world), id=world.applications[0],
    )  # fmt: skip
    return world


async def running(world: World) -> str:
    """The project, begun without retyping a line, signed by both sides."""
    async with world.projects.client(world.officer) as office, world.projects.client(world.institute) as lead:
        made = (await office.post(f"{API}/projects", json=book(world))).json()
        here = f"{API}/projects/{made['id']}"
        assert (await office.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 200
        await world.agree_rights(made["agreement"]["id"])
        assert (await lead.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 200
    return here


async def test_the_lines_of_the_task_book_are_those_that_were_funded(projects: Running) -> None:
    world = await funded(projects)
    async with world.browser(world.officer) as office:
        form = (await office.get(f"/projects/projects/new?application_id={world.applications[0]}")).text
        assert form.count("300000.00") == 1
        assert "Filled in from the budget of the application" in form
    here = await running(world)
    async with projects.client(world.officer) as office:
        lines = (await office.get(f"{here}/budget")).json()["lines"]
        text = (await office.get(f"{here}/task-books/1")).json()["content"]["budget"]
    assert [(one["organisation_name"], one["category"], one["year"], one["amount"]["amount"]) for one in lines] == [
        ("Institute", "equipment", 2027, "300000.00"),
        ("Institute", "staff", 2028, "100000.00"),
        ("University", "staff", 2027, "150000.00"),
        ("University", "staff", 2028, "50000.00"),  # the third year lies beyond the project's end
    ]
    assert {one["organisation"]["name"] for one in text} == {"Institute", "University"}


async def test_an_organisation_claims_against_its_own_lines_only(projects: Running) -> None:
    world = await funded(projects)
    here = await running(world)
    async with projects.client(world.university) as partner, projects.client(world.officer) as office:
        none = await claim(partner, here, item("10000.00", "equipment"))
        assert none.status_code == 409, "the lead's equipment is not the university's"
        assert "The budget has no line for equipment costs in 2027." in none.text
        assert (await claim(partner, here, item("150000.00", "staff"))).status_code == 201
        beyond = await claim(partner, here, item("60000.00", "staff", 2028))
        assert "University may spend 200,000.00 CNY by its own lines" in beyond.text
        assert (await claim(partner, here, item("50000.00", "staff", 2028))).status_code == 201
        # A change of the budget gives it more: nothing falls below what an organisation has claimed.
        ours, theirs = str(world.institute.organisation_id), str(world.university.organisation_id)
        async with projects.client(world.institute) as lead:
            less = [line(ours, "equipment", 2027, "560000.00"), line(theirs, "staff", 2027, "40000.00")]
            refused = await lead.post(f"{here}/changes", json=change(less))
            assert refused.status_code == 422
            assert "150,000.00 CNY of the line for staff in 2027 is claimed already" in refused.text
            mixed = [line(ours, "staff", 2027, "500000.00"), line(None, "staff", 2027, "100000.00")]
            assert "/budget/1/organisation_id" in (await lead.post(f"{here}/changes", json=change(mixed))).text
            strange = [line(str(world.call_id), "staff", 2027, "600000.00")]
            assert "/budget/0/organisation_id" in (await lead.post(f"{here}/changes", json=change(strange))).text
            more = [
                line(ours, "equipment", 2027, "300000.00"),
                line(theirs, "staff", 2027, "150000.00"),
                line(theirs, "staff", 2028, "150000.00"),
            ]
            asked = await lead.post(f"{here}/changes", json=change(more))
            assert asked.status_code == 201, asked.text
        done = await office.post(f"{API}/changes/{asked.json()['id']}/approval", json={}, headers=ANY)
        assert done.status_code == 200, done.text
        assert (await claim(partner, here, item("60000.00", "staff", 2028))).status_code == 201
        page = (await office.get(here.replace("/api/v1", "") + "/budget")).text
        assert page.count("University") >= 2
    for row in await projects.rows("SELECT trace FROM expenditure_claims"):
        trace = DecisionTrace.model_validate(row["trace"])
        assert (trace.version, trace.inputs["organisation"]) == (3, "University")
        assert trace.repeats(overrun)


async def test_less_than_asked_for_is_shared_and_a_leavers_lines_go_to_who_does_its_part(projects: Running) -> None:
    world = await funded(projects)
    id, university = world.applications[0], world.university.organisation_id
    await projects.rows("UPDATE awards SET amount_amount = 300000.01 WHERE application_id = %(id)s RETURNING 1", id=id)
    await projects.rows(
        "UPDATE application_partners SET left_at = now() WHERE application_id = %(id)s RETURNING 1", id=id
    )
    await projects.rows(
        """INSERT INTO application_departures (id, version, application_id, call_id, organisation_id, name, reason,
               left_by, state, first_due_at, due_at, successor_name, how, submitted_amount, answered_at, content,
               sha256, created_at)
           VALUES (gen_random_uuid(), 1, %(id)s, %(call)s, %(org)s, 'University', '', 'x', 'taken_over', now(), now(),
               '', '', 600000, now(), '', 'x', now()) RETURNING 1""",
        id=id, call=world.call_id, org=university,
    )  # fmt: skip
    milestones = [{"title": "All", "due_on": "2027-06-30", "tranche": {"amount": "300000.01"}}]
    async with projects.client(world.officer) as office:
        made = await office.post(f"{API}/projects", json=book(world, milestones=milestones))
        assert made.status_code == 201, made.text
        lines = (await office.get(f"{API}/projects/{made.json()['id']}/budget")).json()["lines"]
    assert {one["organisation_name"] for one in lines} == {"Institute"}
    assert sorted(one["amount"]["amount"] for one in lines) == ["150000.01", "75000.00", "75000.00"]


def line(organisation: str | None, category: str, year: int, amount: str) -> dict[str, Any]:
    return {"organisation_id": organisation, "category": category, "year": year, "amount": {"amount": amount}}


def change(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "budget", "reason": "Moved.", "budget": lines}
