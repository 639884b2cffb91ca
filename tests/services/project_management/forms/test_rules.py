"""Forms as JSON Schema: derived, read back, checked for contradictions; answers checked in plain words."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.project_management.forms import rules
from services.project_management.forms.checking import (
    counting,
    normal,
    progress,
    shown,
    whole_validator,
)
from services.project_management.forms.imports import form_from, text_to_schema
from services.project_management.forms.questions import Form, Kind, Question, schema_of
from services.project_management.forms.samples import SAMPLES
from services.project_management.forms.soundness import faults
from services.project_management.snapshots import canonical
from shared.kernel.errors import Invalid
from tests.services.project_management.forms.asking import ask, choice, form, shown_if

TABLE = [{"key": "name", "label": "Name"}, {"key": "cost", "label": "Cost", "kind": "number"}]


# -- contradictions ---------------------------------------------------------------------------------------------------

CONTRADICTIONS: dict[str, tuple[Form, set[str], str]] = {
    "the same key twice": (form(ask("aim"), ask("aim")), {"aim"}, "Two questions have the key “aim”"),
    "the same section twice": (
        Form.model_validate({"sections": [{"key": "a", "title": "A", "questions": [ask("x")]}] * 2}),
        {"a", "x"},
        "Two sections have the key “a”",
    ),
    "nothing to choose": (form(choice("a")), {"a"}, "The list of choices is empty"),
    "one choice": (form(choice("a", "x")), {"a"}, "one choice only"),
    "a choice twice": (form(choice("a", "x", "y", "x")), {"a"}, "“x” is there twice"),
    "least above most": (form(ask("a", "number", least="5", most="3")), {"a"}, "“5”, is more than the most, “3”"),
    "dates the wrong way": (
        form(ask("a", "date", least="2027-01-01", most="2026-01-01")), {"a"}, "more than the most",
    ),
    "a limit that is no number": (form(ask("a", "number", least="many")), {"a"}, "“many” is no number"),
    "a limit that is no date": (form(ask("a", "date", most="soon")), {"a"}, "“soon” is no date"),
    "no whole number between": (form(ask("a", "number", least="1.2", most="1.8")), {"a"}, "so few decimals"),
    "no amount between": (form(ask("a", "money", least="1.001", most="1.009")), {"a"}, "so few decimals"),
    "more asked than taken": (form(ask("a", "table", columns=TABLE, fewest=4, at_most=2)), {"a"}, "At least 4"),
    "too many choices asked": (form(choice("a", "x", "y", kind="choices", fewest=3)), {"a"}, "only 2 are there"),
    "too many files": (form(ask("a", "attachment", at_most=50)), {"a"}, "at most 10 files"),
    "no kind of file": (form(ask("a", "attachment", accepts=[])), {"a"}, "No kind of file"),
    "a table without columns": (form(ask("a", "table")), {"a"}, "no column"),
    "a column twice": (form(ask("a", "table", columns=[TABLE[0], TABLE[0]])), {"a"}, "Two columns"),
    "one choice of several": (form(choice("a", "x", kind="choices")), {"a"}, "one choice only"),
    "a column whose choices are run together": (
        form(ask("a", "table", columns=[{"key": "k", "label": "K", "kind": "choice", "choices": "low, high"}])),
        {"a"}, "with a bar between them",
    ),
    "a column without choices": (
        form(ask("a", "table", columns=[{"key": "k", "label": "K", "kind": "choice"}])), {"a"}, "has no choices",
    ),
    "a mask too long": (form(ask("a", mask="9999", characters=3)), {"a"}, "mask is longer"),
    "a default outside the choices": (form(choice("a", "x", "y", default="z")), {"a"}, "“z”, is not among"),
    "a default outside the limits": (form(ask("a", "number", least="5", default="1")), {"a"}, "outside the limits"),
    "a default that is no number": (form(ask("a", "number", default="one")), {"a"}, "is no number"),
    "a default too long": (form(ask("a", characters=2, default="abc")), {"a"}, "longer than the question allows"),
    "a default against the only answer": (
        form(choice("a", "x", "y", must_be="x", default="y", required=True)), {"a"}, "only “x” is taken",
    ),
    "an only answer that is not offered": (form(choice("a", "x", "y", must_be="z", required=True)), {"a"}, "“z”"),
    "a condition on itself": (form(choice("a", "x", "y", show_if=shown_if("a", "x"))), {"a"}, "the question itself"),
    "a condition on nothing": (form(ask("a", show_if=shown_if("b", "x"))), {"a"}, "“b”, which is no question"),
    "a condition on a text": (form(ask("b"), ask("a", show_if=shown_if("b", "x"))), {"a"}, "only choices"),
    "a condition for what is not offered": (
        form(choice("b", "x", "y"), ask("a", show_if=shown_if("b", "z"))), {"a"}, "“z”, which “b” does not offer",
    ),
    "two conditions on the same": (
        form(choice("b", "x", "y"), ask("a", show_if=[*shown_if("b", "x"), *shown_if("b", "y")])),
        {"a"},
        "Make one of them",
    ),
    "a circle": (
        form(choice("a", "x", "y", show_if=shown_if("b", "x")), choice("b", "x", "y", show_if=shown_if("a", "y"))),
        {"a", "b"},
        "leads back to itself",
    ),
    "required and never shown": (
        form(
            choice("a", "x", "y"),
            choice("b", "x", "y", show_if=shown_if("a", "x")),
            ask("c", required=True, show_if=[*shown_if("a", "y"), *shown_if("b", "x")]),
        ),
        {"c"},
        "must be answered and can never be shown: “a”",
    ),
    "shown for an answer that is never taken": (
        form(choice("a", "x", "y", must_be="x", required=True), ask("c", show_if=shown_if("a", "y"))),
        {"c"},
        "can never be shown: “a”",
    ),
    "three of a kind where two are taken": (
        form(
            choice("a", "x", "y", "z", kind="choices", at_most=2),
            ask("b", "yes_no", show_if=shown_if("a", "x")),
            ask("c", "yes_no", show_if=[*shown_if("a", "y"), *shown_if("b", "true")]),
            ask("d", required=True, show_if=[*shown_if("a", "z"), *shown_if("c", "true")]),
        ),
        {"d"},
        "can never be shown: “a”",
    ),
    "too much asked": (form(*[ask(f"q{n}") for n in range(rules.MOST_QUESTIONS + 1)]), {""}, "at most 200"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_form_that_contradicts_itself_is_named_with_what_to_change(name: str) -> None:
    asked, keys, words = CONTRADICTIONS[name]
    found = faults(asked)
    assert {key for key, _ in found} == keys
    assert any(words in sentence for _, sentence in found), found


@pytest.mark.parametrize("sample", SAMPLES)
def test_forms_that_come_along_are_sound_and_survive_as_json(sample: str) -> None:
    asked = SAMPLES[sample]
    assert faults(asked) == []
    schema = schema_of(asked)
    Draft202012Validator.check_schema(schema)
    text, _hash = canonical(schema)
    assert form_from(text_to_schema(text)) == asked


# -- what people write, whatever it is --------------------------------------------------------------------------------

KEYS = st.sampled_from([f"k{n}" for n in range(8)])


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Any form, sound or not: mostly choices that ask each other."""
    asked = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=6, unique=True)):
        kind = draw(st.sampled_from(["choice", "choices", "yes_no", "number", "table", "long_text", "money", "date"]))
        about: dict[str, Any] = {"required": draw(st.booleans())}
        if kind in ("choice", "choices"):
            about["options"] = [{"value": one, "label": one} for one in ("x", "y", "z")]
            if kind == "choices":
                about["at_most"] = draw(st.integers(0, 3))
        elif kind == "yes_no":
            about["must_be"] = draw(st.sampled_from(["", "true"]))
        elif kind == "table":
            about |= {"columns": TABLE, "fewest": draw(st.integers(0, 2))}
        elif kind in ("number", "money"):
            about |= {"least": draw(st.sampled_from(["", "-1", "2.5"])), "most": draw(st.sampled_from(["", "2", "9"]))}
        conditions = draw(st.lists(st.tuples(KEYS, st.sampled_from(["x", "y", "true", "false"])), max_size=2))
        about["show_if"] = [{"question": one, "any_of": [value]} for one, value in dict(conditions).items()]
        asked.append(ask(key, kind, **about))
    return form(*asked)


@given(forms())
@settings(max_examples=60, deadline=None)
def test_whatever_the_rules_let_through_can_be_filled_in_and_every_question_shown(asked: Form) -> None:
    """The rules against a search through all answers of those questions that others depend on."""
    found = faults(asked)
    Draft202012Validator.check_schema(schema_of(asked))
    assert form_from(json.loads(json.dumps(schema_of(asked)))) == asked
    if found:
        return
    controls = {condition.question for one in asked.questions for condition in one.show_if}
    reached: set[str] = set()
    for answers in _every([one for one in asked.questions if one.key in controls]):
        whole = counting(asked, {**{one.key: _some(one) for one in asked.questions}, **answers})
        assert progress(asked, whole, {}).complete
        assert list(whole_validator(asked).iter_errors(whole)) == []
        reached |= {one.key for one in shown(asked, whole)}
    assert reached == {one.key for one in asked.questions}


def _every(controls: list[Question]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{}]
    for one in controls:
        if one.kind is Kind.YES_NO:
            options: list[Any] = [True] if one.must_be else [True, False]
        elif one.kind is Kind.CHOICES:
            subsets = [["x"], ["y"], ["z"], ["x", "y"], ["x", "z"], ["y", "z"], ["x", "y", "z"]]
            options = [one_set for one_set in subsets if len(one_set) <= one.limit]
        else:
            options = list(one.values)
        found = [{**answers, one.key: option} for answers in found for option in options]
    return found


def _some(one: Question) -> Any:
    """An answer that is taken."""
    number = one.least or one.most or "1"
    number = number if one.kind is Kind.MONEY else {"2.5": "3"}.get(number, number)
    return {
        Kind.LONG_TEXT: "Words",
        Kind.NUMBER: number,
        Kind.MONEY: {"amount": number, "currency": "CNY"},
        Kind.DATE: "2026-01-01",
        Kind.TABLE: [{"name": "A", "cost": "1"}] * max(one.fewest, 1),
        Kind.YES_NO: True,
        Kind.CHOICE: "x",
        Kind.CHOICES: ["x"],
    }[one.kind]


@given(forms(), st.dictionaries(KEYS, st.one_of(st.text(max_size=5), st.booleans(), st.lists(st.sampled_from("xyz")))))
@settings(max_examples=60, deadline=None)
def test_our_sentences_and_json_schema_agree_on_what_is_taken(asked: Form, typed: dict[str, Any]) -> None:
    if faults(asked):
        return
    answers = {one.key: normal(one, typed.get(one.key)) for one in asked.questions}
    whole = counting(asked, answers)
    told = progress(asked, whole, {})
    assert told.complete == whole_validator(asked).is_valid(whole)
    assert told.answered == len(whole) <= told.asked <= len(asked.questions)
    canonical(whole)


# -- from outside -----------------------------------------------------------------------------------------------------


def plain(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


HOSTILE: dict[str, tuple[Any, str]] = {
    "a reference to elsewhere": (plain(a={"$ref": "http://127.0.0.1/steal.json"}), "“$ref” is not taken"),
    "a dynamic reference": (plain(a={"type": "array", "items": {"$dynamicRef": "#x"}}), "“$dynamicRef” is not taken"),
    "definitions": ({**plain(), "$defs": {}}, "“$defs” is not taken"),
    "a pattern that never ends": (plain(a={"type": "string", "pattern": "^(a+)+$"}), "Patterns are not taken"),
    "patterns of names": ({**plain(), "patternProperties": {"(a+)+": {}}}, "not taken here"),
    "another draft": ({**plain(), "$schema": "http://json-schema.org/draft-07/schema#"}, "2020-12"),
    "a list": ([], "no form"),
    "no properties": ({"type": "object"}, "no form"),
    "an unknown kind": (plain(a={"type": "null"}), "The kinds of question are"),
    "a bad key": (plain(**{"A b": {"type": "string"}}), "A key begins with a small letter"),
    "an unknown word": (plain(a={"type": "string", "not": {}}), "not taken here"),
    "a fraction": (plain(a={"type": "number", "minimum": 0.5}), "Give numbers as text"),
    "required but not there": ({**plain(a={"type": "string"}), "required": ["b"]}, "“b”, which is no question"),
    "a section of nothing": (
        {**plain(a={"type": "string"}), "x-sections": [{"key": "s", "title": "S", "questions": ["a", "b"]}]},
        "It holds “b”",
    ),
    "in no section": ({**plain(a={"type": "string"}), "x-sections": []}, "No section holds “a”"),
    "in two sections": (
        {**plain(a={"type": "string"}), "x-sections": [{"key": "s", "title": "S", "questions": ["a", "a"]}]},
        "two places",
    ),
    "an unknown entry": (plain(a={"title": "A", "x-question": {"kind": "date", "colour": "red"}}), "has such an entry"),
    "its label twice": (plain(a={"title": "A", "x-question": {"kind": "date", "label": "B"}}), "stand outside"),
    "a word that disagrees": (
        plain(a={"title": "A", "type": "string", "format": "date", "maxLength": 3, "x-question": {"kind": "date"}}),
        "“maxLength” follows from x-question",
    ),
    "conditions of its own": ({**plain(a={"type": "string"}), "allOf": [{"if": True}]}, "show_if, only"),
    "a sign nobody can store": (plain(a={"type": "string", "title": "a\x00b"}), "Give numbers as text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_or_foreign_is_refused_with_its_place(name: str) -> None:
    schema, words = HOSTILE[name]
    with pytest.raises(Invalid) as refused:
        form_from(schema)
    told = [*(one["detail"] for one in refused.value.errors), refused.value.detail]
    assert any(words in one for one in told), told


def test_depth_and_size_are_bounded_before_anything_is_looked_at() -> None:
    deep: Any = {}
    for _ in range(5_000):
        deep = {"properties": deep}
    begun = time.process_time()
    for bad in (deep, plain(**{f"k{n}": {"type": "string"} for n in range(50_000)})):
        with pytest.raises(Invalid):
            form_from(bad)
    for text, words in (
        ("[" * 100_000, "JSON|nested"),
        ('{"a":' * 50_000, "JSON|nested"),
        ("x" * (rules.MOST_BYTES + 1), "longer than"),
        ('{"type": }', "line 1, column 10"),
        ('{"type":"object","properties":{"a":{},"a":{}}}', "“a” stands twice"),
    ):
        with pytest.raises(Invalid, match=words):
            text_to_schema(text)
    assert time.process_time() - begun < 4


def test_plain_json_schema_of_others_becomes_questions() -> None:
    asked = form_from(
        {
            **plain(
                aim={"type": "string", "title": "Aim"},
                name={"type": "string", "maxLength": 80},
                people={"type": "integer", "minimum": 1, "maximum": 9},
                share={"type": "number"},
                area={"type": "string", "enum": ["a", "b"]},
                areas={"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 1},
                day={"type": "string", "format": "date"},
                agreed={"type": "boolean"},
            ),
            "required": ["aim"],
        }
    )
    kinds = {one.key: one.kind.value for one in asked.questions}
    assert kinds == {"aim": "long_text", "name": "short_text", "people": "number", "share": "number",
                     "area": "choice", "areas": "choices", "day": "date", "agreed": "yes_no"}  # fmt: skip
    assert [one.key for one in asked.questions if one.required] == ["aim"]
