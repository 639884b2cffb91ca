"""What the parts of a submitted version are called on screens, and what its receipt says."""

from decimal import Decimal
from typing import Any

from services.project_management.costs.rules import amount
from services.project_management.costs.words import CATEGORIES
from services.project_management.receipts.paper import Paper
from shared.kernel.clock import BEIJING
from shared.web import formats
from shared.web.i18n import Lazy, _, lazy

LABELS: dict[str, Lazy] = {
    "title": lazy("Title"),
    "abstract": lazy("Abstract"),
    "field": lazy("Field"),
    "requested": lazy("Amount asked for"),
    "lead": lazy("Lead"),
    "partners": lazy("Partners"),
    "team": lazy("Leader and members"),
    "documents": lazy("Documents"),
    "call": lazy("Call"),
}


def budgeted(budget: list[dict[str, Any]], currency: str) -> dict[str, str]:
    """Each line of a budget by its name, as people read it."""
    found = {}
    for one in budget:
        year = _("Year %(n)s", n=one["year"])
        known = {each.value: str(word) for each, word in CATEGORIES.items()}
        category = known.get(one["category"], one["category"])
        name = " · ".join([_("Budget"), one["organisation"]["name"], category, year])
        found[name] = _(
            "%(requested)s asked for, %(own)s own contribution",
            requested=money_text(one["requested"], currency),
            own=money_text(one["own"], currency),
        )
    return found


def budget_parts(budget: list[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    """The budget as a table: a part for each organisation with its lines and sums, as people read them."""
    parts: dict[str, dict[str, Any]] = {}
    known = {each.value: str(word) for each, word in CATEGORIES.items()}
    for one in budget:
        part = parts.setdefault(one["organisation"]["name"], {"lines": [], "requested": Decimal(0), "own": Decimal(0)})
        line = {"year": _("Year %(n)s", n=one["year"]), "category": known.get(one["category"], one["category"])}
        for column in ("requested", "own"):
            part[column] += amount(one[column]) or Decimal(0)
            line[column] = money_text(one[column], currency)
        part["lines"].append(line)
    return [{"name": name, **part} for name, part in parts.items()]


def money_text(typed: str, currency: str) -> str:
    """A draft keeps what is no amount as it was typed."""
    number = amount(typed)
    return typed if number is None else formats.money(number, currency)


def _parts(budget: list[dict[str, Any]], currency: str) -> str:
    """What each organisation asks for and brings, a line each."""
    sums: dict[str, list[Decimal]] = {}
    for one in budget:
        both = sums.setdefault(one["organisation"]["name"], [Decimal(0), Decimal(0)])
        both[0] += Decimal(one["requested"])
        both[1] += Decimal(one["own"])
    return "\n".join(
        name
        + ": "
        + _(
            "%(requested)s asked for, %(own)s own contribution",
            requested=formats.money(requested, currency),
            own=formats.money(own, currency),
        )
        for name, (requested, own) in sums.items()
    )


def receipt_paper(facts: dict[str, Any], platform: str, key_id: str, language: str) -> Paper:
    """The receipt in the reader's language."""
    content = facts["content"]
    at = facts["submitted_at"].astimezone(BEIJING)
    requested = formats.money(Decimal(content["requested"]["amount"]), content["requested"]["currency"])
    partners = _(", ").join(one["name"] for one in content["partners"])
    told = [
        (_("Receipt number"), facts["number"]),
        (_("Handed in"), f"{at:%Y-%m-%d %H:%M:%S} (UTC+8)"),
        (_("Application"), content["title"]),
        (_("Version"), str(facts["version"])),
        (_("Lead"), content["lead"]["name"]),
        (_("Partners"), partners),
        (_("Leader and members"), _(", ").join(one["name"] for one in content.get("team", []))),
        (_("Amount asked for"), requested),
        (_("Budget"), _parts(content.get("budget", []), content["requested"]["currency"])),
        (_("Call"), facts["call_title"]),
        (_("Application form"), _filled_in(len(content.get("answers", {})), facts["asked"])),
        *((_("Document"), f"{one['filename']}\n{one['sha256']}") for one in content["documents"]),
        ("SHA-256", facts["sha256"]),
        (_("Signing key"), key_id),
    ]
    return Paper(
        title=_("Receipt of submission"),
        lead=_("Hechuan has taken in the application below. The SHA-256 stands for its text, word for word."),
        facts=[(name, value) for name, value in told if value],
        check=_("Anybody can check this receipt at the address below, or drop this file there."),
        address=f"{platform}/projects/receipts/{facts['number']}",
        language=language,
        made_of=facts["submitted_at"],
    )


def _filled_in(answered: int, asked: int) -> str:
    return _("%(answered)s of %(asked)s questions answered", answered=answered, asked=asked) if asked else ""
