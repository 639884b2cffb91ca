"""Any order of what a lead and a member do: the table holds, and a task stands while an answer waits."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.memberships import actions
from services.project_management.teams.rules import TRANSITIONS, State
from shared.kernel.errors import Invalid
from shared.kernel.settings import Settings
from tests.services.project_management.memberships.test_people import LIU, PEOPLE, know_people, named, team
from tests.services.project_management.ready import UNIVERSITY, ZHAO
from tests.services.project_management.walking import Walk, walk, walking


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):

        async def begun() -> None:
            await know_people(projects)
            await named(projects)

        run(begun)
        (application,) = run(lambda: projects.rows("SELECT id FROM applications"))
        liu = "SELECT id, state, part, task_id FROM application_members WHERE subject = %(subject)s"

        class Team(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.part = 0
                self.walk.act(ZHAO, self.without)
                self.walk.act(ZHAO, self.with_liu)
                self.walk.known = {self.id: State.NAMED}

            async def without(self, work):  # type: ignore[no-untyped-def]
                """Nobody but the leader: the row of who left goes with the wording that named them."""
                await work.execute("DELETE FROM application_members WHERE role = 'member'")

            async def with_liu(self, work):  # type: ignore[no-untyped-def]
                member = {"person": str(PEOPLE["Liu Fang"]), "organisation_id": UNIVERSITY, "part": f"Part {self.part}"}
                return await actions.name_people(work, application["id"], team(members=[member]), None, "")

            @property
            def row(self):  # type: ignore[no-untyped-def]
                (found,) = self.walk.rows(liu, subject=LIU.subject)
                return found

            @property
            def id(self):  # type: ignore[no-untyped-def]
                return self.row["id"]

            @rule(changed=st.booleans())
            def name_again(self, changed: bool) -> None:
                """Whose part reads otherwise is asked again; who left is not named again by others."""
                before, id = self.walk.known, self.id
                self.part += changed
                try:
                    self.walk.act(ZHAO, self.with_liu)
                except Invalid:
                    assert before[id] is State.LEFT
                    self.part -= changed
                    return
                allowed, after = TRANSITIONS["ask"]
                assert before[id] in allowed
                self.walk.known = {self.id: after if changed else before[id]}

            @rule(verb=st.sampled_from(["agree", "leave"]))
            def answer(self, verb: str) -> None:
                id, reason = self.id, None if verb == "agree" else "I was not asked."
                self.walk.go(id, verb, LIU, lambda work: actions.answer(work, id, reason, None))

            @invariant()
            def the_row_is_what_the_table_says(self) -> None:
                row = self.row
                assert {row["id"]: State(row["state"])} == self.walk.known
                assert (row["task_id"] is not None) == (row["state"] == "named")
                assert row["part"] == f"Part {self.part}"

        walk(Team, examples=6, steps=8)
