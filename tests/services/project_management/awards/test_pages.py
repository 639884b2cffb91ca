"""Ranking, decision and awards on pages."""

import re

from services.project_management.calls.model import Call
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.world import ANY, API, World

CHINESE = {"Accept-Language": "zh-CN"}
PART = {"HX-Request": "true"}


def mark_in(page: str) -> str:
    """What the board on a page stands for."""
    found = re.search(r'name="shown" value="(\w+)"', page)
    assert found
    return found[1]


async def test_an_officer_decides_on_the_ranking_page(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, title="First")
    await world.apply(world.university, title="Second")
    person = await world.expert("Ma")
    here = f"/projects/calls/{world.call_id}"
    async with world.browser(world.officer) as http:
        before = (await http.get(f"{here}/ranking")).text
        assert "No review is in yet." in before
        for outcome in ("Declined", "Funded", "On the reserve list", "below the line"):
            assert outcome not in before
        api = (await http.get(f"/projects/api/v1/calls/{world.call_id}/ranking")).json()
        assert [one["outcome"] for one in api["items"]] == [None, None]
        await world.assign()
        open_yet = (await http.get(f"{here}/ranking")).text
        assert "No review yet" in open_yet
        assert "Decide the call" not in open_yet
        await world.review(person)
        ranking = (await http.get(f"{here}/ranking")).text
        assert "Decide the call" in ranking
        assert 'data-confirm="The decision is put forward as it stands here.' in ranking
        assert "Calibration is off: it needs 30 reviews in the call and there are 2." in ranking
        assert "Choose the other means" not in ranking
        assert "more it can be added." in ranking
        http.cookies.set("lang", "zh")
        chinese = (await http.get(f"{here}/ranking")).text
        assert "未作校准：本次申报通知至少需要 30 份评审意见，现有 2 份。" in chinese
        http.cookies.delete("lang")
        assert (await http.post(f"{here}/decision", data={"reason": ""})).status_code == 422
        over = {
            "reason": "Both.",
            "overrides-0-application_id": str(world.applications[1]),
            "overrides-0-outcome": "funded",
            "overrides-0-reason": "Newcomer.",
        }
        refused = await http.post(f"{here}/decision", data=over)
        assert refused.status_code == 409
        assert "the budget is" in refused.text
        refused = await http.post(f"{here}/decision", data=over, headers=CHINESE)
        assert "而预算为" in refused.text
        assert "These awards" not in refused.text
        first, second = world.applications
        typed = {"reason": "As ranked.", "scores": "raw", f"reason-{second}": "Too small a team.", "moves": ""}
        typed["shown"] = mark_in(ranking)
        part = await http.post(f"{here}/ranking/trials", data=typed | {"move": f"{second}:up"}, headers=PART)
        assert "<h1" not in part.text
        assert "more than the budget" in part.text
        assert "Cannot be put forward so" in part.text
        assert f'name="moves" value="{second}:up"' in part.text
        undone = await http.post(f"{here}/ranking/trials", data=typed | {"moves": f"{second}:up", "move": "undo"})
        assert 'name="moves" value=""' in undone.text
        assert "As ranked." in undone.text
        assert "remain." in undone.text
        assert mark_in(undone.text) == typed["shown"]
        by_hand = typed | {"moves": f"{second}:declined"}
        without = await http.post(f"{here}/decision", data=by_hand | {f"reason-{second}": " "})
        assert without.status_code == 422
        assert f'href="#f-reason-{second}"' in without.text
        other = await http.post(f"{here}/decision", data=by_hand | {"shown": "another"})
        assert other.status_code == 409
        assert "What the rule proposes has changed" in other.text
        assert "Too small a team." in other.text
        moved = by_hand | {"move": f"{first}:declined", "shown": "another"}
        other = await http.post(f"{here}/ranking/trials", data=moved, headers=PART)
        assert (other.status_code, "What the rule proposes has changed" in other.text) == (409, True)
        assert f'name="moves" value="{second}:declined"' in other.text, "what is not looked at is not moved"
        assert (await http.post(f"{here}/decision", data=by_hand)).status_code == 303
        decided = (await http.get(f"{here}/ranking")).text
        assert "As ranked." in decided
        assert "What was decided." in decided
        assert "Decided by the programme officer: Too small a team." in decided
        assert f'id="row-{first}"' not in decided
        assert "more it can be added." not in decided  # the office's own choice is no question of money
        chinese = (await http.get(f"{here}/ranking", headers=CHINESE)).text
        assert "第 1 名（共 2 项），1 份评审" in chinese
        assert "Rank 1 of" not in chinese


async def test_a_board_opened_before_a_list_was_returned_is_not_the_next_list(projects: Running) -> None:
    """Put forward meanwhile, the board says so; returned, it stands for the list before."""
    world = await World(projects).open(demand=1)
    office = {"office": "Department head", "role": "coordinator", "organisation_id": None}
    async with projects.work(system_actor("projects")) as work:
        call = await work.get(Call, world.call_id)
        call.award_terms = call.award_terms | {"approvals": [office]}
    await world.apply(world.institute, title="First")
    person, head = await world.expert("Ma"), someone(Role.COORDINATOR, organisation_name="Coordination Office")
    await world.assign()
    await world.review(person)
    here = f"/projects/calls/{world.call_id}"
    async with world.browser(world.officer) as http, world.browser(head) as other:
        monday = {"reason": "As ranked.", "scores": "raw", "moves": ""}
        monday["shown"] = mark_in((await http.get(f"{here}/ranking")).text)
        move = monday | {"move": f"{world.applications[0]}:declined"}
        assert (await http.post(f"{here}/decision", data=monday)).status_code == 303
        gone = await http.post(f"{here}/ranking/trials", data=move, headers=PART)
        assert (gone.status_code, "What the rule proposes has changed" in gone.text) == (409, True)
        assert mark_in(gone.text) == monday["shown"], "what is pressed next is still refused"
        late = await http.post(f"{here}/decision", data=monday, headers=CHINESE)
        assert (late.status_code, "规则的建议已有变化" in late.text, "As ranked." in late.text) == (409, True, True)
        back = await other.post(
            f"{API}/calls/{world.call_id}/decision/return", json={"reason": "Say why."}, headers=ANY
        )
        assert back.status_code == 200, back.text
        for path, body in ((f"{here}/ranking/trials", move), (f"{here}/decision", monday)):
            assert (await http.post(path, data=body)).status_code == 409
        now = mark_in((await http.get(f"{here}/ranking")).text)
        assert (await http.post(f"{here}/decision", data=monday | {"shown": now})).status_code == 303
    (row,) = await projects.rows("SELECT number FROM decisions")
    assert row["number"] == 2


async def test_an_applicant_reads_the_decision_and_the_comments(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with world.browser(world.institute) as http:
        shown = (await http.get("/projects/awards")).text
        assert "First" in shown
        assert "Second" not in shown
        path = re.search(r'href="(/projects/awards/[0-9a-f-]{36})"', shown)
        assert path
        letter = (await http.get(path[1])).text
        assert letter.count("Comment on First.") == 2
        assert "份评审平均" in (await http.get(path[1], headers=CHINESE)).text
        assert "Draw up the task book" in letter
        assert "Take or turn down the award" in letter
        assert not any(name in letter for name in ("Ma<", "Guo", *(one.subject for one in world.experts)))
    async with world.browser(world.university) as http:
        page = await http.get(f"/projects/applications/{world.applications[1]}/award", follow_redirects=True)
        assert "On the reserve list" in page.text
        assert "Take or turn down the award" not in page.text


async def test_the_officer_looks_at_both_means_and_decides_by_one(projects: Running) -> None:
    world = await World(projects).open(demand=3, budget="3000000.00")
    for n in range(10):
        await world.apply(world.institute, title=f"Alloy {n}")
    people = [await world.expert(name, cap=10) for name in ("Ma", "Guo", "Qin", "Luo", "He")]
    await world.assign(cap=10)
    for person in people:
        await world.review(person, 5.5 if person is people[0] else 8)
    here = f"/projects/calls/{world.call_id}"
    async with world.browser(world.officer) as http:
        raw = (await http.get(f"{here}/ranking")).text
        assert f'href="{here}/ranking?scores=calibrated"' in raw
        assert "How harsh the reviewers are" in raw
        shown = (await http.get(f"{here}/ranking?scores=calibrated")).text
        assert "Ranked by: Calibrated means." in shown
        assert 'name="scores" value="calibrated"' in shown
        assert "of draws" in shown
        assert "Ma" not in re.sub(r"Ma\w", "", shown)
        kept = await http.post(f"{here}/decision", data={"reason": "", "scores": "calibrated"})
        assert kept.status_code == 422
        assert 'name="scores" value="calibrated"' in kept.text
        done = await http.post(f"{here}/decision", data={"reason": "One was harsh.", "scores": "calibrated"})
        assert done.status_code == 303
        decided = (await http.get(f"{here}/ranking")).text
        assert "calibrated mean" in decided
        assert "The board" not in decided
