"""The embedded servers as one: they keep what they hold, die with us, and heal what a killed predecessor left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from infra.embedded.group import Embedded
from infra.embedded.state import AlreadyRunning, StartError, State
from infra.platform import NotRunning, attach, refuse_second
from shared.kernel.settings import Settings
from tests.kit.servers import ROOT


class Child:
    """Runs `platform_process.py` on a state directory."""

    def __init__(self, state_dir: Path) -> None:
        words = [sys.executable, "-m", "tests.infra.platform_process", str(state_dir)]
        self.process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.told: dict[str, Any] = json.loads(self.process.stdout.readline() or "{}")

    def end(self, number: int) -> None:
        if self.process.poll() is None:
            if number == signal.SIGTERM:
                self.process.communicate()  # the end of its input asks it to stop
            else:
                self.process.send_signal(number)
        self.process.wait(60)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


def alive(pids: dict[str, int]) -> set[str]:
    found = set()
    for name, pid in pids.items():
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.add(name)
        except psutil.NoSuchProcess:
            continue
    return found


def wait_until_gone(pids: dict[str, int], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while alive(pids):
        assert time.monotonic() < deadline, f"still there: {alive(pids)}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path with a space, below a directory that only we may enter."""
    private = tmp_path_factory.mktemp("a private place")
    private.chmod(0o700)
    return private / "state"


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a platform that ran and was stopped."""
    directory = tmp_path_factory.mktemp("stopped") / "state"
    embedded = Embedded(Settings(state_dir=directory), {"nats", "postgres"})
    embedded.start()
    embedded.stop()
    return directory


@pytest.fixture(scope="module")
def child(state_dir: Path) -> Iterator[Child]:
    running = Child(state_dir)
    yield running
    running.end(signal.SIGKILL)
    wait_until_gone(running.told.get("pids", {}))


def test_a_platform_starts_all_four_and_people_can_sign_in(child: Child, state_dir: Path) -> None:
    settings = attach(Settings(state_dir=state_dir))
    answer = httpx.post(
        f"{settings.oidc_issuer}/oauth/token",
        data={"grant_type": "password", "username": "wang", "password": child.told["password"], "scope": "openid"},
        auth=(settings.program_client_id, settings.program_client_secret.get_secret_value()),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["access_token"].count(".") == 2
    assert answer.json()["expires_in"] == 3600


def test_a_running_platform_refuses_a_second_one_on_its_state(child: Child, state_dir: Path) -> None:
    second = Child(state_dir)
    second.end(signal.SIGTERM)
    assert second.process.returncode == 1
    assert str(child.process.pid) in second.told["refused"]
    assert "http://127.0.0.1:8000" in second.told["refused"]
    with pytest.raises(AlreadyRunning):
        refuse_second(Settings(state_dir=state_dir))


def test_secrets_are_readable_by_us_alone(child: Child, state_dir: Path) -> None:
    for path in state_dir.rglob("*"):
        if path.is_file() and path.parent in (
            state_dir,
            state_dir / "logs",
            state_dir / "nats",
            state_dir / "canaille",
        ):
            assert path.stat().st_mode & 0o077 == 0, path
    assert state_dir.stat().st_mode & 0o777 == 0o700


def test_everything_listens_on_loopback_only(child: Child) -> None:
    pids = child.told["pids"].values()
    listening = [
        link.laddr.ip
        for pid in pids
        for link in psutil.Process(pid).net_connections("inet")
        if link.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 4
    assert set(listening) == {"127.0.0.1"}


def test_a_killed_parent_takes_its_servers_along_and_the_next_start_keeps_all(tmp_path: Path) -> None:
    state_dir = tmp_path / "killed"
    child = Child(state_dir)
    with psycopg.connect(child.told["ip"]) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('合川')")
    child.end(signal.SIGKILL)
    wait_until_gone(child.told["pids"])
    begun = time.monotonic()
    second = Child(state_dir)
    taken = time.monotonic() - begun
    try:
        assert "refused" not in second.told, second.told
        assert second.told["issuer"] == child.told["issuer"]
        assert second.told["s3"] == child.told["s3"]
        assert second.told["password"] == child.told["password"]
        with psycopg.connect(second.told["ip"]) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("合川",)
        assert taken < 60, "a second start is ready in 2 s on an idle machine; tests share theirs"
    finally:
        second.end(signal.SIGTERM)
    assert second.process.returncode == 0
    assert alive(second.told["pids"]) == set()
    with pytest.raises(NotRunning):
        attach(Settings(state_dir=state_dir))


def test_orphans_of_a_killed_predecessor_are_stopped(stopped: Path) -> None:
    """As if the kernel had not taken the servers along: they run, recorded, and nobody holds the lock."""
    orphans = Embedded(Settings(state_dir=stopped), {"nats", "postgres"})
    orphans.start()
    pids = {name: server.pid for name, server in orphans.servers.items()}
    lock, orphans.state._lock = orphans.state._lock, None
    assert lock
    lock.close()
    said: list[str] = []
    successor = Embedded(Settings(state_dir=stopped), {"nats", "postgres"})
    try:
        successor.start(said.append)
        assert "nats, postgres" in said[0]
        assert alive(pids) == set()
        assert {server.pid for server in successor.servers.values()}.isdisjoint(pids.values())
    finally:
        successor.stop()
        orphans.stop()


def test_a_stale_pid_of_a_stranger_does_not_stop_the_start(stopped: Path) -> None:
    files = stopped / "postgres" / "files"
    (files / "postmaster.pid").write_text(f"{os.getpid()}\n{files}\n1\n5432\n\n127.0.0.1\n\nready\n")
    stranger = json.dumps({"pid": os.getpid(), "created": 1.0})
    (stopped / "run" / "postgres.json").write_text(stranger)
    embedded = Embedded(Settings(state_dir=stopped), {"postgres"})
    try:
        embedded.start()
        assert embedded["postgres"].alive
    finally:
        embedded.stop()


def test_a_failing_server_shows_the_end_of_its_log(stopped: Path) -> None:
    state = State(stopped)
    broken = stopped / "postgres" / "files" / "postgresql.auto.conf"
    kept = broken.read_text()
    broken.write_text("no_such_setting = 1\n")
    embedded = Embedded(Settings(state_dir=stopped), {"postgres"})
    with pytest.raises(StartError, match="no_such_setting"):
        embedded.start()
    broken.write_text(kept)
    assert state.owner() is None
    assert state.leftovers() == []


def test_files_of_another_version_are_refused_with_a_way_out_and_the_others_do_not_wait(stopped: Path) -> None:
    version = stopped / "postgres" / "files" / "PG_VERSION"
    kept = version.read_text()
    version.write_text("15\n")
    begun = time.monotonic()
    embedded = Embedded(Settings(state_dir=stopped))
    with pytest.raises(StartError, match="written by PostgreSQL 15"):
        embedded.start()
    version.write_text(kept)
    assert time.monotonic() - begun < 30
    assert embedded.state.leftovers() == []
