"""Writes about people."""

from uuid import UUID

from sqlalchemy import select

from services.resource_catalog.people import queries, rules
from services.resource_catalog.people.model import Affiliation, Person
from services.resource_catalog.people.schemas import AffiliationCreate, PersonCreate
from shared.db.work import Work
from shared.kernel.errors import Conflict, Forbidden, Invalid
from shared.kernel.marks import N_
from shared.kernel.types import OrgRef, Role


async def register_person(work: Work, fields: PersonCreate) -> Person:
    """Enter a person, and where they work now.

    Raises NotFound for another organisation than one's own, Invalid, Conflict when the ORCID iD or the sign-in
    belongs to somebody already.
    """
    rules.REGISTER.require(
        work.actor,
        owners={fields.organisation_id} if fields.organisation_id else set(),
        thing="organisation",
    )
    if not rules.VOUCH.allows(work.actor):
        for name in ("expert", "subject"):
            if getattr(fields, name):
                raise Invalid.field(
                    f"/{name}", N_("Only the coordination office enters this. Leave it out and ask them.")
                )
    organisation = await _organisation(work, fields.organisation_id)
    taken = await work.row(
        "SELECT orcid = %(orcid)s AS by_orcid FROM people WHERE orcid = %(orcid)s OR subject = %(subject)s LIMIT 1",
        {"orcid": fields.orcid, "subject": fields.subject},
    )
    if taken:
        raise Conflict(
            N_("Somebody with this ORCID iD is in the catalogue already. Look them up in the list.")
            if taken["by_orcid"]
            else N_("Somebody with this sign-in name is in the catalogue already. Look them up in the list.")
        )
    person = Person.model_validate(
        {
            **fields.model_dump(exclude={"fields"}),
            "fields_of_work": fields.fields,
            "registered_by": work.actor.subject,
            "created_at": work.now,
        }
    )
    work.add(person)
    if organisation:
        await work.flush()
        work.add(Affiliation(person_id=person.id, organisation_id=UUID(organisation.id), since=work.now.date()))
    work.emit(person.registered(organisation))
    return person


async def change_affiliation(work: Work, person_id: UUID, fields: AffiliationCreate, version: int | None) -> Person:
    """End the present affiliation and begin another. Raises NotFound, Stale, Invalid, AffiliationNotPossible."""
    rules.REGISTER.admits(work.actor)
    person = await work.get(Person, person_id)
    concerned = {one for one in (person.organisation_id, fields.organisation_id) if one}
    rules.REGISTER.require(work.actor, owners=concerned, thing="person")
    if not rules.VOUCH.allows(work.actor) and not concerned <= work.actor.organisations(Role.REPRESENTATIVE):
        raise Forbidden(N_("Another organisation is concerned too. Ask the coordination office to enter the change."))
    work.must_match(person, version)
    if person.organisation_id == fields.organisation_id:
        raise rules.AffiliationNotPossible(N_("The person works there already. Choose another organisation."))
    organisation = await _organisation(work, fields.organisation_id)
    found = await work.session.scalars(
        select(Affiliation).where(Affiliation.person_id == person.id, Affiliation.until.is_(None))  # type: ignore[union-attr, arg-type]
    )
    present = found.one_or_none()
    try:
        since = rules.affiliation_start(fields.since, present.since if present else None, work.now.date())
    except ValueError as error:
        raise Invalid.field("/since", str(error)) from None
    if present:
        present.until = since
        await work.flush()
    if organisation:
        work.add(Affiliation(person_id=person.id, organisation_id=UUID(organisation.id), since=since))
    work.emit(person.move(organisation, since))
    return person


async def _organisation(work: Work, organisation_id: UUID | None) -> OrgRef | None:
    organisation = await queries.organisation_ref(work, organisation_id)
    if organisation_id and not organisation:
        raise Invalid.field("/organisation_id", N_("There is no such organisation. Choose one from the list."))
    return organisation
