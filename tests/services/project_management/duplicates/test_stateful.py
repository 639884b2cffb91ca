"""Any order of runs, verdicts and explanations: the table holds, tasks follow, and no application is refused by it."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.duplicates.actions import (
    check_new_applications,
    explain_overlap,
    judge_check,
    run_check,
)
from services.project_management.duplicates.rules import TRANSITIONS, State, Verdict, verb_for
from services.project_management.duplicates.schemas import VerdictCreate
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from tests.services.project_management.duplicates.test_passages import ABSTRACT, CHINESE, REORDERED
from tests.services.project_management.ready import LI, SUN, ZHAO, know_everybody, released_call, submitted_application
from tests.services.project_management.walking import Walk, walk, walking

WHICH = st.integers(0, 2)
TASKS = """
SELECT count(*) FILTER (WHERE type LIKE '%%.assigned.%%') - count(*) FILTER (WHERE type LIKE '%%.done.%%') AS n
FROM outbox WHERE type LIKE '%%.task.%%' AND data ->> 'url' LIKE '%%/duplicates'
   OR type LIKE '%%.task.done.%%' AND subject IN (
      SELECT subject FROM outbox WHERE type LIKE '%%.task.assigned.%%' AND data ->> 'url' LIKE '%%/duplicates')"""


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):

        async def handed_in() -> list[tuple[UUID, Any]]:
            await projects.clear()
            await know_everybody(projects)
            call = await released_call(projects)
            texts = ((ZHAO, ABSTRACT), (SUN, REORDERED), (ZHAO, CHINESE))
            return [
                ((await submitted_application(projects, call.id, lead, title=f"No {n}", abstract=text)).id, lead)
                for n, (lead, text) in enumerate(texts)
            ]

        applications = run(handed_in)

        class Checks(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.walk.act(system_actor("projects"), _forget)
                self.walk.act(system_actor("projects"), check_new_applications)
                rows = self.walk.rows("SELECT application_id AS id, trace FROM duplicate_checks")
                self.look = {row["id"]: row["trace"]["result"]["look"] for row in rows}
                self.walk.known = {id: State.OPEN if look else State.CLEAR for id, look in self.look.items()}
                self.verdict: dict[UUID, Verdict] = {}
                self.explained: set[UUID] = set()

            @rule(which=WHICH, verdict=st.sampled_from(Verdict))
            def judge(self, which: int, verdict: Verdict) -> None:
                id, _ = applications[which]
                fields = VerdictCreate(verdict=verdict, reason="seen", question="what?")
                if self.walk.go(id, verb_for(verdict), LI, lambda work: judge_check(work, id, fields, None)):
                    self.verdict[id] = verdict
                    self.explained.discard(id)

            @rule(which=WHICH)
            def explain(self, which: int) -> None:
                id, lead = applications[which]
                if self.walk.go(id, "explain", lead, lambda work: explain_overlap(work, id, "new", None)):
                    self.explained.add(id)

            @rule(which=WHICH)
            def run_again(self, which: int) -> None:
                id, _ = applications[which]
                self.walk.act(LI, lambda work: run_check(work, id))
                (row,) = self.walk.rows(
                    "SELECT trace FROM duplicate_checks WHERE application_id = %(id)s AND state <> 'superseded'", id=id
                )
                look = row["trace"]["result"]["look"]
                asked = self.verdict.get(id) is Verdict.OVERLAP
                waits = State.OPEN if id in self.explained else State.EXPLAINING
                decided = waits if asked else State.DECIDED
                self.walk.known[id] = decided if id in self.verdict else State.OPEN if look else State.CLEAR

            @invariant()
            def the_current_checks_are_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT * FROM duplicate_checks WHERE state <> 'superseded'")
                assert {row["application_id"]: State(row["state"]) for row in rows} == self.walk.known
                for row in rows:
                    assert (row["task_id"] is not None) == (row["state"] in ("open", "explaining"))
                (tasks,) = self.walk.rows(TASKS)
                assert tasks["n"] == sum(row["task_id"] is not None for row in rows)

            @invariant()
            def nothing_is_refused(self) -> None:
                states = self.walk.rows("SELECT DISTINCT state FROM applications")
                assert [row["state"] for row in states] == ["submitted"]

        async def _forget(work: Any) -> None:
            await work.execute("DELETE FROM duplicate_checks")
            await work.execute("DELETE FROM outbox WHERE data ->> 'url' LIKE '%%/duplicates'", {})
            await work.execute("DELETE FROM outbox WHERE type LIKE '%%.task.done.%%'", {})

        walk(Checks, examples=6, steps=10)
