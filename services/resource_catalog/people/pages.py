"""People for people."""

from uuid import UUID

from fastapi import Request, Response

from services.resource_catalog.people import actions, queries
from services.resource_catalog.people.rules import MAX_REVIEW_CAP, READ, REGISTER, VOUCH
from services.resource_catalog.people.schemas import AffiliationCreate, PersonCreate
from shared.db.history import history
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import Role
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import N_, _
from shared.web.links import chain_url
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect

pages = page_room("people")
FIELD_ROWS = 3
SAID = (
    N_("An ORCID iD has 16 characters, such as 0000-0002-1825-0097."),
    N_("The check character of the ORCID iD does not fit: copy it again."),
    N_("Say how many reviews a call the expert takes at most: 1 or more."),
    N_("Only an expert has a cap of reviews: tick expert, or leave the cap empty."),
    N_("Only the coordination office enters this. Leave it out and ask them."),
    N_("Somebody with this ORCID iD is in the catalogue already. Look them up in the list."),
    N_("Somebody with this sign-in name is in the catalogue already. Look them up in the list."),
    N_("The person works there already. Choose another organisation."),
    N_("There is no such organisation. Choose one from the list."),
    N_("Enter the change when it has happened, not before."),
    N_("The new affiliation cannot begin before the present one did."),
    N_("Another organisation is concerned too. Ask the coordination office to enter the change."),
)
"""What the rules of people say, here so that the catalogue of translations knows it."""


@pages.get("/people", allow=READ)
async def person_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("name", _("Person")),
            Column("organisation", _("Organisation")),
            Column("fields", _("Fields of work")),
            Column("expert", _("Expert")),
        ],
        facets=[Facet("expert", _("Expert"), [Option("yes", _("Yes")), Option("no", _("No"))])],
        default_sort="name",
        keep=["organisation"],
    )
    chosen = view.chosen("expert")
    expert = chosen[0] == "yes" if len(chosen) == 1 else None
    organisation_id = _uuid(view.extra.get("organisation", ""))
    page = await queries.people(
        read, search=view.q, expert=expert, organisation_id=organisation_id, cursor=view.cursor, limit=25
    )
    total = await queries.count_people(read, search=view.q, expert=expert, organisation_id=organisation_id)
    return service_of(request).pages.render(
        request,
        "people/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        organisation=await queries.organisation_ref(read, organisation_id),
        may_register=REGISTER.allows(read.actor, owners=read.actor.organisations(Role.REPRESENTATIVE)),
    )


@pages.get("/people/new", allow=REGISTER)
async def new_person(request: Request, read: ReadDep) -> Response:
    organisation = read.actor.organisation(Role.REPRESENTATIVE)
    state = FormState.of({"organisation_id": organisation}) if organisation else FormState()
    return await _form(request, read, state)


@pages.post("/people/new", allow=REGISTER)
async def register_person(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(PersonCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        person = await actions.register_person(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/catalog/people/{person.id}", notice=_("The person is in the catalogue."))


@pages.get("/people/{person_id}", allow=READ)
async def person_detail(request: Request, read: ReadDep, person_id: UUID) -> Response:
    return await _detail(request, read, person_id)


@pages.post("/people/{person_id}/affiliation", allow=REGISTER)
async def change_affiliation(request: Request, work: WorkDep, person_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AffiliationCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, person_id, affiliation=fields, status=422)
    try:
        await actions.change_affiliation(work, person_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        current = await queries.person(work, person_id)
        present = current["affiliations"][0] if current["affiliations"] else {}
        page = stale_page(
            posted,
            {"organisation_id": current["organisation_id"], "since": present.get("since")},
            {"organisation_id": _("Organisation"), "since": _("Since")},
            version=stale.extra["current_version"],
            view_url=f"/catalog/people/{person_id}",
            action_url=f"/catalog/people/{person_id}/affiliation",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, person_id, affiliation=state, status=problem.status)
    return redirect(f"/catalog/people/{person_id}", notice=_("The affiliation is changed."))


async def _form(request: Request, rows: ReadDep | WorkDep, state: FormState, status: int = 200) -> Response:
    vouches = VOUCH.allows(rows.actor)
    only = None if vouches else list(rows.actor.organisations(Role.REPRESENTATIVE))
    return service_of(request).pages.render(
        request,
        "people/form.html",
        status=status,
        form=state,
        vouches=vouches,
        organisations=await queries.choices(rows, only),
        field_rows=max(FIELD_ROWS, len(state.all("fields")) + 1),
        max_cap=MAX_REVIEW_CAP,
    )


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    person_id: UUID,
    *,
    affiliation: FormState | None = None,
    status: int = 200,
) -> Response:
    person = await queries.person(rows, person_id)
    owners = {person["organisation_id"]} if person["organisation_id"] else set()
    vouches = VOUCH.allows(rows.actor)
    return service_of(request).pages.render(
        request,
        "people/detail.html",
        status=status,
        person=person,
        history=entries(await history(rows, person_id)),
        may_move=vouches or REGISTER.allows(rows.actor, owners=owners),
        organisations=await queries.choices(
            rows, None if vouches else list(rows.actor.organisations(Role.REPRESENTATIVE))
        ),
        affiliation=affiliation or FormState(version=person["version"]),
        chain=chain_url("person", person_id),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None  # an old or mistyped bookmark shows the whole list
