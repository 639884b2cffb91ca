"""What money is spent on, what a call says about it, and whether an application's budget by lines keeps to it. Pure.

A line is an organisation's need in one category and one year of the project: what it asks for, and what it brings.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from services.project_management.findings import Finding
from shared.kernel.marks import N_

Inputs = Mapping[str, Any]


class Category(StrEnum):
    """What money is spent on."""

    EQUIPMENT = "equipment"
    MATERIALS = "materials"
    TESTING = "testing"
    TRAVEL = "travel"
    INTERNATIONAL = "international"
    EXTERNAL = "external"
    STAFF = "staff"
    LABOUR = "labour"
    OTHER = "other"
    INDIRECT = "indirect"


SAID = {
    Category.EQUIPMENT: N_("equipment costs"),
    Category.MATERIALS: N_("materials"),
    Category.TESTING: N_("testing"),
    Category.TRAVEL: N_("travel"),
    Category.INTERNATIONAL: N_("international cooperation"),
    Category.EXTERNAL: N_("external work"),
    Category.STAFF: N_("staff"),
    Category.LABOUR: N_("labour and expert fees"),
    Category.OTHER: N_("other direct costs"),
    Category.INDIRECT: N_("indirect costs"),
}
"""Categories as sentences say them."""


class Base(StrEnum):
    """What a cap is a part of."""

    TOTAL = "total"
    DIRECT = "direct"
    DIRECT_LESS_EQUIPMENT = "direct_less_equipment"


BASES = {
    Base.TOTAL: N_("all that is asked for"),
    Base.DIRECT: N_("the direct costs"),
    Base.DIRECT_LESS_EQUIPMENT: N_("the direct costs without equipment"),
}
MOST_LINES = 60
"""Of one organisation."""
MOST_YEARS = 10
LARGEST = Decimal(10) ** 14
_CENT = Decimal("0.01")
Fault = tuple[int, str, str]
"""Row, column, sentence."""


def amount(text: Any) -> Decimal | None:
    """What is written as an amount; None for what is none, or has more than cents."""
    try:
        found = Decimal(str(text))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST and found == found.quantize(_CENT) else None


def faults(lines: Sequence[Mapping[str, Any]], terms: Inputs) -> list[Fault]:
    """What is wrong with the lines of one organisation, each by itself."""
    found: list[Fault] = []
    seen = set()
    for n, line in enumerate(lines):
        if line["category"] not in terms["categories"]:
            found.append((n, "category", N_("Choose a category that the call pays for.")))
        year = str(line["year"])
        if not (year.isascii() and year.isdigit() and len(year) < 3 and 1 <= int(year) <= terms["years"]):
            found.append((n, "year", N_("Choose a year of the project.")))
        elif (line["category"], int(year)) in seen:
            found.append((n, "category", N_("This category and year has a line already; add them together.")))
        else:
            seen.add((line["category"], int(year)))
        amounts = [amount(line[name]) for name in ("requested", "own")]
        for name, one in zip(("requested", "own"), amounts, strict=True):
            if one is None:
                found.append((n, name, N_("Write an amount, such as 240000 or 0.")))
            elif one < 0:
                found.append((n, name, N_("An amount cannot be less than nothing.")))
        if amounts == [0, 0]:
            found.append((n, "requested", N_("A line asks for something or brings something; remove it otherwise.")))
    return found


def findings(costs: Inputs, organisations: Sequence[Mapping[str, Any]], requested: Inputs) -> list[Finding]:
    """Clause by clause. `costs`: terms and lines by organisation; `organisations` take part, the lead first; lines of
    anybody else do not count."""
    terms = costs["terms"]
    by_organisation = {one["id"]: costs["lines"].get(one["id"], []) for one in organisations}
    if not any(by_organisation.values()):
        return [Finding("budget.present", "unknown", *_MISSING, {})]
    found = [_each(name, by_organisation, organisations, terms) for name in ("amount", "category", "year")]
    if any(one.outcome != "yes" for one in found):
        return found  # sums of lines that are not right yet would mislead
    lines = [line | {"id": id} for id, of in by_organisation.items() for line in of]
    currency = requested["currency"]
    found.append(_sum(_total(lines), Decimal(requested["amount"]), currency))
    found += [_share(one, by_organisation[one["id"]], currency) for one in organisations]
    found += [_cap(cap, lines, currency) for cap in terms["caps"]]
    if Decimal(terms["own_percent"]):
        found.append(_own(lines, Decimal(terms["own_percent"]), currency))
    return found


_MISSING = (
    N_("No budget by lines is written yet."),
    N_("Open the budget and write what each organisation needs, by category and year."),
)
_SOUND = {
    "amount": N_("Every line of the budget has its amounts."),
    "category": N_("Every line of the budget names a category that the call pays for, once a year."),
    "year": N_("Every line of the budget lies within the project's years: %(years)s at most."),
}
_WRONG = {
    "amount": (
        N_("Amounts of the budget are missing, negative or no numbers, first in row %(row)s of %(name)s."),
        N_("Write what is asked for and what is brought, each nothing or more, at least one of them more."),
    ),
    "category": (
        N_("Categories of the budget are not paid for by the call, or stand twice, first in row %(row)s of %(name)s."),
        N_("Choose among the call's categories, and add up what stands twice in one year."),
    ),
    "year": (
        N_("Years of the budget lie outside the project, first in row %(row)s of %(name)s."),
        N_("The call allows projects of %(years)s years at most. Choose a year among them."),
    ),
}
_KIND = {"requested": "amount", "own": "amount", "category": "category", "year": "year"}


def _each(
    kind: str,
    by_organisation: Mapping[str, Sequence[Mapping[str, Any]]],
    organisations: Sequence[Mapping[str, Any]],
    terms: Inputs,
) -> Finding:
    for one in organisations:
        for row, column, _sentence in faults(by_organisation[one["id"]], terms):
            if _KIND[column] == kind:
                params = {"name": one["name"], "row": str(row + 1), "years": str(terms["years"])}
                return Finding(f"budget.{kind}", "no", *_WRONG[kind], params)
    return Finding(f"budget.{kind}", "yes", _SOUND[kind], "", {"years": str(terms["years"])})


def _sum(total: Decimal, requested: Decimal, currency: str) -> Finding:
    params = {"total": said(total, currency), "requested": said(requested, currency)}
    if total == requested:
        reason = N_("The budget lines add up to what is asked for, %(requested)s.")
        return Finding("budget.sum", "yes", reason, "", params)
    params["gap"] = said(abs(total - requested), currency)
    return Finding(
        "budget.sum",
        "no",
        N_("The budget lines ask for %(total)s; the application asks for %(requested)s."),
        N_("Take %(gap)s off the lines, or ask for more in the application.")
        if total > requested
        else N_("Add %(gap)s to the lines, or ask for less in the application."),
        params,
    )


def _share(one: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], currency: str) -> Finding:
    params = {"name": one["name"], "requested": said(_total(lines), currency), "own": said(_own_of(lines), currency)}
    if lines:
        reason = N_("%(name)s asks for %(requested)s and brings %(own)s.")
        return Finding("budget.share", "yes", reason, "", params)
    return Finding(
        "budget.share",
        "unknown",
        N_("%(name)s has no share in the budget yet."),
        N_("Write what it needs or brings, or take it off the partners."),
        params,
    )


def _cap(cap: Inputs, lines: Sequence[Mapping[str, Any]], currency: str) -> Finding:
    category, base = Category(cap["category"]), Base(cap["of"])
    spent = _total(line for line in lines if line["category"] == category)
    most = (_base(base, lines) * Decimal(cap["percent"]) / 100).quantize(_CENT, "ROUND_DOWN")
    params = {
        "category": SAID[category],
        "base": BASES[base],
        "percent": cap["percent"],
        "total": said(spent, currency),
        "most": said(most, currency),
    }
    rule = f"budget.cap.{category.value}"
    if spent <= most:
        reason = N_("%(total)s for %(category)s is within %(percent)s %% of %(base)s, %(most)s.")
        return Finding(rule, "yes", reason, "", params)
    return Finding(
        rule,
        "no",
        N_("%(total)s for %(category)s is more than %(percent)s %% of %(base)s, %(most)s."),
        N_("Take %(gap)s off it, or move it to other categories."),
        params | {"gap": said(spent - most, currency)},
    )


def _base(base: Base, lines: Sequence[Mapping[str, Any]]) -> Decimal:
    without = {
        Base.TOTAL: frozenset[str](),
        Base.DIRECT: frozenset({Category.INDIRECT}),
        Base.DIRECT_LESS_EQUIPMENT: frozenset({Category.INDIRECT, Category.EQUIPMENT}),
    }[base]
    return _total(line for line in lines if line["category"] not in without)


def _own(lines: Sequence[Mapping[str, Any]], percent: Decimal, currency: str) -> Finding:
    own = _own_of(lines)
    least = (_total(lines) * percent / 100).quantize(_CENT, "ROUND_UP")
    params = {"own": said(own, currency), "least": said(least, currency), "percent": f"{percent.normalize():f}"}
    if own >= least:
        reason = N_("The own contribution of %(own)s is at least %(percent)s %% of what is asked for.")
        return Finding("budget.own", "yes", reason, "", params)
    return Finding(
        "budget.own",
        "no",
        N_("The own contribution of %(own)s is less than %(percent)s %% of what is asked for, %(least)s."),
        N_("Bring %(gap)s more."),
        params | {"gap": said(least - own, currency)},
    )


def _total(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(str(line["requested"])) for line in lines), Decimal(0))


def _own_of(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(str(line["own"])) for line in lines), Decimal(0))


def said(amount: Decimal, currency: str) -> str:
    return f"{amount:,.2f} {currency}"


_OUTSIDE = {(Category.EQUIPMENT.value, Base.DIRECT_LESS_EQUIPMENT.value)}


# -- what a call may say of it -----------------------------------------------------------------------------------------


def terms_faults(terms: Inputs) -> list[tuple[str, str]]:
    """What is wrong with the budget terms of a call, as (field, sentence)."""
    found = []
    if len(set(terms["categories"])) != len(terms["categories"]):
        found.append(N_("A category stands twice."))
    capped = [cap["category"] for cap in terms["caps"]]
    if set(capped) - set(terms["categories"]):
        found.append(N_("A cap names a category that the call does not pay for."))
    if len(set(capped)) != len(capped):
        found.append(N_("A category has two caps."))
    if any((cap["category"], cap["of"]) in _OUTSIDE for cap in terms["caps"]):
        found.append(N_("A category cannot be capped by a sum that leaves it out, but for indirect costs."))
    return [("budget_terms/caps", sentence) for sentence in found]


def asked(terms: Inputs | None) -> bool:
    """Whether a call asks for a budget by lines; calls of earlier days say nothing of it."""
    return bool(terms and terms.get("required"))


def carried(lines: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Decimal]:
    """What lines ask for, by category and year."""
    found: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line["category"], int(line["year"])] += Decimal(line["requested"])
    return dict(found)
