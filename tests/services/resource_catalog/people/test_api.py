from typing import Any

from shared.contracts.catalog import AffiliationChanged, PersonRegistered
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.resource_catalog.scene import Scene, ok

MA = {"name": "Ma Lihua", "name_zh": "马丽华", "orcid": "https://orcid.org/0000-0002-1825-0097", "fields": ["fatigue"]}


async def test_an_expert_is_entered_by_the_coordination_office_and_said(scene: Scene) -> None:
    organisation = await scene.organisation()
    body = {**MA, "organisation_id": str(organisation), "subject": "expert.ma", "expert": True, "review_cap": 5}
    made = ok(await scene.call(scene.coordinator, "POST", "/people", json=body), 201)
    assert made["orcid"] == "0000-0002-1825-0097"
    assert [a["organisation_name"] for a in made["affiliations"]] == ["Institute of Light Alloys"]
    (said,) = await scene.catalog.said(PersonRegistered)
    assert (said["data"]["expert"], said["data"]["review_cap"], said["data"]["subject"]) == (True, 5, "expert.ma")
    assert said["data"]["organisation"]["id"] == str(organisation)
    found = ok(await scene.call(scene.coordinator, "GET", "/people?expert=true&search=丽华"))
    assert [row["name"] for row in found["items"]] == ["Ma Lihua"]


async def test_a_representative_adds_people_of_their_own_organisation_only(scene: Scene) -> None:
    representative = await scene.member(Role.REPRESENTATIVE)
    own = MA | {"organisation_id": str(representative.organisation_id)}
    ok(await scene.call(representative, "POST", "/people", json=own), 201)
    ok(await scene.call(representative, "POST", "/people", json={"name": "Guo"}), 404)
    other = {"name": "Guo", "organisation_id": str(await scene.organisation("Other"))}
    ok(await scene.call(representative, "POST", "/people", json=other), 404)
    applicant = await scene.member(Role.APPLICANT, organisation_id=representative.organisation_id)
    ok(await scene.call(applicant, "POST", "/people", json=own), 403)


async def test_only_the_coordination_office_makes_experts_and_links_sign_ins(scene: Scene) -> None:
    representative = await scene.member(Role.REPRESENTATIVE)
    body = {"name": "Guo", "organisation_id": str(representative.organisation_id)}
    for more, pointer in (({"expert": True, "review_cap": 2}, "/expert"), ({"subject": "guo"}, "/subject")):
        refused = ok(await scene.call(representative, "POST", "/people", json=body | more), 422)
        assert refused["errors"][0]["pointer"] == pointer


async def test_one_orcid_and_one_sign_in_belong_to_one_person(scene: Scene) -> None:
    ok(await scene.call(scene.coordinator, "POST", "/people", json=MA | {"subject": "ma"}), 201)
    ok(await scene.call(scene.coordinator, "POST", "/people", json=MA), 409)
    ok(await scene.call(scene.coordinator, "POST", "/people", json={"name": "X", "subject": "ma"}), 409)


async def test_faulty_entries_are_named(scene: Scene) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"orcid": "0000-0002-1825-0098"}, "/orcid"),
        ({"orcid": "12"}, "/orcid"),
        ({"expert": True}, "/review_cap"),
        ({"review_cap": 3}, "/review_cap"),
        ({"fields": [""]}, "/fields/0"),
        ({"surprise": 1}, "/surprise"),
    ]
    for change, pointer in cases:
        answer = await scene.call(scene.coordinator, "POST", "/people", json={"name": "Ma", **change})
        assert pointer in [error["pointer"] for error in ok(answer, 422)["errors"]]


async def test_the_sign_in_name_is_shown_to_those_concerned_only(scene: Scene) -> None:
    organisation = await scene.organisation()
    body = {"name": "Ma", "subject": "ma", "organisation_id": str(organisation)}
    made = ok(await scene.call(scene.coordinator, "POST", "/people", json=body), 201)
    colleague = someone(Role.APPLICANT, organisation_id=organisation)
    stranger = someone(Role.APPLICANT)
    herself = someone(subject="ma")
    for who, seen in ((scene.coordinator, "ma"), (colleague, "ma"), (herself, "ma"), (stranger, None)):
        assert ok(await scene.call(who, "GET", f"/people/{made['id']}"))["subject"] == seen
    ok(await scene.call(None, "GET", "/people"), 401)


async def test_a_change_of_employer_ends_one_affiliation_and_begins_another(scene: Scene) -> None:
    first, second = await scene.organisation("First"), await scene.organisation("Second")
    made = ok(
        await scene.call(scene.coordinator, "POST", "/people", json={"name": "Tan", "organisation_id": str(first)}), 201
    )
    path = f"/people/{made['id']}/affiliation"
    today = made["affiliations"][0]["since"]
    move = {"organisation_id": str(second), "since": today}
    leaving = someone(Role.REPRESENTATIVE, organisation_id=first)
    ok(await scene.call(leaving, "POST", path, json=move), 403)
    ok(await scene.call(scene.coordinator, "POST", path, json=move, headers={"If-Match": '"7"'}), 412)
    moved = ok(await scene.call(scene.coordinator, "POST", path, json=move))
    assert {(a["organisation_name"], a["until"]) for a in moved["affiliations"]} == {("Second", None), ("First", today)}
    ok(await scene.call(scene.coordinator, "POST", path, json=move), 409)
    early = {"organisation_id": None, "since": "1999-01-01"}
    assert ok(await scene.call(scene.coordinator, "POST", path, json=early), 422)["errors"][0]["pointer"] == "/since"
    (said,) = await scene.catalog.said(AffiliationChanged)
    assert (said["version"], said["data"]["organisation"]["name"]) == (2, "Second")


async def test_a_batch_takes_good_rows_names_bad_ones_and_changes_nothing_when_repeated(scene: Scene) -> None:
    await scene.organisation("Known Institute")
    batch = {
        "source": "orcid",
        "rows": [
            {"number": "1", "name": "Guo Wei", "organisation": "known institute"},
            {"number": "2", "name": ""},
            {"number": "3", "name": "Tan", "orcid": "0000-0002-1825-0098"},
            {"number": "4", "name": "Lost", "organisation": "Nobody knows"},
            {"name": "No number"},
            {"number": "1", "name": "Guo Wei again"},
            {"number": "5", "name": "Extra", "x": 1},
        ],
    }
    first = ok(await scene.call(scene.coordinator, "POST", "/people/batches", json=batch))
    assert (first["accepted"], first["unchanged"], first["refused"]) == (1, 1, 5)
    assert {(fault["row"], fault["field"]) for fault in first["errors"]} == {
        (1, "name"),
        (2, "orcid"),
        (3, "organisation"),
        (4, ""),
        (6, "x"),
    }
    again = ok(await scene.call(scene.coordinator, "POST", "/people/batches", json=batch))
    assert (again["accepted"], again["unchanged"], again["refused"]) == (0, 2, 5)
    (said,) = await scene.catalog.said(PersonRegistered)
    assert said["data"]["organisation"]["name"] == "Known Institute"
    assert await scene.catalog.rows("SELECT count(*) AS n FROM affiliations") == [{"n": 1}]
