"""Requirements over HTTP: who sees what, what lists and likenesses say, what a version is for."""

from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.project_management.ready import AUDITOR
from tests.services.project_management.requirements.scene import CHEN, LI, SUN, ZHAO, Scene, requirement_fields

pytestmark = pytest.mark.anyio


async def test_a_change_names_the_version_it_was_based_on(scene: Scene) -> None:
    made = await scene.ask(ZHAO, "POST", "", requirement_fields())
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    path = made.headers["location"].removeprefix("/projects/api/v1/requirements")
    async with scene.projects.client(ZHAO) as http:
        without = await http.patch(made.headers["location"], json={"field": "Energy"})
    assert without.status_code == 428
    changed = await scene.ask(ZHAO, "PATCH", path, {"field": "Energy"}, version=1)
    assert (changed.json()["field"], changed.headers["etag"]) == ("Energy", '"2"')
    stale = await scene.ask(ZHAO, "PATCH", path, {"field": "Optics"}, version=1)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    same = await scene.ask(ZHAO, "PATCH", path, {"field": "Energy"}, version=2)
    assert same.headers["etag"] == '"2"'


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"urgency": "yesterday"}, "/urgency"),
        ({"stage": "dream"}, "/stage"),
        ({"indicators": [{"what": "", "value": "1"}]}, "/indicators/0/what"),
        ({"indicators": [{"what": "x", "value": "1"}] * 11}, "/indicators"),
        ({"label": "confidential"}, "/label"),
        ({"priority": "high"}, "/priority"),
    ],
)
async def test_a_fault_is_answered_at_its_field(scene: Scene, changed: dict[str, Any], pointer: str) -> None:
    answer = await scene.ask(ZHAO, "POST", "", requirement_fields(**changed))
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_draft_is_its_organisations_alone(scene: Scene) -> None:
    id = await scene.drafted()
    colleague = someone(Role.FACILITY_OWNER, organisation_id=ZHAO.organisation_id)
    assert (await scene.done(colleague, "GET", f"/{id}"))["state"] == "draft"
    for other in (SUN, LI, CHEN, AUDITOR):
        assert (await scene.ask(other, "GET", f"/{id}")).status_code == 404
        assert (await scene.done(other, "GET", ""))["items"] == []
    for method, path, body in (
        ("PATCH", "", {"field": "x"}),
        ("POST", "/submission", None),
        ("POST", "/withdrawal", {}),
    ):
        assert (await scene.ask(SUN, method, f"/{id}{path}", body)).status_code == 404
    assert (await scene.ask(None, "GET", f"/{id}")).status_code == 401


async def test_what_is_put_forward_is_seen_by_overseers_and_not_by_others(scene: Scene) -> None:
    id = await scene.put_forward()
    for one in (ZHAO, LI, CHEN, AUDITOR):
        assert (await scene.done(one, "GET", f"/{id}"))["title"]
    for other in (SUN, someone(Role.REVIEWER), someone(Role.IP_OFFICER)):
        assert (await scene.ask(other, "GET", f"/{id}")).status_code == 404
        assert (await scene.ask(other, "GET", f"/{id}/versions/1")).status_code == 404
        assert (await scene.ask(other, "GET", f"/{id}/similar")).status_code == 404
    for reader in (CHEN, AUDITOR):
        assert (await scene.ask(reader, "POST", f"/{id}/decline", {"reason": "x"})).status_code == 403


async def test_unknown_and_hidden_read_alike(scene: Scene) -> None:
    hidden = await scene.drafted()
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/similar", None),
        ("POST", "/decline", {"reason": "x"}),
        ("POST", "/consultation", {"expert_ids": [str(new_id())]}),
        ("POST", "/priority", {}),
        ("GET", "/experts", None),
    ):
        answers = [await scene.ask(LI, method, f"/{id}{path}", body) for id in (hidden, str(new_id()))]
        said = [(one.status_code, one.json()["title"], one.json()["detail"]) for one in answers]
        assert said[0] == said[1], f"{method} {path}"
        assert said[0][0] == 404


async def test_the_list_is_narrowed_and_searched_in_both_languages(scene: Scene) -> None:
    await scene.put_forward(urgency="immediate")
    await scene.put_forward(SUN, title="Quiet gears", title_zh="静音齿轮")
    for query, titles in (
        ("?search=齿轮", ["Quiet gears"]),
        ("?search=BEARING", ["Bearing cages that run without oil"]),
        ("?urgency=immediate", ["Bearing cages that run without oil"]),
        ("?state=put_forward&limit=1", ["Quiet gears"]),
        ("?state=declined", []),
        ("?priority=high", []),
    ):
        assert [one["title"] for one in (await scene.done(LI, "GET", query))["items"]] == titles, query
    first = await scene.done(LI, "GET", "?limit=1")
    second = await scene.done(LI, "GET", f"?limit=1&cursor={first['next_cursor']}")
    assert (second["items"][0]["title"], second["next_cursor"]) == ("Bearing cages that run without oil", None)
    assert (await scene.ask(LI, "GET", "?cursor=nonsense")).status_code == 422
    cursor = "WyJhIiwiYiJd"  # ["a","b"]: well-formed, but no place in this list
    assert (await scene.ask(LI, "GET", f"?cursor={cursor}")).status_code == 422


async def test_near_duplicates_are_shown_as_evidence_in_both_languages(scene: Scene) -> None:
    id = await scene.put_forward()
    english = await scene.put_forward(SUN, title="Bearing cages running without any oil", title_zh="", problem="Other.")
    chinese = await scene.put_forward(SUN, title="X", title_zh="无油润滑的轴承保持架", problem="Other.")
    problem = await scene.put_forward(
        SUN, title="Y", title_zh="", problem="Our bronze cages seize after forty hours when oil is lost."
    )
    await scene.put_forward(SUN, title="Quiet gears", title_zh="静音齿轮", problem="Gears of trams whine in bends.")
    found = (await scene.done(LI, "GET", f"/{id}/similar"))["items"]
    assert {one["id"] for one in found} == {english, chinese, problem}
    assert [one["similarity"] for one in found] == sorted((one["similarity"] for one in found), reverse=True)
    assert await scene.state(english) == "put_forward"


async def test_likenesses_tell_nothing_of_what_may_not_be_seen(scene: Scene) -> None:
    id = await scene.put_forward()
    await scene.put_forward(SUN)
    await scene.drafted(SUN)
    secret = someone(Role.APPLICANT, organisation_id=SUN.organisation_id, clearance=SecurityLabel.CONTROLLED)
    await scene.put_forward(secret, label="controlled")
    assert (await scene.done(ZHAO, "GET", f"/{id}/similar"))["items"] == []
    assert len((await scene.done(LI, "GET", f"/{id}/similar"))["items"]) == 1
    officer = someone(Role.PROGRAMME_OFFICER, clearance=SecurityLabel.CONTROLLED)
    assert len((await scene.done(officer, "GET", f"/{id}/similar"))["items"]) == 2


async def test_calls_and_mergers_above_the_clearance_are_not_told(scene: Scene) -> None:
    cleared = someone(Role.APPLICANT, organisation_id=ZHAO.organisation_id, clearance=SecurityLabel.CONTROLLED)
    officer = someone(Role.PROGRAMME_OFFICER, clearance=SecurityLabel.CONTROLLED)
    secret = await scene.put_forward(cleared, label="controlled")
    open_one = await scene.put_forward(SUN)
    await scene.done(officer, "POST", f"/{open_one}/mergers", {"requirement_ids": [secret], "reason": "The same."})
    assert (await scene.done(LI, "GET", f"/{open_one}"))["merged_from"] == []
    assert len((await scene.done(officer, "GET", f"/{open_one}"))["merged_from"]) == 1
