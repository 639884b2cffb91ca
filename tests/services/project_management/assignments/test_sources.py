"""Ties as the database tells of them: each of five kinds is found, looked back for as a policy says, decided by a named
person kind by kind, and seen after the assignment too."""

import importlib
from collections import defaultdict
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from services.project_management.assignments.rules import ConflictPolicy, assign
from services.project_management.assignments.sources import found_ties
from services.project_management.late_conflicts.actions import set_aside_conflicted
from services.project_management.people.queries import experts
from services.project_management.reviews.model import Review
from services.project_management.teams.model import Member
from shared.contracts.catalog import AffiliationChanged, PersonRegistered
from shared.contracts.ip import InventionDisclosed
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import OrgRef
from tests.kit.platform import Running, Someone
from tests.services.project_management.world import API, World

BEFORE_TIES = importlib.import_module("services.project_management.migrations.versions.0059_late_conflicts").BEFORE_TIES
LEAD_ORCID = "0000-0002-1825-0097"
KINDS = {"Wu": "co_applicant", "Luo": "co_inventor", "Tang": "supervision", "Yuan": "close", "Xie": "reciprocal"}


async def tied(projects: Running) -> World:
    """Zhao, of the institute, applies; five experts are tied to Zhao, each in one way, and Bai is free."""
    world, before = await World(projects).open(demand=1), await World(projects).open()
    institute = OrgRef(id=str(world.institute.organisation_id), name="Institute")
    lead_id = new_id()
    await projects.know(world.institute)
    await projects.hear(
        PersonRegistered(
            id=lead_id, version=1, title="Zhao Min", name="Zhao Min", subject=world.institute.subject,
            orcid=LEAD_ORCID, organisation=institute, fields=(), expert=False, review_cap=0,
        )
    )  # fmt: skip
    for name in (*KINDS, "Bai"):
        await world.expert(name)
    wu, _luo, _tang, yuan, xie, _bai = world.experts
    worked = await before.apply(world.institute, title="Earlier")
    asked = await before.apply(before.university, title="Of Xie")
    async with projects.work(system_actor("projects")) as work:
        for n, (application, who) in enumerate(((worked, wu), (asked, xie))):
            work.add(
                Member(
                    application_id=application, position=n + 1, role="member", subject=who.subject, name=who.subject,
                    organisation_id=before.officer.organisation_id, organisation_name="Office", state="agreed",
                )
            )  # fmt: skip
        work.add(
            Review(
                call_id=before.call_id, application_id=asked, application_title="Of Xie", expert_id=lead_id,
                expert_name="Zhao Min", expert_subject=world.institute.subject, affinity=50, state="accepted",
                scores={}, due_at=work.now,
            )
        )  # fmt: skip
    disclosed = InventionDisclosed(
        id=new_id(), version=1, title="Seat", owners=(world.institute.organisation_id,), organisation=institute,
        inventors=("Min Zhao", "Luo"), inventor_ids=(None, world.people[1]),
    )  # fmt: skip
    await projects.hear(disclosed, times=2)
    assert len(await projects.rows("SELECT 1 FROM inventions")) == 1
    # The lead supervised Tang, whom an ORCID iD tells; Yuan is close to somebody of Zhao's name at the institute.
    await projects.hear(
        PersonRegistered(
            id=world.people[2], version=2, title="Tang", name="Tang", subject=world.experts[2].subject,
            orcid="0000-0001-5109-3700", fields=("Materials",), expert=True, review_cap=5,
        )
    )  # fmt: skip
    supervised = {"kind": "supervised", "name": "T. Yi", "orcid": "0000-0001-5109-3700", "until": "2020-07-01"}
    close = {"kind": "close", "name": "赵敏", "organisation_id": institute.id}
    for who, said in ((world.institute, supervised), (yuan, close)):
        async with projects.client(who) as http:
            answer = await http.post(f"{API}/relations", json=said)
            assert answer.status_code == 201, answer.text
    await world.apply(world.institute, title="Fatigue")
    return world


def of(trace: dict[str, Any], names: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in trace["result"]["conflicts"]:
        found[names[one["expert_id"]]] += [one["kind"], *(more["kind"] for more in one.get("further", ()))]
    return dict(found)


async def decide(world: World, http: httpx.AsyncClient, n: int, decision: str, kind: str = "") -> httpx.Response:
    body = {
        "application_id": str(world.applications[0]),
        "expert_id": str(world.people[n]),
        "decision": decision,
        "reason": "Looked at.",
        "kind": kind,
    }
    return await http.post(f"{API}/calls/{world.call_id}/conflicts", json=body)


async def reaches_back_as_the_policy_says(world: World) -> None:
    """In a unit of work that leaves nothing."""
    ids: list[UUID] = world.people
    years = {
        "co_applicant": ("co_applicant_years", "UPDATE applications SET submitted_at = now() - interval '2 years'"),
        "co_inventor": ("co_inventor_years", "UPDATE inventions SET disclosed_at = now() - interval '2 years'"),
        "supervision": ("supervision_years", "UPDATE declared_relations SET until = now() - interval '2 years'"),
        "close": ("close_years", "UPDATE declared_relations SET until = now() - interval '2 years'"),
        "reciprocal": ("reciprocal_years", "UPDATE reviews SET created_at = now() - interval '2 years'"),
    }
    async with world.projects.work(system_actor("projects")) as work:
        for _field, sql in years.values():
            await work.execute(sql, {})
        people = await experts(work, ids)
        here = [{"id": str(world.applications[0])}]

        async def kinds(policy: ConflictPolicy) -> set[str]:
            return {one["kind"] for one in await found_ties(work, here, people, policy)}

        assert await kinds(ConflictPolicy()) == set(years)
        await work.execute("UPDATE applications SET label = 'confidential' WHERE title = 'Earlier'", {})
        told = {one["kind"]: one["reason"] for one in await found_ties(work, here, people, ConflictPolicy())}
        assert "Zhao" not in told["co_applicant"] + told["co_inventor"], (
            "its readers may not read what it is known from"
        )
        assert "Zhao" in told["close"]
        for kind, (field, _sql) in years.items():
            for back in (0, 1):
                assert await kinds(ConflictPolicy(**{field: back})) == set(years) - {kind}
        await work.execute("UPDATE declared_relations SET until = now() + interval '9 years'", {})
        nothing = ConflictPolicy(**{field: 0 for field, _sql in years.values()})
        assert await found_ties(work, here, people, nothing) == [], "0 years: it is not looked for"
        await work.execute(BEFORE_TIES, {})
        marked = await work.rows("SELECT id, terms FROM calls ORDER BY id", {})
        assert {row["terms"].get("ties", True) for row in marked if row["id"] == world.call_id} == {False}
        assert set(asdict(ConflictPolicy.stored(marked[0]["terms"])).values()) == {0, 3}
        await work.rollback()


async def test_five_ties_are_found_and_each_is_waived_or_confirmed_by_name(projects: Running) -> None:
    world = await tied(projects)
    await reaches_back_as_the_policy_says(world)
    names = dict(zip(map(str, world.people), (*KINDS, "Bai"), strict=True))
    made = await world.assign()
    assert made.status_code == 201, made.text
    trace = made.json()["trace"]
    assert of(trace, names) == {name: [kind] for name, kind in KINDS.items()}
    assert [names[one["expert_id"]] for one in made.json()["assignments"]] == ["Bai"]
    assert assign(trace["inputs"]) == DecisionTrace.model_validate(trace)
    reasons = {one["kind"]: one["reason"] for one in trace["result"]["conflicts"]}
    assert "“Zhao Min”" in reasons["co_applicant"]

    # Wu also worked for the institute until a year ago: that is another kind, and stands when the tie is waived.
    institute = OrgRef(id=str(world.institute.organisation_id), name="Institute")
    now = (await projects.rows("SELECT now() AS now"))[0]["now"]
    for version, where, days in ((2, institute, 900), (3, None, 300)):
        await projects.hear(
            AffiliationChanged(
                id=world.people[0], version=version, title="Wu", name="Wu", organisation=where,
                since=now - timedelta(days=days),
            )
        )  # fmt: skip
    async with world.browser(world.officer) as http:
        assert (await decide(world, http, 5, "confirm")).status_code == 422, "Bai has none"
        assert (await decide(world, http, 5, "enter")).status_code == 201
        assert (await decide(world, http, 5, "confirm")).json()["kind"] == "entered"
        assert (await decide(world, http, 5, "confirm")).json()["kind"] == "entered", "it stands, confirmed or not"
        assert (await decide(world, http, 5, "lift")).status_code == 201
        wrong = await decide(world, http, 0, "waive", "co_inventor")
        assert wrong.json()["errors"][0]["pointer"] == "/kind"
        assert (await decide(world, http, 0, "waive", "co_applicant")).json()["kind"] == "co_applicant"
        assert (await decide(world, http, 0, "waive", "co_applicant")).status_code == 422, "it is waived already"
        assert (await decide(world, http, 3, "confirm")).json()["kind"] == "close"
        again = (await world.assign()).json()
        assert of(again["trace"], names)["Wu"] == ["former_employer"]
        board = f"/projects/calls/{world.call_id}/assignment"
        page = (await http.get(board)).text
        for said in ("Applied together", "Close relation", "Former employer", "Confirmed", "Waived"):
            assert said in page
        form = {
            "application_id": str(world.applications[0]),
            "expert_id": str(world.people[0]),
            "decision": "waive",
            "reason": "Long ago.",
            "kind": "former_employer",
        }
        assert (await http.post(f"/projects/calls/{world.call_id}/conflicts", data=form)).status_code == 303
        assert "Wu" not in of((await world.assign()).json()["trace"], names)
        lifted = await decide(world, http, 0, "lift", "co_applicant")
        assert lifted.json()["kind"] == "co_applicant"
        assert of((await world.assign()).json()["trace"], names)["Wu"] == ["co_applicant"], "the other stays waived"
    async with projects.client(world.experts[0]) as http:
        assert (await http.get(f"{API}/calls/{world.call_id}/assignment")).status_code == 403


async def test_a_relation_declared_after_the_assignment_sets_the_review_aside(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    expert: Someone = await world.expert("Ma")
    await projects.hear(
        PersonRegistered(
            id=new_id(), version=1, title="Zhao Min", name="Zhao Min", subject=world.institute.subject,
            orcid=LEAD_ORCID, fields=(), expert=False, review_cap=0,
        )
    )  # fmt: skip
    assert (await world.assign()).status_code == 201

    async def tick() -> str:
        async with projects.work(system_actor("projects")) as work:
            await set_aside_conflicted(work)
        return str((await projects.rows("SELECT state FROM reviews"))[0]["state"])

    async with projects.client(expert) as http:
        stranger = {"kind": "close", "name": "Sun", "orcid": "0000-0001-5109-3700"}
        assert (await http.post(f"{API}/relations", json=stranger)).status_code == 201
        assert await tick() == "invited"
        said = {"kind": "supervised_by", "name": "Zhao", "orcid": LEAD_ORCID}
        assert (await http.post(f"{API}/relations", json=said)).status_code == 201
    assert await tick() == "set_aside"
    (row,) = await projects.rows("SELECT reason FROM reviews")
    assert "or was supervised: declared by the expert on" in row["reason"]
