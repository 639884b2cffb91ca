"""When reports are due, what follows from a late one, and the form with a part for each organisation."""

from datetime import date
from itertools import pairwise

import pytest

from services.project_management.calls.rules import State as CallState
from services.project_management.delivery.rules import gate
from services.project_management.forms import soundness
from services.project_management.forms.checking import progress
from services.project_management.lapses.rules import steps_due
from services.project_management.reports import known, rules, samples
from services.project_management.reports.rules import Rhythm, State, schedule
from shared.kernel.errors import Conflict, Invalid

STARTS, ENDS = date(2027, 1, 31), date(2028, 12, 31)
TWO = [{"id": "1", "name": "Institute"}, {"id": "2", "name": "University"}]


def until(rhythm: Rhythm, *, final: bool = True, milestones: list[date] | None = None) -> list[tuple[str, str]]:
    found = schedule(rhythm, final=final, starts_on=STARTS, ends_on=ENDS, milestones=milestones or [])
    assert found[0].from_on == STARTS
    assert all((one.from_on - before.until_on).days == 1 for before, one in pairwise(found))
    return [(one.kind.value, one.until_on.isoformat()) for one in found]


def test_periods_follow_each_other_without_a_gap_and_count_from_the_first_day() -> None:
    assert until(Rhythm.HALF_YEARLY) == [
        ("interim", "2027-07-30"),
        ("interim", "2028-01-30"),
        ("interim", "2028-07-30"),
        ("final", "2028-12-31"),
    ]
    assert until(Rhythm.YEARLY) == [("interim", "2028-01-30"), ("final", "2028-12-31")]
    assert until(Rhythm.YEARLY, final=False) == [("interim", "2028-01-30")]
    assert until(Rhythm.NONE) == [("final", "2028-12-31")]


def test_a_short_end_belongs_to_the_final_report() -> None:
    days = [date(2027, 6, 30), date(2027, 6, 30), date(2028, 12, 1)]
    assert until(Rhythm.MILESTONES, milestones=days) == [("interim", "2027-06-30"), ("final", "2028-12-31")]
    assert until(Rhythm.MILESTONES, final=False, milestones=days) == [
        ("interim", "2027-06-30"),
        ("interim", "2028-12-01"),
    ]


def test_no_report_without_a_rhythm_and_without_a_final_one() -> None:
    assert schedule(Rhythm.NONE, final=False, starts_on=STARTS, ends_on=ENDS, milestones=[]) == []


def test_nobody_is_late_before_they_could_know() -> None:
    assert rules.due_day(date(2027, 1, 31), 30, date(2027, 1, 1)) == date(2027, 3, 2)
    assert rules.due_day(date(2026, 1, 31), 30, date(2027, 1, 1)) == date(2027, 1, 31)


def test_payments_stop_only_where_the_call_says_so() -> None:
    due, late = date(2027, 3, 1), date(2027, 7, 1)
    for stops, running, grades in ((True, True, [1, 2, 3, 4]), (False, True, [1, 2, 4]), (True, False, [1, 2, 3])):
        foreseen = rules.steps(stops_payments=stops, running=running)
        assert [one.grade for one in steps_due(due, late, 0, foreseen)] == grades
    assert all(one.rule.startswith("delivery.report/1 §") for one in rules.STEPS)
    rules.require_foreseen(stops=True, stopped=False, state=CallState.RELEASED)
    rules.require_foreseen(stops=True, stopped=True, state=CallState.DECIDED)
    with pytest.raises(Conflict):
        rules.require_foreseen(stops=True, stopped=False, state=CallState.CLOSED)


def test_a_gate_of_before_reports_repeats_as_it_was() -> None:
    inputs = {
        "accepted": True, "evidence": True, "test": False, "findings": False, "earlier": [], "missed": [],
        "rights": True,
    }  # fmt: skip
    old, new, shut = gate(inputs), gate(inputs | {"reports": []}), gate(inputs | {"reports": [2]})
    assert (old.version, new.version) == (1, 2)
    assert "reports.in" not in [one.rule for one in old.clauses]
    assert (old.result, new.result, shut.result) == ("yes", "yes", "no")
    assert old.repeats(gate)
    assert shut.repeats(gate)


def test_the_template_that_comes_along_is_sound_and_knows_what_is_filled_in() -> None:
    assert soundness.faults(samples.FORM) == []
    assert set(known.KEYS) <= {one.key for one in samples.FORM.questions}


def test_each_organisation_gets_its_part_and_nobody_anothers() -> None:
    whole = rules.expanded(samples.FORM, samples.PARTS, TWO)  # type: ignore[arg-type]
    parts = [one for one in whole.sections if one.key.startswith("part")]
    assert [(one.key, one.title) for one in parts] == [
        ("part_1", "Part of the organisation: Institute"),
        ("part_2", "Part of the organisation: University"),
    ]
    assert rules.writers(samples.FORM, samples.PARTS, TWO) == {"part_1": "1", "part_2": "2"}  # type: ignore[arg-type]
    missing = {one.key for one in progress(whole, {}, {}).faults}
    assert missing == {"summary", "next_steps", "part_done_1", "part_done_2"}


def test_what_a_state_does_not_allow_is_said_with_what_would() -> None:
    with pytest.raises(rules.ReportNotReady, match="being written or returned to the lead"):
        rules.next_state("submit", State.ACCEPTED)
    with pytest.raises(Invalid):
        rules.require_due(date(2027, 1, 1), date(2027, 1, 1))
    with pytest.raises(rules.NotLate):
        rules.require_late(writing=True, grade=0)


def test_a_step_renames_one_section_and_an_import_none() -> None:
    before = ["progress", "part", "files"]
    assert rules.renamed(before, ["progress", "share", "files"]) == {"part": "share"}
    for now in (before, ["aims", "costs", "files"], ["part", "progress", "files"], ["progress", "files"]):
        assert rules.renamed(before, now) == {}
    assert rules.renamed(before, ["progress", "files", "files"]) == {}


def test_the_template_of_a_cancelled_call_is_fixed() -> None:
    for state in CallState:
        if state is CallState.CANCELLED:
            with pytest.raises(Conflict, match="cancelled"):
                rules.require_asked(state)
        else:
            rules.require_asked(state)
