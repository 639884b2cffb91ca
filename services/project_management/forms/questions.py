"""What an application form asks: sections of questions, as JSON Schema (draft 2020-12) and back. Pure.

A form is stored, sent and released as one JSON Schema that any validator understands. What JSON Schema has no word for
(the kind of a question, its Chinese, when it is shown) stands beside it under `x-question` and `x-sections`. The schema
is always derived, so that both cannot disagree: one that comes from outside is read, derived again and compared.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from services.project_management.forms import rules
from shared.kernel.marks import N_
from shared.kernel.schemas import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Kind(StrEnum):
    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    TABLE = "table"
    ATTACHMENT = "attachment"


CELLS = (Kind.SHORT_TEXT, Kind.NUMBER, Kind.DATE, Kind.CHOICE)
"""What a column of a table may hold."""
ACCEPTED: dict[str, tuple[str, ...]] = {
    "pdf": (".pdf",),
    "document": (".docx", ".odt"),
    "spreadsheet": (".xlsx", ".ods", ".csv"),
    "image": (".png", ".jpg", ".jpeg"),
    "archive": (".zip",),
}
"""Kinds of file a slot may take → the ends of their names."""

FileKind = Literal["pdf", "document", "spreadsheet", "image", "archive"]
PDF_ONLY: tuple[FileKind, ...] = ("pdf",)
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Value = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}$")]
Said = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]
Named = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Help = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)]
Limit = Annotated[str, StringConstraints(max_length=24, strip_whitespace=True)]


class Option(Schema):
    value: Value
    label: Named
    label_zh: Said = ""


class Condition(Schema):
    """Holds when the other question is answered with one of these."""

    question: Key
    any_of: Annotated[list[Said], Field(min_length=1, max_length=rules.MOST_OPTIONS)]

    @field_validator("any_of", mode="before")
    @classmethod
    def _apart(cls, given: Any) -> Any:
        """A page types them in one line."""
        if isinstance(given, str):
            given = [given]
        if isinstance(given, list) and all(isinstance(one, str) for one in given):
            return [part.strip() for one in given for part in re.split("[,，、]", one) if part.strip()]
        return given


class Column(Schema):
    key: Key
    label: Named
    label_zh: Said = ""
    kind: Literal["short_text", "number", "date", "choice"] = "short_text"
    unit: Said = ""
    choices: Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)] = ""
    """“low = 低 | high = 高”: what may be chosen, with its Chinese where it has one."""
    optional: bool = False

    @property
    def options(self) -> list[Option]:
        pairs = [part.partition("=") for part in self.choices.split("|") if part.strip()]
        return [Option.model_construct(value=a.strip(), label=a.strip(), label_zh=b.strip()) for a, _, b in pairs]


class Question(Schema):
    key: Key
    kind: Kind
    label: Named
    label_zh: Said = ""
    help: Help = ""
    help_zh: Help = ""
    required: bool = False
    identifying: bool = False
    """Tells who applies: withheld from reviewers who shall not know."""
    show_if: Annotated[list[Condition], Field(max_length=10)] = Field(default_factory=list)
    """All of them must hold."""
    characters: Annotated[int, Field(ge=1, le=2000)] = 300
    words: Annotated[int, Field(ge=0, le=5000)] = 0
    mask: Annotated[str, StringConstraints(max_length=40)] = ""
    """9 is a digit, A a letter, * either; anything else stands for itself."""
    unit: Said = ""
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    least: Limit = ""
    most: Limit = ""
    currency: Literal["CNY", "EUR", "GBP", "JPY", "USD"] = "CNY"
    options: Annotated[list[Option], Field(max_length=rules.MOST_OPTIONS)] = Field(default_factory=list)
    must_be: Said = ""
    """The only answer that is taken, such as the yes of a declaration."""
    default: Said = ""
    fewest: Annotated[int, Field(ge=0, le=rules.MOST_ROWS)] = 0
    at_most: Annotated[int, Field(ge=0, le=rules.MOST_ROWS)] = 0
    """Of several choices, rows or files; 0 leaves it to the kind."""
    columns: Annotated[list[Column], Field(max_length=rules.MOST_COLUMNS)] = Field(default_factory=list)
    accepts: Annotated[list[FileKind], Field(max_length=5)] = Field(default_factory=lambda: list(PDF_ONLY))
    megabytes: Annotated[int, Field(ge=1, le=100)] = 20

    @model_validator(mode="after")
    def _only_what_the_kind_has(self) -> Self:
        """What another kind would have is forgotten, so that a question reads the same wherever it was written."""
        for name in SPECIAL - OF_KIND[self.kind]:
            info = type(self).model_fields[name]
            self.__dict__[name] = info.get_default(call_default_factory=True)
        return self

    @property
    def limit(self) -> int:
        """How many choices, rows or files at most."""
        whole = {
            Kind.CHOICES: len(self.options),
            Kind.TABLE: rules.MOST_ROWS // 2,
            Kind.ATTACHMENT: 1,
        }.get(self.kind, 1)
        return self.at_most or whole

    @property
    def values(self) -> list[str]:
        """What it can be answered with, where that is a list."""
        if self.kind is Kind.YES_NO:
            return ["true", "false"]
        return [one.value for one in self.options]


OF_KIND: dict[Kind, frozenset[str]] = {
    Kind.SHORT_TEXT: frozenset({"characters", "mask", "default"}),
    Kind.LONG_TEXT: frozenset({"words"}),
    Kind.NUMBER: frozenset({"unit", "decimals", "least", "most", "default"}),
    Kind.MONEY: frozenset({"currency", "least", "most"}),
    Kind.DATE: frozenset({"least", "most"}),
    Kind.CHOICE: frozenset({"options", "must_be", "default"}),
    Kind.CHOICES: frozenset({"options", "fewest", "at_most"}),
    Kind.YES_NO: frozenset({"must_be", "default"}),
    Kind.TABLE: frozenset({"columns", "fewest", "at_most"}),
    Kind.ATTACHMENT: frozenset({"fewest", "at_most", "accepts", "megabytes"}),
}
SPECIAL = frozenset(name for names in OF_KIND.values() for name in names)


class Section(Schema):
    key: Key
    title: Named
    title_zh: Said = ""
    help: Help = ""
    help_zh: Help = ""
    questions: list[Question] = Field(default_factory=list)


class Form(Schema):
    sections: Annotated[list[Section], Field(max_length=rules.MOST_SECTIONS)] = Field(default_factory=list)

    @property
    def questions(self) -> list[Question]:
        return [question for section in self.sections for question in section.questions]

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions if one.key == key), None)

    def section(self, key: str) -> Section | None:
        return next((one for one in self.sections if one.key == key), None)


# -- as JSON Schema ---------------------------------------------------------------------------------------------------


def schema_of(form: Form) -> dict[str, Any]:
    """The form as a JSON Schema of its answers."""
    whole: dict[str, Any] = {
        "$schema": DIALECT,
        "type": "object",
        "properties": {one.key: property_of(one) for one in form.questions},
        "required": [one.key for one in form.questions if one.required and not one.show_if],
        "additionalProperties": False,
        "x-sections": [
            {**section.model_dump(exclude={"questions"}), "questions": [one.key for one in section.questions]}
            for section in form.sections
        ],
    }
    conditions = list(_conditions(form))
    return {**whole, "allOf": conditions} if conditions else whole


def property_of(question: Question) -> dict[str, Any]:
    ours = question.model_dump(mode="json", exclude_defaults=True, exclude={"key", "label", "help"})
    found = {"title": question.label, "description": question.help} if question.help else {"title": question.label}
    return {**found, **_keywords(question), "x-question": ours}


def _keywords(one: Question) -> dict[str, Any]:
    """What JSON Schema itself has words for. Numbers are text, as amounts are everywhere here: a binary fraction has no
    one text, and so no hash."""
    found: dict[str, Any]
    match one.kind:
        case Kind.SHORT_TEXT:
            found = {"type": "string", "minLength": 1, "maxLength": one.characters}
            found |= {"pattern": pattern_of(one.mask)} if one.mask else {}
        case Kind.LONG_TEXT:
            found = {"type": "string", "minLength": 1, "maxLength": rules.MOST_CHARACTERS}
            found |= {"x-maxWords": one.words} if one.words else {}
        case Kind.NUMBER:
            found = {"type": "string", "pattern": decimal_pattern(one.decimals), **_range(one)}
        case Kind.MONEY:
            found = {
                "type": "object",
                "properties": {
                    "amount": {"type": "string", "pattern": decimal_pattern(2), **_range(one)},
                    "currency": {"const": one.currency},
                },
                "required": ["amount", "currency"],
                "additionalProperties": False,
            }
        case Kind.DATE:
            found = {"type": "string", "format": "date"}
            found |= {"x-earliest": one.least} if one.least else {}
            found |= {"x-latest": one.most} if one.most else {}
        case Kind.CHOICE:
            found = {"type": "string", "enum": one.values}
        case Kind.CHOICES:
            items = {"type": "string", "enum": one.values}
            found = {"type": "array", "items": items, "uniqueItems": True, **_count(one)}
        case Kind.YES_NO:
            found = {"type": "boolean"}
        case Kind.TABLE:
            row = {
                "type": "object",
                "properties": {column.key: _cell(column) for column in one.columns},
                "required": [column.key for column in one.columns if not column.optional],
                "additionalProperties": False,
            }
            found = {"type": "array", "items": row, **_count(one)}
        case Kind.ATTACHMENT:
            found = {"type": "array", "items": {"type": "string", "format": "uuid"}, "uniqueItems": True}
            found |= _count(one)
    if one.must_be:
        found["const"] = _typed(one, one.must_be)
    if one.default:
        found["default"] = _typed(one, one.default)
    return found


def _cell(column: Column) -> dict[str, Any]:
    if column.kind == "number":
        return {"title": column.label, "type": "string", "pattern": decimal_pattern(6)}
    if column.kind == "date":
        return {"title": column.label, "type": "string", "format": "date"}
    if column.kind == "choice":
        return {"title": column.label, "type": "string", "enum": [one.value for one in column.options]}
    return {"title": column.label, "type": "string", "minLength": 1, "maxLength": 300}


def _range(one: Question) -> dict[str, str]:
    return {name: text for name, text in (("x-minimum", one.least), ("x-maximum", one.most)) if text}


def _count(one: Question) -> dict[str, int]:
    """An empty answer is none at all: what is there has one entry at least."""
    return {"minItems": max(one.fewest, 1), "maxItems": one.limit}


def _typed(one: Question, text: str) -> Any:
    return text == "true" if one.kind is Kind.YES_NO else text


def _conditions(form: Form) -> Iterator[dict[str, Any]]:
    for one in form.questions:
        if not one.show_if:
            continue
        asked = {condition.question: _holds(form, condition) for condition in one.show_if}
        then = {"required": [one.key]} if one.required else True
        yield {
            "if": {"properties": asked, "required": list(asked)},
            "then": then,
            "else": {"properties": {one.key: False}},
        }


def _holds(form: Form, condition: Condition) -> dict[str, Any]:
    other = form.question(condition.question)
    if other is not None and other.kind is Kind.CHOICES:
        return {"contains": {"enum": condition.any_of}}
    if other is not None and other.kind is Kind.YES_NO:
        return {"enum": [one == "true" for one in condition.any_of]}
    return {"enum": condition.any_of}


def decimal_pattern(decimals: int) -> str:
    fraction = rf"(\.[0-9]{{1,{decimals}}})?" if decimals else ""
    return rf"^-?(0|[1-9][0-9]{{0,14}}){fraction}$"


def pattern_of(mask: str) -> str:
    """The mask as a pattern of fixed length: no text can make it search for long."""
    signs = {"9": "[0-9]", "A": "[A-Za-z]", "*": "[A-Za-z0-9]"}
    return "^" + "".join(signs.get(sign) or re.escape(sign) for sign in mask) + "$"


def decimal_of(text: str) -> Decimal | None:
    """The exact number, None for anything else; never infinite."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


NOT_A_FORM = N_("This is no form: give a JSON Schema of type object with properties.")
