"""Products: kinds, states, who may write and read them, and which stage each kind suits."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.finance_matching.products.eligibility import RuleFault, compiled
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own, signed_in
from shared.kernel.types import Role

READ = signed_in("products.read")
WRITE = own("products.write", Role.FINANCE_PARTNER)
MAX_VALIDITY = timedelta(days=20 * 366)


class Kind(StrEnum):
    R_AND_D_LOAN = "r_and_d_loan"
    POLICY_LOAN = "policy_loan"
    INTEGRATED_LOAN = "integrated_loan"
    SUPPLY_CHAIN_LOAN = "supply_chain_loan"
    BANK_CREDIT = "bank_credit"
    GUARANTEE = "guarantee"
    INSURANCE = "insurance"
    VENTURE = "venture"
    ANGEL = "angel"
    EQUITY = "equity"
    FUND = "fund"
    RISK_FUND = "risk_fund"
    SUBSIDY = "subsidy"
    INTEREST_SUBSIDY = "interest_subsidy"
    TAX_PREFERENCE = "tax_preference"
    GOVERNMENT_PURCHASE = "government_purchase"
    LEASING = "leasing"
    BOND = "bond"
    STOCK = "stock"
    ABS = "abs"


class State(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "edit": (frozenset({State.DRAFT}), State.DRAFT),
    "publish": (frozenset({State.DRAFT}), State.PUBLISHED),
    "withdraw": (frozenset({State.PUBLISHED}), State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in). What was published is not edited: needs rely on it."""


class ProductNotReady(Conflict):
    title = N_("The product's state does not allow this")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ProductNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise ProductNotReady(
            S_(
                "The product is %(state)s; this is possible only while it is %(wanted)s.",
                state=state.value,
                wanted=wanted,
            )
        )
    return after


def validity_fault(valid_until: datetime, now: datetime) -> str:
    """What is wrong with the end of an offer; empty when nothing is."""
    if valid_until <= now:
        return N_("The end of validity lies in the past. Choose a later day.")
    if valid_until > now + MAX_VALIDITY:
        return N_("An offer is valid for twenty years at most.")
    return ""


def rule_faults(rules: list[str]) -> dict[int, str]:
    """Faults of eligibility rules by their place in the list."""
    faults = {}
    for place, rule in enumerate(rules):
        try:
            compiled(rule)
        except RuleFault as fault:
            faults[place] = S_("Rule %(number)s, %(fault)s", number=place + 1, fault=fault)
    return faults
