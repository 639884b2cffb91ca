from shared.kernel.types import Role
from tests.services.resource_catalog.scene import COMPLETE, Scene, ok


async def test_the_whole_way_to_the_catalogue_on_pages(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT)
    form = {**COMPLETE, "maturity": ""}
    assert (await scene.page(author, "/achievements/new")).status_code == 200
    made = await scene.page(author, "/achievements/new", form)
    assert made.status_code == 303
    path = made.headers["location"].removeprefix("/catalog")
    shown = await scene.page(author, path)
    assert "Before it can be released, fill in" in shown.text
    refused = await scene.page(author, f"{path}/release-request", {"version": "1"})
    assert refused.status_code == 422

    edit = await scene.page(author, f"{path}/edit")
    assert "light alloys" in edit.text
    saved = await scene.page(author, f"{path}/edit", {**form, "maturity": "Pilot", "advantage": "", "version": "1"})
    assert saved.status_code == 303
    assert "<li>Advantage over today" in (await scene.page(author, path)).text
    stale = await scene.page(author, f"{path}/edit", {**form, "version": "1"})
    assert stale.status_code == 412
    assert (await scene.page(author, f"{path}/edit", {**COMPLETE, "version": "2"})).status_code == 303
    assert (await scene.page(author, f"{path}/release-request", {"version": "3"})).status_code == 303

    waits = await scene.page(author, f"{path}/edit")
    assert (waits.status_code, waits.headers["location"]) == (303, f"/catalog{path}"), "what is in review is not edited"
    desk = await scene.page(scene.coordinator, path)
    assert "Record the review" in desk.text
    assert "Record the review" not in (await scene.page(author, path)).text
    without = await scene.page(
        scene.coordinator, f"{path}/security-review", {"decision": "approve", "reason": "Kept", "version": "4"}
    )
    assert without.status_code == 422
    assert "Kept" in without.text
    review = {"decision": "approve", "label": "public", "reason": "Fine", "version": "4"}
    assert (await scene.page(scene.coordinator, f"{path}/security-review", review)).status_code == 303
    assert (await scene.page(author, f"{path}/release", {"version": "5"})).status_code == 303
    again = await scene.page(author, f"{path}/release", {"version": "6"}, "zh")
    assert again.status_code == 409
    assert "该成果目前为“已发布”，只有在已通过审查状态下才能这样做。" in again.text

    visitor = await scene.page(None, path)
    assert visitor.status_code == 200
    assert "Released" in visitor.text
    assert author.subject not in visitor.text
    assert "chen" not in visitor.text
    assert str(COMPLETE["title"]) in (await scene.page(None, "/achievements")).text


async def test_a_faulty_form_keeps_what_was_typed(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT)
    page = await scene.page(author, "/achievements/new", {**COMPLETE, "trl": "12", "abstract": "Kept words"})
    assert page.status_code == 422
    assert "Kept words" in page.text
    assert "at most 9" in page.text


async def test_visitors_are_not_offered_what_they_may_not_do(scene: Scene) -> None:
    page = await scene.page(None, "/achievements")
    assert "Nothing is released yet" in page.text
    assert "/achievements/new" not in page.text
    assert (await scene.page(None, "/achievements/new")).status_code in (303, 401)
    ok(await scene.call(None, "POST", "/achievements", json=COMPLETE), 401)
