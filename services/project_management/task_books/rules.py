"""A task book before the last signature: either side may return it with a reason, and it is drawn up anew."""

from typing import Any

from services.project_management.delivery import rules as delivery
from services.project_management.delivery.rules import ProjectNotReady, ProjectState, project_after
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_

DRAFT, READ, SIGN = delivery.DRAFT, delivery.READ, delivery.SIGN
"""Who draws a task book up words it anew; who signs it may return it."""


class NothingDiffers(Conflict):
    title = N_("The task book would read the same")


def may_return(state: ProjectState) -> bool:
    """Whoever signs may also say why not."""
    return state is ProjectState.DRAFTED


def may_redraw(state: ProjectState) -> bool:
    """Whether it can still be worded otherwise without a change request."""
    try:
        project_after("redraw", state)
    except ProjectNotReady:
        return False
    return True


def require_different(before: dict[str, Any], after: dict[str, Any], *, returned: bool) -> None:
    """Signatures fall with every new wording, so an equal one is none; after a return the reason may have been
    answered otherwise. Raises NothingDiffers."""
    if before == after and not returned:
        raise NothingDiffers(N_("Change what is to be different. The signatures that stand are kept until then."))
