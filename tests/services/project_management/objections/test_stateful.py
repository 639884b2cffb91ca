"""Any order of signatures, returns, objections and answers: the tables say what happens, nothing is final too early."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.applications.model import Application
from services.project_management.awards import actions as awards
from services.project_management.calls.model import Call
from services.project_management.decisions.model import Decision
from services.project_management.decisions.rules import TRANSITIONS, State, end_of
from services.project_management.objections import actions
from services.project_management.objections.rules import TRANSITIONS as OBJECTIONS
from services.project_management.objections.rules import State as ObjectionState
from services.project_management.objections.schemas import ObjectionAnswerCreate, ObjectionCreate
from shared.contracts.projects import AwardDecided
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.objections.test_api import STEP
from tests.services.project_management.walking import walk, walking
from tests.services.project_management.world import World

Action = Callable[[Work], Coroutine[Any, Any, Any]]
CHEN, HE, ZHOU = (someone(Role.COORDINATOR, organisation_name="Coordination Office") for _ in range(3))
SUN = someone(Role.FACILITY_OWNER, organisation_name="Somewhere")
DAYS = 5


async def begun(projects: Running) -> World:
    """One application, whose decision waits for the first of two offices."""
    await projects.clear()
    world = await World(projects).open()
    application_id = await world.apply(world.institute)
    item = {"id": str(application_id), "title": "Alloys", "lead": "Institute", "requested": "1.00", "rank": 1}
    item |= {"mean": "9.00", "sd": None, "reviews": 2, "outcome": "funded", "reason": "Best."}
    async with projects.work(system_actor("projects")) as work:
        call = await work.get(Call, world.call_id)
        call.state, call.award_terms = "deciding", call.award_terms | {"approvals": [STEP, STEP], "notice_days": DAYS}
        (await work.get(Application, application_id)).state = "reviewed"
        work.add(
            Decision(
                id=new_id(),
                call_id=call.id,
                call_title=call.title,
                office_id=call.organisation_id,
                label=call.label,
                reason="As ranked.",
                decided_by=world.officer.subject,
                trace={"inputs": {"overrides": []}, "result": {"items": [item]}},
                state="in_approval",
                created_at=work.now,
            )
        )
    return world


def machine_over(run: Callable[..., Any], projects: Running) -> type[RuleBasedStateMachine]:
    class ADecision(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = run(begun, projects)
            self.state, self.signed = State.IN_APPROVAL, 0
            self.waiting: dict[UUID, ObjectionState] = {}
            self.over = False

        async def act(self, person: Someone, action: Action) -> Any:
            async with projects.work(person) as work:
                return await action(work)

        def attempt(self, person: Someone, action: Action, *, possible: bool) -> Any:
            try:
                done = run(self.act, person, action)
            except Conflict:
                assert not possible, f"refused while {self.state}"
                return None
            assert possible, f"went through while {self.state}"
            return done

        @rule(who=st.sampled_from(["officer", "chen", "he"]))
        def approve(self, who: str) -> None:
            person = {"officer": self.world.officer, "chen": CHEN, "he": HE}[who]
            hand = who == "officer" or (who == "chen" and self.signed == 1)
            may = self.state in TRANSITIONS["approve"][0] and not hand and not (who == "he" and self.signed == 0)
            if who == "he" and self.signed == 0:
                return  # kept for the second signature, so that the model need not tell them apart
            call_id = self.world.call_id
            if self.attempt(person, lambda work: awards.approve_decision(work, call_id, "", None), possible=may):
                self.signed += 1
                if self.signed == 2:
                    self.state, self.over = State.IN_NOTICE, False

        @rule()
        def send_back(self) -> None:
            call_id, may = self.world.call_id, self.state in TRANSITIONS["return"][0]
            if self.attempt(ZHOU, lambda work: awards.return_decision(work, call_id, "no", None), possible=may):
                self.state = State.RETURNED

        @rule()
        def propose_again(self) -> None:
            """As deciding again does, without ranking anew."""
            if self.state is not State.RETURNED:
                return

            async def again(work: Work) -> None:
                _call, decision = await awards.locked_decision(work, self.world.call_id)
                told = {"reason": "Again.", "subject": self.world.officer.subject, "sha256": ""}
                for fact in decision.propose_again(trace=decision.trace, **told):
                    work.emit(fact)

            run(self.act, self.world.officer, again)
            self.state, self.signed = State.IN_APPROVAL, 0

        @rule()
        def object(self) -> None:
            fields = ObjectionCreate(reason="No.", evidence="See there.")
            may = self.state is State.IN_NOTICE and not self.over
            made = self.attempt(
                SUN, lambda work: actions.lodge_objection(work, self.world.call_id, fields), possible=may
            )
            if made:
                self.waiting[made.id] = ObjectionState.LODGED

        @rule(uphold=st.booleans(), who=st.sampled_from(["officer", "chen", "zhou"]))
        def answer(self, uphold: bool, who: str) -> None:
            open_ones = [id for id, state in self.waiting.items() if state in OBJECTIONS["reject"][0]]
            if not open_ones:
                return
            one = open_ones[0]
            allowed, after = OBJECTIONS["uphold" if uphold else "reject"]
            person = {"officer": self.world.officer, "chen": CHEN, "zhou": ZHOU}[who]
            may = self.waiting[one] in allowed and (who == "zhou" or (who == "chen" and self.signed == 0))
            fields = ObjectionAnswerCreate(decision="uphold" if uphold else "reject", answer="Because.")
            if self.attempt(person, lambda work: actions.answer_objection(work, one, fields, None), possible=may):
                self.waiting[one] = after
                if uphold and self.state in TRANSITIONS["reopen"][0]:
                    self.state = State.RETURNED

        @rule(days=st.sampled_from([1, DAYS + 1]))
        def time_passes(self, days: int) -> None:
            async def later(work: Work) -> None:
                _call, decision = await awards.locked_decision(work, self.world.call_id)
                if decision.notice_until and days > DAYS:
                    decision.notice_until = end_of(work.now, -1) - timedelta(days=1)

            run(self.act, system_actor("projects"), later)
            run(self.act, system_actor("projects"), awards.end_notices)
            if self.state is State.IN_NOTICE and days > DAYS:
                self.over = True
            if self.state is State.IN_NOTICE and self.over and ObjectionState.LODGED not in self.waiting.values():
                self.state = State.FINAL

        @invariant()
        def the_rows_are_what_the_tables_say(self) -> None:
            (row,) = run(projects.rows, "SELECT state, approvals FROM decisions")
            assert row["state"] == self.state
            states = {one["id"]: one["state"] for one in run(projects.rows, "SELECT id, state FROM objections")}
            assert states == {id: state.value for id, state in self.waiting.items()}

        @invariant()
        def applicants_hear_of_it_when_it_is_final_and_once(self) -> None:
            final = self.state is State.FINAL
            assert len(run(projects.said, AwardDecided)) == int(final)
            counted = run(
                projects.rows, "SELECT (SELECT count(*) FROM awards) AS a, (SELECT count(*) FROM letters) AS l"
            )
            assert (counted[0]["a"], counted[0]["l"]) == (int(final), int(final))

    return ADecision


def test_any_order_of_actions_keeps_to_the_tables(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        walk(machine_over(run, projects), 8, 10)
