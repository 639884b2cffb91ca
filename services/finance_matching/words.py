"""The service's own value types: lists of words as people type them, stages, security, money in rows."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from shared.kernel.marks import N_
from shared.kernel.regions import region
from shared.kernel.schemas import Word
from shared.kernel.types import Money


class Stage(StrEnum):
    """The three stages of paper 1, section 3.1."""

    RESEARCH = "research"
    DESIGN_FINALISATION = "design_finalisation"
    PRODUCTION = "production"


class Security(StrEnum):
    """What can stand behind a loan."""

    IP_PLEDGE = "ip_pledge"
    EQUITY_PLEDGE = "equity_pledge"
    REAL_ESTATE = "real_estate"
    EQUIPMENT = "equipment"
    RECEIVABLES = "receivables"
    INVENTORY = "inventory"
    GUARANTEE = "guarantee"


STAGES = {
    "research": N_("research"),
    "design_finalisation": N_("design finalisation"),
    "production": N_("production"),
}
SECURITIES = {
    "ip_pledge": N_("IP pledge"),
    "equity_pledge": N_("equity pledge"),
    "real_estate": N_("real estate"),
    "equipment": N_("equipment"),
    "receivables": N_("receivables"),
    "inventory": N_("inventory"),
    "guarantee": N_("guarantee by a third party"),
}


FACT_WORDS = {
    "need.amount": N_("amount asked for"),
    "need.currency": N_("currency of the need"),
    "need.term_months": N_("term in months"),
    "need.stage": N_("stage of the work"),
    "need.field": N_("field of work"),
    "need.region": N_("region of the need"),
    "need.security": N_("security offered"),
    "need.has_project": N_("the need belongs to a project"),
    "need.project_running": N_("the project is running"),
    "need.paid": N_("money paid to the project"),
    "need.milestones_accepted": N_("milestones accepted"),
    "organisation.kind": N_("kind of organisation"),
    "organisation.sector": N_("sector of the organisation"),
    "organisation.region": N_("region of the organisation"),
    "organisation.admitted": N_("the organisation is admitted"),
    "organisation.assets": N_("registered IP assets"),
}
_JOINS = {"&&": N_("and"), "||": N_("or"), "!": N_("not"), "in": N_("is among")}
_SIGNS = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤"}
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|(?:need|organisation)\.\w+|&&|\|\||[=!<>]=|!|\bin\b")


def in_words(rule: str, words: Callable[..., str]) -> str:
    """A partner's rule as a person reads it: its facts by their words instead of their names."""

    def word(found: re.Match[str]) -> str:
        token = found.group()
        if token in FACT_WORDS:
            return words(FACT_WORDS[token])
        if token in _JOINS:
            return f" {words(_JOINS[token])} "
        return _SIGNS.get(token, token)

    return " ".join(_TOKEN.sub(word, rule).split())


def _split(pattern: str) -> Callable[[Any], Any]:
    def split(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        parts = [part for entry in value for part in (re.split(pattern, entry) if isinstance(entry, str) else [entry])]
        return [part for part in parts if not isinstance(part, str) or part.strip()]

    return split


def _once(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


Words = Annotated[
    list[Word],
    BeforeValidator(_split(r"[,，;；、\n]")),
    Field(max_length=50),
    AfterValidator(_once),
]
"""Short terms; one text may hold several, parted by commas."""
Regions = Annotated[Words, AfterValidator(lambda typed: _once([region(one) for one in typed]))]
"""Regions by their one name each, however they are typed."""
Lines = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=400)]],
    BeforeValidator(_split(r"\r?\n")),
    Field(max_length=20),
]
"""Texts of one line each; one text may hold several lines."""


def _positive(money: Money) -> Money:
    if money.amount <= 0:
        raise ValueError(N_("an amount is above zero"))
    return money


Positive = Annotated[Money, AfterValidator(_positive)]


def with_money(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A row for a page: amounts that came as JSON are money again."""
    return {**row, **{name: Money.model_validate(row[name]) for name in names}}
