"""What was handed in, for people."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from services.project_management.amendments.words import shown
from services.project_management.applications.queries import application
from services.project_management.applications.words import ANSWERS
from services.project_management.forms import words as form_words
from services.project_management.forms.checking import shown as asked_of
from services.project_management.forms.words import answered
from services.project_management.submissions import queries
from services.project_management.submissions.rules import READ
from services.project_management.submissions.words import LABELS, budget_parts, budgeted, money_text
from services.project_management.teams.words import STATES as MEMBER_STATES
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, page_room, service_of

pages = page_room("submissions")
Number = Annotated[int, Path(ge=1, le=10_000)]


@pages.get("/applications/{application_id}/versions", allow=READ)
async def submitted_versions(request: Request, read: ReadDep, application_id: UUID) -> Response:
    found = await queries.versions(read, application_id)
    if not found:
        raise NotFound(N_("Nothing was handed in yet."))
    newest = found[0]["number"]
    until = min(max(_number(request, "until", newest), 1), newest)
    since = min(max(_number(request, "since", until - 1), 1), newest)
    return service_of(request).pages.render(
        request,
        "submissions/versions.html",
        application=await application(read, application_id),
        versions=found,
        since=since,
        until=until,
        changes=shown(await queries.changes(read, application_id, since, until, answered, budgeted))
        if since != until
        else [],
        LABELS=LABELS,
    )


@pages.get("/applications/{application_id}/versions/{number}", allow=READ)
async def submitted_version(request: Request, read: ReadDep, application_id: UUID, number: Number) -> Response:
    """What was handed in, word for word, as people read it."""
    found = await queries.handed_in(read, application_id, number)
    content = found["content"]
    wanted = content.get("requested", {})
    currency = wanted.get("currency", "")
    return service_of(request).pages.render(
        request,
        "submissions/version.html",
        application=found["application"],
        version=found,
        content=content,
        asked={one.key for one in asked_of(found["form"], found["answers"])},
        budget=budget_parts(content.get("budget", []), currency),
        currency=currency,
        requested=money_text(wanted["amount"], currency) if wanted else "",
        others=await queries.versions(read, application_id),
        w=form_words,
        LABELS=LABELS,
        ANSWERS=ANSWERS,
        MEMBER_STATES=MEMBER_STATES,
    )


def _number(request: Request, name: str, other: int) -> int:
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else other
