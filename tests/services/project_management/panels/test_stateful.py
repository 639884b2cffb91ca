"""Any order of opening, stepping back, recording, closing, confirming and calling off keeps to the table."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.project_management.panels import actions
from services.project_management.panels.rules import TRANSITIONS, State
from services.project_management.panels.schemas import PanelCreate, RecommendationCreate, RecusalCreate
from shared.kernel.settings import Settings
from tests.kit.platform import Running
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World


async def begun(projects: Running) -> World:
    await projects.clear()
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    for name in ("Ma", "Guo", "Lin"):
        await world.expert(name)
    assert (await world.assign()).status_code == 201
    for person in world.experts:
        await world.review(person, 8)
    return world


def machine_over(run: Callable[..., Any], projects: Running, world: World) -> type[RuleBasedStateMachine]:
    class AMeeting(RuleBasedStateMachine):
        @initialize()
        def convene(self) -> None:
            self.walk = Walk(run, projects, TRANSITIONS)
            found = self.walk.rows("SELECT id FROM panels WHERE state <> 'cancelled'")
            if found:  # of the walk before; closed minutes stay, and only a test may put them away
                statement = "UPDATE panels SET state = 'cancelled', sha256 = NULL"
                self.walk.act(world.officer, lambda work: work.execute(statement))
            fields = PanelCreate(
                meets_at=datetime.now(UTC) + timedelta(days=1), place="Room 3", expert_id=world.people[0],
                expert_ids=world.people,
            )  # fmt: skip
            panel = self.walk.act(world.officer, lambda work: actions.convene_panel(work, world.call_id, fields))
            self.id, self.out, self.recorded = panel.id, set[int](), False
            self.confirmed = set[int]()
            self.walk.known[self.id] = State.CONVENED

        @property
        def state(self) -> State:
            found: State = self.walk.known[self.id]
            return found

        @rule(n=st.integers(0, 1))
        def open(self, n: int) -> None:
            self.walk.go(
                self.id, "open", world.experts[n], lambda work: actions.open_meeting(work, self.id, None),
                possible=n == 0,
            )  # fmt: skip

        @rule(n=st.integers(0, 2))
        def step_back(self, n: int) -> None:
            verb = "step_back" if self.state is State.IN_SESSION else "recuse"
            fields = RecusalCreate(application_id=world.applications[0], reason="Too close.")
            if self.walk.go(
                self.id, verb, world.experts[n], lambda work: actions.declare_recusal(work, self.id, fields, None),
                possible=n not in self.out,
            ):  # fmt: skip
                self.out.add(n)
                self.recorded = False

        @rule(n=st.integers(0, 2))
        def record(self, n: int) -> None:
            left = 3 - len(self.out)
            if left < 2:
                return  # left to the office; what is refused then is no conflict but a wrong entry
            fields = RecommendationCreate(
                application_id=world.applications[0], recommendation="fund", in_favour=left, reason="So."
            )
            writes = n not in self.out and (n == 0 or 0 in self.out)
            if self.walk.go(
                self.id, "record", world.experts[n],
                lambda work: actions.record_recommendation(work, self.id, fields, None), possible=writes,
            ):  # fmt: skip
                self.recorded = True

        @rule()
        def close(self) -> None:
            if self.walk.go(
                self.id, "close", world.experts[0], lambda work: actions.close_minutes(work, self.id, None),
                possible=self.recorded or len(self.out) > 1,
            ):  # fmt: skip
                self.confirmed = {0}

        @rule(n=st.integers(0, 2))
        def confirm(self, n: int) -> None:
            if self.walk.go(
                self.id, "confirm", world.experts[n], lambda work: actions.confirm_minutes(work, self.id, None),
                possible=n not in self.confirmed,
            ):  # fmt: skip
                self.confirmed.add(n)

        @rule()
        def call_off(self) -> None:
            self.walk.go(
                self.id, "cancel", world.officer, lambda work: actions.cancel_panel(work, self.id, "Ill.", None)
            )

        @invariant()
        def the_rows_say_so(self) -> None:
            if not hasattr(self, "id"):
                return
            row = self.walk.rows(
                """SELECT p.state, p.sha256 IS NOT NULL AS fixed, i.recommendation IS NOT NULL AS recorded
                   FROM panels p JOIN panel_items i ON i.panel_id = p.id WHERE p.id = %(id)s""",
                id=self.id,
            )[0]
            assert row == {"state": self.state.value, "fixed": self.state is State.CLOSED, "recorded": self.recorded}

    return AMeeting


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        walk(machine_over(run, projects, run(begun, projects)), 6, 9)
