"""Who owns a project's results, who may dispose of them, and who gets which part of the income: states and soundness.

Income is divided in two steps: the inventors together get `inventor_share` and divide it by their own shares; the
parties divide the rest by theirs. All shares are exact fractions, so that everybody's part is known.
"""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from services.project_management.calls.terms import USUAL, CallTerms
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.trace import Clause, DecisionTrace, combined, said_of
from shared.kernel.types import Role

OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
READ = own(
    "rights.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    Role.FINANCE_OFFICER,
    Role.LEGAL_OFFICER,
    supervisors=OVERSEERS,
    officers=(Role.FINANCE_OFFICER, Role.LEGAL_OFFICER),
)
SIGNERS = (Role.REPRESENTATIVE, Role.LEGAL_OFFICER)
"""Who binds an organisation of the project here; everything else is signed by its representatives (decision 17)."""
WRITE = own("rights.write", Role.APPLICANT, *SIGNERS)
"""The lead words the agreement; every party signs it."""
SIGN = office("rights.sign", Role.PROGRAMME_OFFICER, owners=SIGNERS)
"""The office signs only where the agreement makes it a party."""


class State(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    AGREED = "agreed"
    ENDED = "ended"


TRANSITIONS: dict[str, tuple[frozenset[State], State | None]] = {
    "write": (frozenset({State.DRAFT}), None),
    "propose": (frozenset({State.DRAFT}), State.PROPOSED),
    "sign": (frozenset({State.PROPOSED}), None),
    "agree": (frozenset({State.PROPOSED}), State.AGREED),
    "refuse": (frozenset({State.PROPOSED}), State.DRAFT),
    "reopen": (frozenset({State.PROPOSED, State.AGREED}), State.DRAFT),
    "end": (frozenset({State.DRAFT, State.PROPOSED, State.AGREED}), State.ENDED),
}
"""Verb → (states it may start from, state it ends in; None: it stays). What was agreed stays in force while a newer
version is written; it ends with a project that ended early, where that was settled so."""
SAID = {
    State.DRAFT: N_("being written"),
    State.PROPOSED: N_("waiting for signatures"),
    State.AGREED: N_("signed by all"),
    State.ENDED: N_("at its end, with the project"),
}
"""States as sentences say them."""


Waiting = Literal["wording", "signature"]
"""What an agreement waits for from whoever asks: to be worded, or to be signed."""


class Disposal(StrEnum):
    """Who may license, sell or pledge a result."""

    JOINT = "joint"
    LEAD = "lead"
    EACH = "each"
    OFFICE = "office"


class Exploitation(StrEnum):
    """Who may use a result."""

    ALL = "all"
    OWNERS = "owners"
    RESEARCH = "research"


class AgreementNotReady(Conflict):
    title = N_("The agreement's state does not allow this")


class AgreementUnsound(Conflict):
    """`extra["trace"]` tells clause by clause what is wrong and what would help."""

    title = N_("The agreement cannot be signed as it stands")


class NotAParty(Conflict):
    title = N_("You sign for none of the parties")


class SignedAlready(Conflict):
    title = N_("This party has signed already")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises AgreementNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise AgreementNotReady(
            S_(
                "The agreement is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=" or ".join(SAID[one] for one in State if one in allowed),
            )
        )
    return after or state


def opening_terms(parties: list[dict[str, str]], floor: Fraction, terms: CallTerms = USUAL) -> dict[str, Any]:
    """What a new agreement begins with: parts as the call says, or else alike; the inventors at the call's floor,
    nobody named yet. The first party is the lead."""
    ownership, income = (parts(one, len(parties)) for one in (terms.lead_ownership, terms.lead_income))
    return {
        "parties": [
            {"organisation_id": one["id"], "ownership": ownership[n], "income": income[n]}
            for n, one in enumerate(parties)
        ],
        "inventor_share": text(floor),
        "inventors": [],
        "disposal": terms.disposal,
        "exploitation": terms.exploitation,
        "exploitation_terms": "",
        "publication_days": terms.publication_days,
        "publication_terms": terms.publication_terms,
    }


def parts(lead: str, number: int) -> list[str]:
    """The lead's part and those of the others, who share the rest alike; empty: all alike. One alone has the whole."""
    first = Fraction(lead) if lead and number > 1 else Fraction(1, number)
    return [text(first), *[text((1 - first) / (number - 1))] * (number - 1)] if number > 1 else ["1/1"]


def text(share: Fraction) -> str:
    return f"{share.numerator}/{share.denominator}"


# -- soundness: may this be put before the parties? From recorded inputs alone -----------------------------------------

SOUNDNESS = ("rights.soundness", 1)
"""Rule and version; a change of any clause is a new version."""
_WHOLE = {
    "ownership": (
        N_("The ownership shares add up to one."),
        N_("The ownership shares add up to %(sum)s, not to one."),
        N_("Correct the ownership shares by %(gap)s in all."),
    ),
    "income": (
        N_("The parties' shares of the income add up to one."),
        N_("The parties' shares of the income add up to %(sum)s, not to one."),
        N_("Correct the parties' shares of the income by %(gap)s in all."),
    ),
    "inventors": (
        N_("The inventors' shares add up to one."),
        N_("The inventors' shares add up to %(sum)s, not to one."),
        N_("Correct the inventors' shares by %(gap)s in all."),
    ),
}


def soundness(inputs: dict[str, Any]) -> DecisionTrace:
    """Whether the terms are whole and keep the call's floor. The trace repeats from its inputs."""
    terms = inputs["terms"]
    parties, inventors = terms["parties"], terms["inventors"]
    clauses = [
        _named(inputs, parties),
        _whole("ownership", [one["ownership"] for one in parties]),
        _whole("income", [one["income"] for one in parties]),
        _inventors_named(inventors),
        _inventors_belong(parties, inventors),
        _above_floor(terms["inventor_share"], inputs["floor"], inputs["call"]),
    ]
    if inventors:
        clauses.append(_whole("inventors", [one["share"] for one in inventors]))
    if terms["disposal"] == Disposal.OFFICE.value:
        clauses.append(_office_takes_part(inputs["office"], parties))
    rule, version = SOUNDNESS
    return DecisionTrace(rule=rule, version=version, inputs=inputs, clauses=tuple(clauses), result=combined(clauses))


def _whole(what: str, shares: list[str]) -> Clause:
    total = sum((Fraction(one) for one in shares), Fraction(0))
    yes, no, remedy = _WHOLE[what]
    gap = 1 - total
    missing = f"{'+' if gap > 0 else '−'}{text(abs(gap))}"
    return said_of(f"{what}.whole", not gap, yes, no % {"sum": text(total)}, remedy % {"gap": missing})


def _named(inputs: dict[str, Any], parties: list[dict[str, str]]) -> Clause:
    wanted = {one["id"]: one["name"] for one in inputs["organisations"]}
    given = [one["organisation_id"] for one in parties]
    strangers = set(given) - set(wanted) - {inputs["office"]["id"]}
    missing = [name for id, name in wanted.items() if id not in given]
    rule, yes = "parties.complete", N_("Every organisation of the project is a party.")
    if missing:
        return said_of(
            rule,
            False,
            yes,
            S_("These organisations take part and are no party: “%(title)s”.", title=", ".join(missing)),
            N_("Give each organisation of the project its row, with a share of zero where it gets nothing."),
        )
    return said_of(
        rule,
        not strangers and len(set(given)) == len(given),
        yes,
        N_("An organisation is named twice, or does not take part in the project."),
        N_("Leave one row for each organisation of the project; only the programme office may be added."),
    )


def _inventors_named(inventors: list[dict[str, str]]) -> Clause:
    return said_of(
        "inventors.named",
        bool(inventors),
        N_("The inventors are named."),
        N_("No inventor is named."),
        N_("Name those who do the research, with their shares; later versions can name others."),
    )


def _inventors_belong(parties: list[dict[str, str]], inventors: list[dict[str, str]]) -> Clause:
    homes = {one["organisation_id"] for one in parties}
    lost = [one["name"] for one in inventors if one["organisation_id"] not in homes]
    return said_of(
        "inventors.belong",
        not lost,
        N_("Every inventor belongs to a party."),
        S_("These inventors belong to no party: “%(title)s”.", title=", ".join(lost)),
        N_("Choose one of the parties for each inventor."),
    )


def _above_floor(share: str, floor: str, call: str) -> Clause:
    given, least = Fraction(share), Fraction(floor)
    parts = {"given": text(given), "floor": text(least), "title": call}
    return said_of(
        "inventors.floor",
        given >= least,
        S_("The inventors get %(given)s of the income; “%(title)s” asks for at least %(floor)s.", **parts),
        remedy=S_("Raise the inventors' share by %(gap)s or more.", gap=text(least - given)),
    )


def _office_takes_part(office_: dict[str, str], parties: list[dict[str, str]]) -> Clause:
    return said_of(
        "office.party",
        office_["id"] in {one["organisation_id"] for one in parties},
        N_("The programme office is a party and disposes."),
        N_("The programme office disposes of the results but is no party."),
        N_("Add the programme office as a party, or let somebody else dispose."),
    )


def require_sound(trace: DecisionTrace) -> None:
    """Raises AgreementUnsound with what the first clause that says no says; `errors` has the remedy of each."""
    faults = [clause for clause in trace.clauses if clause.outcome == "no"]
    if faults:
        remedies = [{"pointer": f"/{clause.rule}", "detail": clause.remedy} for clause in faults]
        raise AgreementUnsound(faults[0].reason, errors=remedies, trace=trace.model_dump(mode="json"))


def entitlements(terms: dict[str, Any]) -> list[tuple[str, str, Fraction]]:
    """Everybody's part of the income as (kind, whom, part): inventors by name, parties by id. The parts of sound terms
    sum to one."""
    inventors = Fraction(terms["inventor_share"])
    found = [("inventor", one["name"], inventors * Fraction(one["share"])) for one in terms["inventors"]]
    found += [("party", one["organisation_id"], (1 - inventors) * Fraction(one["income"])) for one in terms["parties"]]
    return found


def unsigned(parties: Iterable[str], signed: Iterable[str]) -> list[str]:
    """The parties that have not signed yet, in order."""
    done = set(signed)
    return [one for one in parties if one not in done]
