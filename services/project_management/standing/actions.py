"""Writes to the ledger."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.project_management.organisations.queries import standings
from services.project_management.standing import queries, rules
from services.project_management.standing.model import Entry
from services.project_management.standing.rules import Kind, Of, State
from services.project_management.standing.schemas import EntryCreate
from shared.blobs.rows import attach
from shared.contracts.base import Event, ThingRef
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import Role, SecurityLabel

AT_ONCE = 100


async def propose_entry(work: Work, fields: EntryCreate) -> Entry:
    """An officer puts an entry forward; notice of it is another step.

    Raises NotFound, Invalid, NoSuchDocument, DocumentNotClean, DocumentTaken.
    """
    rules.PROPOSE.admits(work.actor)
    office_id = work.actor.organisation(Role.PROGRAMME_OFFICER)
    assert office_id
    of = rules.TARIFFS[rules.TARIFF][fields.kind].of
    project = None
    if fields.project_id:
        project = await queries.project_behind(work, fields.project_id)
        held = work.actor.organisations(Role.PROGRAMME_OFFICER)
        if (
            project is None
            or project["office_id"] not in held
            or not queries.label_of(project).readable_with(work.actor.clearance)
        ):
            raise NotFound(N_("There is no project here that you may see."))
    if of is Of.TEAM and project is None:
        raise Invalid.field("/project_id", N_("This kind of entry is about a team: name its project."))
    organisation_id = fields.subject_id or (project["lead_id"] if project else None)
    if organisation_id is None:
        raise Invalid.field("/subject_id", N_("Name the organisation, or the project that it is about."))
    if project:
        name = _name_among(project, organisation_id, of)
    else:
        known = (await standings(work, [organisation_id])).get(organisation_id)
        if known is None:
            raise Invalid.field("/subject_id", N_("Choose organisations that are registered on the platform."))
        name = known.name
    if organisation_id in work.actor.organisations():
        raise Invalid.field("/subject_id", N_("You act for this organisation. Somebody else has to propose the entry."))
    entry = Entry(
        id=new_id(),
        **_subject(of, organisation_id, name, project),
        kind=fields.kind.value,
        reason=fields.reason,
        evidence=_evidence("project", project["id"], project["title"]) if project else {},
        office_id=project["office_id"] if project else office_id,
        label=queries.label_of(project).value,
        proposed_by=work.actor.subject,
        created_at=work.now,
    )
    if fields.document_id:
        await attach(work, fields.document_id, "standing", entry.id)
    work.add(entry)
    _emit(work, entry.proposed(work.now))
    return entry


async def propose_by_rule(
    work: Work, kind: Kind, project_id: UUID, *, cause: str, by_rule: str, reason: str, about: ThingRef, title: str
) -> Entry | None:
    """What another rule of the service proposes about the lead of a project: once for each cause.

    A named officer gives the notice and puts it in force; nothing is punished or rewarded by the clock.
    """
    if await work.row("SELECT 1 FROM standing_entries WHERE cause = %(cause)s", {"cause": cause}):
        return None
    project = await queries.project_behind(work, project_id)
    assert project
    of = rules.TARIFFS[rules.TARIFF][kind].of
    entry = Entry(
        id=new_id(),
        **_subject(of, project["lead_id"], project["lead_name"], project),
        kind=kind.value,
        reason=reason,
        evidence=_evidence(about.kind, about.id, title),
        cause=cause,
        by_rule=by_rule,
        office_id=project["office_id"],
        label=queries.label_of(project).value,
        proposed_by=work.actor.subject,
        created_at=work.now,
    )
    work.add(entry)
    _emit(work, entry.proposed(work.now))
    return entry


async def take_back_by_rule(work: Work, cause: str, reason: str) -> None:
    """What this cause proposed rests on nothing any more: what is on its way is withdrawn, what counts is annulled."""
    found = await work.rows(
        """SELECT id FROM standing_entries WHERE (cause = %(cause)s OR starts_with(cause, %(cause)s || ' round '))
           AND state IN ('proposed', 'noticed', 'in_force', 'appealed', 'upheld') ORDER BY id FOR UPDATE""",
        {"cause": cause},
    )
    for row in found:
        entry = await work.get(Entry, row["id"])
        if State(entry.state) in rules.COUNTING:
            _emit(work, entry.annul(reason, work.actor.subject, work.now))
            await _trace(work, entry)
        else:
            _emit(work, entry.withdraw(reason))


def _name_among(project: dict[str, Any], organisation_id: UUID, of: Of) -> str:
    """What a party of the project is called. Raises Invalid for who is none, or does not lead a team that is meant."""
    names = {project["lead_id"]: project["lead_name"]} | {UUID(one["id"]): one["name"] for one in project["partners"]}
    if organisation_id not in names:
        raise Invalid.field(
            "/subject_id", N_("This organisation has no part in the project. Choose its lead or one of its partners.")
        )
    if of is Of.TEAM and organisation_id != project["lead_id"]:
        raise Invalid.field(
            "/subject_id", N_("This kind of entry is about the team of the project's lead. Leave the organisation out.")
        )
    return str(names[organisation_id])


def _subject(of: Of, organisation_id: UUID, name: str, project: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "subject_kind": of.value,
        "organisation_id": organisation_id,
        "organisation_name": name,
    }
    if of is Of.TEAM and project:
        members = [str(one.get("name", "")) for one in project["people"]]
        found |= {"leader": project["leader"], "leader_name": project["leader_name"], "members": members}
    return found


def _evidence(kind: str, id: UUID, title: str) -> dict[str, str]:
    return {"kind": kind, "id": str(id), "title": title}


async def give_notice(work: Work, entry_id: UUID, days: int, version: int | None) -> Entry:
    """Raises NotFound, Stale, EntryNotReady."""
    entry = await _entry(work, entry_id, rules.KEEP, version)
    _emit(work, entry.notice(work.actor.subject, work.now, days))
    return entry


async def answer_notice(work: Work, entry_id: UUID, text: str, version: int | None) -> Entry:
    """Once, to a punishment, in time. Raises NotFound, Stale, EntryNotReady, AnswerTooLate."""
    entry = await _entry(work, entry_id, rules.ANSWER, version)
    _emit(work, entry.reply(text, work.actor.subject, work.now, work.began))
    return entry


async def enforce_entry(work: Work, entry_id: UUID, note: str, version: int | None) -> Entry:
    """A named officer puts the entry in force. Raises NotFound, Stale, EntryNotReady, StillTimeToAnswer."""
    entry = await _entry(work, entry_id, rules.KEEP, version)
    _emit(work, entry.enforce(work.actor.subject, note, work.now))
    await _trace(work, entry)
    return entry


async def withdraw_entry(work: Work, entry_id: UUID, reason: str, version: int | None) -> Entry:
    """Raises NotFound, Stale, EntryNotReady."""
    entry = await _entry(work, entry_id, rules.KEEP, version)
    _emit(work, entry.withdraw(reason))
    return entry


async def appeal_entry(work: Work, entry_id: UUID, text: str, version: int | None) -> Entry:
    """Once, within a month. Raises NotFound, Stale, EntryNotReady, AppealTooLate."""
    entry = await _entry(work, entry_id, rules.ANSWER, version)
    rules.next_state("appeal", State(entry.state))
    if entry.appeal_until is None:
        raise rules.EntryNotReady(N_("A reward is not appealed."))
    if work.began >= entry.appeal_until:
        raise rules.AppealTooLate(N_("An appeal was possible for 30 days after the entry came into force."))
    _emit(work, entry.make_appeal(text, work.now))
    return entry


async def rule_on_appeal(work: Work, entry_id: UUID, verb: str, reason: str, version: int | None) -> Entry:
    """Uphold or lift an entry that was appealed. Raises NotFound, Stale, EntryNotReady, OwnEntry."""
    entry = await _entry(work, entry_id, rules.DECIDE, version)
    rules.next_state(verb, State(entry.state))
    rules.require_other_hand(work.actor.subject, (entry.proposed_by, entry.noticed_by, entry.enforced_by))
    _emit(work, entry.rule(verb, reason, work.actor.subject, work.now))
    await _trace(work, entry)
    return entry


async def follow_entries(work: Work) -> None:
    """What the clock does: an answer that did not come, an appeal that was not made, a term that is over."""
    due = await work.rows(
        """SELECT id FROM standing_entries
           WHERE (state IN ('in_force', 'upheld') AND ends_on <= %(day)s)
              OR (state = 'noticed' AND task_kind = 'standing.answer' AND answer_due_at <= %(now)s)
              OR (state = 'in_force' AND task_kind = 'standing.appeal' AND appeal_until <= %(now)s)
           ORDER BY id LIMIT %(most)s""",
        {"day": local_day(work.now), "now": work.now, "most": AT_ONCE},
    )
    for row in due:
        async with work.apart(entry=row["id"]):
            await _follow(work, row["id"])


async def _follow(work: Work, entry_id: UUID) -> None:
    entry = await work.get(Entry, entry_id)
    state = State(entry.state)
    if state in (State.IN_FORCE, State.UPHELD) and entry.ends_on and entry.ends_on <= local_day(work.now):
        _emit(work, entry.expire())
    elif state is State.NOTICED and _over(entry.answer_due_at, work) and entry.task_kind == "standing.answer":
        _emit(work, entry.time_passed(work.now))
    elif state is State.IN_FORCE and _over(entry.appeal_until, work) and entry.task_kind == "standing.appeal":
        _emit(work, entry.appeal_time_passed())


def _over(moment: datetime | None, work: Work) -> bool:
    return moment is not None and moment <= work.now


async def _entry(work: Work, entry_id: UUID, policy: Policy, version: int | None) -> Entry:
    """The entry, locked, if the policy allows it; its subject does not know of a proposal. Raises NotFound, Stale."""
    policy.admits(work.actor)
    entry = await work.get(Entry, entry_id)
    if entry.noticed_at is None and policy is rules.ANSWER:
        raise NotFound(N_("There is no entry here that you may see."))
    policy.require(
        work.actor,
        owners=entry.owners,
        office=entry.office_id,
        label=SecurityLabel(entry.label),
        person=entry.leader,
        thing="entry",
    )
    work.must_match(entry, version)
    return entry


async def _trace(work: Work, entry: Entry) -> None:
    """Keep what the ledger comes to now."""
    found = await queries.effects_of(
        work, [] if entry.leader else [entry.organisation_id], [entry.leader] if entry.leader else []
    )
    trace = found.leader(entry.leader) if entry.leader else found.organisation(entry.organisation_id)
    entry.trace = trace.model_dump(mode="json")


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
