"""Answers to a form: in their one normal form, which of them count, and what is wrong with them. Pure.

JSON Schema has the last word on what is taken; the sentences are ours.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from services.project_management.forms import rules
from services.project_management.forms.questions import (
    ACCEPTED,
    Condition,
    Form,
    Kind,
    Question,
    decimal_of,
    property_of,
    schema_of,
)
from shared.kernel.errors import Invalid
from shared.kernel.marks import N_, S_

Answers = Mapping[str, Any]
MISSING = N_("Answer this question.")
_WORDS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\s\u3400-\u9fff\uf900-\ufaff]+")
_FORMATS = FormatChecker(formats=())


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry that cannot be taken. `path` leads from the question to the row and column at fault."""

    path: tuple[str | int, ...]
    sentence: str

    @property
    def key(self) -> str:
        return str(self.path[0])


@dataclass(frozen=True, slots=True)
class File:
    """What is known of an attached file."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Progress:
    asked: int
    answered: int
    faults: tuple[Fault, ...]

    @property
    def complete(self) -> bool:
        return not self.faults


def words_in(text: str) -> int:
    """Words as people count them: each Chinese character is one."""
    return len(_WORDS.findall(text))


# -- the one normal form ----------------------------------------------------------------------------------------------


def normal(question: Question, given: Any) -> Any:
    """An answer as it is kept, None for none. What cannot be read is kept as it was typed: nothing is lost.

    Raises Invalid for what is too long to keep.
    """
    match question.kind:
        case Kind.NUMBER:
            return _number(_text(question, given))
        case Kind.MONEY:
            amount = given.get("amount") if isinstance(given, Mapping) else given
            kept = _number(_text(question, amount))
            currency = given.get("currency") if isinstance(given, Mapping) else None
            return kept and {"amount": kept, "currency": str(currency or question.currency)[:3]}
        case Kind.YES_NO:
            known = {"true": True, "false": False}
            return given if isinstance(given, bool) else known.get(str(given or "").strip().lower())
        case Kind.CHOICES:
            chosen = [_text(question, one) for one in given] if isinstance(given, list) else [_text(question, given)]
            ticked = [one for one in chosen if one]
            known_first = [one for one in question.values if one in ticked]
            return [*known_first, *dict.fromkeys(one for one in ticked if one not in question.values)] or None
        case Kind.TABLE:
            return _rows(question, given)
        case Kind.ATTACHMENT:
            files = [str(one)[:36] for one in given] if isinstance(given, list) else []
            return list(dict.fromkeys(files))[: rules.MOST_FILES] or None
        case _:
            return _text(question, given) or None


def _text(question: Question, given: Any) -> str:
    if given is None or isinstance(given, list | dict):
        return ""
    text = str(given).replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > rules.MOST_CHARACTERS:
        sentence = S_("Shorten this to at most %(max_length)s characters.", max_length=rules.MOST_CHARACTERS)
        raise Invalid.field(f"/answers/{question.key}", sentence)
    return text


def _number(text: str) -> str | None:
    """A number as people type it, as exact text; anything else as it is."""
    if not text:
        return None
    plain = re.sub(r"[,\s\u202f]", "", unicodedata.normalize("NFKC", text))
    found = decimal_of(plain) if len(plain) < 30 and re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*", plain) else None
    if found is None:
        return text
    shown = format(found, "f")
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown in ("-0", "") else shown


def _rows(question: Question, given: Any) -> list[dict[str, Any]] | None:
    kept = []
    for row in given if isinstance(given, list) else []:
        cells = {}
        for column in question.columns if isinstance(row, Mapping) else []:
            text = _text(question, row.get(column.key))
            value = _number(text) if column.kind == "number" else text
            if value:
                cells[column.key] = value
        if cells:
            kept.append(cells)
    return kept[: rules.MOST_ROWS] or None


# -- which count ------------------------------------------------------------------------------------------------------


def shown(form: Form, answers: Answers) -> list[Question]:
    """The questions that are asked, given the answers so far, in the order of the form."""
    by_key = {one.key: one for one in form.questions}
    known: dict[str, bool] = {}

    def is_shown(key: str) -> bool:
        if key not in known:
            known[key] = False  # a circle, which a sound form has not, shows nothing
            conditions = by_key[key].show_if if key in by_key else []
            known[key] = key in by_key and all(
                is_shown(one.question) and _holds(one, answers.get(one.question)) for one in conditions
            )
        return known[key]

    return [one for one in form.questions if is_shown(one.key)]


def _holds(condition: Condition, answer: Any) -> bool:
    given = answer if isinstance(answer, list) else [str(answer).lower() if isinstance(answer, bool) else answer]
    return any(one in condition.any_of for one in given)


def counting(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers that are handed in: to questions that are asked, and given."""
    return {one.key: answers[one.key] for one in shown(form, answers) if answers.get(one.key) is not None}


# -- what is wrong ----------------------------------------------------------------------------------------------------


def progress(form: Form, answers: Answers, files: Mapping[str, File]) -> Progress:
    """How far it is: questions asked, answered, and everything that keeps it from being handed in."""
    asked, given = shown(form, answers), counting(form, answers)
    found = [Fault((one.key,), MISSING) for one in asked if one.required and one.key not in given]
    found += [fault for one in asked if one.key in given for fault in faults_of(one, given[one.key], files)]
    order = {one.key: n for n, one in enumerate(asked)}
    return Progress(len(asked), len(given), tuple(sorted(found, key=lambda fault: order[fault.key])))


def faults_of(question: Question, answer: Any, files: Mapping[str, File] | None = None) -> list[Fault]:
    """What is wrong with one answer, in plain words."""
    found: dict[tuple[str | int, ...], str] = {}
    for error in _validator(question).iter_errors(answer):
        path = (question.key, *error.absolute_path)
        if error.validator == "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            for name in missing:
                found.setdefault((*path, name), N_("Fill this in."))
        else:
            found.setdefault(path, _sentence(question, error))
    if question.kind is Kind.ATTACHMENT and files is not None and not found:
        for sentence in _files(question, answer, files):
            found.setdefault((question.key,), sentence)
    return [Fault(path, sentence) for path, sentence in found.items()]


def file_fault(question: Question, file: File) -> str:
    """Why the slot does not take the file; empty when it does."""
    ends = [end for kind in question.accepts for end in ACCEPTED[kind]]
    if not file.name.lower().endswith(tuple(ends)):
        return S_("Attach a file of one of these kinds: %(kinds)s.", kinds=", ".join(ends))
    if file.size > question.megabytes * 1_048_576:
        return S_("The file is larger than %(most)s MB. Make it smaller.", most=question.megabytes)
    return ""


def _files(question: Question, answer: list[str], files: Mapping[str, File]) -> Iterator[str]:
    for id in answer:
        if id not in files:
            yield N_("A file is no longer there. Attach it again.")
        elif told := file_fault(question, files[id]):
            yield told


def _sentence(question: Question, error: ValidationError) -> str:
    """The sentence for what JSON Schema found."""
    limit = error.validator_value
    if error.validator in ("minItems", "maxItems"):
        return _COUNTS[question.kind, error.validator](limit)
    if error.validator == "pattern":
        if question.mask:
            return S_("Write it in the form “%(mask)s”: 9 is a digit, A a letter, * either.", mask=question.mask)
        places = 6 if question.kind is Kind.TABLE else 2 if question.kind is Kind.MONEY else question.decimals
        if places == 0:
            return N_("Enter a whole number, such as 12.")
        return S_("Enter a number with at most %(places)s decimals, such as 1200.5.", places=places)
    if error.validator == "const" and question.must_be:
        return N_("Only one answer can be taken here. Read the question again.")
    if error.validator in _LIMITS:
        return _LIMITS[error.validator](limit)
    return _PLAIN.get(str(error.validator), N_("Check this entry."))


_PLAIN = {
    "enum": N_("Choose one of the answers offered."),
    "format": N_("Enter a date as year-month-day, such as 2026-03-31."),
    "type": N_("Check this entry."),
    "const": N_("Give the amount in the currency asked for."),
    "minLength": N_("Fill this in."),
}
_LIMITS: dict[str, Callable[[Any], str]] = {
    "maxLength": lambda most: S_("Shorten this to at most %(max_length)s characters.", max_length=most),
    "x-maxWords": lambda most: S_("Shorten this to at most %(most)s words.", most=most),
    "x-minimum": lambda least: S_("Enter a number of at least %(least)s.", least=least),
    "x-maximum": lambda most: S_("Enter a number of at most %(most)s.", most=most),
    "x-earliest": lambda least: S_("Choose %(least)s or a later day.", least=least),
    "x-latest": lambda most: S_("Choose %(most)s or an earlier day.", most=most),
}
_COUNTS: dict[tuple[Kind, str], Callable[[Any], str]] = {
    (Kind.CHOICES, "minItems"): lambda least: S_("Choose at least %(least)s.", least=least),
    (Kind.CHOICES, "maxItems"): lambda most: S_("Choose at most %(most)s.", most=most),
    (Kind.TABLE, "minItems"): lambda least: S_("Fill in at least %(least)s rows.", least=least),
    (Kind.TABLE, "maxItems"): lambda most: S_("Fill in at most %(most)s rows.", most=most),
    (Kind.ATTACHMENT, "minItems"): lambda least: S_("Attach at least %(least)s files.", least=least),
    (Kind.ATTACHMENT, "maxItems"): lambda most: S_("Attach at most %(most)s files.", most=most),
}


def _compared(fits: Callable[[Any, Any], bool], read: Callable[[str], Any]) -> Callable[..., Iterator[ValidationError]]:
    """A word of ours: the answer against a limit, where both can be read."""

    def check(validator: Any, limit: str, answer: Any, schema: Any) -> Iterator[ValidationError]:
        given, bound = (read(text) if isinstance(text, str) else None for text in (answer, limit))
        if given is not None and bound is not None and not fits(given, bound):
            yield ValidationError("outside the limits")

    return check


def _most_words(validator: Any, limit: int, answer: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(answer, str) and words_in(answer) > limit:
        yield ValidationError("too many words")


@_FORMATS.checks("date")  # type: ignore[untyped-decorator]
def _is_date(answer: object) -> bool:
    return not isinstance(answer, str) or _day(answer) is not None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


Checker = extend(
    Draft202012Validator,
    {
        "x-minimum": _compared(lambda given, least: given >= least, decimal_of),
        "x-maximum": _compared(lambda given, most: given <= most, decimal_of),
        "x-earliest": _compared(lambda given, least: given >= least, _day),
        "x-latest": _compared(lambda given, most: given <= most, _day),
        "x-maxWords": _most_words,
    },
)


def whole_validator(form: Form) -> Any:
    """The validator of all answers together, as another program would use the schema."""
    return Checker(schema_of(form), format_checker=_FORMATS)


def _validator(question: Question) -> Any:
    return _cached(question.model_dump_json())


@lru_cache(maxsize=2_000)
def _cached(question: str) -> Any:
    return Checker(property_of(Question.model_validate_json(question)), format_checker=_FORMATS)
