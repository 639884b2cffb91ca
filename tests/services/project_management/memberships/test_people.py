"""The people of an application: named, told, agreed or gone; and what goes by them instead of by who typed."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.coordination.addresses import rules as coordination
from services.project_management.applications import actions as applications
from services.project_management.applications import facts
from services.project_management.applications.eligibility import eligibility
from services.project_management.applications.rules import NotEligible
from services.project_management.assignments.conflicts import conflicts
from services.project_management.assignments.queries import conflict_inputs
from services.project_management.duplicates.known import know_application
from services.project_management.memberships import actions
from services.project_management.memberships.actions import mark_addresses
from services.project_management.memberships.schemas import TeamUpdate
from services.project_management.people.queries import experts
from services.project_management.teams.queries import names_of
from services.project_management.teams.rules import MemberNotReady
from shared.contracts.catalog import PersonRegistered
from shared.contracts.coordination import address_mark
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.errors import Invalid, NotFound, Stale
from shared.kernel.ids import new_id
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import OrgRef, Role
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import (
    INSTITUTE,
    LI,
    SUN,
    UNIVERSITY,
    ZHAO,
    consent,
    draft_application,
    know_everybody,
    pdf,
    released_call,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1"
ANY = {"If-Match": "*"}
WANG = someone(Role.REVIEWER, organisation_name="Nobody's", subject="wang.leader")
LIU = someone(Role.REVIEWER, organisation_name="Nobody's", subject="liu.member")
PEOPLE: dict[str, UUID] = {name: new_id() for name in ("Wang Lei", "Liu Fang", "Chen Hong")}


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_people(projects)
    return projects


async def know_people(projects: Running) -> None:
    """Wang and Chen work for the institute, Liu for the university; Chen does not sign in."""
    await know_everybody(projects)
    for name, subject, place in (
        ("Wang Lei", WANG.subject, INSTITUTE),
        ("Liu Fang", LIU.subject, UNIVERSITY),
        ("Chen Hong", None, INSTITUTE),
    ):
        await projects.hear(
            PersonRegistered(
                id=PEOPLE[name],
                version=1,
                title=name,
                name=name,
                subject=subject,
                organisation=OrgRef(id=str(place), name="A place"),
                fields=("Materials",),
                expert=True,
                review_cap=5,
            )
        )


def team(**changed: Any) -> TeamUpdate:
    members = [
        {"person": str(PEOPLE["Liu Fang"]), "organisation_id": UNIVERSITY, "part": "Tests", "months": "12"},
        {"name": "Zhou Min", "contact": "zhou@example.org", "organisation_id": INSTITUTE, "part": "Melts"},
    ]
    return TeamUpdate.model_validate(
        {"leader": str(PEOPLE["Wang Lei"]), "leader_months": "6", "members": members} | changed
    )


async def named(projects: Running, fields: TeamUpdate | None = None, **call: Any) -> UUID:
    """A draft of the institute with the university, whose people are named by Zhao, who is no scientist."""
    released = await released_call(projects, **call)
    draft = await draft_application(projects, released.id, partner_ids=[str(UNIVERSITY)])
    document = await pdf(projects, ZHAO)
    async with projects.work(ZHAO) as work:
        await applications.attach_document(work, draft.id, document, None)
    await consent(projects, draft.id)
    async with projects.work(ZHAO) as work:
        await actions.name_people(work, draft.id, fields or team(), None, "")
    return draft.id


async def parts(projects: Running) -> dict[str, UUID]:
    return {row["name"]: row["id"] for row in await projects.rows("SELECT id, name FROM application_members")}


async def answer(projects: Running, person: Any, name: str, reason: str | None = None) -> None:
    member = (await parts(projects))[name]
    async with projects.work(person) as work:
        await actions.answer(work, member, reason, None)


async def trace_of(projects: Running, id: UUID) -> DecisionTrace:
    async with projects.work(ZHAO) as work:
        return eligibility(await facts.eligibility_inputs(work, id))


def outcome(trace: DecisionTrace, rule: str) -> str:
    return next(one.outcome for one in trace.clauses if one.rule == rule)


async def test_people_are_told_agree_and_stand_in_what_is_handed_in(ready: Running) -> None:
    id = await named(ready)
    tasks = [one for one in await ready.said(TaskAssigned) if one["data"]["kind"] == "application.membership"]
    assert {one["data"]["subject"] for one in tasks} == {WANG.subject, LIU.subject}, "nobody to ask for Zhou Min"
    assert {one["data"]["label"] for one in tasks} == {"confidential"}
    assert outcome(await trace_of(ready, id), "person.agreed") == "unknown"
    with pytest.raises(NotEligible, match="has not agreed yet"):
        async with ready.work(ZHAO) as work:
            await applications.submit_application(work, id, None)
    await answer(ready, WANG, "Wang Lei")
    with pytest.raises(MemberNotReady):
        await answer(ready, WANG, "Wang Lei")
    with pytest.raises(NotFound):
        await answer(ready, WANG, "Liu Fang")
    async with ready.work(ZHAO) as work:
        await applications.submit_application(work, id, None)
    (row,) = await ready.rows("SELECT content FROM application_versions")
    said = json.loads(row["content"])["team"]
    assert [(one["name"], one["role"], one["months"], one["answer"]) for one in said] == [
        ("Wang Lei", "leader", "6.0", "agreed"),
        ("Liu Fang", "member", "12.0", "named"),
        ("Zhou Min", "member", "0.0", "named"),
    ]
    assert "zhou@example.org" not in row["content"]
    (row,) = await ready.rows("SELECT eligibility FROM applications")
    assert DecisionTrace.model_validate(row["eligibility"]).repeats(eligibility)
    await answer(ready, LIU, "Liu Fang", "I have no time next year.")
    with pytest.raises(MemberNotReady, match="as its leader"):
        await answer(ready, WANG, "Wang Lei", "Neither have I.")
    done = {one["data"]["outcome"] for one in await ready.said(TaskDone)}
    assert {"agreed", "left"} <= done
    async with ready.client(LI) as http:
        told = (await http.get(f"{API}/applications/{id}/people")).json()["people"]
    assert [one["name"] for one in told] == ["Wang Lei", "Zhou Min"], "the office reads who stays"
    assert {one["contact"] for one in told} == {""}


async def test_a_leader_who_goes_leaves_it_to_the_drafter_and_is_not_named_again(ready: Running) -> None:
    id = await named(ready)
    await answer(ready, WANG, "Wang Lei", "I lead another one.")
    trace = await trace_of(ready, id)
    assert trace.inputs["person"]["name"] == ZHAO.subject
    with pytest.raises(Invalid) as refused:
        async with ready.work(ZHAO) as work:
            await actions.name_people(work, id, team(), None, "")
    assert [one["pointer"] for one in refused.value.errors] == ["/leader"]
    async with ready.work(ZHAO) as work:
        await actions.name_people(work, id, team(leader="", leader_part="Everything"), None, "")
    (row,) = await ready.rows(
        "SELECT state, subject FROM application_members WHERE role = 'leader' AND state <> 'left'"
    )
    assert (row["state"], row["subject"]) == ("agreed", ZHAO.subject), "who names themselves has agreed"


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"leader": str(PEOPLE["Chen Hong"])}, "/leader"),
    ({"leader": str(PEOPLE["Liu Fang"]), "members": []}, "/leader"),
    ({"members": [{"name": "Zhou Min", "organisation_id": INSTITUTE, "part": "x"}]}, "/members/0/contact"),
    (
        {"members": [{"name": "Zhou", "contact": "0000-0002-1825-0098", "organisation_id": INSTITUTE, "part": "x"}]},
        "/members/0/contact",
    ),
    ({"members": [{"organisation_id": INSTITUTE, "part": "x"}]}, "/members/0/name"),
    (
        {"members": [{"person": str(PEOPLE["Wang Lei"]), "organisation_id": INSTITUTE, "part": "x"}]},
        "/members/0/person",
    ),
    (
        {"members": [{"person": str(PEOPLE["Liu Fang"]), "organisation_id": new_id(), "part": "x"}]},
        "/members/0/organisation_id",
    ),
]


async def test_each_fault_of_a_team_stands_at_its_field(ready: Running) -> None:
    released = await released_call(ready)
    draft = await draft_application(ready, released.id, partner_ids=[str(UNIVERSITY)])
    for changed, pointer in FAULTS:
        with pytest.raises(Invalid) as refused:
            async with ready.work(ZHAO) as work:
                await actions.name_people(work, draft.id, team(**changed), None, "")
        assert [one["pointer"] for one in refused.value.errors] == [pointer]
    with pytest.raises(Stale):
        async with ready.work(ZHAO) as work:
            await actions.name_people(work, draft.id, team(), 99, "")
    with pytest.raises(NotFound):
        async with ready.work(SUN) as work:
            await actions.name_people(work, draft.id, team(), None, "")


async def test_limits_of_persons_and_the_ledger_go_by_leader_and_members_not_by_the_drafter(ready: Running) -> None:
    id = await named(ready, running_per_person=1)
    await running_project(ready, leader=WANG.subject, member=LIU.subject)
    trace = await trace_of(ready, id)
    assert (trace.inputs["person"]["running"], outcome(trace, "person.running")) == (1, "no")
    taking = {one["name"]: one["running"] for one in trace.inputs["team"] if one["role"] == "member"}
    assert taking == {"Liu Fang": 1, "Zhou Min": 0}
    assert [one.outcome for one in trace.clauses if one.rule == "member.running"] == ["no", "yes"]
    assert trace.repeats(eligibility)
    async with ready.work(ZHAO) as work:
        await actions.name_people(work, id, team(leader="", members=[]), None, "")
    free = await trace_of(ready, id)
    assert outcome(free, "person.running") == "yes", "the drafter leads nothing that runs"
    async with ready.client(SUN) as http:
        told = (await http.get(f"{API}/applications/{id}/eligibility")).json()
    assert "running" not in told["trace"]["inputs"]["person"], "a partner reads the outcome alone"


async def running_project(projects: Running, *, leader: str, member: str) -> None:
    released = await released_call(projects)
    of = await draft_application(projects, released.id)
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE applications SET leader = %(who)s WHERE id = %(id)s", {"who": leader, "id": of.id})
        await work.execute(
            """INSERT INTO application_members (id, version, application_id, position, role, subject, name, email,
                   orcid, organisation_id, organisation_name, part, months, state, reason)
               VALUES (%(id)s, 1, %(of)s, 1, 'member', %(who)s, 'L', '', '', %(org)s, '', '', 0, 'agreed', '')""",
            {"id": new_id(), "of": of.id, "who": member, "org": UNIVERSITY},
        )
        today = datetime.now(UTC).date()
        await work.execute(
            """INSERT INTO projects (id, version, created_at, call_id, application_id, title, abstract, office_id,
                   lead_id, lead_name, partners, field, stage, region, sector, label,
                   amount_amount, amount_currency, starts_on, ends_on, state, task_book, sha256, grade_reason)
               VALUES (%(id)s, 1, now(), %(call)s, %(of)s, 'P', '', %(org)s, %(org)s, 'Lead', '[]', '', 'research', '',
                   'civil', 'internal', %(amount)s, 'CNY', %(from)s, %(to)s, 'drafted', '', '', '')""",
            {
                "id": new_id(),
                "call": released.id,
                "of": of.id,
                "org": INSTITUTE,
                "amount": Decimal(1),
                "from": today,
                "to": today + timedelta(days=9),
            },
        )


async def test_conflicts_and_duplicates_know_the_people(ready: Running) -> None:
    id = await named(ready)
    await answer(ready, WANG, "Wang Lei")
    async with ready.work(ZHAO) as work:
        await applications.submit_application(work, id, None)
    async with ready.work(LI) as work:
        (call,) = await work.rows("SELECT call_id FROM applications")
        known = await experts(work, [PEOPLE["Liu Fang"]])
        found = await conflict_inputs(work, call["call_id"], [id], known)
        assert set(found["applications"][0]["members"]) >= {WANG.subject, LIU.subject}

        assert {one["kind"] for one in conflicts(found | {"declared": []})} & {"author", "employer"}
        assert LIU.subject in found["applications"][0]["members"]
        assert {"Wang Lei", "Liu Fang", "Zhou Min"} <= set(await names_of(work, id, WANG.subject))
        (typed,) = await work.rows("SELECT email, address_mark FROM application_members WHERE email <> ''")
        assert typed["address_mark"] == "", "there was no key"
        for key in ("ab" * 32, "cd" * 32):
            await mark_addresses(work, key)
            (typed,) = await work.rows("SELECT email, address_mark FROM application_members WHERE email <> ''")
            as_told = address_mark(bytes.fromhex(key), coordination.normal(typed["email"].upper()))
            assert typed["address_mark"] == as_told, "as coordination tells an address that is spelled the same"
            found = await conflict_inputs(work, call["call_id"], [id], known)
            assert as_told not in str(found), "no mark is kept in a trace"
        said = await know_application(work, id)
        assert {"Wang Lei", "Zhou Min"} <= set(said.people)
        assert ZHAO.subject not in said.people


async def test_the_pages_name_people_and_each_person_answers_on_their_own(ready: Running) -> None:
    released = await released_call(ready)
    draft = await draft_application(ready, released.id, partner_ids=[str(UNIVERSITY)])
    here = f"/projects/applications/{draft.id}/people"
    async with ready.client(ZHAO) as http:
        form = await http.get(f"{here}/edit")
        assert "Wang Lei" in form.text
        assert "Chen Hong" in form.text
        sent = {
            "leader": str(PEOPLE["Wang Lei"]),
            "members-0-person": str(PEOPLE["Chen Hong"]),
            "members-0-organisation_id": str(INSTITUTE),
            "members-0-part": "Drawings",
            "members-0-months": "4.5",
        }
        wrong = await http.post(f"{here}/edit", data=sent | {"members-0-part": ""})
        assert wrong.status_code == 422
        assert (await http.post(f"{here}/edit", data=sent)).status_code == 303
        assert "Drawings" in (await http.get(here)).text
        again = await http.get(f"{here}/edit")
        assert 'value="4.5"' in again.text
    part = (await parts(ready))["Wang Lei"]
    async with ready.client(WANG) as http:
        http.headers["Origin"] = "http://test"
        assert draft.title in (await http.get("/projects/memberships")).text
        page = await http.get(f"/projects/memberships/{part}", headers={"Accept-Language": "zh-CN"})
        assert "我同意" in page.text
        assert "We make an alloy." not in page.text, "a title, and no more"
        assert (await http.get(f"/projects/applications/{draft.id}")).status_code in (403, 404)
        assert (await http.post(f"/projects/memberships/{part}/agreement")).status_code == 303
        assert (await http.post(f"/projects/memberships/{part}/departure", data={"reason": ""})).status_code == 422
        assert (await http.post(f"/projects/memberships/{part}/departure", data={"reason": "No."})).status_code == 303
        assert (await http.get(f"{API}/memberships")).json()["items"][0]["state"] == "left"
    async with ready.client(LIU) as http:
        assert (await http.get(f"/projects/memberships/{part}")).status_code == 404


async def test_tasks_end_with_the_application(ready: Running) -> None:
    id = await named(ready)
    async with ready.work(ZHAO) as work:
        await applications.withdraw_application(work, id, "Another year.", None)
    async with ready.work(system_actor("projects")) as work:
        await actions.settle_parts(work)
    over = {one["subject"] for one in await ready.said(TaskDone)}
    assert all(one["subject"] in over for one in await ready.said(TaskAssigned))
    with pytest.raises(MemberNotReady):
        await answer(ready, LIU, "Liu Fang")
