"""The budget of an application, written by everybody who takes part in it."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications.consents import consenting
from services.project_management.applications.words import saved as said_saved
from services.project_management.applications.words import told
from services.project_management.cost_plans import actions, queries, words
from services.project_management.cost_plans.rules import READ, WRITE
from services.project_management.costs.words import CATEGORIES
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import NotFound, Problem, Stale
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, read_form, stale_page
from shared.web.i18n import _
from shared.web.pages import redirect

pages = page_room("cost_plans")


@pages.get("/applications/{application_id}/budget", allow=READ)
async def overview(request: Request, read: ReadDep, application_id: UUID) -> Response:
    """Clause by clause, organisation by organisation, and category by year."""
    found = await queries.plan(read, application_id)
    return service_of(request).pages.render(
        request,
        "cost_plans/overview.html",
        plan=found,
        application=found.application,
        clauses=[words.on_the_page(one).clause(told) for one in found.findings] if found.live else [],
        savers=await names(read, [one.saved_by for one in found.parts if one.saved_by]),
        table=words.by_category(found),
        years=[words.year_word(str(n)) for n in range(1, found.terms["years"] + 1)],
        w=words,
    )


@pages.get("/applications/{application_id}/budget/{organisation_id}", allow=WRITE)
async def lines_form(request: Request, read: ReadDep, application_id: UUID, organisation_id: UUID) -> Response:
    found, part = await _part(read, application_id, organisation_id)
    errors = words.errors_of(part.lines, found.terms) if request.query_params.get("check") else {}
    return _page(request, found, part, FormState(words.typed(part.lines), errors, part.version))


@pages.post("/applications/{application_id}/budget/{organisation_id}/edit", allow=WRITE)
async def save_lines(
    request: Request, read: ReadDep, work: WorkDep, application_id: UUID, organisation_id: UUID
) -> Response:
    """Save the lines; with `draft` it is the form saving itself, which wants the new version and no page."""
    posted = await read_form(request)
    before = await consenting(read, application_id)
    try:
        saved = await actions.save_lines(work, application_id, organisation_id, words.lines_of(posted), posted.version)
    except Problem as problem:
        await work.rollback()
        found, part = await _part(read, application_id, organisation_id)
        if isinstance(problem, Stale):
            return _stale(request, found, part, posted, problem.extra["current_version"])
        return _page(request, found, part, FormState.refused(posted, problem), status=problem.status)
    if posted.wants_draft:
        return Response(status_code=204, headers={"X-Version": str(saved)})
    root = f"/projects/applications/{application_id}/budget"
    found, part = await _part(work, application_id, organisation_id)
    if words.errors_of(part.lines, found.terms):
        notice = _("Saved. Some entries need correcting before you submit.")
        notice = said_saved(notice, before, await consenting(work, application_id))
        return redirect(f"{root}/{organisation_id}?check=1", notice=notice, tone="warning")
    notice = said_saved(_("The budget is saved."), before, await consenting(work, application_id))
    return redirect(root, notice=notice)


async def _part(rows: Rows, application_id: UUID, organisation_id: UUID) -> tuple[queries.Plan, queries.Part]:
    found = await queries.plan(rows, application_id)
    part = found.part(organisation_id)
    if not (found.live and part.may_write):
        raise NotFound(N_("You do not write this part of the budget now."))
    return found, part


def _stale(request: Request, found: queries.Plan, part: queries.Part, posted: PostedForm, version: int) -> Response:
    root = f"/projects/applications/{found.application['id']}/budget/{part.id}"
    rows = max(len(part.lines), len(words.lines_of(posted)))
    labels = {f"{words.ROWS}-{n}": _("Row %(n)s", n=n + 1) for n in range(rows)}
    page = stale_page(
        posted,
        {words.ROWS: part.lines},
        labels,
        version=version,
        view_url=root,
        action_url=f"{root}/edit",
        words={one.value: str(word) for one, word in CATEGORIES.items()},
    )
    return service_of(request).pages.stale(request, page)


def _page(
    request: Request, found: queries.Plan, part: queries.Part, state: FormState, *, status: int = 200
) -> Response:
    return service_of(request).pages.render(
        request,
        "cost_plans/part.html",
        status=status,
        plan=found,
        part=part,
        application=found.application,
        form=state,
        categories=[(one, words.category_word(one)) for one in found.terms["categories"]],
        years=[(str(n), words.year_word(str(n))) for n in range(1, found.terms["years"] + 1)],
    )
