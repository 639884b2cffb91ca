"""Any order of what office, subject and coordination do, and any passing of days: the table of the ledger holds."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.project_management.standing import actions, queries
from services.project_management.standing.model import Entry
from services.project_management.standing.rules import COUNTING, TRANSITIONS, State
from services.project_management.standing.schemas import EntryCreate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from tests.services.project_management.standing.test_api import CHEN
from tests.services.project_management.walking import Walk, walk, walking
from tests.services.project_management.world import World

WHICH = st.integers(0, 2)
WAITING = {
    State.PROPOSED: {"standing.judge"},
    State.NOTICED: {"standing.answer", "standing.enforce"},
    State.IN_FORCE: {"standing.appeal", ""},
    State.APPEALED: {"standing.decide"},
}
"""State → the task that somebody has."""
OPEN = """SELECT subject FROM outbox WHERE type LIKE '%%.task.assigned.%%'
          EXCEPT SELECT subject FROM outbox WHERE type LIKE '%%.task.done.%%'"""


def test_any_order_of_actions_and_days_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        world = World(projects)
        run(projects.clear)
        run(world.open)
        began = datetime.now(UTC)
        fields = EntryCreate(kind="misused_funds", reason="A car.", subject_id=world.institute.organisation_id)

        forgotten: set[UUID] = set()

        class Ledger(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.now = began
                projects.service.database.clock = lambda: self.now
                self.walk.act(system_actor("projects"), _forget)
                forgotten.update(row["subject"] for row in self.walk.rows(OPEN))
                self.answered: set[UUID] = set()
                self.due: dict[UUID, datetime] = {}
                self.appeal: dict[UUID, datetime] = {}
                self.ends: dict[UUID, Any] = {}

            def one(self, which: int) -> UUID:
                ids = list(self.walk.known)
                return ids[which % len(ids)]

            @rule()
            @precondition(lambda self: len(self.walk.known) < 3)
            def propose(self) -> None:
                made = self.walk.act(world.officer, lambda work: actions.propose_entry(work, fields))
                self.walk.known[made.id] = State.PROPOSED

            @precondition(lambda self: self.walk.known)
            @rule(which=WHICH, verb=st.sampled_from(sorted(TRANSITIONS)))
            def act(self, which: int, verb: str) -> None:
                id, possible = self.one(which), True
                if verb == "expire":
                    return
                if verb == "answer":
                    possible = id not in self.answered and self.now < self.due.get(id, self.now)
                if verb == "enforce":
                    possible = id in self.answered or self.now >= self.due.get(id, self.now)
                if verb == "appeal":
                    possible = self.now < self.appeal.get(id, self.now)
                if verb in ("answer", "appeal") and id not in self.due:
                    return  # not found: it is not known to its subject
                does = {
                    "notice": lambda work: actions.give_notice(work, id, 10, None),
                    "answer": lambda work: actions.answer_notice(work, id, "No.", None),
                    "enforce": lambda work: actions.enforce_entry(work, id, "", None),
                    "withdraw": lambda work: actions.withdraw_entry(work, id, "Error.", None),
                    "appeal": lambda work: actions.appeal_entry(work, id, "No.", None),
                    "uphold": lambda work: actions.rule_on_appeal(work, id, "uphold", "Yes.", None),
                    "lift": lambda work: actions.rule_on_appeal(work, id, "lift", "No.", None),
                    "annul": lambda work: annul(work, id),
                }[verb]
                subject, chen = verb in ("answer", "appeal"), verb in ("uphold", "lift")
                person = world.institute if subject else CHEN if chen else world.officer
                if self.walk.go(id, verb, person, does, possible=possible):
                    if verb == "notice":
                        self.due[id] = self.now + timedelta(days=10)
                    elif verb == "answer":
                        self.answered.add(id)
                    elif verb == "enforce":
                        self.appeal[id] = self.now + timedelta(days=30)
                        (row,) = self.walk.rows("SELECT ends_on FROM standing_entries WHERE id = %(id)s", id=id)
                        self.ends[id] = row["ends_on"]

            @rule(days=st.sampled_from([1, 11, 31, 1100]))
            def days_pass(self, days: int) -> None:
                self.now += timedelta(days=days)
                for _ in range(2):  # the clock may run as often as it likes
                    self.walk.act(system_actor("projects"), actions.follow_entries)
                for id, state in self.walk.known.items():
                    over = id in self.ends and self.ends[id] <= (self.now + timedelta(hours=8)).date()
                    if over and state in TRANSITIONS["expire"][0]:
                        self.walk.known[id] = State.EXPIRED

            @invariant()
            def the_rows_say_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT id, state, task_kind, task_id FROM standing_entries")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known
                for row in rows:
                    assert row["task_kind"] in WAITING.get(State(row["state"]), {""})
                    assert (row["task_id"] is None) == (row["task_kind"] == "")
                told = self.walk.rows(OPEN)
                assert {row["subject"] for row in told} - forgotten == {row["task_id"] for row in rows} - {None}

            @invariant()
            def everybody_learns_of_an_exclusion_exactly_while_it_counts(self) -> None:
                day = (self.now + timedelta(hours=8)).date()
                counting = any(state in COUNTING and self.ends[id] > day for id, state in self.walk.known.items())
                listed = self.walk.act(system_actor("projects"), queries.exclusions)
                assert bool(listed) == counting

        async def annul(work: Work, id: UUID) -> None:
            """As `take_back_by_rule` does of what counts."""
            for fact in (await work.get(Entry, id)).annul("Decided anew.", world.officer.subject, work.now):
                work.emit(fact)

        async def _forget(work: Work) -> None:
            await work.execute("DELETE FROM standing_entries")

        walk(Ledger, examples=8, steps=12)
