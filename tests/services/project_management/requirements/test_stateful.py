"""Any order of actions on any requirement: what the table of transitions says happens, and nothing is left behind."""

from collections.abc import Callable, Coroutine
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

from services.project_management.adoptions.actions import adopt_requirements
from services.project_management.adoptions.schemas import AdoptionCreate
from services.project_management.consultations import actions as consultations
from services.project_management.consultations.schemas import ConsultationCreate, OpinionUpdate, PriorityCreate
from services.project_management.requirements import actions
from services.project_management.requirements.rules import OPEN, TRANSITIONS, WRITING, State
from services.project_management.requirements.schemas import (
    MergerCreate,
    RequirementChange,
    RequirementCreate,
    WithdrawalCreate,
)
from shared.db.work import Work
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.settings import Settings
from tests.kit.platform import Running, Someone
from tests.services.project_management.requirements.scene import (
    LI,
    SUN,
    ZHAO,
    Scene,
    adoption_fields,
    requirement_fields,
    scene_of,
)
from tests.services.project_management.walking import walk, walking

Action = Callable[[Work], Coroutine[Any, Any, Any]]
FACTS_OF_TASKS = """
SELECT count(*) FILTER (WHERE type LIKE '%%.assigned.%%') - count(*) FILTER (WHERE type LIKE '%%.done.%%') AS n
FROM outbox WHERE type LIKE '%%.task.%%'"""


def machine_over(run: Callable[..., Any], projects: Running, scene: Scene, expert: UUID) -> type[RuleBasedStateMachine]:
    """The machine's class: its rules act on the service, and what the table says is kept beside it."""

    async def act(person: Someone, action: Action) -> Any:
        async with projects.work(person) as work:
            return await action(work)

    class Requirements(RuleBasedStateMachine):
        ids = Bundle("ids")

        def __init__(self) -> None:
            super().__init__()
            run(projects.clear)
            run(_settle, scene, expert)
            self.known: dict[UUID, State] = {}
            self.mine: dict[UUID, Someone] = {}
            self.holds_others: set[UUID] = set()

        def verb(self, id: UUID, verb: str, person: Someone, action: Action, *, possible: bool = True) -> bool:
            """Do it; it must go exactly when the table lets it. True when it went."""
            state = self.known[id]
            allowed, after = TRANSITIONS[verb]
            gone = state is State.DISCARDED or (person is LI and state in WRITING)
            try:
                run(act, person, action)
            except NotFound:
                assert gone, f"{verb} of a {state} one was not found"
                return False
            except Conflict:
                assert gone or state not in allowed or not possible, f"{verb} of a {state} one was refused"
                return False
            assert state in allowed, f"{verb} of a {state} one went through"
            assert possible, f"{verb} of a {state} one went through"
            self.known[id] = after or state
            return True

        @initialize(target=ids)
        def some_are_under_way(self) -> Any:
            """Otherwise most runs would end before anything is merged or decided."""
            found = [self.draft(person) for person in (ZHAO, SUN, ZHAO, SUN)]
            for id in found:
                self.put_forward(id)
            for id in found[2:]:
                self.consult(id)
            return multiple(*found)

        @rule(target=ids, person=st.sampled_from([ZHAO, SUN]))
        def draft(self, person: Someone) -> UUID:
            fields = RequirementCreate.model_validate(requirement_fields())
            id: UUID = run(act, person, lambda work: actions.draft_requirement(work, fields)).id
            self.known[id], self.mine[id] = State.DRAFT, person
            return id

        @rule(id=ids, urgency=st.sampled_from(["immediate", "long_term"]))
        def edit(self, id: UUID, urgency: str) -> None:
            change = RequirementChange.model_validate({"urgency": urgency})
            self.verb(id, "edit", self.mine[id], lambda work: actions.edit_requirement(work, id, change, None))

        @rule(id=ids)
        def put_forward(self, id: UUID) -> None:
            self.verb(id, "put_forward", self.mine[id], lambda work: actions.put_forward(work, id, None))

        @rule(id=ids)
        def withdraw(self, id: UUID) -> None:
            verb = "discard" if self.known[id] in WRITING else "withdraw"
            reason = WithdrawalCreate(reason="no longer")
            self.verb(
                id,
                verb,
                self.mine[id],
                lambda work: actions.withdraw_requirement(work, id, reason, None),
                possible=id not in self.holds_others,
            )

        @rule(id=ids)
        def send_back(self, id: UUID) -> None:
            self.verb(id, "return", LI, lambda work: actions.return_requirement(work, id, "more", None))

        @rule(id=ids)
        def decline(self, id: UUID) -> None:
            self.verb(id, "decline", LI, lambda work: actions.decline_requirement(work, id, "no", None))

        @rule(id=ids)
        def consult(self, id: UUID) -> None:
            fields = ConsultationCreate(expert_ids=[expert])
            self.verb(id, "consult", LI, lambda work: consultations.consult(work, id, fields, None))

        @rule(id=ids, rating=st.integers(1, 5))
        def opine(self, id: UUID, rating: int) -> None:
            if self.known[id] is State.IN_CONSULTATION:
                fields = OpinionUpdate(importance=rating, feasibility=rating)
                self.verb(
                    id, "opine", scene.experts[expert], lambda work: consultations.give_opinion(work, id, fields, None)
                )

        @rule(id=ids)
        def prioritise(self, id: UUID) -> None:
            self.verb(id, "prioritise", LI, lambda work: consultations.prioritise(work, id, PriorityCreate(), None))

        @rule(id=ids)
        def adopt(self, id: UUID) -> None:
            fields = AdoptionCreate.model_validate(adoption_fields(str(id)))
            state = self.known[id]
            if state in WRITING or state is State.DISCARDED:
                return  # refused as an unknown one, which the tests of adoptions show
            free = state is not State.ADOPTED
            self.verb(id, "adopt", LI, lambda work: adopt_requirements(work, fields), possible=free)

        @rule(into=ids, source=ids)
        def merge(self, into: UUID, source: UUID) -> None:
            if into == source or self.known[into] not in OPEN or self.known[source] in WRITING | {State.DISCARDED}:
                return
            fields = MergerCreate(requirement_ids=[source], reason="the same")
            went = self.verb(source, "merge", LI, lambda work: actions.merge_requirements(work, into, fields, None))
            if went and (self.mine[source] is not self.mine[into] or source in self.holds_others):
                self.holds_others.add(into)

        @invariant()
        def the_rows_are_what_the_table_says(self) -> None:
            rows = run(projects.rows, "SELECT id, state, version, task_id, merged_into_id, sha256 FROM requirements")
            assert {row["id"]: State(row["state"]) for row in rows} == self.known
            for row in rows:
                state = State(row["state"])
                assert (row["task_id"] is not None) == (state in OPEN or state is State.RETURNED)
                assert (row["merged_into_id"] is not None) == (state is State.MERGED)

        @invariant()
        def nothing_waits_that_nobody_can_do(self) -> None:
            (tasks,) = run(projects.rows, FACTS_OF_TASKS)
            (asked,) = run(
                projects.rows,
                """SELECT (SELECT count(*) FROM requirements WHERE task_id IS NOT NULL)
                        + (SELECT count(*) FROM requirement_opinions WHERE task_id IS NOT NULL) AS n""",
            )
            (idle,) = run(
                projects.rows,
                """SELECT count(*) AS n FROM requirement_opinions o JOIN requirements r ON r.id = o.requirement_id
                   WHERE o.state = 'invited' AND r.state <> 'in_consultation'""",
            )
            assert tasks["n"] == asked["n"]
            assert idle["n"] == 0

        @invariant()
        def the_facts_of_each_rise(self) -> None:
            facts = run(
                projects.rows, "SELECT subject, version FROM outbox WHERE type LIKE '%%.requirement.%%' ORDER BY seq"
            )
            seen: dict[UUID, int] = {}
            for fact in facts:
                assert fact["version"] > seen.get(fact["subject"], 0)
                seen[fact["subject"]] = fact["version"]

    return Requirements


async def _settle(scene: Scene, expert: UUID) -> None:
    """Everybody known again, after the tables were emptied."""
    await scene_of(scene.projects)
    person = scene.experts[expert]
    await scene.projects.know(person)
    async with scene.projects.work(LI) as work:
        await work.execute(
            """INSERT INTO people (id, version, described, name, name_zh, subject, fields, expert, review_cap)
               VALUES (%(id)s, 1, 1, 'Ma Lan', '', %(subject)s, '[]', true, 5)""",
            {"id": expert, "subject": person.subject},
        )


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        scene = run(scene_of, projects)
        expert = run(scene.expert, "Ma Lan")
        walk(machine_over(run, projects, scene, expert), 12, 20)
