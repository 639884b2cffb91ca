"""Risks of a project: states, who may do what, and the scale of likelihood and impact.

The scale is a consequence/likelihood matrix of five by five as IEC 31010:2019, annex B, describes it among the
techniques for recording and reporting, used in the process of ISO 31000:2018. The standard leaves the words of each
step to the organisation: they stand here.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from services.project_management.delivery import rules as delivery
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own
from shared.kernel.types import Role

READ = delivery.READ
WRITE = own("risks.write", Role.APPLICANT, Role.REPRESENTATIVE)
"""Every organisation of the project sees risks first where it works, and records them itself."""
STANDARD = "ISO 31000:2018 · IEC 31010:2019"
LIKELIHOODS = {
    1: N_("1 · rare: below 10 %"),
    2: N_("2 · unlikely: 10 to 30 %"),
    3: N_("3 · possible: 30 to 50 %"),
    4: N_("4 · likely: 50 to 80 %"),
    5: N_("5 · almost certain: above 80 %"),
}
"""Within the time that is left of the project."""
IMPACTS = {
    1: N_("1 · negligible: made good in days"),
    2: N_("2 · minor: weeks, within the budget line"),
    3: N_("3 · moderate: a milestone is late, or another line pays"),
    4: N_("4 · major: a milestone is missed, or a goal changes"),
    5: N_("5 · severe: the project does not reach its aim"),
}
MOST = 200
"""Risks of one project."""
TOP = 3
"""So many stand on the page of the project."""


class State(StrEnum):
    OPEN = "open"
    WATCHED = "watched"
    OCCURRED = "occurred"
    CLOSED = "closed"


class Response(StrEnum):
    AVOID = "avoid"
    REDUCE = "reduce"
    TRANSFER = "transfer"
    ACCEPT = "accept"


class Level(StrEnum):
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    EXTREME = "extreme"


LIVE = frozenset({State.OPEN, State.WATCHED})
TRANSITIONS: dict[str, tuple[frozenset[State], State | None]] = {
    "assess": (LIVE, None),
    "watch": (frozenset({State.OPEN}), State.WATCHED),
    "reopen": (frozenset({State.WATCHED, State.CLOSED}), State.OPEN),
    "occur": (LIVE, State.OCCURRED),
    "close": (frozenset({State.OPEN, State.WATCHED, State.OCCURRED}), State.CLOSED),
}
"""Verb → (states it may start from, state it ends in; None leaves it as it is)."""
SAID = {
    State.OPEN: N_("being worked on"),
    State.WATCHED: N_("only watched"),
    State.OCCURRED: N_("one that has occurred"),
    State.CLOSED: N_("closed by the project"),
}


class RiskNotReady(Conflict):
    title = N_("The risk's state does not allow this")


class ProjectOver(Conflict):
    title = N_("The project is completed")


class TooManyRisks(Conflict):
    title = N_("The register is full")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises RiskNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise RiskNotReady(
            S_(
                "The risk is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=" or ".join(SAID[one] for one in State if one in allowed),
            )
        )
    return after or state


def level(likelihood: int, impact: int) -> Level:
    """How much attention a risk wants. The product alone would call what is rare and ends the project moderate."""
    points = likelihood * impact
    if points >= 20 or (impact == 5 and likelihood >= 3):
        return Level.EXTREME
    if points >= 10 or impact == 5:
        return Level.HIGH
    return Level.MODERATE if points >= 5 else Level.LOW


def matrix(risks: Iterable[Mapping[str, Any]]) -> list[tuple[int, list[tuple[int, Level, list[Mapping[str, Any]]]]]]:
    """Live risks by likelihood, the highest first, and by impact."""
    live = [one for one in risks if one["state"] in LIVE]
    return [
        (
            likelihood,
            [
                (
                    impact,
                    level(likelihood, impact),
                    [one for one in live if (one["likelihood"], one["impact"]) == (likelihood, impact)],
                )
                for impact in IMPACTS
            ],
        )
        for likelihood in sorted(LIKELIHOODS, reverse=True)
    ]


def require_room(count: int) -> None:
    """Raises TooManyRisks."""
    if count >= MOST:
        raise TooManyRisks(S_("A register holds %(most)s risks. Put those together that have one cause.", most=MOST))


def require_project(state: delivery.ProjectState) -> None:
    """Raises ProjectOver."""
    if state in (delivery.ProjectState.COMPLETED, delivery.ProjectState.TERMINATED):
        raise ProjectOver(N_("Risks are kept until the project is completed; after that they can only be read."))
