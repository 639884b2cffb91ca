"""Disclosures: from filing to triage."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ip_registry.disclosures.rules import AlreadyTriaged, State, next_state, shares_fault
from shared.contracts.ip import DisclosureTriaged, InventionDisclosed, TaskAssigned, TaskDone
from shared.contracts.projects import ProjectStarted
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, Sector, SecurityLabel
from tests.kit.platform import Running, Someone, someone

BODY = {
    "title": "Pulsed cooling of melts",
    "abstract": "A jet pulsed in step with the solidification front.",
    "inventors": [{"name": "Zhao Min", "share": "3/5"}, {"name": "Sun Jie", "share": "40%"}],
}


def project_started(lead: Someone, *partners: Someone, id: UUID | None = None) -> ProjectStarted:
    return ProjectStarted(
        id=id or new_id(),
        version=1,
        title="Bearing cages",
        call_id=new_id(),
        application_id=new_id(),
        lead=OrgRef(id=str(lead.organisation_id), name="Institute"),
        partners=tuple(OrgRef(id=str(p.organisation_id), name="University") for p in partners),
        field="advanced materials",
        stage="research",
        region="Chengdu",
        sector=Sector.CIVIL,
        amount="1000000.00",
        currency="CNY",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1),
    )


def test_a_triaged_disclosure_cannot_be_triaged_again() -> None:
    assert next_state("triage", State.FILED) is State.TRIAGED
    with pytest.raises(AlreadyTriaged):
        next_state("triage", State.TRIAGED)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=30))
def test_parts_of_a_whole_have_no_fault_and_any_other_sum_has(parts: list[int]) -> None:
    from fractions import Fraction

    shares = [Fraction(part, sum(parts)) for part in parts]
    assert shares_fault(shares, "inventors") == ""
    assert "too little" in shares_fault([share / 2 for share in shares], "inventors")


async def test_filing_saves_state_fact_and_task_together(ip: Running) -> None:
    zhao = someone(Role.APPLICANT)
    async with ip.client(zhao) as client:
        answer = await client.post("/ip/api/v1/disclosures", json=BODY)
    assert answer.status_code == 201, answer.text
    assert answer.json()["inventors"][1]["share"] == "2/5"
    (filed,) = await ip.said(InventionDisclosed)
    assert filed["subject"] == UUID(answer.json()["id"])
    (task,) = await ip.said(TaskAssigned)
    assert task["data"]["role"] == "ip_officer"


async def test_shares_that_do_not_make_one_are_refused_with_the_difference(ip: Running) -> None:
    body = {**BODY, "inventors": [{"name": "Zhao Min", "share": "3/5"}]}
    async with ip.client(someone(Role.APPLICANT)) as client:
        answer = await client.post("/ip/api/v1/disclosures", json=body)
    assert answer.status_code == 422
    assert "2/5 too little" in answer.text
    assert await ip.said() == []


async def test_a_project_of_others_cannot_be_named(ip: Running) -> None:
    lead, stranger = someone(Role.APPLICANT), someone(Role.APPLICANT)
    started = project_started(lead)
    await ip.hear(started)
    async with ip.client(stranger) as client:
        refused = await client.post("/ip/api/v1/disclosures", json={**BODY, "project_id": str(started.id)})
    async with ip.client(lead) as client:
        taken = await client.post("/ip/api/v1/disclosures", json={**BODY, "project_id": str(started.id)})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/project_id"
    assert taken.status_code == 201
    assert taken.json()["project_title"] == "Bearing cages"


async def test_nobody_sees_anothers_disclosure_nor_how_many_there_are(ip: Running) -> None:
    owner, other = someone(Role.APPLICANT), someone(Role.APPLICANT)
    officer = someone(Role.IP_OFFICER)
    async with ip.client(owner) as client:
        made = (await client.post("/ip/api/v1/disclosures", json=BODY)).json()
    path = f"/ip/api/v1/disclosures/{made['id']}"
    async with ip.client(other) as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.get("/ip/api/v1/disclosures")).json()["items"] == []
        assert (await client.get(f"/ip/disclosures/{made['id']}")).status_code == 404
    async with ip.client(officer) as client:
        assert (await client.get(path)).status_code == 200


async def test_a_label_above_the_clearance_hides_it_even_from_the_office(ip: Running) -> None:
    owner = someone(Role.APPLICANT, clearance=SecurityLabel.CONFIDENTIAL)
    officer = someone(Role.IP_OFFICER, clearance=SecurityLabel.INTERNAL)
    async with ip.client(owner) as client:
        made = (await client.post("/ip/api/v1/disclosures", json={**BODY, "label": "controlled"})).json()
    async with ip.client(officer) as client:
        assert (await client.get(f"/ip/api/v1/disclosures/{made['id']}")).status_code == 404
        answer = await client.post(
            f"/ip/api/v1/disclosures/{made['id']}/triage",
            json={"outcome": "protect", "reason": "New."},
            headers={"If-Match": '"1"'},
        )
        assert answer.status_code == 404


async def test_triage_is_recorded_with_its_reason_and_ends_the_task(ip: Running) -> None:
    async with ip.client(someone(Role.APPLICANT)) as client:
        made = (await client.post("/ip/api/v1/disclosures", json=BODY)).json()
    async with ip.client(someone(Role.IP_OFFICER)) as client:
        path = f"/ip/api/v1/disclosures/{made['id']}/triage"
        body = {"outcome": "protect", "reason": "Novel over two patents."}
        assert (await client.post(path, json=body)).status_code == 428
        assert (await client.post(path, json=body, headers={"If-Match": '"9"'})).status_code == 412
        done = await client.post(path, json=body, headers={"If-Match": '"1"'})
        again = await client.post(path, json=body, headers={"If-Match": '"2"'})
    assert done.status_code == 200
    assert done.json()["state"] == "triaged"
    assert again.status_code == 409
    (triaged,) = await ip.said(DisclosureTriaged)
    assert triaged["version"] == 2
    assert len(await ip.said(TaskDone)) == 1


async def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(ip: Running) -> None:
    async with ip.client(someone(Role.APPLICANT)) as client:
        page = await client.post(
            "/ip/disclosures/new",
            data={"title": "Kept title", "abstract": "", "inventors-0-name": "Zhao", "inventors-0-share": "3/5"},
            headers={"Origin": "http://test"},
        )
    assert page.status_code == 422
    assert "Kept title" in page.text
    assert "aria-invalid" in page.text


async def test_the_pages_lead_from_filing_to_triage(ip: Running) -> None:
    origin = {"Origin": "http://test"}
    form = {
        "title": "Pulsed cooling",
        "abstract": "A jet.",
        "label": "internal",
        "inventors-0-name": "Zhao",
        "inventors-0-share": "1/1",
    }
    async with ip.client(someone(Role.APPLICANT)) as client:
        assert (await client.get("/ip/disclosures/new")).status_code == 200
        made = await client.post("/ip/disclosures/new", data=form, headers=origin)
        assert made.status_code == 303, made.text
        page = made.headers["location"].split("?")[0]
        assert "Pulsed cooling" in (await client.get(page)).text
        assert "Pulsed cooling" in (await client.get("/ip/disclosures")).text
    async with ip.client(someone(Role.IP_OFFICER)) as client:
        shown = await client.get(page)
        assert 'name="outcome"' in shown.text
        done = await client.post(
            f"{page}/triage", data={"outcome": "publish", "reason": "No market.", "version": "1"}, headers=origin
        )
        assert done.status_code == 303, done.text
        chinese = await client.get(page, headers={"Accept-Language": "zh-CN"})
        assert 'lang="zh' in chinese.text


async def test_a_project_heard_twice_and_out_of_order_ends_the_same(ip: Running) -> None:
    from shared.contracts.projects import ProjectCompleted

    lead, partner = someone(Role.APPLICANT), someone(Role.APPLICANT)
    started = project_started(lead, partner)
    completed = ProjectCompleted(id=started.id, version=5, title=started.title, lead=started.lead, grade="good")
    await ip.hear(completed, started, times=2)
    rows = await ip.rows("SELECT state, version, jsonb_array_length(parties) AS parties FROM projects")
    assert rows == [{"state": "completed", "version": 5, "parties": 2}]
