"""Ranking, decision and awards for people."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.amendments.words import shown as as_read
from services.project_management.approvals.rules import held_by, may_approve
from services.project_management.awards import actions, board, queries, rules, trials
from services.project_management.awards.rules import DECIDE, RANK, READ, Basis
from services.project_management.awards.schemas import DecisionCreate, DecisionNoteCreate, DecisionReasonCreate
from services.project_management.awards.words import (
    DECISIONS,
    LEADS,
    OUTCOMES,
    RECOMMENDED,
    STANDINGS,
    ZONES,
    award_cells,
    letter_facts,
    letter_moment,
    list_said_of,
    list_told,
    ranking_cells,
    score_plot,
)
from services.project_management.decisions.queries import decision_list, list_changes, panel_of
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
from shared.web.exports import BATCH, all_at_once, exported, pages_of, wanted
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.history import entries
from shared.web.i18n import Text, _, lazy
from shared.web.links import chain_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import bilingual

pages = page_room("awards")

BASES = {"raw": lazy("Raw means"), "calibrated": lazy("Calibrated means")}
MOVED = lazy("What the rule proposes has changed since you opened the board. Look at it again.")
RANKING_LEADS = {
    State.IN_APPROVAL.value: lazy("What was put forward. It waits for approval and is not final."),
    State.IN_NOTICE.value: lazy("What is shown in public notice. It is not final yet."),
    State.FINAL.value: lazy("What was decided."),
}


@pages.get("/calls/{call_id}/ranking", allow=RANK)
async def ranking(request: Request, read: ReadDep, call_id: UUID, scores: Basis = "raw") -> Response:
    if wanted(request):
        items = (await queries.ranking(read, call_id, scores))["items"]
        return exported(request, "ranking", ranking_cells(), all_at_once(items), len(items))
    return await _ranking(request, read, call_id, scores)


@pages.post("/calls/{call_id}/ranking/trials", allow=RANK)
async def arrange(request: Request, read: ReadDep, call_id: UUID) -> Response:
    """The board after one more move, or with the last one taken back; what was typed stays, and nothing is stored."""
    posted = await read_form(request)
    basis = _basis(posted.get("scores"))
    found = await queries.ranking(read, call_id, basis)
    if posted.get("shown") != trials.mark_of(found) or not trials.arrangeable(found):
        form = FormState.posted(posted)
        return await _ranking(request, read, call_id, basis, form=form, status=409, found=found, moved=str(MOVED))
    moves, move = board.moves_of(posted.get("moves")), posted.get("move")
    moves = [] if move == "reset" else moves[:-1] if move == "undo" else board.moves_of(" ".join([*moves, move]))
    state = FormState.posted(posted)
    state.values["moves"] = [" ".join(moves)]
    return await _ranking(request, read, call_id, basis, form=state, found=found)


@pages.post("/calls/{call_id}/decision", allow=DECIDE)
async def decide_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    basis = _basis(posted.get("scores"))
    departing: list[dict[str, Any]] = []
    whole = PostedForm([pair for pair in posted.fields if not pair[0].startswith(("reason-", "moves", "shown"))])
    if posted.get("moves") or posted.get("shown"):
        found = await queries.ranking(work, call_id, basis)
        if posted.get("shown") != trials.mark_of(found):
            form = FormState.posted(posted, {"": [str(MOVED)]})
            return await _ranking(request, work, call_id, basis, form=form, status=409, found=found)
        items = found["trace"]["result"]["items"]
        departing = board.departures(items, board.played(items, board.moves_of(posted.get("moves"))))
        for n, one in enumerate(departing):
            told = one | {"reason": posted.get(f"reason-{one['application_id']}")}
            whole.fields.extend((f"overrides-{n}-{name}", str(text)) for name, text in told.items() if text)
    fields = parse(DecisionCreate, whole)
    if isinstance(fields, FormState):
        form = FormState.posted(posted, _at_rows(fields.errors, departing))
        return await _ranking(request, work, call_id, basis, form=form, status=422)
    try:
        decision = await actions.decide_call(work, call_id, fields)
    except Problem as problem:
        await work.rollback()
        form = FormState.posted(posted, _at_rows(FormState.refused(posted, problem).errors, departing))
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
        (
            thing_word("call"),
            bilingual(award["call_title"], award["call_title_zh"])[0],
            f"/projects/calls/{award['call_id']}",
            False,
        ),
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
        told=queries.told_of(award),
        lead=LEADS.get(award["outcome"], ""),
        letter_moment=letter_moment,
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
    listed = found["number"] in [one["number"] for one in found["lists"]]  # the first decisions kept no lists
    signatures = [one["signed"]["subject"] for one in found["steps"] if one["signed"]]
    held = held_by(rows.actor)
    before = [found["decided_by"], *signatures]
    return service_of(request).pages.render(
        request,
        "awards/decision.html",
        status=refused.status if refused else 200,
        decision=found,
        items=found["trace"]["result"]["items"],
        panel=(await decision_list(rows, found["id"], found["number"]))["content"].get("panel") if listed else None,
        met=await panel_of(rows, call_id),
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


def _basis(text: str) -> Basis:
    return "calibrated" if text == "calibrated" else "raw"


def _at_rows(errors: dict[str, list[Text]], departing: list[dict[str, Any]]) -> dict[str, list[Text]]:
    """What is wrong with a choice, at the field of its row on the board."""
    rows = {f"overrides-{n}": f"reason-{one['application_id']}" for n, one in enumerate(departing)}
    return {next((row for key, row in rows.items() if f"{name}-".startswith(f"{key}-")), name): texts
            for name, texts in errors.items()}  # fmt: skip


async def _board(found: dict[str, Any], form: FormState) -> dict[str, Any]:
    """The rows of each zone as they lie after the moves, with what that comes to."""
    items = found["trace"]["result"]["items"]
    moves = board.moves_of(form.value("moves"))
    zones = board.played(items, moves)
    told = await trials.tallied(found, zones)
    by_id = {one["id"]: one for one in found["items"]}
    moved = {one["application_id"]: one for one in told["departures"]}
    return {
        **told,
        "moves": moves,
        "shown": trials.mark_of(found),
        "zones": [(zone, [by_id[id] | {"moved": moved.get(id)} for id in zones[zone]]) for zone in board.ZONES],
    }


async def _ranking(
    request: Request,
    rows: Rows,
    call_id: UUID,
    scores: Basis,
    *,
    form: FormState | None = None,
    status: int = 200,
    found: dict[str, Any] | None = None,
    moved: str = "",
) -> Response:
    """`found`: the ranking, where it is read already; `moved`: what the board says before its rows."""
    found = found or await queries.ranking(rows, call_id, scores)
    may_decide = trials.arrangeable(found) and DECIDE.allows(rows.actor, office=found["office_id"])
    form = form or FormState()
    form.values["scores"] = [found["scores"]]
    decided_by = [found["decision"]["decided_by"]] if found["decision"] else []
    alike = service_of(request).beside.get("ranking")
    return service_of(request).pages.render(
        request,
        "awards/ranking.html",
        fragment="board",
        alike={str(one["application_id"]): one for one in await alike(rows, call_id)} if alike else {},
        status=status,
        ranking=found,
        called=await names(rows, decided_by),
        plot=score_plot(found["items"], BASES),
        best_first=rules.best_first(found["items"]),
        may_decide=may_decide,
        board=await _board(found, form) if may_decide else None,
        form=form,
        moved=moved,
        BASES=BASES,
        ZONES=ZONES,
        OUTCOMES=OUTCOMES,
        DECISIONS=DECISIONS,
        DEPARTED=DEPARTED,
        RECOMMENDED=RECOMMENDED,
        may_convene=may_decide,
        LEADS=RANKING_LEADS,
    )
