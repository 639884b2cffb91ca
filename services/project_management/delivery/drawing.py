"""The plan of a project by days, and how its money is used: planned, released, spent."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from services.project_management.delivery.rules import MilestoneState
from services.project_management.delivery.words import MILESTONES
from shared.kernel.clock import local_day
from shared.web import formats
from shared.web.i18n import _

Step = tuple[date, Decimal]
"""A day and the amount that it brings."""


def gantt(project: dict[str, Any], today: date) -> dict[str, Any]:
    """Each milestone from the one before it to its due day, coloured by how it stands, with the day of acceptance."""
    standings = {
        "accepted": _("Accepted"),
        "shown": _("Handed in"),
        "late": _("Late"),
        "open": _("Not accepted yet"),
        "lost": _("Not delivered"),
    }
    names: list[str] = []
    begins: list[int] = []
    bars: dict[str, list[int | None]] = {standing: [] for standing in standings}
    accepted: list[dict[str, Any]] = []
    rows: list[list[str]] = []
    starts_on: date = project["starts_on"]
    before = starts_on
    for one in sorted(project["milestones"], key=lambda m: (m["due_on"], m["number"])):
        names.append(f"{one['number']}. {one['title']}")
        begins.append(_days(starts_on, before))
        standing = _standing(one, today)
        for other, lengths in bars.items():
            lengths.append(
                max(_days(starts_on, one["due_on"]) - _days(starts_on, before), 1) if other == standing else None
            )
        there = local_day(one["judged_at"]) if standing == "accepted" and one["judged_at"] else None
        if there:
            accepted.append({"value": [_days(starts_on, there), names[-1]], "name": there.isoformat()})
        rows.append([names[-1], before.isoformat(), one["due_on"].isoformat(), there.isoformat() if there else "—",
                     str(MILESTONES[one["state"]])])  # fmt: skip
        before = one["due_on"]
    shown = [standing for standing, lengths in bars.items() if any(lengths)]
    last = max([project["ends_on"], before, *(date.fromisoformat(one["name"]) for one in accepted)])
    series: list[dict[str, Any]] = [
        {"type": "bar", "stack": "plan", "silent": True, "itemStyle": {"color": "transparent"}, "data": begins}
    ]
    for standing in shown:
        series.append(
            {"type": "bar", "stack": "plan", "name": standings[standing], "barMaxWidth": 28, "data": bars[standing]}
            | {"color": _COLOURS[standing], "tooltip": {"formatter": "{b}"}}
        )
    if accepted:
        series.append(
            {"type": "scatter", "name": _("Day of acceptance"), "symbol": "diamond", "symbolSize": 14}
            | {"itemStyle": {"color": "#2b3640", "borderColor": "#ffffff", "borderWidth": 1}}
            | {"data": accepted, "tooltip": {"formatter": "{b}"}}
        )
    if starts_on <= today <= last:
        label = {"formatter": _("Today"), "position": "start"}
        line = {"symbol": "none", "silent": True, "label": label, "lineStyle": {"color": _INK}}
        series[0]["markLine"] = line | {"data": [{"xAxis": _days(starts_on, today)}]}
    option = {
        "grid": {"left": 8, "right": 40, "top": 48, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "left": 0, "data": [one["name"] for one in series if "name" in one]},
        "xAxis": {
            "type": "value",
            "days_since": starts_on.isoformat(),
            "max": _days(starts_on, last),
            "minInterval": 7,
            "splitNumber": 4,
            "axisLabel": {"hideOverlap": True},
        },
        "yAxis": {"type": "category", "inverse": True, "data": names},
        "series": series,
    }
    return {"option": option, "rows": rows}


def burn(project: dict[str, Any], spent: Sequence[Step], today: date) -> dict[str, Any]:
    """Tranches by their due days, as they were released, and approved expenditure, each added up."""
    currency = project["amount_currency"]
    money: dict[str, list[Step]] = {
        _("Tranches planned"): [(one["due_on"], one["tranche_amount"]) for one in project["milestones"]],
        _("Tranches released"): [
            (local_day(one["released_at"]), one["tranche_amount"])
            for one in project["milestones"]
            if one["released_at"]
        ],
        _("Spent"): list(spent),
    }
    begin = min([project["starts_on"], *(day for steps in money.values() for day, _amount in steps)])
    lines = {name: _added_up(begin, steps) for name, steps in money.items()}
    days = sorted({day for steps in lines.values() for day, _amount in steps})
    option = {
        "grid": {"left": 8, "right": 24, "top": 48, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "left": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time", "axisLabel": {"formatter": "{yyyy}-{MM}", "hideOverlap": True}},
        "yAxis": {"type": "value", "name": currency, "max": float(project["amount_amount"])},
        "series": [
            {
                "type": "line",
                "step": "end",
                "name": name,
                "symbolSize": 6,
                "lineStyle": {"type": "dashed"} if n == 0 else {},
                # What has happened runs on until today; the plan ends with its last tranche.
                "data": [[day.isoformat(), float(amount)] for day, amount in steps]
                + ([[today.isoformat(), float(steps[-1][1])]] if n and steps[-1][0] < today else []),
            }
            for n, (name, steps) in enumerate(lines.items())
        ],
    }
    rows = [
        [day.isoformat(), *(formats.money(_until(steps, day), currency) for steps in lines.values())] for day in days
    ]
    return {"option": option, "heads": [_("Day"), *lines], "rows": rows}


_INK = "#7a8794"
_COLOURS = {"accepted": "#2f9e93", "shown": "#b9822b", "late": "#b4513f", "open": "#86b9da", "lost": "#6b7f90"}


def _days(starts_on: date, day: date) -> int:
    """The plot counts days, for bars are not stacked on an axis of dates; its labels say the dates."""
    return (day - starts_on).days


def _standing(milestone: dict[str, Any], today: date) -> str:
    if milestone["state"] == MilestoneState.ACCEPTED.value:
        return "accepted"
    if milestone["state"] == MilestoneState.UNDELIVERED.value:
        return "lost"
    if milestone["state"] == MilestoneState.EVIDENCE_SUBMITTED.value:
        return "shown"  # whose day may have passed while the office judges it
    return "late" if milestone["due_on"] < today else "open"


def _added_up(begin: date, steps: Sequence[Step]) -> list[Step]:
    """From nothing at the beginning: the sum after each day."""
    by_day: dict[date, Decimal] = {begin: Decimal(0)}
    for day, amount in steps:
        by_day[day] = by_day.get(day, Decimal(0)) + amount
    days = sorted(by_day)
    return list(zip(days, accumulate(by_day[day] for day in days), strict=True))


def _until(steps: Sequence[Step], day: date) -> Decimal:
    return max((amount for when, amount in steps if when <= day), default=Decimal(0))
