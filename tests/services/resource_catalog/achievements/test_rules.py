import pytest

from services.resource_catalog.achievements import rules
from shared.kernel.types import SecurityLabel

FULL = dict.fromkeys(rules.CHECKED, "text") | {"trl": 5, "fields": ["a"]}


@pytest.mark.parametrize("verb", list(rules.TRANSITIONS))
@pytest.mark.parametrize("state", list(rules.State))
def test_a_verb_works_only_from_its_states(verb: str, state: rules.State) -> None:
    allowed, after = rules.TRANSITIONS[verb]
    if state in allowed:
        assert rules.next_state(verb, state) is after
    else:
        with pytest.raises(rules.ReleaseNotPossible, match="only while it is"):
            rules.next_state(verb, state)


def test_a_released_achievement_has_no_way_back() -> None:
    assert not any(rules.State.RELEASED in allowed for allowed, _ in rules.TRANSITIONS.values())


def test_release_is_reached_only_through_approval() -> None:
    assert [verb for verb, (_, after) in rules.TRANSITIONS.items() if after is rules.State.RELEASED] == ["release"]
    assert rules.TRANSITIONS["release"][0] == {rules.State.APPROVED}


def test_the_author_is_not_independent() -> None:
    rules.independent("ma", "guo")
    with pytest.raises(rules.OwnReview):
        rules.independent("ma", "ma")


@pytest.mark.parametrize("name", list(rules.NEEDED))
def test_every_needed_entry_is_missed_when_blank(name: str) -> None:
    assert rules.missing_for_release(FULL) == []
    assert rules.missing_for_release(FULL | {name: " \n"}) == [name]


@pytest.mark.parametrize("name", list(rules.CHECKED))
def test_the_hash_changes_with_every_checked_entry(name: str) -> None:
    assert rules.content_hash(FULL) != rules.content_hash(FULL | {name: "other"})


def test_a_reviewer_sets_no_label_above_their_clearance() -> None:
    assert rules.checked_label(SecurityLabel.INTERNAL, SecurityLabel.INTERNAL) is SecurityLabel.INTERNAL
    for label in (None, SecurityLabel.CONTROLLED):
        with pytest.raises(ValueError, match="label"):
            rules.checked_label(label, SecurityLabel.INTERNAL)
