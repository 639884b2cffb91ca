"""Time is UTC and injected, so that rules about dates can be tested on any day."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
BEIJING = ZoneInfo("Asia/Shanghai")
"""The one civil time of the regions served."""


def system_clock() -> datetime:
    """The machine's time, aware, UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime) -> date:
    """The calendar day it is here at that moment: legal dates and opening hours count by it."""
    return moment.astimezone(BEIJING).date()
