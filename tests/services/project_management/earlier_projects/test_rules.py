"""The rules of earlier projects, without a database."""

from datetime import date

from services.project_management.earlier_projects import rules


def test_a_record_is_listed_under_its_start_else_its_end_else_last() -> None:
    start, end = date(2020, 1, 1), date(2022, 1, 1)
    assert rules.sorted_on(start, end) == start
    assert rules.sorted_on(None, end) == end
    assert rules.sorted_on(None, None) < date(1900, 1, 1)


def test_an_end_before_the_start_is_a_fault() -> None:
    assert rules.dates_fault(date(2020, 1, 2), date(2020, 1, 1))
    assert rules.dates_fault(date(2020, 1, 1), date(2020, 1, 1)) is None
    assert rules.dates_fault(None, date(2020, 1, 1)) is None


def test_pairs_are_of_neighbouring_chinese_characters_only() -> None:
    assert rules.pairs("镁合金, Mg 轧 制 合金") == sorted(["镁合", "合金"])
    assert rules.pairs("Mg") == []
