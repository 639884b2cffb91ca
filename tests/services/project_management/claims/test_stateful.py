"""Any order of claims, corrections and answers: the table holds, and no line is ever spent twice."""

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from services.project_management.claims import actions
from services.project_management.claims.rules import TRANSITIONS, OverBudget, State
from services.project_management.claims.schemas import ClaimCreate, ClaimUpdate
from shared.db.work import Work
from shared.kernel.errors import Conflict
from shared.kernel.settings import Settings
from tests.kit.platform import Running, Someone
from tests.services.project_management.claims.test_api import item, spending
from tests.services.project_management.walking import walk, walking
from tests.services.project_management.world import World

Action = Callable[[Work], Coroutine[Any, Any, Any]]
AMOUNTS = st.sampled_from(["60000.00", "90000.00", "130000.00"])


def machine_over(
    run: Callable[..., Any], projects: Running, world: World, project: UUID
) -> type[RuleBasedStateMachine]:
    class Claims(RuleBasedStateMachine):
        ids = Bundle("ids")

        def __init__(self) -> None:
            super().__init__()
            run(self.forget)
            self.known: dict[UUID, State] = {}
            self.amounts: dict[UUID, Decimal] = {}

        async def forget(self) -> None:
            async with projects.work(world.officer) as work:
                await work.execute("DELETE FROM expenditure_claims")

        async def act(self, person: Someone, action: Action) -> Any:
            async with projects.work(person) as work:
                return await action(work)

        def covered(self, amount: str, without: UUID | None = None) -> bool:
            """One line of 200,000 in a year of 300,000: a tenth more is tolerated."""
            counted = (State.SUBMITTED, State.APPROVED)
            used = sum(self.amounts[id] for id, state in self.known.items() if state in counted and id != without)
            return used + Decimal(amount) <= 220_000

        @rule(target=ids, amount=AMOUNTS, who=st.sampled_from(["institute", "university"]))
        def submit(self, amount: str, who: str) -> Any:
            fields = ClaimCreate.model_validate({"items": [item(amount)]})
            try:
                made = run(self.act, getattr(world, who), lambda work: actions.submit_claim(work, project, fields))
            except OverBudget:
                assert not self.covered(amount)
                return None
            assert self.covered(amount)
            self.known[made.id], self.amounts[made.id] = State.SUBMITTED, Decimal(amount)
            return made.id

        def verb(self, id: UUID | None, verb: str, person: str, action: Action, *, possible: bool = True) -> bool:
            if id is None:
                return False
            allowed, after = TRANSITIONS[verb]
            try:
                run(self.act, getattr(world, person), action)
            except Conflict:
                assert self.known[id] not in allowed or not possible, f"{verb} of a {self.known[id]} one was refused"
                return False
            assert self.known[id] in allowed, f"{verb} of a {self.known[id]} one went through"
            assert possible
            self.known[id] = after
            return True

        def owner(self, id: UUID | None) -> str:
            rows = run(projects.rows, "SELECT id, organisation_name AS name FROM expenditure_claims")
            return next((str(row["name"]).lower() for row in rows if row["id"] == id), "")

        @rule(id=ids)
        def approve(self, id: UUID | None) -> None:
            self.verb(id, "approve", "officer", lambda work: actions.approve_claim(work, id, "", None))  # type: ignore[arg-type]

        @rule(id=ids)
        def send_back(self, id: UUID | None) -> None:
            self.verb(id, "return", "officer", lambda work: actions.return_claim(work, id, "more", None))  # type: ignore[arg-type]

        @rule(id=ids)
        def withdraw(self, id: UUID | None) -> None:
            self.verb(id, "withdraw", self.owner(id), lambda work: actions.withdraw_claim(work, id, "no", None))  # type: ignore[arg-type]

        @rule(id=ids, amount=AMOUNTS)
        def resubmit(self, id: UUID | None, amount: str) -> None:
            fields = ClaimUpdate.model_validate({"items": [item(amount)]})
            went = self.verb(
                id,
                "resubmit",
                self.owner(id),
                lambda work: actions.resubmit_claim(work, id, fields, None),  # type: ignore[arg-type]
                possible=self.covered(amount, id),
            )
            if went and id:
                self.amounts[id] = Decimal(amount)

        @invariant()
        def the_rows_are_what_the_table_says(self) -> None:
            rows = run(projects.rows, "SELECT id, state, total_amount, task_id FROM expenditure_claims")
            assert {row["id"]: State(row["state"]) for row in rows} == self.known
            for row in rows:
                assert row["total_amount"] == self.amounts[row["id"]]
                assert (row["task_id"] is not None) == (State(row["state"]) in (State.SUBMITTED, State.RETURNED))

        @invariant()
        def no_line_is_spent_twice(self) -> None:
            counted = (State.SUBMITTED, State.APPROVED)
            assert sum(self.amounts[id] for id, state in self.known.items() if state in counted) <= 220_000

    return Claims


def test_any_order_of_actions_keeps_to_the_table_and_the_budget(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world, address = run(spending, projects)
        walk(machine_over(run, projects, world, UUID(address.rsplit("/", 1)[1])), 15, 20)
