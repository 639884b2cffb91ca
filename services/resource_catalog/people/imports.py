"""People from public lists, a batch at a time."""

from typing import Any
from uuid import UUID

from services.resource_catalog.people import rules
from services.resource_catalog.people.model import Person
from services.resource_catalog.people.schemas import PersonBatch, PersonRow
from shared.db.work import Work, as_json
from shared.kernel.batches import BatchResult, RowFault, checked_rows
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef

_ORGANISATIONS = """
SELECT DISTINCT ON (r.place) r.place, o.id, o.name
FROM jsonb_to_recordset(%(wanted)s::jsonb) AS r (place int, organisation_number text, organisation text)
JOIN organisations o ON CASE WHEN r.organisation_number IS NOT NULL
                             THEN o.source = %(source)s AND o.source_number = r.organisation_number
                             ELSE lower(o.name) = lower(r.organisation) END
ORDER BY r.place, o.id
"""

_INSERT = """
WITH entered AS (
    INSERT INTO people (id, version, created_at, name, name_zh, orcid, organisation_id, fields_of_work, expert,
                        review_cap, registered_by, source, source_number)
    SELECT r.id, 1, %(now)s, r.name, r.name_zh, r.orcid, r.organisation_id, r.fields, r.expert, r.review_cap, %(by)s,
           %(source)s, r.number
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r
         (id uuid, name text, name_zh text, orcid text, organisation_id uuid, fields jsonb, expert boolean,
          review_cap int, number text)
    ON CONFLICT DO NOTHING
    RETURNING id, organisation_id
), placed AS (
    INSERT INTO affiliations (id, person_id, organisation_id, since)
    SELECT gen_random_uuid(), id, organisation_id, %(now)s::timestamptz::date FROM entered
    WHERE organisation_id IS NOT NULL
)
SELECT id FROM entered
"""


async def import_people(work: Work, batch: PersonBatch) -> BatchResult:
    """Enter who is new. Who has the same source and number, or the same ORCID iD, is there already and stays."""
    rules.IMPORT.require(work.actor)
    fitting, faults = checked_rows(PersonRow, batch.rows)
    places = await _organisations(work, batch.source, fitting)
    for position, row in list(fitting.items()):
        if (row.organisation_number or row.organisation) and position not in places:
            field = "organisation_number" if row.organisation_number else "organisation"
            faults.append(RowFault(row=position, field=field, reason="no such organisation: import it first"))
            del fitting[position]
    fresh = {new_id(): (row, places.get(position)) for position, row in fitting.items()}
    written = [
        {"id": id, "organisation_id": ref.id if ref else None, **row.model_dump(mode="json")}
        for id, (row, ref) in fresh.items()
    ]
    inserted = await work.rows(
        _INSERT, {"rows": as_json(written), "source": batch.source, "now": work.now, "by": work.actor.subject}
    )
    for found in inserted:
        work.emit(_person(work, found["id"], fresh[found["id"]][0]).registered(fresh[found["id"]][1]))
    return BatchResult(
        accepted=len(inserted),
        unchanged=len(fitting) - len(inserted),
        refused=len(batch.rows) - len(fitting),
        errors=sorted(faults, key=lambda fault: fault.row),
    )


async def _organisations(work: Work, source: str, rows: dict[int, PersonRow]) -> dict[int, OrgRef]:
    wanted: list[dict[str, Any]] = [
        {"place": position, **row.model_dump(include={"organisation_number", "organisation"})}
        for position, row in rows.items()
        if row.organisation_number or row.organisation
    ]
    found = await work.rows(_ORGANISATIONS, {"wanted": as_json(wanted), "source": source}) if wanted else []
    return {row["place"]: OrgRef(id=str(row["id"]), name=row["name"]) for row in found}


def _person(work: Work, id: UUID, row: PersonRow) -> Person:
    return Person.model_validate(
        {
            **row.model_dump(include={"name", "name_zh", "orcid", "expert", "review_cap"}),
            "fields_of_work": row.fields,
            "id": id,
            "registered_by": work.actor.subject,
            "created_at": work.now,
        }
    )
