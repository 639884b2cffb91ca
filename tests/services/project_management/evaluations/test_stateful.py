"""Any order of what lead, office and panel do: both tables hold, and the last sheet judges."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.project_management.delivery.rules import Grade
from services.project_management.evaluations import actions, rules
from services.project_management.evaluations.rules import SHEETS, TRANSITIONS, Kind, SheetState, State
from services.project_management.evaluations.schemas import EvaluationDecisionCreate, ReportCreate, SheetCreate
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Someone, someone
from tests.services.project_management.evaluations.test_api import delivered, free
from tests.services.project_management.walking import Walk, walk, walking

REPORT = ReportCreate(report="Done.")
SHEET = SheetCreate.model_validate(
    {"scores": [{"criterion": name, "score": 8} for name in rules.CRITERIA], "to_lead": "Good."}
)
DECISION = EvaluationDecisionCreate(grade=Grade.GOOD, reason="Sound.")
OPEN = """SELECT data ->> 'kind' AS kind FROM outbox WHERE type LIKE '%%.task.assigned.%%' AND subject IN (
              SELECT subject FROM outbox WHERE type LIKE '%%.task.assigned.%%'
              EXCEPT SELECT subject FROM outbox WHERE type LIKE '%%.task.done.%%')
            AND data ->> 'kind' LIKE 'evaluation.%%'"""
WAITING = {State.REPORTING: "evaluation.report", State.REPORTED: "evaluation.panel", State.JUDGED: "evaluation.decide"}


def test_any_order_of_actions_keeps_to_the_tables(settings: Settings) -> None:
    with walking(settings) as (run, projects):
        run(projects.clear)
        world, here = run(delivered, projects)
        for name in ("Hu", "Lin"):
            run(world.expert, name)
        project_id = UUID(here.rsplit("/", 1)[1])
        experts = dict(zip(world.people, world.experts, strict=True))
        panel = [UUID(one) for one in free(world)]
        office = world.officer.organisation_id
        other = someone(Role.PROGRAMME_OFFICER, organisation_id=office, organisation_name="Office")

        class Evaluations(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.walk = Walk(run, projects, TRANSITIONS)
                self.walk.act(system_actor("projects"), _forget)
                self.sheets: dict[UUID, SheetState] = {}
                self.round, self.deciders = 1, list[Someone]()
                self.decided, self.judged = 1, set[UUID]()

            @property
            def id(self) -> UUID:
                return next(reversed(self.walk.known))

            @property
            def state(self) -> State:
                return State(self.walk.known[self.id])

            @rule()
            def open(self) -> None:
                possible = not self.walk.known or self.state not in rules.OPEN
                try:
                    made = self.walk.act(
                        world.officer, lambda work: actions.open_evaluation(work, project_id, Kind.MIDTERM)
                    )
                except Conflict:
                    assert not possible
                    return
                assert possible
                self.walk.known[made.id] = State.REPORTING
                self.sheets, self.round, self.deciders = {}, 1, []
                self.judged = set()

            @precondition(lambda self: self.walk.known)
            @rule(
                verb=st.sampled_from(["report", "return", "decide", "cancel", "reopen", "let_stand"]),
                by=st.sampled_from([world.officer, other]),
            )
            def act(self, verb: str, by: Someone) -> None:
                does: dict[str, Callable[[Work], Coroutine[Any, Any, Any]]] = {
                    "report": lambda work: actions.report_evaluation(work, self.id, REPORT, None),
                    "return": lambda work: actions.return_report(work, self.id, "More.", None),
                    "decide": lambda work: actions.decide_evaluation(work, self.id, DECISION, None),
                    "cancel": lambda work: actions.cancel_evaluation(work, self.id, "Error.", None),
                    "reopen": lambda work: actions.reopen_evaluation(work, self.id, "Wrong.", None),
                    "let_stand": lambda work: actions.let_stand(work, self.id, "Right after all.", None),
                }
                first, again = self.round == 1, self.round > 1
                fits = {
                    "cancel": first,
                    "return": first,
                    "let_stand": again and by not in self.deciders,
                    "decide": first or by not in self.deciders,
                    "reopen": by not in self.deciders,
                }
                who = world.institute if verb == "report" else by
                if not self.walk.go(self.id, verb, who, does[verb], possible=fits.get(verb, True)):
                    return
                if verb == "decide":
                    self.deciders.append(by)
                    self.decided = self.round
                elif verb == "reopen":
                    self.judged |= {id for id, state in self.sheets.items() if state is SheetState.HANDED_IN}
                    self.sheets, self.round = {}, self.round + 1
                elif verb in ("cancel", "let_stand"):
                    self.sheets = {
                        id: SheetState.WITHDRAWN if state is SheetState.ASKED else state
                        for id, state in self.sheets.items()
                    }

            @precondition(lambda self: self.walk.known)
            @rule(many=st.integers(1, 4))
            def appoint(self, many: int) -> None:
                fresh = [one for one in panel if one not in self.sheets | dict.fromkeys(self.judged)]
                wanted = (fresh or [one for one in panel if one not in self.sheets])[:many]
                live = sum(one in (SheetState.ASKED, SheetState.HANDED_IN) for one in self.sheets.values())
                if not wanted:
                    return
                try:
                    self.walk.act(world.officer, lambda work: actions.appoint_panel(work, self.id, wanted, None))
                except Invalid:
                    assert live + len(wanted) < rules.LEAST or self.judged & set(wanted)
                    return
                except Conflict:
                    assert self.state not in TRANSITIONS["appoint"][0]
                    return
                assert self.state in TRANSITIONS["appoint"][0]
                assert not self.judged & set(wanted), "a new panel is new"
                self.walk.known[self.id] = State.IN_REVIEW
                self.sheets |= dict.fromkeys(wanted, SheetState.ASKED)

            @precondition(lambda self: self.sheets)
            @rule(which=st.integers(0, 3), verb=st.sampled_from(["hand_in", "hand_in", "decline"]))
            def answer(self, which: int, verb: str) -> None:
                expert = list(self.sheets)[which % len(self.sheets)]
                before = self.sheets[expert]
                if before is SheetState.WITHDRAWN:
                    return  # not found any more
                (row,) = self.walk.rows(
                    """SELECT id FROM evaluation_sheets
                       WHERE expert_id = %(one)s AND evaluation_id = %(id)s AND round = %(round)s""",
                    one=expert,
                    id=self.id,
                    round=self.round,
                )
                does: Callable[[Work], Coroutine[Any, Any, Any]] = (
                    (lambda work: actions.hand_in_sheet(work, row["id"], SHEET, None))
                    if verb == "hand_in"
                    else (lambda work: actions.decline_sheet(work, row["id"], "No.", None))
                )
                try:
                    self.walk.act(experts[expert], does)
                except Conflict:
                    assert before not in SHEETS[verb][0]
                    return
                assert before in SHEETS[verb][0]
                self.sheets[expert] = SHEETS[verb][1]
                if rules.all_in(list(self.sheets.values())):
                    self.walk.known[self.id] = State.JUDGED

            @rule()
            def on_to_the_end(self) -> None:
                """Random steps alone hardly ever reach it."""
                if self.walk.known and self.state is State.DECIDED and self.round == 1:
                    self.act(verb="reopen", by=next(one for one in (world.officer, other) if one not in self.deciders))
                elif not self.walk.known or self.state not in rules.OPEN:
                    self.open()
                elif self.state is State.REPORTING:
                    self.act(verb="report", by=other)
                elif self.state is State.REPORTED:
                    self.appoint(many=3)
                elif self.state is State.IN_REVIEW:
                    for which in range(len(self.sheets)):
                        self.answer(which=which, verb="hand_in")
                else:
                    self.act(verb="decide", by=next(one for one in (other, world.officer) if one not in self.deciders))

            @invariant()
            def the_rows_say_what_the_tables_say(self) -> None:
                rows = self.walk.rows("SELECT id, state FROM evaluations")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known
                if self.walk.known:
                    found = self.walk.rows(
                        """SELECT expert_id, state FROM evaluation_sheets
                           WHERE evaluation_id = %(id)s AND round = %(round)s""",
                        id=self.id,
                        round=self.round,
                    )
                    (row,) = self.walk.rows(
                        "SELECT round, decided_round, earlier FROM evaluations WHERE id = %(id)s", id=self.id
                    )
                    assert (row["round"], len(row["earlier"])) == (self.round, self.round - 1)
                    stands = self.decided if self.state is State.DECIDED else None
                    assert row["decided_round"] == stands, "the round that the decision is of"
                    assert {row["expert_id"]: SheetState(row["state"]) for row in found} == self.sheets

            @invariant()
            def everybody_has_just_the_task_that_waits(self) -> None:
                if not self.walk.known:
                    return
                tasks = [row["kind"] for row in self.walk.rows(OPEN)]
                asked = list(self.sheets.values()).count(SheetState.ASKED)
                assert tasks.count("evaluation.judge") == asked
                others = [one for one in tasks if one != "evaluation.judge"]
                short = self.state is State.IN_REVIEW and rules.short_of(list(self.sheets.values()))
                wanted = WAITING.get(self.state) or ("evaluation.panel" if short else None)
                assert others == ([wanted] if wanted else [])

        async def _forget(work: Work) -> None:
            await work.execute("DELETE FROM evaluation_sheets")
            await work.execute("DELETE FROM evaluations")
            await work.execute("DELETE FROM outbox WHERE data ->> 'kind' LIKE 'evaluation.%%'")

        walk(Evaluations, examples=8, steps=14)
