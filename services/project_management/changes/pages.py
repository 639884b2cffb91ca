"""Changes of task books for people."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.amendments.words import shown
from services.project_management.changes import actions, queries
from services.project_management.changes.rules import JUDGE, READ, REQUEST, Kind, State
from services.project_management.changes.schemas import ChangeApprovalCreate, ChangeCreate, ChangeReasonCreate
from services.project_management.changes.words import KINDS, STATES, said_of
from services.project_management.costs.rules import SAID as CATEGORY_WORDS
from services.project_management.delivery.queries import parties, project
from services.project_management.differences import Difference
from services.project_management.organisations.queries import choices
from shared.db.history import history
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, Model, parse, read_form
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_word
from shared.web.pages import redirect
from shared.web.sentences import said
from shared.web.words import bilingual

pages = page_room("changes")


@pages.get("/projects/{project_id}/changes", allow=READ)
async def change_list(request: Request, read: ReadDep, project_id: UUID) -> Response:
    found = await project(read, project_id)
    return service_of(request).pages.render(
        request,
        "changes/list.html",
        project=found,
        changes=await queries.changes(read, project_id),
        may_request=found["state"] == "running" and REQUEST.allows(read.actor, owners={found["lead_id"]}),
        STATES=STATES,
        KINDS=KINDS,
    )


@pages.get("/projects/{project_id}/changes/new", allow=REQUEST)
async def new_change(
    request: Request,
    read: ReadDep,
    project_id: UUID,
    kind: Annotated[Kind, Query()] = Kind.TIME,
    reason: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    found = await project(read, project_id)
    REQUEST.require(read.actor, owners={found["lead_id"]}, thing="project")
    return await _form(request, read, found, kind, FormState.of({"reason": reason} if reason else {}))


@pages.post("/projects/{project_id}/changes/new", allow=REQUEST)
async def request_change(request: Request, work: WorkDep, project_id: UUID) -> Response:
    posted = await read_form(request)
    found = await project(work, project_id)
    REQUEST.require(work.actor, owners={found["lead_id"]}, thing="project")
    kind = Kind(posted.get("kind")) if posted.get("kind") in set(Kind) else Kind.TIME
    fields = parse(ChangeCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, found, kind, fields, 422)
    try:
        change = await actions.request_change(work, project_id, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, found, kind, FormState.refused(posted, problem), problem.status)
    return redirect(
        f"/projects/changes/{change.id}", notice=_("The change is asked for. The programme office answers.")
    )


@pages.get("/changes/{change_id}", allow=READ)
async def change_detail(request: Request, read: ReadDep, change_id: UUID) -> Response:
    return await _detail(request, read, change_id)


@pages.post("/changes/{change_id}/approval", allow=JUDGE)
async def approve_change(request: Request, work: WorkDep, change_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        change_id,
        "approval",
        ChangeApprovalCreate,
        lambda fields, version: actions.approve_change(work, change_id, fields.note, version),
        _("The task book is amended."),
    )


@pages.post("/changes/{change_id}/refusal", allow=JUDGE)
async def decline_change(request: Request, work: WorkDep, change_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        change_id,
        "refusal",
        ChangeReasonCreate,
        lambda fields, version: actions.decline_change(work, change_id, fields.reason, version),
        _("The change is not agreed to; the lead reads your reason."),
    )


@pages.post("/changes/{change_id}/withdrawal", allow=REQUEST)
async def withdraw_change(request: Request, work: WorkDep, change_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        change_id,
        "withdrawal",
        ChangeReasonCreate,
        lambda fields, version: actions.withdraw_change(work, change_id, fields.reason, version),
        _("The change is withdrawn."),
    )


async def _answer(
    request: Request,
    work: WorkDep,
    change_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    notice: str,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _detail(request, work, change_id, refused),
        (f"/projects/changes/{change_id}", notice),
    )


async def _form(
    request: Request, rows: Rows, found: dict[str, Any], kind: Kind, form: FormState, status: int = 200
) -> Response:
    waiting = [one for one in found["milestones"] if one["state"] != "accepted"]
    return service_of(request).pages.render(
        request,
        "changes/form.html",
        status=status,
        project=found,
        kind=kind.value,
        form=form,
        KINDS=KINDS,
        numbers=[(str(one["number"]), f"{one['number']}. {one['title']}") for one in waiting],
        categories=[(one.value, said(word)) for one, word in CATEGORY_WORDS.items()],
        partners=[(one["id"], one["name"]) for one in found["partners"]],
        organisations=[(str(one["id"]), one["name"]) for one in (found["lead"], *found["partners"])],
        others=[
            (str(one["id"]), *bilingual(one["name"], one["name_zh"]))
            for one in await choices(rows)
            if one["id"] not in parties(found)
        ],
    )


async def _detail(request: Request, rows: Rows, change_id: UUID, refused: Refused | None = None) -> Response:
    change = await queries.change(rows, change_id)
    state, version = State(change["state"]), change["version"]
    taking_part = frozenset(UUID(one) for one in change["parties"])
    return service_of(request).pages.render(
        request,
        "changes/detail.html",
        status=refused.status if refused else 200,
        change=change,
        may_judge=state is State.REQUESTED and JUDGE.in_charge(rows.actor, change["office_id"], taking_part),
        may_withdraw=state is State.REQUESTED and REQUEST.allows(rows.actor, owners={change["lead_id"]}),
        refused=refused,
        answers=Answers(refused, version),
        differences=shown((Difference.of_row(one) for one in change["differences"]), said_of),
        history=entries(await history(rows, change_id)),
        chain=[
            (thing_word("project"), change["project_title"], f"/projects/projects/{change['project_id']}", False),
            (thing_word("change"), str(change["number"]), "", True),
        ],
        chain_url=chain_url("change", change_id),
        STATES=STATES,
        KINDS=KINDS,
    )
