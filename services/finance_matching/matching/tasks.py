"""Who has to act on a match, on their worklist: the partner looks at a new one; each side answers the other."""

from typing import Literal
from uuid import UUID

from services.finance_matching.matching.model import Match
from shared.contracts.base import ThingRef
from shared.contracts.finance import TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

Side = Literal["partner", "applicant"]


def ask_to_look(work: Work, match: Match) -> None:
    """The partner, once, when a product of theirs fits."""
    if match.partner_task_id is None:
        _assign(work, match, "partner", S_("Look at a new match: “%(title)s”", title=match.title), "need.offer")


def ask_to_answer(work: Work, match: Match, side: Side) -> None:
    """The side that has not spoken yet."""
    finish(work, match, side, "superseded")
    if side == "applicant":
        title = S_("Answer the partner's interest: “%(title)s”", title=match.title)
        _assign(work, match, side, title, "match.answer")
    else:
        title = S_("Answer the applicant's interest: “%(title)s”", title=match.title)
        _assign(work, match, side, title, "need.offer")


def finish(work: Work, match: Match, side: Side, outcome: str) -> None:
    """Close the side's open task, if there is one."""
    task_id: UUID | None = getattr(match, f"{side}_task_id")
    if task_id is None:
        return
    setattr(match, f"{side}_task_id", None)
    work.emit(
        TaskDone(
            id=task_id,
            version=2,
            title=match.title,
            label=SecurityLabel(match.label),
            owners=(_organisation(match, side),),
            outcome=outcome,
        )
    )


def _organisation(match: Match, side: Side) -> UUID:
    return match.institution_id if side == "partner" else match.organisation_id


def _assign(work: Work, match: Match, side: Side, title: str, kind: str) -> None:
    task_id = new_id()
    setattr(match, f"{side}_task_id", task_id)
    work.emit(
        TaskAssigned(
            id=task_id,
            version=1,
            title=title,
            label=SecurityLabel(match.label),
            owners=(_organisation(match, side),),
            role=Role.FINANCE_PARTNER if side == "partner" else Role.APPLICANT,
            organisation_id=_organisation(match, side),
            kind=kind,
            url=f"/finance/matches/{match.id}",
            about=ThingRef(kind="match", id=match.id),
        )
    )
