"""From the report to the grade and what became of it, over the routes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.project_management.dashboards import queries as dashboards
from services.project_management.evaluations.following import ask_follow_ups
from services.project_management.snapshots import sha256_of
from shared.contracts.project_delivery import EvaluationDecided, EvaluationJudged, FollowUpAnswered
from shared.contracts.projects import ProjectCompleted, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.checked import checked
from tests.services.project_management.ready import at
from tests.services.project_management.world import ANY, API, World

REPORT = {
    "report": "Both alloys melted and tested.",
    "indicators": [{"number": 1, "reached": "full", "said": "30 samples."}, {"number": 2, "reached": "full"}],
    "outputs": [{"title": "Fatigue", "reference": "doi:10.1000/182"}],
}


async def delivered(projects: Running) -> tuple[World, str]:
    """A project whose milestones are accepted in time, and three more experts than reviewed it."""
    world = await World(projects).open()
    project = await world.project()
    async with projects.work(system_actor("projects")) as work:
        await work.execute(
            "UPDATE milestones SET state = 'accepted', document_id = gen_random_uuid(), judged_at = '2027-03-01+00'"
        )
    await world.expert("Tan", employer=world.institute)
    for name in ("Qi", "Wu"):
        await world.expert(name)
    return world, f"{API}/projects/{project['id']}"


async def opened(world: World, here: str, kind: str = "completion") -> str:
    async with world.projects.client(world.officer) as office:
        made = await office.post(f"{here}/evaluations", json={"kind": kind})
        assert made.status_code == 201, made.text
        return str(made.headers["location"])


def free(world: World) -> list[str]:
    """The experts that work for nobody who takes part."""
    return [str(one) for one in (*world.people[:2], *world.people[3:])]


async def with_panel(world: World, here: str, kind: str = "completion", report: dict[str, Any] | None = None) -> str:
    one = await opened(world, here, kind)
    async with world.projects.client(world.institute) as lead, world.projects.client(world.officer) as office:
        assert (await lead.post(f"{one}/report", json=report or REPORT, headers=ANY)).status_code == 200
        asked = await office.post(f"{one}/panel", json={"expert_ids": free(world)[:3]}, headers=ANY)
        assert asked.status_code == 200, asked.text
    return one


async def judge(world: World, expert: Someone, score: float) -> httpx.Response:
    async with world.projects.client(expert) as http:
        (mine,) = (await http.get(f"{API}/evaluation-sheets")).json()["items"]
        scores = [{"criterion": name, "score": score} for name in ("indicators", "results", "use", "money")]
        body = {"scores": scores, "to_lead": f"Worth {score}."}
        return await http.post(f"{API}/evaluation-sheets/{mine['id']}/handing-in", json=body, headers=ANY)


def members(world: World) -> list[Someone]:
    return [world.experts[0], world.experts[1], world.experts[3]]


async def open_tasks(projects: Running) -> list[str]:
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    tasks = [one for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    return sorted(one["data"]["kind"] for one in tasks if one["data"]["kind"].startswith(("evaluation.", "standing.")))


async def test_a_completion_review_ends_the_project_and_proposes_a_reward(projects: Running) -> None:
    world, here = await delivered(projects)
    async with projects.client(world.officer) as office, projects.client(world.institute) as lead:
        bare = await office.post(f"{here}/completion", json={"grade": "good", "reason": "Done."}, headers=ANY)
        assert (bare.status_code, bare.json()["code"]) == (409, "evaluation-outstanding")
        one = await opened(world, here)
        twice = await office.post(f"{here}/evaluations", json={"kind": "midterm"})
        assert (twice.status_code, twice.json()["code"]) == (409, "evaluation-open")
        early = await office.post(f"{one}/panel", json={"expert_ids": free(world)[:3]}, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "evaluation-not-ready")
        wrong = await lead.post(
            f"{one}/report", json=REPORT | {"indicators": [{"number": 7, "reached": "full"}]}, headers=ANY
        )
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/indicators/0/number")
        assert (await lead.post(f"{one}/report", json=REPORT, headers=ANY)).status_code == 200
        back = await office.post(f"{one}/return", json={"reason": "Which samples?"}, headers=ANY)
        assert back.json()["state"] == "reporting"
        assert (await lead.post(f"{one}/report", json=REPORT, headers=ANY)).status_code == 200
        close = await office.post(f"{one}/panel", json={"expert_ids": [str(i) for i in world.people[:3]]}, headers=ANY)
        assert close.status_code == 422
        assert close.json()["errors"] == [
            {"pointer": "/expert_ids/2", "detail": "Works for Institute, the lead of this application."}
        ]
        few = await office.post(f"{one}/panel", json={"expert_ids": free(world)[:2]}, headers=ANY)
        assert "at least 3 members" in few.json()["errors"][0]["detail"]
        assert (await office.post(f"{one}/panel", json={"expert_ids": free(world)[:3]}, headers=ANY)).status_code == 200
        assert (await lead.get(one)).json()["panel"] == [], "the lead does not learn who judges"
        for n, expert in enumerate(members(world)):
            assert (await lead.get(one)).json()["trace"] is None
            assert (await judge(world, expert, 9 + n / 2)).status_code == 200
            assert (await judge(world, expert, 1)).status_code == 409
        assert (await lead.get(f"{one}/paper")).status_code == 404, "nothing is decided yet"
        shown = (await office.get(one)).json()
        assert (shown["state"], shown["trace"]["result"]["grade"]) == ("judged", "excellent")
        assert shown["foretold"]["excellent"][1] == "The team may apply for 2 more than a call's limits allow."
        assert [row["state"] for row in shown["panel"]] == ["handed_in"] * 3
        assert (
            await lead.post(f"{one}/decision", json={"grade": "good", "reason": "x"}, headers=ANY)
        ).status_code == 403
        done = await office.post(
            f"{here}/completion", json={"grade": "excellent", "reason": "As the panel says."}, headers=ANY
        )
        assert (done.status_code, done.json()["state"], done.json()["grade"]) == (200, "completed", "excellent")
        told = (await lead.get(one)).json()
        assert (told["state"], told["comments"]) == ("decided", ["Worth 10.0.", "Worth 9.0.", "Worth 9.5."])
        page = (await lead.get(one.replace(API, "/projects"))).text
        assert told["answer"] == "", "the report was returned before; that is over"
        assert "The decision before stands" not in page
        assert [expert.subject for expert in members(world) if expert.subject in page] == [], "nor from the history"
        assert [one["years"] for one in (await lead.get(f"{here}/evaluations")).json()["follow_ups"]] == [1, 3]
        paper = await lead.get(f"{one}/paper")
        (entry,) = (await office.get(f"{API}/standing")).json()["items"]
        assert (entry["kind"], entry["subject_kind"], entry["state"]) == (
            "excellent_completion", "team", "proposed"
        )  # fmt: skip
    assert await open_tasks(projects) == ["standing.judge"]
    (fact,) = await projects.said(ProjectCompleted)
    assert fact["data"]["grade"] == "excellent"
    facts = str([one["data"] for one in await projects.said(EvaluationJudged)])
    assert not any(name in facts for name in ("Ma", "Guo", "Qi"))
    assert len(await projects.said(EvaluationDecided)) == 1
    told = await checked(projects, paper.content, "evaluation", ("First", "excellent", "Excellent", "Institute"))
    (kept,) = await projects.rows("SELECT content, sha256 FROM issued_papers WHERE kind = 'evaluation'")
    assert told["sha256"] == kept["sha256"] == sha256_of(kept["content"].encode())
    content = json.loads(kept["content"])
    assert (content["grade"], content["trace"]["result"]["grade"]) == ("excellent", "excellent")
    assert [row["reached"] for row in content["indicators"]] == ["full", "full"]
    assert not any(name in kept["content"] for name in ("Guo", *(person.subject for person in members(world))))
    async with projects.client(someone(Role.APPLICANT)) as stranger:
        assert (await stranger.get(f"{one}/paper")).status_code == 404


async def test_the_office_may_grade_otherwise_and_fail_proposes_a_punishment(projects: Running) -> None:
    world, here = await delivered(projects)
    one = await with_panel(world, here, report=REPORT | {"indicators": []})
    for expert in members(world):
        await judge(world, expert, 8)
    async with projects.client(world.officer) as office:
        assert (await office.get(one)).json()["trace"]["result"]["grade"] == "fail", "nothing was said to be reached"
        decided = await office.post(f"{one}/decision", json={"grade": "fail", "reason": "No results."}, headers=ANY)
        assert decided.json()["grade"] == "fail"
        (entry,) = (await office.get(f"{API}/standing")).json()["items"]
        assert entry["kind"] == "failed_completion"
        detail = (await office.get(f"{API}/standing/{entry['id']}")).json()
        assert (detail["by_rule"], detail["evidence"]["kind"]) == ("evaluation.grade/1", "evaluation")
        assert (await office.post(f"{here}/evaluations", json={"kind": "midterm"})).status_code == 409


async def test_a_decision_that_is_opened_again_stands_until_another_and_everything_follows_the_newest(
    projects: Running,
) -> None:
    world, here = await delivered(projects)
    office_id = world.officer.organisation_id
    second, third = (
        someone(Role.PROGRAMME_OFFICER, organisation_id=office_id, organisation_name="Office") for _ in range(2)
    )
    for name in ("Hu", "Lin", "Xu"):
        await world.expert(name)
    one = await with_panel(world, here, report=REPORT | {"indicators": []})
    for expert in members(world):
        await judge(world, expert, 8)
    why, page = {"reason": "A sample was overlooked."}, one.replace(API, "/projects")
    async with world.browser(world.officer) as first, world.browser(second) as other:
        early = await other.post(f"{one}/reopening", json=why, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "evaluation-not-ready")
        fail = {"grade": "fail", "reason": "No results."}
        assert (await first.post(f"{one}/decision", json=fail, headers=ANY)).status_code == 200
        paper = await first.get(f"{one}/paper")
        (issued,) = await projects.rows("SELECT number FROM issued_papers WHERE kind = 'evaluation'")
        paper_number = issued["number"]
        own = await first.post(f"{one}/reopening", json=why, headers=ANY)
        assert (own.status_code, own.json()["code"]) == (409, "same-hand")
        assert "Open the decision again" not in (await first.get(page)).text
        assert "Open the decision again" in (await other.get(page)).text
        assert (await other.post(f"{page}/reopening", data=why)).status_code == 303
        off = await other.post(f"{one}/cancellation", json=why, headers=ANY)
        assert (off.status_code, off.json()["code"]) == (409, "evaluation-not-ready")
        back = await other.post(f"{one}/return", json=why, headers=ANY)
        assert (back.status_code, back.json()["code"]) == (409, "evaluation-not-ready"), "it was decided on this report"
        async with projects.work(world.officer) as work:
            await work.execute("UPDATE evaluations SET reported_at = now() - interval '2 years'")
        async with projects.work(world.officer) as work:
            (tally,) = [row for row in (await dashboards.waiting(work))[0] if row["kind"] == "evaluation"]
            assert (tally["n"], tally["late"]) == (1, 0), "its time runs from the reopening"
        same = await other.post(f"{one}/panel", json={"expert_ids": free(world)[:3]}, headers=ANY)
        assert {row["detail"] for row in same.json()["errors"]} == {"Judged it before; a new panel has other members."}
        assert "Judged it before" in (await other.get(page)).text
        asked = await other.post(f"{one}/panel", json={"expert_ids": free(world)[3:6]}, headers=ANY)
        assert asked.status_code == 200, asked.text
        await judge(world, world.experts[4], 2)
        own = await first.post(f"{one}/confirmation", json=why, headers=ANY)
        assert (own.status_code, own.json()["code"]) == (409, "same-hand")
        shown = [("Let the decision before stand" in (await who.get(page)).text) for who in (first, other)]
        assert shown == [False, True]
        stands = (await other.post(f"{one}/confirmation", json={"reason": "It was counted."}, headers=ANY)).json()
        assert (stands["state"], stands["grade"], stands["round"]) == ("decided", "fail", 2)
        assert (stands["decided_round"], stands["comments"]) == (1, ["Worth 8."] * 3), "of those who judged it"
        assert [row["state"] for row in stands["panel"]] == ["handed_in"] * 3
        assert "The decision before stands" in (await first.get(page)).text
        assert (await other.post(f"{one}/reopening", json=why, headers=ANY)).json()["state"] == "reported"
        told = (await first.get(here)).json()
        assert (told["state"], told["grade"]) == ("completed", "fail"), "it stands meanwhile"
        asked = await other.post(f"{one}/panel", json={"expert_ids": free(world)[4:]}, headers=ANY)
        assert asked.status_code == 200, asked.text
        for expert in world.experts[5:]:
            async with projects.client(expert) as http:
                waiting = [
                    sheet
                    for sheet in (await http.get(f"{API}/evaluation-sheets")).json()["items"]
                    if sheet["state"] == "asked"
                ]
                scores = [{"criterion": name, "score": 9} for name in ("indicators", "results", "use", "money")]
                at_sheet = f"{API}/evaluation-sheets/{waiting[0]['id']}/handing-in"
                assert (
                    await http.post(at_sheet, json={"scores": scores, "to_lead": "Better."}, headers=ANY)
                ).is_success
        good = {"grade": "good", "reason": "All samples count."}
        refused = await first.post(f"{one}/decision", json=good, headers=ANY)
        assert (refused.status_code, refused.json()["code"]) == (409, "same-hand")
        form = (await other.get(page)).text
        assert "The project is completed already." in form
        assert "The project is completed with this grade" not in form
        done = (await other.post(f"{one}/decision", json=good, headers=ANY)).json()
        assert (done["grade"], done["comments"], [row["grade"] for row in done["earlier"]]) == (
            "good", ["Better."] * 3, ["fail", "fail"]
        )  # fmt: skip
        assert [(row["why"], bool(row["stands"])) for row in done["earlier"]] == [
            (why["reason"], True),
            (why["reason"], False),
        ]
        (number,) = {row["number"] for row in done["earlier"]}
        assert (number, [row["round"] for row in done["earlier"]]) == (paper_number, [1, 1]), (
            "one decision, opened twice"
        )
        assert (await first.get(here)).json()["grade"] == "good"
        (entry,) = (await first.get(f"{API}/standing")).json()["items"]
        assert (entry["kind"], entry["state"]) == ("failed_completion", "withdrawn")
        again = await first.get(f"{one}/paper")
        assert (await first.get(f"{one}/paper", params={"decision": 1})).status_code == 200
        told = (await first.get(page)).text
        assert "Opened again because" in told
        assert "You decided it. Another person of your office can open it again." in told
    before = await checked(projects, paper.content, "evaluation", ("First",))
    after = await checked(projects, again.content, "evaluation", ("First",))
    assert (before["newest"], after["newest"], before["number"] == after["number"]) == (False, True, False)
    facts = [(one["data"]["grade"], one["data"]["version"]) for one in await projects.said(ProjectCompleted)]
    assert [grade for grade, _version in facts] == ["fail", "good"]
    assert facts[0][1] < facts[1][1], "who follows the grade follows the newest"
    async with projects.client(third) as office:
        assert (await office.post(f"{one}/reopening", json=why, headers=ANY)).status_code == 200
        assert "It was decided and is opened again." in (await office.get(page)).text
        async with projects.work(third) as work:
            await work.execute("UPDATE evaluations SET state = 'judged', trace = earlier -> -1 -> 'trace'")
        minutes = {"grade": "good", "reason": "By the corrected minutes."}
        assert (await office.post(f"{one}/decision", json=minutes, headers=ANY)).status_code == 200
        assert len((await office.get(f"{API}/standing")).json()["items"]) == 1, "the grade is the same"
    (row,) = await projects.rows("SELECT grade, grade_reason FROM projects")
    assert (row["grade"], row["grade_reason"]) == ("good", minutes["reason"])
    assert (await projects.said(ProjectCompleted))[-1]["data"]["reason"] == minutes["reason"]
    assert len(await projects.rows("SELECT 1 FROM follow_ups")) == 2, "asked of the project once"


async def test_a_mid_term_review_completes_nothing_and_a_new_member_replaces_one_who_declined(
    projects: Running,
) -> None:
    world, here = await delivered(projects)
    one = await with_panel(world, here, "midterm")
    first, second, third = members(world)
    async with projects.client(first) as http, projects.client(world.officer) as office:
        (mine,) = (await http.get(f"{API}/evaluation-sheets")).json()["items"]
        at_sheet = f"{API}/evaluation-sheets/{mine['id']}"
        half = {"scores": [{"criterion": "money", "score": 3}], "to_lead": "x"}
        lacking = await http.post(f"{at_sheet}/handing-in", json=half, headers=ANY)
        assert (lacking.status_code, len(lacking.json()["errors"])) == (422, 3)
        assert (await http.post(f"{at_sheet}/decline", json={"reason": "We publish together."}, headers=ANY)).is_success
        assert "evaluation.panel" in await open_tasks(projects)
        again = await office.post(f"{one}/panel", json={"expert_ids": [free(world)[0]]}, headers=ANY)
        assert "asked already" in again.json()["errors"][0]["detail"]
        more = await office.post(f"{one}/panel", json={"expert_ids": [free(world)[3]]}, headers=ANY)
        assert more.status_code == 200, more.text
        assert "evaluation.panel" not in await open_tasks(projects)
        for expert in (second, third, world.experts[4]):
            await judge(world, expert, 7)
        decided = await office.post(f"{one}/decision", json={"grade": "pass", "reason": "Go on."}, headers=ANY)
        assert decided.json()["state"] == "decided"
        assert (await office.get(here)).json()["state"] == "running"
        second = someone(
            Role.PROGRAMME_OFFICER, organisation_id=world.officer.organisation_id, organisation_name="Office"
        )
        async with projects.client(second) as other:
            assert (await other.post(f"{one}/reopening", json={"reason": "Late sample."}, headers=ANY)).is_success
            open_still = await office.post(f"{here}/evaluations", json={"kind": "midterm"})
            assert (open_still.status_code, open_still.json()["code"]) == (409, "evaluation-open")
            assert "let the decision before stand" in open_still.json()["detail"], "it cannot be called off"
            assert (await other.post(f"{one}/confirmation", json={"reason": "No."}, headers=ANY)).is_success
        two = await opened(world, here, "midterm")
        off = await office.post(f"{two}/cancellation", json={"reason": "Opened twice."}, headers=ANY)
        assert off.json()["state"] == "cancelled"
    assert await open_tasks(projects) == []


async def test_follow_ups_are_asked_by_the_clock_and_shown_on_the_project(projects: Running) -> None:
    world, here = await delivered(projects)
    one = await with_panel(world, here)
    for expert in members(world):
        await judge(world, expert, 8)
    now = datetime.now(UTC)
    async with projects.client(world.officer) as office, projects.client(world.institute) as lead:
        await office.post(f"{one}/decision", json={"grade": "good", "reason": "Sound."}, headers=ANY)
        asked = []
        for days in (300, 340, 340, 370, 380):
            reset = at(projects, now + timedelta(days=days))
            async with projects.work(system_actor("projects")) as work:
                await ask_follow_ups(work)
            reset()
            asked.append(len([t for t in await projects.said(TaskAssigned) if t["data"]["kind"].endswith("follow_up")]))
        assert asked == [0, 1, 1, 2, 2], "asked once, reminded once"
        assert await open_tasks(projects) == ["evaluation.follow_up"]
        (first, _third) = (await lead.get(f"{here}/evaluations")).json()["follow_ups"]
        body = {"in_use": True, "income": {"amount": "120000.00"}, "jobs": 4, "said": "Seat frames."}
        where = f"{API}/follow-ups/{first['id']}/answer"
        async with projects.client(world.university) as partner:
            assert (await partner.post(where, json=body, headers=ANY)).status_code == 404
        answered = await lead.post(where, json=body, headers=ANY)
        assert (answered.status_code, answered.json()["state"]) == (200, "answered")
        assert (await lead.post(where, json=body, headers=ANY)).status_code == 409
        assert "Seat frames." in (await lead.get(here.replace("/api/v1", ""))).text
    assert await open_tasks(projects) == []
    (fact,) = await projects.said(FollowUpAnswered)
    assert (fact["data"]["years"], fact["data"]["jobs"], fact["data"]["income"]) == (1, 4, "120000.00")


async def test_nobody_else_reads_or_runs_an_evaluation(projects: Running) -> None:
    world, here = await delivered(projects)
    one = await with_panel(world, here)
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    async with projects.client(someone(Role.APPLICANT)) as stranger, projects.client(elsewhere) as other:
        assert (await stranger.get(one)).status_code == 404
        assert (await other.get(one)).status_code == 200
        for path, body in (
            (f"{one}/panel", {"expert_ids": free(world)[:3]}),
            (f"{one}/cancellation", {"reason": "x"}),
            (f"{here}/completion", {"grade": "good", "reason": "x"}),
        ):
            assert (await other.post(path, json=body, headers=ANY)).status_code == 404
    async with projects.client(members(world)[0]) as first, projects.client(members(world)[1]) as second:
        (mine,) = (await first.get(f"{API}/evaluation-sheets")).json()["items"]
        assert (await second.get(f"{API}/evaluation-sheets/{mine['id']}")).status_code == 404
        assert (await second.post(
            f"{API}/evaluation-sheets/{mine['id']}/decline", json={"reason": "x"}, headers=ANY
        )).status_code == 404  # fmt: skip
