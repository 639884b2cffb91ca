"""The form of a call as applicants see it, before any of them does."""

import pytest

from tests.kit.platform import Running
from tests.services.project_management.answers.test_answers import asking_call
from tests.services.project_management.ready import LI, ZHAO, draft_call, released_call

pytestmark = pytest.mark.anyio


async def test_anybody_who_may_see_a_call_tries_its_form_and_nothing_is_kept(projects: Running) -> None:
    call = await asking_call(projects)
    without = await released_call(projects)
    draft = await draft_call(projects)
    here = f"/projects/calls/{call.id}/form/preview"
    async with projects.client(ZHAO) as zhao, projects.client(LI) as li:
        shown = (await zhao.get(here)).text
        assert 'name="answers-aim"' in shown
        assert "data-autosave" not in shown
        assert f'href="/projects/calls/{call.id}/form/draft"' not in shown
        assert f'href="{here}"' in (await li.get(f"/projects/calls/{call.id}/form/draft")).text
        chinese = await zhao.get(here, params={"language": "zh", "section": "people"})
        assert "预览" in chinese.text
        assert 'name="answers-team-0-name"' in chinese.text
        assert (await zhao.get(here)).headers["content-language"] == "en"
        tried = {"check": "1", "answers-aim": "one two three four five six", "answers-area": "metal", "other": "x"}
        told = (await zhao.get(here, params=tried)).text
        assert 'id="f-answers-aim-error"' in told
        assert 'id="f-answers-alloy-error"' in told, "asked because of the area"
        glass = (await zhao.get(here, params=tried | {"answers-area": "glass", "answers-aim": "Clear"})).text
        assert "Nothing would be missing in this section." in glass
        assert (await zhao.get(f"/projects/calls/{without.id}/form/preview")).status_code == 404
        assert (await zhao.get(f"/projects/calls/{draft.id}/form/preview")).status_code == 404
    assert await projects.rows("SELECT * FROM answer_sheets") == []
