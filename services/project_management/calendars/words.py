"""Deadlines as entries of a calendar, in the reader's language."""

from collections.abc import Iterable
from typing import Any

from shared.web import ical
from shared.web.i18n import Lazy, _, lazy

KINDS: dict[str, tuple[Lazy, str]] = {
    "draft": (lazy("Call closes: hand in"), "applications/{id}"),
    "completion": (lazy("Complete the application"), "applications/{id}"),
    "consent": (lazy("Consent to an application"), "applications/{id}"),
    "departure": (lazy("Say who takes the part of a partner that left"), "applications/{id}/departures"),
    "succession": (lazy("Answer whether you take a part"), "applications/{id}/departures"),
    "milestone": (lazy("Milestone due"), "milestones/{id}"),
    "report": (lazy("Progress report due"), "reports/{id}"),
    "project": (lazy("Project ends"), "projects/{id}"),
    "review": (lazy("Review due"), "reviews/{id}"),
    "sheet": (lazy("Evaluation due"), "evaluation-sheets/{id}"),
    "follow_up": (lazy("Say what became of the results"), "projects/{id}/evaluations"),
}
"""What is due, and its page."""


def of_calls(found: Iterable[dict[str, Any]], address: str) -> bytes:
    entries = (
        ical.Entry(
            uid=f"call-{row['id']}",
            title=_("Call closes: %(title)s", title=row["title"]),
            starts=row["closes_at"],
            changed_at=row["changed_at"],
            sequence=row["sequence"],
            description="\n".join(part for part in (row["title_zh"], row["organisation_name"]) if part),
            url=f"{address}/projects/calls/{row['id']}",
            cancelled=row["state"] == "cancelled",
        )
        for row in found
    )
    return ical.calendar(_("Calls on Hechuan"), "Calls", entries)


def of_deadlines(found: Iterable[dict[str, Any]], address: str) -> bytes:
    entries = []
    for row in found:
        word, page = KINDS[row["kind"]]
        entries.append(
            ical.Entry(
                uid=f"{row['kind']}-{row['id']}",
                title=f"{word}: {row['title']}" if row["title"] else str(word),
                starts=row["at"] or row["day"],
                changed_at=row["changed_at"],
                sequence=row["sequence"],
                url=f"{address}/projects/{page.format(id=row['about'])}",
            )
        )
    return ical.calendar(_("My deadlines on Hechuan"), "Deadlines", entries)
