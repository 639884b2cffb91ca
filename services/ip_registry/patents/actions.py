"""Taking in patent records, a batch at a time."""

import hashlib

from services.ip_registry.patents import rules
from services.ip_registry.patents.schemas import PatentBatch, PatentRow
from shared.contracts.ip import PatentsImported
from shared.db.work import Work, as_json
from shared.kernel.batches import BatchResult, checked_rows
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role

_UPSERT = """
INSERT INTO patents AS p (id, version, created_at, source, number, office, title, abstract, kind, application_number,
                          filed_on, published_on, granted_on, priority, applicants, inventors, ipc, language,
                          fingerprint)
SELECT r.id, 1, %(now)s, %(source)s, r.number, r.office, r.title, r.abstract, r.kind, r.application_number,
       r.filed_on, r.published_on, r.granted_on, r.priority, r.applicants, r.inventors, r.ipc, r.language, r.fingerprint
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    id uuid, number text, office text, title text, abstract text, kind text, application_number text, filed_on date,
    published_on date, granted_on date, priority text, applicants text[], inventors text[], ipc text[], language text,
    fingerprint text)
ON CONFLICT (source, number) DO UPDATE SET
    version = p.version + 1, office = excluded.office, title = excluded.title, abstract = excluded.abstract,
    kind = excluded.kind, application_number = excluded.application_number, filed_on = excluded.filed_on,
    published_on = excluded.published_on, granted_on = excluded.granted_on, priority = excluded.priority,
    applicants = excluded.applicants, inventors = excluded.inventors, ipc = excluded.ipc,
    language = excluded.language, fingerprint = excluded.fingerprint
WHERE p.fingerprint <> excluded.fingerprint
"""


async def import_patents(work: Work, batch: PatentBatch) -> BatchResult:
    """Take in the rows that fit; the others are named with their faults. Repeating a batch changes nothing."""
    rules.IMPORT.require(work.actor)
    fitting, faults = checked_rows(PatentRow, batch.rows, unique="number")
    rows = []
    for row in sorted(fitting.values(), key=lambda row: row.number):  # in one order: two imports cannot deadlock
        plain = row.model_dump(mode="json")
        plain["fingerprint"] = hashlib.sha256(row.model_dump_json().encode()).hexdigest()
        plain["id"] = str(new_id())
        rows.append(plain)
    changed = (
        await work.execute(_UPSERT, {"rows": as_json(rows), "source": batch.source, "now": work.now}) if rows else 0
    )
    result = BatchResult(
        accepted=changed, unchanged=len(rows) - changed, refused=len(batch.rows) - len(rows), errors=faults
    )
    if changed:
        work.emit(
            PatentsImported(
                id=new_id(),
                version=1,
                title=S_("Patent records from %(source)s", source=batch.source),
                owners=tuple(sorted(work.actor.organisations(Role.IP_OFFICER))),
                source=batch.source,
                accepted=changed,
                unchanged=result.unchanged,
                refused=result.refused,
            )
        )
    return result
