"""What two texts share, without a database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.project_management.duplicates.passages import (
    MOST_MARKS,
    Profile,
    Said,
    compare,
    name_keys,
    side_by_side,
)

ABSTRACT = (
    "We cast magnesium plates of 8 mm with fine grain. A pulsed cooling jet keeps the grain below 20 micrometres. "
    "Fatigue is measured at high frequency on 12 plates. The alloy survives cabin cleaning for 900 cycles."
)
REORDERED = (
    "The alloy survives cabin cleaning for 750 cycles. Fatigue is measured at high frequency on 30 plates. "
    "We cast magnesium plates of 6 mm with fine grain."
)
CHINESE = "本项目研究轻质合金在高频载荷下的疲劳寿命预测方法，建立基于深度学习的模型，并在十二种合金上验证。"


def of(text: str, **more: object) -> Profile:
    return Profile.of(Said("", text, **more))  # type: ignore[arg-type]


def test_a_text_in_another_order_with_other_numbers_is_still_the_same() -> None:
    assert compare(of(ABSTRACT), of(REORDERED)).text > 600
    assert compare(of(ABSTRACT), of("Songs of the river boatmen and how they were written down in 1920.")).text == 0


def test_a_part_of_a_chinese_text_is_found_in_the_whole() -> None:
    assert compare(of(CHINESE), of("轻质合金在高频载荷下的疲劳寿命预测")).text > 700
    assert compare(of(CHINESE), of("长江上游生态补偿机制与农户行为研究")).text == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王晓明", "Xiaoming Wang"),
        ("Wang, Xiaoming", "WANG Xiao-Ming"),
        ("欧阳修", "Ouyang Xiu"),
        ("José Núñez", "Nunez, Jose"),
    ],
)
def test_a_person_is_found_in_either_writing(one: str, other: str) -> None:
    assert name_keys(one) & name_keys(other)


def test_initials_alone_name_nobody() -> None:
    assert not name_keys("Wang, X. M.") & name_keys("Xiaoming Wang")


def test_the_number_of_an_earlier_grant_is_found_in_a_text() -> None:
    cited = compare(of("It goes on from grant 71371012."), of("", number="71371012"))
    assert cited.codes
    assert not compare(of("It takes 36 months and 12 people."), of("", number="36")).codes


def test_passages_common_to_many_texts_say_nothing() -> None:
    one, other = (
        of("This award is funded under the recovery act of congress"),
        of("funded under the recovery act of congress"),
    )
    assert compare(one, other).text > 0
    assert compare(one, other, one.passages).text == 0


def test_both_texts_are_marked_where_they_agree_and_nowhere_else() -> None:
    ours, theirs = side_by_side("New: fatigue of light alloys at high load!", "On fatigue of light alloys.")
    assert ours == [("New: ", False), ("fatigue of light alloys", True), (" at high load!", False)]
    assert theirs == [("On ", False), ("fatigue of light alloys", True), (".", False)]
    ours, theirs = side_by_side("基于大数据的轻质合金疲劳研究", "面向轻质合金疲劳")
    assert ("轻质合金疲劳", True) in ours
    assert ("轻质合金疲劳", True) in theirs


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_pieces_are_the_whole_text_and_likeness_is_mutual(one: str, other: str) -> None:
    ours, theirs = side_by_side(one, other)
    assert "".join(text for text, _ in ours) == one
    assert "".join(text for text, _ in theirs) == other
    mine, others = of(one), of(other)
    assert compare(mine, others) == compare(others, mine)
    assert 0 < len(mine.kept) <= MOST_MARKS + len(mine.beside) + 1
