"""Projects and milestones: states, what a sound task book looks like, and when the money of a milestone is due."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.trace import Clause, DecisionTrace, combined, said_of
from shared.kernel.types import Role

OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
DRAFT = office("projects.draft", Role.PROGRAMME_OFFICER, owners=(Role.APPLICANT,))
"""The lead may draw up the task book as well as the office; both sign it."""
READ = own(
    "projects.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    Role.FINANCE_OFFICER,
    Role.LEGAL_OFFICER,
    supervisors=OVERSEERS,
    officers=(Role.FINANCE_OFFICER, Role.LEGAL_OFFICER),
)
SPENDING = own(
    "projects.spending",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    Role.FINANCE_OFFICER,
    supervisors=OVERSEERS,
    officers=(Role.FINANCE_OFFICER,),
)
"""Legal officers read a project without what is claimed and spent."""
SIGN = office("projects.sign", Role.PROGRAMME_OFFICER, owners=(Role.REPRESENTATIVE,))
SUBMIT = own("milestones.submit", Role.APPLICANT, Role.REPRESENTATIVE)
JUDGE = office("milestones.judge", Role.PROGRAMME_OFFICER)
PAY = office("milestones.pay", Role.PROGRAMME_OFFICER, Role.FINANCE_OFFICER)
"""The office is the call's. Whoever acts for the lead or a partner neither signs for it nor judges nor grades."""

MOST_MILESTONES = 40
LONGEST_YEARS = 10


class ProjectState(StrEnum):
    DRAFTED = "drafted"
    RETURNED = "returned"
    RUNNING = "running"
    COMPLETED = "completed"
    TERMINATED = "terminated"


Waiting = Literal["late", "milestones", "tranches", "claims", "changes", "evaluations", "signatures"]
"""What a project may be listed for: a day has passed, or its office is to act."""


class MilestoneState(StrEnum):
    PENDING = "pending"
    EVIDENCE_SUBMITTED = "evidence_submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    UNDELIVERED = "undelivered"


class Grade(StrEnum):
    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"  # noqa: S105 -- a grade
    FAIL = "fail"


class Side(StrEnum):
    """Who signs a task book."""

    OFFICE = "office"
    LEAD = "lead"


SIGNS_FOR = {Side.OFFICE: N_("You may sign for: office."), Side.LEAD: N_("You may sign for: lead.")}
SAID = (N_("drafted"), N_("pending"), N_("terminated"), N_("undelivered"))
"""States as sentences say them, where no page has the word."""

PROJECTS: dict[str, tuple[frozenset[ProjectState], ProjectState]] = {
    "sign": (frozenset({ProjectState.DRAFTED}), ProjectState.DRAFTED),
    "return": (frozenset({ProjectState.DRAFTED}), ProjectState.RETURNED),
    "redraw": (frozenset({ProjectState.DRAFTED, ProjectState.RETURNED}), ProjectState.DRAFTED),
    "start": (frozenset({ProjectState.DRAFTED}), ProjectState.RUNNING),
    "complete": (frozenset({ProjectState.RUNNING}), ProjectState.COMPLETED),
    "terminate": (
        frozenset({ProjectState.DRAFTED, ProjectState.RETURNED, ProjectState.RUNNING}),
        ProjectState.TERMINATED,
    ),
}
MILESTONES: dict[str, tuple[frozenset[MilestoneState], MilestoneState]] = {
    "submit": (frozenset({MilestoneState.PENDING, MilestoneState.RETURNED}), MilestoneState.EVIDENCE_SUBMITTED),
    "accept": (frozenset({MilestoneState.EVIDENCE_SUBMITTED}), MilestoneState.ACCEPTED),
    "return": (frozenset({MilestoneState.EVIDENCE_SUBMITTED}), MilestoneState.RETURNED),
    "release": (frozenset({MilestoneState.ACCEPTED}), MilestoneState.ACCEPTED),
    "end": (
        frozenset({MilestoneState.PENDING, MilestoneState.EVIDENCE_SUBMITTED, MilestoneState.RETURNED}),
        MilestoneState.UNDELIVERED,
    ),
}
"""Verb → (states it may start from, state it ends in)."""


class ProjectNotReady(Conflict):
    title = N_("The project's state does not allow this")


class MilestoneNotReady(Conflict):
    title = N_("The milestone's state does not allow this")


class SignedAlready(Conflict):
    title = N_("This side has signed already")


class RightsNotAgreed(Conflict):
    title = N_("The agreement on the results is not signed by all")


class OutOfOrder(Conflict):
    title = N_("An earlier milestone comes first")


class GateClosed(Conflict):
    """`extra["trace"]` tells clause by clause what holds the money back."""

    title = N_("The payment gate is closed")


class NotFunded(Conflict):
    title = N_("Only a funded application becomes a project")


class ProjectExists(Conflict):
    title = N_("This application is a project already")


def project_after(verb: str, state: ProjectState) -> ProjectState:
    """The project's state after `verb`. Raises ProjectNotReady with the states it may start from."""
    allowed, after = PROJECTS[verb]
    if state not in allowed:
        raise ProjectNotReady(
            S_(
                "The project is %(state)s; this is possible only while it is %(wanted)s.",
                state=_plain(state),
                wanted=_plain(*sorted(allowed)),
            )
        )
    return after


def milestone_after(verb: str, state: MilestoneState) -> MilestoneState:
    """The milestone's state after `verb`. Raises MilestoneNotReady with the states it may start from."""
    allowed, after = MILESTONES[verb]
    if state not in allowed:
        raise MilestoneNotReady(
            S_(
                "The milestone is %(state)s; this is possible only while it is %(wanted)s.",
                state=_plain(state),
                wanted=_plain(*sorted(allowed)),
            )
        )
    return after


_WHILE: dict[str, frozenset[ProjectState]] = {
    "reach": frozenset({ProjectState.RUNNING}),
    "release": frozenset({ProjectState.RUNNING, ProjectState.COMPLETED}),
}
"""What was accepted while the project ran is paid after its end as well."""


def require_project(verb: str, state: ProjectState) -> None:
    """Whether milestones are reached, or their money released, in this state. Raises ProjectNotReady."""
    if state not in _WHILE[verb]:
        raise ProjectNotReady(
            N_("Milestones are reached while the project runs; first both sides sign.")
            if verb == "reach"
            else N_("Money is released while the project runs or after it is completed.")
        )


def pays(state: ProjectState) -> bool:
    """Whether tranches of accepted milestones may still be released."""
    return state in _WHILE["release"]


def require_order(earlier: list[tuple[int, str, bool]]) -> None:
    """Milestones are accepted in order; `earlier`: number, title, whether it is accepted. Raises OutOfOrder."""
    for number, title, accepted in earlier:
        if not accepted:
            raise OutOfOrder(
                S_("Milestone %(number)s comes first: “%(title)s” is not accepted yet.", number=number, title=title)
            )


GATE = ("milestone.gate", 2)
"""Rule and version of the payment gate; a change of any clause is a new version."""
STOP_GRADE = 3
"""From this grade of response on a missed milestone stops the payments of its project."""


def gate(inputs: dict[str, Any]) -> DecisionTrace:
    """Whether a milestone's tranche may be released. The trace repeats from its inputs.

    `inputs`: accepted, evidence, test (whether one was agreed), findings, earlier (numbers of milestones whose tranche
    is not released), missed (numbers of open milestones whose delay stops payments), reports (numbers of late progress
    reports that stop payments; gates of before such reports have none), rights (agreement in force).
    """
    shown = not inputs["test"] or inputs["findings"]
    clauses = [
        said_of(
            "milestone.accepted",
            inputs["accepted"] and inputs["evidence"],
            N_("Evidence is in, and the milestone is accepted."),
            N_("The milestone is not accepted."),
            N_("The lead hands in evidence, and the office accepts it."),
        ),
        said_of(
            "test.passed",
            shown,
            N_("The acceptance test is passed, or none was agreed."),
            N_("What the acceptance test showed is not recorded."),
            N_("Record it with the acceptance."),
        ),
        said_of(
            "tranches.order",
            not inputs["earlier"],
            N_("Every earlier tranche is released."),
            N_("An earlier tranche is not released yet."),
            N_("Release the earlier tranches first."),
        ),
        said_of(
            "delays.none",
            not inputs["missed"],
            N_("No delay stops the payments."),
            N_("A missed milestone stops the payments of this project."),
            N_("Accept the late milestone, or approve a change of its day."),
        ),
        *(_late_reports(inputs["reports"]) if "reports" in inputs else ()),
        said_of(
            "rights.agreed",
            inputs["rights"],
            N_("The agreement on the results is in force."),
            N_("The agreement on the results is not in force."),
            N_("All parties have to sign it."),
        ),
    ]
    rule, newest = GATE
    version = newest if "reports" in inputs else 1
    return DecisionTrace(rule=rule, version=version, inputs=inputs, clauses=tuple(clauses), result=combined(clauses))


def _late_reports(numbers: list[int]) -> Iterator[Clause]:
    yield said_of(
        "reports.in",
        not numbers,
        N_("No late progress report stops the payments."),
        N_("A progress report is a month late, and the call says that this stops the payments."),
        N_("The lead hands the report in."),
    )


def require_open(trace: DecisionTrace) -> None:
    """Raises GateClosed with the first clause that holds the money back, and the remedy of each."""
    faults = [clause for clause in trace.clauses if clause.outcome != "yes"]
    if faults:
        remedies = [{"pointer": f"/{clause.rule}", "detail": clause.remedy} for clause in faults]
        raise GateClosed(faults[0].reason, errors=remedies, trace=trace.model_dump(mode="json"))


def _plain(*states: str) -> str:
    return " or ".join(one.replace("_", " ") for one in states)


def faults(
    *,
    award: Decimal,
    currency: str,
    starts_on: date,
    ends_on: date,
    milestones: list[tuple[date, Decimal, str]],
) -> list[tuple[str, str]]:
    """What is wrong with a task book, as (JSON pointer, sentence). `milestones`: due date, tranche, currency."""
    found = []
    if ends_on <= starts_on:
        found.append(("/ends_on", N_("The project must end after it starts.")))
    elif ends_on.year - starts_on.year > LONGEST_YEARS:
        found.append(("/ends_on", S_("A project lasts at most %(years)s years.", years=LONGEST_YEARS)))
    for n, (due_on, tranche, one) in enumerate(milestones):
        if not starts_on <= due_on <= ends_on:
            found.append((f"/milestones/{n}/due_on", N_("The milestone must be due while the project runs.")))
        if tranche <= 0:
            found.append((f"/milestones/{n}/tranche", N_("Each milestone releases a tranche of more than nothing.")))
        if one != currency:
            sentence = S_("The award is in %(currency)s; give the tranche in it.", currency=currency)
            found.append((f"/milestones/{n}/tranche", sentence))
    total = sum((tranche for _, tranche, _ in milestones), Decimal(0))
    if total != award:
        sentence = S_(
            "The tranches add up to %(total)s; the award is %(award)s.",
            total=f"{total:,.2f}",
            award=f"{award:,.2f} {currency}",
        )
        found.append(("/milestones", sentence))
    return found


def require_rights(*, last: bool, in_force: bool) -> None:
    """The last signature starts the project, which waits for the agreement on its results. Raises RightsNotAgreed."""
    if last and not in_force:
        raise RightsNotAgreed(
            N_("The last signature starts the project. First all parties sign the agreement on its results.")
        )


def sides(*, officer: bool, lead: bool) -> list[Side]:
    """The sides for which somebody may sign, the office first."""
    return [side for side, may in ((Side.OFFICE, officer), (Side.LEAD, lead)) if may]
