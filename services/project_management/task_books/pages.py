"""Task books for people: the text of each version, and wording it anew."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.amendments.words import shown as as_read
from services.project_management.changes.words import said_of
from services.project_management.costs.rules import SAID, Category
from services.project_management.delivery.queries import parties, project
from services.project_management.delivery.rules import ProjectState
from services.project_management.delivery.words import CATEGORIES, SIDES
from services.project_management.differences import single_differences
from services.project_management.indicators.rules import wanted
from services.project_management.indicators.words import choices
from services.project_management.task_books import actions, queries
from services.project_management.task_books.rules import DRAFT, READ, SIGN, may_redraw, may_return
from services.project_management.task_books.schemas import TaskBookReasonCreate, TaskBookUpdate
from services.project_management.task_books.words import STANDINGS, told
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect
from shared.web.sentences import said

pages = page_room("task_books")


@pages.get("/projects/{project_id}/task-book", allow=READ)
async def task_book_detail(
    request: Request, read: ReadDep, project_id: UUID, number: int = 0, draft: int = 0, since: int = 0
) -> Response:
    return await _page(request, read, project_id, number=number, draft=draft, since=since)


@pages.get("/projects/{project_id}/task-book/edit", allow=DRAFT)
async def edit_task_book(request: Request, read: ReadDep, project_id: UUID) -> Response:
    found = await project(read, project_id)
    _must_draft(read, found)
    if not may_redraw(ProjectState(found["state"])):
        notice = _("It is signed by both sides; ask for a change of it.")
        return redirect(f"/projects/projects/{project_id}/task-book", notice=notice, tone="warning")
    known = await queries.task_books(read, project_id)
    book = (await queries.task_book(read, project_id, known["drafts"][0]["number"], draft=True))["content"]
    money = {"currency": book["currency"]}
    told = {
        "starts_on": book["starts_on"],
        "ends_on": book["ends_on"],
        "milestones": [
            {name: one.get(name, "") for name in ("title", "deliverable", "test", "due_on")}
            | {"tranche": money | {"amount": one["tranche"]}}
            for one in book["milestones"]
        ],
        "budget": [
            {"category": one["category"], "year": one["year"], "amount": money | {"amount": one["amount"]}}
            | {"organisation_id": one.get("organisation", {}).get("id", "")}
            for one in book["budget"]
        ],
        "indicators": book.get("indicators", []),
    }
    return _form(request, found, FormState.of(told, version=found["version"]), known["drafts"][0]["reason"])


@pages.post("/projects/{project_id}/task-book/edit", allow=DRAFT)
async def redraw_task_book(request: Request, work: WorkDep, project_id: UUID) -> Response:
    posted = await read_form(request)
    found = await project(work, project_id)
    _must_draft(work, found)
    fields = parse(TaskBookUpdate, posted)
    if isinstance(fields, FormState):
        return _form(request, found, fields, status=422)
    if fields.indicators is None:  # no row is left on the page; a program that sends none keeps them
        fields = fields.model_copy(update={"indicators": []})
    try:
        await actions.redraw_task_book(work, project_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        return _form(request, found, FormState.refused(posted, problem), status=problem.status)
    notice = _("The task book is worded anew. Both sides are asked to sign it.")
    return redirect(f"/projects/projects/{project_id}/task-book", notice=notice)


@pages.post("/projects/{project_id}/return", allow=SIGN)
async def return_task_book(request: Request, work: WorkDep, project_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "return",
        TaskBookReasonCreate,
        lambda fields, version: actions.return_task_book(work, project_id, fields.reason, version),
        lambda refused: _page(request, work, project_id, refused),
        (f"/projects/projects/{project_id}/task-book", _("It is returned. The other side is asked to correct it.")),
    )


def _must_draft(rows: Rows, found: dict[str, Any]) -> None:
    DRAFT.require(
        rows.actor, owners={found["lead_id"]}, parties=parties(found), office=found["office_id"], thing="project"
    )


def _form(request: Request, found: dict[str, Any], form: FormState, reason: str = "", *, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "task_books/form.html",
        status=status,
        project=found,
        form=form,
        reason=reason,
        categories=CATEGORIES,
        organisations=[(str(one["id"]), one["name"]) for one in (found["lead"], *found["partners"])],
        directions=choices(),
    )


async def _page(
    request: Request,
    rows: Rows,
    project_id: UUID,
    refused: Refused | None = None,
    *,
    number: int = 0,
    draft: int = 0,
    since: int = 0,
) -> Response:
    known = await queries.task_books(rows, project_id)
    newest = (known["items"] or known["drafts"])[0]
    unsigned = bool(draft) or (not number and not known["items"])
    shown = await queries.task_book(rows, project_id, draft or number or newest["number"], draft=unsigned)
    found, book = known["project"], shown["content"]
    versions = known["drafts" if unsigned else "items"]
    there = {one["number"]: told(json.loads(one["content"])) for one in versions}
    before, after = (n if n in there else None for n in (since or shown["number"] - 1, shown["number"] + 1))
    words = there[shown["number"]]
    state, sides = ProjectState(found["state"]), parties(found)
    return service_of(request).pages.render(
        request,
        "task_books/detail.html",
        status=refused.status if refused else 200,
        project=found,
        known=known,
        shown=shown,
        book=book,
        award=Decimal(book["amount"]),
        draft=unsigned,
        promises=[one | {"said": wanted(one)} for one in book.get("indicators", [])],
        milestones=[one | {"tranche": Decimal(one["tranche"])} for one in book["milestones"]],
        budget=[
            one | {"amount": Decimal(one["amount"]), "category": said(SAID[Category(one["category"])])}
            for one in book["budget"]
        ],
        before=before,
        differences=_changed(there[before], words) if before else [],
        after=after,
        later=_changed(words, there[after]) if after else [],
        called=await names(rows, (one["subject"] for version in versions for one in version["signatures"])),
        SIDES=SIDES,
        may_redraw=may_redraw(state)
        and DRAFT.allows(rows.actor, owners={found["lead_id"]}, parties=sides, office=found["office_id"]),
        may_return=may_return(state)
        and SIGN.allows(rows.actor, owners={found["lead_id"]}, parties=sides, office=found["office_id"]),
        answers=Answers(refused, found["version"]),
        refused=refused,
        STANDINGS=STANDINGS,
    )


def _changed(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    return as_read(single_differences(before, after), said_of)
