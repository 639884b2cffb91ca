"""Declared relations, for people: always one's own."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.organisations.queries import choices
from services.project_management.relations import actions, queries
from services.project_management.relations.rules import DECLARE, OWN, Kind
from services.project_management.relations.schemas import RelationCreate
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import Lazy, _, lazy
from shared.web.pages import redirect
from shared.web.words import bilingual

pages = page_room("relations")
HERE = "/projects/relations"
KINDS: dict[Kind, Lazy] = {
    Kind.SUPERVISED: lazy("I supervised this person"),
    Kind.SUPERVISED_BY: lazy("This person supervised me"),
    Kind.CLOSE: lazy("We are family, or as close"),
}


@pages.get("/relations", allow=DECLARE)
async def relations(request: Request, read: ReadDep) -> Response:
    return await _page(request, read, FormState())


@pages.post("/relations/new", allow=DECLARE)
async def declare_relation(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(RelationCreate, posted)
    if isinstance(fields, FormState):
        return await _page(request, work, fields, status=422)
    try:
        await actions.declare_relation(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _page(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(HERE, notice=_("It is declared. The office is told before it assigns you."))


@pages.post("/relations/{relation_id}/removal", allow=OWN)
async def take_back(request: Request, work: WorkDep, relation_id: UUID) -> Response:
    await actions.take_back(work, relation_id)
    return redirect(HERE, notice=_("It is taken back."))


async def _page(request: Request, rows: Rows, state: FormState, *, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "relations/list.html",
        status=status,
        form=state,
        relations=await queries.mine(rows),
        organisations=[(one["id"], *bilingual(one["name"], one["name_zh"])) for one in await choices(rows)],
        KINDS=KINDS,
    )
