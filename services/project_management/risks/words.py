"""What states, levels and responses of a risk are called on screens."""

from services.project_management.risks.rules import IMPACTS, LIKELIHOODS, Level, Response, State
from shared.web.i18n import lazy
from shared.web.sentences import said
from shared.web.words import StateWord

STATES = {
    State.OPEN: StateWord(lazy("Worked on"), "warning"),
    State.WATCHED: StateWord(lazy("Watched"), "info"),
    State.OCCURRED: StateWord(lazy("Occurred"), "danger"),
    State.CLOSED: StateWord(lazy("Closed risk"), "neutral"),
}
LEVELS = {
    Level.LOW: StateWord(lazy("Low risk"), "success"),
    Level.MODERATE: StateWord(lazy("Moderate risk"), "info"),
    Level.HIGH: StateWord(lazy("High risk"), "warning"),
    Level.EXTREME: StateWord(lazy("Extreme risk"), "danger"),
}
RESPONSES = {
    Response.AVOID: lazy("Avoid"),
    Response.REDUCE: lazy("Reduce"),
    Response.TRANSFER: lazy("Transfer"),
    Response.ACCEPT: lazy("Take the risk"),
}


def likelihoods() -> list[tuple[str, str]]:
    return [(str(step), said(word)) for step, word in LIKELIHOODS.items()]


def impacts() -> list[tuple[str, str]]:
    return [(str(step), said(word)) for step, word in IMPACTS.items()]
