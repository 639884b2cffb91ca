"""The form of a call is filled in by everybody who takes part, handed in, compared, carried over and shown."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.project_management.applications import actions as applications
from services.project_management.calls import actions as calls
from services.project_management.calls.model import Call
from services.project_management.calls.schemas import SignoffCreate
from services.project_management.completions import actions as completions
from services.project_management.completions.rules import LEAST
from services.project_management.completions.schemas import ReturnCreate
from services.project_management.forms import actions as forms
from services.project_management.forms.questions import Form
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.forms.asking import ask, choice, form, shown_if
from tests.services.project_management.ready import (
    CHEN,
    LI,
    OTHER,
    SUN,
    ZHAO,
    consent,
    draft_application,
    draft_call,
    know_everybody,
    pdf,
    released_call,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1/applications"
ANY = {"If-Match": "*"}
MA = someone(Role.REVIEWER, organisation_name="Experts")
ASKED = form(
    plan=[
        ask("aim", "long_text", words=5, required=True),
        choice("area", "metal", "glass", required=True),
        ask("alloy", required=True, show_if=shown_if("area", "metal")),
        ask("months", "number", unit="months", least="6", most="60"),
    ],
    people=[
        ask("team", "table", identifying=True, required=True, columns=[
            {"key": "name", "label": "Name"}, {"key": "share", "label": "Share", "kind": "number"}]),
        ask("letter", "attachment", identifying=True, at_most=2),
        ask("agreed", "yes_no", required=True, must_be="true"),
    ],
)  # fmt: skip
PLAN = {"aim": "A lighter frame", "area": "metal", "alloy": "Mg", "months": "24"}
PEOPLE = {"team": [{"name": "Zhao", "share": "50"}], "agreed": True}


async def asking_call(projects: Running, asked: Form = ASKED, **changed: Any) -> Call:
    call = await draft_call(projects, **changed)
    async with projects.work(LI) as work:
        await forms.change_form(work, call.id, lambda _before: asked, None)
        await calls.request_signoff(work, call.id, None)
    async with projects.work(CHEN) as work:
        await calls.sign_off(work, call.id, SignoffCreate(decision="approve"), None)
    async with projects.work(LI) as work:
        return await calls.release_call(work, call.id, None)


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def put(
    http: httpx.AsyncClient, id: UUID, section: str, answers: dict[str, Any], version: int | str = "*"
) -> Any:
    tag = "*" if version == "*" else f'"{version}"'
    return await http.put(f"{API}/{id}/answers/{section}", json={"answers": answers}, headers={"If-Match": tag})


async def filled(ready: Running, call_id: UUID, **changed: Any) -> UUID:
    """An application with everything in it, ready to be handed in."""
    mine = await draft_application(ready, call_id, partner_ids=[str(SUN.organisation_id)], **changed)
    plan, letter = await pdf(ready, ZHAO), await pdf(ready, ZHAO)
    async with ready.work(ZHAO) as work:
        await applications.attach_document(work, mine.id, plan, None)
    async with ready.client(ZHAO) as zhao, ready.client(SUN) as sun:
        assert (await put(zhao, mine.id, "plan", PLAN)).status_code == 200
        assert (await put(sun, mine.id, "people", PEOPLE)).status_code == 200
        file = {"question": "letter", "document_id": str(letter)}
        done = await zhao.post(f"{API}/{mine.id}/answers/documents", json=file)
        assert done.status_code == 200, done.text
        assert done.json()["complete"], done.json()["faults"]
    await consent(ready, mine.id)
    return mine.id


async def test_both_organisations_write_and_what_is_missing_stops_a_submission(ready: Running) -> None:
    call = await asking_call(ready)
    mine = await draft_application(ready, call.id, partner_ids=[str(SUN.organisation_id)])
    await consent(ready, mine.id)
    plan = await pdf(ready, ZHAO)
    async with ready.work(ZHAO) as work:
        await applications.attach_document(work, mine.id, plan, None)
    async with ready.client(ZHAO) as zhao, ready.client(SUN) as sun, ready.client(OTHER) as other:
        empty = (await zhao.get(f"{API}/{mine.id}/answers")).json()
        assert (empty["asked"], empty["answered"]) == (6, 0)
        assert (await other.get(f"{API}/{mine.id}/answers")).status_code == 404
        assert (await put(other, mine.id, "plan", PLAN)).status_code == 404
        half = await put(
            zhao, mine.id, "plan", {"aim": "One two three four five six", "area": "metal", "months": "1.5"}, 0
        )
        assert (half.status_code, half.headers["etag"]) == (200, '"1"')
        told = {one["question"]: one["detail"] for one in half.json()["faults"]}
        assert told == {
            "aim": "Shorten this to at most 5 words.",
            "alloy": "Answer this question.",
            "months": "Enter a whole number, such as 12.",
            "team": "Answer this question.",
            "agreed": "Answer this question.",
        }
        refused = await zhao.post(f"{API}/{mine.id}/submission", headers=ANY)
        assert refused.status_code == 409
        assert "5 entries need your attention" in refused.text
        check = (await zhao.get(f"/projects/applications/{mine.id}/answers?check=1")).text
        assert "/answers/plan?check=1#f-answers-alloy" in check
        marked = (await zhao.get(f"/projects/applications/{mine.id}/answers/plan?check=1")).text
        assert marked.count('aria-invalid="true"') == 3
        # Two in one section: the second is shown both versions; two in different ones do not meet.
        assert (await put(sun, mine.id, "people", PEOPLE, 0)).status_code == 200
        assert (await put(sun, mine.id, "plan", PLAN, 0)).status_code == 412
        assert (await put(sun, mine.id, "plan", PLAN, 1)).json()["complete"]
        assert (await put(sun, mine.id, "plan", {"other": 1})).status_code == 422
        assert (await put(sun, mine.id, "nowhere", {})).status_code == 404
        refused = await zhao.post(f"{API}/{mine.id}/submission", headers=ANY)
        assert "Jialing University has not answered yet." in refused.text, "it consented before there were answers"
        await consent(ready, mine.id)
        assert (await zhao.post(f"{API}/{mine.id}/submission", headers=ANY)).status_code == 200
        assert (await put(sun, mine.id, "plan", PLAN)).status_code == 409
        trace = (await zhao.get(f"{API}/{mine.id}/eligibility")).json()["trace"]
        assert trace["version"] == 4
        assert any("6 of 7 questions" in clause["reason"] for clause in trace["clauses"])


@pytest.mark.parametrize("now", ["left_at = now()", "answer = 'pending', departure_id = application_id"])
async def test_who_left_or_is_only_asked_for_a_part_does_not_write(ready: Running, now: str) -> None:
    call = await asking_call(ready)
    mine = await draft_application(ready, call.id, partner_ids=[str(SUN.organisation_id)])
    async with ready.client(SUN) as sun:
        assert (await put(sun, mine.id, "people", PEOPLE)).status_code == 200
        async with ready.work(ZHAO) as work:
            await work.execute(f"UPDATE application_partners SET {now}")
        assert (await put(sun, mine.id, "people", PEOPLE)).status_code == 404
        assert (await sun.get(f"/projects/applications/{mine.id}/answers/people")).status_code == 404


async def test_the_page_saves_itself_and_shows_both_versions_of_a_conflict(ready: Running) -> None:
    call = await asking_call(ready)
    mine = await draft_application(ready, call.id, partner_ids=[str(SUN.organisation_id)])
    root = f"/projects/applications/{mine.id}/answers"
    typed = {"answers-aim": "Mine", "answers-area": "glass", "answers-months": "many", "version": "0"}
    async with ready.client(ZHAO) as zhao, ready.client(SUN) as sun:
        zhao.headers["Origin"] = sun.headers["Origin"] = "http://test"
        page = (await zhao.get(f"{root}/plan")).text
        assert 'data-autosave="' in page
        assert "data-show-if" in page
        saved = await zhao.post(f"{root}/plan/edit", data={**typed, "draft": "1"})
        assert (saved.status_code, saved.headers["x-version"]) == (204, "1")
        both = await sun.post(f"{root}/plan/edit", data={**typed, "answers-aim": "Theirs"})
        assert both.status_code == 412
        assert "Mine" in both.text
        assert "Theirs" in both.text
        kept = await sun.post(f"{root}/plan/edit", data={**typed, "answers-aim": "Theirs", "version": "1"})
        assert kept.headers["location"].startswith(f"{root}/plan?check=1")  # saved, and its wrong number is said
        shown = (await sun.get(f"{root}/plan?check=1")).text
        assert 'value="many"' in shown
        assert "Enter a whole number" in shown
        assert "In a row that you begin, fill in every column" in (await sun.get(f"{root}/people")).text
        table = {"answers-team-0-name": "Zhao", "answers-team-3-name": "Sun", "answers-team-3-share": "20",
                 "answers-agreed": "true", "version": "0"}  # fmt: skip
        done = await sun.post(f"{root}/people/edit", data=table)
        assert done.status_code == 303
        answers = (await sun.get(f"{API}/{mine.id}/answers")).json()["answers"]
        assert answers["team"] == [{"name": "Zhao"}, {"name": "Sun", "share": "20"}]
        assert answers["agreed"] is True
        further = await sun.post(
            f"{root}/plan/edit", data={**typed, "answers-months": "12", "version": "2", "next": "1"}
        )
        assert further.headers["location"] == f"{root}/people"
        overview = (await sun.get(root)).text
        assert "5 of 6 questions answered" in overview
        assert '<th scope="col" class="num">Share</th>' in overview, "a table stands under the names of its columns"
        assert "<td>Zhao</td>" in overview
        assert (await sun.get(f"{root}/nowhere")).status_code == 404


async def test_files_answer_questions_within_what_the_slot_takes(ready: Running) -> None:
    call = await asking_call(ready)
    mine = await draft_application(ready, call.id)
    good, second, third = [await pdf(ready, ZHAO) for _ in range(3)]
    foreign = await pdf(ready, SUN)
    async with ready.client(ZHAO) as zhao:

        async def attach(document_id: UUID, question: str = "letter") -> httpx.Response:
            body = {"question": question, "document_id": str(document_id)}
            return await zhao.post(f"{API}/{mine.id}/answers/documents", json=body)

        assert (await attach(good)).json()["answers"]["letter"] == [str(good)]
        assert (await attach(good)).status_code == 422
        assert (await attach(foreign)).status_code == 404
        assert (await attach(second, "aim")).status_code == 404
        assert (await attach(second)).status_code == 200
        assert "at most 2 files" in (await attach(third)).text
        # A slot is no project description, and saving the section leaves its files alone.
        assert (await zhao.get(f"{API}/{mine.id}")).json()["documents"] == []
        assert len((await put(zhao, mine.id, "people", PEOPLE)).json()["answers"]["letter"]) == 2
        gone = await zhao.post(f"{API}/{mine.id}/answers/removals", json={"question": "letter", "file": str(good)})
        assert gone.json()["answers"]["letter"] == [str(second)]
        again = await zhao.post(f"{API}/{mine.id}/answers/removals", json={"question": "letter", "file": str(good)})
        assert again.status_code == 409
        assert (await attach(good)).status_code == 200  # free again
        here = f"/projects/applications/{mine.id}/answers/people/edit"
        stored = re.findall(r'name="version" value="(\d+)"', (await zhao.get(here.removesuffix("/edit"))).text)
        typed = {"version": stored[0], "answers-team-0-name": "Zhao", "answers-team-0-share": "half"}
        wrong = {"file-letter": ("letter.pdf", b"no paper", "application/pdf")}
        shown = await zhao.post(here, data=typed, files=wrong)
        assert shown.status_code == 422, "what is wrong with the file and what else is, at once"
        assert {"#f-file-letter", "#f-answers-team-0-share"} <= set(re.findall(r'href="(#f-[^"]+)"', shown.text))
        (version,) = re.findall(r'name="version" value="(\d+)"', shown.text)
        typed |= {"version": version, "answers-team-0-share": "50"}
        assert (await zhao.post(here, data=typed)).status_code == 303, "nobody else saved meanwhile"


async def test_what_was_answered_is_in_the_snapshot_the_receipt_and_the_comparison(ready: Running) -> None:
    call = await asking_call(ready)
    id = await filled(ready, call.id)
    async with ready.client(ZHAO) as zhao, ready.client(LI) as li:
        assert (await zhao.post(f"{API}/{id}/submission", headers=ANY)).status_code == 200
        snapshot = (await zhao.get(f"{API}/{id}/versions/1")).json()
        assert snapshot["answers"]["aim"] == "A lighter frame"
        assert len(snapshot["documents"]) == 2
        shown = (await li.get(f"/projects/applications/{id}/versions/1")).text
        missing = {"A lighter frame", "Jialing University", *(one["filename"] for one in snapshot["documents"])}
        assert {word for word in missing if word not in shown} == set()
        assert ('"aim"' in shown, f"{API}/{id}/versions/1" in shown) == (False, True)
        assert f"/projects/applications/{id}/versions/1" in (await li.get(f"/projects/applications/{id}")).text
        assert (await li.get(f"/projects/applications/{id}/versions/9")).status_code == 404
        assert "A lighter frame" in (await li.get(f"/projects/applications/{id}/answers")).text
        async with ready.work(LI) as work:
            due = ready.service.database.clock() + LEAST * 2
            await completions.return_application(work, id, ReturnCreate(reason="Months?", due_at=due), None)
        # The letter is replaced: what was handed in stays with the application and opens.
        letter, another = snapshot["answers"]["letter"][0], await pdf(ready, ZHAO)
        out = await zhao.post(f"{API}/{id}/answers/removals", json={"question": "letter", "file": letter})
        assert "letter" not in out.json()["answers"]
        body = {"question": "letter", "document_id": str(another)}
        assert (await zhao.post(f"{API}/{id}/answers/documents", json=body)).status_code == 200
        link = f"/projects/api/v1/documents/{letter}/content"
        assert (await li.get(f"/projects/applications/{id}/versions/1")).text.count(link) == 2
        assert (await li.get(link)).status_code == 503, "no store here, and not refused"
        back = await zhao.post(f"{API}/{id}/answers/removals", json={"question": "letter", "file": str(another)})
        assert back.status_code == 200
        body["document_id"] = letter
        assert (await zhao.post(f"{API}/{id}/answers/documents", json=body)).status_code == 200
        async with ready.work(LI) as work:  # taken out in earlier days
            gone = {"id": letter}
            before = await work.row("SELECT filename, owner_kind, owner_id FROM documents WHERE id = %(id)s", gone)
            await work.execute("UPDATE documents SET owner_kind = NULL, owner_id = NULL WHERE id = %(id)s", gone)
        assert before is not None
        page = (await li.get(f"/projects/applications/{id}/versions/1")).text
        assert (page.count(before["filename"]), link in page) == (3, False), (
            "as a document, as the answer, and the other"
        )
        async with ready.work(LI) as work:
            await work.execute(
                "UPDATE documents SET owner_kind = %(owner_kind)s, owner_id = %(owner_id)s WHERE id = %(id)s",
                {**before, **gone},
            )
        await put(zhao, id, "plan", {**PLAN, "months": "36"})
        assert (await li.get(f"{API}/{id}/answers")).json()["answers"]["months"] == "24"
        assert (await zhao.get(f"{API}/{id}/answers")).json()["answers"]["months"] == "36"
        waits = await zhao.post(f"{API}/{id}/submission", headers=ANY)
        assert waits.status_code == 409, "who consented to 24 months is asked again"
        async with ready.client(SUN) as sun:
            again = await sun.post(f"{API}/{id}/consent", json={"decision": "consent"}, headers=ANY)
            assert again.status_code == 200, again.text
        assert (await zhao.post(f"{API}/{id}/submission", headers=ANY)).status_code == 200
        found = (await zhao.get(f"{API}/{id}/versions/2/differences")).json()["changes"]
        assert [(one["field"], one["before"], one["after"]) for one in found] == [("answers.months", "24", "36")]
        page = (await zhao.get(f"/projects/applications/{id}/versions")).text
        assert "<del>24</del>" in page
        receipt = await zhao.get(f"{API}/{id}/versions/2/receipt")
        assert receipt.status_code == 200


async def test_what_is_not_completed_in_time_is_answered_as_it_was_handed_in(ready: Running) -> None:
    call = await asking_call(ready)
    id = await filled(ready, call.id)
    async with ready.client(ZHAO) as zhao, ready.client(LI) as li:
        await zhao.post(f"{API}/{id}/submission", headers=ANY)
        async with ready.work(LI) as work:
            due = ready.service.database.clock() + LEAST * 2
            await completions.return_application(work, id, ReturnCreate(reason="Months?", due_at=due), None)
        await put(zhao, id, "plan", {**PLAN, "aim": "Another"})
        assert (await li.post(f"{API}/{id}/standing", headers=ANY)).status_code == 200
        assert (await zhao.get(f"{API}/{id}/answers")).json()["answers"]["aim"] == "A lighter frame"
    sheets = await ready.rows("SELECT section FROM answer_sheets")
    assert [one["section"] for one in sheets] == [""]


async def test_answers_go_along_to_another_call_and_what_does_not_fit_is_said(ready: Running) -> None:
    first = await asking_call(ready)
    id = await filled(ready, first.id)
    other = form(
        start=[ask("aim", "long_text", required=True), ask("months", "number", most="12"), ask("site", required=True)],
        files=[ask("letter", "attachment", at_most=2)],
    )
    second = await asking_call(ready, other, title="Another call", blindness="double")
    async with ready.client(ZHAO) as zhao:
        await zhao.post(f"{API}/{id}/withdrawal", json={"reason": "Elsewhere"}, headers=ANY)
        begun = await zhao.post(f"{API}/{id}/resubmission", json={"call_id": str(second.id)})
        mine = begun.json()["id"]
        found = (await zhao.get(f"{API}/{mine}/answers")).json()
        assert found["answers"]["aim"] == "A lighter frame"
        assert set(found["strange"]) == {"area", "alloy", "team", "agreed"}
        told = {one["question"]: one["detail"] for one in found["faults"]}
        assert told == {"months": "Enter a number of at most 12.", "site": "Answer this question."}
        page = (await zhao.get(f"/projects/applications/{mine}/answers")).text
        assert "Kept, but not asked here" in page
        await put(zhao, mine, "start", {"aim": "", "site": "Chengdu"})
        after = (await zhao.get(f"{API}/{mine}/answers")).json()
        assert "aim" not in after["answers"], "what was taken back does not come back"
        changes = {one["field"] for one in (await zhao.get(f"{API}/{mine}/earlier")).json()["changes"]}
        assert {"answers.aim", "answers.site"} <= changes


async def test_a_call_without_a_form_asks_nothing(ready: Running) -> None:
    call = await released_call(ready)
    mine = await draft_application(ready, call.id)
    async with ready.client(ZHAO) as zhao:
        assert (await zhao.get(f"{API}/{mine.id}/answers")).status_code == 404
        assert (
            "answers"
            not in (await zhao.get(f"/projects/applications/{mine.id}")).text.split("<main")[1].split("</main")[0]
        )


async def test_reviewers_who_shall_not_know_are_not_told_who_applies(ready: Running) -> None:
    call = await asking_call(ready, blindness="double")
    id = await filled(ready, call.id)
    async with ready.client(ZHAO) as zhao:
        await zhao.post(f"{API}/{id}/submission", headers=ANY)
        letter = (await zhao.get(f"{API}/{id}/answers")).json()["answers"]["letter"][0]
    review = new_id()
    async with ready.work(LI) as work:
        await work.execute(
            """INSERT INTO reviews (id, version, created_at, call_id, application_id, application_title, expert_id,
                   expert_name, expert_subject, affinity, state, reason, conflict, named, scores, to_applicant,
                   to_panel, due_at)
               SELECT %(id)s, 1, now(), %(call)s, %(application)s, 'T', %(id)s, 'Ma', %(who)s, 1, 'accepted', '', false,
                   '', '{}', '', '', now()""",
            {"id": review, "call": call.id, "application": id, "who": MA.subject},
        )
    async with ready.client(MA) as ma, ready.client(LI) as li:
        mine = (await ma.get(f"/projects/api/v1/reviews/{review}")).json()
        assert mine["organisations"] == []
        assert mine["application"]["withheld"] == 2
        assert set(mine["application"]["answers"]) == {"aim", "area", "alloy", "months", "agreed"}
        page = (await ma.get(f"/projects/reviews/{review}")).text
        assert "A lighter frame" in page
        assert "2 answers are withheld" in page
        assert "Institute of Light Alloys" not in page
        assert "Zhao" not in page
        assert (await ma.get(f"/projects/api/v1/documents/{letter}")).status_code == 404
        assert (await li.get(f"/projects/api/v1/documents/{letter}")).status_code == 200
        theirs = (await li.get(f"/projects/api/v1/reviews/{review}")).json()
        assert len(theirs["organisations"]) == 2
