"""When this service was down, and what that does to the calls whose closing it hit. Pure.

The figures lean to the applicant's side: a day too many costs nobody anything, an application that could not be handed
in may cost a year.
"""

from datetime import datetime, timedelta
from math import ceil

from shared.kernel.policy import anyone

READ = anyone("outages.read")
BEAT_SECONDS = 5
"""How often a running service writes down that it runs."""
LIMIT = timedelta(seconds=60)
"""A longer silence is an outage. A restart or an upgrade is over in ten seconds, and whoever is refused tries again
within a minute; after that people give up."""
WINDOW = timedelta(hours=72)
"""Before the closing: most applications are handed in then, and earlier there is still time to come again."""
AFTER_RECOVERY = timedelta(hours=24)
"""A call that was hit stays open at least so long: whoever was kept out comes back at the same hour of the next day."""
HOUR = timedelta(hours=1)
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def silent(last: datetime, now: datetime) -> bool:
    """Whether the time since the last sign of life is an outage."""
    return now - last > LIMIT


def lengthened(opens_at: datetime, closes_at: datetime, started: datetime, ended: datetime) -> datetime | None:
    """The new closing time of a call after an outage; None where it was not hit.

    It was hit when the outage took time from its last 72 hours. It closes later by the outage (as far as the call was
    open) in whole hours, rounded up, and not before 24 hours after the recovery, again at a whole hour.
    """
    lost_from = max(started, opens_at)
    if started >= closes_at or ended <= lost_from or ended <= closes_at - WINDOW:
        return None
    by_length = closes_at + ceil((ended - lost_from) / HOUR) * HOUR
    at_least = _EPOCH + ceil((ended + AFTER_RECOVERY - _EPOCH) / HOUR) * HOUR
    return max(by_length, at_least)
