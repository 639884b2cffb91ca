"""The form as it is being changed after its release, and the answers to it, section by section."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import Json, UtcDateTime


class FormDraft(Base, table=True):
    """What the form of a released call is to become; an amendment takes it over, or it is given up."""

    __tablename__ = "form_drafts"

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    version: int = 1
    form: dict[str, Any] = Field(sa_type=Json)
    changed_by: str
    changed_at: datetime = Field(sa_type=UtcDateTime)


class AnswerSheet(Base, table=True):
    """The answers to one section, as far as they are written. Sections are saved apart, so that people who fill in
    different ones do not meet; `version` tells those who meet in one. The sheet of section "" holds what was carried
    over from elsewhere: it counts where no section's own sheet knows the question."""

    __tablename__ = "answer_sheets"

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    section: str = Field(primary_key=True)
    version: int = 1
    answers: dict[str, Any] = Field(sa_type=Json)
    """Key of the question → answer; None where it was taken back."""
    saved_by: str
    saved_at: datetime = Field(sa_type=UtcDateTime)
