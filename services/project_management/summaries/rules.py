"""The office's summary of an application's reviews: who issues and reads it."""

from services.project_management.awards.rules import RANK
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_
from shared.kernel.policy import office
from shared.kernel.types import Role

READ = RANK
"""Who reads the ranking, without a part in the call."""
ISSUE = office("summaries.issue", Role.PROGRAMME_OFFICER)


class NothingReviewed(Conflict):
    title = N_("No review of it is in yet")
