"""Applications: states, who may do what, and whether an application may compete."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.project_management.calls import rules as calls
from shared.kernel.clock import BEIJING
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.trace import Clause, DecisionTrace, Outcome, combined
from shared.kernel.types import Role, SecurityLabel

READ = own(
    "applications.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    supervisors=(Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR),
)
DRAFT = own("applications.draft", Role.APPLICANT)
CONSENT = own("applications.consent", Role.REPRESENTATIVE)
CHECK = office("applications.check", Role.PROGRAMME_OFFICER)


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    FUNDED = "funded"
    RESERVE = "reserve"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_UNDECIDED = frozenset({State.SUBMITTED, State.REVIEWED})
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "edit": (frozenset({State.DRAFT}), State.DRAFT),
    "submit": (frozenset({State.DRAFT}), State.SUBMITTED),
    "check": (frozenset({State.SUBMITTED}), State.SUBMITTED),
    "review": (frozenset({State.SUBMITTED}), State.REVIEWED),
    "fund": (_UNDECIDED, State.FUNDED),
    "reserve": (_UNDECIDED, State.RESERVE),
    "decline": (_UNDECIDED, State.DECLINED),
    "withdraw": (frozenset({State.DRAFT}) | _UNDECIDED, State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in)."""
OUTCOMES = {"funded": "fund", "reserve": "reserve", "declined": "decline"}
"""Outcome of the decision → verb."""


class Answer(StrEnum):
    """What a partner has said to taking part."""

    PENDING = "pending"
    CONSENTED = "consented"
    REFUSED = "refused"


SAID = (N_("reserve"),)
"""A state as sentences say it, where no page has the word."""
DECISIONS = {"consent": Answer.CONSENTED, "refuse": Answer.REFUSED}


class ApplicationNotReady(Conflict):
    title = N_("The application's state does not allow this")


class TooLate(Conflict):
    title = N_("The call has closed")


class NotEligible(Conflict):
    """`extra["eligibility"]` is the trace, with what would help in each clause."""

    title = N_("The application cannot be submitted yet")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ApplicationNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise ApplicationNotReady(
            S_(
                "The application is %(state)s; this is possible only while it is %(wanted)s.",
                state=state.value,
                wanted=wanted,
            )
        )
    return after


def label_for(call: SecurityLabel) -> SecurityLabel:
    """An application is never public and never lower than its call."""
    return max(call, SecurityLabel.INTERNAL, key=lambda label: label.rank)


# -- eligibility: may this application compete? Three-valued, clause by clause, from recorded inputs alone ------------

ELIGIBILITY = ("application.eligibility", 1)
"""Rule and version; a change of any clause is a new version."""
APPLICANT_SETTLES = frozenset({"partner.consent", "document.present"})
"""Clauses whose unknown only the applicant's side can turn into an answer; a submission waits for these."""
_OPEN: dict[str, tuple[Outcome, str, str]] = {
    "upcoming": ("no", N_("The call is not open yet."), N_("Submit after it opens on %(opens_at)s.")),
    "open": ("yes", N_("The call is open until %(closes_at)s."), ""),
}
_CLOSED: tuple[Outcome, str, str] = (
    "no",
    N_("The call takes no applications any more."),
    N_("Look for another open call."),
)
_ADMITTED: dict[str, tuple[Outcome, str, str]] = {
    "admitted": ("yes", N_("%(name)s is admitted to joint work."), ""),
    "expired": (
        "no",
        N_("The admission of %(name)s has ended."),
        N_("Ask the coordination office to renew the admission."),
    ),
    "registered": (
        "no",
        N_("%(name)s is registered but not admitted."),
        N_("Ask the coordination office to admit the organisation."),
    ),
    "suspended": ("no", N_("%(name)s is suspended."), N_("Settle the reason with the coordination office.")),
    "": (
        "unknown",
        N_("The catalogue has not told us about %(name)s yet."),
        N_("Wait a moment; if it stays so, ask the coordination office to register the organisation."),
    ),
}
_CONSENT: dict[str, tuple[Outcome, str, str]] = {
    "consented": ("yes", N_("%(name)s agreed to take part."), ""),
    "pending": (
        "unknown",
        N_("%(name)s has not answered yet."),
        N_("A representative of the partner has to consent on this page, or take the partner off."),
    ),
    "refused": ("no", N_("%(name)s refused to take part."), N_("Take the partner off the application.")),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause before it is put into words: message ids and their parameters, so that any language can show it."""

    rule: str
    outcome: Outcome
    reason: str
    remedy: str
    params: dict[str, str]

    def clause(self, words: Callable[..., str]) -> Clause:
        remedy = words(self.remedy, **self.params) if self.remedy else ""
        return Clause(rule=self.rule, outcome=self.outcome, reason=words(self.reason, **self.params), remedy=remedy)


def findings(inputs: dict[str, Any]) -> list[Finding]:
    """Each clause on the recorded inputs; `eligibility_inputs` makes them."""
    call, lead, organisations = inputs["call"], inputs["organisations"][0], inputs["organisations"]
    found = [_open(call, inputs["now"])]
    found += [_admitted(organisation, inputs["now"]) for organisation in organisations]
    if call["kinds"]:
        found.append(_among("organisation.kind", lead, "kind", call["kinds"]))
    if call["regions"]:
        found.append(_among("organisation.region", lead, "region", call["regions"]))
    found.append(_within_ceiling(inputs["requested"], call["ceiling"]))
    for partner in inputs["partners"]:
        found.append(Finding("partner.consent", *_CONSENT[partner["answer"]], {"name": partner["name"]}))
    found.append(_documented(inputs["documents"]))
    return found


def eligibility(inputs: dict[str, Any]) -> DecisionTrace:
    """Whether an application may compete. The trace repeats from its inputs (`DecisionTrace.repeats`)."""
    clauses = [finding.clause(lambda text, **params: text % params) for finding in findings(inputs)]
    rule, version = ELIGIBILITY
    return DecisionTrace(rule=rule, version=version, inputs=inputs, clauses=tuple(clauses), result=combined(clauses))


def in_time(closes_at: datetime, arrived: datetime) -> None:
    """Raises TooLate, with both times by the one clock that counts."""
    if arrived >= closes_at:
        raise TooLate(
            S_(
                "The call closed at %(closed)s. By the clock of this platform your submission came at %(arrived)s. The "
                "draft is kept as it is: you can hand its text in to another call.",
                closed=_to_the_millisecond(closes_at),
                arrived=_to_the_millisecond(arrived),
            )
        )


def _to_the_millisecond(moment: datetime) -> str:
    local = moment.astimezone(BEIJING)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} (UTC+8)"


def may_submit(trace: DecisionTrace) -> bool:
    """No clause says no, and nothing is left open that only the applicant's side can settle."""
    waiting = any(c.outcome == "unknown" and c.rule in APPLICANT_SETTLES for c in trace.clauses)
    return trace.result != "no" and not waiting


def _open(call: dict[str, Any], now: str) -> Finding:
    opens, closes = (datetime.fromisoformat(call[name]) for name in ("opens_at", "closes_at"))
    phase = calls.phase(calls.State(call["state"]), opens, closes, datetime.fromisoformat(now))
    shown = {"opens_at": f"{opens:%Y-%m-%d %H:%M} UTC", "closes_at": f"{closes:%Y-%m-%d %H:%M} UTC"}
    return Finding("call.open", *_OPEN.get(phase.value, _CLOSED), shown)


def _admitted(organisation: dict[str, Any], now: str) -> Finding:
    state, until = organisation["state"], organisation["admitted_until"]
    if state == "admitted" and (until is None or until <= now):
        state = "expired"
    return Finding("organisation.admitted", *_ADMITTED[state], {"name": organisation["name"]})


def _among(rule: str, lead: dict[str, Any], what: str, allowed: list[str]) -> Finding:
    params = {"name": lead["name"], "value": lead[what], "allowed": ", ".join(allowed)}
    if not lead[what]:
        return Finding(
            rule,
            "unknown",
            N_("The catalogue has not told us enough about %(name)s."),
            N_("Wait a moment; if it stays so, ask the coordination office."),
            params,
        )
    if lead[what].casefold() in {one.casefold() for one in allowed}:
        return Finding(rule, "yes", N_("The call is open to the lead: %(value)s."), "", params)
    return Finding(
        rule,
        "no",
        N_("The lead is: %(value)s. The call is open only to: %(allowed)s."),
        N_("Let a partner that fits lead a new application."),
        params,
    )


def _within_ceiling(requested: dict[str, str], ceiling: dict[str, str]) -> Finding:
    params = {
        "requested": f"{Decimal(requested['amount']):,.2f} {requested['currency']}",
        "ceiling": f"{Decimal(ceiling['amount']):,.2f} {ceiling['currency']}",
    }
    rule = "amount.ceiling"
    if requested["currency"] != ceiling["currency"]:
        return Finding(
            rule,
            "no",
            N_("The amount is in another currency than the call: %(requested)s."),
            N_("Ask for at most %(ceiling)s."),
            params,
        )
    if Decimal(requested["amount"]) > Decimal(ceiling["amount"]):
        return Finding(
            rule,
            "no",
            N_("%(requested)s is more than the ceiling of %(ceiling)s."),
            N_("Ask for at most %(ceiling)s."),
            params,
        )
    return Finding(rule, "yes", N_("%(requested)s is within the ceiling of %(ceiling)s."), "", params)


def _documented(documents: int) -> Finding:
    if documents:
        return Finding("document.present", "yes", N_("The project description is attached."), "", {})
    return Finding(
        "document.present",
        "unknown",
        N_("No project description is attached yet."),
        N_("Attach the project description as a PDF."),
        {},
    )
