"""Reviews for people: the reviewer's own, and for the office how far each call is."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.forms import words as form_words
from services.project_management.receipts.queries import paper
from services.project_management.reviews import actions, queries, rules
from services.project_management.reviews.rules import ACT, READ, State
from services.project_management.reviews.schemas import DeclineCreate, ScoresUpdate
from shared.db.work import Rows
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import plain_number
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, Cell, exported, pages_of, wanted
from shared.web.field_values import STATED
from shared.web.forms import FormState, PostedForm, parse, read_form, stale_page
from shared.web.i18n import Text, _, lazy
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.sentences import said
from shared.web.words import StateWord

pages = page_room("reviews")

STATES = {
    State.INVITED: StateWord(lazy("Waits for your answer"), "warning"),
    State.ACCEPTED: StateWord(lazy("Invitation accepted"), "info"),
    State.SCORED: StateWord(lazy("Draft saved"), "progress"),
    State.COMPLETED: StateWord(lazy("Handed in"), "success"),
    State.DECLINED: StateWord(lazy("Review declined"), "neutral"),
    State.SET_ASIDE: StateWord(lazy("Set aside"), "warning"),
    State.WITHDRAWN: StateWord(lazy("Taken back by the office"), "neutral"),
}
ENDED = {
    State.SET_ASIDE: (
        lazy("Your review was set aside"),
        lazy("It does not count, whether it was handed in or not, and nothing more is asked of you."),
    ),
    State.WITHDRAWN: (
        lazy("The programme office has taken this review back"),
        lazy("Nothing more is asked of you. What you may have written is read by nobody else."),
    ),
}
"""What an expert reads of a review that ended without them."""


def _exported_cells() -> list[Cell]:
    return [
        Cell(_("Application"), lambda row: row["application_title"]),
        Cell(_("Call"), lambda row: row["call_title"]),
        Cell(_("Field"), lambda row: row["field"]),
        Cell(_("Due"), lambda row: row["due_at"]),
        Cell(_("State"), lambda row: str(STATES[row["state"]])),
        Cell(_("Handed in"), lambda row: row["completed_at"]),
        Cell(_("Total"), lambda row: row["total"]),
    ]


@pages.get("/reviews", allow=READ)
async def review_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Application")),
            Column("call", _("Call")),
            Column("due", _("Due")),
            Column("state", _("State")),
        ],
        facets=[Facet("state", _("State"), [Option(state.value, str(word)) for state, word in STATES.items()])],
        searchable=False,
    )
    states = list(view.chosen("state"))
    if wanted(request):
        rows = pages_of(lambda at: queries.mine(read, states=states, cursor=at, limit=BATCH))
        return exported(request, "reviews", _exported_cells(), rows, await queries.count_mine(read, states=states))
    page = await queries.mine(read, states=states, cursor=view.cursor, limit=25)
    overseer = read.actor.has(*queries.OVERSEERS)
    return service_of(request).pages.render(
        request,
        "reviews/list.html",
        fragment="results",
        view=view.filled(page.items, next_cursor=page.next_cursor),
        STATES=STATES,
        reviewer=ACT.allows(read.actor, person=read.actor.subject),
        calls=await queries.calls_under_review(read) if overseer else None,
    )


@pages.get("/reviews/{review_id}", allow=READ)
async def review_detail(request: Request, read: ReadDep, review_id: UUID) -> Response:
    return await _detail(request, read, review_id)


@pages.post("/reviews/{review_id}/acceptance", allow=ACT)
async def accept_review(request: Request, work: WorkDep, review_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.accept_review(work, review_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, review_id, refused=problem)
    return redirect(
        f"/projects/reviews/{review_id}", notice=_("You have accepted. The whole application is open to you.")
    )


@pages.post("/reviews/{review_id}/decline", allow=ACT)
async def decline_review(request: Request, work: WorkDep, review_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(DeclineCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, review_id, decline=fields, status=422)
    try:
        await actions.decline_review(work, review_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, review_id, refused=problem, decline=FormState.posted(posted))
    return redirect("/projects/reviews", notice=_("You have declined. The programme office will ask somebody else."))


@pages.post("/reviews/{review_id}/scores", allow=ACT)
async def save_scores(request: Request, work: WorkDep, review_id: UUID) -> Response:
    """Save the sheet; without `draft` hand it in as well. What saves itself wants the new version and no page."""
    posted = await read_form(request)
    fields = parse(ScoresUpdate, _without_blank_scores(posted))
    errors = fields.errors if isinstance(fields, FormState) else {}
    errors = await _faults(work, review_id, posted, errors)
    if errors or isinstance(fields, FormState):
        return await _detail(request, work, review_id, sheet=FormState.posted(posted, errors), status=422)
    try:
        review = await actions.save_scores(work, review_id, fields, posted.version)
        if not posted.wants_draft:
            await actions.complete_review(work, review_id, review.version)
    except Stale as stale:
        await work.rollback()
        stored = await queries.review(work, review_id)
        labels = {"scores": _("Scores"), "to_applicant": _("To the applicant"), "to_panel": _("To the panel")}
        here = f"/projects/reviews/{review_id}"
        page = stale_page(
            posted,
            {name: stored[name] for name in labels},
            labels,
            version=stale.extra["current_version"],
            view_url=here,
            action_url=f"{here}/scores",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, review_id, sheet=state, status=problem.status)
    if posted.wants_draft and request.headers.get("X-Autosave"):
        return Response(status_code=204, headers={"X-Version": str(review.version)})
    if posted.wants_draft:
        return redirect(f"/projects/reviews/{review_id}", notice=_("The draft is saved. Only you can see it."))
    return redirect(f"/projects/reviews/{review_id}", notice=_("Your review is handed in. Thank you."))


async def _faults(
    rows: Rows, review_id: UUID, posted: PostedForm, errors: Mapping[str, Sequence[Text]]
) -> dict[str, list[Text]]:
    """All that is wrong with the sheet at once, each at its field of the page; `errors` are those of single entries."""
    found = {name: list(texts) for name, texts in errors.items()}
    review = await queries.review(rows, review_id)
    if not review["mine"] or State(review["state"]) not in rules.TRANSITIONS["score"][0]:
        return found  # the action says why not
    weights = {one["name"]: Decimal(one["weight"]) for one in review["criteria"]}
    scales = {one["name"]: Decimal(one.get("scale", rules.HIGHEST)) for one in review["criteria"]}
    places = {posted.get(f"scores-{n}-criterion"): n for n in range(len(review["criteria"]))}
    typed = {name: posted.get(f"scores-{n}-score").strip() for name, n in places.items() if name in weights}
    scores = {name: _number(text) for name, text in typed.items() if text}
    told = [] if posted.wants_draft else rules.missing(scores, weights, posted.get("to_applicant"))
    told += [
        {"pointer": f"/scores/{places[name]}/score", "detail": rules.too_high(name, scales[name])}
        for name in rules.beyond(scores, scales)
    ]
    for one in told:
        at = found.setdefault(one["pointer"].strip("/").replace("/", "-"), [])
        if not at:
            at.append(said(one["detail"]))
    return found


def _number(text: str) -> Decimal:
    """A score as it was typed; 0, which is never too high, for what is no number and told as such already."""
    try:
        number = Decimal(plain_number(text))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def _without_blank_scores(posted: PostedForm) -> PostedForm:
    """A draft may leave criteria open: a row whose score is blank is no score, and none at all is an empty sheet."""
    blank = {
        name.removesuffix("score")
        for name, value in posted.fields
        if name.startswith("scores-") and name.endswith("-score") and not value.strip()
    }
    kept = [(name, value) for name, value in posted.fields if not any(name.startswith(prefix) for prefix in blank)]
    return PostedForm([*kept, (STATED, "scores")], posted.files)


def _sheet(review: dict[str, Any]) -> FormState:
    given = {one["criterion"]: one["score"] for one in review["scores"]}
    values = {"to_applicant": [review["to_applicant"]], "to_panel": [review["to_panel"]]}
    for n, criterion in enumerate(review["criteria"]):
        score = given.get(criterion["name"])
        values[f"scores-{n}-score"] = ["" if score is None else f"{score:g}"]
    return FormState(values=values, version=review["version"])


async def _detail(
    request: Request,
    rows: Rows,
    review_id: UUID,
    *,
    decline: FormState | None = None,
    sheet: FormState | None = None,
    refused: Problem | None = None,
    status: int = 200,
) -> Response:
    review = await queries.review(rows, review_id)
    if refused and decline:
        decline.version = review["version"]
    may_act = review["mine"] and ACT.allows(rows.actor, person=rows.actor.subject)
    return service_of(request).pages.render(
        request,
        "reviews/detail.html",
        w=form_words,
        status=refused.status if refused else status,
        review=review,
        paper=await paper(rows, "review", review_id) if review["state"] == State.COMPLETED.value else None,
        refused=refused,
        may_answer=may_act and review["state"] == State.INVITED.value,
        may_write=may_act and review["state"] in (State.ACCEPTED.value, State.SCORED.value),
        decline=decline or FormState(version=review["version"]),
        sheet=sheet or _sheet(review),
        answered=review["state"] in rules.ANSWERED,
        STATES=STATES,
        ended=ENDED.get(State(review["state"])) if review["mine"] else None,
    )
