"""The desk at which a form is written, wherever it lies: what a call asks, what the reports of its projects ask."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from fastapi import Request, Response

from services.project_management.forms import actions, words
from services.project_management.forms.actions import Change
from services.project_management.forms.imports import text_to_schema
from services.project_management.forms.questions import Form, Kind
from services.project_management.forms.schemas import (
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
from shared.kernel.policy import Policy
from shared.kernel.schemas import Schema
from shared.web.edge import IfMatchDep, ReadDep, Room, WorkDep, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect
from shared.web.sentences import said

Changing = Callable[[Work, UUID, Change, int | None], Awaitable[int]]
"""Writes the form of a call, where it is at the version named; gives the new one."""
Answering = Callable[[Rows, UUID, int], Awaitable[Response]]
SCHEMA: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/schema+json": {"schema": {"type": "object"}}}}
}


@dataclass(frozen=True, slots=True)
class Place:
    """One form on its desk, for somebody who may write it."""

    form: Form
    version: int
    root: str
    """Address below which its questions and sections lie."""
    desk: str
    title: str
    crumbs: list[tuple[str, str]]
    judged: bool = True
    """Whether there are reviewers who must not learn who answers."""
    key_help: str = ""
    fixed: bool = False
    waits: bool = False
    """Whether changes wait that can be thrown away."""
    notes: list[tuple[str, str, str, str]] = field(default_factory=list)
    """What to know before changing it: heading, text, and what leads on with its address."""
    beginnings: list[tuple[str, str, Sequence[tuple[Any, str]]]] = field(default_factory=list)
    """Forms that it can be begun with: entry, its label, the choices."""
    exported: str = ""
    apart: dict[str, str] = field(default_factory=dict)
    """What is special about a section, by its key."""
    known: Collection[str] = ()
    """Questions that the records answer."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes of a desk need of the room that they stand in."""

    place: Callable[[Rows, UUID], Awaitable[Place]]
    change: Changing
    begun_from: type[Schema]
    take: Callable[[Work, UUID, Any, int | None], Awaitable[int]]
    """The whole form from another one, as `begun_from` names it."""

    async def page(
        self,
        request: Request,
        rows: Rows,
        call_id: UUID,
        *,
        copy: FormState | None = None,
        taking: FormState | None = None,
        refused: Problem | None = None,
        status: int = 200,
    ) -> Response:
        place = await self.place(rows, call_id)
        return service_of(request).pages.render(
            request,
            "forms/desk.html",
            status=refused.status if refused else status,
            place=place,
            form=place.form,
            version=place.version,
            refused=refused,
            copy=copy or FormState(version=place.version),
            taking=taking or FormState(version=place.version),
            kinds=[(kind.value, str(word)) for kind, word in words.KINDS.items()],
            **page_words(),
        )

    async def step(
        self,
        request: Request,
        work: Work,
        call_id: UUID,
        change: Change,
        version: int | None,
        notice: str,
        at: str = "",
        *,
        again: Callable[[Place, Problem], Response] | None = None,
    ) -> Response:
        """`again` draws the form of the step with what was refused; without it the desk tells it."""
        try:
            await self.change(work, call_id, change, version)
        except Problem as problem:
            await work.rollback()
            if again is not None:
                return again(await self.place(work, call_id), problem)
            return await self.page(request, work, call_id, refused=problem)
        return redirect((await self.place(work, call_id)).desk + at, notice=notice)


def page_words() -> dict[str, Any]:
    return {"w": words, "KINDS": words.KINDS, "Kind": Kind}


def lay_pages(pages: Room, path: str, allow: Policy, desk: Desk) -> None:
    """The routes of a desk below `path`, which names one `call_id`."""

    @pages.get(f"{path}/draft", allow=allow)
    async def desk_page(request: Request, read: ReadDep, call_id: UUID) -> Response:
        return await desk.page(request, read, call_id)

    @pages.get(f"{path}/questions", allow=allow)
    async def question_form(request: Request, read: ReadDep, call_id: UUID) -> Response:
        """One question to be written or changed: `key` names it, or `section` and `kind` a new one."""
        asked = request.query_params
        place = await desk.place(read, call_id)
        question = place.form.question(asked.get("key", ""))
        if question is None and asked.get("key"):
            raise NotFound(N_("The form has no such section or question any more. Open it anew."))
        if question is not None:
            section = next(one.key for one in place.form.sections if question in one.questions)
            values = question.model_dump(mode="json") | {"section": section, "was": question.key}
        else:
            kind = asked.get("kind", "")
            values = {"kind": kind if kind in list(Kind) else "short_text", "section": asked.get("section", "")[:40]}
        state = FormState.of(values, version=place.version)
        for n, condition in enumerate(question.show_if if question else []):
            state.values[f"show_if-{n}-any_of"] = [", ".join(condition.any_of)]
        return _question(request, place, state)

    @pages.post(f"{path}/questions", allow=allow)
    async def put_question(request: Request, work: WorkDep, call_id: UUID) -> Response:
        posted = _keyed(await read_form(request), "question")
        fields = parse(QuestionUpdate, posted)
        if isinstance(fields, FormState):
            return _question(request, await desk.place(work, call_id), fields, status=422)

        def again(place: Place, problem: Problem) -> Response:
            return _question(request, place, _refused(posted, problem, fields.key), status=problem.status)

        change, notice = actions.with_question(fields), _("The question is saved.")
        return await desk.step(request, work, call_id, change, posted.version, notice, f"#q-{fields.key}", again=again)

    @pages.get(f"{path}/sections", allow=allow)
    async def section_form(request: Request, read: ReadDep, call_id: UUID) -> Response:
        place = await desk.place(read, call_id)
        section = place.form.section(request.query_params.get("key", ""))
        values = section.model_dump(exclude={"questions"}) | {"was": section.key} if section else {}
        return _section(request, place, FormState.of(values, version=place.version))

    @pages.post(f"{path}/sections", allow=allow)
    async def put_section(request: Request, work: WorkDep, call_id: UUID) -> Response:
        posted = _keyed(await read_form(request), "section")
        fields = parse(SectionUpdate, posted)
        if isinstance(fields, FormState):
            return _section(request, await desk.place(work, call_id), fields, status=422)

        def again(place: Place, problem: Problem) -> Response:
            return _section(request, place, _refused(posted, problem, fields.key), status=problem.status)

        change, notice = actions.with_section(fields), _("The section is saved.")
        return await desk.step(request, work, call_id, change, posted.version, notice, f"#s-{fields.key}", again=again)

    @pages.post(f"{path}/moves", allow=allow)
    async def move(request: Request, work: WorkDep, call_id: UUID) -> Response:
        posted = await read_form(request)
        fields = parse(MoveCreate, posted)
        if isinstance(fields, FormState):
            return await desk.page(request, work, call_id, status=422)
        at = f"#{fields.what[0]}-{fields.key}"
        return await desk.step(request, work, call_id, actions.moved(fields), posted.version, _("It is moved."), at)

    @pages.post(f"{path}/removals", allow=allow)
    async def remove(request: Request, work: WorkDep, call_id: UUID) -> Response:
        posted = await read_form(request)
        fields = parse(RemovalCreate, posted)
        if isinstance(fields, FormState):
            return await desk.page(request, work, call_id, status=422)
        return await desk.step(request, work, call_id, actions.without(fields), posted.version, _("It is removed."))

    @pages.post(f"{path}/copy", allow=allow)
    async def copy_form(request: Request, work: WorkDep, call_id: UUID) -> Response:
        posted = await read_form(request)
        fields = parse(desk.begun_from, posted)
        if isinstance(fields, FormState):
            return await desk.page(request, work, call_id, copy=fields, status=422)
        try:
            await desk.take(work, call_id, fields, posted.version)
        except Problem as problem:
            await work.rollback()
            state = FormState.refused(posted, problem)
            return await desk.page(request, work, call_id, copy=state, status=problem.status)
        place = await desk.place(work, call_id)
        return redirect(place.desk, notice=_("The form is taken over. Change what differs."))

    @pages.post(f"{path}/import", allow=allow)
    async def import_form(request: Request, work: WorkDep, call_id: UUID) -> Response:
        posted = await read_form(request)
        fields = parse(FormImport, posted)
        if isinstance(fields, FormState):
            return await desk.page(request, work, call_id, taking=fields, status=422)
        try:
            await desk.change(work, call_id, actions.replaced(text_to_schema(fields.text)), posted.version)
        except Problem as problem:
            await work.rollback()
            told = [f"{one['pointer']}: {said(one['detail'])}" for one in problem.errors] or [said(problem.detail)]
            state = FormState.posted(posted, {"text": told})
            return await desk.page(request, work, call_id, taking=state, status=problem.status)
        return redirect((await desk.place(work, call_id)).desk, notice=_("The form is imported."))


def lay_api(api: Room, path: str, allow: Policy, act: Changing, answer: Answering) -> None:
    """The same steps for programs; each answers with the whole form as JSON Schema."""

    async def changed(work: Work, call_id: UUID, change: Change, version: int | None) -> Response:
        return await answer(work, call_id, await act(work, call_id, change, version))

    @api.post(f"{path}/import", allow=allow, responses=SCHEMA)
    async def import_form(work: WorkDep, call_id: UUID, fields: FormImport, version: IfMatchDep) -> Response:
        """Replace the whole form from a text, which also finds a key that stands twice."""
        return await changed(work, call_id, actions.replaced(text_to_schema(fields.text)), version)

    @api.post(f"{path}/sections", allow=allow, responses=SCHEMA)
    async def put_section(work: WorkDep, call_id: UUID, fields: SectionUpdate, version: IfMatchDep) -> Response:
        """Add a section, or change one."""
        return await changed(work, call_id, actions.with_section(fields), version)

    @api.post(f"{path}/questions", allow=allow, responses=SCHEMA)
    async def put_question(work: WorkDep, call_id: UUID, fields: QuestionUpdate, version: IfMatchDep) -> Response:
        """Add a question, or change one. Conditions follow a key that changes."""
        return await changed(work, call_id, actions.with_question(fields), version)

    @api.post(f"{path}/moves", allow=allow, responses=SCHEMA)
    async def move(work: WorkDep, call_id: UUID, fields: MoveCreate, version: IfMatchDep) -> Response:
        return await changed(work, call_id, actions.moved(fields), version)

    @api.post(f"{path}/removals", allow=allow, responses=SCHEMA)
    async def remove(work: WorkDep, call_id: UUID, fields: RemovalCreate, version: IfMatchDep) -> Response:
        return await changed(work, call_id, actions.without(fields), version)


def _keyed(posted: PostedForm, stem: str) -> PostedForm:
    """With a key where none was written. Never one that another had before: answers are kept by it."""
    if posted.get("key").strip():
        return posted
    key = posted.get("was") or f"{stem}_{uuid4().hex[:8]}"
    return PostedForm([*(pair for pair in posted.fields if pair[0] != "key"), ("key", key)], posted.files)


def _refused(posted: PostedForm, problem: Problem, key: str) -> FormState:
    """What is wrong with this question at the top, what is wrong with others by their names."""
    if isinstance(problem, Stale) or not isinstance(problem, Invalid):
        return FormState.posted(posted, {"": [said(problem.detail)]})
    told = []
    for error in problem.errors:
        other = error["pointer"].removeprefix("/questions/")
        told.append(said(error["detail"]) if other in (key, "") else f"{other}: {said(error['detail'])}")
    return FormState.posted(posted, {"": told or [said(problem.detail)]})


def _question(request: Request, place: Place, state: FormState, *, status: int = 200) -> Response:
    form, was, kind = place.form, state.value("was"), state.value("kind")
    return service_of(request).pages.render(
        request,
        "forms/question.html",
        status=status,
        place=place,
        form=state,
        was=was,
        kind=kind if kind in list(Kind) else "short_text",
        sections=[(one.key, words.in_language(one.title, one.title_zh)) for one in form.sections],
        controls=[(one.key, words.label(one)) for one in form.questions if one.kind in CONTROLS and one.key != was],
        cells=[(key, str(word)) for key, word in words.CELLS.items()],
        files=[(key, str(word)) for key, word in words.FILES.items()],
        **page_words(),
    )


def _section(request: Request, place: Place, state: FormState, *, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request, "forms/section.html", status=status, place=place, form=state, was=state.value("was")
    )
