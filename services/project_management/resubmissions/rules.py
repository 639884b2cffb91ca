"""An application that came to nothing is handed in again to another call, without retyping."""

from services.project_management.applications import rules as applications
from services.project_management.applications.rules import ApplicationNotReady, State
from shared.kernel.marks import N_

READ = applications.READ
RESUBMIT = applications.DRAFT


def may_be_repeated(state: State) -> None:
    """Raises ApplicationNotReady for one that is still under way, or was funded."""
    if state not in applications.OVER:
        raise ApplicationNotReady(N_("Only what was declined, withdrawn or held in reserve is handed in again."))
