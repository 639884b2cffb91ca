"""Both languages are complete: every message said by code or templates has its Chinese."""

import re

import pytest

from shared.web.extract import missing, parts, read_catalogue, singular, translated, unused

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
