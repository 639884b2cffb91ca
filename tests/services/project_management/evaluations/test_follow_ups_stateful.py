"""Any order of the clock and the lead: a follow-up is asked once, reminded once, and answered once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.evaluations import following
from services.project_management.evaluations.rules import ASKED_BEFORE, FOLLOW_UPS, FollowUpState
from services.project_management.evaluations.schemas import FollowUpCreate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from tests.services.project_management.ready import at
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

DUE = date(2031, 1, 10)
ANSWER = FollowUpCreate.model_validate({"income": {"amount": "0.00"}, "jobs": 0, "said": "Nothing yet."})
CLOCK = system_actor("projects")


def test_any_order_of_clock_and_lead_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world, id = World(projects), new_id()

        async def running() -> dict[str, Any]:
            await world.open()
            return await world.project()

        project_id = UUID(run(running)["id"])

        class FollowUps(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, FOLLOW_UPS)
                self.walk.act(CLOCK, _as_made)
                self.walk.known = {id: FollowUpState.WAITING}
                self.reminded = False

            @rule(days=st.sampled_from([-ASKED_BEFORE - 2, -ASKED_BEFORE + 1, -1, 2]))
            def the_clock_on(self, days: int) -> None:
                """So many days after the due day."""
                before, reset = self.walk.known[id], at(projects, _noon(DUE + timedelta(days=days)))
                try:
                    self.walk.act(CLOCK, following.ask_follow_ups)
                finally:
                    reset()
                if before is FollowUpState.WAITING and days >= -ASKED_BEFORE:
                    self.walk.known[id] = FOLLOW_UPS["ask"][1]
                elif before is FollowUpState.ASKED and days > 0:
                    self.reminded = True

            @rule()
            def answer(self) -> None:
                does = lambda work: following.answer_follow_up(work, id, ANSWER, None)  # noqa: E731
                self.walk.go(id, "answer", world.institute, does)

            @invariant()
            def the_row_is_what_the_table_says(self) -> None:
                (row,) = self.walk.rows("SELECT state, reminded, task_id, answered_at FROM follow_ups")
                assert FollowUpState(row["state"]) is self.walk.known[id]
                assert row["reminded"] == self.reminded
                assert (row["task_id"] is not None) == (row["state"] == "asked")
                assert (row["answered_at"] is not None) == (row["state"] == "answered")

        async def _as_made(work: Work) -> None:
            await work.execute("DELETE FROM follow_ups")
            await work.execute(
                """INSERT INTO follow_ups (id, version, created_at, project_id, years, due_on, state, said, reminded,
                                           task_title)
                   VALUES (%(id)s, 1, now(), %(project)s, 1, %(due)s, 'waiting', '', false, '')""",
                {"id": id, "project": project_id, "due": DUE},
            )

        walk(FollowUps, examples=6, steps=8)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
