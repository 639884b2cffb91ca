"""What is asked for of a chain of offices."""

from typing import Literal
from uuid import UUID

from shared.kernel.schemas import Schema, Word


class ApprovalStep(Schema):
    """One office that signs: whoever holds the role, for the organisation if one is named."""

    office: Word
    role: Literal["coordinator", "programme_officer"] = "coordinator"
    organisation_id: UUID | None = None
