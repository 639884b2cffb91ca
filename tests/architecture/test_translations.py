"""Both languages are complete: every message said by code or templates has its Chinese."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from shared.web.extract import missing, parts, read_catalogue, singular, translated, unused
from shared.web.i18n import ROOT

PARAMETER = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("part", sorted(parts()))
def test_every_message_has_its_chinese(part: str) -> None:
    absent = [f"{singular(found.id)!r} in {', '.join(sorted(set(found.files)))}" for found in missing(part)]
    assert not absent, "run `python -m shared.web.i18n update` and fill in:\n" + "\n".join(absent)


@pytest.mark.parametrize("part", sorted(parts()))
def test_no_translation_outlives_its_message(part: str) -> None:
    assert unused(part) == []


@pytest.mark.parametrize("part", sorted(parts()))
def test_translations_keep_the_parameters_and_speak_chinese(part: str) -> None:
    wrong = []
    for english, chinese in translated(read_catalogue(parts()[part][1])).items():
        for text in chinese:
            same_parameters = set(PARAMETER.findall(english)) == set(PARAMETER.findall(text))
            # A bare "%" would break the replacement of parameters.
            if not same_parameters or (PARAMETER.search(text) and "%" in PARAMETER.sub("", text).replace("%%", "")):
                wrong.append(english)
    assert wrong == []


def test_no_two_catalogues_contradict_each_other() -> None:
    said: dict[str, dict[str, tuple[str, ...]]] = {}
    for part, (_directory, path) in parts().items():
        for english, chinese in translated(read_catalogue(path)).items():
            said.setdefault(english, {})[part] = chinese
    assert {english: versions for english, versions in said.items() if len(set(versions.values())) > 1} == {}


REFUSING = ("blobs", "db", "identity", "kernel", "web")
"""The parts of `shared` that refuse things to people."""


def sources() -> Iterator[Path]:
    for directory in (ROOT / "services", *(ROOT / "shared" / part for part in REFUSING)):
        yield from (path for path in sorted(directory.rglob("*.py")) if "migrations" not in path.parts)


def named(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def problems() -> set[str]:
    """The names of every class of refusals, found by their bases."""
    bases = {
        node.name: {named(base) for base in node.bases}
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    }
    found = {"Problem"}
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return found


def bare(node: ast.expr | None) -> bool:
    """Words in a literal that nothing marks."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )


def unmarked(tree: ast.Module, refusals: set[str]) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in refusals:
            titles = [
                one.value for one in node.body if isinstance(one, ast.Assign) and named(one.targets[0]) == "title"
            ]
            yield from (title for title in titles if isinstance(title, ast.Constant))
        elif isinstance(node, ast.Call):
            by_field = named(node.func) == "field" and isinstance(node.func, ast.Attribute)
            if named(node.func) in refusals and node.args:
                yield from (one for one in node.args[:1] if bare(one))
            elif by_field and named(node.func.value) in refusals:  # type: ignore[attr-defined]
                yield from (one for one in node.args[1:2] if bare(one))
            said = {"Clause": {"reason", "remedy"}, "TaskAssigned": {"title"}, "TaskDone": {"title"}}
            wanted = said.get(named(node.func), set())
            if named(node.func) == "said_of":
                yield from (one for one in node.args[2:] if bare(one))
                wanted = {"yes", "no", "remedy"}
            yield from (one.value for one in node.keywords if one.arg in wanted and bare(one.value))
        elif isinstance(node, ast.Dict):
            entries = zip(node.keys, node.values, strict=True)
            yield from (
                text for key, text in entries if isinstance(key, ast.Constant) and key.value == "detail" and bare(text)
            )


def test_what_rules_say_to_people_is_marked_for_the_catalogues() -> None:
    """A refusal, a reason or a task in a bare literal would stand in English on Chinese pages."""
    refusals = problems()
    assert len(refusals) > 60
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in sources()
        for node in unmarked(tree(path), refusals)
    ]
    assert found == [], "mark with N_(…), or S_(…, part=…) from shared.kernel.marks:\n" + "\n".join(found)
