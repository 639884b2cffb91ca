"""The people of an application, for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications.words import STATES as APPLICATION_STATES
from services.project_management.memberships import actions, queries
from services.project_management.memberships.rules import ANSWER, LIVE, MINE, NAME, READ
from services.project_management.memberships.schemas import DepartureCreate, TeamUpdate
from services.project_management.memberships.words import LABELS, ROLES
from services.project_management.teams.queries import mine
from services.project_management.teams.rules import Known, State
from services.project_management.teams.words import STATES, UNASKED
from shared.db.work import Rows
from shared.kernel.errors import Problem, Stale
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.i18n import _
from shared.web.pages import redirect

pages = page_room("memberships")


@pages.get("/applications/{application_id}/people", allow=READ)
async def people(request: Request, read: ReadDep, application_id: UUID) -> Response:
    found = await queries.people(read, application_id)
    return service_of(request).pages.render(
        request,
        "memberships/people.html",
        **found,
        may_name=_writing(found),
        STATES=STATES,
        UNASKED=UNASKED,
        ROLES=ROLES,
    )


@pages.get("/applications/{application_id}/people/edit", allow=NAME)
async def people_form(request: Request, read: ReadDep, application_id: UUID) -> Response:
    found = await queries.people(read, application_id)
    if not _writing(found):
        return redirect(
            f"/projects/applications/{application_id}/people",
            notice=_("People are named by the lead, while the application is a draft."),
            tone="warning",
        )
    return _form(request, found, FormState.of(_typed(found), version=found["application"]["version"]))


@pages.post("/applications/{application_id}/people/edit", allow=NAME)
async def name_people(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    found = await queries.people(work, application_id)
    fields = parse(TeamUpdate, posted)
    if isinstance(fields, FormState):
        return _form(request, found, fields, status=422)
    here = f"/projects/applications/{application_id}/people"
    key = service_of(request).settings.address_key.get_secret_value()
    try:
        await actions.name_people(work, application_id, fields, posted.version, key)
    except Stale as stale:
        await work.rollback()
        page = stale_page(
            posted,
            _typed(found),
            LABELS,
            version=stale.extra["current_version"],
            view_url=here,
            action_url=f"{here}/edit",
            words=dict([*_picked(found["choices"]), *_places(found)]),
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        return _form(request, found, FormState.refused(posted, problem), status=problem.status)
    return redirect(here, notice=_("The people are saved. Who signs in is told, and can agree or take the name off."))


@pages.get("/memberships", allow=MINE)
async def my_parts(request: Request, read: ReadDep) -> Response:
    return service_of(request).pages.render(
        request, "memberships/mine.html", parts=await mine(read), STATES=STATES, ROLES=ROLES
    )


@pages.get("/memberships/{member_id}", allow=ANSWER)
async def my_part(request: Request, read: ReadDep, member_id: UUID) -> Response:
    return await _part(request, read, member_id)


@pages.post("/memberships/{member_id}/agreement", allow=ANSWER)
async def agree(request: Request, work: WorkDep, member_id: UUID) -> Response:
    posted = await read_form(request)
    await actions.answer(work, member_id, None, posted.version)
    return redirect(f"/projects/memberships/{member_id}", notice=_("You agreed to be named."))


@pages.post("/memberships/{member_id}/departure", allow=ANSWER)
async def leave(request: Request, work: WorkDep, member_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(DepartureCreate, posted)
    if isinstance(fields, FormState):
        return await _part(request, work, member_id, fields, status=422)
    try:
        await actions.answer(work, member_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _part(request, work, member_id, FormState.refused(posted, problem), status=problem.status)
    return redirect(
        f"/projects/memberships/{member_id}", notice=_("Your name is taken off. The lead reads your reason.")
    )


async def _part(
    request: Request, rows: Rows, member_id: UUID, departure: FormState | None = None, *, status: int = 200
) -> Response:
    part = await queries.part(rows, member_id)
    live = part["application_state"] in LIVE
    return service_of(request).pages.render(
        request,
        "memberships/part.html",
        status=status,
        part=part,
        may_agree=live and part["state"] == State.NAMED,
        may_leave=live
        and part["state"] != State.LEFT
        and (part["role"] == "member" or part["application_state"] == "draft"),
        departure=departure or FormState(version=part["version"]),
        APPLICATION_STATES=APPLICATION_STATES,
        STATES=STATES,
        ROLES=ROLES,
    )


def _writing(found: dict[str, Any]) -> bool:
    return bool(found["leads"] and found["application"]["state"] == "draft")


def _typed(found: dict[str, Any]) -> dict[str, Any]:
    """The people as the form holds them."""
    present = [one for one in found["people"] if one["state"] != State.LEFT]
    leader = next((one for one in present if one["role"] == "leader"), None)
    members = [
        {
            "person": one["key"],
            "name": "" if one["key"] else one["name"],
            "contact": "" if one["key"] else one["contact"],
            "organisation_id": one["organisation_id"],
            "part": one["part"],
            "months": one["months"],
        }
        for one in present
        if one["role"] == "member"
    ]
    return {
        "leader": leader["key"] if leader else "",
        "leader_part": leader["part"] if leader else "",
        "leader_months": leader["months"] if leader else "",
        "members": members,
    }


def _picked(choices: list[Known]) -> list[tuple[str, str]]:
    return [(one.key, f"{one.name} {one.name_zh}".strip()) for one in choices]


def _places(found: dict[str, Any]) -> list[tuple[str, str]]:
    application = found["application"]
    lead = (str(application["lead_id"]), application["lead_name"])
    return [lead, *((str(one["id"]), one["name"]) for one in application["partners"])]


def _form(request: Request, found: dict[str, Any], state: FormState, *, status: int = 200) -> Response:
    lead = found["application"]["lead_id"]
    known = {one.key for one in found["choices"]}
    # Who was named before and works elsewhere now stays in the form, or saving would silently take them off.
    stay = [(one["key"], one["name"]) for one in found["people"] if one["key"] and one["key"] not in known]
    leaders = [one for one in found["choices"] if one.subject and one.organisation_id == lead]
    return service_of(request).pages.render(
        request,
        "memberships/form.html",
        status=status,
        form=state,
        application=found["application"],
        leaders=_picked(leaders),
        choices=[*_picked(found["choices"]), *stay],
        places=_places(found),
        LABELS=LABELS,
    )
