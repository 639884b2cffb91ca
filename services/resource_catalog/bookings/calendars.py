"""A facility's bookings as an iCalendar that any calendar program can subscribe to."""

from typing import Any

from shared.web import ical


def calendar(facility: dict[str, Any], bookings: list[dict[str, Any]]) -> bytes:
    entries = (
        ical.Entry(
            uid=str(booking["id"]),
            title=f"{booking['organisation_name']}: {booking['purpose']}",
            starts=booking["starts_at"],
            ends=booking["ends_at"],
            changed_at=booking["created_at"],
            sequence=booking["version"] - 1,
            description=booking["project_title"] or "",
            location=facility["name"],
            cancelled=booking["state"] != "confirmed",
        )
        for booking in bookings
    )
    return ical.calendar(facility["name"], "Bookings", entries)
