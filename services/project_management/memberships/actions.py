"""Writes about the people of an application."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.project_management.applications.model import Application, Partner
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import State
from services.project_management.applications.rules import next_state as after
from services.project_management.calls.model import Call
from services.project_management.memberships import rules
from services.project_management.memberships.schemas import MemberFields, TeamUpdate
from services.project_management.teams import queries as teams
from services.project_management.teams.model import Member
from services.project_management.teams.rules import (
    ACCOUNT,
    Known,
    Named,
    Role,
    contact,
    faults,
    identity,
    mark_of,
    of_leader,
)
from services.project_management.teams.rules import State as MemberState
from shared.contracts.projects import ApplicationMemberAnswered
from shared.db.history import names
from shared.db.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

AT_ONCE = 100


async def name_people(
    work: Work, application_id: UUID, fields: TeamUpdate, version: int | None, key: str
) -> Application:
    """Say who leads a draft and who works in it. Who is new, or whose part reads otherwise, is asked (again). Addresses
    are compared under the platform's `key`.

    Raises NotFound, Stale, Invalid, ApplicationNotReady.
    """
    application = await work.get(Application, application_id)
    rules.NAME.require(
        work.actor,
        owners={application.lead_id},
        label=SecurityLabel(application.label),
        thing="application",
    )
    work.must_match(application, version)
    after("edit", State(application.state))
    partners = await partners_of(work, application.id)
    call = await work.get(Call, application.call_id, lock=False)
    present = await teams.members_of(work, application.id)
    known = await _known(work, application, partners, present)
    leader = fields.leader or of_leader(application.drafted_by, list(known.values()))
    wanted = [Named(one.person, one.name, one.contact, one.organisation_id) for one in fields.members]
    wrong = faults(
        leader,
        wanted,
        known,
        lead_id=application.lead_id,
        partner_ids=[one.organisation_id for one in partners],
        label=SecurityLabel(application.label),
        left={one.identity for one in present if one.state == MemberState.LEFT.value},
    )
    if wrong:
        raise Invalid(
            N_("Correct the marked entries and send them again."),
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in wrong],
        )
    places = {application.lead_id: application.lead_name, **{one.organisation_id: one.name for one in partners}}
    rows = [_leader(known[leader], application, fields)]
    rows += [
        _member(one, named, known, application, places[named.organisation_id], n, key)
        for n, (one, named) in enumerate(zip(fields.members, wanted, strict=True), 1)
    ]
    application.leader = known[leader].subject
    if await _take_over(work, application, call, present, rows):
        work.emit(application.edited(["people"], partners))
    return application


async def answer(work: Work, member_id: UUID, reason: str | None, version: int | None) -> Member:
    """Agree to be named or, with a reason, take the name off.

    Raises NotFound, Stale, MemberNotReady.
    """
    seen = await work.get(Member, member_id, lock=False)
    application = await work.get(Application, seen.application_id)
    member = await work.get(Member, member_id)
    rules.ANSWER.require(work.actor, person=member.subject, label=SecurityLabel(application.label), thing="member")
    if version is not None:
        work.must_match(member, version)
    rules.may_answer(State(application.state))
    partners = await partners_of(work, application.id)
    if reason is None:
        member.agree(work.now)
    else:
        rules.may_leave(Role(member.role), State(application.state))
        member.leave(reason, work.now)
        if member.role == Role.LEADER.value:
            # Who drafted it leads it again; not None, which says that nobody was ever named.
            application.leader = application.drafted_by
    work.emit(
        ApplicationMemberAnswered(
            version=application.touch(),
            decision="agree" if reason is None else "leave",
            reason=reason or "",
            **application.frame(partners),
        )
    )
    if done := member.done(application.title, "agreed" if reason is None else "left"):
        work.emit(done)
    return member


async def mark_addresses(work: Work, key: str) -> None:
    """Before the first request: what leads wrote before addresses were compared, or under another key, is marked."""
    written = await work.rows("SELECT id, email, address_mark FROM application_members WHERE email <> ''")
    marks = {one["id"]: mark_of(one["email"], key) for one in written}
    other = [one["id"] for one in written if one["address_mark"] != marks[one["id"]]]
    await work.execute(
        """UPDATE application_members m SET address_mark = n.mark
           FROM unnest(%(ids)s::uuid[], %(marks)s::text[]) n (id, mark) WHERE m.id = n.id""",
        {"ids": other, "marks": [marks[id] for id in other]},
    )


async def settle_parts(work: Work) -> None:
    """By the clock: nobody is asked any more about an application that is decided or withdrawn."""
    over = await work.rows(
        """SELECT DISTINCT a.id FROM applications a JOIN application_members m ON m.application_id = a.id
           WHERE m.task_id IS NOT NULL AND NOT a.state = ANY(%(live)s) LIMIT %(most)s""",
        {"live": sorted(one.value for one in rules.LIVE), "most": AT_ONCE},
    )
    for row in over:
        async with work.apart(application=row["id"]):
            application = await work.get(Application, row["id"])
            for member in await teams.members_of(work, application.id):
                if done := member.done(application.title, "over"):
                    work.emit(done)


async def carry_team(work: Work, earlier: Application, application: Application) -> None:
    """The people of an application that is handed in again are asked anew; who left, or works elsewhere now, is not."""
    partners = await partners_of(work, application.id)
    places = {application.lead_id, *(one.organisation_id for one in partners)}
    call = await work.get(Call, application.call_id, lock=False)
    rows = [
        Member(
            application_id=application.id,
            **one.model_dump(
                include={
                    "position", "role", "person_id", "subject", "name", "email", "address_mark", "orcid",
                    "organisation_id", "organisation_name", "part", "months",
                }
            ),
        )
        for one in await teams.members_of(work, earlier.id)
        if one.state != MemberState.LEFT.value and one.organisation_id in places
    ]  # fmt: skip
    application.leader = earlier.leader if any(one.role == Role.LEADER.value for one in rows) else None
    await _take_over(work, application, call, [], rows)


async def _known(
    work: Work, application: Application, partners: Sequence[Partner], present: Sequence[Member]
) -> Mapping[str, Known]:
    """Who can be picked; who drafted it, and who was named before and works elsewhere now, stay possible."""
    people = await teams.choices(work, [application.lead_id, *(one.organisation_id for one in partners)])
    if not any(one.subject == application.drafted_by for one in people):
        name = (await names(work, [application.drafted_by]))[application.drafted_by]
        drafter = Known(ACCOUNT + application.drafted_by, None, application.drafted_by, name, "", application.lead_id)
        people = [*people, drafter]
    before = {
        one.identity: Known(one.identity, one.person_id, one.subject, one.name, "", one.organisation_id)
        for one in present
        if one.person_id or one.subject
    }
    return before | {one.key: one for one in people}


def _leader(one: Known, application: Application, fields: TeamUpdate) -> Member:
    return Member(
        application_id=application.id,
        role=Role.LEADER.value,
        person_id=one.person_id,
        subject=one.subject,
        name=one.name,
        organisation_id=application.lead_id,
        organisation_name=application.lead_name,
        part=fields.leader_part,
        months=fields.leader_months,
    )


def _member(
    one: MemberFields,
    named: Named,
    known: Mapping[str, Known],
    application: Application,
    place: str,
    position: int,
    key: str,
) -> Member:
    picked = known.get(identity(named, known)) if named.person else None
    orcid, email = (contact(named.contact) or ("", "")) if picked is None else ("", "")
    return Member(
        application_id=application.id,
        position=position,
        role=Role.MEMBER.value,
        person_id=picked.person_id if picked else None,
        subject=picked.subject if picked else None,
        name=picked.name if picked else named.name,
        email=email,
        address_mark=mark_of(email, key),
        orcid=orcid,
        organisation_id=named.organisation_id,
        organisation_name=place,
        part=one.part,
        months=one.months,
    )


async def _take_over(
    work: Work, application: Application, call: Call, present: Sequence[Member], rows: Sequence[Member]
) -> bool:
    """Make the rows the people of the application; whether anything differs."""
    before = {one.identity: one for one in present if one.state != MemberState.LEFT.value}
    differs = False
    for new in rows:
        member = before.pop(new.identity, None)
        asked = member is None or _reads(member) != _reads(new)
        differs = differs or asked or (member is not None and member.position != new.position)
        if member is None:
            member = new
            work.add(member)
        for name in (
            "position",
            "role",
            "subject",
            "address_mark",
            "organisation_id",
            "organisation_name",
            "part",
            "months",
        ):
            setattr(member, name, getattr(new, name))
        if not asked:
            continue
        if done := member.done(application.title, "asked anew"):
            work.emit(done)
        if member.subject == work.actor.subject:
            member.state, member.answered_at = MemberState.AGREED.value, work.now
        elif member.subject:
            member.version += 1
            work.emit(member.ask(application.title, call.closes_at))
    for gone in before.values():
        differs = True
        if done := gone.done(application.title, "taken off"):
            work.emit(done)
        await work.session.delete(gone)
    return differs


def _reads(one: Member) -> tuple[object, ...]:
    return one.role, one.organisation_id, one.part, f"{one.months:.1f}"
