"""Any order of what a project does with its risks keeps to the table."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.project_management.risks import actions
from services.project_management.risks.rules import TRANSITIONS, State
from services.project_management.risks.schemas import RiskCreate, RiskUpdate
from shared.db.work import Work
from shared.kernel.settings import Settings
from tests.services.project_management.risks.test_risks import RISK
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = run(World(projects).open)
        project_id = UUID(run(world.project)["id"])
        fields, update = RiskCreate.model_validate(RISK), RiskUpdate.model_validate(RISK | {"likelihood": 2})

        class Risks(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.walk.act(world.institute, lambda work: work.execute("DELETE FROM project_risks"))

            @rule()
            def record(self) -> None:
                made = self.walk.act(world.university, lambda work: actions.record_risk(work, project_id, fields))
                self.walk.known[made.id] = State.OPEN

            @precondition(lambda self: self.walk.known)
            @rule(which=st.integers(0, 9), verb=st.sampled_from(sorted(TRANSITIONS)))
            def act(self, which: int, verb: str) -> None:
                id = list(self.walk.known)[which % len(self.walk.known)]
                does: dict[str, Callable[[Work], Coroutine[Any, Any, Any]]] = {
                    "assess": lambda work: actions.assess_risk(work, id, update, None),
                    "watch": lambda work: actions.watch_risk(work, id, "", None),
                    "reopen": lambda work: actions.reopen_risk(work, id, "", None),
                    "occur": lambda work: actions.tell_occurrence(work, id, "So.", None),
                    "close": lambda work: actions.close_risk(work, id, "Over.", None),
                }
                self.walk.go(id, verb, world.institute, does[verb])

            @invariant()
            def the_rows_say_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT id, state FROM project_risks")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known

        walk(Risks, examples=8, steps=10)
