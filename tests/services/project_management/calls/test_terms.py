"""The days and rules that a call sets: usual where it says nothing, fixed by its release, kept by what comes after."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from services.project_management.amendments.rules import narrower
from services.project_management.assignments.rules import POLICY, ConflictPolicy
from services.project_management.calls import terms
from services.project_management.calls.schemas import CallTermsFields
from services.project_management.calls.terms import USUAL, CallTerms
from services.project_management.completions.rules import due_fault
from services.project_management.lapses.actions import watch_milestones
from services.project_management.lapses.rules import STEPS, steps_of
from services.project_management.reviews.rules import State, next_reminder, overdue_from
from services.project_management.rights.rules import opening_terms, parts
from shared.contracts.project_delivery import MilestoneMissed
from shared.contracts.projects import TaskAssigned
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.calls.test_pages import form
from tests.services.project_management.ready import (
    CHEN,
    LI,
    VISITOR,
    at,
    draft_application,
    know_everybody,
    released_call,
)
from tests.services.project_management.world import World

API = "/projects/api/v1"
ANY = {"If-Match": "*"}
NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_what_is_usual_is_one_thing_everywhere_and_in_no_text() -> None:
    assert CallTermsFields().model_dump(mode="json") == USUAL.stored()
    assert CallTerms.of(USUAL.stored()) == USUAL
    assert CallTerms.of({}) == USUAL
    assert USUAL.different() == {}
    assert ConflictPolicy.of(USUAL) == POLICY
    assert ConflictPolicy.of(CallTerms(co_inventor_years=0)).as_inputs() == POLICY.as_inputs() | {
        "co_inventor_years": 0
    }
    assert CallTerms(review_days=10).different() == {"review_days": 10}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, None),
        ({"answer_days": 22}, "answer_days"),
        ({"answer_reminder_days": 7}, "answer_reminder_days"),
        ({"review_reminder_days": 21}, "review_reminder_days"),
        ({"explanation_days": 30}, "explanation_days"),
    ],
)
def test_terms_that_contradict_each_other_are_named(changed: dict[str, int], field: str | None) -> None:
    assert [name for name, _said in terms.faults(changed)] == ([f"terms/{field}"] if field else [])


def test_each_rule_keeps_to_the_days_of_its_call() -> None:
    own = CallTerms(answer_days=4, answer_reminder_days=1, review_reminder_days=5, explanation_days=10)
    due = NOW + 21 * DAY
    assert next_reminder(State.INVITED, NOW, due, None, own) == NOW + 3 * DAY
    assert next_reminder(State.INVITED, NOW, due, NOW + 3 * DAY, own) is None
    assert next_reminder(State.ACCEPTED, NOW, due, NOW + 3 * DAY, own) == due - 5 * DAY
    assert next_reminder(State.SCORED, NOW, due, due - 5 * DAY, own) == due
    assert next_reminder(State.ACCEPTED, NOW, due, None) == due - 3 * DAY
    assert next_reminder(State.COMPLETED, NOW, due, None) is None
    assert overdue_from(State.INVITED, NOW, due, own) == NOW + 4 * DAY
    assert overdue_from(State.INVITED, NOW, due) == NOW + 7 * DAY
    assert [overdue_from(one, NOW, due) for one in (State.SCORED, State.DECLINED)] == [due, None]
    assert due_fault(NOW, NOW + 11 * DAY, 10) == "Choose a time within 10 days."
    assert due_fault(NOW, NOW + 11 * DAY) == ""
    assert steps_of(USUAL) == STEPS
    second = steps_of(own)[1]
    assert (second.after, second.rule) == (10, "delivery.lapse/2 §2")
    assert second.reason == "10 days late: the lead explains the delay in writing."


def test_an_agreement_begins_with_the_parts_that_the_call_names() -> None:
    assert parts("", 3) == ["1/3"] * 3
    assert parts("3/5", 3) == ["3/5", "1/5", "1/5"]
    assert parts("3/5", 1) == ["1/1"]
    begun = opening_terms([{"id": "a"}, {"id": "b"}], Fraction(1, 2), CallTerms(lead_income="2/3", publication_days=60))
    assert [(one["ownership"], one["income"]) for one in begun["parties"]] == [("1/2", "2/3"), ("1/2", "1/3")]
    assert begun["publication_days"] == 60


@pytest.mark.parametrize(
    ("name", "before", "after", "narrows"),
    [
        ("kinds", [], ["institute"], True),
        ("kinds", ["institute"], [], False),
        ("kinds", ["institute"], ["institute", "company"], False),
        ("regions", ["Chengdu", "Chongqing"], ["Chengdu"], True),
        ("sectors", ["civil"], ["defence"], True),
        ("credit", "fair", "good", True),
        ("credit", "good", "", False),
        ("running_per_person", 0, 2, True),
        ("running_per_person", 2, 0, False),
        ("running_per_person", 2, 3, False),
        ("running_per_organisation", 3, 2, True),
    ],
)
def test_a_condition_is_narrower_when_it_shuts_somebody_out(name: str, before: Any, after: Any, narrows: bool) -> None:
    assert narrower(name, before, after) is narrows
    assert not narrower(name, before, before)


@pytest.mark.anyio
async def test_calls_of_before_have_what_was_usual(projects: Running) -> None:
    (row,) = await projects.rows(
        """SELECT column_default AS d FROM information_schema.columns
           WHERE table_name = 'calls' AND column_name = 'terms'"""
    )
    (kept,) = await projects.rows(f"SELECT {row['d']} AS terms")
    assert kept["terms"] == USUAL.stored()


@pytest.mark.anyio
async def test_a_release_fixes_them_and_an_amendment_changes_them_alone(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects, terms={"review_days": 30, "lead_ownership": "60%"})
    plain = await released_call(projects)
    async with projects.client(LI) as li, projects.client(CHEN) as chen, projects.client(VISITOR) as anybody:
        first = (await anybody.get(f"{API}/calls/{call.id}/versions/1")).json()
        assert first["terms"] == {"review_days": 30, "lead_ownership": "3/5"}
        assert "terms" not in (await anybody.get(f"{API}/calls/{plain.id}/versions/1")).json()
        page = (await anybody.get(f"/projects/calls/{call.id}?lang=en")).text
        assert "Days to review, from the invitation" in page
        assert "30 days" in page
        assert (await li.patch(f"{API}/calls/{call.id}", json={"terms": {}}, headers=ANY)).status_code == 409

        async def amend(**fields: Any) -> Any:
            return await li.post(f"{API}/calls/{call.id}/amendment", json={"reason": "so", **fields}, headers=ANY)

        assert (await amend(terms={"answer_days": 40})).status_code == 422
        asked = await amend(terms={"completion_days": 20}, regions=[], kinds=["institute"])
        assert asked.status_code == 201, asked.text
        assert {one["field"]: (one["before"], one["after"]) for one in asked.json()["changes"]} == {
            "kinds": ("institute\nuniversity", "institute"),
            "regions": ("Chengdu\nChongqing", ""),
            "terms.completion_days": ("30", "20"),
        }
        # Before it is signed somebody begins: from then on nobody is shut out, and no time is shortened.
        await draft_application(projects, call.id)
        judged = f"{API}/calls/{call.id}/amendment/judgement"
        late = await chen.post(judged, json={"decision": "approve", "answer": "agreed"}, headers=ANY)
        assert late.status_code == 422
        assert "It can only be widened" in late.text
        assert "It can only be longer" in late.text
        await chen.post(judged, json={"decision": "decline", "answer": "Somebody has begun."}, headers=ANY)
        for refused in (
            {"regions": ["Chengdu"]},
            {"running_per_person": 1},
            {"credit": "good"},
            {"sectors": ["civil"]},
        ):
            assert (await amend(**refused)).status_code == 422, refused
        assert (await amend(regions=[], terms={"completion_days": 45})).status_code == 201
        assert (
            await chen.post(judged, json={"decision": "approve", "answer": "agreed"}, headers=ANY)
        ).status_code == 200
        now = (await anybody.get(f"{API}/calls/{call.id}")).json()
        assert (now["regions"], now["terms"]["completion_days"], now["terms"]["review_days"]) == ([], 45, 30)
        changed = (await anybody.get(f"/projects/calls/{call.id}/versions?lang=en")).text
        assert "Days to complete an application that was returned, at most" in changed


@pytest.mark.anyio
async def test_terms_and_conditions_are_typed_refused_and_widened_on_pages(projects: Running) -> None:
    await know_everybody(projects)
    typed = {f"terms-{name}": value for name, value in USUAL.stored().items()}
    async with projects.client(LI) as li:
        li.headers["Origin"] = "http://test"
        refused = await li.post("/projects/calls/new", data=form(**typed | {"terms-answer_days": "60"}))
        assert refused.status_code == 422
        assert '<details class="more" open><summary>Reviews' in refused.text, "a refusal is not folded away"
        done = await li.post("/projects/calls/new", data=form(**typed | {"terms-review_days": "28"}))
        assert done.status_code == 303, done.text
        again = (await li.get(f"{done.headers['location']}/edit")).text
        assert re.search(r'name="terms-review_days"[^>]* value="28"', again)
        assert 'name="_stated" value="terms-"' in again
        own = {"_stated": "terms-", "terms-lead_ownership": "3/5", "terms-publication_terms": "Ask first."}
        edit = f"{done.headers['location']}/edit"
        for said in (own, own | {"terms-lead_ownership": "", "terms-publication_terms": " "}):
            assert (await li.post(edit, data=form(**typed | said))).status_code == 303
            kept = (await li.get(f"/projects/api/v1{done.headers['location'][9:]}")).json()["terms"]
            assert kept["lead_ownership"] == said["terms-lead_ownership"], "what is emptied on the page is empty"
        assert kept["publication_terms"] == ""
        unticked = form(**typed | own)
        del unticked["terms-milestone_reminder_days"]
        assert (await li.post(edit, data=unticked)).status_code == 303
        kept = (await li.get(f"/projects/api/v1{done.headers['location'][9:]}")).json()["terms"]
        assert kept["milestone_reminder_days"] == [], "no day at all: nobody is reminded"
        call = await released_call(
            projects, running_per_organisation=2, running_per_person=3, credit="fair", terms={"lead_income": "1/2"}
        )
        root = f"/projects/calls/{call.id}/amendment"
        shown = (await li.get(root)).text
        assert "this can only be widened" in shown
        amended = {"title": call.title, "summary": call.summary, "reason": "More may apply.",
                   "closes_at": call.closes_at.isoformat(), "budget-amount": "6000000", "budget-currency": "CNY",
                   "ceiling-amount": "3000000", "ceiling-currency": "CNY", "conditions": "1",
                   "running_per_person": "", "credit": "", "_stated": ["terms-", "title_zh"], "title_zh": "",
                   "kinds": ["institute", "university"], **typed}  # fmt: skip
        asked = await li.post(root, data=amended)
        assert asked.status_code == 303, asked.text
        changes = (await li.get(f"{API}/calls/{call.id}/amendment")).json()["changes"]
        emptied = {
            "title_zh",
            "regions",
            "running_per_organisation",
            "running_per_person",
            "credit",
            "terms.lead_income",
        }
        assert {one["field"] for one in changes} == emptied, "no tick at all lets every region in"


@dataclass
class Keeping(World):
    """Keeps how the agreement on the results began."""

    began: list[dict[str, Any]] = field(default_factory=list)

    async def agree_rights(self, agreement_id: str) -> None:
        async with self.projects.client(self.institute) as http:
            self.began.append((await http.get(f"{API}/agreements/{agreement_id}")).json()["terms"])
        await super().agree_rights(agreement_id)


@pytest.mark.anyio
async def test_reviews_agreements_and_milestones_keep_to_what_the_call_set(projects: Running) -> None:
    world = Keeping(projects)
    await world.open()
    own: dict[str, Any] = {"answer_days": 4, "answer_reminder_days": 1, "review_days": 10, "review_reminder_days": 2}
    own |= {
        "lead_ownership": "3/5",
        "disposal": "lead",
        "milestone_reminder_days": [60],
        "explanation_days": 5,
        "former_employer_years": 7,
    }
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE calls SET terms = terms || %(own)s::jsonb", {"own": json.dumps(own)})
    await world.project()
    reviews = await projects.rows("SELECT created_at, due_at FROM reviews")
    assert {round((one["due_at"] - one["created_at"]) / DAY, 3) for one in reviews} == {10}
    said = [one["data"] for one in await projects.said(TaskAssigned)]
    (answer, *_more) = [one for one in said if one["kind"] == "review.answer"]
    assert round((datetime.fromisoformat(answer["due_at"]) - reviews[0]["created_at"]) / DAY, 3) == 4
    (run,) = await projects.rows("SELECT trace FROM assignments")
    assert run["trace"]["inputs"]["policy"]["former_employer_years"] == 7
    (began,) = world.began
    assert [one["ownership"] for one in began["parties"]] == ["3/5", "2/5"]
    assert began["disposal"] == "lead"
    for day in ("2027-05-02", "2027-06-29", "2027-07-04", "2027-07-05"):
        reset = at(projects, datetime.fromisoformat(f"{day}T04:00:00+00:00"))
        async with projects.work(system_actor("projects")) as work:
            await watch_milestones(work)
        reset()
    reminders = [
        one["data"]["title"] for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "milestone.remind"
    ]
    assert reminders[:2] == ["Milestone 1 is due in 59 days: “Melt”", "Milestone 1 is late: “Melt”"]
    missed = [one["data"] for one in await projects.said(MilestoneMissed)]
    assert [(one["grade"], one["days_late"], one["rule"]) for one in missed] == [
        (1, 4, "delivery.lapse/1 §1"),
        (2, 5, "delivery.lapse/2 §2"),
    ]
