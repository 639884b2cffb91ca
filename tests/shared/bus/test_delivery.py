"""Facts arrive once, in order, and whatever fails stands in nobody's way but its own aggregate's."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.bus import inbox, operations, parked
from shared.bus.bus import Outgoing
from shared.bus.envelope import BadEnvelope, Envelope, decode, encode, to_wire
from shared.bus.reactions import Reaction, Reactions
from shared.contracts.projects import ApplicationSubmitted, ApplicationWithdrawn
from shared.db.work import Work
from shared.kernel.actor import Actor, system_actor
from shared.kernel.ids import new_id
from tests.shared.bus.conftest import House, submitted, until, withdrawn

pytestmark = pytest.mark.anyio
_EFFECT = "INSERT INTO effects (subject, version, word) VALUES (%(subject)s, %(version)s, %(word)s)"
_TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def note(work: Work, heard: Envelope, word: str = "") -> None:
    await work.execute(_EFFECT, {"subject": heard.subject, "version": heard.version, "word": word})


def keeps(*, ordered: bool = False, refuse: str = "") -> list[Reaction]:
    """A reaction that writes each fact down, and fails for a fact with the refused reason."""
    hears = Reactions()

    @hears.on(ApplicationSubmitted, ApplicationWithdrawn, ordered=ordered)
    async def on_application(work: Work, event: Any, heard: Envelope) -> None:
        await note(work, heard)
        if refuse and getattr(event, "reason", "") == refuse:
            raise RuntimeError("this one cannot be kept")

    return hears.all


async def test_each_aggregates_facts_arrive_in_order_and_once(house: House) -> None:
    ids = [new_id() for _ in range(20)]
    hears = Reactions()

    @hears.on_batch(ApplicationSubmitted, ApplicationWithdrawn)
    async def on_applications(work: Work, batch: Sequence[tuple[Any, Envelope]]) -> None:
        for _, envelope in batch:
            await note(work, envelope, "batch")

    async with house.running([*hears.all, *keeps()]):
        for version in range(1, 8):
            random.shuffle(ids)
            await house.say(*(submitted(id) if version == 1 else withdrawn(id, version) for id in ids))
        await until(lambda: _count(house, 2 * 7 * 20))
    effects = await house.effects()
    for id in ids:
        for word in ("batch", ""):
            assert [v for subject, v, w in effects if (subject, w) == (id, word)] == list(range(1, 8))
    assert len(await house.rows("finance", "SELECT FROM inbox")) == 2 * 7 * 20


async def _count(house: House, wanted: int) -> bool:
    return len(await house.effects()) >= wanted


async def test_a_single_reaction_sees_versions_rise(house: House) -> None:
    id = new_id()
    async with house.running(keeps()):
        await house.say(submitted(id), *(withdrawn(id, version) for version in range(2, 60)))
        await until(lambda: _count(house, 59))
    assert [version for _, version, _ in await house.effects()] == list(range(1, 60))


async def test_what_is_sent_again_has_no_second_effect(house: House) -> None:
    ids = [new_id() for _ in range(30)]
    async with house.running(keeps()):
        await house.say(*(submitted(id) for id in ids))
        await until(lambda: _count(house, 30))
        assert await operations.replay_range(house.projects, house.bus) == 30
        assert await operations.replay_range(house.projects, house.bus, subject=ids[3]) == 1
        marker = new_id()
        await house.say(submitted(marker))
        await until(lambda: _count(house, 31))
    assert {subject for subject, _, _ in await house.effects()} == {*ids, marker}
    assert len(await house.effects()) == 31


async def test_rows_marked_unpublished_again_are_dropped_as_copies(house: House) -> None:
    """As after a crash between the acks and the mark."""
    async with house.running(keeps()):
        await house.say(*(submitted(new_id()) for _ in range(10)))
        await until(lambda: _count(house, 10))
        async with house.projects.work(_system()) as work:
            await work.execute("UPDATE outbox SET published_at = NULL")
        await until(house.all_sent)
        await house.say(submitted(new_id()))
        await until(lambda: _count(house, 11))
    info = await house.bus.jetstream.stream_info("hechuan_projects")
    assert info.state.messages == 11
    assert len(await house.effects()) == 11


def _system() -> Actor:
    return system_actor("projects")


async def test_a_poison_fact_holds_up_only_its_own_aggregate(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "PAUSES", (0.05, 0.05))
    monkeypatch.setattr(parked, "LOOK_SECONDS", 0.05)
    bad, good = new_id(), [new_id() for _ in range(20)]
    async with house.running(keeps(refuse="poison")):
        await house.say(submitted(bad), withdrawn(bad, 2, "poison"), withdrawn(bad, 3))
        await house.say(*(submitted(id) for id in good))
        await until(lambda: _count(house, 21))
        await until(lambda: _states(house, {2: "parked", 3: "behind"}))
        (waiting, _) = await operations.parked(house.finance)
        assert "this one cannot be kept" in waiting["reason"]
        assert [v for s, v, _ in await house.effects() if s == bad] == [1]
        await operations.drop_parked(house.finance, waiting["id"], "said by mistake", by="admin")
        await until(lambda: _count(house, 22))
    (dropped,) = await house.rows("finance", "SELECT reason FROM parked_events WHERE state = 'dropped'")
    assert dropped["reason"].endswith("; dropped by admin: said by mistake")
    assert [v for s, v, _ in await house.effects() if s == bad] == [1, 3]
    assert await operations.parked(house.finance) == []


async def _states(house: House, wanted: dict[int, str]) -> bool:
    rows = await house.rows("finance", "SELECT version, state FROM parked_events WHERE resolved_at IS NULL")
    return {row["version"]: row["state"] for row in rows} == wanted


async def test_a_mended_reaction_takes_up_what_was_parked_in_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parked, "PAUSES", ())
    monkeypatch.setattr(parked, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(parked, "IDLE_LOOK_SECONDS", 0.1)
    id = new_id()
    async with house.running(keeps(refuse="poison")):
        await house.say(submitted(id), withdrawn(id, 2, "poison"), withdrawn(id, 3), withdrawn(id, 4))
        await until(lambda: _states(house, {2: "parked", 3: "behind", 4: "behind"}))
    async with house.running(keeps()):
        (first, *_) = await operations.parked(house.finance)
        await operations.replay_parked(house.finance, first["id"])
        await until(lambda: _count(house, 4))
    assert [version for _, version, _ in await house.effects()] == [1, 2, 3, 4]


async def test_an_unknown_version_is_parked_not_dropped(house: House) -> None:
    id = new_id()
    message = encode(
        str(new_id()),
        "hechuan.projects.application.submitted.v9",
        "projects",
        str(id),
        1,
        (await _now(house)),
        "someone",
        str(new_id()),
        None,
        {"id": str(id), "version": 1},
    )
    async with house.running(keeps()):
        subject = "hechuan.projects.application.submitted.v9"
        await house.bus.publish([Outgoing(subject, message, str(new_id()), id)])
        await house.bus.publish([Outgoing(subject, b"no event at all", str(new_id()), "")])
        await house.say(submitted(new_id()))
        await until(lambda: _parked(house, 2))
        await until(lambda: _count(house, 1))
    reasons = " ".join(row["reason"] for row in await operations.parked(house.finance))
    assert "UnknownVersion" in reasons
    assert "BadEnvelope" in reasons


async def _now(house: House) -> Any:
    return (await house.rows("projects", "SELECT now() AS now"))[0]["now"]


async def _parked(house: House, wanted: int) -> bool:
    return len(await house.rows("finance", "SELECT FROM parked_events WHERE state = 'parked'")) == wanted


async def test_a_missing_version_is_asked_for_and_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(inbox, "GAP_SECONDS", 0.1)
    id = new_id()
    await house.say(submitted(id), withdrawn(id, 2), withdrawn(id, 3))
    async with house.projects.work(_system()) as work:  # as if the stream had lost it
        await work.execute("UPDATE outbox SET published_at = now() WHERE version = 2")
    async with house.running(keeps(ordered=True)):
        await until(lambda: _count(house, 3))
    assert [version for _, version, _ in await house.effects()] == [1, 2, 3]


async def test_a_version_that_nobody_has_is_parked_with_a_reason(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "PAUSES", (0.05,))
    monkeypatch.setattr(parked, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(inbox, "GAP_SECONDS", 0.05)
    id = new_id()
    async with house.running(keeps(ordered=True)):
        await house.say(submitted(id), withdrawn(id, 3))
        await until(lambda: _parked(house, 1))
    (row,) = await operations.parked(house.finance)
    assert "version 2 has not come" in row["reason"]


async def test_another_set_of_facts_is_heard_from_the_beginning(house: House) -> None:
    narrow = Reactions()

    @narrow.on(ApplicationSubmitted)
    async def on_application(work: Work, event: ApplicationSubmitted, heard: Envelope) -> None:
        await note(work, heard)

    first, second = new_id(), new_id()
    async with house.running(narrow.all):
        await house.say(submitted(first), submitted(second), withdrawn(second, 2))
        await until(lambda: _count(house, 2))
        old = {info.name for info in await house.bus.jetstream.consumers_info("hechuan_projects")}
    async with house.running(keeps()):
        await until(lambda: _count(house, 3))
        new = {info.name for info in await house.bus.jetstream.consumers_info("hechuan_projects")}
    assert len(old) == len(new) == 1
    assert old != new
    assert (await house.effects())[-1][:2] == (second, 2)


async def test_rebuilding_hears_everything_again(house: House) -> None:
    ids = [new_id() for _ in range(10)]
    reactions = keeps()
    async with house.running(reactions):
        await house.say(*(submitted(id) for id in ids))
        await until(lambda: _count(house, 10))
        async with house.finance.work(_system()) as work:
            await work.execute("DELETE FROM effects")
        await operations.rebuild(house.finance, house.bus, reactions[0])
        await until(lambda: _count(house, 10))
    assert [subject for subject, _, _ in await house.effects()] == ids


async def test_rebuilding_leaves_given_up_what_was_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "PAUSES", (0.05, 0.05))
    monkeypatch.setattr(parked, "LOOK_SECONDS", 0.05)
    bad = new_id()
    refusing, taking = keeps(refuse="poison"), keeps()
    async with house.running(refusing):
        await house.say(submitted(bad), withdrawn(bad, 2, "poison"), withdrawn(bad, 3))
        await until(lambda: _states(house, {2: "parked", 3: "behind"}))
        (waiting, _) = await operations.parked(house.finance)
        await operations.drop_parked(house.finance, waiting["id"], "said by mistake")
        await until(lambda: _count(house, 2))
    async with house.finance.work(_system()) as work:
        await work.execute("DELETE FROM effects")
    await operations.rebuild(house.finance, house.bus, refusing[0])
    async with house.running(taking):
        await until(lambda: _count(house, 2))
        await asyncio.sleep(0.3)
    assert [version for _, version, _ in await house.effects()] == [1, 3]
    (dropped,) = await house.rows("finance", "SELECT reason FROM parked_events")
    assert "said by mistake" in dropped["reason"]


async def test_what_a_reaction_says_carries_its_cause(house: House) -> None:
    hears = Reactions()

    @hears.on(ApplicationSubmitted)
    async def on_application_submitted(work: Work, event: ApplicationSubmitted, heard: Envelope) -> None:
        work.emit(withdrawn(event.id, heard.version + 1))

    async with house.running(hears.all):
        await house.say(*(submitted(new_id()) for _ in range(5)))
        await until(lambda: _said(house, 5))
    causes = await house.rows("finance", "SELECT subject, causation_id, correlation_id FROM outbox")
    origins = await house.rows("projects", "SELECT subject, event_id, correlation_id FROM outbox")
    assert {(c["subject"], c["causation_id"], c["correlation_id"]) for c in causes} == {
        (o["subject"], o["event_id"], o["correlation_id"]) for o in origins
    }


async def _said(house: House, wanted: int) -> bool:
    return len(await house.rows("finance", "SELECT FROM outbox")) == wanted


async def test_lag_counts_what_is_under_way(house: House) -> None:
    reactions = keeps()
    await house.say(submitted(new_id()), submitted(new_id()))
    before = await operations.lag(house.projects, house.bus, [])
    assert before["unpublished"] == 2
    async with house.running(reactions):
        await until(lambda: _count(house, 2))
    after = await operations.lag(house.finance, house.bus, reactions)
    assert [entry["pending"] for entry in after["reactions"]] == [0]


def test_an_envelope_survives_the_wire() -> None:
    event = submitted(new_id())
    envelope = Envelope(
        new_id(), event.type, "/projects", event.id, 1, _TIME, "p", new_id(), None, event.model_dump(mode="json")
    )
    assert decode(to_wire(envelope)) == envelope
    with pytest.raises(BadEnvelope):
        decode(b'{"specversion": "1.0"}')


def test_reasons_repeat_nothing_of_the_event() -> None:
    with pytest.raises(ValueError, match="title") as caught:
        ApplicationWithdrawn.model_validate({"title": ["top secret"]})
    assert "top secret" not in inbox.reason_of(caught.value)
