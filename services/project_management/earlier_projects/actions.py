"""Bringing earlier projects in."""

from typing import Any

from services.project_management.earlier_projects import rules
from services.project_management.earlier_projects.model import EarlierProject
from services.project_management.earlier_projects.schemas import EarlierProjectBatch, EarlierProjectRow
from shared.contracts.projects import EarlierProjectsImported
from shared.db.work import Work, as_json
from shared.kernel.batches import BatchResult, checked_rows
from shared.kernel.ids import new_id
from shared.kernel.marks import S_

_COLUMNS = """number, title, abstract, institution, people, amount, currency, starts_on, ends_on, programme, grade,
    language, sorted_on, searched, pairs"""
_KEPT = [name.strip() for name in _COLUMNS.split(",") if name.strip() != "number"]
# One statement for the whole batch. A row that says what is stored already is not written again.
_UPSERT = f"""
INSERT INTO {EarlierProject.__tablename__} AS e (id, batch_id, source, imported_at, {_COLUMNS})
SELECT id, %(batch)s, %(source)s, %(now)s, {_COLUMNS}
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, number text, title text, abstract text, institution text,
    people jsonb, amount numeric(18, 2), currency text, starts_on date, ends_on date, programme text, grade text,
    language text, sorted_on date, searched text, pairs text[])
ON CONFLICT (source, number) DO UPDATE
SET batch_id = excluded.batch_id, imported_at = excluded.imported_at,
    {", ".join(f"{name} = excluded.{name}" for name in _KEPT)}
WHERE ({", ".join(f"e.{name}" for name in _KEPT)})
      IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _KEPT)})
"""  # noqa: S608 -- constants only


async def import_batch(work: Work, batch: EarlierProjectBatch) -> BatchResult:
    """Take in what is sound, refuse the rest row by row, and count what was known already."""
    rules.IMPORT.require(work.actor)
    sound, errors = checked_rows(EarlierProjectRow, batch.rows, unique="number")
    batch_id = new_id()
    changed = 0
    if sound:
        rows = [_columns(row) for row in sound.values()]
        changed = await work.execute(
            _UPSERT, {"batch": batch_id, "source": batch.source, "now": work.now, "rows": as_json(rows)}
        )
    told = BatchResult(
        accepted=changed, unchanged=len(sound) - changed, refused=len(batch.rows) - len(sound), errors=errors
    )
    if changed:
        work.emit(
            EarlierProjectsImported(
                id=batch_id,
                version=1,
                title=S_("%(source)s: %(number)s earlier projects", source=batch.source, number=changed),
                owners=tuple(sorted(work.actor.organisations())),
                source=batch.source,
                accepted=told.accepted,
                unchanged=told.unchanged,
                refused=told.refused,
            )
        )
    return told


def _columns(row: EarlierProjectRow) -> dict[str, Any]:
    searched = " ".join([row.number, row.title, row.institution, *row.people, row.programme])
    return {
        **row.model_dump(mode="json"),
        "id": str(new_id()),
        "sorted_on": rules.sorted_on(row.starts_on, row.ends_on).isoformat(),
        "searched": searched,
        "pairs": rules.pairs(searched),
    }
