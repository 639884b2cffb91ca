"""Facts said by project management about the check for duplicate funding. They are the programme office's own."""

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Event


class DuplicatesChecked(Event):
    """An application was compared with all that was said before. `open`: a person must look at what was found."""

    type: ClassVar[str] = "hechuan.projects.duplicate_check.made.v1"
    state: ClassVar[str] = "made"

    application_id: UUID
    outcome: Literal["clear", "open", "explaining", "decided"]


class DuplicateJudged(Event):
    """A person of the programme office looked at the evidence and said what it is."""

    type: ClassVar[str] = "hechuan.projects.duplicate_check.judged.v1"
    state: ClassVar[str] = "judged"

    application_id: UUID
    verdict: Literal["not_duplicate", "overlap", "duplicate"]
    reason: str


class OverlapExplained(Event):
    """The lead said what the overlap is about; the office judges again."""

    type: ClassVar[str] = "hechuan.projects.duplicate_check.explained.v1"
    state: ClassVar[str] = "explained"

    application_id: UUID
