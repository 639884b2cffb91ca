"""Duplicate funding: who sees what of it, what of the evidence a person must look at, and what that person may say.

The rule never refuses anything: it says what is alike and whether somebody of the programme office must look.
"""

from enum import StrEnum
from typing import Any

from services.project_management.applications import rules as applications
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role

READ = applications.READ
JUDGE = office("duplicates.judge", Role.PROGRAMME_OFFICER)
EXPLAIN = own("duplicates.explain", Role.APPLICANT)

COMPARISON = ("duplicates", 1)
LISTED = 10
"""Findings a person is shown: who has looked at ten knows."""
LEAST = 200
"""Of a thousand: what is less alike is not shown."""
TEXT, TITLE, TITLE_WITH_PERSON, CODES_WITH_TEXT = 300, 800, 600, 100
"""From so much on a person must look. A third of the shorter text word for word is no accident; two titles of one
field share half their words easily, and the same person works on one field."""


class Kind(StrEnum):
    EARLIER_PROJECT = "earlier_project"
    APPLICATION = "application"
    PROJECT = "project"
    ACHIEVEMENT = "achievement"


class State(StrEnum):
    OPEN = "open"
    CLEAR = "clear"
    EXPLAINING = "explaining"
    DECIDED = "decided"
    SUPERSEDED = "superseded"


class Verdict(StrEnum):
    NOT_DUPLICATE = "not_duplicate"
    OVERLAP = "overlap"
    DUPLICATE = "duplicate"


_CURRENT = frozenset({State.CLEAR, State.OPEN, State.EXPLAINING, State.DECIDED})
_JUDGED = frozenset({State.CLEAR, State.OPEN, State.EXPLAINING, State.DECIDED})
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "judge": (_JUDGED, State.DECIDED),
    "ask": (_JUDGED, State.EXPLAINING),
    "explain": (frozenset({State.EXPLAINING}), State.OPEN),
    "supersede": (_CURRENT, State.SUPERSEDED),
}
"""Verb → (states it may start from, state it ends in). A decision can be made again: people err."""


NOTHING_TO_EXPLAIN = N_("Nothing is to be explained now.")


class CheckNotReady(Conflict):
    title = N_("The duplicate check does not allow this now")


class NotHandedIn(Conflict):
    title = N_("There is nothing to check yet")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises CheckNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise CheckNotReady(
            NOTHING_TO_EXPLAIN
            if verb == "explain"
            else N_("The application was checked again since. Open the newest check.")
        )
    return after


def verb_for(verdict: Verdict) -> str:
    return "ask" if verdict is Verdict.OVERLAP else "judge"


def score(found: dict[str, Any]) -> int:
    """How alike, in thousandths: what speaks for it adds up, and nothing alone makes it certain."""
    apart: int = 1000 - found["text"] * 9 // 10
    apart = apart * (2_000_000 - found["title"] ** 2) // 2_000_000
    for name, rest in (("people", 70), ("codes", 60), ("amount", 90)):
        apart = apart * rest // 100 if found[name] else apart
    if found["organisation"] and (found["people"] or found["text"] or found["title"]):
        apart = apart * 85 // 100
    return 1000 - apart


def compare(inputs: dict[str, Any]) -> DecisionTrace:
    """`inputs["found"]`: how alike each candidate is (`passages.Likeness`, id, kind, again). The result lists what is
    shown, the most alike first, and whether a person must look."""
    ranked = sorted(inputs["found"], key=lambda one: (-score(one), one["id"]))
    shown = [one for one in ranked if score(one) >= LEAST][:LISTED]
    clauses = [_clause(one) for one in shown]
    return DecisionTrace(
        rule=COMPARISON[0],
        version=COMPARISON[1],
        inputs=inputs,
        clauses=tuple(clauses),
        result={
            "listed": [one["id"] for one in shown],
            "look": any(clause.outcome == "unknown" for clause in clauses),
        },
    )


Evidence = dict[str, tuple[str, dict[str, Any]]]
"""What was found, by id: the rule that spoke of it, and how alike it was."""
HOW_ALIKE = ("text", "title", "people", "organisation", "codes", "amount")


def evidence(found: list[dict[str, Any]], clauses: list[dict[str, Any]]) -> Evidence:
    return {
        one["id"]: (clause["rule"], {name: one[name] for name in HOW_ALIKE})
        for one, clause in zip(found, clauses, strict=True)
    }


def still_judged(now: Evidence, before: Evidence, *, same_text: bool) -> bool:
    """Whether who judged the evidence of `before` has judged that of `now`. What was less alike or is gone judges the
    same text no worse; in another text it may be why it was changed."""
    if not same_text:
        return bool(now) and now == before
    return all(
        id in before and rule == before[id][0] and all(how[name] <= before[id][1][name] for name in HOW_ALIKE)
        for id, (rule, how) in now.items()
    )


def _clause(found: dict[str, Any]) -> Clause:
    """`unknown` where a person must look: no rule says yes to this question."""
    if found["again"]:
        return Clause(rule="duplicates.again", outcome="no", reason=N_("It hands this one in again."))
    if found["text"] >= TEXT:
        return Clause(
            rule="duplicates.text",
            outcome="unknown",
            reason=S_("%(share)s %% of the shorter text stands in both.", share=str(found["text"] // 10)),
        )
    if found["title"] >= TITLE:
        return Clause(rule="duplicates.title", outcome="unknown", reason=N_("The titles are nearly the same."))
    if found["people"] and found["title"] >= TITLE_WITH_PERSON:
        reason = N_("The same person, under a similar title.")
        return Clause(rule="duplicates.person", outcome="unknown", reason=reason)
    if found["codes"] and (found["people"] or found["text"] >= CODES_WITH_TEXT):
        reason = N_("The number of a project or contract stands in both.")
        return Clause(rule="duplicates.number", outcome="unknown", reason=reason)
    if found["people"]:
        return Clause(rule="duplicates.people", outcome="no", reason=N_("A person of this name worked on both."))
    return Clause(rule="duplicates.little", outcome="no", reason=N_("They share a little."))
