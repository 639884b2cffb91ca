"""People."""

from seeds.importing.cleaning import Cells, Unusable
from seeds.importing.profiles.profile import Beside, Profile, Row

_TRUTH = {
    "true": True,
    "yes": True,
    "1": True,
    "是": True,
    "false": False,
    "no": False,
    "0": False,
    "否": False,
    "": False,
}


def nsf_investigator(cells: Cells, beside: Beside) -> Row:
    """The affiliation is told only for those who were only ever at one institution."""
    number = cells.need("pi_id", name="number")
    return {
        "number": number,
        "name": cells.need("name", name="name").strip(" -"),
        "organisation_number": beside.only_institution.get(number, ""),
    }


def plain(cells: Cells, beside: Beside) -> Row:
    cap = cells.text("review_cap")
    if cap and not cap.isdecimal():
        raise Unusable("review_cap", "is no whole number")
    expert = cells.values.get("expert")
    known = expert if isinstance(expert, bool) else _TRUTH.get(cells.text("expert").lower())
    if known is None:
        raise Unusable("expert", "write yes or no")
    return {
        "number": cells.text("number"),
        "name": cells.need("name", name="name"),
        "name_zh": cells.text("name_zh"),
        "orcid": cells.text("orcid"),
        "organisation_number": cells.text("organisation_number"),
        "organisation": cells.text("organisation"),
        "fields": cells.names("fields", ";；、|\n", name="fields"),
        "expert": known,
        "review_cap": int(cap) if cap else 0,
    }


PROFILES = [
    Profile(
        "nsf-investigators",
        "people",
        "NSF",
        frozenset({"pi_id", "name"}),
        nsf_investigator,
        "investigators of US National Science Foundation awards; import the institutions first",
    ),
    Profile("people", "people", "", frozenset({"name"}), plain, "columns named as the platform's fields"),
]
