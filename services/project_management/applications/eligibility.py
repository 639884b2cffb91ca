"""Eligibility: may this application compete? Three-valued, clause by clause, from recorded inputs alone. Pure.

What would help, and what to ask first, stands in `outlook`.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from services.project_management.calls import rules as calls
from services.project_management.costs import rules as costs
from services.project_management.findings import Finding
from shared.kernel.clock import local_day
from shared.kernel.marks import N_
from shared.kernel.trace import DecisionTrace, Outcome, combined

ELIGIBILITY = ("application.eligibility", 6)
"""Rule and version; a change of any clause is a new version. What version 1 was given had no `person`, what version 2
was given no `standing`, what version 3 no `form`, as a call without one still has none, what version 4 no `team`, as an
application that names nobody, what version 5 no `costs`, as a call that asks for no budget: on such inputs their
clauses are all there are, so that their traces repeat."""
CURRENT = frozenset({3, 4, 5, 6})
"""Versions whose clauses today's words fit."""
CREDIT = ("poor", "fair", "good")
"""Credit standings, the worst first."""
APPLICANT_SETTLES = frozenset(
    {
        "partner.consent",
        "document.present",
        "amount.ceiling",
        "form.complete",
        "person.agreed",
        "budget.present",
        "budget.share",
    }
)
"""Clauses whose unknown only the applicant's side can turn into an answer; a submission waits for these."""
_OPEN: dict[str, tuple[Outcome, str, str]] = {
    "upcoming": ("no", N_("The call is not open yet."), N_("Submit after it opens on %(opens_at)s.")),
    "open": ("yes", N_("The call is open until %(closes_at)s."), ""),
}
_CLOSED: tuple[Outcome, str, str] = (
    "no",
    N_("The call takes no applications any more."),
    N_("Look for another open call."),
)
_ADMITTED: dict[str, tuple[Outcome, str, str]] = {
    "admitted": ("yes", N_("%(name)s is admitted to joint work."), ""),
    "expired": (
        "no",
        N_("The admission of %(name)s has ended."),
        N_("Ask the coordination office to renew the admission."),
    ),
    "registered": (
        "no",
        N_("%(name)s is registered but not admitted."),
        N_("Ask the coordination office to admit the organisation."),
    ),
    "suspended": ("no", N_("%(name)s is suspended."), N_("Settle the reason with the coordination office.")),
    "": (
        "unknown",
        N_("The catalogue has not told us about %(name)s yet."),
        N_("Wait a moment; if it stays so, ask the coordination office to register the organisation."),
    ),
}
_CONSENT: dict[str, tuple[Outcome, str, str]] = {
    "consented": ("yes", N_("%(name)s agreed to take part."), ""),
    "pending": (
        "unknown",
        N_("%(name)s has not answered yet."),
        N_("A representative of the partner has to consent on this page, or take the partner off."),
    ),
    "refused": ("no", N_("%(name)s refused to take part."), N_("Take the partner off the application.")),
}

_BARS = (
    (
        "out",
        N_("%(name)s takes part in no application until %(until)s, by %(rule)s."),
        N_("Apply after this day, or without it."),
    ),
    (
        "lead",
        N_("%(name)s leads no application until %(until)s, by %(rule)s."),
        N_("Apply after this day, or let somebody else lead."),
    ),
)
"""Exclusion and cooling-off, the graver first."""
_AGREED: dict[bool, tuple[Outcome, str, str]] = {
    True: ("yes", N_("%(name)s agreed to lead it."), ""),
    False: (
        "unknown",
        N_("%(name)s has not agreed yet to lead it."),
        N_("%(name)s has to agree on the page “Where I am named”, or somebody else has to lead."),
    ),
}
_TAKES_PART: dict[bool, tuple[Outcome, str, str]] = {
    True: ("yes", N_("%(name)s takes part in %(running)s running projects, fewer than %(limit)s."), ""),
    False: (
        "no",
        N_("%(name)s takes part in %(running)s running projects already; the call asks for fewer than %(limit)s."),
        N_("Complete a running project first, or name somebody else."),
    ),
}
_NEUTRAL = {
    ("member", "yes"): (N_("Nothing in the ledger keeps %(name)s from applying."), ""),
    ("member", "no"): (
        N_("%(name)s cannot apply in this part now."),
        N_("Ask this person, who reads why in the ledger; or take them off the people."),
    ),
    ("standing", "yes"): (N_("Nothing in the ledger keeps %(name)s from applying."), ""),
    ("standing", "no"): (
        N_("%(name)s cannot apply in this part now."),
        N_("Why, and what would help, is told to those whom it concerns: ask them, or the programme office."),
    ),
    ("standing", "unknown"): (
        N_("It is not settled yet whether %(name)s can apply in this part."),
        N_("Why, and what would help, is told to those whom it concerns: ask them, or the programme office."),
    ),
    ("running", "yes"): (N_("%(name)s leads few enough running projects for this call."), ""),
    ("running", "no"): (
        N_("%(name)s leads too many running projects for this call."),
        N_("Why, and what would help, is told to those whom it concerns: ask them, or the programme office."),
    ),
}
"""What is read in place of the clauses on lead and writer by who may not read the ledger on them: the outcome,
neither rule nor day."""


def findings(inputs: dict[str, Any]) -> list[Finding]:
    """Each clause on the recorded inputs; `facts.eligibility_inputs` makes them."""
    call, lead, organisations = inputs["call"], inputs["organisations"][0], inputs["organisations"]
    found = [_returned(inputs) if "returned_until" in inputs else _open(call, inputs["now"])]
    found += [_admitted(organisation, inputs["now"]) for organisation in organisations]
    found += [in_standing(one, inputs["now"], leads=one is lead) for one in organisations if in_ledger(one)]
    if in_ledger(inputs.get("person", {})):
        found.append(in_standing(inputs["person"], inputs["now"], rule="person.standing"))
    found += on_the_lead(call, lead | {"more": more_running(inputs)})
    if "person" in inputs and call["running_per_person"]:
        more = inputs["person"].get("standing", {}).get("more", 0)
        found.append(_running("person.running", inputs["person"], call["running_per_person"], more))
    for one in inputs.get("team", ()):
        found += on_member(one, call, inputs["now"])
    found.append(_within_ceiling(inputs["requested"], call["ceiling"]))
    for partner in inputs["partners"]:
        found.append(Finding("partner.consent", *_CONSENT[partner["answer"]], {"name": partner["name"]}))
    found.append(_documented(inputs["documents"]))
    if "form" in inputs:
        found.append(_filled_in(inputs["form"]))
    if "costs" in inputs:
        found += costs.findings(inputs["costs"], organisations, inputs["requested"])
    return found


def on_the_lead(call: dict[str, Any], lead: dict[str, Any]) -> list[Finding]:
    """The clauses that only the lead has to meet."""
    found = [
        _among(f"organisation.{what}", lead, what, call[f"{what}s"])
        for what in ("kind", "region", "sector")
        if call.get(f"{what}s")
    ]
    if call.get("running_per_organisation"):
        found.append(_running("organisation.running", lead, call["running_per_organisation"], lead.get("more", 0)))
    if call.get("credit"):
        found.append(_creditworthy(lead, call["credit"]))
    return found


def on_member(one: dict[str, Any], call: dict[str, Any], now: str) -> list[Finding]:
    """What the rule asks of somebody whom the application names."""
    if one["role"] == "leader":
        return [Finding("person.agreed", *_AGREED[one["answer"] == "agreed"], {"name": one["name"]})]
    found = [
        _kept_back("member", "member.standing", one)
        if "kept_back" in one
        else in_standing(one, now, rule="member.standing", leads=False)
    ]
    if limit := call["running_per_person"]:
        params = {"name": one["name"], "running": str(one["running"]), "limit": str(limit)}
        found.append(Finding("member.running", *_TAKES_PART[one["running"] < limit], params))
    return found


def more_running(inputs: dict[str, Any]) -> int:
    """What the ledger allows the lead beyond the call's limit: its own, and that of the team that writes."""
    both = inputs["organisations"][0], inputs.get("person", {})
    return sum(int(one.get("standing", {}).get("more", 0)) for one in both)


def in_standing(who: dict[str, Any], now: str, rule: str = "organisation.standing", *, leads: bool = True) -> Finding:
    """What the reward and punishment ledger says of who leads, writes or takes part. Of a partner the inputs hold its
    exclusion alone: the rest of its standing is no business of the lead's."""
    if "kept_back" in who:
        return _kept_back("standing", rule, who)
    standing, day = who["standing"], local_day(datetime.fromisoformat(now)).isoformat()
    for bar, reason, remedy in _BARS:
        found = standing.get(bar)
        if found and day < found["until"] and (leads or bar == "out"):
            params = {"name": who["name"], "until": found["until"], "rule": found["rule"]}
            return Finding(rule, "no", reason, remedy, params)
    if leads and standing.get("pending"):
        return Finding(
            rule,
            "unknown",
            N_("A notice about %(name)s is not decided. It could keep it from applying."),
            N_("Answer the notice in time; the application can be handed in meanwhile."),
            {"name": who["name"]},
        )
    return Finding(rule, "yes", N_("Nothing in the ledger keeps %(name)s from applying."), "", {"name": who["name"]})


def in_ledger(who: dict[str, Any]) -> bool:
    return "standing" in who or "kept_back" in who


def _kept_back(what: str, rule: str, who: dict[str, Any]) -> Finding:
    outcome = who["kept_back"][what]
    reason, remedy = _NEUTRAL[what, outcome]
    return Finding(rule, outcome, reason, remedy, {"name": who["name"]})


def eligibility(inputs: dict[str, Any]) -> DecisionTrace:
    """Whether an application may compete. The trace repeats from its inputs (`DecisionTrace.repeats`)."""
    clauses = [finding.clause(lambda text, **params: text % params) for finding in findings(inputs)]
    rule, newest = ELIGIBILITY
    older = 3 if in_ledger(inputs["organisations"][0]) else 2 if "person" in inputs else 1
    version = 5 if inputs.get("team") else 4 if "form" in inputs else older
    version = newest if "costs" in inputs else version
    return DecisionTrace(rule=rule, version=version, inputs=inputs, clauses=tuple(clauses), result=combined(clauses))


def may_submit(trace: DecisionTrace) -> bool:
    """No clause says no, and nothing is left open that only the applicant's side can settle."""
    waiting = any(c.outcome == "unknown" and c.rule in APPLICANT_SETTLES for c in trace.clauses)
    return trace.result != "no" and not waiting


def _open(call: dict[str, Any], now: str) -> Finding:
    opens, closes = (datetime.fromisoformat(call[name]) for name in ("opens_at", "closes_at"))
    phase = calls.phase(calls.State(call["state"]), opens, closes, datetime.fromisoformat(now))
    shown = {"opens_at": f"{opens:%Y-%m-%d %H:%M} UTC", "closes_at": f"{closes:%Y-%m-%d %H:%M} UTC"}
    return Finding("call.open", *_OPEN.get(phase.value, _CLOSED), shown)


def _returned(inputs: dict[str, Any]) -> Finding:
    """An application that the office returned is due by its own time, whether the call is open or not."""
    until = datetime.fromisoformat(inputs["returned_until"])
    shown = {"closes_at": f"{until:%Y-%m-%d %H:%M} UTC"}
    if datetime.fromisoformat(inputs["now"]) < until:
        return Finding("call.open", "yes", N_("It can be completed until %(closes_at)s."), "", shown)
    return Finding(
        "call.open", "no", N_("It was to be completed by %(closes_at)s."), N_("What was handed in stands."), shown
    )


def _admitted(organisation: dict[str, Any], now: str) -> Finding:
    state, until = organisation["state"], organisation["admitted_until"]
    if state == "admitted" and (until is None or until <= now):
        state = "expired"
    return Finding("organisation.admitted", *_ADMITTED[state], {"name": organisation["name"]})


def _among(rule: str, lead: dict[str, Any], what: str, allowed: list[str]) -> Finding:
    params = {"name": lead["name"], "value": lead[what], "allowed": ", ".join(allowed)}
    if not lead[what]:
        return Finding(
            rule,
            "unknown",
            N_("The catalogue has not told us enough about %(name)s."),
            N_("Wait a moment; if it stays so, ask the coordination office."),
            params,
        )
    if lead[what].casefold() in {one.casefold() for one in allowed}:
        return Finding(rule, "yes", N_("The call is open to the lead: %(value)s."), "", params)
    return Finding(
        rule,
        "no",
        N_("The lead is: %(value)s. The call is open only to: %(allowed)s."),
        N_("Let a partner that fits lead a new application."),
        params,
    )


def _running(rule: str, who: dict[str, Any], limit: int, more: int = 0) -> Finding:
    """`more` is what the ledger allows beyond the call's own limit."""
    if "kept_back" in who:
        return _kept_back("running", rule, who)
    params = {"name": who["name"], "running": str(who["running"]), "limit": str(limit + more)}
    if who["running"] < limit:
        return Finding(
            rule,
            "yes",
            N_("%(name)s leads %(running)s running projects, fewer than %(limit)s."),
            "",
            params,
        )
    if who["running"] < limit + more:
        return Finding(
            rule,
            "yes",
            N_(
                "%(name)s leads %(running)s running projects, fewer than %(limit)s; the ledger allows %(more)s of them."
            ),
            "",
            params | {"more": str(more)},
        )
    return Finding(
        rule,
        "no",
        N_("%(name)s leads %(running)s running projects already; the call asks for fewer than %(limit)s."),
        N_("Complete a running project first, or let somebody else lead."),
        params,
    )


def _creditworthy(lead: dict[str, Any], wanted: str) -> Finding:
    params = {"name": lead["name"], "value": lead["credit"], "allowed": wanted}
    rule = "organisation.credit"
    if not lead["credit"]:
        return Finding(
            rule,
            "unknown",
            N_("No credit standing of %(name)s is known."),
            N_("Ask a credit officer for a rating; the application can be handed in meanwhile."),
            params,
        )
    if CREDIT.index(lead["credit"]) >= CREDIT.index(wanted):
        return Finding(rule, "yes", N_("The credit standing of %(name)s is: %(value)s."), "", params)
    return Finding(
        rule,
        "no",
        N_("The credit standing of %(name)s is: %(value)s. The call asks at least for: %(allowed)s."),
        N_("Let a partner with a better standing lead a new application."),
        params,
    )


def _within_ceiling(requested: dict[str, str] | None, ceiling: dict[str, str]) -> Finding:
    if requested is None:
        shown = {"ceiling": f"{Decimal(ceiling['amount']):,.2f} {ceiling['currency']}"}
        question = N_("It is open how much will be asked for.")
        return Finding("amount.ceiling", "unknown", question, N_("Ask for at most %(ceiling)s."), shown)
    params = {
        "requested": f"{Decimal(requested['amount']):,.2f} {requested['currency']}",
        "ceiling": f"{Decimal(ceiling['amount']):,.2f} {ceiling['currency']}",
    }
    rule = "amount.ceiling"
    if requested["currency"] != ceiling["currency"]:
        return Finding(
            rule,
            "no",
            N_("The amount is in another currency than the call: %(requested)s."),
            N_("Ask for at most %(ceiling)s."),
            params,
        )
    if Decimal(requested["amount"]) > Decimal(ceiling["amount"]):
        return Finding(
            rule,
            "no",
            N_("%(requested)s is more than the ceiling of %(ceiling)s."),
            N_("Ask for at most %(ceiling)s."),
            params,
        )
    return Finding(rule, "yes", N_("%(requested)s is within the ceiling of %(ceiling)s."), "", params)


def _documented(documents: int) -> Finding:
    if documents:
        return Finding("document.present", "yes", N_("The project description is attached."), "", {})
    return Finding(
        "document.present",
        "unknown",
        N_("No project description is attached yet."),
        N_("Attach the project description as a PDF."),
        {},
    )


def _filled_in(form: dict[str, int]) -> Finding:
    params = {name: str(form[name]) for name in ("asked", "answered", "open")}
    if not form["open"]:
        sentence = N_("The application form is complete: %(answered)s of %(asked)s questions are answered.")
        return Finding("form.complete", "yes", sentence, "", params)
    return Finding(
        "form.complete",
        "unknown",
        N_("The application form is not complete: one entry needs your attention.")
        if form["open"] == 1
        else N_("The application form is not complete: %(open)s entries need your attention."),
        N_("Open the application form; it leads you to each of them."),
        params,
    )
