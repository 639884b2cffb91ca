"""Rows of an asset and of those who hold it."""

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.ip_registry.tables import Aggregate, Base
from shared.contracts.base import ThingRef
from shared.contracts.ip import AssetRegistered, HolderShare
from shared.db.rows import Json
from shared.kernel.types import OrgRef, SecurityLabel


class Asset(Aggregate, table=True):
    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint("state IN ('registered', 'lapsed')", name="assets_state"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="assets_label"),
        CheckConstraint(
            "kind IN ('patent', 'utility_model', 'design', 'software_copyright', 'plant_variety', 'layout_design',"
            " 'trade_mark', 'know_how')",
            name="assets_kind",
        ),
        Index("assets_list", "created_at", "id"),
        Index(
            "assets_application",
            "office",
            "application_number",
            unique=True,
            postgresql_where="application_number IS NOT NULL",
        ),
    )

    title: str
    kind: str
    office: str | None = None
    application_number: str | None = None
    filed_on: date | None = None
    project_id: UUID | None = None
    disclosure_id: UUID | None = None
    inventors: list[dict[str, Any]] = Field(sa_type=Json)
    label: str = SecurityLabel.INTERNAL.value
    state: str = "registered"
    registered_by: str

    def registered(self, holders: list["AssetHolder"]) -> AssetRegistered:
        causes = []
        if self.disclosure_id:
            causes.append(ThingRef(kind="disclosure", id=self.disclosure_id))
        if self.project_id:
            causes.append(ThingRef(kind="project", id=self.project_id))
        return AssetRegistered(
            id=self.id,
            version=self.version,
            title=self.title,
            label=SecurityLabel(self.label),
            owners=tuple(holder.organisation_id for holder in holders),
            arises_from=tuple(causes),
            kind=self.kind,
            office=self.office,
            application_number=self.application_number,
            filed_on=self.filed_on,
            project_id=self.project_id,
            disclosure_id=self.disclosure_id,
            shares=tuple(
                HolderShare(
                    holder=OrgRef(id=str(holder.organisation_id), name=holder.name),
                    share=Fraction(holder.numerator, holder.denominator),
                )
                for holder in holders
            ),
        )


class AssetHolder(Base, table=True):
    """An exact part of an asset, held from a day on (and until the day before `until_on`, when it was passed on)."""

    __tablename__ = "asset_holders"
    __table_args__ = (
        CheckConstraint("numerator > 0 AND denominator >= numerator", name="asset_holders_share"),
        Index("asset_holders_organisation", "organisation_id"),
    )

    asset_id: UUID = Field(primary_key=True, foreign_key="assets.id")
    organisation_id: UUID = Field(primary_key=True)
    from_on: date = Field(primary_key=True)
    until_on: date | None = None
    name: str
    numerator: int
    denominator: int
