"""A task book as people read it: compared value by value, and on paper in both languages."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.project_management.costs.rules import SAID, Category
from services.project_management.delivery.rules import Side
from services.project_management.delivery.words import SIDES
from services.project_management.differences import apart
from services.project_management.receipts.paper import Grid, Paper, in_both
from shared.kernel.clock import BEIJING
from shared.web import formats
from shared.web.i18n import _, lazy
from shared.web.sentences import said
from shared.web.words import StateWord

STANDINGS = {
    "draft": StateWord(lazy("To be signed"), "warning"),
    "returned": StateWord(lazy("Returned"), "warning"),
    "former": StateWord(lazy("Worded anew since"), "neutral"),
    "signed": StateWord(lazy("Signed by both sides"), "success"),
    "amended": StateWord(lazy("Amended"), "success"),
}


def told(book: dict[str, Any]) -> dict[str, Any]:
    """Its values in the reader's language, under the names by which changes know them."""
    currency, people = book["currency"], book.get("people", [])
    return {
        "title": book.get("title", ""),
        "lead": book["lead"]["name"],
        "partners": _(", ").join(one["name"] for one in book["partners"]),
        "amount": formats.money(Decimal(book["amount"]), currency),
        "starts_on": formats.day(book["starts_on"]),
        "ends_on": formats.day(book["ends_on"]),
        "milestones": {
            str(one["number"]): {
                "title": one["title"],
                "deliverable": one["deliverable"],
                "test": one.get("test", ""),
                "due_on": formats.day(one["due_on"]),
                "tranche": formats.money(Decimal(one["tranche"]), one["currency"]),
            }
            for one in book["milestones"]
        },
        "budget": {
            " · ".join([str(one["year"]), *_whose(one), _category(one)]): formats.money(
                Decimal(one["amount"]), currency
            )
            for one in book["budget"]
        },
        "people": dict(
            zip(apart(one["name"] for one in people), (one["part"] for one in people), strict=True),
        ),
    }


def _whose(line: dict[str, Any]) -> list[str]:
    """The organisation that spends a line; nothing where the budget is the project's as a whole."""
    return [line["organisation"]["name"]] if "organisation" in line else []


def both_papers(shown: dict[str, Any], called: Mapping[str, str], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """A signed version in the reader's language, and in the other."""
    return in_both(lambda code: _paper(shown, called, platform, key_id, code))


def _paper(shown: dict[str, Any], called: Mapping[str, str], platform: str, key_id: str, code: str) -> Paper:
    book = shown["content"]
    values = told(book)
    facts = [
        (_("Paper number"), shown["paper"]),
        (_("Version"), str(shown["number"])),
        (_("In force since"), _moment(shown["at"])),
        (_("Project"), values["title"]),
        (_("Lead"), values["lead"]),
        (_("Partners"), values["partners"]),
        (_("Award"), values["amount"]),
        (_("Starts"), values["starts_on"]),
        (_("Ends"), values["ends_on"]),
        ("SHA-256", shown["sha256"]),
        (_("Signing key"), key_id),
    ]
    signed = [
        [str(SIDES[Side(one["side"])]), called.get(one["subject"], one["subject"]), _moment(one["at"])]
        for one in shown["signatures"]
    ]
    promised = [
        [f"{number}. {one['title']}", one["deliverable"], one["test"], one["due_on"], one["tranche"]]
        for number, one in values["milestones"].items()
    ]
    apart = any(_whose(one) for one in book["budget"])
    budget = [
        [str(one["year"]), *_whose(one), _category(one), formats.money(Decimal(one["amount"]), book["currency"])]
        for one in book["budget"]
    ]
    lines = [_("Year"), *([_("Organisation")] if apart else []), _("Category"), _("Amount")]
    heads = [_("Milestone"), _("What will be there"), _("Acceptance test"), _("Due"), _("Tranche")]
    sections: list[tuple[str, Grid]] = [
        (_("Milestones"), Grid(heads, promised, (4, 5, 4, 4, 4))),
        (_("Budget"), Grid(lines, budget)),
        (
            _("Members"),
            Grid([_("Name"), _("Part in the project")], [[one["name"], one["part"]] for one in book.get("people", [])]),
        ),
        (_("Signatures"), Grid([_("Side"), _("Signed by"), _("Signed at")], signed)),
    ]
    return Paper(
        title=_("Task book"),
        lead=_("Word for word as both sides signed it; later versions follow only from changes that both agreed to.")
        if shown["number"] == 1
        else _("As amended by a change that the lead asked for and the programme office agreed to."),
        facts=[(name, value) for name, value in facts if value],
        check=_("Anybody can check this paper at the address below, or drop this file there."),
        address=f"{platform}/projects/receipts/{shown['paper']}",
        language=code,
        made_of=shown["at"],
        sections=[(heading, [grid]) for heading, grid in sections if grid.rows],
    )


def _category(line: dict[str, Any]) -> str:
    return said(SAID[Category(line["category"])])


def _moment(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M} (UTC+8)"
