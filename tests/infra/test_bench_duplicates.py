"""The bench of the duplicate check at small size: made-up records always, real ones where the data is."""

import random
from pathlib import Path

import pytest

from infra.bench import duplicate_cases, duplicates
from services.project_management.earlier_projects.schemas import EarlierProjectRow
from tests.infra.test_bench_assignment import public
from tests.kit.platform import Running

SYLLABLES = ("al", "ber", "con", "dra", "fel", "gri", "hol", "jet", "kom", "lur", "mag", "nor")
WORDS = [one + other for one in SYLLABLES for other in SYLLABLES]


def made_up(number: int) -> list[EarlierProjectRow]:
    """Records of five sentences each, drawn from 144 words."""
    draw = random.Random(7)
    found = []
    for n in range(number):
        text = " ".join(" ".join(draw.choices(WORDS, k=12)).capitalize() + "." for _ in range(6))
        found.append(EarlierProjectRow(number=f"P-{n}", title=" ".join(draw.choices(WORDS, k=6)), abstract=text))
    return found


async def test_rewrites_of_made_up_records_are_found(projects: Running) -> None:
    source = duplicate_cases.Source("made up", made_up(150))
    say = lambda line: None  # noqa: E731
    await duplicates.fill(projects.service.database, [(source.name, source.rows)], say)
    found = await measured(projects, source)
    assert sum(bool(one["hit"]) for one in found) / len(found) >= 0.9


async def measured(projects: Running, source: duplicate_cases.Source) -> list[dict[str, object]]:
    draw = random.Random(3)
    cases = []
    for how, rewrite in duplicate_cases.REWRITES.items():
        for row in draw.sample(source.rows, 4):
            rewritten = rewrite(draw, duplicate_cases.said(row), "另一个题目")
            cases.append(duplicate_cases.Case(how, "en", rewritten, frozenset({(source.name, row.number)})))
    async with projects.service.database.read(duplicates.OFFICER) as rows:
        return await duplicates.find_all(rows, cases)


async def test_rewrites_of_real_records_are_found(projects: Running) -> None:
    data: Path = public()
    result = await duplicates.measure(projects.settings, data, True, lambda line: None)
    assert sum(result.figures["records"].values()) == duplicates.QUICK_RECORDS
    assert result.figures["recall in the first five"] >= duplicates.RECALL_BAR
    assert result.figures["to be looked at, of records nobody rewrote"] <= duplicates.FALSE_BAR


def test_partners_of_one_project_count_as_the_same_text() -> None:
    text = "We cast plates. " * 20
    rows = [EarlierProjectRow(number=number, title="Plates", abstract=text) for number in ("1", "2")]
    cases = duplicate_cases.planted([duplicate_cases.Source("s", [*rows, *made_up(30), *zh()])], 5)
    assert all(len(case.targets) in (1, 2) for case in cases)
    with pytest.raises(IndexError):
        duplicate_cases.planted([duplicate_cases.Source("s", rows)], 5)


def zh() -> list[EarlierProjectRow]:
    text = "研究轻质合金的疲劳。建立预测模型。在十二种合金上验证。形成行业标准。"
    return [
        EarlierProjectRow(number="3", title="轻质合金疲劳", abstract=text, language="zh"),
        EarlierProjectRow(
            number="4", title="长江上游生态补偿机制研究", people=["王伟"], institution="四川大学", language="zh"
        ),
    ]
