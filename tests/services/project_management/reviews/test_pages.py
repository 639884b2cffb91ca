"""The reviewer's pages."""

import re

from tests.kit.platform import Running
from tests.services.project_management.world import World

HERE = "/projects/reviews"


async def test_a_reviewer_answers_drafts_and_hands_in_on_pages(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, world.university)
    person = await world.expert("Ma")
    await world.assign()
    async with world.browser(person) as http:
        shown = (await http.get(HERE)).text
        path = re.search(r'href="(/projects/reviews/[0-9a-f-]{36})"', shown)
        assert path
        here = path[1]
        before = (await http.get(here)).text
        assert "Before you accept" in before
        assert "How light alloys tire" not in before
        assert (await http.post(f"{here}/acceptance", data={"version": "1"})).status_code == 303
        opened = (await http.get(here)).text
        assert "How light alloys tire" in opened
        sheet = {
            "version": "2",
            "scores-0-criterion": "Novelty",
            "scores-0-score": "8",
            "scores-1-criterion": "Feasibility",
            "scores-1-score": "",
            "to_applicant": "Clear aim.",
        }
        assert (await http.post(f"{here}/scores", data=sheet | {"draft": "1"})).status_code == 303
        by_itself = await http.post(f"{here}/scores", data=sheet | {"draft": "1"}, headers={"X-Autosave": "1"})
        assert by_itself.status_code == 412
        by_itself = await http.post(
            f"{here}/scores", data=sheet | {"version": "3", "draft": "1"}, headers={"X-Autosave": "1"}
        )
        assert (by_itself.status_code, by_itself.headers["X-Version"]) == (204, "4")
        assert f'data-autosave="{here}/scores"' in (await http.get(here)).text
        early = await http.post(f"{here}/scores", data=sheet | {"version": "4"})
        assert early.status_code == 422
        assert "Give a score for “Feasibility”" in early.text
        assert "Clear aim." in early.text
        wrong = await http.post(f"{here}/scores", data=sheet | {"version": "4", "scores-1-score": "11"})
        assert wrong.status_code == 422
        blank = dict.fromkeys(("scores-0-score", "scores-1-score", "to_applicant"), "")
        empty = await http.post(f"{here}/scores", data=sheet | {"version": "4"} | blank)
        assert empty.status_code == 422
        for field in ("scores-0-score", "scores-1-score", "to_applicant"):
            assert f'<li><a href="#f-{field}">' in empty.text, "the summary leads to each field"
            assert f'id="f-{field}-error"' in empty.text, "and each says it itself"
        assert "Fill this in." not in empty.text
        both = await http.post(
            f"{here}/scores", data=sheet | {"version": "4", "scores-0-score": "11", "scores-1-score": "7.3"}
        )
        assert "run from 0 to 10" in both.text
        assert "Enter a multiple of 0.5." in both.text
        swapped = await http.post(
            f"{here}/scores", data=sheet | {"version": "4", "draft": "1", "scores-0-score": "", "scores-1-score": "11"}
        )
        assert 'id="f-scores-1-score-error"' in swapped.text, "at its own row, also where one before it is blank"
        assert 'data-confirm="A review that is handed in cannot be changed.' in swapped.text
        assert 'data-wrong="Not saved yet: an entry has to be corrected first.' in swapped.text
        async with world.browser(world.officer) as office:
            draft = await office.get(here)
            assert "The reviewer is still writing" in draft.text
            assert "Clear aim." not in draft.text
        stale = await http.post(f"{here}/scores", data=sheet | {"version": "1", "scores-1-score": "7"})
        assert stale.status_code == 412
        done = await http.post(f"{here}/scores", data=sheet | {"version": "4", "scores-1-score": "7"})
        assert done.status_code == 303
        assert "Handed in" in (await http.get(here)).text


async def test_a_decline_needs_a_reason_and_leads_back_to_the_list(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    person = await world.expert("Ma")
    await world.assign()
    (review,) = await projects.rows("SELECT id FROM reviews")
    here = f"{HERE}/{review['id']}"
    async with world.browser(person) as http:
        assert (await http.post(f"{here}/decline", data={"version": "1"})).status_code == 422
        late = await http.post(f"{here}/decline", data={"version": "9", "reason": "Kin of mine."})
        assert (late.status_code, "Kin of mine." in late.text) == (412, True), "what was typed stays"
        declined = await http.post(f"{here}/decline", data={"version": "1", "reason": "Kin.", "conflict": "true"})
        assert declined.headers["location"] == HERE
    (row,) = await projects.rows("SELECT state, conflict FROM reviews")
    assert (row["state"], row["conflict"]) == ("declined", True)


async def test_the_office_sees_calls_and_an_applicant_nothing(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    async with world.browser(world.officer) as http:
        shown = await http.get(HERE)
        assert "Light alloys" in shown.text
        assert f"/projects/calls/{world.call_id}/assignment" in shown.text
    async with world.browser(world.institute) as http:
        assert (await http.get(HERE)).status_code == 403
