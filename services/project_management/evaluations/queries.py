"""Reads about evaluations, for the project's organisations and the offices; a sheet is for its expert and office."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.assignments.conflicts import Conflicts
from services.project_management.assignments.queries import conflict_inputs
from services.project_management.budgets.queries import budget_lines
from services.project_management.delivery.model import Project
from services.project_management.evaluations import rules
from services.project_management.evaluations.rules import SheetState, State
from services.project_management.lapses.rules import REVIEW_GRADE
from services.project_management.outputs.queries import outputs_of
from services.project_management.people.queries import experts
from services.project_management.receipts.queries import numbers
from services.project_management.standing.rules import GRADES, foretold
from shared.db.work import Row, Rows
from shared.kernel.clock import local_day
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role

_SEEN = """e.label = ANY(%(labels)s)
  AND (%(all)s OR e.office_id = ANY(%(offices)s) OR EXISTS (SELECT FROM jsonb_array_elements_text(e.parties) one
                          WHERE one::uuid = ANY(%(organisations)s)))"""


def consequences() -> dict[str, list[str]]:
    """What follows from each grade of a completion, said before it is given."""
    return {
        grade: foretold(GRADES[grade]) if grade in GRADES else [N_("No entry in the ledger is proposed.")]
        for grade in ("excellent", "good", "pass", "fail")
    }


async def evaluation(rows: Rows, evaluation_id: UUID) -> dict[str, Any]:
    """One evaluation. Its panel is shown to overseers who act for no side. Raises NotFound."""
    row = await rows.row(
        f"SELECT e.* FROM evaluations e WHERE e.id = %(id)s AND {_SEEN}",  # noqa: S608 -- constants only
        rules.READ.sight(rows.actor) | {"id": evaluation_id},
    )
    if row is None:
        raise NotFound(N_("There is no evaluation here that you may see."))
    decided = row["state"] == State.DECIDED.value
    sheets = await rows.rows(
        """SELECT id, expert_id, expert_name, state, scores, to_lead, to_office, reason, due_at FROM evaluation_sheets
           WHERE evaluation_id = %(id)s AND round = %(round)s ORDER BY expert_name, id""",
        {"id": evaluation_id, "round": row["decided_round"] if decided else row["round"]},
    )
    aside = frozenset(UUID(one) for one in row["parties"]).isdisjoint(rows.actor.organisations())
    oversees = rows.actor.has(*rules.OVERSEERS) and aside
    # In an order that tells nothing: sorted by the text itself.
    comments = sorted(one["to_lead"] for one in sheets if decided and one["state"] == SheetState.HANDED_IN.value)
    shown = {} if oversees or decided else {"trace": None, "audit": None}
    return {
        **row,
        **shown,
        "panel": sheets if oversees else [],
        "comments": comments,
        "deciders": [*(one["decided_by"] for one in row["earlier"]), row["decided_by"]],
        "earlier": await _earlier(rows, row),
        "foretold": consequences(),
    }


async def _earlier(rows: Rows, row: Row) -> list[dict[str, Any]]:
    """The decisions before this round with the numbers of their papers; neither who decided nor what the panel said."""
    issued = await numbers(rows, "evaluation", row["id"])
    shown = ("round", "grade", "grade_reason", "decided_at", "why", "reopened_at")
    return [
        {name: one[name] for name in shown} | {"stands": one.get("stands", ""), "number": issued.get(one["round"])}
        for one in row["earlier"]
    ]


async def evaluations_of(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """Of a project that may be read, newest first."""
    return await rows.rows(
        f"""SELECT e.id, e.version, e.project_id, e.project_title, e.kind, e.state, e.grade, e.created_at
            FROM evaluations e WHERE e.project_id = %(project)s AND {_SEEN} ORDER BY e.id DESC LIMIT 100""",  # noqa: S608
        rules.READ.sight(rows.actor) | {"project": project_id},
    )


async def follow_ups_of(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """For whoever may read the project."""
    found = await rows.rows(
        """SELECT id, version, years, due_on, state, in_use, income_amount, income_currency, jobs, said, answered_at
           FROM follow_ups WHERE project_id = %(id)s ORDER BY years""",
        {"id": project_id},
    )
    return [
        row
        | {
            "income": None
            if row["income_amount"] is None
            else {"amount": row["income_amount"], "currency": row["income_currency"]}
        }
        for row in found
    ]


async def beside_project(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """What the page of a project shows of evaluations, follow-ups, outputs and people: one row of each."""
    people = await rows.row(
        """SELECT coalesce(nullif(c.name, ''), a.leader, a.drafted_by) AS leader, p.task_book FROM projects p
           JOIN applications a ON a.id = p.application_id LEFT JOIN access_accounts c
           ON c.subject = coalesce(a.leader, a.drafted_by)
           WHERE p.id = %(id)s""",
        {"id": project_id},
    )
    team = json.loads(people["task_book"] or "{}").get("people", []) if people else []
    return [
        {
            "evaluations": await evaluations_of(rows, project_id),
            "follow_ups": await follow_ups_of(rows, project_id),
            "outputs": await outputs_of(rows, project_id),
            "leader": people["leader"] if people else "",
            "team": [{"name": one["name"], "detail": one["part"]} for one in team],
        }
    ]


_SHEETS = """
SELECT s.id, s.version, s.state, s.evaluation_id, s.expert_subject, s.scores, s.to_lead, s.to_office, s.due_at,
       e.project_title, e.kind, e.report, e.indicators, e.outputs, e.audit, e.label, e.state AS evaluation_state
FROM evaluation_sheets s JOIN evaluations e ON e.id = s.evaluation_id
WHERE s.expert_subject = %(subject)s AND s.state <> 'withdrawn' AND e.label = ANY(%(labels)s)
"""


async def sheets_of_mine(rows: Rows) -> list[dict[str, Any]]:
    """The actor's own, those to write first."""
    return await rows.rows(_SHEETS + " ORDER BY s.state, s.due_at, s.id LIMIT 200", _me(rows))


async def sheet(rows: Rows, sheet_id: UUID) -> dict[str, Any]:
    """Raises NotFound for everybody else's."""
    row = await rows.row(_SHEETS + " AND s.id = %(id)s", _me(rows) | {"id": sheet_id})
    if row is None:
        raise NotFound(N_("There is no sheet here that you may see."))
    return row


def _me(rows: Rows) -> dict[str, Any]:
    return {"subject": rows.actor.subject, "labels": rows.actor.clearance.readable_labels()}


async def promised(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """What the task book promises, milestone by milestone, and when it was accepted."""
    found = await rows.rows(
        """SELECT number, title, deliverable, test, due_on, judged_at, state FROM milestones
           WHERE project_id = %(id)s ORDER BY number""",
        {"id": project_id},
    )
    book = await rows.row("SELECT task_book FROM projects WHERE id = %(id)s", {"id": project_id})
    measures: dict[int, list[dict[str, Any]]] = {}
    for place, one in enumerate(json.loads(book["task_book"] or "{}").get("indicators", []) if book else [], 1):
        measures.setdefault(int(one["milestone"]), []).append({**one, "place": place, "value": None})
    return [
        {
            **({"measures": measures[row["number"]]} if row["number"] in measures else {}),
            "number": row["number"],
            "title": row["title"],
            "promised": row["deliverable"],
            "test": row["test"],
            "due_on": row["due_on"].isoformat(),
            "accepted_on": local_day(row["judged_at"]).isoformat() if row["state"] == "accepted" else None,
            "reached": None,
            "said": "",
        }
        for row in found
    ]


async def over(rows: Rows, project_id: UUID, today: date) -> bool:
    """Whether a project's time has passed, or a milestone is so late that its end is under review."""
    row = await rows.row(
        """SELECT p.ends_on < %(today)s OR EXISTS (
               SELECT FROM milestones m JOIN milestone_lapses l ON l.milestone_id = m.id AND l.due_on = m.due_on
               WHERE m.project_id = p.id AND m.state <> 'accepted' AND l.grade >= %(grade)s) AS over
           FROM projects p WHERE p.id = %(id)s""",
        {"id": project_id, "today": today, "grade": REVIEW_GRADE},
    )
    return bool(row and row["over"])


async def audit_of(rows: Rows, project: Project) -> dict[str, Any]:
    """The money: what was granted, approved and is open, line by line."""
    lines = await budget_lines(rows, project.id)
    spent = sum((one["approved"] for one in lines), Decimal(0))
    return {
        "award": str(project.amount_amount),
        "currency": project.amount_currency,
        "spent": str(spent),
        "waiting": str(sum((one["claimed"] - one["approved"] for one in lines), Decimal(0))),
        "lines": [
            {name: str(one[name]) for name in ("category", "year", "budget", "claimed", "approved")} for one in lines
        ],
    }


def overrun(audit: dict[str, Any]) -> int:
    """Lines on which more was approved than budgeted by over a tenth of the award."""
    measure = Decimal(audit["award"]) / 10
    return sum(Decimal(one["approved"]) - Decimal(one["budget"]) > measure for one in audit["lines"])


async def candidates_for(
    rows: Rows, project: dict[str, Any], ids: Sequence[UUID] | None = None
) -> list[dict[str, Any]]:
    """Experts with the reason why one may not judge the project, by the rules by which reviewers are excluded; the
    project's partners of today count as well as those that applied. `project`: application_id, call_id, partners."""
    people = await experts(rows, ids, reviewing=True)
    inputs = await conflict_inputs(rows, project["call_id"], [project["application_id"]], people)
    inputs["applications"][0]["organisations"] += [
        {"id": one["id"], "name": one["name"], "role": "partner"} for one in project["partners"]
    ]
    reasons = {one["expert_id"]: one["reason"] for one in Conflicts(inputs).of(0)}
    return [
        {
            "id": one["id"],
            "name": one["name"],
            "name_zh": one["name_zh"],
            "subject": one["subject"],
            "reason": reasons.get(str(one["id"]), ""),
        }
        for one in people
    ]


async def judged_before(rows: Rows, evaluation_id: UUID, number: int) -> set[UUID]:
    """Experts whose sheets are in of a round before this."""
    found = await rows.rows(
        """SELECT expert_id FROM evaluation_sheets
           WHERE evaluation_id = %(id)s AND round < %(round)s AND state = 'handed_in'""",
        {"id": evaluation_id, "round": number},
    )
    return {one["expert_id"] for one in found}


def sees_panel(row: Row, rows: Rows) -> bool:
    parties = frozenset(UUID(one) for one in row["parties"])
    return rules.RUN.in_charge(rows.actor, row["office_id"], parties) and rows.actor.has(Role.PROGRAMME_OFFICER)
