"""Claims of expenditure against a project's budget: states and who may do what."""

from enum import StrEnum

from services.project_management.delivery import rules as delivery
from services.project_management.delivery.rules import ProjectState
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role

READ = delivery.SPENDING
CLAIM = own("claims.submit", Role.APPLICANT, Role.REPRESENTATIVE, Role.FINANCE_OFFICER)
"""Every organisation of the project claims for itself."""
JUDGE = office("claims.judge", Role.PROGRAMME_OFFICER, Role.FINANCE_OFFICER)
MOST_ITEMS = 100
MOST_RECEIPTS = 20
"""Files of one claim that come in at once."""


class State(StrEnum):
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "resubmit": (frozenset({State.RETURNED}), State.SUBMITTED),
    "return": (frozenset({State.SUBMITTED}), State.RETURNED),
    "approve": (frozenset({State.SUBMITTED}), State.APPROVED),
    "withdraw": (frozenset({State.SUBMITTED, State.RETURNED}), State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in)."""
SAID = {
    State.SUBMITTED: N_("handed in"),
    State.RETURNED: N_("returned"),
    State.APPROVED: N_("approved by the office"),
    State.WITHDRAWN: N_("withdrawn"),
}
"""States as sentences say them."""


_WHILE: dict[str, frozenset[ProjectState]] = {
    "submit": frozenset({ProjectState.RUNNING}),
    "resubmit": frozenset({ProjectState.RUNNING, ProjectState.COMPLETED, ProjectState.TERMINATED}),
}
"""What was handed in while the project ran is still corrected and paid when it is over; nothing new comes then."""


class ClaimNotReady(Conflict):
    title = N_("The claim's state does not allow this")


class OverBudget(Conflict):
    """`extra["trace"]` tells line by line what is over-run, and what would help."""

    title = N_("The claim is over budget")


class ProjectNotRunning(Conflict):
    title = N_("The project does not run")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ClaimNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise ClaimNotReady(
            S_(
                "The claim is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=" or ".join(SAID[one] for one in State if one in allowed),
            )
        )
    return after


def require_project(verb: str, state: ProjectState) -> None:
    """Raises ProjectNotRunning."""
    if state not in _WHILE[verb]:
        raise ProjectNotRunning(
            N_("Expenditure is claimed while the project runs.")
            if verb == "submit"
            else N_("A returned claim is corrected while the project runs or when it is over.")
        )


def require_unsettled(*, settled: bool) -> None:
    """Raises ProjectNotRunning once the money of a project that ended early is worked out."""
    if settled:
        raise ProjectNotRunning(N_("The project ended and its money is settled. Nothing more is claimed."))


def require_covered(trace: DecisionTrace) -> None:
    """Raises OverBudget: what is beyond the award first, then what a change of the budget could settle."""
    faults = sorted((one for one in trace.clauses if one.outcome != "yes"), key=lambda one: one.rule != "award.total")
    if faults:
        remedies = [{"pointer": f"/{clause.rule}", "detail": clause.remedy} for clause in faults]
        raise OverBudget(faults[0].reason, errors=remedies, trace=trace.model_dump(mode="json"))
