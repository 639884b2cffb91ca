"""iCalendar (RFC 5545) that calendar programs subscribe to and follow when a time moves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

EVERY = timedelta(hours=1)
"""How often a program should look again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something with a time. `uid` never changes, `sequence` never falls: so a moved time moves in every calendar."""

    uid: str
    title: str
    starts: datetime | date
    changed_at: datetime
    sequence: int = 0
    ends: datetime | date | None = None
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    """It stays in the feed as cancelled, so that subscribers take it out."""


def calendar(name: str, room: str, entries: Iterable[Entry]) -> bytes:
    feed = Calendar()
    feed.add("prodid", f"-//Hechuan//{room}//EN")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", name)
    feed.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    for one in entries:
        event = Event()
        event.add("uid", f"{one.uid}@hechuan")
        event.add("dtstamp", one.changed_at)
        event.add("last-modified", one.changed_at)
        event.add("sequence", one.sequence)
        event.add("dtstart", one.starts)
        event.add("summary", one.title)
        for field in ("location", "description", "url"):
            if value := getattr(one, field):
                event.add(field, value)
        if one.ends is not None:
            event.add("dtend", one.ends)
        event.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
        feed.add_component(event)
    return bytes(feed.to_ical())
