"""The rules of calls, without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.project_management.calls import rules
from services.project_management.calls.rules import Phase, State
from services.project_management.snapshots import canonical
from shared.kernel.types import SecurityLabel

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOUND: dict[str, Any] = {
    "opens_at": NOW,
    "closes_at": NOW + HOUR,
    "budget": Decimal(100),
    "ceiling": Decimal(100),
    "same_currency": True,
    "weights": [Decimal(60), Decimal(40)],
    "criteria": ["Novelty", "Feasibility"],
    "portfolio": [],
}


@pytest.mark.parametrize("verb", rules.TRANSITIONS)
@pytest.mark.parametrize("state", State)
def test_each_verb_works_from_its_states_and_from_no_other(verb: str, state: State) -> None:
    allowed, after = rules.TRANSITIONS[verb]
    if state in allowed:
        assert rules.next_state(verb, state) is (after or state)
    else:
        with pytest.raises(rules.CallNotReady):
            rules.next_state(verb, state)


def test_a_sound_call_has_no_faults() -> None:
    assert rules.faults(**SOUND) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"closes_at": NOW}, "closes_at"),
        ({"budget": Decimal(0), "ceiling": Decimal(-1)}, "budget"),
        ({"ceiling": Decimal(0)}, "ceiling"),
        ({"ceiling": Decimal("100.01")}, "ceiling"),
        ({"same_currency": False}, "ceiling"),
        ({"weights": [Decimal(60), Decimal("39.99")]}, "criteria"),
        ({"criteria": ["Novelty", "novelty"]}, "criteria"),
    ],
)
def test_a_fault_is_named_at_its_field(changed: dict[str, Any], field: str) -> None:
    assert field in [name for name, _ in rules.faults(**SOUND | changed)]


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (NOW - timedelta(microseconds=1), Phase.UPCOMING),
        (NOW, Phase.OPEN),
        (NOW + HOUR - timedelta(microseconds=1), Phase.OPEN),
        (NOW + HOUR, Phase.CLOSED),
    ],
)
def test_a_released_call_opens_and_closes_by_the_clock_to_the_instant(now: datetime, phase: Phase) -> None:
    assert rules.phase(State.RELEASED, NOW, NOW + HOUR, now) is phase


@pytest.mark.parametrize("state", [state for state in State if state is not State.RELEASED])
def test_any_other_state_is_its_own_phase(state: State) -> None:
    assert rules.phase(state, NOW, NOW + HOUR, NOW).value == state.value


def test_a_draft_is_at_least_internal() -> None:
    assert rules.draft_label(SecurityLabel.PUBLIC) is SecurityLabel.INTERNAL
    assert rules.draft_label(SecurityLabel.CONTROLLED) is SecurityLabel.CONTROLLED


def test_equal_content_has_one_text_and_one_hash_whatever_its_order() -> None:
    one, other = {"b": "中", "a": [1, "2"]}, {"a": [1, "2"], "b": "中"}
    assert canonical(one) == canonical(other)
    assert canonical(one)[0] == '{"a":[1,"2"],"b":"中"}'
    assert canonical(one)[1] != canonical({**one, "b": "国"})[1]


def test_a_snapshot_refuses_binary_fractions() -> None:
    with pytest.raises(TypeError):
        canonical({"a": [{"b": 0.1}]})


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ([("newcomer", "Chengdu", "at_most", "5", "awards")], "names nobody"),
        ([("region", "", "at_least", "5", "awards")], "Say which region"),
        ([("sector", "military", "at_most", "5", "awards")], "civil or defence"),
        ([("field", "A", "at_most", "5", "awards"), ("field", "A", "at_most", "6", "awards")], "say the same"),
        ([("field", "A", "at_least", "60", "budget"), ("field", "B", "at_least", "41", "budget")], "100 percent"),
        ([("field", "A", "at_least", "6", "budget"), ("field", "", "at_most", "5", "budget")], "above its ceiling"),
        (
            [("newcomer", "", "at_least", "6", "awards"), ("newcomer", "", "at_most", "5", "awards")],
            "above its ceiling",
        ),
    ],
)
def test_what_is_wrong_with_share_limits_is_said(limits: list[tuple[str, ...]], said: str) -> None:
    shaped = [dict(zip(("trait", "value", "sense", "share", "of"), one, strict=True)) for one in limits]
    (fault,) = rules.faults(**SOUND | {"portfolio": shaped})
    assert fault[0] == "portfolio"
    assert said in fault[1]


def test_sound_share_limits_have_no_faults() -> None:
    limits = [
        {"trait": "region", "value": "", "sense": "at_most", "share": "50", "of": "budget"},
        {"trait": "region", "value": "Chengdu", "sense": "at_least", "share": "20", "of": "budget"},
        {"trait": "region", "value": "Chengdu", "sense": "at_least", "share": "90", "of": "awards"},
        {"trait": "newcomer", "value": "", "sense": "at_least", "share": "10", "of": "awards"},
        {"trait": "sector", "value": "defence", "sense": "at_most", "share": "60", "of": "budget"},
    ]
    assert rules.faults(**SOUND | {"portfolio": limits}) == []
