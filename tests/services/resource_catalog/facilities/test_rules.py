from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.resource_catalog.facilities import rules

HOURS = rules.Hours(time(8), time(20), 60)
DAY = date(2026, 7, 1)


def test_a_day_in_beijing_begins_at_midnight_utc_when_it_opens_at_eight() -> None:
    assert HOURS.bounds(DAY) == (datetime(2026, 7, 1, 0, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert HOURS.local_day(datetime(2026, 6, 30, 16, tzinfo=UTC)) == DAY


def test_a_zone_with_summer_time_keeps_its_opening_hour() -> None:
    berlin = rules.Hours(time(8), time(20), 60, "Europe/Berlin")
    assert berlin.bounds(date(2026, 1, 15))[0].hour == 7
    assert berlin.bounds(date(2026, 7, 15))[0].hour == 6


def test_the_last_start_ends_at_closing() -> None:
    starts = HOURS.starts(DAY, timedelta(hours=3))
    assert len(starts) == 10
    assert starts[-1] + timedelta(hours=3) == HOURS.bounds(DAY)[1]
    assert HOURS.starts(DAY, timedelta(hours=13)) == []


def test_inside_and_on_grid() -> None:
    opening, closing = HOURS.bounds(DAY)
    minute = timedelta(minutes=1)
    assert HOURS.inside(opening, closing)
    assert not HOURS.inside(opening - minute, closing)
    assert not HOURS.inside(opening, closing + minute)
    assert HOURS.on_grid(opening, opening + timedelta(hours=2))
    assert not HOURS.on_grid(opening + minute, opening + timedelta(hours=2))
    assert not HOURS.on_grid(opening, opening + timedelta(minutes=90))


def test_a_published_facility_is_not_published_again() -> None:
    assert rules.next_state("publish", rules.State.DRAFT) is rules.State.PUBLISHED
    with pytest.raises(rules.PublicationNotPossible):
        rules.next_state("publish", rules.State.PUBLISHED)


def test_hours_that_do_not_fit_are_refused() -> None:
    assert rules.open_minutes(time(8), time(20)) == 720
    rules.fits_day(60, time(8), time(20))
    rules.fits_slot(2, 120)
    with pytest.raises(ValueError, match="closes before"):
        rules.open_minutes(time(8), time(8))
    with pytest.raises(ValueError, match="do not divide"):
        rules.fits_day(50, time(8), time(20))
    with pytest.raises(ValueError, match="shorter"):
        rules.fits_slot(2, 180)


def test_days_that_no_calendar_shows_are_refused() -> None:
    assert rules.calendar_day(DAY) == DAY
    for day in (date.min, date.max):
        with pytest.raises(ValueError, match="2000"):
            rules.calendar_day(day)
