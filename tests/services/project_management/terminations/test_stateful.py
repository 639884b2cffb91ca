"""Any order of what lead and office do about an early end: the table holds, and the project ends once."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.project_management.terminations import actions
from services.project_management.terminations.rules import TRANSITIONS, State, Way
from services.project_management.terminations.schemas import TerminationCreate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

OPEN = """SELECT data ->> 'kind' AS kind FROM outbox WHERE type LIKE '%%.task.assigned.%%' AND subject IN (
              SELECT subject FROM outbox WHERE type LIKE '%%.task.assigned.%%'
              EXCEPT SELECT subject FROM outbox WHERE type LIKE '%%.task.done.%%')
            AND data ->> 'kind' LIKE 'termination.%%'"""
ENDED = {State.ENDED, State.SETTLED, State.CLOSED}
DOES: dict[str, Callable[[Work, UUID], Coroutine[Any, Any, Any]]] = {
    "answer": lambda work, id: actions.answer_termination(work, id, "It is here.", None),
    "agree": lambda work, id: actions.agree_termination(work, id, "Yes.", None),
    "refuse": lambda work, id: actions.refuse_termination(work, id, "No.", None),
    "decide": lambda work, id: actions.decide_termination(work, id, "Over.", None),
    "withdraw": lambda work, id: actions.withdraw_termination(work, id, "Wrong.", None),
    "settle": lambda work, id: actions.settle_termination(work, id, None),
    "clear": lambda work, id: actions.clear_termination(work, id, "Transfer 7", None),
}


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = World(projects)

        async def late() -> dict[str, Any]:
            await projects.clear()
            await world.open()
            return await world.project()

        project_id = UUID(run(late)["id"])

        class Terminations(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.walk.act(system_actor("projects"), _as_begun)
                self.way, self.answered, self.paid = Way.OFFICE, False, False

            @property
            def id(self) -> UUID:
                return next(reversed(self.walk.known))

            @property
            def state(self) -> State | None:
                return State(self.walk.known[self.id]) if self.walk.known else None

            @rule(way=st.sampled_from(Way), paid=st.booleans())
            def propose(self, way: Way, paid: bool) -> None:
                fields = TerminationCreate(way=way, reason="It cannot be done.")
                possible = self.state in (None, State.REFUSED, State.WITHDRAWN)
                try:
                    made = self.walk.act(
                        world.officer, lambda work: actions.propose_termination(work, project_id, fields)
                    )
                except Conflict:
                    assert not possible
                    return
                assert possible
                self.walk.known[made.id], self.way, self.answered, self.paid = State.PROPOSED, way, False, paid
                self.walk.act(system_actor("projects"), _paid if paid else _unpaid)

            @precondition(lambda self: self.walk.known)
            @rule(verb=st.sampled_from(sorted(DOES)))
            def act(self, verb: str) -> None:
                office = verb in ("decide", "withdraw", "settle", "clear")
                fits = {"agree": Way.AGREEMENT, "refuse": Way.AGREEMENT, "answer": Way.OFFICE, "decide": Way.OFFICE}
                possible = fits.get(verb, self.way) is self.way and (verb != "decide" or self.answered)
                who = world.officer if office else world.institute
                if verb == "clear":  # not who worked it out
                    who = someone(Role.FINANCE_OFFICER, organisation_id=world.officer.organisation_id)
                went = self.walk.go(self.id, verb, who, lambda work: DOES[verb](work, self.id), possible=possible)
                self.answered |= went and verb == "answer"
                if went and verb == "settle" and not self.paid:
                    self.walk.known[self.id] = State.CLOSED

            @rule()
            def on_to_the_end(self) -> None:
                """Random steps alone hardly ever reach it."""
                if self.state in (None, State.REFUSED, State.WITHDRAWN):
                    self.propose(way=Way.OFFICE, paid=True)
                elif self.state is State.PROPOSED and self.way is Way.OFFICE:
                    self.act(verb="decide" if self.answered else "answer")
                else:
                    steps = {State.PROPOSED: "agree", State.ENDED: "settle", State.SETTLED: "clear"}
                    self.act(verb=steps.get(self.state or State.PROPOSED, "clear"))

            @invariant()
            def the_rows_are_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT id, state FROM terminations")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known
                (project,) = self.walk.rows("SELECT state FROM projects")
                assert project["state"] == ("terminated" if self.state in ENDED else "running")

            @invariant()
            def somebody_has_the_task_that_waits(self) -> None:
                lead = ["termination.answer"] * (not self.answered)
                wanted = {
                    State.PROPOSED: ["termination.agree"]
                    if self.way is Way.AGREEMENT
                    else [*lead, "termination.decide"],
                    State.ENDED: ["termination.settle"],
                    State.SETTLED: ["termination.clear"],
                }
                tasks = sorted(row["kind"] for row in self.walk.rows(OPEN))
                assert tasks == (wanted.get(self.state, []) if self.state else [])

        async def _as_begun(work: Work) -> None:
            await work.execute("DELETE FROM terminations")
            await work.execute("DELETE FROM follow_ups")
            await work.execute("DELETE FROM outbox WHERE data ->> 'kind' LIKE 'termination.%%'")
            await work.execute("UPDATE projects SET state = 'running', completed_at = NULL")
            await work.execute("UPDATE milestones SET state = 'pending', released_at = NULL, document_id = NULL")
            await work.execute("DELETE FROM budget_lines")
            await work.execute(
                """INSERT INTO milestone_lapses (milestone_id, due_on, grade, days_late, response, rule, reason, at)
                   SELECT id, due_on, 4, 90, 'termination_review', 'delivery.lapse/1 §4', 'Late.', now()
                   FROM milestones WHERE number = 2 ON CONFLICT DO NOTHING"""
            )

        async def _paid(work: Work) -> None:
            await work.execute(
                """UPDATE milestones SET state = 'accepted', document_id = gen_random_uuid(), released_at = now()
                   WHERE number = 1"""
            )
            await work.execute(
                """INSERT INTO budget_lines (project_id, category, year, amount)
                   SELECT id, 'staff', 2027, 1 FROM projects ON CONFLICT DO NOTHING"""
            )

        async def _unpaid(work: Work) -> None:
            await work.execute("UPDATE milestones SET state = 'pending', released_at = NULL, document_id = NULL")

        walk(Terminations, examples=8, steps=10)
