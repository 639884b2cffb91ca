"""What states, verdicts and kinds of findings are called on screens."""

from services.project_management.duplicates.rules import Kind, State, Verdict
from shared.web.i18n import lazy
from shared.web.words import StateWord

STATES = {
    State.CLEAR: StateWord(lazy("Nothing to look at"), "success"),
    State.OPEN: StateWord(lazy("To be looked at"), "warning"),
    State.EXPLAINING: StateWord(lazy("The lead is asked"), "progress"),
    State.DECIDED: StateWord(lazy("Looked at"), "info"),
    State.SUPERSEDED: StateWord(lazy("Checked again since"), "neutral"),
}
VERDICTS = {
    Verdict.NOT_DUPLICATE: (lazy("Not a duplicate"), lazy("What is alike does not matter here.")),
    Verdict.OVERLAP: (lazy("Overlap, to be explained"), lazy("Its lead is asked, and you judge again.")),
    Verdict.DUPLICATE: (lazy("Duplicate"), lazy("It stays in the call: who decides the awards reads this.")),
}
"""With what follows."""
KINDS = {
    Kind.EARLIER_PROJECT: lazy("Earlier project"),
    Kind.APPLICATION: lazy("Application"),
    Kind.PROJECT: lazy("Project"),
    Kind.ACHIEVEMENT: lazy("Achievement"),
}
