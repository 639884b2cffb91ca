from typing import Any

import pytest

from shared.contracts.catalog import AchievementReleased, TaskAssigned, TaskDone
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Someone, someone
from tests.services.resource_catalog.scene import COMPLETE, Scene, ok

PUBLIC = {"decision": "approve", "label": "public", "reason": "Nothing to protect."}


async def _requested(scene: Scene, author: Someone, **changes: Any) -> str:
    made = ok(await scene.call(author, "POST", "/achievements", json=COMPLETE | changes), 201)
    ok(await scene.call(author, "POST", f"/achievements/{made['id']}/release-request"))
    return f"/achievements/{made['id']}"


async def _released(scene: Scene, author: Someone, label: str, **changes: Any) -> str:
    path = await _requested(scene, author, **changes)
    ok(await scene.call(scene.coordinator, "POST", f"{path}/security-review", json=PUBLIC | {"label": label}))
    ok(await scene.call(author, "POST", f"{path}/release"))
    return path


async def test_a_result_goes_from_draft_by_another_persons_check_into_the_public_catalogue(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT)
    colleague = await scene.member(Role.REPRESENTATIVE, organisation_id=author.organisation_id)
    await scene.catalog.know(colleague)
    project = await scene.project(author.organisation_id)
    asset = new_id()
    path = await _requested(scene, author, project_id=str(project), asset_id=str(asset))
    ok(await scene.call(None, "GET", path), 404)

    approved = ok(await scene.call(colleague, "POST", f"{path}/security-review", json=PUBLIC))
    assert (approved["state"], approved["label"], approved["checked_label"]) == ("approved", "public", "public")
    ok(await scene.call(None, "GET", path), 404)
    released = ok(await scene.call(author, "POST", f"{path}/release"))
    assert released["state"] == "released"

    seen = ok(await scene.call(None, "GET", path))
    assert seen["state_reason"] == ""
    assert "author" not in seen
    (said,) = await scene.catalog.said(AchievementReleased)
    assert said["data"]["label"] == said["data"]["checked_label"] == "public"
    assert said["data"]["arises_from"] == [
        {"kind": "project", "id": str(project)},
        {"kind": "asset", "id": str(asset)},
    ]


async def test_the_worklist_hears_who_has_to_act_at_each_step(scene: Scene) -> None:
    author = await scene.member(Role.REPRESENTATIVE)
    path = await _requested(scene, author)
    (check,) = await scene.catalog.said(TaskAssigned)
    assert (check["data"]["kind"], check["data"]["role"]) == ("achievement.security_review", "coordinator")
    ok(
        await scene.call(
            scene.coordinator,
            "POST",
            f"{path}/security-review",
            json={"decision": "return", "reason": "Names a client."},
        )
    )
    ok(await scene.call(author, "PATCH", path, json={"abstract": "Without the client."}))
    colleague = await scene.member(Role.REPRESENTATIVE, organisation_id=author.organisation_id)
    await scene.catalog.know(colleague)
    ok(await scene.call(author, "POST", f"{path}/release-request"))
    ok(await scene.call(colleague, "POST", f"{path}/security-review", json=PUBLIC))
    ok(await scene.call(author, "POST", f"{path}/release"))

    assigned = [fact["data"] for fact in await scene.catalog.said(TaskAssigned)]
    assert [task["kind"] for task in assigned] == [
        "achievement.security_review",
        "achievement.correct",
        "achievement.security_review",
        "achievement.release",
    ]
    assert (assigned[2]["role"], assigned[2]["organisation_id"]) == ("representative", str(author.organisation_id))
    assert assigned[3]["subject"] == author.subject
    done = [fact["data"] for fact in await scene.catalog.said(TaskDone)]
    assert [(task["id"], task["outcome"]) for task in done] == list(
        zip([task["id"] for task in assigned], ["returned", "requested", "approved", "released"], strict=True)
    )


async def test_the_author_never_checks_their_own_result(scene: Scene) -> None:
    organisation = await scene.organisation()
    author = someone(Role.REPRESENTATIVE, Role.COORDINATOR, organisation_id=organisation)
    path = await _requested(scene, author)
    refused = ok(await scene.call(author, "POST", f"{path}/security-review", json=PUBLIC), 403)
    assert refused["code"] == "own-review"
    (row,) = await scene.catalog.rows("SELECT state FROM achievements")
    assert row["state"] == "in_review"


async def test_a_representative_of_another_organisation_cannot_check_it(scene: Scene) -> None:
    path = await _requested(scene, await scene.member(Role.APPLICANT))
    stranger = await scene.member(Role.REPRESENTATIVE)
    ok(await scene.call(stranger, "POST", f"{path}/security-review", json=PUBLIC), 404)


async def test_no_label_no_approval_and_none_above_the_reviewers_clearance(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT)
    colleague = await scene.member(Role.REPRESENTATIVE, organisation_id=author.organisation_id)
    path = await _requested(scene, author)
    for label in (None, "confidential"):
        body = ok(await scene.call(colleague, "POST", f"{path}/security-review", json=PUBLIC | {"label": label}), 422)
        assert body["errors"][0]["pointer"] == "/label"


@pytest.mark.parametrize(
    "blank", ["abstract", "trl_evidence", "maturity", "advantage", "route_to_market", "description"]
)
async def test_a_result_without_one_of_the_points_buyers_miss_is_not_sent_to_review(scene: Scene, blank: str) -> None:
    author = await scene.member(Role.APPLICANT)
    made = ok(await scene.call(author, "POST", "/achievements", json=COMPLETE | {blank: "  "}), 201)
    body = ok(await scene.call(author, "POST", f"/achievements/{made['id']}/release-request"), 422)
    assert [error["pointer"] for error in body["errors"]] == [f"/{blank}"]


async def test_what_was_approved_cannot_be_changed_any_more(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT)
    path = await _requested(scene, author)
    ok(await scene.call(author, "PATCH", path, json={"title": "Other"}), 409)
    ok(await scene.call(scene.coordinator, "POST", f"{path}/security-review", json=PUBLIC))
    ok(await scene.call(author, "PATCH", path, json={"title": "Other"}), 409)
    async with scene.catalog.work(scene.coordinator) as work:
        await work.execute("UPDATE achievements SET abstract = 'slipped in'")
    ok(await scene.call(author, "POST", f"{path}/release"), 409)
    assert await scene.catalog.said(AchievementReleased) == []


async def test_lists_counts_and_details_agree_for_every_clearance(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT, clearance=SecurityLabel.CONFIDENTIAL)
    paths = {label: await _released(scene, author, label, title=f"Result {label}") for label in list(SecurityLabel)}
    for clearance in (None, *SecurityLabel):
        reader = None if clearance is None else someone(Role.FINANCE_PARTNER, clearance=clearance)
        reach = clearance or SecurityLabel.PUBLIC
        readable = {label for label in SecurityLabel if label.readable_with(reach)}
        listed = ok(await scene.call(reader, "GET", "/achievements"))["items"]
        assert {row["label"] for row in listed} == {label.value for label in readable}
        found = ok(await scene.call(reader, "GET", "/achievements?search=Result"))["items"]
        assert len(found) == len(readable)
        page = await scene.page(reader, "/achievements")
        noun = "achievement" if len(readable) == 1 else "achievements"
        assert f"<strong>{len(readable)}</strong> {noun}" in page.text
        for label, path in paths.items():
            ok(await scene.call(reader, "GET", path), 200 if label in readable else 404)
            shown = await scene.page(reader, path)
            assert shown.status_code == (200 if label in readable else 404)


async def test_a_draft_is_seen_by_its_organisation_and_overseers_only(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT)
    path = f"/achievements/{ok(await scene.call(author, 'POST', '/achievements', json=COMPLETE), 201)['id']}"
    colleague = someone(Role.REPRESENTATIVE, organisation_id=author.organisation_id)
    stranger = await scene.member(Role.APPLICANT, Role.REPRESENTATIVE)
    auditor = someone(Role.AUDITOR)
    for who, status in ((colleague, 200), (auditor, 200), (scene.coordinator, 200), (stranger, 404), (None, 404)):
        ok(await scene.call(who, "GET", path), status)
    ok(await scene.call(auditor, "PATCH", path, json={"title": "x"}), 403)
    ok(await scene.call(stranger, "PATCH", path, json={"title": "x"}), 404)


async def test_a_project_of_others_cannot_be_named_as_the_origin(scene: Scene) -> None:
    author = await scene.member(Role.APPLICANT)
    foreign = await scene.project(new_id())
    body = ok(await scene.call(author, "POST", "/achievements", json=COMPLETE | {"project_id": str(foreign)}), 422)
    assert body["errors"][0]["pointer"] == "/project_id"
