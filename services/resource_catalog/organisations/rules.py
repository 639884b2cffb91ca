"""Organisations: what they are, how they are admitted to joint work, and how their numbers are checked."""

from datetime import datetime, timedelta
from enum import StrEnum

from stdnum.cn import uscc

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import roles, signed_in
from shared.kernel.types import Role

READ = signed_in("organisations.read")
REGISTER = roles("organisations.register", Role.COORDINATOR, Role.ADMINISTRATOR)
ADMIT = roles("organisations.admit", Role.COORDINATOR)
IMPORT = roles("organisations.import", Role.COORDINATOR, Role.ADMINISTRATOR)


class Kind(StrEnum):
    INSTITUTE = "institute"
    UNIVERSITY = "university"
    COMPANY = "company"
    DEPARTMENT = "department"
    BANK = "bank"
    FUND = "fund"
    INSURER = "insurer"
    GUARANTOR = "guarantor"
    OFFICE = "office"


class State(StrEnum):
    REGISTERED = "registered"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "admit": (frozenset({State.REGISTERED, State.SUSPENDED}), State.ADMITTED),
    "suspend": (frozenset({State.ADMITTED}), State.SUSPENDED),
}
"""Verb → (states it may start from, state it ends in)."""

MAX_ADMISSION = timedelta(days=5 * 366)
"""An admission lasts at most five years; then it is renewed with fresh evidence."""


class KeptBySource(Conflict):
    title = N_("The organisation is kept by its source")


class AdmissionNotPossible(Conflict):
    title = N_("The organisation's state does not allow this")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises AdmissionNotPossible with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise AdmissionNotPossible(
            S_(
                "It is %(state)s; only an organisation that is %(wanted)s can be changed so.",
                state=state.value,
                wanted=wanted,
            )
        )
    return after


def credit_code(text: str) -> str:
    """A unified social credit code in its canonical form, check character verified (GB 32100-2015).

    Raises ValueError saying what is wrong.
    """
    code = uscc.compact(text).upper()
    if len(code) != 18:
        raise ValueError(S_("a unified social credit code has 18 characters; this has %(number)s", number=len(code)))
    if not uscc.is_valid(code):
        raise ValueError("the check character does not fit: compare it with the licence, letter by letter")
    return code


def admission_end(now: datetime, until: datetime) -> datetime:
    """The end of an admission. Raises ValueError when it lies in the past or more than five years ahead."""
    if until <= now:
        raise ValueError("The admission must end in the future.")
    if until > now + MAX_ADMISSION:
        raise ValueError("An admission lasts at most five years.")
    return until
