"""Organisations from public lists, a batch at a time."""

from services.resource_catalog.organisations import rules
from services.resource_catalog.organisations.model import Organisation
from services.resource_catalog.organisations.schemas import OrganisationBatch, OrganisationRow
from shared.db.work import Work, as_json
from shared.kernel.batches import BatchResult, checked_rows
from shared.kernel.ids import new_id

# The unique indexes decide what is there already, so two imports at once cannot double anything either.
_INSERT = """
INSERT INTO organisations
    (id, version, created_at, name, name_zh, kind, sector, region, credit_code, state, state_reason, registered_by,
     source, source_number)
SELECT r.id, 1, %(now)s, r.name, coalesce(r.name_zh, ''), r.kind, r.sector, r.region, r.credit_code, 'registered', '',
       %(by)s, %(source)s, r.number
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r
     (id uuid, name text, name_zh text, kind text, sector text, region text, credit_code text, number text)
WHERE r.number IS NOT NULL
   OR NOT EXISTS (SELECT FROM organisations o WHERE lower(o.name) = lower(r.name) AND o.region = r.region)
ON CONFLICT DO NOTHING
RETURNING id
"""


async def import_organisations(work: Work, batch: OrganisationBatch) -> BatchResult:
    """Register what is new. What has the same source and number (without a number: the same name and region), or the
    same credit code, is there already and stays as it is.
    """
    rules.IMPORT.require(work.actor)
    fitting, faults = checked_rows(OrganisationRow, batch.rows)
    fresh = {new_id(): row for row in fitting.values()}
    inserted = await work.rows(
        _INSERT,
        {
            "rows": as_json([{"id": id, **row.model_dump(mode="json")} for id, row in fresh.items()]),
            "source": batch.source,
            "now": work.now,
            "by": work.actor.subject,
        },
    )
    for found in inserted:
        row = fresh[found["id"]]
        work.emit(
            Organisation.model_validate(
                {
                    **row.model_dump(mode="json", exclude={"number"}),
                    "id": found["id"],
                    "registered_by": work.actor.subject,
                    "created_at": work.now,
                }
            ).registered()
        )
    return BatchResult(
        accepted=len(inserted),
        unchanged=len(fitting) - len(inserted),
        refused=len(batch.rows) - len(fitting),
        errors=faults,
    )
