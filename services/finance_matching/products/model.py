"""The row of a financial product and its transitions."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.finance_matching.products.rules import State, next_state
from services.finance_matching.tables import Aggregate
from shared.contracts.finance import ProductDrafted, ProductEdited, ProductPublished, ProductWithdrawn
from shared.db.rows import MoneyAmount, UtcDateTime
from shared.kernel.types import OrgRef, SecurityLabel


class Product(Aggregate, table=True):
    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="products_state"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="products_label"),
        CheckConstraint("min_amount > 0 AND min_amount <= max_amount", name="products_amount"),
        CheckConstraint("term_months_min > 0 AND term_months_min <= term_months_max", name="products_term"),
        Index("products_list", "created_at", "id"),
        Index("products_institution", "institution_id"),
        Index("products_on_offer", "valid_until", postgresql_where="state = 'published'"),
    )

    title: str
    title_zh: str = ""
    kind: str
    institution_id: UUID
    institution_name: str
    stages: list[str] = Field(sa_type=ARRAY(Text))
    min_amount: Decimal = Field(sa_type=MoneyAmount)
    max_amount: Decimal = Field(sa_type=MoneyAmount)
    currency: str
    term_months_min: int
    term_months_max: int
    price: str = ""
    regions: list[str] = Field(sa_type=ARRAY(Text))
    fields_of_work: list[str] = Field(sa_type=ARRAY(Text))
    security_required: list[str] = Field(sa_type=ARRAY(Text))
    valid_until: datetime = Field(sa_type=UtcDateTime)
    rules: list[str] = Field(sa_type=ARRAY(Text))
    terms: str = ""
    label: str = SecurityLabel.PUBLIC.value
    state: str = State.DRAFT.value
    state_reason: str = ""
    drafted_by: str

    @property
    def institution(self) -> OrgRef:
        return OrgRef(id=str(self.institution_id), name=self.institution_name)

    def _hidden(self) -> SecurityLabel:
        """A draft is nobody's business but the partner's."""
        return max(SecurityLabel(self.label), SecurityLabel.INTERNAL, key=lambda label: label.rank)

    def drafted(self) -> ProductDrafted:
        return ProductDrafted(
            id=self.id,
            version=self.version,
            title=self.title,
            label=self._hidden(),
            owners=(self.institution_id,),
            institution=self.institution,
            kind=self.kind,
        )

    def edit(self, changes: dict[str, Any]) -> ProductEdited | None:
        """Take over what differs; None when nothing does. Raises ProductNotReady."""
        next_state("edit", State(self.state))
        changed = [name for name, value in changes.items() if getattr(self, name) != value]
        if not changed:
            return None
        for name in changed:
            setattr(self, name, changes[name])
        return ProductEdited(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=self._hidden(),
            owners=(self.institution_id,),
            changed=tuple(changed),
        )

    def publish(self) -> ProductPublished:
        self.state = next_state("publish", State(self.state))
        return ProductPublished(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.institution_id,),
            institution=self.institution,
            kind=self.kind,
            valid_until=self.valid_until,
        )

    def withdraw(self, reason: str) -> ProductWithdrawn:
        self.state = next_state("withdraw", State(self.state))
        self.state_reason = reason
        return ProductWithdrawn(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.institution_id,),
            institution=self.institution,
            reason=reason,
        )
