"""Regions have one name, however they are typed."""

import pytest

from shared.kernel.regions import NAMES, region
from shared.web.i18n import speaking
from shared.web.words import region_word


@pytest.mark.parametrize("typed", ["Chengdu", "chengdu", " CHENGDU ", "成都", "成都市", "Chengdu City"])
def test_spellings_of_a_city_are_one(typed: str) -> None:
    assert region(typed) == "Chengdu"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("xian", "Xi'an"),
        ("陕西省", "Shaanxi"),
        ("山西", "Shanxi"),
        ("广西壮族自治区", "Guangxi"),
        ("新疆维吾尔自治区", "Xinjiang"),
        ("inner mongolia", "Inner Mongolia"),
        ("Sichuan Province", "Sichuan"),
        ("香港特别行政区", "Hong Kong"),
        ("阿坝藏族羌族自治州", "Aba"),
        ("Dayton", "Dayton"),
        ("", ""),
        ("市", "市"),
    ],
)
def test_what_is_listed_gets_its_name_and_what_is_not_stays(typed: str, kept: str) -> None:
    assert region(typed) == kept


def test_no_two_regions_share_a_name() -> None:
    assert len(set(NAMES.values())) == len(NAMES) > 150
    for name, zh in NAMES.items():
        assert region(name) == region(zh) == name


def test_a_region_is_shown_in_the_readers_language() -> None:
    with speaking("zh"):
        assert [region_word(one) for one in ("Chengdu", "Dayton")] == ["成都", "Dayton"]
    assert region_word("Chengdu") == "Chengdu"
