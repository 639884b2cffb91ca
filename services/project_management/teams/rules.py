"""The people of an application: who leads it, who works in it, and whether they agree to be named."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.contracts.coordination import address_mark
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel


class Role(StrEnum):
    LEADER = "leader"
    """The principal investigator: limits on persons and the ledger go by this one first."""
    MEMBER = "member"


class State(StrEnum):
    NAMED = "named"
    AGREED = "agreed"
    LEFT = "left"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "ask": (frozenset({State.NAMED, State.AGREED}), State.NAMED),
    "agree": (frozenset({State.NAMED}), State.AGREED),
    "leave": (frozenset({State.NAMED, State.AGREED}), State.LEFT),
}
"""Verb → (states it may start from, state it ends in). Who is named without a sign-in stays named: there is nobody to
ask."""
MOST_MEMBERS = 60
MOST_MONTHS = Decimal(600)
ACCOUNT = "account:"
"""Begins the key of somebody who signs in and whom the catalogue does not know."""
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx])")
_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


class MemberNotReady(Conflict):
    title = N_("The state of this part does not allow this")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who can be picked. `key` is the catalogue's id, or the account of who signs in only."""

    key: str
    person_id: UUID | None
    subject: str | None
    name: str
    name_zh: str
    organisation_id: UUID
    clearance: str = ""
    """Empty for who cannot sign in."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the lead writes of one member; `person` is a key of `Known`, empty for somebody unknown here."""

    person: str
    name: str
    contact: str
    organisation_id: UUID


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises MemberNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise MemberNotReady(
            N_("You have taken your name off.") if state is State.LEFT else N_("You have agreed already.")
        )
    return after


def contact(text: str) -> tuple[str, str] | None:
    """(ORCID iD, e-mail address), one of them empty; None for what is neither. The check character must fit."""
    found = _ORCID.fullmatch(text)
    if found:
        bare = found[1].replace("-", "").upper()
        total = 0
        for digit in bare[:-1]:
            total = (total + int(digit)) * 2
        check = (12 - total % 11) % 11
        if bare[-1] != ("X" if check == 10 else str(check)):
            return None
        return "-".join(bare[k : k + 4] for k in range(0, 16, 4)), ""
    return ("", text) if _MAIL.fullmatch(text) else None


def mark_of(address: str, key: str) -> str:
    """What stands for an address, as coordination makes it of one that is spelled the same; empty without a key."""
    plain = unicodedata.normalize("NFKC", address).strip().lower()
    return address_mark(bytes.fromhex(key), plain) if plain and key else ""


def faults(
    leader: str,
    members: Sequence[Named],
    known: Mapping[str, Known],
    *,
    lead_id: UUID,
    partner_ids: Sequence[UUID],
    label: SecurityLabel,
    left: set[str],
) -> list[tuple[str, str]]:
    """What is wrong with a team, as (JSON pointer, sentence). `left` are keys of people who took their names off."""
    found: list[tuple[str, str]] = []
    seen = {leader}
    if leader not in known or known[leader].subject is None or known[leader].organisation_id != lead_id:
        found.append(
            (
                "/leader",
                N_("Choose somebody of the lead who can sign in: the leader has to agree and to answer for it."),
            )
        )
    elif leader in left:
        found.append(("/leader", _gone(known[leader].name)))
    elif not _cleared(known[leader], label):
        found.append(("/leader", _beyond(label)))
    for n, one in enumerate(members):
        at = f"/members/{n}"
        key = identity(one, known)
        if one.organisation_id not in (lead_id, *partner_ids):
            found.append((f"{at}/organisation_id", N_("Choose the lead or one of the partners.")))
        if one.person and one.person not in known:
            found.append((f"{at}/person", N_("Choose somebody from the list, or leave it empty and write the name.")))
        elif not one.person and not one.name:
            found.append((f"{at}/name", N_("Choose a person from the list, or write the name.")))
        elif not one.person and contact(one.contact) is None:
            found.append(
                (
                    f"{at}/contact",
                    N_("Write an e-mail address or an ORCID iD, such as 0000-0002-1825-0097: a name alone is nobody."),
                )
            )
        elif key in left:
            found.append((f"{at}/{'person' if one.person else 'name'}", _gone(one.name or known[one.person].name)))
        elif key in seen:
            found.append((f"{at}/{'person' if one.person else 'name'}", N_("This person is named twice.")))
        elif one.person and not _cleared(known[one.person], label):
            found.append((f"{at}/person", _beyond(label)))
        seen.add(key)
    return found


def _cleared(one: Known, label: SecurityLabel) -> bool:
    return not one.clearance or label.readable_with(SecurityLabel(one.clearance))


def _beyond(label: SecurityLabel) -> str:
    return S_("The application is %(label)s; this person is not cleared for it.", label=label.value)


def identity(one: Named, known: Mapping[str, Known]) -> str:
    """What tells one named person from another: the key, or the ORCID iD or address of somebody unknown here."""
    if one.person:
        return one.person
    said = contact(one.contact)
    return (said[0] or said[1].casefold()) if said else one.name.casefold()


def _gone(name: str) -> str:
    return S_("“%(name)s” took their name off this application and cannot be named again.", name=name)


def of_leader(subject: str, people: Sequence[Known]) -> str:
    """The key of who drafted it: the catalogue's record where there is one."""
    return next((one.key for one in people if one.subject == subject), ACCOUNT + subject)
