"""Applications on a real database."""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from services.project_management.applications import actions, eligibility, facts, queries, rules
from services.project_management.applications.schemas import (
    ApplicationChange,
    ApplicationCreate,
    CheckCreate,
    ConsentCreate,
)
from services.project_management.calls.rules import STRAGGLERS, CallNotReady
from services.project_management.closings.actions import close_due_calls
from services.project_management.completions.actions import return_application
from services.project_management.completions.schemas import ReturnCreate
from shared.contracts.catalog import OrganisationSuspended
from shared.contracts.projects import (
    ApplicationEdited,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    PartnerAnswered,
    TaskAssigned,
    TaskDone,
)
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from shared.kernel.ids import new_id
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import (
    AUDITOR,
    CHEN,
    INSTITUTE,
    LI,
    OFFICE,
    OTHER,
    SUN,
    UNIVERSITY,
    ZHAO,
    application_fields,
    at,
    consent,
    draft_application,
    draft_call,
    know_everybody,
    pdf,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
CONSENT = ConsentCreate(decision="consent")


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def test_a_consortium_of_two_submits_with_a_snapshot_and_a_trace_that_repeats(ready: Running) -> None:
    call = await released_call(ready)
    application = await submitted_application(ready, call.id, ZHAO, (SUN,))
    (version,) = await ready.rows("SELECT * FROM application_versions")
    assert hashlib.sha256(version["content"].encode()).hexdigest() == version["sha256"] == application.sha256
    content = json.loads(version["content"])
    assert content["partners"][0]["answered_by"] == SUN.subject
    assert content["call"]["sha256"] == call.sha256
    assert len(content["documents"]) == 1
    (fact,) = await ready.said(ApplicationSubmitted)
    assert fact["data"]["partners"] == [{"id": str(UNIVERSITY), "name": "Jialing University"}]
    assert set(fact["data"]["owners"]) == {str(INSTITUTE), str(UNIVERSITY)}
    assert fact["data"]["arises_from"] == [{"kind": "call", "id": str(call.id)}]
    assert fact["data"]["label"] == "internal"
    (row,) = await ready.rows("SELECT eligibility FROM applications")
    trace = DecisionTrace.model_validate(row["eligibility"])
    assert trace.result == "yes"
    assert trace.repeats(eligibility.eligibility)


async def test_versions_of_an_application_rise_by_one_with_every_fact(ready: Running) -> None:
    call = await released_call(ready)
    application = await submitted_application(ready, call.id, ZHAO, (SUN,))
    facts = await ready.rows("SELECT version FROM outbox WHERE subject = %(id)s ORDER BY seq", id=application.id)
    assert [fact["version"] for fact in facts] == list(range(1, application.version + 1))


async def test_consent_and_check_are_tasks_of_those_who_must_act(ready: Running) -> None:
    call = await released_call(ready)
    application = await submitted_application(ready, call.id, ZHAO, (SUN,))
    tasks = {task["data"]["kind"]: task for task in await ready.said(TaskAssigned)}
    asked = tasks["application.consent"]["data"]
    assert (asked["role"], asked["organisation_id"]) == ("representative", str(UNIVERSITY))
    check = tasks["application.check"]["data"]
    assert (check["role"], check["organisation_id"]) == ("programme_officer", str(OFFICE))
    async with ready.work(LI) as work:
        await actions.check_application(work, application.id, CheckCreate(note="complete"), None)
    done = {task["subject"]: task["data"]["outcome"] for task in await ready.said(TaskDone)}
    assert done[tasks["application.consent"]["subject"]] == "consented"
    assert done[tasks["application.check"]["subject"]] == "done"
    with pytest.raises(Conflict):
        async with ready.work(LI) as work:
            await actions.check_application(work, application.id, CheckCreate(), None)


async def test_without_consent_or_document_nothing_is_submitted_and_the_refusal_says_what_helps(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    with pytest.raises(rules.NotEligible) as refusal:
        async with ready.work(ZHAO) as work:
            await actions.submit_application(work, application.id, None)
    assert "Attach the project description as a PDF." in refusal.value.detail
    outcomes = {clause["rule"]: clause["outcome"] for clause in refusal.value.extra["eligibility"]["clauses"]}
    assert outcomes["partner.consent"] == outcomes["document.present"] == "unknown"
    assert not await ready.said(ApplicationSubmitted)


async def test_nobody_submits_at_the_closing_time_even_before_the_timer_has_run(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    document_id = await pdf(ready, ZHAO)
    async with ready.work(ZHAO) as work:
        await actions.attach_document(work, application.id, document_id, None)
    reset = at(ready, call.closes_at)
    with pytest.raises(rules.TooLate):
        async with ready.work(ZHAO) as work:
            await actions.submit_application(work, application.id, None)
    reset()
    assert (await ready.rows("SELECT state FROM calls"))[0]["state"] == "released"
    at(ready, call.closes_at - timedelta(microseconds=1))
    async with ready.work(ZHAO) as work:
        assert (await actions.submit_application(work, application.id, None)).state == "submitted"


async def test_a_partner_suspended_after_consent_stops_the_submission(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    document_id = await pdf(ready, ZHAO)
    suspended = OrganisationSuspended(
        id=UNIVERSITY, version=3, title="Jialing University", name="Jialing University", reason="licence"
    )
    async with ready.work(ZHAO) as work:
        await actions.attach_document(work, application.id, document_id, None)
    await consent(ready, application.id)
    await ready.hear(suspended)
    with pytest.raises(rules.NotEligible) as refusal:
        async with ready.work(ZHAO) as work:
            await actions.submit_application(work, application.id, None)
    assert "Jialing University is suspended." in refusal.value.detail


async def test_a_partner_refuses_with_a_reason_and_may_change_its_mind(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    with pytest.raises(Invalid):
        async with ready.work(SUN) as work:
            await actions.answer_for_partner(work, application.id, ConsentCreate(decision="refuse"), None)
    async with ready.work(SUN) as work:
        fields = ConsentCreate(decision="refuse", reason="no capacity")
        await actions.answer_for_partner(work, application.id, fields, None)
    with pytest.raises(Conflict):
        async with ready.work(SUN) as work:
            await actions.answer_for_partner(work, application.id, fields, None)
    await consent(ready, application.id)
    said = [fact["data"]["decision"] for fact in await ready.said(PartnerAnswered)]
    assert said == ["refuse", "consent"]
    assert len(await ready.said(TaskDone)) == 3  # the call's sign-off and release, and the one request to the partner


async def test_only_a_representative_of_the_partner_answers(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    for person in (ZHAO, OTHER):
        with pytest.raises(NotFound):
            async with ready.work(person) as work:
                await actions.answer_for_partner(work, application.id, CONSENT, None)
    applicant_only = someone(Role.APPLICANT, organisation_id=UNIVERSITY)
    with pytest.raises(Forbidden):
        async with ready.work(applicant_only) as work:
            await actions.answer_for_partner(work, application.id, CONSENT, None)


async def test_a_partner_who_consented_to_other_words_is_asked_again(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    await consent(ready, application.id)
    async with ready.work(ZHAO) as work:
        await actions.edit_application(work, application.id, ApplicationChange(abstract="Another way."), None)
    (partner,) = await ready.rows("SELECT answer, answered_by FROM application_partners")
    assert (partner["answer"], partner["answered_by"]) == ("pending", None)
    kinds = [task["data"]["kind"] for task in await ready.said(TaskAssigned)]
    assert kinds.count("application.consent") == 2


async def test_partners_write_text_and_documents_and_consent_is_asked_anew(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    theirs, ours = await pdf(ready, SUN), await pdf(ready, ZHAO)
    async with ready.work(SUN) as work:
        changed = await actions.edit_application(work, application.id, ApplicationChange(abstract="With a model."), 1)
        assert (changed.abstract, changed.version) == ("With a model.", 2)
    with pytest.raises(Stale):
        async with ready.work(ZHAO) as work:
            await actions.edit_application(work, application.id, ApplicationChange(abstract="Unseen."), 1)
    beyond: tuple[dict[str, object], ...] = ({"requested": {"amount": "1.00"}}, {"partner_ids": []})
    for more in beyond:
        with pytest.raises(Forbidden):
            async with ready.work(SUN) as work:
                await actions.edit_application(work, application.id, ApplicationChange.model_validate(more), None)
    with pytest.raises(NotFound):
        async with ready.work(OTHER) as work:
            await actions.edit_application(work, application.id, ApplicationChange(abstract="Mine."), None)
    for person, document in ((SUN, theirs), (ZHAO, ours)):
        await consent(ready, application.id)
        async with ready.work(person) as work:
            await actions.attach_document(work, application.id, document, None)
        (partner,) = await ready.rows("SELECT answer FROM application_partners")
        assert partner["answer"] == "pending"
    with pytest.raises(rules.NotYours):
        async with ready.work(SUN) as work:
            await actions.remove_document(work, application.id, ours, None)
    await consent(ready, application.id)
    async with ready.work(SUN) as work:
        await actions.remove_document(work, application.id, theirs, None)
    with pytest.raises(Conflict):
        async with ready.work(SUN) as work:
            await actions.remove_document(work, application.id, theirs, None)
    with pytest.raises(rules.NotEligible, match="Jialing University has not answered yet"):
        async with ready.work(ZHAO) as work:
            await actions.submit_application(work, application.id, None)
    await consent(ready, application.id)
    async with ready.work(ZHAO) as work:
        await actions.submit_application(work, application.id, None)
    (row,) = await ready.rows("SELECT owner_id FROM documents WHERE id = %(id)s", id=theirs)
    assert row["owner_id"] is None, "its organisation keeps it"
    async with ready.work(LI) as work:
        due = work.now + timedelta(days=3)
        await return_application(work, application.id, ReturnCreate(reason="Say more.", due_at=due), None)
    with pytest.raises(rules.NotYours):  # what was handed in stays
        async with ready.work(ZHAO) as work:
            await actions.remove_document(work, application.id, ours, None)


async def test_a_partner_taken_off_loses_its_task_and_its_sight(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    async with ready.work(SUN) as work:
        assert await queries.count_applications(work) == 1
    async with ready.work(ZHAO) as work:
        await actions.edit_application(work, application.id, ApplicationChange(partner_ids=[]), None)
    (fact,) = await ready.said(ApplicationEdited)
    assert fact["data"]["changed"] == ["partner_ids"]
    assert "taken off" in [task["data"]["outcome"] for task in await ready.said(TaskDone)]
    async with ready.work(SUN) as work:
        assert await queries.count_applications(work) == 0


async def test_a_change_that_changes_nothing_says_nothing_and_a_stale_one_is_refused(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    async with ready.work(ZHAO) as work:
        await actions.edit_application(work, application.id, ApplicationChange(abstract="We make an alloy."), 1)
    assert not await ready.said(ApplicationEdited)
    async with ready.work(ZHAO) as work:
        await actions.edit_application(work, application.id, ApplicationChange(title="New"), 1)
    with pytest.raises(Stale):
        async with ready.work(ZHAO) as work:
            await actions.edit_application(work, application.id, ApplicationChange(title="Newer"), 1)


@pytest.mark.parametrize("partner", [INSTITUTE, new_id()])
async def test_the_lead_itself_and_an_unknown_organisation_cannot_be_partners(ready: Running, partner: object) -> None:
    call = await released_call(ready)
    with pytest.raises(Invalid) as refusal:
        await draft_application(ready, call.id, partner_ids=[str(partner)])
    assert refusal.value.errors[0]["pointer"] == "/partner_ids"


@pytest.mark.parametrize(("media_type", "label"), [("image/png", "internal"), ("application/pdf", "controlled")])
async def test_a_document_of_another_kind_or_above_the_label_is_not_attached(
    ready: Running, media_type: str, label: str
) -> None:
    call = await released_call(ready)
    lead = someone(
        Role.APPLICANT, organisation_id=INSTITUTE, subject="zhao.cleared", clearance=SecurityLabel.CONTROLLED
    )
    application = await draft_application(ready, call.id, lead)
    document_id = await pdf(ready, lead, media_type, label)
    with pytest.raises(Invalid):
        async with ready.work(lead) as work:
            await actions.attach_document(work, application.id, document_id, None)
    (row,) = await ready.rows("SELECT owner_id FROM documents")
    assert row["owner_id"] is None


async def test_attaching_a_document_twice_changes_nothing(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    document_id = await pdf(ready, ZHAO)
    versions = []
    for _ in range(2):
        async with ready.work(ZHAO) as work:
            versions.append((await actions.attach_document(work, application.id, document_id, None)).version)
    assert versions == [2, 2]


async def test_nobody_applies_to_a_draft_or_to_a_call_that_is_over(ready: Running) -> None:
    secret = await draft_call(ready)
    with pytest.raises(NotFound):
        await draft_application(ready, secret.id)
    call = await released_call(ready)
    at(ready, call.closes_at + STRAGGLERS)
    with pytest.raises(CallNotReady):
        await draft_application(ready, call.id)


async def test_an_application_above_the_applicants_clearance_is_not_begun(ready: Running) -> None:
    call = await released_call(ready)
    with pytest.raises(Forbidden):
        await draft_application(ready, call.id, someone(Role.APPLICANT, clearance=SecurityLabel.PUBLIC))


async def test_drafts_are_seen_by_their_organisations_and_submissions_by_officers_too(ready: Running) -> None:
    call = await released_call(ready)
    draft = await draft_application(ready, call.id, partner_ids=[str(UNIVERSITY)])
    for person, sees in ((ZHAO, 1), (SUN, 1), (OTHER, 0), (LI, 0), (CHEN, 0), (AUDITOR, 0)):
        async with ready.work(person) as work:
            assert len((await queries.applications(work)).items) == sees, person.subject
            assert await queries.count_applications(work, search="magnesium") == sees
            if not sees:
                with pytest.raises(NotFound):
                    await queries.application(work, draft.id)
                with pytest.raises(NotFound):
                    await facts.eligibility(work, draft.id)
    await submitted_application(ready, call.id, SUN)
    for person, sees in ((ZHAO, 1), (OTHER, 0), (LI, 1), (CHEN, 0), (AUDITOR, 0)):
        async with ready.work(person) as work:
            assert await queries.count_applications(work) == sees, person.subject


async def test_coordinators_and_auditors_see_submissions_after_the_close(ready: Running) -> None:
    call = await released_call(ready)
    await submitted_application(ready, call.id)
    at(ready, call.closes_at + STRAGGLERS)
    for person in (CHEN, AUDITOR):
        async with ready.work(person) as work:
            assert await queries.count_applications(work) == 1


async def test_a_withdrawn_application_takes_its_tasks_back_and_is_not_counted(ready: Running) -> None:
    call = await released_call(ready)
    application = await submitted_application(ready, call.id)
    async with ready.work(ZHAO) as work:
        await actions.withdraw_application(work, application.id, "rig not ready", None)
    (fact,) = await ready.said(ApplicationWithdrawn)
    assert fact["data"]["reason"] == "rig not ready"
    assert "withdrawn" in [task["data"]["outcome"] for task in await ready.said(TaskDone)]
    at(ready, call.closes_at + STRAGGLERS)
    async with ready.work(system_actor("projects")) as work:
        await close_due_calls(work)
    (row,) = await ready.rows("SELECT applications FROM calls")
    assert row["applications"] == 0


async def test_what_the_reviews_build_on_competes_and_is_decided(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id)
    await draft_application(ready, call.id, SUN)
    async with ready.work(system_actor("projects")) as work:
        (found,) = await queries.submitted_to(work, call.id)
        assert found.id == mine.id
        partners = await queries.partners_of(work, found.id)
        work.emit(found.reviewed(partners, 2))
        work.emit(found.decide(partners, outcome="funded", amount=Decimal("2400000.00"), reason="first"))
    (row,) = await ready.rows("SELECT state, version FROM applications WHERE id = %(id)s", id=mine.id)
    assert (row["state"], row["version"]) == ("funded", mine.version + 2)


async def test_only_own_organisations_are_led(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    for person in (SUN, OTHER):
        with pytest.raises(NotFound):
            async with ready.work(person) as work:
                await actions.withdraw_application(work, application.id, "not mine", None)
    fields = ApplicationCreate.model_validate(application_fields(call.id))
    with pytest.raises(Forbidden):
        async with ready.work(LI) as work:
            await actions.draft_application(work, fields)
