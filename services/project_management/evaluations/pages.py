"""Evaluations for people."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.delivery.queries import parties, project
from services.project_management.delivery.words import GRADES
from services.project_management.evaluations import actions, following, queries
from services.project_management.evaluations.rules import CRITERIA as WEIGHTS
from services.project_management.evaluations.rules import (
    JUDGED_BEFORE,
    OPEN,
    READ,
    REPORT,
    RUN,
    SHEET,
    FollowUpState,
    Kind,
    SheetState,
    State,
)
from services.project_management.evaluations.schemas import (
    EvaluationCreate,
    EvaluationDecisionCreate,
    EvaluationReasonCreate,
    FollowUpCreate,
    PanelCreate,
    ReportCreate,
    SheetCreate,
)
from services.project_management.evaluations.words import CRITERIA, FOLLOW_UPS, KINDS, REACHED, SHEETS, STATES
from services.project_management.indicators.rules import compared, wanted
from services.project_management.receipts.queries import paper
from shared.db.history import history
from shared.db.work import Rows
from shared.kernel.clock import local_day
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, Model, PostedForm
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_word
from shared.web.sentences import said

pages = page_room("evaluations")


@pages.get("/projects/{project_id}/evaluations", allow=READ)
async def evaluation_list(request: Request, read: ReadDep, project_id: UUID) -> Response:
    return await _list(request, read, project_id)


@pages.post("/projects/{project_id}/evaluations", allow=RUN)
async def open_evaluation(request: Request, work: WorkDep, project_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "opening",
        EvaluationCreate,
        lambda fields, _version: actions.open_evaluation(work, project_id, fields.kind),
        lambda refused: _list(request, work, project_id, refused),
        (f"/projects/projects/{project_id}/evaluations", _("The review is open. The lead is asked to report.")),
    )


@pages.post("/follow-ups/{follow_up_id}/answer", allow=REPORT)
async def answer_follow_up(request: Request, work: WorkDep, follow_up_id: UUID) -> Response:
    found = await work.row("SELECT project_id FROM follow_ups WHERE id = %(id)s", {"id": follow_up_id})
    project_id = found["project_id"] if found else follow_up_id  # of none there is, the action says so
    return await answer(
        request,
        work,
        str(follow_up_id),
        FollowUpCreate,
        lambda fields, version: following.answer_follow_up(work, follow_up_id, fields, version),
        lambda refused: _list(request, work, project_id, refused),
        (f"/projects/projects/{project_id}/evaluations", _("Thank you; it stands on the project's page.")),
    )


@pages.get("/evaluations/{evaluation_id}", allow=READ)
async def evaluation_detail(request: Request, read: ReadDep, evaluation_id: UUID) -> Response:
    return await _detail(request, read, evaluation_id)


@pages.post("/evaluations/{evaluation_id}/report", allow=REPORT)
async def report_evaluation(request: Request, work: WorkDep, evaluation_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        evaluation_id,
        "report",
        ReportCreate,
        lambda fields, version: actions.report_evaluation(work, evaluation_id, fields, version),
        _("The report is handed in. The programme office appoints a panel."),
    )


@pages.post("/evaluations/{evaluation_id}/return", allow=RUN)
async def return_report(request: Request, work: WorkDep, evaluation_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        evaluation_id,
        "return",
        EvaluationReasonCreate,
        lambda fields, version: actions.return_report(work, evaluation_id, fields.reason, version),
        _("The report is returned to the lead."),
    )


@pages.post("/evaluations/{evaluation_id}/panel", allow=RUN)
async def appoint_panel(request: Request, work: WorkDep, evaluation_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        evaluation_id,
        "panel",
        PanelCreate,
        lambda fields, version: actions.appoint_panel(work, evaluation_id, fields.expert_ids, version),
        _("The experts are asked."),
    )


@pages.post("/evaluations/{evaluation_id}/decision", allow=RUN)
async def decide_evaluation(request: Request, work: WorkDep, evaluation_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        evaluation_id,
        "decision",
        EvaluationDecisionCreate,
        lambda fields, version: actions.decide_evaluation(work, evaluation_id, fields, version),
        _("The evaluation is decided."),
    )


@pages.post("/evaluations/{evaluation_id}/reopening", allow=RUN)
async def reopen_evaluation(request: Request, work: WorkDep, evaluation_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        evaluation_id,
        "reopening",
        EvaluationReasonCreate,
        lambda fields, version: actions.reopen_evaluation(work, evaluation_id, fields.reason, version),
        _("It is opened again. Appoint a new panel."),
    )


@pages.post("/evaluations/{evaluation_id}/confirmation", allow=RUN)
async def let_stand(request: Request, work: WorkDep, evaluation_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        evaluation_id,
        "confirmation",
        EvaluationReasonCreate,
        lambda fields, version: actions.let_stand(work, evaluation_id, fields.reason, version),
        _("The decision before stands."),
    )


@pages.post("/evaluations/{evaluation_id}/cancellation", allow=RUN)
async def cancel_evaluation(request: Request, work: WorkDep, evaluation_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        evaluation_id,
        "cancellation",
        EvaluationReasonCreate,
        lambda fields, version: actions.cancel_evaluation(work, evaluation_id, fields.reason, version),
        _("The evaluation is called off."),
    )


@pages.get("/evaluation-sheets", allow=SHEET)
async def sheet_list(request: Request, read: ReadDep) -> Response:
    return service_of(request).pages.render(
        request, "evaluations/sheets.html", sheets=await queries.sheets_of_mine(read), STATES=SHEETS, KINDS=KINDS
    )


@pages.get("/evaluation-sheets/{sheet_id}", allow=SHEET)
async def sheet_detail(request: Request, read: ReadDep, sheet_id: UUID) -> Response:
    return await _sheet(request, read, sheet_id)


@pages.post("/evaluation-sheets/{sheet_id}/handing-in", allow=SHEET)
async def hand_in_sheet(request: Request, work: WorkDep, sheet_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "sheet",
        SheetCreate,
        lambda fields, version: actions.hand_in_sheet(work, sheet_id, fields, version),
        lambda refused: _sheet(request, work, sheet_id, refused),
        (f"/projects/evaluation-sheets/{sheet_id}", _("Your sheet is handed in. Thank you.")),
        _criteria_as_rows,
    )


@pages.post("/evaluation-sheets/{sheet_id}/decline", allow=SHEET)
async def decline_sheet(request: Request, work: WorkDep, sheet_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "decline",
        EvaluationReasonCreate,
        lambda fields, version: actions.decline_sheet(work, sheet_id, fields.reason, version),
        lambda refused: _sheet(request, work, sheet_id, refused),
        ("/projects/evaluation-sheets", _("The programme office looks for somebody else.")),
    )


def _criteria_as_rows(posted: PostedForm) -> PostedForm:
    """The page has one field a criterion, the schema a list."""
    given = [(name, value) for name, value in posted.fields if name not in WEIGHTS]
    for n, name in enumerate(one for one in WEIGHTS if (posted.get(one) or "").strip()):
        given += [(f"scores-{n}-criterion", name), (f"scores-{n}-score", posted.get(name) or "")]
    return PostedForm(given, posted.files)


async def _answer(
    request: Request,
    work: WorkDep,
    evaluation_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    notice: str,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _detail(request, work, evaluation_id, refused),
        (f"/projects/evaluations/{evaluation_id}", notice),
    )


async def _list(request: Request, rows: Rows, project_id: UUID, refused: Refused | None = None) -> Response:
    found = await project(rows, project_id)
    evaluations = await queries.evaluations_of(rows, project_id)
    open_one = any(State(one["state"]) in OPEN for one in evaluations)
    accepted = all(one["state"] == "accepted" for one in found["milestones"])
    ready = accepted or await queries.over(rows, project_id, local_day(rows.now))
    in_charge = RUN.in_charge(rows.actor, found["office_id"], parties(found))
    leads = REPORT.allows(rows.actor, owners={found["lead_id"]})
    follow_ups = await queries.follow_ups_of(rows, project_id)
    versions = {str(one["id"]): one["version"] for one in follow_ups}
    answers = {id: Answers(refused if refused and refused.name == id else None, versions[id])[id] for id in versions}
    return service_of(request).pages.render(
        request,
        "evaluations/list.html",
        status=refused.status if refused else 200,
        project=found,
        evaluations=evaluations,
        follow_ups=follow_ups,
        may_open=in_charge and found["state"] == "running" and not open_one,
        kinds=[(one.value, str(KINDS[one])) for one in Kind if one is Kind.MIDTERM or ready],
        may_answer=leads,
        refused=refused,
        opening=Answers(refused if refused and refused.name == "opening" else None)["opening"],
        answers=answers,
        ANSWERED=FollowUpState.ANSWERED,
        STATES=STATES,
        KINDS=KINDS,
        GRADES=GRADES,
        FOLLOW_UPS=FOLLOW_UPS,
    )


async def _detail(request: Request, rows: Rows, evaluation_id: UUID, refused: Refused | None = None) -> Response:
    row = await queries.evaluation(rows, evaluation_id)
    state = State(row["state"])
    runs = queries.sees_panel(row, rows)
    other_hand = rows.actor.subject not in row["deciders"]
    may_appoint = runs and state in (State.REPORTED, State.IN_REVIEW)
    answers = Answers(refused, row["version"])
    may_report = state is State.REPORTING and REPORT.allows(rows.actor, owners={row["lead_id"]})
    if may_report and not (refused and refused.name == "report"):
        told = {
            "report": row["report"],
            "indicators": [{"number": one["number"], "reached": one["reached"], "said": one["said"]}
                           for one in row["indicators"]],
            "values": [{"indicator": one["place"], "value": one["value"]}
                       for milestone in row["indicators"] for one in milestone.get("measures", [])],
            "outputs": [{"title": one["title"], "reference": one["reference"]}
                        for one in row["outputs"] if one["kind"] == "other"],
        }  # fmt: skip
        answers = Answers(Refused("report", FormState.of(told)), row["version"])
    return service_of(request).pages.render(
        request,
        "evaluations/detail.html",
        status=refused.status if refused else 200,
        evaluation=_compared(row),
        paper=await paper(rows, "evaluation", evaluation_id),
        may_report=may_report,
        may_return=runs and state is State.REPORTED and row["round"] == 1,
        may_appoint=may_appoint,
        may_decide=runs and state is State.JUDGED and other_hand,
        may_cancel=runs and state in OPEN and row["round"] == 1,
        may_excuse=runs and state in OPEN,
        may_let_stand=runs and state in OPEN and row["round"] > 1 and other_hand,
        may_reopen=runs and state is State.DECIDED and other_hand,
        own_hand=runs and not other_hand,
        candidates=await _candidates(rows, row) if may_appoint else [],
        measures=[
            (str(one["place"]), f"{milestone['number']}. {said(wanted(one))}")
            for milestone in row["indicators"]
            for one in milestone.get("measures", [])
        ],
        numbers=[(str(one["number"]), f"{one['number']}. {one['title']}") for one in row["indicators"]],
        refused=refused,
        answers=answers,
        grades=[(grade.value, str(word)) for grade, word in GRADES.items()],
        history=entries(await history(rows, evaluation_id)),
        chain=[
            (thing_word("project"), row["project_title"], f"/projects/projects/{row['project_id']}", False),
            (thing_word("evaluation"), str(KINDS[row["kind"]]), "", True),
        ],
        chain_url=chain_url("evaluation", evaluation_id),
        STATES=STATES,
        KINDS=KINDS,
        GRADES=GRADES,
        REACHED=REACHED,
        SHEETS=SHEETS,
        CRITERIA=CRITERIA,
    )


def _compared(row: dict[str, Any]) -> dict[str, Any]:
    """With what was promised as a number beside what was measured, in words."""
    for milestone in row["indicators"]:
        if milestone["reached"]:
            milestone["compared"] = [compared(one, one["value"]) for one in milestone.get("measures", [])]
        else:
            milestone["compared"] = [wanted(one) for one in milestone.get("measures", [])]
    return row


async def _candidates(rows: Rows, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Experts to choose from, with the reason where one may not judge; who was asked is left out."""
    found = await project(rows, row["project_id"])
    asked = {one["expert_id"] for one in row["panel"]}
    judged = await queries.judged_before(rows, row["id"], row["round"])
    people = await queries.candidates_for(rows, found)
    return [one | {"reason": JUDGED_BEFORE} if one["id"] in judged else one for one in people if one["id"] not in asked]


def _at_criteria(form: FormState) -> None:
    """What is wrong with the scores, each at its criterion's field: the schema knows them by their place in a list."""
    given = [name for name in WEIGHTS if form.value(name).strip()]
    for n, name in enumerate(given):
        if texts := form.errors.pop(f"scores-{n}-score", []):
            form.with_errors({name: texts})
    if blank := [name for name in WEIGHTS if name not in given]:
        form.errors.pop("scores", None)
        form.with_errors({name: [_("Give a score from 0 to 10.")] for name in blank})


async def _sheet(request: Request, rows: Rows, sheet_id: UUID, refused: Refused | None = None) -> Response:
    row = await queries.sheet(rows, sheet_id)
    if refused and refused.name == "sheet" and not (refused.problem and not refused.problem.errors):
        _at_criteria(refused.form)
    return service_of(request).pages.render(
        request,
        "evaluations/sheet.html",
        status=refused.status if refused else 200,
        sheet=_compared(row),
        writing=row["state"] == SheetState.ASKED.value,
        criteria=[(name, str(CRITERIA[name]), weight) for name, weight in WEIGHTS.items()],
        refused=refused,
        answers=Answers(refused, row["version"]),
        STATES=SHEETS,
        KINDS=KINDS,
        REACHED=REACHED,
    )
