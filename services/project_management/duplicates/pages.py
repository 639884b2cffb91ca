"""The duplicate check for people: evidence side by side, then the decision of a named person."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications.queries import application, office_of
from services.project_management.duplicates import actions, queries
from services.project_management.duplicates.rules import EXPLAIN, JUDGE, READ
from services.project_management.duplicates.schemas import ExplanationCreate, VerdictCreate
from services.project_management.duplicates.words import KINDS, STATES, VERDICTS
from shared.db.work import Rows
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import read_form
from shared.web.i18n import _
from shared.web.links import thing_url
from shared.web.pages import redirect

pages = page_room("duplicates")


@pages.get("/applications/{application_id}/duplicates", allow=READ)
async def duplicates_page(request: Request, read: ReadDep, application_id: UUID) -> Response:
    return await _page(request, read, application_id)


@pages.post("/applications/{application_id}/duplicates", allow=JUDGE)
async def run_check(request: Request, work: WorkDep, application_id: UUID) -> Response:
    await read_form(request)
    await actions.run_check(work, application_id)
    return redirect(_here(application_id), notice=_("It was checked again just now."))


@pages.post("/applications/{application_id}/verdict", allow=JUDGE)
async def judge_check(request: Request, work: WorkDep, application_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "verdict",
        VerdictCreate,
        lambda fields, version: actions.judge_check(work, application_id, fields, version),
        lambda refused: _page(request, work, application_id, refused),
        (_here(application_id), _("The decision is recorded.")),
    )


@pages.post("/applications/{application_id}/explanation", allow=EXPLAIN)
async def explain_overlap(request: Request, work: WorkDep, application_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "explanation",
        ExplanationCreate,
        lambda fields, version: actions.explain_overlap(work, application_id, fields.explanation, version),
        lambda refused: _page(request, work, application_id, refused),
        (_here(application_id), _("The programme office reads your explanation.")),
    )


def _here(application_id: UUID) -> str:
    return f"/projects/applications/{application_id}/duplicates"


async def _page(request: Request, rows: Rows, application_id: UUID, refused: Refused | None = None) -> Response:
    check = await queries.check(rows, application_id)
    found = await application(rows, application_id)
    parties = {found["lead_id"], *(partner["id"] for partner in found["partners"])}
    in_charge = JUDGE.in_charge(rows.actor, await office_of(rows, application_id), parties)
    for one in check["findings"]:
        kind = one["kind"].replace("_", "-")
        one["url"] = (
            f"/projects/earlier-projects/{one['id']}"
            if kind == "earlier-project"
            else thing_url(one["kind"], one["id"], rows.actor)
        )
    office, version = check["office"], check["version"]
    explains = check["question"] and not check["explanation"]
    return service_of(request).pages.render(
        request,
        "duplicates/detail.html",
        status=refused.status if refused else 200,
        refused=refused,
        application=found,
        check=check,
        may_judge=in_charge and office is not None,
        may_run=in_charge and found["submitted_at"] is not None,
        may_explain=explains and EXPLAIN.allows(rows.actor, owners={found["lead_id"]}),
        answers=Answers(refused, version),
        STATES=STATES,
        VERDICTS=VERDICTS,
        KINDS=KINDS,
    )
