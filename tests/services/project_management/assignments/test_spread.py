"""At most so many reviewers of one application from one organisation or region: exact, drawn, fair, and explained."""

import itertools
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from infra.bench.assignment_cases import grouped, meets, relaxed, small
from services.project_management.assignments import by_hand, flow, lottery, matching, rules
from services.project_management.assignments.spread import Spread
from shared.kernel.trace import DecisionTrace
from tests.services.project_management.assignments.test_rules import application, expert, inputs
from tests.services.project_management.world import World

NOTHING = flow.Relaxation({}, [], {}, 0)


def kept(given: flow.Problem, chosen: flow.Flags) -> bool:
    """Counted from the pairs alone."""
    for spread in given.spreads:
        held = Counter(
            (i, g)
            for i, g in zip(given.first[chosen].tolist(), spread.group[given.second[chosen]].tolist(), strict=True)
            if g >= 0
        )
        if any(many > max(0, spread.limit(i, g)) for (i, g), many in held.items()):
            return False
    return True


@pytest.mark.parametrize("seed", range(40))
def test_the_best_total_under_limits_of_groups_is_the_best_of_all(seed: int) -> None:
    draw = random.Random(seed)
    plain, _ = small(draw)
    given = grouped(plain.only(np.arange(len(plain.first)) < 10), draw)
    pairs = list(zip(given.first.tolist(), given.second.tolist(), given.weights.tolist(), strict=True))
    best = (0, 0.0)
    for size in range(len(pairs) + 1):
        for some in itertools.combinations(range(len(pairs)), size):
            flags = np.isin(np.arange(len(pairs)), some)
            load = np.bincount(given.second[flags], minlength=len(given.rooms))
            met = np.bincount(given.first[flags], minlength=len(given.needs))
            if (load <= given.rooms).all() and (met <= given.needs).all() and kept(given, flags):
                best = max(best, (size, round(sum(pairs[k][2] for k in some), 6)))
    chosen = flow.most(given)
    assert kept(given, chosen)
    assert (int(chosen.sum()), round(float(given.weights[chosen].sum()), 6)) == best
    assert meets(*relaxed(given, NOTHING)) == (chosen.sum() == given.needs.sum())


def large(seed: int) -> flow.Problem:
    draw = np.random.default_rng(seed)
    n, m = 20, 24
    pairs = [(i, j, round(float(draw.random()), 3), 0) for i in range(n) for j in range(m) if draw.random() > 0.2]
    homes = draw.integers(-1, 8, m)
    regions = np.where(homes >= 0, homes // 3, -1)
    return flow.Problem(
        **{
            **vars(flow.problem([3] * n, [4] * m, pairs)),
            "spreads": (Spread(homes, 1, {(0, 2): 2}), Spread(regions, 2, {(1, 0): 1})),
        }
    )


@pytest.mark.parametrize("seed", range(4))
def test_fair_mode_keeps_the_limits(seed: int) -> None:
    given = large(seed)
    chosen = flow.fair(given)
    assert kept(given, chosen)
    assert np.bincount(given.first[chosen]).tolist() == [3] * 20
    assert flow.worst_off(given, chosen) >= 0.97 * flow.max_min_bound(given)


@pytest.mark.parametrize("bound", [40, 60, 90])
def test_every_draw_keeps_the_limits_and_no_pair_is_likelier_than_it_was_to_be(bound: int) -> None:
    given = large(bound)
    chance = lottery.chances(given, bound)
    assert chance.max() <= bound
    assert chance.sum() == 300 * 20
    many = np.zeros(len(chance))
    for seed in range(60):
        drawn = lottery.drawn(given, chance, seed)
        assert kept(given, drawn)
        assert np.bincount(given.first[drawn]).tolist() == [3] * 20
        assert (np.bincount(given.second[drawn], minlength=24) <= 4).all()
        many += drawn
    assert np.abs(many / 60 - chance / 100).max() < 0.3
    assert abs(float((many / 60 - chance / 100).mean())) < 1e-9


def test_an_application_short_of_groups_gets_experts_of_others_that_were_not_listed() -> None:
    homes = np.array([0] * 40 + [1] * 40 + [-1] * 40)
    given = flow.Problem(
        np.array([2, 3]), np.full(120, 1), np.zeros(6, dtype=np.int64), np.arange(6), np.full(6, 0.5), scale=1000,
        spreads=(Spread(homes, 1),),
    )  # fmt: skip
    settled, chosen = matching.settle(given, lambda _i: range(100, 120))
    assert chosen.sum() == 5
    assert kept(settled, chosen)
    homes[80:] = 1
    settled, chosen = matching.settle(flow.Problem(**{**vars(given), "spreads": (Spread(homes, 1),)}), lambda _i: ())
    assert chosen.sum() == 4


def home(id: str, region: str = "Chengdu") -> dict[str, Any]:
    return {"organisation": {"id": id, "name": f"Institute {id}"}, "region": region}


def test_the_certificate_names_the_limit_and_the_exception_helps() -> None:
    experts = [expert("e1", **home("x")), expert("e2", **home("x"))]
    told = inputs([application("a1", organisations=[])], experts, spread={"organisation": 1, "region": None})
    shown = rules.assign(told).result["certificate"]
    assert shown["together"]["need"] == 2
    assert shown["together"]["can_give"] == 1
    assert shown["together"]["spread"] == [
        "2 experts of Institute x could review “Application a1”; one application gets 1 from there at most."
    ]
    (step,) = shown["steps"]
    assert (step["kind"], step["of"], step["group"], step["by"]) == ("widen", "organisation", "x", 1)
    exception = {"application_id": "a1", "kind": "organisation", "group": "x", "name": "Institute x", "more": 1}
    trace = rules.assign(told | {"widened": [exception | {"reason": "Only they know."}], "bids": []})
    assert trace.result["feasible"]
    assert "“Application a1” may have 1 more from Institute x: Only they know." in [one.reason for one in trace.clauses]
    assert trace.repeats(rules.assign)


def test_a_review_that_is_kept_counts_for_its_organisation() -> None:
    experts = [expert("e2", **home("x")), expert("e3", **home("y"))]
    held = {"application_id": "a1", "expert_id": "e1", "expert": "Kept", **home("x")}
    told = inputs([application("a1", organisations=[])], experts, spread={"organisation": 1, "region": None},
                  kept=[held])  # fmt: skip
    plan = {one["expert_id"] for one in rules.assign(told).result["assignments"]}
    assert plan == {"e1", "e3"}
    told["spread"]["region"] = 1
    assert "region Chengdu" in rules.assign(told).result["certificate"]["together"]["spread"][0]


@pytest.mark.parametrize("beyond", [False, True])
def test_by_hand_the_limit_is_kept_unless_the_officer_says_to_go_beyond_it(beyond: bool) -> None:
    experts = [expert("e2", **home("x")), expert("e3", **home("y"))]
    told = inputs([application("a1", organisations=[])], experts, spread={"organisation": 1, "region": None})
    told |= {"before": [{"application_id": "a1", "expert_id": "e1", "expert": "Ma", "open": True, **home("x")}]}
    told |= {"give": [{"application_id": "a1", "expert_id": "e2"}], "take": [], "reason": "Both needed."}
    trace = by_hand.adjust(told | {"beyond": beyond})
    assert trace.result["feasible"] is beyond
    (clause,) = [one for one in trace.clauses if one.rule.endswith(".spread")]
    said = "beyond the limit of 1: Both needed." if beyond else "at most 1 may come from one organisation"
    assert said in clause.reason
    assert trace.version == 2
    assert DecisionTrace.model_validate(trace.model_dump(mode="json")).repeats(rules.assign)


async def test_the_office_meets_the_limit_on_the_board_and_makes_an_exception_by_name(projects: Any) -> None:
    world = await World(projects).open()
    await world.apply(world.institute)
    for name in ("Ma", "Guo"):
        await world.expert(name, employer=world.university)
    here = f"/projects/calls/{world.call_id}/assignment"
    sent = {"cap": "4", "seed": "1", "bound": "100", "mode": "total", "per_organisation": "1", "per_region": "0"}
    async with world.browser(world.officer) as http:
        refused = await http.post(here, data=sent)
        assert refused.status_code == 409
        assert "2 experts of University could review" in refused.text
        value = f"{world.applications[0]}:organisation:1:{world.university.organisation_id}"
        assert f'value="{value}"' in refused.text
        assert (await http.post(here, data=sent | {"exception": value})).status_code == 422
        reason = {"exception": value, "exception_reason": "Nobody else knows the method."}
        assert (await http.post(here, data=sent | reason)).status_code == 303
        shown = (await http.get(here)).text
        assert "Nobody else knows the method." in shown
        chinese = (await http.post(here, data=sent, headers={"Accept-Language": "zh-CN"})).text
    assert "University有 2 名专家可评审" in chinese
    stranger = await world.assign(exceptions=[{"application_id": str(world.applications[0]), "of": "region",
                                               "group": "Nowhere"}], exception_reason="x")  # fmt: skip
    assert stranger.status_code == 422
