"""Values as they are written in the world."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.importing.cleaning import Cells, Unusable, read_day
from seeds.importing.report import formula_safe


def cell(value: Any) -> Cells:
    return Cells({"it": value})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2018-06-30", "2018-06-30"),
        ("2018/6/3", "2018-06-03"),
        ("2018.06.30", "2018-06-30"),
        ("2018年6月30日", "2018-06-30"),
        ("20180630", "2018-06-30"),
        ("2018-06-30T23:59:59.000Z", "2018-06-30"),
        ("30.06.2018", "2018-06-30"),
        ("30/06/2018", "2018-06-30"),
        ("06/30/2018", "2018-06-30"),
        ("04.03.2018", "2018-03-04"),
        ("05/05/2018", "2018-05-05"),
    ],
)
def test_dates_in_many_forms(written: str, meant: str) -> None:
    assert read_day(written).isoformat() == meant


@pytest.mark.parametrize("written", ["03/04/2018", "2018-13-01", "2018-02-30", "2018", "June 2018", "CHENNAI"])
def test_a_date_that_may_mean_two_days_or_none_is_left_out_and_said(written: str) -> None:
    cells = cell(written)
    assert cells.day("it", name="starts_on") is None
    assert cells.left_out[0][0] == "starts_on"


def test_a_source_that_writes_the_day_first_is_believed() -> None:
    assert cell("03/04/2018").day("it", name="filed_on", day_first=True) == "2018-04-03"


@pytest.mark.parametrize("written", ["", "0000-00-00", "N/A", "nan", " — "])
def test_nothing_is_nothing_and_no_fault(written: str) -> None:
    cells = cell(written)
    assert cells.day("it", name="ends_on") is None
    assert cells.left_out == []


def test_a_span_of_months_runs_to_the_last_day() -> None:
    assert cell("2018.01-2020.02").months("it") == ("2018-01-01", "2020-02-29")
    assert cell("2018.01-2020.12").months("it") == ("2018-01-01", "2020-12-31")
    broken = cell("2018.13-2020.12")
    assert broken.months("it") == (None, None)
    assert broken.left_out


@pytest.mark.parametrize(
    ("written", "currency", "unit", "meant"),
    [
        ("$44,434,393 ", "USD", 1, ("44434393.00", "USD")),
        ("18", "CNY", 10_000, ("180000.00", "CNY")),
        ("9.99", "CNY", 10_000, ("99900.00", "CNY")),
        ("18万元", "", 1, ("180000.00", "CNY")),
        ("€1200.5", "", 1, ("1200.50", "EUR")),
        (49722.0, "USD", 1, ("49722.00", "USD")),
    ],
)
def test_amounts_with_their_currency(written: Any, currency: str, unit: int, meant: tuple[str, str]) -> None:
    assert cell(written).money("it", currency=currency, unit=unit) == meant


@pytest.mark.parametrize(
    ("written", "currency"), [("1,20", "USD"), ("1200.505", "USD"), ("about 5", "USD"), ("-5", "USD"), ("1200", "")]
)
def test_an_unreadable_amount_is_left_out_never_guessed(written: str, currency: str) -> None:
    cells = cell(written)
    assert cells.money("it", currency=currency) == (None, None)
    assert [name for name, _ in cells.left_out] == ["amount"]


def test_names_are_split_and_stand_once() -> None:
    cells = cell("毛裕民, 谢毅,毛裕民;- Robby;不公告发明人")
    assert cells.names("it", ",;", name="inventors", nobody=["不公告发明人"]) == ["毛裕民", "谢毅", "Robby"]


def test_what_must_be_there_and_is_not_refuses_the_row() -> None:
    for value, words in ((None, "missing"), ("N/A", "missing"), ("IT", "repeats the header"), ({}, "not a text")):
        with pytest.raises(Unusable, match=words) as refusal:
            cell(value).need("it", name="title")
        assert refusal.value.field == "title"


@given(st.text())
def test_text_is_one_printable_line(written: str) -> None:
    found = cell(written).text("it")
    assert found == found.strip()
    assert not any(letter in found for letter in "\n\r\t\x00\x0b\x1f\x7f")


@given(st.text())
def test_no_cell_of_the_report_runs_as_a_formula(written: str) -> None:
    assert not formula_safe(written).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_formula_behind_blanks_is_disarmed() -> None:
    assert formula_safe(" =HYPERLINK(1)") == "' =HYPERLINK(1)"
    assert formula_safe("magnesium = light") == "magnesium = light"
