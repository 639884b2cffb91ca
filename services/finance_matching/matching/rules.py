"""Whether a product fits a need: hard rules clause by clause, three-valued, then a score that orders what fits.

Everything is computed from the recorded inputs alone (plain JSON), so any decision can be run again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.finance_matching.matching.score import same, score_parts
from services.finance_matching.products.eligibility import compiled
from services.finance_matching.words import FACT_WORDS, SECURITIES, STAGES, in_words
from shared.kernel.clock import local_day
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_
from shared.kernel.policy import own
from shared.kernel.trace import Clause, DecisionTrace, Outcome, combined
from shared.kernel.types import Role

APPLICANTS = (Role.APPLICANT, Role.REPRESENTATIVE)
READ = own("matches.read", *APPLICANTS, Role.FINANCE_PARTNER, supervisors=(Role.AUDITOR,))
READ_OF_NEED = own("matches.read_of_need", *APPLICANTS, supervisors=(Role.AUDITOR,))
ANSWER = own("matches.answer", *APPLICANTS, Role.FINANCE_PARTNER)
RULE = ("finance.match", 1)
"""Rule and version; a change of any clause, fit or weight is a new version."""


class State(StrEnum):
    FOUND = "found"
    INTERESTED = "interested"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "judge": (frozenset({State.FOUND}), State.FOUND),
    "show interest": (frozenset({State.FOUND, State.INTERESTED}), State.INTERESTED),
    "decline": (frozenset({State.FOUND, State.INTERESTED}), State.DECLINED),
    "withdraw": (frozenset({State.FOUND, State.INTERESTED}), State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in). Once somebody is interested the judgement stands as it was."""


OVER = {
    State.INTERESTED: N_("Somebody is interested already; the judgement stands as it was."),
    State.DECLINED: N_("The match is declined; look for another one in the list."),
    State.WITHDRAWN: N_("The match is withdrawn; look for another one in the list."),
}


class MatchNotOpen(Conflict):
    title = N_("The match's state does not allow this")


class InterestKnown(Conflict):
    title = N_("Your interest is recorded already")


class DoesNotFit(Conflict):
    title = N_("The product does not fit the need")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises MatchNotOpen."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise MatchNotOpen(OVER[state])
    return after


# -- clauses ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause before it is put into words: message ids and their parameters, so that any language can show it."""

    rule: str
    outcome: Outcome
    reason: str
    remedy: str = ""
    params: dict[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    """Parameters that are themselves message ids (or several, parted by commas)."""

    def clause(self, words: Callable[..., str]) -> Clause:
        shown = {
            name: ", ".join(words(part) for part in text.split(", ")) if name in self.named else text
            for name, text in self.params.items()
        }
        remedy = words(self.remedy, **shown) if self.remedy else ""
        return Clause(rule=self.rule, outcome=self.outcome, reason=words(self.reason, **shown), remedy=remedy)


def findings(inputs: dict[str, Any]) -> list[Finding]:
    """Each clause on the recorded inputs."""
    need, product = inputs["need"], inputs["product"]
    return [
        _validity(product["valid_until"], inputs["at"]),
        _stage(need["stage"], product["stages"]),
        _amount(need, product),
        _term(need["term_months"], product["term_months_min"], product["term_months_max"]),
        _place(
            "product.region",
            need["region"],
            product["regions"],
            N_("Every region is served."),
            N_("The product serves %(own)s."),
            N_("The product serves %(wanted)s, not %(own)s."),
            N_("Let a partner of yours in one of these regions put the need forward: %(wanted)s."),
            N_("The product serves %(wanted)s; the need names no region."),
            N_("Name the region in the need."),
        ),
        _place(
            "product.field",
            need["field"],
            product["fields"],
            N_("Every field of work is served."),
            N_("The product serves %(own)s."),
            N_("The product is for %(wanted)s, not for %(own)s."),
            N_("If the work belongs to one of these fields as well, name it in the need: %(wanted)s."),
            N_("The product is for %(wanted)s; the need names no field."),
            N_("Name the field of work in the need."),
        ),
        *_security(need["security"], inputs["organisation"]["assets"], product["security_required"]),
        *(_eligibility(number, rule, inputs) for number, rule in enumerate(product["rules"], 1)),
    ]


def _validity(valid_until: str, at: str) -> Finding:
    until = datetime.fromisoformat(valid_until)
    params = {"until": local_day(until).isoformat()}
    if datetime.fromisoformat(at) < until:
        return Finding("product.validity", "yes", N_("The offer is valid until %(until)s."), params=params)
    return Finding(
        "product.validity",
        "no",
        N_("The offer ended on %(until)s."),
        N_("Ask the partner whether it will be offered again."),
        params,
    )


def _stage(stage: str, stages: list[str]) -> Finding:
    order = list(STAGES)
    later = [one for one in order if one in stages and order.index(one) > order.index(stage)]
    params = {
        "stage": STAGES[stage],
        "wanted": ", ".join(STAGES[one] for one in order if one in stages),
        "next": STAGES[later[0]] if later else "",
    }
    named = ("stage", "wanted", "next")
    if stage in stages:
        return Finding("product.stage", "yes", N_("The product is for the stage %(stage)s."), "", params, named)
    return Finding(
        "product.stage",
        "no",
        N_("The product is for %(wanted)s; the need is at the stage %(stage)s."),
        N_("Come back when the work reaches %(next)s.") if later else "",
        params,
        named,
    )


def _money(amount: Decimal, currency: str) -> str:
    return f"{currency} {amount:,.2f}".removesuffix(".00")


def _amount(need: dict[str, Any], product: dict[str, Any]) -> Finding:
    wanted, low, high = (Decimal(v) for v in (need["amount"], product["min"], product["max"]))
    currency = product["currency"]
    params = {
        "amount": _money(wanted, need["currency"]),
        "min": _money(low, currency),
        "max": _money(high, currency),
        "currency": currency,
        "less": _money(wanted - high, currency),
        "more": _money(low - wanted, currency),
    }
    if need["currency"] != currency:
        return Finding(
            "product.amount",
            "no",
            N_("The product is in %(currency)s; the need asks for %(amount)s."),
            N_("State the need in %(currency)s."),
            params,
        )
    if wanted > high:
        return Finding(
            "product.amount",
            "no",
            N_("%(amount)s is above the largest amount, %(max)s."),
            N_("Ask for %(less)s less."),
            params,
        )
    if wanted < low:
        return Finding(
            "product.amount",
            "no",
            N_("%(amount)s is below the smallest amount, %(min)s."),
            N_("Ask for %(more)s more."),
            params,
        )
    return Finding("product.amount", "yes", N_("%(amount)s lies between %(min)s and %(max)s."), "", params)


def _term(term: int | None, low: int, high: int) -> Finding:
    params = {"term": str(term), "min": str(low), "max": str(high)}
    if term is None:
        return Finding(
            "product.term",
            "unknown",
            N_("The product runs %(min)s to %(max)s months; the need names no term."),
            N_("Name the term in the need."),
            params,
        )
    if term > high:
        return Finding(
            "product.term",
            "no",
            N_("%(term)s months are more than the longest term, %(max)s months."),
            N_("Plan to repay within %(max)s months."),
            params,
        )
    if term < low:
        return Finding(
            "product.term",
            "no",
            N_("%(term)s months are fewer than the shortest term, %(min)s months."),
            N_("Ask for a term of at least %(min)s months."),
            params,
        )
    return Finding("product.term", "yes", N_("%(term)s months lie between %(min)s and %(max)s."), "", params)


def _place(
    rule: str, own_: str, wanted: list[str], anywhere: str, fits: str, fails: str, remedy: str, blank: str, name: str
) -> Finding:
    params = {"own": own_, "wanted": ", ".join(wanted)}
    if not wanted:
        return Finding(rule, "yes", anywhere)
    if not own_:
        return Finding(rule, "unknown", blank, name, params)
    if any(same(own_, one) for one in wanted):
        return Finding(rule, "yes", fits, "", params)
    return Finding(rule, "no", fails, remedy, params)


def _security(offered: list[str], assets: int, required: list[str]) -> list[Finding]:
    if not required:
        return [Finding("product.security", "yes", N_("No security is asked for."))]
    return [_one_security(one, one in offered, assets) for one in required]


def _one_security(kind: str, offered: bool, assets: int) -> Finding:
    params, named = {"kind": SECURITIES[kind], "assets": str(assets)}, ("kind",)
    pledge = kind == "ip_pledge"
    if not offered:
        remedy = N_("Offer this security in the need: %(kind)s.")
        if pledge and assets:
            remedy = N_("Offer an IP pledge in the need: your organisation holds %(assets)s registered IP asset(s).")
        return Finding(
            "product.security",
            "no",
            N_("The product asks for %(kind)s; the need does not offer it."),
            remedy,
            params,
            named,
        )
    if pledge and not assets:
        return Finding(
            "product.security",
            "unknown",
            N_("An IP pledge is offered, but no registered IP asset of the organisation is known here."),
            N_("Have the asset registered by the IP office."),
        )
    if pledge:
        return Finding(
            "product.security",
            "yes",
            N_("An IP pledge is offered; the organisation holds %(assets)s registered IP asset(s)."),
            "",
            params,
        )
    return Finding("product.security", "yes", N_("The security asked for is offered: %(kind)s."), "", params, named)


def _eligibility(number: int, source: str, inputs: dict[str, Any]) -> Finding:
    rule = compiled(source)
    facts = {"need": inputs["need"], "organisation": inputs["organisation"]}
    params = {"rule": source, "facts": ", ".join(rule.missing(facts))}
    holds = rule.holds(facts)
    if holds is None:
        return Finding(
            f"product.rule.{number}",
            "unknown",
            N_("The partner's rule “%(rule)s” turns on what is not known: %(facts)s."),
            N_("Complete the need, or ask the partner."),
            params,
        )
    if holds:
        return Finding(f"product.rule.{number}", "yes", N_("The partner's rule holds: %(rule)s."), "", params)
    return Finding(
        f"product.rule.{number}",
        "no",
        N_("The partner's rule does not hold: %(rule)s."),
        N_("Ask the partner for an exception, or change what the rule asks about."),
        params,
    )


# -- the decision ----------------------------------------------------------------------------------------------------


def _english(message: str, **params: str) -> str:
    return message % params if params else message


def judge(inputs: dict[str, Any]) -> DecisionTrace:
    """The decision on the recorded inputs, with its reasons in English."""
    clauses = [finding.clause(_english) for finding in findings(inputs)]
    parts = score_parts(inputs)
    rule, version = RULE
    result = {"outcome": combined(clauses), "score": sum(parts.values()), "parts": parts}
    return DecisionTrace(rule=rule, version=version, inputs=inputs, clauses=tuple(clauses), result=result)


def worded(trace: DecisionTrace, words: Callable[..., str]) -> list[Clause]:
    """The clauses in the reader's language; as they were recorded when today's rules would say something else."""
    if (trace.rule, trace.version) != RULE or not trace.repeats(judge):
        return list(trace.clauses)
    return [_plain(finding, words).clause(words) for finding in findings(trace.inputs)]


def _plain(finding: Finding, words: Callable[..., str]) -> Finding:
    """A finding about a partner's rule with the rule in words; programs read it as it was written."""
    if not finding.rule.startswith("product.rule."):
        return finding
    facts = ", ".join(words(FACT_WORDS.get(fact, fact)) for fact in finding.params["facts"].split(", "))
    return replace(finding, params={"rule": in_words(finding.params["rule"], words), "facts": facts})


def is_near_miss(clauses: list[Clause]) -> bool:
    """Just one clause says no, and something would turn it."""
    against = [clause for clause in clauses if clause.outcome == "no"]
    return len(against) == 1 and bool(against[0].remedy)
