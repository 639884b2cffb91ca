"""Any order of what the office, an expert and the clock do: the table holds, and nobody bids after the closing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.bids import actions
from services.project_management.bids.rules import TRANSITIONS, State
from services.project_management.bids.schemas import BiddingCreate, BidsUpdate, DueTimeUpdate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.clock import system_clock as utc_now
from shared.kernel.settings import Settings
from tests.services.project_management.ready import at
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

CLOCK = system_actor("projects")
DUE = timedelta(days=3)


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = World(projects)

        async def opened() -> None:
            await world.open(demand=1)
            await world.apply(world.institute)
            await world.expert("Ma")
            async with projects.work(world.officer) as work:
                await actions.open_bidding(work, world.call_id, BiddingCreate(due_at=utc_now() + DUE))

        run(opened)
        id: UUID = run(lambda: projects.rows("SELECT id FROM biddings"))[0]["id"]
        mine: UUID = run(lambda: projects.rows("SELECT id FROM bidders"))[0]["id"]
        application, ma = world.applications[0], world.experts[0]

        class Biddings(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.walk.act(CLOCK, _as_opened)
                self.walk.known = {id: State.OPEN}
                self.bid: str | None = None

            @rule(verb=st.sampled_from(["postpone", "close", "reopen"]))
            def by_the_office(self, verb: str) -> None:
                due_at = utc_now() + DUE
                does: dict[str, Any] = {
                    "postpone": lambda work: actions.postpone_bidding(
                        work, world.call_id, DueTimeUpdate(due_at=due_at), None
                    ),
                    "close": lambda work: actions.close_bidding(work, world.call_id, None),
                    "reopen": lambda work: actions.open_bidding(work, world.call_id, BiddingCreate(due_at=due_at)),
                }
                self.walk.go(id, verb, world.officer, does[verb])

            @rule(word=st.sampled_from(["eager", "rather_not", "neutral"]))
            def bids(self, word: str) -> None:
                said = BidsUpdate.model_validate({"bids": [{"application_id": str(application), "bid": word}]})
                if self.walk.go(id, "bid", ma, lambda work: actions.place_bids(work, mine, said)):
                    self.bid = None if word == "neutral" else word

            @rule()
            def finish(self) -> None:
                self.walk.go(id, "finish", ma, lambda work: actions.finish_bidding(work, mine))

            @rule()
            def the_time_is_over(self) -> None:
                reset = at(projects, utc_now() + DUE + timedelta(minutes=1))
                try:
                    self.walk.act(CLOCK, actions.end_biddings)
                finally:
                    reset()
                self.walk.known[id] = State.CLOSED

            @invariant()
            def the_rows_are_what_the_table_says(self) -> None:
                (row,) = self.walk.rows("SELECT state, closed_at FROM biddings")
                assert State(row["state"]) is self.walk.known[id]
                assert (row["closed_at"] is None) == (row["state"] == "open")
                assert [one["bid"] for one in self.walk.rows("SELECT bid FROM bids")] == (
                    [self.bid] if self.bid else []
                )
                (asked,) = self.walk.rows("SELECT task_id, finished_at FROM bidders")
                assert (asked["task_id"] is not None) == (row["state"] == "open" and asked["finished_at"] is None)

        async def _as_opened(work: Work) -> None:
            await work.execute("DELETE FROM bids")
            await work.execute(
                "UPDATE biddings SET state = 'open', closed_at = NULL, due_at = %(due)s", {"due": utc_now() + DUE}
            )
            await work.execute("UPDATE bidders SET finished_at = NULL, task_id = gen_random_uuid()")

        walk(Biddings, examples=6, steps=10)
