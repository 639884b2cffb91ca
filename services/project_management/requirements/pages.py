"""Requirements for people."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.requirements import actions, queries, rules
from services.project_management.requirements.rules import AUTHORS, DECIDE, DRAFT, OPEN, OVERSEERS, READ, State
from services.project_management.requirements.schemas import (
    AnswerCreate,
    CompilationCreate,
    MergerCreate,
    RequirementCreate,
    WithdrawalCreate,
)
from services.project_management.requirements.words import (
    LABELS,
    PRIORITIES,
    STATES,
    URGENCIES,
    choice_words,
    exported_cells,
    words,
)
from shared.db.history import history
from shared.db.work import Rows
from shared.kernel.errors import NotFound, Problem, Stale
from shared.kernel.types import Role
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, exported, pages_of, wanted
from shared.web.forms import FormState, PostedForm, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect

pages = page_room("requirements")
ROOT = "/projects/requirements"
Chosen = Annotated[list[UUID], Query(max_length=50)]


@pages.get("/requirements", allow=READ)
async def requirement_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Requirement"), sort=True),
            Column("organisation_name", _("Asked by"), sort=True),
            Column("field", _("Field"), sort=True),
            Column("urgency", LABELS["urgency"]),
            Column("priority", _("Priority level")),
            Column("state", _("State")),
        ],
        facets=[
            Facet("state", _("State"), [Option(one.value, str(word)) for one, word in STATES.items()]),
            Facet("urgency", LABELS["urgency"], [Option(one.value, str(word)) for one, word in URGENCIES.items()]),
            Facet("priority", _("Priority level"), [Option(one.value, str(word)) for one, word in PRIORITIES.items()]),
        ],
    )
    narrowed: dict[str, Any] = {
        "search": view.q,
        "states": list(view.chosen("state")),
        "urgencies": list(view.chosen("urgency")),
        "priorities": list(view.chosen("priority")),
    }
    total = await queries.count_requirements(read, **narrowed)
    if wanted(request):
        rows = pages_of(lambda at: queries.requirements(read, **narrowed, sort=view.sort, cursor=at, limit=BATCH))
        return exported(request, "requirements", exported_cells(), rows, total)
    page = await queries.requirements(read, **narrowed, sort=view.sort, cursor=view.cursor, limit=25)
    return service_of(request).pages.render(
        request,
        "requirements/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_draft=read.actor.has(*AUTHORS),
        officer=read.actor.has(Role.PROGRAMME_OFFICER),
        **words(),
    )


@pages.get("/requirements/new", allow=DRAFT)
async def new_requirement(request: Request) -> Response:
    return _form(request, FormState.of({"label": "internal"}))


@pages.post("/requirements/new", allow=DRAFT)
async def draft_requirement(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(RequirementCreate, posted)
    if isinstance(fields, FormState):
        return _form(request, fields, status=422)
    try:
        requirement = await actions.draft_requirement(work, fields)
    except Problem as problem:
        await work.rollback()
        return _form(request, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"{ROOT}/{requirement.id}", notice=_("The draft is saved. Only your organisation sees it."))


@pages.get("/requirements/mergers/new", allow=DECIDE)
async def new_compilation(request: Request, read: ReadDep, requirement_ids: Chosen = []) -> Response:  # noqa: B006
    found = await queries.chosen(read, requirement_ids)
    values: dict[str, Any] = {"requirement_ids": [str(one["id"]) for one in found]}
    if found:
        names = ("title", "title_zh", "problem", "indicators", "field", "stage", "urgency")
        values |= {name: found[0][name] for name in names}
    return await _compilation(request, read, FormState.of(values))


@pages.post("/requirements/mergers/new", allow=DECIDE)
async def compile_requirement(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(CompilationCreate, posted)
    if isinstance(fields, FormState):
        return await _compilation(request, work, fields, status=422)
    try:
        requirement = await actions.compile_requirement(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _compilation(request, work, _at_choice(posted, problem), status=problem.status)
    return redirect(f"{ROOT}/{requirement.id}", notice=_("They are merged. This is the requirement to go on with."))


@pages.get("/requirements/{requirement_id}", allow=READ)
async def requirement_detail(request: Request, read: ReadDep, requirement_id: UUID) -> Response:
    return await _detail(request, read, requirement_id)


@pages.get("/requirements/{requirement_id}/edit", allow=DRAFT)
async def edit_form(request: Request, read: ReadDep, requirement_id: UUID) -> Response:
    requirement = await _ours(read, requirement_id)
    if State(requirement["state"]) not in rules.TRANSITIONS["edit"][0]:
        return redirect(
            f"{ROOT}/{requirement_id}",
            notice=_("A requirement that was put forward is not edited. Its office may return it to you for that."),
            tone="warning",
        )
    return _form(request, FormState.of(requirement, version=requirement["version"]), requirement=requirement)


@pages.post("/requirements/{requirement_id}/edit", allow=DRAFT)
async def edit_requirement(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    """Save the draft; with `draft` it is the form saving itself, which wants the new version and no page."""
    posted = await read_form(request)
    requirement = await _ours(work, requirement_id)
    fields = parse(RequirementCreate, posted)
    if isinstance(fields, FormState):
        return _form(request, fields, requirement=requirement, status=422)
    try:
        saved = await actions.edit_requirement(work, requirement_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        here = f"{ROOT}/{requirement_id}"
        page = stale_page(
            posted,
            requirement,
            LABELS,
            version=stale.extra["current_version"],
            view_url=here,
            action_url=f"{here}/edit",
            words=choice_words(),
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return _form(request, state, requirement=requirement, status=problem.status)
    if posted.wants_draft:
        return Response(status_code=204, headers={"X-Version": str(saved.version)})
    return redirect(f"{ROOT}/{requirement_id}", notice=_("The draft is saved."))


@pages.post("/requirements/{requirement_id}/submission", allow=DRAFT)
async def put_forward(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.put_forward(work, requirement_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, requirement_id, refused=problem)
    return redirect(f"{ROOT}/{requirement_id}", notice=_("The requirement is with the programme office now."))


@pages.post("/requirements/{requirement_id}/withdrawal", allow=DRAFT)
async def withdraw_requirement(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(WithdrawalCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, requirement_id, withdrawal=fields, status=422)
    try:
        requirement = await actions.withdraw_requirement(work, requirement_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, requirement_id, withdrawal=state, status=problem.status)
    if requirement.state == State.DISCARDED.value:
        return redirect(ROOT, notice=_("The draft is thrown away."))
    return redirect(f"{ROOT}/{requirement_id}", notice=_("The requirement is withdrawn."))


@pages.post("/requirements/{requirement_id}/return", allow=DECIDE)
async def return_requirement(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AnswerCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, requirement_id, completion=fields, status=422)
    try:
        await actions.return_requirement(work, requirement_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, requirement_id, completion=state, status=problem.status)
    return redirect(ROOT, notice=_("It is back with its organisation. You see it again when it is put forward."))


@pages.post("/requirements/{requirement_id}/decline", allow=DECIDE)
async def decline_requirement(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AnswerCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, requirement_id, decline=fields, status=422)
    try:
        await actions.decline_requirement(work, requirement_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, requirement_id, decline=state, status=problem.status)
    return redirect(f"{ROOT}/{requirement_id}", notice=_("Its organisation reads your reason."))


@pages.get("/requirements/{requirement_id}/mergers", allow=DECIDE)
async def merger_form(request: Request, read: ReadDep, requirement_id: UUID) -> Response:
    return await _mergers(request, read, requirement_id)


@pages.post("/requirements/{requirement_id}/mergers", allow=DECIDE)
async def merge_requirements(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(MergerCreate, posted)
    if isinstance(fields, FormState):
        return await _mergers(request, work, requirement_id, form=fields, status=422)
    try:
        await actions.merge_requirements(work, requirement_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = _at_choice(posted, problem)
        return await _mergers(request, work, requirement_id, form=state, status=problem.status)
    return redirect(f"{ROOT}/{requirement_id}", notice=_("They are merged into this requirement."))


def _at_choice(posted: PostedForm, problem: Problem) -> FormState:
    """Messages about single ones of the choice, at the choice as a whole."""
    state = FormState.refused(posted, problem)
    for name in [name for name in state.errors if name.startswith("requirement_ids-")]:
        state.with_errors({"requirement_ids": state.errors.pop(name)})
    return state


async def _ours(rows: Rows, requirement_id: UUID) -> dict[str, Any]:
    """A requirement that the actor may write. Raises NotFound."""
    requirement = await queries.requirement(rows, requirement_id)
    DRAFT.require(rows.actor, owners={requirement["organisation_id"]}, thing="requirement")
    return requirement


def _form(
    request: Request, state: FormState, *, requirement: dict[str, Any] | None = None, status: int = 200
) -> Response:
    return service_of(request).pages.render(
        request, "requirements/form.html", status=status, form=state, requirement=requirement, **words()
    )


async def _compilation(request: Request, rows: Rows, state: FormState, *, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "requirements/compilation.html",
        status=status,
        form=state,
        others=_options(await queries.open_ones(rows, besides=[])),
        **words(),
    )


async def _mergers(
    request: Request, rows: Rows, requirement_id: UUID, *, form: FormState | None = None, status: int = 200
) -> Response:
    requirement = await queries.requirement(rows, requirement_id)
    if State(requirement["state"]) in rules.HIDDEN:
        raise NotFound(_("There is no requirement here that you may see."))
    alike = [one for one in await queries.similar(rows, requirement_id) if State(one["state"]) in OPEN]
    others = await queries.open_ones(rows, besides=[requirement_id])
    order = [one["id"] for one in alike]
    others.sort(key=lambda one: order.index(one["id"]) if one["id"] in order else len(order))
    return service_of(request).pages.render(
        request,
        "requirements/mergers.html",
        status=status,
        requirement=requirement,
        alike=alike,
        others=_options(others),
        form=form or FormState(version=requirement["version"]),
        **words(),
    )


def _options(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(str(one["id"]), one["title"], f"{one['organisation_name']} · {one['field']}") for one in found]


async def _detail(
    request: Request,
    rows: Rows,
    requirement_id: UUID,
    *,
    refused: Problem | None = None,
    status: int = 200,
    **forms: FormState,
) -> Response:
    requirement = await queries.requirement(rows, requirement_id)
    actor, state = rows.actor, State(requirement["state"])
    writing = requirement["ours"] and state in rules.WRITING
    officer = actor.has(Role.PROGRAMME_OFFICER) and state not in rules.HIDDEN
    judges = officer and requirement["judges"]
    told = requirement["ours"] or actor.has(*OVERSEERS)
    chain = [(thing_word("requirement"), requirement["title"], "", True)]
    chain += [
        (thing_word("call"), call["title"], f"/projects/calls/{call['id']}", False) for call in requirement["calls"]
    ]
    return service_of(request).pages.render(
        request,
        "requirements/detail.html",
        status=refused.status if refused else status,
        requirement=requirement,
        state=state.value,
        refused=refused,
        history=entries(await history(rows, requirement_id)) if told else None,
        similar=await queries.similar(rows, requirement_id),
        lacking=rules.lacking(requirement["problem"], len(requirement["indicators"])) if writing else [],
        chain=chain,
        chain_url=chain_url("requirement", requirement_id) if told and requirement["sha256"] else "",
        may_write=writing,
        may_withdraw=requirement["ours"] and state in OPEN,
        may_consult=judges and state in (State.PUT_FORWARD, State.IN_CONSULTATION),
        may_read_consultation=actor.has(*OVERSEERS) and requirement["judges"] and state not in rules.HIDDEN,
        may_return=judges and state is State.PUT_FORWARD,
        may_answer=judges and state in OPEN,
        may_adopt=judges and state is State.PRIORITISED,
        barred=officer and not requirement["judges"] and state in OPEN,
        opinion_wanted=requirement["asked"] and state is State.IN_CONSULTATION,
        withdrawal=forms.get("withdrawal") or FormState(version=requirement["version"]),
        completion=forms.get("completion") or FormState(version=requirement["version"]),
        decline=forms.get("decline") or FormState(version=requirement["version"]),
        **words(),
    )
