"""The trail tells that something was done, not yet what it is called: drafts, and applications to an open call."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from services.coordination.audit.rules import WITHHELD
from shared.contracts.project_delivery import StandingChanged
from shared.contracts.project_duplicates import DuplicatesChecked
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, SecurityLabel
from tests.kit.platform import Running, someone
from tests.services.coordination import facts

pytestmark = pytest.mark.anyio
AUDITOR = someone(Role.AUDITOR, clearance=SecurityLabel.CONFIDENTIAL)
COORDINATOR = someone(Role.COORDINATOR, clearance=SecurityLabel.CONFIDENTIAL)
SECRET = "Cages nobody thought of"


async def story(coordination: Running) -> tuple[UUID, UUID]:
    """A call, a draft that stays one, and an application with the task to check it."""
    owner, call, id = new_id(), new_id(), new_id()
    about = facts.ref("application", id)
    task = facts.task(title=f"Check the application “{SECRET}”", about=about)
    await coordination.hear(
        facts.call_released(call),
        facts.application(new_id(), call, owner, title=f"{SECRET} 2"),
        facts.application(id, call, owner, title=SECRET),
        facts.submitted(id, call, owner, title=SECRET),
        task,
        facts.done(task.id, title=f"Check the application “{SECRET}”", arises_from=(about,)),
        DuplicatesChecked(
            id=new_id(),
            version=1,
            title=SECRET,
            label=SecurityLabel.INTERNAL,
            owners=(owner,),
            arises_from=(about,),
            application_id=id,
            outcome="clear",
        ),
        actor="zhao",
    )
    return call, id


async def entries(coordination: Running, **params: Any) -> list[dict[str, Any]]:
    async with coordination.client(AUDITOR) as client:
        answer = await client.get("/api/v1/audit", params=params)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_before_the_close_every_entry_stands_without_its_title(coordination: Running) -> None:
    await story(coordination)
    found = await entries(coordination)
    assert len(found) == 7
    hidden = [one for one in found if one["withheld"]]
    assert len(hidden) == 6
    assert {one["title"] for one in hidden} == {WITHHELD["open_call"]}
    assert {one["actor"] for one in hidden} == {"zhao"}
    assert [one["owners"] for one in hidden] == [[]] * 6
    assert await entries(coordination, search="nobody thought") == []
    assert len(await entries(coordination, search="zhao")) == 7
    for reader in (AUDITOR, COORDINATOR):
        async with coordination.client(reader) as client:
            pages = [(await client.get("/audit")).text, (await client.get("/audit?q=nobody+thought")).text]
            for one in found:
                answer = await client.get(f"/api/v1/audit/{one['event_id']}")
                assert SECRET not in answer.text
                assert (answer.json()["data"] == {}) == bool(one["withheld"])
                pages.append((await client.get(f"/audit/{one['event_id']}")).text)
            chinese = (await client.get("/audit", headers={"Accept-Language": "zh-CN"})).text
        assert not any(SECRET in page for page in pages)
        assert pages[0].count(WITHHELD["open_call"]) == 6
        assert not any(one["event_id"] in pages[1] for one in found)
        assert WITHHELD["open_call"] not in chinese


async def test_the_export_and_the_hash_chain_keep_every_entry(coordination: Running) -> None:
    await story(coordination)
    async with coordination.client(AUDITOR) as client:
        export = (await client.get("/api/v1/audit/export")).text
        check = (await client.get("/api/v1/audit/verification")).json()
    assert SECRET not in export
    assert len(list(csv.reader(io.StringIO(export)))) == 8
    assert check["ok"] is True


async def test_after_the_close_all_is_told_but_what_was_never_handed_in(coordination: Running) -> None:
    call, id = await story(coordination)
    await coordination.hear(facts.call_closed(call))
    found = await entries(coordination, search=SECRET)
    assert {one["title"] for one in found} == {SECRET, f"Check the application “{SECRET}”"}
    assert len(found) == 5
    (draft,) = [one for one in await entries(coordination) if one["withheld"]]
    assert (draft["title"], draft["withheld"]) == (WITHHELD["draft"], "draft")
    (submitted,) = await entries(coordination, thing_id=str(id), type="hechuan.projects.application.submitted.v1")
    async with coordination.client(AUDITOR) as client:
        assert (await client.get(f"/api/v1/audit/{submitted['event_id']}")).json()["data"]["title"] == SECRET


def ledger(id: UUID, office: UUID, version: int, now: Any, **changed: Any) -> StandingChanged:
    return StandingChanged(
        id=id,
        version=version,
        title=f"Ledger entry: {SECRET}",
        label=SecurityLabel.INTERNAL,
        owners=(office,),
        subject=OrgRef(id=str(new_id()), name="Institute"),
        of="organisation",
        sort="punishment",
        kind="misused_funds",
        now=now,
        rule="standing.tariff/1 §6",
        **changed,
    )


async def test_what_is_proposed_for_the_ledger_is_its_offices_until_the_notice(coordination: Running) -> None:
    """A coordinator or auditor may act for its subject; nobody knows that here, so the others wait too."""
    id, dropped, office = new_id(), new_id(), someone(Role.AUDITOR)
    owner = office.organisation_id
    about = facts.ref("standing", id)
    await coordination.hear(
        ledger(id, owner, 1, "proposed", reason=SECRET),
        facts.task(kind="standing.judge", title=f"Give notice: {SECRET}", about=about, owners=(owner,)),
        ledger(dropped, owner, 1, "proposed"),
        ledger(dropped, owner, 2, "withdrawn"),
    )
    for reader in (AUDITOR, COORDINATOR):
        async with coordination.client(reader) as client:
            found = (await client.get("/api/v1/audit")).json()["items"]
            assert [one["withheld"] for one in found] == ["draft"] * 4
            for one in found:
                assert SECRET not in (await client.get(f"/api/v1/audit/{one['event_id']}")).text
            assert (await client.get("/api/v1/audit", params={"search": "nobody thought"})).json()["items"] == []
            for one in (id, dropped):
                assert (await client.get(f"/api/v1/chain/standing/{one}")).status_code == 404
    async with coordination.client(office) as client:
        assert (await client.get(f"/api/v1/chain/standing/{id}")).status_code == 200
    await coordination.hear(ledger(id, owner, 2, "noticed"), ledger(id, owner, 3, "withdrawn"))
    told = await entries(coordination, search=SECRET)
    assert len(told) == 4, "the notice opens what was said before it, and what was withdrawn before stays kept"
    async with coordination.client(COORDINATOR) as client:
        assert (await client.get(f"/api/v1/chain/standing/{id}")).json()["things"][0]["state"] == "withdrawn"
        assert (await client.get(f"/api/v1/chain/standing/{dropped}")).status_code == 404


async def test_who_acts_for_the_organisation_reads_its_own_titles(coordination: Running) -> None:
    mine = someone(Role.ADMINISTRATOR, clearance=SecurityLabel.CONFIDENTIAL)
    await coordination.hear(facts.application(new_id(), new_id(), mine.organisation_id, title=SECRET))
    async with coordination.client(mine) as client:
        (one,) = (await client.get("/api/v1/audit")).json()["items"]
    assert (one["title"], one["withheld"]) == (SECRET, "")
