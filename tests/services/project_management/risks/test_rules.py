"""The scale of risks: every cell has its level, and heavier never weighs less."""

from itertools import product

import pytest

from services.project_management.delivery.rules import ProjectState
from services.project_management.risks import rules
from services.project_management.risks.rules import Level, State

ORDER = list(Level)


def test_heavier_never_weighs_less() -> None:
    for likelihood, impact in product(range(1, 6), repeat=2):
        here = ORDER.index(rules.level(likelihood, impact))
        assert likelihood == 5 or ORDER.index(rules.level(likelihood + 1, impact)) >= here
        assert impact == 5 or ORDER.index(rules.level(likelihood, impact + 1)) >= here


@pytest.mark.parametrize(
    ("likelihood", "impact", "level"),
    [(1, 1, "low"), (5, 1, "moderate"), (1, 5, "high"), (2, 5, "high"), (3, 5, "extreme"), (4, 4, "high")],
)
def test_what_ends_a_project_is_never_below_high(likelihood: int, impact: int, level: str) -> None:
    assert rules.level(likelihood, impact) == level


def test_the_matrix_holds_live_risks_where_they_belong() -> None:
    risks = [
        {"number": 1, "likelihood": 5, "impact": 2, "state": "open"},
        {"number": 2, "likelihood": 5, "impact": 2, "state": "closed"},
    ]
    found = rules.matrix(risks)
    assert [likelihood for likelihood, _ in found] == [5, 4, 3, 2, 1]
    assert [one["number"] for _, cells in found for _, _, here in cells for one in here] == [1]
    assert found[0][1][1][2] == [risks[0]]


def test_what_a_state_does_not_allow_is_said_with_what_would() -> None:
    with pytest.raises(rules.RiskNotReady, match="being worked on or only watched"):
        rules.next_state("occur", State.CLOSED)
    with pytest.raises(rules.ProjectOver):
        rules.require_project(ProjectState.COMPLETED)
    with pytest.raises(rules.TooManyRisks):
        rules.require_room(rules.MOST)
