from shared.kernel.types import Role
from tests.services.resource_catalog.scene import Scene


async def test_a_person_is_added_found_and_moved_on_pages(scene: Scene) -> None:
    first, second = await scene.organisation("First"), await scene.organisation("Second")
    form = {
        "name": "Tan Yu",
        "name_zh": "谭宇",
        "fields": ["optics", ""],
        "organisation_id": str(first),
        "expert": "true",
    }
    assert (await scene.page(scene.coordinator, "/people/new")).status_code == 200
    refused = await scene.page(scene.coordinator, "/people/new", form)
    assert refused.status_code == 422
    assert "谭宇" in refused.text
    made = await scene.page(scene.coordinator, "/people/new", form | {"review_cap": "3"})
    assert made.status_code == 303
    path = made.headers["location"].removeprefix("/catalog")
    assert "谭宇" in (await scene.page(scene.coordinator, f"/people?q=谭&expert=yes&organisation={first}")).text
    assert "Nothing fits" in (await scene.page(scene.coordinator, "/people?q=nobody")).text
    today = (await scene.catalog.rows("SELECT since FROM affiliations"))[0]["since"].isoformat()
    move = {"organisation_id": str(second), "since": today, "version": "1"}
    assert (await scene.page(scene.coordinator, f"{path}/affiliation", move)).status_code == 303
    assert (await scene.page(scene.coordinator, f"{path}/affiliation", move)).status_code == 412
    late = move | {"organisation_id": "", "since": "2999-01-01", "version": "2"}
    assert (await scene.page(scene.coordinator, f"{path}/affiliation", late)).status_code == 422
    assert "Second" in (await scene.page(scene.coordinator, path)).text


async def test_a_representative_is_not_asked_what_only_the_coordination_office_decides(scene: Scene) -> None:
    representative = await scene.member(Role.REPRESENTATIVE)
    form = await scene.page(representative, "/people/new")
    assert 'name="organisation_id"' in form.text
    assert 'name="expert"' not in form.text
