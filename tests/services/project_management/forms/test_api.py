"""The office writes the form of a call: over JSON and on its pages; what contradicts itself is not saved."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.project_management.forms.queries import calls_with_forms
from services.project_management.forms.questions import schema_of
from services.project_management.forms.samples import SAMPLES
from shared.contracts.projects import CallEdited
from shared.kernel.types import SecurityLabel
from tests.kit.platform import Running
from tests.services.project_management.forms.asking import ask, choice, form, shown_if
from tests.services.project_management.ready import CHEN, LI, ZHAO, draft_call, released_call

pytestmark = pytest.mark.anyio
API = "/projects/api/v1/calls"
ANY = {"If-Match": "*"}


async def put(li: httpx.AsyncClient, call_id: UUID, *questions: dict[str, Any], **sections: Any) -> httpx.Response:
    return await li.put(f"{API}/{call_id}/form", json=schema_of(form(*questions, **sections)), headers=ANY)


async def test_a_form_is_put_read_released_and_then_fixed(projects: Running) -> None:
    call = await draft_call(projects)
    asked = form(ask("aim", "long_text", words=300, required=True), choice("area", "a", "b", default="b"))
    async with projects.client(LI) as li:
        assert (await li.get(f"{API}/{call.id}/form")).status_code == 404
        saved = await put(li, call.id, *[one.model_dump(mode="json") for one in asked.questions])
        assert saved.status_code == 200, saved.text
        assert saved.json() == schema_of(asked)
        assert saved.headers["etag"] == '"2"'
        stale = await li.put(f"{API}/{call.id}/form", json=schema_of(asked), headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        assert (await li.get(f"{API}/{call.id}")).json()["questions"] == 2
    (edited,) = await projects.said(CallEdited)
    assert edited["data"]["changed"] == ["form"]
    async with projects.client(ZHAO) as zhao:  # a draft is nobody else's
        assert (await zhao.get(f"{API}/{call.id}/form")).status_code == 404
        assert (await put(zhao, call.id, ask("aim"))).status_code == 403
    async with projects.client(LI) as li, projects.client(CHEN) as chen:
        await li.post(f"{API}/{call.id}/signoff-request", headers=ANY)
        refused = await put(li, call.id, ask("other"))
        assert (refused.status_code, refused.json()["title"]) == (409, "The form is fixed")
        await chen.post(f"{API}/{call.id}/signoff", json={"decision": "approve"}, headers=ANY)
        released = (await li.post(f"{API}/{call.id}/release", headers=ANY)).json()
        version = await li.get(f"{API}/{call.id}/versions/1")
        assert version.json()["form"] == schema_of(asked)
        assert version.headers["etag"] == f'"{released["sha256"]}"'
    async with projects.client() as visitor:
        exported = await visitor.get(f"{API}/{call.id}/form")
        assert exported.headers["content-type"].startswith("application/schema+json")
        assert exported.json() == schema_of(asked)
        page = (await visitor.get(f"/projects/calls/{call.id}/form")).text
        assert "at most 300 words" in page
        assert "/form/draft" not in page


async def test_a_form_that_contradicts_itself_is_refused_with_every_question(projects: Running) -> None:
    call = await draft_call(projects)
    async with projects.client(LI) as li:
        bad = await put(li, call.id, ask("n", "number", least="5", most="3"), choice("c"))
        assert (bad.status_code, bad.json()["title"]) == (422, "The form contradicts itself")
        assert {one["pointer"] for one in bad.json()["errors"]} == {"/questions/n", "/questions/c"}
        hostile = {"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}
        refused = await li.put(f"{API}/{call.id}/form", json=hostile, headers=ANY)
        assert "refers to nothing" in refused.text
        assert (await li.put(f"{API}/{call.id}/form", json=[1], headers=ANY)).status_code == 422
        twice = {"text": '{"type":"object","properties":{"a":{},"a":{}}}'}
        assert "stands twice" in (await li.post(f"{API}/{call.id}/form/import", json=twice, headers=ANY)).text
    (row,) = await projects.rows("SELECT form, version FROM calls")
    assert (row["form"], row["version"]) == (None, 1)


async def test_it_is_written_on_pages_step_by_step(projects: Running) -> None:
    call = await draft_call(projects)
    root = f"/projects/calls/{call.id}/form"
    async with projects.client(LI) as li:
        li.headers["Origin"] = "http://test"

        async def post(path: str, status: int = 303, /, **fields: Any) -> httpx.Response:
            (row,) = await projects.rows("SELECT version FROM calls")
            answer = await li.post(f"{root}/{path}", data={"version": str(row["version"]), **fields})
            assert answer.status_code == status, answer.text
            return answer

        assert (await li.get(root)).headers["location"] == f"{root}/draft"
        assert "No form yet" in (await li.get(f"{root}/draft")).text
        for key in ("plan", "people"):
            await post("sections", key=key, title=key.capitalize(), title_zh="计划")
        for kind in ("choice", "table", "attachment", "money", "yes_no", "choices", "date", "long_text", "short_text"):
            blank = await li.get(f"{root}/questions", params={"kind": kind, "section": "plan"})
            assert blank.status_code == 200, kind
        options = {
            "options-0-value": "y",
            "options-0-label": "Yes, it does",
            "options-1-value": "n",
            "options-1-label": "No",
        }
        question: dict[str, Any] = {
            "section": "plan",
            "key": "ethics",
            "kind": "choice",
            "label": "Ethics?",
            "required": "true",
        }
        await post("questions", **question, **options)
        paper = {"section": "plan", "key": "paper", "kind": "attachment", "label": "Paper", "accepts": "pdf",
                 "show_if-0-question": "ethics", "show_if-0-any_of": "y"}  # fmt: skip
        await post("questions", **paper)
        await post("questions", section="people", key="team", kind="table", label="Team",
                   **{"columns-0-key": "name", "columns-0-label": "Name", "columns-0-kind": "short_text"})  # fmt: skip
        made = await post("questions", section="people", kind="short_text", label="Anything else?")
        unnamed = made.headers["location"].partition("#q-")[2]
        assert unnamed.startswith("question_"), "a key of its own, and no officer has to make one"
        await post("questions", section="people", kind="short_text", label="Anything more?", was=unnamed)
        await post("removals", what="question", key=unnamed)
        again = await li.get(f"{root}/questions", params={"key": "paper"})
        assert 'value="y"' in again.text
        # A contradiction is said on the form of the question, and what was typed stays.
        bad = await post("questions", 422, **{**paper, "was": "paper", "show_if-0-any_of": "maybe"})
        assert "which “ethics” does not offer" in bad.text
        assert 'value="maybe"' in bad.text
        twice = await post("questions", 422, **{**paper, "key": "ethics"})
        assert "Two questions have the key" in twice.text
        # Renamed, the condition follows; moved past the edge of its section, it goes into the next.
        await post("questions", **{**question, "key": "board", "was": "ethics"}, **options)
        moved = await post("moves", what="question", key="paper", way="down")
        assert moved.headers["location"].endswith("#q-paper")
        gone = await post("removals", 422, what="question", key="board")
        assert "which is no question of the form" in gone.text
        await post("moves", what="section", key="people", way="up")
        schema = (await li.get(f"{API}/{call.id}/form")).json()
        assert [(one["key"], one["questions"]) for one in schema["x-sections"]] == [
            ("people", ["paper", "team"]),
            ("plan", ["board"]),
        ]
        assert schema["properties"]["paper"]["x-question"]["show_if"] == shown_if("board", "y")
        await post("removals", what="section", key="people")
        assert "Ethics?" in (await li.get(f"{root}/draft")).text
        late = await li.post(f"{root}/moves", data={"version": "1", "what": "section", "key": "plan", "way": "up"})
        assert late.status_code == 412
        wrong = await li.post(f"{root}/moves", data={"version": "1", "what": "section"})
        assert wrong.status_code == 422
        unknown = await post("moves", 404, what="question", key="nowhere", way="up")
        assert "Open it anew" in unknown.text


async def test_it_is_copied_from_samples_and_calls_and_imported(projects: Running) -> None:
    earlier, call = await draft_call(projects, title="Earlier"), await draft_call(projects)
    async with projects.client(LI) as li:
        li.headers["Origin"] = "http://test"
        await put(li, earlier.id, ask("aim"))
        async with projects.work(LI) as work:
            await work.execute("UPDATE calls SET title_zh = '早先' WHERE id = %(id)s", {"id": earlier.id})
        draft = f"/projects/calls/{call.id}/form/draft"
        assert "早先</option>" in (await li.get(draft, headers={"Accept-Language": "zh-CN"})).text
        unclear = replace(LI, clearance=SecurityLabel.PUBLIC)
        for reader, seen in ((LI, [earlier.id]), (unclear, [])):
            async with projects.work(reader.actor) as read:
                assert [one["id"] for one in await calls_with_forms(read, call.id)] == seen, "a draft is internal"
        for sample in SAMPLES:
            answer = await li.post(f"{API}/{call.id}/form/copy", json={"sample": sample}, headers=ANY)
            assert answer.json() == schema_of(SAMPLES[sample])
        page = await li.post(f"/projects/calls/{call.id}/form/copy", data={"earlier_call": str(earlier.id)})
        assert page.status_code == 303
        assert set((await li.get(f"{API}/{call.id}/form")).json()["properties"]) == {"aim"}
        nothing = await li.post(f"/projects/calls/{call.id}/form/copy", data={})
        assert nothing.status_code == 422
        without = await li.post(f"{API}/{earlier.id}/form/copy", json={"earlier_call": str(call.id)}, headers=ANY)
        assert without.status_code == 200
        text = json.dumps(schema_of(SAMPLES["pilot"]))
        taken = await li.post(f"/projects/calls/{call.id}/form/import", data={"text": text})
        assert taken.status_code == 303, taken.text
        broken = await li.post(f"/projects/calls/{call.id}/form/import", data={"text": "{]"})
        assert "This is no JSON" in broken.text
        gone = await li.post(f"{API}/{call.id}/form/discard", headers=ANY)
        assert gone.status_code == 409


async def test_only_its_office_writes_and_nobody_after_the_release(projects: Running) -> None:
    call = await released_call(projects)
    async with projects.client(CHEN) as chen, projects.client(LI) as li:
        assert (await chen.get(f"/projects/calls/{call.id}/form/draft")).status_code == 403
        assert (await put(chen, call.id, ask("aim"))).status_code == 403
        assert (await put(li, call.id, ask("aim"))).status_code == 200, "for an amendment"
        assert (await li.get(f"{API}/{call.id}/form")).status_code == 404, "which nobody has signed"
        async with projects.work(LI) as work:
            await work.execute("UPDATE calls SET state = 'closed'")
        assert (await put(li, call.id, ask("aim"))).status_code == 409
        assert "No form yet" in (await chen.get(f"/projects/calls/{call.id}/form")).text
