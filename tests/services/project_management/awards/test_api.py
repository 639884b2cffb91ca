"""Ranking and deciding over the routes."""

from decimal import Decimal

from services.project_management.applications.model import Application
from services.project_management.awards import rules
from services.project_management.calls.model import Call
from shared.contracts.projects import AwardDecided, CallDecided, ReviewCompleted, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.world import API, World


async def test_the_best_affordable_application_is_funded_and_the_other_held_in_reserve(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    first, second = world.applications
    decided = {one["subject"]: one["data"] for one in await projects.said(AwardDecided)}
    assert (decided[first]["outcome"], decided[first]["amount"]) == ("funded", "600000.00")
    assert (decided[second]["outcome"], decided[second]["amount"]) == ("reserve", "0")
    assert len(await projects.said(ReviewCompleted)) == 2
    (call,) = await projects.said(CallDecided)
    assert call["data"]["funded"] == 1
    states = await projects.rows("SELECT state FROM applications ORDER BY id")
    assert [one["state"] for one in states] == ["funded", "reserve"]
    async with projects.client(world.officer) as http:
        body = (await http.get(f"{API}/calls/{world.call_id}/ranking")).json()
    assert body["complete"]
    assert [(one["rank"], one["mean"], one["sd"], one["reviews"]) for one in body["items"]] == [
        (1, 9.0, 0.0, 2),
        (2, 7.0, 0.0, 2),
    ]
    assert (body["spent"]["amount"], body["left"]["amount"]) == ("600000.00", "400000.00")
    assert DecisionTrace.model_validate(body["trace"]).repeats(rules.decide)


async def test_tasks_of_the_decision_are_given_and_closed(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    given = {one["data"]["kind"]: one["subject"] for one in await projects.said(TaskAssigned)}
    done = {one["subject"] for one in await projects.said(TaskDone)}
    assert given["call.decide"] in done
    assert given["project.draft"] not in done


async def test_an_applicant_reads_the_own_decision_and_comments_without_names(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with projects.client(world.institute) as http:
        items = (await http.get(f"{API}/awards")).json()["items"]
        assert [one["title"] for one in items] == ["First"]
        answer = await http.get(f"{API}/awards/{items[0]['id']}")
        assert answer.json()["comments"] == ["Comment on First.", "Comment on First."]
        assert answer.json()["book_due_at"] > items[0]["decided_at"]
        for expert in (*world.experts, *world.people):
            assert str(getattr(expert, "subject", expert)) not in answer.text
        assert (await http.get(f"{API}/applications/{world.applications[1]}/award")).status_code == 404
        assert (await http.get(f"{API}/calls/{world.call_id}/ranking")).status_code == 403
    async with projects.client(world.university) as http:  # a partner of the first, the lead of the second
        assert len((await http.get(f"{API}/awards")).json()["items"]) == 2


async def test_a_call_is_not_decided_while_a_review_is_open_nor_twice(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    person = await world.expert("Ma")
    here = f"{API}/calls/{world.call_id}/decision"
    async with projects.client(world.officer) as http:
        assert (await http.post(here, json={"reason": "Now."})).json()["code"] == "call-not-ready"
        await world.assign()
        assert (await http.post(here, json={"reason": "Now."})).json()["code"] == "reviews-outstanding"
        await world.review(person)
        assert (await http.post(here, json={"reason": "Now."})).status_code == 201
        assert (await http.post(here, json={"reason": "Again."})).status_code == 409


async def test_only_the_calls_own_office_decides(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    person = await world.expert("Ma")
    await world.assign()
    await world.review(person)
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    async with projects.client(elsewhere) as http:
        answer = await http.post(f"{API}/calls/{world.call_id}/decision", json={"reason": "Ours."})
    assert answer.status_code == 404
    assert await projects.said(AwardDecided) == []


async def test_the_officers_own_choice_is_explained_and_bound_by_the_budget(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    for lead in (world.institute, world.university):
        await world.apply(lead)
    person = await world.expert("Ma")
    await world.assign()
    await world.review(person)
    choice = {"application_id": str(world.applications[1]), "outcome": "funded", "reason": "A newcomer."}
    here = f"{API}/calls/{world.call_id}/decision"
    async with projects.client(world.officer) as http:
        over = await http.post(here, json={"reason": "Both.", "overrides": [choice]})
        assert over.json()["code"] == "over-budget"
        tried = {name: choice[name] for name in ("application_id", "outcome")}
        trial = await http.post(here.replace("decision", "ranking/trials"), json={"overrides": [tried]})
        told = trial.json()
        assert (trial.status_code, told["allowed"], told["awards"]) == (200, False, 2)
        assert Decimal(told["left"]["amount"]) < 0
        assert [one["application_id"] for one in told["departures"]] == [choice["application_id"]]
        misplaced = await http.post(here, json={"reason": "x", "overrides": [choice | {"place": 1}]})
        assert misplaced.json()["errors"][0]["pointer"] == "/overrides/0/place"
        strange = {**choice, "application_id": str(world.call_id)}
        for wrong in ([strange], [choice, choice], [choice | {"place": 1}]):
            refused = await http.post(here, json={"reason": "x", "overrides": wrong})
            tries = [{name: text for name, text in one.items() if name != "reason"} for one in wrong]
            tried_out = await http.post(here.replace("decision", "ranking/trials"), json={"overrides": tries})
            assert (refused.status_code, tried_out.status_code) == (422, 422), "a trial refuses what a decision does"
            assert refused.json()["errors"] == tried_out.json()["errors"]
        other = {"application_id": str(world.applications[0]), "outcome": "reserve", "reason": "Second."}
        assert (await http.post(here, json={"reason": "Newcomer.", "overrides": [choice, other]})).status_code == 201
        late = await http.post(here.replace("decision", "ranking/trials"), json={})
        assert (late.status_code, late.json()["code"]) == (409, "call-not-ready")
    rows = await projects.rows("SELECT outcome, reason FROM awards ORDER BY application_id")
    assert [one["outcome"] for one in rows] == ["reserve", "funded"]
    assert "A newcomer." in rows[1]["reason"]


async def test_raw_and_calibrated_means_stand_side_by_side_and_the_officer_chooses(projects: Running) -> None:
    world = await World(projects).open(demand=3, budget="3000000.00")
    for n in range(10):
        await world.apply((world.institute, world.university)[n % 2], title=f"Alloy {n}")
    people = [await world.expert(name, cap=10) for name in ("Ma", "Guo", "Qin", "Luo", "He")]
    assert (await world.assign(cap=10)).status_code == 201
    for person in people:
        await world.review(person, 5.5 if person is people[0] else 8)
    here = f"{API}/calls/{world.call_id}"
    async with projects.client(world.officer) as http:
        raw = (await http.get(f"{here}/ranking")).json()
        body = (await http.get(f"{here}/ranking", params={"scores": "calibrated"})).json()
        assert (await http.get(f"{here}/ranking", params={"scores": "other"})).status_code == 422
        assert (raw["scores"], body["scores"], body["calibration"]["off"]) == ("raw", "calibrated", "")
        harsh = max(body["calibration"]["reviewers"], key=lambda one: one["harshness"])
        assert harsh["low"] > 1
        assert not any(str(person.subject) in str(body) for person in people)
        for one in body["items"]:
            assert one["mean"] == one["calibrated"]["mean"]
            for side in ("raw", "calibrated"):
                assert one[side]["low"] <= one[side]["mean"] <= one[side]["high"]
                assert 1 <= one[side]["best_rank"] <= one[side]["worst_rank"] <= 10
                assert 0 <= one[side]["stays"] <= 1
        raw_means, calibrated = ([one[side]["mean"] for one in body["items"]] for side in ("raw", "calibrated"))
        assert max(raw_means) - min(raw_means) > 0.8
        # Whom the harsh one meets is drawn anew each time, so that how much is left of it differs.
        assert max(calibrated) - min(calibrated) < (max(raw_means) - min(raw_means)) / 2
        answer = await http.post(f"{here}/decision", json={"reason": "One was harsh.", "scores": "calibrated"})
        assert answer.status_code == 201, answer.text
        decided = (await http.get(f"{here}/ranking")).json()
    trace = DecisionTrace.model_validate(answer.json()["trace"])
    assert (trace.version, trace.inputs["scores"]) == (4, "calibrated")
    assert trace.repeats(rules.decide)
    assert (decided["scores"], decided["items"]) == ("calibrated", body["items"])


async def test_calibrated_means_are_refused_where_they_cannot_be_had(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    person = await world.expert("Ma")
    await world.assign()
    await world.review(person)
    here = f"{API}/calls/{world.call_id}"
    async with projects.client(world.officer) as http:
        body = (await http.get(f"{here}/ranking", params={"scores": "calibrated"})).json()
        assert body["scores"] == "raw"
        assert body["calibration"] == {
            "off": "Calibration is off: it needs 30 reviews in the call and there are 1.",
            "reviewers": [],
        }
        assert body["items"][0]["calibrated"] is None
        assert body["items"][0]["raw"]["low"] is None
        refused = await http.post(f"{here}/decision", json={"reason": "x", "scores": "calibrated"})
        assert (refused.status_code, refused.json()["code"]) == (409, "not-calibrated")
        assert refused.json()["detail"] == body["calibration"]["off"]


async def test_the_ranking_says_what_the_next_one_would_cost(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, title="First", amount="600000.00")
    await world.apply(world.university, title="Second", amount="700000.00")
    person = await world.expert("Ma")
    await world.assign()
    await world.review(person)
    async with projects.client(world.officer) as http:
        first, second = (await http.get(f"{API}/calls/{world.call_id}/ranking")).json()["items"]
    assert (first["outcome"], first["extra"]) == ("funded", None)
    assert second["extra"] == {"added": {"amount": "300000.00", "currency": "CNY"}, "chosen": None, "reason": ""}


async def test_the_calls_share_limits_bind_the_rule_and_the_officer(projects: Running) -> None:
    """Both leads are of Chengdu; the university has been funded before, the institute is new."""
    world = await World(projects).open(demand=1, budget="1200000.00")
    floor = {"trait": "newcomer", "value": "", "sense": "at_least", "share": "50", "of": "budget"}
    ceiling = {"trait": "field", "value": "Batteries", "sense": "at_most", "share": "40", "of": "budget"}
    async with projects.work(system_actor("projects")) as work:
        call = await work.get(Call, world.call_id)
        call.portfolio = [floor, ceiling]
    earlier = World(projects, officer=world.officer, institute=world.university, university=world.institute)
    await (await earlier.open()).decided()
    funded = await projects.rows("SELECT application_id FROM awards WHERE outcome = 'funded'")
    assert [one["application_id"] for one in funded] == earlier.applications[:1]
    for lead in (world.institute, world.university, world.university):
        await world.apply(lead)
    async with projects.work(system_actor("projects")) as work:
        (await work.get(Application, world.applications[2])).field = "Batteries"
    person = await world.expert("Tan")
    await world.assign(expert_ids=[str(world.people[0])])
    await world.review(person)
    here = f"{API}/calls/{world.call_id}"
    async with projects.client(world.officer) as http:
        body = (await http.get(f"{here}/ranking")).json()
        traits = [one["traits"] for one in body["trace"]["inputs"]["applications"]]
        assert [(one["field"], one["newcomer"]) for one in traits] == [
            ("Materials", True),
            ("Materials", False),
            ("Batteries", False),
        ]
        assert {one["region"] for one in traits} == {"Chengdu"}
        assert {one["sector"] for one in traits} == {"defence"}
        outcome = {one["application_id"]: one["outcome"] for one in body["items"]}
        assert [outcome[str(id)] for id in world.applications] == ["funded", "funded", "reserve"]
        assert [(one["reached"], one["holds"]) for one in body["limits"]] == [
            ("It comes to 50.00 %.", True),
            ("It comes to 0.00 %.", True),
        ]
        choices = [
            {"application_id": str(world.applications[n]), "outcome": word, "reason": "So."}
            for n, word in ((1, "reserve"), (2, "funded"))
        ]
        refused = await http.post(f"{here}/decision", json={"reason": "x", "overrides": choices})
        assert (refused.status_code, refused.json()["code"]) == (409, "over-limit")
        assert "the field “Batteries”. It comes to 50.00 %." in refused.json()["detail"]
        assert (await http.post(f"{here}/decision", json={"reason": "As ranked."})).status_code == 201
