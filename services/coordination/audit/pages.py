"""The audit trail for people."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.coordination.audit import queries
from services.coordination.audit.queries import Question
from services.coordination.audit.rules import EXPORT, READ, VERIFY
from services.coordination.audit.words import SERVICES, field_word, kind_word, value_text, what_word
from services.coordination.chain.rules import LEFT_OUT
from shared.db.work import Row
from shared.kernel.clock import BEIJING
from shared.kernel.settings import SERVICE_NAMES
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.i18n import _
from shared.web.links import chain_url, thing_url
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import url
from shared.web.sentences import named

pages = page_room("audit")
KEPT = ("actor", "thing_id", "type", "since", "until")


@pages.get("/audit", allow=READ)
async def audit_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("time", _("Time recorded")),
            Column("what", _("What")),
            Column("thing", _("Thing")),
            Column("actor", _("Done by")),
            Column("label", _("Label")),
        ],
        facets=[Facet("service", _("Service"), [Option(name, SERVICES[name]) for name in SERVICE_NAMES])],
        keep=KEPT,
    )
    asked = _question(request, view.q, view.chosen("service"))
    everywhere = _question(request, view.q, ())
    counts = await queries.count_by_service(read, everywhere)
    page = await queries.entries(read, asked, cursor=view.cursor, limit=25)
    facet = Facet(
        "service", _("Service"), [Option(name, SERVICES[name], counts.get(name, 0)) for name in SERVICE_NAMES]
    )
    chosen = view.chosen("service") or SERVICE_NAMES
    filters = {name: request.query_params.get(name, "") for name in KEPT}
    return service_of(request).pages.render(
        request,
        "audit/list.html",
        fragment="results",
        view=view.filled(
            [_shown(row) for row in page.items],
            total=sum(counts.get(name, 0) for name in chosen),
            next_cursor=page.next_cursor,
            facets=[facet],
        ),
        filters=filters,
        may_verify=VERIFY.allows(read.actor),
        export=_export_url(asked) if EXPORT.allows(read.actor) else "",
    )


@pages.get("/audit/verification", allow=VERIFY)
async def verification(request: Request, read: ReadDep) -> Response:
    checks = await queries.verification(read)
    return service_of(request).pages.render(
        request,
        "audit/verification.html",
        checks=[(SERVICES.get(check.service, check.service), check) for check in checks],
        ok=all(check.ok for check in checks),
        everything=queries.sees_everything(read),
    )


@pages.get("/audit/{event_id}", allow=READ)
async def audit_entry(request: Request, read: ReadDep, event_id: UUID) -> Response:
    entry = await queries.entry(read, event_id)
    related = await queries.same_cause(read, entry)
    return service_of(request).pages.render(
        request,
        "audit/detail.html",
        entry=_shown(entry),
        facts=[(field_word(name), value_text(name, value)) for name, value in entry["data"].items()],
        related=[
            {
                "when": row["time"],
                "who": row["actor"].removeprefix("system:"),
                "what": f"{what_word(row['type'])[0]}: {_title(row)}",
                "why": _("This entry") if row["event_id"] == event_id else "",
                "tone": what_word(row["type"])[1],
                "url": "" if row["event_id"] == event_id else url("/audit", row["event_id"]),
            }
            for row in related
        ],
    )


def _question(request: Request, search: str, services: tuple[str, ...]) -> Question:
    """From the address of the page; what cannot be read asks nothing, so that an old bookmark still opens."""
    query = request.query_params
    return Question(
        services=services,
        actor=query.get("actor", "").replace("\x00", "")[:200] or None,
        type=query.get("type", "").replace("\x00", "")[:200] or None,
        thing_id=_uuid(query.get("thing_id", "")),
        since=_day(query.get("since", "")),
        until=_day(query.get("until", ""), after=1),
        search=search,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str, after: int = 0) -> datetime | None:
    """The start of a day in Beijing, or of the day after it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not 1900 <= day.year <= 9000:
        return None
    return datetime.combine(day + timedelta(days=after), time(), BEIJING).astimezone(UTC)


def _export_url(asked: Question) -> str:
    return url(
        "/api/v1/audit/export",
        service=list(asked.services) or None,
        actor=asked.actor,
        type=asked.type,
        thing_id=asked.thing_id,
        since=asked.since.isoformat() if asked.since else None,
        until=asked.until.isoformat() if asked.until else None,
        search=asked.search,
    )


def _shown(row: Row) -> dict[str, Any]:
    hidden = bool(row["withheld"])
    return {
        **row,
        "title": _title(row),
        "what": what_word(row["type"])[0],
        "tone": what_word(row["type"])[1],
        "kind_word": kind_word(row["kind"]),
        "service_word": SERVICES.get(row["service"], row["service"]),
        "thing_url": "" if hidden else thing_url(row["kind"], row["subject"]),
        "chain_url": "" if hidden or row["kind"] in LEFT_OUT else chain_url(row["kind"], row["subject"]),
    }


def _title(row: Row) -> str:
    """What the thing is called, or why that is not told."""
    title = row["title"]
    return _(title) if row["withheld"] else named(title)
