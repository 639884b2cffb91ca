"""Amounts, dates and shares as people write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from shared.kernel.types import Money
from shared.web import formats
from shared.web.i18n import speaking

AT = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # already 2 March in Beijing


@pytest.mark.parametrize(
    ("value", "currency", "said"),
    [
        (Decimal("1200000"), "CNY", "CNY 1,200,000"),
        (Decimal("1200000.50"), "EUR", "EUR 1,200,000.50"),
        (Decimal("-3.10"), "USD", "-USD 3.10"),
        (Decimal("0.01"), "CNY", "CNY 0.01"),
        (Decimal("9999999999999999.99"), "CNY", "CNY 9,999,999,999,999,999.99"),
        (5000, "JPY", "JPY 5,000"),
        (None, "CNY", ""),
    ],
)
def test_money(value: Decimal | int | None, currency: str, said: str) -> None:
    assert formats.money(value, currency).replace("\xa0", " ") == said


def test_money_of_the_kernel() -> None:
    assert formats.money(Money(amount=Decimal("2.5"), currency="EUR")).replace("\xa0", " ") == "EUR 2.50"


def test_dates_are_of_the_zone_not_of_utc() -> None:
    assert formats.day(AT) == "2 Mar 2026"
    assert formats.day(date(2026, 3, 1)) == "1 Mar 2026"
    assert (
        formats.moment(AT) == '<time datetime="2026-03-01T16:30:00+00:00" title="Beijing time">2 Mar 2026, 00:30</time>'
    )
    with speaking("zh"):
        assert formats.day(AT) == "2026年3月2日"
        assert "2026年3月2日 00:30" in formats.moment(AT)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        formats.moment(datetime(2026, 3, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("delta", "english", "chinese"),
    [
        (timedelta(seconds=3), "just now", "刚刚"),
        (timedelta(days=-3), "3 days ago", "3天前"),
        (timedelta(hours=6), "in 6 hours", "6小时后"),
    ],
)
def test_ago(delta: timedelta, english: str, chinese: str) -> None:
    assert f">{english}<" in formats.ago(AT + delta, AT)
    with speaking("zh"):
        assert f">{chinese}<" in formats.ago(AT + delta, AT)


@pytest.mark.parametrize(
    ("value", "said"),
    [(Fraction(3, 5), "60 %"), (Fraction(1, 3), "1/3"), (Fraction(1), "100 %"), ("1/8", "12.5 %"), (None, "")],
)
def test_share(value: Fraction | str | None, said: str) -> None:
    assert formats.share(value) == said


def test_numbers_sizes_and_durations() -> None:
    assert formats.number(1234567.891) == "1,234,567.891"
    assert formats.number(2, 2) == "2.00"
    assert formats.percent(Fraction(7, 8), 1).replace("\xa0", " ") == "87.5 %"
    assert [formats.filesize(n) for n in (0, 999, 1500, 20_000_000, 3_200_000_000)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "20 MB",
        "3.2 GB",
    ]
    assert [formats.duration(s) for s in (0, 61, 3600, 90061)] == [
        "0 seconds",
        "1 minute 1 second",
        "1 hour",
        "1 day 1 hour",
    ]
    with speaking("zh"):
        assert formats.duration(timedelta(days=2, hours=3)) == "2 天 3 小时"
