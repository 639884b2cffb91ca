"""Organisations for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.resource_catalog.organisations import actions, queries
from services.resource_catalog.organisations.rules import ADMIT, READ, REGISTER, Kind, State
from services.resource_catalog.organisations.schemas import (
    AdmissionCreate,
    OrganisationCorrection,
    OrganisationCreate,
    SuspensionCreate,
)
from shared.db.history import history
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import Sector
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import N_, Lazy, _, lazy
from shared.web.links import chain_url
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord, sector_word

pages = page_room("organisations")

STATES = {
    State.REGISTERED: StateWord(lazy("Registered"), "neutral"),
    State.ADMITTED: StateWord(lazy("Admitted"), "success"),
    State.SUSPENDED: StateWord(lazy("Suspended"), "danger"),
}
KINDS = {
    Kind.INSTITUTE: lazy("Institute"),
    Kind.UNIVERSITY: lazy("University"),
    Kind.COMPANY: lazy("Company"),
    Kind.DEPARTMENT: lazy("Government department"),
    Kind.BANK: lazy("Bank"),
    Kind.FUND: lazy("Fund"),
    Kind.INSURER: lazy("Insurer"),
    Kind.GUARANTOR: lazy("Guarantee company"),
    Kind.OFFICE: lazy("Office"),
}

ENTRIES: dict[str, Lazy] = {
    "name": lazy("Name"),
    "name_zh": lazy("Name in Chinese"),
    "credit_code": lazy("Unified social credit code"),
    "kind": lazy("Kind"),
    "sector": lazy("Sector"),
    "region": lazy("Region"),
}
SAID = (
    N_("An organisation with this credit code is registered already. Look it up in the list."),
    N_("The check character does not fit: compare it with the licence, letter by letter."),
    N_("The admission must end in the future."),
    N_("An admission lasts at most five years."),
)
"""What the rules of organisations say, here so that the catalogue of translations knows it."""


def _words() -> dict[str, Any]:
    return {
        "STATES": STATES,
        "KINDS": KINDS,
        "kinds": [(kind.value, str(word)) for kind, word in KINDS.items()],
        "sectors": [(sector.value, sector_word(sector)) for sector in Sector],
    }


@pages.get("/organisations", allow=READ)
async def organisation_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("name", _("Organisation")),
            Column("kind", _("Kind")),
            Column("region", _("Region")),
            Column("state", _("State")),
        ],
        facets=[Facet("state", _("State"), [Option(state.value, str(word.label)) for state, word in STATES.items()])],
        default_sort="name",
    )
    states = list(view.chosen("state"))
    page = await queries.organisations(read, search=view.q, states=states, cursor=view.cursor, limit=25)
    total = await queries.count_organisations(read, search=view.q, states=states)
    return service_of(request).pages.render(
        request,
        "organisations/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_register=REGISTER.allows(read.actor),
        **_words(),
    )


@pages.get("/organisations/new", allow=REGISTER)
async def new_organisation(request: Request) -> Response:
    return _form(request, FormState())


@pages.post("/organisations/new", allow=REGISTER)
async def register_organisation(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(OrganisationCreate, posted)
    if isinstance(fields, FormState):
        return _form(request, fields, status=422)
    try:
        organisation = await actions.register_organisation(work, fields)
    except Problem as problem:
        await work.rollback()
        return _form(request, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/catalog/organisations/{organisation.id}", notice=_("The organisation is registered."))


@pages.get("/organisations/{organisation_id}", allow=READ)
async def organisation_detail(request: Request, read: ReadDep, organisation_id: UUID) -> Response:
    return await _detail(request, read, organisation_id)


@pages.get("/organisations/{organisation_id}/edit", allow=REGISTER)
async def correction_form(request: Request, read: ReadDep, organisation_id: UUID) -> Response:
    row = await queries.organisation(read, organisation_id)
    if row["source"]:
        return redirect(
            f"/catalog/organisations/{organisation_id}",
            notice=_("It comes from an imported list, and the next import would undo a change. Correct the list."),
            tone="warning",
        )
    return _form(request, FormState.of(_entries(row), version=row["version"]), organisation=row)


@pages.post("/organisations/{organisation_id}/edit", allow=REGISTER)
async def correct_organisation(request: Request, work: WorkDep, organisation_id: UUID) -> Response:
    posted = await read_form(request)
    row = await queries.organisation(work, organisation_id)
    fields = parse(OrganisationCorrection, posted)
    if isinstance(fields, FormState):
        return _form(request, fields, status=422, organisation=row)
    try:
        await actions.correct_organisation(work, organisation_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        page = stale_page(
            posted,
            _entries(row),
            ENTRIES,
            version=stale.extra["current_version"],
            view_url=f"/catalog/organisations/{organisation_id}",
            action_url=f"/catalog/organisations/{organisation_id}/edit",
            words={**{str(kind): word for kind, word in KINDS.items()}, **{s.value: sector_word(s) for s in Sector}},
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        return _form(request, FormState.refused(posted, problem), status=problem.status, organisation=row)
    return redirect(
        f"/catalog/organisations/{organisation_id}",
        notice=_("The correction is saved. Every service hears of it within seconds."),
    )


@pages.post("/organisations/{organisation_id}/admission", allow=ADMIT)
async def admit_organisation(request: Request, work: WorkDep, organisation_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AdmissionCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, organisation_id, admission=fields, status=422)
    try:
        await actions.admit_organisation(work, organisation_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        current = await queries.organisation(work, organisation_id)
        page = stale_page(
            posted,
            {"valid_until": current["admitted_until"], "reason": current["state_reason"]},
            {"valid_until": _("Admitted until"), "reason": _("Reason")},
            version=stale.extra["current_version"],
            view_url=f"/catalog/organisations/{organisation_id}",
            action_url=f"/catalog/organisations/{organisation_id}/admission",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, organisation_id, admission=state, status=problem.status)
    return redirect(f"/catalog/organisations/{organisation_id}", notice=_("The organisation is admitted."))


@pages.post("/organisations/{organisation_id}/suspension", allow=ADMIT)
async def suspend_organisation(request: Request, work: WorkDep, organisation_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(SuspensionCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, organisation_id, suspension=fields, status=422)
    try:
        await actions.suspend_organisation(work, organisation_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, organisation_id, suspension=state, status=problem.status)
    return redirect(f"/catalog/organisations/{organisation_id}", notice=_("The organisation is suspended."))


def _entries(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ENTRIES}


def _form(
    request: Request, state: FormState, status: int = 200, organisation: dict[str, Any] | None = None
) -> Response:
    """`organisation`: the one to be corrected; None for a new one."""
    return service_of(request).pages.render(
        request, "organisations/form.html", status=status, form=state, organisation=organisation, **_words()
    )


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    organisation_id: UUID,
    *,
    admission: FormState | None = None,
    suspension: FormState | None = None,
    status: int = 200,
) -> Response:
    organisation = await queries.organisation(rows, organisation_id)
    version = organisation["version"]
    return service_of(request).pages.render(
        request,
        "organisations/detail.html",
        status=status,
        organisation=organisation,
        history=entries(await history(rows, organisation_id)),
        people=await queries.people_of(rows, organisation_id),
        chain=chain_url("organisation", organisation_id),
        may_admit=ADMIT.allows(rows.actor),
        may_correct=REGISTER.allows(rows.actor) and not organisation["source"],
        admission=admission or FormState(version=version),
        suspension=suspension or FormState(version=version),
        **_words(),
    )
