"""What is heard of people: who they are, what they know, and for whom they work."""

from datetime import datetime
from uuid import UUID

from services.project_management.people.model import Affiliation, Person, PersonAddresses, Touched
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.catalog import AffiliationChanged, PersonRegistered
from shared.contracts.coordination import PersonAddressesChanged
from shared.db.work import Work, as_json
from shared.kernel.types import OrgRef

hears = Reactions()


@hears.on(PersonRegistered)
async def on_person_registered(work: Work, event: PersonRegistered, heard: Envelope) -> None:
    await work.execute(
        f"""INSERT INTO {Person.__tablename__} AS p
                  (id, version, described, name, name_zh, subject, orcid, fields, expert, review_cap)
           VALUES (%(id)s, %(version)s, %(version)s, %(name)s, %(name_zh)s, %(subject)s, %(orcid)s, %(fields)s::jsonb,
                   %(expert)s, %(review_cap)s)
           ON CONFLICT (id) DO UPDATE
           SET version = greatest(p.version, excluded.version), described = excluded.described, name = excluded.name,
               name_zh = excluded.name_zh, subject = excluded.subject, orcid = excluded.orcid,
               fields = excluded.fields, expert = excluded.expert, review_cap = excluded.review_cap
           WHERE excluded.described >= p.described""",  # noqa: S608 -- our own table name
        {
            "id": event.id,
            "version": event.version,
            "name": event.name,
            "name_zh": event.name_zh,
            "subject": event.subject,
            "orcid": event.orcid,
            "fields": as_json(list(event.fields)),
            "expert": event.expert,
            "review_cap": event.review_cap,
        },
    )
    await _affiliated(work, event.id, event.version, event.organisation, None)
    await _touch(work, str(event.id))


@hears.on(AffiliationChanged)
async def on_affiliation_changed(work: Work, event: AffiliationChanged, heard: Envelope) -> None:
    await work.execute(
        f"""INSERT INTO {Person.__tablename__} AS p (id, version, described, name, name_zh, fields, expert, review_cap)
           VALUES (%(id)s, %(version)s, 0, %(name)s, '', '[]'::jsonb, false, 0)
           ON CONFLICT (id) DO UPDATE SET version = greatest(p.version, excluded.version)""",  # noqa: S608
        {"id": event.id, "version": event.version, "name": event.name},
    )
    await _affiliated(work, event.id, event.version, event.organisation, event.since)
    await _touch(work, str(event.id))


async def _affiliated(
    work: Work, person_id: UUID, version: int, organisation: OrgRef | None, since: datetime | None
) -> None:
    await work.execute(
        f"""INSERT INTO {Affiliation.__tablename__} (person_id, version, organisation_id, organisation_name, since)
           VALUES (%(person)s, %(version)s, %(organisation)s, %(name)s, %(since)s)
           ON CONFLICT (person_id, version) DO NOTHING""",  # noqa: S608
        {
            "person": person_id,
            "version": version,
            "organisation": UUID(organisation.id) if organisation else None,
            "name": organisation.name if organisation else "",
            "since": since,
        },
    )


@hears.on(PersonAddressesChanged)
async def on_addresses_changed(work: Work, event: PersonAddressesChanged, heard: Envelope) -> None:
    """The whole book each time, so that the newest version is all there is to know."""
    await work.execute(
        f"""INSERT INTO {PersonAddresses.__tablename__} AS a (subject, version, verified, unverified)
            VALUES (%(subject)s, %(version)s, %(verified)s, %(unverified)s)
            ON CONFLICT (subject) DO UPDATE
            SET version = excluded.version, verified = excluded.verified, unverified = excluded.unverified
            WHERE excluded.version > a.version""",  # noqa: S608 -- our own table name
        {
            "subject": event.subject,
            "version": event.version,
            "verified": [one.mark for one in event.addresses if one.verified],
            "unverified": [one.mark for one in event.addresses if not one.verified],
        },
    )
    await _touch(work, event.subject)


async def _touch(work: Work, key: str) -> None:
    """A tie may have come to light by it: the clock looks."""
    await work.execute(
        f"""INSERT INTO {Touched.__tablename__} (key, touched_at) VALUES (%(key)s, %(now)s)
            ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at""",  # noqa: S608 -- our own table name
        {"key": key, "now": work.now},
    )
