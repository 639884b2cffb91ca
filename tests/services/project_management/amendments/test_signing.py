"""An amendment of a call is signed by every office that signs its release: in order, each by another person."""

import importlib
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from services.project_management.amendments import actions, rules
from services.project_management.amendments.rules import TRANSITIONS, State
from services.project_management.amendments.schemas import AmendmentCreate, JudgementCreate
from services.project_management.calls import actions as calls
from services.project_management.calls.model import Call
from services.project_management.calls.schemas import SignoffCreate
from shared.contracts.projects import CallAmended, TaskAssigned, TaskDone
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.calls.test_signing import CHAIN, DEFENCE, DENG, actor, signed
from tests.services.project_management.ready import CHEN, LI, ZHAO, draft_call, know_everybody, released_call
from tests.services.project_management.walking import Walk, walk, walking

API = "/projects/api/v1/calls"
ANY = {"If-Match": "*"}
STRANGER = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office", subject="wang.officer")
LI_ALSO = someone(Role.PROGRAMME_OFFICER, organisation_id=DEFENCE.organisation_id, subject=LI.subject)
ONE_COORDINATOR: str = importlib.import_module(
    "services.project_management.migrations.versions.0061_amendments_by_chains"
).ONE_COORDINATOR


@pytest.mark.parametrize(
    ("before", "who", "signs", "declines"),
    [
        ((), CHEN, True, True),
        ((), DENG, True, True),
        ((), DEFENCE, False, True),
        ((CHEN,), DEFENCE, True, True),
        ((CHEN,), CHEN, False, True),
        ((CHEN,), DENG, False, True),
        ((CHEN, DEFENCE), DENG, True, True),
        ((CHEN, DEFENCE), CHEN, False, True),
        ((), STRANGER, False, False),
        ((), ZHAO, False, False),
        ((CHEN,), LI, False, False),
        ((CHEN,), LI_ALSO, False, False),
    ],
)
def test_who_signs_and_who_declines(before: tuple[Someone, ...], who: Someone, signs: bool, declines: bool) -> None:
    asked = (CHAIN, signed(*before), actor(who), LI.subject)
    assert rules.may_answer("approve", *asked) is signs
    assert rules.may_answer("decline", *asked) is declines
    knows = rules.SEE.allows(actor(who), owners=rules.knowing(UUID(int=1), CHAIN, actor(who)))
    assert knows is (declines or who is LI_ALSO)


@pytest.mark.parametrize(
    ("decision", "before", "verb"),
    [("approve", 0, "sign"), ("approve", 1, "sign"), ("approve", 2, "approve"), ("decline", 2, "decline")],
)
def test_the_last_signature_makes_it_a_version(decision: str, before: int, verb: str) -> None:
    assert rules.verb_of(decision, CHAIN, signed(*[CHEN] * before)) == verb


async def chained_call(projects: Running, *signers: Someone, offices: list[dict[str, Any]] = CHAIN) -> Call:
    """Released by the signatures of these people."""
    for person in (LI, CHEN, DENG, DEFENCE):
        await projects.know(person)
    call = await draft_call(projects, offices=offices)
    async with projects.work(LI) as work:
        await calls.request_signoff(work, call.id, None)
    for person in signers or (CHEN, DEFENCE, DENG):
        async with projects.work(person) as work:
            await calls.sign_off(work, call.id, SignoffCreate(decision="approve"), None)
    async with projects.work(LI) as work:
        return await calls.release_call(work, call.id, None)


@pytest.mark.anyio
async def test_each_office_signs_in_turn_with_its_reason_and_a_task_of_its_own(projects: Running) -> None:
    call = await chained_call(projects)
    path, page = f"{API}/{call.id}/amendment", f"/projects/calls/{call.id}/amendment"

    async def ask(person: Someone, body: dict[str, Any], what: str = "/judgement") -> httpx.Response:
        async with projects.client(person) as http:
            return await http.post(f"{path}{what}", json=body, headers=ANY)

    async def read(person: Someone, address: str = page) -> str:
        async with projects.client(person) as http:
            found = await http.get(address)
            return found.text if found.status_code == 200 else str(found.status_code)

    async def tasks() -> list[dict[str, Any]]:
        over = {one["subject"] for one in await projects.said(TaskDone)}
        kinds = [one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "call.amendment"]
        return [one["data"] for one in kinds if one["subject"] not in over]

    def approve(reason: str) -> dict[str, Any]:
        return {"decision": "approve", "answer": reason}

    asked = await ask(LI, {"summary": "Another text.", "reason": "Clearer."}, "")
    assert [one["next"] for one in asked.json()["signoffs"]] == [True, False, False]
    assert "waits for the signature of: Coordination Office" in await read(LI, f"/projects/calls/{call.id}")
    early = await ask(DEFENCE, approve("Fits."))
    assert (early.status_code, "The next signature is that of: Coordination Office" in early.text) == (409, True)
    assert (await ask(STRANGER, approve("Fits."))).status_code == 404
    assert (await ask(STRANGER, {"decision": "decline", "answer": "No."})).status_code == 404
    assert await read(STRANGER) == "404", "only the offices concerned know of it"
    assert await read(STRANGER, f"{path}") == "404"
    first = await ask(CHEN, approve("The plan allows it."))
    assert (first.json()["state"], [one["next"] for one in first.json()["signoffs"]]) == (
        "requested",
        [False, True, False],
    )
    (task,) = await tasks()
    assert (task["role"], task["organisation_id"]) == ("programme_officer", str(DEFENCE.organisation_id))
    assert set(task["except_for"]) == {LI.subject, CHEN.subject}
    assert await projects.said(CallAmended) == [], "one signature is not enough"
    shown = await read(DEFENCE)
    assert "The plan allows it." in shown, "an office reads what those before it said"
    assert "The next office is asked." in shown
    assert "waits for your signature" in await read(DEFENCE, f"/projects/calls/{call.id}")
    assert 'value="approve"' not in await read(CHEN)
    assert 'value="decline"' in await read(CHEN)
    assert "The plan allows it." not in await read(ZHAO, f"/projects/calls/{call.id}")
    async with projects.client(DEFENCE) as http:
        http.headers["Origin"] = "http://test"
        done = await http.post(f"{page}/judgement", data={**approve("We agree."), "version": "2"})
        assert done.status_code == 303, done.text
        assert "You signed." in (await http.get(done.headers["location"])).text
    twice = await ask(CHEN, approve("Again."))
    assert (twice.status_code, "a hand in this" in twice.text) == (409, True)
    last = await ask(DENG, approve("Agreed."))
    assert (last.json()["state"], last.json()["call_version"]) == ("approved", 2)
    assert [one["signed"]["note"] for one in last.json()["signoffs"]] == ["The plan allows it.", "We agree.", "Agreed."]
    assert await tasks() == []
    assert len(await projects.said(CallAmended)) == 1
    # One that has signed thinks better of it: what was signed falls, and the next amendment begins anew.
    await ask(LI, {"summary": "A third text.", "reason": "Clearer still."}, "")
    await ask(CHEN, approve("Agreed."))
    back = await ask(CHEN, {"decision": "decline", "answer": "Name the test bench."})
    assert (back.json()["state"], back.json()["answer"]) == ("declined", "Name the test bench.")
    assert await tasks() == []
    again = await ask(LI, {"summary": "A fourth text.", "reason": "With the bench."}, "")
    assert not any(one["signed"] for one in again.json()["signoffs"])
    taken = await ask(LI, {"reason": "Not now."}, "/withdrawal")
    assert taken.json()["state"] == "withdrawn"
    # An office for which nobody is left is said before anybody is asked.
    await projects.rows(
        "UPDATE access_grants SET revoked_at = now() WHERE subject = %(s)s RETURNING 1", s=DEFENCE.subject
    )
    stuck = await ask(LI, {"summary": "A fifth text.", "reason": "so"}, "")
    assert (stuck.status_code, "could sign for “Defence Department”" in stuck.text) == (409, True)


@pytest.mark.anyio
async def test_what_was_asked_under_the_old_rule_is_signed_by_its_one_coordinator(projects: Running) -> None:
    call = await chained_call(projects)
    approved = await released_call(projects)
    for id in (call.id, approved.id):
        async with projects.work(LI) as work:
            fields = AmendmentCreate(summary="Another text.", reason="so")
            await actions.request_amendment(work, id, fields, None)
    async with projects.work(CHEN) as work:
        answer = JudgementCreate(decision="approve", answer="agreed")
        await actions.judge_amendment(work, approved.id, answer, None)
    await projects.rows("UPDATE call_amendments SET chain = '[]', signatures = '[]' RETURNING 1")
    await projects.rows(f"{ONE_COORDINATOR} RETURNING 1")
    async with projects.client(DENG) as deng:
        old = (await deng.get(f"{API}/{approved.id}/amendment")).json()["signoffs"]
        assert [(one["office"], one["signed"]["subject"], one["signed"]["note"]) for one in old] == [
            ("Coordination office", CHEN.subject, "agreed")
        ]
        assert (await deng.get(f"/projects/calls/{approved.id}/amendment")).status_code == 200
        done = await deng.post(f"{API}/{call.id}/amendment/judgement", json=answer.model_dump(), headers=ANY)
        assert (done.json()["state"], done.json()["call_version"]) == ("approved", 2), done.text


def test_any_order_of_actions_keeps_to_the_table(settings: Settings) -> None:
    with walking(settings) as (run, projects):

        class Amendments(RuleBasedStateMachine):
            ids = Bundle("ids")

            def __init__(self) -> None:
                super().__init__()
                run(projects.clear)
                run(lambda: know_everybody(projects))
                for person in (CHEN, DEFENCE):
                    run(lambda who=person: projects.know(who))
                self.walk = Walk(run, projects, TRANSITIONS)
                self.turn = 0
                self.last = self.call = UUID(int=0)
                self.signed = 0

            @initialize()
            def a_call_is_released(self) -> None:
                self.call = run(lambda: chained_call(projects, CHEN, DEFENCE, offices=CHAIN[:2])).id

            @rule(target=ids)
            def ask(self) -> Any:
                self.turn += 1
                fields = AmendmentCreate(summary=f"Text {self.turn}", reason="so")
                waits = State.REQUESTED in self.walk.known.values()
                try:
                    made = self.walk.act(LI, lambda work: actions.request_amendment(work, self.call, fields, None))
                except rules.OneWaits:
                    assert waits
                    return self.last
                assert not waits
                self.last, self.signed = made.id, 0
                self.walk.known[made.id] = State.REQUESTED
                return made.id

            @rule(
                id=ids,
                verb=st.sampled_from(["approve", "approve", "decline", "withdraw"]),
                who=st.sampled_from([CHEN, DEFENCE]),
            )
            def answer(self, id: UUID, verb: str, who: Someone) -> None:
                if id != self.last:
                    return  # only the last one can be named
                judged = JudgementCreate(decision="approve" if verb == "approve" else "decline", answer="as it is")

                def judge(work: Any) -> Any:
                    return actions.judge_amendment(work, self.call, judged, None)

                def withdraw(work: Any) -> Any:
                    return actions.withdraw_amendment(work, self.call, "no", None)

                if verb == "withdraw":
                    self.walk.go(id, verb, LI, withdraw)
                    return
                if verb == "decline":
                    self.walk.go(id, verb, who, judge)
                    return
                verb = ("sign", "approve")[self.signed] if self.walk.known[id] is State.REQUESTED else verb
                turn = (CHEN, DEFENCE)[min(self.signed, 1)]
                if self.walk.go(id, verb, who, judge, possible=who is turn):
                    self.signed += 1

            @invariant()
            def the_rows_are_what_the_table_says_and_each_signature_is_a_version(self) -> None:
                rows = self.walk.rows("SELECT id, state, task_id, signatures FROM call_amendments")
                assert {row["id"]: State(row["state"]) for row in rows} == self.walk.known
                assert all((row["task_id"] is not None) == (row["state"] == "requested") for row in rows)
                assert all(len(row["signatures"]) == 2 for row in rows if row["state"] == "approved")
                signed = sum(state is State.APPROVED for state in self.walk.known.values())
                (count,) = self.walk.rows("SELECT count(*) AS n FROM call_versions")
                assert count["n"] in (0, signed + 1)

        walk(Amendments, examples=5, steps=10)
