"""Mid-term and completion reviews: states, who may do what, and the grade by sheets, promise and money."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from services.project_management.delivery.rules import Grade, ProjectNotReady, ProjectState
from services.project_management.indicators.rules import progress, together
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, office, own
from shared.kernel.trace import Clause, DecisionTrace, said_of
from shared.kernel.types import Role

OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
"""Who may know a panel; finance and legal officers read the rest, as they read the project."""
READ = own(
    "evaluations.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    Role.FINANCE_OFFICER,
    Role.LEGAL_OFFICER,
    supervisors=OVERSEERS,
    officers=(Role.FINANCE_OFFICER, Role.LEGAL_OFFICER),
)
REPORT = own("evaluations.report", Role.APPLICANT, Role.REPRESENTATIVE)
RUN = office("evaluations.run", Role.PROGRAMME_OFFICER)
"""The office is the call's. Whoever acts for the lead or a partner opens, staffs and decides nothing."""
SHEET = Policy("evaluations.sheet", roles=frozenset({Role.REVIEWER}), scope=Scope.PERSON)
"""A sheet exists only for its expert; the office reads what is handed in, the lead the comments without names."""

LEAST, MOST = 3, 9
"""Members of a panel."""
TIME_TO_REPORT = timedelta(days=30)
TIME_TO_JUDGE = timedelta(days=21)
FOLLOW_UP_YEARS = (1, 3)
ASKED_BEFORE = 30
"""Days before a follow-up is due on which the lead is asked."""
CRITERIA: dict[str, int] = {"indicators": 40, "results": 25, "use": 20, "money": 15}
"""What each member of a panel scores from 0 to 10, with its weight."""
ASKS = {
    "indicators": N_("Indicators reached, against the task book"),
    "results": N_("Quality of the results"),
    "use": N_("Use and prospects of the results"),
    "money": N_("Use of the money"),
}


class Kind(StrEnum):
    MIDTERM = "midterm"
    COMPLETION = "completion"


class State(StrEnum):
    REPORTING = "reporting"
    REPORTED = "reported"
    IN_REVIEW = "in_review"
    JUDGED = "judged"
    DECIDED = "decided"
    CANCELLED = "cancelled"


class SheetState(StrEnum):
    ASKED = "asked"
    HANDED_IN = "handed_in"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class FollowUpState(StrEnum):
    WAITING = "waiting"
    ASKED = "asked"
    ANSWERED = "answered"


class Reached(StrEnum):
    FULL = "full"
    PART = "part"
    NONE = "none"


OPEN = frozenset({State.REPORTING, State.REPORTED, State.IN_REVIEW, State.JUDGED})
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "report": (frozenset({State.REPORTING}), State.REPORTED),
    "return": (frozenset({State.REPORTED}), State.REPORTING),
    "appoint": (frozenset({State.REPORTED, State.IN_REVIEW}), State.IN_REVIEW),
    "judge": (frozenset({State.IN_REVIEW}), State.JUDGED),
    "decide": (frozenset({State.JUDGED}), State.DECIDED),
    "cancel": (OPEN, State.CANCELLED),
    "reopen": (frozenset({State.DECIDED}), State.REPORTED),
    "let_stand": (OPEN, State.DECIDED),
}
"""Verb → (states it may start from, state it ends in). The last sheet judges; nobody presses a button for it. What
was decided and is opened again stands until there is another decision, or is let stand; it is not called off."""
SHEETS: dict[str, tuple[frozenset[SheetState], SheetState]] = {
    "hand_in": (frozenset({SheetState.ASKED}), SheetState.HANDED_IN),
    "decline": (frozenset({SheetState.ASKED}), SheetState.DECLINED),
    "withdraw": (frozenset({SheetState.ASKED}), SheetState.WITHDRAWN),
}
FOLLOW_UPS: dict[str, tuple[frozenset[FollowUpState], FollowUpState]] = {
    "ask": (frozenset({FollowUpState.WAITING}), FollowUpState.ASKED),
    "remind": (frozenset({FollowUpState.ASKED}), FollowUpState.ASKED),
    "answer": (frozenset({FollowUpState.WAITING, FollowUpState.ASKED}), FollowUpState.ANSWERED),
}
SAID: dict[StrEnum, str] = {
    State.REPORTING: N_("waiting for the report"),
    State.REPORTED: N_("waiting for a panel"),
    State.IN_REVIEW: N_("with the panel"),
    State.JUDGED: N_("waiting for the decision"),
    State.DECIDED: N_("decided on"),
    State.CANCELLED: N_("called off"),
    SheetState.ASKED: N_("asked of the expert"),
    SheetState.HANDED_IN: N_("handed in by the expert"),
    SheetState.DECLINED: N_("declined by the expert"),
    SheetState.WITHDRAWN: N_("withdrawn by the office"),
}


class EvaluationNotReady(Conflict):
    title = N_("The evaluation's state does not allow this")


class SheetNotReady(Conflict):
    title = N_("The sheet's state does not allow this")


class EvaluationOpen(Conflict):
    title = N_("An evaluation is open already")


class SameHand(Conflict):
    title = N_("Somebody else has to do this")


class EvaluationOutstanding(Conflict):
    title = N_("The panel has not judged the project")


JUDGED_BEFORE = N_("Judged it before; a new panel has other members.")


class FollowUpAnsweredAlready(Conflict):
    title = N_("The follow-up is answered already")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises EvaluationNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise EvaluationNotReady(
            S_(
                "The evaluation is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=_listed([one for one in State if one in allowed]),
            )
        )
    return after


def require_round(verb: str, number: int) -> None:
    """What was decided once is not called off and keeps the report that it was decided on; only what was opened again
    has a decision to let stand. Raises EvaluationNotReady."""
    if verb == "cancel" and number > 1:
        raise EvaluationNotReady(N_("It was decided before. Let that decision stand instead of calling it off."))
    if verb == "return" and number > 1:
        raise EvaluationNotReady(
            N_("It was decided on this report. Appoint a new panel for it, or let the decision before stand.")
        )
    if verb == "let_stand" and number == 1:
        raise EvaluationNotReady(N_("It was not decided before, so nothing stands. Call it off instead."))


def require_other_hand(subject: str, deciders: Sequence[str]) -> None:
    """Raises SameHand."""
    if subject in deciders:
        raise SameHand(
            N_("You decided it before. Another person of the office opens it again, and decides anew or lets it stand.")
        )


def require_reopenable(kind: Kind, project: ProjectState) -> None:
    """Raises ProjectNotReady."""
    if kind is Kind.MIDTERM and project is not ProjectState.RUNNING:
        raise ProjectNotReady(N_("A mid-term review is opened again only while its project runs."))
    if kind is Kind.COMPLETION and project is not ProjectState.COMPLETED:
        raise ProjectNotReady(N_("A completion review is opened again only where it completed the project."))


def next_sheet(verb: str, state: SheetState) -> SheetState:
    """Raises SheetNotReady."""
    allowed, after = SHEETS[verb]
    if state not in allowed:
        raise SheetNotReady(
            S_(
                "The sheet is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=_listed([one for one in SheetState if one in allowed]),
            )
        )
    return after


def _listed(states: Sequence[StrEnum]) -> str:
    return " or ".join(SAID[one] for one in states)


def all_in(states: Sequence[SheetState]) -> bool:
    """Whether the panel has judged: enough sheets are in, and none is still waited for."""
    return states.count(SheetState.HANDED_IN) >= LEAST and SheetState.ASKED not in states


def short_of(states: Sequence[SheetState]) -> bool:
    """Whether more members have to be found, for too many declined."""
    return sum(one in (SheetState.ASKED, SheetState.HANDED_IN) for one in states) < LEAST


def due_after(completed_on: date, years: int) -> date:
    """The same day so many years on; the 28th where there is no 29th of February."""
    day = 28 if (completed_on.month, completed_on.day) == (2, 29) else completed_on.day
    return date(completed_on.year + years, completed_on.month, day)


def require_over(waiting: Sequence[tuple[int, str]], *, over: bool) -> None:
    """A completion review waits for every milestone, or for the end of what was agreed: then it can only fail.

    `waiting`: number and title of milestones that are not accepted. Raises ProjectNotReady.
    """
    if waiting and not over:
        raise ProjectNotReady(
            S_("Milestone %(number)s is not accepted yet: “%(title)s”.", number=waiting[0][0], title=waiting[0][1])
        )


GRADING = ("evaluation.grade", 1)
DELIVERED = 2
"""Version of the rule where not every milestone is accepted: it knows one clause more."""
PASS_MARK, GOOD_MARK, EXCELLENT_MARK = Fraction(6), Fraction(15, 2), Fraction(9)
GOOD_SHARE, PASS_SHARE = Fraction(9, 10), Fraction(6, 10)
WORTH = {Reached.FULL: Fraction(1), Reached.PART: Fraction(1, 2), Reached.NONE: Fraction(0)}


MEASURED = 3
"""Version where what was promised as a number counts by how much of it is reached."""


def measured(measures: Sequence[Mapping[str, Any]], values: Mapping[int, str]) -> dict[str, Any]:
    """What a milestone reaches by its numbers, each with what was measured: nobody's word stands against them."""
    found = [{**one, "value": values.get(one["place"])} for one in measures]
    share = together([progress(one, one["value"]) for one in found])
    reached = Reached.FULL if share == 1 else Reached.PART if share else Reached.NONE
    return {"measures": found, "worth": str(share), "reached": reached.value}


def report_faults(
    milestones: Sequence[int], values: Sequence[int], promised: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """What a report names that was not promised: numbers of milestones, places of indicators."""
    known = {one["number"] for one in promised}
    places = {measure["place"] for one in promised for measure in one.get("measures", [])}
    faults = [
        {"pointer": f"/indicators/{n}/number", "detail": N_("The project has no milestone of this number.")}
        for n, number in enumerate(milestones)
        if number not in known
    ]
    faults += [
        {"pointer": f"/values/{n}/indicator", "detail": N_("The task book promises no such number.")}
        for n, place in enumerate(values)
        if place not in places
    ]
    if len(set(values)) < len(values):
        faults.append({"pointer": "/values", "detail": N_("Give one value for each indicator.")})
    return faults


def worth_of(reached: str) -> Fraction:
    """Of a milestone: as the lead says it, or exactly as it was measured."""
    return WORTH[Reached(reached)] if reached in set(Reached) else Fraction(reached)


def points_of(scores: Mapping[str, Any]) -> Fraction:
    """The weighted mean of one sheet, 0 to 10."""
    whole = sum(CRITERIA.values())
    return sum((Fraction(str(scores[name])) * weight for name, weight in CRITERIA.items()), Fraction(0)) / whole


def grading(inputs: dict[str, Any]) -> DecisionTrace:
    """The grade that a project has earned. The trace repeats from its inputs.

    `inputs`: `sheets` (criterion → score, each), `reached` (of each milestone: a word, or an exact part), `award`,
    `spent`, `overrun` (budget lines claimed beyond the over-run rule's measure), `late` (milestones accepted after
    their day), and `undelivered` (milestones that are not accepted) where there are any.
    """
    points = sum((points_of(one) for one in inputs["sheets"]), Fraction(0)) / len(inputs["sheets"])
    worth = [worth_of(one) for one in inputs["reached"]]
    share = sum(worth, Fraction(0)) / len(worth) if worth else Fraction(1)
    sound = Decimal(inputs["spent"]) <= Decimal(inputs["award"]) and not inputs["overrun"]
    shown = {"points": _two(points), "share": f"{round(share * 100)}"}
    clauses: tuple[Clause, ...] = (
        said_of("panel.pass", points >= PASS_MARK, S_("The panel gives %(points)s of 10; a pass needs 6.", **shown)),
        said_of(
            "indicators.pass",
            share >= PASS_SHARE,
            S_("%(share)s %% of what was promised is reached; a pass needs 60 %%.", **shown),
        ),
        said_of("panel.good", points >= GOOD_MARK, S_("The panel gives %(points)s of 10; good needs 7.5.", **shown)),
        said_of(
            "indicators.good",
            share >= GOOD_SHARE,
            S_("%(share)s %% of what was promised is reached; good needs 90 %%.", **shown),
        ),
        said_of(
            "money.sound",
            sound,
            N_("What was spent keeps to the budget.") if sound else N_("What was spent does not keep to the budget."),
        ),
        said_of(
            "panel.excellent",
            points >= EXCELLENT_MARK,
            S_("The panel gives %(points)s of 10; excellent needs 9.", **shown),
        ),
        said_of(
            "indicators.excellent",
            share == 1,
            S_("%(share)s %% of what was promised is reached; excellent needs all of it.", **shown),
        ),
        said_of(
            "milestones.in_time",
            not inputs["late"],
            N_("Every milestone was accepted in time.")
            if not inputs["late"]
            else S_("%(late)s milestones were accepted late; excellent needs all in time.", late=inputs["late"]),
        ),
    )
    rule, version = GRADING
    if any(one not in set(Reached) for one in inputs["reached"]):
        version = MEASURED
    if undelivered := inputs.get("undelivered"):
        version = max(version, DELIVERED)
        said = S_("%(undelivered)s milestones are not accepted; a pass needs all of them.", undelivered=undelivered)
        clauses = (said_of("milestones.delivered", False, said), *clauses)
    holds = {one.rule: one.outcome == "yes" for one in clauses}
    if undelivered or not (holds["panel.pass"] and holds["indicators.pass"]):
        grade = Grade.FAIL
    elif not (holds["panel.good"] and holds["indicators.good"] and sound):
        grade = Grade.PASS
    elif not (holds["panel.excellent"] and holds["indicators.excellent"] and holds["milestones.in_time"]):
        grade = Grade.GOOD
    else:
        grade = Grade.EXCELLENT
    return DecisionTrace(
        rule=rule,
        version=version,
        inputs=inputs,
        clauses=clauses,
        result={"grade": grade.value, "points": _two(points), "share": str(share)},
    )


def _two(value: Fraction) -> str:
    return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01")))
