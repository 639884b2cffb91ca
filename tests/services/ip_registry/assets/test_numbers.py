"""Application numbers as the offices give them out."""

import pytest

from services.ip_registry.assets.numbers import canonical, check_digit
from services.ip_registry.assets.rules import Kind


@pytest.mark.parametrize(
    ("body", "digit"),
    [("200310102344", "5"), ("201320579092", "4"), ("202610012345", "1"), ("85100001", "0"), ("202610000017", "X")],
)
def test_the_check_digit_follows_the_standard(body: str, digit: str) -> None:
    assert check_digit(body) == digit


@pytest.mark.parametrize(
    ("kind", "office", "typed", "kept"),
    [
        (Kind.PATENT, "CN", "200310102344.5", "200310102344.5"),
        (Kind.UTILITY_MODEL, "CN", "cn201320579092", "201320579092.4"),
        (Kind.TRADE_MARK, "CN", "45678901", "45678901"),
        (Kind.PATENT, "EP", "EP 20123456.7", "EP 20123456.7"),
        (Kind.PATENT, "US", "17/123,456", "17/123,456"),
        (Kind.PATENT, "JP", "特願2020-123456", "特願2020-123456"),
        (Kind.PATENT, "WO", "pct/cn2020/123456", "PCT/CN2020/123456"),
    ],
)
def test_numbers_are_kept_in_one_form(kind: Kind, office: str, typed: str, kept: str) -> None:
    assert canonical(kind, office, typed) == kept


@pytest.mark.parametrize(
    ("kind", "office", "typed"),
    [
        (Kind.PATENT, "CN", "abc!!"),
        (Kind.PATENT, "CN", "200310102344.6"),
        (Kind.PATENT, "CN", "2003101023"),
        (Kind.DESIGN, "CN", "200310102344.5"),
        (Kind.PATENT, "EP", "abc!!"),
        (Kind.PATENT, "US", "none"),
        (Kind.PLANT_VARIETY, "CN", "<1234>"),
    ],
)
def test_what_no_office_wrote_is_refused(kind: Kind, office: str, typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        canonical(kind, office, typed)
