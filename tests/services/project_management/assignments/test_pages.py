"""The assignment board."""

from services.project_management.assignments import drawing
from tests.kit.platform import Running
from tests.services.project_management.world import World


async def test_the_board_assigns_and_shows_matrix_conflicts_and_load(projects: Running) -> None:
    world = await World(projects).open()
    await world.apply(world.institute)
    await world.expert("Ma")
    await world.expert("Tan", employer=world.institute)
    here = f"/projects/calls/{world.call_id}/assignment"
    async with world.browser(world.officer) as http:
        async with projects.work(world.officer) as work:
            await work.execute("UPDATE calls SET state = 'released'")
        assert "has just closed and its last submissions are being counted" in (await http.get(here)).text
        async with projects.work(world.officer) as work:
            await work.execute("UPDATE calls SET state = 'closed'")
        assert "No reviewers yet" in (await http.get(here)).text
        refused = await http.post(here, data={"cap": "4", "seed": "1"})
        assert refused.status_code == 409
        assert "Why it cannot be done" in refused.text
        assert "Works for Institute, the lead of this application." in refused.text
        chinese = (await http.post(here, data={"cap": "4", "seed": "1"}, headers={"Accept-Language": "zh-CN"})).text
        assert "任职于Institute，该单位是本申报的牵头单位。" in chinese
        assert "Works for" not in chinese
        assert (await http.post(here, data={"cap": "x", "seed": "1"})).status_code == 422
        await world.expert("Guo")
        assert (await http.post(here, data={"cap": "4", "seed": "1"})).status_code == 303
        shown = (await http.get(here)).text
    for text in ("Invited", "Conflict", "Works for Institute", "2 reviews are spread over 2 experts."):
        assert text in shown
    async with world.browser(world.institute) as http:
        assert (await http.get(here)).status_code == 403


async def test_the_board_is_changed_by_boxes_without_script_and_undone(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    application = await world.apply(world.institute)
    ma = await world.expert("Ma")
    await world.expert("Guo")
    here = f"/projects/calls/{world.call_id}/assignment"
    change = f"/projects/calls/{world.call_id}/adjustments"
    first, second = (f"{application}:{one}" for one in world.people)
    async with world.browser(world.officer) as http:
        assert (
            await http.post(here, data={"expert_ids": str(world.people[0]), "cap": "4", "seed": "1"})
        ).status_code == 303
        await http.post(here, data={"cap": "4", "seed": "1", "mode": "total"})
        shown = (await http.get(here)).text
        assert "Save the changes" in shown
        there = first if f'name="shown" value="{first}"' in shown else second
        other = second if there == first else first
        sent = {"number": "2", "shown": there, "pair": other}
        blank = await http.post(change, data=sent)
        assert blank.status_code == 422
        assert f'value="{other}" checked' in blank.text
        assert f'value="{there}" checked' not in blank.text
        assert (await http.post(change, data=sent | {"reason": "Knows it."})).status_code == 303
        assert f'value="{other}" checked' in (await http.get(here)).text
        stale = await http.post(change, data=sent | {"reason": "Knows it."})
        assert stale.status_code == 409
        assert "Somebody changed the assignment meanwhile" in stale.text
        assert (await http.post(f"{change}/undo", data={"number": "3", "reason": ""})).status_code == 422
        undone = await http.post(f"{change}/undo", data={"number": "3", "reason": "A slip."})
        assert undone.status_code == 303
        assert f'value="{there}" checked' in (await http.get(here)).text
        pair = {"application_id": str(application), "expert_id": there.split(":")[1]}
        decided = await http.post(
            f"/projects/calls/{world.call_id}/conflicts", data=pair | {"decision": "enter", "reason": "Married."}
        )
        assert decided.status_code == 303
        again = (await http.get(here)).text
        assert "Conflicts decided" in again
        assert "Married." in again
        chinese = (await http.get(here, headers={"Accept-Language": "zh-CN"})).text
    assert "已裁定的利益冲突" in chinese
    async with world.browser(ma) as http:
        assert (await http.get(here)).status_code in (403, 404)


def test_a_large_board_shows_some_applications_with_their_nearest_experts() -> None:
    applications = [{"id": f"a{n}", "title": f"Application {n}"} for n in range(60)]
    experts = [{"id": f"e{n}", "name": f"Expert {n}", "cap": 3} for n in range(100)]
    review = {
        "id": "r",
        "application_id": "a25",
        "expert_id": "e99",
        "expert": "Expert 99",
        "affinity": 7,
        "state": "invited",
    }
    trace = {"inputs": {"applications": applications, "experts": experts, "demand": 1}}
    trace["inputs"]["affinities"] = [[[j, 1000 - j] for j in range(10)] for _ in applications]
    conflicts = [{"application_id": "a25", "expert_id": "e0"}]
    found = drawing.matrix({"trace": trace, "assignments": [review], "conflicts": conflicts, "demands": []}, 20)
    assert [row["id"] for row in found["rows"]] == [f"a{n}" for n in range(20, 40)]
    assert [one["id"] for one in found["experts"]] == ["e0", "e1", "e2", "e3", "e4", "e99"]
    assert (found["before"], found["after"], found["total"]) == (0, 40, 70)
    row = found["rows"][5]
    assert [cell["open"] for cell in row["cells"]] == [False, True, True, True, True, True]
    assert row["cells"][5]["ticked"]
    assert row["met"] == 1


async def test_a_conflict_that_stands_in_the_way_is_waived_from_the_certificate(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Wang Xiaoming", subject=world.institute.subject, expert=False, review_cap=0)
    await world.expert("Xiaoming Wang")
    here = f"/projects/calls/{world.call_id}/assignment"
    async with world.browser(world.officer) as http:
        refused = await http.post(here, data={"cap": "4", "seed": "1"})
        assert refused.status_code == 409
        assert 'value="waive"' in refused.text
        pair = {"application_id": str(world.applications[0]), "expert_id": str(world.people[1])}
        told = pair | {"decision": "waive", "reason": "Another person: other ORCID."}
        assert (await http.post(f"/projects/calls/{world.call_id}/conflicts", data=told)).status_code == 303
        assert (await http.post(here, data={"cap": "4", "seed": "1"})).status_code == 303
        shown = (await http.get(here)).text
    assert "Waived" in shown
    assert "Another person: other ORCID." in shown
