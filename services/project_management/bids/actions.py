"""Writes about bids: the office opens and closes the bidding, experts bid."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications.rules import label_for
from services.project_management.assignments.queries import require_uninvolved
from services.project_management.bids import queries, rules
from services.project_management.bids.model import Bidder, Bidding
from services.project_management.bids.rules import CONFLICT, NEUTRAL, BiddingNotPossible, State
from services.project_management.bids.schemas import BiddingCreate, BidsUpdate, DueTimeUpdate
from services.project_management.calls.model import Call
from services.project_management.calls.rules import State as CallState
from services.project_management.people.queries import experts
from shared.contracts.base import Event
from shared.db.work import Work, as_json
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

AT_ONCE = 100


async def open_bidding(work: Work, call_id: UUID, fields: BiddingCreate) -> Bidding:
    """Ask experts what they would review; a bidding that was closed is opened again, with what was bid.

    Who takes part in the call, or is not cleared for its applications, is left out. Raises NotFound, OwnApplication,
    BiddingNotPossible, Invalid.
    """
    call = await _call(work, call_id)
    _require_due(fields.due_at, work.now)
    ids = await queries.competing(work, call_id)
    if not ids:
        raise BiddingNotPossible(N_("Nobody has applied to this call, so there is nothing to bid on."))
    people = await experts(work, fields.expert_ids or None, reviewing=True)
    strangers = set(fields.expert_ids) - {one["id"] for one in people}
    if strangers:
        raise Invalid(
            N_("Some of these people cannot be asked."),
            errors=[
                {
                    "pointer": f"/expert_ids/{n}",
                    "detail": N_("This is no expert who can sign in with the reviewer role. Look in the catalogue."),
                }
                for n, expert_id in enumerate(fields.expert_ids)
                if expert_id in strangers
            ],
        )
    barred = await queries.barred(work, call_id, ids, people)
    label = label_for(SecurityLabel(call.label))
    asked = [
        one
        for one in people
        if label.readable_with(SecurityLabel(one["clearance"]))  # the task alone tells of the call
        and not queries.takes_part(barred.get(str(one["id"]), {}))
    ]
    if not asked:
        raise BiddingNotPossible(
            N_("Every expert takes part in this call or may not read its applications, so nobody can be asked.")
        )
    bidding = await _bidding(work, call_id)
    if bidding is None:
        bidding = Bidding(
            id=new_id(),
            call_id=call.id,
            call_title=call.title,
            due_at=fields.due_at,
            opened_by=work.actor.subject,
            created_at=work.now,
        )
        work.add(bidding)
        await work.flush()
    else:
        bidding.reopen(fields.due_at)
    bidding.left_out = len(people) - len(asked)
    await _ask(work, bidding, asked)
    return bidding


async def postpone_bidding(work: Work, call_id: UUID, fields: DueTimeUpdate, version: int | None) -> Bidding:
    """Another time at which it closes. Raises NotFound, OwnApplication, BiddingNotPossible, Stale, Invalid."""
    await _call(work, call_id)
    bidding = await _own(work, call_id, version)
    rules.next_state("postpone", State(bidding.state))
    _require_due(fields.due_at, work.now)
    bidding.postpone(fields.due_at)
    for bidder in await _bidders(work, bidding):
        if bidder.task_id is not None:
            _emit(work, bidder.ask_anew(fields.due_at, work.now))
    return bidding


async def close_bidding(work: Work, call_id: UUID, version: int | None) -> Bidding:
    """What was bid counts from now on. Raises NotFound, OwnApplication, BiddingNotPossible, Stale."""
    await _call(work, call_id)
    bidding = await _own(work, call_id, version)
    await _close(work, bidding)
    return bidding


async def place_bids(work: Work, bidding_id: UUID, fields: BidsUpdate) -> Bidder:
    """Say of some applications whether one would review them, or that there is a conflict. Raises NotFound,
    BiddingNotPossible, Invalid for what one may not bid on."""
    bidder = await _asked(work, bidding_id, "bid")
    known = set(await queries.biddable(work, bidder.call_id, bidder.expert_id))
    readable = await work.rows(
        "SELECT id FROM applications WHERE id = ANY(%(ids)s) AND label = ANY(%(labels)s)",
        {
            "ids": [one.application_id for one in fields.bids if one.application_id in known],
            "labels": work.actor.clearance.readable_labels(),
        },
    )
    possible = {row["id"] for row in readable}
    faults = [
        {"pointer": f"/bids/{n}/application_id", "detail": N_("There is no application here that you may bid on.")}
        for n, one in enumerate(fields.bids)
        if one.application_id not in possible
    ]
    if len({one.application_id for one in fields.bids}) != len(fields.bids):
        faults.append({"pointer": "/bids", "detail": N_("Say one thing of each application.")})
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    said = {
        "expert": bidder.expert_id,
        "call": bidder.call_id,
        "now": work.now,
        "bids": as_json(
            [
                {
                    "id": str(one.application_id),
                    "bid": one.bid,
                    "reason": one.reason if one.bid == CONFLICT else "",
                }
                for one in fields.bids
            ]
        ),
        "neutral": NEUTRAL,
    }
    await work.execute(
        """DELETE FROM bids p USING jsonb_to_recordset(%(bids)s::jsonb) AS x (id uuid, bid text)
           WHERE p.expert_id = %(expert)s AND p.application_id = x.id AND x.bid = %(neutral)s""",
        said,
    )
    await work.execute(
        """INSERT INTO bids (application_id, expert_id, call_id, bid, reason, placed_at)
           SELECT x.id, %(expert)s, %(call)s, x.bid, x.reason, %(now)s
           FROM jsonb_to_recordset(%(bids)s::jsonb) AS x (id uuid, bid text, reason text) WHERE x.bid <> %(neutral)s
           ON CONFLICT (application_id, expert_id) DO UPDATE
           SET bid = excluded.bid, reason = excluded.reason, placed_at = excluded.placed_at""",
        said,
    )
    bidder.touch()
    return bidder


async def finish_bidding(work: Work, bidding_id: UUID) -> Bidder:
    """Say that one is done: no reminder follows. Bids can still be changed. Raises NotFound, BiddingNotPossible."""
    bidder = await _asked(work, bidding_id, "finish")
    _emit(work, bidder.finish(work.now))
    return bidder


async def end_biddings(work: Work) -> None:
    """By the clock: biddings whose time is over, or whose call is no longer closed, take no more bids."""
    over = await work.rows(
        """SELECT w.id FROM biddings w JOIN calls c ON c.id = w.call_id
           WHERE w.state = 'open' AND (w.due_at <= %(now)s OR c.state <> 'closed') ORDER BY w.due_at LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in over:
        async with work.apart(bidding=row["id"]):
            bidding = await work.get(Bidding, row["id"])
            if bidding.state == State.OPEN.value:
                await _close(work, bidding)


async def remind_bidders(work: Work) -> None:
    """By the clock: who has not finished two days before the end is reminded once."""
    found = await work.rows(
        """SELECT b.id FROM bidders b JOIN biddings w ON w.id = b.bidding_id
           WHERE w.state = 'open' AND b.task_id IS NOT NULL AND w.due_at <= %(soon)s AND w.due_at > %(now)s
             AND b.asked_at < w.due_at - %(before)s
             AND (b.reminded_at IS NULL OR b.reminded_at < w.due_at - %(before)s)
           ORDER BY b.id LIMIT %(most)s""",
        {"now": work.now, "soon": work.now + rules.REMINDER, "before": rules.REMINDER, "most": AT_ONCE},
    )
    for row in found:
        async with work.apart(bidder=row["id"]):
            bidder = await work.session.get(
                Bidder, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if bidder is None or bidder.task_id is None:
                continue
            bidding = await work.get(Bidding, bidder.bidding_id, lock=False)
            if bidding.state == State.OPEN.value and rules.reminder_due(
                bidding.due_at, bidder.asked_at, bidder.reminded_at, work.now
            ):
                _emit(work, bidder.remind(bidding.due_at, work.now))


async def _call(work: Work, call_id: UUID) -> Call:
    """The call, locked, for an officer of its office while its assignment is prepared."""
    rules.MANAGE.admits(work.actor)
    call = await work.get(Call, call_id)
    label = label_for(SecurityLabel(call.label))
    rules.MANAGE.require(work.actor, office=call.organisation_id, label=label, thing="call")
    await require_uninvolved(work, call_id)
    if call.state != CallState.CLOSED.value:
        raise BiddingNotPossible(N_("Experts bid when the call is closed and before reviewers are assigned."))
    return call


async def _bidding(work: Work, call_id: UUID) -> Bidding | None:
    found = await work.session.execute(
        select(Bidding).where(Bidding.call_id == call_id).with_for_update()  # type: ignore[arg-type]
    )
    return found.scalars().first()


async def _own(work: Work, call_id: UUID, version: int | None) -> Bidding:
    bidding = await _bidding(work, call_id)
    if bidding is None:
        raise BiddingNotPossible(N_("No bidding was opened for this call."))
    work.must_match(bidding, version)
    return bidding


async def _asked(work: Work, bidding_id: UUID, verb: str) -> Bidder:
    """The actor's own place in a bidding that is open, locked. The bidding is locked so that many may bid at once and
    nobody after it closed. Raises NotFound, BiddingNotPossible."""
    rules.BID.admits(work.actor)
    bidder = await work.session.get(Bidder, bidding_id, populate_existing=True)
    if bidder is None or bidder.expert_subject != work.actor.subject:
        raise NotFound(queries.NOT_THERE)
    bidding = await work.row(
        "SELECT state, due_at FROM biddings WHERE id = %(id)s FOR SHARE", {"id": bidder.bidding_id}
    )
    assert bidding
    await queries.my_bidding(work, bidding_id, limit=1)
    rules.next_state(verb, State(bidding["state"]))
    if bidding["due_at"] <= work.began:
        raise BiddingNotPossible(N_("The time to bid is over."))
    return await work.get(Bidder, bidding_id)


async def _bidders(work: Work, bidding: Bidding) -> Sequence[Bidder]:
    found = await work.session.execute(
        select(Bidder)
        .where(Bidder.bidding_id == bidding.id)  # type: ignore[arg-type]
        .order_by(Bidder.id)  # type: ignore[arg-type]
        .with_for_update()
    )
    return found.scalars().all()


async def _ask(work: Work, bidding: Bidding, people: Sequence[dict[str, Any]]) -> None:
    """Whoever is new, and whoever had not finished when it was closed."""
    known = {one.expert_id: one for one in await _bidders(work, bidding)}
    for one in people:
        bidder = known.get(one["id"])
        if bidder is None:
            bidder = Bidder(
                id=new_id(),
                bidding_id=bidding.id,
                call_id=bidding.call_id,
                call_title=bidding.call_title,
                expert_id=one["id"],
                expert_name=one["name"],
                expert_subject=one["subject"],
                asked_at=work.now,
                created_at=work.now,
            )
            work.add(bidder)
        if bidder.finished_at is None:
            work.emit(bidder.ask(bidding.due_at, work.now))


async def _close(work: Work, bidding: Bidding) -> None:
    bidding.close(work.now)
    for bidder in await _bidders(work, bidding):
        _emit(work, bidder.let_go("closed"))


def _require_due(due_at: datetime, now: datetime) -> None:
    try:
        rules.require_due(due_at, now)
    except ValueError as error:
        raise Invalid.field("/due_at", str(error)) from None


def _emit(work: Work, facts: Sequence[Event]) -> None:
    for fact in facts:
        work.emit(fact)
