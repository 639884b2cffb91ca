"""Application forms: who designs them, how large they may be, and when they are fixed."""

from services.project_management.calls import rules as calls
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.marks import N_

READ = calls.READ
DESIGN = calls.DRAFT

WRITTEN_WHILE = frozenset({calls.State.DRAFT, calls.State.RELEASED})
MOST_BYTES = 300_000
"""Of a form as JSON text."""
DEEPEST = 12
"""Levels of a form as JSON: a question's column's option lies on the eighth."""
MOST_SECTIONS, MOST_QUESTIONS, MOST_OPTIONS, MOST_COLUMNS = 20, 200, 100, 10
MOST_ROWS, MOST_FILES, MOST_CHARACTERS = 100, 10, 20_000


class FormLocked(Conflict):
    title = N_("The form is fixed")


class FormUnsound(Invalid):
    """`errors` names each question that cannot be as it is, and what to change."""

    title = N_("The form contradicts itself")


def designable(state: calls.State) -> None:
    """Raises FormLocked where the form is changed by nobody."""
    if state not in WRITTEN_WHILE:
        raise FormLocked(
            N_("The form is written in the draft of a call, or, once it is released, for an amendment of it.")
        )
