"""A facility's bookings as an iCalendar (RFC 5545) that any calendar program can subscribe to."""

from typing import Any

from icalendar import Calendar, Event


def calendar(facility: dict[str, Any], bookings: list[dict[str, Any]]) -> bytes:
    """The feed. A cancelled booking stays in it as cancelled, so that subscribers take it out."""
    feed = Calendar()
    feed.add("prodid", "-//Hechuan//Bookings//EN")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", facility["name"])
    for booking in bookings:
        entry = Event()
        entry.add("uid", f"{booking['id']}@hechuan")
        entry.add("dtstamp", booking["created_at"])
        entry.add("sequence", booking["version"] - 1)
        entry.add("dtstart", booking["starts_at"])
        entry.add("dtend", booking["ends_at"])
        entry.add("summary", f"{booking['organisation_name']}: {booking['purpose']}")
        if booking["project_title"]:
            entry.add("description", booking["project_title"])
        entry.add("location", facility["name"])
        entry.add("status", "CONFIRMED" if booking["state"] == "confirmed" else "CANCELLED")
        feed.add_component(entry)
    return bytes(feed.to_ical())
