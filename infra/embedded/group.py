"""The embedded servers of one platform as a whole: which are needed, started side by side, stopped in order."""

import contextlib
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from pydantic import SecretStr

from infra.embedded.canaille import PROGRAM, Canaille, Person, with_passwords
from infra.embedded.nats import Nats
from infra.embedded.postgres import IDENTITY, Postgres
from infra.embedded.seaweedfs import SeaweedFS
from infra.embedded.server import Server
from infra.embedded.state import MINIMUM_FREE_BYTES, State, explained, write_private
from shared.kernel.settings import SERVICE_NAMES, Settings

PARTS = ("postgres", "nats", "seaweedfs", "canaille")


def missing_parts(settings: Settings) -> set[str]:
    """The servers that no address in the settings replaces.

    Canaille needs a database: without `identity_database_url` PostgreSQL is started for it as well.
    """
    parts = set()
    if not all(settings.database_url(service) for service in SERVICE_NAMES):
        parts.add("postgres")
    if not settings.nats_url:
        parts.add("nats")
    if not settings.s3_url:
        parts.add("seaweedfs")
    if not settings.oidc_issuer and not settings.oidc_jwks_file:
        parts.add("canaille")
        if not settings.identity_database_url:
            parts.add("postgres")
    return parts


class Embedded:
    """Starts what the settings do not name, and completes them. Blocking; call it from a thread in async code.

    `durable=False` lets PostgreSQL and NATS keep writes in memory: for tests only.
    """

    def __init__(
        self,
        settings: Settings,
        parts: set[str] | None = None,
        *,
        durable: bool = True,
        minimum_free: int = MINIMUM_FREE_BYTES,
    ) -> None:
        self.given = settings
        self.parts = missing_parts(settings) if parts is None else parts
        self.durable = durable
        self.minimum_free = minimum_free
        self.state = State(settings.state_dir)
        self.servers: dict[str, Server] = {}

    def __getitem__(self, part: str) -> Server:
        return self.servers[part]

    @property
    def postgres(self) -> Postgres:
        found = self.servers["postgres"]
        assert isinstance(found, Postgres)
        return found

    @property
    def canaille(self) -> Canaille:
        found = self.servers["canaille"]
        assert isinstance(found, Canaille)
        return found

    def start(self, progress: Callable[[str], None] = lambda line: None) -> Settings:
        """Raises StartError (with AlreadyRunning for a held state directory); nothing runs then."""
        self.state.acquire(self.given.address, self.minimum_free)
        try:
            if healed := self.state.stop_leftovers():
                progress(f"Stopped what a killed predecessor left running: {', '.join(healed)}")
            with explained(self.state.directory):
                self._make_servers()
                self._start_all(progress)
                settings = self.completed()
                self._announce(settings)
        except BaseException:
            self.stop()
            raise
        return settings

    def _make_servers(self) -> None:
        kinds: dict[str, type[Server]] = {
            "postgres": Postgres,
            "nats": Nats,
            "seaweedfs": SeaweedFS,
            "canaille": Canaille,
        }
        wanted = [name for name in PARTS if name in self.parts]
        ports = self.state.ports([port for name in wanted for port in kinds[name].port_names()])
        if "postgres" in wanted:
            self.servers["postgres"] = Postgres(self.state, ports, self.durable)
        if "nats" in wanted:
            self.servers["nats"] = Nats(self.state, ports, self.durable)
        if "seaweedfs" in wanted:
            self.servers["seaweedfs"] = SeaweedFS(self.state, ports)
        if "canaille" in wanted:
            role = f"hechuan_{IDENTITY}"
            database = self.given.identity_database_url or self.postgres.url(role, role)
            self.servers["canaille"] = Canaille(self.state, ports, database, self.given.address)

    def _start_all(self, progress: Callable[[str], None]) -> None:
        def start(server: Server) -> None:
            begun = time.monotonic()
            server.start()
            progress(f"{server.version()} ready in {time.monotonic() - begun:.1f} s")

        for server in self.servers.values():
            server.make_secrets()
        with ThreadPoolExecutor(max_workers=max(1, len(self.servers))) as pool:
            started = [pool.submit(start, server) for server in self.servers.values()]
            try:
                for one in as_completed(started):
                    one.result()
            except BaseException:
                for server in self.servers.values():
                    server.give_up()
                raise

    def cancel(self) -> None:
        """From another thread: makes a `start` that is under way fail soon."""
        for server in list(self.servers.values()):
            server.give_up()

    def completed(self) -> Settings:
        """The settings with every field that services read."""
        filled: dict[str, Any] = {"state_dir": self.state.directory}
        if "postgres" in self.servers:
            for service in SERVICE_NAMES:
                if not self.given.database_url(service):
                    role = f"hechuan_{service}"
                    filled[f"{service}_database_url"] = self.postgres.url(role, role)
                    filled[f"{service}_migration_url"] = self.postgres.url(f"{role}_owner", role)
        if isinstance(nats := self.servers.get("nats"), Nats):
            filled |= {"nats_url": nats.url, "nats_token": SecretStr(nats.token)}
        if isinstance(store := self.servers.get("seaweedfs"), SeaweedFS):
            filled |= {
                "s3_url": store.url,
                "s3_access_key": store.access_key,
                "s3_secret_key": SecretStr(store.secret_key),
            }
        if "canaille" in self.servers:
            filled |= {
                "oidc_issuer": self.canaille.issuer,
                "oidc_client_id": "hechuan",
                "oidc_client_secret": SecretStr(self.canaille.client_secret),
                "oidc_audience": "hechuan",
                "program_client_id": PROGRAM,
                "program_client_secret": SecretStr(self.canaille.program_secret),
            }
        if not self.given.session_secret.get_secret_value():
            filled["session_secret"] = SecretStr(self.state.secret("session", 32))
        if not self.given.receipt_key.get_secret_value():
            filled["receipt_key"] = SecretStr(self.state.secret("receipt_key", 32))
        if not self.given.address_key.get_secret_value():
            filled["address_key"] = SecretStr(self.state.secret("address_key", 32))
        return self.given.model_copy(update=filled)

    def _announce(self, settings: Settings) -> None:
        """For commands run beside the platform (`hechuan verify`, `tour`, `events`)."""
        shown = json.loads(settings.model_dump_json())
        for name in type(settings).model_fields:
            value = getattr(settings, name)
            if isinstance(value, SecretStr):
                shown[name] = value.get_secret_value()
        write_private(self.state.directory / "running.json", json.dumps(shown, indent=1))

    def ensure_people(self, people: Sequence[Person]) -> list[Person]:
        """Makes the accounts; returns them with their passwords (made once, kept in `personas.json`)."""
        ready = with_passwords(self.state, people)
        self.canaille.ensure_people(ready)
        return ready

    def stop(self, progress: Callable[[str], None] = lambda line: None) -> None:
        """Users of a server stop before it does. Safe to repeat."""
        for name in ("canaille", "nats", "seaweedfs", "postgres"):
            if server := self.servers.get(name):
                with contextlib.suppress(ProcessLookupError):
                    server.stop()
                progress(f"{name} stopped")
        self.servers = {}
        self.state.release()
