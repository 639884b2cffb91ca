"""Any order of what lead and office do with reports keeps to the table, and each has just the task that waits."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.forms.questions import Form, schema_of
from services.project_management.reports import actions
from services.project_management.reports.clock import plan_reports
from services.project_management.reports.rules import TRANSITIONS, WRITING, Rhythm, State
from services.project_management.reports.schemas import ReportPlanUpdate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.clock import local_day
from shared.kernel.settings import Settings
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

OPEN = """SELECT data ->> 'kind' AS kind FROM outbox WHERE type LIKE '%%.task.assigned.%%' AND subject IN (
              SELECT subject FROM outbox WHERE type LIKE '%%.task.assigned.%%'
              EXCEPT SELECT subject FROM outbox WHERE type LIKE '%%.task.done.%%')
            AND data ->> 'kind' LIKE 'report.%%'"""
SECTION = {
    "key": "said",
    "title": "Said",
    "questions": [{"key": "said", "kind": "long_text", "label": "What was done"}],
}
FORM = schema_of(Form.model_validate({"sections": [SECTION]}))
PLAN = ReportPlanUpdate(rhythm=Rhythm.YEARLY, final=True, form=FORM, parts=[])


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = run(World(projects).open)
        run(world.project)

        class Reports(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.walk.act(system_actor("projects"), _forget)
                self.walk.act(world.officer, lambda work: actions.set_plan(work, world.call_id, PLAN, None))
                self.walk.act(system_actor("projects"), plan_reports)
                self.walk.known = dict.fromkeys(
                    (row["id"] for row in self.walk.rows("SELECT id FROM progress_reports ORDER BY number")),
                    State.PLANNED,
                )
                assert len(self.walk.known) == 2

            @rule(which=st.integers(0, 1), verb=st.sampled_from(sorted(TRANSITIONS)))
            def act(self, which: int, verb: str) -> None:
                id: UUID = list(self.walk.known)[which]
                person = world.institute if verb in ("open", "submit") else world.officer

                async def send_back(work: Work) -> Any:
                    due = local_day(work.now) + timedelta(days=9)
                    return await actions.return_report(work, id, "More.", due, None)

                does: dict[str, Callable[[Work], Coroutine[Any, Any, Any]]] = {
                    "open": lambda work: actions.begin_report(work, id, None),
                    "submit": lambda work: actions.submit_report(work, id, None),
                    "return": send_back,
                    "accept": lambda work: actions.accept_report(work, id, "", None),
                    "lift": lambda work: actions.lift_report(work, id, "Not needed.", None),
                }
                self.walk.go(id, verb, person, does[verb])

            @rule()
            def on_to_the_end(self) -> None:
                """Random steps alone hardly ever reach it."""
                for verb in ("open", "submit", "return", "submit", "accept"):
                    self.act(which=0, verb=verb)

            @invariant()
            def the_rows_say_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT id, state FROM progress_reports")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known

            @invariant()
            def everybody_has_just_the_task_that_waits(self) -> None:
                states = list(self.walk.known.values())
                wanted = ["report.write" for one in states if one in WRITING]
                wanted += ["report.judge" for one in states if one is State.SUBMITTED]
                assert sorted(row["kind"] for row in self.walk.rows(OPEN)) == sorted(wanted)

        async def _forget(work: Work) -> None:
            for table in ("report_sheets", "progress_reports", "report_schedules", "report_plans"):
                await work.execute(f"DELETE FROM {table}")
            await work.execute("DELETE FROM outbox WHERE data ->> 'kind' LIKE 'report.%%'")

        walk(Reports, examples=8, steps=8)
