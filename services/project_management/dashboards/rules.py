"""The officers' dashboard: who sees it, the steps of a call's course, and from when on something is late."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

from shared.kernel.policy import roles
from shared.kernel.types import Role

SEE = roles("dashboards.see", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
"""Whoever may read what is counted here; calls to which an organisation of the reader applied are left out whole."""

PERIOD = timedelta(days=365)
"""What the on-time shares look back on."""


class Step(StrEnum):
    """How far an application has come; each counts all that came at least so far."""

    BEGUN = "begun"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    DECIDED = "decided"
    AWARDED = "awarded"
    RUNNING = "running"
    COMPLETED = "completed"


TIMED = (Step.BEGUN, Step.SUBMITTED, Step.CHECKED, Step.REVIEWED, Step.AWARDED, Step.RUNNING)
"""The steps in which time passes until the next; awarded is what a decision says, so the two share a moment."""


class Wait(StrEnum):
    """What somebody is waited for."""

    CHECK = "check"
    INVITATION = "invitation"
    REVIEW = "review"
    DECISION = "decision"
    EVIDENCE = "evidence"
    MILESTONE = "milestone"
    TRANCHE = "tranche"
    CLAIM = "claim"
    CHANGE = "change"
    SHEET = "sheet"
    EVALUATION = "evaluation"
    COMPLETION = "completion"


LIMITS: dict[Wait, timedelta] = {
    Wait.CHECK: timedelta(days=14),
    Wait.DECISION: timedelta(days=90),
    Wait.MILESTONE: timedelta(days=14),
    Wait.TRANCHE: timedelta(days=30),
    Wait.CLAIM: timedelta(days=30),
    Wait.CHANGE: timedelta(days=30),
    Wait.EVALUATION: timedelta(days=30),
    Wait.COMPLETION: timedelta(days=90),
}
"""How long an answer may take, counted from what is waited for; reviews, evidence and sheets have due days of their
own, invitations those of their call. Three months from the close is what programmes promise for a decision, a month is
what payers have by law."""

PROMISES = ("reviews", "milestones", "decisions", "payments", "claims")
"""What is kept on time or not."""


def limits() -> dict[str, timedelta]:
    """The limits as parameters of a query."""
    return {f"limit_{wait.value}": limit for wait, limit in LIMITS.items()}


def on_time_share(kept: int, due: int) -> Decimal | None:
    """The part of one that was on time; None where nothing was due, for that is neither good nor bad."""
    if due <= 0:
        return None
    return (Decimal(kept) / Decimal(due)).quantize(Decimal("0.001"), ROUND_HALF_EVEN)


def narrowest(counts: Mapping[Any, Any]) -> Step | None:
    """The step at which the largest part is lost, among those after the submission; None where nothing was handed in.

    Not awarded is no loss on the way: the budget decides that.
    """
    steps = [Step.SUBMITTED, Step.CHECKED, Step.REVIEWED, Step.DECIDED]
    if not counts.get(Step.SUBMITTED):
        return None
    lost = [
        (1 - Decimal(counts[later]) / Decimal(counts[earlier]), -n, later)
        for n, (earlier, later) in enumerate(itertools.pairwise(steps))
        if counts[earlier]
    ]
    share, _order, step = max(lost)
    return step if share > 0 else None
