"""Any order of turning down, asking, taking and appealing: no more is granted than there is, and by the tables."""

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.project_management.appeals import actions as appeals
from services.project_management.appeals.rules import TRANSITIONS as APPEALS
from services.project_management.appeals.schemas import AppealCreate, AppealDecisionCreate
from services.project_management.applications.model import Application
from services.project_management.awards.actions import issue_letters
from services.project_management.awards.model import Award
from services.project_management.calls.model import Call
from services.project_management.decisions.model import Decision
from services.project_management.reserves import actions
from services.project_management.reserves.rules import TRANSITIONS as OFFERS
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.walking import walk, walking
from tests.services.project_management.world import World

Action = Callable[[Work], Coroutine[Any, Any, Any]]
CHEN = someone(Role.COORDINATOR, organisation_name="Coordination Office")
BUDGET = Decimal(1000)
ASKED = {"funded": "600.00", "reserve": "400.00", "declined": "500.00"}


async def begun(projects: Running) -> tuple[World, list[UUID]]:
    """A call that is decided: one funded, one on the reserve list, one declined."""
    await projects.clear()
    world = await World(projects).open(budget=str(BUDGET))
    inputs: dict[str, Any] = {"budget": str(BUDGET), "currency": "CNY", "portfolio": [], "overrides": []}
    decision_id, awards = new_id(), []
    for outcome, asked in ASKED.items():
        await world.apply(world.institute, title=outcome, amount=asked)
    async with projects.work(system_actor("projects")) as work:
        call = await work.get(Call, world.call_id)
        call.state = "decided"
        traits = [{"id": str(id), "traits": {}} for id in world.applications]
        work.add(
            Decision(
                id=decision_id,
                call_id=call.id,
                office_id=call.organisation_id,
                label="public",
                reason="As ranked.",
                decided_by=world.officer.subject,
                trace={"inputs": inputs | {"applications": traits}, "result": {"items": []}},
                created_at=work.now,
            )
        )
        await work.session.flush()
        for rank, (outcome, id) in enumerate(zip(ASKED, world.applications, strict=True), 1):
            application = await work.get(Application, id)
            application.state = outcome
            amount = application.requested_amount if outcome == "funded" else Decimal(0)
            award = Award(
                id=new_id(), decision_id=decision_id, call_id=call.id, application_id=id, outcome=outcome,
                amount_amount=amount, amount_currency="CNY", rank=rank, reviews=2, reason="r", created_at=work.now,
            )  # fmt: skip
            work.add(award)
            await work.session.flush()
            await issue_letters(work, call, [(application, award)])
            awards.append(award.id)
    return world, awards


def machine_over(run: Callable[..., Any], projects: Running) -> type[RuleBasedStateMachine]:
    class AList(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world, self.awards = run(begun, projects)
            self.were: dict[UUID, str] = {}

        async def act(self, person: Someone, action: Action) -> Any:
            async with projects.work(person) as work:
                return await action(work)

        def attempt(self, person: Someone, action: Action) -> bool:
            try:
                run(self.act, person, action)
            except Conflict:
                return False
            return True

        def rows(self) -> list[dict[str, Any]]:
            found = run(
                projects.rows,
                """SELECT w.id, w.outcome, w.ahead, w.amount_amount AS amount, a.state, a.requested_amount AS asked,
                          o.state AS offer, p.state AS appeal
                   FROM awards w JOIN applications a ON a.id = w.application_id
                   LEFT JOIN LATERAL (SELECT state FROM award_offers WHERE award_id = w.id
                                      ORDER BY created_at DESC LIMIT 1) o ON true
                   LEFT JOIN appeals p ON p.award_id = w.id ORDER BY w.rank""",
            )
            return list(found)

        @rule(n=st.integers(0, 2))
        def turn_down(self, n: int) -> None:
            before, id = self.rows()[n], self.awards[n]
            went = self.attempt(self.world.institute, lambda work: actions.refuse_award(work, id, "no", None))
            assert went == (before["outcome"] == "funded" or before["offer"] == "offered")

        @rule()
        def ask_the_next(self) -> None:
            run(self.act, system_actor("projects"), actions.offer_reserves)

        @rule(n=st.integers(0, 2))
        def take(self, n: int) -> None:
            before, id = self.rows()[n], self.awards[n]
            went = self.attempt(self.world.institute, lambda work: actions.accept_award(work, id, None))
            assert went == (before["offer"] == "offered")

        @rule(n=st.integers(0, 2))
        def appeal(self, n: int) -> None:
            before, id = self.rows()[n], self.awards[n]
            fields = AppealCreate(grounds="Look again.")
            went = self.attempt(self.world.institute, lambda work: appeals.lodge_appeal(work, id, fields))
            assert went == (before["outcome"] in ("reserve", "declined") and before["appeal"] is None)

        @rule(n=st.integers(0, 2), grant=st.booleans(), officer=st.booleans())
        def decide(self, n: int, grant: bool, officer: bool) -> None:
            every = run(projects.rows, "SELECT id, state, award_id FROM appeals")
            found = [one for one in every if one["award_id"] == self.awards[n]]
            if not found:
                return
            fields = AppealDecisionCreate(decision="grant" if grant else "dismiss", reason="So.")
            person = self.world.officer if officer else CHEN
            now = self.rows()[n]
            settled = now["outcome"] not in ("reserve", "declined") or now["offer"] == "offered"
            went = self.attempt(person, lambda work: appeals.decide_appeal(work, found[0]["id"], fields, None))
            assert went == (found[0]["state"] == "lodged" and not officer and not (grant and settled))

        @rule(n=st.integers(0, 2))
        def think_better_of_it(self, n: int) -> None:
            every = run(projects.rows, "SELECT id, state, award_id FROM appeals")
            found = [one for one in every if one["award_id"] == self.awards[n]]
            if found:
                id = found[0]["id"]
                went = self.attempt(self.world.institute, lambda work: appeals.withdraw_appeal(work, id, None))
                assert went == (found[0]["state"] == "lodged")

        @invariant()
        def offers_and_appeals_go_by_their_tables(self) -> None:
            for name, first, table in (("award_offers", "offered", OFFERS), ("appeals", "lodged", APPEALS)):
                for row in run(projects.rows, f"SELECT id, state FROM {name}"):
                    before, now = self.were.get(row["id"], first), row["state"]
                    ways = {after.value for allowed, after in table.values() if before in allowed}
                    assert now == before or now in ways, f"{name}: {before} became {now}"
                    self.were[row["id"]] = now

        @invariant()
        def no_more_is_granted_or_offered_than_there_is(self) -> None:
            held = sum(
                (one["asked"] for one in self.rows() if one["outcome"] == "funded" or one["offer"] == "offered"),
                Decimal(0),
            )
            assert held <= BUDGET

        @invariant()
        def applications_say_what_their_awards_say(self) -> None:
            said = {"turned_down": "withdrawn"}
            for one in self.rows():
                assert one["state"] == said.get(one["outcome"], one["outcome"])
                assert (one["outcome"] == "funded") == (one["amount"] > 0)
                assert one["offer"] != "offered" or one["outcome"] == "reserve"

    return AList


def test_any_order_of_actions_keeps_within_the_money(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        walk(machine_over(run, projects), 8, 10)
