"""Any order of requests and answers: one change at a time, and every version of the task book is kept."""

from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.project_management.changes import actions
from services.project_management.changes.rules import TRANSITIONS, State
from services.project_management.changes.schemas import ChangeCreate
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.settings import Settings
from tests.kit.platform import Running, Someone
from tests.services.project_management.claims.test_api import spending
from tests.services.project_management.walking import walk, walking
from tests.services.project_management.world import World

Action = Callable[[Work], Coroutine[Any, Any, Any]]


def machine_over(
    run: Callable[..., Any], projects: Running, world: World, project: UUID
) -> type[RuleBasedStateMachine]:
    class Changes(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            run(self.forget)
            (row,) = run(
                projects.rows,
                "SELECT due_on FROM milestones WHERE number = 1",
            )
            self.due_on: date = row["due_on"]
            self.asked: date | None = None
            self.states: list[State] = []
            self.ids: list[UUID] = []
            self.approved = 0

        async def forget(self) -> None:
            async with projects.work(world.officer) as work:
                await work.execute("DELETE FROM project_changes")
                await work.execute("DELETE FROM task_book_versions WHERE number > 1")
                await work.execute("DELETE FROM issued_papers WHERE kind = 'task_book' AND version > 1")
                await work.execute(
                    "UPDATE task_book_versions v SET sha256 = p.sha256 FROM projects p WHERE p.id = v.project_id"
                )

        async def act(self, person: Someone, action: Action) -> Any:
            async with projects.work(person) as work:
                return await action(work)

        @rule(days=st.integers(0, 60))
        def ask(self, days: int) -> None:
            day = date(2027, 3, 1) + timedelta(days=days)
            milestones = [{"number": 1, "due_on": day.isoformat()}]
            fields = ChangeCreate.model_validate({"kind": "time", "reason": "late", "milestones": milestones})
            waiting = State.REQUESTED in self.states
            try:
                made = run(self.act, world.institute, lambda work: actions.request_change(work, project, fields))
            except Conflict:
                assert waiting
                return
            except Invalid:
                assert not waiting
                assert day == self.due_on, "only what changes nothing is a mistake here"
                return
            assert not waiting
            self.asked = day
            self.states.append(State.REQUESTED)
            self.ids.append(made.id)

        @precondition(lambda self: self.states)
        @rule(verb=st.sampled_from(sorted(TRANSITIONS)), which=st.integers(0, 20))
        def answer(self, verb: str, which: int) -> None:
            n = which % len(self.ids)
            id = self.ids[n]
            who = world.institute if verb == "withdraw" else world.officer
            does: dict[str, Action] = {
                "approve": lambda work: actions.approve_change(work, id, "", None),
                "decline": lambda work: actions.decline_change(work, id, "no", None),
                "withdraw": lambda work: actions.withdraw_change(work, id, "no", None),
            }
            allowed, after = TRANSITIONS[verb]
            try:
                run(self.act, who, does[verb])
            except Conflict:
                assert self.states[n] not in allowed
                return
            assert self.states[n] in allowed
            self.states[n] = after
            if verb == "approve":
                assert self.asked
                self.due_on, self.approved = self.asked, self.approved + 1

        @invariant()
        def rows_and_versions_agree(self) -> None:
            rows = run(projects.rows, "SELECT state, task_id FROM project_changes ORDER BY number")
            assert [State(row["state"]) for row in rows] == self.states
            assert all((row["task_id"] is not None) == (row["state"] == "requested") for row in rows)
            (now,) = run(
                projects.rows,
                "SELECT m.due_on, p.sha256 FROM milestones m JOIN projects p ON p.id = m.project_id WHERE m.number = 1",
            )
            assert now["due_on"] == self.due_on
            kept = run(projects.rows, "SELECT number, sha256 FROM task_book_versions ORDER BY number")
            assert len(kept) == self.approved + 1
            assert kept[-1]["sha256"] == now["sha256"]

    return Changes


def test_any_order_of_actions_keeps_to_the_table_and_every_version(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world, address = run(spending, projects)
        walk(machine_over(run, projects, world, UUID(address.rsplit("/", 1)[1])), 12, 15)
