"""Killed, stopped and cut-off parts: nothing is lost, nothing has effect twice, order holds."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from shared.bus import operations, pull
from shared.bus.bus import Bus, Outgoing, Unpublished
from shared.bus.consumer import Consumer
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.bus.relay import Relay
from shared.contracts.projects import ApplicationSubmitted
from shared.db.work import Work
from shared.kernel.ids import new_id
from tests.kit.servers import ROOT, shared_servers
from tests.shared.bus.conftest import House, submitted, until, withdrawn
from tests.shared.bus.program import keeps

pytestmark = pytest.mark.anyio


async def count(house: House) -> int:
    return len(await house.effects())


async def say_many(house: House, aggregates: int, versions: int) -> int:
    ids = [new_id() for _ in range(aggregates)]
    for version in range(1, versions + 1):
        await house.say(*(submitted(id) if version == 1 else withdrawn(id, version) for id in ids))
    return aggregates * versions


async def everything_once_and_in_order(house: House, wanted: int) -> None:
    await until(lambda: _reached(house, wanted), 60)
    by_subject: dict[Any, list[int]] = {}
    for subject, version, _ in await house.effects():
        by_subject.setdefault(subject, []).append(version)
    assert all(versions == list(range(1, len(versions) + 1)) for versions in by_subject.values())
    assert sum(map(len, by_subject.values())) == wanted
    assert await operations.parked(house.finance) == []


async def _reached(house: House, wanted: int) -> bool:
    return await count(house) >= wanted


class Running:
    """The bus side of a service in a process of its own; finance keeps what it hears, as `keeps()` does."""

    def __init__(self, house: House, service: str, *, fault: str = "") -> None:
        program = Path(__file__).with_name("program.py")
        words = [sys.executable, str(program), service, house.urls[service], *house.nats]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "HECHUAN_FAULT": fault}
        self.process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, cwd=ROOT)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> bool:
        return self.process.poll() is not None


async def relays(house: House) -> list[int]:
    """The database sessions that hold the relay's lock."""
    async with await psycopg.AsyncConnection.connect(shared_servers().admin_url) as admin:
        cursor = await admin.execute(
            """SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database
               WHERE locktype = 'advisory' AND granted AND d.datname = %s""",
            (house.urls["projects"].rpartition("/")[2],),
        )
        return [row[0] for row in await cursor.fetchall()]


async def test_a_stopped_relay_is_replaced_and_does_no_harm_when_it_wakes(house: House) -> None:
    async with house.running(keeps(), says=False):
        with Running(house, "projects") as first:
            wanted = await say_many(house, 10, 3)
            await until(lambda: _reached(house, wanted))
            (held_by,) = await relays(house)
            with Running(house, "projects"):
                first.signal(signal.SIGSTOP)
                wanted += await say_many(house, 10, 3)
                await until(lambda: _reached(house, wanted), 20)
                assert (await relays(house)) not in ([], [held_by])
                first.signal(signal.SIGCONT)
                wanted += await say_many(house, 10, 3)
                await everything_once_and_in_order(house, wanted)
                assert len(await relays(house)) == 1
    info = await house.bus.jetstream.stream_info("hechuan_projects")
    assert info.state.messages == wanted


async def test_a_stopped_hearer_is_replaced_before_its_requests_would_have_run_out(house: House) -> None:
    """The server must not go on giving facts to requests of a process that can no longer act on them."""
    with Running(house, "projects"), Running(house, "finance") as first:
        wanted = await say_many(house, 5, 2)
        await until(lambda: _reached(house, wanted), 40)
        with Running(house, "finance") as second:
            await until(lambda: _listens_to_nats(second), 40)
            first.signal(signal.SIGSTOP)
            wanted += await say_many(house, 5, 2)
            await until(lambda: _reached(house, wanted), 20)
            first.signal(signal.SIGCONT)
            await everything_once_and_in_order(house, wanted)


def _listens_to_nats(running: Running) -> bool:
    return any(link.status == psutil.CONN_ESTABLISHED for link in psutil.Process(running.process.pid).net_connections())


@pytest.mark.parametrize("fault", ["mid_window_publish:2", "after_ack_before_mark:2"])
async def test_a_relay_killed_at_work_leaves_no_gap_and_no_copy(house: House, fault: str) -> None:
    async with house.running(keeps(), says=False):
        with Running(house, "projects", fault=fault) as doomed:
            wanted = await say_many(house, 20, 1)
            for _ in range(200):
                if doomed.ended():
                    break
                wanted += await say_many(house, 2, 2)
                await asyncio.sleep(0.02)
            assert doomed.process.wait() == -signal.SIGKILL
        with Running(house, "projects"):
            await everything_once_and_in_order(house, wanted)
    info = await house.bus.jetstream.stream_info("hechuan_projects")
    assert info.state.messages == wanted


async def test_lost_database_connections_cost_nothing(house: House) -> None:
    wanted = 0
    async with house.running(keeps()):
        for _ in range(4):
            wanted += await say_many(house, 10, 3)
            await _cut_database(house)
        await everything_once_and_in_order(house, wanted)


async def _cut_database(house: House) -> None:
    """Ends the sessions of relay and reactions, not those that say the facts."""
    async with await psycopg.AsyncConnection.connect(shared_servers().admin_url, autocommit=True) as admin:
        await admin.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = ANY(%s)""",
            (["hechuan-finance", "hechuan-projects-relay", "hechuan-finance-relay"],),
        )


async def test_lost_nats_connections_cost_nothing(house: House) -> None:
    wanted = 0
    async with house.running(keeps()):
        for _ in range(4):
            wanted += await say_many(house, 10, 3)
            connection: Any = house.bus.client._transport
            connection._io_writer.transport.abort()
        await everything_once_and_in_order(house, wanted)


async def test_a_request_that_runs_out_during_the_work_is_made_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "EXPIRES_SECONDS", 0.5)
    monkeypatch.setattr(pull, "HEARTBEAT_SECONDS", 0.2)
    first, second = (Outgoing("hechuan.projects.application.submitted.v1", b"{}", str(n), "a") for n in range(2))
    await house.bus.publish([first])
    async with pull.Stretch(house.bus, "projects", "slow", ["hechuan.projects.>"], 10) as stretch:
        taken = await stretch.take()
        await asyncio.sleep(1.0)  # the work
        await stretch.acknowledge(taken)
        await house.bus.publish([second])
        async with asyncio.timeout(pull.SILENCE_SECONDS / 2):
            while not await stretch.take():
                continue


async def test_two_processes_that_both_listen_act_once_and_in_order(house: House) -> None:
    """The lock keeps this from happening; if it does happen, the inbox and the stretches hold."""
    (reaction,) = keeps()
    other = Bus(house.nats[0], token=house.nats[1])
    await other.open()
    rivals = [Consumer(house.finance, bus, reaction) for bus in (house.bus, other)]
    tasks = [asyncio.create_task(rival.run()) for rival in rivals]
    async with house.running([]):
        wanted = await say_many(house, 20, 5)
        await everything_once_and_in_order(house, wanted)
    for rival in rivals:
        rival.stop()
    await asyncio.gather(*tasks)
    await other.close()


async def test_a_window_is_stored_whole_or_not_at_all(house: House) -> None:
    messages = [Outgoing("hechuan.projects.application.submitted.v1", b"{}", str(n), "a") for n in range(50)]
    await house.bus.publish(messages[:30])
    await house.bus.publish(messages)
    assert (await house.bus.jetstream.stream_info("hechuan_projects")).state.messages == 50
    stranger = [Outgoing("hechuan.nowhere.application.submitted.v1", b"{}", str(n), "a") for n in range(3)]
    with pytest.raises(Unpublished):
        await house.bus.publish(stranger)


async def test_without_atomic_batches_everything_still_arrives_in_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.bus, "_atomic", False)
    async with house.running(keeps()):
        await everything_once_and_in_order(house, await say_many(house, 10, 5))


async def test_a_stopping_service_finishes_its_batch(house: House) -> None:
    begun = asyncio.Event()
    hears = Reactions()

    @hears.on(ApplicationSubmitted)
    async def on_application_submitted(work: Work, event: Any, heard: Envelope) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        await work.execute("INSERT INTO effects (subject, version) VALUES (%(id)s, 1)", {"id": heard.subject})

    async with house.running(hears.all):
        await house.say(submitted(new_id()))
        await begun.wait()
    assert await count(house) == 1
    (info,) = await house.bus.jetstream.consumers_info("hechuan_projects")
    assert info.num_ack_pending == 0


async def test_rows_without_a_stream_wait_for_it(house: House) -> None:
    await house.bus.jetstream.delete_stream("hechuan_projects")
    relay = Relay(house.projects, house.bus)
    task = asyncio.create_task(relay.run())
    wanted = await say_many(house, 5, 2)
    await asyncio.sleep(0.5)
    assert relay.published == 0
    assert not task.done()
    await house.bus.ensure_streams()
    await until(house.all_sent)
    relay.stop()
    await task
    assert (await house.bus.jetstream.stream_info("hechuan_projects")).state.messages == wanted


@pytest.mark.parametrize("fault", ["after_inbox_insert:2", "after_commit_before_ack:2"])
async def test_a_hearing_process_killed_at_work_is_followed_by_another(house: House, fault: str) -> None:
    async with house.running([]):
        await house.runners[0].stop()  # the process below is finance now
        with Running(house, "finance", fault=fault) as doomed:
            wanted = 0
            for _ in range(200):
                if doomed.ended():
                    break
                wanted += await say_many(house, 2, 3)
                await asyncio.sleep(0.02)
            assert doomed.process.wait() == -signal.SIGKILL
        with Running(house, "finance"):
            wanted += await say_many(house, 5, 3)
            await everything_once_and_in_order(house, wanted)
