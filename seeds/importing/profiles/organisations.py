"""Organisations."""

import re

from seeds.importing.cleaning import Cells, Unusable
from seeds.importing.profiles.profile import Beside, Profile, Row

_TELLING = (
    (
        "university",
        r"universi\w*|colleges?|(?:medical|business|law) school|polytech\w*|institute of technology|cuny|suny",
    ),
    ("company", r"inc|incorporated|corp|corporation|llc|company|co|ltd|gmbh|technolog(?:y|ies)|systems|consulting"),
    ("department", r"department of|us army|u\.?s\.? (?:air force|navy)|bureau|board of|agency|public schools"),
    (
        "institute",
        r"institut\w*|laborator\w*|research|(?:science|medical|supercomput\w+) cent(?:er|re)|observatory|academy"
        r"|museum|hospital|library",
    ),
)
_KINDS = [(kind, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for kind, words in _TELLING]


def kind_of(name: str) -> str:
    """The kind that a word of the name tells. Raises Unusable when none does: nobody is made a company by default."""
    for kind, words in _KINDS:
        if words.search(name):
            return kind
    raise Unusable("kind", "the name does not tell whether it is a university, a company or an institute")


def nsf_institution(cells: Cells, beside: Beside) -> Row:
    name = cells.need("org", name="name")
    place = [cells.text("city", name="region"), cells.text("state", name="region")]
    nation = cells.text("nation", name="region")
    if nation and nation != "United States":
        place[1] = nation
    return {
        "number": cells.need("id", name="number"),
        "name": name,
        "kind": kind_of(name),
        "sector": "civil",
        "region": ", ".join(part for part in place if part) or Cells({}).need("region", name="region"),
    }


def plain(cells: Cells, beside: Beside) -> Row:
    return {
        "number": cells.text("number"),
        "name": cells.need("name", name="name"),
        "name_zh": cells.text("name_zh"),
        "kind": cells.need("kind", name="kind").lower(),
        "sector": cells.text("sector").lower(),
        "region": cells.need("region", name="region"),
        "credit_code": cells.text("credit_code"),
    }


PROFILES = [
    Profile(
        "nsf-institutions",
        "organisations",
        "NSF",
        frozenset({"id", "org", "city", "state"}),
        nsf_institution,
        "institutions that held US National Science Foundation awards",
    ),
    Profile(
        "organisations",
        "organisations",
        "",
        frozenset({"name", "kind", "region"}),
        plain,
        "columns named as the platform's fields",
    ),
]
