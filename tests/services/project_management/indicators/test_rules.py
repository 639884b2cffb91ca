"""Numbers that are promised, and how much of them is reached, without a database."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.project_management.adoptions.rules import prefilled
from services.project_management.evaluations.rules import MEASURED, grading, measured, worth_of
from services.project_management.indicators.rules import compared, progress, wanted
from services.project_management.indicators.schemas import IndicatorFields
from services.project_management.requirements.schemas import Indicator

STRENGTH = {"name": "Strength", "direction": "at_least", "target": "500", "unit": "MPa", "baseline": "300"}
MASS = {"name": "Mass", "direction": "at_most", "target": "2.5", "unit": "kg", "baseline": "4"}


@pytest.mark.parametrize(
    ("one", "value", "share"),
    [
        (STRENGTH, "500", Fraction(1)),
        (STRENGTH, "510", Fraction(1)),
        (STRENGTH, "450", Fraction(3, 4)),
        (STRENGTH, "300", Fraction(0)),
        (STRENGTH, "100", Fraction(0)),
        (STRENGTH, None, Fraction(0)),
        (MASS, "2.5", Fraction(1)),
        (MASS, "3.1", Fraction(3, 5)),
        (MASS, "4.5", Fraction(0)),
        (STRENGTH | {"baseline": ""}, "499.9", Fraction(0)),
    ],
)
def test_progress_is_the_part_of_the_way_from_the_start_to_the_target(
    one: dict[str, str], value: str | None, share: Fraction
) -> None:
    assert progress(one, value) == share


@given(value=st.decimals(-1000, 1000, places=3))
def test_progress_lies_between_nothing_and_all_and_all_is_the_target(value: Decimal) -> None:
    for one in (STRENGTH, MASS):
        share = progress(one, str(value))
        assert 0 <= share <= 1
        at_target = value >= Decimal(one["target"]) if one is STRENGTH else value <= Decimal(one["target"])
        assert (share == 1) is at_target


def test_what_is_promised_and_measured_is_said() -> None:
    assert wanted(STRENGTH) == "Strength: at least 500 MPa"
    assert wanted(MASS | {"unit": ""}) == "Mass: at most 2.5"
    assert "measured: 450 MPa. That is 75 % of the promise." in compared(STRENGTH, "450")
    assert "nothing was measured" in compared(STRENGTH, None)


def test_a_milestone_is_worth_what_its_numbers_reach_whatever_is_claimed() -> None:
    both = [STRENGTH | {"place": 1}, MASS | {"place": 2}]
    found = measured(both, {1: "450", 2: "2.4"})
    assert (found["worth"], found["reached"]) == ("7/8", "part")
    assert [one["value"] for one in found["measures"]] == ["450", "2.4"]
    assert measured(both, {})["reached"] == "none"
    assert (worth_of("part"), worth_of("7/8"), worth_of("1"), worth_of("full")) == (
        Fraction(1, 2),
        Fraction(7, 8),
        Fraction(1),
        Fraction(1),
    )


def test_the_grade_counts_measured_parts_exactly_and_its_trace_repeats() -> None:
    inputs = {
        "sheets": [dict.fromkeys(("indicators", "results", "use", "money"), 9)],
        "reached": ["full", "17/20"],
        "award": "100.00",
        "spent": "90.00",
        "overrun": [],
        "late": 0,
    }
    trace = grading(inputs)
    assert (trace.version, trace.result["grade"], trace.result["share"]) == (MEASURED, "good", "37/40")
    assert grading(trace.inputs) == trace
    words = grading(inputs | {"reached": ["full", "part"]})
    assert (words.version, words.result["grade"]) == (1, "pass"), "where nothing is a number nothing changes"


@pytest.mark.parametrize(
    "wrong",
    [{"baseline": "500"}, {"baseline": "600"}, {"direction": "at_most", "baseline": "300"}, {"target": "many"}],
)
def test_a_start_that_is_no_start_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        IndicatorFields.model_validate(STRENGTH | wrong)


def test_a_requirement_may_give_its_wanted_value_as_a_number_which_a_call_takes_over() -> None:
    words = {"what": "Strength", "value": "≥ 500", "unit": "MPa"}
    assert Indicator.model_validate(words).model_dump() == words, "words alone are kept as they were"
    number = Indicator.model_validate(
        words | {"direction": "at_least", "target": "500.0", "baseline": "300"}
    ).model_dump()
    assert (number["target"], number["baseline"]) == ("500", "300")
    for wrong in ({"target": "500"}, {"direction": "at_least"}, {"baseline": "3"}):
        with pytest.raises(ValidationError):
            Indicator.model_validate(words | wrong)
    asked = {"title": "T", "title_zh": "", "problem": "P", "field": "F", "stage": "research", "label": "public"}
    other = number | {"what": "strength", "target": "900"}
    taken = prefilled([asked | {"indicators": [words, number]}, asked | {"indicators": [other]}])["indicators"]
    assert taken == [STRENGTH], "the first speaks for who says the same"
