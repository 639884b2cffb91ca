"""What a decision on an evaluation rests on, fixed word for word with a number for its paper."""

from typing import Any

from services.project_management.delivery.model import Project
from services.project_management.evaluations.model import Evaluation
from services.project_management.receipts.actions import issue_paper
from shared.db.work import Work


async def keep_decision(work: Work, project: Project, evaluation: Evaluation) -> None:
    """The decision with all that was judged, fixed with its hash; members of the panel are not named."""
    assert evaluation.decided_at
    sheets = await work.rows(
        """SELECT to_lead FROM evaluation_sheets WHERE evaluation_id = %(id)s AND round = %(round)s
             AND state = 'handed_in' ORDER BY to_lead""",
        {"id": evaluation.id, "round": evaluation.round},
    )
    content: dict[str, Any] = {
        "evaluation_id": str(evaluation.id),
        "project_id": str(project.id),
        "project": project.title,
        "kind": evaluation.kind,
        "report": evaluation.report,
        "indicators": evaluation.indicators,
        "outputs": evaluation.outputs,
        "audit": evaluation.audit,
        "trace": evaluation.trace,
        "grade": evaluation.grade,
        "reason": evaluation.grade_reason,
        "comments": [one["to_lead"] for one in sheets],
        "decided_at": evaluation.decided_at.isoformat(),
    }
    if evaluation.round > 1:
        content |= {"round": evaluation.round, "opened_again": evaluation.earlier[-1]["why"]}
    issue_paper(
        work,
        kind="evaluation",
        about_id=evaluation.id,
        call_id=project.call_id,
        content=content,
        version=evaluation.round,
    )
