"""The release of a call is signed by a chain of offices: in order, each by another person, never by its drafter."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.project_management.calls import rules
from services.project_management.calls.rules import State
from shared.contracts.projects import CallSigned, CallSignedOff, TaskAssigned, TaskDone
from shared.kernel.actor import Actor
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.calls.test_pages import form
from tests.services.project_management.ready import CHEN, LI, VISITOR, ZHAO, call_fields

DEFENCE = someone(Role.PROGRAMME_OFFICER, organisation_name="Defence Department", subject="gao.defence")
DENG = someone(Role.COORDINATOR, organisation_name="Coordination Office", subject="deng.coordinator")
CHAIN: list[dict[str, Any]] = [
    {"office": "Coordination Office", "role": "coordinator", "organisation_id": None},
    {"office": "Defence Department", "role": "programme_officer", "organisation_id": str(DEFENCE.organisation_id)},
    {"office": "Steering group", "role": "coordinator", "organisation_id": None},
]
ANY = {"If-Match": "*"}
API = "/projects/api/v1/calls"


def actor(person: Someone) -> Actor:
    return Actor(subject=person.subject, grants=person.grants)


def signed(*people: Someone) -> list[dict[str, str]]:
    return [{"office": "", "subject": one.subject, "at": "", "note": ""} for one in people]


@pytest.mark.parametrize(
    ("state", "chain", "before", "who", "may"),
    [
        (State.IN_SIGNOFF, [], (), CHEN, True),
        (State.IN_SIGNOFF, [], (), DEFENCE, False),
        (State.IN_SIGNOFF, CHAIN, (), CHEN, True),
        (State.IN_SIGNOFF, CHAIN, (), DEFENCE, False),
        (State.IN_SIGNOFF, CHAIN, (CHEN,), DEFENCE, True),
        (State.IN_SIGNOFF, CHAIN, (CHEN,), DENG, False),
        (State.IN_SIGNOFF, CHAIN, (CHEN, DEFENCE), CHEN, False),
        (State.IN_SIGNOFF, CHAIN, (CHEN, DEFENCE), DENG, True),
        (State.SIGNED_OFF, CHAIN, (CHEN, DEFENCE, DENG), DEFENCE, True),
        (State.SIGNED_OFF, CHAIN, (CHEN, DEFENCE, DENG), ZHAO, False),
        (State.SIGNED_OFF, CHAIN, (CHEN, DEFENCE, DENG), LI, False),
        (State.DRAFT, CHAIN, (), CHEN, False),
        (State.RELEASED, CHAIN, (CHEN, DEFENCE, DENG), DEFENCE, False),
    ],
)
def test_who_may_sign_or_return_when(
    state: State, chain: list[dict[str, Any]], before: tuple[Someone, ...], who: Someone, may: bool
) -> None:
    assert rules.may_sign(state, rules.chain_of(chain), signed(*before), actor(who), LI.subject) is may
    assert not rules.may_sign(state, rules.chain_of(chain), signed(*before), actor(who), who.subject), "its drafter"


@pytest.mark.parametrize(
    ("holders", "stuck"),
    [
        ([["a"], ["b"], ["c"]], ""),
        ([["a", "b"], ["c"], ["a"]], ""),
        ([["a"], ["a", "b"], ["b"]], "Steering group"),
        ([[], ["b"], ["c"]], "Coordination Office"),
    ],
)
def test_each_office_needs_a_person_of_its_own(holders: list[list[str]], stuck: str) -> None:
    with pytest.raises(rules.CallNotReady, match=stuck) if stuck else nullcontext():
        rules.all_can_sign(CHAIN, holders)


@pytest.mark.anyio
async def test_three_offices_sign_in_order_each_with_a_task_of_its_own(projects: Running) -> None:
    everybody = {one.subject: one for one in (LI, CHEN, DENG, DEFENCE)}
    for person in everybody.values():
        await projects.know(person)

    async def ask(person: Someone, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        async with projects.client(person) as http:
            return await http.post(f"{API}{path}", json=body or {}, headers=ANY)

    async def task() -> dict[str, Any]:
        over = {one["subject"] for one in await projects.said(TaskDone)}
        found: dict[str, Any]
        (found,) = [one["data"] for one in await projects.said(TaskAssigned) if one["subject"] not in over]
        return found

    drafted = await ask(LI, "", call_fields(offices=CHAIN))
    assert [one["office"] for one in drafted.json()["signoffs"]] == [one["office"] for one in CHAIN]
    assert not any(one["next"] for one in drafted.json()["signoffs"]), "nobody signs a draft"
    id = UUID(drafted.json()["id"])
    await ask(LI, f"/{id}/signoff-request")
    asked = await task()
    assert (asked["role"], asked["organisation_id"], asked["except_for"]) == ("coordinator", None, [LI.subject])
    taken = await ask(LI, f"/{id}/signoff-withdrawal", {"reason": "The budget is wrong."})
    assert (taken.json()["state"], taken.json()["state_reason"]) == ("draft", "The budget is wrong.")
    assert (await ask(LI, f"/{id}/signoff-withdrawal", {"reason": "Twice."})).status_code == 409
    nobody = drafted.json()["offices"][1] | {"organisation_id": str(UUID(int=7)), "office": "Ministry"}
    stuck = await ask(LI, "", call_fields(offices=[CHAIN[0], nobody]))
    refused = await ask(LI, f"/{stuck.json()['id']}/signoff-request")
    assert (refused.status_code, "could sign for “Ministry”" in refused.text) == (409, True)
    await ask(LI, f"/{id}/signoff-request")
    early = await ask(DEFENCE, f"/{id}/signoff", {"decision": "approve"})
    assert (early.status_code, "The next signature is that of: Coordination Office" in early.text) == (409, True)
    first = await ask(CHEN, f"/{id}/signoff", {"decision": "approve", "reason": "Fits the plan."})
    assert (first.json()["state"], [one["next"] for one in first.json()["signoffs"]]) == (
        "in_signoff",
        [False, True, False],
    )
    second = await task()
    assert set(second["except_for"]) == {LI.subject, CHEN.subject}
    assert (second["role"], second["organisation_id"]) == ("programme_officer", str(DEFENCE.organisation_id))
    again = await ask(CHEN, f"/{id}/signoff", {"decision": "return", "reason": "Thought better of it."})
    assert (again.status_code, "a hand in this" in again.text) == (409, True)
    async with projects.client(DEFENCE) as http:
        page = (await http.get(f"/projects/calls/{id}")).text
        assert "Fits the plan." in page, "an office reads what those before it said"
        assert "Record the decision" in page
    back = await ask(DEFENCE, f"/{id}/signoff", {"decision": "return", "reason": "Name the test bench."})
    assert (back.json()["state"], back.json()["state_reason"]) == ("draft", "Name the test bench.")
    assert not any(one["signed_at"] for one in back.json()["signoffs"]), (
        "who signed the old text has not signed the new"
    )
    await ask(LI, f"/{id}/signoff-request")
    for person in (CHEN, DEFENCE):
        await ask(person, f"/{id}/signoff", {"decision": "approve"})
    twice = await ask(CHEN, f"/{id}/signoff", {"decision": "approve"})
    assert twice.status_code == 409, "one person does not sign for two offices"
    last = await ask(DENG, f"/{id}/signoff", {"decision": "approve", "reason": "Released tomorrow."})
    assert last.json()["state"] == "signed_off"
    assert [one["data"]["number"] for one in await projects.said(CallSigned)] == [1, 1, 2]
    assert len(await projects.said(CallSignedOff)) == 1
    own = await ask(CHEN, f"/{id}/release")
    assert (own.status_code, "You signed this call off" in own.text) == (409, True)
    assert (await ask(LI, f"/{id}/release")).json()["state"] == "released"
    async with projects.client(VISITOR) as http:
        page = (await http.get(f"/projects/calls/{id}?lang=en")).text
        assert "Defence Department" in page
        for inside in ("Fits the plan.", "Released tomorrow.", "deng.coordinator"):
            assert inside not in page
            assert inside not in (await http.get(f"{API}/{id}")).text
        assert (await http.get(f"{API}/{id}/versions/1")).json()["offices"] == CHAIN
        await projects.rows("UPDATE calls SET signatures = '[]' RETURNING id")
        old = (await http.get(f"{API}/{id}")).json()["signoffs"]
        assert {(one["has_signed"], one["signed_at"], one["next"]) for one in old} == {(True, None, False)}
        assert "Signed" in (await http.get(f"/projects/calls/{id}?lang=en")).text, "calls of earlier days"


@pytest.mark.anyio
async def test_the_offices_are_typed_and_their_drafter_is_told_who_signs(projects: Running) -> None:
    typed = {f"offices-{n}-{name}": value or "" for n, step in enumerate(CHAIN) for name, value in step.items()}
    async with projects.client(LI) as http:
        http.headers["Origin"] = "http://test"
        refused = await http.post("/projects/calls/new", data=form(**typed | {"offices-1-role": "auditor"}))
        assert refused.status_code == 422
        done = await http.post("/projects/calls/new", data=form(**typed))
        assert done.status_code == 303, done.text
        path = done.headers["location"]
        page = (await http.get(path)).text
        assert page.index("Coordination Office") < page.index("Defence Department") < page.index("Steering group")
        assert 'value="Steering group"' in (await http.get(f"{path}/edit")).text
        plain = await http.post("/projects/calls/new", data=form())
        assert "Coordination office" in (await http.get(plain.headers["location"])).text
