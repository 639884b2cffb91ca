"""From flat texts to models and back."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, HttpUrl, field_validator, model_validator

from shared.kernel.errors import Invalid
from shared.kernel.types import Money, Share
from shared.web.forms import DRAWN, FormState, PostedForm, parse
from shared.web.i18n import lazy, speaking


class Contact(BaseModel):
    name: str
    phone: str = ""


class Part(BaseModel):
    holder: Literal["a", "b"]
    share: Share
    price: Money | None = None


class Thing(BaseModel):
    title: str = Field(min_length=2)
    note: str | None = None
    contact: Contact | None = None
    parts: list[Part] = []
    tags: frozenset[Literal["x", "y", "z"]] = frozenset()
    public: bool = False
    consent: bool | None = None
    price: Money | None = None
    months: int | None = None
    ratio: Decimal | None = None
    at: AwareDatetime | None = None
    owner: UUID | None = None
    site: HttpUrl | None = None

    @field_validator("note")
    @classmethod
    def not_secret(cls, note: str | None) -> str | None:
        if note == "secret":
            raise ValueError("leave the secret out")
        return note

    @model_validator(mode="after")
    def whole(self) -> "Thing":
        if self.parts and sum(part.share for part in self.parts) != 1:
            raise ValueError("the shares must sum to one")
        return self


def read(*fields: tuple[str, str]) -> Thing:
    parsed = parse(Thing, PostedForm(list(fields)))
    assert isinstance(parsed, Thing), parsed
    return parsed


def refuse(*fields: tuple[str, str]) -> dict[str, list[str]]:
    parsed = parse(Thing, PostedForm(list(fields)))
    assert isinstance(parsed, FormState)
    return {name: [str(text) for text in texts] for name, texts in parsed.errors.items()}


TITLE = ("title", "Bearing")


def test_blank_is_absent_and_unticked_is_false() -> None:
    thing = read(TITLE, ("note", "  "), ("contact-name", ""), ("months", ""), ("price-amount", ""), ("price-currency", "EUR"))  # fmt: skip  # noqa: E501
    assert (thing.note, thing.contact, thing.months, thing.price, thing.public, thing.consent) == (None, None, None, None, False, None)  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("typed", ["1200.5", "1,200.50", "１，２００．５", " 1 200.5 "])
def test_numbers_are_read_as_people_type_them(typed: str) -> None:
    assert read(TITLE, ("ratio", typed)).ratio == Decimal("1200.5")
    assert read(TITLE, ("price-amount", typed), ("price-currency", "EUR")).price == Money(
        amount=Decimal("1200.5"), currency="EUR"
    )


@pytest.mark.parametrize("typed", ["1,20", "0,200", "1,2,3", "1234,567", "1.234,56", "1 20", "1,200 300", "1,0000"])
def test_what_may_be_two_numbers_is_taken_for_neither(typed: str) -> None:
    told = refuse(TITLE, ("price-amount", typed), ("price-currency", "CNY"))
    assert told["price-amount"], typed
    if typed == "1,20":
        assert told["price-amount"][0].startswith("Write 1.20 or 120:")
    assert read(TITLE, ("ratio", "1,234,567.89")).ratio == Decimal("1234567.89")
    assert read(TITLE, ("months", "1,200")).months == 1200


def test_rows_keep_their_numbers_on_the_page() -> None:
    rows = [("parts-0-holder", ""), ("parts-0-share", ""), ("parts-3-holder", "a"), ("parts-3-share", "60%"), ("parts-7-holder", "b"), ("parts-7-share", "2/5")]  # fmt: skip  # noqa: E501
    assert [part.share for part in read(TITLE, *rows).parts] == [Fraction(3, 5), Fraction(2, 5)]
    broken = [*rows[:-1], ("parts-7-share", "0.4x")]
    assert refuse(TITLE, *broken) == {"parts-7-share": ["Write a share as a fraction such as '3/5', or as '60%'."]}


def test_a_fault_of_the_whole_stands_at_the_whole() -> None:
    assert refuse(TITLE, ("parts-0-holder", "a"), ("parts-0-share", "1/2")) == {"": ["The shares must sum to one."]}


def test_several_values_and_their_faults() -> None:
    assert read(TITLE, ("tags", "x"), ("tags", "z")).tags == {"x", "z"}
    assert refuse(TITLE, ("tags", "x"), ("tags", "q")) == {"tags": ["Choose one of the answers offered."]}


def test_a_time_is_beijing_time() -> None:
    assert read(TITLE, ("at", "2026-03-31T17:00")).at == datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("title", "", "Fill this in."),
        ("title", "x", "Write at least 2 characters."),
        ("months", "1.5", "Enter a whole number, such as 12."),
        ("months", "soon", "Enter a whole number, such as 12."),
        ("ratio", "NaN", "Enter a number, such as 1200.50."),
        ("at", "tomorrow", "Enter a date and a time, such as 2026-03-31 17:00."),
        ("owner", "me", "Choose an entry from the list."),
        ("site", "example", "Enter a web address that begins with https://."),
        ("note", "secret", "Leave the secret out."),
        ("consent", "perhaps", "Choose yes or no."),
    ],
)
def test_each_fault_says_what_to_do(name: str, typed: str, said: str) -> None:
    fields = [(name, typed)] if name == "title" else [TITLE, (name, typed)]
    assert refuse(*fields) == {name: [said]}


def test_a_fault_inside_money_stands_at_the_amount() -> None:
    assert list(refuse(TITLE, ("price-amount", "1.005"), ("price-currency", "CNY"))) == ["price-amount"]


def test_messages_are_translated_when_shown() -> None:
    parsed = parse(Thing, PostedForm([]))
    assert isinstance(parsed, FormState)
    with speaking("zh"):
        assert str(parsed.errors["title"][0]) == "请填写此项。"


def test_a_refusal_of_a_rule_stands_at_its_field() -> None:
    form = PostedForm([("rows-1-name", "x"), ("version", "3")])
    state = FormState.refused(form, Invalid.field("/rows/1/name", "Already taken."))
    assert state.error("rows-1-name") == [lazy("Already taken.")]
    assert (state.value("rows-1-name"), state.version) == ("x", 3)


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "٣", "9" * 30])
def test_a_made_up_version_is_no_version(version: str) -> None:
    assert PostedForm([("version", version)]).version is None


def test_the_summary_leads_to_the_fields_in_their_order() -> None:
    state = FormState(errors={"": ["Whole."], "b": ["B."], "a": ["A."]})
    state.claim("a", "First", "f-a")
    state.claim("b", "Second", "f-b")
    assert state.summary == [("First", "f-a", "A."), ("Second", "f-b", "B."), ("", "", "Whole.")]


def test_fields_of_one_name_in_two_forms_of_a_page_have_ids_of_their_own() -> None:
    first, second = FormState(), FormState()
    assert [state.id("reason") for state in (first, second)] == ["f-reason"] * 2, "no page is being drawn"
    reset = DRAWN.set({})
    try:
        drawn = [state.id(name) for name in ("reason", "how") for state in (first, second, first)]
    finally:
        DRAWN.reset(reset)
    assert drawn == ["f-reason", "f-reason--2", "f-reason", "f-how", "f-how--2", "f-how"]


def test_a_model_fills_a_form_and_the_form_gives_the_model_again() -> None:
    thing = read(TITLE, ("contact-name", "Li"), ("parts-0-holder", "a"), ("parts-0-share", "1"), ("parts-0-price-amount", "5"), ("parts-0-price-currency", "USD"), ("tags", "y"), ("public", "true"), ("consent", "true"), ("price-amount", "7.25"), ("months", "3"), ("at", "2026-03-31T17:00"))  # fmt: skip  # noqa: E501
    state = FormState.of(thing)
    assert state.value("at") == "2026-03-31T17:00"
    again = parse(Thing, PostedForm([(name, text) for name, texts in state.values.items() for text in texts]))
    assert again == thing


NAMES = st.sampled_from(["title", "tags", "parts", "parts-0-share", "parts-99999999-share", "parts-0-price-amount", "price-amount", "price", "contact-name", "contact", "at", "months", "ratio", "public", "owner", "-", ""])  # fmt: skip  # noqa: E501


@given(st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=12))
def test_no_input_breaks_a_form(fields: list[tuple[str, str]]) -> None:
    parsed = parse(Thing, PostedForm(fields))
    if isinstance(parsed, FormState):
        assert parsed.errors
        for texts in parsed.errors.values():
            assert all(str(text) for text in texts)


def test_a_time_keeps_the_seconds_that_it_has() -> None:
    for moment, shown in (
        ("2027-03-31T09:00:30+00:00", "2027-03-31T17:00:30"),
        ("2027-03-31T09:00:00+00:00", "2027-03-31T17:00"),
    ):
        state = FormState.of({"closes_at": datetime.fromisoformat(moment)})
        assert state.value("closes_at") == shown
