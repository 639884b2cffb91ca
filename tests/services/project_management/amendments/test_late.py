"""Indicators and the offices that sign are amended until the steps that rest on them begin, also after the closing."""

from datetime import timedelta
from typing import Any

import pytest

from services.project_management.amendments import actions
from services.project_management.bookmarks.actions import tell_of_saved
from services.project_management.closings.actions import close_due_calls, take_back_notices
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.ids import new_id
from tests.kit.platform import Running, Someone
from tests.services.project_management.calls.test_signing import CHAIN, DEFENCE, DENG
from tests.services.project_management.closings.test_actions import tick
from tests.services.project_management.ready import (
    CHEN,
    LI,
    SUN,
    VISITOR,
    ZHAO,
    at,
    know_everybody,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1/calls"
ANY = {"If-Match": "*"}
GRAIN = {"name": "Grain size", "direction": "at_most", "target": "10", "unit": "µm", "baseline": "40"}
YIELD = {"name": "Yield", "direction": "at_least", "target": "80", "unit": "%", "baseline": ""}
AGREED = {"decision": "approve", "answer": "agreed"}


def typed(one: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in one.items() if value}


async def ask(projects: Running, person: Someone, path: str, body: dict[str, Any]) -> Any:
    async with projects.client(person) as http:
        return await http.post(f"{API}/{path}", json=body, headers=ANY)


async def signed(projects: Running, path: str, *people: Someone) -> Any:
    for person in people:
        done = await ask(projects, person, f"{path}/judgement", AGREED)
        assert done.status_code == 200, done.text
    return done.json()


async def open_tasks(projects: Running, *kinds: str) -> list[dict[str, Any]]:
    over = {task["subject"] for task in await projects.said(TaskDone)}
    found = [task for task in await projects.said(TaskAssigned) if task["subject"] not in over]
    return [task["data"] for task in found if task["data"]["kind"] in kinds]


async def test_indicators_are_corrected_after_the_closing_and_all_concerned_read_what_changed(
    projects: Running,
) -> None:
    await know_everybody(projects)
    for person in (LI, CHEN, SUN):
        await projects.know(person)
    call = await released_call(projects, indicators=[typed(GRAIN)])
    path = f"{call.id}/amendment"
    mine = await submitted_application(projects, call.id)
    async with projects.client(SUN) as sun:
        assert (await sun.post(f"{API}/{call.id}/saving")).status_code == 200
    at(projects, call.closes_at + timedelta(minutes=1))
    await tick(projects, close_due_calls)
    both = {"indicators": [typed(GRAIN | {"target": "12"}), typed(YIELD)], "reason": "The target was mistyped."}
    refused = await ask(projects, LI, path, both | {"summary": "Another text."})
    assert (refused.status_code, "Only its indicators" in refused.text) == (409, True)
    asked = await ask(projects, LI, path, both)
    assert [one["field"] for one in asked.json()["changes"]] == ["indicators"], asked.text
    assert (await signed(projects, path, CHEN))["call_version"] == 2
    for state in ("closed", "deciding"):
        await projects.rows("UPDATE calls SET state = %(state)s RETURNING 1", state=state)
        for _ in range(2):
            for duty in (actions.tell_of_changes, take_back_notices, tell_of_saved):
                await tick(projects, duty)
        (news,) = await open_tasks(projects, "application.call_changes")
        (saved,) = await open_tasks(projects, "call.changed")
    async with projects.client(ZHAO) as zhao, projects.client(VISITOR) as anybody:
        shown = (await zhao.get(news["url"])).text
        assert "Grain size: at most <del>10</del> <ins>12</ins> µm, from 40 µm on" in shown
        assert "Yield: at least 80 %" in shown
        assert saved["url"] == f"/projects/calls/{call.id}/versions"
        assert "<ins>12</ins>" in (await anybody.get(saved["url"])).text
        now = (await anybody.get(f"{API}/{call.id}")).json()["indicators"]
        assert now == [GRAIN | {"target": "12"}, YIELD]
        done = await zhao.post(f"/projects/api/v1/applications/{mine.id}/acknowledgement", json={"call_version": 2})
        assert done.status_code == 200
    assert await open_tasks(projects, "application.call_changes") == []
    # Once a list is put forward, awards are decided from them; what still waits is only declined or withdrawn.
    again = {"indicators": [], "reason": "None at all."}
    assert (await ask(projects, LI, path, again)).status_code == 201
    await projects.rows(
        """INSERT INTO decisions (id, version, created_at, call_id, call_title, label, reason, decided_by, trace, state,
               state_reason, number, sha256, approvals, offers_due, task_title)
           VALUES (%(id)s, 1, now(), %(call)s, '', 'internal', '', 'li', '{}', 'in_approval', '', 1, '', '[]', false,
                   '')
           RETURNING 1""",
        id=new_id(),
        call=call.id,
    )
    late = await ask(projects, CHEN, f"{path}/judgement", AGREED)
    assert (late.status_code, "A decision list is put forward" in late.text) == (409, True)
    async with projects.client(LI) as li:
        assert "its time is over" in (await li.get(f"/projects/calls/{path}")).text
    assert (await ask(projects, LI, f"{path}/withdrawal", {"reason": "Too late."})).status_code == 200
    assert (await ask(projects, LI, path, again)).status_code == 409
    async with projects.client(LI) as li:
        assert f'href="/projects/calls/{path}"' not in (await li.get(f"/projects/calls/{call.id}")).text


async def test_other_offices_sign_from_the_next_amendment_on_and_who_released_it_stays_told(projects: Running) -> None:
    for person in (LI, CHEN, DENG, DEFENCE):
        await projects.know(person)
    call = await released_call(projects, award_terms={"approvals": CHAIN[:1], "notice_days": 7})
    path, page = f"{call.id}/amendment", f"/projects/calls/{call.id}/amendment"
    nobody = [CHAIN[1] | {"office": "Ministry", "organisation_id": str(new_id())}]
    for name in ("offices", "approvals"):
        stuck = await ask(projects, LI, path, {name: nobody, "reason": "so"})
        assert (stuck.status_code, "could sign for “Ministry”" in stuck.text) == (409, True)
    rows = {f"offices-{n}-{name}": value or "" for n, step in enumerate(CHAIN[:2]) for name, value in step.items()}
    form = {"title": call.title, "summary": call.summary, "closes_at": call.closes_at.isoformat(), "later": "1",
            "budget-amount": "6000000", "budget-currency": "CNY", "ceiling-amount": "3000000",
            "ceiling-currency": "CNY", "reason": "The department takes part.", **rows}  # fmt: skip
    async with projects.client(LI) as li:
        li.headers["Origin"] = "http://test"
        drawn = (await li.get(page)).text
        assert 'name="approvals-0-office"' in drawn
        assert (await li.post(page, data=form)).status_code == 303
        shown = (await li.get(page)).text
        assert "Defence Department · Programme officer" in shown
        assert "Who approves the decision</dt>" in shown, "the rows that were taken off the page are taken off"
        changes = (await li.get(f"{API}/{path}")).json()["changes"]
    assert {one["field"] for one in changes} == {"offices", "award_terms.approvals"}
    assert (await signed(projects, path, CHEN))["state"] == "approved", "the old chain signs"
    async with projects.client(VISITOR) as anybody:
        now = (await anybody.get(f"{API}/{call.id}")).json()
        assert [(one["office"], one["has_signed"]) for one in now["signoffs"]] == [("Coordination office", True)]
        assert now["amended_by"] == ["Coordination Office", "Defence Department"]
        assert (now["award_terms"]["approvals"], now["award_terms"]["notice_days"]) == ([], 7)
        assert (
            "Amendments are signed by: Coordination Office → Defence Department"
            in (await anybody.get(f"/projects/calls/{call.id}")).text
        )
    asked = await ask(projects, LI, path, {"summary": "Another text.", "reason": "Clearer."})
    assert [one["office"] for one in asked.json()["signoffs"]] == ["Coordination Office", "Defence Department"]
    assert (await signed(projects, path, DENG))["state"] == "requested"
    assert (await signed(projects, path, DEFENCE))["state"] == "approved"
