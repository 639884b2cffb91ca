"""What the platform knows of a project, in the words of a report's questions: nothing is typed twice.

A question is filled in when its key is one of these and its columns have these keys; a template may leave any out.
"""

from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.project_management.budgets.queries import budget_lines
from services.project_management.forms.checking import normal
from services.project_management.forms.questions import Form, Kind, Question
from services.project_management.risks import rules as risks
from shared.db.work import Rows

MOST_CELL = 300
_STATES = {"pending": "open", "evidence_submitted": "shown", "returned": "returned", "accepted": "accepted"}

Found = list[dict[str, Any]]


async def _milestones(rows: Rows, project_id: UUID, from_on: date, until_on: date) -> Found:
    found = await rows.rows(
        "SELECT number, title, due_on AS due, state FROM milestones WHERE project_id = %(id)s ORDER BY number",
        {"id": project_id},
    )
    return [row | {"state": _STATES.get(row["state"], "open")} for row in found]


async def _outputs(rows: Rows, project_id: UUID, from_on: date, until_on: date) -> Found:
    return await rows.rows(
        """SELECT title, kind,
                  CASE kind WHEN 'asset' THEN '/ip/assets/' ELSE '/catalog/achievements/' END || id AS reference
           FROM project_outputs
           WHERE project_id = %(id)s AND label = ANY(%(labels)s) ORDER BY kind, title, id LIMIT 500""",
        {"id": project_id, "labels": rows.actor.clearance.readable_labels()},
    )


async def _money(rows: Rows, project_id: UUID, from_on: date, until_on: date) -> Found:
    return await budget_lines(rows, project_id)


async def _people(rows: Rows, project_id: UUID, from_on: date, until_on: date) -> Found:
    return await rows.rows(
        """SELECT one ->> 'name' AS name, one ->> 'part' AS part FROM projects p,
                  jsonb_array_elements(coalesce((NULLIF(p.task_book, '')::jsonb) -> 'people', '[]')) one
           WHERE p.id = %(id)s""",
        {"id": project_id},
    )


async def _risks(rows: Rows, project_id: UUID, from_on: date, until_on: date) -> Found:
    """Live ones, and what occurred or was closed: the register as it stands."""
    found = await rows.rows(
        """SELECT title, likelihood, impact, response, owner, state FROM project_risks WHERE project_id = %(id)s
           ORDER BY state NOT IN ('open', 'watched'), likelihood * impact DESC, number""",
        {"id": project_id},
    )
    return [row | {"level": risks.level(row["likelihood"], row["impact"]).value} for row in found]


async def _plan(rows: Rows, project_id: UUID, from_on: date, until_on: date) -> Found:
    return await rows.rows(
        """SELECT title, due_on AS due FROM milestones WHERE project_id = %(id)s AND state <> 'accepted'
           ORDER BY due_on, number""",
        {"id": project_id},
    )


async def _deviations(rows: Rows, project_id: UUID, from_on: date, until_on: date) -> str:
    """Changes that were agreed to and delays that were explained, in their own words."""
    found = await rows.rows(
        """SELECT reason AS text, judged_at AS at FROM project_changes
           WHERE project_id = %(id)s AND state = 'approved' AND judged_at::date BETWEEN %(first)s AND %(last)s
           UNION ALL
           SELECT e.text, e.given_at FROM milestone_explanations e JOIN milestones m ON m.id = e.milestone_id
           WHERE m.project_id = %(id)s AND e.given_at::date BETWEEN %(first)s AND %(last)s
           ORDER BY at""",
        {"id": project_id, "first": from_on, "last": until_on},
    )
    return "\n".join(f"{row['at'].date().isoformat()} {row['text']}" for row in found)


_Known = Callable[[Rows, UUID, date, date], Coroutine[Any, Any, Any]]
TABLES: dict[str, _Known] = {
    "milestones": _milestones,
    "outputs": _outputs,
    "money": _money,
    "people": _people,
    "risks": _risks,
    "plan": _plan,
}
TEXTS: dict[str, _Known] = {"deviations": _deviations}
KEYS = (*TABLES, *TEXTS)


async def answered(rows: Rows, form: Form, project_id: UUID, from_on: date, until_on: date) -> dict[str, Any]:
    """Question → answer, for every question of the form that the records answer."""
    found: dict[str, Any] = {}
    for question in form.questions:
        if question.key in TABLES and question.kind is Kind.TABLE:
            items = await TABLES[question.key](rows, project_id, from_on, until_on)
            found[question.key] = normal(question, [_cells(question, one) for one in items[: question.limit]])
        elif question.key in TEXTS and question.kind is Kind.LONG_TEXT:
            found[question.key] = normal(question, await TEXTS[question.key](rows, project_id, from_on, until_on))
    return {key: answer for key, answer in found.items() if answer is not None}


def _cells(question: Question, row: Mapping[str, Any]) -> dict[str, str]:
    """As far as the table has a column for it that can hold it."""
    cells = {}
    for column in question.columns:
        value = row.get(column.key)
        text = "" if value is None else (value.isoformat() if isinstance(value, date) else str(value))[:MOST_CELL]
        if column.kind == "choice" and text not in [one.value for one in column.options]:
            continue
        cells[column.key] = text
    return cells
