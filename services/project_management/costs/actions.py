"""Writes about the budgets of applications by lines; who may is decided before."""

from uuid import UUID

from sqlalchemy import select

from services.project_management.costs.model import CostSheet
from services.project_management.costs.queries import Lines
from shared.db.work import Work


async def carry_lines(work: Work, application_id: UUID, lines: Lines) -> None:
    """Let the budget be these lines and no others, such as those of an earlier application."""
    await work.flush()
    found = await work.session.execute(select(CostSheet).where(CostSheet.application_id == application_id))  # type: ignore[arg-type]
    sheets = {sheet.section: sheet for sheet in found.scalars()}
    for section in {**sheets, **lines}:
        answers = {"lines": lines.get(section, [])}
        if section not in sheets:
            work.add(
                CostSheet(
                    application_id=application_id,
                    section=section,
                    answers=answers,
                    saved_by=work.actor.subject,
                    saved_at=work.now,
                )
            )
        elif sheets[section].answers != answers:
            # It keeps counting its versions: who has the part open is told that it changed.
            sheets[section].version += 1
            sheets[section].answers = answers
            sheets[section].saved_by, sheets[section].saved_at = work.actor.subject, work.now
