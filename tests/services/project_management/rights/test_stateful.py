"""Any order of actions on an agreement: the table of transitions says what happens, and signatures are never lost."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.project_management.applications.model import Application
from services.project_management.calls.model import Call
from services.project_management.rights import actions
from services.project_management.rights.rules import TRANSITIONS, State
from services.project_management.rights.schemas import (
    PartyRefusalCreate,
    PartySignatureCreate,
    ReopeningCreate,
    TermsUpdate,
)
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict
from shared.kernel.settings import Settings
from tests.kit.platform import Running, Someone
from tests.services.project_management.walking import walk, walking
from tests.services.project_management.world import World

Action = Callable[[Work], Coroutine[Any, Any, Any]]
OPEN_TASKS = """
SELECT count(*) FILTER (WHERE type LIKE '%%.assigned.%%') - count(*) FILTER (WHERE type LIKE '%%.done.%%') AS n
FROM outbox WHERE type LIKE '%%.task.%%'"""


async def begun(projects: Running) -> tuple[World, UUID]:
    await projects.clear()
    world = await World(projects).open()
    application_id = await world.apply(world.institute, world.university)
    async with projects.work(system_actor("projects")) as work:
        application = await work.get(Application, application_id)
        agreement = await actions.begin_agreement(work, application, await work.get(Call, world.call_id))
        return world, agreement.id


def machine_over(run: Callable[..., Any], projects: Running) -> type[RuleBasedStateMachine]:
    class AnAgreement(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world, self.id = run(begun, projects)
            self.state, self.sound = State.DRAFT, False
            self.number = 0
            self.in_force: int | None = None
            self.signed: set[str] = set()

        async def act(self, person: Someone, action: Action) -> Any:
            async with projects.work(person) as work:
                return await action(work)

        def verb(self, verb: str, person: Someone, action: Action, *, possible: bool = True) -> bool:
            allowed, after = TRANSITIONS[verb]
            try:
                run(self.act, person, action)
            except Conflict:
                assert self.state not in allowed or not possible, f"{verb} while {self.state} was refused"
                return False
            assert self.state in allowed, f"{verb} while {self.state} went through"
            assert possible, f"{verb} while {self.state} went through"
            self.state = after or self.state
            return True

        @rule(share=st.sampled_from(["1/2", "3/5", "2/5"]))
        def write(self, share: str) -> None:
            terms = TermsUpdate.model_validate(self.world.terms(inventor_share=share))
            if self.verb("write", self.world.institute, lambda work: actions.write_terms(work, self.id, terms, None)):
                self.sound = share != "2/5"

        @rule()
        def propose(self) -> None:
            went = self.verb(
                "propose",
                self.world.institute,
                lambda work: actions.propose_agreement(work, self.id, None),
                possible=self.sound,
            )
            if went:
                self.number, self.signed = self.number + 1, set()

        @rule(who=st.sampled_from(["institute", "university"]))
        def sign(self, who: str) -> None:
            went = self.verb(
                "sign",
                getattr(self.world, who),
                lambda work: actions.sign_agreement(work, self.id, PartySignatureCreate(), None),
                possible=who not in self.signed,
            )
            if went:
                self.signed.add(who)
                if len(self.signed) == 2:
                    self.state, self.in_force = State.AGREED, self.number

        @rule(who=st.sampled_from(["institute", "university"]))
        def refuse(self, who: str) -> None:
            fields = PartyRefusalCreate(reason="no")
            self.verb(
                "refuse",
                getattr(self.world, who),
                lambda work: actions.refuse_agreement(work, self.id, fields, None),
                possible=who not in self.signed,
            )

        @rule()
        def reopen(self) -> None:
            fields = ReopeningCreate(reason="again")
            self.verb(
                "reopen", self.world.institute, lambda work: actions.reopen_agreement(work, self.id, fields, None)
            )

        @precondition(lambda self: self.number and self.state is not State.ENDED)
        @rule(unlucky=st.sampled_from([False, False, True]))
        def end(self, unlucky: bool) -> None:
            """The project ends early, and the agreement with it."""
            if unlucky and self.verb("end", self.world.institute, self._end):
                self.in_force = None

        async def _end(self, work: Work) -> None:
            await actions.end_agreement(work, self.world.applications[0], stays=False)

        @invariant()
        def the_row_is_what_the_table_says(self) -> None:
            (row,) = run(projects.rows, "SELECT state, number, in_force, tasks, asked FROM agreements")
            assert (row["state"], row["number"], row["in_force"]) == (self.state, self.number, self.in_force)
            waiting = {State.DRAFT: 1, State.PROPOSED: 2 - len(self.signed), State.AGREED: 0, State.ENDED: 0}[
                self.state
            ]
            assert len(row["tasks"]) == waiting
            assert row["asked"].keys() == row["tasks"].keys()
            (tasks,) = run(projects.rows, OPEN_TASKS)
            assert tasks["n"] == waiting

        @invariant()
        def every_version_in_force_has_every_signature(self) -> None:
            rows = run(
                projects.rows,
                """SELECT v.number, v.agreed_at, count(s.subject) AS signed FROM agreement_versions v
                   LEFT JOIN agreement_signatures s USING (agreement_id, number)
                   GROUP BY v.number, v.agreed_at ORDER BY v.number""",
            )
            assert [row["number"] for row in rows] == list(range(1, self.number + 1))
            assert all((row["agreed_at"] is not None) == (row["signed"] == 2) for row in rows)

    return AnAgreement


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        walk(machine_over(run, projects), 15, 20)
