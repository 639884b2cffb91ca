"""What states, kinds and answers of an evaluation are called on screens."""

from services.project_management.evaluations.rules import ASKS, FollowUpState, Kind, Reached, SheetState, State
from shared.web.i18n import Lazy, lazy
from shared.web.words import StateWord

STATES = {
    State.REPORTING: StateWord(lazy("Lead reports"), "info"),
    State.REPORTED: StateWord(lazy("Panel to appoint"), "info"),
    State.IN_REVIEW: StateWord(lazy("With the panel"), "progress"),
    State.JUDGED: StateWord(lazy("To decide"), "warning"),
    State.DECIDED: StateWord(lazy("Decided"), "success"),
    State.CANCELLED: StateWord(lazy("Called off"), "neutral"),
}
SHEETS = {
    SheetState.ASKED: StateWord(lazy("To write"), "info"),
    SheetState.HANDED_IN: StateWord(lazy("Handed in"), "success"),
    SheetState.DECLINED: StateWord(lazy("Declined"), "warning"),
    SheetState.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}
FOLLOW_UPS = {
    FollowUpState.WAITING: StateWord(lazy("Not due yet"), "neutral"),
    FollowUpState.ASKED: StateWord(lazy("Due soon"), "warning"),
    FollowUpState.ANSWERED: StateWord(lazy("Answered"), "success"),
}
KINDS: dict[str, Lazy] = {Kind.MIDTERM: lazy("Mid-term review"), Kind.COMPLETION: lazy("Completion review")}
REACHED = {
    Reached.FULL: StateWord(lazy("Reached in full"), "success"),
    Reached.PART: StateWord(lazy("Reached in part"), "warning"),
    Reached.NONE: StateWord(lazy("Not reached"), "danger"),
}
CRITERIA: dict[str, Lazy] = {name: lazy(asked) for name, asked in ASKS.items()}
