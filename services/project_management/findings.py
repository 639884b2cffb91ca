"""One clause of a rule before it is put into words."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.kernel.trace import Clause, Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """Message ids and their parameters, so that any language can show it."""

    rule: str
    outcome: Outcome
    reason: str
    remedy: str
    params: dict[str, str]

    def clause(self, words: Callable[..., str]) -> Clause:
        remedy = words(self.remedy, **self.params) if self.remedy else ""
        return Clause(rule=self.rule, outcome=self.outcome, reason=words(self.reason, **self.params), remedy=remedy)
