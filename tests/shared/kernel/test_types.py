"""Exact shares: what is read as one, and what is refused before anybody works it out."""

import time
from fractions import Fraction

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.kernel.types import Share

SHARE = TypeAdapter[Fraction](Share)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("3/5", Fraction(3, 5)),
        (" 60 % ", Fraction(3, 5)),
        ("0.25", Fraction(1, 4)),
        ("33.5%", Fraction(67, 200)),
        (1, 1),
    ],
)
def test_a_share_is_read_exactly(typed: object, meant: Fraction) -> None:
    assert SHARE.validate_python(typed) == meant


@pytest.mark.parametrize("typed", ["1e-9999999", "1E-9999999 %", "1e9999999", "1" * 5000, "0." + "0" * 4000 + "1"])
def test_a_share_that_would_take_minutes_to_work_out_is_refused_at_once(typed: str) -> None:
    began = time.process_time()
    with pytest.raises(ValidationError, match="write a share as a fraction"):
        SHARE.validate_python(typed)
    assert time.process_time() - began < 0.5
