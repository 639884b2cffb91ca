"""The budget of an application: written together, checked, handed in, compared, carried over, spent."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.project_management.applications import actions as applications
from services.project_management.completions import actions as completions
from services.project_management.completions.rules import LEAST
from services.project_management.completions.schemas import ReturnCreate
from tests.kit.platform import Running, Someone
from tests.services.project_management.ready import (
    INSTITUTE,
    LI,
    OTHER,
    SUN,
    UNIVERSITY,
    ZHAO,
    call_fields,
    consent,
    draft_application,
    know_everybody,
    pdf,
    released_call,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1/applications"
ANY = {"If-Match": "*"}
TERMS: dict[str, Any] = {
    "years": 2,
    "categories": ["equipment", "staff", "testing", "indirect"],
    "caps": [{"category": "indirect", "percent": "20", "of": "direct"}],
    "own_percent": "5",
}
OURS = [
    {"category": "equipment", "year": 1, "requested": "1200000.00", "own": "120000.00"},
    {"category": "indirect", "year": 2, "requested": "300000.00"},
]
THEIRS = [{"category": "staff", "year": 2, "requested": "900000.00"}]


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def begun(projects: Running, **terms: Any) -> UUID:
    """A draft with a partner's consent and its document, without a budget yet."""
    call = await released_call(projects, budget_terms=TERMS | terms)
    mine = await draft_application(projects, call.id, partner_ids=[str(UNIVERSITY)])
    document = await pdf(projects, ZHAO)
    async with projects.work(ZHAO) as work:
        await applications.attach_document(work, mine.id, document, None)
    await consent(projects, mine.id)
    return mine.id


async def put(
    http: httpx.AsyncClient, id: UUID, organisation: UUID, lines: list[dict[str, Any]], version: int | str = "*"
) -> httpx.Response:
    tag = "*" if version == "*" else f'"{version}"'
    return await http.put(f"{API}/{id}/budget/{organisation}", json={"lines": lines}, headers={"If-Match": tag})


async def written(projects: Running, id: UUID) -> None:
    async with projects.client(ZHAO) as zhao:
        assert (await put(zhao, id, INSTITUTE, OURS)).status_code == 200
        done = await put(zhao, id, UNIVERSITY, THEIRS)
        assert [one for one in done.json()["clauses"] if one["outcome"] != "yes"] == []
    await consent(projects, id)


async def test_partners_write_their_part_and_a_wrong_budget_is_not_submitted(ready: Running) -> None:
    mine = await begun(ready)
    async with ready.client(ZHAO) as zhao, ready.client(SUN) as sun, ready.client(OTHER) as other:
        empty = (await zhao.get(f"{API}/{mine}/budget")).json()
        assert [one["rule"] for one in empty["clauses"]] == ["budget.present"]
        assert [(one["name"], one["version"]) for one in empty["parts"]] == [
            ("Institute of Light Alloys", 0),
            ("Jialing University", 0),
        ]
        assert (await other.get(f"{API}/{mine}/budget")).status_code == 404
        assert (await put(other, mine, INSTITUTE, OURS)).status_code == 404
        # A partner writes its own part and no other; the lead writes all.
        assert (await put(sun, mine, INSTITUTE, OURS)).status_code in (403, 404)
        assert (await put(zhao, mine, OTHER.organisation_id, OURS)).status_code == 404
        half = await put(sun, mine, UNIVERSITY, [THEIRS[0] | {"requested": "-5"}], 0)
        assert (half.status_code, half.headers["etag"]) == (200, '"1"')
        assert [one["rule"] for one in half.json()["clauses"] if one["outcome"] == "no"] == ["budget.amount"]
        assert (await put(zhao, mine, UNIVERSITY, THEIRS, 0)).status_code == 412
        assert (await put(zhao, mine, UNIVERSITY, THEIRS, 1)).status_code == 200
        short = await put(zhao, mine, INSTITUTE, OURS[:1])
        told = {one["rule"]: one["reason"] for one in short.json()["clauses"] if one["outcome"] == "no"}
        assert told == {
            "budget.sum": "The budget lines ask for 2,100,000.00 CNY; the application asks for 2,400,000.00 CNY."
        }
        refused = await zhao.post(f"{API}/{mine}/submission", headers=ANY)
        assert refused.status_code == 409
        assert "Add 300,000.00 CNY to the lines" in refused.text
        page = (await zhao.get(f"/projects/applications/{mine}")).text
        assert "The budget lines ask for" in page
        assert f"/projects/applications/{mine}/budget" in page
        chinese = (await zhao.get(f"/projects/applications/{mine}/budget", headers={"Accept-Language": "zh"})).text
        assert "预算各行合计申请" in chinese
        assert (await put(zhao, mine, INSTITUTE, OURS)).status_code == 200
        await consent(ready, mine)  # to the budget as it is now
        assert (await zhao.post(f"{API}/{mine}/submission", headers=ANY)).status_code == 200
        assert (await put(sun, mine, UNIVERSITY, THEIRS)).status_code == 409
        handed = (await sun.get(f"{API}/{mine}/budget")).json()
        assert (handed["live"], len(handed["parts"][0]["lines"])) == (False, 2)
        kept = (await zhao.get(f"{API}/{mine}/versions/1")).json()
        assert kept["budget"][2] == {
            "organisation": {"id": str(UNIVERSITY), "name": "Jialing University"},
            "category": "staff", "year": "2", "requested": "900000.00", "own": "0.00",
        }  # fmt: skip
        trace = (await zhao.get(f"{API}/{mine}/eligibility")).json()["trace"]
        assert trace["version"] == 6
        assert (await zhao.get(f"{API}/{mine}/versions/1/receipt")).content.startswith(b"%PDF")
    async with ready.client(LI) as li:
        assert "2,400,000" in (await li.get(f"/projects/applications/{mine}/budget")).text
        shown = (await li.get(f"/projects/applications/{mine}/versions/1")).text
        assert all(word in shown for word in ("Budget of Jialing University", "Staff", "Year 2", "900,000"))


async def test_a_call_without_a_budget_by_lines_asks_for_one_sum(ready: Running) -> None:
    call = await released_call(ready)
    mine = await draft_application(ready, call.id)
    async with ready.client(ZHAO) as zhao:
        assert (await zhao.get(f"{API}/{mine.id}/budget")).status_code == 404
        assert (await put(zhao, mine.id, INSTITUTE, OURS)).status_code == 404
        assert "budget by lines" not in (await zhao.get(f"/projects/applications/{mine.id}")).text
        clauses = (await zhao.get(f"{API}/{mine.id}/eligibility")).json()["trace"]["clauses"]
    assert not [one for one in clauses if one["rule"].startswith("budget.")]


async def form(projects: Running, person: Someone, path: str, **typed: str) -> httpx.Response:
    async with projects.client(person) as http:
        return await http.post(path, data=typed, headers={"Origin": "http://test"})


async def test_the_page_saves_itself_keeps_what_is_wrong_and_shows_both_versions(ready: Running) -> None:
    mine = await begun(ready)
    root = f"/projects/applications/{mine}/budget/{UNIVERSITY}"
    async with ready.client(SUN) as sun:
        application = (await sun.get(f"/projects/applications/{mine}")).text
        assert "Jialing University consented on" in application
        assert "Your organisation is asked to take part" not in application
        assert 'value="consent" checked' in application
        assert "The budget of Jialing University has no lines yet." in application
        assert "Consent was given by: Jialing University." in (await sun.get(root)).text
        lines = {f"lines-0-{name}": str(value) for name, value in THEIRS[0].items()}
        lines |= {"lines-0-requested": "1,20", "version": "0"}
        done = await sun.post(f"{root}/edit", data=lines, headers={"Origin": "http://test"}, follow_redirects=True)
        assert "consent is asked anew from: Jialing University." in done.text
        assert 'value="1,20"' in done.text, "which may be 1.20 or 120, and is taken for neither"
        assert 'id="f-lines-0-requested-error"' in done.text
        application = (await sun.get(f"/projects/applications/{mine}")).text
        assert "Your organisation is asked to take part" in application
        assert "has no lines yet" not in application
    await ready.rows("DELETE FROM cost_sheets RETURNING 1")
    typed = {
        "lines-0-category": "staff",
        "lines-0-year": "2",
        "lines-0-requested": "９００，０００",
        "lines-2-own": "x",
    }
    saved = await form(ready, SUN, f"{root}/edit", draft="1", version="0", **typed)
    assert (saved.status_code, saved.headers["x-version"]) == (204, "1")
    async with ready.client(SUN) as sun:
        shown = (await sun.get(root)).text
        assert 'value="900000.00"' in shown
        assert 'value="x"' in shown, "nothing is lost"
        assert "aria-invalid" not in shown
        checked = (await sun.get(f"{root}?check=1")).text
        assert checked.count('aria-invalid="true"') == 3
        assert ">Category, row 2</a>" in checked, "the row is counted, not the column"
        assert ">Own contribution, row 2</a>" in checked
        assert (await sun.get(f"/projects/applications/{mine}/budget/{INSTITUTE}")).status_code in (403, 404)
    both = await form(ready, ZHAO, f"{root}/edit", version="0", **{"lines-0-category": "testing"})
    assert "Row 1" in both.text
    wrong = await form(ready, SUN, f"{root}/edit", version="1", **typed)
    assert wrong.headers["location"].split("#")[0].endswith("?check=1")
    many = {f"lines-{n}-own": "1" for n in range(61)}
    assert "at most 60 budget lines" in (await form(ready, SUN, f"{root}/edit", version="1", **many)).text
    (row,) = await ready.rows("SELECT version FROM cost_sheets")
    assert row["version"] == 1, "what says the same again is no new version"


async def test_two_who_write_different_parts_do_not_meet(ready: Running) -> None:
    mine = await begun(ready)
    async with ready.client(ZHAO) as zhao, ready.client(SUN) as sun:
        saved = await asyncio.gather(put(zhao, mine, INSTITUTE, OURS, 0), put(sun, mine, UNIVERSITY, THEIRS, 0))
        again = await asyncio.gather(*(put(zhao, mine, INSTITUTE, OURS[:n], 1) for n in (0, 1)))
    assert [one.status_code for one in saved] == [200, 200]
    assert sorted(one.status_code for one in again) == [200, 412]


async def test_what_was_handed_in_is_compared_restored_and_carried_over(ready: Running) -> None:
    mine = await begun(ready)
    await written(ready, mine)
    other_call = await released_call(ready, budget_terms=TERMS, title="Another call")
    async with ready.client(ZHAO) as zhao:
        assert (await zhao.post(f"{API}/{mine}/submission", headers=ANY)).status_code == 200
        await returned(ready, mine)
        moved = [OURS[0] | {"requested": "1100000.00"}, OURS[1], OURS[0] | {"year": 2, "requested": "100000.00"}]
        assert (await put(zhao, mine, INSTITUTE, moved)).status_code == 200
        await consent(ready, mine)
        assert (await zhao.post(f"{API}/{mine}/submission", headers=ANY)).status_code == 200
        differ = (await zhao.get(f"{API}/{mine}/versions/2/differences")).json()["changes"]
        assert sorted(one["field"] for one in differ if one["field"].startswith("budget")) == [
            "budget.Institute of Light Alloys.equipment.1",
            "budget.Institute of Light Alloys.equipment.2",
        ]
        page = (await zhao.get(f"/projects/applications/{mine}/versions")).text
        assert "Budget · Institute of Light Alloys · Equipment · Year 2" in page
        # Written again, and let stand as it was: the lines are those of the second version.
        await returned(ready, mine)
        assert (await put(zhao, mine, INSTITUTE, OURS[:1])).status_code == 200
        async with ready.work(LI) as work:
            await completions.let_stand(work, mine, None)
        rows = await ready.rows("SELECT answers FROM cost_sheets WHERE section = %(id)s", id=str(INSTITUTE))
        assert len(rows[0]["answers"]["lines"]) == 3
        gone = await zhao.post(f"{API}/{mine}/withdrawal", json={"reason": "To another call."}, headers=ANY)
        assert gone.status_code == 200
        again = await zhao.post(f"{API}/{mine}/resubmission", json={"call_id": str(other_call.id)})
        assert again.status_code == 201, again.text
        carried = (await zhao.get(f"{API}/{again.json()['id']}/budget")).json()
        assert [len(one["lines"]) for one in carried["parts"]] == [3, 1]
        assert [one for one in carried["clauses"] if one["outcome"] != "yes"] == []


async def returned(projects: Running, mine: UUID) -> None:
    async with projects.work(LI) as work:
        due = work.now + LEAST + LEAST
        await completions.return_application(work, mine, ReturnCreate(reason="Say more.", due_at=due), None)


async def test_terms_that_cannot_be_met_are_refused_at_their_place(ready: Running) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "/budget_terms/years": {"years": 0},
        "/budget_terms/categories": {"categories": []},
        "/budget_terms/own_percent": {"own_percent": "-1"},
        "/budget_terms/caps": {"caps": [{"category": "travel", "percent": "10"}]},
    }
    async with ready.client(LI) as li:
        for pointer, terms in wrong.items():
            answer = await li.post("/projects/api/v1/calls", json=call_fields(budget_terms=TERMS | terms))
            assert answer.status_code == 422
            assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


async def test_new_calls_ask_for_a_budget_and_released_terms_stay(ready: Running) -> None:
    call = await released_call(ready, budget_terms=TERMS)
    async with ready.client(LI) as li:
        fields = call_fields()
        del fields["budget_terms"]
        new = (await li.post("/projects/api/v1/calls", json=fields)).json()
        assert (new["budget_terms"]["required"], new["budget_terms"]["years"]) == (True, 3)
        here = f"/projects/api/v1/calls/{call.id}"
        changed = await li.patch(here, json={"budget_terms": TERMS | {"years": 5}}, headers=ANY)
        assert changed.status_code == 409
        amended = await li.post(f"{here}/amendment", json={"budget_terms": TERMS, "reason": "x"}, headers=ANY)
        assert amended.status_code == 422
        content = (await li.get(f"{here}/versions/1")).json()
        assert content["budget_terms"] == TERMS | {"required": True}
        page = (await li.get(f"/projects/calls/{call.id}")).text
        assert "Indirect costs: at most 20 % of the direct costs" in page
