"""Values every service means the same way: money, shares, labels, readiness levels."""

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from shared.kernel.marks import N_, S_

MINOR_UNITS = {"CNY": 2, "EUR": 2, "GBP": 2, "USD": 2, "JPY": 0}
"""Digits after the point, ISO 4217, of the currencies the platform accepts."""


class SecurityLabel(StrEnum):
    """Administrative labels of the platform, lowest first. They are not state-secret classifications."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONTROLLED = "controlled"
    CONFIDENTIAL = "confidential"

    @property
    def rank(self) -> int:
        return list(SecurityLabel).index(self)

    def readable_with(self, clearance: "SecurityLabel") -> bool:
        """Nobody reads above their clearance."""
        return self.rank <= clearance.rank

    def readable_labels(self) -> list[str]:
        """What a person with this clearance may read, for SQL `label = ANY(…)`."""
        return [label.value for label in SecurityLabel if label.rank <= self.rank]


class Role(StrEnum):
    """What a person may be for an organisation. Granted in coordination/access."""

    APPLICANT = "applicant"
    REPRESENTATIVE = "representative"
    REVIEWER = "reviewer"
    PROGRAMME_OFFICER = "programme_officer"
    IP_OFFICER = "ip_officer"
    FACILITY_OWNER = "facility_owner"
    FINANCE_PARTNER = "finance_partner"
    CREDIT_OFFICER = "credit_officer"
    FINANCE_OFFICER = "finance_officer"
    LEGAL_OFFICER = "legal_officer"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Sector(StrEnum):
    """The two sides whose joint work the platform serves."""

    CIVIL = "civil"
    DEFENCE = "defence"


def _exact_decimal(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError(N_("write an amount as text, such as '1200.50': a binary fraction loses cents"))
    return value


def _fits_numeric(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("an amount is a finite number")
    return value


Amount = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(max_digits=18, decimal_places=2),
    AfterValidator(_fits_numeric),
    PlainSerializer(lambda value: format(value, "f"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,16}(\.\d{1,2})?$", "examples": ["1200000.00"]}),
]
"""A decimal amount, exact, carried as text in JSON (numeric(18,2) in the database)."""


def _known_currency(value: str) -> str:
    if value not in MINOR_UNITS:
        raise ValueError(S_("use one of %(known)s", known=", ".join(sorted(MINOR_UNITS))))
    return value


Currency = Annotated[
    str,
    AfterValidator(_known_currency),
    WithJsonSchema({"type": "string", "enum": sorted(MINOR_UNITS), "examples": ["CNY"]}),
]


def plain_number(text: str) -> str:
    """A number as people type it as the parser wants it; “1,20”, which may be 1.20 or 120, stays and is refused."""
    text = unicodedata.normalize("NFKC", text).strip()
    return re.sub("[, ]", "", text) if re.fullmatch(r"[+-]?[1-9]\d{0,2}([, ])\d{3}(\1\d{3})*(\.\d*)?", text) else text


class Money(BaseModel):
    """An exact amount in one currency. Adding two currencies is refused, not converted."""

    model_config = ConfigDict(frozen=True)

    amount: Amount
    currency: Currency = "CNY"

    def __add__(self, other: "Money") -> Self:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return self.model_copy(update={"amount": self.amount + other.amount})

    def split(self, shares: list[Fraction]) -> list["Money"]:
        """Divide by exact shares, largest remainder, so that the parts add up to the whole again.

        Raises ValueError unless the shares sum to one.
        """
        parts = largest_remainder(self.amount, shares, MINOR_UNITS[self.currency])
        return [Money(amount=part, currency=self.currency) for part in parts]


def largest_remainder(total: Decimal, shares: list[Fraction], digits: int) -> list[Decimal]:
    """Apportion `total` by `shares` in units of 10**-digits (Hamilton's method); earlier entries win ties."""
    if sum(shares, Fraction(0)) != 1:
        raise ValueError(N_("shares must sum to exactly one"))
    unit = Decimal(1).scaleb(-digits)
    units = int((total / unit).to_integral_exact())
    exact = [units * share for share in shares]
    floors = [part.numerator // part.denominator for part in exact]
    missing = units - sum(floors)
    order = sorted(range(len(shares)), key=lambda i: (-(exact[i] - floors[i]), i))
    for i in order[:missing]:
        floors[i] += 1
    return [Decimal(part) * unit for part in floors]


def _fraction(value: Any) -> Fraction:
    if isinstance(value, float):
        raise ValueError(N_("write a share as a fraction such as '3/5', or as '60%': a binary fraction is not exact"))
    if isinstance(value, str) and (len(value) > 60 or "e" in value.lower()):
        # '1e-20000000' is a number of twenty million digits, and working it out would stop everybody for minutes.
        raise ValueError("write a share as a fraction such as '3/5', or as '60%'")
    try:
        if isinstance(value, str) and value.strip().endswith("%"):
            share = Fraction(value.strip()[:-1].strip()) / 100
        else:
            share = Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError("write a share as a fraction such as '3/5', or as '60%'") from None
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    if share.denominator > 10**9:
        raise ValueError("a share's denominator is at most 1,000,000,000")
    return share


Share = Annotated[
    Fraction,
    BeforeValidator(_fraction),
    PlainSerializer(lambda share: f"{share.numerator}/{share.denominator}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,10}(/[1-9]\d{0,8})?$|^\d{1,3}%$", "examples": ["3/5"]}),
]
"""An exact part of one, carried as text 'numerator/denominator'."""

Trl = Annotated[int, Field(ge=1, le=9, description="Technology readiness level, ISO 16290")]


class OrgRef(BaseModel):
    """An organisation as another service names it: its id and the name it had then."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
