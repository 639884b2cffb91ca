"""Any order of what lead and office do with milestones: the table holds, in order, and no money leaves twice."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.delivery import actions
from services.project_management.delivery.rules import MILESTONES, MilestoneState
from services.project_management.delivery.schemas import AcceptanceCreate, EvidenceCreate, ReturnCreate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from tests.services.project_management.ready import pdf
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

WHICH = st.integers(0, 2)
BOOK = [
    {"title": title, "due_on": f"2028-0{n}-01", "tranche": {"amount": "200000.00"}}
    for n, title in enumerate(("Melt", "Cast", "Test"), 1)
]


def test_any_order_of_actions_keeps_to_the_table_and_to_the_order(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = World(projects)

        async def running() -> dict[str, Any]:
            await projects.clear()
            await world.open()
            return await world.project(milestones=BOOK)

        ids = [UUID(one["id"]) for one in run(running)["milestones"]]

        class Milestones(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, MILESTONES)
                self.walk.act(system_actor("projects"), _as_begun)
                self.walk.known = dict.fromkeys(ids, MilestoneState.PENDING)
                self.released: set[UUID] = set()
                self.said = len(self.walk.rows(RELEASES))

            def earlier(self, id: UUID, holds: Callable[[UUID], bool]) -> bool:
                return all(holds(one) for one in ids[: ids.index(id)])

            @rule(which=WHICH)
            def submit(self, which: int) -> None:
                id = ids[which]
                shown = EvidenceCreate(document_id=run(pdf, projects, world.institute))
                self.walk.go(id, "submit", world.institute, lambda work: actions.submit_evidence(work, id, shown, None))

            @rule(which=WHICH)
            def accept(self, which: int) -> None:
                id, fields = ids[which], AcceptanceCreate(note="As agreed.")
                in_order = self.earlier(id, lambda one: self.walk.known[one] is MilestoneState.ACCEPTED)
                does = lambda work: actions.accept_milestone(work, id, fields, None)  # noqa: E731
                self.walk.go(id, "accept", world.officer, does, possible=in_order)

            @rule(which=WHICH)
            def send_back(self, which: int) -> None:
                id, fields = ids[which], ReturnCreate(reason="Nothing can be read.")
                does = lambda work: actions.return_milestone(work, id, fields, None)  # noqa: E731
                self.walk.go(id, "return", world.officer, does)

            @rule(which=WHICH)
            def release(self, which: int) -> None:
                id = ids[which]
                open_ = id not in self.released and self.earlier(id, lambda one: one in self.released)
                does = lambda work: actions.release_tranche(work, id, None)  # noqa: E731
                if self.walk.go(id, "release", world.officer, does, possible=open_):
                    self.released.add(id)

            @rule()
            def all_that_is_next(self) -> None:
                """Random steps alone hardly ever reach the end."""
                for which, id in enumerate(ids):
                    if id not in self.released:
                        for step in (self.submit, self.accept, self.release):
                            step(which=which)
                        return

            @invariant()
            def the_rows_are_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT id, state, released_at FROM milestones")
                assert {row["id"]: MilestoneState(row["state"]) for row in rows} == self.walk.known
                assert {row["id"] for row in rows if row["released_at"]} == self.released

            @invariant()
            def each_tranche_is_said_once(self) -> None:
                assert len(self.walk.rows(RELEASES)) - self.said == len(self.released)

        async def _as_begun(work: Work) -> None:
            await work.execute("UPDATE milestones SET state = 'pending', released_at = NULL, gate = NULL")

        walk(Milestones)


RELEASES = "SELECT 1 FROM outbox WHERE type LIKE '%%.milestone.tranche_approved.%%'"
