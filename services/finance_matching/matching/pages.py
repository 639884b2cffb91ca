"""Matches for people: the list of either side, and one match with its reasons and the answer."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.finance_matching.matching import actions, queries
from services.finance_matching.matching.rules import ANSWER, APPLICANTS, READ, State, worded
from services.finance_matching.matching.schemas import DeclinationCreate, InterestCreate
from services.finance_matching.matching.score import WEIGHTS
from services.finance_matching.words import STAGES, with_money
from shared.db.history import history
from shared.kernel.errors import Problem
from shared.kernel.types import SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import OUTCOMES, StateWord

pages = page_room("matches")

STATES = {
    State.FOUND: StateWord(lazy("Compared"), "info"),
    State.INTERESTED: StateWord(lazy("Interest expressed"), "success"),
    State.DECLINED: StateWord(lazy("Match declined"), "danger"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "warning"),
}
CRITERIA = {
    "stage": lazy("Stage"),
    "amount": lazy("Amount"),
    "term": lazy("Term"),
    "field": lazy("Field of work"),
    "region": lazy("Region"),
    "security": lazy("Security"),
}


def _words() -> dict[str, Any]:
    return {
        "STATES": STATES,
        "STAGES": {value: _(word) for value, word in STAGES.items()},
        "CRITERIA": CRITERIA,
        "WEIGHTS": WEIGHTS,
    }


@pages.get("/matches", allow=READ)
async def match_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("need", _("Financing need")),
            Column("product", _("Product")),
            Column("amount", _("Amount"), align="right"),
            Column("outcome", _("Fits")),
            Column("score", _("Score"), align="right"),
            Column("state", _("State")),
        ],
        facets=[
            Facet("outcome", _("Fits"), [Option(value, str(word.label)) for value, word in OUTCOMES.items()]),
            Facet("state", _("State"), [Option(state.value, str(word.label)) for state, word in STATES.items()]),
        ],
        default_sort="-created",
    )
    outcomes, states = list(view.chosen("outcome")), list(view.chosen("state"))
    page = await queries.matches(read, search=view.q, outcomes=outcomes, states=states, cursor=view.cursor, limit=25)
    total = await queries.count_matches(read, search=view.q, outcomes=outcomes, states=states)
    return service_of(request).pages.render(
        request,
        "matching/list.html",
        fragment="results",
        view=view.filled([with_money(row, "amount") for row in page.items], total=total, next_cursor=page.next_cursor),
        applicant=read.actor.has(*APPLICANTS),
        **_words(),
    )


@pages.get("/matches/{match_id}", allow=READ)
async def match_detail(request: Request, read: ReadDep, match_id: UUID) -> Response:
    return await _detail(request, read, match_id)


@pages.post("/matches/{match_id}/interest", allow=ANSWER)
async def express_interest(request: Request, work: WorkDep, match_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(InterestCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, match_id, interest=fields, status=422)
    try:
        await actions.express_interest(work, match_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, match_id, interest=state, status=problem.status)
    return redirect(
        f"/finance/matches/{match_id}", notice=_("Your interest is recorded; the other side is asked to answer.")
    )


@pages.post("/matches/{match_id}/declination", allow=ANSWER)
async def decline_match(request: Request, work: WorkDep, match_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(DeclinationCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, match_id, refusal=fields, status=422)
    try:
        await actions.decline_match(work, match_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, match_id, refusal=state, status=problem.status)
    return redirect(f"/finance/matches/{match_id}", notice=_("The match is declined."))


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    match_id: UUID,
    *,
    interest: FormState | None = None,
    refusal: FormState | None = None,
    status: int = 200,
) -> Response:
    match = await queries.match(rows, match_id)
    own_need = match["organisation_id"] in rows.actor.organisations(*APPLICANTS)
    owners = {match["organisation_id"], match["institution_id"]}
    may_answer = ANSWER.allows(rows.actor, owners=owners, label=SecurityLabel(match["label"]))
    going = match["state"] in (State.FOUND, State.INTERESTED)
    spoken = match["applicant_interest_at" if own_need else "partner_interest_at"]
    need_url = f"/finance/needs/{match['need_id']}" if match["trace"] is not None else ""
    chain = [
        (_("Financing need"), match["need_title"], need_url, False),
        (_("Financial product"), match["product_title"], f"/finance/products/{match['product_id']}", False),
        (_("Match"), _("Score %(score)s", score=match["score"]), "", True),
    ]
    return service_of(request).pages.render(
        request,
        "matching/detail.html",
        status=status,
        match=with_money(match, "amount"),
        clauses=worded(await queries.decision(rows, match_id), _),
        need_url=need_url,
        chain=chain,
        whole_chain=chain_url("match", match_id),
        history=entries(await history(rows, match_id)),
        may_show_interest=may_answer and going and not spoken and match["outcome"] != "no",
        may_decline=may_answer and going and (match["outcome"] != "no"),
        interest=interest or FormState(version=match["version"]),
        refusal=refusal or FormState(version=match["version"]),
        **_words(),
    )
