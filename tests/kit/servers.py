"""Servers for tests: one PostgreSQL and one S3 store a test run, one NATS a worker.

The first test that needs them starts a keeper process (under a file lock, so that parallel workers agree on one); the
keeper watches the test run and takes everything away when the run is gone, also after `kill -9`. A run that needs no
server starts none. Workers are kept apart by database names and by bucket prefixes. Nothing here is durable.
"""

import atexit
import contextlib
import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from pydantic import SecretStr

from infra.embedded.group import Embedded
from infra.embedded.nats import Nats
from infra.embedded.postgres import make_database, run
from infra.embedded.state import State, read_json, write_private
from shared.kernel.settings import SERVICE_NAMES, Settings

ROOT = Path(__file__).resolve().parent.parent.parent
Migrate = Callable[[str, str], None]
"""(service, the owner's address) -> brings that database to the newest schema."""


@dataclass(frozen=True)
class Shared:
    """What all workers of a run share. `directory` is theirs too, for files under a lock."""

    directory: Path
    settings: Settings
    admin_url: str

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.admin_url.rsplit("/", 1)[0] + "/" + database, autocommit=True)


def worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def _run_owner() -> psutil.Process:
    """The process that ends with the test run: the controller, for a worker of pytest-xdist."""
    return psutil.Process(os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid())


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


GIVEN = "HECHUAN_TEST_SERVERS"
"""Names a JSON file with the settings and the administrator's address of servers that run already (containers)."""


@functools.cache
def shared_servers() -> Shared:
    """Started at the first call of the run. Raises RuntimeError with the keeper's words when it cannot start."""
    if given := os.environ.get(GIVEN):
        found = read_json(Path(given))
        return Shared(Path(given).parent, Settings.model_validate(found["settings"]), str(found["admin_url"]))
    owner = _run_owner()
    directory = (
        Path(tempfile.gettempdir()) / f"hechuan-tests-{os.getuid()}-{owner.pid}-{int(owner.create_time() * 100)}"
    )
    directory.mkdir(mode=0o700, exist_ok=True)
    with _locked(directory / "starting"):
        if not (directory / "ready.json").exists():
            _start_keeper(directory, owner)
    found = read_json(directory / "ready.json")
    return Shared(directory, Settings.model_validate(found["settings"]), str(found["admin_url"]))


def _start_keeper(directory: Path, owner: psutil.Process) -> None:
    words = [sys.executable, "-m", "tests.kit.servers", str(directory), str(owner.pid), repr(owner.create_time())]
    with (directory / "keeper.log").open("w") as log:
        keeper = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    while not (directory / "ready.json").exists():
        if keeper.poll() is not None:
            raise RuntimeError("The test servers did not start:\n" + (directory / "keeper.log").read_text())
        time.sleep(0.02)
    # It outlives us on purpose; without this, its object would complain about that when it is collected.
    keeper.returncode = 0


def _keep(directory: Path, pid: int, created: float) -> None:
    embedded = Embedded(
        Settings(
            state_dir=directory / "state",
            session_secret=SecretStr("for-tests-only-" + "0" * 32),
            receipt_key=SecretStr("5e" * 32),
            address_key=SecretStr("ad" * 32),
        ),
        {"postgres", "seaweedfs"},
        durable=False,
        minimum_free=200 * 1024**2,
    )
    try:
        settings = embedded.start()
        shown = read_json(embedded.state.directory / "running.json")
        write_private(
            directory / "ready.json", json.dumps({"settings": shown, "admin_url": embedded.postgres.admin_url()})
        )
        assert settings.s3_url
        while _lives(pid, created):
            time.sleep(0.3)
    finally:
        for server in embedded.servers.values():
            server.kill()  # nothing here is worth a clean stop
        embedded.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _lives(pid: int, created: float) -> bool:
    try:
        process = psutil.Process(pid)
        return bool(abs(process.create_time() - created) < 0.05 and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def make_databases(migrate: Migrate, worker: str | None = None) -> dict[str, str]:
    """Five fresh databases for a worker; returns the settings fields `<service>_database_url` and `…_migration_url`.

    The first call of the run migrates one template a service; every call then copies those (about 0.1 s each).
    A worker's earlier databases are dropped, with whoever is still connected.
    """
    shared = shared_servers()
    worker = worker or worker_name()
    fields: dict[str, str] = {}
    for service in SERVICE_NAMES:
        name = f"test_{worker}_{service}"
        template = _template(shared, service, migrate)
        # One copy at a time: PostgreSQL refuses to copy a template that somebody else copies or visits.
        with _locked(shared.directory / f"copying_{service}"), shared.admin() as connection:
            run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            make_database(connection, name, service, template)
            run(connection, "GRANT SET ON PARAMETER session_replication_role TO {}", f"hechuan_{service}_owner")
        for kind in ("database", "migration"):
            address = getattr(shared.settings, f"{service}_{kind}_url")
            fields[f"{service}_{kind}_url"] = address.rsplit("/", 1)[0] + "/" + name
    return fields


def _template(shared: Shared, service: str, migrate: Migrate) -> str:
    """The service's own database serves as template: it has the schema's rights, and nobody else uses it."""
    name = f"hechuan_{service}"
    done = shared.directory / f"migrated_{service}"
    with _locked(shared.directory / f"migrating_{service}"):
        if not done.exists():
            migrate(service, shared.settings.migration_url(service))
            done.touch()
    return name


@functools.cache
def worker_nats() -> Nats:
    """This worker's own NATS server with its own streams; it ends with the worker."""
    directory = shared_servers().directory / f"worker_{worker_name()}"
    state = State(directory)
    state.acquire("a test worker", minimum_free=0)
    server = Nats(state, state.ports(Nats.port_names()), durable=False)
    server.make_secrets()
    server.start()
    atexit.register(server.kill)
    return server


def worker_settings(migrate: Migrate) -> Settings:
    """Complete settings for this worker: fresh databases, its NATS, a bucket prefix of its own. No sign-in provider."""
    shared = shared_servers()
    if os.environ.get(GIVEN):  # one worker: its NATS is the one that was given
        return shared.settings.model_copy(update={**make_databases(migrate), "state_dir": shared.directory})
    nats = worker_nats()
    return shared.settings.model_copy(
        update={
            **make_databases(migrate),
            "nats_url": nats.url,
            "nats_token": SecretStr(nats.token),
            "s3_bucket_prefix": f"test-{worker_name()}",
            "state_dir": nats.state.directory,
        }
    )


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
