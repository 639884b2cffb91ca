"""What a call takes over from its requirements, without a database."""

from typing import Any

import pytest

from services.project_management.adoptions import rules
from shared.kernel.types import SecurityLabel

ONE: dict[str, Any] = {
    "title": "Dry bearings",
    "title_zh": "干运转轴承",
    "problem": "They seize.",
    "indicators": [
        {"what": "Running time", "value": "≥ 200", "unit": "h"},
        {"what": "Noise", "value": "low", "unit": ""},
    ],
    "field": "Materials",
    "stage": "research",
    "label": "internal",
}


@pytest.mark.parametrize(
    ("labels", "least"),
    [
        (["public"], "public"),
        (["public", "internal"], "public"),
        (["internal", "controlled"], "controlled"),
        (["confidential", "public"], "confidential"),
    ],
)
def test_what_is_controlled_stays_so_in_the_call(labels: list[str], least: str) -> None:
    assert rules.lowest_label([SecurityLabel(one) for one in labels]).value == least


def test_a_call_for_one_requirement_takes_its_words() -> None:
    made = rules.prefilled([ONE])
    assert (made["title"], made["field"], made["label"]) == ("Dry bearings", "Materials", "public")
    assert made["summary"] == "They seize.\n– Running time: ≥ 200 h\n– Noise: low"
    assert sum(int(one["weight"]) for one in made["criteria"]) == 100


def test_a_call_for_several_names_each() -> None:
    made = rules.prefilled([ONE, ONE | {"title": "Quiet bearings", "label": "controlled"}])
    assert "Dry bearings\nThey seize." in made["summary"]
    assert "Quiet bearings\nThey seize." in made["summary"]
    assert made["label"] == "controlled"
    assert rules.prefilled([]) == {}


def test_a_long_problem_is_cut_and_not_refused() -> None:
    assert len(rules.prefilled([ONE | {"problem": "x" * 30_000}])["summary"]) == rules.LONGEST


def test_a_requirement_is_adopted_again_only_when_every_call_was_cancelled() -> None:
    rules.require_not_adopted("x", [])
    rules.require_not_adopted("x", ["cancelled", "cancelled"])
    with pytest.raises(rules.AlreadyAdopted):
        rules.require_not_adopted("x", ["cancelled", "draft"])
