"""What people keep, for people."""

from decimal import Decimal
from uuid import UUID

from fastapi import Request, Response

from services.project_management.bookmarks import actions, queries
from services.project_management.bookmarks.rules import OWN, SAVE, address
from services.project_management.bookmarks.schemas import SearchCreate
from services.project_management.calls.queries import choices_of_calls
from services.project_management.calls.rules import CEILING_RANGES, ceilings, ceilings_within
from services.project_management.calls.words import BEFORE_RELEASE, CEILINGS, KINDS, PHASES, SOON
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.i18n import Lazy, _, lazy
from shared.web.pages import redirect
from shared.web.words import region_word

pages = page_room("bookmarks")
SAVED = "/projects/saved"
CARRIED = ("phase", "soon", "kind", "region", "field", "ceiling")
"""What the list of calls is narrowed by, as its address says it."""
NEWS: dict[str, Lazy] = {
    "changed": lazy("It has changed"),
    "closing": lazy("It closes soon"),
    "cancelled": lazy("It is cancelled"),
    "match": lazy("A new call matches"),
}


@pages.get("/saved", allow=SAVE)
async def saved(request: Request, read: ReadDep) -> Response:
    asked = request.query_params
    carried = {name: [one[:60] for one in asked.getlist(name)[:20]] for name in CARRIED}
    blank = FormState.of({"search": asked.get("q", "")[:200], "alert": True, **carried})
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
    least, most = ceilings([one for one in posted.all("ceiling") if one in CEILING_RANGES])
    bounds = [(name, str(amount)) for name, amount in (("ceiling_from", least), ("ceiling_to", most)) if amount]
    plain = [one for one in posted.fields if one[0] != "ceiling"]
    fields = parse(SearchCreate, PostedForm([*plain, *bounds]))
    if isinstance(fields, FormState):
        return await _saved(request, work, FormState.posted(posted, fields.errors), status=422)
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
        one["url"] = address(one["search"], one["phases"], one)
        bounds = (Decimal(bound) if (bound := one[name]) else None for name in ("ceiling_from", "ceiling_to"))
        one["asks"] = [
            *(str(SOON[value]) for value in one["soon"]),
            *(str(KINDS[value]) for value in one["kinds"]),
            *(region_word(value) for value in one["regions"]),
            *one["fields"],
            *(str(CEILINGS[value]) for value in ceilings_within(*bounds)),
        ]
    choices = await choices_of_calls(rows, limit=500)

    def known(name: str, chosen: list[str]) -> list[str]:
        return list(dict.fromkeys([*choices[name], *chosen]))

    return service_of(request).pages.render(
        request,
        "bookmarks/list.html",
        status=status,
        saved=found,
        form=state,
        phases=[(phase.value, str(word.label)) for phase, word in PHASES.items() if phase not in BEFORE_RELEASE],
        more=[
            ("soon", _("Soon"), [(value, str(word)) for value, word in SOON.items()]),
            ("kind", _("Who may lead"), [(value.value, str(word)) for value, word in KINDS.items()]),
            ("region", _("Region"), [(value, region_word(value)) for value in known("regions", state.all("region"))]),
            ("field", _("Field"), [(value, value) for value in known("fields", state.all("field"))]),
            ("ceiling", _("Ceiling of one award"), [(value, str(word)) for value, word in CEILINGS.items()]),
        ],
        PHASES=PHASES,
        NEWS=NEWS,
    )
