"""What people of an application are called on screens."""

from services.project_management.teams.rules import State
from shared.web.i18n import lazy
from shared.web.words import StateWord

STATES = {
    State.NAMED: StateWord(lazy("Not answered yet"), "warning"),
    State.AGREED: StateWord(lazy("Agreed"), "success"),
    State.LEFT: StateWord(lazy("Took the name off"), "danger"),
}
UNASKED = StateWord(lazy("Named; has no account here"), "neutral")
"""Of somebody who cannot be asked to agree."""
