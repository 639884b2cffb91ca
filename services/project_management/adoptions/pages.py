"""Adoptions for people: a call is drafted from what organisations ask for."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.adoptions import actions, rules
from services.project_management.adoptions.rules import ADOPT
from services.project_management.adoptions.schemas import AdoptionCreate
from services.project_management.organisations.queries import regions
from services.project_management.requirements.queries import chosen, open_ones
from services.project_management.requirements.rules import State
from services.project_management.requirements.words import words
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _, lazy
from shared.web.pages import redirect
from shared.web.words import region_word

pages = page_room("adoptions")
Chosen = Annotated[list[UUID], Query(max_length=50)]
KINDS = {
    "institute": lazy("Institutes"),
    "university": lazy("Universities"),
    "company": lazy("Companies"),
    "department": lazy("Government departments"),
    "office": lazy("Offices"),
}


@pages.get("/requirements/adoptions/new", allow=ADOPT)
async def new_adoption(request: Request, read: ReadDep, requirement_ids: Chosen = []) -> Response:  # noqa: B006
    """The form of the call, prefilled from the requirements that were ticked."""
    found = await chosen(read, requirement_ids)
    values = rules.prefilled(found) | {
        "requirement_ids": [str(one["id"]) for one in found],
        "reviewers_per_application": 2,
        "inventor_floor": "1/2",
    }
    return await _form(request, read, FormState.of(values))


@pages.post("/requirements/adoptions/new", allow=ADOPT)
async def adopt_requirements(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(AdoptionCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        call = await actions.adopt_requirements(work, fields)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        for name in [name for name in state.errors if name.startswith("requirement_ids-")]:
            state.with_errors({"requirement_ids": state.errors.pop(name)})
        return await _form(request, work, state, status=problem.status)
    return redirect(
        f"/projects/calls/{call.id}", notice=_("The call is drafted. Send it to sign-off when it is ready.")
    )


async def _form(request: Request, rows: Rows, state: FormState, *, status: int = 200) -> Response:
    waiting = await open_ones(rows, besides=[], states=frozenset({State.PRIORITISED}))
    ticked = set(state.all("requirement_ids"))
    kept = [one for one in await chosen(rows, _ids(ticked)) if one["id"] not in {known["id"] for known in waiting}]
    known = sorted({*await regions(rows), *state.all("regions")})
    return service_of(request).pages.render(
        request,
        "adoptions/form.html",
        status=status,
        form=state,
        choice=FormState(values={"requirement_ids": list(ticked)}),
        others=[
            (str(one["id"]), one["title"], f"{one['organisation_name']} · {one['field']}") for one in (*kept, *waiting)
        ],
        regions=[(region, region_word(region)) for region in known],
        kinds=[(kind, str(word)) for kind, word in KINDS.items()],
        **words(),
    )


def _ids(texts: set[str]) -> list[UUID]:
    """Those that are ids: a refused form may hold anything."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
