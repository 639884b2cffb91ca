from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from services.resource_catalog.people import rules


@given(st.text("0123456789", min_size=15, max_size=15))
def test_every_orcid_with_the_right_check_character_is_accepted_and_written_in_groups(digits: str) -> None:
    whole = digits + mod_11_2.calc_check_digit(digits)
    grouped = rules.orcid(whole)
    assert grouped.replace("-", "") == whole
    assert [len(part) for part in grouped.split("-")] == [4, 4, 4, 4]


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, place: int, by: int) -> None:
    whole = digits + mod_11_2.calc_check_digit(digits)
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]
    with pytest.raises(ValueError, match="check character"):
        rules.orcid(wrong)


@pytest.mark.parametrize("text", ["", "0000", "0000-0002-1825-009", "abcd-0002-1825-0097", "０000-0002-1825-0097"])
def test_what_is_no_orcid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="16 characters"):
        rules.orcid(text)


def test_the_address_form_of_an_orcid_is_understood() -> None:
    assert rules.orcid("https://orcid.org/0000-0002-1694-233x") == "0000-0002-1694-233X"


def test_an_expert_has_a_cap_and_nobody_else() -> None:
    rules.fits_expert(True, 1)
    rules.fits_expert(False, 0)
    for expert, cap in ((True, 0), (False, 1)):
        with pytest.raises(ValueError, match=r"cap|reviews"):
            rules.fits_expert(expert, cap)


def test_an_affiliation_begins_neither_in_the_future_nor_before_the_present_one() -> None:
    today = date(2026, 3, 1)
    assert rules.affiliation_start(today, None, today) == today
    with pytest.raises(ValueError, match="happened"):
        rules.affiliation_start(date(2026, 3, 2), None, today)
    with pytest.raises(ValueError, match="cannot begin before"):
        rules.affiliation_start(date(2025, 1, 1), date(2025, 1, 2), today)
