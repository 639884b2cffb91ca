"""Requirements, consultations and adoptions as pages: what is offered, what is refused, that nothing typed is lost."""

from typing import Any

import pytest

from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.project_management.requirements.scene import CHEN, LI, PAGES, SUN, ZHAO, Scene, requirement_fields

pytestmark = pytest.mark.anyio


def form(**changed: Any) -> dict[str, Any]:
    fields = requirement_fields()
    (indicator,) = fields.pop("indicators")
    typed = fields | {f"indicators-0-{name}": value for name, value in indicator.items()}
    return typed | {"indicators-1-what": "", "indicators-1-value": "", "indicators-1-unit": "", **changed}


def call_form(**changed: Any) -> dict[str, Any]:
    typed: dict[str, Any] = {
        "title": "A call",
        "summary": "They seize.",
        "field": "Materials",
        "stage": "research",
        "label": "public",
        "reason": "First in the plan.",
        "budget-amount": "6,000,000",
        "budget-currency": "CNY",
        "ceiling-amount": "3000000",
        "ceiling-currency": "CNY",
        "opens_at": "2026-01-01T08:00",
        "closes_at": "2090-03-31T17:00",
        "inventor_floor": "1/2",
        "reviewers_per_application": "2",
        "criteria-0-name": "Novelty",
        "criteria-0-weight": "100",
    }
    return typed | changed


async def test_an_institute_writes_and_puts_forward(scene: Scene) -> None:
    empty = await scene.page(ZHAO, "")
    assert "No requirement yet" in empty.text
    assert f"{PAGES}/new" in empty.text
    made = await scene.page(ZHAO, "/new", form(problem=""))
    assert made.status_code == 303, made.text
    path = made.headers["location"].removeprefix(PAGES)
    page = await scene.page(ZHAO, path)
    assert "Before you can put it forward" in page.text
    assert f"{path}/submission" not in page.text
    edit = await scene.page(ZHAO, f"{path}/edit")
    assert 'value="Running time without oil"' in edit.text
    assert 'data-autosave="' in edit.text
    saved = await scene.page(ZHAO, f"{path}/edit", form(version="1"))
    assert saved.status_code == 303, saved.text
    page = await scene.page(ZHAO, path)
    assert f"{path}/submission" in page.text
    assert "无油润滑轴承保持架" in page.text
    done = await scene.page(ZHAO, f"{path}/submission", {"version": "2"})
    assert done.status_code == 303
    page = await scene.page(ZHAO, path)
    assert "Put forward" in page.text
    assert "SHA-256" in page.text
    assert "Requirement put forward" in page.text
    assert f"{path}/decline" not in page.text


async def test_the_form_saves_itself_and_says_which_version_it_is_now(scene: Scene) -> None:
    id = await scene.drafted()
    saved = await scene.page(ZHAO, f"/{id}/edit", form(title="Better", version="1", draft="1"))
    assert (saved.status_code, saved.headers["x-version"]) == (204, "2")
    stale = await scene.page(ZHAO, f"/{id}/edit", form(title="Worse", version="1", draft="1"))
    assert stale.status_code == 412
    blank = await scene.page(ZHAO, f"/{id}/edit", form(title="", version="2", draft="1"))
    assert blank.status_code == 422
    assert (await scene.done(ZHAO, "GET", f"/{id}"))["title"] == "Better"


async def test_a_refused_form_keeps_what_was_typed_and_says_why_beside_the_field(scene: Scene) -> None:
    page = await scene.page(ZHAO, "/new", form(title="<b>New</b>", urgency=""))
    assert page.status_code == 422
    assert "&lt;b&gt;New&lt;/b&gt;" in page.text
    assert 'value="Running time without oil"' in page.text
    stranger = someone(Role.APPLICANT)
    page = await scene.page(stranger, "/new", form())
    assert page.status_code == 409
    assert "Ask the coordination office to admit yours" in page.text


async def test_a_stale_form_shows_both_versions(scene: Scene) -> None:
    id = await scene.drafted()
    assert (await scene.page(ZHAO, f"/{id}/edit", form(field="Energy", version="1"))).status_code == 303
    stale = await scene.page(ZHAO, f"/{id}/edit", form(field="Optics", urgency="immediate", version="1"))
    assert stale.status_code == 412
    assert "Energy" in stale.text
    assert "Optics" in stale.text
    assert "Within a year" in stale.text


async def test_what_was_put_forward_offers_no_form_to_edit_it(scene: Scene) -> None:
    id = await scene.put_forward()
    answer = await scene.page(ZHAO, f"/{id}/edit")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/projects/requirements/{id}"


async def test_the_office_consults_prioritises_and_adopts(scene: Scene) -> None:
    id = await scene.put_forward()
    near, ma = await scene.expert("Tan Hua", employer=ZHAO), await scene.expert("Ma Lan")
    page = await scene.page(LI, f"/{id}")
    assert f"/{id}/consultation" in page.text
    board = await scene.page(LI, f"/{id}/consultation")
    assert f'value="{ma}"' in board.text
    assert f'value="{near}"' not in board.text
    assert "Works for Institute of Light Alloys, which asks for this." in board.text
    nobody = await scene.page(LI, f"/{id}/consultation", {})
    assert nobody.status_code == 422
    barred = await scene.page(LI, f"/{id}/consultation", {"expert_ids": [str(near)]})
    assert barred.status_code == 422
    invited = await scene.page(LI, f"/{id}/consultation", {"expert_ids": [str(ma)]})
    assert invited.status_code == 303, invited.text

    expert = scene.experts[ma]
    assert f"/{id}/opinion" in (await scene.page(expert, f"/{id}")).text
    sheet = await scene.page(expert, f"/{id}/opinion")
    assert "Cages of bronze seize" in sheet.text
    missing = await scene.page(expert, f"/{id}/opinion", {"importance": "4", "comment": "Wanted <i>everywhere</i>."})
    assert missing.status_code == 422
    assert "Wanted &lt;i&gt;everywhere&lt;/i&gt;." in missing.text
    said = {"importance": "5", "feasibility": "4", "comment": "Wanted everywhere.", "version": "1"}
    assert (await scene.page(expert, f"/{id}/opinion", said)).status_code == 303
    assert "Ma Lan" in (await scene.page(LI, f"/{id}/consultation")).text
    assert "Wanted everywhere." not in (await scene.page(ZHAO, f"/{id}")).text

    own = await scene.page(LI, f"/{id}/priority", {"priority": "low", "reason": ""})
    assert own.status_code == 422
    assert "Say why you set a priority of your own." in own.text
    assert (await scene.page(LI, f"/{id}/priority", {"priority": ""})).status_code == 303
    author = await scene.page(ZHAO, f"/{id}")
    assert "Wanted everywhere." in author.text
    assert "Ma Lan" not in author.text
    assert "Ma Lan" in (await scene.page(LI, f"/{id}")).text

    empty = await scene.page(LI, "/adoptions/new")
    assert "Tick at least one requirement" in empty.text
    prefilled = await scene.page(LI, f"/adoptions/new?requirement_ids={id}")
    assert 'value="Bearing cages that run without oil"' in prefilled.text
    assert "Running time without oil: ≥ 200 h" in prefilled.text
    wrong = await scene.page(
        LI, "/adoptions/new", call_form(requirement_ids=id, **{"ceiling-amount": "9,000,000", "title": "Kept"})
    )
    assert wrong.status_code == 422
    assert 'value="Kept"' in wrong.text
    assert "The ceiling of one award cannot be more than the whole budget." in wrong.text
    made = await scene.page(LI, "/adoptions/new", call_form(requirement_ids=id))
    assert made.status_code == 303, made.text
    async with scene.projects.client(LI) as http:
        call = await http.get(made.headers["location"])
    assert "Requirements it answers" in call.text
    assert f"{PAGES}/{id}" in call.text
    assert made.headers["location"] in (await scene.page(LI, f"/{id}")).text
    author = await scene.page(ZHAO, f"/{id}")
    assert made.headers["location"] not in author.text
    assert "A call is being prepared" in author.text


async def test_a_call_tells_only_readers_of_a_requirement_that_it_answers_it(scene: Scene) -> None:
    id = await scene.prioritised()
    made = await scene.page(LI, "/adoptions/new", call_form(requirement_ids=id))
    path = made.headers["location"]
    async with scene.projects.client(CHEN) as http:
        assert id in (await http.get(path)).text
    await scene.projects.rows(
        "UPDATE calls SET state = 'released', released_at = now(), released_version = 1, sha256 = 'x' RETURNING id"
    )
    for person, told in ((ZHAO, True), (SUN, False), (None, False)):
        async with scene.projects.client(person) as http:
            answer = await http.get(path)
        assert answer.status_code == 200
        assert (id in answer.text) is told


async def test_the_office_returns_and_declines_with_a_reason(scene: Scene) -> None:
    id = await scene.put_forward()
    assert (await scene.page(LI, f"/{id}/return", {"reason": ""})).status_code == 422
    assert (await scene.page(LI, f"/{id}/return", {"reason": "Which load?"})).headers["location"] == PAGES
    page = await scene.page(ZHAO, f"/{id}")
    assert "Which load?" in page.text
    await scene.done(ZHAO, "POST", f"/{id}/submission")
    assert (await scene.page(LI, f"/{id}/decline", {"reason": ""})).status_code == 422
    assert (await scene.page(LI, f"/{id}/decline", {"reason": "Done in May."})).status_code == 303
    assert "Done in May." in (await scene.page(ZHAO, f"/{id}")).text


async def test_a_draft_is_thrown_away_and_a_known_one_withdrawn(scene: Scene) -> None:
    draft, known = await scene.drafted(), await scene.put_forward()
    assert (await scene.page(ZHAO, f"/{draft}/withdrawal", {})).headers["location"] == PAGES
    assert (await scene.page(ZHAO, f"/{draft}")).status_code == 404
    assert (await scene.page(ZHAO, f"/{known}/withdrawal", {"reason": ""})).status_code == 422
    assert (await scene.page(ZHAO, f"/{known}/withdrawal", {"reason": "Found."})).status_code == 303
    assert "Found." in (await scene.page(LI, f"/{known}")).text


async def test_merging_starts_from_what_reads_alike(scene: Scene) -> None:
    into, same = await scene.put_forward(), await scene.put_forward(SUN)
    other = await scene.put_forward(SUN, title="Quiet gears", title_zh="静音齿轮", problem="They whine.")
    page = await scene.page(LI, f"/{into}/mergers")
    assert page.text.index(f'value="{same}"') < page.text.index(f'value="{other}"')
    assert "Reads alike" in (await scene.page(LI, f"/{into}")).text
    refused = await scene.page(LI, f"/{into}/mergers", {"requirement_ids": [same], "reason": ""})
    assert refused.status_code == 422
    assert (await scene.page(LI, f"/{into}/mergers", {"requirement_ids": [same], "reason": "Same."})).status_code == 303
    assert "Merged into this one" in (await scene.page(LI, f"/{into}")).text
    author = await scene.page(SUN, f"/{same}")
    assert "Followed up in another requirement" in author.text
    assert "Bearing cages that run without oil" in author.text
    assert f"{PAGES}/{into}" not in author.text


async def test_several_are_merged_into_a_new_one(scene: Scene) -> None:
    first, second = await scene.put_forward(), await scene.put_forward(SUN, title="Dry cages")
    page = await scene.page(LI, f"/mergers/new?requirement_ids={first}")
    assert 'value="Bearing cages that run without oil"' in page.text
    typed = form(requirement_ids=[first], reason="Two sides.", title="Dry-running bearings")
    typed.pop("label")
    refused = await scene.page(LI, "/mergers/new", typed)
    assert refused.status_code == 422
    made = await scene.page(LI, "/mergers/new", typed | {"requirement_ids": [first, second]})
    assert made.status_code == 303, made.text
    page = await scene.page(LI, made.headers["location"].removeprefix(PAGES))
    assert "Dry cages" in page.text


async def test_the_list_offers_what_the_role_can_do(scene: Scene) -> None:
    await scene.drafted(title="hidden draft")
    await scene.put_forward(title="known to the office")
    page = await scene.page(LI, "")
    assert "known to the office" in page.text
    assert "hidden draft" not in page.text
    assert f"{PAGES}/adoptions/new" in page.text
    reading = await scene.page(CHEN, "")
    assert f"{PAGES}/new" not in reading.text
    rows = await scene.page(ZHAO, "?state=draft", headers={"HX-Request": "true"})
    assert "<html" not in rows.text
    assert "hidden draft" in rows.text
    assert "known to the office" not in rows.text


async def test_coordinators_read_the_consultation_and_change_nothing(scene: Scene) -> None:
    id = await scene.put_forward()
    ma = await scene.expert("Ma Lan")
    await scene.consulted(id, ma)
    page = await scene.page(CHEN, f"/{id}/consultation")
    assert "Ma Lan" in page.text
    assert f'action="{PAGES}/{id}' not in page.text
    assert (await scene.page(ZHAO, f"/{id}/consultation")).status_code == 403
    assert (await scene.page(someone(Role.REVIEWER), f"/{id}/opinion")).status_code == 404


async def test_the_pages_speak_chinese(scene: Scene) -> None:
    id, draft = await scene.prioritised(), await scene.drafted()
    asked = await scene.put_forward(SUN)
    ma = await scene.expert("Guo Feng")
    await scene.consulted(asked, ma)
    for person, path in (
        (ZHAO, ""),
        (ZHAO, "/new"),
        (ZHAO, f"/{draft}"),
        (ZHAO, f"/{draft}/edit"),
        (LI, f"/{id}"),
        (LI, f"/{id}/consultation"),
        (LI, f"/{asked}/mergers"),
        (LI, "/mergers/new"),
        (LI, f"/adoptions/new?requirement_ids={id}"),
        (scene.experts[ma], f"/{asked}/opinion"),
    ):
        page = await scene.page(person, f"{path}{'&' if '?' in path else '?'}lang=zh")
        assert page.status_code == 200, path
        assert 'lang="zh-Hans"' in page.text
