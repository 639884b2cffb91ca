"""The row of a financing need and its transitions."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.finance_matching.needs import rules
from services.finance_matching.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.finance import NeedChanged, NeedDrafted, NeedOpened, NeedWithdrawn
from shared.db.rows import MoneyAmount
from shared.kernel.types import OrgRef, SecurityLabel


class Need(Aggregate, table=True):
    __tablename__ = "needs"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'withdrawn')", name="needs_state"),
        CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="needs_label"),
        CheckConstraint("stage IN ('research', 'design_finalisation', 'production')", name="needs_stage"),
        CheckConstraint("amount > 0", name="needs_amount"),
        CheckConstraint("term_months > 0", name="needs_term"),
        Index("needs_list", "created_at", "id"),
        Index("needs_organisation", "organisation_id"),
        Index("needs_project", "project_id"),
        Index("needs_open", "id", postgresql_where="state = 'open'"),
    )

    title: str
    purpose: str = ""
    organisation_id: UUID
    organisation_name: str
    project_id: UUID | None = None
    project_title: str = ""
    stage: str
    amount: Decimal = Field(sa_type=MoneyAmount)
    currency: str
    term_months: int | None = None
    security_offered: list[str] = Field(sa_type=ARRAY(Text))
    field: str = ""
    region: str = ""
    label: str = SecurityLabel.INTERNAL.value
    state: str = rules.State.DRAFT.value
    state_reason: str = ""
    drafted_by: str

    @property
    def organisation(self) -> OrgRef:
        return OrgRef(id=str(self.organisation_id), name=self.organisation_name)

    @property
    def causes(self) -> tuple[ThingRef, ...]:
        return (ThingRef(kind="project", id=self.project_id),) if self.project_id else ()

    def drafted(self) -> NeedDrafted:
        return NeedDrafted(
            id=self.id,
            version=self.version,
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.organisation_id,),
            arises_from=self.causes,
            organisation=self.organisation,
            project_id=self.project_id,
        )

    def change(self, changes: dict[str, Any]) -> NeedChanged | None:
        """Take over what differs; None when nothing does. Raises NeedNotReady."""
        rules.next_state("change", rules.State(self.state))
        changed = [name for name, value in changes.items() if getattr(self, name) != value]
        if not changed:
            return None
        for name in changed:
            setattr(self, name, changes[name])
        return NeedChanged(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.organisation_id,),
            arises_from=self.causes,
            changed=tuple(changed),
        )

    def open(self) -> NeedOpened:
        self.state = rules.next_state("open", rules.State(self.state)).value
        return NeedOpened(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.organisation_id,),
            arises_from=self.causes,
            organisation=self.organisation,
            project_id=self.project_id,
            stage=self.stage,
            amount=self.amount,
            currency=self.currency,
        )

    def withdraw(self, reason: str) -> NeedWithdrawn:
        self.state = rules.next_state("withdraw", rules.State(self.state)).value
        self.state_reason = reason
        return NeedWithdrawn(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.organisation_id,),
            organisation=self.organisation,
            reason=reason,
        )
