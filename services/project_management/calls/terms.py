"""The days and rules that a call sets for what comes after it, with what holds where it says nothing of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, Self

from shared.kernel.marks import N_


@dataclass(frozen=True, slots=True)
class CallTerms:
    """`terms` of a call. A new one needs a migration that gives its value to the calls that are there."""

    answer_days: int = 7
    """From the invitation to its answer."""
    answer_reminder_days: int = 2
    """Before the time to answer is over."""
    review_days: int = 21
    """From the invitation to the review."""
    review_reminder_days: int = 3
    """Before a review is due; another reminder comes when it is."""
    completion_days: int = 30
    """The most that an application which was returned is given."""
    milestone_reminder_days: tuple[int, ...] = (30, 14, 7, 1)
    explanation_days: int = 14
    """A milestone so late has to be explained."""
    former_employer_years: int = 3
    co_applicant_years: int = 3
    co_inventor_years: int = 3
    reciprocal_years: int = 3
    supervision_years: int = 10
    close_years: int = 3
    """How far back each kind of conflict of interest looks; 0: not at all."""
    lead_ownership: str = ""
    """The lead's exact part in the results, as rights agreements begin; the others share the rest. Empty: all alike."""
    lead_income: str = ""
    disposal: str = "joint"
    exploitation: str = "all"
    publication_days: int = 30
    publication_terms: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """As a call's row keeps them."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        if "milestone_reminder_days" in values:
            values["milestone_reminder_days"] = tuple(values["milestone_reminder_days"])
        return cls(**values)

    @property
    def answer_time(self) -> timedelta:
        return timedelta(days=self.answer_days)

    @property
    def review_time(self) -> timedelta:
        return timedelta(days=self.review_days)

    def stored(self) -> dict[str, Any]:
        return asdict(self) | {"milestone_reminder_days": list(self.milestone_reminder_days)}

    def different(self) -> dict[str, Any]:
        """What differs from the usual: a call that says nothing of its own has none of it in its text."""
        usual = CallTerms().stored()
        return {name: value for name, value in self.stored().items() if value != usual[name]}


USUAL = CallTerms()
MOST_DAYS = 90
"""The longest time in days that any of them names, but for publications."""
SCALE = "10"
"""Of a criterion that names no other: scores run from 0 to it, and so do all totals."""
APPLICANTS_TIME = ("completion_days", "explanation_days")
"""Time that applicants count on: once somebody has begun it is not shortened."""
PAYMENT_STOP_DAYS = 30
"""From so many days late on the payments of a project are stopped; a delay is explained before."""


def faults(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with them, as (field, sentence)."""
    found = []
    one = CallTerms.of(terms)
    if one.answer_days > one.review_days:
        found.append(("terms/answer_days", N_("A review cannot be due before its invitation is answered.")))
    if one.answer_reminder_days >= one.answer_days:
        found.append(("terms/answer_reminder_days", N_("Remind within the time that there is.")))
    if one.review_reminder_days >= one.review_days:
        found.append(("terms/review_reminder_days", N_("Remind within the time that there is.")))
    if one.explanation_days >= PAYMENT_STOP_DAYS:
        found.append(
            ("terms/explanation_days", N_("A delay is explained before the payments stop, which is after 30 days."))
        )
    return found


def anchors(text: str) -> list[tuple[str, str]]:
    """What single scores mean, as (score, words), of “5: excellent; 3: good”. Raises ValueError."""
    found = []
    for part in filter(str.strip, text.replace("；", ";").replace("：", ":").split(";")):
        score, colon, words = part.partition(":")
        if not (colon and words.strip() and score.strip().isascii() and score.strip().isdigit()):
            raise ValueError(part)
        found.append((score.strip(), words.strip()))
    return found


def anchor_fault(text: str, scale: str) -> str:
    """What is wrong with the meanings of scores; empty when nothing is."""
    try:
        known = anchors(text)
    except ValueError:
        return N_("Write what scores mean as: 5: excellent; 3: good; 0: not at all.")
    if any(int(score) > int(scale) for score, _words in known):
        return N_("A score that is explained lies outside the scale.")
    return N_("One score is explained twice.") if len({score for score, _words in known}) < len(known) else ""
