"""Any order of actions on any application: what the table of transitions says happens, and what was handed in stays."""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from services.project_management.applications import actions
from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import OUTCOMES, OVER, TRANSITIONS, State
from services.project_management.applications.schemas import ApplicationChange, ApplicationCreate, CheckCreate
from services.project_management.completions.actions import end_completions, let_stand, return_application
from services.project_management.completions.schemas import ReturnCreate
from services.project_management.outages.actions import beat
from services.project_management.resubmissions.actions import resubmit_application
from services.project_management.resubmissions.schemas import ResubmissionCreate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict
from shared.kernel.settings import Settings
from tests.kit.platform import Running, Someone
from tests.services.project_management.ready import (
    LI,
    SUN,
    ZHAO,
    application_fields,
    know_everybody,
    pdf,
    released_call,
)
from tests.services.project_management.walking import walk, walking

Action = Callable[[Work], Coroutine[Any, Any, Any]]
NOW = datetime(2030, 1, 1, tzinfo=UTC)
CLOCK = system_actor("projects")
OPEN_TASKS = """
SELECT (SELECT count(*) FILTER (WHERE type LIKE '%%.assigned.%%') - count(*) FILTER (WHERE type LIKE '%%.done.%%')
        FROM outbox WHERE type LIKE '%%.task.%%')
     - (SELECT count(check_task_id) + count(completion_task_id) + count(changes_task_id) FROM applications)
     - (SELECT count(task_id) FROM application_partners) AS n"""


def machine_over(run: Callable[..., Any], projects: Running) -> type[RuleBasedStateMachine]:
    async def act(person: Any, action: Action) -> Any:
        async with projects.work(person) as work:
            return await action(work)

    class Applications(RuleBasedStateMachine):
        ids = Bundle("ids")

        def __init__(self) -> None:
            super().__init__()
            run(projects.clear)
            self.now = NOW
            projects.service.database.clock = lambda: self.now
            run(know_everybody, projects)
            self.call_id = run(_call)
            self.known: dict[UUID, State] = {}
            self.mine: dict[UUID, Someone] = {}
            self.ready: set[UUID] = set()
            self.checked: set[UUID] = set()

        def verb(self, id: UUID, verb: str, person: Any, action: Action, *, possible: bool = True) -> bool:
            """Do it; it must go exactly when the table lets it. True when it went."""
            state = self.known[id]
            allowed, after = TRANSITIONS[verb]
            try:
                run(act, person, action)
            except Conflict:
                assert state not in allowed or not possible, f"{verb} of a {state} one was refused"
                return False
            assert state in allowed, f"{verb} of a {state} one went through"
            assert possible, f"{verb} of a {state} one went through"
            self.known[id] = after
            return True

        @initialize(target=ids)
        def some_are_under_way(self) -> Any:
            found = [self.draft(person) for person in (ZHAO, SUN, ZHAO)]
            for id in found[:2]:
                self.attach(id)
                self.submit(id)
            self.send_back(found[0])
            return multiple(*found)

        @rule(target=ids, person=st.sampled_from([ZHAO, SUN]))
        def draft(self, person: Someone) -> UUID:
            fields = ApplicationCreate.model_validate(application_fields(self.call_id))
            id: UUID = run(act, person, lambda work: actions.draft_application(work, fields)).id
            self.known[id], self.mine[id] = State.DRAFT, person
            return id

        @rule(id=ids, text=st.sampled_from(["We make an alloy.", "We make a better one.", ""]))
        def edit(self, id: UUID, text: str) -> None:
            verb = "complete" if self.known[id] is State.RETURNED else "edit"
            fields = ApplicationChange(abstract=text)
            self.verb(id, verb, self.mine[id], lambda work: actions.edit_application(work, id, fields, None))

        @rule(id=ids)
        def attach(self, id: UUID) -> None:
            verb = "complete" if self.known[id] is State.RETURNED else "edit"
            document = run(pdf, projects, self.mine[id])
            if self.verb(id, verb, self.mine[id], lambda work: actions.attach_document(work, id, document, None)):
                self.ready.add(id)

        @rule(id=ids)
        def submit(self, id: UUID) -> None:
            went = self.verb(
                id,
                "submit",
                self.mine[id],
                lambda work: actions.submit_application(work, id, None),
                possible=id in self.ready,
            )
            if went:
                self.checked.discard(id)

        @rule(id=ids)
        def check(self, id: UUID) -> None:
            possible = id not in self.checked
            action = lambda work: actions.check_application(work, id, CheckCreate(), None)  # noqa: E731
            if self.known[id] in (State.DRAFT,) or not run(_handed_in, id):
                return  # unknown to the office, which other tests show
            if self.verb(id, "check", LI, action, possible=possible):
                self.checked.add(id)

        @rule(id=ids)
        def send_back(self, id: UUID) -> None:
            fields = ReturnCreate(reason="more", due_at=self.now + timedelta(days=3))
            if self.verb(id, "return", LI, lambda work: return_application(work, id, fields, None)):
                self.checked.discard(id)

        @rule(id=ids)
        def stand(self, id: UUID) -> None:
            self.verb(id, "stand", LI, lambda work: let_stand(work, id, None))

        @rule(id=ids)
        def withdraw(self, id: UUID) -> None:
            self.verb(id, "withdraw", self.mine[id], lambda work: actions.withdraw_application(work, id, "no", None))

        @rule(id=ids, outcome=st.sampled_from(sorted(OUTCOMES)))
        def decide(self, id: UUID, outcome: Any) -> None:
            async def decided(work: Work) -> None:
                application = await work.get(Application, id)
                partners = await partners_of(work, id)
                work.emit(
                    application.decide(partners, outcome=outcome, amount=application.requested_amount, reason="r")
                )
                if done := application.check_done(partners, "decided"):
                    work.emit(done)

            self.verb(id, OUTCOMES[outcome], CLOCK, decided)

        @rule(target=ids, id=ids)
        def hand_in_again(self, id: UUID) -> Any:
            fields = ResubmissionCreate(call_id=self.call_id)
            try:
                begun = run(act, self.mine[id], lambda work: resubmit_application(work, id, fields)).id
            except Conflict:
                assert self.known[id] not in OVER
                return multiple()
            assert self.known[id] in OVER
            self.known[begun], self.mine[begun] = State.DRAFT, self.mine[id]
            if id in self.ready:
                self.ready.add(begun)
            return begun

        @rule(days=st.sampled_from([1, 4]))
        def days_pass(self, days: int) -> None:
            for _ in range(days):
                self.now += timedelta(days=1)
                run(act, CLOCK, _keep_alive)
            run(act, CLOCK, end_completions)
            over = run(projects.rows, "SELECT id FROM applications WHERE state = 'submitted'")
            for row in over:
                if self.known[row["id"]] is State.RETURNED:
                    self.known[row["id"]] = State.SUBMITTED

        @rule()
        def the_clock_runs(self) -> None:
            run(act, CLOCK, beat)

        @invariant()
        def the_rows_are_what_the_table_says(self) -> None:
            rows = run(projects.rows, "SELECT * FROM applications")
            assert {row["id"]: State(row["state"]) for row in rows} == self.known
            for row in rows:
                state = State(row["state"])
                assert (row["completion_task_id"] is not None) == (state is State.RETURNED)
                assert (row["return_due_at"] is not None) == (state is State.RETURNED)
                assert (row["check_task_id"] is not None) == (state is State.SUBMITTED and row["checked_by"] is None)
                assert state is not State.RETURNED or row["return_due_at"] > self.now

        @invariant()
        def what_was_handed_in_stays_word_for_word_with_its_receipt(self) -> None:
            versions = run(
                projects.rows,
                """SELECT v.*, r.number AS receipt, r.sha256 AS receipted, a.sha256 AS newest, a.submitted_version
                   FROM application_versions v JOIN applications a ON a.id = v.application_id
                   LEFT JOIN receipts r ON r.application_id = v.application_id AND r.application_version = v.number""",
            )
            for row in versions:
                assert hashlib.sha256(row["content"].encode()).hexdigest() == row["sha256"] == row["receipted"]
                if row["number"] == row["submitted_version"]:
                    assert row["newest"] == row["sha256"]

        @invariant()
        def no_task_is_left_without_its_thing(self) -> None:
            (tasks,) = run(projects.rows, OPEN_TASKS)
            assert tasks["n"] == 0

        @invariant()
        def the_facts_of_each_rise(self) -> None:
            facts = run(
                projects.rows, "SELECT subject, version FROM outbox WHERE type LIKE '%%.application.%%' ORDER BY seq"
            )
            seen: dict[UUID, int] = {}
            for fact in facts:
                assert fact["version"] > seen.get(fact["subject"], 0)
                seen[fact["subject"]] = fact["version"]

    async def _call() -> UUID:
        opens, closes = (NOW - timedelta(days=1)).isoformat(), "2040-01-01T00:00:00+00:00"
        return (await released_call(projects, opens_at=opens, closes_at=closes)).id

    async def _handed_in(id: UUID) -> bool:
        (row,) = await projects.rows("SELECT submitted_at FROM applications WHERE id = %(id)s", id=id)
        return row["submitted_at"] is not None

    async def _keep_alive(work: Work) -> None:
        await work.execute("UPDATE uptimes SET until = %(now)s", {"now": work.now})

    return Applications


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        walk(machine_over(run, projects), 12, 20)
