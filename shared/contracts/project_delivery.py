"""Facts said by project management about what a project promises: rights in its results, its money, its changes, and
what became of it. The project itself and its milestones stand in `projects`."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Event
from shared.kernel.types import Amount, Currency, OrgRef, Share


class RightsParty(BaseModel):
    """A party to an agreement on results: exact shares of ownership, and of the income left after the inventors'."""

    model_config = ConfigDict(frozen=True)

    organisation: OrgRef
    ownership: Share
    income: Share


class RightsProposed(Event):
    """An agreement on the results of a project lies before its parties for signature."""

    type: ClassVar[str] = "hechuan.projects.rights.proposed.v1"
    state: ClassVar[str] = "proposed"

    number: int
    sha256: str


class RightsSigned(Event):
    """One party has signed the version as it stands (`sha256`)."""

    type: ClassVar[str] = "hechuan.projects.rights.signed.v1"

    party: OrgRef
    number: int
    sha256: str


class RightsRefused(Event):
    """A party does not sign; the agreement is worded again."""

    type: ClassVar[str] = "hechuan.projects.rights.refused.v1"
    state: ClassVar[str] = "draft"

    party: OrgRef
    reason: str


class RightsReopened(Event):
    """A newer version is being worded; what all had signed stays in force until it is signed."""

    type: ClassVar[str] = "hechuan.projects.rights.reopened.v1"
    state: ClassVar[str] = "draft"

    reason: str


class RightsEnded(Event):
    """The project ended early and the agreement with it: each party keeps its own, and nothing more comes under it."""

    type: ClassVar[str] = "hechuan.projects.rights.ended.v1"
    state: ClassVar[str] = "ended"


class RightsAgreed(Event):
    """All parties have signed who owns the results, who disposes of them and how income is divided."""

    type: ClassVar[str] = "hechuan.projects.rights.agreed.v1"
    state: ClassVar[str] = "agreed"

    application_id: UUID
    number: int
    sha256: str
    inventor_share: Share
    parties: tuple[RightsParty, ...]
    disposal: Literal["joint", "lead", "each", "office"]


class TrancheApproved(Event):
    """The money of an accepted milestone passed its gate and is released."""

    type: ClassVar[str] = "hechuan.projects.milestone.tranche_approved.v1"

    project_id: UUID
    number: int
    tranche: Amount
    currency: Currency


class MilestoneMissed(Event):
    """A milestone's day has passed; the response of that grade follows from the rule that it names."""

    type: ClassVar[str] = "hechuan.projects.milestone.missed.v1"

    project_id: UUID
    number: int
    due_on: date
    days_late: int
    grade: int
    response: Literal["notice", "explanation", "payment_stop", "termination_review"]
    rule: str
    reason: str


class DelayExplained(Event):
    """The lead says why a milestone is late; the responses to the delay stay as they are."""

    type: ClassVar[str] = "hechuan.projects.milestone.delay_explained.v1"

    project_id: UUID
    number: int
    due_on: date
    reason: str


class TaskBookReturned(Event):
    """A side does not sign the task book as it is worded; it is drawn up anew."""

    type: ClassVar[str] = "hechuan.projects.project.task_book_returned.v1"
    state: ClassVar[str] = "returned"

    side: Literal["office", "lead"]
    reason: str


class MilestoneEnded(Event):
    """A milestone was not delivered, for its project is over."""

    type: ClassVar[str] = "hechuan.projects.milestone.ended.v1"
    state: ClassVar[str] = "undelivered"

    project_id: UUID
    number: int


class TerminationChanged(Event):
    """The early end of a project is at another step. `now` names it: the project itself ends with `ProjectTerminated`,
    and its money is settled after that."""

    type: ClassVar[str] = "hechuan.projects.project.termination_changed.v1"

    way: Literal["office", "agreement"]
    now: Literal["proposed", "refused", "withdrawn", "kept", "ended", "settled", "closed"]
    reason: str


class ProjectTerminated(Event):
    """A project ended before it was delivered; nobody books, shows or is paid for it from now on."""

    type: ClassVar[str] = "hechuan.projects.project.terminated.v1"
    state: ClassVar[str] = "terminated"

    lead: OrgRef
    reason: str


class ClaimSubmitted(Event):
    """An organisation claims what it spent, within the budget."""

    type: ClassVar[str] = "hechuan.projects.claim.submitted.v1"
    state: ClassVar[str] = "submitted"

    project_id: UUID
    number: int
    by: OrgRef
    total: Amount
    currency: Currency


class ClaimApproved(Event):
    type: ClassVar[str] = "hechuan.projects.claim.approved.v1"
    state: ClassVar[str] = "approved"

    project_id: UUID
    number: int
    by: OrgRef
    total: Amount
    currency: Currency
    note: str = ""


class ClaimReturned(Event):
    type: ClassVar[str] = "hechuan.projects.claim.returned.v1"
    state: ClassVar[str] = "returned"

    project_id: UUID
    reason: str


class ClaimWithdrawn(Event):
    type: ClassVar[str] = "hechuan.projects.claim.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    project_id: UUID
    reason: str


ChangeKind = Literal["scope", "time", "budget", "people", "partner"]


class ChangeRequested(Event):
    """The lead asks for a change of the signed task book."""

    type: ClassVar[str] = "hechuan.projects.change.requested.v1"
    state: ClassVar[str] = "requested"

    project_id: UUID
    number: int
    kind: ChangeKind
    reason: str


class ChangeApproved(Event):
    type: ClassVar[str] = "hechuan.projects.change.approved.v1"
    state: ClassVar[str] = "approved"

    project_id: UUID
    number: int
    amendment: int
    sha256: str
    note: str = ""


class ChangeDeclined(Event):
    type: ClassVar[str] = "hechuan.projects.change.declined.v1"
    state: ClassVar[str] = "declined"

    project_id: UUID
    number: int
    reason: str


class ChangeWithdrawn(Event):
    type: ClassVar[str] = "hechuan.projects.change.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    project_id: UUID
    number: int
    reason: str


class TaskBookAmended(Event):
    """A newer version of the task book is in force; version 1 is what both sides signed."""

    type: ClassVar[str] = "hechuan.projects.project.task_book_amended.v1"

    number: int
    sha256: str
    kind: ChangeKind


class StandingChanged(Event):
    """An entry of the reward and punishment ledger is in another state. `now` names it; until it is `noticed` only the
    office knows. What follows from it is derived by the rule, so it does not stand here."""

    type: ClassVar[str] = "hechuan.projects.standing.changed.v1"
    state_in: ClassVar[str] = "now"

    subject: OrgRef
    of: Literal["organisation", "team"]
    sort: Literal["reward", "punishment"]
    kind: Literal[
        "excellent_completion",
        "result_in_use",
        "missed_milestone",
        "long_delay",
        "failed_completion",
        "project_ended",
        "misused_funds",
        "false_statement",
    ]
    now: Literal["proposed", "noticed", "in_force", "appealed", "upheld", "lifted", "expired", "withdrawn"]
    rule: str
    reason: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


EvaluationKind = Literal["midterm", "completion"]
Graded = Literal["excellent", "good", "pass", "fail"]


class EvaluationOpened(Event):
    """A running project is to be evaluated; its lead reports."""

    type: ClassVar[str] = "hechuan.projects.evaluation.opened.v1"
    state: ClassVar[str] = "reporting"

    project_id: UUID
    kind: EvaluationKind


class EvaluationReported(Event):
    """The lead says what of the promise is reached, and names the outputs."""

    type: ClassVar[str] = "hechuan.projects.evaluation.reported.v1"
    state: ClassVar[str] = "reported"

    project_id: UUID
    reached: int
    promised: int
    outputs: int


class EvaluationReturned(Event):
    type: ClassVar[str] = "hechuan.projects.evaluation.returned.v1"
    state: ClassVar[str] = "reporting"

    project_id: UUID
    reason: str


class EvaluationPanelAppointed(Event):
    """Experts judge the project; none is named."""

    type: ClassVar[str] = "hechuan.projects.evaluation.panel_appointed.v1"
    state: ClassVar[str] = "in_review"

    project_id: UUID


class EvaluationJudged(Event):
    """Every sheet is in; the rule proposes a grade."""

    type: ClassVar[str] = "hechuan.projects.evaluation.judged.v1"
    state: ClassVar[str] = "judged"

    project_id: UUID
    proposed: Graded


class EvaluationDecided(Event):
    type: ClassVar[str] = "hechuan.projects.evaluation.decided.v1"
    state: ClassVar[str] = "decided"

    project_id: UUID
    kind: EvaluationKind
    grade: Graded
    proposed: Graded
    reason: str


class EvaluationReopened(Event):
    """A decision is looked at again, by a new panel; it stands until there is another."""

    type: ClassVar[str] = "hechuan.projects.evaluation.reopened.v1"
    state: ClassVar[str] = "reported"

    project_id: UUID
    kind: EvaluationKind
    grade: Graded
    """That stands meanwhile."""
    reason: str


class EvaluationLeftStanding(Event):
    """What was opened again is not decided anew: the decision before stands."""

    type: ClassVar[str] = "hechuan.projects.evaluation.left_standing.v1"
    state: ClassVar[str] = "decided"

    project_id: UUID
    grade: Graded
    reason: str


class EvaluationCancelled(Event):
    type: ClassVar[str] = "hechuan.projects.evaluation.cancelled.v1"
    state: ClassVar[str] = "cancelled"

    project_id: UUID
    reason: str


class FollowUpAnswered(Event):
    """What became of a completed project's results after so many years."""

    type: ClassVar[str] = "hechuan.projects.follow_up.answered.v1"
    state: ClassVar[str] = "answered"

    project_id: UUID
    years: int
    in_use: bool
    income: Amount
    currency: Currency
    jobs: int
