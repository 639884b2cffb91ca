"""A partner that is asked anew reads word by word what changed since its own last consent, and nobody else does."""

import importlib
from typing import Any

import pytest

from services.project_management.applications.consents import covered
from services.project_management.completions import actions as completions
from services.project_management.completions.rules import LEAST
from services.project_management.completions.schemas import ReturnCreate
from shared.kernel.types import SecurityLabel
from tests.kit.platform import Running, Someone
from tests.services.project_management.answers.test_answers import asking_call
from tests.services.project_management.ready import (
    LI,
    OTHER,
    SUN,
    ZHAO,
    admitted,
    consent,
    draft_application,
    know_everybody,
    pdf,
    released_call,
    submitted_application,
)

API = "/projects/api/v1/applications"
ANY = {"If-Match": "*"}
EARLIER: str = importlib.import_module("services.project_management.migrations.versions.0063_consents").EARLIER
BUDGET = {"required": True, "years": 2, "categories": ["staff"]}


def line(requested: str) -> dict[str, Any]:
    return {"lines": [{"category": "staff", "year": 1, "requested": requested, "own": "0.00"}]}


def test_a_consent_covers_what_others_write_and_not_what_they_answer() -> None:
    content: dict[str, Any] = {
        "call": {"id": "c", "version": 1, "sha256": "x"},
        "partners": [{"id": "p", "name": "P", "answer": "consented", "answered_by": "p.account"}],
        "team": [{"name": "Li Na", "part": "tests", "answer": "asked"}],
        "title": "T",
    }
    once = covered(content)
    assert once == {
        "call": {"id": "c", "version": 1},
        "partners": [{"id": "p", "name": "P"}],
        "team": [{"name": "Li Na", "part": "tests"}],
        "title": "T",
    }
    assert covered(once) == once


@pytest.mark.anyio
async def test_each_change_since_its_consent_is_shown_beside_the_question(projects: Running) -> None:
    await know_everybody(projects)
    third = OTHER.organisation_id
    await projects.hear(admitted(third, "Another Institute"))
    call = await asking_call(projects, budget_terms=BUDGET)
    mine = await draft_application(projects, call.id, partner_ids=[str(SUN.organisation_id)])
    path, page = f"{API}/{mine.id}", f"/projects/applications/{mine.id}"
    async with projects.client(SUN) as sun, projects.client(ZHAO) as zhao:

        async def since() -> dict[str, Any]:
            found = await sun.get(f"{path}/consent-changes")
            assert found.status_code == 200, found.text
            answer: dict[str, Any] = found.json()
            return answer

        async def write(method: str, what: str, body: dict[str, Any]) -> None:
            done = await zhao.request(method, f"{path}{what}", json=body, headers=ANY)
            assert done.status_code == 200, done.text

        never = await since()
        assert (never["consented_at"], never["kept"], never["changes"]) == (None, False, [])
        assert "Jialing University has never consented to this application" in (await sun.get(page)).text
        await write("PUT", "/answers/plan", {"answers": {"aim": "A lighter frame", "area": "glass", "months": "24"}})
        await write("PUT", f"/budget/{ZHAO.organisation_id}", line("100000.00"))
        await consent(projects, mine.id)
        same = await since()
        assert (same["kept"], same["changes"], same["answer"]) == (True, [], "consented")
        assert "Nothing changed since then." in (await sun.get(page)).text
        more = {"amount": "2500000.00", "currency": "CNY"}
        both = [str(SUN.organisation_id), str(third)]
        await write("PATCH", "", {"abstract": "We make two alloys.", "requested": more, "partner_ids": both})
        await write("PUT", "/answers/plan", {"answers": {"aim": "A stiffer frame", "area": "glass", "months": "24"}})
        await write("PUT", f"/budget/{ZHAO.organisation_id}", line("200000.00"))
        document = await pdf(projects, ZHAO)
        await write("POST", "/documents", {"document_id": str(document)})
        found = await since()
        assert {one["field"].split(".")[0] for one in found["changes"]} == {
            "abstract",
            "requested",
            "partners",
            "answers",
            "budget",
            "documents",
        }
        (text,) = [one for one in found["changes"] if one["field"] == "abstract"]
        assert {"kind": "removed", "text": "an"} in text["parts"]
        assert (found["answer"], found["sha256"]) == ("pending", same["sha256"])
        shown = (await sun.get(page)).text
        assert "What changed since Jialing University consented on" in shown
        assert "We make <del>an</del> <ins>two</ins> <del>alloy</del> <ins>alloys</ins>." in shown
        assert "2,400,000</del>" in shown
        assert "2,500,000</ins>" in shown
        assert shown.index("<ins>two</ins>") < shown.index(f'action="{page}/consent"'), "beside the button"
        # Of a document above their clearance nobody reads, though a colleague may have consented to it.
        await projects.rows("UPDATE documents SET label = 'confidential' WHERE id = %(id)s RETURNING 1", id=document)
        assert "plan.pdf" not in (await sun.get(f"{path}/consent-changes")).text
        await projects.rows("UPDATE documents SET label = 'internal' WHERE id = %(id)s RETURNING 1", id=document)
        await consent(projects, mine.id)
        again = await since()
        assert (again["changes"], again["sha256"] != same["sha256"]) == ([], True)
        await projects.rows("UPDATE documents SET label = 'confidential' WHERE id = %(id)s RETURNING 1", id=document)
        assert (await since())["changes"] == []
        # What was there all along was not added for a colleague who may read more, of whatever day the consent is.
        await write("PATCH", "", {"abstract": "We make three alloys."})
        await consent(projects, mine.id)
        async with projects.client(Someone(SUN.subject + "-2", SUN.grants, SecurityLabel.CONFIDENTIAL)) as colleague:
            for _ in range(2):
                assert (await colleague.get(f"{path}/consent-changes")).json()["changes"] == []
                await projects.rows(
                    """UPDATE application_consents SET whole = false,
                              content = jsonb_set(content::jsonb, '{documents}', '[]')::text RETURNING 1"""
                )
            await projects.rows("UPDATE documents SET label = 'internal' WHERE id = %(id)s RETURNING 1", id=document)
            (added,) = (await colleague.get(f"{path}/consent-changes")).json()["changes"]
            assert (added["field"], added["before"]) == ("documents", ""), "both could read it"
        # It is the partner's own: the lead has none, another partner its own, who takes no part sees nothing.
        assert (await zhao.get(f"{path}/consent-changes")).status_code == 404
        assert "What changed since" not in (await zhao.get(page)).text
    async with projects.client(OTHER) as other, projects.client(LI) as li:
        assert (await other.get(f"{path}/consent-changes")).json()["consented_at"] is None
        assert (await li.get(f"{path}/consent-changes")).status_code == 403


@pytest.mark.anyio
async def test_a_consent_of_earlier_days_is_known_where_it_was_handed_in(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    drafted = await draft_application(projects, call.id, partner_ids=[str(SUN.organisation_id)])
    await consent(projects, drafted.id)
    handed_in = await submitted_application(projects, call.id, partners=(SUN,))
    due_at = projects.service.database.clock() + LEAST * 2
    async with projects.work(LI) as work:
        await completions.return_application(work, handed_in.id, ReturnCreate(reason="Say more.", due_at=due_at), None)
    await projects.rows("DELETE FROM application_consents RETURNING 1")
    await projects.rows(f"{EARLIER} RETURNING 1")
    async with projects.client(SUN) as sun, projects.client(ZHAO) as zhao:
        for one in (drafted, handed_in):
            changed = await zhao.patch(f"{API}/{one.id}", json={"abstract": "We make two."}, headers=ANY)
            assert changed.status_code == 200, changed.text
        unknown = (await sun.get(f"{API}/{drafted.id}/consent-changes")).json()
        assert (unknown["consented_at"] is None, unknown["kept"], unknown["changes"]) == (False, False, [])
        assert "was not kept then" in (await sun.get(f"/projects/applications/{drafted.id}")).text
        known = (await sun.get(f"{API}/{handed_in.id}/consent-changes")).json()
        assert (known["kept"], [one["field"] for one in known["changes"]]) == (True, ["abstract"])
        # Consented to what was written since; then what was handed in counts again, and with it the first consent.
        await consent(projects, handed_in.id)
        assert (await sun.get(f"{API}/{handed_in.id}/consent-changes")).json()["changes"] == []
        async with projects.work(LI) as work:
            await completions.let_stand(work, handed_in.id, None)
        stands = (await sun.get(f"{API}/{handed_in.id}/consent-changes")).json()
        assert (stands["sha256"], stands["changes"]) == (known["sha256"], [])
