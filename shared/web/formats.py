"""Amounts, dates and sizes as people write them in the language of this request."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta, get_timezone_name
from babel.numbers import format_currency, format_decimal, format_percent
from markupsafe import Markup

from shared.kernel.clock import BEIJING as BEIJING
from shared.kernel.types import MINOR_UNITS, Money
from shared.web.i18n import LOCALES, _, language, ngettext

zone: ContextVar[ZoneInfo] = ContextVar("zone", default=BEIJING)
"""The zone in which times are read and written; both regions keep Beijing time."""

Number = int | float | Decimal


def _locale() -> str:
    return LOCALES[language()]


def money(amount: Money | Number | None, currency: str = "CNY") -> str:
    """An amount with its currency and thousands: CNY 1,200,000.00; nothing for None."""
    if amount is None:
        return ""
    if isinstance(amount, Money):
        return money(amount.amount, amount.currency)
    digits = 0 if amount == int(amount) else MINOR_UNITS.get(currency, 2)
    pattern = "¤¤ #,##0" + ("." + "0" * digits if digits else "")
    return str(format_currency(amount, currency, pattern, locale=_locale(), currency_digits=False))


def number(value: Number | None, digits: int | None = None) -> str:
    """A number with thousands; at most three digits after the point unless `digits` fixes them."""
    if value is None:
        return ""
    pattern = "#,##0.###" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, pattern, locale=_locale()))


def percent(value: Number | Fraction | None, digits: int = 0) -> str:
    """A part of one as a percentage."""
    if value is None:
        return ""
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value
    return str(format_percent(exact, "#,##0" + ("." + "0" * digits if digits else "") + " %", locale=_locale()))


def share(value: Fraction | str | None) -> str:
    """An exact share: 60 % where that is exact to two digits, else the fraction itself (1/3)."""
    if value is None or value == "":
        return ""
    part = Fraction(value)
    hundredths = part * 10000
    if hundredths.denominator != 1:
        return f"{part.numerator}/{part.denominator}"
    return f"{number(Decimal(hundredths.numerator) / 100)} %"


def _local(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a date-time without a zone cannot be shown: nobody knows when it was")
    return value.astimezone(zone.get())


def _parsed(value: datetime | date | str) -> datetime | date:
    if isinstance(value, str):
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    return value


def day(value: datetime | date | str | None) -> str:
    """A date: 22 Nov 2026, 2026年11月22日."""
    if value is None or value == "":
        return ""
    at = _parsed(value)
    local = _local(at) if isinstance(at, datetime) else at
    return str(format_date(local, "d MMM y" if language() == "en" else "y年M月d日", locale=_locale()))


def zone_name() -> str:
    """How people here call the zone."""
    current = zone.get()
    if current.key == "Asia/Shanghai":
        return _("Beijing time")
    return str(get_timezone_name(current, width="short", locale=_locale()))


def moment(value: datetime | str | None, seconds: bool = False) -> Markup:
    """A date with the time of day, as a `time` element whose title names the zone."""
    if value is None or value == "":
        return Markup("")
    at = _parsed(value)
    if not isinstance(at, datetime):
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), day(at))
    local = _local(at)
    clock = "HH:mm:ss" if seconds else "HH:mm"
    pattern = f"d MMM y, {clock}" if language() == "en" else f"y年M月d日 {clock}"
    text = format_datetime(local, pattern, locale=_locale())
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.astimezone(UTC).isoformat(), zone_name(), text)


def clock(value: datetime | str | None) -> Markup:
    """The time of day alone, for lists that name the day above."""
    if value is None or value == "":
        return Markup("")
    at = _parsed(value)
    text = format_datetime(_local(at), "HH:mm", locale=_locale()) if isinstance(at, datetime) else day(at)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), zone_name(), text)


def ago(value: datetime | str | None, now: datetime | None = None) -> Markup:
    """How long ago or in how much time, with the exact time as its title."""
    if value is None or value == "":
        return Markup("")
    at = _parsed(value)
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=zone.get())
    delta = at - (now or datetime.now(UTC))
    text = (
        _("just now")
        if abs(delta) < timedelta(seconds=45)
        else format_timedelta(delta, add_direction=True, threshold=0.9, locale=_locale())
    )
    local = _local(at)
    exact = f"{day(at)} {local:%H:%M} ({zone_name()})"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.astimezone(UTC).isoformat(), exact, text)


def filesize(value: int | None) -> str:
    """A size in bytes, kB, MB or GB (powers of 1000, as file managers show it)."""
    if value is None:
        return ""
    size, unit = float(value), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{number(round(size, 1 if unit != 'B' and size < 100 else 0))} {unit}"


def duration(value: timedelta | Number | None) -> str:
    """How long something takes, in its two largest units."""
    if value is None:
        return ""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    days, rest = divmod(abs(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    named = [
        (days, ngettext("%(n)s day", "%(n)s days", days)),
        (hours, ngettext("%(n)s hour", "%(n)s hours", hours)),
        (minutes, ngettext("%(n)s minute", "%(n)s minutes", minutes)),
        (rest, ngettext("%(n)s second", "%(n)s seconds", rest)),
    ]
    first = next((i for i, (count, _name) in enumerate(named) if count), 3)
    return " ".join(name for count, name in named[first : first + 2] if count or first == 3)


FILTERS: dict[str, Any] = {
    "money": money,
    "number": number,
    "percent": percent,
    "share": share,
    "date": day,
    "datetime": moment,
    "clock": clock,
    "ago": ago,
    "filesize": filesize,
    "duration": duration,
}
