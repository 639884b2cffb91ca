"""What states of a departure are called on screens."""

from services.project_management.departures.rules import State
from shared.web.i18n import lazy
from shared.web.words import StateWord

STATES = {
    State.OPEN: StateWord(lazy("Its part is open"), "warning"),
    State.ASKED: StateWord(lazy("Another organisation is asked"), "warning"),
    State.REPLACED: StateWord(lazy("Replaced"), "success"),
    State.TAKEN_OVER: StateWord(lazy("Taken over by the lead"), "success"),
    State.LAPSED: StateWord(lazy("Nobody answered in time"), "danger"),
    State.ENDED: StateWord(lazy("Over with the application"), "neutral"),
}
