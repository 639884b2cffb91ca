"""Assets over HTTP: registration, exact shares, who sees what."""

from typing import Any

import pytest

from shared.contracts.ip import AssetRegistered
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.ip_registry.scene import Scene, ok, pointers, project_started


async def test_shares_of_sixty_and_forty_are_kept_exactly(scene: Scene) -> None:
    institute, university = await scene.organisation("Institute"), await scene.organisation("University")
    body = scene.asset_body(
        shares=[
            {"organisation_id": str(institute), "share": "60%"},
            {"organisation_id": str(university), "share": "2/5"},
        ]
    )
    made = ok(await scene.call(scene.officer, "POST", "/assets", body), 201)
    assert {one["name"]: one["share"] for one in made["shares"]} == {"Institute": "3/5", "University": "2/5"}
    assert {one["from_on"] for one in made["shares"]} == {"2026-03-02"}
    (fact,) = await scene.ip.said(AssetRegistered)
    assert [one["share"] for one in fact["data"]["shares"]] == ["3/5", "2/5"]
    assert fact["data"]["owners"] == [str(institute), str(university)]


async def test_an_asset_follows_its_disclosure_and_project(scene: Scene) -> None:
    lead = someone(Role.APPLICANT)
    started = project_started(lead)
    await scene.ip.hear(started)
    disclosed = await scene.triaged(lead, project_id=str(started.id))
    made = await scene.asset(lead.organisation_id, disclosure_id=disclosed["id"])
    assert (made["disclosure_id"], made["project_id"]) == (disclosed["id"], str(started.id))
    (fact,) = await scene.ip.said(AssetRegistered)
    assert {(one["kind"], one["id"]) for one in fact["data"]["arises_from"]} == {
        ("disclosure", disclosed["id"]),
        ("project", str(started.id)),
    }


async def test_only_the_office_registers(scene: Scene) -> None:
    holder = someone(Role.REPRESENTATIVE)
    await scene.organisation(id=holder.organisation_id)
    ok(await scene.call(holder, "POST", "/assets", scene.asset_body(holder.organisation_id)), 403)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"shares": [("1/2", 0), ("1/3", 1)]}, "/shares"),
        ({"shares": [("1/2", 0), ("2/3", 1)]}, "/shares"),
        ({"shares": [("1/1", 0), ("0", 1)]}, "/shares"),
        ({"shares": [("1/2", 0), ("1/2", 0)]}, "/shares"),
        ({"shares": []}, "/shares"),
        ({"inventors": [{"name": "Zhao", "share": "1/2"}]}, "/inventors"),
        ({"office": None}, "/office"),
        ({"office": "China"}, "/office"),
        ({"application_number": None}, "/application_number"),
        ({"application_number": "abc!!"}, "/application_number"),
        ({"application_number": "200310102344.6"}, "/application_number"),
        ({"application_number": "200330102344"}, "/application_number"),
        ({"application_number": "abc!!", "office": "EP"}, "/application_number"),
        ({"filed_on": None}, "/filed_on"),
        ({"filed_on": "2999-01-01"}, "/filed_on"),
        ({"disclosure_id": str(new_id())}, "/disclosure_id"),
        ({"label": "confidential"}, "/label"),
    ],
)
async def test_a_faulty_entry_is_named(scene: Scene, changed: dict[str, Any], pointer: str) -> None:
    known = [await scene.organisation("First"), await scene.organisation("Second")]
    if "shares" in changed:
        shares = [{"organisation_id": str(known[who]), "share": share} for share, who in changed["shares"]]
        changed = {"shares": shares}
    answer = await scene.call(scene.officer, "POST", "/assets", scene.asset_body(*known, **changed))
    assert pointers(answer) == {pointer}
    assert await scene.ip.said() == []


async def test_a_holder_the_catalogue_does_not_know_is_named_with_its_place(scene: Scene) -> None:
    body = scene.asset_body(await scene.organisation(), new_id())
    assert pointers(await scene.call(scene.officer, "POST", "/assets", body)) == {"/shares/1/organisation_id"}


async def test_know_how_needs_no_office(scene: Scene) -> None:
    await scene.asset(new_id(), kind="know_how", office=None, application_number=None, filed_on=None)


async def test_a_chinese_number_is_kept_with_its_check_digit_however_it_is_written(scene: Scene) -> None:
    made = await scene.asset(new_id(), application_number="CN 200310102344")
    assert made["application_number"] == "200310102344.5"
    for same in ("200310102344.5", "ZL2003101023445", "２００３１０１０２３４４．５"):
        body = scene.asset_body(await scene.organisation(), application_number=same)
        ok(await scene.call(scene.officer, "POST", "/assets", body), 409)


async def test_one_application_number_has_one_dossier(scene: Scene) -> None:
    first = await scene.asset(new_id())
    number = {"application_number": first["application_number"]}
    again = scene.asset_body(await scene.organisation(), **number)
    ok(await scene.call(scene.officer, "POST", "/assets", again), 409)
    ok(await scene.call(scene.officer, "POST", "/assets", again | {"office": "EP"}), 201)


async def test_a_disclosure_must_be_triaged_for_it(scene: Scene) -> None:
    owner = someone(Role.APPLICANT)
    organisation = await scene.organisation(id=owner.organisation_id)
    filed = await scene.disclosure(owner)
    published = await scene.triaged(owner, "publish")
    secret = await scene.triaged(owner, "keep_secret")
    for disclosed, pointer in ((filed, "/disclosure_id"), (published, "/disclosure_id"), (secret, "/kind")):
        body = scene.asset_body(organisation, disclosure_id=disclosed["id"])
        assert pointers(await scene.call(scene.officer, "POST", "/assets", body)) == {pointer}


async def test_an_asset_is_not_labelled_below_its_disclosure(scene: Scene) -> None:
    scene.officer = someone(Role.IP_OFFICER, clearance=SecurityLabel.CONFIDENTIAL)
    owner = someone(Role.APPLICANT, clearance=SecurityLabel.CONTROLLED)
    disclosed = await scene.triaged(owner, label="controlled")
    organisation = await scene.organisation(id=owner.organisation_id)
    body = scene.asset_body(organisation, disclosure_id=disclosed["id"], label="internal")
    assert pointers(await scene.call(scene.officer, "POST", "/assets", body)) == {"/label"}
    ok(await scene.call(scene.officer, "POST", "/assets", body | {"label": "controlled"}), 201)


async def test_holders_and_overseers_see_an_asset_and_nobody_else_nor_its_count(scene: Scene) -> None:
    holder, other = someone(Role.APPLICANT), someone(Role.APPLICANT)
    auditor = someone(Role.AUDITOR)
    made = await scene.asset(holder.organisation_id, new_id())
    for person, sees in ((holder, True), (scene.officer, True), (auditor, True), (other, False)):
        ok(await scene.call(person, "GET", f"/assets/{made['id']}"), 200 if sees else 404)
        assert len(ok(await scene.call(person, "GET", "/assets"))["items"]) == sees
        page = await scene.page(person, "/assets?q=pulsed")
        assert f"<strong>{int(sees)}</strong>" in page.text
        assert (made["title"] in page.text) is sees


async def test_a_label_above_the_clearance_hides_an_asset_from_its_own_holder(scene: Scene) -> None:
    scene.officer = someone(Role.IP_OFFICER, clearance=SecurityLabel.CONFIDENTIAL)
    low = someone(Role.APPLICANT)
    high = someone(Role.APPLICANT, organisation_id=low.organisation_id, clearance=SecurityLabel.CONTROLLED)
    made = await scene.asset(low.organisation_id, label="controlled")
    ok(await scene.call(high, "GET", f"/assets/{made['id']}"))
    ok(await scene.call(low, "GET", f"/assets/{made['id']}"), 404)
    assert ok(await scene.call(low, "GET", "/assets"))["items"] == []


async def test_who_held_it_on_a_day_is_asked_by_the_day(scene: Scene) -> None:
    holder = someone(Role.APPLICANT)
    made = await scene.asset(holder.organisation_id)
    before = ok(await scene.call(holder, "GET", f"/assets/{made['id']}?on=2026-03-01"))
    since = ok(await scene.call(holder, "GET", f"/assets/{made['id']}?on=2026-03-02"))
    assert (before["shares"], len(since["shares"])) == ([], 1)


async def test_the_list_is_narrowed_by_kind_and_number_and_paged(scene: Scene) -> None:
    organisation = new_id()
    await scene.asset(organisation, kind="know_how", title="Recipe", application_number="KH-77", office="CN")
    for _ in range(2):
        await scene.asset(organisation)
    assert len(ok(await scene.call(scene.officer, "GET", "/assets?kind=know_how"))["items"]) == 1
    assert ok(await scene.call(scene.officer, "GET", "/assets?search=kh-7"))["items"][0]["title"] == "Recipe"
    first = ok(await scene.call(scene.officer, "GET", "/assets?limit=2"))
    rest = ok(await scene.call(scene.officer, "GET", f"/assets?limit=2&cursor={first['next_cursor']}"))
    assert len({one["id"] for one in first["items"] + rest["items"]}) == 3
    ok(await scene.call(scene.officer, "GET", "/assets?cursor=nonsense"), 422)
