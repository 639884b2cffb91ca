"""Faults that Pydantic finds, as sentences that say what to do."""

from collections.abc import Mapping
from typing import Any

from shared.web.i18n import N_, Lazy, Text, lazy
from shared.web.sentences import said

_NUMBER = N_("Enter a number, such as 1200.50.")
_OR = N_("Write %(point)s or %(whole)s: a comma may stand between groups of three digits only.")
_WHOLE = N_("Enter a whole number, such as 12.")
_DATE = N_("Enter a date as year-month-day, such as 2026-03-31.")
_MOMENT = N_("Enter a date and a time, such as 2026-03-31 17:00.")
_CHOICE = N_("Choose one of the answers offered.")
_ENTRY = N_("Choose an entry from the list.")
_ADDRESS = N_("Enter a web address that begins with https://.")
_TOO_LARGE = N_("The number is too large. Check the number of digits.")

SENTENCES: dict[str, str] = {
    "missing": N_("Fill this in."),
    "string_type": N_("Fill this in."),
    "string_too_short": N_("Write at least %(min_length)s characters."),
    "string_too_long": N_("Shorten this to at most %(max_length)s characters."),
    "string_pattern_mismatch": N_("This is not in the form asked for. See the note at the field."),
    "greater_than": N_("Enter a number greater than %(gt)s."),
    "greater_than_equal": N_("Enter a number of at least %(ge)s."),
    "less_than": N_("Enter a number less than %(lt)s."),
    "less_than_equal": N_("Enter a number of at most %(le)s."),
    "multiple_of": N_("Enter a multiple of %(multiple_of)s."),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), _WHOLE),
    "int_parsing_size": _TOO_LARGE,
    **dict.fromkeys(("float_parsing", "float_type", "finite_number", "decimal_parsing", "decimal_type"), _NUMBER),
    "decimal_max_digits": _TOO_LARGE,
    "decimal_whole_digits": _TOO_LARGE,
    "decimal_max_places": N_("Use at most %(decimal_places)s digits after the point."),
    **dict.fromkeys(("date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact"), _DATE),
    "date_past": N_("Enter a date in the past."),
    "date_future": N_("Enter a date in the future."),
    "datetime_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_past": N_("Enter a time in the past."),
    "datetime_future": N_("Enter a time in the future."),
    "timezone_aware": _MOMENT,
    "time_parsing": N_("Enter a time of day, such as 17:00."),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "bool_parsing": N_("Choose yes or no."),
    "bool_type": N_("Choose yes or no."),
    "uuid_parsing": _ENTRY,
    "uuid_type": _ENTRY,
    "url_parsing": _ADDRESS,
    "url_scheme": _ADDRESS,
    "url_type": _ADDRESS,
    "too_short": N_("Give at least %(min_length)s."),
    "too_long": N_("Give at most %(max_length)s."),
    "extra_forbidden": N_("This is not asked for here. Reload the page and try again."),
}
FALLBACK = N_("Check this entry.")
EMAIL = N_("Enter an e-mail address, such as name@example.org.")
KERNEL = (
    N_("Write a share as a fraction such as '3/5', or as '60%'."),
    N_("A share lies between 0 and 1."),
    N_("A share's denominator is at most 1,000,000,000."),
    N_("An amount is a finite number."),
)
"""What the kernel's own types say, here so that the catalogue knows it."""


def as_sentence(text: str) -> str:
    """A message that begins large and ends with a full stop."""
    if not (tidy := text.strip()):
        return FALLBACK
    return tidy[0].upper() + tidy[1:] + ("" if tidy[-1] in ".!?。！？" else ".")


def sentence(fault: Mapping[str, Any]) -> Text:
    """One entry of `ValidationError.errors()` as a sentence. A validator's own ValueError is taken at its word."""
    kind = str(fault["type"])
    context = fault.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        if "email address" in str(fault.get("msg", "")):
            return lazy(EMAIL)
        cause = context.get("error")
        told = cause.args[0] if isinstance(cause, Exception) and cause.args else ""
        if isinstance(told, Lazy):
            return told
        known = said(told)
        return known if known != str(told) else said(as_sentence(str(told)))
    if kind.endswith("_parsing") and (raw := str(fault["input"])).count(",") == 1 and raw.replace(",", "").isdigit():
        return lazy(_OR, point=raw.replace(",", "."), whole=raw.replace(",", "").lstrip("0") or "0")
    message = SENTENCES.get(kind, FALLBACK)
    params = {name: value for name, value in context.items() if f"%({name})s" in message}
    return lazy(message, **params)
