"""How a decision becomes final, without a database."""

from datetime import UTC, datetime

import pytest

from services.project_management.approvals.rules import NotYourSignature, approving
from services.project_management.decisions.rules import (
    TRANSITIONS,
    DecisionNotReady,
    State,
    end_of,
    next_state,
    noticed,
    told,
)
from services.project_management.objections.rules import Concerned, NoNotice, NoticeOver, in_time, unconcerned
from shared.kernel.types import SecurityLabel

STEP = {"office": "Coordination Office", "role": "coordinator", "organisation_id": None}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(TRANSITIONS))
def test_the_table_says_what_may_happen(verb: str, state: State) -> None:
    allowed, after = TRANSITIONS[verb]
    if state in allowed:
        assert next_state(verb, state) is after
    else:
        with pytest.raises(DecisionNotReady):
            next_state(verb, state)


def test_an_office_signs_by_its_role_and_by_another_person_each_time() -> None:
    approving(STEP, [("coordinator", "a")], "chen", ["li"])
    with pytest.raises(NotYourSignature, match="Coordination Office"):
        approving(STEP, [("programme_officer", "a")], "chen", ["li"])
    with pytest.raises(NotYourSignature, match="a hand in this already"):
        approving(STEP, [("coordinator", "a")], "li", ["li"])
    ours = STEP | {"organisation_id": "b"}
    with pytest.raises(NotYourSignature):
        approving(ours, [("coordinator", "a")], "chen", [])
    approving(ours, [("coordinator", "a"), ("coordinator", "b")], "chen", [])


def test_a_notice_lasts_full_days_by_the_calendar_here() -> None:
    late = datetime(2027, 3, 1, 15, 59, tzinfo=UTC)  # a minute before midnight in Beijing
    assert end_of(late, 5) == datetime(2027, 3, 6, 16, tzinfo=UTC)
    assert end_of(late.replace(hour=16), 5) == datetime(2027, 3, 7, 16, tzinfo=UTC)


def test_applicants_read_the_scores_only_where_the_call_tells_them() -> None:
    reason = "Rank 1 of 2, mean 9.00 of 10 from 2 reviews."
    assert told("funded", reason, "total", False) == reason
    assert "9.00" not in told("funded", reason, "none", False)
    own = "Decided by the programme officer: A newcomer."
    assert told("funded", own, "none", True) == own


def test_public_notice_names_nothing_above_what_the_call_asks_for() -> None:
    item = {"id": "1", "title": "Alloys", "lead": "Institute", "outcome": "funded", "requested": "1.00"}
    shown = noticed(item, SecurityLabel.INTERNAL, SecurityLabel.PUBLIC)
    assert (shown["title"], shown["requested"]) == ("Alloys", "1.00")
    hidden = noticed(item, SecurityLabel.CONTROLLED, SecurityLabel.PUBLIC)
    assert (hidden["application_id"], hidden["title"], hidden["lead"], hidden["requested"]) == (None, "", "", None)
    reserve = noticed(item | {"outcome": "reserve"}, SecurityLabel.INTERNAL, SecurityLabel.PUBLIC)
    assert reserve["requested"] is None


def test_an_objection_after_the_notice_is_told_the_dates_and_the_other_ways() -> None:
    begun, until = datetime(2027, 3, 1, 8, tzinfo=UTC), datetime(2027, 3, 6, 16, tzinfo=UTC)
    in_time(begun, until, "in_notice", 15, until.replace(hour=15))
    with pytest.raises(NoticeOver, match=r"from 2027-03-01 to 2027-03-06.*within 15 days"):
        in_time(begun, until, "in_notice", 15, until)
    with pytest.raises(NoticeOver, match="Write to the programme office"):
        in_time(begun, until, "final", 0, until)
    with pytest.raises(NoNotice, match="from the day"):
        in_time(None, None, "final", 15, until)
    with pytest.raises(NoNotice, match="decided again"):
        in_time(begun, until, "returned", 15, begun)


def test_nobody_answers_what_concerns_them() -> None:
    unconcerned("chen", "sun", ["li"], reviewed=False)
    for subject, hands, reviewed in (("sun", [], False), ("li", ["li"], False), ("ma", [], True)):
        with pytest.raises(Concerned):
            unconcerned(subject, "sun", hands, reviewed=reviewed)
