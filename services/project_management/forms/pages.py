"""Forms for people: what a call asks, and the desk at which its office writes that."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.forms import actions, queries, words
from services.project_management.forms.imports import text_to_schema
from services.project_management.forms.questions import Form, Kind
from services.project_management.forms.rules import DESIGN, READ, WRITTEN_WHILE
from services.project_management.forms.schemas import (
    FormCopy,
    FormImport,
    MoveCreate,
    QuestionUpdate,
    RemovalCreate,
    SectionUpdate,
)
from services.project_management.forms.soundness import CONTROLS
from shared.db.work import Rows, Work
from shared.kernel.errors import Invalid, NotFound, Problem, Stale
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect
from shared.web.sentences import said

pages = page_room("forms")


def _words() -> dict[str, Any]:
    return {"w": words, "KINDS": words.KINDS, "Kind": Kind}


@pages.get("/calls/{call_id}/form", allow=READ)
async def form_page(request: Request, read: ReadDep, call_id: UUID) -> Response:
    """What the call asks; its office is led to where it is written while there is nothing to read."""
    found = await queries.working_form(read, call_id)
    ours = DESIGN.allows(read.actor, owners={found["call"]["organisation_id"]})
    form = queries.read(found["present"])
    if not form.sections and ours:
        return redirect(f"/projects/calls/{call_id}/form/draft")
    return service_of(request).pages.render(
        request,
        "forms/detail.html",
        call=found["call"],
        form=form,
        may_design=ours and found["call"]["state"] in WRITTEN_WHILE,
        **_words(),
    )


@pages.get("/calls/{call_id}/form/draft", allow=DESIGN)
async def desk(request: Request, read: ReadDep, call_id: UUID) -> Response:
    return await _desk(request, read, call_id)


@pages.get("/calls/{call_id}/form/questions", allow=DESIGN)
async def question_form(request: Request, read: ReadDep, call_id: UUID) -> Response:
    """One question to be written or changed: `key` names it, or `section` and `kind` a new one."""
    asked = request.query_params
    found, form = await _ours(read, call_id)
    question = form.question(asked.get("key", ""))
    if question is None and asked.get("key"):
        raise NotFound(N_("The form has no such section or question any more. Open it anew."))
    if question is not None:
        section = next(one.key for one in form.sections if question in one.questions)
        values = question.model_dump(mode="json") | {"section": section, "was": question.key}
    else:
        kind = asked.get("kind", "")
        values = {"kind": kind if kind in list(Kind) else "short_text", "section": asked.get("section", "")[:40]}
    state = FormState.of(values, version=found["version"])
    for n, condition in enumerate(question.show_if if question else []):
        state.values[f"show_if-{n}-any_of"] = [", ".join(condition.any_of)]
    return _question(request, found, form, state)


@pages.post("/calls/{call_id}/form/questions", allow=DESIGN)
async def put_question(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(QuestionUpdate, posted)
    if isinstance(fields, FormState):
        found, form = await _ours(work, call_id)
        return _question(request, found, form, fields, status=422)
    try:
        await actions.change_form(work, call_id, actions.with_question(fields), posted.version)
    except Problem as problem:
        await work.rollback()
        found, form = await _ours(work, call_id)
        return _question(request, found, form, _refused(posted, problem, fields.key), status=problem.status)
    return redirect(f"/projects/calls/{call_id}/form/draft#q-{fields.key}", notice=_("The question is saved."))


@pages.get("/calls/{call_id}/form/sections", allow=DESIGN)
async def section_form(request: Request, read: ReadDep, call_id: UUID) -> Response:
    found, form = await _ours(read, call_id)
    section = form.section(request.query_params.get("key", ""))
    values = section.model_dump(exclude={"questions"}) | {"was": section.key} if section else {}
    return _section(request, found, FormState.of(values, version=found["version"]))


@pages.post("/calls/{call_id}/form/sections", allow=DESIGN)
async def put_section(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(SectionUpdate, posted)
    if isinstance(fields, FormState):
        found, _form = await _ours(work, call_id)
        return _section(request, found, fields, status=422)
    try:
        await actions.change_form(work, call_id, actions.with_section(fields), posted.version)
    except Problem as problem:
        await work.rollback()
        found, _form = await _ours(work, call_id)
        return _section(request, found, _refused(posted, problem, fields.key), status=problem.status)
    return redirect(f"/projects/calls/{call_id}/form/draft#s-{fields.key}", notice=_("The section is saved."))


@pages.post("/calls/{call_id}/form/moves", allow=DESIGN)
async def move(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(MoveCreate, posted)
    if isinstance(fields, FormState):
        return await _desk(request, work, call_id, status=422)
    place = f"#{fields.what[0]}-{fields.key}"
    return await _done(request, work, call_id, actions.moved(fields), posted.version, _("It is moved."), place)


@pages.post("/calls/{call_id}/form/removals", allow=DESIGN)
async def remove(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(RemovalCreate, posted)
    if isinstance(fields, FormState):
        return await _desk(request, work, call_id, status=422)
    return await _done(request, work, call_id, actions.without(fields), posted.version, _("It is removed."))


@pages.post("/calls/{call_id}/form/copy", allow=DESIGN)
async def copy_form(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(FormCopy, posted)
    if isinstance(fields, FormState):
        return await _desk(request, work, call_id, copy=fields, status=422)
    try:
        change = await actions.copied(work, fields)
        await actions.change_form(work, call_id, change, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _desk(request, work, call_id, copy=state, status=problem.status)
    return redirect(f"/projects/calls/{call_id}/form/draft", notice=_("The form is taken over. Change what differs."))


@pages.post("/calls/{call_id}/form/import", allow=DESIGN)
async def import_form(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(FormImport, posted)
    if isinstance(fields, FormState):
        return await _desk(request, work, call_id, taking=fields, status=422)
    try:
        change = actions.replaced(text_to_schema(fields.text))
        await actions.change_form(work, call_id, change, posted.version)
    except Problem as problem:
        await work.rollback()
        told = [f"{one['pointer']}: {said(one['detail'])}" for one in problem.errors] or [said(problem.detail)]
        state = FormState.posted(posted, {"text": told})
        return await _desk(request, work, call_id, taking=state, status=problem.status)
    return redirect(f"/projects/calls/{call_id}/form/draft", notice=_("The form is imported."))


@pages.post("/calls/{call_id}/form/discard", allow=DESIGN)
async def give_up_changes(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.give_up_changes(work, call_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _desk(request, work, call_id, refused=problem)
    return redirect(f"/projects/calls/{call_id}/form", notice=_("The changes are thrown away."))


async def _done(
    request: Request,
    work: Work,
    call_id: UUID,
    change: actions.Change,
    version: int | None,
    notice: str,
    place: str = "",
) -> Response:
    try:
        await actions.change_form(work, call_id, change, version)
    except Problem as problem:
        await work.rollback()
        return await _desk(request, work, call_id, refused=problem)
    return redirect(f"/projects/calls/{call_id}/form/draft{place}", notice=notice)


async def _ours(rows: Rows, call_id: UUID) -> tuple[dict[str, Any], Form]:
    found = await queries.working_form(rows, call_id)
    DESIGN.require(rows.actor, owners={found["call"]["organisation_id"]}, thing="call")
    return found, queries.read(found["schema"])


def _refused(posted: PostedForm, problem: Problem, key: str) -> FormState:
    """What is wrong with this question at the top, what is wrong with others by their names."""
    if isinstance(problem, Stale) or not isinstance(problem, Invalid):
        return FormState.posted(posted, {"": [said(problem.detail)]})
    told = []
    for error in problem.errors:
        other = error["pointer"].removeprefix("/questions/")
        told.append(said(error["detail"]) if other in (key, "") else f"{other}: {said(error['detail'])}")
    return FormState.posted(posted, {"": told or [said(problem.detail)]})


async def _desk(
    request: Request,
    rows: Rows,
    call_id: UUID,
    *,
    copy: FormState | None = None,
    taking: FormState | None = None,
    refused: Problem | None = None,
    status: int = 200,
) -> Response:
    found, form = await _ours(rows, call_id)
    version = found["version"]
    return service_of(request).pages.render(
        request,
        "forms/desk.html",
        status=refused.status if refused else status,
        call=found["call"],
        form=form,
        version=version,
        waits=found["waits"],
        fixed=found["call"]["state"] not in WRITTEN_WHILE,
        refused=refused,
        copy=copy or FormState(version=version),
        taking=taking or FormState(version=version),
        samples=[(key, str(word)) for key, word in words.SAMPLES.items()],
        earlier=await queries.calls_with_forms(rows, call_id),
        kinds=[(kind.value, str(word)) for kind, word in words.KINDS.items()],
        **_words(),
    )


def _question(request: Request, found: dict[str, Any], form: Form, state: FormState, *, status: int = 200) -> Response:
    was = state.value("was")
    kind = state.value("kind")
    return service_of(request).pages.render(
        request,
        "forms/question.html",
        status=status,
        call=found["call"],
        form=state,
        was=was,
        kind=kind if kind in list(Kind) else "short_text",
        sections=[(one.key, words.in_language(one.title, one.title_zh)) for one in form.sections],
        controls=[(one.key, words.label(one)) for one in form.questions if one.kind in CONTROLS and one.key != was],
        cells=[(key, str(word)) for key, word in words.CELLS.items()],
        files=[(key, str(word)) for key, word in words.FILES.items()],
        **_words(),
    )


def _section(request: Request, found: dict[str, Any], state: FormState, *, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request, "forms/section.html", status=status, call=found["call"], form=state, was=state.value("was")
    )
