"""Between an application's budget and the flat texts of its page, and the budget as people read it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.project_management.cost_plans.queries import Part, Plan
from services.project_management.cost_plans.rules import COLUMNS
from services.project_management.costs.rules import Category, amount, faults
from services.project_management.costs.words import CATEGORIES
from services.project_management.findings import Finding
from shared.web.forms import PostedForm
from shared.web.i18n import N_, Text, _
from shared.web.sentences import said

ROWS = "lines"


def typed(lines: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The lines as the page holds them."""
    return {f"{ROWS}-{n}-{name}": [line[name]] for n, line in enumerate(lines) for name in COLUMNS}


def lines_of(posted: PostedForm) -> list[dict[str, str]]:
    """What was typed, row by row."""
    rows: dict[int, dict[str, str]] = {}
    for key, text in posted.fields:
        number, _dash, column = key.removeprefix(f"{ROWS}-").partition("-")
        if key.startswith(f"{ROWS}-") and number.isascii() and number.isdigit() and len(number) < 5:
            rows.setdefault(int(number), {})[column] = text
    return [rows[number] for number in sorted(rows)]


def errors_of(lines: Sequence[Mapping[str, str]], terms: Mapping[str, Any]) -> dict[str, list[Text]]:
    """What is wrong with the lines, at the fields of the page."""
    found: dict[str, list[Text]] = {}
    for row, column, sentence in faults(lines, terms):
        found.setdefault(f"{ROWS}-{row}-{column}", []).append(said(sentence))
    return found


def on_the_page(finding: Finding) -> Finding:
    """The same to who has the budget open already."""
    if finding.rule == "budget.present" and finding.remedy:
        return replace(finding, remedy=N_("Write below what each organisation needs, by category and year."))
    return finding


def category_word(category: str) -> str:
    known = {one.value: str(word) for one, word in CATEGORIES.items()}
    return known.get(category, category)


def year_word(year: str) -> str:
    return _("Year %(n)s", n=year)


def money_of(text: str) -> Decimal | None:
    """None for what is no amount yet."""
    return amount(text)


def total(lines: Sequence[Mapping[str, str]], column: str) -> Decimal:
    return sum((amount(line[column]) or Decimal(0) for line in lines), Decimal(0))


def by_category(plan: Plan) -> list[dict[str, Any]]:
    """The whole budget as a table: a row a category, the years beside it, what is asked for and what is brought."""
    lines = [line for part in plan.parts for line in part.lines]
    years = [str(n) for n in range(1, plan.terms["years"] + 1)]
    found = []
    for category in [one.value for one in Category]:
        own = [line for line in lines if line["category"] == category]
        if own:
            found.append(
                {
                    "word": category_word(category),
                    "years": [total([line for line in own if line["year"] == year], "requested") for year in years],
                    "requested": total(own, "requested"),
                    "own": total(own, "own"),
                }
            )
    return found


def sums(part: Part) -> tuple[Decimal, Decimal]:
    """What is asked for and what is brought."""
    return total(part.lines, "requested"), total(part.lines, "own")
