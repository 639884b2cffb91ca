"""A project's budget by category and year: what a sound one looks like, and what may be spent against it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from services.project_management.costs.rules import SAID, Category
from shared.kernel.marks import N_, S_
from shared.kernel.trace import Clause, DecisionTrace, Outcome, combined

MOST_LINES = 400


def faults(
    lines: list[tuple[str, int, Decimal, str]],
    *,
    award: Decimal,
    currency: str,
    first: int,
    last: int,
    whose: Sequence[str | None] = (),
    parties: Collection[str] = (),
) -> list[tuple[str, str]]:
    """What is wrong with a budget, as (JSON pointer, sentence). `lines`: category, year, amount, currency; `whose`:
    beside each the organisation that spends it, one of the `parties`, or None for the project as a whole."""
    found = []
    seen = set()
    owners = [*whose, *[None] * (len(lines) - len(whose))]
    for n, (category, year, amount, one) in enumerate(lines):
        if owners[n] is None and any(owners):
            sentence = N_("Say of each line whose it is, or of none.")
            found.append((f"/budget/{n}/organisation_id", sentence))
        elif owners[n] is not None and owners[n] not in parties:
            found.append((f"/budget/{n}/organisation_id", N_("Choose an organisation of the project.")))
        if not first <= year <= last:
            sentence = S_("The project runs from %(first)s to %(last)s.", first=first, last=last)
            found.append((f"/budget/{n}/year", sentence))
        if amount <= 0:
            found.append((f"/budget/{n}/amount", N_("Each budget line is more than nothing.")))
        if one != currency:
            sentence = S_("The award is in %(currency)s; give the amount in it.", currency=currency)
            found.append((f"/budget/{n}/amount", sentence))
        if (owners[n], category, year) in seen:
            found.append((f"/budget/{n}/category", N_("This category and year has a line already; add them together.")))
        seen.add((owners[n], category, year))
    total = sum((amount for _, _, amount, _ in lines), Decimal(0))
    if lines and total != award:
        sentence = S_(
            "The budget lines add up to %(total)s; the award is %(award)s.",
            total=f"{total:,.2f}",
            award=f"{award:,.2f} {currency}",
        )
        found.append(("/budget", sentence))
    return found


# -- over-runs: may this be claimed? From recorded inputs alone --------------------------------------------------------

OVERRUN = ("claims.overrun", 3)
"""Rule and version; a change of any clause is a new version. What version 1 was given had no `organisation`, and its
lines were let through one by one, though another one of the year was over-run. Version 2 was not told its `version`,
and called unknown what a change of the budget could settle, though as it stands the claim breaks the rule."""
TOLERANCE = Decimal("0.10")
"""A line may be over-run by this part of it where the other lines of its year cover it."""


def overrun(inputs: dict[str, Any]) -> DecisionTrace:
    """Whether a claim fits the budget. The trace repeats from its inputs.

    `inputs`: award, currency, lines (category, year, budget, used) and claim (category, year, amount), amounts as text.
    Where lines belong to organisations, `organisation` names the one that claims, the lines are its own, and the award
    is its share; it is empty where the budget is the project's as a whole. `version` is that of the rule.
    """
    lines = {(one["category"], one["year"]): one for one in inputs["lines"]}
    wanted: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for one in inputs["claim"]:
        wanted[one["category"], one["year"]] += Decimal(one["amount"])
    clauses = [_line(lines, key, amount, wanted, inputs) for key, amount in sorted(wanted.items())]
    clauses.append(_total(inputs, sum(wanted.values(), Decimal(0))))
    rule, version = OVERRUN[0], inputs.get("version", 2 if "organisation" in inputs else 1)
    return DecisionTrace(rule=rule, version=version, inputs=inputs, clauses=tuple(clauses), result=combined(clauses))


def _line(
    lines: dict[tuple[str, int], dict[str, Any]],
    key: tuple[str, int],
    amount: Decimal,
    wanted: dict[tuple[str, int], Decimal],
    inputs: dict[str, Any],
) -> Clause:
    category, year = key
    currency = inputs["currency"]
    parts = {"category": SAID[Category(category)], "year": year}
    rule = f"line.{category}.{year}"
    line = lines.get(key)
    if line is None:
        return Clause(
            rule=rule,
            outcome=_broken(inputs),
            reason=S_("The budget has no line for %(category)s in %(year)s.", **parts),
            remedy=S_("Ask for a change of the budget that gives it %(gap)s.", gap=_said(amount, currency)),
        )
    budget, used = Decimal(line["budget"]), Decimal(line["used"])
    over = used + amount - budget
    of_year = sum(
        (Decimal(one["budget"]) - Decimal(one["used"]) for k, one in lines.items() if k[1] == year), Decimal(0)
    )
    claimed = sum((part for k, part in wanted.items() if k[1] == year), Decimal(0))
    if over <= 0 and claimed > of_year and "organisation" in inputs:
        left = _said(max(of_year, Decimal(0)), currency)
        reason = S_("The lines of %(year)s have %(left)s left together: one of them was over-run.", **parts, left=left)
        remedy = S_("Claim at most %(left)s of this year, or ask for a change of the budget.", left=left)
        return Clause(rule=rule, outcome=_broken(inputs), reason=reason, remedy=remedy)
    if over <= 0:
        left = _said(-over, currency)
        reason = S_("The line for %(category)s in %(year)s has %(left)s left afterwards.", **parts, left=left)
        return Clause(rule=rule, outcome="yes", reason=reason)
    parts |= {"over": _said(over, currency)}
    if over <= budget * TOLERANCE and claimed <= of_year:
        reason = S_(
            "The line for %(category)s in %(year)s is over-run by %(over)s: within 10 percent of it, and the other "
            "lines of the year cover it.",
            **parts,
        )
        return Clause(rule=rule, outcome="yes", reason=reason)
    return Clause(
        rule=rule,
        outcome=_broken(inputs),
        reason=S_("The line for %(category)s in %(year)s would be over-run by %(over)s.", **parts),
        remedy=S_("Claim less, or ask for a change of the budget that gives the line %(gap)s more.", gap=parts["over"]),
    )


def _total(inputs: dict[str, Any], claimed: Decimal) -> Clause:
    award, currency = Decimal(inputs["award"]), inputs["currency"]
    used = sum((Decimal(one["used"]) for one in inputs["lines"]), Decimal(0))
    if inputs.get("organisation"):
        return _own_share(inputs, award, used + claimed, claimed)
    if used + claimed <= award:
        left = _said(award - used - claimed, currency)
        return Clause(rule="award.total", outcome="yes", reason=S_("%(left)s of the award is left.", left=left))
    return Clause(
        rule="award.total",
        outcome="no",
        reason=S_(
            "With this claim %(total)s would be claimed; the award is %(award)s.",
            total=_said(used + claimed, currency),
            award=_said(award, currency),
        ),
        remedy=S_("Claim at most %(left)s.", left=_said(max(award - used, Decimal(0)), currency)),
    )


def _own_share(inputs: dict[str, Any], share: Decimal, total: Decimal, claimed: Decimal) -> Clause:
    name, currency = inputs["organisation"], inputs["currency"]
    if total <= share:
        left = _said(share - total, currency)
        sentence = S_("%(left)s of what %(name)s may spend is left.", left=left, name=name)
        return Clause(rule="award.share", outcome="yes", reason=sentence)
    left = _said(max(share - total + claimed, Decimal(0)), currency)
    return Clause(
        rule="award.share",
        outcome=_broken(inputs),
        reason=S_(
            "With this claim %(total)s would be claimed; %(name)s may spend %(share)s by its own lines.",
            total=_said(total, currency),
            name=name,
            share=_said(share, currency),
        ),
        remedy=S_("Claim at most %(left)s, or ask for a change of the budget that gives it more.", left=left),
    )


def _broken(inputs: dict[str, Any]) -> Outcome:
    return "no" if inputs.get("version", 2) > 2 else "unknown"


def _said(amount: Decimal, currency: str) -> str:
    return f"{amount:,.2f} {currency}"
