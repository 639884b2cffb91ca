"""Writes about panel meetings."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications.rules import label_for
from services.project_management.assignments.queries import call_for_office, require_unsettled
from services.project_management.awards.queries import ranking
from services.project_management.calls.model import Call
from services.project_management.calls.rules import CallNotReady
from services.project_management.calls.rules import State as CallState
from services.project_management.panels import queries, rules
from services.project_management.panels.model import Panel, PanelItem, PanelMember
from services.project_management.panels.rules import State
from services.project_management.panels.schemas import PanelCreate, RecommendationCreate, RecusalCreate
from services.project_management.receipts.actions import number_paper
from services.project_management.snapshots import canonical
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel

Meeting = tuple[Panel, list[PanelMember], list[PanelItem], queries.Recusals]


async def convene_panel(work: Work, call_id: UUID, fields: PanelCreate) -> Panel:
    """Ask experts to sit over the ranking of a call whose reviews are in.

    Raises NotFound, OwnApplication, CallNotReady, PanelExists, Invalid.
    """
    rules.RUN.admits(work.actor)
    shown = await call_for_office(work, call_id)
    rules.RUN.require(work.actor, office=shown["organisation_id"], thing="call")
    call = await work.get(Call, call_id)
    await require_unsettled(work, call_id)
    before = await queries.of_call(work, call_id)
    if before and before["state"] != State.CLOSED.value:
        raise rules.PanelExists(N_("Call the meeting off before you convene another; closed minutes stay."))
    ranked = await ranking(work, call_id)
    if call.state != CallState.DECIDING.value or not ranked["complete"]:
        raise CallNotReady(N_("A panel meets after every review is in and before the call is decided."))
    ids = list(dict.fromkeys([fields.expert_id, *fields.expert_ids]))
    people = {one["id"]: one for one in await queries.candidates(work, call_id)}
    faults = [
        {"pointer": "/expert_id" if id == fields.expert_id else "/expert_ids", "detail": detail}
        for id in ids
        if id not in people
        for detail in [
            N_("This is no expert with the reviewer role, or acts for an organisation that applied to this call.")
        ]
    ]
    if not faults and not rules.LEAST <= len(ids) <= rules.MOST:
        told = S_("A panel has %(least)s to %(most)s members.", least=rules.LEAST, most=rules.MOST)
        faults = [{"pointer": "/expert_ids", "detail": told}]
    listed = {UUID(one["id"]) for one in ranked["items"]}
    if not set(fields.first) <= listed:
        faults.append({"pointer": "/first", "detail": N_("This application does not compete in the call.")})
    if fields.meets_at <= work.now:
        faults.append({"pointer": "/meets_at", "detail": N_("Choose a time to come.")})
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    panel = Panel(
        id=new_id(),
        call_id=call.id,
        call_title=call.title,
        office_id=call.organisation_id,
        office_name=call.organisation_name,
        label=label_for(SecurityLabel(call.label)).value,
        meets_at=fields.meets_at,
        place=fields.place,
        convened_by=work.actor.subject,
        created_at=work.now,
    )
    work.add(panel)
    await work.flush()
    for number, one in enumerate(rules.agenda(ranked["items"], [str(id) for id in fields.first]), 1):
        work.add(
            PanelItem(
                panel_id=panel.id,
                application_id=UUID(one["id"]),
                number=number,
                title=one["title"],
                rank=one["rank"],
                mean=one["mean"],
                proposed=one["outcome"],
                requested_amount=Decimal(one["requested"]["amount"]),
                requested_currency=one["requested"]["currency"],
            )
        )
    work.emit(panel.convened())
    members = [
        PanelMember(
            panel_id=panel.id,
            person_id=id,
            name=people[id]["name"],
            subject=people[id]["subject"],
            chair=id == fields.expert_id,
        )
        for id in ids
    ]
    await _keep_recusals(work, panel, members, [UUID(one["id"]) for one in ranked["items"]])
    for member in members:
        work.add(member)
        work.emit(member.invite(panel))
    return panel


async def open_meeting(work: Work, panel_id: UUID, version: int | None) -> Panel:
    """The chair opens the meeting; who may not judge what is looked for once more, and stays so from then on.

    Raises NotFound, Stale, NotTheChair, PanelNotReady.
    """
    panel, me, members, items, _recused = await _mine(work, panel_id, version)
    _chair(me)
    work.emit(panel.open())
    await _keep_recusals(work, panel, members, [one.application_id for one in items])
    for member in members:
        _emit(work, member.done("opened"))
    return panel


async def declare_recusal(work: Work, panel_id: UUID, fields: RecusalCreate, version: int | None) -> Panel:
    """A member does not judge an application, from now on; what was recorded of it is said anew by the others.

    Raises NotFound, Stale, PanelNotReady, Recused, Invalid.
    """
    panel, me, _members, items, recused = await _mine(work, panel_id, version)
    item = _item_of(items, fields.application_id)
    panel.work_on("step_back" if panel.state == State.IN_SESSION.value else "recuse")
    if (item.application_id, me.person_id) in recused:
        raise rules.Recused(N_("You are recused from it already."))
    told = {str(item.application_id): fields.reason}
    me.declared, me.recused = {**me.declared, **told}, {**(me.recused or {}), **told}
    item.blank()
    return panel


async def record_recommendation(work: Work, panel_id: UUID, fields: RecommendationCreate, version: int | None) -> Panel:
    """What the panel says of one application, until the minutes are closed.

    Raises NotFound, Stale, PanelNotReady, Recused, NotTheChair, Invalid.
    """
    panel, me, members, items, recused = await _mine(work, panel_id, version)
    item = _item_of(items, fields.application_id)
    panel.work_on("record")
    out = {person for application, person in recused if application == item.application_id}
    if me.person_id in out:
        raise rules.Recused(N_("Somebody who is not recused writes down what the panel says of it."))
    if not me.chair and not any(one.chair and one.person_id in out for one in members):
        raise rules.NotTheChair(
            N_("The chair writes down what the panel says, but where recused from the application.")
        )
    wrong = rules.fault(
        fields.recommendation,
        item.proposed,
        votes=(fields.in_favour, fields.against, fields.abstained),
        eligible=sum(one.person_id not in out for one in members),
        reason=fields.reason.strip(),
        conditions=fields.conditions.strip(),
    )
    if wrong:
        raise Invalid.field(f"/{wrong[0]}", wrong[1])
    item.recommendation, item.recorded_by = fields.recommendation.value, me.subject
    item.note, item.reason, item.conditions = fields.note, fields.reason.strip(), fields.conditions.strip()
    item.in_favour, item.against, item.abstained = fields.in_favour, fields.against, fields.abstained
    return panel


async def close_minutes(work: Work, panel_id: UUID, version: int | None) -> Panel:
    """The chair closes the minutes: they are fixed with their SHA-256, and every member is asked to confirm them.

    Raises NotFound, Stale, NotTheChair, PanelNotReady, MinutesIncomplete.
    """
    panel, me, members, items, recused = await _mine(work, panel_id, version)
    _chair(me)
    rules.next_state("close", State(panel.state))
    waiting = [
        item
        for item in items
        if item.recommendation is None
        and sum((item.application_id, one.person_id) not in recused for one in members) >= rules.QUORUM
    ]
    if waiting:
        raise rules.MinutesIncomplete(
            S_("Nothing is recorded of number %(number)s of the agenda yet.", number=waiting[0].number)
        )
    text, sha256 = canonical(_minutes(panel, members, items, recused))
    work.emit(panel.close(text, sha256, work.now))
    number_paper(work, kind="minutes", about_id=panel.id, call_id=panel.call_id, sha256=sha256)
    for member in members:
        if member is me:
            member.confirmed_at = work.now
        else:
            work.emit(member.ask_to_confirm(panel))
    return panel


async def confirm_minutes(work: Work, panel_id: UUID, version: int | None) -> Panel:
    """A member confirms the closed minutes. Raises NotFound, Stale, PanelNotReady."""
    panel, me, _members, _items, _recused = await _mine(work, panel_id, version)
    rules.next_state("confirm", State(panel.state))
    if me.confirmed_at is not None:
        raise rules.PanelNotReady(N_("You have confirmed the minutes already."))
    panel.work_on("confirm")
    me.confirmed_at = work.now
    _emit(work, me.done("confirmed"))
    return panel


async def cancel_panel(work: Work, panel_id: UUID, reason: str, version: int | None) -> Panel:
    """The office calls the meeting off. Raises NotFound, Stale, PanelNotReady."""
    rules.RUN.admits(work.actor)
    panel, members, _items, _recused = await _meeting(work, panel_id)
    parties = await queries.applicants(work, panel.call_id)
    label = SecurityLabel(panel.label)
    rules.RUN.require(work.actor, office=panel.office_id, parties=parties, label=label, thing="panel")
    work.must_match(panel, version)
    work.emit(panel.cancel(reason))
    for member in members:
        _emit(work, member.done("called off"))
    return panel


async def _mine(
    work: Work, panel_id: UUID, version: int | None
) -> tuple[Panel, PanelMember, list[PanelMember], list[PanelItem], queries.Recusals]:
    """The meeting for one of its members. Raises NotFound to everybody else, and to who has a part in its call."""
    rules.SIT.admits(work.actor)
    panel, members, items, recused = await _meeting(work, panel_id)
    me = next((one for one in members if one.subject == work.actor.subject), None)
    taking_part = work.actor.organisations() & await queries.applicants(work, panel.call_id)
    rules.SIT.require(
        work.actor,
        person=me.subject if me and not taking_part else "",
        label=SecurityLabel(panel.label),
        thing="panel",
    )
    assert me is not None
    work.must_match(panel, version)
    return panel, me, members, items, recused


async def _meeting(work: Work, panel_id: UUID) -> Meeting:
    seen = await work.session.get(Panel, panel_id)
    if seen is None:
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="panel"))
    panel = await work.get(Panel, panel_id)
    members = await work.session.execute(
        select(PanelMember).where(PanelMember.panel_id == panel_id).order_by(PanelMember.name)  # type: ignore[arg-type]
    )
    found = await work.session.execute(
        select(PanelItem).where(PanelItem.panel_id == panel_id).order_by(PanelItem.number)  # type: ignore[arg-type]
    )
    sitting, items = list(members.scalars()), list(found.scalars())
    ids = [one.application_id for one in items]
    if any(one.recused is None for one in sitting):
        await _keep_recusals(work, panel, sitting, ids)
    return panel, sitting, items, await queries.recusals(work, panel.call_id, ids, _told(sitting))


async def _keep_recusals(work: Work, panel: Panel, members: Sequence[PanelMember], ids: Sequence[UUID]) -> None:
    """Look for every tie between members and agenda, and keep what is found with its reasons."""
    found = await queries.found_recusals(work, panel.call_id, ids, _told(members))
    for member in members:
        member.recused = {str(id): reason for (id, person), reason in found.items() if person == member.person_id}


def _told(members: Sequence[PanelMember]) -> list[dict[str, Any]]:
    return [{"person_id": one.person_id, "declared": one.declared, "recused": one.recused} for one in members]


def _chair(me: PanelMember) -> None:
    if not me.chair:
        raise rules.NotTheChair(N_("Ask the chair to do this."))


def _item_of(items: Sequence[PanelItem], application_id: UUID) -> PanelItem:
    found = next((one for one in items if one.application_id == application_id), None)
    if found is None:
        raise Invalid.field("/application_id", N_("This application is not on the agenda."))
    return found


def _minutes(
    panel: Panel, members: Sequence[PanelMember], items: Sequence[PanelItem], recused: queries.Recusals
) -> dict[str, Any]:
    """Word for word what is closed. Recusals are named; their reasons stay with the office."""
    return {
        "call": {"id": str(panel.call_id), "title": panel.call_title},
        "office": panel.office_name,
        "meets_at": panel.meets_at.isoformat(),
        "place": panel.place,
        "members": [{"name": one.name, "chair": one.chair} for one in members],
        "items": [
            {
                "number": one.number,
                "application_id": str(one.application_id),
                "title": one.title,
                "rank": one.rank,
                "mean": one.mean,
                "proposed": one.proposed,
                "recommendation": one.recommendation,
                "note": one.note,
                "conditions": one.conditions,
                "reason": one.reason,
                "votes": {"for": one.in_favour, "against": one.against, "abstained": one.abstained},
                "recused": [member.name for member in members if (one.application_id, member.person_id) in recused],
            }
            for one in items
        ],
    }


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
