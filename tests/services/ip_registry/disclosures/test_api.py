"""Disclosures over HTTP: from filing to triage."""

from uuid import UUID

from shared.contracts.ip import DisclosureTriaged, InventionDisclosed, TaskAssigned, TaskDone
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.ip_registry.scene import DISCLOSURE, Scene, ok, pointers, project_started

DECISION = {"outcome": "protect", "reason": "Novel over two patents."}


async def test_filing_saves_state_fact_and_task_together(scene: Scene) -> None:
    made = await scene.disclosure(someone(Role.APPLICANT))
    assert made["inventors"][1]["share"] == "2/5"
    (filed,) = await scene.ip.said(InventionDisclosed)
    assert filed["subject"] == UUID(made["id"])
    (task,) = await scene.ip.said(TaskAssigned)
    assert task["data"]["role"] == "ip_officer"


async def test_shares_that_do_not_make_one_are_refused_with_the_difference(scene: Scene) -> None:
    body = DISCLOSURE | {"inventors": [{"name": "Zhao Min", "share": "3/5"}]}
    answer = await scene.call(someone(Role.APPLICANT), "POST", "/disclosures", body)
    assert pointers(answer) == {"/inventors"}
    assert "2/5 is missing" in answer.text
    assert await scene.ip.said() == []


async def test_a_project_of_others_cannot_be_named(scene: Scene) -> None:
    lead, stranger = someone(Role.APPLICANT), someone(Role.APPLICANT)
    started = project_started(lead)
    await scene.ip.hear(started)
    body = DISCLOSURE | {"project_id": str(started.id)}
    assert pointers(await scene.call(stranger, "POST", "/disclosures", body)) == {"/project_id"}
    taken = ok(await scene.call(lead, "POST", "/disclosures", body), 201)
    assert taken["project_title"] == "Bearing cages"
    (filed,) = await scene.ip.said(InventionDisclosed)
    assert filed["data"]["arises_from"] == [{"kind": "project", "id": str(started.id)}]


async def test_a_label_is_neither_public_nor_below_the_projects_nor_above_the_clearance(scene: Scene) -> None:
    lead = someone(Role.APPLICANT, clearance=SecurityLabel.CONTROLLED)
    started = project_started(lead, label=SecurityLabel.CONTROLLED)
    await scene.ip.hear(started)
    for body in (
        {"label": "public"},
        {"label": "confidential"},
        {"label": "internal", "project_id": str(started.id)},
    ):
        assert pointers(await scene.call(lead, "POST", "/disclosures", DISCLOSURE | body)) == {"/label"}
    await scene.disclosure(lead, label="controlled", project_id=str(started.id))


async def test_nobody_sees_anothers_disclosure_nor_how_many_there_are(scene: Scene) -> None:
    owner, other = someone(Role.APPLICANT), someone(Role.APPLICANT)
    path = f"/disclosures/{(await scene.disclosure(owner))['id']}"
    ok(await scene.call(other, "GET", path), 404)
    assert ok(await scene.call(other, "GET", "/disclosures"))["items"] == []
    assert (await scene.page(other, path)).status_code == 404
    assert "Pulsed" not in (await scene.page(other, "/disclosures?q=pulsed")).text
    ok(await scene.call(scene.officer, "GET", path))


async def test_a_label_above_the_clearance_hides_it_even_from_the_office(scene: Scene) -> None:
    made = await scene.disclosure(
        someone(Role.APPLICANT, clearance=SecurityLabel.CONFIDENTIAL), label=SecurityLabel.CONTROLLED.value
    )
    ok(await scene.call(scene.officer, "GET", f"/disclosures/{made['id']}"), 404)
    ok(await scene.call(scene.officer, "POST", f"/disclosures/{made['id']}/triage", DECISION, 1), 404)


async def test_triage_is_recorded_with_its_reason_and_ends_the_task(scene: Scene) -> None:
    made = await scene.disclosure(someone(Role.APPLICANT))
    path = f"/disclosures/{made['id']}/triage"
    ok(await scene.call(scene.officer, "POST", path, DECISION), 428)
    ok(await scene.call(scene.officer, "POST", path, DECISION, 9), 412)
    assert ok(await scene.call(scene.officer, "POST", path, DECISION, 1))["state"] == "triaged"
    ok(await scene.call(scene.officer, "POST", path, DECISION, 2), 409)
    (triaged,) = await scene.ip.said(DisclosureTriaged)
    assert triaged["version"] == 2
    assert len(await scene.ip.said(TaskDone)) == 1


async def test_the_list_is_searched_to_the_letter_and_paged(scene: Scene) -> None:
    owner = someone(Role.APPLICANT)
    for title in ("100% recycling", "100 furnaces", "A_B", "AxB", "back\\slash"):
        await scene.disclosure(owner, title=title)
    for search, title in (("100%", "100% recycling"), ("a_b", "A_B"), ("k\\s", "back\\slash")):
        async with scene.ip.client(owner) as client:
            found = ok(await client.get("/ip/api/v1/disclosures", params={"search": search}))
        assert [one["title"] for one in found["items"]] == [title]
    first = ok(await scene.call(owner, "GET", "/disclosures?limit=3"))
    rest = ok(await scene.call(owner, "GET", f"/disclosures?limit=3&cursor={first['next_cursor']}"))
    assert len({one["id"] for one in first["items"] + rest["items"]}) == 5
    assert rest["next_cursor"] is None
