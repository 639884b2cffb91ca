"""Progress reports for programs."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response

from services.project_management.delivery.queries import project
from services.project_management.forms.desk import SCHEMA, lay_api
from services.project_management.receipts.queries import paper
from services.project_management.receipts.sending import PDF, paper_answer
from services.project_management.reports import actions, queries
from services.project_management.reports.rules import JUDGE, PLAN, PLAN_READ, READ, SUBMIT, WRITE
from services.project_management.reports.schemas import (
    AnswerFileCreate,
    AnswerFileRemoval,
    AnswersUpdate,
    ReportAcceptanceCreate,
    ReportExplanationCreate,
    ReportLiftCreate,
    ReportList,
    ReportPlanRead,
    ReportPlanUpdate,
    ReportRead,
    ReportReturnCreate,
    ReportTemplateCopy,
)
from services.project_management.reports.words import both_papers
from shared.db.work import Rows, Work
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag

api = api_room("reports")
SectionKey = Annotated[str, Path(max_length=60)]


async def _report(rows: Rows, report_id: UUID, response: Response, version: int | None = None) -> Any:
    found = await queries.written(rows, report_id)
    response.headers["ETag"] = etag(version if version is not None else found.report["version"])
    sheets = []
    for section in found.form.sections:
        sheet, part_of = found.sheets.get(section.key), found.writers.get(section.key)
        sheets.append(
            {
                "section": section.key,
                "version": sheet.version if sheet else 0,
                "saved_by": sheet.saved_by if sheet else None,
                "saved_at": sheet.saved_at if sheet else None,
                "organisation_id": part_of,
            }
        )
    return {
        **found.report,
        "answers": found.answers,
        "filled_in": sorted(found.filled_in),
        "faults": [
            {"question": one.key, "path": list(one.path), "detail": one.sentence} for one in found.progress.faults
        ],
        "sheets": sheets if found.live else [],
    }


async def _after(work: Work, report_id: UUID, response: Response, version: int | None = None) -> Any:
    await work.flush()
    return await _report(work, report_id, response, version)


@api.get("/calls/{call_id}/reporting", allow=PLAN_READ, response_model=ReportPlanRead)
async def get_plan(read: ReadDep, call_id: UUID, response: Response) -> Any:
    """Which progress reports the projects of a call owe, and what they ask."""
    row = await queries.plan(read, call_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.put("/calls/{call_id}/reporting", allow=PLAN, response_model=ReportPlanRead)
async def set_plan(
    work: WorkDep, call_id: UUID, fields: ReportPlanUpdate, version: IfMatchDep, response: Response
) -> Any:
    """Reports that are open keep what they were opened with. If-Match "0" before it is said for the first time."""
    plan = await actions.set_plan(work, call_id, fields, version)
    await work.flush()
    response.headers["ETag"] = etag(plan.version)
    return await queries.plan(work, call_id)


async def _template(rows: Rows, call_id: UUID, version: int | None = None) -> Response:
    row = await queries.plan(rows, call_id)
    return Json(row["form"], media_type="application/schema+json", headers={"ETag": etag(version or row["version"])})


@api.get("/calls/{call_id}/reporting/template", allow=PLAN_READ, responses=SCHEMA)
async def get_template(read: ReadDep, call_id: UUID) -> Response:
    """What the reports of the call's projects ask, as JSON Schema 2020-12."""
    return await _template(read, call_id)


@api.post("/calls/{call_id}/reporting/template/copy", allow=PLAN, responses=SCHEMA)
async def copy_template(work: WorkDep, call_id: UUID, fields: ReportTemplateCopy, version: IfMatchDep) -> Response:
    """Ask what the template that comes along asks, or that of another call."""
    return await _template(work, call_id, await actions.take_template(work, call_id, fields, version))


lay_api(api, "/calls/{call_id}/reporting/template", PLAN, actions.change_template, _template)


@api.get("/projects/{project_id}/reports", allow=READ, response_model=ReportList)
async def list_reports(read: ReadDep, project_id: UUID) -> Any:
    await project(read, project_id)
    return {"items": await queries.reports(read, project_id)}


@api.get("/reports/{report_id}", allow=READ, response_model=ReportRead)
async def get_report(read: ReadDep, report_id: UUID, response: Response) -> Any:
    """What is written so far for whoever writes it, with everything that is missing; else as it was handed in."""
    return await _report(read, report_id, response)


@api.get(
    "/reports/{report_id}/paper",
    allow=READ,
    responses=PDF,
)
async def get_paper(request: Request, read: ReadDep, report_id: UUID) -> Response:
    """The report as it was handed in last, as PDF in both languages; its number is the receipt, its last line the
    seal."""
    await queries.report(read, report_id)
    issued = await paper(read, "report", report_id)
    if issued is None:
        raise NotFound(N_("This report was not handed in yet."))
    content = json.loads(issued["content"])
    return await paper_answer(
        request, lambda platform, key: both_papers(issued, content, platform, key), issued["number"]
    )


@api.put("/reports/{report_id}/sections/{section}", allow=WRITE, response_model=ReportRead)
async def save_section(
    work: WorkDep,
    report_id: UUID,
    section: SectionKey,
    fields: AnswersUpdate,
    version: IfMatchDep,
    response: Response,
) -> Any:
    """Save a section as far as it is written. If-Match names the section's own version, "0" before the first save."""
    saved = await actions.save_section(work, report_id, section, fields.answers, version)
    return await _after(work, report_id, response, saved)


@api.post("/reports/{report_id}/sections/{section}/refill", allow=WRITE, response_model=ReportRead)
async def refill_section(work: WorkDep, report_id: UUID, section: SectionKey, response: Response) -> Any:
    """Take what the platform knows again; the rest of the section stays."""
    await actions.refill_section(work, report_id, section)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/documents", allow=WRITE, response_model=ReportRead)
async def attach_file(work: WorkDep, report_id: UUID, fields: AnswerFileCreate, response: Response) -> Any:
    await actions.attach_file(work, report_id, fields.question, fields.document_id)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/removals", allow=WRITE, response_model=ReportRead)
async def remove_file(work: WorkDep, report_id: UUID, fields: AnswerFileRemoval, response: Response) -> Any:
    await actions.remove_file(work, report_id, fields.question, fields.file)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/beginning", allow=SUBMIT, response_model=ReportRead)
async def begin_report(work: WorkDep, report_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """Open a planned report before its time."""
    await actions.begin_report(work, report_id, version)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/submission", allow=SUBMIT, response_model=ReportRead)
async def submit_report(work: WorkDep, report_id: UUID, version: IfMatchDep, response: Response) -> Any:
    await actions.submit_report(work, report_id, version)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/explanation", allow=SUBMIT, response_model=ReportRead)
async def explain_delay(
    work: WorkDep, report_id: UUID, fields: ReportExplanationCreate, version: IfMatchDep, response: Response
) -> Any:
    """Say why it is late; the responses to the delay stay."""
    await actions.explain_delay(work, report_id, fields.text, version)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/acceptance", allow=JUDGE, response_model=ReportRead)
async def accept_report(
    work: WorkDep, report_id: UUID, fields: ReportAcceptanceCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.accept_report(work, report_id, fields.note, version)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/return", allow=JUDGE, response_model=ReportRead)
async def return_report(
    work: WorkDep, report_id: UUID, fields: ReportReturnCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.return_report(work, report_id, fields.reason, fields.due_on, version)
    return await _after(work, report_id, response)


@api.post("/reports/{report_id}/waiver", allow=JUDGE, response_model=ReportRead)
async def lift_report(
    work: WorkDep, report_id: UUID, fields: ReportLiftCreate, version: IfMatchDep, response: Response
) -> Any:
    """Ask for it no more."""
    await actions.lift_report(work, report_id, fields.reason, version)
    return await _after(work, report_id, response)
