"""The trace of a decision: inputs, rule ids and versions, each clause's outcome, result. It can be run again."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["yes", "no", "unknown"]


class Clause(BaseModel):
    """One clause of a rule and what it said. `reason` is a sentence; `remedy` the smallest change that would help."""

    model_config = ConfigDict(frozen=True)

    rule: str
    outcome: Outcome
    reason: str
    remedy: str = ""


class DecisionTrace(BaseModel):
    """Everything needed to understand a decision and to repeat it."""

    model_config = ConfigDict(frozen=True)

    rule: str
    version: int
    inputs: dict[str, Any]
    clauses: tuple[Clause, ...] = ()
    result: Any = None

    def repeats(self, rule: Callable[[dict[str, Any]], "DecisionTrace"]) -> bool:
        """Run the rule on the recorded inputs; True when it gives the same clauses and result."""
        again = rule(self.inputs)
        return again.model_dump(mode="json") == self.model_dump(mode="json")


def said_of(rule: str, holds: bool, yes: str, no: str = "", remedy: str = "") -> Clause:
    """A clause that is yes or no, never unknown: what it says where it holds and where not (the same sentence when no
    other is given), and what would help, which stands beside a no only."""
    if holds:
        return Clause(rule=rule, outcome="yes", reason=yes)
    return Clause(rule=rule, outcome="no", reason=no or yes, remedy=remedy)


def combined(clauses: list[Clause]) -> Outcome:
    """Three-valued conjunction (Kleene): any no is no; else any unknown is unknown; else yes."""
    outcomes = {clause.outcome for clause in clauses}
    if "no" in outcomes:
        return "no"
    return "unknown" if "unknown" in outcomes else "yes"
