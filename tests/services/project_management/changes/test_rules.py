"""What a change of each kind may touch, and what it may not."""

from decimal import Decimal
from typing import Any

import pytest

from services.project_management.changes import rules
from services.project_management.changes.rules import Kind, State

BOOK: dict[str, Any] = {
    "title": "Alloys",
    "lead": {"id": "i", "name": "Institute"},
    "partners": [{"id": "u", "name": "University"}],
    "amount": "100.00",
    "currency": "CNY",
    "starts_on": "2027-01-01",
    "ends_on": "2028-12-31",
    "milestones": [
        {"number": 1, "title": "Melt", "deliverable": "Ingots", "test": "", "due_on": "2027-06-30", "tranche": "40.00"},
        {"number": 2, "title": "Test", "deliverable": "Report", "test": "", "due_on": "2028-06-30", "tranche": "60.00"},
    ],
    "budget": [{"category": "staff", "year": 2027, "amount": "100.00"}],
}
NOTHING: dict[str, Any] = {
    "ends_on": None,
    "milestones": [],
    "budget": [],
    "people": [],
    "leaving": [],
    "joining": [],
}


def faults(kind: Kind, claimed: dict[tuple[str, str, int], Decimal] | None = None, **proposal: Any) -> list[str]:
    found = rules.faults(BOOK, kind, NOTHING | proposal, accepted={1}, claimed=claimed or {})
    return [pointer for pointer, _ in found]


def line(amount: str, category: str = "staff", year: int = 2027) -> dict[str, Any]:
    return {"category": category, "year": year, "amount": {"amount": amount, "currency": "CNY"}}


def test_only_what_belongs_to_the_kind_is_taken_over() -> None:
    changes = [{"number": 2, "title": "Other", "due_on": "2028-09-30"}]
    later = rules.amended(BOOK, Kind.TIME, NOTHING | {"milestones": changes, "leaving": ["u"]})
    assert (later["milestones"][1]["title"], later["milestones"][1]["due_on"]) == ("Test", "2028-09-30")
    assert later["partners"] == BOOK["partners"]
    other = rules.amended(BOOK, Kind.SCOPE, NOTHING | {"milestones": changes})
    assert (other["milestones"][1]["title"], other["milestones"][1]["due_on"]) == ("Other", "2028-06-30")


def test_the_task_book_itself_is_left_alone() -> None:
    before = repr(BOOK)
    rules.amended(BOOK, Kind.TIME, NOTHING | {"ends_on": "2029-12-31"})
    assert repr(BOOK) == before


@pytest.mark.parametrize(
    ("kind", "proposal", "pointers"),
    [
        (Kind.TIME, {"ends_on": "2029-12-31"}, []),
        (Kind.TIME, {}, ["/kind"]),
        (Kind.TIME, {"ends_on": "2028-01-31"}, ["/ends_on"]),
        (Kind.TIME, {"ends_on": "2026-01-31"}, ["/ends_on"]),
        (Kind.TIME, {"milestones": [{"number": 1, "due_on": "2027-09-30"}]}, ["/milestones/0/number"]),
        (Kind.TIME, {"milestones": [{"number": 7, "due_on": "2027-09-30"}]}, ["/milestones/0/number"]),
        (Kind.TIME, {"milestones": [{"number": 2, "due_on": "2029-09-30"}]}, ["/ends_on"]),
        (Kind.SCOPE, {"milestones": [{"number": 2, "title": "Test"}]}, ["/kind"]),
        (Kind.SCOPE, {"milestones": [{"number": 2, "deliverable": "Two reports"}]}, []),
        (Kind.BUDGET, {"budget": [line("60.00"), line("40.00", "equipment")]}, []),
        (Kind.BUDGET, {"budget": [line("60.00")]}, ["/budget"]),
        (Kind.PEOPLE, {"people": [{"name": "Zhao", "part": "Leads"}]}, []),
        (Kind.PARTNER, {"leaving": ["u"]}, []),
        (Kind.PARTNER, {"leaving": ["x"]}, ["/leaving"]),
        (Kind.PARTNER, {"joining": [{"id": "u", "name": "University"}]}, ["/joining"]),
    ],
)
def test_what_does_not_fit_the_task_book_is_named(kind: Kind, proposal: dict[str, Any], pointers: list[str]) -> None:
    assert faults(kind, **proposal) == pointers


def test_no_line_falls_below_what_is_claimed_of_it() -> None:
    claimed = {("u", "staff", 2027): Decimal("70.00")}
    assert faults(Kind.BUDGET, claimed, budget=[line("60.00"), line("40.00", "equipment")]) == ["/budget"]
    assert faults(Kind.BUDGET, claimed, budget=[line("70.00"), line("30.00", "equipment")]) == []


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", rules.TRANSITIONS)
def test_a_change_moves_only_along_its_table(verb: str, state: State) -> None:
    allowed, after = rules.TRANSITIONS[verb]
    if state in allowed:
        assert rules.next_state(verb, state) is after
    else:
        with pytest.raises(rules.ChangeNotReady, match="possible only while it is"):
            rules.next_state(verb, state)
