"""Application numbers: the Chinese ones by their standard (ZC 0006-2003) with the check digit, others by sight."""

import re
from unicodedata import normalize

from services.ip_registry.assets.rules import Kind
from shared.kernel.marks import N_, S_

_KIND_DIGITS = {Kind.PATENT: "18", Kind.UTILITY_MODEL: "29", Kind.DESIGN: "3"}
"""The digit after the year; 8 and 9 are international applications that entered China."""
_CHINESE = re.compile(r"(?:CN|ZL)?(?P<body>\d{12}|\d{8})(?:\.?(?P<check>[0-9X]))?")
"""Twelve digits since October 2003, eight before; then the check digit behind a full stop."""
_ANY = re.compile(r"(?=.*\d)\w[\w ./,()-]{1,59}")


def check_digit(body: str) -> str:
    """Of the digits of a Chinese number: their sum, weighted by 2 to 9 over and over, modulo 11; X stands for ten."""
    rest = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(body)) % 11
    return "X" if rest == 10 else str(rest)


def plausible(number: str) -> bool:
    """Whether an office can have written it: letters, at least one digit and a few signs between them."""
    return _ANY.fullmatch(number) is not None


def canonical(kind: Kind, office: str | None, number: str) -> str:
    """The number as it is kept, so that one application is found under one number. Raises ValueError.

    A Chinese one gets its check digit when it was left out, as international databases do.
    """
    text = " ".join(normalize("NFKC", number).upper().split())
    if office == "CN" and kind in _KIND_DIGITS:
        return _chinese(kind, text.replace(" ", ""))
    if not plausible(text):
        raise ValueError(N_("Give the number as the office wrote it: letters, digits, and . / - between them."))
    return text


def _chinese(kind: Kind, text: str) -> str:
    found = _CHINESE.fullmatch(text)
    if not found:
        raise ValueError(
            N_("A Chinese application number has 12 digits and a check digit, such as 202610012345.1; before 2003, 8.")
        )
    body, check = found["body"], check_digit(found["body"])
    if found["check"] not in (None, check):
        raise ValueError(
            S_(
                "The check digit of %(number)s should be %(check)s. Compare the number with the office's letter.",
                number=f"{body}.{found['check']}",
                check=check,
            )
        )
    sign = body[4] if len(body) == 12 else body[2]
    if sign not in _KIND_DIGITS[kind]:
        raise ValueError(
            S_("The digit after the year is %(digit)s, which is not this kind of right. Compare both.", digit=sign)
        )
    return f"{body}.{check}"
