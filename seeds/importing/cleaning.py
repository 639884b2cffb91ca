"""Cells as the world writes them into values as the platform reads them. What cannot be read is said, never guessed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

NOTHING = frozenset(
    {"", "n/a", "na", "nan", "null", "none", "nil", "-", "--", "—", "无", "0000-00-00", "not available"}
)
LONGEST_LINE = 300
_BLANKS = re.compile(r"[\s\u3000\x00-\x1f\x7f\u200b\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_MONTHS = re.compile(r"(\d{4})[-./](\d{1,2})\s*[-–—~至]\s*(\d{4})[-./](\d{1,2})$")
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$")
_SYMBOLS = {"€": "EUR", "£": "GBP", "元": "CNY", "人民币": "CNY"}


class Unusable(Exception):
    """The row cannot be taken: this field, for this reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass
class Cells:
    """A row while it is mapped; `left_out` collects optional values that could not be read."""

    values: Mapping[str, Any]
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def text(self, column: str, *, name: str = "") -> str:
        """One line of text; empty for the ways in which files say 'nothing'."""
        found = _BLANKS.sub(" ", self._plain(column, name or column)).strip()
        return "" if found.lower() in NOTHING else found

    def prose(self, column: str, *, name: str = "") -> str:
        """Running text with its line breaks."""
        plain = self._plain(column, name or column).replace("\r\n", "\n").replace("\r", "\n")
        found = _CONTROL.sub(" ", plain).strip()
        return "" if found.lower() in NOTHING else found

    def need(self, column: str, *, name: str) -> str:
        """Text that must be there. Raises Unusable."""
        found = self.text(column, name=name)
        if not found:
            raise Unusable(name, "is missing")
        if _bare(found) == _bare(column):
            raise Unusable(name, "repeats the header: this is no record")
        return found

    def day(self, column: str, *, name: str, day_first: bool | None = None) -> str | None:
        """An ISO date; `day_first` says how 03/04/2018 is meant, without it such a date is unreadable."""
        found = self.text(column, name=name)
        if not found:
            return None
        try:
            return read_day(found, day_first).isoformat()
        except ValueError as fault:
            self.left_out.append((name, str(fault)))
            return None

    def months(self, column: str) -> tuple[str | None, str | None]:
        """A span such as 2018.01-2020.12: from the first day of the one month to the last day of the other."""
        found = self.text(column, name="starts_on")
        match = _MONTHS.match(found)
        if not found or not match:
            if found:
                self.left_out.append(("starts_on", f"{found[:40]!r} is no span of months such as 2018.01-2020.12"))
            return None, None
        year, month, last_year, last_month = map(int, match.groups())
        try:
            after = date(last_year + last_month // 12, last_month % 12 + 1, 1)
            return date(year, month, 1).isoformat(), date.fromordinal(after.toordinal() - 1).isoformat()
        except ValueError:
            self.left_out.append(("starts_on", f"{found[:40]!r} has an impossible month"))
            return None, None

    def money(self, column: str, *, currency: str, unit: int = 1) -> tuple[str, str] | tuple[None, None]:
        """An exact amount and its currency; `unit` is what one means in the column, such as 10,000."""
        found = self.text(column, name="amount").strip("$¥￥").strip()
        if not found:
            return None, None
        for symbol, known in _SYMBOLS.items():
            if symbol in found:
                found, currency = found.replace(symbol, "").strip(), currency or known
        if found.endswith("万"):
            found, unit = found.removesuffix("万").strip(), 10_000
        if not currency:
            return self._no_money("the currency is not told")
        try:
            if not _NUMBER.match(found):
                return self._no_money(f"{found[:40]!r} is no amount")
            amount = Decimal(found.replace(",", "")) * unit
        except InvalidOperation:
            return self._no_money(f"{found[:40]!r} is no amount")
        if amount != amount.quantize(Decimal("0.01")):
            return self._no_money(f"{found[:40]!r} has more than two decimal places")
        return format(amount.quantize(Decimal("0.01")), "f"), currency

    def _no_money(self, reason: str) -> tuple[None, None]:
        self.left_out.append(("amount", reason))
        return None, None

    def names(self, column: str, separators: str, *, name: str, nobody: Iterable[str] = ()) -> list[str]:
        """A list in one cell (or a JSON list), each name once, in the order given."""
        value = self.values.get(column)
        parts = value if isinstance(value, list) else re.split(f"[{separators}]", self._plain(column, name))
        found = (_BLANKS.sub(" ", str(part)).strip(" -,;、·") for part in parts)
        return list(dict.fromkeys(one for one in found if one.lower() not in NOTHING and one not in nobody))

    def joined(self, parts: Iterable[str], *, name: str) -> str:
        """The parts in one line, each once and as many as a short field holds."""
        found = list(dict.fromkeys(part for part in parts if part))
        kept = found
        while len("; ".join(kept)) > LONGEST_LINE:
            kept = kept[:-1]
        if len(kept) < len(found):
            self.left_out.append((name, "the last entries do not fit the field"))
        return "; ".join(kept)

    def _plain(self, column: str, name: str) -> str:
        value = self.values.get(column)
        if value is None:
            return ""
        if isinstance(value, dict | list | bool):
            raise Unusable(name, "is not a text")
        return str(value)


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def read_day(text: str, day_first: bool | None = None) -> date:
    """A date in one of the usual forms. Raises ValueError with a sentence."""
    if match := _YEAR_FIRST.match(text) or _COMPACT.match(text):
        year, month, day = map(int, match.groups())
    elif match := _YEAR_LAST.match(text):
        one, two, year = map(int, match.groups())
        if day_first is None and "." in text:
            day_first = True
        if day_first is None and one <= 12 and two <= 12 and one != two:
            raise ValueError(f"{text!r} may be the {one}th of month {two} or the other way round: write year-month-day")
        day, month = (one, two) if day_first or (day_first is None and one > 12) else (two, one)
    else:
        raise ValueError(f"{text[:40]!r} is no date")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not in the calendar") from None
