"""What states, kinds and subjects of the ledger are called on screens."""

from services.project_management.standing.rules import WHAT, Of, Sort, State
from shared.web.i18n import Lazy, lazy
from shared.web.words import StateWord

STATES = {
    State.PROPOSED: StateWord(lazy("Proposed"), "neutral"),
    State.NOTICED: StateWord(lazy("Notice given"), "info"),
    State.IN_FORCE: StateWord(lazy("In force"), "progress"),
    State.APPEALED: StateWord(lazy("Appealed"), "warning"),
    State.UPHELD: StateWord(lazy("Upheld"), "progress"),
    State.LIFTED: StateWord(lazy("Lifted"), "neutral"),
    State.EXPIRED: StateWord(lazy("Time passed"), "neutral"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}
FACTS: dict[str, Lazy] = {
    State.PROPOSED: lazy("Entry proposed"),
    State.NOTICED: lazy("Notice given or answered"),
    State.IN_FORCE: lazy("Put in force"),
    State.APPEALED: lazy("Appeal made"),
    State.UPHELD: lazy("Appeal decided: upheld"),
    State.LIFTED: lazy("Appeal decided: lifted"),
    State.EXPIRED: lazy("Time passed"),
    State.WITHDRAWN: lazy("Withdrawn"),
}
"""What happened, by the state that the fact names."""
SORTS = {Sort.REWARD: StateWord(lazy("Reward"), "success"), Sort.PUNISHMENT: StateWord(lazy("Punishment"), "danger")}
SUBJECTS = {Of.ORGANISATION: lazy("Organisation"), Of.TEAM: lazy("Project team")}
KINDS: dict[str, Lazy] = {kind: lazy(what) for kind, what in WHAT.items()}
