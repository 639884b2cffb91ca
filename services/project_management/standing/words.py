"""What states, kinds and subjects of the ledger are called on screens."""

from services.project_management.standing.rules import WHAT, Of, Sort, State
from shared.web.exports import Cell
from shared.web.i18n import Lazy, _, lazy
from shared.web.sentences import said
from shared.web.words import StateWord, label_word

STATES = {
    State.PROPOSED: StateWord(lazy("Notice to give"), "neutral"),
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
ANNULLED = lazy("Annulled because the evaluation was decided anew")
"""What happened to an entry that is lifted without a ruling that says so."""
SORTS = {Sort.REWARD: StateWord(lazy("Reward"), "success"), Sort.PUNISHMENT: StateWord(lazy("Punishment"), "danger")}
SUBJECTS = {Of.ORGANISATION: lazy("Organisation"), Of.TEAM: lazy("Project team")}
KINDS: dict[str, Lazy] = {kind: lazy(what) for kind, what in WHAT.items()}


def exported_cells() -> list[Cell]:
    """The columns of the ledger as a file."""
    return [
        Cell(_("Organisation"), lambda row: row["organisation_name"]),
        Cell(_("Project team"), lambda row: row["leader_name"]),
        Cell(_("What happened"), lambda row: str(KINDS[row["kind"]])),
        Cell(_("Kind"), lambda row: str(SORTS[row["sort"]])),
        Cell(_("Reason"), lambda row: said(row["reason"])),
        Cell(_("From"), lambda row: row["starts_on"]),
        Cell(_("Until"), lambda row: row["ends_on"]),
        Cell(_("State"), lambda row: str(STATES[row["state"]])),
        Cell(_("Security label"), lambda row: str(label_word(row["label"]))),
    ]
