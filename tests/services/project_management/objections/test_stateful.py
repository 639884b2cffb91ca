"""Any order of signatures, objections, second thoughts and answers: the tables hold, nothing is final too early."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.project_management.applications.model import Application
from services.project_management.awards import actions as awards
from services.project_management.calls.model import Call
from services.project_management.decisions.model import Decision, DecisionList
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
OBJECTORS = {name: someone(Role.FACILITY_OWNER, organisation_name=name) for name in ("sun", "wu")}
DAYS = 5


def put_forward(work: Work, decision_id: UUID, number: int, officer: str) -> None:
    """The list as `decide_call` keeps it: who proposed and signed it is known from there alone."""
    work.add(
        DecisionList(
            decision_id=decision_id,
            number=number,
            content="{}",
            sha256="",
            proposed_by=officer,
            proposed_at=work.now,
        )
    )


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
        decision = Decision(
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
        work.add(decision)
        await work.flush()
        put_forward(work, decision.id, 1, world.officer.subject)
    return world


def machine_over(run: Callable[..., Any], projects: Running) -> type[RuleBasedStateMachine]:
    class ADecision(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = run(begun, projects)
            self.state, self.signed, self.number = State.IN_APPROVAL, 0, 1
            self.waiting: dict[UUID, ObjectionState] = {}
            self.lodged: dict[UUID, tuple[str, int]] = {}
            self.over = False

        @initialize(shown=st.booleans())
        def begin(self, shown: bool) -> None:
            """Half of the walks begin in public notice, which few would reach."""
            for who in ("chen", "he") if shown else ():
                self.approve(who)

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
        def sign(self, who: str) -> None:
            self.approve(who)

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
                put_forward(work, decision.id, decision.number, self.world.officer.subject)

            run(self.act, self.world.officer, again)
            self.state, self.signed, self.number = State.IN_APPROVAL, 0, self.number + 1

        @rule(who=st.sampled_from(sorted(OBJECTORS)))
        def object(self, who: str) -> None:
            fields = ObjectionCreate(reason="No.", evidence="See there.")
            waits = [
                id
                for id, by in self.lodged.items()
                if by == (who, self.number) and self.waiting[id] is ObjectionState.LODGED
            ]
            may = self.state is State.IN_NOTICE and not self.over and not waits
            made = self.attempt(
                OBJECTORS[who], lambda work: actions.lodge_objection(work, self.world.call_id, fields), possible=may
            )
            if made:
                self.waiting[made.id], self.lodged[made.id] = ObjectionState.LODGED, (who, self.number)

        @rule(which=st.integers(0, 2))
        def think_better_of_it(self, which: int) -> None:
            if not self.waiting:
                return
            one = sorted(self.waiting)[which % len(self.waiting)]
            allowed, after = OBJECTIONS["withdraw"]
            person = OBJECTORS[self.lodged[one][0]]
            may = self.waiting[one] in allowed
            if self.attempt(person, lambda work: actions.withdraw_objection(work, one, None), possible=may):
                self.waiting[one] = after

        @rule(uphold=st.booleans(), who=st.sampled_from(["officer", "chen", "zhou"]), which=st.integers(0, 2))
        def answer(self, uphold: bool, who: str, which: int) -> None:
            if not self.waiting:
                return
            one = sorted(self.waiting)[which % len(self.waiting)]
            allowed, after = OBJECTIONS["uphold" if uphold else "reject"]
            person = {"officer": self.world.officer, "chen": CHEN, "zhou": ZHOU}[who]
            # Whoever proposed or signed the list that was shown stays a hand in it, however often it is made anew.
            may = self.waiting[one] in allowed and who == "zhou"
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
