"""The audit trail: who may read it, how it is narrowed, and that nobody changes it unseen."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from services.coordination.audit.rules import COVERED
from services.coordination.audit.words import FIELDS
from shared.bus.envelope import Envelope
from shared.contracts import EVENTS
from shared.contracts.base import Event
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, envelope, someone
from tests.services.coordination import facts

pytestmark = pytest.mark.anyio


def auditor(clearance: SecurityLabel = SecurityLabel.CONFIDENTIAL) -> Someone:
    return someone(Role.AUDITOR, clearance=clearance)


def story() -> list[Event]:
    call, owner, id = new_id(), new_id(), new_id()
    return [
        facts.call_released(call),
        facts.application(id, call, owner),
        facts.submitted(id, call, owner),
        facts.product(new_id(), owner),
        facts.task(
            title="Review “X”",
            kind="review.write",
            label=SecurityLabel.CONFIDENTIAL,
            subject="expert.ma",
            about=facts.ref("review", new_id()),
        ),
    ]


async def deliver(coordination: Running, batch: Sequence[Envelope]) -> None:
    """As the consumer does it, without the inbox that would skip a second delivery."""
    (reaction,) = (one for one in coordination.service.reactions if one.name == "audit.on_fact")
    async with coordination.service.database.work(system_actor("coordination")) as work:
        await reaction.run(work, [(None, fact) for fact in batch])


async def get(coordination: Running, who: Someone | None, path: str, **params: Any) -> Any:
    async with coordination.client(who) as client:
        return await client.get(f"/api/v1/audit{path}", params=params)


async def types(coordination: Running, who: Someone, **params: Any) -> list[str]:
    answer = await get(coordination, who, "", **params)
    assert answer.status_code == 200, answer.text
    return [item["type"].split(".", 1)[1] for item in answer.json()["items"]]


async def tamper(coordination: Running, sql: str) -> None:
    """As somebody would who has the database and passes the platform by."""
    address = coordination.settings.migration_url("coordination")
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute(sql.encode())


async def test_a_batch_heard_again_adds_nothing_and_the_chain_stays_whole(coordination: Running) -> None:
    batch = [envelope(event) for event in story()]
    await deliver(coordination, batch[:3])
    await deliver(coordination, batch)
    await deliver(coordination, [batch[0], batch[0]])
    rows = await coordination.rows("SELECT service, position FROM audit_entries ORDER BY service, position")
    assert [(row["service"], row["position"]) for row in rows] == [
        ("finance", 1),
        ("projects", 1),
        ("projects", 2),
        ("projects", 3),
        ("projects", 4),
    ]
    answer = await get(coordination, auditor(), "/verification")
    assert answer.json() == {
        "ok": True,
        "services": [
            {"service": "finance", "count": 1, "ok": True, "first_broken": None},
            {"service": "projects", "count": 4, "ok": True, "first_broken": None},
        ],
    }


async def test_two_who_add_at_once_make_one_chain(coordination: Running) -> None:
    batches = [[envelope(facts.call_released(new_id())) for _ in range(20)] for _ in range(5)]
    await asyncio.gather(*(deliver(coordination, batch) for batch in batches))
    (check,) = (await get(coordination, auditor(), "/verification")).json()["services"]
    assert (check["ok"], check["count"]) == (True, 100)


CHANGES = {
    "service": "UPDATE audit_entries SET service = 'ip' WHERE position = 3",
    "position": "UPDATE audit_entries SET position = 9 WHERE position = 3",
    "event_id": "UPDATE audit_entries SET event_id = gen_random_uuid() WHERE position = 3",
    "type": "UPDATE audit_entries SET type = type || 'x' WHERE position = 3",
    "kind": "UPDATE audit_entries SET kind = 'project' WHERE position = 3",
    "subject": "UPDATE audit_entries SET subject = gen_random_uuid() WHERE position = 3",
    "version": "UPDATE audit_entries SET version = version + 1 WHERE position = 3",
    "title": "UPDATE audit_entries SET title = 'Another' WHERE position = 3",
    "actor": "UPDATE audit_entries SET actor = 'somebody' WHERE position = 3",
    "time": "UPDATE audit_entries SET time = time + interval '1 microsecond' WHERE position = 3",
    "label": "UPDATE audit_entries SET label = 'public' WHERE position = 3",
    "owners": "UPDATE audit_entries SET owners = '{}' WHERE position = 3",
    "correlation_id": "UPDATE audit_entries SET correlation_id = gen_random_uuid() WHERE position = 3",
    "causation_id": "UPDATE audit_entries SET causation_id = gen_random_uuid() WHERE position = 3",
    "data": "UPDATE audit_entries SET data = replace(data, '10.00', '99.00') WHERE position = 3",
}


def test_every_covered_column_is_tried() -> None:
    assert set(CHANGES) == set(COVERED)


@pytest.mark.parametrize("column", sorted(CHANGES))
async def test_a_change_to_any_column_is_found_where_it_was_made(coordination: Running, column: str) -> None:
    await deliver(coordination, [envelope(event) for event in story()])
    await tamper(coordination, CHANGES[column])
    checks = {
        check["service"]: check for check in (await get(coordination, auditor(), "/verification")).json()["services"]
    }
    assert (checks["projects"]["ok"], checks["projects"]["first_broken"]) == (False, 3)
    assert checks["finance"]["ok"] is True


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("DELETE FROM audit_entries WHERE service = 'projects' AND position = 2", 2),
        ("DELETE FROM audit_entries WHERE service = 'projects' AND position = 4", 4),
        ("DELETE FROM audit_entries WHERE service = 'projects'", 1),
        ("UPDATE audit_heads SET hash = repeat('f', 64) WHERE service = 'projects'", 4),
        # The forger hashes the changed entry anew: then the next one does not stand on it any more.
        ("UPDATE audit_entries SET title = 'X', hash = repeat('a', 64) WHERE service = 'projects' AND position = 2", 2),
    ],
)
async def test_removed_and_forged_entries_are_found(coordination: Running, sql: str, broken: int) -> None:
    await deliver(coordination, [envelope(event) for event in story()])
    await tamper(coordination, sql)
    who = auditor()
    answer = (await get(coordination, who, "/verification")).json()
    assert answer["ok"] is False
    assert {check["service"]: check["first_broken"] for check in answer["services"]}["projects"] == broken
    async with coordination.client(who) as client:
        page = (await client.get("/audit/verification")).text
    assert "A chain is broken" in page


async def test_a_long_chain_is_walked_in_batches(coordination: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.coordination.audit import queries

    monkeypatch.setattr(queries, "BATCH", 7)
    await deliver(coordination, [envelope(facts.call_released(new_id())) for _ in range(50)])
    (check,) = (await get(coordination, auditor(), "/verification")).json()["services"]
    assert (check["ok"], check["count"]) == (True, 50)
    await tamper(coordination, "UPDATE audit_entries SET title = 'X' WHERE position = 29")
    (check,) = (await get(coordination, auditor(), "/verification")).json()["services"]
    assert check["first_broken"] == 29
    export = (await get(coordination, auditor(), "/export")).text
    assert len(list(csv.reader(io.StringIO(export)))) == 51


async def test_only_the_roles_for_it_read_the_trail(coordination: Running) -> None:
    await coordination.hear(*story())
    for role in Role:
        reader = someone(role)
        allowed = role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.COORDINATOR)
        assert (await get(coordination, reader, "")).status_code == (200 if allowed else 403), role
        checks = role in (Role.AUDITOR, Role.ADMINISTRATOR)
        assert (await get(coordination, reader, "/verification")).status_code == (200 if checks else 403), role
        assert (await get(coordination, reader, "/export")).status_code == (200 if role is Role.AUDITOR else 403), role
    assert (await get(coordination, None, "")).status_code == 401


async def test_what_lies_above_the_clearance_neither_appears_nor_counts(coordination: Running) -> None:
    await coordination.hear(*story())
    low, high = auditor(SecurityLabel.INTERNAL), auditor()
    assert len(await types(coordination, high)) == 5
    assert "projects.task.assigned.v1" not in await types(coordination, low)
    assert await types(coordination, low, search="Review") == []
    (row,) = await coordination.rows("SELECT event_id FROM audit_entries WHERE label = 'confidential'")
    assert (await get(coordination, low, f"/{row['event_id']}")).status_code == 404
    assert (await get(coordination, high, f"/{row['event_id']}")).json()["data"]["subject"] == "expert.ma"
    assert "expert.ma" not in (await get(coordination, low, "/export")).text
    assert {check["count"] for check in (await get(coordination, low, "/verification")).json()["services"]} == {None}
    async with coordination.client(low) as client:
        page = (await client.get("/audit")).text
        assert "<strong>4</strong>" in page
        assert "Review “X”" not in page


async def test_the_trail_is_narrowed_by_thing_person_type_time_and_service(coordination: Running) -> None:
    told = story()
    who = auditor()
    await coordination.hear(*told[:2], actor="zhao")
    await coordination.hear(*told[2:], actor="sun")
    assert await types(coordination, who, thing_id=str(told[1].id)) == [
        "projects.application.submitted.v1",
        "projects.application.drafted.v1",
    ]
    assert len(await types(coordination, who, actor="zhao")) == 2
    assert len(await types(coordination, who, service="finance")) == 1
    assert len(await types(coordination, who, service=["finance", "projects"])) == 5
    assert len(await types(coordination, who, kind="application")) == 2
    assert await types(coordination, who, type="hechuan.projects.call.released.v2") == ["projects.call.released.v2"]
    assert await types(coordination, who, until="2020-01-01T00:00:00Z") == []
    assert len(await types(coordination, who, since="2020-01-01T00:00:00Z")) == 5
    assert (await get(coordination, who, "", since="yesterday")).status_code == 422
    assert (await get(coordination, who, "", until="9999-12-31T23:59:59-12:00")).status_code == 200
    first = (await get(coordination, who, "", limit=3)).json()
    second = (await get(coordination, who, "", limit=3, cursor=first["next_cursor"])).json()
    assert len({item["event_id"] for item in first["items"] + second["items"]}) == 5


async def test_the_export_holds_what_is_asked_for_and_no_formula(coordination: Running) -> None:
    await coordination.hear(facts.call_released(new_id(), title='=HYPERLINK("http://x"),"\n'), *story()[1:])
    answer = await get(coordination, auditor(), "/export", kind="call")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    heading, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert heading[0] == "time"
    assert row[heading.index("title")].startswith("'=HYPERLINK")


async def test_the_pages_show_an_entry_with_its_content_and_what_was_done_with_it(coordination: Running) -> None:
    call = facts.call_released(new_id())
    one, two = envelope(call), envelope(facts.application(new_id(), call.id, new_id()))
    together = Envelope(**{name: getattr(two, name) for name in two.__slots__} | {"correlation_id": one.correlation_id})
    await deliver(coordination, [one, together])
    who = auditor()
    async with coordination.client(who) as client:
        listed = (await client.get("/audit")).text
        assert f"/audit/{one.id}" in listed
        page = await client.get(f"/audit/{one.id}")
        assert page.status_code == 200
        assert "advanced materials" in page.text
        assert f"/audit/{together.id}" in page.text
        assert f"/chain/call/{call.id}" in page.text
        assert "Every chain is whole" in (await client.get("/audit/verification")).text
        narrowed = await client.get("/audit", params={"since": "not a day", "thing_id": str(new_id())})
        assert narrowed.status_code == 200
        assert "Nothing is recorded for this question" in narrowed.text
        chinese = await client.get(f"/audit/{one.id}", headers={"Accept-Language": "zh-CN"})
        assert 'lang="zh' in chinese.text
        for shown, words in (
            (page.text, ("Budget", "Closes at", "Public")),
            (chinese.text, ("总预算", "关闭时刻", "公开")),
        ):
            budget, closes, label = words
            assert f"<dt>{budget}</dt><dd>1000000.00</dd>" in shown
            assert f"<dt>{closes}</dt><dd>20" in shown
            assert f"<dd>{label}</dd>" in shown
            assert "closes_at" not in shown
    async with coordination.client(someone(Role.COORDINATOR)) as client:
        assert (await client.get("/audit")).status_code == 200
        assert (await client.get("/audit/verification")).status_code == 403


def test_fields_that_facts_share_have_words() -> None:
    met = Counter(name for event in EVENTS.values() for name in event.model_fields)
    assert [name for name, times in met.items() if times > 1 and name not in FIELDS] == []
