"""What the state directory and the checks before a start say and keep, without any server."""

import json
import os
import socket
from pathlib import Path

import pytest

from infra.doctor import diagnose
from infra.embedded.group import missing_parts
from infra.embedded.state import StartError, State, read_json
from infra.platform import check_port
from shared.kernel.settings import SERVICE_NAMES, Settings


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


def test_a_full_disk_is_named_before_anything_starts(state: State) -> None:
    with pytest.raises(StartError, match="MB are needed"):
        state.acquire("", minimum_free=1 << 60)
    assert state.owner() is None


def test_ports_are_kept_while_free_and_replaced_when_taken(state: State) -> None:
    state.acquire("")
    first = state.ports(["a", "b", "b+10000"])
    assert first["b+10000"] == first["b"] + 10000
    assert len(set(first.values())) == 3
    with socket.create_server(("127.0.0.1", first["a"])):
        second = state.ports(["a", "b", "b+10000"])
    assert second["a"] != first["a"]
    assert second["b"] == first["b"]
    state.release()


def test_secrets_are_made_once_and_private(state: State) -> None:
    made = state.secret("one")
    assert State(state.directory).secret("one") == made
    assert state.secret("two") != made
    assert (state.directory / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_taken_port_names_the_program_and_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StartError, match=rf"pid {os.getpid()}.*HECHUAN_PORT={port + 1}"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_each_address_given_replaces_its_server() -> None:
    assert missing_parts(Settings()) == {"postgres", "nats", "seaweedfs", "canaille"}
    databases = {f"{service}_database_url": "postgresql://elsewhere/x" for service in SERVICE_NAMES}
    some = Settings.model_validate(databases | {"nats_url": "nats://elsewhere"})
    assert missing_parts(some) == {"postgres", "seaweedfs", "canaille"}
    others = {"nats_url": "nats://elsewhere", "s3_url": "http://elsewhere", "oidc_issuer": "https://elsewhere"}
    given = Settings.model_validate(databases | others)
    assert missing_parts(given) == set()
    one_missing = given.model_copy(update={"finance_database_url": ""})
    assert missing_parts(one_missing) == {"postgres"}


def test_a_torn_file_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "torn.json"
    path.write_text('{"half": ')
    assert read_json(path) == {}
    path.write_text(json.dumps(["a list"]))
    assert read_json(path) == {}


def test_the_doctor_finds_the_binaries_and_a_lost_secret(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    found = {finding.subject: finding for finding in diagnose(settings)}
    for name in ("postgres", "nats-server", "weed", "node"):
        assert found[name].level == "ok", found[name]
    (tmp_path / "state" / "postgres" / "files").mkdir(parents=True)
    found = {finding.subject: finding for finding in diagnose(settings)}
    assert found["state"].level == "problem"
    assert "secrets.json" in found["state"].text
