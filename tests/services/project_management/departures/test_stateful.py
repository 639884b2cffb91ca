"""Any order of naming, refusing, consenting, taking over, withdrawing and waiting keeps to the table."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.project_management.applications.actions import withdraw_application
from services.project_management.departures import actions
from services.project_management.departures.rules import TRANSITIONS, WAITING, State
from services.project_management.departures.schemas import (
    LeavingCreate,
    SuccessorAnswerCreate,
    SuccessorCreate,
    TakeoverCreate,
)
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.departures.test_departures import admit
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

OTHERS = [someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name=f"College {n}") for n in range(2)]
CLOCK = system_actor("projects")


async def begun(projects: Running) -> World:
    await projects.clear()
    world = await World(projects).open()
    for one in OTHERS:
        await admit(projects, one)
    await world.apply(world.institute, world.university)
    return world


async def tick(work: Work) -> None:
    """The service has run until now, whatever the clock says."""
    await work.execute(
        "INSERT INTO uptimes (id, since, until) VALUES (%(id)s, %(now)s, %(now)s)", {"id": new_id(), "now": work.now}
    )
    await actions.follow_departures(work)


def machine_over(run: Callable[..., Any], projects: Running) -> type[RuleBasedStateMachine]:
    class ADeparture(RuleBasedStateMachine):
        @initialize()
        def the_partner_leaves(self) -> None:
            self.world = run(begun, projects)
            self.walk = Walk(run, projects, TRANSITIONS)
            self.application = self.world.applications[0]
            self.asked: Any = None
            departure = self.walk.act(
                self.world.university,
                lambda work: actions.leave_application(work, self.application, LeavingCreate(reason="No."), None),
            )
            self.id = departure.id
            self.walk.known[self.id] = State.OPEN

        @property
        def state(self) -> State:
            found: State = self.walk.known[self.id]
            return found

        @rule(n=st.integers(0, 1))
        def ask(self, n: int) -> None:
            if self.state is State.ASKED and self.asked is OTHERS[n]:
                return  # it is asked already
            fields = SuccessorCreate(partner_id=OTHERS[n].organisation_id)
            went = self.walk.go(
                self.id, "ask", self.world.institute, lambda work: actions.ask_successor(work, self.id, fields, None)
            )
            self.asked = OTHERS[n] if went else self.asked

        @rule(consent=st.booleans())
        def answer(self, consent: bool) -> None:
            if self.asked is None:
                return
            verb, said = ("replace", "consent") if consent else ("refuse", "refuse")
            fields = SuccessorAnswerCreate(decision=said, reason="So.")
            try:
                went = self.walk.go(
                    self.id, verb, self.asked, lambda work: actions.answer_for_successor(work, self.id, fields, None)
                )
            except NotFound:
                raise AssertionError("who is asked finds what it is asked") from None
            if went and not consent:
                self.asked = None

        @rule()
        def take_over(self) -> None:
            fields = TakeoverCreate(how="Ourselves.")
            self.walk.go(
                self.id, "take_over", self.world.institute, lambda work: actions.take_over(work, self.id, fields, None)
            )

        @rule(late=st.booleans(), withdrawn=st.booleans())
        def the_clock(self, late: bool, withdrawn: bool) -> None:
            before = self.state
            if withdrawn and before in WAITING:
                self.walk.act(
                    self.world.institute, lambda work: withdraw_application(work, self.application, "No.", None)
                )
            moment = datetime.now(UTC) + timedelta(days=15 if late else 0)
            projects.service.database.clock, kept = (lambda: moment), projects.service.database.clock
            try:
                self.walk.act(CLOCK, tick)
            finally:
                projects.service.database.clock = kept
            if before in WAITING and (withdrawn or late):
                self.walk.known[self.id] = State.ENDED if withdrawn else State.LAPSED

        @invariant()
        def the_rows_say_so(self) -> None:
            if not hasattr(self, "id"):
                return
            row = self.walk.rows(
                """SELECT d.state, a.state AS application, a.sha256,
                          ARRAY(SELECT p.answer FROM application_partners p
                                WHERE p.application_id = a.id AND p.left_at IS NULL) AS inside
                   FROM application_departures d JOIN applications a ON a.id = d.application_id"""
            )[0]
            assert row["state"] == self.state.value
            assert row["sha256"] == "1" * 64, "what was handed in stays as it was"
            over = self.state in (State.LAPSED, State.ENDED)
            assert row["application"] == ("withdrawn" if over else "submitted")
            inside = {State.ASKED: ["pending"], State.REPLACED: ["consented"]}
            assert row["inside"] == inside.get(self.state, [])

    return ADeparture


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        walk(machine_over(run, projects), 6, 7)
