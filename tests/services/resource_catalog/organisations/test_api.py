from shared.contracts.catalog import OrganisationAdmitted, OrganisationCorrected, OrganisationSuspended
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.resource_catalog.scene import Scene, ok

BODY = {"name": "Institute", "kind": "institute", "region": "Chengdu"}


async def test_an_organisation_is_registered_admitted_and_suspended(scene: Scene) -> None:
    made = ok(await scene.call(scene.coordinator, "POST", "/organisations", json=BODY), 201)
    path = f"/organisations/{made['id']}"
    ok(await scene.call(scene.coordinator, "POST", f"{path}/suspension", json={"reason": "x"}), 409)
    admission = {"valid_until": "2028-01-01T00:00:00Z", "reason": "Evidence complete."}
    admitted = ok(
        await scene.call(scene.coordinator, "POST", f"{path}/admission", json=admission, headers={"If-Match": '"1"'})
    )
    assert (admitted["state"], admitted["version"]) == ("admitted", 2)
    stale = await scene.call(
        scene.coordinator, "POST", f"{path}/admission", json=admission, headers={"If-Match": '"1"'}
    )
    assert ok(stale, 412)["current_version"] == 2
    ok(await scene.call(scene.coordinator, "POST", f"{path}/suspension", json={"reason": "Licence expired."}))
    assert [fact["version"] for fact in await scene.catalog.said()] == [1, 2, 3]
    assert len(await scene.catalog.said(OrganisationAdmitted)) == 1
    assert len(await scene.catalog.said(OrganisationSuspended)) == 1
    assert ok(await scene.call(scene.coordinator, "GET", path))["admitted_until"] is None


async def test_what_was_entered_wrongly_is_corrected_and_said(scene: Scene) -> None:
    organisation = await scene.organisation()
    path = f"/organisations/{organisation}"
    change = {"region": "Mianyang", "name_zh": "轻合金研究所", "reason": "Entered wrongly."}
    right = ok(await scene.call(scene.coordinator, "PATCH", path, json=change, headers={"If-Match": '"2"'}))
    assert (right["version"], right["region"], right["state"]) == (3, "Mianyang", "admitted")
    assert right["name"] == "Institute of Light Alloys"
    (said,) = await scene.catalog.said(OrganisationCorrected)
    assert (said["version"], said["data"]["standing"]) == (3, "admitted")
    assert said["data"]["valid_until"] is not None
    assert set(said["data"]["changed"]) == {"region", "name_zh"}
    ok(await scene.call(scene.coordinator, "PATCH", path, json=change, headers={"If-Match": '"2"'}), 412)
    ok(await scene.call(scene.coordinator, "PATCH", path, json=change))
    assert len(await scene.catalog.said(OrganisationCorrected)) == 1, "what changes nothing says nothing"
    ok(await scene.call(scene.coordinator, "PATCH", path, json={"region": "Ya'an"}), 422)
    member = someone(Role.REPRESENTATIVE, organisation_id=organisation)
    ok(await scene.call(member, "PATCH", path, json=change), 403)
    code = "91350100M000100Y43"
    ok(await scene.call(scene.coordinator, "POST", "/organisations", json=BODY | {"credit_code": code}), 201)
    ok(await scene.call(scene.coordinator, "PATCH", path, json={"credit_code": code, "reason": "x"}), 409)


async def test_the_form_of_a_correction_is_offered_to_the_office_only(scene: Scene) -> None:
    organisation = await scene.organisation()
    path = f"/organisations/{organisation}"
    assert f"{path}/edit" in (await scene.page(scene.coordinator, path)).text
    assert f"{path}/edit" not in (await scene.page(someone(Role.APPLICANT), path)).text
    form = {**BODY, "name": "Institute of Light Metals", "sector": "civil", "version": "2"}
    unsaid = await scene.page(scene.coordinator, f"{path}/edit", form)
    assert unsaid.status_code == 422
    assert "Institute of Light Metals" in unsaid.text
    assert (await scene.page(scene.coordinator, f"{path}/edit", form | {"reason": "New name."})).status_code == 303
    assert "Institute of Light Metals" in (await scene.page(scene.coordinator, path)).text
    stale = await scene.page(scene.coordinator, f"{path}/edit", form | {"name": "Other", "reason": "x"})
    assert stale.status_code == 412


async def test_a_region_is_kept_under_its_one_name_and_offered_in_both_languages(scene: Scene) -> None:
    for typed in ("成都市", "chengdu", "Chengdu"):
        made = ok(await scene.call(scene.coordinator, "POST", "/organisations", json=BODY | {"region": typed}), 201)
        assert made["region"] == "Chengdu"
    page = await scene.page(scene.coordinator, f"/organisations/{made['id']}", language="zh")
    assert "<dd>成都</dd>" in page.text.replace("\n", "")
    named = ok(await scene.call(scene.coordinator, "POST", "/organisations", json=BODY | {"name_zh": "研究所"}), 201)
    for path in (f"/organisations/{named['id']}", "/organisations"):
        chinese = (await scene.page(scene.coordinator, path, language="zh")).text
        assert chinese.index("研究所") < chinese.rindex("Institute"), "the reader's language comes first"
    assert (
        "<h1>研究所</h1>" in (await scene.page(scene.coordinator, f"/organisations/{named['id']}", language="zh")).text
    )
    form = (await scene.page(scene.coordinator, "/organisations/new", language="zh")).text
    assert '<option value="成都">' in form
    assert '<option value="Chengdu">' in (await scene.page(scene.coordinator, "/organisations/new")).text


async def test_only_the_coordination_office_admits(scene: Scene) -> None:
    organisation = await scene.organisation(admitted=False)
    admission = {"valid_until": "2028-01-01T00:00:00Z", "reason": "x"}
    for role in (Role.REPRESENTATIVE, Role.ADMINISTRATOR, Role.AUDITOR):
        who = someone(role, organisation_id=organisation)
        ok(await scene.call(who, "POST", f"/organisations/{organisation}/admission", json=admission), 403)
    past = admission | {"valid_until": "2020-01-01T00:00:00Z"}
    body = ok(await scene.call(scene.coordinator, "POST", f"/organisations/{organisation}/admission", json=past), 422)
    assert body["errors"][0]["pointer"] == "/valid_until"


async def test_the_list_is_paged_without_loss_and_searched_literally(scene: Scene) -> None:
    for number in range(7):
        await scene.organisation(f"Name {number} 100%_\\", admitted=False)
    names: list[str] = []
    cursor = ""
    while True:
        page = ok(await scene.call(scene.coordinator, "GET", f"/organisations?limit=3&cursor={cursor}"))
        names += [row["name"] for row in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert names == sorted(f"Name {number} 100%_\\" for number in range(7))
    for search, count in (("100%25_", 7), ("%25", 7), ("1%25_", 0), ("_", 7), ("\\", 7), ("Name 3", 1)):
        found = ok(await scene.call(scene.coordinator, "GET", f"/organisations?search={search}"))
        assert len(found["items"]) == count, search
    ok(await scene.call(scene.coordinator, "GET", "/organisations?cursor=nonsense"), 422)
    ok(await scene.call(scene.coordinator, "GET", "/organisations?state=admitted&state=suspended"))


async def test_pages_show_list_detail_form_and_both_versions_of_a_stale_admission(scene: Scene) -> None:
    organisation = await scene.organisation()
    assert "Institute of Light Alloys" in (await scene.page(scene.coordinator, "/organisations?q=Light")).text
    assert (await scene.page(scene.coordinator, "/organisations/new")).status_code == 200
    bad = await scene.page(scene.coordinator, "/organisations/new", {"name": "Kept", "credit_code": "1"})
    assert bad.status_code == 422
    assert "Kept" in bad.text
    shown = await scene.page(scene.coordinator, f"/organisations/{organisation}")
    assert "Suspend" in shown.text
    form = {"valid_until": "2028-01-01T10:00", "reason": "Fresh evidence", "version": "1"}
    stale = await scene.page(scene.coordinator, f"/organisations/{organisation}/admission", form)
    assert stale.status_code == 412
    assert "Fresh evidence" in stale.text
    twice = await scene.page(scene.coordinator, f"/organisations/{organisation}/admission", form | {"version": "2"})
    assert twice.status_code == 409
