"""Panel meetings, for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.assignments.queries import call_for_office
from services.project_management.awards.queries import ranking
from services.project_management.awards.words import OUTCOMES
from services.project_management.panels import actions, queries, rules
from services.project_management.panels.rules import READ, RUN, SIT, State
from services.project_management.panels.schemas import (
    PanelCreate,
    PanelReasonCreate,
    RecommendationCreate,
    RecusalCreate,
)
from services.project_management.panels.words import RECOMMENDATIONS, STATES
from services.project_management.receipts.queries import paper
from shared.db.history import history
from shared.db.work import Rows
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.pages import redirect

pages = page_room("panels")


@pages.get("/panels", allow=READ)
async def panel_list(request: Request, read: ReadDep) -> Response:
    return service_of(request).pages.render(
        request, "panels/list.html", panels=await queries.panels(read), STATES=STATES, State=State
    )


@pages.get("/calls/{call_id}/panel", allow=RUN)
async def panel_form(request: Request, read: ReadDep, call_id: UUID, another: bool = False) -> Response:
    call = await call_for_office(read, call_id)
    RUN.require(read.actor, office=call["organisation_id"], thing="call")
    found = await queries.of_call(read, call_id)
    if found and not (another and found["state"] == State.CLOSED.value):
        return redirect(f"/projects/panels/{found['id']}")
    return await _form(request, read, call_id, call)


@pages.post("/calls/{call_id}/panel", allow=RUN)
async def convene_panel(request: Request, work: WorkDep, call_id: UUID) -> Response:
    call = await call_for_office(work, call_id)
    return await answer(
        request,
        work,
        "panel",
        PanelCreate,
        lambda fields, _version: actions.convene_panel(work, call_id, fields),
        lambda refused: _form(request, work, call_id, call, refused),
        (f"/projects/calls/{call_id}/panel", _("The panel is convened. Each member is asked.")),
    )


@pages.get("/panels/{panel_id}", allow=READ)
async def panel_detail(request: Request, read: ReadDep, panel_id: UUID) -> Response:
    return await _detail(request, read, panel_id)


@pages.post("/panels/{panel_id}/opening", allow=SIT)
async def open_meeting(request: Request, work: WorkDep, panel_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "opening",
        Pressed,
        lambda _pressed, version: actions.open_meeting(work, panel_id, version),
        lambda refused: _detail(request, work, panel_id, refused),
        (f"/projects/panels/{panel_id}", _("The meeting is open.")),
    )


@pages.post("/panels/{panel_id}/recusals", allow=SIT)
async def declare_recusal(request: Request, work: WorkDep, panel_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "recusal",
        RecusalCreate,
        lambda fields, version: actions.declare_recusal(work, panel_id, fields, version),
        lambda refused: _detail(request, work, panel_id, refused),
        (f"/projects/panels/{panel_id}", _("You are recused from it. The minutes name it.")),
    )


@pages.post("/panels/{panel_id}/recommendations", allow=SIT)
async def record_recommendation(request: Request, work: WorkDep, panel_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "recommendation",
        RecommendationCreate,
        lambda fields, version: actions.record_recommendation(work, panel_id, fields, version),
        lambda refused: _detail(request, work, panel_id, refused),
        (f"/projects/panels/{panel_id}", _("It is recorded.")),
        shape=_without_blank_votes,
    )


@pages.post("/panels/{panel_id}/closing", allow=SIT)
async def close_minutes(request: Request, work: WorkDep, panel_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "closing",
        Pressed,
        lambda _pressed, version: actions.close_minutes(work, panel_id, version),
        lambda refused: _detail(request, work, panel_id, refused),
        (f"/projects/panels/{panel_id}", _("The minutes are closed. Each member is asked to confirm them.")),
    )


@pages.post("/panels/{panel_id}/confirmation", allow=SIT)
async def confirm_minutes(request: Request, work: WorkDep, panel_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "confirmation",
        Pressed,
        lambda _pressed, version: actions.confirm_minutes(work, panel_id, version),
        lambda refused: _detail(request, work, panel_id, refused),
        (f"/projects/panels/{panel_id}", _("You have confirmed the minutes.")),
    )


@pages.post("/panels/{panel_id}/cancellation", allow=RUN)
async def cancel_panel(request: Request, work: WorkDep, panel_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "cancellation",
        PanelReasonCreate,
        lambda fields, version: actions.cancel_panel(work, panel_id, fields.reason, version),
        lambda refused: _detail(request, work, panel_id, refused),
        (f"/projects/panels/{panel_id}", _("The meeting is called off.")),
    )


def _without_blank_votes(posted: PostedForm) -> PostedForm:
    """A count that is left empty is none."""
    kept = [one for one in posted.fields if one[1].strip() or one[0] not in ("against", "abstained")]
    return PostedForm(kept, posted.files)


async def _form(
    request: Request, rows: Rows, call_id: UUID, call: dict[str, Any], refused: Refused | None = None
) -> Response:
    found = await ranking(rows, call_id)
    people = await queries.candidates(rows, call_id)
    reviewed = [str(one["id"]) for one in people if one["reviewed"]]
    return service_of(request).pages.render(
        request,
        "panels/form.html",
        status=refused.status if refused else 200,
        call=call,
        form=refused.form if refused else FormState.of({"expert_ids": reviewed}),
        refused=refused,
        ready=found["state"] == "deciding" and found["complete"],
        people=[
            (
                one["id"],
                one["name"],
                " · ".join(filter(None, (one["name_zh"], _("Reviewed in this call") if one["reviewed"] else ""))),
            )
            for one in people
        ],
        items=[(one["id"], one["title"]) for one in found["items"]],
        least=rules.LEAST,
    )


async def _detail(request: Request, rows: Rows, panel_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.panel(rows, panel_id)
    state, me = State(found["state"]), found["me"]
    chairs = me is not None and me["chair"]
    office = RUN.in_charge(rows.actor, found["office_id"], set()) and not me
    answers = Answers(refused, found["version"])
    typed = refused.form.value("application_id") if refused and refused.name == "recommendation" else ""
    return service_of(request).pages.render(
        request,
        "panels/detail.html",
        status=refused.status if refused else 200,
        panel=found,
        paper=await paper(rows, "minutes", panel_id),
        state=state,
        me=me,
        items=[{**one, "records": queries.records(found, one)} for one in found["items"]],
        may_open=chairs and state is State.CONVENED,
        may_close=chairs and state is State.IN_SESSION,
        may_confirm=me is not None and state is State.CLOSED and me["confirmed_at"] is None,
        may_recuse=me is not None and state in (State.CONVENED, State.IN_SESSION),
        may_convene=office
        and state is State.CLOSED
        and await queries.of_call(rows, found["call_id"]) == {"id": panel_id, "state": state.value}
        and await queries.undecided(rows, found["call_id"]),
        may_cancel=office and state in rules.TRANSITIONS["cancel"][0],
        choices=[(one["application_id"], one["title"]) for one in found["items"] if not one["recused"]],
        recommendations=[(value.value, str(word.label)) for value, word in RECOMMENDATIONS.items()],
        history=entries(await history(rows, panel_id)) if not me else [],
        answers=answers,
        typed=typed,
        form_of=lambda one: (
            answers["recommendation"]
            if typed == str(one["application_id"])
            else FormState.of(
                {name: one[name] or "" for name in ("recommendation", "note", "conditions", "reason")}
                | {name: one[name] or "" for name in ("in_favour", "against", "abstained")},
                version=found["version"],
            )
        ),
        refused=refused,
        STATES=STATES,
        OUTCOMES=OUTCOMES,
        RECOMMENDATIONS=RECOMMENDATIONS,
    )
