"""The flow of events for those who watch it, and the interfaces for programs."""

from collections.abc import AsyncIterator

import pytest

from services.coordination.event_health.streams import streams
from shared.bus.bus import Outgoing
from shared.bus.envelope import to_wire
from shared.bus.reactions import stream_name
from shared.contracts import EVENTS
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import Running, envelope, someone
from tests.services.coordination import facts

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connected(coordination: Running) -> AsyncIterator[Running]:
    bus = coordination.service.bus
    await bus.open()
    await bus.ensure_streams()
    try:
        yield coordination
    finally:
        await bus.close()


async def test_streams_and_hearers_are_counted(connected: Running) -> None:
    bus = connected.service.bus
    before = {stream.service: stream.messages for stream in await streams(bus)}
    fact = envelope(facts.call_released(new_id()))
    await bus.publish([Outgoing(fact.type, to_wire(fact), str(fact.id), fact.subject)])
    name = f"test_{new_id().hex[-8:]}"
    await bus.jetstream.add_consumer(stream_name("projects"), durable_name=name, ack_policy="explicit")
    found = {stream.service: stream for stream in await streams(bus)}
    assert set(found) == {"projects", "ip", "catalog", "finance", "coordination"}
    assert found["projects"].messages == before["projects"] + 1
    assert found["projects"].last_at is not None
    hearer = next(one for one in found["projects"].hearers if one.name == name)
    assert hearer.pending == found["projects"].messages
    async with connected.client(someone(Role.ADMINISTRATOR)) as client:
        page = await client.get("/health-of-events")
    await bus.jetstream.delete_consumer(stream_name("projects"), name)
    assert page.status_code == 200
    assert name in page.text
    for address in ("/events", "/projects/events", "/ip/events", "/catalog/events", "/finance/events"):
        assert f'href="{address}"' in page.text


async def test_a_silent_event_server_is_said_in_words(coordination: Running) -> None:
    with pytest.raises(Unavailable):
        await streams(coordination.service.bus)
    async with coordination.client(someone(Role.COORDINATOR)) as client:
        page = await client.get("/health-of-events")
        chinese = await client.get("/health-of-events", headers={"Accept-Language": "zh-CN"})
    assert page.status_code == 200
    assert "The event server does not answer" in page.text
    assert "The event server" not in chinese.text
    assert 'href="/projects/events"' not in page.text


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR)]
)
async def test_the_flow_is_for_its_watchers_only(coordination: Running, role: Role) -> None:
    async with coordination.client(someone(role)) as client:
        assert (await client.get("/health-of-events")).status_code == 403


async def test_programs_find_every_document(coordination: Running) -> None:
    async with coordination.client(None) as client:
        document = (await client.get("/api/v1/asyncapi.json")).json()
        page = await client.get("/api")
        assert (await client.get("/api/v1/openapi.json")).status_code == 200
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(EVENTS)
    assert any("hears" in name for name in document["operations"])
    for prefix in ("", "/projects", "/ip", "/catalog", "/finance"):
        assert f'href="{prefix}/api/v1/openapi.json"' in page.text
