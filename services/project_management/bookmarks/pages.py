"""What people keep, for people."""

from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from services.project_management.bookmarks import actions, queries
from services.project_management.bookmarks.rules import OWN, SAVE
from services.project_management.bookmarks.schemas import SearchCreate
from services.project_management.calls.words import BEFORE_RELEASE, PHASES
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import Lazy, _, lazy
from shared.web.pages import redirect

pages = page_room("bookmarks")
SAVED = "/projects/saved"
NEWS: dict[str, Lazy] = {
    "changed": lazy("It has changed"),
    "closing": lazy("It closes soon"),
    "cancelled": lazy("It is cancelled"),
    "match": lazy("A new call matches"),
}


@pages.get("/saved", allow=SAVE)
async def saved(request: Request, read: ReadDep) -> Response:
    asked = request.query_params
    blank = FormState.of({"search": asked.get("q", "")[:200], "phase": asked.getlist("phase")[:10], "alert": True})
    return await _saved(request, read, blank)


@pages.post("/calls/{call_id}/saving", allow=SAVE)
async def save_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    await actions.save_call(work, call_id)
    notice = _("The call is saved. You are told when it changes or closes soon.")
    return redirect(f"/projects/calls/{call_id}", notice=notice)


@pages.post("/calls/{call_id}/unsaving", allow=SAVE)
async def unsave_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    await actions.unsave_call(work, call_id)
    return redirect(SAVED, notice=_("The call is taken off."))


@pages.post("/calls/{call_id}/noting", allow=SAVE)
async def note_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    await actions.note_call(work, call_id)
    return redirect(SAVED, notice=_("Noted."))


@pages.post("/saved-searches/new", allow=SAVE)
async def save_search(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(SearchCreate, posted)
    if isinstance(fields, FormState):
        return await _saved(request, work, fields, status=422)
    try:
        await actions.save_search(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _saved(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(SAVED, notice=_("The search is saved."))


@pages.post("/saved-searches/{search_id}/removal", allow=OWN)
async def remove_search(request: Request, work: WorkDep, search_id: UUID) -> Response:
    await actions.remove_search(work, search_id)
    return redirect(SAVED, notice=_("The search is taken off."))


@pages.post("/saved-searches/{search_id}/noting", allow=OWN)
async def note_search(request: Request, work: WorkDep, search_id: UUID) -> Response:
    await actions.note_search(work, search_id)
    return redirect(SAVED, notice=_("Noted."))


async def _saved(request: Request, rows: Rows, state: FormState, *, status: int = 200) -> Response:
    found = await queries.saved(rows)
    for one in found["searches"]:
        asked = [("q", one["search"]), *(("phase", phase) for phase in one["phases"])]
        one["url"] = "/projects/calls?" + urlencode(asked)
    return service_of(request).pages.render(
        request,
        "bookmarks/list.html",
        status=status,
        saved=found,
        form=state,
        phases=[(phase.value, str(word.label)) for phase, word in PHASES.items() if phase not in BEFORE_RELEASE],
        PHASES=PHASES,
        NEWS=NEWS,
    )
