"""Calls on a real database."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from services.project_management.calls import actions, queries
from services.project_management.calls.model import Call
from services.project_management.calls.rules import CallNotReady, OwnRelease, OwnSignoff
from services.project_management.calls.schemas import CallChange, CallCreate, SignoffCreate
from services.project_management.closings.actions import close_due_calls
from shared.contracts.projects import (
    CallCancelled,
    CallClosed,
    CallEdited,
    CallReleased,
    CallReturned,
    TaskAssigned,
    TaskDone,
)
from shared.kernel.actor import system_actor
from shared.kernel.errors import Forbidden, Invalid, NotFound, Stale
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import (
    CHEN,
    LI,
    ZHAO,
    at,
    call_fields,
    draft_call,
    know_everybody,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
APPROVE = SignoffCreate(decision="approve", reason="agreed")


async def test_a_release_fixes_the_content_with_its_hash(projects: Running) -> None:
    call = await released_call(projects)
    (version,) = await projects.rows("SELECT * FROM call_versions")
    assert hashlib.sha256(version["content"].encode()).hexdigest() == version["sha256"] == call.sha256
    assert json.loads(version["content"])["ceiling"] == {"amount": "3000000.00", "currency": "CNY"}
    (fact,) = await projects.said(CallReleased)
    assert fact["data"]["sha256"] == version["sha256"]
    assert fact["data"]["label"] == "public"


async def test_versions_of_a_call_rise_by_one_with_every_fact(projects: Running) -> None:
    call = await released_call(projects)
    facts = await projects.rows("SELECT version FROM outbox WHERE subject = %(id)s ORDER BY seq", id=call.id)
    assert [fact["version"] for fact in facts] == list(range(1, call.version + 1))


async def test_the_request_for_signoff_is_a_task_of_coordinators_until_it_is_answered(projects: Running) -> None:
    await released_call(projects)
    task, *_ = await projects.said(TaskAssigned)
    assert (task["data"]["role"], task["data"]["kind"], task["version"]) == ("coordinator", "call.signoff", 1)
    assert task["data"]["label"] == "internal"
    done, *_ = await projects.said(TaskDone)
    assert (done["subject"], done["version"], done["data"]["outcome"]) == (task["subject"], 2, "approved")


async def test_a_signed_off_call_is_a_task_of_its_office_until_it_is_released(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.request_signoff(work, call.id, None)
    async with projects.work(CHEN) as work:
        await actions.sign_off(work, call.id, APPROVE, None)
    _signoff, task = [one["data"] | {"id": one["subject"]} for one in await projects.said(TaskAssigned)]
    assert (task["kind"], task["role"]) == ("call.release", "programme_officer")
    assert task["organisation_id"] == str(LI.organisation_id)
    assert task["url"] == f"/projects/calls/{call.id}"
    assert task["id"] not in {one["subject"] for one in await projects.said(TaskDone)}
    async with projects.work(LI) as work:
        await actions.release_call(work, call.id, None)
    *_, done = await projects.said(TaskDone)
    assert (done["subject"], done["data"]["outcome"]) == (task["id"], "released")


@pytest.mark.parametrize("end", ["returned", "cancelled"])
async def test_a_call_that_goes_back_after_its_signoff_waits_for_no_release(projects: Running, end: str) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.request_signoff(work, call.id, None)
    async with projects.work(CHEN) as work:
        await actions.sign_off(work, call.id, APPROVE, None)
    if end == "returned":
        async with projects.work(CHEN) as work:
            await actions.sign_off(work, call.id, SignoffCreate(decision="return", reason="ceiling too high"), None)
    else:
        async with projects.work(LI) as work:
            await actions.cancel_call(work, call.id, "no budget", None)
    assigned = {one["subject"] for one in await projects.said(TaskAssigned)}
    done = {one["subject"]: one["data"]["outcome"] for one in await projects.said(TaskDone)}
    assert assigned == set(done)
    assert end in done.values()


async def test_who_signed_a_call_off_does_not_release_it(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.request_signoff(work, call.id, None)
    async with projects.work(CHEN) as work:
        await actions.sign_off(work, call.id, APPROVE, None)
    with pytest.raises(OwnRelease):
        async with projects.work(CHEN) as work:
            await actions.release_call(work, call.id, None)
    async with projects.work(someone(Role.COORDINATOR)) as work:
        assert (await actions.release_call(work, call.id, None)).state == "released"


async def test_a_closing_time_that_has_passed_is_refused_where_it_is_typed(projects: Running) -> None:
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    early = {"opens_at": "2025-01-01T00:00:00Z", "closes_at": past}
    with pytest.raises(Invalid) as refusal:
        await draft_call(projects, **early)
    assert [one["pointer"] for one in refusal.value.errors] == ["/closes_at"]
    call = await draft_call(projects)
    with pytest.raises(Invalid):
        async with projects.work(LI) as work:
            await actions.edit_call(work, call.id, CallChange.model_validate(early), None)
    at(projects, datetime.now(UTC) + timedelta(days=2))
    async with projects.work(LI) as work:  # what is not typed anew is not judged anew
        await actions.edit_call(work, call.id, CallChange(field="Energy"), None)


async def test_nobody_signs_off_their_own_call(projects: Running) -> None:
    both = someone(Role.PROGRAMME_OFFICER, Role.COORDINATOR)
    async with projects.work(both) as work:
        call = await actions.draft_call(work, CallCreate.model_validate(call_fields()))
        await actions.request_signoff(work, call.id, None)
    for fields in (APPROVE, SignoffCreate(decision="return", reason="no")):
        with pytest.raises(OwnSignoff):
            async with projects.work(both) as work:
                await actions.sign_off(work, call.id, fields, None)
    async with projects.work(CHEN) as work:
        assert (await actions.sign_off(work, call.id, APPROVE, None)).state == "signed_off"


async def test_a_returned_call_is_a_draft_again_and_says_why(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.request_signoff(work, call.id, None)
    with pytest.raises(Invalid):
        async with projects.work(CHEN) as work:
            await actions.sign_off(work, call.id, SignoffCreate(decision="return"), None)
    async with projects.work(CHEN) as work:
        fields = SignoffCreate(decision="return", reason="ceiling too high")
        call = await actions.sign_off(work, call.id, fields, None)
    assert (call.state, call.state_reason) == ("draft", "ceiling too high")
    (fact,) = await projects.said(CallReturned)
    assert fact["data"]["reason"] == "ceiling too high"


async def test_only_a_draft_can_be_changed(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.edit_call(work, call.id, CallChange(field="Energy"), 1)
    (fact,) = await projects.said(CallEdited)
    assert fact["data"]["changed"] == ["field"]
    async with projects.work(LI) as work:
        await actions.request_signoff(work, call.id, None)
    with pytest.raises(CallNotReady):
        async with projects.work(LI) as work:
            await actions.edit_call(work, call.id, CallChange(field="Optics"), None)


async def test_a_change_that_changes_nothing_says_nothing(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        again = await actions.edit_call(work, call.id, CallCreate.model_validate(call_fields()), None)
    changed = {fact["data"]["changed"][0] for fact in await projects.said(CallEdited)}
    assert changed <= {"opens_at", "closes_at"}
    assert again.version == 1 + len(changed)


async def test_faults_between_fields_are_refused_in_drafting_and_in_changing(projects: Running) -> None:
    call = await draft_call(projects)
    over = {"amount": "9000000.00", "currency": "CNY"}
    with pytest.raises(Invalid) as refusal:
        async with projects.work(LI) as work:
            await actions.draft_call(work, CallCreate.model_validate(call_fields(ceiling=over)))
    assert refusal.value.errors[0]["pointer"] == "/ceiling"
    with pytest.raises(Invalid):
        async with projects.work(LI) as work:
            await actions.edit_call(work, call.id, CallChange.model_validate({"ceiling": over}), None)
    assert not await projects.said(CallEdited)


async def test_a_stale_change_is_refused(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.edit_call(work, call.id, CallChange(field="Energy"), 1)
    with pytest.raises(Stale):
        async with projects.work(LI) as work:
            await actions.edit_call(work, call.id, CallChange(field="Optics"), 1)


async def test_another_office_cannot_touch_a_draft_and_an_applicant_no_call_at_all(projects: Running) -> None:
    call = await draft_call(projects)
    with pytest.raises(NotFound):
        async with projects.work(someone(Role.PROGRAMME_OFFICER)) as work:
            await actions.request_signoff(work, call.id, None)
    with pytest.raises(Forbidden):
        async with projects.work(ZHAO) as work:
            await actions.draft_call(work, CallCreate.model_validate(call_fields()))


async def test_a_call_whose_closing_time_has_passed_is_not_released(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.request_signoff(work, call.id, None)
    async with projects.work(CHEN) as work:
        await actions.sign_off(work, call.id, APPROVE, None)
    reset = at(projects, datetime.now(UTC) + timedelta(days=2))
    with pytest.raises(CallNotReady):
        async with projects.work(LI) as work:
            await actions.release_call(work, call.id, None)
    reset()
    assert not await projects.rows("SELECT 1 FROM call_versions")


async def test_the_clock_closes_a_call_once_and_counts_what_was_submitted(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    await submitted_application(projects, call.id)
    async with projects.work(system_actor("projects")) as work:
        await close_due_calls(work)
    assert not await projects.said(CallClosed)
    at(projects, datetime.now(UTC) + timedelta(days=2))
    for _ in range(2):
        async with projects.work(system_actor("projects")) as work:
            await close_due_calls(work)
    (fact,) = await projects.said(CallClosed)
    assert fact["data"]["applications"] == 1


async def test_a_call_that_cannot_be_closed_holds_no_other_up(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await know_everybody(projects)
    broken, sound = await released_call(projects), await released_call(projects)
    close = Call.close

    def breaking(call: Call, applications: int) -> CallClosed:
        fact = close(call, applications)
        if call.id == broken.id:
            raise RuntimeError("this one is broken")
        return fact

    monkeypatch.setattr(Call, "close", breaking)
    at(projects, datetime.now(UTC) + timedelta(days=2))
    async with projects.work(system_actor("projects")) as work:
        await close_due_calls(work)
    (fact,) = await projects.said(CallClosed)
    assert fact["subject"] == sound.id
    states = {row["id"]: row["state"] for row in await projects.rows("SELECT id, state FROM calls")}
    assert states == {broken.id: "released", sound.id: "closed"}, "what the broken step had changed is undone"


async def test_the_number_of_applications_is_unknown_before_the_close(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    await submitted_application(projects, call.id)
    async with projects.work(LI) as work:
        assert (await queries.call(work, call.id))["applications"] is None


async def test_a_cancelled_call_takes_its_signoff_task_back(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.work(LI) as work:
        await actions.request_signoff(work, call.id, None)
        await actions.cancel_call(work, call.id, "no budget", None)
    (fact,) = await projects.said(CallCancelled)
    assert fact["data"]["label"] == "internal"
    (done,) = await projects.said(TaskDone)
    assert done["data"]["outcome"] == "cancelled"


async def test_unreleased_and_higher_labelled_calls_are_in_no_list_and_no_count(projects: Running) -> None:
    await draft_call(projects, title="hidden draft")
    await released_call(projects, title="open to all")
    await draft_call(projects, title="controlled draft", label="internal")
    low = someone(Role.APPLICANT, clearance=SecurityLabel.PUBLIC)
    async with projects.work(low) as work:
        assert [one["title"] for one in (await queries.calls(work)).items] == ["open to all"]
        assert await queries.count_calls(work) == 1
        assert await queries.count_calls(work, queries.Wanted(search="draft")) == 0
    async with projects.work(LI) as work:
        assert await queries.count_calls(work) == 3
        assert await queries.count_calls(work, queries.Wanted(phases=["draft"])) == 2


async def test_pages_of_the_list_follow_each_other_without_gap_or_repeat(projects: Running) -> None:
    for number in range(5):
        await draft_call(projects, title=f"call {number}")
    seen, cursor = [], None
    async with projects.work(LI) as work:
        while True:
            page = await queries.calls(work, cursor=cursor, limit=2)
            seen += [one["id"] for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == 5


async def test_a_call_that_never_was_and_one_that_is_secret_read_alike(projects: Running) -> None:
    secret = await draft_call(projects)
    said = set()
    for call_id in (secret.id, new_id()):
        with pytest.raises(NotFound) as refusal:
            async with projects.work(someone(Role.PROGRAMME_OFFICER)) as work:
                await actions.edit_call(work, call_id, CallChange(field="Optics"), 99)
        said.add(refusal.value.detail)
    assert len(said) == 1
    assert (await projects.rows("SELECT field FROM calls"))[0]["field"] == "Materials"
