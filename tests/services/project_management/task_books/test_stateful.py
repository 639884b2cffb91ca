"""Any order of what office and lead do with a project's task book: the table holds, a new wording is unsigned."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.delivery import actions as delivery
from services.project_management.delivery.rules import PROJECTS, ProjectState, Side
from services.project_management.delivery.schemas import SignatureCreate
from services.project_management.evaluations import actions as evaluations
from services.project_management.evaluations.schemas import EvaluationDecisionCreate
from services.project_management.task_books import actions
from services.project_management.task_books.schemas import TaskBookUpdate
from services.project_management.terminations import actions as terminations
from services.project_management.terminations.rules import Way
from services.project_management.terminations.schemas import TerminationCreate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict
from shared.kernel.settings import Settings
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

END = TerminationCreate(way=Way.AGREEMENT, reason="It cannot be done.")
GRADE = EvaluationDecisionCreate(grade="good", reason="As the panel says.")


def wording(number: int) -> TaskBookUpdate:
    """Each number reads otherwise."""
    return TaskBookUpdate.model_validate(
        {
            "starts_on": "2027-01-01",
            "ends_on": "2028-12-31",
            "milestones": [{"title": f"Melt {number}", "due_on": "2028-06-30", "tranche": {"amount": "600000.00"}}],
        }
    )


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = World(projects)

        async def signed() -> dict[str, Any]:
            await world.open()
            return await world.project()

        id = UUID(run(signed)["id"])
        people = {Side.OFFICE: world.officer, Side.LEAD: world.institute}

        class Projects(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, PROJECTS)
                self.walk.act(system_actor("projects"), _as_drafted)
                self.walk.known = {id: ProjectState.DRAFTED}
                self.signed: set[Side] = set()
                self.wordings = 0

            @property
            def state(self) -> ProjectState:
                return ProjectState(self.walk.known[id])

            @rule(side=st.sampled_from(Side))
            def sign(self, side: Side) -> None:
                fields, new = SignatureCreate(side=side), side not in self.signed
                does = lambda work: delivery.sign_project(work, id, fields, None)  # noqa: E731
                if self.walk.go(id, "sign", people[side], does, possible=new):
                    self.signed.add(side)
                    if len(self.signed) == len(Side):
                        allowed, self.walk.known[id] = PROJECTS["start"]
                        assert ProjectState.DRAFTED in allowed

            @rule(side=st.sampled_from(Side))
            def send_back(self, side: Side) -> None:
                does = lambda work: actions.return_task_book(work, id, "It comes too early.", None)  # noqa: E731
                if self.walk.go(id, "return", people[side], does):
                    self.signed.clear()

            @rule(differs=st.booleans())
            def redraw(self, differs: bool) -> None:
                """What reads the same is refused, but for after a return."""
                if self.wordings and not differs:
                    number, possible = self.wordings, self.state is not ProjectState.DRAFTED
                else:
                    number, possible = self.wordings + 1, True
                does = lambda work: actions.redraw_task_book(work, id, wording(number), None)  # noqa: E731
                if self.walk.go(id, "redraw", world.officer, does, possible=possible):
                    self.signed.clear()
                    self.wordings = number

            @rule()
            def complete(self) -> None:
                """Nobody has judged it, so it never is; its evaluation's own walk goes on to the end."""
                does = lambda work: evaluations.complete_by_evaluation(work, id, GRADE, None)  # noqa: E731
                self.walk.go(id, "complete", world.officer, does, possible=False)

            @rule()
            def end_early(self) -> None:
                made: list[UUID] = []

                async def propose(work: Work) -> None:
                    made.append((await terminations.propose_termination(work, id, END)).id)

                try:
                    self.walk.act(world.officer, propose)
                except Conflict:
                    assert self.state not in PROJECTS["terminate"][0]
                    return
                does = lambda work: terminations.agree_termination(work, made[0], "Yes.", None)  # noqa: E731
                self.walk.go(id, "terminate", world.institute, does)

            @rule()
            def on_to_the_end(self) -> None:
                """Random steps alone hardly ever reach it."""
                if self.state is ProjectState.RETURNED:
                    self.redraw(differs=True)
                for side in Side:
                    self.sign(side=side)

            @invariant()
            def the_row_is_what_the_table_says(self) -> None:
                (row,) = self.walk.rows("SELECT state, office_signed_at, lead_signed_at, started_at FROM projects")
                assert ProjectState(row["state"]) is self.state
                held = {Side.OFFICE: row["office_signed_at"], Side.LEAD: row["lead_signed_at"]}
                assert {side for side, moment in held.items() if moment} == self.signed
                assert (row["started_at"] is not None) == (len(self.signed) == len(Side))

        async def _as_drafted(work: Work) -> None:
            for table in ("terminations", "follow_ups", "issued_papers", "task_book_versions", "task_book_drafts"):
                await work.execute(f"DELETE FROM {table}")
            await work.execute("UPDATE milestones SET state = 'pending', task_id = NULL")
            await work.execute(
                """UPDATE projects SET state = 'drafted', started_at = NULL, completed_at = NULL,
                       office_signed_at = NULL, office_signed_by = NULL, lead_signed_at = NULL, lead_signed_by = NULL"""
            )

        walk(Projects, examples=6, steps=9)
