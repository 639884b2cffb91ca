"""Disclosures for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.ip_registry.disclosures import actions, queries
from services.ip_registry.disclosures.rules import FILE, LABELS, READ, TRIAGE, Outcome, State
from services.ip_registry.disclosures.schemas import DisclosureCreate, TriageCreate
from services.ip_registry.projects.queries import projects_of
from shared.db.history import history
from shared.kernel.errors import Conflict, Problem, Stale
from shared.kernel.types import Role, SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord, label_word

pages = page_room("disclosures")

STATES = {
    State.FILED: StateWord(lazy("Waiting for triage"), "progress"),
    State.TRIAGED: StateWord(lazy("Triaged"), "success"),
}
OUTCOMES = {
    Outcome.PROTECT: (lazy("Protect"), lazy("An asset is registered and filed with an office.")),
    Outcome.KEEP_SECRET: (lazy("Keep secret"), lazy("An asset is registered as know-how; nothing is published.")),
    Outcome.PUBLISH: (lazy("Free to publish"), lazy("The inventors may publish; protection is given up.")),
    Outcome.RELEASE: (lazy("Release to the inventors"), lazy("The inventors may use it on their own account.")),
}


def _words() -> dict[str, Any]:
    return {
        "STATES": STATES,
        "OUTCOMES": OUTCOMES,
        "outcomes": [(o.value, str(word), str(next_)) for o, (word, next_) in OUTCOMES.items()],
    }


@pages.get("/disclosures", allow=READ)
async def disclosure_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Invention")),
            Column("organisation", _("Organisation")),
            Column("filed", _("Filed")),
            Column("state", _("State")),
        ],
        facets=[Facet("state", _("State"), [Option(state.value, str(word.label)) for state, word in STATES.items()])],
        default_sort="-filed",
    )
    states = list(view.chosen("state"))
    page = await queries.disclosures(read, search=view.q, states=states, cursor=view.cursor, limit=25)
    total = await queries.count_disclosures(read, search=view.q, states=states)
    return service_of(request).pages.render(
        request,
        "disclosures/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_file=FILE.allows(read.actor),
        **_words(),
    )


@pages.get("/disclosures/new", allow=FILE)
async def new_disclosure(request: Request, read: ReadDep, project: UUID | None = None) -> Response:
    return await _form(request, read, FormState.of({"project_id": project, "label": SecurityLabel.INTERNAL}))


@pages.post("/disclosures/new", allow=FILE)
async def file_disclosure(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(DisclosureCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        disclosure = await actions.file_disclosure(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/ip/disclosures/{disclosure.id}", notice=_("The invention is disclosed; the IP office is told."))


@pages.get("/disclosures/{disclosure_id}", allow=READ)
async def disclosure_detail(request: Request, read: ReadDep, disclosure_id: UUID) -> Response:
    return await _detail(request, read, disclosure_id)


@pages.post("/disclosures/{disclosure_id}/triage", allow=TRIAGE)
async def triage_disclosure(request: Request, work: WorkDep, disclosure_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(TriageCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, disclosure_id, triage=fields, status=422)
    try:
        await actions.triage_disclosure(work, disclosure_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        return await _stale(request, work, disclosure_id, fields, stale)
    except Conflict as conflict:
        await work.rollback()
        return await _detail(request, work, disclosure_id, refused=conflict, status=conflict.status)
    return redirect(f"/ip/disclosures/{disclosure_id}", notice=_("The disclosure is triaged."))


async def _form(request: Request, rows: ReadDep | WorkDep, state: FormState, status: int = 200) -> Response:
    actor = rows.actor
    found = await projects_of(rows, actor.organisations(Role.APPLICANT, Role.REPRESENTATIVE))
    return service_of(request).pages.render(
        request,
        "disclosures/form.html",
        status=status,
        form=state,
        projects=[(str(row["id"]), row["title"]) for row in found],
        labels=[(label.value, label_word(label)) for label in LABELS if label.readable_with(actor.clearance)],
        organisation=actor.organisation_name(actor.organisation(Role.APPLICANT, Role.REPRESENTATIVE)),
        **_words(),
    )


async def _stale(request: Request, rows: WorkDep, disclosure_id: UUID, mine: TriageCreate, stale: Stale) -> Response:
    """Both decisions side by side. A triage is the only change there is, so the stored one stands."""
    row = await queries.disclosure(rows, disclosure_id)
    page = stale_page(
        PostedForm([("outcome", str(OUTCOMES[mine.outcome][0])), ("reason", mine.reason)]),
        {"outcome": str(OUTCOMES[row["outcome"]][0]) if row["outcome"] else "", "reason": row["reason"]},
        {"outcome": _("What becomes of it"), "reason": _("Reason")},
        version=stale.extra["current_version"],
        view_url=f"/ip/disclosures/{disclosure_id}",
        action_url=f"/ip/disclosures/{disclosure_id}/triage",
        closed=_("It has been decided already. File a new disclosure if there is something new."),
    )
    return service_of(request).pages.stale(request, page)


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    disclosure_id: UUID,
    *,
    triage: FormState | None = None,
    refused: Conflict | None = None,
    status: int = 200,
) -> Response:
    disclosure = await queries.disclosure(rows, disclosure_id)
    project = disclosure["project_id"]
    asking = service_of(request).beside.get("disclosure")
    registered = await asking(rows, disclosure_id) if asking else []
    registrable = disclosure["outcome"] in ("protect", "keep_secret") and TRIAGE.allows(rows.actor)
    link = thing_url("project", project, rows.actor) if project else ""
    chain = [(thing_word("project"), disclosure["project_title"], link, False)] if project else []
    return service_of(request).pages.render(
        request,
        "disclosures/detail.html",
        status=status,
        disclosure=disclosure,
        chain=[*chain, (thing_word("disclosure"), disclosure["title"], "", True)],
        whole_chain=chain_url("disclosure", disclosure_id),
        history=entries(await history(rows, disclosure_id)),
        may_triage=disclosure["state"] == State.FILED and TRIAGE.allows(rows.actor),
        registered=registered,
        may_register=registrable and not registered,
        may_register_more=registrable and bool(registered),
        triage=triage or FormState(version=disclosure["version"]),
        refused=refused,
        **_words(),
    )
