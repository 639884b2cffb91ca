"""Ranking, decision and awards for people."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.amendments.words import shown as as_read
from services.project_management.approvals.rules import held_by, may_approve
from services.project_management.awards import actions, queries, rules
from services.project_management.awards.rules import DECIDE, RANK, READ, Basis
from services.project_management.awards.schemas import DecisionCreate, DecisionNoteCreate, DecisionReasonCreate
from services.project_management.awards.words import (
    DECISIONS,
    LEADS,
    OUTCOMES,
    RECOMMENDED,
    STANDINGS,
    award_cells,
    letter_facts,
    letter_moment,
    list_said_of,
    list_told,
)
from services.project_management.decisions.queries import decision_list, list_changes
from services.project_management.decisions.rules import APPROVE, State
from services.project_management.decisions.rules import READ as DECISION_READ
from services.project_management.departures.words import STATES as DEPARTED
from shared.db.history import history, names
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, Cell, Value, all_at_once, exported, pages_of, wanted
from shared.web.forms import FormState, parse, read_form
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.sentences import said

pages = page_room("awards")

BASES = {"raw": lazy("Raw means"), "calibrated": lazy("Calibrated means")}
RANKING_LEADS = {
    State.IN_APPROVAL.value: lazy("What was put forward. It waits for approval and is not final."),
    State.IN_NOTICE.value: lazy("What is shown in public notice. It is not final yet."),
    State.FINAL.value: lazy("What was decided."),
}


@pages.get("/calls/{call_id}/ranking", allow=RANK)
async def ranking(request: Request, read: ReadDep, call_id: UUID, scores: Basis = "raw") -> Response:
    if wanted(request):
        items = (await queries.ranking(read, call_id, scores))["items"]
        return exported(request, "ranking", _exported_cells(), all_at_once(items), len(items))
    return await _ranking(request, read, call_id, scores)


def _exported_cells() -> list[Cell]:
    def mean(side: str) -> Callable[[Any], Value]:
        return lambda row: Decimal(str(row[side]["mean"])) if row[side] else None

    return [
        Cell(_("Rank"), lambda row: row["rank"] if row["reviews"] else None),
        Cell(_("Application"), lambda row: row["title"]),
        Cell(_("Lead"), lambda row: row["lead"]),
        Cell(_("Amount asked for"), lambda row: Decimal(str(row["requested"]["amount"]))),
        Cell(_("Currency"), lambda row: row["requested"]["currency"]),
        Cell(_("Reviews"), lambda row: row["reviews"]),
        Cell(_("Raw mean"), mean("raw")),
        Cell(_("Calibrated mean"), mean("calibrated")),
        Cell(_("Outcome"), lambda row: str(OUTCOMES[row["outcome"]]) if row["outcome"] else ""),
        Cell(_("Reason"), lambda row: said(row["reason"])),
    ]


@pages.post("/calls/{call_id}/decision", allow=DECIDE)
async def decide_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(DecisionCreate, posted)
    if isinstance(fields, FormState):
        basis: Basis = "calibrated" if fields.value("scores") == "calibrated" else "raw"
        return await _ranking(request, work, call_id, basis, form=fields, status=422)
    try:
        decision = await actions.decide_call(work, call_id, fields)
    except Problem as problem:
        await work.rollback()
        form = FormState.refused(posted, problem)
        return await _ranking(request, work, call_id, fields.scores, form=form, status=problem.status)
    if decision.state == State.FINAL.value:
        return redirect(
            f"/projects/calls/{call_id}/ranking",
            notice=_("The call is decided. Every applicant reads the own decision now."),
        )
    return redirect(
        f"/projects/calls/{call_id}/decision",
        notice=_("The decision is put forward. Applicants hear of it when it is final."),
    )


@pages.get("/calls/{call_id}/decision", allow=DECISION_READ)
async def decision_detail(
    request: Request,
    read: ReadDep,
    call_id: UUID,
    number: Annotated[int, Query(ge=0, le=9999)] = 0,
) -> Response:
    return await _decision(request, read, call_id, number=number)


@pages.post("/calls/{call_id}/decision/approval", allow=APPROVE)
async def approve_decision(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "approval",
        DecisionNoteCreate,
        lambda fields, version: actions.approve_decision(work, call_id, fields.note, version),
        lambda refused: _decision(request, work, call_id, refused),
        (f"/projects/calls/{call_id}/decision", _("You have approved the decision.")),
    )


@pages.post("/calls/{call_id}/decision/return", allow=APPROVE)
async def return_decision(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "returning",
        DecisionReasonCreate,
        lambda fields, version: actions.return_decision(work, call_id, fields.reason, version),
        lambda refused: _decision(request, work, call_id, refused),
        (f"/projects/calls/{call_id}/decision", _("The decision is back with the programme office.")),
    )


@pages.get("/awards/{award_id}/letter", allow=READ)
async def award_letter(request: Request, read: ReadDep, award_id: UUID) -> Response:
    letter = await queries.letter_of(read, award_id)
    return service_of(request).pages.render(
        request,
        "awards/letter.html",
        letter=letter,
        content=letter["content"],
        facts=letter_facts(letter),
        lead=LEADS[letter["content"]["outcome"]],
        appeal_until=letter_moment(letter["content"]["appeal_until"] or letter["content"]["issued_at"]),
        address=f"{service_of(request).settings.address}/projects/receipts/{letter['number']}",
    )


@pages.get("/awards", allow=READ)
async def award_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Application")),
            Column("call", _("Call")),
            Column("amount", _("Award"), align="right"),
            Column("decided_at", _("Decided at")),
            Column("outcome", _("Outcome")),
        ],
        facets=[Facet("outcome", _("Outcome"), [Option(value, str(word)) for value, word in STANDINGS.items()])],
        searchable=False,
    )
    outcomes = list(view.chosen("outcome"))
    total = await queries.count_awards(read, outcomes=outcomes)
    if wanted(request):
        rows = pages_of(lambda at: queries.awards(read, outcomes=outcomes, cursor=at, limit=BATCH))
        return exported(request, "awards", award_cells(), rows, total)
    page = await queries.awards(read, outcomes=outcomes, cursor=view.cursor, limit=25)
    return service_of(request).pages.render(
        request,
        "awards/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        officer=read.actor.has(Role.PROGRAMME_OFFICER),
        OUTCOMES=STANDINGS,
    )


@pages.get("/applications/{application_id}/award", allow=READ)
async def award_of_application(read: ReadDep, application_id: UUID) -> Response:
    award = await queries.award_of(read, application_id)
    return redirect(f"/projects/awards/{award['id']}")


@pages.get("/awards/{award_id}", allow=READ)
async def award_detail(request: Request, read: ReadDep, award_id: UUID) -> Response:
    award = await queries.award(read, award_id)
    application = award["application_id"]
    chain = [
        (thing_word("call"), award["call_title"], f"/projects/calls/{award['call_id']}", False),
        (thing_word("application"), award["title"], f"/projects/applications/{application}", False),
        (_("Decision"), str(STANDINGS[award["outcome"]]), "", True),
    ]
    if award["project_id"]:
        chain.append((thing_word("project"), award["title"], f"/projects/projects/{award['project_id']}", False))
    own = award["lead_id"] in read.actor.organisations(Role.APPLICANT)
    return service_of(request).pages.render(
        request,
        "awards/detail.html",
        award=award,
        chain=chain,
        own=own,
        may_reply=own and award["answerable"],
        chain_url=chain_url("application", application),
        may_draft=award["outcome"] == "funded"
        and not award["project_id"]
        and (own or DECIDE.in_charge(read.actor, award["office_id"], {award["lead_id"], *award["partner_ids"]})),
        OUTCOMES=STANDINGS,
    )


async def _decision(
    request: Request, rows: Rows, call_id: UUID, refused: Refused | None = None, *, number: int = 0
) -> Response:
    found = await queries.decision(rows, call_id)
    compared = number or found["number"]
    step = next((one for one in found["steps"] if one["next"]), None)
    state = State(found["state"])
    signatures = [one["signed"]["subject"] for one in found["steps"] if one["signed"]]
    held = held_by(rows.actor)
    before = [found["decided_by"], *signatures]
    return service_of(request).pages.render(
        request,
        "awards/decision.html",
        status=refused.status if refused else 200,
        decision=found,
        items=found["trace"]["result"]["items"],
        trace=DecisionTrace.model_validate(found["trace"]),
        called=await names(rows, [*before, *(one["proposed_by"] for one in found["lists"])]),
        compared=compared,
        changes=await _changed(rows, found["id"], compared) if compared > 1 else [],
        may_sign=state is State.IN_APPROVAL and step and may_approve(step, held, rows.actor.subject, before),
        may_decide=state is State.RETURNED and DECIDE.allows(rows.actor, office=found["office_id"]),
        answers=Answers(refused, found["version"]),
        refused=refused,
        history=entries(await history(rows, found["id"])),
        OUTCOMES=OUTCOMES,
        STATES=DECISIONS,
    )


async def _changed(rows: Rows, decision_id: UUID, number: int) -> list[dict[str, Any]]:
    """What a list changed of the one before it, as people read it."""
    lists = [(await decision_list(rows, decision_id, one))["content"] for one in (number - 1, number)]
    titles = {one["id"]: one["title"] for content in lists for one in content["items"]}
    return as_read(await list_changes(rows, decision_id, number - 1, number, list_told), list_said_of(titles))


async def _ranking(
    request: Request,
    rows: Rows,
    call_id: UUID,
    scores: Basis,
    *,
    form: FormState | None = None,
    status: int = 200,
) -> Response:
    found = await queries.ranking(rows, call_id, scores)
    decided_by = [found["decision"]["decided_by"]] if found["decision"] else []
    alike = service_of(request).beside.get("ranking")
    return service_of(request).pages.render(
        request,
        "awards/ranking.html",
        alike={str(one["application_id"]): one for one in await alike(rows, call_id)} if alike else {},
        status=status,
        ranking=found,
        called=await names(rows, decided_by),
        plot=_plot(found["items"]),
        best_first=rules.best_first(found["items"]),
        may_decide=found["state"] == "deciding"
        and found["complete"]
        and found["decision"] is None
        and DECIDE.allows(rows.actor, office=found["office_id"]),
        form=form or FormState.of({"scores": found["scores"]}),
        BASES=BASES,
        choices=[(item["id"], item["title"]) for item in found["items"]],
        outcomes=[(value, str(word)) for value, word in OUTCOMES.items()],
        OUTCOMES=OUTCOMES,
        DECISIONS=DECISIONS,
        DEPARTED=DEPARTED,
        RECOMMENDED=RECOMMENDED,
        may_convene=DECIDE.allows(rows.actor, office=found["office_id"])
        and found["complete"]
        and found["state"] == "deciding"
        and not found["decision"],
        LEADS=RANKING_LEADS,
    )


def _plot(items: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Each mean with its interval, raw and calibrated below each other."""
    scored = [item for item in items if item["raw"]]
    if not scored:
        return None
    sides = [side for side in BASES if scored[0][side]]
    names = [item["title"] for item in scored]
    ends = (_("Lower end"), _("Upper end"))
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "data": [str(BASES[side]) for side in sides]},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": 10},
        "yAxis": {"type": "category", "inverse": True, "data": names},
        "series": [bar for side in sides for bar in _bars(side, [item[side] for item in scored])],
    }
    return {
        "option": option,
        "heads": [_("Application"), *(head for side in sides for head in (BASES[side], *ends))],
        "rows": [
            [name, *(_number(item[side][key]) for side in sides for key in ("mean", "low", "high"))]
            for name, item in zip(names, scored, strict=True)
        ],
        "says": _("The best mean is %(mean)s of 10.", mean=scored[0]["mean"]),
    }


def _bars(side: str, estimates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An interval as a bar on an unseen one; where there is none, a tick at the mean."""
    ends = [(one["mean"], one["mean"] + 0.05) if one["low"] is None else (one["low"], one["high"]) for one in estimates]
    unseen = {"type": "bar", "stack": side, "silent": True, "itemStyle": {"color": "transparent"}}
    return [
        {**unseen, "data": [low for low, _high in ends]},
        {
            "type": "bar",
            "stack": side,
            "name": str(BASES[side]),
            "data": [round(high - low, 2) or 0.05 for low, high in ends],
        },
    ]


def _number(value: float | None) -> float | str:
    return "–" if value is None else value
