"""A project that ends before it is delivered: by the office after the review of a delay, or because both sides agree;
and what of its money was spent, is owed, or must be paid back."""

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.project_management.delivery.rules import ProjectState, Side
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role

OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
READ = own(
    "terminations.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    Role.FINANCE_OFFICER,
    Role.LEGAL_OFFICER,
    supervisors=OVERSEERS,
    officers=(Role.FINANCE_OFFICER, Role.LEGAL_OFFICER),
)
PROPOSE = office("terminations.propose", Role.PROGRAMME_OFFICER, owners=(Role.REPRESENTATIVE,))
"""Either side proposes to end it by agreement, and the other answers; only the office proposes to end it by rule."""
ANSWER = own("terminations.answer", Role.REPRESENTATIVE)
RUN = office("terminations.run", Role.PROGRAMME_OFFICER)
SETTLE = office("terminations.settle", Role.PROGRAMME_OFFICER, Role.FINANCE_OFFICER)

TIME_TO_ANSWER = timedelta(days=15)
MOST_FILES = 20
FOLLOW_UP_YEARS = 1
"""What was reached until then is asked after once, where it stays in use."""


class Way(StrEnum):
    OFFICE = "office"
    AGREEMENT = "agreement"


class Rights(StrEnum):
    """What becomes of the agreement on the results."""

    STAYS = "stays"
    ENDS = "ends"


class State(StrEnum):
    PROPOSED = "proposed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"
    ENDED = "ended"
    SETTLED = "settled"
    CLOSED = "closed"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "answer": (frozenset({State.PROPOSED}), State.PROPOSED),
    "agree": (frozenset({State.PROPOSED}), State.ENDED),
    "refuse": (frozenset({State.PROPOSED}), State.REFUSED),
    "decide": (frozenset({State.PROPOSED}), State.ENDED),
    "withdraw": (frozenset({State.PROPOSED}), State.WITHDRAWN),
    "settle": (frozenset({State.ENDED}), State.SETTLED),
    "clear": (frozenset({State.SETTLED}), State.CLOSED),
}
"""Verb → (states it may start from, state it ends in). A review that lets a project go on is kept as it is: `kept`."""
OPEN = frozenset({State.PROPOSED, State.ENDED, State.SETTLED})
FROM = frozenset({ProjectState.DRAFTED, ProjectState.RETURNED, ProjectState.RUNNING})
"""Before both have signed nothing is promised yet: there both sides agree that nothing comes of it."""
_WAY = {"agree": Way.AGREEMENT, "refuse": Way.AGREEMENT, "answer": Way.OFFICE, "decide": Way.OFFICE}
SAID = {
    State.PROPOSED: N_("put forward"),
    State.REFUSED: N_("refused by the other side"),
    State.WITHDRAWN: N_("withdrawn"),
    State.KEPT: N_("answered: the project goes on"),
    State.ENDED: N_("waiting for its settlement"),
    State.SETTLED: N_("waiting for the balance"),
    State.CLOSED: N_("closed for good"),
}


class TerminationNotReady(Conflict):
    title = N_("The end of the project is not at this step")


class TerminationOpen(Conflict):
    title = N_("An end of the project is put forward already")


class NoGround(Conflict):
    title = N_("No rule lets the office end the project by itself")


class StillTimeToAnswer(Conflict):
    title = N_("The time to answer is not over")


class OwnProposal(Conflict):
    title = N_("The other side answers")


class OwnSettlement(Conflict):
    title = N_("Somebody else records the payment")


class ClaimsOpen(Conflict):
    title = N_("Claims wait for an answer")


def next_state(verb: str, state: State, way: Way) -> State:
    """The state after `verb`. Raises TerminationNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise TerminationNotReady(
            S_(
                "The end of the project is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=" or ".join(SAID[one] for one in State if one in allowed),
            )
        )
    if _WAY.get(verb, way) is not way:
        raise TerminationNotReady(
            N_("This end was proposed for agreement: the other side agrees or refuses.")
            if way is Way.AGREEMENT
            else N_("This end was proposed by the office: the lead answers, and then the office decides.")
        )
    return after


def require_endable(state: ProjectState, way: Way) -> None:
    """Raises TerminationNotReady."""
    wanted = FROM if way is Way.AGREEMENT else {ProjectState.RUNNING}
    if state not in wanted:
        raise TerminationNotReady(
            N_("Only a project that runs, or whose task book is not signed yet, is ended early.")
            if way is Way.AGREEMENT
            else N_("The office ends a project only while it runs.")
        )


def require_ground(way: Way, late: Collection[dict[str, Any]]) -> None:
    """`late`: milestones and reports whose delay has drawn the review of whether to end it. Raises NoGround."""
    if way is Way.OFFICE and not late:
        raise NoGround(
            N_(
                "The office ends a project by itself once a milestone or a report is three months late. Propose to "
                "end it together."
            )
        )


def require_other_eyes(settled_by: str | None, subject: str) -> None:
    """Who works out a balance does not record that it is paid. Raises OwnSettlement."""
    if settled_by == subject:
        raise OwnSettlement(N_("You worked the settlement out. Another officer of your office records the payment."))


def require_answered(*, answered: bool, over: bool) -> None:
    """Raises StillTimeToAnswer."""
    if not answered and not over:
        raise StillTimeToAnswer(N_("Wait for the lead's answer, or until the time for it has passed."))


def other(side: Side) -> Side:
    return Side.LEAD if side is Side.OFFICE else Side.OFFICE


SETTLEMENT = ("termination.settlement", 1)


def settlement(inputs: dict[str, Any]) -> DecisionTrace:
    """What the money comes to when a project ends early. The trace repeats from its inputs.

    `inputs`: currency, award, released (tranches), spent (claims that are approved), accepted (tranches of accepted
    milestones that are not released), budgeted (whether there were budget lines to claim against). Without lines a
    tranche is earned by its milestone. What was spent beyond the released money is paid as far as accepted milestones
    reach, for the payment gate holds nothing back of what was accepted once the project is over; what was released and
    not spent is paid back. The result: pay_back, owed, kept, free.
    """
    award, released, spent, accepted = (Decimal(inputs[name]) for name in ("award", "released", "spent", "accepted"))
    nothing = Decimal(0)
    pay_back = max(released - spent, nothing) if inputs["budgeted"] else nothing
    owed = min(max(spent - released, nothing), accepted) if inputs["budgeted"] else accepted
    kept = released - pay_back + owed

    def said(amount: Decimal) -> str:
        return f"{amount:,.2f} {inputs['currency']}"

    clauses = (
        Clause(rule="money.released", outcome="yes", reason=S_("%(amount)s were released.", amount=said(released))),
        Clause(
            rule="money.spent",
            outcome="yes",
            reason=S_("%(amount)s were spent, by approved claims.", amount=said(spent))
            if inputs["budgeted"]
            else N_("There was no budget to claim against: a tranche is earned by its accepted milestone."),
        ),
        Clause(
            rule="money.pay_back",
            outcome="no" if pay_back else "yes",
            reason=S_("%(amount)s were released and not spent: they are paid back.", amount=said(pay_back))
            if pay_back
            else N_("Nothing has to be paid back."),
        ),
        Clause(
            rule="money.owed",
            outcome="no" if owed else "yes",
            reason=S_("%(amount)s are still paid for accepted milestones.", amount=said(owed))
            if owed
            else N_("Nothing more has to be paid."),
        ),
        Clause(rule="money.free", outcome="yes", reason=S_("%(amount)s become free.", amount=said(award - kept))),
    )
    rule, version = SETTLEMENT
    result = {name: f"{value:.2f}" for name, value in
              (("pay_back", pay_back), ("owed", owed), ("kept", kept), ("free", award - kept))}  # fmt: skip
    return DecisionTrace(rule=rule, version=version, inputs=inputs, clauses=clauses, result=result)
