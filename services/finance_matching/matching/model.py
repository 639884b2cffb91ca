"""The row of a match: one product judged for one need, and who is interested."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.finance_matching.matching import rules
from services.finance_matching.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.finance import InterestExpressed, MatchFound, MatchWithdrawn
from shared.db.rows import Json, UtcDateTime
from shared.kernel.marks import N_
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import OrgRef, SecurityLabel


class Match(Aggregate, table=True):
    __tablename__ = "matches"
    __table_args__ = (
        CheckConstraint("state IN ('found', 'interested', 'declined', 'withdrawn')", name="matches_state"),
        CheckConstraint("outcome IN ('yes', 'unknown', 'no')", name="matches_outcome"),
        CheckConstraint("score BETWEEN 0 AND 100", name="matches_score"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="matches_label"),
        Index("matches_pair", "need_id", "product_id", unique=True),
        Index("matches_product", "product_id"),
        Index("matches_institution", "institution_id", "created_at", "id"),
        Index("matches_organisation", "organisation_id", "created_at", "id"),
    )

    title: str
    need_id: UUID = Field(foreign_key="needs.id")
    product_id: UUID = Field(foreign_key="products.id")
    organisation_id: UUID
    """Whose need it is."""
    institution_id: UUID
    """Whose product it is."""
    institution_name: str
    outcome: str
    score: int
    near_miss: bool
    trace: dict[str, Any] = Field(sa_type=Json)
    label: str
    state: str = rules.State.FOUND.value
    state_reason: str = ""
    partner_interest_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    partner_note: str = ""
    applicant_interest_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    applicant_note: str = ""
    partner_task_id: UUID | None = None
    applicant_task_id: UUID | None = None

    @property
    def owners(self) -> tuple[UUID, ...]:
        """Who may know: the institution only while the product may fit."""
        return (self.organisation_id,) if self.outcome == "no" else (self.organisation_id, self.institution_id)

    @property
    def decision(self) -> DecisionTrace:
        return DecisionTrace.model_validate(self.trace)

    def judged(self, trace: DecisionTrace) -> bool:
        """Take the judgement over; False when it says what is known already."""
        if self.trace and (self.decision.clauses, self.decision.result) == (trace.clauses, trace.result):
            return False
        rules.next_state("judge", rules.State(self.state))
        self.outcome, self.score = trace.result["outcome"], trace.result["score"]
        self.near_miss = rules.is_near_miss(list(trace.clauses))
        self.trace = trace.model_dump(mode="json")
        return True

    def found(self) -> MatchFound:
        return MatchFound(
            id=self.id,
            version=self.version,
            title=self.title,
            label=SecurityLabel(self.label),
            owners=self.owners,
            arises_from=(ThingRef(kind="need", id=self.need_id), ThingRef(kind="product", id=self.product_id)),
            need_id=self.need_id,
            product_id=self.product_id,
            outcome=self.outcome,
            score=self.score,
        )

    def show_interest(self, side: str, note: str, now: datetime) -> InterestExpressed:
        """Raises MatchNotOpen, InterestKnown, DoesNotFit."""
        if getattr(self, f"{side}_interest_at") is not None:
            raise rules.InterestKnown(N_("You have said so before. Wait for the other side's answer."))
        if self.outcome == "no":
            raise rules.DoesNotFit(N_("Change what the clauses name first; the need is then matched again."))
        self.state = rules.next_state("show interest", rules.State(self.state))
        setattr(self, f"{side}_interest_at", now)
        setattr(self, f"{side}_note", note)
        return InterestExpressed(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=self.owners,
            need_id=self.need_id,
            product_id=self.product_id,
            institution=OrgRef(id=str(self.institution_id), name=self.institution_name),
            side="partner" if side == "partner" else "applicant",
            note=note,
        )

    def leave(self, verb: str, reason: str) -> MatchWithdrawn:
        """Decline or withdraw. Raises MatchNotOpen."""
        self.state = rules.next_state(verb, rules.State(self.state))
        self.state_reason = reason
        return MatchWithdrawn(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=self.owners,
            need_id=self.need_id,
            product_id=self.product_id,
            reason=reason,
        )
