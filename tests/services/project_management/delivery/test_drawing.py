"""The plan and the use of the money as pictures."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.project_management.delivery.drawing import burn, gantt

AT = datetime(2027, 3, 20, 4, tzinfo=UTC)


def milestone(number: int, due_on: date, tranche: str, **changed: Any) -> dict[str, Any]:
    open_one = {"state": "pending", "judged_at": None, "released_at": None}
    told = {"number": number, "title": f"Step {number}", "due_on": due_on, "tranche_amount": Decimal(tranche)}
    return told | open_one | changed


PROJECT = {
    "starts_on": date(2027, 1, 1),
    "ends_on": date(2027, 12, 31),
    "amount_amount": Decimal("1000.00"),
    "amount_currency": "CNY",
    "milestones": [
        milestone(1, date(2027, 3, 31), "300.00", state="accepted", judged_at=AT, released_at=AT),
        milestone(2, date(2027, 6, 30), "300.00"),
        milestone(3, date(2027, 12, 31), "400.00"),
    ],
}


def test_each_milestone_runs_from_the_one_before_to_its_day_in_the_colour_of_its_standing() -> None:
    drawn = gantt(PROJECT, date(2027, 7, 2))
    series = {one.get("name", "before"): one for one in drawn["option"]["series"]}
    assert series["before"]["data"] == [0, 89, 180], "days since the start"
    days = {name: one["data"] for name, one in series.items() if one["type"] == "bar"}
    assert days["Accepted"] == [89, None, None]
    assert days["Late"] == [None, 91, None]
    assert days["Not accepted yet"] == [None, None, 184]
    assert "Not delivered" not in series
    assert series["Day of acceptance"]["data"][0]["name"] == "2027-03-20"
    assert series["before"]["markLine"]["data"] == [{"xAxis": 182}]
    assert drawn["rows"][0] == ["1. Step 1", "2027-01-01", "2027-03-31", "2027-03-20", "Accepted"]
    judged = PROJECT | {"milestones": [milestone(1, date(2027, 3, 31), "1.00", state="evidence_submitted")]}
    assert gantt(judged, date(2027, 7, 2))["option"]["series"][1]["name"] == "Handed in", "the office is late"
    assert "markLine" not in gantt(PROJECT, date(2030, 1, 1))["option"]["series"][0]


def test_money_is_added_up_by_the_day_and_runs_on_until_today() -> None:
    spent = [(date(2027, 4, 2), Decimal("50.00")), (date(2027, 4, 2), Decimal("70.00"))]
    drawn = burn(PROJECT, spent, date(2027, 7, 2))
    series = {one["name"]: one["data"] for one in drawn["option"]["series"]}
    assert series["Tranches planned"][-1] == ["2027-12-31", 1000.0]
    assert series["Tranches released"] == [["2027-01-01", 0.0], ["2027-03-20", 300.0], ["2027-07-02", 300.0]]
    assert series["Spent"][1] == ["2027-04-02", 120.0]
    assert ["2027-04-02", "CNY 300", "CNY 300", "CNY 120"] in drawn["rows"]
    empty = burn(PROJECT, [], date(2026, 12, 1))
    assert {one["name"]: one["data"] for one in empty["option"]["series"]}["Spent"] == [["2027-01-01", 0.0]]
