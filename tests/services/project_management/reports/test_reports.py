"""A progress report over both faces: planned by rule, filled in beforehand, written in parts, judged, late."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.project_management.lapses.actions import watch_milestones
from services.project_management.receipts.keys import unsealed
from services.project_management.reports.clock import plan_reports, watch_reports
from shared.contracts.project_reports import ReportLifted, ReportMissed, ReportOpened
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.risks.test_risks import RISK
from tests.services.project_management.world import ANY, API, World

PLAN = {"rhythm": "yearly", "final": True, "days": 30, "stops_payments": False}


async def on(projects: Running, monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """The clock runs on that day, at noon here."""
    moment = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
    monkeypatch.setattr(projects.service.database, "clock", lambda: moment)
    for timed in (plan_reports, watch_reports, watch_milestones):
        async with projects.work(system_actor("projects")) as work:
            await timed(work)
    monkeypatch.undo()


async def open_tasks(projects: Running) -> list[tuple[str, str]]:
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    tasks: list[dict[str, Any]] = [one["data"] for one in await projects.said(TaskAssigned)]
    return [
        (one["kind"], one["title"]) for one in tasks if one["kind"].startswith("report.") and str(one["id"]) not in done
    ]


async def reporting(projects: Running, **changed: Any) -> tuple[World, dict[str, Any]]:
    """A running project with a budget, in a call that asks for yearly reports whose delay stops payments."""
    world = await World(projects).open()
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE calls SET state = 'released'")
    async with projects.client(world.officer) as office:
        plan = f"{API}/calls/{world.call_id}/reporting"
        said = await office.put(plan, json=PLAN | {"stops_payments": True}, headers={"If-Match": '"0"'})
        assert said.status_code == 200, said.text
        assert (await office.put(plan, json=PLAN, headers={"If-Match": '"0"'})).status_code == 412
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE calls SET state = 'closed'")
    budget = [
        {"category": "equipment", "year": 2027, "amount": {"amount": "350000.00"}},
        {"category": "staff", "year": 2028, "amount": {"amount": "250000.00"}},
    ]
    return world, await world.project(budget=budget, **changed)


async def written(projects: Running, world: World, one: str) -> None:
    """Everything that the platform does not know."""
    async with projects.client(world.institute) as lead, projects.client(world.university) as partner:
        for section, answers in (
            ("progress", {"summary": "Two alloys were cast."}),
            ("plan", {"next_steps": "Fatigue tests."}),
            ("part_1", {"part_done_1": "Cast them."}),
        ):
            here = f"{one}/sections/{section}"
            known = (await lead.get(one)).json()["answers"]
            kept = {
                key: known[key] for key in ("milestones", "plan") if key in known and section[:4] in ("prog", "plan")
            }
            kept = {key: value for key, value in kept.items() if (key == "plan") == (section == "plan")}
            saved = await lead.put(here, json={"answers": kept | answers}, headers=ANY)
            assert saved.status_code == 200, saved.text
        mine = await partner.put(f"{one}/sections/part_2", json={"answers": {"part_done_2": "Tested."}}, headers=ANY)
        assert mine.status_code == 200, mine.text


async def test_a_report_is_filled_in_beforehand_written_in_parts_and_judged(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, project = await reporting(projects)
    here = f"{API}/projects/{project['id']}"
    async with projects.client(world.university) as partner:
        assert (await partner.post(f"{here}/risks", json=RISK)).status_code == 201
    await on(projects, monkeypatch, "2027-02-01")
    async with projects.client(world.institute) as lead, projects.client(world.university) as partner:
        items = (await lead.get(f"{here}/reports")).json()["items"]
        assert [(item["kind"], item["until_on"], item["due_on"], item["state"]) for item in items] == [
            ("interim", "2027-12-31", "2028-01-30", "planned"),
            ("final", "2028-12-31", "2029-01-30", "planned"),
        ]
        one = f"{API}/reports/{items[0]['id']}"
        assert (await lead.post(f"{one}/submission", headers=ANY)).status_code == 409
    await on(projects, monkeypatch, "2028-01-05")
    assert sorted(await open_tasks(projects)) == [
        ("report.part", "Write your part of progress report 1 of “First”"),
        ("report.write", "Progress report 1 is due in 25 days: “First”"),
    ]
    async with projects.client(world.institute) as lead, projects.client(world.university) as partner:
        told = (await lead.get(one)).json()
        assert told["answers"]["milestones"][0] == {
            "number": "1", "title": "Melt", "due": "2027-06-30", "state": "open",
        }  # fmt: skip
        assert told["answers"]["money"][0]["budget"] == "350000"
        assert told["answers"]["risks"] == [
            {"title": RISK["title"], "level": "high", "response": "reduce", "owner": "Zhao Min", "state": "open"}
        ]
        assert {"milestones", "money", "risks", "plan"} <= set(told["filled_in"])
        lacking = await lead.post(f"{one}/submission", headers=ANY)
        assert lacking.status_code == 422
        assert "/answers/part_done_2" in [error["pointer"] for error in lacking.json()["errors"]]
        foreign = await partner.put(f"{one}/sections/progress", json={"answers": {}}, headers=ANY)
        assert (foreign.status_code, foreign.json()["title"]) == (409, "Another organisation writes this part")
        assert (await partner.post(f"{one}/submission", headers=ANY)).status_code in (403, 404)
    await written(projects, world, one)
    assert [kind for kind, _ in await open_tasks(projects)] == ["report.write"], "the partner's part is written"
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        stale = await lead.put(f"{one}/sections/plan", json={"answers": {}}, headers={"If-Match": '"0"'})
        assert stale.status_code == 412
        assert (await lead.post(f"{one}/sections/plan/refill")).status_code == 200
        sent = await lead.post(f"{one}/submission", headers=ANY)
        assert sent.status_code == 200, sent.text
        number = sent.json()["paper"]
        assert sent.json()["answers"]["money"], "what was filled in beforehand is handed in too"
        for language in ("en", "zh"):
            pdf = await lead.get(f"{one}/paper", headers={"Accept-Language": language})
            assert pdf.headers["content-type"] == "application/pdf"
            assert unsealed(pdf.content)
        check = (await office.get(f"{API}/receipts/{number}")).json()
        assert (check["kind"], check["valid"], check["sha256"]) == ("report", True, sent.json()["sha256"])
        assert [kind for kind, _ in await open_tasks(projects)] == ["report.judge"]
        bad = await office.post(f"{one}/return", json={"reason": "More.", "due_on": "2020-01-01"}, headers=ANY)
        assert bad.status_code == 422
        soon = (datetime.now(UTC).date()).replace(day=1)
        due = soon.replace(year=soon.year + 1, month=1) if soon.month == 12 else soon.replace(month=soon.month + 1)
        back = await office.post(
            f"{one}/return", json={"reason": "Say why it is underspent.", "due_on": due.isoformat()}, headers=ANY
        )
        assert back.status_code == 200, back.text
        again = await lead.post(f"{one}/submission", headers=ANY)
        assert again.status_code == 200
        assert again.json()["sha256"] != sent.json()["sha256"]
        assert (await office.post(f"{one}/acceptance", json={"note": "Clear."}, headers=ANY)).status_code == 200
        assert await open_tasks(projects) == []
        assert (await lead.post(f"{one}/acceptance", json={}, headers=ANY)).status_code in (403, 404)


async def test_a_late_report_draws_each_response_once_and_stops_payments_where_the_call_says_so(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, project = await reporting(projects)
    for day in ("2027-02-01", "2028-01-05", "2028-01-31", "2028-01-31", "2028-02-13", "2028-03-01"):
        await on(projects, monkeypatch, day)
    said = [one["data"] for one in await projects.said(ReportMissed)]
    assert [(one["grade"], one["response"], one["days_late"], one["rule"][-2:]) for one in said] == [
        (1, "notice", 1, "§1"),
        (2, "explanation", 14, "§2"),
        (3, "payment_stop", 31, "§3"),
    ]
    assert ("report.late", "Progress report 1 of “First” is late") in await open_tasks(projects)
    assert ("report.explain", "Explain why progress report 1 is late: “First”") in await open_tasks(projects)
    milestone = f"{API}/milestones/{project['milestones'][0]['id']}"
    here = f"/projects/projects/{project['id']}/reports"
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        clauses = {one["rule"]: one["outcome"] for one in (await lead.get(milestone)).json()["gate"]["clauses"]}
        assert clauses["reports.in"] == "no"
        page = await lead.get(
            (await lead.get(f"{API}{here[9:]}")).json()["items"][0]["id"].join(["/projects/reports/", ""])
        )
        assert "delivery.report/1 §3" in page.text
        one = str(page.url).removeprefix("http://test")
        version = page.text.split('name="version" value="')[1].split('"')[0]
        empty = await lead.post(f"{one}/explanation", data={"version": version, "text": ""})
        assert empty.status_code == 422
        sent = await lead.post(f"{one}/explanation", data={"version": version, "text": "The accounts were closed."})
        assert sent.status_code == 303, sent.text
        assert "The accounts were closed." in (await office.get(one)).text
        lacking = await lead.get(f"{one}?check=1")
        assert "needs your attention" in lacking.text or "need your attention" in lacking.text
        section = (await lead.get(f"{one}/sections/progress")).text
        assert "Filled in from the records of the platform" in section
        assert 'value="Melt"' in section
        draft = {"version": "0", "answers-summary": "Cast.", "draft": "1"}
        saved = await lead.post(f"{one}/sections/progress/edit", data=draft)
        assert (saved.status_code, saved.headers.get("X-Version")) == (204, "1")
        assert "工作进展" in (await lead.get(one, params={"lang": "zh"}, follow_redirects=True)).text
        assert "Ask for it no more" in (await office.get(one)).text
        waived = await office.post(f"{one}/waiver", data={"version": str(int(version) + 1), "reason": "Not needed."})
        assert waived.status_code == 303, waived.text
        freed = {one["rule"]: one["outcome"] for one in (await lead.get(milestone)).json()["gate"]["clauses"]}
        assert freed["reports.in"] == "yes"
        assert "Reporting of the call" in (await office.get(here)).text
        plan = f"/projects/calls/{world.call_id}/reporting"
        assert "from the records" in (await office.get(plan)).text
        form = {"version": "1", "rhythm": "half_yearly", "final": "true", "days": "20", "stops_payments": "true"}
        assert (await office.post(plan, data=form | {"parts": "nothing"})).status_code == 422
        kept = await office.post(plan, data=form | {"parts": "part"})
        assert kept.status_code == 303, kept.text
        await _a_template_is_written(world, office, lead, plan)
    await on(projects, monkeypatch, "2028-03-02")
    rows = await projects.rows(
        "SELECT number, kind, until_on::text AS day, state FROM progress_reports ORDER BY number"
    )
    assert [(one["number"], one["kind"], one["day"], one["state"]) for one in rows] == [
        (1, "interim", "2027-12-31", "lifted"),
        (2, "interim", "2028-06-30", "planned"),
        (3, "final", "2028-12-31", "planned"),
    ], "what is not open yet follows the plan"
    async with projects.work(system_actor("projects")) as work:
        await work.execute(
            """UPDATE projects SET state = 'completed', grade = 'good', grade_reason = 'Sound.', completed_at = now()"""
        )
    await on(projects, monkeypatch, "2028-03-03")
    assert len(await projects.said(ReportLifted)) == 2, "the final report is still owed"
    assert len(await projects.said(ReportOpened)) == 1
    assert await open_tasks(projects) == []
    for day in ("2029-01-15", "2029-02-20", "2029-05-30"):
        await on(projects, monkeypatch, day)
    final = [one["data"] for one in await projects.said(ReportMissed) if one["data"]["number"] == 3]
    assert [one["response"] for one in final] == ["notice", "explanation", "payment_stop"], "nothing is left to end"
    async with world.browser(world.institute) as lead:
        clauses = {one["rule"]: one["outcome"] for one in (await lead.get(milestone)).json()["gate"]["clauses"]}
        assert clauses["reports.in"] == "no"
        (last,) = await projects.rows("SELECT id FROM progress_reports WHERE number = 3")
        assert "Check what is missing" in (await lead.get(f"/projects/reports/{last['id']}")).text


async def _a_template_is_written(world: World, office: httpx.AsyncClient, lead: httpx.AsyncClient, plan: str) -> None:
    """At the desk of the forms of calls: what was begun keeps its own, what contradicts itself is refused."""
    desk, api = f"{plan}/template", f"{API}/calls/{world.call_id}/reporting"

    async def post(path: str, status: int, **fields: str) -> httpx.Response:
        version = (await office.get(api)).json()["version"]
        answer = await office.post(f"{desk}/{path}", data={"version": str(version), **fields})
        assert answer.status_code == status, answer.text
        return answer

    page = (await office.get(f"{desk}/draft")).text
    assert "1 report is begun and keeps the template" in page
    assert "Each organisation writes this for itself." in page
    assert "from the records" in page
    assert "It tells who applies" not in (await office.get(f"{desk}/questions?kind=yes_no&section=part")).text
    assert (await lead.get(f"{desk}/draft")).status_code == 403
    ethics = {"section": "part", "key": "ethics", "kind": "yes_no", "label": "Ethics approval?"}
    await post("questions", 303, **ethics, required="true")
    bad = await post(
        "questions", 422, **ethics, was="ethics", **{"show_if-0-question": "nowhere", "show_if-0-any_of": "x"}
    )
    assert "which is no question of the form" in bad.text
    await post("sections", 303, was="part", key="share", title="Share of the organisation")
    assert (await office.get(api)).json()["parts"] == ["share"], "a renamed section stays each organisation's own"
    tried = await lead.get(f"{desk}/preview", params={"section": "share_2", "check": "1"})
    assert "Share of the organisation: a partner" in tried.text
    assert "Ethics approval?" in tried.text
    assert "/draft" not in tried.text
    stale = await office.post(f"{desk}/removals", data={"version": "1", "what": "section", "key": "share"})
    assert stale.status_code == 412
    await post("import", 422, text="{")
    nothing = {"type": "object", "properties": {}}
    empty = await office.put(api, json=PLAN | {"form": nothing}, headers=ANY)
    assert (empty.status_code, "at least one question" in empty.text) == (422, True)
    moved = await office.post(
        f"{api}/template/moves", json={"what": "section", "key": "share", "way": "up"}, headers=ANY
    )
    assert [one["key"] for one in moved.json()["x-sections"]][-3:] == ["share", "plan", "files"]
    await post("copy", 303, source="default")
    found = (await office.get(api)).json()
    assert found["parts"] == ["part"]
    kept = {name: found[name] for name in PLAN}
    async with world.projects.work(system_actor("projects")) as rows:
        await rows.execute("UPDATE calls SET state = 'cancelled'")
    refused = await office.put(api, json=kept | {"form": found["form"]}, headers=ANY)
    assert (refused.status_code, "The call is cancelled" in refused.text) == (409, True)
    assert (await office.put(api, json=kept, headers=ANY)).status_code == 200
    async with world.projects.work(system_actor("projects")) as rows:
        await rows.execute("UPDATE calls SET state = 'closed'")


async def test_a_report_three_months_late_is_a_ground_to_end_its_project(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, project = await reporting(projects)
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE milestones SET due_on = '2028-12-01'")
    here = f"{API}/projects/{project['id']}"
    for day in ("2027-02-01", "2028-01-05", "2028-05-02"):
        await on(projects, monkeypatch, day)
    asks = ("report.late", "Progress report 1 is three months late, decide whether to end “First”")
    assert asks in await open_tasks(projects)
    async with projects.client(world.officer) as office:
        assert ">Progress report 1</a>" in (await office.get(f"{here}/termination".replace("/api/v1", ""))).text
        kept = await office.post(f"{here}/continuation", json={"reason": "It comes in May."})
        assert kept.json()["state"] == "kept", kept.text
        assert asks not in await open_tasks(projects)
    async with projects.work(system_actor("projects")) as work:  # not looked at by the office, and judged complete
        await work.execute(
            """UPDATE progress_reports SET office_task_id = gen_random_uuid(), office_task_title = 'End?'
               WHERE grade = 4"""
        )
        await work.execute("UPDATE projects SET state = 'completed', grade = 'good', completed_at = now()")
    await on(projects, monkeypatch, "2028-05-03")
    assert await projects.rows("SELECT 1 FROM progress_reports WHERE office_task_id IS NOT NULL") == []
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE projects SET state = 'running', grade = NULL, completed_at = NULL")
    async with projects.client(world.officer) as office:
        asked = {"way": "office", "reason": "It never came."}
        assert (await office.post(f"{here}/terminations", json=asked)).status_code == 201
