"""What ties experts to applicants, over records of one person that differ, and how far it looks back."""

from dataclasses import replace
from typing import Any

import pytest

from services.project_management.assignments import ties
from services.project_management.assignments.conflicts import conflicts
from services.project_management.assignments.rules import POLICY
from services.project_management.assignments.ties import Declared, Group, People, Reviewed
from services.project_management.people.identities import Record

HERE, THERE = frozenset({"north"}), frozenset({"south"})
FIRST, SECOND = "0000-0002-1825-0097", "0000-0001-5109-3700"
EXPERT = Record("e", ("王晓明",), orcid=FIRST, organisations=HERE)
AUTHOR = Record("a", ("Zhao Min",), orcid=SECOND, organisations=THERE)
ALIKE = Record("e under pinyin", ("Wang Xiaoming",), organisations=HERE)
BY_ID = Record("a by id", ("M. Z.",), orcid=f"https://orcid.org/{SECOND}")


def found(experts: dict[str, str] | None = None, *records: Record, **sources: Any) -> list[tuple[str, str]]:
    listed = ties.ties({"x": ["a"]}, experts or {"e": "e"}, [EXPERT, AUTHOR, ALIKE, BY_ID, *records], **sources)
    return [(one["kind"], one["expert_id"]) for one in listed]


@pytest.mark.parametrize(
    ("kind", "sources"),
    [
        ("co_applicant", {"groups": [Group("co_applicant", "g", ("a by id", "other", "e under pinyin"), 2025)]}),
        ("co_inventor", {"groups": [Group("co_inventor", "g", ("e under pinyin", "a by id"), 2025)]}),
        ("supervision", {"declared": [Declared("supervision", "e under pinyin", "a by id")]}),
        ("close", {"declared": [Declared("close", "a by id", "e under pinyin")]}),
        ("reciprocal", {"reviewed": [Reviewed("a by id", ("e under pinyin", "other"))]}),
    ],
)
def test_each_tie_is_found_through_second_records(kind: str, sources: dict[str, Any]) -> None:
    assert found(**sources) == [(kind, "e")]


def test_a_review_given_is_no_reason_unless_it_may_be_returned() -> None:
    assert found(reviewed=[Reviewed("e", ("a",))]) == [], "the expert judged this author before: that is the work"


def test_two_of_one_name_with_ids_of_their_own_stay_two_though_a_third_record_is_like_both() -> None:
    other = Record("o", ("王小明",), orcid="0000-0002-9079-593X", organisations=HERE)
    people = People([EXPERT, other, ALIKE])
    assert people.who("e") != people.who("o")
    assert set(people.who("e under pinyin")) >= {*people.who("e"), *people.who("o")}, "whoever it is, it is one of them"
    experts = {"e": "e", "o": "o"}
    worked = [Group("co_applicant", "g", ("a", "e under pinyin"), 2025)]
    assert found(experts, other, groups=worked) == [("co_applicant", "e"), ("co_applicant", "o")]
    only_one = [Group("co_applicant", "g", ("a", "o"), 2025)]
    assert found(experts, other, groups=only_one) == [("co_applicant", "o")]
    together = [Group("co_applicant", "g", ("e under pinyin", "e"), 2025)]
    listed = ties.ties({"x": ["o"]}, experts, [EXPERT, other, ALIKE], groups=together)
    assert listed == [], "who may be the same person has not worked with another of the name"


def test_of_two_experts_who_both_apply_one_may_review_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"x": ["a"], "y": ["e"]}
    experts = {"a": "a", "e": "e"}
    listed = ties.ties(both, experts, [EXPERT, AUTHOR])
    assert [(one["application_id"], one["expert_id"], one["kind"]) for one in listed] == [("y", "a", "reciprocal")]
    monkeypatch.setattr(ties, "MOST_MUTUAL", 1)
    assert ties.ties(both, experts, [EXPERT, AUTHOR]) == []


def test_the_last_year_is_named_and_each_kind_once() -> None:
    groups = [Group("co_applicant", str(year), ("a", "e"), year) for year in (2024, 2026, 2025)]
    (one,) = ties.ties({"x": ["a", "a by id"]}, {"e": "e"}, [EXPERT, AUTHOR, BY_ID], groups=groups)
    assert one["reason"] == "Worked with “Zhao Min”, of this application, on an application of 2026."


# -- what a named person sets aside --------------------------------------------------------------------------------


def inputs(**more: Any) -> dict[str, Any]:
    job = {"organisation_id": "o1", "since": "2015-01-01", "until": "2025-06-01"}
    return {
        "as_of": "2026-11-22",
        "policy": POLICY.as_inputs(),
        "applications": [
            {
                "id": "a1",
                "title": "Alloys",
                "label": "public",
                "subjects": ["zhao"],
                "members": [],
                "organisations": [{"id": "o1", "name": "Institute", "role": "lead"}],
            }
        ],
        "experts": [
            {"id": "e1", "name": "Ma", "subject": "ma", "clearance": "public", "acts_for": [], "employers": [job]}
        ],
        "ties": [{"application_id": "a1", "expert_id": "e1", "kind": kind, "reason": kind} for kind in ("close",)],
        **more,
    }


def kinds(given: dict[str, Any]) -> list[str]:
    return [one["kind"] for first in conflicts(given) for one in (first, *first.get("further", ()))]


def waived(*some: str) -> list[dict[str, str]]:
    return [{"application_id": "a1", "expert_id": "e1", "kind": kind} for kind in some]


def test_what_is_waived_is_one_kind_and_the_graver_stands_first() -> None:
    assert kinds(inputs()) == ["former_employer", "close"]
    assert kinds(inputs(waived=waived("former_employer"))) == ["close"]
    assert kinds(inputs(waived=waived("former_employer", "close"))) == []
    acting = inputs(waived=waived("former_employer", "close"))
    acting["experts"][0]["acts_for"] = ["o1"]
    assert kinds(acting) == ["acts_for"]
    assert kinds(acting | {"waived": []}) == ["acts_for", "former_employer", "close"], "what nobody can waive leads"
    assert kinds(inputs(waived=waived(""))) == ["close"], "a decision from before kinds covers the kinds there were"


@pytest.mark.parametrize(("years", "found"), [(1, False), (2, True), (3, True), (0, False)])
def test_former_employers_count_as_long_as_the_policy_says(years: int, found: bool) -> None:
    given = inputs(ties=[], policy=replace(POLICY, former_employer_years=years).as_inputs())
    assert kinds(given) == (["former_employer"] if found else [])
    if found and years != 3:
        assert conflicts(given)[0]["reason"].endswith(f"until 2025-06-01. Years looked back: {years}.")


def test_a_trace_from_before_ties_gives_what_it_gave() -> None:
    before = {key: value for key, value in inputs().items() if key not in ("policy", "ties")}
    (one,) = conflicts(before)
    assert set(one) == {"application_id", "expert_id", "expert", "kind", "reason"}
    assert one["reason"].endswith("until 2025-06-01: less than three years ago.")
