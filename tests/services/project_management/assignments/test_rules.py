"""Conflicts, affinity and the best assignment, as plain values."""

import itertools
import random
from typing import Any

import pytest

from services.project_management.assignments import counted, rules
from services.project_management.assignments.conflicts import conflicts
from shared.kernel.trace import DecisionTrace

INSTITUTE, UNIVERSITY = "org-institute", "org-university"


def application(id: str = "a1", **changed: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": f"Application {id}",
        "label": "internal",
        "words": ["alloy", "fatigue"],
        "organisations": [
            {"id": INSTITUTE, "name": "Institute", "role": "lead"},
            {"id": UNIVERSITY, "name": "University", "role": "partner"},
        ],
        "subjects": ["writer"],
    } | changed


def expert(id: str = "e1", **changed: Any) -> dict[str, Any]:
    return {
        "id": id,
        "name": f"Expert {id}",
        "subject": f"subject-{id}",
        "fields": ["Materials"],
        "cap": 3,
        "clearance": "internal",
        "employers": [],
        "acts_for": [],
    } | changed


def inputs(applications: list[dict[str, Any]], experts: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """With affinities counted from words, so that tests can say what fits."""
    given = earlier_inputs(applications, experts, **changed)
    fits = counted.fits(given)
    given["affinities"] = [
        [[j, 10 * fits[a["id"], e["id"]]] for j, e in enumerate(experts) if fits[a["id"], e["id"]]]
        for a in applications
    ]
    return {**given, "bound": 100, "named": []} | changed


def earlier_inputs(applications: list[dict[str, Any]], experts: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """As version 2 had them."""
    return {
        "call_id": "c",
        "field": "Materials",
        "as_of": "2026-11-22",
        "seed": 7,
        "mode": "total",
        "demand": 2,
        "applications": applications,
        "experts": experts,
        "declared": [],
        "kept": [],
    } | changed


def job(organisation_id: str, since: str | None = None, until: str | None = None) -> dict[str, Any]:
    return {"organisation_id": organisation_id, "name": organisation_id, "since": since, "until": until}


@pytest.mark.parametrize(
    ("changed", "kind", "told"),
    [
        ({"employers": [job(INSTITUTE)]}, "employer", "Works for Institute, the lead"),
        ({"employers": [job(UNIVERSITY, "2020-01-01")]}, "employer", "Works for University, a partner"),
        ({"employers": [job(INSTITUTE, None, "2025-01-01")]}, "former_employer", "until 2025-01-01"),
        ({"acts_for": [UNIVERSITY]}, "acts_for", "Holds a role for University"),
        ({"subject": "writer"}, "author", "Wrote or submitted"),
        ({"clearance": "public"}, "clearance", "cleared up to public"),
    ],
)
def test_a_conflict_is_found_with_its_reason(changed: dict[str, Any], kind: str, told: str) -> None:
    (found,) = conflicts(inputs([application()], [expert(**changed)]))
    assert (found["kind"], found["expert_id"], found["application_id"]) == (kind, "e1", "a1")
    assert told in found["reason"]


@pytest.mark.parametrize(
    "employers",
    [[job("elsewhere")], [job(INSTITUTE, None, "2023-01-01")], [job(INSTITUTE, "2027-01-01")]],
    ids=["another employer", "left long ago", "not yet there"],
)
def test_no_conflict_without_a_present_or_recent_tie(employers: list[dict[str, Any]]) -> None:
    assert conflicts(inputs([application()], [expert(employers=employers)])) == []


def test_a_declared_conflict_and_a_plain_refusal_both_keep_the_pair_apart() -> None:
    told = [
        {"application_id": "a1", "expert_id": "e1", "reason": "my former student", "conflict": True},
        {"application_id": "a1", "expert_id": "e2", "reason": "no time", "conflict": False},
    ]
    found = conflicts(inputs([application()], [expert("e1"), expert("e2")], declared=told))
    assert [one["kind"] for one in found] == ["declared", "declined"]


def test_affinity_prefers_the_field_and_the_words_of_the_text() -> None:
    text = counted.words("Fatigue of light alloys under salt spray 疲劳性能")
    near = counted.affinity("Materials", text, ["Materials", "Fatigue of alloys"])
    far = counted.affinity("Materials", text, ["Radar signals"])
    assert 0 <= far < counted.affinity("Materials", text, ["Materials"]) < near <= 100
    assert counted.affinity("Materials", text, []) == 0
    assert counted.affinity("Other", text, ["疲劳"]) == 60


def _brute_force(given: dict[str, Any]) -> int | None:
    """The best total by trying every assignment; None when there is none."""
    barred = {(one["application_id"], one["expert_id"]) for one in conflicts(given)}
    fits = {
        (a["id"], e["id"]): counted.affinity(given["field"], set(a["words"]), e["fields"])
        for a in given["applications"]
        for e in given["experts"]
    }
    options = [
        [
            team
            for team in itertools.combinations([e["id"] for e in given["experts"]], given["demand"])
            if all((a["id"], one) not in barred for one in team)
        ]
        for a in given["applications"]
    ]
    best = None
    for teams in itertools.product(*options):
        used = [one for team in teams for one in team]
        if all(used.count(e["id"]) <= e["cap"] for e in given["experts"]):
            pairs = zip([a["id"] for a in given["applications"]], teams, strict=True)
            total = sum(fits[a, one] for a, team in pairs for one in team)
            best = total if best is None else max(best, total)
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_assignment_is_optimal_and_within_every_limit(seed: int) -> None:
    chance = random.Random(seed)
    fields = ["Materials", "Fatigue", "Alloy", "Radar", "Optics"]
    given = inputs(
        [
            application(f"a{n}", words=sorted(chance.sample(["fatigue", "alloy", "radar", "optic"], 2)))
            for n in range(3)
        ],
        [
            expert(
                f"e{n}",
                fields=chance.sample(fields, 2),
                cap=chance.randint(0, 2),
                employers=[job(INSTITUTE)] if chance.random() < 0.15 else [],
            )
            for n in range(5)
        ],
        seed=seed,
    )
    best = _brute_force(given)
    trace = rules.assign(given)
    assert trace.repeats(rules.assign)
    assert trace.result["feasible"] == (best is not None)
    if best is None:
        certificate = trace.result["certificate"]
        assert certificate["together"]["need"] > certificate["together"]["can_give"]
        assert certificate["missing"] == sum(one["lacks"] for one in certificate["applications"])
        return
    plan = trace.result["assignments"]
    assert trace.result["total"] == 10 * best
    assert sum(one["affinity"] for one in plan) == best
    assert len({(one["application_id"], one["expert_id"]) for one in plan}) == len(plan) == 6
    for person in given["experts"]:
        assert sum(one["expert_id"] == person["id"] for one in plan) <= person["cap"]


def test_what_was_decided_by_counted_words_repeats_as_it_was() -> None:
    given = earlier_inputs(
        [application("a1"), application("a2", words=["radar"])],
        [expert("e1"), expert("e2", fields=["Radar"]), expert("e3", cap=1, employers=[job(INSTITUTE)])],
        demand=1,
    )
    trace = rules.assign(given)
    assert trace.version == 2
    assert trace.result["assignments"] == [
        {"application_id": "a1", "expert_id": "e1", "affinity": 40},
        {"application_id": "a2", "expert_id": "e2", "affinity": 60},
    ]
    assert set(trace.result) == {"feasible", "conflicts", "assignments", "certificate"}
    assert len(trace.result["conflicts"]) == 2
    assert trace.repeats(rules.assign)


def test_pairs_that_are_not_listed_fill_what_is_short_and_only_what_is_forbidden_is_impossible() -> None:
    people = [expert("e1", cap=1), expert("e2", cap=1), expert("e3", employers=[job(INSTITUTE)])]
    given = inputs(
        [application("a1"), application("a2")], people, demand=1, affinities=[[[0, 900], [2, 800]], [[0, 500]]]
    )
    trace = rules.assign(given)
    assert [(one["expert_id"], one["affinity"]) for one in trace.result["assignments"]] == [("e1", 90), ("e2", 0)]
    assert trace.result["total"] == 900
    certificate = rules.assign(given | {"demand": 2}).result["certificate"]
    (lacking,) = certificate["applications"]
    assert lacking["eligible"] == ["Expert e1", "Expert e2"]
    assert lacking["excluded"][0]["expert"] == "Expert e3"


def test_reviews_of_equal_fit_are_spread_over_experts() -> None:
    given = inputs([application(f"a{n}") for n in range(6)], [expert(f"e{n}", cap=6) for n in range(6)], demand=2)
    for seed in range(5):
        plan = rules.assign(given | {"seed": seed}).result["assignments"]
        load = [sum(one["expert_id"] == f"e{n}" for one in plan) for n in range(6)]
        assert load == [2] * 6


def test_whom_a_decliner_named_comes_first_among_equals() -> None:
    people = [expert(f"e{n}") for n in range(6)]
    for seed in range(6):
        given = inputs([application()], people, demand=1, seed=seed)
        given["named"] = [{"application_id": "a1", "expert_id": "e4"}]
        (one,) = rules.assign(given).result["assignments"]
        assert one["expert_id"] == "e4"


def test_a_conflict_set_aside_by_name_no_longer_keeps_apart_where_it_may_be_set_aside() -> None:
    left, works = (
        expert("e1", employers=[job(INSTITUTE, None, "2025-01-01")]),
        expert("e2", employers=[job(UNIVERSITY)]),
    )
    aside = [{"application_id": "a1", "expert_id": who} for who in ("e1", "e2")]
    trace = rules.assign(inputs([application()], [left, works], demand=1, waived=aside))
    assert [one["expert_id"] for one in trace.result["assignments"]] == ["e1"]
    assert [one["kind"] for one in trace.result["conflicts"]] == ["employer"]


def test_in_traces_from_before_ties_one_waiver_freed_the_pair_whatever_stood_behind() -> None:
    both = expert("e1", employers=[job(INSTITUTE, None, "2025-01-01"), job(UNIVERSITY)], clearance="public")
    aside = [{"application_id": "a1", "expert_id": "e1"}]
    old = inputs([application()], [both], waived=aside)
    assert [one["kind"] for one in conflicts(old | {"policy": rules.POLICY.as_inputs()})] == ["employer"]
    assert conflicts(old) == []


def test_what_the_office_records_and_a_second_record_of_an_author_keep_apart() -> None:
    pair = {"application_id": "a1", "expert_id": "e1"}
    told = inputs([application()], [expert("e1")], entered=[pair | {"reason": "Married to the lead."}])
    assert [one["kind"] for one in conflicts(told)] == ["entered"]
    second = pair | {"name": "X. M. Wang", "evidence": "The same ORCID."}
    for strength, kind in (("certain", "author"), ("likely", "maybe_author")):
        (found,) = conflicts(inputs([application()], [expert("e1")], alike=[second | {"strength": strength}]))
        assert found["kind"] == kind
        assert "X. M. Wang" in found["reason"]


def test_no_pair_is_likelier_than_the_bound_and_the_same_seed_draws_the_same() -> None:
    people = [expert(f"e{n}", fields=["Materials", "Alloy"][: 1 + n % 2], cap=2) for n in range(6)]
    given = inputs([application("a1"), application("a2")], people, bound=50)
    seen: dict[tuple[str, str], int] = {}
    draws = 300
    for seed in range(draws):
        trace = rules.assign(given | {"seed": seed})
        plan = trace.result["assignments"]
        assert len(plan) == 4
        assert all(sum(one["expert_id"] == who["id"] for one in plan) <= 2 for who in people)
        for one in plan:
            pair = one["application_id"], one["expert_id"]
            seen[pair] = seen.get(pair, 0) + 1
    assert max(seen.values()) <= draws * 0.5 + 4 * (draws * 0.25) ** 0.5
    assert trace.repeats(rules.assign)
    assert trace.result["chance"]["expected"] <= trace.result["chance"]["best"]


def test_a_bound_too_low_names_the_lowest_that_is_possible() -> None:
    given = inputs([application()], [expert(f"e{n}") for n in range(3)], bound=50)
    trace = rules.assign(given)
    assert not trace.result["feasible"]
    (step,) = trace.result["certificate"]["steps"]
    assert "as likely as 67 %" in step["what"]
    assert rules.assign(given | {"bound": 67}).result["feasible"]
    assert not rules.assign(given | {"bound": 66}).result["feasible"]
    assert trace.clauses[0].outcome == "no"


def test_the_seed_settles_ties_and_repeats() -> None:
    people = [expert(f"e{n}") for n in range(6)]

    def chosen(seed: int) -> frozenset[str]:
        plan = rules.assign(inputs([application()], people, seed=seed)).result["assignments"]
        return frozenset(one["expert_id"] for one in plan)

    assert chosen(1) == chosen(1)
    assert len({chosen(seed) for seed in range(20)}) > 1


def test_the_certificate_names_who_lacks_what_and_why() -> None:
    given = inputs(
        [application("a1"), application("a2")],
        [expert("e1", cap=1), expert("e2", cap=1), expert("e3", employers=[job(INSTITUTE)])],
    )
    certificate = rules.assign(given).result["certificate"]
    assert certificate["missing"] == 2
    assert certificate["together"] == {
        "applications": ["Application a1", "Application a2"],
        "need": 4,
        "experts": ["Expert e1", "Expert e2"],
        "can_give": 2,
        "spread": [],
    }
    lacking = certificate["applications"][0]
    assert lacking["eligible"] == ["Expert e1", "Expert e2"]
    assert lacking["excluded"] == [
        {"expert": "Expert e3", "reason": "Works for Institute, the lead of this application."}
    ]
    assert [step["what"] for step in certificate["steps"]] == [
        "Let Expert e1 review 1 more: up to 2 in this call.",
        "Let Expert e2 review 1 more: up to 2 in this call.",
    ]


def test_when_no_cap_helps_the_certificate_asks_for_more_experts() -> None:
    certificate = rules.assign(inputs([application()], [expert("e1")])).result["certificate"]
    assert certificate["remedy"].startswith("Invite 1 more for “Application a1”")


def test_a_conflict_that_somebody_may_waive_is_offered_and_no_other() -> None:
    left = expert("e1", employers=[job(INSTITUTE, None, "2025-01-01")])
    works = expert("e2", employers=[job(UNIVERSITY)])
    certificate = rules.assign(inputs([application()], [left, works], demand=1)).result["certificate"]
    (step,) = certificate["steps"]
    assert (step["kind"], step["expert_id"]) == ("waive", "e1")
    assert "may be waived: Worked for Institute" in step["what"]


def test_fair_mode_serves_the_worst_off_application_first() -> None:
    given = inputs(
        [application("a1", words=["alloy", "fatigue"]), application("a2", words=["radar"])],
        [expert("e1", fields=["Alloy", "Radar"], cap=1), expert("e2", fields=["Alloy"], cap=1)],
        demand=1,
        field="other",
    )
    total, fair = rules.assign(given), rules.assign(given | {"mode": "fair"})

    def worst(trace: DecisionTrace) -> int:
        return min(int(one["affinity"]) for one in trace.result["assignments"])

    assert worst(fair) > 0
    assert worst(fair) >= worst(total)
    assert fair.repeats(rules.assign)


def test_accepted_reviews_stay_and_count_against_demand_and_cap() -> None:
    kept = [{"application_id": "a1", "expert_id": "e1", "expert": "Expert e1"}]
    given = inputs([application("a1"), application("a2")], [expert("e1", cap=1), expert("e2"), expert("e3")], kept=kept)
    plan = rules.assign(given).result["assignments"]
    assert {(one["application_id"], one["expert_id"]) for one in plan} == {
        ("a1", "e1"),
        ("a1", "e2"),
        ("a2", "e2"),
        ("a2", "e3"),
    } or {("a1", "e1"), ("a1", "e3"), ("a2", "e2"), ("a2", "e3")} == {
        (one["application_id"], one["expert_id"]) for one in plan
    }


def test_a_conflict_of_an_expert_whose_works_are_far_from_the_application_is_shown_too() -> None:
    people = [expert("e1"), expert("e2", employers=[job(INSTITUTE)])]
    given = inputs([application()], people, demand=1, affinities=[[[0, 900]]])
    assert [(one["expert_id"], one["kind"]) for one in rules.assign(given).result["conflicts"]] == [("e2", "employer")]
