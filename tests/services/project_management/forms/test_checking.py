"""Answers to a form: one normal form, what counts, and each fault in plain words."""

from typing import Any

import pytest

from services.project_management.forms import rules
from services.project_management.forms.checking import (
    File,
    counting,
    faults_of,
    normal,
    progress,
    words_in,
)
from services.project_management.forms.questions import Question
from services.project_management.forms.schemas import QuestionUpdate
from shared.kernel.errors import Invalid
from shared.web.forms import FormState, PostedForm, parse
from tests.services.project_management.forms.asking import ask, choice, form, shown_if

TABLE = [{"key": "name", "label": "Name"}, {"key": "cost", "label": "Cost", "kind": "number"}]


def question(**about: Any) -> Question:
    return Question.model_validate({"key": "it", "label": "It", **about})


FAULTY: dict[str, tuple[dict[str, Any], Any, str]] = {
    "words": ({"kind": "long_text", "words": 2}, "one two three", "at most 2 words"),
    "chinese words": ({"kind": "long_text", "words": 2}, "合金材料", "at most 2 words"),
    "characters": ({"kind": "short_text", "characters": 3}, "abcd", "at most 3 characters"),
    "mask": ({"kind": "short_text", "mask": "AA-99"}, "A1-99", "in the form “AA-99”"),
    "whole": ({"kind": "number"}, "1.5", "whole number"),
    "decimals": ({"kind": "number", "decimals": 1}, "1.55", "at most 1 decimals"),
    "no number": ({"kind": "number", "decimals": 1}, "several", "Enter a number"),
    "least": ({"kind": "number", "least": "3"}, "2", "at least 3"),
    "most": ({"kind": "money", "most": "10"}, {"amount": "11", "currency": "CNY"}, "at most 10"),
    "currency": ({"kind": "money"}, {"amount": "11", "currency": "EUR"}, "currency asked for"),
    "no day": ({"kind": "date"}, "2026-02-30", "as year-month-day"),
    "early": ({"kind": "date", "least": "2026-01-01"}, "2025-12-31", "2026-01-01 or a later day"),
    "late": ({"kind": "date", "most": "2026-01-01"}, "2026-01-02", "or an earlier day"),
    "not offered": (choice("it", "x", "y"), "z", "Choose one of the answers offered"),
    "too few": (choice("it", "x", "y", "z", kind="choices", fewest=2), ["x"], "at least 2"),
    "too many": (choice("it", "x", "y", "z", kind="choices", at_most=1), ["x", "y"], "at most 1"),
    "not agreed": ({"kind": "yes_no", "must_be": "true"}, False, "Only one answer"),
    "few rows": ({"kind": "table", "columns": TABLE, "fewest": 2}, [{"name": "a", "cost": "1"}], "at least 2 rows"),
    "cell missing": ({"kind": "table", "columns": TABLE}, [{"name": "a"}], "Fill this in"),
    "cell wrong": ({"kind": "table", "columns": TABLE}, [{"name": "a", "cost": "b"}], "Enter a number"),
    "file gone": ({"kind": "attachment"}, ["0197"], "no longer there"),
    "wrong file": ({"kind": "attachment"}, ["sheet"], "one of these kinds: .pdf"),
    "big file": ({"kind": "attachment", "megabytes": 1}, ["big"], "larger than 1 MB"),
}
FILES = {"sheet": File("a.xlsx", 10), "big": File("a.PDF", 2_000_000), "good": File("a.PDF", 10)}


@pytest.mark.parametrize("name", FAULTY)
def test_each_fault_of_an_answer_is_said_in_plain_words(name: str) -> None:
    about, answer, words = FAULTY[name]
    (fault,) = faults_of(question(**about), answer, FILES)
    assert words in fault.sentence
    assert fault.key == "it"


@pytest.mark.parametrize(
    ("about", "typed", "kept"),
    [
        ({"kind": "number"}, " １，２００ ", "1200"),
        ({"kind": "number", "decimals": 2}, "1200.50", "1200.5"),
        ({"kind": "number"}, "0.0", "0"),
        ({"kind": "number"}, "1e999999", "1e999999"),
        ({"kind": "number"}, "NaN", "NaN"),
        ({"kind": "number"}, 12, "12"),
        ({"kind": "money"}, {"amount": "1 000", "currency": "CNY"}, {"amount": "1000", "currency": "CNY"}),
        ({"kind": "money"}, {"amount": "", "currency": "CNY"}, None),
        ({"kind": "yes_no"}, "true", True),
        ({"kind": "yes_no"}, "", None),
        (choice("it", "x", "y", kind="choices"), ["y", "x", "y", "w"], ["x", "y", "w"]),
        (choice("it", "x", "y"), "", None),
        ({"kind": "long_text"}, "  a\r\nb\x00 ", "a\nb"),
        ({"kind": "table", "columns": TABLE}, [{"name": ""}, {"cost": "1,5"}, 3], [{"cost": "15"}]),
        ({"kind": "attachment"}, "no list", None),
    ],
)  # fmt: skip
def test_answers_have_one_normal_form_and_what_cannot_be_read_is_kept(about: Any, typed: Any, kept: Any) -> None:
    one = question(**about)
    assert normal(one, typed) == kept
    if kept is not None:
        assert normal(one, kept) == kept


def test_an_answer_too_long_to_keep_is_refused() -> None:
    with pytest.raises(Invalid):
        normal(question(kind="long_text"), "x" * (rules.MOST_CHARACTERS + 1))


def test_only_what_is_asked_counts() -> None:
    asked = form(
        ask("open", "yes_no"), ask("why", required=True, show_if=shown_if("open", "true")), ask("more", required=True)
    )
    assert progress(asked, {"open": False, "why": "said before"}, {}).asked == 2
    assert counting(asked, {"open": False, "why": "said before"}) == {"open": False}
    told = progress(asked, {"open": True}, {})
    assert [fault.key for fault in told.faults] == ["why", "more"]
    assert (told.asked, told.answered) == (3, 1)


def test_words_are_counted_as_people_count_them() -> None:
    assert words_in("Mg-Al 合金, light alloys") == 6  # “,” stands alone


def test_a_column_is_marked_optional_on_the_page_of_its_question() -> None:
    typed = [("section", "work"), ("key", "team"), ("kind", "table"), ("label", "Team"), ("was", "")]
    for n, (key, optional) in enumerate((("name", ""), ("share", "true"))):
        typed += [(f"columns-{n}-key", key), (f"columns-{n}-label", key), (f"columns-{n}-kind", "short_text")]
        typed += [(f"columns-{n}-optional", optional)]
    fields = parse(QuestionUpdate, PostedForm(typed))
    assert isinstance(fields, QuestionUpdate), fields.errors
    assert [one.optional for one in fields.columns] == [False, True]
    assert FormState.of(fields).value("columns-1-optional") == "true"
