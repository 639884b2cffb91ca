"""Writes about what people keep, each for themselves; and what the clock tells them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.bookmarks import queries, rules
from services.project_management.bookmarks.model import SavedCall, SavedSearch
from services.project_management.bookmarks.schemas import SearchCreate
from services.project_management.calls.queries import call
from services.project_management.calls.rules import State
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

AT_ONCE = 100


async def save_call(work: Work, call_id: UUID) -> None:
    """Keep a released call; keeping it again changes nothing. Raises NotFound, TooMany."""
    rules.SAVE.admits(work.actor)
    found = await call(work, call_id)
    if found["released_at"] is None:
        raise NotFound(N_("There is no call here that you may see."))
    subject = work.actor.subject
    if await work.session.get(SavedCall, (subject, call_id)):
        return
    kept = await work.row("SELECT count(*) AS n FROM saved_calls WHERE subject = %(subject)s", {"subject": subject})
    rules.room_for(kept["n"] if kept else 0, rules.MOST_CALLS)
    work.add(
        SavedCall(
            subject=subject,
            call_id=call_id,
            saved_at=work.now,
            told_version=found["released_version"],
            told_state=found["state"],
        )
    )


async def unsave_call(work: Work, call_id: UUID) -> None:
    """Keep it no longer; nothing waits for it any more. Raises NotFound for a call out of sight."""
    rules.SAVE.admits(work.actor)
    await call(work, call_id)
    kept = await work.session.get(SavedCall, (work.actor.subject, call_id), with_for_update=True)
    if kept is not None:
        for done in kept.noted("taken off"):
            work.emit(done)
        await work.session.delete(kept)


async def note_call(work: Work, call_id: UUID) -> None:
    """Its news were read. Raises NotFound for a call out of sight."""
    rules.SAVE.admits(work.actor)
    await call(work, call_id)
    kept = await work.session.get(SavedCall, (work.actor.subject, call_id), with_for_update=True)
    for done in kept.noted("read") if kept else []:
        work.emit(done)


async def save_search(work: Work, fields: SearchCreate) -> SavedSearch:
    """Keep a search under a name; one of the same name is replaced. Raises TooMany."""
    rules.SAVE.admits(work.actor)
    subject = work.actor.subject
    mine = (await queries.saved(work))["searches"]
    before = next((one["id"] for one in mine if one["name"] == fields.name), None)
    kept = await work.session.get(SavedSearch, before, with_for_update=True) if before else None
    if kept is None:
        rules.room_for(len(mine), rules.MOST_SEARCHES)
        kept = SavedSearch(subject=subject, name=fields.name, phases=[], told=[], saved_at=work.now)
        work.add(kept)
    for done in kept.noted("replaced"):
        work.emit(done)
    kept.search, kept.phases, kept.alert = fields.search, [one.value for one in fields.phase], fields.alert
    kept.filters = fields.filters()
    kept.saved_at = work.now
    kept.told = []
    await work.flush()
    kept.told = [str(id) for id in await queries.found_by(work, kept.id, rules.MOST_TOLD)]
    return kept


async def remove_search(work: Work, search_id: UUID) -> None:
    """Raises NotFound."""
    kept = await _own(work, search_id)
    for done in kept.noted("taken off"):
        work.emit(done)
    await work.session.delete(kept)


async def note_search(work: Work, search_id: UUID) -> None:
    """Its matches were read. Raises NotFound."""
    for done in (await _own(work, search_id)).noted("read"):
        work.emit(done)


async def tell_of_saved(work: Work) -> None:
    """By the clock: whoever saved a call is told when it changes, closes soon or is cancelled; and of nothing that is
    out of their sight."""
    found = await work.rows(
        """SELECT s.subject, s.call_id, c.title, c.state, c.closes_at, c.released_version, c.label, a.clearance,
                  EXISTS (SELECT FROM call_versions v WHERE v.call_id = c.id AND v.number = c.released_version
                              AND v.released_at >= c.closes_at) AS amended_late
           FROM saved_calls s JOIN calls c ON c.id = s.call_id JOIN access_accounts a ON a.subject = s.subject
           WHERE (c.state = 'released' AND c.closes_at > %(now)s AND (
                      c.released_version > s.told_version
                      OR (c.closes_at <= %(soon)s AND s.told_closing IS DISTINCT FROM c.closes_at)))
              OR (c.state = 'cancelled' AND s.told_state <> 'cancelled')
              OR (c.state IN ('closed', 'deciding') AND EXISTS (
                      SELECT FROM call_versions v WHERE v.call_id = c.id AND v.number > s.told_version
                          AND v.released_at >= c.closes_at))
              OR (c.state <> 'released' AND s.task_id IS NOT NULL AND s.task_kind <> 'cancelled'
                  AND NOT (c.state IN ('closed', 'deciding') AND s.task_kind = 'changed' AND EXISTS (
                      SELECT FROM call_versions v WHERE v.call_id = c.id AND v.number = s.told_version
                          AND v.released_at >= c.closes_at)))
           ORDER BY s.call_id, s.subject LIMIT %(most)s""",
        {"now": work.now, "soon": work.now + rules.SOON, "most": AT_ONCE},
    )
    for row in found:
        async with work.apart(call=row["call_id"]):
            kept = await work.session.get(SavedCall, (row["subject"], row["call_id"]), with_for_update=True)
            if kept is not None:
                _tell(work, kept, row)


def _tell(work: Work, kept: SavedCall, row: dict[str, Any]) -> None:
    news = rules.news_of(
        state=State(row["state"]),
        closes_at=row["closes_at"],
        released_version=row["released_version"],
        told_version=kept.told_version,
        told_state=State(kept.told_state),
        told_closing=kept.told_closing,
        amended_late=row["amended_late"],
        now=work.now,
    )
    kept.told_version, kept.told_state = row["released_version"], row["state"]
    if row["closes_at"] - work.now <= rules.SOON:
        kept.told_closing = row["closes_at"]
    readable = SecurityLabel(row["label"]).readable_with(SecurityLabel(row["clearance"]))
    said: Sequence[TaskAssigned | TaskDone]
    if not news or not readable:
        said = kept.noted("call closed") if row["state"] != State.RELEASED.value else []
    else:
        here = f"/projects/calls/{kept.call_id}"
        due = row["closes_at"] if row["state"] == State.RELEASED.value else None
        said = kept.tell(kept.subject, news, row["title"], f"{here}/versions" if news == "changed" else here, due)
    for fact in said:
        work.emit(fact)


async def tell_of_matches(work: Work) -> None:
    """By the clock: who saved a search with an alert is told of each new call that it finds."""
    for row in await queries.news_of_searches(work, AT_ONCE):
        async with work.apart(search=row["id"]):
            kept = await work.session.get(SavedSearch, row["id"], with_for_update=True)
            new = [str(id) for id in row["found"] if kept and str(id) not in kept.told]
            if kept is None or not new:
                continue
            kept.told = [*kept.told, *new][-rules.MOST_TOLD :]
            whole = rules.address(kept.search, kept.phases, kept.filters)
            url = f"/projects/calls/{new[0]}" if len(new) == 1 else whole
            for fact in kept.tell(kept.subject, "match", kept.name, url, None):
                work.emit(fact)


async def _own(work: Work, search_id: UUID) -> SavedSearch:
    kept = await work.session.get(SavedSearch, search_id, with_for_update=True)
    rules.OWN.require(work.actor, person=kept.subject if kept else None, thing="saved search")
    if kept is None:
        raise NotFound(N_("There is no saved search here that you may see."))
    return kept
