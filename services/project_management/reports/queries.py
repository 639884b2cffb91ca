"""Reads about progress reports: the organisations of the project and the offices see them."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.project_management.calls.queries import call, calls_among
from services.project_management.forms import queries as forms
from services.project_management.forms.checking import File, Progress, counting, progress
from services.project_management.forms.queries import Sheet
from services.project_management.forms.questions import Form, schema_of
from services.project_management.reports import known, rules, samples
from services.project_management.reports.rules import State
from shared.blobs.rows import documents_of
from shared.db.work import Row, Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

ANSWER = "report_answer"
"""What a file that answers a question of a report is attached to."""
_REPORTS = """
SELECT r.*, p.state AS project_state, (SELECT i.number FROM issued_papers i
         WHERE i.kind = 'report' AND i.about_id = r.id ORDER BY i.issued_at DESC LIMIT 1) AS paper
FROM progress_reports r JOIN projects p ON p.id = r.project_id
WHERE r.label = ANY(%(labels)s)
  AND (%(all)s OR r.office_id = ANY(%(offices)s) OR EXISTS (SELECT FROM jsonb_array_elements_text(r.parties) one
                          WHERE one::uuid = ANY(%(organisations)s)))
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A report with what is written of it: `live` while it is written, by whoever writes it; else as handed in.

    `filled_in` are the questions that nobody has answered yet and the platform has: they are answered so.
    """

    report: dict[str, Any]
    form: Form
    answers: dict[str, Any]
    filled_in: frozenset[str]
    sheets: dict[str, Sheet]
    files: dict[str, str]
    writers: dict[str, str]
    progress: Progress
    live: bool


async def reports(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """A project's reports in their order, as far as they may be read."""
    return await rows.rows(
        _REPORTS + " AND r.project_id = %(project)s ORDER BY r.until_on, r.kind DESC LIMIT 200",
        rules.READ.sight(rows.actor) | {"project": project_id},
    )


async def report(rows: Rows, report_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    row = await rows.row(_REPORTS + " AND r.id = %(id)s", rules.READ.sight(rows.actor) | {"id": report_id})
    if row is None:
        raise NotFound(N_("There is no report here that you may see."))
    return row


async def written(rows: Rows, report_id: UUID) -> Written:
    """Raises NotFound."""
    row = await report(rows, report_id)
    owners = {UUID(one) for one in row["parties"]}
    if State(row["state"]) in rules.WRITING and rules.WRITE.allows(rows.actor, owners=owners):
        return await working(rows, row)
    files = await files_of(rows, report_id)
    content = json.loads(row["content"]) if row["content"] else {}
    form = whole_form(content.get("form"), content.get("parts", []), content.get("organisations", []))
    answers = content.get("answers", {})
    told = progress(form, answers, files)
    return Written(row, form, answers, frozenset(), {}, _names(files), {}, told, False)


async def working(rows: Rows, row: Row) -> Written:
    """What is written of a report so far, with what the records say where nobody has answered."""
    form = whole_form(row["form"], row["parts"], row["organisations"])
    found = await rows.rows(
        """SELECT section, version, answers, saved_by, saved_at FROM report_sheets
           WHERE report_id = %(id)s ORDER BY saved_at, section""",
        {"id": row["id"]},
    )
    given = forms.sorted_into(form, found)
    touched = {key for sheet in given.sheets.values() for key in sheet.answers}
    told = await known.answered(rows, form, row["project_id"], row["from_on"], row["until_on"])
    filled_in = {key: answer for key, answer in told.items() if key not in touched}
    answers = given.answers | filled_in
    files = await files_of(rows, row["id"])
    template = forms.read(row["form"])
    return Written(
        row,
        form,
        answers,
        frozenset(filled_in),
        given.sheets,
        _names(files),
        rules.writers(template, row["parts"], row["organisations"]),
        progress(form, answers, files),
        True,
    )


def whole_form(schema: dict[str, Any] | None, parts: list[str], organisations: list[dict[str, str]]) -> Form:
    return rules.expanded(forms.read(schema), parts, organisations)  # type: ignore[arg-type]


def snapshot(found: Written, documents: list[dict[str, str]]) -> dict[str, Any]:
    """What is handed in, with the form that it answers."""
    row = found.report
    return {
        "report": str(row["id"]),
        "project": row["project_title"],
        "project_id": str(row["project_id"]),
        "number": row["number"],
        "kind": row["kind"],
        "from": row["from_on"].isoformat(),
        "until": row["until_on"].isoformat(),
        "due_on": row["due_on"].isoformat(),
        "organisations": row["organisations"],
        "form": row["form"],
        "parts": row["parts"],
        "answers": counting(found.form, found.answers),
        "documents": documents,
    }


async def files_of(rows: Rows, report_id: UUID) -> dict[str, File]:
    found = await rows.rows(
        """SELECT id, filename, size FROM documents
           WHERE owner_kind = %(kind)s AND owner_id = %(id)s AND state = 'clean'""",
        {"kind": ANSWER, "id": report_id},
    )
    return {str(row["id"]): File(row["filename"], row["size"] or 0) for row in found}


async def documents(rows: Rows, report_id: UUID) -> list[dict[str, str]]:
    return [
        {"id": str(one.id), "filename": one.filename, "sha256": one.sha256 or ""}
        for one in await documents_of(rows, ANSWER, report_id)
    ]


async def may_read_report(rows: Rows, report_id: UUID, actor: Actor) -> bool:
    """Whether the actor may read a report's files; for document downloads."""
    row = await rows.row("SELECT parties, office_id, label FROM progress_reports WHERE id = %(id)s", {"id": report_id})
    if row is None:
        return False
    owners = frozenset(UUID(one) for one in row["parties"])
    return rules.READ.allows(actor, owners=owners, office=row["office_id"], label=SecurityLabel(row["label"]))


async def plan(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """What the projects of a call owe in reports; version 0 before anybody has said it. Raises NotFound."""
    found = await call(rows, call_id)
    row = await rows.row(
        """SELECT id, version, call_id, rhythm, final, days, stops_payments, form, parts FROM report_plans
           WHERE call_id = %(id)s""",
        {"id": call_id},
    )
    blank = {
        "id": None,
        "version": 0,
        "call_id": call_id,
        "rhythm": rules.Rhythm.NONE.value,
        "final": False,
        "days": 30,
        "stops_payments": False,
        "form": schema_of(samples.FORM),
        "parts": samples.PARTS,
    }
    return {**(row or blank), "call": found}


async def planned_calls(rows: Rows, but: UUID) -> list[Row]:
    """Calls that the actor may see whose template can be taken over, the newest first."""
    found = await rows.rows("SELECT call_id FROM report_plans WHERE call_id <> %(but)s", {"but": but})
    return await calls_among(rows, [row["call_id"] for row in found])


async def begun_reports(rows: Rows, call_id: UUID) -> int:
    """How many reports of a call's projects were begun, each with the template as it stood then."""
    row = await rows.row(
        """SELECT count(*) AS n FROM progress_reports
           WHERE call_id = %(id)s AND form IS NOT NULL AND label = ANY(%(labels)s)""",
        {"id": call_id, "labels": rows.actor.clearance.readable_labels()},
    )
    return int(row["n"]) if row else 0


async def template_from(rows: Rows, source: str) -> tuple[dict[str, Any], list[str]]:
    """Form and parts of the template that comes along (`default`), or of a call. Raises Invalid, NotFound."""
    if source == "default":
        return schema_of(samples.FORM), list(samples.PARTS)
    try:
        found = await plan(rows, UUID(source))
    except ValueError:
        raise Invalid.field("/source", N_("Choose a template.")) from None
    return found["form"], found["parts"]


async def beside_call(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """For the page of a call: the rhythm of its projects' reports, once it is said."""
    return await rows.rows(
        "SELECT rhythm, final, days, stops_payments FROM report_plans WHERE call_id = %(id)s", {"id": call_id}
    )


async def beside_project(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """For the page of a project: the reports that are written or judged now, and how many there are."""
    found = await reports(rows, project_id)
    now = [one for one in found if State(one["state"]) in (*rules.WRITING, State.SUBMITTED)]
    return [one | {"of": len(found)} for one in now or found[:1]]


def _names(files: dict[str, File]) -> dict[str, str]:
    return {id: file.name for id, file in files.items()}
