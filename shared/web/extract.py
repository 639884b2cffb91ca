"""Which messages the code and the templates say, and which of them still lack their Chinese.

`python -m shared.web.i18n update` writes what is missing into the catalogues.
"""

import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as extract_messages
from babel.messages.pofile import read_po, write_po

from shared.web.i18n import CATALOGUE, ROOT
from shared.web.sentences import COMPUTED, PART

KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy": None,
    "lazy_gettext": None,
    "Lazy": None,
    "N_": None,
    "S_": None,
    "ngettext": (1, 2),
}
FOR_LATER = {name: KEYWORDS[name] for name in ("N_", "S_")}
"""What marks a sentence that somebody else will show."""
TEMPLATE_OPTIONS = {"silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}
MessageId = str | tuple[str, ...]


@dataclass
class Found:
    """A message and the files that say it; `computed` when it has parts and is filled in before it is translated."""

    id: MessageId
    files: list[str] = field(default_factory=list)
    computed: bool = False


def parts() -> dict[str, tuple[Path, Path]]:
    """Every part with a catalogue of its own: name -> (where it speaks, its catalogue).

    All of `shared/` and `infra/` speaks through the catalogue of the frame.
    """
    found = {"shared": (ROOT / "shared", ROOT / "shared/web" / CATALOGUE)}
    for directory in sorted((ROOT / "services").iterdir()):
        if (directory / "__init__.py").exists():
            found[directory.name] = (directory, directory / CATALOGUE)
    return found


@cache
def extract(directory: Path) -> dict[MessageId, Found]:
    """Every message said by the Python files and templates below a directory."""
    messages: dict[MessageId, Found] = {}
    for path in sorted(directory.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            method, options = "python", {}
        elif path.suffix in (".html", ".txt", ".xml") and "templates" in path.parts:
            method, options = "jinja2.ext:babel_extract", TEMPLATE_OPTIONS
        else:
            continue
        with path.open("rb") as source:
            for _line, message, _comments, _context in extract_messages(
                method, source, keywords=KEYWORDS, options=options
            ):
                ids: MessageId = tuple(message) if isinstance(message, tuple | list) else message
                if not ids or ids == ("", ""):
                    continue
                messages.setdefault(ids, Found(ids)).files.append(path.relative_to(ROOT).as_posix())
            source.seek(0)
            if method == "python" and re.search(rb"\b[NS]_\(", source.read()):
                source.seek(0)
                for _line, message, *_rest in extract_messages(method, source, keywords=FOR_LATER):
                    if isinstance(message, str) and PART.search(message):
                        messages[message].computed = True
    return messages


def read_catalogue(path: Path) -> Catalog:
    """The catalogue at a path; an empty one when the file does not exist yet."""
    if not path.exists():
        return Catalog(locale="zh_Hans", domain="hechuan", project="Hechuan", charset="utf-8")
    with path.open("rb") as source:
        return read_po(source, locale="zh_Hans", domain="hechuan")


def translated(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    """Singular message id -> its non-empty translations."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        given = message.string if isinstance(message.string, tuple | list) else (message.string,)
        strings = tuple(text or "" for text in given)
        if all(strings) and not message.fuzzy:
            found[key] = strings
    return found


def singular(message: MessageId) -> str:
    return message if isinstance(message, str) else message[0]


def missing(part: str) -> list[Found]:
    """Messages of a part that neither its own catalogue nor the frame's translates."""
    everything = parts()
    directory, own = everything[part]
    known = translated(read_catalogue(everything["shared"][1])) | translated(read_catalogue(own))
    return [found for found in extract(directory).values() if singular(found.id) not in known]


def unused(part: str) -> list[str]:
    """Messages of a part's catalogue that nothing below its directory says any more."""
    directory, own = parts()[part]
    said = {singular(message) for message in extract(directory)}
    return sorted(key for key in translated(read_catalogue(own)) if key not in said)


def mismarked(part: str) -> dict[str, bool]:
    """Messages of a part's own catalogue whose mark of being computed is wrong -> whether they should bear it."""
    _directory, own = parts()[part]
    # The frame's catalogue also holds what services compute with the frame's words.
    places = parts().values() if part == "shared" else [parts()[part]]
    wanted = {found.id for directory, _own in places for found in extract(directory).values() if found.computed}
    return {
        message.id: message.id in wanted
        for message in read_catalogue(own)
        if isinstance(message.id, str) and message.id and (COMPUTED in message.auto_comments) != (message.id in wanted)
    }


def update_catalogues() -> dict[str, int]:
    """Add what is missing to every catalogue, empty and ready to be filled in; returns how many per part."""
    counts: dict[str, int] = {}
    for part, (_directory, path) in parts().items():
        absent, marks = missing(part), mismarked(part)
        counts[part] = len(absent)
        if not absent and not marks:
            continue
        catalogue = read_catalogue(path)
        for found in absent:
            if catalogue.get(singular(found.id)) is None:
                catalogue.add(
                    found.id,
                    locations=[(name, 0) for name in sorted(set(found.files))],
                    auto_comments=[COMPUTED] if found.computed else [],
                )
        for wrong, computed in marks.items():
            catalogue[wrong].auto_comments = [COMPUTED] if computed else []
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            write_po(target, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False)
    return counts


def main() -> None:
    """Write the catalogues up to date, or only say what is missing."""
    command = sys.argv[1] if len(sys.argv) > 1 else "check"
    if command not in ("update", "check"):
        raise SystemExit("Say `update` (write what is missing into the catalogues) or `check`.")
    counts = update_catalogues() if command == "update" else {part: len(missing(part)) for part in parts()}
    for part, count in counts.items():
        sys.stdout.write(f"{part}: {count} without Chinese\n")
    raise SystemExit(1 if any(counts.values()) else 0)
