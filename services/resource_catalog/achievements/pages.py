"""Achievements for people: the public catalogue, and the way into it."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.resource_catalog.achievements import actions, queries
from services.resource_catalog.achievements.model import Achievement
from services.resource_catalog.achievements.rules import DRAFT, FOUR_POINTS, READ, REVIEW, TRANSITIONS, Kind, State
from services.resource_catalog.achievements.rules import missing_for_release as missing
from services.resource_catalog.achievements.schemas import AchievementChange, AchievementCreate, SecurityReviewCreate
from services.resource_catalog.projects.queries import project, projects_of
from shared.db.history import history
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import N_, _, lazy
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord, label_word

pages = page_room("achievements")
FIELD_ROWS = 3
SAID = (
    N_("The achievement is not complete yet. Fill in the entries named and ask again."),
    N_("Somebody else of your organisation, or the coordination office, has to make this check."),
    N_("Choose a project in which your organisation takes part, or none."),
    N_("Your clearance does not reach this label. Choose a lower one."),
    N_("Choose the label under which it may be shown."),
    N_("Your clearance does not reach this label. Ask the coordination office to review it."),
    N_("It was changed after the security review. Ask for a new one."),
)
"""What the rules of achievements say, here so that the catalogue of translations knows it."""

STATES = {
    State.DRAFT: StateWord(lazy("Draft"), "neutral"),
    State.IN_REVIEW: StateWord(lazy("In security review"), "progress"),
    State.RETURNED: StateWord(lazy("Sent back"), "warning"),
    State.APPROVED: StateWord(lazy("Cleared for release"), "info"),
    State.RELEASED: StateWord(lazy("Released"), "success"),
}
KINDS = {
    Kind.TECHNOLOGY: lazy("Technology"),
    Kind.MATERIAL: lazy("Material"),
    Kind.PRODUCT: lazy("Product"),
    Kind.PROCESS: lazy("Process"),
    Kind.SOFTWARE: lazy("Software"),
    Kind.METHOD: lazy("Method"),
}
ENTRIES = {
    "title": lazy("Title"),
    "title_zh": lazy("Title in Chinese"),
    "kind": lazy("Kind"),
    "abstract": lazy("Abstract"),
    "trl": lazy("Technology readiness level"),
    "trl_evidence": lazy("Evidence for the level"),
    "fields": lazy("Fields of work"),
    "label": lazy("Security label"),
    "maturity": lazy("Maturity"),
    "advantage": lazy("Advantage over today's solution"),
    "route_to_market": lazy("Route to market"),
    "description": lazy("What a buyer gets"),
}


def _words() -> dict[str, Any]:
    return {
        "STATES": STATES,
        "KINDS": KINDS,
        "ENTRIES": ENTRIES,
        "POINTS": FOUR_POINTS,
        "kinds": [(kind.value, str(word)) for kind, word in KINDS.items()],
        "labels": [(label.value, str(label_word(label))) for label in SecurityLabel],
    }


@pages.get("/achievements", allow=READ)
async def achievement_list(request: Request, read: ReadDep) -> Response:
    inside = DRAFT.allows(read.actor, owners=read.actor.organisations(*(DRAFT.roles or ())))
    facets = [Facet("kind", _("Kind"), [Option(kind.value, str(word)) for kind, word in KINDS.items()])]
    if inside or REVIEW.allows(read.actor):
        options = [Option(state.value, str(word.label)) for state, word in STATES.items()]
        facets.append(Facet("state", _("State"), options))
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Achievement")),
            Column("kind", _("Kind")),
            Column("trl", _("Readiness"), align="right"),
            Column("organisation", _("Organisation")),
            Column("state", _("State")),
        ],
        facets=facets,
        default_sort="title",
    )
    states, kinds = list(view.chosen("state")), list(view.chosen("kind"))
    page = await queries.achievements(
        read, search=view.q, states=states, kinds=kinds, cursor=view.cursor, limit=view.page_size
    )
    total = await queries.count_achievements(read, search=view.q, states=states, kinds=kinds)
    return service_of(request).pages.render(
        request,
        "achievements/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_draft=inside,
        **_words(),
    )


@pages.get("/achievements/new", allow=DRAFT)
async def new_achievement(request: Request, read: ReadDep) -> Response:
    return await _form(request, read, FormState.of({"label": SecurityLabel.INTERNAL}))


@pages.post("/achievements/new", allow=DRAFT)
async def draft_achievement(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(AchievementCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        achievement = await actions.draft_achievement(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/catalog/achievements/{achievement.id}", notice=_("The draft is saved."))


@pages.get("/achievements/{achievement_id}", allow=READ)
async def achievement_detail(request: Request, read: ReadDep, achievement_id: UUID) -> Response:
    return await _detail(request, read, achievement_id)


@pages.get("/achievements/{achievement_id}/edit", allow=DRAFT)
async def edit_form(request: Request, read: ReadDep, achievement_id: UUID) -> Response:
    row = await queries.achievement(read, achievement_id)
    DRAFT.require(read.actor, owners={row["organisation_id"]}, thing="achievement")
    if State(row["state"]) not in TRANSITIONS["edit"][0]:
        return redirect(
            f"/catalog/achievements/{achievement_id}",
            notice=_("It is edited only as a draft, before its release is asked for or after it was returned."),
            tone="warning",
        )
    state = FormState.of({name: row[name] for name in ENTRIES}, version=row["version"])
    return await _form(request, read, state, achievement=row)


@pages.post("/achievements/{achievement_id}/edit", allow=DRAFT)
async def edit_achievement(request: Request, work: WorkDep, achievement_id: UUID) -> Response:
    posted = await read_form(request)
    row = await queries.achievement(work, achievement_id)
    fields = parse(AchievementChange, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422, achievement=row)
    emptied = {name: "" for name, value in posted.typed if not value and name in ENTRIES and isinstance(row[name], str)}
    fields = fields.model_copy(update=emptied)
    try:
        await actions.edit_achievement(work, achievement_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        page = stale_page(
            posted,
            {name: row[name] for name in ENTRIES},
            ENTRIES,
            version=stale.extra["current_version"],
            view_url=f"/catalog/achievements/{achievement_id}",
            action_url=f"/catalog/achievements/{achievement_id}/edit",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _form(request, work, state, status=problem.status, achievement=row)
    return redirect(f"/catalog/achievements/{achievement_id}", notice=_("The draft is saved."))


@pages.post("/achievements/{achievement_id}/release-request", allow=DRAFT)
async def request_release(request: Request, work: WorkDep, achievement_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.request_release(work, achievement_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, achievement_id, refused=problem, status=problem.status)
    return redirect(
        f"/catalog/achievements/{achievement_id}", notice=_("Somebody else now checks the label before it is released.")
    )


@pages.post("/achievements/{achievement_id}/security-review", allow=REVIEW)
async def review_security(request: Request, work: WorkDep, achievement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(SecurityReviewCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, achievement_id, review=fields, status=422)
    try:
        achievement = await actions.review_security(work, achievement_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, achievement_id, review=state, status=problem.status)
    return redirect(f"/catalog/achievements/{achievement_id}", notice=_reviewed(achievement))


@pages.post("/achievements/{achievement_id}/release", allow=DRAFT)
async def release_achievement(request: Request, work: WorkDep, achievement_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.release_achievement(work, achievement_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, achievement_id, refused=problem, status=problem.status)
    return redirect(f"/catalog/achievements/{achievement_id}", notice=_("The achievement is in the catalogue."))


def _reviewed(achievement: Achievement) -> str:
    if achievement.state == State.APPROVED:
        return _("It is cleared for release. The author can release it now.")
    return _("It is sent back to the author with your reason.")


async def _form(
    request: Request,
    rows: ReadDep | WorkDep,
    state: FormState,
    status: int = 200,
    achievement: dict[str, Any] | None = None,
) -> Response:
    organisations = rows.actor.organisations(*(DRAFT.roles or ()))
    return service_of(request).pages.render(
        request,
        "achievements/form.html",
        status=status,
        form=state,
        achievement=achievement,
        projects=[
            (str(row["id"]), row["title"]) for row in await projects_of(rows, list(organisations), only_running=False)
        ],
        field_rows=max(FIELD_ROWS, len(state.all("fields")) + 1),
        **_words(),
    )


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    achievement_id: UUID,
    *,
    review: FormState | None = None,
    refused: Problem | None = None,
    status: int = 200,
) -> Response:
    achievement = await queries.achievement(rows, achievement_id)
    state = State(achievement["state"])
    owners = {achievement["organisation_id"]}
    writes = DRAFT.allows(rows.actor, owners=owners)
    reviews = state is State.IN_REVIEW and REVIEW.allows(rows.actor, owners=owners)
    origin = await project(rows, achievement["project_id"]) if achievement["inside"] else None
    link = thing_url("project", origin["id"], rows.actor) if origin else ""
    nodes = [(thing_word("project"), origin["title"], link)] if origin else []
    return service_of(request).pages.render(
        request,
        "achievements/detail.html",
        status=status,
        achievement=achievement,
        missing=[ENTRIES[name] for name in missing(achievement)],
        may_edit=writes and state in (State.DRAFT, State.RETURNED),
        may_release=writes and state is State.APPROVED,
        may_review=reviews and achievement["author"] != rows.actor.subject,
        own_review=reviews and achievement["author"] == rows.actor.subject,
        review=review or FormState.of({"label": achievement["label"]}, version=achievement["version"]),
        refused=refused,
        history=entries(await history(rows, achievement_id)) if achievement["inside"] else [],
        nodes=[*nodes, (thing_word("achievement"), achievement["title"], "", True)] if nodes else [],
        chain=chain_url("achievement", achievement_id) if rows.actor.subject else "",
        **_words(),
    )
