"""Any order of actions on a call, by anybody in charge: what the table says happens, and what was released stays."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from services.project_management.calls import actions
from services.project_management.calls.rules import TRANSITIONS, State
from services.project_management.calls.schemas import CallChange, CallCreate, SignoffCreate
from services.project_management.closings.actions import close_due_calls
from services.project_management.outages.actions import beat
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.project_management.ready import CHEN, LI, call_fields, know_everybody
from tests.services.project_management.walking import Walk, walk, walking

NOW = datetime(2030, 1, 1, tzinfo=UTC)
CLOCK = system_actor("projects")
GAO = someone(Role.PROGRAMME_OFFICER, organisation_name="Defence Department", subject="gao.defence")
CHAIN = [
    {"office": "Coordination Office"},
    {"office": "Defence", "role": "programme_officer", "organisation_id": str(GAO.organisation_id)},
]
BEGUN = ("request_signoff", "approve", "release")


def verb_of(verb: str) -> str:
    """The action by which it is done."""
    return "approve" if verb == "sign" else verb


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):

        class Calls(RuleBasedStateMachine):
            ids = Bundle("ids")

            def __init__(self) -> None:
                super().__init__()
                run(projects.clear)
                run(lambda: know_everybody(projects))
                for signer in (CHEN, GAO):
                    run(lambda who=signer: projects.know(who))
                self.now = NOW
                projects.service.database.clock = lambda: self.now
                self.walk = Walk(run, projects, TRANSITIONS)
                self.closes: dict[UUID, datetime] = {}
                self.kept: dict[UUID, str] = {}
                self.chains: dict[UUID, list[Any]] = {}
                self.signed: dict[UUID, int] = {}

            @initialize(target=ids)
            def one_is_released(self) -> Any:
                id: UUID = self.draft(1)  # type: ignore[assignment]
                for verb in BEGUN:
                    self.by_office(id, verb)
                return id

            @rule(target=ids, days=st.sampled_from([1, 3]), chained=st.booleans())
            def draft(self, days: int, chained: bool = False) -> UUID:
                closes = self.now + timedelta(days=days)
                opens = (self.now - timedelta(days=1)).isoformat()
                offices = {"offices": CHAIN} if chained else {}
                fields = CallCreate.model_validate(call_fields(opens_at=opens, closes_at=closes.isoformat(), **offices))
                id: UUID = self.walk.act(LI, lambda work: actions.draft_call(work, fields)).id
                self.walk.known[id], self.closes[id] = State.DRAFT, closes
                self.chains[id] = [CHEN, GAO] if chained else [CHEN]
                return id

            @rule(
                id=ids,
                verb=st.sampled_from(["edit", "request_signoff", "approve", "return", "withdraw", "release", "cancel"]),
            )
            def by_office(self, id: UUID, verb: str) -> None:
                signed = SignoffCreate(decision="return" if verb == "return" else "approve", reason="as it should be")
                sooner = CallChange(summary=f"Written at {self.now}.")
                does: dict[str, tuple[Any, Any]] = {
                    "edit": (LI, lambda work: actions.edit_call(work, id, sooner, None)),
                    "request_signoff": (LI, lambda work: actions.request_signoff(work, id, None)),
                    "approve": (CHEN, lambda work: actions.sign_off(work, id, signed, None)),
                    "return": (CHEN, lambda work: actions.sign_off(work, id, signed, None)),
                    "withdraw": (LI, lambda work: actions.withdraw_signoff(work, id, "not yet", None)),
                    "release": (LI, lambda work: actions.release_call(work, id, None)),
                    "cancel": (LI, lambda work: actions.cancel_call(work, id, "no money", None)),
                }
                over = verb in BEGUN and self.closes[id] <= self.now
                if over and self.walk.known[id] in TRANSITIONS[verb][0]:
                    return  # its time passed while it was written: the tests of the rules tell what is said then
                chain, so_far, person = self.chains[id], self.signed.get(id, 0), does[verb][0]
                if verb == "approve" and self.walk.known[id] is State.IN_SIGNOFF and so_far + 1 < len(chain):
                    verb = "sign"
                if verb in ("sign", "approve", "return") and self.walk.known[id] is State.IN_SIGNOFF:
                    person = chain[so_far]
                    for other in {LI.subject: LI, CHEN.subject: CHEN, GAO.subject: GAO}.values():
                        if other is not person:
                            self.walk.go(id, verb, other, does[verb_of(verb)][1], possible=False)
                if self.walk.go(id, verb, person, does[verb_of(verb)][1]):
                    self.signed[id] = so_far + 1 if verb == "sign" else 0

            @rule()
            def a_day_passes(self) -> None:
                for _ in range(2):
                    self.now += timedelta(hours=12, seconds=5)
                    self.walk.act(CLOCK, lambda work: work.execute("UPDATE uptimes SET until = %(n)s", {"n": work.now}))
                self.walk.act(CLOCK, beat)
                self.walk.act(CLOCK, close_due_calls)
                for id, closes in self.closes.items():
                    if self.walk.known[id] is State.RELEASED and closes < self.now - timedelta(seconds=2):
                        self.walk.known[id] = State.CLOSED

            @invariant()
            def the_rows_are_what_the_table_says(self) -> None:
                rows = self.walk.rows("SELECT id, state FROM calls")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known

            @invariant()
            def what_was_released_stays_word_for_word(self) -> None:
                for row in self.walk.rows("SELECT call_id, content, sha256 FROM call_versions WHERE number = 1"):
                    assert hashlib.sha256(row["content"].encode()).hexdigest() == row["sha256"]
                    assert self.kept.setdefault(row["call_id"], row["sha256"]) == row["sha256"]
                released = self.walk.rows("SELECT id FROM calls WHERE released_at IS NOT NULL")
                assert {row["id"] for row in released} == set(self.kept)

        walk(Calls)
