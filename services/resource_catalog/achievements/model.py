"""The row of an achievement and its transitions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.resource_catalog.achievements import rules
from services.resource_catalog.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.catalog import AchievementReleased
from shared.db.rows import Json, UtcDateTime
from shared.kernel.marks import N_
from shared.kernel.types import OrgRef, SecurityLabel


class Achievement(Aggregate, table=True):
    __tablename__ = "achievements"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'in_review', 'returned', 'approved', 'released')", name="achievements_state"
        ),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="achievements_label"),
        CheckConstraint("trl BETWEEN 1 AND 9", name="achievements_trl"),
        CheckConstraint(
            "state NOT IN ('approved', 'released') OR (checked_label = label AND reviewed_by <> author)",
            name="achievements_checked_by_another",
        ),
        Index("achievements_list", "title", "id"),
        Index("achievements_organisation", "organisation_id"),
        Index(
            "achievements_title_trigram",
            "title",
            "title_zh",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops", "title_zh": "gin_trgm_ops"},
        ),
    )

    title: str
    title_zh: str = ""
    kind: str
    abstract: str = ""
    trl: int
    trl_evidence: str = ""
    fields_of_work: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    label: str
    maturity: str = ""
    advantage: str = ""
    route_to_market: str = ""
    description: str = ""
    organisation_id: UUID = Field(foreign_key="organisations.id")
    project_id: UUID | None = None
    asset_id: UUID | None = None
    author: str
    author_name: str = ""
    state: str = Field(default=rules.State.DRAFT.value)
    state_reason: str = ""
    checked_label: str | None = None
    checked_sha256: str | None = None
    reviewed_by: str | None = None
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None
    """The worklist's task that is open now."""

    def _move(self, verb: str) -> None:
        self.state = rules.next_state(verb, rules.State(self.state)).value
        self.touch()

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.fields_of_work if name == "fields" else getattr(self, name) for name in rules.CHECKED}

    def edit(self, changes: dict[str, Any]) -> None:
        self._move("edit")
        for name, value in changes.items():
            setattr(self, name, value)

    def request_release(self) -> None:
        self._move("request")
        self.state_reason = ""

    def approve(self, label: SecurityLabel, reviewer: str, reason: str) -> None:
        rules.independent(self.author, reviewer)
        self._move("approve")
        self.label = self.checked_label = label.value
        self.checked_sha256 = rules.content_hash(self.content)
        self.reviewed_by = reviewer
        self.state_reason = reason

    def send_back(self, reviewer: str, reason: str) -> None:
        rules.independent(self.author, reviewer)
        self._move("return")
        self.reviewed_by = reviewer
        self.state_reason = reason

    def release(self, organisation: OrgRef, now: datetime) -> AchievementReleased:
        """Raises ReleaseNotPossible unless this very content was approved."""
        self._move("release")
        if self.checked_label is None or self.checked_sha256 != rules.content_hash(self.content):
            raise rules.ReleaseNotPossible(N_("It was changed after the security review. Ask for a new one."))
        self.released_at = now
        label = SecurityLabel(self.checked_label)
        return AchievementReleased(
            id=self.id,
            version=self.version,
            title=self.title,
            label=label,
            owners=(self.organisation_id,),
            arises_from=self.causes,
            kind=self.kind,
            abstract=self.abstract,
            trl=self.trl,
            fields=tuple(self.fields_of_work),
            organisation=organisation,
            project_id=self.project_id,
            asset_id=self.asset_id,
            checked_label=label,
        )

    @property
    def causes(self) -> tuple[ThingRef, ...]:
        named = (("project", self.project_id), ("asset", self.asset_id))
        return tuple(ThingRef(kind=kind, id=id) for kind, id in named if id)
