"""Reviews on paper: the office reads all, the expert the own one, the applicant what the letter tells and no more."""

from typing import Any

import pytest

from services.project_management.awards import queries as awards
from services.project_management.awards.words import comment_papers
from services.project_management.receipts.keys import unsealed
from services.project_management.receipts.paper import Grid, Paper
from services.project_management.summaries import queries as summaries
from services.project_management.summaries.words import summary_papers
from shared.db.work import Rows
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.checked import checked
from tests.services.project_management.world import API, World


def said(paper: Paper) -> str:
    """Everything that stands on it."""
    parts = [paper.title, paper.lead, paper.check, *(f"{name} {value}" for name, value in paper.facts)]
    for heading, texts in paper.sections:
        for one in texts:
            rows = [one.heads, *one.rows] if isinstance(one, Grid) else [[one]]
            parts += [heading, *(" ".join(row) for row in rows)]
    return "\n".join(parts)


async def test_everybody_gets_the_paper_that_is_theirs_and_no_other(projects: Running) -> None:
    world = await World(projects).open()
    await world.apply(world.institute, world.university, title="First")
    await world.apply(world.university, title="Second")
    for name in ("Ma", "Guo"):
        await world.expert(name)
    assert (await world.assign()).status_code == 201
    for score, person in zip((9, 7), world.experts, strict=True):
        await world.review(person, score)
    async with projects.client(world.officer) as office:
        decided = await office.post(f"{API}/calls/{world.call_id}/decision", json={"reason": "As ranked."})
        assert decided.status_code == 201, decided.text
    (award,) = await projects.rows("SELECT id FROM awards WHERE application_id = %(id)s", id=world.applications[0])
    mine = await projects.rows(
        "SELECT id FROM reviews WHERE expert_subject = %(who)s ORDER BY id", who=world.experts[0].subject
    )
    issued = f"{API}/applications/{world.applications[0]}/summaries"
    people = (world.officer, world.institute, world.experts[0], world.experts[1])
    for person, status in zip(people, (201, 403, 403, 403), strict=True):
        async with projects.client(person) as http:
            assert (await http.post(issued)).status_code == status
    summary = f"{issued}/1"
    comments, own = f"{API}/awards/{award['id']}/reviews", f"{API}/reviews/{mine[0]['id']}/paper"
    for path, may in ((summary, (True, False, False, False)), (comments, (True, True, False, False)),
                      (own, (True, False, True, False))):  # fmt: skip
        for person, allowed in zip(people, may, strict=True):
            async with projects.client(person) as http:
                answer = await http.get(path)
            assert (answer.status_code == 200) is allowed, (path, answer.status_code)
            if allowed:
                assert answer.headers["content-type"] == "application/pdf"
                assert unsealed(answer.content)
                last = answer.content
    await checked(projects, last, "review", ("First", "Second", "Comment worth"))
    (kept,) = await projects.rows("SELECT content FROM issued_papers WHERE about_id = %(id)s", id=mine[0]["id"])
    assert not any(name in kept["content"] for name in ('"Ma"', world.experts[0].subject)), "its expert is not named"
    async with projects.work(world.officer) as work:
        told = said(comment_papers(await awards.letter_of(work, award["id"]), "https://here", "key")[0])
        whole = said(summary_papers(await summaries.summary(work, world.applications[0]), "https://here", "key")[0])
    assert "Comment worth 9" in told
    assert "8.00" in told, "the call lets applicants know the mean"
    assert "Novelty" not in told, "and not the criteria"
    assert "For the panel only." not in told
    for name in ("Ma", "Guo", *(person.subject for person in world.experts)):
        assert name not in told.replace("May", "")
        assert name not in whole
    assert "Novelty 40 % 8.00" in whole
    assert "For the panel only." in whole


async def test_a_summary_has_a_number_that_anybody_checks_and_another_where_something_differs(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, title="First")
    await world.expert("Ma")
    content_of = summaries.content_of

    async def unlocked(rows: Rows, about: dict[str, Any]) -> dict[str, Any]:
        """Others may write to the application while this is worked out."""
        async with projects.work(system_actor("projects")) as work:
            await work.execute("SELECT 1 FROM applications WHERE id = %(id)s FOR UPDATE NOWAIT", {"id": about["id"]})
        return await content_of(rows, about)

    assert (await world.assign()).status_code == 201
    here = f"/projects/applications/{world.applications[0]}/summaries"
    api = here.replace("/projects", API, 1)
    async with world.browser(world.officer) as office:
        assert "No summary is issued" in (await office.get(here)).text
        early = await office.post(here)
        assert (early.status_code, "handed in" in early.text) == (409, True)
        await world.review(world.experts[0], 9)
        monkeypatch.setattr(summaries, "content_of", unlocked)
        given = await office.post(here)
        assert given.status_code == 303, given.text
        again = (await office.post(api)).json()
        shown = (await office.get(here)).text
        assert (again["version"], again["number"] in shown) == (1, True), "nothing differs"
        first = await office.get(f"{api}/1")
        told = await checked(projects, first.content, "summary", ("First", "Comment worth", "For the panel only."))
        assert (told["number"], told["newest"]) == (again["number"], True)
        async with projects.work(system_actor("projects")) as work:
            await work.execute("UPDATE reviews SET state = 'set_aside'")
        assert (await office.post(api)).status_code == 409
        async with projects.work(system_actor("projects")) as work:
            await work.execute("UPDATE reviews SET state = 'completed', to_panel = 'Otherwise.'")
        second = (await office.post(api)).json()
        assert (second["version"], second["number"] == again["number"]) == (2, False)
        assert (await office.get(f"{API}/receipts/{again['number']}")).json()["newest"] is False
        assert (await office.get(f"{api}/3")).status_code == 404
