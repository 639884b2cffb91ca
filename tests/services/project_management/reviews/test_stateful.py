"""Any order of what reviewers, the office and the clock do: the table holds, and what was handed in stays as it was."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.reviews import actions
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import TRANSITIONS, State
from services.project_management.reviews.schemas import DeclineCreate, ScoresUpdate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

CLOCK = system_actor("projects")
WHICH = st.integers(0, 3)


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = World(projects)

        async def invited() -> None:
            await world.open()
            for lead in (world.institute, world.university):
                await world.apply(lead)
            for name in ("Ma", "Guo"):
                await world.expert(name)
            assert (await world.assign()).status_code == 201

        run(invited)
        reviews = run(lambda: projects.rows("SELECT id, expert_subject AS who FROM reviews ORDER BY id"))
        assert len(reviews) == 4
        people = {row["id"]: next(one for one in world.experts if one.subject == row["who"]) for row in reviews}

        class Reviews(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.walk.act(CLOCK, _as_invited)
                self.walk.known = dict.fromkeys(people, State.INVITED)
                self.whole: set[UUID] = set()
                self.sheets: dict[UUID, Any] = {}

            @rule(which=WHICH, verb=st.sampled_from(["accept", "decline", "complete"]))
            def by_the_reviewer(self, which: int, verb: str) -> None:
                id = list(people)[which]
                declined = DeclineCreate(reason="no time")
                does: dict[str, Any] = {
                    "accept": lambda work: actions.accept_review(work, id, None),
                    "decline": lambda work: actions.decline_review(work, id, declined, None),
                    "complete": lambda work: actions.complete_review(work, id, None),
                }
                self._go(id, verb, does[verb], possible=verb != "complete" or id in self.whole)

            @rule(which=WHICH, whole=st.booleans())
            def score(self, which: int, whole: bool) -> None:
                id = list(people)[which]
                scored = ["Novelty", "Feasibility"] if whole else ["Novelty"]
                sheet = ScoresUpdate.model_validate(
                    {
                        "scores": [{"criterion": one, "score": 7} for one in scored],
                        "to_applicant": "Sound.",
                        "to_panel": "Sound.",
                    }
                )
                if self._go(id, "score", lambda work: actions.save_scores(work, id, sheet, None)):
                    (self.whole.add if whole else self.whole.discard)(id)

            @rule(which=WHICH)
            def withdraw(self, which: int) -> None:
                id = list(people)[which]

                async def taken_back(work: Work) -> None:
                    work.emit((await work.get(Review, id)).withdraw("assigned by mistake"))

                self.walk.go(id, "withdraw", CLOCK, taken_back)

            def _go(self, id: UUID, verb: str, action: Any, *, possible: bool = True) -> bool:
                return self.walk.go(id, verb, people[id], action, possible=possible)

            @invariant()
            def the_rows_are_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT id, state, scores, completed_at FROM reviews")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known
                for row in rows:
                    done = self.walk.known[row["id"]] is State.COMPLETED
                    assert (row["completed_at"] is not None) == done
                    if done:
                        assert self.sheets.setdefault(row["id"], row["scores"]) == row["scores"]
                        assert len(row["scores"]) == 2

        async def _as_invited(work: Work) -> None:
            await work.execute(
                """UPDATE reviews SET state = 'invited', scores = '{}', completed_at = NULL, to_applicant = '',
                          to_panel = ''"""
            )

        walk(Reviews)
