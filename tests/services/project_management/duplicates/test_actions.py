"""The check runs after a submission; a named person judges; nobody learns of what they may not see."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.project_management.applications.actions import edit_application, submit_application
from services.project_management.applications.schemas import ApplicationChange
from services.project_management.completions.actions import return_application
from services.project_management.completions.schemas import ReturnCreate
from services.project_management.duplicates.actions import (
    check_new_applications,
    explain_overlap,
    judge_check,
    run_check,
)
from services.project_management.duplicates.known import COMMON, count_common, keep_text
from services.project_management.duplicates.passages import Said
from services.project_management.duplicates.rules import CheckNotReady, Kind, NotHandedIn, Verdict
from services.project_management.duplicates.schemas import VerdictCreate
from shared.contracts.catalog import AchievementReleased
from shared.contracts.project_duplicates import DuplicateJudged, DuplicatesChecked
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, SecurityLabel
from tests.kit.platform import Someone, someone
from tests.services.project_management.duplicates.conftest import LI, SUN, ZHAO, Scene
from tests.services.project_management.duplicates.test_passages import ABSTRACT
from tests.services.project_management.ready import draft_application

DUPLICATE = VerdictCreate(verdict=Verdict.DUPLICATE, reason="The same text.")
OVERLAP = VerdictCreate(verdict=Verdict.OVERLAP, reason="The melt is the same.", question="What is new?")


async def test_the_office_sees_all_that_is_alike_and_the_applicant_what_is_public(scene: Scene) -> None:
    office, applicant = await scene.seen(LI), await scene.seen(SUN)
    assert {one["kind"] for one in office["findings"]} == {"earlier_project", "application"}
    assert office["office"]["state"] == "open"
    assert office["office"]["against"] == 2
    assert [one["kind"] for one in applicant["findings"]] == ["earlier_project"]
    assert applicant["office"] is None
    assert applicant["version"] is None
    assert str(scene.first) not in str(applicant)
    (finding,) = applicant["findings"]
    assert (finding["clause"], "stands in both" in finding["reason"]) == (None, True)
    assert all(one["clause"]["outcome"] == "unknown" for one in office["findings"])
    assert any(piece["same"] and "magnesium plates" in piece["text"] for piece in finding["ours"])
    assert "".join(piece["text"] for piece in finding["theirs"]).endswith(ABSTRACT)
    (second,) = [one for one in await scene.projects.said(DuplicatesChecked) if one["data"]["outcome"] == "open"][-1:]
    assert second["data"]["owners"] == [str(LI.organisation_id)]


async def test_drafts_of_others_are_never_compared(scene: Scene) -> None:
    await draft_application(
        scene.projects, scene.call_id, ZHAO, abstract="Draft words that nobody else may ever see here."
    )
    await scene.tick()
    known = await scene.projects.rows("SELECT title, abstract FROM known_texts WHERE kind = 'application'")
    assert len(known) == 2
    assert not any("Draft words" in one["abstract"] for one in known)


async def test_a_duplicate_is_said_by_a_named_person_and_refuses_nothing(scene: Scene) -> None:
    async with scene.projects.work(LI) as work:
        await judge_check(work, scene.second, DUPLICATE, None)
    seen = (await scene.seen(LI))["office"]
    assert (seen["state"], seen["verdict"], seen["judged_by"]) == ("decided", "duplicate", LI.subject)
    (row,) = await scene.projects.rows("SELECT state FROM applications WHERE id = %(id)s", id=scene.second)
    assert row["state"] == "submitted"
    (fact,) = await scene.projects.said(DuplicateJudged)
    assert fact["data"]["verdict"] == "duplicate"
    assert await waiting(scene) == [("duplicates.judge", scene.first)]


async def test_an_overlap_is_explained_by_the_lead_and_judged_again(scene: Scene) -> None:
    with pytest.raises(Invalid):
        async with scene.projects.work(LI) as work:
            await judge_check(work, scene.second, VerdictCreate(verdict=Verdict.OVERLAP, reason="Why?"), None)
    async with scene.projects.work(LI) as work:
        await judge_check(work, scene.second, OVERLAP, None)
    asked = await scene.seen(SUN)
    assert (asked["question"], asked["office"]) == ("What is new?", None)
    assert "melt" not in str(asked), "the reason stays with the office"
    async with scene.projects.work(SUN) as work:
        await explain_overlap(work, scene.second, "The rolling.", asked["version"])
    assert (await scene.seen(LI))["explanation"] == "The rolling."
    assert ("duplicates.judge", scene.second) in await waiting(scene)
    with pytest.raises(CheckNotReady):
        async with scene.projects.work(SUN) as work:
            await explain_overlap(work, scene.second, "More.", None)
    async with scene.projects.work(LI) as work:
        await judge_check(work, scene.second, VerdictCreate(verdict=Verdict.NOT_DUPLICATE, reason="New."), None)
    assert ("duplicates.judge", scene.second) not in await waiting(scene)


async def test_a_new_run_keeps_the_decision_until_something_new_is_found(scene: Scene) -> None:
    async with scene.projects.work(LI) as work:
        await judge_check(work, scene.second, DUPLICATE, None)
        await run_check(work, scene.second)
    assert (await scene.seen(LI))["office"]["state"] == "decided"
    await scene.projects.hear(released("A plate that survives", ABSTRACT, SecurityLabel.PUBLIC), times=2)
    async with scene.projects.work(LI) as work:
        await run_check(work, scene.second)
    seen = await scene.seen(LI)
    assert (seen["office"]["state"], seen["office"]["number"], seen["office"]["verdict"]) == ("open", 3, None)
    assert "achievement" in {one["kind"] for one in seen["findings"]}


async def test_a_changed_text_is_judged_anew_and_a_completed_one_is_not(scene: Scene) -> None:
    async with scene.projects.work(LI) as work:
        await judge_check(work, scene.second, VerdictCreate(verdict=Verdict.NOT_DUPLICATE, reason="Other."), None)
    await completed(scene)
    kept = (await scene.seen(LI))["office"]
    assert (kept["number"], kept["state"], kept["verdict"]) == (2, "decided", "not_duplicate")
    await completed(scene, abstract=ABSTRACT)
    seen = (await scene.seen(LI))["office"]
    assert (seen["number"], seen["state"], seen["verdict"], seen["judged_by"]) == (3, "open", None, "")
    assert ("duplicates.judge", scene.second) in await waiting(scene)


async def completed(scene: Scene, **fields: str) -> None:
    """Returned to Sun for completion, handed in again and checked."""
    async with scene.projects.work(LI) as work:
        wanted = ReturnCreate(reason="No budget.", due_at=work.now + timedelta(days=3))
        await return_application(work, scene.second, wanted, None)
    async with scene.projects.work(SUN) as work:
        if fields:
            await edit_application(work, scene.second, ApplicationChange.model_validate(fields), None)
        await submit_application(work, scene.second, None)
    await scene.tick()


async def test_what_is_above_the_clearance_leaves_no_sign_at_all(scene: Scene) -> None:
    before = await scene.seen(LI)
    await scene.projects.hear(released("Secret plate", ABSTRACT, SecurityLabel.CONFIDENTIAL))
    async with scene.projects.work(LI) as work:
        await run_check(work, scene.second)
    low = await scene.seen(LI)
    assert low["office"] is None, "that a person must look would say that there is something"
    assert {one["id"] for one in low["findings"]} == {one["id"] for one in before["findings"]}
    assert "Secret" not in str(low)
    cleared = someone(Role.PROGRAMME_OFFICER, organisation_id=LI.organisation_id, clearance=SecurityLabel.CONFIDENTIAL)
    assert "Secret plate" in {one["title"] for one in (await scene.seen(cleared))["findings"]}
    with pytest.raises(NotHandedIn):
        async with scene.projects.work(LI) as work:
            await judge_check(work, scene.second, DUPLICATE, None)


async def test_a_lead_is_asked_about_an_overlap_whatever_else_was_found(scene: Scene) -> None:
    """The check is confidential by one finding; the question and the task are the internally cleared lead's."""
    cleared = await secret_found(scene)
    async with scene.projects.work(cleared) as work:
        await judge_check(work, scene.second, OVERLAP, None)
    (task,) = [one for one in await scene.projects.said(TaskAssigned) if one["data"]["kind"] == "duplicates.explain"]
    assert task["data"]["label"] == SecurityLabel.INTERNAL
    asked = await scene.seen(SUN)
    async with scene.projects.work(SUN) as work:
        await explain_overlap(work, scene.second, "The rolling.", asked["version"])
    seen = await scene.seen(cleared)
    assert (seen["office"]["state"], seen["explanation"]) == ("open", "The rolling.")


async def test_to_an_officer_below_its_label_a_check_looks_like_none(scene: Scene) -> None:
    unchecked = await scene.submit(SUN, title="Boat songs", abstract="How songs of the river were written down.")
    cleared = await secret_found(scene)
    assert (await scene.seen(cleared, scene.second))["checked_at"] is not None
    apart = {"application_id", "findings"}
    hidden, none = await scene.seen(LI, scene.second), await scene.seen(LI, unchecked.id)
    assert {k: v for k, v in hidden.items() if k not in apart} == {k: v for k, v in none.items() if k not in apart}
    async with scene.projects.client(LI) as http:
        page = (await http.get(f"/projects/applications/{unchecked.id}/duplicates")).text
    assert "Nothing is shown to you here" in page


async def test_a_lead_who_is_asked_nothing_hears_one_answer_whatever_was_found(scene: Scene) -> None:
    unchecked = await scene.submit(SUN, title="Boat songs", abstract="How songs of the river were written down.")
    answers = [await explained(scene, unchecked.id), await explained(scene, scene.second)]
    found = await secret_found(scene)
    assert (await scene.seen(found))["office"]["state"] == "open"
    answers.append(await explained(scene, scene.second))
    assert answers[0][0] == 409
    assert answers.count(answers[0]) == 3


async def explained(scene: Scene, application_id: UUID) -> tuple[int, str, str]:
    """What Sun is told who explains what nobody asked."""
    async with scene.projects.client(SUN) as http:
        at = f"/projects/api/v1/applications/{application_id}/explanation"
        answer = await http.post(at, json={"explanation": "New."}, headers={"If-Match": '"7"'})
        told = answer.json()
        return answer.status_code, told["title"], told["detail"]


async def secret_found(scene: Scene) -> Someone:
    """The second application is found to be like a confidential result; an officer who may see that."""
    await scene.projects.hear(released("Secret plate", ABSTRACT, SecurityLabel.CONFIDENTIAL))
    async with scene.projects.work(LI) as work:
        await run_check(work, scene.second)
    return someone(Role.PROGRAMME_OFFICER, organisation_id=LI.organisation_id, clearance=SecurityLabel.CONFIDENTIAL)


async def test_a_task_ends_in_the_words_and_before_those_who_were_asked(scene: Scene) -> None:
    async with scene.projects.work(LI) as work:
        await judge_check(work, scene.second, OVERLAP, None)
    async with scene.projects.work(SUN) as work:
        await explain_overlap(work, scene.second, "The rolling.", None)
    async with scene.projects.work(LI) as work:
        await judge_check(work, scene.second, OVERLAP, None)
        await judge_check(work, scene.second, DUPLICATE, None)
    asked = {
        one["subject"]: one["data"]
        for one in await scene.projects.said(TaskAssigned)
        if one["data"]["about"]["id"] == str(scene.second) and one["data"]["kind"].startswith("duplicates.")
    }
    ended = {one["subject"]: one["data"] for one in await scene.projects.said(TaskDone) if one["subject"] in asked}
    assert len(ended) == 4
    for id, done in ended.items():
        for name in ("title", "owners", "label"):
            assert done[name] == asked[id][name], (name, done["outcome"])


async def test_only_the_calls_own_office_judges_and_never_in_its_own_case(scene: Scene) -> None:
    stranger = someone(Role.PROGRAMME_OFFICER)
    partial = someone(Role.PROGRAMME_OFFICER, Role.APPLICANT, organisation_id=LI.organisation_id)
    taking_part = someone(Role.PROGRAMME_OFFICER, organisation_id=SUN.organisation_id)
    for person in (stranger, taking_part):
        with pytest.raises(NotFound):
            async with scene.projects.work(person) as work:
                await judge_check(work, scene.second, DUPLICATE, None)
    async with scene.projects.work(partial) as work:
        await judge_check(work, scene.second, DUPLICATE, None)


async def test_nobody_is_asked_about_what_is_taken_back(scene: Scene) -> None:
    from services.project_management.applications.actions import withdraw_application

    async with scene.projects.work(SUN) as work:
        await withdraw_application(work, scene.second, "No rig.", None)
    await scene.tick()
    assert [one for one in await waiting(scene) if one[1] == scene.second] == []


async def test_a_changed_record_is_kept_anew_and_common_passages_are_counted(scene: Scene) -> None:
    crowd = "This award is funded under the recovery act of congress."
    async with scene.projects.work(system_actor("projects")) as work:
        for n in range(COMMON + 5):
            said = Said(f"Number {n} river{n}", crowd)
            await keep_text(work, Kind.EARLIER_PROJECT, new_id(), said, label="public", parties=[], said_at=work.now)
        await count_common(work)
    common = await scene.projects.rows("SELECT texts, among FROM common_passages")
    assert common
    assert all(one["texts"] > COMMON and one["among"] == COMMON + 8 for one in common)
    quiet = await scene.submit(ZHAO, title="Boat songs", abstract=crowd)
    async with scene.projects.work(system_actor("projects")) as work:
        await check_new_applications(work)
    assert (await scene.seen(LI, quiet.id))["office"]["state"] == "clear"


def released(title: str, abstract: str, label: SecurityLabel) -> AchievementReleased:
    owner = new_id()
    return AchievementReleased(
        id=new_id(),
        version=3,
        title=title,
        label=label,
        owners=(owner,),
        kind="technology",
        abstract=abstract,
        trl=5,
        organisation=OrgRef(id=str(owner), name="Some institute"),
        checked_label=label,
    )


async def waiting(scene: Scene) -> list[tuple[str, UUID]]:
    """Open tasks of duplicate checks: kind and application."""
    over = {one["subject"] for one in await scene.projects.said(TaskDone)}
    return [
        (one["data"]["kind"], UUID(one["data"]["about"]["id"]))
        for one in await scene.projects.said(TaskAssigned)
        if one["subject"] not in over and one["data"]["kind"].startswith("duplicates.")
    ]
