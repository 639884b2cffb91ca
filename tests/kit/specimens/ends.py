"""Specimens of how a project ends: its evaluation with a panel, what is asked after, and an early end."""

from datetime import UTC, datetime, timedelta

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.delivery import project
from tests.kit.specimens.ground import Ground, Maker, Thing
from tests.kit.specimens.papers import EVALUATION, issued
from tests.kit.specimens.projects import TRACE


async def evaluation(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the owner's project, who reports; what the office does, the owner does as the office, about another's."""
    ours = use in ("return", "panel", "decision", "cancellation")
    of = await project(ground, label, "return" if ours else "read", before)
    (lead,) = of.owners
    state = {"report": "reporting", "return": "reported", "panel": "reported", "cancellation": "reported"}
    id = await ground.row(
        "evaluations",
        id=new_id(),
        version=1,
        project_id=of.id,
        kind="midterm",
        office_id=of.office,
        lead_id=lead,
        parties=[str(lead)],
        label=of.label,
        state=state.get(use, "judged"),
        indicators=[],
        outputs=[],
        audit=None,
        grade=None,
        trace=TRACE | {"result": {"grade": "good"}},
    )
    if use == "read paper":
        await issued(
            ground, "evaluation", id, await ground.ask("SELECT call_id FROM projects WHERE id = %s", of.id), EVALUATION
        )
    return Thing(id, of.owners, of.label, office=of.office)


async def sheet(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Asked of somebody who never asks; to be excused, the owner is the office."""
    of = await evaluation(ground, label, "cancellation" if use == "excuse" else "read", before)
    id = await ground.row(
        "evaluation_sheets",
        id=new_id(),
        version=1,
        evaluation_id=of.id,
        expert_id=new_id(),
        expert_subject="specimen-expert",
        state="asked",
        scores={},
        due_at=datetime.now(UTC) + timedelta(days=9),
        office_task_id=None,
    )
    return Thing(id, of.owners, of.label, "specimen-expert", office=of.office)


async def follow_up(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    of = await project(ground, label, "read", before)
    today = datetime.now(UTC).date()
    id = await ground.row(
        "follow_ups",
        id=new_id(),
        version=1,
        project_id=of.id,
        years=1,
        due_on=today,
        state="waiting",
        in_use=None,
        income_amount=None,
        answered_at=None,
        reminded=False,
    )
    return Thing(id, of.owners, of.label, office=of.office)


async def termination(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the owner's project, who leads it; what the office does, the owner does as the office, about another's."""
    ours = use in ("decision", "settlement", "clearance")
    of = await project(ground, label, "continuation" if ours else "read", before)
    (lead,) = of.owners
    together = use in ("agreement", "refusal", "withdrawal")
    id = await ground.row(
        "terminations",
        id=new_id(),
        version=1,
        project_id=of.id,
        application_id=new_id(),
        office_id=of.office,
        lead_id=lead,
        parties=[str(lead)],
        label=of.label,
        way="agreement" if together else "office",
        side="lead" if use == "withdrawal" else "office",
        state={"settlement": "ended", "clearance": "settled"}.get(use, "proposed"),
        rights="stays",
        answer="It is here." if use == "decision" else "",
        answer_until=datetime.now(UTC) + timedelta(days=9),
        trace=TRACE if use == "clearance" else None,
        kept=None,
        tasks={},
    )
    return Thing(id, of.owners, of.label, office=of.office)


MAKERS: dict[str, Maker] = {
    "evaluation_id": evaluation,
    "sheet_id": sheet,
    "follow_up_id": follow_up,
    "termination_id": termination,
}
