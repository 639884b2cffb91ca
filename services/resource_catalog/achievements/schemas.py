"""What is asked for and what is shown of an achievement."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.resource_catalog.achievements import rules
from shared.kernel.schemas import Line, Prose, Schema, Word
from shared.kernel.types import SecurityLabel, Trl

Terms = Annotated[list[Word], Field(max_length=20)]
ChineseTitle = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


class AchievementCreate(Schema):
    """A draft may be incomplete; the request for release says what is missing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Fatigue-resistant magnesium alloy for airframes",
                    "title_zh": "航空用抗疲劳镁合金",
                    "kind": "material",
                    "abstract": "A magnesium alloy that keeps its strength over ten million cycles.",
                    "trl": 6,
                    "trl_evidence": "Tested on a full-size bracket in a relevant environment.",
                    "fields": ["light alloys"],
                    "label": "public",
                    "maturity": "Pilot batches of 200 kg are made.",
                    "advantage": "Thirty per cent lighter than the aluminium part used today.",
                    "route_to_market": "Licence to two makers of drones; a plant is planned.",
                    "description": "Plates and extrusions up to 60 mm, with data sheets and welding parameters.",
                }
            ]
        }
    )

    title: Line
    title_zh: ChineseTitle = ""
    kind: rules.Kind
    abstract: Prose = ""
    trl: Trl
    trl_evidence: Prose = Field(default="", description="What shows that this level is reached")
    fields: Terms = Field(default_factory=list)
    label: SecurityLabel = Field(default=SecurityLabel.INTERNAL, description="The author's proposal")
    maturity: Prose = Field(default="", description="How ripe it is, in words")
    advantage: Prose = Field(default="", description="What it does better than today's solution")
    route_to_market: Prose = ""
    description: Prose = Field(default="", description="What a buyer gets, concretely")
    project_id: UUID | None = None
    asset_id: UUID | None = None


class AchievementChange(Schema):
    """Only what is given is changed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"advantage": "Thirty per cent lighter than today's aluminium part."}]}
    )

    title: Line | None = None
    title_zh: ChineseTitle | None = None
    kind: rules.Kind | None = None
    abstract: Prose | None = None
    trl: Trl | None = None
    trl_evidence: Prose | None = None
    fields: Terms | None = None
    label: SecurityLabel | None = None
    maturity: Prose | None = None
    advantage: Prose | None = None
    route_to_market: Prose | None = None
    description: Prose | None = None


class SecurityReviewCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"decision": "approve", "label": "public", "reason": "Nothing in it needs protection."}]
        }
    )

    decision: Literal["approve", "return"]
    label: SecurityLabel | None = Field(default=None, description="The checked label; needed to approve")
    reason: Line


class AchievementRead(BaseModel):
    id: UUID
    version: int
    title: str
    title_zh: str
    kind: rules.Kind
    abstract: str
    trl: int
    fields: list[str]
    label: SecurityLabel
    organisation_id: UUID
    organisation_name: str
    project_id: UUID | None
    asset_id: UUID | None
    state: rules.State
    released_at: datetime | None
    created_at: datetime


class AchievementDetail(AchievementRead):
    trl_evidence: str
    maturity: str
    advantage: str
    route_to_market: str
    description: str
    checked_label: SecurityLabel | None
    checked_sha256: str | None
    state_reason: str = Field(description="Shown to the organisation and overseers only")


class AchievementList(BaseModel):
    items: list[AchievementRead]
    next_cursor: str | None
