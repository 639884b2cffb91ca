"""Patent records."""

import re

from seeds.importing.cleaning import Cells, Unusable, read_day
from seeds.importing.profiles.profile import Beside, Profile, Row

_INDIAN = re.compile(r"\d{5,7}$")
_SYMBOL = re.compile(r"([A-HY]\d{2}[A-Z])\s*(?:(\d{1,4}/\d{2,6}))?(?:\s+\d{8}.*)?$")
_PRIORITY = (
    re.compile(r"(?P<number>.+?)\s+(?P<day>\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4})\S* (?P<office>[A-Z]{2})$"),
    re.compile(r"(?P<office>[A-Z]{2}) (?P<day>\d{8}) (?P<number>.+)$"),
)
_NOT_PUBLISHED = "不公告发明人"
_KIND = re.compile(r"\d([A-Z]\d?)$")


def indian_grant(cells: Cells, beside: Beside) -> Row:
    """The journal's date is when the grant was announced, not when it was made, so no day of grant is claimed."""
    number = cells.need("Patent Number", name="number")
    if not _INDIAN.match(number):
        raise Unusable("number", "is no Indian patent number: the row is of another table of the journal")
    return {
        "number": number,
        "title": cells.need("Title of Invention", name="title"),
        "office": "IN",
        "application_number": cells.text("Application Number", name="application_number"),
        "filed_on": cells.day("Date of Application", name="filed_on", day_first=True),
        "published_on": cells.day("Date of Application Publication", name="published_on", day_first=True),
        "priority": cells.day("Date of Priority", name="priority", day_first=True),
        "applicants": cells.names("Patentee Name", ";", name="applicants"),
        "language": "en",
    }


def patentscope(cells: Cells, beside: Beside) -> Row:
    number = cells.need("Publication Number", name="number")
    return {
        "number": number,
        "title": cells.need("Title", name="title"),
        "office": number[:2].upper(),
        "published_on": cells.day("Publication Date", name="published_on", day_first=True),
        "priority": _priorities(cells),
        "applicants": cells.names("Applicants", ";", name="applicants"),
        "inventors": cells.names("Inventors", ";", name="inventors"),
        "ipc": _symbols(cells, "IPC"),
    }


def _symbols(cells: Cells, column: str) -> list[str]:
    found: list[str] = []
    for text in cells.names(column, ";", name="ipc"):
        match = _SYMBOL.match(text.upper())
        if match:
            found.append(match[1] + (match[2] or ""))
        else:
            cells.left_out.append(("ipc", "a symbol is cut short or is none of the classification"))
    return list(dict.fromkeys(found))


def _priorities(cells: Cells) -> str:
    """Earliest first, as many as fit the field. A comma without a blank belongs to a number: 60/485,616."""
    found = set()
    for part in cells.text("Priority Data", name="priority").strip("[]").split(", "):
        match = next(filter(None, (form.match(part.strip()) for form in _PRIORITY)), None)
        try:
            if match:
                day = read_day(match["day"], day_first=True).isoformat()
                found.add((day, f"{match['office']} {match['number'].strip()} ({day})"))
            elif part:
                cells.left_out.append(("priority", "has no number with its date and office"))
        except ValueError as fault:
            cells.left_out.append(("priority", str(fault)))
    return cells.joined((words for _, words in sorted(found)), name="priority")


def cnki(cells: Cells, beside: Beside) -> Row:
    number = cells.need("publication_number", name="number")
    kind = _KIND.search(number)
    return {
        "number": number,
        "title": cells.need("title", name="title"),
        "office": "CN",
        "kind": kind[1] if kind else "",
        "published_on": cells.day("date", name="published_on"),
        "inventors": cells.names("inventors", ",，;；", name="inventors", nobody=[_NOT_PUBLISHED]),
        "language": "zh",
    }


def plain(cells: Cells, beside: Beside) -> Row:
    return {
        "number": cells.need("number", name="number"),
        "title": cells.need("title", name="title"),
        "abstract": cells.prose("abstract"),
        **{name: cells.text(name) for name in ("office", "kind", "application_number", "priority", "language")},
        **{name: cells.day(name, name=name) for name in ("filed_on", "published_on", "granted_on")},
        "applicants": cells.names("applicants", ";；|\n", name="applicants"),
        "inventors": cells.names("inventors", ";；|\n", name="inventors"),
        "ipc": _symbols(cells, "ipc"),
    }


PROFILES = [
    Profile(
        "indian-grants",
        "patents",
        "Indian Patent Office journal",
        frozenset(
            {"Patent Number", "Application Number", "Date of Application", "Title of Invention", "Patentee Name"}
        ),
        indian_grant,
        "grants announced in the Indian Patent Office journal",
    ),
    Profile(
        "patentscope",
        "patents",
        "WIPO Patentscope",
        frozenset({"Publication Number", "Publication Date", "Title", "IPC", "Applicants", "Inventors"}),
        patentscope,
        "a result list exported from WIPO Patentscope",
    ),
    Profile(
        "cnki-patents",
        "patents",
        "CNKI patents",
        frozenset({"publication_number", "date", "title", "inventors", "region"}),
        cnki,
        "Chinese patents: number, date, title, inventors",
    ),
    Profile("patents", "patents", "", frozenset({"number", "title"}), plain, "columns named as the platform's fields"),
]
