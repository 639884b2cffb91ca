"""People."""

import re

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


_HAN = re.compile(r"[\u3400-\u9fff]")


def orcid_record(cells: Cells, beside: Beside) -> Row:
    """Name and ORCID iD. Where the person says to work is their own word: an affiliation needs the employer's."""
    number = cells.need("orcid_identifier", name="orcid")
    names = [
        f"{cells.text('given_names')} {cells.text('family_name')}".strip(),
        cells.text("credit_name"),
        *cells.names("other_names", "\n", name="name"),
    ]
    plain_names = [one for one in names if one and not _HAN.search(one)]
    chinese = next((one.replace(" ", "") for one in names if _HAN.search(one)), "")
    if not plain_names and not chinese:
        raise Unusable("name", "is not public in this record")
    for employer in cells.names("employers", "\n", name="organisation"):
        cells.left_out.append(
            ("organisation", f"{employer[:80]!r} is the person's own word: let the employer confirm it")
        )
    return {
        "number": number,
        "name": plain_names[0] if plain_names else chinese,
        "name_zh": chinese,
        "orcid": number,
        "fields": [one for part in cells.names("keywords", "\n", name="fields") for one in _terms(part)],
    }


def _terms(keywords: str) -> list[str]:
    """Some write all their keywords into one."""
    return [one.strip()[:60] for one in re.split(r"[,;，；、]", keywords) if one.strip()]


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
    Profile(
        "orcid-records",
        "people",
        "ORCID",
        frozenset({"orcid_identifier", "given_names"}),
        orcid_record,
        "public records of ORCID as XML, single or in its yearly archive",
    ),
    Profile("people", "people", "", frozenset({"name"}), plain, "columns named as the platform's fields"),
]
